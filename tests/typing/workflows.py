"""What a type checker knows of workflows. Never run: ``pyright`` reads it with the package.

A line that must not type-check carries an ignore; strict mode reports ignores that ignore nothing.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true
from __future__ import annotations

from typing import assert_type

from herd_graph import Audio, Image, Text, each, when, workflow
from herd_graph.workflows import Workflow


def words_of(recording: Audio, language: str = "en") -> Text:
    raise NotImplementedError


@workflow
def minutes(recording: Audio, language: str = "en") -> Text:
    """Keep the parameters and the result of the function."""
    return words_of(recording, language)


@workflow(name="named", tags=["x"])
def named(pictures: list[Image]) -> list[Text]:
    """Keep them with arguments, too."""
    return [Text(str(assert_type(each(pictures), Image)))]


def uses(recording: Audio, number: int) -> None:
    assert_type(minutes(recording), Text)
    assert_type(minutes(recording, language="pt"), Text)
    assert_type(named([Image("x.png")]), list[Text])
    assert_type(minutes.name, str)
    minutes(number)  # pyright: ignore[reportArgumentType]
    minutes(recording, to="pt")  # pyright: ignore[reportCallIssue]
    assert_type(when(number > 1, lambda: number, lambda: recording), int | Audio)
    assert_type(when(number > 1, lambda: number), int)


def takes(any_workflow: Workflow[..., Text]) -> str:
    return any_workflow.card.id


def hands_over() -> str:
    return takes(minutes)

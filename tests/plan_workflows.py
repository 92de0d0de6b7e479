"""A workflow and an expert that several tests of workflows look at, and how they are looked at."""

from __future__ import annotations

from typing import Any

from plan_experts import transcribe, translate

from herd_graph.artifacts import Audio, Text
from herd_graph.function_experts import expert
from herd_graph.plans import show
from herd_graph.workflows import Workflow, workflow


def lines(declared: Workflow[..., Any]) -> list[str]:
    return str(declared.plan).splitlines()


@workflow
def minutes(recording: Audio, language: str = "en") -> Text:
    """Write a meeting down in Portuguese."""
    words = transcribe(recording, language=language)
    return translate(words, to="pt")


@expert
def speak_all(text: str) -> Text:
    """Give it back."""
    return Text(text)


def show_answer(declared: Workflow[..., Any]) -> str:
    (ask,) = declared.plan.answers
    return show(ask.source)

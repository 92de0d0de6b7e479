"""Each answer stands under its own words."""

from __future__ import annotations

import pytest
from neural_router import HELD, plan
from routing_gold import attachments, render

from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.routing.headings import under_own_words
from herd_graph.tasks import Task
from herd_graph.types import StepId


def _planned(*asks: str, unmet: tuple[str, ...] = (), same: bool = False) -> tuple[Plan, Task]:
    task = Task(text=", ".join(asks), attachments=attachments("text:letter.txt"))
    experts = ("summarize@1",) * len(asks) if same else ("summarize@1", "chat@1", "sentiment@1")
    steps = tuple(
        Step(
            id=StepId(f"s{at}"),
            expert=expert,
            inputs={"text": FromInput(input="a1"), "request": Value(value=ask)},
        )
        for at, (ask, expert) in enumerate(zip(asks, experts, strict=False), start=1)
    )
    answers = tuple(
        Ask(ask=ask, source=FromStep(step=each.id)) for ask, each in zip(asks, steps, strict=True)
    )
    return Plan(steps=steps, inputs=task.inputs, answers=answers, unmet=unmet), task


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        (
            ("sum up the letter and tell me who wrote it", "tell me who wrote it"),
            ["sum up the letter", "tell me who wrote it"],
        ),
        (
            ("sum up the letter", "sum up the letter, then tell me who wrote it"),
            ["sum up the letter", "tell me who wrote it"],
        ),
        (("sum up the letter", "who wrote it?"), ["sum up the letter", "who wrote it?"]),
        (("short, and who wrote it", "who wrote it"), ["short, and who wrote it", "who wrote it"]),
    ],
)
def test_no_answer_bears_the_words_of_another(asks: tuple[str, str], told: list[str]) -> None:
    found, task = _planned(*asks)

    assert [each.ask for each in under_own_words(found, task, HELD).answers] == told


def test_one_wish_for_two_files_keeps_its_words() -> None:
    found, task = _planned("what is written on both", "what is written on both signs", same=True)

    assert under_own_words(found, task, HELD) is found


def test_what_nobody_does_is_not_asked_of_who_does_the_rest() -> None:
    left = ("book two tickets: no expert here does this",)
    found, task = _planned("book two tickets, and tell me the price for three", unmet=left)

    made = under_own_words(found, task, HELD)

    assert made.answers[0].ask == "tell me the price for three"
    assert made.steps[0].inputs["request"] == Value(value="tell me the price for three")
    assert made.unmet == left


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "audio:voicemail.wav",
            "turn the voicemail into text, then into Portuguese, then into speech",
            "speak(translate(transcribe(a1), pt)) ; transcribe(a1) ; translate(transcribe(a1), pt)",
        ),
        (
            "text:mail.txt",
            "pls summrize the mail and tell me his fone number, also translte the sumary",
            "chat('What is his fone number?', a1) ; summarize(a1, 'pls summarise the mail') ; translate(summarize(a1, 'pls summarise the mail'), pt)",
        ),
        (
            "video:garlic.mp4",
            "stills from the clip (4 of them), and the words spoken in it",
            "sample_frames(a1, 4, 'stills from the clip (4 of them)') ; transcribe_video(a1)",
        ),
    ],
)
def test_no_wish_of_a_compound_request_is_lost(files: str, text: str, made: str) -> None:
    found = plan(text, *files.split())

    assert render(found) == made
    assert not found.unmet

"""Each product that a request names is there."""

from __future__ import annotations

import pytest
from neural_router import HELD, plan
from routing_gold import attachments, render

from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.routing.also_wanted import also_wanted
from herd_graph.tasks import Task
from herd_graph.types import StepId


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "audio:melody.wav",
            "what notes are in this tune? i want the midi file",
            "transcribe_music(a1).midi ; transcribe_music(a1).notes",
        ),
        (
            "text:rules.txt",
            "Translate the rules into Portuguese and read the translation aloud.",
            "speak(translate(a1, pt)) ; translate(a1, pt)",
        ),
        ("audio:melody.wav", "make a midi file of this tune", "transcribe_music(a1).midi"),
        (
            "video:garlic.mp4",
            "Subtitles of the clip as srt please, plus a Portuguese version of what is said",
            "transcribe_video(a1, srt) ; translate(transcribe_video(a1), pt)",
        ),
        (
            "video:garlic.mp4",
            "Make English subtitles and also Portuguese ones",
            "transcribe_video(a1, srt) ; translate(transcribe_video(a1, srt), pt)",
        ),
        (
            "video:garlic.mp4",
            "Portuguese subtitles for the clip please",
            "translate(transcribe_video(a1, srt), pt)",
        ),
        (
            "audio:note.ogg",
            "What does Frank need for Saturday? Write down the voice note and put it into Portuguese.",
            "chat('What does Frank need for Saturday?', transcribe(a1)) ; transcribe(a1) ; translate(transcribe(a1), pt)",
        ),
        (
            "image:receipt.jpg",
            "Read the receipt, translate the items to Portuguese, and find the shop's address",
            'chat("What is the shop\'s address?", read_text(a1)) ; read_text(a1) ; translate(read_text(a1), pt)',
        ),
        (
            "image:receipt.jpg",
            "find the address of the shop",
            "chat('What is the address of the shop?', read_text(a1))",
        ),
        (
            "",
            "Say 'The gate is closed' in Portuguese and as audio in English.",
            "speak('The gate is closed') ; translate('The gate is closed', pt)",
        ),
    ],
)
def test_each_product_that_is_named_is_made(files: str, text: str, made: str) -> None:
    found = plan(text, files)

    assert render(found) == made
    assert not found.unmet


def test_what_is_read_aloud_is_what_is_shown() -> None:
    def titled(number: int, name: str, other: str) -> tuple[Step, Step]:
        return (
            Step(
                id=StepId(f"s{number}"),
                expert="write_title@1",
                inputs={"text": FromInput(input=name)},
            ),
            Step(
                id=StepId(f"s{number + 1}"),
                expert="speak@1",
                inputs={"text": FromStep(step=StepId(f"s{number}"))},
                ask=other,
            ),
        )

    task = Task(
        text="write a headline for it and read that aloud",
        attachments=attachments("text:offers.txt text:answer.txt"),
    )
    asks = ("write a headline for it", "read that aloud")
    twice = Plan(
        steps=(*titled(1, "a1", asks[0]), *titled(3, "a2", asks[1])),
        inputs=task.inputs,
        answers=tuple(
            Ask(ask=each, source=FromStep(step=StepId(at)))
            for each, at in zip(asks, ("s2", "s4"), strict=True)
        ),
    )

    made = also_wanted(twice, task, HELD)

    assert [(each.ask, each.source) for each in made.answers] == [
        (asks[0], FromStep(step=StepId("s1"))),
        (asks[1], FromStep(step=StepId("s2"))),
    ]
    assert [each.id for each in made.steps] == ["s1", "s2"]


def test_a_plan_that_lacks_nothing_is_left() -> None:
    task = Task(text="translate 'good day' into Portuguese")
    step = Step(
        id=StepId("s1"),
        expert="translate@1",
        inputs={"text": Value(value="good day"), "to": Value(value="pt")},
    )
    whole = Plan(steps=(step,), answers=(Ask(ask=task.text, source=FromStep(step=StepId("s1"))),))

    assert also_wanted(whole, task, HELD) is whole

"""What stands between is shown where a wish of its own asks for it."""

from __future__ import annotations

import pytest
from neural_router import HELD, plan
from routing_gold import attachments, render

from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.routing.asked_between import asked_between
from herd_graph.tasks import Task
from herd_graph.types import StepId


@pytest.mark.parametrize(
    ("files", "text", "made", "first"),
    [
        (
            "image:poster.png",
            "What is on the poster? Translate it into Portuguese and read it aloud",
            "read_text(a1) ; speak(translate(read_text(a1), pt))",
            "What is on the poster?",
        ),
        (
            "video:match.mp4",
            "What does the commentator say in the clip? Put it in Portuguese",
            "transcribe_video(a1) ; translate(transcribe_video(a1), pt)",
            "What does the commentator say in the clip?",
        ),
        (
            "audio:head.wav",
            "Write down what Mrs Patterson says, translate it to Portuguese and make a Portuguese audio of it",
            "speak(translate(transcribe(a1), pt)) ; transcribe(a1)",
            "Write down what Mrs Patterson says",
        ),
        (
            "image:hours.png",
            "What does the sign say, in Portuguese?",
            "translate(read_text(a1), pt)",
            "What does the sign say, in Portuguese?",
        ),
        (
            "audio:note.ogg",
            "Put the voice note into Portuguese and read it aloud",
            "speak(translate(transcribe(a1), pt))",
            "Put the voice note into Portuguese and read it aloud",
        ),
    ],
)
def test_a_question_on_the_way_is_answered(files: str, text: str, made: str, first: str) -> None:
    found = plan(text, files)

    assert render(found) == made
    assert found.answers[0].ask == first


def _translated(text: str, *asks: str) -> tuple[Plan, Task]:
    task = Task(text=text, attachments=attachments("audio:note.ogg"))
    heard = FromStep(step=StepId("s1"))
    to: dict[str, Binding] = {"text": heard, "to": Value(value="pt")}
    steps = (
        Step(id=heard.step, expert="transcribe@1", inputs={"recording": FromInput(input="a1")}),
        Step(id=StepId("s2"), expert="translate@1", inputs=to),
    )
    sources = [heard, FromStep(step=StepId("s2"))][-len(asks) :]
    answers = tuple(Ask(ask=a, source=s) for a, s in zip(asks, sources, strict=True))
    return Plan(steps=steps, inputs=task.inputs, answers=answers), task


def test_each_answer_stands_under_its_own_words() -> None:
    text = "Transcribe the note, and put it into Portuguese"
    made = asked_between(*_translated(text, text), HELD)

    assert [each.ask for each in made.answers] == ["Transcribe the note", "put it into Portuguese"]
    assert [each.source for each in made.answers] == [
        FromStep(step=StepId("s1")),
        FromStep(step=StepId("s2")),
    ]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Transcribe it and put it into Portuguese. I need only the Portuguese.", 1),
        ("Put the note into Portuguese and save it", 1),
        ("Transcribe the note, and put it into Portuguese", 2),
    ],
)
def test_nothing_is_shown_that_is_not_asked_for_or_twice(text: str, asks: int) -> None:
    first, _, rest = text.partition(", and ")
    found, task = _translated(text, *((first, rest) if asks > 1 else (text,)))

    assert asked_between(found, task, HELD) is found

"""What is asked of each of several files is done for each."""

from __future__ import annotations

import pytest
from neural_router import HELD, plan
from routing_gold import attachments, render

from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step
from herd_graph.routing.of_each import of_each
from herd_graph.tasks import Task
from herd_graph.types import StepId


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "text:letter.txt text:mail.txt",
            "Compare the letter and the mail: what language is each in, and how does each sound?",
            "identify_language(a1) ; identify_language(a2) ; sentiment(a1) ; sentiment(a2)",
        ),
        (
            "text:mail.txt text:letter.txt",
            "For both: which language, and a one-sentence summary",
            "identify_language(a1) ; identify_language(a2) ; summarize(a1, 1, 'a one-sentence summary') ; summarize(a2, 1, 'a one-sentence summary')",
        ),
        (
            "text:mail.txt text:letter.txt",
            "Which language is each of these in, who wrote them and are they polite?",
            "chat('who wrote them', a1) ; chat('who wrote them', a2) ; identify_language(a1) ; identify_language(a2) ; sentiment(a1) ; sentiment(a2)",
        ),
        (
            "text:mail.txt text:letter.txt",
            "Summarise the mail and translate the letter into English",
            "summarize(a1, 'Summarise the mail') ; translate(a2, en)",
        ),
        (
            "text:mail.txt text:letter.txt",
            "Which of both is angry?",
            "sentiment(a1) ; sentiment(a2)",
        ),
    ],
)
def test_each_wish_is_done_for_each_file_that_is_meant(files: str, text: str, made: str) -> None:
    found = plan(text, *files.split())

    assert render(found) == made
    assert not found.unmet
    asks = [each.ask for each in found.answers]
    assert len(set(asks)) == len(asks)


def _one_of_two(text: str) -> tuple[Plan, Task]:
    task = Task(text=text, attachments=attachments("text:mail.txt text:letter.txt"))
    judged = Step(
        id=StepId("s1"), expert="sentiment@1", inputs={"text": FromInput(input="a1")}, ask=text
    )
    answers = (Ask(ask=text, source=FromStep(step=judged.id)),)
    return Plan(steps=(judged,), inputs=task.inputs, answers=answers), task


def test_what_was_planned_for_one_is_planned_for_the_other_and_named_by_its_file() -> None:
    found, task = _one_of_two("how does each sound?")

    made = of_each(found, task, HELD)

    assert render(made) == "sentiment(a1) ; sentiment(a2)"
    assert [each.ask for each in made.answers] == [
        "how does each sound? (mail.txt)",
        "how does each sound? (letter.txt)",
    ]


@pytest.mark.parametrize(
    "text",
    ["how does the mail sound?", "do both agree?", "how does it sound, and are they the same?"],
)
def test_what_is_asked_of_one_or_of_both_together_is_left(text: str) -> None:
    found, task = _one_of_two(text)

    assert of_each(found, task, HELD) is found

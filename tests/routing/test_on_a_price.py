"""What several cost, reckoned from the one price that was asked for before."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import attachments, render

from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.on_a_price import is_multiple, priced_on
from herd_graph.tasks import Task
from herd_graph.types import StepId


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "image:lease.png",
            "What is the rent, and how much is that a year?",
            "calculate(chat('What is the rent', read_text(a1)), 'how much is that a year') ; chat('What is the rent', read_text(a1))",
        ),
        (
            "video:bakery.mp4",
            "how much is a loaf, and what would six loaves cost?",
            "calculate(chat('how much is a loaf', transcribe_video(a1)), 'what would six loaves cost') ; chat('how much is a loaf', transcribe_video(a1))",
        ),
        (
            "image:menu.png",
            "What do two curries and a pot of tea cost together?",
            "calculate(read_text(a1), 'What do two curries and a pot of tea cost together?')",
        ),
    ],
)
def test_it_is_worked_out_of_what_was_answered(files: str, text: str, made: str):
    assert render(plan(text, files)) == made


@pytest.mark.parametrize(
    ("wish", "is_one"),
    [
        ("what would 17 children pay altogether?", True),
        ("and what do five cost?", True),
        ("how much is that a year?", True),
        ("what does each of the 5 pay?", False),
        ("what is 15% of 80?", False),
        ("how much is the fee?", False),
        ("how much is left of 50?", False),
        ("what costs 12.50?", False),
    ],
)
def test_what_is_such_a_wish(wish: str, is_one: bool):
    assert is_multiple(wish) is is_one


def test_a_number_after_no_price_is_left_to_who_was_asked(experts: Snapshot):
    text = FromInput(input="a1")
    steps = tuple(
        Step(
            id=StepId(name),
            expert="chat@1",
            inputs={"message": Value(value=asked), "context": text},
            ask=asked,
        )
        for name, asked in (("s1", "Who wrote it?"), ("s2", "what would six cost?"))
    )
    answers = tuple(Ask(ask=each.ask, source=FromStep(step=each.id)) for each in steps)
    task = Task(text="Who wrote it? what would six cost?", attachments=attachments("text:mail.txt"))
    told = Plan(steps=steps, inputs=task.inputs, answers=answers)

    assert priced_on(told, task, experts) is told

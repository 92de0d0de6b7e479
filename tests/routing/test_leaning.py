"""Wishes about a table that go on from the wish before, in finished plans."""

from __future__ import annotations

import pytest
from routing_gold import attachments

from herd_graph.checking import check
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.second_look import second_look
from herd_graph.tasks import Task
from herd_graph.types import StepId


def asked(experts: Snapshot, *questions: str, table: str = "a1") -> list[str]:
    """Return what the steps ask once the plan was looked over."""
    task = Task(
        text=", and ".join(questions), attachments=attachments("table:hires.csv table:stock.csv")
    )
    tables = ["a1", *[table] * (len(questions) - 1)]
    steps = tuple(
        Step(
            id=StepId(f"s{number}"),
            expert="query_table@1",
            inputs={"table": FromInput(input=one), "question": Value(value=text)},
        )
        for number, (one, text) in enumerate(zip(tables, questions, strict=True), 1)
    )
    answers = tuple(
        Ask(ask=text, source=FromStep(step=each.id))
        for text, each in zip(questions, steps, strict=True)
    )
    made = second_look(Plan(steps=steps, inputs=task.inputs, answers=answers), task, experts)

    assert not check(made, experts)
    assert [each.ask for each in made.answers] == list(questions)
    given = [each.inputs["question"] for each in made.steps]
    return [str(each.value) for each in given if isinstance(each, Value)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("who has not paid yet?", "how much do they owe us"),
        ("how many hires did we have in May", "what was the total"),
        ("which repairs take less than half an hour", "what do they cost"),
        ("how many jobs were done", "which was the most frequent one?"),
        ("which hire was the dearest", "where was it?"),
        ("the oldest members", "their average age"),
    ],
)
def test_a_wish_that_leans_on_the_one_before_is_told_of_it(
    experts: Snapshot, first: str, second: str
):
    assert asked(experts, first, second) == [first, f"Of “{first}”: {second}"]


def test_a_third_wish_is_told_of_both(experts: Snapshot):
    made = asked(
        experts, "how many hires in May?", "what was the total", "what is 5% of that total"
    )

    assert made[2] == "Of “how many hires in May? what was the total”: what is 5% of that total"


@pytest.mark.parametrize(
    "second", ["who stays longest?", "which town has the highest total", "avg days"]
)
def test_a_wish_of_its_own_is_left_alone(experts: Snapshot, second: str):
    assert asked(experts, "who has not paid yet?", second) == ["who has not paid yet?", second]


def test_another_table_is_another_matter(experts: Snapshot):
    made = asked(experts, "who has not paid yet?", "how much do they cost", table="a2")

    assert made == ["who has not paid yet?", "how much do they cost"]

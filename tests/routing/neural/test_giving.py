"""Who reckons is given the file with the numbers, and the unit that is asked for."""

from __future__ import annotations

import pytest
from routing_gold import attachments

from herd_graph.checking import check
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.neural.giving import given_on
from herd_graph.tasks import Task
from herd_graph.types import StepId
from tools import first_party

HELD = Snapshot({each.card.id: each for each in first_party()})


def given(
    text: str, files: str, expert: str, **inputs: Binding
) -> list[tuple[str, dict[str, str]]]:
    """Return the steps of a plan of one step as they are after it."""
    task = Task(text=text, attachments=attachments(files))
    step = Step(id=StepId("s1"), expert=expert, inputs=inputs, ask=text)
    answers = (Ask(ask=text, source=FromStep(step=step.id)),)
    plan = Plan(steps=(step,), inputs=task.inputs, answers=answers)
    made = given_on(plan, task, HELD)
    assert not check(made, HELD)
    return [
        (str(each.expert).partition("@")[0], {k: _told(v) for k, v in each.inputs.items()})
        for each in made.steps
    ]


def _told(bound: Binding) -> str:
    if isinstance(bound, Value):
        return str(bound.value)
    return bound.input if isinstance(bound, FromInput) else str(getattr(bound, "step", "?"))


def test_a_question_without_a_number_is_about_the_picture_it_names() -> None:
    text = "Convert the weight on this label to pounds"

    made = given(text, "image:label.png", "convert_units@1", question=Value(value=text))

    assert made == [
        ("read_text", {"picture": "a1"}),
        ("convert_units", {"question": "s2", "to": text}),
    ]


def test_two_questions_about_one_picture_are_each_given_what_it_says() -> None:
    asked = ("Convert the weight on this label to pounds", "and the length on this label to feet")
    task = Task(text=", ".join(asked), attachments=attachments("image:label.png"))
    steps = tuple(
        Step(
            id=StepId(f"s{number}"),
            expert="convert_units@1",
            inputs={"question": Value(value=text)},
            ask=text,
        )
        for number, text in enumerate(asked, start=1)
    )
    answers = tuple(Ask(ask=each.ask, source=FromStep(step=each.id)) for each in steps)

    made = given_on(Plan(steps=steps, inputs=task.inputs, answers=answers), task, HELD)

    assert [(str(each.id), str(each.expert)) for each in made.steps] == [
        ("s3", "read_text@1"),
        ("s1", "convert_units@1"),
        ("s4", "read_text@1"),
        ("s2", "convert_units@1"),
    ]
    assert check(made, HELD) == []


def test_the_rate_of_return_of_it_is_that_of_the_table() -> None:
    text = "its internal rate of return?"

    made = given(text, "table:cash.csv", "finance@1", question=Value(value=text))

    assert made == [("finance", {"question": text, "table": "a1"})]


def test_the_unit_that_is_counted_is_the_one_wanted() -> None:
    text = "How many pounds is that?"

    made = given(text, "text:label.txt", "convert_units@1", question=FromInput(input="a1"))

    assert made == [("convert_units", {"question": "a1", "to": "pounds"})]


@pytest.mark.parametrize(
    ("text", "files", "expert"),
    [
        ("Convert 5 miles to km, and this label", "image:label.png", "convert_units@1"),
        ("convert five miles to km like that", "image:label.png", "convert_units@1"),
        ("how many feet are in a mile?", "image:label.png", "convert_units@1"),
        ("convert the weight on this label", "image:a.png image:b.png", "convert_units@1"),
        ("its internal rate of return?", "table:a.csv table:b.csv", "finance@1"),
        ("its internal rate of return?", "image:a.png", "finance@1"),
    ],
)
def test_what_is_said_or_doubtful_stays(text: str, files: str, expert: str) -> None:
    made = given(text, files, expert, question=Value(value=text))

    assert made == [(expert.partition("@")[0], {"question": text})]

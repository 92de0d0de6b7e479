"""A question about one of several attached tables is given all of them."""

from __future__ import annotations

from typing import Any

from herd_graph._bundled.tools import first_party
from herd_graph.plans import AllOf, Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace
from herd_graph.routing.beside import with_tables
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind, StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
QUESTION = "who is older than 40?"


def table(number: int) -> ArtifactRef:
    return ArtifactRef(
        id=str(number) * 64, kind=Kind.TABLE, mime="text/csv", size=9, name=f"t{number}.csv"
    )


NOTE = ArtifactRef(id="9" * 64, kind=Kind.TEXT, mime="text/plain", size=9, name="note.txt")


def routed(attachments: dict[str, Any], asked: list[dict[str, Binding]]) -> Plan:
    """Route a plan that puts the question to the tables in turn."""
    task = Task(text=QUESTION, attachments=attachments)
    steps = tuple(
        Step(id=StepId(f"s{number}"), expert="query_table@1", inputs=inputs, ask=QUESTION)
        for number, inputs in enumerate(asked, start=1)
    )
    answers = tuple(Ask(ask=QUESTION, source=FromStep(step=each.id)) for each in steps)
    plan = Plan(steps=steps, inputs=task.inputs, answers=answers, author="test")
    trace = RouteTrace(router="test", request=QUESTION)
    return with_tables(Route(plan=plan, trace=trace), task, HELD).plan


def question_of(name: str) -> dict[str, Binding]:
    return {"table": FromInput(input=name), "question": Value(value=QUESTION)}


def test_the_other_tables_are_given_beside_the_one_that_the_planner_chose():
    plan = routed({"a1": table(1), "a2": NOTE, "a3": table(3), "a4": table(4)}, [question_of("a3")])

    assert plan.steps[0].inputs == {
        **question_of("a3"),
        "others": AllOf(all=(FromInput(input="a1"), FromInput(input="a4"))),
    }


def test_one_table_is_asked_alone():
    plan = routed({"a1": table(1), "a2": NOTE}, [question_of("a1")])

    assert plan.steps[0].inputs == question_of("a1")


def test_tables_that_a_plan_tells_apart_are_asked_apart():
    asked = [question_of("a1"), question_of("a2")]

    plan = routed({"a1": table(1), "a2": table(2)}, asked)

    assert [each.inputs for each in plan.steps] == asked

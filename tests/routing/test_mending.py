"""The chain of rules that mend a plan: each is asked, in an order that is known."""

from __future__ import annotations

from routing_gold import STORE, attachments

from herd_graph._bundled.tools import first_party
from herd_graph.checking import check
from herd_graph.discovery import CapabilityIndex
from herd_graph.plans import AllOf, Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, RouteTrace, Situation
from herd_graph.routing.mending import MENDS, mended
from herd_graph.tasks import Task
from herd_graph.types import StepId

HELD = Snapshot({each.card.id: each for each in first_party()})
THERE = Situation(experts=HELD, index=CapabilityIndex(), store=STORE)


def route(task: Task, *steps: Step, **answers: str) -> Route:
    told = tuple(Ask(ask=ask, source=FromStep(step=StepId(step))) for step, ask in answers.items())
    plan = Plan(steps=steps, inputs=task.inputs, answers=told, author="test")
    return Route(plan=plan, trace=RouteTrace(router="test", request=task.text))


def step(name: str, expert: str, ask: str, **inputs: Binding) -> Step:
    return Step(id=StepId(name), expert=f"{expert}@1", inputs=dict(inputs), ask=ask)


def test_each_rule_has_a_name_of_its_own_and_says_what_it_asks():
    assert len({each.name for each in MENDS}) == len(MENDS)
    assert all(each.asks.endswith("?") and "\n" not in each.asks for each in MENDS)


def test_a_plan_with_nothing_to_mend_is_handed_through():
    task = Task(text="Transcribe the call", attachments=attachments("audio:call.wav"))
    heard = step("s1", "transcribe", task.text, recording=FromInput(input="a1"))
    found = route(task, heard, s1=task.text)

    for each in MENDS:
        assert each.rule(found, task, THERE) is found
    assert mended(found, task, THERE) is found


def test_what_one_rule_makes_is_what_the_next_one_looks_at():
    first, second = "who has not paid yet?", "how much do they owe us"
    files = attachments("table:hires.csv table:stock.csv")
    task = Task(text=f"{first}, and {second}", attachments=files)
    asked = [
        step(name, "query_table", ask, table=FromInput(input="a1"), question=Value(value=ask))
        for name, ask in (("s1", first), ("s2", second))
    ]

    plan = mended(route(task, *asked, s1=first, s2=second), task, THERE).plan

    assert check(plan, HELD) == []
    given = [each.inputs["question"] for each in plan.steps]
    questions = [str(each.value) for each in given if isinstance(each, Value)]
    assert questions[0] == first
    assert "paid" in questions[1], "the second wish has the condition of the first"
    beside = [each.inputs["others"] for each in plan.steps]
    assert beside == [AllOf(all=(FromInput(input="a2"),))] * 2, "and may be about the other table"

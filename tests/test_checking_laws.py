"""Laws of the plan checker: random plans, every defect of them, rings, and how long it takes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_experts import herd

from herd_graph.checking import check, order
from herd_graph.errors import PlanInvalid
from herd_graph.plans import (
    AllOf,
    Binding,
    FromInput,
    FromStep,
    Item,
    Plan,
    Step,
    Value,
)
from herd_graph.types import StepId


@st.composite
def dags(draw: st.DrawFn, most: int = 30) -> Plan:
    """Plans over text that are right: each step takes earlier steps or literals."""
    steps: list[Step] = []
    for place in range(draw(st.integers(1, most))):
        earlier = [FromStep(step=each.id) for each in steps]
        source = st.sampled_from(earlier) if earlier else st.nothing()
        text: Binding = draw(source | st.just(Value(value="x")))
        step_id = StepId(f"n{place}")
        if draw(st.booleans()):
            inputs: dict[str, Binding] = {"text": text, "to": Value(value="pt")}
            steps.append(Step(id=step_id, expert="translate@1", inputs=inputs))
        else:
            more = draw(st.lists(source, max_size=3)) if earlier else []
            parts = AllOf(all=(text, *more))
            steps.append(Step(id=step_id, expert="join@1", inputs={"parts": parts}))
    return Plan(steps=tuple(draw(st.permutations(steps))))


@given(dags())
def test_random_plans_are_right_and_ordered(built: Plan) -> None:
    done = order(built)
    place = {step: at for at, step in enumerate(done)}

    assert check(built, herd(), {}) == []
    assert sorted(done) == sorted(each.id for each in built.steps)
    assert all(place[need] < place[each.id] for each in built.steps for need in each.needs)


def _break(step: Step, fault: str) -> Step:
    broken: dict[str, dict[str, Any]] = {
        "unknown-expert": {"expert": "nobody"},
        "missing-input": {"inputs": {}},
        "unknown-step": {"after": (StepId("gone"),)},
        "unknown-input": {"inputs": {**step.inputs, "zzz": Value(value=1)}},
        "unknown-reference": {
            "inputs": {**step.inputs, next(iter(step.inputs)): FromInput(input="?")}
        },
        "item-outside-foreach": {"inputs": {**step.inputs, next(iter(step.inputs)): Item()}},
        "cycle": {"after": (step.id,)},
        "select": {"k": 5},
    }
    return step.model_copy(update=broken[fault])


FAULTS = [
    "unknown-expert",
    "missing-input",
    "unknown-step",
    "unknown-input",
    "unknown-reference",
    "item-outside-foreach",
    "cycle",
    "select",
]


@given(built=dags(12), data=st.data())
def test_all_defects_are_found_however_many_there_are(built: Plan, data: st.DataObject) -> None:
    faults = {
        each.id: data.draw(st.sampled_from([*FAULTS, ""]), label=each.id) for each in built.steps
    }
    broken = built.model_copy(
        update={
            "steps": tuple(
                _break(each, faults[each.id]) if faults[each.id] else each for each in built.steps
            )
        }
    )

    found = {(each.code, each.step) for each in check(broken, herd(), {})}

    assert {(fault, step) for step, fault in faults.items() if fault} == found


@given(st.integers(2, 40), st.data())
def test_a_ring_is_one_cycle_and_is_named(size: int, data: st.DataObject) -> None:
    ids = [StepId(f"n{place}") for place in range(size)]
    steps = [
        Step(id=step_id, expert="join", inputs={"parts": FromStep(step=ids[place - 1])})
        for place, step_id in enumerate(ids)
    ]
    ring = Plan(steps=tuple(data.draw(st.permutations(steps))))

    (problem,) = check(ring, herd(), {})

    assert problem.code == "cycle"
    assert all(repr(step_id) in str(problem) for step_id in ids)
    with pytest.raises(PlanInvalid, match="wait for each other"):
        order(ring)


def test_a_step_that_needs_itself_is_named_beside_a_ring() -> None:
    inputs: dict[str, Binding] = {"parts": Value(value="x")}
    steps = [
        Step(id=StepId(one), expert="join", inputs=inputs, after=tuple(map(StepId, needs)))
        for one, needs in [("a", ["b"]), ("b", ["a", "b"]), ("c", ["a"])]
    ]

    found = check(Plan(steps=tuple(steps)), herd(), {})

    assert [(each.code, each.step) for each in found] == [("cycle", "a"), ("cycle", "b")]
    assert "'b' → 'b'" in str(found[1])


@pytest.mark.parametrize(("steps", "seconds"), [(50, 0.05), (2000, 1.5)])
def test_checking_is_quick(steps: int, seconds: float) -> None:
    """Ten times (three times) what it takes on an idle machine; this one is shared."""
    chain = Plan(
        steps=tuple(
            Step(
                id=StepId(f"n{place}"),
                expert="translate@1",
                inputs={
                    "text": FromStep(step=StepId(f"n{place - 1}")) if place else Value(value="x"),
                    "to": Value(value="pt"),
                },
            )
            for place in range(steps)
        )
    )
    experts = herd()
    started = time.process_time()

    assert check(chain, experts, {}) == []
    assert len(order(chain)) == steps
    assert time.process_time() - started < seconds

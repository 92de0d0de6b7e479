"""Budgets are hard: refused before the call, what is finished is kept, a bigger one finishes it."""

from __future__ import annotations

from typing import Any

import pytest
from dags import NOTHING, PATIENCE, Crew, Dag, Node, dags, herd_of, statuses_of, texts_of
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_graph.budgets import Budget
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.steps import Patience
from herd_graph.testing import After, FakeRouter, run_virtual, scripted
from herd_graph.types import Kind

CHAIN = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(6)))
WIDE = Dag(
    (
        *(Node(name=f"n{i}", seconds=i) for i in range(6)),
        Node(name="end", needs=tuple(f"n{i}" for i in range(6))),
    )
)


@settings(max_examples=25)
@given(dag=dags(most=12), calls=st.integers(0, 12))
def test_never_more_calls_than_allowed_and_the_rest_later(dag: Dag, calls: int) -> None:
    crew = Crew(dag=dag)
    herd = herd_of(crew)

    run, _ = run_virtual(herd.arun(dag.plan, budget=Budget(calls=calls)))
    assert sum(crew.calls.values()) == min(calls, len(dag.nodes))
    done = texts_of(run)
    assert done.items() <= dag.texts().items()
    assert len(done) == min(calls, len(dag.nodes))
    assert set(statuses_of(run).values()) <= {"done", "refused", "cancelled"}

    if run.status != "done":
        resumed, _ = run_virtual(herd.aresume(run.id, budget=Budget(calls=len(dag.nodes))))
        run = resumed
    assert texts_of(run) == dag.texts()
    assert run.status == "done"
    assert crew.calls == dag.calls  # what was finished was not called again


def test_a_refusal_says_what_to_do() -> None:
    run, _ = run_virtual(herd_of(Crew(dag=CHAIN)).arun(CHAIN.plan, budget=Budget(calls=2)))

    assert run.status == "failed"  # of what was asked for nothing is there
    assert statuses_of(run) == {
        "n0": "done",
        "n1": "done",
        "n2": "refused",
        "n3": "cancelled",
        "n4": "cancelled",
        "n5": "cancelled",
    }
    assert "would be call 3 of at most 2" in run.answer.missing[0]
    assert "resume the run" in run.answer.missing[0]


def test_a_partial_answer_keeps_what_is_finished() -> None:
    plan = Plan.parse({"steps": [step.model_dump() for step in WIDE.plan.steps[:6]]})

    run, _ = run_virtual(herd_of(Crew(dag=WIDE)).arun(plan, budget=Budget(seconds=2.5)))

    assert run.status == "partial"
    assert [part.status for part in run.answer.parts] == [*["done"] * 3, *["refused"] * 3]
    assert run.answer.text == "\n\n".join(WIDE.texts()[f"n{i}"] for i in range(3))


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_seconds_stop_what_is_in_flight_and_count_over_resumes(checkpoints: str) -> None:
    crew = Crew(dag=CHAIN)

    with herd_of(crew, checkpoints=checkpoints) as herd:
        first, seconds = run_virtual(herd.arun(CHAIN.plan, budget=Budget(seconds=2.5)))
        assert seconds == pytest.approx(2.5)
        assert first.seconds == pytest.approx(2.5)
        assert first.records["n2"].status == "refused"
        assert "2.5 s are used" in first.records["n2"].error

        second, seconds = run_virtual(herd.aresume(first.id, budget=Budget(seconds=4.0)))
        assert seconds == pytest.approx(1.5)
        assert second.records["n2"].status == "done"
        assert second.records["n3"].status == "refused"

        third, seconds = run_virtual(herd.aresume(first.id, budget=Budget(seconds=100)))
        assert third.status == "done"
        assert seconds == pytest.approx(3.0)
        assert third.seconds == pytest.approx(7.0)
    assert texts_of(third) == CHAIN.texts()
    assert crew.calls == {"n0": 1, "n1": 1, "n2": 2, "n3": 2, "n4": 1, "n5": 1}


def test_resuming_within_the_same_budget_is_refused_again() -> None:
    crew = Crew(dag=CHAIN)
    herd = herd_of(crew)

    first, _ = run_virtual(herd.arun(CHAIN.plan, budget=Budget(calls=3)))
    again, _ = run_virtual(herd.aresume(first.id))

    assert statuses_of(again) == statuses_of(first)
    assert sum(crew.calls.values()) == 3


PAID: Any = {"inputs": {"text": Kind.TEXT}, "outputs": Kind.TEXT}


def paid_plan(count: int, *, chain: bool = True) -> Plan:
    """Return ``count`` calls of the expert ``paid``, one after the other or all at once."""
    return Plan.parse(
        {
            "steps": [
                {
                    "id": f"s{i}",
                    "expert": "paid",
                    "inputs": {"text": {"step": f"s{i - 1}"} if i and chain else {"value": f"{i}"}},
                }
                for i in range(count)
            ]
        }
    )


def test_money_is_reserved_before_calls_that_go_on_at_once() -> None:
    paid = scripted("paid", script=[After(1.0, "x")], repeat=True, cost_usd=0.3)
    herd = Herd(paid, checkpoints="memory", router=FakeRouter(NOTHING))

    run, _ = run_virtual(herd.arun(paid_plan(5, chain=False), budget=Budget(usd=1.0)))

    assert len(paid.calls) == 3
    assert run.usd == pytest.approx(0.9)
    assert run.status == "partial"
    assert sorted(statuses_of(run).values()) == ["done"] * 3 + ["refused"] * 2


def test_what_a_call_really_cost_is_what_counts() -> None:
    def cheap(context: ExpertContext, text: object) -> str:
        context.spend(0.1)
        return "x"

    paid = scripted("paid", script=cheap, cost_usd=0.5)
    herd = Herd(paid, checkpoints="memory", router=FakeRouter(NOTHING))

    run, _ = run_virtual(herd.arun(paid_plan(8), budget=Budget(usd=1.0)))

    # After five calls 0.5 is left: enough for a sixth; after it 0.4 is not.
    assert len(paid.calls) == 6
    assert run.usd == pytest.approx(0.6)


def test_what_a_failing_call_cost_counts_too() -> None:
    def greedy(context: ExpertContext, text: object) -> str:
        context.spend(0.4)
        raise ValueError("no result, and the money is gone")

    paid = scripted("paid", script=greedy, cost_usd=0.4)
    herd = Herd(
        paid,
        checkpoints="memory",
        router=FakeRouter(NOTHING),
        patience=Patience(attempts=10, wait_s=0.1),
    )

    run, _ = run_virtual(herd.arun(paid_plan(1), budget=Budget(usd=1.0)))

    assert len(paid.calls) == 2
    assert run.usd == pytest.approx(0.8)
    assert run.records["s0"].status == "refused"


def test_what_was_spent_on_a_step_counts_when_it_is_tried_again() -> None:
    """Resuming a failed run again and again does not make money of nothing."""

    def greedy(context: ExpertContext, text: object) -> str:
        context.spend(0.4)
        raise ExpertFailed("no result, and the money is gone")

    paid = scripted("paid", script=greedy, cost_usd=0.4)
    herd = Herd(
        paid,
        checkpoints="memory",
        router=FakeRouter(NOTHING),
        patience=Patience(attempts=1),
    )

    run, _ = run_virtual(herd.arun(paid_plan(1), budget=Budget(usd=1.0)))
    for _ in range(3):
        run, _ = run_virtual(herd.aresume(run.id))

    assert len(paid.calls) == 2
    assert run.usd == pytest.approx(0.8)


def test_retries_are_calls() -> None:
    dag = Dag((Node(name="a", fails=1), Node(name="b", needs=("a",))))
    crew = Crew(dag=dag)

    run, _ = run_virtual(herd_of(crew).arun(dag.plan, budget=Budget(calls=2)))

    assert crew.calls == {"a": 2}
    assert statuses_of(run) == {"a": "done", "b": "refused"}


def test_a_long_wait_before_a_retry_ends_with_the_time() -> None:
    dag = Dag((Node(name="a", fails=1, seconds=1),))

    run, seconds = run_virtual(
        herd_of(Crew(dag=dag), patience=Patience(attempts=2, wait_s=4.0)).arun(
            dag.plan, budget=Budget(seconds=2)
        )
    )

    assert run.records["a"].status == "refused"
    assert seconds == pytest.approx(2.0)


def test_no_budget_is_no_limit() -> None:
    run, _ = run_virtual(herd_of(Crew(dag=CHAIN), patience=PATIENCE).arun(CHAIN.plan))

    assert run.status == "done"

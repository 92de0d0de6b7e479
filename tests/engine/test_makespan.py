"""Eager: a run takes exactly as long as its longest chain of calls, whatever else goes on."""

from __future__ import annotations

import asyncio

import pytest
from dags import PATIENCE, Crew, Dag, Node, dags, herd_of, statuses_of, texts_of
from hypothesis import example, given, settings

from herd_graph.testing import run_virtual

TWO_CHAINS = Dag(
    (
        Node(name="a", seconds=0.125),
        Node(name="b", needs=("a",), seconds=1.0),
        Node(name="c", seconds=1.0),
        Node(name="d", needs=("c",), seconds=0.125),
    )
)
"""Edges of LangGraph need 2.0 s for it: there, b waits for c."""


def test_two_chains_do_not_wait_for_each_other() -> None:
    run, seconds = run_virtual(herd_of(Crew(dag=TWO_CHAINS)).arun(TWO_CHAINS.plan))

    assert run.status == "done"
    assert seconds == 1.125


@example(dag=TWO_CHAINS)
@settings(max_examples=40)
@given(dag=dags(most=50, failing=True))
def test_makespan_is_the_critical_path(dag: Dag) -> None:
    crew = Crew(dag=dag)

    run, seconds = run_virtual(herd_of(crew).arun(dag.plan))

    assert seconds == pytest.approx(dag.critical_path, abs=1e-6)
    assert statuses_of(run) == dag.statuses
    assert texts_of(run) == dag.texts()
    assert crew.calls == dag.calls


@settings(max_examples=15)
@given(dag=dags(most=20, failing=True))
def test_one_at_a_time_gives_the_same_in_the_sum_of_the_times(dag: Dag) -> None:
    serial, eager = Crew(dag=dag), Crew(dag=dag)

    one, seconds = run_virtual(herd_of(serial, max_in_flight=1).arun(dag.plan))
    all_at_once, _ = run_virtual(herd_of(eager).arun(dag.plan))

    tries = dag.calls
    waits = sum(PATIENCE.wait_s * (count - 1) for count in tries.values())
    assert seconds == pytest.approx(
        sum(dag.node(name).seconds * count for name, count in tries.items()) + waits, abs=1e-6
    )
    assert texts_of(one) == texts_of(all_at_once)
    assert statuses_of(one) == statuses_of(all_at_once)
    assert one.answer.text == all_at_once.answer.text
    assert serial.calls == eager.calls


def test_a_run_counts_the_seconds_of_its_own_loop() -> None:
    run, seconds = run_virtual(herd_of(Crew(dag=TWO_CHAINS)).arun(TWO_CHAINS.plan))

    assert run.seconds == pytest.approx(seconds)
    assert run.records["b"].seconds == 1.0


def test_no_more_calls_go_on_at_once_than_is_allowed() -> None:
    dag = Dag(tuple(Node(name=f"n{index}") for index in range(20)))
    crew = Crew(dag=dag)
    herd = herd_of(crew, max_in_flight=6)
    (expert,) = herd.registry

    _, seconds = run_virtual(herd.arun(dag.plan))

    assert seconds == 4.0  # 6 + 6 + 6 + 2
    assert vars(expert)["most_at_once"] == 6


def test_runs_of_one_herd_do_not_wait_for_each_other() -> None:
    crew = Crew(dag=TWO_CHAINS)
    herd = herd_of(crew)

    async def many() -> list[str]:
        runs = await asyncio.gather(*(herd.arun(TWO_CHAINS.plan) for _ in range(30)))
        return [run.status for run in runs]

    statuses, seconds = run_virtual(many())

    assert statuses == ["done"] * 30
    assert seconds == 1.125
    assert crew.calls == dict.fromkeys("abcd", 30)

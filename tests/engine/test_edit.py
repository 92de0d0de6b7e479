"""Stepping, and editing a result: one call a stop, and exactly what depends on an edit runs again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest
from dags import Crew, Dag, Node, dags, herd_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from herd_graph.artifacts import Text, load
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.state import StepRecord, compact, records_of
from herd_graph.testing import run_virtual

DIAMOND = Dag(
    (
        Node(name="a"),
        Node(name="b", needs=("a",)),
        Node(name="c"),
        Node(name="d", needs=("b", "c")),
        Node(name="e", needs=("c",)),
    )
)


def entry(herd: Herd, plan: Plan) -> dict[str, Any]:
    """Return what the graph takes for a plan that a person wrote."""
    import json

    return {"task": {"text": "a plan", "plan": herd.store.put(json.dumps(plan.dump()).encode())}}


async def invoke(herd: Herd, given: Any, config: Any) -> Any:
    """Run the herd's graph to its end, or to the next stop."""
    return await cast("Any", herd.graph).ainvoke(given, config)


def pinned(herd: Herd, run: str, step: str, text: str) -> dict[str, Any]:
    """Return the update that sets a step's result by hand."""
    record = StepRecord(
        run=run,
        step=step,
        status="done",
        expert="a person",
        outputs={"result": Text(text).put(herd.store)},
        pinned=True,
    )
    return {"steps": {record.key: compact(record)}, "phase": "pump"}


async def texts_in(herd: Herd, values: dict[str, Any]) -> dict[str, str]:
    """Return what the steps gave, from a state of the graph."""
    texts: dict[str, str] = {}
    for step, record in records_of(values, values["run"]).items():
        given = record.outputs.get("result")
        if record.status == "done" and given is not None and not isinstance(given, list):
            texts[step] = str(load(given, herd.store))
    return texts


async def step_through(herd: Herd, config: Any, first: Any) -> list[dict[str, Any]]:
    """Run the graph and stop after every super-step of the pump; return the states."""
    states: list[dict[str, Any]] = []
    given = first
    while True:
        async for _ in herd.graph.astream(given, config, interrupt_after=["pump"]):
            pass
        state = await herd.graph.aget_state(config)
        states.append(state.values)
        given = None
        if not state.next:
            return states


@example(dag=DIAMOND)
@settings(max_examples=15)
@given(dag=dags(most=12, failing=True))
def test_each_stop_is_one_call_and_the_end_is_the_same(dag: Dag) -> None:
    crew = Crew(dag=dag)
    herd = herd_of(crew)
    config = {"configurable": {"thread_id": "t"}}

    async def walk() -> tuple[list[int], dict[str, str]]:
        states = await step_through(herd, config, entry(herd, dag.plan))
        counts = [len(records_of(each, each["run"])) for each in states]
        return counts, await texts_in(herd, states[-1])

    (counts, texts), _ = run_virtual(walk())

    assert texts == dag.texts()
    assert crew.calls == dag.calls
    # One stop for each step that was called; steps cut off come along with what cut them off.
    assert sorted({count for count in counts if count}) == sorted(counts)[: len(set(counts))]
    called = [step for step, status in dag.statuses.items() if status != "cancelled"]
    assert len(set(counts)) == len(called)


def test_one_checkpoint_for_each_call(tmp_path: Path) -> None:
    """Stepping over SQLite: twenty calls more are twenty checkpoints more."""
    rows: list[int] = []
    for count in (5, 25):
        dag = Dag(
            tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(count))
        )
        home = tmp_path / str(count)
        with herd_of(Crew(dag=dag), checkpoints="sqlite", home=home) as herd:
            run_virtual(
                step_through(herd, {"configurable": {"thread_id": "t"}}, entry(herd, dag.plan))
            )
        with sqlite3.connect(home / "herd.sqlite") as found:
            rows.extend(found.execute("SELECT count(*) FROM checkpoints").fetchone())

    assert rows[1] - rows[0] == 20


def test_a_step_that_was_skipped_is_no_stop_of_its_own() -> None:
    plan = Plan.parse(
        {
            "steps": [
                {"id": "a", "expert": "work", "inputs": {"name": {"value": "a"}}},
                {
                    "id": "b",
                    "expert": "work",
                    "inputs": {"name": {"value": "b"}},
                    "when": [{"left": {"step": "a"}, "op": "==", "right": "something else"}],
                },
            ]
        }
    )
    herd = herd_of(Crew(dag=DIAMOND))

    states, _ = run_virtual(
        step_through(herd, {"configurable": {"thread_id": "t"}}, entry(herd, plan))
    )

    records = records_of(states[0], states[0]["run"])
    assert {step: record.status for step, record in records.items()} == {
        "a": "done",
        "b": "skipped",
    }


@example(dag=DIAMOND, choice=0)
@example(dag=DIAMOND, choice=3)
@settings(max_examples=25)
@given(dag=dags(most=15), choice=st.integers(0, 100))
def test_an_edit_in_a_finished_run_runs_again_what_depends_on_it(dag: Dag, choice: int) -> None:
    edited = dag.nodes[choice % len(dag.nodes)].name
    crew = Crew(dag=dag)
    herd = herd_of(crew)
    config: Any = {"configurable": {"thread_id": "t"}}

    async def edit() -> tuple[dict[str, Any], dict[str, str]]:
        done = await invoke(herd, entry(herd, dag.plan), config)
        crew.calls.clear()
        await herd.graph.aupdate_state(
            config, pinned(herd, done["run"], edited, "by hand"), as_node="pump"
        )
        answer = await invoke(herd, None, config)
        state = await herd.graph.aget_state(config)
        return answer["answer"], await texts_in(herd, state.values)

    (answer, texts), _ = run_virtual(edit())

    assert texts == dag.texts({edited: "by hand"})
    assert crew.calls == dict.fromkeys(dag.after(edited), 1)
    sinks = [node.name for node in dag.nodes if not dag.after(node.name)]
    assert [part["text"] for part in answer["parts"]] == [texts[each] for each in sinks]


@settings(max_examples=15)
@given(dag=dags(most=10, least=2), stop=st.integers(0, 100), choice=st.integers(0, 100))
def test_an_edit_in_the_middle_runs_what_depends_on_it_and_what_is_left(
    dag: Dag, stop: int, choice: int
) -> None:
    crew = Crew(dag=dag)
    herd = herd_of(crew)
    config: Any = {"configurable": {"thread_id": "t"}}
    stop = stop % len(dag.nodes)

    async def edit() -> tuple[str, set[str], dict[str, str]]:
        given: Any = entry(herd, dag.plan)
        for _ in range(stop + 1):
            async for _part in herd.graph.astream(given, config, interrupt_after=["pump"]):
                pass
            given = None
        state = await herd.graph.aget_state(config)
        ran = sorted(records_of(state.values, state.values["run"]))
        edited = ran[choice % len(ran)]
        crew.calls.clear()
        update = pinned(herd, state.values["run"], edited, "by hand")
        await herd.graph.aupdate_state(config, update, as_node="pump")
        await invoke(herd, None, config)
        state = await herd.graph.aget_state(config)
        return edited, set(ran), await texts_in(herd, state.values)

    (edited, ran, texts), _ = run_virtual(edit())

    assert texts == dag.texts({edited: "by hand"})
    left = {node.name for node in dag.nodes} - ran
    assert crew.calls == dict.fromkeys(dag.after(edited) | left, 1)


def test_an_edit_that_changes_nothing_calls_nobody() -> None:
    crew = Crew(dag=DIAMOND)
    herd = herd_of(crew)
    config: Any = {"configurable": {"thread_id": "t"}}

    async def edit() -> None:
        done = await invoke(herd, entry(herd, DIAMOND.plan), config)
        crew.calls.clear()
        same = pinned(herd, done["run"], "a", DIAMOND.texts()["a"])
        await herd.graph.aupdate_state(config, same, as_node="pump")
        await invoke(herd, None, config)

    run_virtual(edit())

    assert not crew.calls


@pytest.mark.parametrize("step", ["a", "b", "d"])
def test_an_edit_survives_the_process(step: str, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with herd_of(Crew(dag=DIAMOND), checkpoints="sqlite", home=tmp_path, store=str(store)) as herd:
        run, _ = run_virtual(herd.arun(DIAMOND.plan))
        config: Any = {"configurable": {"thread_id": run.thread}}
        herd.graph.update_state(config, pinned(herd, run.id, step, "by hand"), as_node="pump")

    crew = Crew(dag=DIAMOND)
    with herd_of(crew, checkpoints="sqlite", home=tmp_path, store=str(store)) as later:
        run_virtual(invoke(later, None, config))
        again = later.get(run.id)

        assert crew.calls == dict.fromkeys(DIAMOND.after(step), 1)
        assert str(again.output("d")) == DIAMOND.texts({step: "by hand"})["d"]
        assert again.answer.parts[0].text == str(again.output("d"))

"""Turns of a thread, forks of a run, and a hundred runs under a changing registry."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from dags import Crew, Dag, Node, dags, herd_of, texts_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_edit import entry, pinned, texts_in

from herd_graph.errors import ExpertExists, RunOwned
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.testing import After, FakeRouter, run_virtual, scripted

CHAIN = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(5)))


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_a_second_turn_runs_its_own_steps(checkpoints: str) -> None:
    """Same ids, same plan: with one key space turn two would call nobody, or repeat turn one."""
    crew = Crew(dag=CHAIN)
    with herd_of(crew, checkpoints=checkpoints) as herd:
        first, _ = run_virtual(herd.arun(CHAIN.plan, thread="talk"))
        second, _ = run_virtual(herd.arun(CHAIN.plan, thread="talk"))

        assert first.id != second.id
        assert first.thread == second.thread == "talk"
        assert crew.calls == dict.fromkeys(CHAIN.texts(), 2)
        assert texts_of(second) == CHAIN.texts()
        assert [row.id for row in herd.runs.list(thread="talk")] == [second.id, first.id]


def test_a_second_turn_does_not_answer_with_the_first() -> None:
    crew = Crew(dag=CHAIN)
    herd = herd_of(crew)
    one = Plan.parse({"steps": [step.model_dump() for step in CHAIN.plan.steps[:2]]})

    run_virtual(herd.arun(CHAIN.plan, thread="talk"))
    second, _ = run_virtual(herd.arun(one, thread="talk"))

    assert set(second.records) == {"n0", "n1"}
    assert second.answer.text == CHAIN.texts()["n1"]


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_two_runs_on_one_thread_at_once_are_refused(checkpoints: str) -> None:
    crew = Crew(dag=CHAIN)

    async def both(herd: Herd) -> list[Any]:
        runs = (herd.arun(CHAIN.plan, thread="talk") for _ in range(2))
        return await asyncio.gather(*runs, return_exceptions=True)

    with herd_of(crew, checkpoints=checkpoints) as herd:
        outcomes, _ = run_virtual(both(herd))

        (run,) = (each for each in outcomes if not isinstance(each, Exception))
        (refusal,) = (each for each in outcomes if isinstance(each, Exception))
        assert run.status == "done"
        assert isinstance(refusal, RunOwned)
        assert {row.id: row.status for row in herd.runs.list(thread="talk")}[run.id] == "done"
        assert sorted(row.status for row in herd.runs.list(thread="talk")) == ["done", "failed"]
    assert crew.calls == dict.fromkeys(CHAIN.texts(), 1)


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
@pytest.mark.parametrize("ended", [False, True])
def test_of_two_resumes_at_once_one_is_refused(ended: bool, checkpoints: str) -> None:
    dag = Dag((*CHAIN.nodes, Node(name="broken", fails=2)))
    crew = Crew(dag=dag)

    async def story(herd: Herd) -> list[Any]:
        handle = await herd.astart(dag.plan)
        if ended:
            await handle
        else:
            await asyncio.sleep(2.5)
            handle.cancel()
            await asyncio.wait([asyncio.ensure_future(_quietly(handle))])
        crew.calls.clear()
        resumes = (herd.aresume(handle.id) for _ in range(3))
        return await asyncio.gather(*resumes, return_exceptions=True)

    with herd_of(crew, checkpoints=checkpoints) as herd:
        outcomes, _ = run_virtual(story(herd))
        statuses = [row.status for row in herd.runs.list()]

    assert sorted(type(each).__name__ for each in outcomes) == ["Run", "RunOwned", "RunOwned"]
    assert statuses == ["partial"]
    assert crew.calls["broken"] == (2 if ended else 0)
    assert max(crew.calls.values()) <= 2


async def _quietly(handle: Any) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await handle


async def fork(
    herd: Herd, checkpoint: Any, run: str, step: str, text: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Edit a step at a checkpoint, and run the branch to its end."""
    branch = await herd.graph.aupdate_state(
        checkpoint, pinned(herd, run, step, text), as_node="pump"
    )
    answer: dict[str, Any] = {}
    values: dict[str, Any] = {}
    async for values in herd.graph.astream(None, branch, stream_mode="values"):
        answer = values.get("answer") or answer
    return answer, await texts_in(herd, values)


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_two_forks_of_one_thread_never_mix(checkpoints: str) -> None:
    crew = Crew(dag=CHAIN)

    async def both(herd: Herd) -> list[Any]:
        config: Any = {"configurable": {"thread_id": "t"}}
        given: Any = entry(herd, CHAIN.plan)
        for _ in range(2):
            async for _part in herd.graph.astream(given, config, interrupt_after=["pump"]):
                pass
            given = None
        state = await herd.graph.aget_state(config)
        run = state.values["run"]
        crew.calls.clear()
        branches = (
            fork(herd, state.config, run, "n1", "left"),
            fork(herd, state.config, run, "n1", "right"),
            fork(herd, state.config, run, "n0", "root"),
        )
        return list(await asyncio.gather(*branches))

    with herd_of(crew, checkpoints=checkpoints) as herd:
        forks, _ = run_virtual(both(herd))

    for (answer, texts), (step, text) in zip(
        forks, (("n1", "left"), ("n1", "right"), ("n0", "root")), strict=True
    ):
        assert texts == CHAIN.texts({step: text})
        assert answer["parts"][0]["text"] == CHAIN.texts({step: text})["n4"]
    assert crew.calls == {"n1": 1, "n2": 3, "n3": 3, "n4": 3}


@settings(max_examples=8)
@given(dag=dags(most=7, least=2), choices=st.lists(st.integers(0, 100), min_size=3, max_size=3))
def test_forks_at_every_checkpoint_give_what_their_edit_gives(dag: Dag, choices: list[int]) -> None:
    """Every checkpoint with records is forked, all forks run at once on one thread."""
    crew = Crew(dag=dag)
    herd = herd_of(crew)

    async def all_forks() -> list[tuple[str, dict[str, str]]]:
        config: Any = {"configurable": {"thread_id": "t"}}
        given: Any = entry(herd, dag.plan)
        points: list[tuple[Any, str, str]] = []
        while True:
            async for _part in herd.graph.astream(given, config, interrupt_after=["pump"]):
                pass
            given = None
            state = await herd.graph.aget_state(config)
            done = sorted(await texts_in(herd, state.values))
            edited = done[choices[len(points) % len(choices)] % len(done)]
            points.append((state.config, state.values["run"], edited))
            if not state.next:
                break
        branches = await asyncio.gather(
            *(
                fork(herd, checkpoint, run, edited, f"edit {number}")
                for number, (checkpoint, run, edited) in enumerate(points)
            )
        )
        return [(point[2], texts) for point, (_, texts) in zip(points, branches, strict=True)]

    found, _ = run_virtual(all_forks())

    assert [texts for _, texts in found] == [
        dag.texts({edited: f"edit {number}"}) for number, (edited, _) in enumerate(found)
    ]


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_a_hundred_runs_keep_the_experts_that_they_began_with(checkpoints: Any) -> None:
    """Upgraded, added to and removed from while they run; each run is of one version alone."""
    plan = Plan.parse(
        {
            "steps": [
                {"id": "a", "expert": "say", "inputs": {"text": {"value": "x"}}},
                {"id": "b", "expert": "say", "inputs": {"text": {"step": "a"}}},
                {"id": "c", "expert": "say", "inputs": {"text": {"step": "b"}}},
            ]
        }
    )

    def version(number: int) -> Any:
        return scripted("say", script=[After(1.0, f"v{number}")], repeat=True, version=str(number))

    async def stormy() -> list[Any]:
        herd = Herd(version(1), checkpoints=checkpoints, router=FakeRouter(Plan()))
        runs: list[Any] = []
        for number in range(100):
            runs.append(await herd.astart(plan))
            await asyncio.sleep(0.1)
            if number % 10 == 5:
                herd.add(version(number))
            if number % 10 == 8:
                await herd.aremove("say@1" if number == 8 else f"say@{number - 13}")
                herd.add(scripted(f"other_{number}", script=["unused"]))
        ended = [await run for run in runs]
        with pytest.raises(ExpertExists):
            herd.add(version(95))
        await herd.aclose()
        return ended

    runs, _ = run_virtual(stormy())

    assert [run.status for run in runs] == ["done"] * 100
    for number, run in enumerate(runs):
        newest = (number - 6) // 10 * 10 + 5 if number >= 6 else 1
        assert {record.expert for record in run.records.values()} == {f"say@{newest}"}
        assert {str(part.text) for part in run.answer.parts} == {f"v{newest}"}

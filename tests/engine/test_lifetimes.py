"""Whoever stops listening, and whatever breaks: nothing is left running, and nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, cast

import pytest
from dags import NOTHING, Crew, Dag, Node, herd_of, statuses_of, texts_of
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from test_edit import entry

from herd_graph import Text, expert
from herd_graph.graph import build
from herd_graph.herd import Herd
from herd_graph.plans import Plan, Step, Value
from herd_graph.runs import Run
from herd_graph.saver import HerdSaver, serializer
from herd_graph.testing import FakeRouter, ScriptedExpert, run_virtual
from herd_graph.types import StepId

WORK = Dag(
    (
        Node(name="quick", seconds=1),
        Node(name="slow", seconds=100),
        Node(name="next", needs=("quick",), seconds=100),
        Node(name="last", needs=("slow", "next"), seconds=1),
    )
)


def expert_of(herd: Herd) -> ScriptedExpert:
    """Return the herd's scripted expert."""
    (expert,) = herd.registry
    assert isinstance(expert, ScriptedExpert)
    return expert


async def until_quick(herd: Herd, config: Any) -> Any:
    """Return a stream of the graph that has come to its first record, with two calls in flight."""
    parts = herd.graph.astream(entry(herd, WORK.plan), config, stream_mode="updates")
    async for part in parts:
        if "steps" in part.get("pump", {}):
            await asyncio.sleep(1)  # the next pump is not entered before it is asked for
            return parts
    raise AssertionError


CONFIG: Any = {"configurable": {"thread_id": "t"}}


@pytest.mark.parametrize("how", ["aclose", "delete"])
def test_a_caller_who_stops_listening_stops_the_calls(how: str) -> None:
    crew = Crew(dag=WORK)
    herd = herd_of(crew)

    async def leave() -> None:
        parts = await until_quick(herd, CONFIG)
        if how == "aclose":
            await parts.aclose()
        else:
            del parts
            gc.collect()
            await asyncio.sleep(0.5)

    _, seconds = run_virtual(leave())

    assert seconds < 100
    assert expert_of(herd).running == 0
    assert not herd.engine.flights


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_a_cancelled_run_goes_on_where_it_was(checkpoints: str) -> None:
    crew = Crew(dag=WORK)

    async def story(herd: Herd) -> Run:
        handle = await herd.astart(WORK.plan)
        await asyncio.sleep(5)
        handle.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handle
        assert expert_of(herd).running == 0
        assert herd.runs.get(handle.id).status == "interrupted"
        return await herd.aresume(handle.id)

    with herd_of(crew, checkpoints=checkpoints) as herd:
        run, seconds = run_virtual(story(herd))

        assert texts_of(run) == WORK.texts()
        assert crew.calls == {"quick": 1, "slow": 2, "next": 2, "last": 1}
        assert expert_of(herd).cancelled == 2
        assert seconds == 5 + 101
        assert run.seconds == pytest.approx(106)


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_cancelled_at_any_moment_it_can_be_resumed(checkpoints: str) -> None:
    """After any number of turns of the event loop: no lease, flight or call is left behind."""
    crew = Crew(dag=WORK)

    async def story(herd: Herd, turns: int) -> Run:
        handle = await herd.astart(WORK.plan)
        for _ in range(turns):
            await asyncio.sleep(0)
        handle.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handle
        assert expert_of(herd).running == 0
        assert not herd.engine.flights
        return await herd.aresume(handle.id)

    for turns in [*range(12), *range(12, 120, 7)]:
        with herd_of(crew, checkpoints=checkpoints) as herd:
            run, _ = run_virtual(story(herd, turns))

            assert run.status == "done"
            assert texts_of(run) == WORK.texts()


def test_leaving_the_loop_over_events_stops_the_run() -> None:
    herd = herd_of(Crew(dag=WORK))

    async def leave() -> None:
        events: Any = herd.astream(WORK.plan)
        async for event in events:
            if event.kind == "finished":
                break
        await events.aclose()

    _, seconds = run_virtual(leave())

    assert seconds == 1
    assert expert_of(herd).running == 0
    assert herd.get("last").status == "interrupted"


def test_cancelling_the_awaiting_task_stops_the_run() -> None:
    herd = herd_of(Crew(dag=WORK))

    async def leave() -> None:
        async with asyncio.timeout(7):
            await herd.arun(WORK.plan)

    with pytest.raises(TimeoutError):
        run_virtual(leave())

    assert expert_of(herd).running == 0
    assert expert_of(herd).cancelled == 2
    assert not herd.engine.flights


class Failing(InMemorySaver):
    """A checkpointer whose disk is full from its ``after``-th checkpoint on."""

    def __init__(self, after: int) -> None:
        cast("Any", super()).__init__(serde=serializer())
        self.left = after

    async def aput(self, *args: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")
        return await super().aput(*args)


@pytest.mark.parametrize("after", range(8))
def test_a_checkpointer_that_fails_stops_the_run(after: int) -> None:
    dag = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(30)))
    wide = Dag((*dag.nodes, *(Node(name=f"w{i}", seconds=50) for i in range(5))))
    crew = Crew(dag=wide)
    herd = herd_of(crew)
    herd._graph = build(herd.engine, Failing(after))

    with pytest.raises(OSError, match="No space left"):
        run_virtual(herd.arun(wide.plan))

    assert expert_of(herd).running == 0
    assert sum(crew.calls[f"n{i}"] for i in range(30)) <= max(0, after - 2)
    assert not herd.engine.flights
    assert herd.runs.list()[0].status == "interrupted"
    assert "No space left" in herd.get("last").answer.reason


class FullDisk(HerdSaver):
    """The herd's own checkpointer, out of space for a while."""

    full = False

    def put(self, *args: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.full:
            raise OSError(28, "No space left on device")
        return super().put(*args)


def test_after_the_disk_is_free_again_the_run_goes_on() -> None:
    crew = Crew(dag=WORK)

    async def story(herd: Herd, saver: FullDisk) -> Run:
        handle = await herd.astart(WORK.plan)
        await asyncio.sleep(5)
        saver.full = True
        with pytest.raises(OSError, match="No space left"):
            await handle
        assert expert_of(herd).running == 0
        saver.full = False
        return await herd.aresume(handle.id)

    with herd_of(crew, checkpoints="sqlite") as herd:
        assert herd.engine.leases is not None
        saver = FullDisk(herd._database, herd.runs, herd.engine.leases)
        herd._graph = build(herd.engine, saver)
        run, _ = run_virtual(story(herd, saver))

        assert texts_of(run) == WORK.texts()
        assert run.status == "done"
        assert crew.calls["quick"] == 1


def test_nobody_is_called_before_what_came_before_is_written() -> None:
    """A run goes on while its checkpoints are being written, and waits for them before it calls."""
    crew = Crew(dag=WORK)

    with herd_of(crew, checkpoints="sqlite") as herd:
        assert herd.engine.leases is not None
        saver = FullDisk(herd._database, herd.runs, herd.engine.leases)
        saver.full = True
        herd._graph = build(herd.engine, saver)

        with pytest.raises(OSError, match="No space left"):
            run_virtual(herd.arun(WORK.plan))

        assert not any(crew.calls.values())
        assert not herd.engine.flights
        run = herd.get("last")
        assert run.status == "interrupted"
        saver.full = False
        resumed, _ = run_virtual(herd.aresume(run.id))
        assert texts_of(resumed) == WORK.texts()


def test_a_listener_that_raises_does_not_break_the_run() -> None:
    herd = herd_of(Crew(dag=WORK))

    def deaf(_: object) -> None:
        raise RuntimeError("not listening")

    run, _ = run_virtual(herd.arun(WORK.plan, on_event=deaf))

    assert run.status == "done"
    assert statuses_of(run) == dict.fromkeys(WORK.texts(), "done")


def test_the_sync_stream_can_be_left_too() -> None:
    dag = Dag((Node(name="quick", seconds=0), Node(name="slow", seconds=3600)))
    herd = herd_of(Crew(dag=dag))
    parts: Any = herd.graph.stream(entry(herd, dag.plan), CONFIG, stream_mode="updates")

    for part in parts:
        if "steps" in part.get("pump", {}):
            break
    started = time.monotonic()
    parts.close()

    assert time.monotonic() - started < 30
    assert expert_of(herd).running == 0
    assert not herd.engine.flights


LONG = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(40)))


@pytest.mark.parametrize("how", ["direct", "config", "lcel", "abatch", "nested"])
def test_forty_steps_run_where_others_allow_twenty_five(how: str) -> None:
    herd = herd_of(Crew(dag=LONG))
    graph: Any = herd.compile()
    given = entry(herd, LONG.plan)

    async def ask() -> Any:
        if how == "direct":
            return await graph.ainvoke(given)
        if how == "config":
            return await graph.ainvoke(given, {"recursion_limit": 25})
        if how == "lcel":
            return await (RunnableLambda(lambda text: given) | graph).ainvoke("go")
        if how == "abatch":
            return (await graph.abatch([given, given]))[1]

        async def inside(_: Any) -> Any:
            return await graph.ainvoke(given)

        return await RunnableLambda(inside).ainvoke("go", {"recursion_limit": 25})

    result, _ = run_virtual(ask())

    assert result["answer"]["parts"][0]["text"] == LONG.texts()["n39"]


HANGING = """
    import sys, time
    from herd_graph import Budget, Herd, Plan, expert
    from herd_graph.testing import FakeRouter

    @expert(timeout_s=float(sys.argv[2]))
    def hang(text: str) -> str:
        '''Never come back.'''
        time.sleep(3600)
        return text

    @expert
    def say(text: str) -> str:
        '''Say it.'''
        return text

    plan = Plan.parse({"steps": [
        {"id": "a", "expert": "hang", "inputs": {"text": {"value": "x"}}},
        {"id": "b", "expert": "say", "inputs": {"text": {"value": "fine"}}}]})
    herd = Herd(hang, say, home=sys.argv[1], router=FakeRouter(Plan()))
    run = herd.run(plan, budget=Budget(seconds=float(sys.argv[3])))
    print(run.status, run.records["a"].status, run.output("b"), len(run.warnings), flush=True)
"""


@pytest.mark.parametrize(
    ("timeout", "seconds", "expected"),
    [("0.2", "100", "partial failed fine 1"), ("100", "4", "partial refused fine 1")],
)
def test_a_hanging_expert_hangs_neither_run_nor_exit(
    timeout: str, seconds: str, expected: str, tmp_path: Path
) -> None:
    script = tmp_path / "hanging.py"
    script.write_text(textwrap.dedent(HANGING))

    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), timeout, seconds],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    # A second attempt of the first case leaves a second thread behind; one warning names both.
    assert done.stdout.strip().startswith(expected[:-1])
    assert int(done.stdout.split()[-1]) >= 1


def test_no_router_is_asked_for_a_plan_by_hand() -> None:
    router = FakeRouter(NOTHING)
    herd = herd_of(Crew(dag=LONG), router=router)

    run_virtual(herd.arun(LONG.plan))

    assert router.tasks == []


@expert
async def shorten(text: Text) -> Text:
    """Shorten a text."""
    return Text(text.text[:10])


@pytest.mark.parametrize("how", ["arun", "astart"])
def test_a_run_that_ended_leaves_nothing_for_the_collector(how: str) -> None:
    """Under load such leftovers stop a server for a fifth of a second each time they are found."""

    async def runs(herd: Herd, plan: Plan) -> None:
        for _ in range(5):
            await (herd.arun(plan) if how == "arun" else await herd.astart(plan))

    async def story() -> list[str]:
        step = Step(id=StepId("one"), expert="shorten", inputs={"text": Value(value="a" * 20)})
        plan = Plan(steps=(step,))
        async with Herd(shorten, checkpoints="memory") as herd:
            await runs(herd, plan)  # what is loaded and kept for good is
            gc.collect()
            gc.disable()
            try:
                await runs(herd, plan)
                gc.set_debug(gc.DEBUG_SAVEALL)
                gc.collect()
                found = [type(each) for each in cast("list[object]", gc.garbage)]
                return [each.__name__ for each in found if each.__module__.startswith("herd_graph")]
            finally:
                gc.set_debug(0)
                gc.garbage.clear()
                gc.enable()

    left, _ = run_virtual(story())

    assert left == []

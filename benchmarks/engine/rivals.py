"""The same work on plain LangGraph: a graph with an edge for each dependency, and bare loops."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from typing_extensions import TypedDict


def _merge(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return {**left, **right}


class Results(TypedDict, total=False):
    """What each node gave, by node."""

    done: Annotated[dict[str, Any], _merge]


class Count(TypedDict, total=False):
    """How far a loop is."""

    count: int


def edges(needs: Mapping[str, Sequence[str]], seconds: Mapping[str, float]) -> Any:
    """Return the DAG as an ordinary ``StateGraph``: a node for each step, an edge for each need."""
    from langgraph.graph import END, START, StateGraph

    builder: Any = StateGraph(Results)

    def node(name: str) -> Any:
        async def work(_: Any) -> dict[str, Any]:
            await asyncio.sleep(seconds[name])
            return {"done": {name: name}}

        return work

    for name in needs:
        builder.add_node(name, node(name))
    for name, before in needs.items():
        if before:
            builder.add_edge(list(before), name)
        else:
            builder.add_edge(START, name)
    needed = {each for before in needs.values() for each in before}
    builder.add_edge([name for name in needs if name not in needed], END)
    return builder.compile()


def loop(steps: int, saver: Any = None) -> Any:
    """Return a graph of one node that loops: what LangGraph itself takes for a super-step."""
    from langgraph.graph import END, START, StateGraph

    builder: Any = StateGraph(Count)

    async def count(state: Any) -> dict[str, int]:
        return {"count": state.get("count", 0) + 1}

    async def onward(state: Any) -> str:
        return "count" if state["count"] < steps else END

    builder.add_node("count", count)
    builder.add_edge(START, "count")
    builder.add_conditional_edges("count", onward, ["count", END])
    return builder.compile(checkpointer=saver)


async def run_loop(steps: int, *, saved: str, folder: Path) -> None:
    """Run the loop with no checkpoints, in memory, or over SQLite with ``durability="sync"``."""
    config: Any = {"recursion_limit": steps + 10, "configurable": {"thread_id": "t"}}
    if saved == "memory":
        from langgraph.checkpoint.memory import InMemorySaver

        await loop(steps, InMemorySaver()).ainvoke({"count": 0}, config, durability="sync")
    elif saved == "sqlite":
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything is measured
        async with AsyncSqliteSaver.from_conn_string(str(folder / "loop.sqlite")) as saver:
            await loop(steps, saver).ainvoke({"count": 0}, config, durability="sync")
    else:
        await loop(steps).ainvoke({"count": 0}, config)


async def bare_pump(needs: Mapping[str, Sequence[str]]) -> None:
    """Run a DAG of no-ops with a ready set and a dict: what scheduling alone takes."""
    waiting = {name: len(before) for name, before in needs.items()}
    after: dict[str, list[str]] = {name: [] for name in needs}
    for name, before in needs.items():
        for each in before:
            after[each].append(name)
    done: dict[str, str] = {}

    async def work(name: str) -> str:
        return name

    flying = {asyncio.create_task(work(n), name=n) for n, count in waiting.items() if not count}
    while flying:
        landed, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
        for task in landed:
            done[task.get_name()] = task.result()
            for name in after[task.get_name()]:
                waiting[name] -= 1
                if not waiting[name]:
                    flying.add(asyncio.create_task(work(name), name=name))
    assert len(done) == len(needs)

"""What eagerness buys: DAGs of calls that take real time, on HERD and on LangGraph's edges."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.engine.measuring import Row, take_turns
from benchmarks.engine.rivals import edges
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.testing import FakeRouter

Needs = Mapping[str, Sequence[str]]


@expert
async def work(seconds: float, parts: list[str] = []) -> str:  # noqa: B006 - never changed
    """Take the given time."""
    await asyncio.sleep(seconds)
    return str(len(parts))


def plan_of(needs: Needs, seconds: Mapping[str, float]) -> Plan:
    """Return the plan of a DAG."""
    steps: list[dict[str, Any]] = []
    for name, before in needs.items():
        inputs: dict[str, Any] = {"seconds": {"value": seconds[name]}}
        if before:
            inputs["parts"] = {"all": [{"step": each} for each in before]}
        steps.append({"id": name, "expert": "work", "inputs": inputs})
    return Plan.parse({"steps": steps})


def critical_path(needs: Needs, seconds: Mapping[str, float]) -> float:
    """Return the seconds of the longest chain; the steps come in the order of their needs."""
    ends: dict[str, float] = {}
    for name, before in needs.items():
        ends[name] = max((ends[each] for each in before), default=0.0) + seconds[name]
    return max(ends.values())


def _contest(needs: Needs, seconds: Mapping[str, float], folder: str) -> dict[str, Any]:
    plan, graph = plan_of(needs, seconds), edges(needs, seconds)
    memory = Herd(work, checkpoints="memory", router=FakeRouter(plan), home=Path(folder) / "m")
    disk = Herd(work, router=FakeRouter(plan), home=Path(folder) / "s")

    def run(herd: Herd) -> float:
        began = time.perf_counter()
        assert herd.run(plan).status == "done"
        return time.perf_counter() - began

    def langgraph() -> float:
        began = time.perf_counter()
        asyncio.run(graph.ainvoke({"done": {}}, {"recursion_limit": 1000}))
        return time.perf_counter() - began

    return {
        "LangGraph, edges": langgraph,
        "HERD, memory": lambda: run(memory),
        "HERD, SQLite": lambda: run(disk),
    }


def two_chains(*, quick: bool) -> list[Row]:
    """A(0.1) → B(1) beside C(1) → D(0.1): 1.1 s where nobody waits for the wrong one."""
    needs: Needs = {"a": (), "b": ("a",), "c": (), "d": ("c",)}
    seconds = {"a": 0.1, "b": 1.0, "c": 1.0, "d": 0.1}
    with tempfile.TemporaryDirectory() as folder:
        rows = take_turns(
            _contest(needs, seconds, folder),
            repeat=2 if quick else 5,
            name="two chains, 1.1 s",
            unit="s",
        )
    for row in rows:
        row.beside, row.cpu = critical_path(needs, seconds), []
    return rows


def random_dag(count: int, seed: int) -> tuple[Needs, dict[str, float]]:
    """Return a DAG of steps of 0.05 to 0.15 s, each after up to two of the last few."""
    chance = random.Random(seed)
    needs: dict[str, tuple[str, ...]] = {}
    seconds: dict[str, float] = {}
    for index in range(count):
        near = range(max(0, index - 8), index)
        chosen = chance.sample(near, min(len(near), chance.choice((0, 1, 1, 2))))
        needs[f"n{index}"] = tuple(f"n{each}" for each in sorted(chosen))
        seconds[f"n{index}"] = chance.uniform(0.05, 0.15)
    return needs, seconds


def random_dags(*, quick: bool) -> list[Row]:
    """Random DAGs of 4 to 50 steps of about 0.1 s, as multiples of the critical path."""
    rows: list[Row] = []
    for count in (6, 25) if quick else (4, 6, 12, 25, 50):
        joint: list[Row] = []
        for seed in range(3 if quick else 6):
            needs, seconds = random_dag(count, seed)
            with tempfile.TemporaryDirectory() as folder:
                found = take_turns(
                    _contest(needs, seconds, folder),
                    repeat=1,
                    name=f"{count} steps of 0.1 s",
                    unit="× critical path",
                    per=critical_path(needs, seconds),
                    digits=3,
                )
            if joint:
                for old, new in zip(joint, found, strict=True):
                    old.values += new.values
            else:
                joint = found
        for row in joint:
            row.cpu = []
            row.goal = 1.05 if row.who.startswith("HERD") else None
        rows += joint
    return rows

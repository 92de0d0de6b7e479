"""What the engine costs: calls that take no time, with everything on."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.engine.measuring import Row, take_turns
from benchmarks.engine.rivals import bare_pump, run_loop
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.testing import FakeRouter

IN_MEMORY_MS, SQLITE_MS = 1.0, 4.0
"""What a call may cost on an idle machine."""


@expert
async def nothing(text: str, number: int) -> str:
    """Give back what was given."""
    return f"{text[:20]} {number}"


def _plan(needs: Mapping[str, Sequence[str]]) -> Plan:
    steps: list[dict[str, Any]] = []
    for index, (name, before) in enumerate(needs.items()):
        text = {"step": before[0]} if before else {"value": "begin"}
        inputs = {"text": text, "number": {"value": index}}
        steps.append({"id": name, "expert": "nothing", "inputs": inputs})
    return Plan.parse({"steps": steps})


def _overhead(
    name: str, needs: Mapping[str, Sequence[str]], *, repeat: int, batched: bool
) -> list[Row]:
    plan, count = _plan(needs), len(needs)
    with tempfile.TemporaryDirectory() as folder:
        fresh = (Path(folder) / str(number) for number in itertools.count())
        memory = Herd(nothing, checkpoints="memory", router=FakeRouter(plan), home=next(fresh))
        disk = Herd(nothing, router=FakeRouter(plan), home=next(fresh))

        def herd(which: Herd) -> Callable[[], None]:
            def go() -> None:
                assert which.run(plan).status == "done"

            return go

        contestants: dict[str, Callable[[], float | None]] = {
            "bare pump": lambda: asyncio.run(bare_pump(needs)),
        }
        if not batched:  # a loop of LangGraph's has one super-step for each call
            contestants |= {
                f"LangGraph loop, {saved}": lambda saved=saved: asyncio.run(
                    run_loop(count, saved=saved, folder=next(fresh))
                )
                for saved in ("none", "memory", "sqlite")
            }
        contestants |= {"HERD, memory": herd(memory), "HERD, SQLite": herd(disk)}
        rows = take_turns(
            contestants, repeat=repeat, name=name, unit="ms/call", per=count / 1000, digits=3
        )
        memory.close()
        disk.close()
    rows[-2].goal, rows[-1].goal = IN_MEMORY_MS, SQLITE_MS
    return rows


def chain(*, quick: bool) -> list[Row]:
    """One call after the other: a super-step, a commit and a checkpoint for each."""
    count = 200 if quick else 1000
    needs = {f"n{i}": (f"n{i - 1}",) if i else () for i in range(count)}
    return _overhead(f"chain of {count}", needs, repeat=3 if quick else 7, batched=False)


def wide(*, quick: bool) -> list[Row]:
    """All calls at once: what is done is committed in batches."""
    count = 200 if quick else 1000
    needs: dict[str, Sequence[str]] = {f"n{i}": () for i in range(count)}
    return _overhead(f"{count} at once", needs, repeat=3 if quick else 7, batched=True)


def start(*, quick: bool) -> list[Row]:
    """One call alone: what a run costs besides its calls."""
    rows = _overhead("one call", {"n0": ()}, repeat=5 if quick else 25, batched=True)
    for row in rows:
        row.goal, row.unit = None, "ms"
    return rows

"""What recording and replaying cost: python -m benchmarks.debug [REPEATS].

CPU seconds of this process, so that a busy machine does not change them much; wall time beside.
Replay: a recording of 50 steps, beyond start-up. Recording: a run whose experts take 20 ms each.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from herd_graph import Herd, Text, expert
from herd_graph.plans import Plan
from herd_graph.testing import no_network

STEPS = 50
EXPERT_S = 0.02
REPEATS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
calls: Counter[str] = Counter()


@expert
async def work(text: Text) -> Text:
    """Add a letter to a text, after 20 ms."""
    calls["work"] += 1
    await asyncio.sleep(EXPERT_S)
    return Text(f"{text}x")


def chain(steps: int) -> Plan:
    """Return a plan of steps that each need the one before."""
    made: list[dict[str, Any]] = []
    for number in range(steps):
        source = {"step": f"s{number - 1}"} if number else {"value": "a"}
        made.append({"id": f"s{number}", "expert": "work", "inputs": {"text": source}})
    return Plan.parse({"steps": made})


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU and wall seconds of something."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - cpu, time.perf_counter() - wall


def row(name: str, times: list[tuple[float, float]]) -> str:
    """Return a line: the median and the range."""
    cells: list[str] = []
    for column in zip(*times, strict=True):
        ms = [1000 * each for each in column]
        cells.append(f"{statistics.median(ms):8.1f} ({min(ms):.1f} … {max(ms):.1f})")
    return f"{name:<26}{cells[0]:>32}{cells[1]:>32}"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, no_network():
        home, file = Path(folder), Path(folder) / "run.herdrun"
        herd = Herd(work, home=home)
        plan = chain(STEPS)
        run = herd.run(plan)
        run.save(file)
        herd.replay(file)  # once, so that everything is loaded
        calls.clear()
        replays = [timed(lambda: herd.replay(file)) for _ in range(REPEATS)]
        again = herd.replay(file)
        assert str(again.answer) == str(run.answer)
        assert not calls
        plain: list[tuple[float, float]] = []
        recorded: list[tuple[float, float]] = []
        for _ in range(REPEATS):  # in turn: what the machine does besides hits both alike
            plain.append(timed(lambda: herd.run(plan)))
            recorded.append(timed(lambda: herd.run(plan, record=file)))
        herd.close()
    print(f"{STEPS} steps, {REPEATS} times; milliseconds, median (least … most)")
    print(f"{'':<26}{'CPU':>32}{'wall':>32}")
    print(row("replay", replays))
    print(row("run", plain))
    print(row("run, recorded", recorded))
    # Held against what the run takes on an idle machine: here others may have the processor.
    extra = [
        100 * (after[0] - before[0]) / (STEPS * EXPERT_S + before[0])
        for before, after in zip(plain, recorded, strict=True)
    ]
    told = f"({min(extra):+.1f} … {max(extra):+.1f})"
    print(f"recording: {statistics.median(extra):+.1f} % {told} of the run's own time, as CPU")


if __name__ == "__main__":
    main()

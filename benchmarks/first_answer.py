"""How long the first answer takes, and what a herd adds to its models once it is warm.

Run it: ``make bench-first`` or ``python -m benchmarks.first_answer [--times 5] [--json FILE]``. Four
questions over the sample files:

- *new*: ``herd run`` in a fresh process with an empty ``HERD_HOME``, from exec to exit. It also reads
  every card, which is kept.
- *cold*: the same with a home that has been used. **At most 6 s.**
- *warm*: one more answer of a herd that has answered before: from ``herd.run`` to its return.
- *added*: what of that is not the experts' own work, counted along the longest chain of steps.
  **At most 0.3 s.**

Each figure is the best of several: what is measured is the work, not what else the machine does.
Processor seconds stand beside, because they hardly depend on that.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.runs import Run

SAMPLES = Path(__file__).parents[1] / "graphs" / "samples"
COLD_S, ADDED_S = 6.0, 0.3
# Compiled modules are kept, as they are for whoever installed the package.
CHILD = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
COMPOUND = (
    "What is said in the voice note, and who is mentioned? Read the receipt and add up the prices. "
    "What does the letter say in English?"
)
QUESTIONS = {
    "voice note": ("What is said in the voice note?", ("voice_note.ogg",)),
    "sum": ("What is 12% of 80?", ()),
    "letter": ("Translate the letter into English", ("letter.txt",)),
    "compound": (COMPOUND, ("voice_note.ogg", "receipt.png", "letter.txt")),
}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one question took, in seconds: the best of several."""

    question: str
    new: float
    new_cpu: float
    cold: float
    cold_cpu: float
    warm: float
    added: float

    @property
    def holds(self) -> bool:
        return self.cold <= COLD_S and self.added <= ADDED_S


def asked(question: str, files: tuple[str, ...], home: str) -> tuple[float, float]:
    """Ask in a process of its own; return its wall and processor seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "herd_graph.cli", "run", question, *files, "--quiet"],
        cwd=SAMPLES,
        env={**CHILD, "HERD_HOME": home},
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{question!r} was not answered:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def warm(herd: Herd, question: str, files: tuple[str, ...]) -> tuple[float, float]:
    """Ask a herd that has answered before; return the seconds, and those that it added."""
    began = time.perf_counter()
    run = herd.run(question, *(SAMPLES / each for each in files))
    taken = time.perf_counter() - began
    return taken, taken - longest_chain(run)


def longest_chain(run: Run) -> float:
    """Return the seconds of expert work on the longest chain of steps."""
    ends: dict[str, float] = {}

    def end(step: str) -> float:
        if step not in ends:
            record, needs = run.records.get(run.plan.step(step).id), run.plan.step(step).needs
            own = 0.0 if record is None else record.seconds
            ends[step] = own + max((end(each) for each in needs), default=0.0)
        return ends[step]

    return max((end(each.id) for each in run.plan.steps), default=0.0)


def measure(name: str, herd: Herd, times: int) -> Taken:
    """Measure one question."""
    question, files = QUESTIONS[name]
    with tempfile.TemporaryDirectory() as home:
        new = asked(question, files, home)
        cold = [asked(question, files, home) for _ in range(times)]
    warm(herd, question, files)  # loads the models
    again = [warm(herd, question, files) for _ in range(times)]
    return Taken(
        question=name,
        new=new[0],
        new_cpu=new[1],
        cold=min(each[0] for each in cold),
        cold_cpu=min(each[1] for each in cold),
        warm=min(each[0] for each in again),
        added=min(each[1] for each in again),
    )


def _shown(each: Taken) -> str:
    return (
        f"{each.question:<12}{each.new:>7.2f} ({each.new_cpu:.2f}){each.cold:>9.2f} "
        f"({each.cold_cpu:.2f}){each.warm:>9.2f}{each.added:>9.3f}"
    )


def main() -> int:
    """Measure, print a table, and say by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=3, help="how often each is measured")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    chosen = parser.parse_args()
    from herd_graph import Herd
    from herd_graph.config import Config

    print(f"{'seconds':<12}{'new (cpu)':>14}{'cold (cpu)':>16}{'warm':>9}{'added':>9}")
    found: list[Taken] = []
    with (
        tempfile.TemporaryDirectory() as home,
        Herd.default(config=Config(home=Path(home))) as herd,
    ):
        for name in QUESTIONS:
            found.append(measure(name, herd, chosen.times))
            print(_shown(found[-1]), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")
    late = [each.question for each in found if not each.holds]
    print(f"limits: cold {COLD_S:g} s, added {ADDED_S:g} s: {late or 'kept'}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())

"""What an answer takes: experts called, models loaded, CPU seconds, peak memory.

Three ways, each in a process of its own: *routed*, as HERD answers; *dense*, where every expert that
takes the file is called, as a mixture of experts without a gate would; and *loaded*, routed with every
model in memory before the first request. Walls are left out: they say how busy the machine is.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from herd_graph import Herd
from herd_graph.artifacts import attach
from herd_graph.calling import Live
from herd_graph.cards import ExpertCard
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.store import open_store
from herd_graph.types import Kind, StepId

WAYS = ("routed", "dense", "loaded")
REQUESTS: Sequence[tuple[str, str]] = (
    ("what is said in this recording?", "voicemail.wav"),
    ("translate the letter into English", "carta.txt"),
    ("read the text in the picture", "poster.png"),
    ("summarise the article", "article.txt"),
    ("what is the total revenue?", "sales.csv"),
    ("how many stop signs are there in the picture?", "street.png"),
    ("transcribe the voicemail and translate it into Portuguese", "voicemail.wav"),
    ("is the review positive or negative?", "review.txt"),
)
"""Written for this; none is from the compound set."""
_FILES = Path(__file__).parents[1] / "compound" / "files.py"


def spent() -> float:
    """Return the CPU seconds of this process and of those that it has waited for."""
    both = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def peak() -> float:
    """Return the most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def whole(cards: Sequence[ExpertCard], kind: Kind, request: str) -> Plan:
    """Return the plan that calls every expert that takes such a file and needs nothing else."""
    steps: list[Step] = []
    for card in cards:
        inputs: dict[str, Binding] = {}
        for port in card.inputs:
            if not port.required:
                continue
            if port.choices:
                inputs[port.name] = Value(value=port.choices[0])
            elif kind in port.kinds and FromInput(input="a1") not in inputs.values():
                inputs[port.name] = FromInput(input="a1")
            elif Kind.TEXT in port.kinds or port.scalar == "string":
                inputs[port.name] = Value(value=request)
            else:
                inputs = {}
                break
        if FromInput(input="a1") in inputs.values() and not card.approve:
            steps.append(Step(id=StepId(card.name), expert=card.id, inputs=inputs))
    asks = tuple(Ask(ask=each.id, source=FromStep(step=each.id)) for each in steps)
    return Plan(steps=tuple(steps), answers=asks)


def one(way: str, files: Path, home: Path) -> dict[str, Any]:
    """Answer the requests one way, in this process, and return what it took."""
    store = open_store(home / "artifacts")
    caller = Live(store)
    herd = Herd.default(home=home, store=store, checkpoints="memory", caller=caller)
    cards = list(herd.registry.snapshot().latest)
    loading = 0.0
    if way == "loaded":
        import asyncio

        before = spent()
        asyncio.run(_load(herd, caller))
        loading = spent() - before
    answers: list[dict[str, Any]] = []
    for request, name in REQUESTS:
        before, began = spent(), time.perf_counter()
        given = attach(files / name)
        what = whole(cards, given.kind, request) if way == "dense" else request
        run = herd.run(what, files / name)
        answers.append(
            {
                "request": request,
                "status": run.status,
                "calls": sum(len(each.attempts) for each in run.records.values()),
                "cpu": round(spent() - before, 2),
                "wall": round(time.perf_counter() - began, 2),
            }
        )
    loaded = caller.residency.loaded()
    return {
        "way": way,
        "loaded": len(loaded),
        "of": sum(card.loads for card in cards),
        "loading": round(loading, 1),
        "cpu": round(sum(each["cpu"] for each in answers), 1),
        "calls": sum(each["calls"] for each in answers),
        "peak": round(peak()),
        "done": sum(each["status"] == "done" for each in answers),
        "answers": answers,
    }


async def _load(herd: Herd, caller: Live) -> None:
    snapshot = herd.registry.snapshot()
    for card in snapshot.latest:
        try:
            async with caller.residency.use(snapshot.find(card.id)):
                pass
        except Exception as error:  # a model that is not installed here
            print(f"{card.id} was not loaded: {error}", file=sys.stderr)


def run(say: Callable[[str], None], *, folder: Path) -> dict[str, Any]:
    """Measure each way in a new process."""
    files = folder / "files"
    if not files.exists():
        subprocess.run([sys.executable, str(_FILES), str(files)], check=True, capture_output=True)
    told: dict[str, Any] = {}
    for way in WAYS:
        words = [sys.executable, "-m", __spec__.name if __spec__ else __name__, way, str(files)]
        home = folder / f"home-{way}"
        done = subprocess.run([*words, str(home)], check=True, capture_output=True, text=True)
        found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
        told[way] = dict(found)
        each = cast("list[dict[str, Any]]", found["answers"])
        say(
            f"{way:8}{found['done']} of {len(each)} answered, {found['calls']:3} calls, "
            f"{found['loaded']:2} models of {found['of']} loaded, {found['cpu']:6.1f} CPU s + "
            f"{found['loading']:.1f} s of loading before, peak {found['peak']} MiB"
        )
    return told


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("way", choices=WAYS)
    words.add_argument("files", type=Path)
    words.add_argument("home", type=Path)
    asked = words.parse_args()
    print(json.dumps(one(asked.way, asked.files, asked.home)))

__all__ = ("REQUESTS", "WAYS", "one", "run", "whole")

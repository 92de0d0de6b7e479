"""Run plans whose experts' results were spoilt, and count what the checks caught."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from benchmarks.coordination import boxed
from benchmarks.coordination.counting import Counted, calibrated, lines
from benchmarks.coordination.faults import MAIN, SUBTLE, Pool, Value, given, spoil
from benchmarks.coordination.golds import Job, jobs
from herd_graph import Herd
from herd_graph.calling import Call, Caller, CallResult, Live
from herd_graph.errors import CallError, HerdError
from herd_graph.runs import Run
from herd_graph.store import open_store
from herd_graph.testing import run_virtual
from herd_graph.types import ArtifactRef, Provenance

RATE = 0.2
BOXES = "boxes"
"""What the names of herds begin with that have experts for boxes."""
_FILES = Path(__file__).parents[1] / "compound" / "files.py"


@dataclass(frozen=True, kw_only=True)
class Injected:
    """One spoilt result."""

    kind: str
    step: str
    expert: str
    at: float
    """Seconds since the epoch."""
    is_opinion: bool = False
    """It was called by a check that compares: no result of a step."""


@dataclass(kw_only=True)
class Injecting:
    """A caller that remembers true results, and spoils some of what it passes on.

    What was called once is not called again: the experts always answer alike, so that runs differ
    in their faults alone, and thousands of results cost minutes. Runs go on in virtual time, where a
    remembered result takes as long as its call took: what checks may spend is a share of that.
    """

    inner: Caller
    pool: Pool
    rate: float = 0.0
    kinds: Sequence[str] = MAIN
    seed: str = ""
    spoilt: list[Injected] = field(default_factory=list[Injected])
    made: int = 0
    """Results passed on since the last ``start``."""
    seconds: float = 0.0
    """What the experts really took for them, when they were called."""
    book: Path | None = None
    """Where true results are written down, so that a later measurement need not call again."""
    _known: dict[str, CallResult | CallError] = field(
        default_factory=dict[str, "CallResult | CallError"]
    )
    _times: Counter[str] = field(default_factory=Counter[str])
    """How often a call was made: the second time it is spoilt, or not, by a draw of its own."""

    def __post_init__(self) -> None:
        self._real = asyncio.new_event_loop()
        threading.Thread(target=self._real.run_forever, daemon=True).start()
        if self.book is not None and self.book.exists():
            for line in self.book.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._known[row["key"]] = CallResult(
                    outputs={port: _refs(value) for port, value in row["outputs"].items()},
                    usd=row["usd"],
                    seconds=row["seconds"],
                )

    def start(self, seed: str, rate: float, kinds: Sequence[str]) -> None:
        """Begin another run: its faults follow from its seed."""
        self.seed, self.rate, self.kinds = seed, rate, kinds
        self.spoilt, self.made, self.seconds = [], 0, 0.0
        self._times.clear()

    async def call(self, call: Call) -> CallResult:
        """Answer a call, now and then with a fault in it. Raises ``CallError``."""
        key = f"{call.expert.card.id} {given(call)}"
        if key not in self._known:
            # In a loop whose clock is real: the virtual one stands still until the expert is done.
            real = asyncio.run_coroutine_threadsafe(self.inner.call(call), self._real)
            try:
                self._known[key] = self._written(key, real.result())
            except CallError as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, CallError):
            raise known
        await asyncio.sleep(known.seconds)
        self.pool.add(call, known)
        self.made += 1
        self.seconds += known.seconds
        result = _as_of(known, call)
        place = repeated = f"{self.seed} {call.step} {call.attempt} {key}"
        self._times[repeated] += 1
        if self._times[repeated] > 1:
            place = f"{place} {self._times[repeated]}"
        drawn = int(hashlib.sha256(place.encode()).hexdigest()[:12], 16)
        draw = random.Random(drawn)
        if draw.random() >= self.rate:
            return result
        made = spoil(call, result, self.kinds, self.pool, draw)
        if made is None:
            return result
        kind, result = made
        self.spoilt.append(
            Injected(
                kind=kind,
                step=call.step,
                expert=call.expert.card.name,
                at=time.time(),
                is_opinion=self._times[repeated] > 1 or call.step == "check",
            )
        )
        return result

    def _written(self, key: str, result: CallResult) -> CallResult:
        if self.book is not None:
            outputs = {port: _dumped(value) for port, value in result.outputs.items()}
            row = {"key": key, "outputs": outputs, "usd": result.usd, "seconds": result.seconds}
            with self.book.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
        return result

    async def close(self) -> None:
        """Let go of the models."""
        await self.inner.close()


def _dumped(value: Value) -> Any:
    if isinstance(value, list):
        return [each.model_dump(mode="json") for each in value]
    return value.model_dump(mode="json")


def _refs(value: Any) -> Value:
    if isinstance(value, list):
        return [ArtifactRef.model_validate(each) for each in cast("list[Any]", value)]
    return ArtifactRef.model_validate(value)


def _as_of(result: CallResult, call: Call) -> CallResult:
    """Return a result as this call's own: where things come from names this run."""
    sources = tuple(
        dict.fromkeys(
            ref.id
            for value in call.inputs.values()
            for ref in (value if isinstance(value, list) else [value])
        )
    )
    own = Provenance(run=call.run, step=call.step, expert=call.expert.card.id, sources=sources)

    def named(ref: ArtifactRef) -> ArtifactRef:
        return ref.model_copy(update={"provenance": own})

    outputs = {
        port: [named(each) for each in value] if isinstance(value, list) else named(value)
        for port, value in result.outputs.items()
    }
    return replace(result, outputs=outputs)


def answers(run: Run) -> list[str]:
    """Return what a run answered, part by part, as what can be compared."""
    made: list[str] = []
    for part in run.answer.parts:
        ids = [each.id for each in part.artifacts]
        made.append(f"{part.status == 'done'} {ids}")
    return made


def noticed(run: Run, since: float, step: str) -> str:
    """Return the check that spoke against a step's result, or an empty text."""
    for event in run.events():
        if event.step.partition("[")[0] != step.partition("[")[0] or event.at < since:
            continue
        if event.kind == "checked" and event.data.get("level") != "pass":
            return str(event.data.get("check"))
        if event.kind == "attempt" and not event.data.get("ok"):
            return "refused"
        if event.kind == "finished" and event.data.get("status") == "failed":
            return "failed"
    return ""


def marked(run: Run) -> list[tuple[str, str]]:
    """Return the steps whose results were marked, each with the check that did it."""
    found: dict[str, str] = {}
    for event in run.events():
        if event.kind == "checked" and event.data.get("level") != "pass" and event.step:
            found.setdefault(event.step, str(event.data.get("check")))
    return list(found.items())


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One way to carry out all plans."""

    name: str
    level: str = "default"
    rate: float = 0.0
    kinds: Sequence[str] = ()
    seed: str = ""
    """Draws other faults."""
    herd: str = ""
    """A herd of its own, which has seen nothing before."""
    boxes: bool = False
    """Over the plans in which boxes matter, by a herd that has experts for them."""


class Bench:
    """A herd per level, one caller under all of them, and the plans."""

    def __init__(self, folder: Path, limit: int, say: Callable[[str], None]) -> None:
        self.folder, self.say = folder, say
        self.files = folder / "files"
        if not self.files.exists():
            subprocess.run(
                [sys.executable, str(_FILES), str(self.files)], check=True, capture_output=True
            )
        self.store = open_store(folder / "artifacts")
        self.caller = Injecting(
            inner=Live(self.store), pool=Pool(store=self.store), book=folder / "known.jsonl"
        )
        self.herds: dict[str, Herd] = {}
        cards = {card.name: card for card in self.herd("off").registry.snapshot().latest}
        self.jobs = list(jobs(cards.__getitem__))
        random.Random(3).shuffle(self.jobs)
        self.jobs = self.jobs[:limit] if limit else self.jobs
        self.boxed = boxed.jobs()
        self.true: dict[int, list[str]] = {}
        self.true_boxed: dict[int, list[str]] = {}

    def herd(self, level: str, name: str = "") -> Herd:
        """Return the herd that checks so much; another one, which knows nothing yet, by another name."""
        key = f"{level} {name}"
        if key not in self.herds:
            self.herds[key] = Herd.default(
                home=self.folder / "home",
                store=self.store,
                checkpoints="memory",
                caller=self.caller,
                checks=level,
            )
            if name.startswith(BOXES):
                boxed.equip(self.herds[key])
        return self.herds[key]

    def run(self, job: Job, level: str, name: str = "") -> tuple[Run, float] | None:
        """Carry out a plan in virtual time; None where it could not even start."""
        files = [self.files / each for each in job.files]
        going = self.herd(level, name).arun(job.plan, *files)
        try:
            return run_virtual(going, allow_leaks=True, real_seconds=3600.0)
        except HerdError as error:
            self.say(f"{job.id}: {error}")
            return None

    def truth(self) -> None:
        """Carry out every plan without faults and checks; those that fail then are left out."""
        count = len(self.jobs)
        self.jobs, self.true = self._sound(self.jobs)
        self.say(f"{len(self.jobs)} of {count} plans end well without faults")

    def truth_of_boxes(self) -> None:
        """Carry out the plans in which boxes matter likewise."""
        self.boxed, self.true_boxed = self._sound(self.boxed, BOXES)

    def _sound(self, jobs: Sequence[Job], name: str = "") -> tuple[list[Job], dict[int, list[str]]]:
        kept: list[Job] = []
        true: dict[int, list[str]] = {}
        for job in jobs:
            self.caller.start("", 0.0, ())
            ended = self.run(job, "off", name)
            if ended is None or ended[0].status != "done":
                continue
            true[len(kept)] = answers(ended[0])
            kept.append(job)
        return kept, true

    def measure(self, at: Pass) -> Counted:
        """Carry out every plan with faults, and count."""
        planned, true = (self.boxed, self.true_boxed) if at.boxes else (self.jobs, self.true)
        counted = Counted(plans=len(planned))
        for number, job in enumerate(planned):
            self.caller.start(f"{number} {job.id}{at.seed}", at.rate, at.kinds)
            started = time.perf_counter()
            ended = self.run(job, at.level, at.herd)
            counted.seconds += time.perf_counter() - started
            counted.expert_seconds += self.caller.seconds
            counted.outputs += self.caller.made
            if ended is None:
                continue
            run, took = ended
            counted.run_seconds += took
            got = answers(run)
            counted.parts += len(true[number])
            for part, mine, sound in zip(run.answer.parts, got, true[number], strict=False):
                if part.status == "done" and part.confidence is not None:
                    counted.judged.append((number, part.confidence, mine == sound))
            counted.right += sum(a == b for a, b in zip(got, true[number], strict=False))
            spoilt = {each.step.partition("[")[0] for each in self.caller.spoilt}
            for each in self.caller.spoilt:
                if each.is_opinion:
                    counted.opinions += 1
                    continue
                counted.injected[each.kind] += 1
                by = noticed(run, each.at, each.step)
                if by:
                    counted.caught[each.kind] += 1
                else:
                    counted.missed[each.kind][each.expert] += 1
            for step, check in marked(run):
                if step.partition("[")[0] not in spoilt | self._behind(job, spoilt):
                    counted.alarms += 1
                    expert = job.plan.step(step).expert or ""
                    counted.alarmed[f"{check} {expert.partition('@')[0]}"] += 1
        return counted

    def _behind(self, job: Job, steps: set[str]) -> set[str]:
        """Return the steps that were given what spoilt ones made: a mark there is no false alarm."""
        found = set(steps)
        for step in job.plan.steps:
            needs = json.dumps(step.model_dump(mode="json"))
            if any(f'"step": "{each}"' in needs for each in found):
                found.add(step.id)
        return found


PASSES: Sequence[Pass] = (
    Pass(name="clean, off", level="off"),
    Pass(name="clean, default"),
    Pass(name="faults, default", rate=RATE, kinds=MAIN),
    Pass(name="other faults, a new herd", rate=RATE, kinds=MAIN, seed=" again", herd="new"),
    Pass(name="third faults, a new herd", rate=RATE, kinds=MAIN, seed=" third", herd="third"),
    Pass(name="fourth faults, a new herd", rate=RATE, kinds=MAIN, seed=" fourth", herd="fourth"),
    Pass(name="faults, off", level="off", rate=RATE, kinds=MAIN),
    Pass(name="subtle faults, default", rate=RATE, kinds=SUBTLE),
    Pass(name="subtle faults, a new herd", rate=RATE, kinds=SUBTLE, herd="newer"),
    Pass(name="clean boxes, default", boxes=True, herd=f"{BOXES} clean"),
    Pass(
        name="shifted boxes, default",
        rate=RATE,
        kinds=("shifted_boxes",),
        boxes=True,
        herd=f"{BOXES} default",
    ),
    Pass(
        name="shifted boxes, thorough, a new herd",
        level="thorough",
        rate=RATE,
        kinds=("shifted_boxes",),
        boxes=True,
        herd=f"{BOXES} thorough",
    ),
    Pass(name="clean, thorough", level="thorough"),
    Pass(name="subtle faults, thorough", level="thorough", rate=RATE, kinds=SUBTLE),
    Pass(
        name="subtle faults, thorough, a new herd",
        level="thorough",
        rate=RATE,
        kinds=SUBTLE,
        herd="new",
    ),
)


def of_seeds(seeds: Sequence[str]) -> Sequence[Pass]:
    """Return passes with faults that nobody has looked at, each over a herd of its own."""
    return [
        Pass(
            name=f"faults of seed {seed}, a new herd",
            rate=RATE,
            kinds=MAIN,
            seed=f" seed {seed}",
            herd=f"of seed {seed}",
        )
        for seed in seeds
    ]


def run(
    say: Callable[[str], None],
    *,
    limit: int = 0,
    folder: Path | None = None,
    only: Sequence[str] = (),
    seeds: Sequence[str] = (),
) -> dict[str, Any]:
    """Measure without faults and with them, at both levels, and return what was counted.

    ``seeds`` draw other faults, for new herds at the default level; with seeds and no ``only``,
    those alone and the passes without faults at that level are run.
    """
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(folder or Path(made), limit, say)
        bench.truth()
        if not (only or seeds) or any(each.boxes and each.name in only for each in PASSES):
            bench.truth_of_boxes()
        told: dict[str, Any] = {"plans": len(bench.jobs)}
        judged: list[tuple[int, float, bool]] = []
        more = of_seeds(seeds)
        names = only or [PASSES[0].name, PASSES[1].name] if seeds else only
        for each in (*PASSES, *more):
            if names and each.name not in names and each not in more:
                continue
            counted = bench.measure(each)
            told[each.name] = counted.to_json()
            if each.level == "default":
                judged += counted.judged
            for line in lines(each.name, counted):
                say(line)
        if judged:
            told["calibration"] = calibrated(judged, say)
        return told


__all__ = ("RATE", "Bench", "Counted", "Injected", "Injecting", "lines", "of_seeds", "run")

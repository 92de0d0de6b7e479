"""Run plans whose experts' results were spoilt, and count what the checks caught."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from benchmarks.coordination.faults import MAIN, SUBTLE, Pool, Value, given, spoil
from benchmarks.coordination.golds import Job, jobs
from benchmarks.coordination.measuring import calibration
from herd_graph import Herd
from herd_graph.calling import Call, Caller, CallResult, Live
from herd_graph.coordination.confidence import isotonic
from herd_graph.errors import CallError, HerdError
from herd_graph.runs import Run
from herd_graph.store import open_store
from herd_graph.types import ArtifactRef, Provenance

RATE = 0.2
_FILES = Path(__file__).parents[1] / "compound" / "files.py"


@dataclass(frozen=True, kw_only=True)
class Injected:
    """One spoilt result."""

    kind: str
    step: str
    expert: str
    at: float
    """Seconds since the epoch."""


@dataclass(kw_only=True)
class Injecting:
    """A caller that remembers true results, and spoils some of what it passes on.

    What was called once is not called again: the experts always answer alike, so that runs differ
    in their faults alone, and thousands of results cost minutes.
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

    def __post_init__(self) -> None:
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

    async def call(self, call: Call) -> CallResult:
        """Answer a call, now and then with a fault in it. Raises ``CallError``."""
        key = f"{call.expert.card.id} {given(call)}"
        if key not in self._known:
            try:
                self._known[key] = self._written(key, await self.inner.call(call))
            except CallError as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, CallError):
            raise known
        self.pool.add(call, known)
        self.made += 1
        self.seconds += known.seconds
        result = _as_of(known, call)
        place = f"{self.seed} {call.step} {call.attempt} {key}"
        drawn = int(hashlib.sha256(place.encode()).hexdigest()[:12], 16)
        draw = random.Random(drawn)
        if draw.random() >= self.rate:
            return result
        made = spoil(call, result, self.kinds, self.pool, draw)
        if made is None:
            return result
        kind, result = made
        self.spoilt.append(
            Injected(kind=kind, step=call.step, expert=call.expert.card.name, at=time.time())
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


@dataclass(kw_only=True)
class Counted:
    """What one pass over the plans came to."""

    plans: int = 0
    outputs: int = 0
    alarms: int = 0
    """Results that were sound, and marked."""
    right: int = 0
    """Answers that are as without faults."""
    parts: int = 0
    injected: Counter[str] = field(default_factory=Counter[str])
    caught: Counter[str] = field(default_factory=Counter[str])
    missed: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict[str, Counter[str]](Counter)
    )
    alarmed: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0.0
    expert_seconds: float = 0.0
    judged: list[tuple[int, float, bool]] = field(default_factory=list[tuple[int, float, bool]])
    """The plan of each answered part, how sure the part was, and whether it was right."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "plans": self.plans,
            "outputs": self.outputs,
            "alarms": self.alarms,
            "alarmed": dict(self.alarmed.most_common()),
            "right": self.right,
            "parts": self.parts,
            "injected": dict(self.injected),
            "caught": dict(self.caught),
            "missed": {kind: dict(each.most_common()) for kind, each in self.missed.items()},
            "seconds": round(self.seconds, 2),
            "expert_seconds": round(self.expert_seconds, 2),
        }


def marked(run: Run) -> list[tuple[str, str]]:
    """Return the steps whose results were marked, each with the check that did it."""
    found: dict[str, str] = {}
    for event in run.events():
        if event.kind == "checked" and event.data.get("level") != "pass" and event.step:
            found.setdefault(event.step, str(event.data.get("check")))
    return list(found.items())


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
        self.true: dict[int, list[str]] = {}

    def herd(self, level: str) -> Herd:
        """Return the herd that checks so much."""
        if level not in self.herds:
            self.herds[level] = Herd.default(
                home=self.folder / "home",
                store=self.store,
                checkpoints="memory",
                caller=self.caller,
                checks=level,
            )
        return self.herds[level]

    def run(self, job: Job, level: str) -> Run | None:
        """Carry out a plan; None where it could not even start."""
        given_ = {f"a{n}": self.files / name for n, name in enumerate(job.files, 1)}
        try:
            return self.herd(level).run(job.plan, *given_.values())
        except HerdError as error:
            self.say(f"{job.id}: {error}")
            return None

    def truth(self) -> None:
        """Carry out every plan without faults and checks; those that fail then are left out."""
        kept: list[Job] = []
        for job in self.jobs:
            self.caller.start("", 0.0, ())
            run = self.run(job, "off")
            if run is None or run.status != "done":
                continue
            self.true[len(kept)] = answers(run)
            kept.append(job)
        self.say(f"{len(kept)} of {len(self.jobs)} plans end well without faults")
        self.jobs = kept

    def measure(self, level: str, rate: float, kinds: Sequence[str]) -> Counted:
        """Carry out every plan with faults, and count."""
        counted = Counted(plans=len(self.jobs))
        for number, job in enumerate(self.jobs):
            self.caller.start(f"{number} {job.id}", rate, kinds)
            started = time.perf_counter()
            run = self.run(job, level)
            counted.seconds += time.perf_counter() - started
            counted.expert_seconds += self.caller.seconds
            counted.outputs += self.caller.made
            if run is None:
                continue
            got = answers(run)
            counted.parts += len(self.true[number])
            for part, mine, sound in zip(run.answer.parts, got, self.true[number], strict=False):
                if part.status == "done" and part.confidence is not None:
                    counted.judged.append((number, part.confidence, mine == sound))
            counted.right += sum(a == b for a, b in zip(got, self.true[number], strict=False))
            spoilt = {each.step.partition("[")[0] for each in self.caller.spoilt}
            for each in self.caller.spoilt:
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


PASSES: Sequence[tuple[str, str, float, Sequence[str]]] = (
    ("clean, off", "off", 0.0, ()),
    ("clean, default", "default", 0.0, ()),
    ("faults, default", "default", RATE, MAIN),
    ("faults, off", "off", RATE, MAIN),
    ("subtle faults, default", "default", RATE, SUBTLE),
    ("clean, thorough", "thorough", 0.0, ()),
    ("subtle faults, thorough", "thorough", RATE, SUBTLE),
)


def run(
    say: Callable[[str], None],
    *,
    limit: int = 0,
    folder: Path | None = None,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Measure without faults and with them, at both levels, and return what was counted."""
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(folder or Path(made), limit, say)
        bench.truth()
        told: dict[str, Any] = {"plans": len(bench.jobs)}
        judged: list[tuple[int, float, bool]] = []
        for name, level, rate, kinds in PASSES:
            if only and name not in only:
                continue
            counted = bench.measure(level, rate, kinds)
            told[name] = counted.to_json()
            if name in {"clean, default", "faults, default"}:
                judged += counted.judged
            for line in lines(name, counted):
                say(line)
        if judged:
            told["calibration"] = calibrated(judged, say)
        return told


def calibrated(
    judged: Sequence[tuple[int, float, bool]], say: Callable[[str], None]
) -> dict[str, Any]:
    """Measure confidence as it is, and as a map makes it that was fitted on the other half of the plans."""
    halves = [[each for each in judged if each[0] % 2 == half] for half in (0, 1)]
    mapped: list[tuple[float, bool]] = []
    for fitted, asked in (halves, halves[::-1]):
        known = isotonic([sure for _, sure, _ in fitted], [right for *_, right in fitted])
        mapped += [(known(sure), right) for _, sure, right in asked]
    told: dict[str, Any] = {"parts": len(judged)}
    for name, pairs in (("raw", [each[1:] for each in judged]), ("mapped", mapped)):
        error, low, high = calibration(pairs)
        told[name] = {"ece": error, "interval": [low, high]}
        say(f"calibration, {name}: ECE {error:.3f} [{low:.3f}, {high:.3f}] over {len(pairs)} parts")
    return told


def lines(name: str, counted: Counted) -> list[str]:
    """Return what was counted as people read it."""
    sound = counted.outputs - sum(counted.injected.values())
    right = f"{counted.right} of {counted.parts} ({_share(counted.right, counted.parts)})"
    alarms = f"{counted.alarms} of {sound} ({_share(counted.alarms, sound)})"
    made = [
        f"\n{name}: {counted.plans} plans, {counted.outputs} results; {counted.seconds:.1f} s beside",
        f"  the experts' {counted.expert_seconds:.1f} s",
        f"  right answers   {right}",
        f"  false alarms    {alarms} {dict(counted.alarmed.most_common(8))}",
    ]
    for kind, count in sorted(counted.injected.items()):
        caught = counted.caught[kind]
        missed = dict(counted.missed[kind].most_common(6)) if kind in counted.missed else {}
        made.append(
            f"  {kind:16}{caught:4} of {count:4} ({_share(caught, count)})  missed: {missed}"
        )
    total = sum(counted.injected.values())
    if total:
        made.append(
            f"  all             {sum(counted.caught.values()):4} of {total:4} "
            f"({_share(sum(counted.caught.values()), total)})"
        )
    return made


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


__all__ = ("RATE", "Bench", "Counted", "Injected", "Injecting", "lines", "run")

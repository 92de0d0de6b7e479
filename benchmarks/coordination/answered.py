"""Are the answers right? The compound set's checkable requests, carried out without a language model.

Each is run twice: its gold as a plan, which shows what the experts and the coordinator can do, and its
wordings as a person would type them. Of the test part only counts are told: nobody tunes to what its
requests say. Of any other file (``--requests``, such as ``compound/answers.jsonl``, the development
twin) every part that is wrong is shown with what came instead.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from benchmarks.coordination.golds import Unsuited, Writing
from benchmarks.coordination.injected import Bench, marked
from herd_graph import Herd
from herd_graph.artifacts import Artifact, Table, load
from herd_graph.bench import compound
from herd_graph.coordination.answers import AnswerPart
from herd_graph.coordination.quantities import numbers
from herd_graph.errors import HerdError
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.store import ArtifactStore
from herd_graph.testing import run_virtual
from herd_graph.types import ArtifactRef

TEST = Path(__file__).parents[1] / "compound" / "test.jsonl"
CLOSE = 0.002
"""How near a number has to be, relatively: the set's own rule."""
_LINES = 14
"""Lines of an answer that are shown where it is wrong."""


@dataclass(kw_only=True)
class Counted:
    """How many of the requests, and of their parts, were answered rightly."""

    requests: int = 0
    right: int = 0
    shared: int = 0
    """Those of them in which one answer holds what two parts ask of the same expert."""
    parts: int = 0
    right_parts: int = 0
    missed: Counter[str] = field(default_factory=Counter[str])
    """What the parts that are wrong were to hold, and whether there was an answer."""
    results: int = 0
    """Steps, and items of lists, in runs that answered all rightly."""
    alarms: int = 0
    """Those of them that a check marked: false alarms, on requests that no check was tuned on."""
    alarmed: Counter[str] = field(default_factory=Counter[str])
    """Which check marked them, of which expert."""
    whose: Counter[str] = field(default_factory=Counter[str])
    """Where the wrong parts went wrong: in the plan, or after it."""
    judged: list[tuple[int, float, bool]] = field(default_factory=list[tuple[int, float, bool]])
    """The request of each answered part, how sure the part was, and whether it was right."""

    def __str__(self) -> str:
        whole, part = self.right / max(1, self.requests), self.right_parts / max(1, self.parts)
        return (
            f"{self.right} of {self.requests} requests ({whole:.1%}; {self.shared} of them with two "
            f"answers in one), {self.right_parts} of "
            f"{self.parts} parts ({part:.1%}); wrong: {dict(self.missed.most_common())}; "
            f"{self.alarms} of {self.results} results marked where all is right "
            f"{dict(self.alarmed.most_common(9))}; wrong parts were {dict(self.whose.most_common())}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "requests": self.requests,
            "right": self.right,
            "shared": self.shared,
            "parts": self.parts,
            "right_parts": self.right_parts,
            "missed": dict(self.missed),
            "results": self.results,
            "alarms": self.alarms,
            "alarmed": dict(self.alarmed),
            "whose": dict(self.whose),
        }


def words(ref: ArtifactRef, store: ArtifactStore) -> str:
    """Return what an artifact says: of a table its cells."""
    artifact: Artifact = load(ref, store)
    if isinstance(artifact, Table):
        rows = [[str(each) for each in row.values()] for row in artifact.rows]
        return "\n".join(" ; ".join(row) for row in [list(artifact.columns), *rows])
    return str(artifact) if ref.kind.value in {"text", "data"} else ""


def holds(wanted: Mapping[str, Any], part: AnswerPart, store: ArtifactStore) -> bool:
    """Say whether a part of an answer is what the set asks for."""
    refs = list(part.artifacts)
    if part.status != "done" or not refs:
        return False
    if "kind" in wanted and any(each.kind.value != wanted["kind"] for each in refs):
        return False
    said = "\n".join(words(each, store) for each in refs)
    asked: Any = wanted.get("contains") or []
    several = cast("list[Any]", asked if isinstance(asked, list) else [asked])
    if any(str(each).lower() not in said.lower() for each in several):
        return False
    if "number" not in wanted:
        return True
    number = float(wanted["number"])
    close = CLOSE * max(abs(number), 1e-9)  # "1,800" may be read in two ways: either will do
    return any(abs(one - number) <= close for each in numbers(said) for one in each.values)


def matched(
    wanted: Sequence[Mapping[str, Any]],
    parts: Sequence[AnswerPart],
    store: ArtifactStore,
    asked: Sequence[str] = (),
) -> list[int]:
    """Return for each wanted part the place of an answer that holds it, each one once; -1 for none.

    *How high is the rent, and how long is the notice?* may be answered in one go: two parts that ask
    the same expert about the same share an answer, if it says what both of them are to hold.

    Args:
        wanted: What each part is to hold.
        parts: What was answered.
        store: Where payloads are.
        asked: What each part asks, and whom, but for its words: see ``asks``.
    """
    fits = [[at for at, each in enumerate(parts) if holds(one, each, store)] for one in wanted]
    taken: dict[int, int] = {}

    def takes(number: int, seen: set[int]) -> bool:
        for at in fits[number]:
            if at in seen:
                continue
            seen.add(at)
            if at not in taken or takes(taken[at], seen):  # its holder may have another one
                taken[at] = number
                return True
        return False

    for number in range(len(wanted)):
        takes(number, set())
    places = {number: at for at, number in taken.items()}
    found = [places.get(number, -1) for number in range(len(wanted))]
    for number, place in enumerate(found):
        if place < 0 and asked and "kind" not in wanted[number]:
            found[number] = next(
                (
                    at
                    for other, at in enumerate(found)
                    if at >= 0
                    and "kind" not in wanted[other]
                    and asked[other] == asked[number]
                    and holds(wanted[number], parts[at], store)
                ),
                -1,
            )
    return found


def asks(gold: str) -> list[str]:
    """Return what each part of a gold asks, without the words of its questions."""
    return [re.sub(r"'[^']*'|\"[^\"]*\"", "", each).strip() for each in gold.split(" ; ")]


def inlined(gold: str, turns: Sequence[Mapping[str, Any]], files: int) -> str:
    """Return a gold whose references to earlier turns stand written out; their files come last."""
    before = files
    for number, turn in enumerate(turns, start=1):
        made = str(turn.get("gold") or "").removesuffix("!").split(" ; ")
        theirs = list(cast("list[str]", turn.get("files") or []))

        def moved(text: str, base: int = before) -> str:
            return re.sub(r"\ba(\d+)\b", lambda found: f"a{base + int(found[1])}", text)

        for place, each in enumerate(made, start=1):
            gold = re.sub(rf"\bh{number}\.{place}\b", moved(each.strip()), gold)
        gold = re.sub(
            rf"\bh{number}\.a(\d+)\b", lambda found, b=before: f"a{b + int(found[1])}", gold
        )
        before += len(theirs)
    return gold


class Answering:
    """The requests, a herd, and the files that they are about."""

    def __init__(self, bench: Bench, limit: int, path: Path = TEST) -> None:
        self.bench, self.is_open = bench, path.resolve() != TEST.resolve()
        known = [each for each in compound.load(path) if each.check]
        random.Random(7).shuffle(known)
        self.items = known[:limit] if limit else known
        self.herd: Herd = bench.herd("default")
        self.cards = {card.name: card for card in self.herd.registry.snapshot().latest}

    def files(self, item: compound.Compound) -> list[Path]:
        """Return the files of a request, and after them those of its earlier turns."""
        named = [*item.files]
        for turn in item.history:
            named += cast("list[str]", turn.get("files") or [])
        return [self.bench.files / each.partition(":")[2] for each in named]

    def plan(self, item: compound.Compound) -> Plan:
        """Return the first gold as a plan. Raises ``Unsuited``."""
        gold = inlined(item.gold[0], item.history, len(item.files))
        files = [each.name for each in self.files(item)]
        writing = Writing(self.cards.__getitem__, files, random.Random(0), is_exact=True)
        return writing.plan(compound.read_gold(gold).parts)

    def by_gold(self, item: compound.Compound) -> Run | None:
        """Carry out the gold; None where it is no plan."""
        try:
            return self._run(self.plan(item), self.files(item))
        except (Unsuited, HerdError, KeyError):
            return None

    def by_words(self, item: compound.Compound, wording: str) -> Run | None:
        """Ask as a person does, after the earlier turns; None where that fails outright."""
        thread = f"{item.id} {item.wordings.index(wording)}" if item.history else None
        at = len(item.files)
        files = self.files(item)
        try:
            for turn in item.history:
                count = len(cast("list[str]", turn.get("files") or []))
                self._run(str(turn["task"]), files[at : at + count], thread)
                at += count
            return self._run(wording, files[: len(item.files)], thread)
        except HerdError:
            return None

    def _run(self, what: str | Plan, files: Sequence[Path], thread: str | None = None) -> Run:
        self.bench.caller.start("", 0.0, ())
        going = self.herd.arun(what, *files, thread=thread)
        return run_virtual(going, allow_leaks=True, real_seconds=3600.0)[0]

    def whose(self, item: compound.Compound, number: int, run: Run | None) -> str:
        """Say where an answer went wrong: in a plan that does not ask for it, or after that."""
        if run is None or run.plan.abstained:
            return "not planned at all"
        gold = inlined(item.gold[0], item.history, len(item.files))
        wanted = compound.read_gold(gold).parts[number]
        made = compound.answers(run.plan, run.experts, {})
        alike = [each for each in made if _calls(each) == _calls(wanted)]
        if item.history and not alike:  # what an earlier turn made is no step of this plan
            alike = [each for each in made if each[:2] == wanted[:2]]
        if not alike:
            return "planned otherwise" if len(made) >= len(item.check["parts"]) else "left out"
        return "planned, and wrong" if run.status == "done" else "planned, and it failed"

    def shown(self, ways: Sequence[tuple[int, str, Run | None]]) -> list[str]:
        """Return what was asked, wanted and answered, for every part that is wrong."""
        told: list[str] = []
        for place, wording, run in ways:
            item = self.items[place]
            wanted = cast("list[dict[str, Any]]", item.check["parts"])
            parts = [] if run is None else list(run.answer.parts)
            found = matched(wanted, parts, self.bench.store, asks(item.gold[0]))
            for number, each in enumerate(wanted):
                if found[number] >= 0:
                    continue
                why = self.whose(item, number, run)
                told.append(
                    f"\n{item.id} {wording!r} {' '.join(item.files)}\n  wanted: {item.gold[0]}"
                    f"\n  missed: {each} ({why})\n  {_came(run)}"
                )
        return told

    def counted(self, ways: Sequence[tuple[int, Run | None]]) -> Counted:
        """Judge the answers of some runs."""
        told = Counted()
        for place, run in ways:
            wanted = cast("list[dict[str, Any]]", self.items[place].check["parts"])
            parts = [] if run is None else list(run.answer.parts)
            found = matched(wanted, parts, self.bench.store, asks(self.items[place].gold[0]))
            told.requests += 1
            told.right += min(found, default=0) >= 0
            told.shared += min(found, default=0) >= 0 and len(set(found)) < len(found)
            if run is not None and min(found, default=-1) >= 0:
                told.results += sum(bool(each.attempts) for each in run.records.values())
                told.alarms += len(marked(run))
                for step, check in marked(run):
                    expert = run.records[step].expert if step in run.records else ""
                    told.alarmed[f"{check} {expert.partition('@')[0]}"] += 1
            told.parts += len(wanted)
            told.right_parts += sum(each >= 0 for each in found)
            for number, (each, at) in enumerate(zip(wanted, found, strict=True)):
                if at < 0:
                    told.whose[self.whose(self.items[place], number, run)] += 1
                    there = len(parts) == len(wanted) and all(p.status == "done" for p in parts)
                    told.missed[f"{'+'.join(sorted(each))}, {'answered' if there else 'not'}"] += 1
            for at, part in enumerate(parts):
                if part.status == "done" and part.confidence is not None:
                    told.judged.append((place, part.confidence, at in found))
        return told


def _came(run: Run | None) -> str:
    """Return in a few lines what a run planned and answered."""
    if run is None:
        return "it could not be run"
    made = [f"{step.expert} {dict(step.inputs)}" for step in run.plan.steps]
    return "\n    ".join(["came:", *made, *str(run.answer).splitlines()[:_LINES]])


def _calls(tree: Any) -> Counter[str]:
    return Counter(compound.nodes([tree]))


def run(
    say: Callable[[str], None],
    *,
    limit: int = 0,
    folder: Path,
    wordings: int = 3,
    requests: Path = TEST,
) -> dict[str, Any]:
    """Carry out golds and wordings, and return how many answers are right."""
    at = Answering(Bench(folder, 1, say), limit, requests)
    say(f"{len(at.items)} requests whose answers can be checked")
    told: dict[str, Any] = {}
    by_gold = [(place, at.by_gold(item)) for place, item in enumerate(at.items)]
    golds = at.counted(by_gold)
    say(f"golds as plans: {golds}")
    if at.is_open:
        for line in at.shown([(place, at.items[place].gold[0], run) for place, run in by_gold]):
            say(line)
    told["golds"] = golds.to_json()
    for number in range(wordings):
        asked = [
            (place, at.by_words(item, item.wordings[number])) for place, item in enumerate(at.items)
        ]
        counted = at.counted(asked)
        say(f"wording {number + 1}: {counted}")
        told[f"wording {number + 1}"] = counted.to_json()
        if at.is_open:
            named = [(place, at.items[place].wordings[number], run) for place, run in asked]
            for line in at.shown(named):
                say(line)
    return told


__all__ = ("TEST", "Answering", "Counted", "asks", "holds", "inlined", "matched", "run", "words")

"""What two runs differ in: plan, results by their kind, checks, cost and time."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts import Artifact, Audio, Image, Table, load
from herd_graph.artifacts.base import printable
from herd_graph.errors import HerdError
from herd_graph.plans import Plan, show
from herd_graph.runs import Run
from herd_graph.types import JSON, ArtifactRef, JSONObject, Kind

_LINES = 40
"""Lines of one text's difference that are shown."""
_ROWS = 2000
"""Rows of a table that are held against another one's."""


class StepDifference(BaseModel):
    """One step of the one run beside the step of the other that it corresponds to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: str = ""
    """The step's id; empty where the other run has it alone."""
    right: str = ""
    lines: tuple[str, ...] = ()
    """What differs, in words; empty where nothing does."""


class Comparison(BaseModel):
    """What two runs differ in; ``str`` is for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: str
    right: str
    plan: tuple[str, ...] = ()
    steps: tuple[StepDifference, ...] = ()
    answer: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether plan, results and answer are the same; time and cost may differ."""
        return not self.plan and not self.answer and not any(each.lines for each in self.steps)

    def dump(self) -> JSONObject:
        """Return it as JSON."""
        return cast("JSONObject", {**self.model_dump(mode="json"), "equal": self.is_equal})

    def __str__(self) -> str:
        lines = [f"--- {self.left}", f"+++ {self.right}"]
        lines += ["plan: equal"] if not self.plan else ["plan:", *_indented(self.plan)]
        for each in self.steps:
            name = (
                each.left
                if each.left == each.right
                else f"{each.left or '-'} / {each.right or '-'}"
            )
            if each.lines:
                lines += [f"step {name}:", *_indented(each.lines)]
        equal = sum(not each.lines for each in self.steps)
        lines.append(f"{equal} of {len(self.steps)} steps gave the same.")
        lines += ["answer: equal"] if not self.answer else ["answer:", *_indented(self.answer)]
        return printable("\n".join([*lines, *self.totals]))


def compare(left: Run, right: Run) -> Comparison:
    """Compare two runs, step by step.

    Steps correspond by id where their experts are the same, else by the order of their experts.
    """
    return Comparison(
        left=left.id,
        right=right.id,
        plan=tuple(_plans(left.plan, right.plan)),
        steps=tuple(_step(left, right, one, two) for one, two in _aligned(left.plan, right.plan)),
        answer=tuple(_texts(str(left.answer), str(right.answer))),
        totals=(
            f"time: {left.seconds:.2f} s / {right.seconds:.2f} s",
            f"cost: ${left.usd:.4f} / ${right.usd:.4f}",
        ),
    )


def _plans(left: Plan, right: Plan) -> Iterator[str]:
    yield from _unified([str(left)], [str(right)])
    answers = [[f"{each.ask}: {show(each.source)}" for each in plan.asks] for plan in (left, right)]
    yield from _unified(*answers)


def _aligned(left: Plan, right: Plan) -> list[tuple[str, str]]:
    mine = {step.id: step.expert for step in left.steps}
    theirs = {step.id: step.expert for step in right.steps}
    pairs = {
        step: step for step in mine if step in theirs and _named(mine[step]) == _named(theirs[step])
    }
    one = [step for step in mine if step not in pairs]
    two = [step for step in theirs if step not in pairs]
    matcher = difflib.SequenceMatcher(
        None, [_named(mine[step]) for step in one], [_named(theirs[step]) for step in two]
    )
    found = dict(pairs)
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            found[one[block.a + offset]] = two[block.b + offset]
    for step in one:  # the same place in the plan, with another expert
        if step not in found and step in theirs and step not in found.values():
            found[step] = step
    alone = [step for step in theirs if step not in found.values()]
    return [*((step, found.get(step, "")) for step in mine), *(("", step) for step in alone)]


def _named(expert: str | None) -> str:
    return (expert or "").partition("@")[0]


def _step(left: Run, right: Run, one: str, two: str) -> StepDifference:
    if not one or not two:
        return StepDifference(left=one, right=two, lines=(f"only in {'+++' if two else '---'}",))
    lines: list[str] = []
    mine, theirs = left.records.get(one), right.records.get(two)
    for label, field in (("status", "status"), ("expert", "expert"), ("error", "error")):
        values = [getattr(each, field, "") or "-" for each in (mine, theirs)]
        if values[0] != values[1]:
            lines.append(f"{label}: {values[0]} / {values[1]}")
    if mine is not None and theirs is not None:
        checks = [
            [f"{v.check} {v.level} {v.score:.2f}" for v in each.verdicts] for each in (mine, theirs)
        ]
        lines += [f"check: {each}" for each in _unified(*checks)]
    a, b = _outputs(left, one), _outputs(right, two)
    if len(a) != len(b):
        lines.append(f"results: {len(a)} / {len(b)}")
    for place, (first, second) in enumerate(zip(a, b, strict=False)):
        found = differing(first, second)
        if len(a) > 1:  # a list: say of which item
            found = [f"[{place}]{each[1:]}" if each[:1] == "$" else each for each in found]
        lines += found
    return StepDifference(left=one, right=two, lines=tuple(lines))


def _outputs(run: Run, step: str) -> list[Artifact]:
    try:
        found = run.output(step)
    except HerdError:
        return []
    return found if isinstance(found, list) else [found]


def differing(left: Artifact, right: Artifact) -> list[str]:
    """Return what two payloads differ in, as their kind is compared; nothing where they are equal.

    Text line by line, data by JSON path, tables row by row, pictures by pixels, recordings by length
    and level.
    """
    if left.kind is not right.kind:
        return [f"kind: {left.kind.value} / {right.kind.value}"]
    if left.bytes() == right.bytes():
        return []
    try:
        if left.kind is Kind.TEXT:
            return list(_texts(str(left), str(right)))
        if left.kind is Kind.DATA:
            return list(_paths(json.loads(left.bytes()), json.loads(right.bytes()), "$"))[:_LINES]
        if isinstance(left, Table) and isinstance(right, Table):
            return [*_tables(left, right)] or ["table: written otherwise, with the same rows"]
        if isinstance(left, Image) and isinstance(right, Image):
            return [_pixels(left, right)]
        if isinstance(left, Audio) and isinstance(right, Audio):
            return [_sound(left, right)]
    except (HerdError, ValueError) as error:
        return [f"differs, and cannot be compared: {error}"]
    return [f"{left.kind.value}: {left.size:,} / {right.size:,} bytes, other content"]


def _texts(left: str, right: str) -> Iterator[str]:
    yield from _unified(left.splitlines(), right.splitlines())


def _unified(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    one = [line for each in left for line in each.splitlines()]
    two = [line for each in right for line in each.splitlines()]
    lines = [
        line
        for line in difflib.unified_diff(one, two, lineterm="", n=1)
        if not line.startswith(("---", "+++", "@@"))
    ]
    yield from lines[:_LINES]
    if len(lines) > _LINES:
        yield f"… and {len(lines) - _LINES} lines more"


def _paths(left: JSON, right: JSON, path: str) -> Iterator[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            if key not in left or key not in right:
                yield f"{path}.{key}: only in {'+++' if key in right else '---'}"
            else:
                yield from _paths(left[key], right[key], f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield f"{path}: {len(left)} / {len(right)} items"
        for place, (one, two) in enumerate(zip(left, right, strict=False)):
            yield from _paths(one, two, f"{path}[{place}]")
    elif left != right:
        yield f"{path}: {json.dumps(left)[:80]} / {json.dumps(right)[:80]}"


def _tables(left: Table, right: Table) -> Iterator[str]:
    if left.columns != right.columns:
        yield f"columns: {', '.join(left.columns)} / {', '.join(right.columns)}"
    if len(left.rows) != len(right.rows):
        yield f"table: {len(left.rows):,} / {len(right.rows):,} rows"
    one, two = (
        [", ".join(map(str, row.values())) for row in each.rows[:_ROWS]] for each in (left, right)
    )
    yield from _unified(one, two)


def _pixels(left: Image, right: Image) -> str:
    import numpy as np

    one, two = left.pil().convert("RGB"), right.pil().convert("RGB")
    if one.size != two.size:
        return f"picture: {one.size[0]} x {one.size[1]} / {two.size[0]} x {two.size[1]}"
    apart: Any = np.abs(np.asarray(one, dtype=np.int16) - np.asarray(two, dtype=np.int16)).max(
        axis=2
    )
    share = float((apart > 0).mean())
    return f"picture: {share:.2%} of the pixels differ, by {int(apart.max())} of 255 at most"


def _sound(left: Audio, right: Audio) -> str:
    import numpy as np

    told: list[str] = []
    for each in (left, right):
        samples, rate = each.samples()
        level = float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
        told.append(f"{len(samples) / rate:.2f} s at {20 * np.log10(max(level, 1e-6)):.1f} dB")
    return f"sound: {told[0]} / {told[1]}"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def refs_of(value: ArtifactRef | list[ArtifactRef | None]) -> list[ArtifactRef]:
    """Return the references of a port's value, without items that were left out."""
    return [each for each in value if each is not None] if isinstance(value, list) else [value]


class Blame(BaseModel):
    """Where words of an answer come from, from the answer back to their origin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str
    trail: tuple[str, ...] = ()
    """The steps that hold the words, the latest first."""
    origin: str = ""
    """The step (or input) where they are seen first."""
    expert: str = ""
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return printable("\n".join(self.lines))


def blame(run: Run, words: str) -> Blame:
    """Say which step and which expert words of an answer come from.

    The words are looked for in what each step gave, without regard to case, spaces and signs, from
    the answer back along the bindings; the last place that has them is their origin.
    """
    wanted = _plain(words)
    parts = [part for part in run.answer.parts if wanted and wanted in _plain(part.text)]
    if not parts:
        return Blame(words=words, lines=(f"No part of the answer says {words!r}.",))
    lines: list[str] = []
    trail: list[str] = []
    for ask in run.plan.asks:
        step = getattr(ask.source, "step", "")
        if step and wanted in _said(run, step):
            trail = _walk(run, step, wanted)
            break
    for each in trail:
        record = run.records.get(each)
        expert = record.expert if record is not None else ""
        lines.append(f"{each}  {expert}: {_around(run, each, words)}")
    if not trail:
        return Blame(words=words, lines=("The answer's own words: no step gave them.",))
    origin = trail[-1]
    inputs = [name for name in _inputs_of(run.plan, origin) if wanted in _held(run, name)]
    if inputs:
        lines.append(f"{inputs[0]}  given with the request")
        return Blame(words=words, trail=tuple(trail), origin=inputs[0], lines=tuple(lines))
    record = run.records.get(origin)
    expert = record.expert if record is not None else ""
    lines.append(f"first said by {expert or 'nobody'} in step {origin}")
    return Blame(words=words, trail=tuple(trail), origin=origin, expert=expert, lines=tuple(lines))


def _walk(run: Run, step: str, wanted: str) -> list[str]:
    trail = [step]
    while True:
        needs = sorted(run.plan.step(trail[-1]).needs)
        before = next((each for each in needs if wanted in _said(run, each)), None)
        if before is None or before in trail:
            return trail
        trail.append(before)


def _said(run: Run, step: str) -> str:
    return _plain(" ".join(str(each) for each in _outputs(run, step) if _is_words(each)))


def _is_words(artifact: Artifact) -> bool:
    return artifact.kind in {Kind.TEXT, Kind.DATA, Kind.TABLE}


def _held(run: Run, name: str) -> str:
    value = run.inputs.get(name)
    refs = value if isinstance(value, list) else [value] if value is not None else []
    loaded = [load(ref, run.store) for ref in refs]
    return _plain(" ".join(str(each) for each in loaded if _is_words(each)))


def _inputs_of(plan: Plan, step: str) -> list[str]:
    return [name for each in plan.step(step).bindings if (name := getattr(each, "input", ""))]


def _around(run: Run, step: str, words: str) -> str:
    text = " ".join(" ".join(str(each) for each in _outputs(run, step)).split())
    at = text.lower().find(words.lower())
    start = max(0, at - 30)
    return f"…{text[start : at + len(words) + 30]}…" if at >= 0 else text[:80]


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


__all__ = ("Blame", "Comparison", "StepDifference", "blame", "compare", "differing")

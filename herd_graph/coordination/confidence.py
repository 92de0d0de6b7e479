"""How sure a part of an answer is: one number of what the router, the experts and the checks said.

The raw number only falls: every step on the way, every doubt and every failed check multiplies it by
something up to 1. A ``Calibration``, fitted on parts that somebody judged, then turns it into a
probability; it never falls where the raw number rises, so that order is kept.
"""

from __future__ import annotations

import itertools
import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from herd_graph.errors import ConfigError
from herd_graph.state import StepRecord, Verdict

_FAILED_CAP = 0.35
"""A part with a failed check is never surer than this, before calibration."""
_STEP = 0.98
"""What each step more on the way leaves of the confidence."""
_REPLACED = 0.9
"""What is left where another expert had to step in."""
FILE = "confidence.json"
"""The calibration's name in the folder of a herd."""


class Calibration(BaseModel):
    """A map from raw confidence to the share that is right; the identity by default.

    ``isotonic`` goes through points by straight lines (Zadrozny and Elkan, KDD 2002); ``platt`` is
    1 / (1 + exp(-(a * logit(x) + b))) (Platt 1999).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["identity", "isotonic", "platt"] = "identity"
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    a: float = Field(default=1.0, gt=0)
    b: float = 0.0
    parts: int = 0
    """Judged parts that it was fitted on."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.kind == "isotonic":
            rises = all(
                one <= two for values in (self.x, self.y) for one, two in itertools.pairwise(values)
            )
            inside = all(0.0 <= each <= 1.0 for each in (*self.x, *self.y))
            if not self.x or len(self.x) != len(self.y) or not rises or not inside:
                raise ValueError("x and y must be as many, rise, and lie from 0 to 1")
        return self

    def __call__(self, raw: float) -> float:
        """Return the calibrated confidence, from 0 to 1."""
        if self.kind == "identity":
            return raw
        if self.kind == "platt":
            return _sigmoid(self.a * _logit(raw) + self.b)
        place = bisect_right(self.x, raw)
        if place == 0:
            return self.y[0]
        if place == len(self.x):
            return self.y[-1]
        left, right = self.x[place - 1], self.x[place]
        share = (raw - left) / (right - left)
        return self.y[place - 1] + share * (self.y[place] - self.y[place - 1])

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Return the calibration in a file; the identity where there is none.

        Raises:
            ConfigError: The file is no calibration.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except (OSError, ValidationError, json.JSONDecodeError) as error:
            raise ConfigError(
                f"{str(path)!r} is no calibration: {error}. Expected what the coordination benchmark "
                "writes. Make it again, or remove it."
            ) from error

    def save(self, path: Path) -> None:
        """Write it to a file."""
        path.write_text(self.model_dump_json(exclude_defaults=True), encoding="utf-8")


def _logit(value: float) -> float:
    kept = min(1 - 1e-6, max(1e-6, value))
    return math.log(kept / (1 - kept))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, value))))


def isotonic(raw: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Fit a rising map from raw confidence to the share that is right, by pooling violators.

    Raises:
        ValueError: There is nothing to fit, or the lengths differ.
    """
    pairs = sorted(zip(raw, right, strict=True))
    if not pairs:
        raise ValueError("There are no judged parts. Expected at least one.")
    blocks: list[tuple[float, float, float]] = []  # sum of x, sum of y, weight
    for x, held in itertools.groupby(pairs, key=lambda each: each[0]):
        outcomes = [float(y) for _, y in held]
        blocks.append((x * len(outcomes), sum(outcomes), float(len(outcomes))))
        while len(blocks) > 1 and _mean(blocks[-2]) >= _mean(blocks[-1]):
            last, before = blocks.pop(), blocks.pop()
            blocks.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    xs = [each[0] / each[2] for each in blocks]
    # A block of few is drawn to the rest: nobody is never wrong.
    ys = [(each[1] + _mean_of(pairs)) / (each[2] + 1) for each in blocks]
    for place in range(1, len(ys)):
        ys[place] = max(ys[place], ys[place - 1])
    return Calibration(kind="isotonic", x=tuple(xs), y=tuple(ys), parts=len(pairs))


def _mean(block: tuple[float, float, float]) -> float:
    return block[1] / block[2]


def _mean_of(pairs: Sequence[tuple[float, bool]]) -> float:
    return sum(right for _, right in pairs) / len(pairs)


def platt(raw: Sequence[float], right: Sequence[bool], *, rounds: int = 200) -> Calibration:
    """Fit Platt's two parameters by Newton steps on the penalised likelihood.

    Raises:
        ValueError: There is nothing to fit, or the lengths differ.
    """
    points = [(_logit(x), float(y)) for x, y in zip(raw, right, strict=True)]
    if not points:
        raise ValueError("There are no judged parts. Expected at least one.")
    a, b = 1.0, 0.0
    for _ in range(rounds):
        ga, gb, haa, hab, hbb = 0.01 * (a - 1), 0.01 * b, 0.01, 0.0, 0.01
        for x, y in points:
            p = _sigmoid(a * x + b)
            weight = max(1e-9, p * (1 - p))
            ga, gb = ga + (p - y) * x, gb + (p - y)
            haa, hab, hbb = haa + weight * x * x, hab + weight * x, hbb + weight
        determinant = haa * hbb - hab * hab
        step_a = (hbb * ga - hab * gb) / determinant
        step_b = (haa * gb - hab * ga) / determinant
        a, b = min(20.0, max(0.05, a - step_a)), min(20.0, max(-20.0, b - step_b))
        if abs(step_a) + abs(step_b) < 1e-9:
            break
    return Calibration(kind="platt", a=a, b=b, parts=len(points))


def expected_error(said: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal mass (Naeini et al., AAAI 2015)."""
    pairs = sorted(zip(said, right, strict=True))
    if not pairs:
        return 0.0
    count = min(bins, len(pairs))
    edges = [round(place * len(pairs) / count) for place in range(count + 1)]
    total = 0.0
    for start, end in itertools.pairwise(edges):
        held = pairs[start:end]
        if held:
            gap = abs(sum(x for x, _ in held) - sum(y for _, y in held))
            total += gap / len(pairs)
    return total


def raw_confidence(
    records: Iterable[StepRecord], *, router: float | None = None, own: Iterable[float] = ()
) -> float:
    """Return how sure a part is, before calibration.

    One more verdict, step or doubt never raises it.

    Args:
        records: The steps on the way to the part; the items of a ``foreach`` one by one.
        router: How sure the router was of its plan, from 0 to 1.
        own: Scores that experts gave to their own results, from 0 to 1.
    """
    sure = 1.0 if router is None else 0.5 + 0.5 * _unit(router)
    steps = list(records)
    weakest: dict[str, float] = {}
    for each in steps:  # a list of items is as sure as the least sure of them
        bare = each.step.partition("[")[0]
        weakest[bare] = min(weakest.get(bare, 1.0), step_confidence(each))
    for each in weakest.values():
        sure *= _STEP * each
    scores = [_unit(each) for each in own]
    if scores:
        sure *= 0.5 + 0.5 * min(scores)
    if any(verdict.level == "fail" for each in steps for verdict in each.verdicts):
        sure = min(sure, _FAILED_CAP)
    return sure


def step_confidence(record: StepRecord) -> float:
    """Return how far the record of one step is to be trusted, from 0 to 1."""
    sure = min((_trust(each) for each in record.verdicts), default=1.0)
    replaced = any(not each.ok for each in record.attempts)
    return sure * (_REPLACED if replaced else 1.0)


def _trust(verdict: Verdict) -> float:
    score = _unit(verdict.score)
    if verdict.level == "pass":
        return 1.0
    return 0.4 + 0.5 * score if verdict.level == "doubt" else 0.35 * (0.3 + 0.7 * score)


def _unit(value: Any) -> float:
    number = float(value)
    return min(1.0, max(0.0, number)) if math.isfinite(number) else 0.0


__all__ = (
    "FILE",
    "Calibration",
    "expected_error",
    "isotonic",
    "platt",
    "raw_confidence",
    "step_confidence",
)

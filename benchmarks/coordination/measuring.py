"""Error rates and what can be said of their differences: paired, by resampling clips or pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

DRAWS = 2000


@dataclass(frozen=True, kw_only=True)
class Rate:
    """An error rate beside another one's on the same items."""

    name: str
    rate: float
    """Errors over what there was to get right."""
    relative: float = 0.0
    """How much of the other's errors is gone (below 0) or added (above)."""
    low: float = 0.0
    """The 95 % interval of that, by bootstrap over items."""
    high: float = 0.0
    items: int = 0

    @property
    def has_interval(self) -> bool:
        """Whether there are errors to compare with."""
        return bool(self.low or self.high)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        told = f"{self.name:28}{self.rate:8.4f}"
        if self.has_interval:
            told += f"   {self.relative:+7.1%} [{self.low:+.1%}, {self.high:+.1%}]"
        return told


def rate(
    name: str,
    errors: Sequence[float],
    lengths: Sequence[float],
    against: Sequence[float] | None = None,
) -> Rate:
    """Return an error rate, and its relative difference to another one's errors on the same items."""
    np: Any = import_module("numpy")
    mine, whole = np.asarray(errors, dtype=float), np.asarray(lengths, dtype=float)
    own = float(mine.sum() / whole.sum())
    if against is None:
        return Rate(name=name, rate=own, items=len(mine))
    other = np.asarray(against, dtype=float)
    if not other.sum():  # nothing can be gone where nothing was wrong
        return Rate(name=name, rate=own, items=len(mine))
    drawn = np.random.default_rng(0).integers(0, len(mine), size=(DRAWS, len(mine)))
    sums = other[drawn].sum(axis=1)
    changes = (mine[drawn].sum(axis=1) / np.where(sums, sums, np.nan)) - 1
    return Rate(
        name=name,
        rate=own,
        relative=float(mine.sum() / other.sum() - 1),
        low=float(np.nanquantile(changes, 0.025)),
        high=float(np.nanquantile(changes, 0.975)),
        items=len(mine),
    )


def calibration(judged: Sequence[tuple[float, bool]], bins: int = 10) -> tuple[float, float, float]:
    """Return the expected calibration error, and its 95 % interval by bootstrap.

    Each bin holds as many parts as every other one: with bins of equal width nearly all would stand
    in the last. Parts of equal confidence stay together.
    """
    np: Any = import_module("numpy")
    said = np.array([each for each, _ in judged], dtype=float)
    came = np.array([right for _, right in judged], dtype=float)

    def error(rows: Any) -> float:
        order = rows[np.argsort(said[rows], kind="stable")]
        edges = [0]
        for step in range(1, bins):
            at = step * len(order) // bins
            while 0 < at < len(order) and said[order[at]] == said[order[at - 1]]:
                at += 1
            if at > edges[-1]:
                edges.append(at)
        total = 0.0
        for start, stop in zip(edges, [*edges[1:], len(order)], strict=True):
            part = order[start:stop]
            if len(part):
                total += abs(float(said[part].mean() - came[part].mean())) * len(part)
        return total / len(order)

    draw = np.random.default_rng(0)
    drawn = [error(draw.integers(0, len(said), size=len(said))) for _ in range(DRAWS // 4)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return error(np.arange(len(said))), float(low), float(high)


__all__ = ("DRAWS", "Rate", "calibration", "rate")

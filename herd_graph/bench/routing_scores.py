"""How routed quality and cost are scored: AIQ, gap closed, cost saved, calibration, and intervals.

AIQ is RouterBench's (arXiv 2403.12031): the area under the non-decreasing convex hull of (cost,
quality), here integrated from the cheapest to the dearest single expert and divided by that width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.floating[Any]]
    Picks: TypeAlias = NDArray[np.intp]
else:
    Floats = Picks = Any

LEVELS = (1.0, 0.99, 0.95)
"""The shares of the best single expert's quality at which savings are told."""
TRADEOFFS = (0.0, *(10 ** (k / 6) for k in range(-18, 31)))
"""Prices of a USD in quality: from none to one at which the cheapest always wins."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean and its 95 % interval, by the normal law over prompts."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


def interval(values: Floats) -> Interval:
    """Return the mean of values, one for each prompt, and how sure it is."""
    import numpy as np

    mean = float(np.mean(values))
    half = 1.96 * float(np.std(values)) / max(1.0, len(values) ** 0.5)
    return Interval(mean=mean, low=mean - half, high=mean + half)


def of(values: Floats, picks: Picks) -> Floats:
    """Return each prompt's value at the expert that was picked for it."""
    import numpy as np

    return values[np.arange(len(picks)), picks].astype(np.float64)


def oracle(quality: Floats, cost: Floats) -> Picks:
    """Return the best expert of each prompt; the cheapest of several."""
    import numpy as np

    best = quality.max(axis=1, keepdims=True)
    return np.where(quality >= best - 1e-9, cost, np.inf).argmin(axis=1)


def task_oracle(quality: Floats, tasks: Sequence[str]) -> Picks:
    """Return each prompt's best single expert of its task, by the labels of the whole set."""
    import numpy as np

    named = np.array(tasks)
    picks = np.zeros(len(named), dtype=np.intp)
    for task in np.unique(named):
        here = named == task
        picks[here] = quality[here].mean(axis=0).argmax()
    return picks


def shuffled(quality: Floats, picks: Picks) -> float:
    """Return what the same mix of experts would reach if prompts drew them at random."""
    import numpy as np

    share = np.bincount(picks, minlength=quality.shape[1]) / len(picks)
    return float(share @ quality.mean(axis=0))


def curve(predicted: Floats, expected_cost: Floats, quality: Floats, cost: Floats) -> Floats:
    """Return (mean cost, mean quality) at each price of a USD, of shape (len(TRADEOFFS), 2)."""
    import numpy as np

    points: list[tuple[float, float]] = []
    for price in TRADEOFFS:
        picks = (predicted - price * expected_cost).argmax(axis=1)
        points.append((float(of(cost, picks).mean()), float(of(quality, picks).mean())))
    return np.array(points)


def singles(quality: Floats, cost: Floats) -> Floats:
    """Return (mean cost, mean quality) of every expert alone."""
    import numpy as np

    return np.stack([cost.mean(axis=0), quality.mean(axis=0)], axis=1)


def aiq(points: Floats, low: float, high: float) -> float:
    """Return the area under the hull of some points between two costs, over the width."""
    import numpy as np

    if high <= low:
        return float(points[:, 1].max())
    hull = _hull(points)
    edges = np.unique(np.clip(np.concatenate([[low, high], hull[:, 0]]), low, high))
    heights = np.interp(edges, hull[:, 0], hull[:, 1], left=0.0)
    below = edges < hull[0, 0]
    heights[below] = 0.0
    return float(np.trapezoid(heights, edges) / (high - low))


def _hull(points: Floats) -> Floats:
    """Return the non-decreasing upper hull, by rising cost."""
    import numpy as np

    ordered = points[np.lexsort((-points[:, 1], points[:, 0]))]
    kept: list[tuple[float, float]] = []
    for x, y in ordered:
        if kept and y <= kept[-1][1]:
            continue
        while len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2:]
            if (by - ay) * (x - ax) >= (y - ay) * (bx - ax):
                break
            kept.pop()
        if kept and x == kept[-1][0]:
            kept.pop()
        kept.append((float(x), float(y)))
    return np.array(kept)


def saved(points: Floats, best: tuple[float, float], level: float) -> float | None:
    """Return the share of the best single expert's cost that is saved at a level of its quality.

    None where the curve does not reach it.
    """
    cost, quality = best
    reached = points[points[:, 1] >= level * quality - 1e-9]
    return 1 - float(reached[:, 0].min()) / cost if len(reached) and cost > 0 else None


def calibration(predicted: Floats, actual: Floats, bins: int = 10) -> float:
    """Return the expected calibration error of the predictions for what was picked."""
    import numpy as np

    edges = np.clip((predicted * bins).astype(int), 0, bins - 1)
    error = 0.0
    for each in range(bins):
        here = edges == each
        if here.any():
            error += abs(predicted[here].mean() - actual[here].mean()) * here.mean()
    return float(error)


__all__ = (
    "LEVELS",
    "TRADEOFFS",
    "Interval",
    "aiq",
    "calibration",
    "curve",
    "interval",
    "of",
    "oracle",
    "saved",
    "shuffled",
    "singles",
    "task_oracle",
)

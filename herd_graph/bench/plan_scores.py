"""How predicted plans are scored against wanted ones, by the published rule and by a strict one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.floating[Any]]
else:
    Numbers = Any

Link = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """What a planner made of one request."""

    tools: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    arguments: tuple[tuple[str, str, str], ...] = ()
    """Tool, parameter and value, where they are known."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean and its 95 % interval, from 1,000 bootstrap samples of the requests."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def set_f1(predicted: Sequence[Hashable], wanted: Sequence[Hashable]) -> float:
    """Return F1 by the published rule of GNN4TaskPlan.

    What is shared is counted once each, and divided by the lengths with repetitions: whoever
    repeats a tool as often as the gold does gets less than 1. Nothing predicted, or nothing wanted,
    is 0.
    """
    if not predicted or not wanted:
        return 0.0
    shared = len(set(predicted) & set(wanted))
    if not shared:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def bag_f1(predicted: Sequence[Hashable], wanted: Sequence[Hashable]) -> float:
    """Return F1 over multisets, where a tool that is wanted twice is to be predicted twice."""
    if not predicted and not wanted:
        return 1.0
    shared = sum((Counter(predicted) & Counter(wanted)).values())
    return 2 * shared / (len(predicted) + len(wanted))


def scores(
    predicted: Sequence[Predicted | None], wanted: Sequence[Predicted]
) -> dict[str, Numbers]:
    """Return one number per request for each measure; NaN where a rule leaves a request out.

    ``node_f1`` and ``link_f1`` follow the published rule, which also leaves out requests that got
    no prediction; ``strict_…`` counts those as 0 and takes repetitions as they are. ``exact`` is
    every tool and no other, ``exact_plan`` every link besides. ``parameter_f1`` is over triples of
    tool, parameter and value, and leaves out requests whose arguments are not known.
    """
    import numpy as np

    count = len(wanted)
    names = ("node_f1", "link_f1", "strict_node_f1", "strict_link_f1", "exact", "exact_plan")
    made: dict[str, Numbers] = {name: np.zeros(count) for name in names}
    made["parameter_f1"] = np.full(count, np.nan)
    for place, (got, want) in enumerate(zip(predicted, wanted, strict=True)):
        if want.arguments:
            made["parameter_f1"][place] = bag_f1(got.arguments if got else (), want.arguments)
        if got is None:
            made["node_f1"][place] = made["link_f1"][place] = np.nan
            continue
        made["node_f1"][place] = set_f1(got.tools, want.tools)
        made["link_f1"][place] = set_f1(got.links, want.links) if want.links else np.nan
        made["strict_node_f1"][place] = bag_f1(got.tools, want.tools)
        made["strict_link_f1"][place] = bag_f1(got.links, want.links)
        made["exact"][place] = set(got.tools) == set(want.tools)
        made["exact_plan"][place] = made["exact"][place] and set(got.links) == set(want.links)
    return made


def estimate(values: Numbers, *, seed: int = 0) -> Estimate:
    """Return the mean of the requests that count, and how sure it is."""
    import numpy as np

    held = values[~np.isnan(values)]
    if not len(held):
        return Estimate(mean=0.0, low=0.0, high=0.0)
    drawn = np.random.default_rng(seed).integers(0, len(held), (1000, len(held)))
    low, high = np.quantile(held[drawn].mean(axis=1), (0.025, 0.975))
    return Estimate(mean=float(held.mean()), low=float(low), high=float(high))

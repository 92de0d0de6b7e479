"""In which order, and what is passed on to what: pairs of tools, weighed by a logistic regression."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from herd_graph.routing.learned.words import Floats

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ranks: TypeAlias = NDArray[np.int8]
else:
    Ranks = Any

PAIR_FEATURES = (
    "mostly first",
    "mostly first in similar requests",
    "first in the nearest request",
    "first in the five nearest",
    "said earlier",
    "said earlier on average",
    "usually early",
    "opens plans",
    "does not close plans",
    "directly before",
)
_NEXT_SHARE = 0.3
_MOST_PERMUTED = 6


@dataclass(frozen=True, kw_only=True)
class Past:
    """The order of tools in past plans, and what linked them."""

    ranks: Ranks
    """The place of each tool in each plan, -1 where it is not in it, of shape (plans, tools)."""
    before: Floats
    """How often the row's tool came before the column's."""
    directly: Floats
    linked: Floats
    """How often the row's tool passed something on to the column's, of shape (tools, tools)."""
    chains: float
    """The share of plans in which each tool is linked to the next one, and to no other."""

    @classmethod
    def of(
        cls, plans: Sequence[Sequence[int]], links: Sequence[Sequence[tuple[int, int]]], tools: int
    ) -> Past:
        """Count the orders and links of plans, given as places of tools."""
        import numpy as np

        ranks = np.full((len(plans), tools), -1, dtype=np.int8)
        before = np.zeros((tools, tools), dtype=np.float32)
        directly, linked = before.copy(), before.copy()
        chains = several = 0
        for row, plan, joined in zip(ranks, plans, links, strict=True):
            held = list(dict.fromkeys(plan))
            for place, tool in enumerate(held[:127]):
                row[tool] = place
            for first, second in itertools.combinations(held, 2):
                before[first, second] += 1
            for first, second in itertools.pairwise(held):
                directly[first, second] += 1
            for first, second in set(joined):
                linked[first, second] += 1
            if len(plan) > 1:
                several += 1
                chains += list(joined) == list(itertools.pairwise(plan))
        return cls(
            ranks=ranks,
            before=before,
            directly=directly,
            linked=linked,
            chains=chains / several if several else 0.0,
        )

    @cached_property
    def habits(self) -> tuple[Floats, Floats, Floats]:
        """How early each tool comes, and how often it opens and closes a plan, smoothed."""
        import numpy as np

        there = self.ranks >= 0
        count = there.sum(axis=0)
        last = np.maximum(self.ranks.max(axis=1, keepdims=True), 0)
        early = (np.where(there, self.ranks / np.maximum(last, 1), 0).sum(axis=0) + 1) / (count + 2)
        opens = np.log(((self.ranks == 0).sum(axis=0) + 1) / (count + 2))
        closes = np.log(((there & (self.ranks == last)).sum(axis=0) + 1) / (count + 2))
        return early.astype(np.float32), opens.astype(np.float32), closes.astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Order:
    """Puts tools in order."""

    past: Past
    weights: Floats
    scale: Floats

    def arrange(
        self, tools: Sequence[int], places: Sequence[int], similar: Floats, said: Floats
    ) -> list[int]:
        """Return tools in their likeliest order.

        Args:
            tools: Places among the tools that there are.
            places: The past's place of each of them; -1 where it has none.
            similar: How similar each past request is, of shape (plans,).
            said: How much each clause calls for each of ``tools``, of shape (clauses, tools).
        """
        import numpy as np

        if len(tools) < 2:
            return list(tools)
        rows = pair_features(self.past, places, similar, said)
        ahead = np.zeros((len(tools), len(tools)))
        for (first, second), odds in zip(
            itertools.combinations(range(len(tools)), 2),
            (rows / self.scale) @ self.weights,
            strict=True,
        ):
            ahead[first, second], ahead[second, first] = odds, -odds
        sure = -np.logaddexp(0, -ahead)
        next_to = np.zeros_like(ahead)
        for first, second in itertools.permutations(range(len(tools)), 2):
            a, b = places[first], places[second]
            if a >= 0 and b >= 0:
                both = self.past.before[a, b] + self.past.before[b, a]
                next_to[first, second] = np.log((self.past.directly[a, b] + 0.2) / (both + 1))
        if len(tools) > _MOST_PERMUTED:
            return [tools[k] for k in np.argsort(-sure.sum(axis=1), kind="stable")]
        best = max(
            itertools.permutations(range(len(tools))),
            key=lambda each: (
                sum(sure[a, b] for a, b in itertools.combinations(each, 2))
                + _NEXT_SHARE * sum(next_to[a, b] for a, b in itertools.pairwise(each))
            ),
        )
        return [tools[k] for k in best]


def pair_features(past: Past, places: Sequence[int], similar: Floats, said: Floats) -> Floats:
    """Return what speaks for the first of each pair coming before the second.

    Each feature changes its sign when the pair is turned around.
    """
    import numpy as np

    early, opens, closes = past.habits
    clauses = max(1, len(said) - 1)
    sharp = np.exp((said - said.max(axis=0)) / 0.1)
    average = (sharp * np.arange(len(said))[:, None]).sum(axis=0) / sharp.sum(axis=0) / clauses
    first_said = said.argmax(axis=0) / clauses
    rows: list[list[float]] = []
    for a, b in itertools.combinations(range(len(places)), 2):
        one, two = places[a], places[b]
        row = [0.0] * len(PAIR_FEATURES)
        row[4] = float(first_said[b] - first_said[a])
        row[5] = float(average[b] - average[a])
        if one >= 0 and two >= 0:
            left, right = past.ranks[:, one], past.ranks[:, two]
            there = (left >= 0) & (right >= 0)
            forth, back = similar[there & (left < right)], similar[there & (left > right)]
            near, far = _most(forth), _most(back)
            row[0] = float(np.log((past.before[one, two] + 0.5) / (past.before[two, one] + 0.5)))
            row[1] = float(np.log((_sum(forth) + 1e-3) / (_sum(back) + 1e-3)))
            row[2] = float(near.max() - far.max())
            row[3] = float(near.mean() - far.mean())
            row[6] = float(early[two] - early[one])
            row[7] = float(opens[one] - opens[two])
            row[8] = float(closes[two] - closes[one])
            row[9] = float(
                np.log((past.directly[one, two] + 0.5) / (past.directly[two, one] + 0.5))
            )
        rows.append(row)
    return np.array(rows, dtype=np.float32).reshape(-1, len(PAIR_FEATURES))


def _most(similar: Floats) -> Floats:
    import numpy as np

    return np.sort(similar)[::-1][:5] if len(similar) else np.zeros(1, dtype=np.float32)


def _sum(similar: Floats) -> float:
    import numpy as np

    return float((np.clip(similar, 0, None) ** 6).sum())


def fit(rows: Floats) -> tuple[Floats, Floats]:
    """Return weights and scales of a logistic regression on pairs that are in the right order.

    Every row counts once as it is and once turned around, so there is no intercept.
    """
    import numpy as np

    scale = (
        np.maximum(np.sqrt((rows**2).mean(axis=0)), 1e-6)
        if len(rows)
        else np.ones(len(PAIR_FEATURES))
    )
    weights = np.zeros(len(PAIR_FEATURES))
    if not len(rows):
        weights[4] = 1.0  # what is said first comes first
        return weights.astype(np.float32), np.asarray(scale, dtype=np.float32)
    x = (rows / scale).astype(float)
    for _ in range(30):
        right = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (right - 1) + weights
        curvature = (x * (right * (1 - right))[:, None]).T @ x + np.eye(x.shape[1])
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-5:
            break
    return weights.astype(np.float32), scale.astype(np.float32)

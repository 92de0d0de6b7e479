"""Which tools together: a distribution over sets of tools, and the one that is expected to fit best.

A log-linear model over the likeliest sets of the best candidates. The set that is returned is the
one with the highest sum of expected F1 against the distribution and probability: with F1 alone, sets
are preferred that are nearly right more often and right less often, and a link is right only where
both of its tools are and no third stands between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from herd_graph.routing.learned.words import Floats

MOST_TOOLS = 6
NEW_SEEN = (0.7, 0.5)
"""What a set with a tool that came after training has for ``times seen`` and ``seen``.

No past plan can have been this set, so that says nothing against it: it counts as one that was seen
in every other case.
"""
_BEST = 9
_KEPT = 80
SET_FEATURES = (
    "odds",
    "lift",
    "least lift",
    "clashes",
    "times seen",
    "seen",
    *range(MOST_TOOLS + 1),
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The sets that are weighed for one request."""

    sets: tuple[tuple[int, ...], ...]
    """Places among the tools that there are."""
    features: Floats
    """Of shape (sets, features)."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The chosen set."""

    tools: tuple[int, ...]
    probability: float
    """How likely it is the very set."""
    expected: float
    """The F1 that it is expected to have."""
    nothing: float
    """How likely nothing is wanted of any tool."""


@lru_cache(maxsize=16)
def _combinations(count: int) -> Floats:
    import numpy as np

    found = [
        each
        for size in range(min(MOST_TOOLS, count) + 1)
        for each in itertools.combinations(range(count), size)
    ]
    made = np.zeros((len(found), count), dtype=np.float32)
    for row, each in zip(made, found, strict=True):
        row[list(each)] = 1
    return made


def options(
    tools: Sequence[int],
    probabilities: Floats,
    lift: Floats,
    seen: Mapping[frozenset[int], int],
    remembered: Sequence[int],
) -> Options:
    """Return the likeliest sets of candidates with what speaks for each.

    Args:
        tools: The candidates.
        probabilities: How likely each is.
        lift: How much likelier each pair of candidates is together than apart, as a logarithm.
        seen: How often past plans had which set, by the memory's places.
        remembered: The memory's place of each candidate; -1 where it came later.
    """
    import numpy as np

    best = np.argsort(-probabilities, kind="stable")[:_BEST]
    likely = np.clip(probabilities[best], 1e-4, 1 - 1e-3)
    odds = np.log(likely / (1 - likely))
    held = _combinations(len(best))
    total = held @ odds
    kept = np.argsort(-total, kind="stable")[:_KEPT]
    if 0 not in kept:  # the empty set is always an option
        kept = np.append(kept, 0)
    held, total = held[kept], total[kept]
    sizes = held.sum(axis=1).astype(int)
    near = lift[np.ix_(best, best)]
    pairs = [(a, b) for a, b in itertools.combinations(range(len(best)), 2)]
    both = np.stack([held[:, a] * held[:, b] for a, b in pairs], axis=1) if pairs else held[:, :0]
    lifts = np.array([near[a, b] for a, b in pairs], dtype=np.float32)
    least = np.where(both > 0, lifts, 0).min(axis=1) if pairs else np.zeros(len(held))
    order: list[int] = best.tolist()
    sets = tuple(tuple(tools[order[int(k)]] for k in np.flatnonzero(row)) for row in held)
    times = np.array([_times(row, order, remembered, seen) for row in held], dtype=np.float32)
    made = np.zeros((len(held), len(SET_FEATURES)), dtype=np.float32)
    made[:, 0] = total
    made[:, 1] = both @ lifts
    made[:, 2] = least
    made[:, 3] = both @ (lifts < -0.5)
    new = held @ np.array([remembered[k] < 0 for k in order], dtype=np.float32) > 0
    made[:, 4] = np.where(new, NEW_SEEN[0], np.log1p(times))
    made[:, 5] = np.where(new, NEW_SEEN[1], times > 0)
    made[np.arange(len(held)), 6 + sizes] = 1
    return Options(sets=sets, features=made)


def _times(
    row: Floats, best: Sequence[int], remembered: Sequence[int], seen: Mapping[frozenset[int], int]
) -> int:
    held = frozenset(remembered[best[k]] for k in range(len(row)) if row[k])
    return 0 if -1 in held else seen.get(held, 0)


def choose(given: Options, weights: Floats) -> Choice:
    """Return the set with the highest expected F1 and probability, each counting as much."""
    import numpy as np

    scores = given.features @ weights
    odds = np.exp(scores - scores.max())
    odds /= odds.sum()
    tools = sorted({each for held in given.sets for each in held})
    at = {tool: place for place, tool in enumerate(tools)}
    rows = np.zeros((len(given.sets), max(1, len(tools))), dtype=np.float32)
    for row, held in zip(rows, given.sets, strict=True):
        row[[at[each] for each in held]] = 1
    sizes = rows.sum(axis=1)
    shared = rows @ rows.T
    f1 = np.where(
        sizes[:, None] + sizes[None, :] > 0,
        2 * shared / np.maximum(sizes[:, None] + sizes[None, :], 1),
        1.0,
    )
    expected = f1 @ odds
    best = int((expected + odds).argmax())
    empty = next((k for k, held in enumerate(given.sets) if not held), None)
    return Choice(
        tools=given.sets[best],
        probability=float(odds[best]),
        expected=float(expected[best]),
        nothing=float(odds[empty]) if empty is not None else 0.0,
    )


def fit(given: Sequence[Options], wanted: Sequence[frozenset[int]]) -> Floats:
    """Return weights by maximum likelihood of the wanted sets, with a small penalty.

    Requests whose wanted set is not among the options say nothing and are left out.
    """
    import numpy as np

    weights = np.zeros(len(SET_FEATURES))
    weights[0] = 1.0
    pairs = [
        (each.features.astype(float), place)
        for each, want in zip(given, wanted, strict=True)
        if (place := next((k for k, s in enumerate(each.sets) if frozenset(s) == want), None))
        is not None
    ]
    if not pairs:
        return weights.astype(np.float32)
    start = weights.copy()
    for _ in range(30):  # Newton: a dozen weights, a convex loss
        gradient = 0.02 * (weights - start)
        curvature = 0.02 * np.eye(len(weights))
        for rows, place in pairs:
            scores = rows @ weights
            odds = np.exp(scores - scores.max())
            odds /= odds.sum()
            mean = odds @ rows
            gradient += (mean - rows[place]) / len(pairs)
            centred = rows - mean
            curvature += (centred * odds[:, None]).T @ centred / len(pairs)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-4:
            break
    return weights.astype(np.float32)

"""Paths of tools through the clauses of a request, by beam search: nothing here was learnt.

A path takes tools one after the other, each for the clause that it fits. A clause that is taken
twice, a tool that answers an earlier clause than the one before it, and a step that the tool graph
does not know cost something; what the graph knows is worth something. The paths are a distribution,
from which the tools are taken that are expected to fit best.
"""

from __future__ import annotations

from dataclasses import dataclass

from herd_graph.routing.learned.words import Floats

_WIDTH, _ENDS, _WEIGHED = 50, 36, 60
"""Paths that are kept for each length, places where they may go, and sets that are weighed."""
_NEVER = 1e9


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a path gains and pays, in units of log-odds."""

    scale: float
    """Of the scores."""
    follows: float = 0.0
    """Gained by a step that the graph knows."""
    strays: float = 0.0
    """Paid for one that it does not."""
    back: float = 0.7
    """Paid for going back to an earlier clause."""
    again: float = 2.0
    """Paid for taking a clause that was taken."""
    sharpness: float = 1.0
    """How much likelier the better path is."""
    whole: float = 0.2
    """How much being exactly right counts beside the expected F1."""


def chosen(
    scores: Floats, follows: Floats, costs: Costs, *, least: int = 2, most: int = 5
) -> tuple[int, ...]:
    """Return tools in order: of the likeliest paths, those that are expected to fit best.

    Args:
        scores: How well each clause fits each tool, of shape (clauses, tools).
        follows: 1 where the tool of the column may follow that of the row, of shape (tools, tools).
        costs: What a path gains and pays.
        least: How many tools at least, where there are as many.
        most: How many at most.
    """
    import numpy as np

    least = max(1, min(least, scores.shape[1]))
    paths, values = _paths(scores, follows, costs, least, most)
    odds = np.exp((values - values.max()) * costs.sharpness)
    odds /= odds.sum()
    tools = sorted({tool for path in paths for tool in path})
    column = {tool: place for place, tool in enumerate(tools)}
    held = np.zeros((len(paths), len(tools)), dtype=np.float32)
    for row, path in zip(held, paths, strict=True):
        row[[column[tool] for tool in path]] = 1
    size = held.sum(axis=1)
    weighed = np.argsort(-odds, kind="stable")[:_WEIGHED]
    f1 = 2 * (held[weighed] @ held.T) / (size[weighed][:, None] + size[None, :])
    same = f1 > 1 - 1e-4
    best = int((f1 @ odds + costs.whole * (same @ odds)).argmax())
    orders: dict[tuple[int, ...], float] = {}
    for place in np.flatnonzero(same[best]):
        path = paths[int(place)]
        orders[path] = orders.get(path, 0.0) + float(odds[place])
    return max(orders, key=lambda path: orders[path])


def _paths(
    scores: Floats, follows: Floats, costs: Costs, least: int, most: int
) -> tuple[list[tuple[int, ...]], Floats]:
    """Return the likeliest paths of every allowed length, and what each is worth."""
    import numpy as np

    flat = scores.ravel()
    ends = np.argsort(-flat, kind="stable")[: max(_ENDS, least)]
    clause, tool = ends // scores.shape[1], ends % scores.shape[1]
    if len(np.unique(tool)) < least:  # many clauses, all for few tools
        first = np.argsort(-scores.max(axis=0), kind="stable")[:least]
        tool = np.append(tool, first)
        clause = np.append(clause, scores.argmax(axis=0)[first])
    own = costs.scale * (scores[clause, tool] - flat.max())
    known = follows[np.ix_(tool, tool)] > 0
    alike = tool[:, None] == tool[None, :]
    step = (
        np.where(known, costs.follows, -costs.strays)
        - costs.back * (clause[None, :] < clause[:, None])
        - costs.again * (clause[None, :] == clause[:, None])
    )
    paths: list[tuple[int, ...]] = [(place,) for place in range(len(own))]
    worth, banned = own.copy(), alike.copy()
    taken = clause[:, None] == np.arange(len(scores))[None, :]
    found: list[tuple[int, ...]] = []
    values: list[Floats] = []
    for length in range(1, most + 1):
        if length >= least:
            found += [tuple(int(tool[place]) for place in path) for path in paths]
            values.append(worth)
        last = np.array([path[-1] for path in paths])
        further = worth[:, None] + own[None, :] + step[last] - _NEVER * banned
        further -= costs.again * (taken[:, clause] & (clause[None, :] != clause[last][:, None]))
        open_ends = int((further > -_NEVER / 2).sum())
        if length == most or not open_ends:
            break
        kept = np.argsort(-further.ravel(), kind="stable")[: min(_WIDTH, open_ends)]
        row, end = kept // len(own), kept % len(own)
        paths = [(*paths[int(a)], int(b)) for a, b in zip(row, end, strict=True)]
        worth = further.ravel()[kept]
        banned = banned[row] | alike[end]
        taken = taken[row]
        taken[np.arange(len(end)), clause[end]] = True
    return found, np.concatenate(values)


__all__ = ("Costs", "chosen")

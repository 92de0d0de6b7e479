"""Align sequences into a network of slots and vote slot by slot: what speech and OCR share.

The method is ROVER (Fiscus 1997, "A post-processing system to yield reduced word error rates"):
hypotheses are aligned one after the other into a word transition network, and each slot is decided
by a vote. Two changes make the result a function of the *set* of hypotheses: equal ones are merged
with their weights added, and the order of alignment is theirs, not the caller's: the medoid first,
then the others by their distance to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(kw_only=True)
class Slot(Generic[T]):
    """One place of the network: what each hypothesis has there; ``None`` for nothing."""

    votes: dict[T | None, float] = field(default_factory=dict[T | None, float])

    def add(self, token: T | None, weight: float) -> None:
        """Count a vote."""
        self.votes[token] = self.votes.get(token, 0.0) + weight

    def winner(self, base: T | None) -> T | None:
        """Return the token with the most weight; between equals the medoid's, then the smaller."""
        best = max(self.votes.values())
        tied = [token for token, weight in self.votes.items() if weight >= best - 1e-9]
        if base in tied:
            return base
        return min(tied, key=lambda token: (token is None, repr(token)))


@dataclass(frozen=True, kw_only=True)
class Vote(Generic[T]):
    """What came of one slot."""

    token: T | None
    share: float
    """The share of the weight that agrees, from 0 to 1."""
    others: tuple[T | None, ...] = ()
    """What else was there, by weight."""


def distance(left: Sequence[T], right: Sequence[T]) -> int:
    """Return the edit distance of two sequences: insertions, deletions and substitutions count 1."""
    if len(left) < len(right):
        left, right = right, left
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, start=1):
        before, row[0] = row[0], i
        for j, two in enumerate(right, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != two))
    return row[-1]


@dataclass(kw_only=True)
class _Spoken:
    """What one merged hypothesis brings: its weight, and that of each of its tokens."""

    weight: float
    tokens: list[float]
    nothing: float
    """What it says for leaving a slot empty."""


def vote(
    hypotheses: Sequence[Sequence[T]],
    weights: Sequence[float] | None = None,
    *,
    sure: Sequence[Sequence[float] | None] | None = None,
    nothing: float = 1.0,
) -> list[Vote[T]]:
    """Align hypotheses and vote slot by slot.

    Args:
        hypotheses: Sequences of tokens that can be compared; at least one.
        weights: How much each counts; 1 by default. Not negative, and not all 0.
        sure: How sure each hypothesis is of each of its tokens, from 0 to 1; it scales their votes.
            None (for all, or for one) counts every token fully.
        nothing: How sure a hypothesis is taken to be where it has nothing and others something.

    Returns:
        One vote for each slot of the network; those whose token is ``None`` are no part of the result.

    Raises:
        ValueError: There are no hypotheses, or their weights are of another number, or all 0.
    """
    merged = _merged(hypotheses, weights, sure, nothing)
    ordered = _in_order({each: said.weight for each, said in merged.items()})
    base = ordered[0]
    network: list[Slot[T]] = [
        Slot(votes={token: weight}) for token, weight in zip(base, merged[base].tokens, strict=True)
    ]
    marks: list[T | None] = list(base)
    placed = merged[base].nothing
    for each in ordered[1:]:
        network, marks = _added(network, marks, each, merged[each], placed)
        placed += merged[each].nothing
    found: list[Vote[T]] = []
    for slot, mark in zip(network, marks, strict=True):
        token = slot.winner(mark)
        rest = sorted(
            (other for other in slot.votes if other != token),
            key=lambda other: (-slot.votes[other], repr(other)),
        )
        total = sum(slot.votes.values())
        share = slot.votes[token] / total if total > 0 else 0.0
        found.append(Vote(token=token, share=share, others=tuple(rest)))
    return found


def _merged(
    hypotheses: Sequence[Sequence[T]],
    weights: Sequence[float] | None,
    sure: Sequence[Sequence[float] | None] | None,
    nothing: float,
) -> dict[tuple[T, ...], _Spoken]:
    if not hypotheses:
        raise ValueError("There is nothing to fuse. Expected at least one hypothesis.")
    given = [1.0] * len(hypotheses) if weights is None else list(weights)
    if len(given) != len(hypotheses) or min(given) < 0 or sum(given) <= 0:
        raise ValueError(
            f"{len(given)} weights were given for {len(hypotheses)} hypotheses. Expected one for each, "
            "not negative, and one above 0."
        )
    told = [None] * len(hypotheses) if sure is None else list(sure)
    if len(told) != len(hypotheses):
        raise ValueError(
            f"{len(told)} lists of confidences were given for {len(hypotheses)} hypotheses. Expected "
            "one for each, or None in its place."
        )
    merged: dict[tuple[T, ...], _Spoken] = {}
    for each, weight, own in zip(hypotheses, given, told, strict=True):
        if weight <= 0:
            continue
        tokens = tuple(each)
        if own is not None and len(own) != len(tokens):
            raise ValueError(
                f"{len(own)} confidences were given for {len(tokens)} tokens. Expected one for each."
            )
        votes = [weight * (1.0 if own is None else own[place]) for place in range(len(tokens))]
        held = merged.get(tokens)
        if held is None:
            empty = weight * (1.0 if own is None else nothing)
            merged[tokens] = _Spoken(weight=weight, tokens=votes, nothing=empty)
            continue
        held.weight += weight
        held.tokens = [a + b for a, b in zip(held.tokens, votes, strict=True)]
        held.nothing += weight * (1.0 if own is None else nothing)
    return merged


def _in_order(merged: dict[tuple[T, ...], float]) -> list[tuple[T, ...]]:
    """Return the medoid, then the others from the nearest to it to the farthest."""
    known = sorted(merged, key=repr)
    apart = {(a, b): distance(a, b) for a in known for b in known if a is not b}

    def spread(one: tuple[T, ...]) -> tuple[float, float, str]:
        away = sum(merged[other] * apart[one, other] for other in known if other is not one)
        return round(away, 9), -round(merged[one], 9), repr(one)

    first = min(known, key=spread)
    rest = sorted(
        (each for each in known if each is not first),
        key=lambda each: (apart[first, each], -round(merged[each], 9), repr(each)),
    )
    return [first, *rest]


def _added(
    network: list[Slot[T]],
    marks: list[T | None],
    tokens: Sequence[T],
    said: _Spoken,
    placed: float,
) -> tuple[list[Slot[T]], list[T | None]]:
    """Return the network with one more hypothesis; ``placed`` is what is in it for an empty slot."""
    rows, columns = len(network), len(tokens)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(1, rows + 1):
        cost[i][0] = cost[i - 1][0] + _gap(network[i - 1])
    for j in range(1, columns + 1):
        cost[0][j] = float(j)
    for i in range(1, rows + 1):
        slot = network[i - 1]
        gap = _gap(slot)
        for j in range(1, columns + 1):
            cost[i][j] = min(
                cost[i - 1][j - 1] + (0.0 if tokens[j - 1] in slot.votes else 1.0),
                cost[i - 1][j] + gap,
                cost[i][j - 1] + 1.0,
            )
    made: list[Slot[T]] = []
    kept: list[T | None] = []
    i, j = rows, columns
    while i or j:
        slot = network[i - 1] if i else None
        token = tokens[j - 1] if j else None
        if (
            slot is not None
            and j
            and cost[i][j] == cost[i - 1][j - 1] + (0.0 if token in slot.votes else 1.0)
        ):
            slot.add(token, said.tokens[j - 1])
            made.append(slot)
            kept.append(marks[i - 1])
            i, j = i - 1, j - 1
        elif slot is not None and cost[i][j] == cost[i - 1][j] + _gap(slot):
            slot.add(None, said.nothing)
            made.append(slot)
            kept.append(marks[i - 1])
            i -= 1
        else:
            made.append(Slot(votes={None: placed, token: said.tokens[j - 1]}))
            kept.append(None)
            j -= 1
    return made[::-1], kept[::-1]


def _gap(slot: Slot[T]) -> float:
    return 0.0 if None in slot.votes else 1.0


__all__ = ("Slot", "Vote", "distance", "vote")

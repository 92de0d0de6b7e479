"""Free texts by several experts: the one that most others come near to.

Minimum Bayes risk over a set of candidates (Kumar and Byrne, "Minimum Bayes-risk decoding for
statistical machine translation", NAACL 2004): the candidate with the highest expected likeness to
the others is the safest. The likeness is chrF (Popović, WMT 2015), letters 1 to 6 long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Prefer = Callable[[str, str], float]
"""How much the first of two texts is preferred, from 0 to 1; 0.5 for no preference."""
_LONGEST = 6


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A text that was chosen among several."""

    index: int
    text: str
    score: float
    """Its expected likeness to the others, or its share of wins; from 0 to 1."""


def likeness(left: str, right: str, *, recall: float = 2.0) -> float:
    """Return chrF of two texts, from 0 to 1, the same in both directions."""
    if left == right:
        return 1.0
    return (_chrf(left, right, recall) + _chrf(right, left, recall)) / 2


def choose_text(
    texts: Sequence[str],
    weights: Sequence[float] | None = None,
    *,
    alike: Callable[[str, str], float] = likeness,
) -> Chosen:
    """Return the text with the least risk: the nearest to all others, by their weights.

    Order does not matter but between equals, where the smaller text is taken.

    Raises:
        ValueError: There are none, or the weights are of another number.
    """
    if not texts:
        raise ValueError("There are no texts. Expected at least one.")
    given = [1.0] * len(texts) if weights is None else list(weights)
    total = sum(given) or 1.0
    scores = [
        sum(weight * alike(one, two) for two, weight in zip(texts, given, strict=True)) / total
        for one in texts
    ]
    best = min(range(len(texts)), key=lambda place: (-round(scores[place], 9), texts[place], place))
    return Chosen(index=best, text=texts[best], score=scores[best])


def rank_by_pairs(texts: Sequence[str], prefer: Prefer) -> Chosen:
    """Return the text that wins most comparisons; each pair is shown in both orders.

    A judge that favours what it sees first contradicts itself when the order is turned: such a pair
    counts half for each.

    Raises:
        ValueError: There are none.
    """
    if not texts:
        raise ValueError("There are no texts. Expected at least one.")
    wins = [0.0] * len(texts)
    for one in range(len(texts)):
        for two in range(one + 1, len(texts)):
            forth, back = prefer(texts[one], texts[two]), prefer(texts[two], texts[one])
            share = (forth + 1.0 - back) / 2
            wins[one] += share
            wins[two] += 1.0 - share
    games = max(1, len(texts) - 1)
    best = min(range(len(texts)), key=lambda place: (-round(wins[place], 9), place))
    return Chosen(index=best, text=texts[best], score=wins[best] / games if len(texts) > 1 else 1.0)


def _chrf(hypothesis: str, reference: str, beta: float) -> float:
    precisions: list[float] = []
    recalls: list[float] = []
    one, two = "".join(hypothesis.split()), "".join(reference.split())
    for size in range(1, _LONGEST + 1):
        mine = Counter(one[i : i + size] for i in range(len(one) - size + 1))
        theirs = Counter(two[i : i + size] for i in range(len(two) - size + 1))
        if not mine or not theirs:
            continue
        shared = sum((mine & theirs).values())
        precisions.append(shared / sum(mine.values()))
        recalls.append(shared / sum(theirs.values()))
    if not precisions:
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    if precision + recall <= 0:
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


__all__ = ("Chosen", "Prefer", "choose_text", "likeness", "rank_by_pairs")

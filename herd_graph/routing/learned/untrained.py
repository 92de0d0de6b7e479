"""Plans from cards alone: each clause proposes the tool whose card it is nearest to."""

from __future__ import annotations

from herd_graph.routing.learned.cards import Cards
from herd_graph.routing.learned.reading import Reading

MOST = 5
_GAP = 0.59


class CardPlanner:
    """Chooses tools with no training.

    Args:
        cards: The tools.
    """

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._names = [each.name for each in cards.tools]

    def tools(self, reading: Reading, least: int = 2) -> list[str]:
        """Return the tools that the clauses propose, in the order of the clauses.

        Args:
            reading: The request.
            least: How many at least; what is asked of a herd is rarely one thing.
        """
        scores, _ = self._cards.scores(reading)
        proposed: dict[int, float] = {}
        for clause in scores:
            best = int(clause.argmax())
            proposed[best] = max(proposed.get(best, -9.0), float(clause[best]))
        top = max(proposed.values())
        kept = [each for each, score in proposed.items() if score >= top - _GAP]
        kept = sorted(kept, key=lambda each: -proposed[each])[:MOST]
        order = scores.max(axis=0).argsort()[::-1]
        kept += [int(k) for k in order if int(k) not in kept][: max(0, least - len(kept))]
        return [self._names[k] for k in sorted(kept, key=lambda k: int(scores[:, k].argmax()))]

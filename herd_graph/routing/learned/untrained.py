"""Plans from cards alone, and from which tool may follow which, where that is known."""

from __future__ import annotations

from collections.abc import Collection

from herd_graph.discovery.embedders import Embedder
from herd_graph.routing.learned.cards import Cards
from herd_graph.routing.learned.paths import Costs, chosen
from herd_graph.routing.learned.reading import Reading
from herd_graph.routing.learned.words import Floats

_CARD, _NAME, _NAME_WHOLE, _WHOLE, _DESCRIPTION = 0.5, 1.0, 0.6, 0.6, 0.2
_WORDS, _DEED, _HUB, _TAG, _MET = 0.2, 0.2, 0.2, 0.4, 0.12
"""What each counts: set on one half of UltraTool's requests and looked at on the other."""
_ALONE = Costs(scale=4.0, sharpness=0.7, whole=0.0)
_LINKED = Costs(scale=4.0, follows=1.0, strays=2.0, again=1.5)


class CardPlanner:
    """Chooses tools with no training.

    Args:
        cards: The tools.
        embedder: What made the vectors of the cards.
        follows: Which tool may follow which, by name. Types say it, or whoever made the tools; a
            tool that meets many others is meant more often, and a path keeps to what is known.
    """

    def __init__(
        self, cards: Cards, embedder: Embedder, follows: Collection[tuple[str, str]] = ()
    ) -> None:
        import numpy as np

        self._cards = cards
        self._names = [each.name for each in cards.tools]
        at = {name: place for place, name in enumerate(self._names)}
        self._follows: Floats = np.zeros((len(at), len(at)), dtype=np.float32)
        for first, second in follows:
            if first in at and second in at:
                self._follows[at[first], at[second]] = 1
        self._met = np.log1p(self._follows.sum(axis=0) + self._follows.sum(axis=1))
        self._costs = _LINKED if self._follows.any() else _ALONE
        tags = sorted({tag for each in cards.tools for tag in each.tags})
        self._tags: Floats = embedder.embed(tags) if tags else np.zeros((0, 0), dtype=np.float32)
        self._tagged = np.array([[tag in each.tags for tag in tags] for each in cards.tools])

    def tools(self, reading: Reading, least: int = 2) -> list[str]:
        """Return tools in order, each for a clause that it fits.

        Args:
            reading: The request.
            least: How many at least; what is asked of a herd is rarely one thing.
        """
        path = chosen(self._scores(reading), self._follows, self._costs, least=least)
        return [self._names[each] for each in path]

    def _scores(self, reading: Reading) -> Floats:
        """Return how well each clause fits each tool, of shape (clauses, tools)."""
        import numpy as np

        cards = self._cards
        _, deed = cards.scores(reading)
        whole = np.maximum.reduceat(cards.texts @ reading.whole, list(cards.starts))
        scores = (
            _CARD * cards.by_clause(reading)
            + _NAME * (reading.clauses @ cards.names.T)
            + _DESCRIPTION * (reading.clauses @ cards.descriptions.T)
            + _WORDS * cards.shared_words(reading)
            + _DEED * deed
            + _WHOLE * whole
            - _HUB * cards.hub
        )
        if not self._follows.any():
            return scores + _NAME_WHOLE * (cards.names @ reading.whole)
        if len(self._tags):
            near = self._tags @ reading.whole
            scores = scores + _TAG * np.where(self._tagged, near, near.min()).max(axis=1)
        return scores + _MET * self._met

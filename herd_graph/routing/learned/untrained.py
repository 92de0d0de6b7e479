"""Plans from cards alone: each clause proposes the tool whose card it is nearest to."""

from __future__ import annotations

from collections.abc import Collection

from herd_graph.discovery.words import stem, words
from herd_graph.routing.learned.cards import Cards
from herd_graph.routing.learned.reading import Reading
from herd_graph.routing.learned.words import Floats

MOST = 5
_DEEDS = {
    "make": "book reserve set add make order request schedule arrange create new open register apply "
    "appoint place purchase buy send write generate record",
    "end": "cancel delete remove undo terminate close dismiss",
    "change": "change modify update adjust reschedule edit postpone revise move switch alter extend "
    "correct rename",
    "look": "query inquire inquiry check look search find know view retrieve status confirm list "
    "details information inform tell see verify recommend lookup get track show",
}
_DEED_OF = {
    stem(word): place for place, said in enumerate(_DEEDS.values()) for word in said.split()
}
_CLAUSE, _NAME, _WHOLE, _WORDS, _DEED, _HUB = 0.5, 1.0, 1.0, 0.1, 0.3, 0.5
_GAP = 0.59


class CardPlanner:
    """Chooses tools with no training.

    What is asked of a thing matters as much as the thing: *cancel the booking* is nearer to a card
    about booking than to one about cancelling, by meaning alone. So deeds are sorted into four kinds
    (make, end, change, look), and a clause's kind speaks for the tools of that kind.

    Args:
        cards: The tools.
        graph: Which tool may follow which; empty where nothing says so.
    """

    def __init__(self, cards: Cards, graph: Collection[tuple[str, str]] = ()) -> None:
        import numpy as np

        self._cards = cards
        self._graph = frozenset(graph)
        self._names = [each.name for each in cards.tools]
        named = [deeds(each.name.replace("_", " ")) for each in cards.tools]
        described = [deeds(each.description) for each in cards.tools]
        self._deeds = np.stack([a if a.sum() else b for a, b in zip(named, described, strict=True)])
        # A card that is near to all others is near to every request: that says nothing.
        self._hub = np.maximum.reduceat(
            (cards.texts @ cards.texts.T).mean(axis=1), list(cards.starts)
        )

    def scores(self, reading: Reading) -> Floats:
        """Return how well each clause fits each tool, of shape (clauses, tools)."""
        import numpy as np

        cards = self._cards
        starts = list(cards.starts)
        near = np.maximum.reduceat(reading.clauses @ cards.texts.T, starts, axis=1)
        whole = np.maximum.reduceat(cards.texts @ reading.whole, starts)
        spoken = np.zeros((len(reading.stems), len(cards.vocabulary)), dtype=np.float32)
        for row, clause in zip(spoken, reading.stems, strict=True):
            row[[cards.vocabulary[each] for each in clause if each in cards.vocabulary]] = 1
        shared = spoken @ (cards.name_words + cards.description_words).T
        asked = np.stack([deeds(reading.text[start:end]) for start, end in reading.spans])
        both = asked @ self._deeds.T > 0
        says = np.outer(asked.sum(axis=1), self._deeds.sum(axis=1)) > 0
        deed = np.where(says, np.where(both, 1.0, -1.0), 0.0)
        return (
            _CLAUSE * near
            + _NAME * (reading.clauses @ cards.names.T)
            + _WHOLE * whole
            + _WORDS * shared
            + _DEED * deed
            - _HUB * self._hub
        ).astype(np.float32)

    def tools(self, reading: Reading, least: int = 2) -> list[str]:
        """Return the tools that the clauses propose, in the order of the clauses."""
        scores = self.scores(reading)
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


def deeds(text: str) -> Floats:
    """Return which kinds of deed a text speaks of, of shape (kinds,)."""
    import numpy as np

    made = np.zeros(len(_DEEDS), dtype=np.float32)
    for each in words(text):
        place = _DEED_OF.get(stem(each))
        if place is not None:
            made[place] = 1
    return made

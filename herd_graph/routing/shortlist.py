"""The experts that a language model is shown: few enough to read, enough to find a path.

Retrieval looks for the whole request and for each of its clauses, so that the smallest wish in a
long request has its expert too. Then every kind of attachment gets experts that can open it, since
a path often begins with one that the request does not speak of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from herd_graph.cards import ExpertCard
from herd_graph.discovery import CapabilityIndex
from herd_graph.types import Kind

_CLAUSES = 12
_CHARS = 1000


def reachable(cards: Sequence[ExpertCard], given: Iterable[Kind]) -> list[ExpertCard]:
    """Return the experts that can be supplied at all, from these kinds and from words.

    Args:
        cards: The experts that are there.
        given: The kinds of the attachments. Text and data can always be written down.
    """
    have = {*given, Kind.TEXT, Kind.DATA}
    left, found = list(cards), list[ExpertCard]()
    while True:
        able = [
            card
            for card in left
            if all(_supplied(port.kinds, have) for port in card.inputs if port.required)
        ]
        if not able:
            return found
        found += able
        left = [card for card in left if card not in able]
        have |= {kind for card in able for kind in card.gives}


def shortlist(
    index: CapabilityIndex,
    cards: Sequence[ExpertCard],
    request: str,
    clauses: Sequence[str],
    kinds: Iterable[Kind],
    k: int,
) -> tuple[list[ExpertCard], dict[str, float]]:
    """Return at most ``k`` experts for a request, the best first, and everybody's score by id.

    Args:
        index: The capability index, in step with ``cards``.
        cards: The experts that may be chosen.
        request: The whole request.
        clauses: Its parts.
        kinds: The kinds of what is attached.
        k: How many experts are shown at most.
    """
    kinds = list(kinds)
    able = {card.id: card for card in reachable(cards, kinds)}
    scores: dict[str, float] = dict.fromkeys(able, 0.0)
    chosen: dict[str, None] = {}
    queries = [request[:_CHARS], *(each[:_CHARS] for each in clauses[:_CLAUSES])]
    each_gets = max(2, k // (2 * len(queries)))
    for number, query in enumerate(queries):
        hits = index.search(query, eligible=able, k=len(able))
        for hit in hits:
            scores[hit.card] = max(scores[hit.card], hit.score)
        for hit in hits[: k // 2 if number == 0 else each_gets]:
            chosen.setdefault(hit.card)
    for kind in dict.fromkeys(kinds):
        openers = [card for card in able.values() if kind in card.takes]
        for card in sorted(openers, key=lambda each: -scores[each.id])[:2]:
            chosen.setdefault(card.id)
    ranked = sorted(chosen, key=lambda card: -scores[card])
    rest = sorted((card for card in able if card not in chosen), key=lambda card: -scores[card])
    return [able[card] for card in (*ranked, *rest)[:k]], scores


def _supplied(kinds: tuple[Kind, ...], have: set[Kind]) -> bool:
    return Kind.ANY in kinds or not have.isdisjoint(kinds)


__all__ = ("reachable", "shortlist")

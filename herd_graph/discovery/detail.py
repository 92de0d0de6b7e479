"""Look closely at the few cards that a search found: which one is the request for?

``search`` compares a request with whole texts, which is what thresholds and margins are set on. To
put the right card *first* among two hundred alike, more is worth looking at, and it was measured
what (``herd bench discovery``; see ``benchmarks/README.md`` for what helped and what did not):

- the description with the name before it, and each of its sentences by itself;
- the name as somebody would ask for it: a request names a subject more often than a deed;
- shared words, by BM25: a long text full of words gains nothing by its length;
- proper names that the card is about and that the request does not mention: a tool for petrol
  prices in Australia is for nobody who does not say Australia;
- how near the card is to all others: of two that are equally near, the general one is meant.

The weights are rounded from two fits on halves of MetaTool's development part that agreed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from herd_graph.cards import ExpertCard
from herd_graph.discovery.embedders import Embedder
from herd_graph.discovery.words import STOP_WORDS, stem, stems, words

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors
    from herd_graph.discovery.mirror import CardRows
    from herd_graph.discovery.view import View
else:
    Vectors = Any

LOOKED_AT = 60
"""How many of the cards that a search found are looked at closely."""
_SHARES = {"description": 0.21, "named": 0.22, "sentence": 0.28, "asked for": 0.29}
_WORDS_SHARE = 0.07
_UNMENTIONED_COST = 0.03
_GENERAL_SHARE = 0.5
_MOST_GENERAL = 0.06
"""More than that must not be gained by being near to everything: stuffed cards are."""
_LEAST_WORDS = 4.0
_SENTENCES = 6
_K1, _B = 1.2, 0.75
_LISTED = re.compile(r"\b(?:tool|plugin|app|api|chat|gpt|ai|dev|expert)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\W]+")
_ACRONYM = re.compile(r"[A-Z0-9]{1,4}s?")


@dataclass(frozen=True)
class Detail:
    """What a close look at a card compares."""

    parts: tuple[str, ...]
    """What each row is."""
    vectors: Vectors
    stems: Counter[str]
    length: int
    proper: frozenset[str]


def spoken(name: str) -> str:
    """Return a name as words: ``HousePurchasingTool`` is *House Purchasing Tool*."""
    return " ".join(_CAMEL.sub(" ", name).split())


def subject(name: str) -> str:
    """Return what a name is about: its words without *tool*, *app* and their like."""
    said = spoken(name)
    return " ".join(_LISTED.sub(" ", said).split()) or said


def proper_names(text: str) -> frozenset[str]:
    """Return the stems of the names in a text: words with a capital inside a sentence."""
    found: set[str] = set()
    for sentence in re.split(r"(?<=[.!?:])\s+", text):
        said = re.findall(r"[A-Za-z][\w'-]*", sentence)
        if sum(each[0].isupper() for each in said) > 0.6 * len(said):
            continue  # a headline has capitals everywhere
        found |= {
            stem(each) for each in said[1:] if each[0].isupper() and not _ACRONYM.fullmatch(each)
        }
    return frozenset(found)


def detail_of(card: ExpertCard, embedder: Embedder) -> Detail:
    """Read a card closely: some milliseconds for each of its sentences."""
    name, said = spoken(card.name), card.description[:1000]
    sentences = [part for part in re.split(r"(?<=[.!?;])\s+|, |\n+", said) if len(part) > 8]
    texts = [
        ("description", said),
        ("named", f"{name}: {said}"),
        ("asked for", f"Can you help me with {subject(card.name)}?"),
        *(("sentence", each) for each in (*sentences[:_SENTENCES], *card.examples[:_SENTENCES])),
    ]
    if not sentences and not card.examples:
        texts.append(("sentence", said))
    counted = stems(" ".join((name, name, said, *card.tags, *card.examples[:_SENTENCES])))
    return Detail(
        parts=tuple(part for part, _ in texts),
        vectors=embedder.embed([text for _, text in texts]),
        stems=Counter(counted),
        length=len(counted),
        proper=proper_names(said),
    )


class CloseLook:
    """Puts the cards that a search found in order. Remembers what it read of each card."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._read: dict[str, Detail] = {}
        self._middle: tuple[View, Vectors] | None = None

    def scores(
        self, query: str, vector: Vectors, cards: Sequence[tuple[ExpertCard, CardRows]], view: View
    ) -> list[float]:
        """Return a score for each card; they are comparable within one query alone."""
        if not cards:
            return []
        details = [self._detail(card, rows) for card, rows in cards]
        general = self._general(cards, view)
        lexical = _bm25(set(stems(query)), details, view)
        held = {stem(each) for each in words(query) if each not in STOP_WORDS}
        made: list[float] = []
        for place, detail in enumerate(details):
            near: dict[str, float] = {}
            for part, value in zip(detail.parts, detail.vectors @ vector, strict=True):
                near[part] = max(near.get(part, -1.0), float(value))
            score = sum(share * near[part] for part, share in _SHARES.items())
            score += _WORDS_SHARE * lexical[place] + general[place]
            if detail.proper and not detail.proper & held:
                score -= _UNMENTIONED_COST
            made.append(score)
        return made

    def _detail(self, card: ExpertCard, rows: CardRows) -> Detail:
        key = rows.fingerprint
        if key not in self._read:
            self._read[key] = detail_of(card, self._embedder)
        return self._read[key]

    def _general(self, cards: Sequence[tuple[ExpertCard, CardRows]], view: View) -> list[float]:
        """Return what each card gains or loses by how near it is to all there are."""
        import numpy as np

        if self._middle is None or self._middle[0] is not view:
            firsts = [block.matrix[block.starts[:-1]] for block in view.blocks]
            self._middle = (view, np.concatenate(firsts).mean(axis=0))
        near = np.array([float(rows.vectors[0] @ self._middle[1]) for _, rows in cards])
        gained = _GENERAL_SHARE * (near - float(near.mean()))
        return [float(each) for each in gained.clip(-_MOST_GENERAL, _MOST_GENERAL)]


def _bm25(asked: set[str], details: Sequence[Detail], view: View) -> list[float]:
    """Return BM25 of each card, as a share of the best one's (Robertson and Zaragoza, 2009)."""
    usual = sum(each.length for each in details) / len(details)
    rarity: Mapping[str, float] = {
        each: math.log(1 + (view.count - n + 0.5) / (n + 0.5))
        for each in asked
        if (n := min(view.seen.get(each, 0), view.count)) > 0
    }
    found: list[float] = []
    for detail in details:
        worn = _K1 * (1 - _B + _B * detail.length / max(usual, 1.0))
        found.append(
            sum(
                weight * detail.stems[each] * (_K1 + 1) / (detail.stems[each] + worn)
                for each, weight in rarity.items()
                if detail.stems[each]
            )
        )
    most = max(_LEAST_WORDS, *found)
    return [each / most for each in found]


__all__ = ("LOOKED_AT", "CloseLook", "Detail", "detail_of", "proper_names", "spoken", "subject")

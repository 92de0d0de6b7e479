# ruff: noqa: SIM905 - word lists are read and mended as words
"""Tell an expert for the usual case from its rough, fast or slow brother.

Two experts may do one job. Meaning alone cannot say which is the default: a *draft of what is said*
is as near to "what is said?" as the transcript itself. So a card that says of itself that it is
rough, fast or slow, or whose name is another's with a word added (``resize_thumbnail`` beside
``resize``, for the same kind of input), is a *variant*: taken when its own word is said, and
otherwise after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import STOP_WORDS, stem, words

_FAST = frozenset(
    "fast faster fastest quick quickly quicker quickest rapid rapidly rough roughly draft crude "
    "approximate approximately cheap cheaply speed speedy speedily sketchy hasty hurry lite "
    "preliminary provisional".split()
)
_SLOW = frozenset("slow slowly slower learners beginners".split())
_MANNERS = (_FAST, _SLOW)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What sets an expert apart from the usual one."""

    asks: frozenset[str]
    """Words and stems that ask for it."""
    plain: str = ""
    """The expert that it is a variant of, where its name says so."""

    def is_asked(self, text: str) -> bool:
        """Say whether a clause holds one of its words."""
        spoken = words(text)
        return bool(self.asks & {*spoken, *(stem(each) for each in spoken)})


def variants(cards: Sequence[ExpertCard]) -> Mapping[str, Variant]:
    """Return the variants among experts, by name."""
    return _variants(tuple(_Said.of(card) for card in cards))


@dataclass(frozen=True)
class _Said:
    name: str
    takes: frozenset[str]
    tags: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, card: ExpertCard) -> _Said:
        return cls(card.name, frozenset(card.takes), card.tags, (card.description, *card.examples))


@lru_cache(maxsize=64)
def _variants(cards: tuple[_Said, ...]) -> Mapping[str, Variant]:
    found: dict[str, Variant] = {}
    for card in cards:
        name = words(card.name.replace("_", " "))
        tagged = [each for tag in card.tags for each in words(tag)]
        said = {*name, *tagged, *words(card.texts[0].partition(".")[0])}
        asks = frozenset[str]().union(*(manner for manner in _MANNERS if manner & said))
        plain = next(
            (
                each
                for each in cards
                if card.name.startswith(f"{each.name}_") and card.takes & each.takes
            ),
            None,
        )
        if plain is not None:
            shared = {stem(each) for text in (*plain.tags, *plain.texts) for each in words(text)}
            own = {stem(each) for each in (*name, *tagged) if each not in STOP_WORDS}
            asks |= own - shared
        if asks:
            found[card.name] = Variant(asks=asks, plain=plain.name if plain else "")
    return found

# ruff: noqa: SIM905 - word lists are read and mended as words
"""Words as discovery compares them: stems, stop words and how rare a word is among the cards."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ENDINGS = ("ingly", "ations", "ation", "ings", "ing", "ions", "ion", "ies", "ed", "es", "s", "e")
_KEPT = 6
_IRREGULAR = {
    "said": "say",
    "says": "say",
    "told": "tell",
    "spoke": "speak",
    "spoken": "speak",
    "speech": "speak",
    "written": "write",
    "wrote": "write",
    "people": "person",
    "photo": "photo",
    "summed": "sum",
    "summing": "sum",
    "heard": "hear",
    "maths": "math",
}
STOP_WORDS = frozenset(
    "a about all also am an and any are as at be been both but by can could did do does each every "
    "for from get give had has have he her him his how i if in into is it its just kindly let like "
    "make may me might my need no not now of off on one or our out please s she should so some "
    "than thank thanks that the their them then there these they this those to up us want was we "
    "were what when where which who whose why will with would you your".split()
)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a word's stem: rough, so that *transcript* and *transcribing* meet."""
    word = word.lower().removesuffix("'s")
    word = _IRREGULAR.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:_KEPT]


def words(text: str) -> list[str]:
    """Return the words of a text, lower case."""
    return [each.group().lower() for each in _WORD.finditer(text)]


def stems(text: str) -> list[str]:
    """Return the stems of what is no stop word."""
    return [stem(each) for each in words(text) if each not in STOP_WORDS]


class WordStatistics:
    """How much of a query's rare words each card holds: the lexical half of the evidence."""

    def __init__(self, cards: Mapping[str, Iterable[tuple[str, float]]]) -> None:
        """Count the words of ``cards``: texts with weights, by card id."""
        self._weights: dict[str, dict[str, float]] = {}
        seen: Counter[str] = Counter()
        for card, texts in cards.items():
            held: dict[str, float] = {}
            for text, weight in texts:
                for each in stems(text):
                    held[each] = max(held.get(each, 0.0), weight)
            self._weights[card] = held
            seen.update(held.keys())
        count = max(1, len(self._weights))
        self._rarity = {
            each: math.log(1 + (count - n + 0.5) / (n + 0.5)) for each, n in seen.items()
        }
        self._unseen = math.log(1 + (count + 0.5) / 0.5) * 0.4
        self._least = math.log(1 + (count - 2 + 0.5) / 2.5) if count > 3 else 0.0

    def overlap(self, query: str) -> dict[str, float]:
        """Return, for each card, the share from 0 to 1 of the query's word weight that it holds.

        A word that no card knows counts, but less than one that tells cards apart: requests are
        full of names and things.
        """
        asked = list(dict.fromkeys(stems(query)))
        total = sum(self._rarity.get(each, self._unseen) for each in asked)
        if total <= 0:
            return dict.fromkeys(self._weights, 0.0)
        # One word that half of the cards hold, such as "text", says next to nothing by itself.
        total = max(total, self._least)
        return {
            card: sum(self._rarity[each] * held[each] for each in asked if each in held) / total
            for card, held in self._weights.items()
        }

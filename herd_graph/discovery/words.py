# ruff: noqa: SIM905 - word lists are read and mended as words
"""Words as discovery compares them: stems and stop words."""

from __future__ import annotations

import re
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

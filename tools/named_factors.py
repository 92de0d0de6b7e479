"""A sum whose numbers carry what they count: *4 bikes times 15 euros times 3 days* is 4 * 15 * 3."""

from __future__ import annotations

import re

from .numerals import digits

_N = r"(?:[$€£] ?)?\d+(?:[.,]\d+)?"
_NOUN = r"(?:(?: ?[$€£])|(?: (?!times\b|at\b|plus\b|minus\b|multiplied\b|divided\b|by\b|and\b|of\b|x\b|percent\b|per\b|squared\b|cubed\b|factorial\b|to\b|hundred\b|cents?\b|degrees?\b)[^\W\d_]+){1,3})?"
_SIGNS = {
    "times": "*",
    "multiplied by": "*",
    "x": "*",
    "plus": "+",
    "minus": "-",
    "divided by": "/",
    "at": "*",
}
_OP = r"(?:times|at|multiplied by|plus|minus|divided by|x)"
_WHOLE = re.compile(
    r"\W*(?:(?:please|and|so) )*(?:(?:what(?:'s| is| are| do| would)?|how much (?:is|are|do|would)|calculate|compute|work out)[ :]+)?"
    rf"(?P<sum>{_N}{_NOUN}(?: {_OP} {_N}{_NOUN})+)"
    r"(?:,? (?:how much|what) (?:is|are|does|do|would|makes?) (?:that|it|this)(?: (?:come to|make|be|cost|altogether|together|in (?:all|total)))*|,? (?:altogether|in total|in all|make|cost|come to))?\W*",
    re.IGNORECASE,
)
_PIECE = re.compile(rf"(?P<n>{_N})(?P<noun>{_NOUN})|(?P<op>{_OP})", re.IGNORECASE)


def without_nouns(text: str) -> str:
    """Return a sum in words as one in signs; any other text as it is.

    Args:
        text: *What is 4 times 15 euros times 2 days?*
    """
    flat = digits(" ".join(text.split()))
    found = _WHOLE.fullmatch(flat) if len(flat) < _LONGEST else None
    if found is None:
        return text
    pieces = list(_PIECE.finditer(found["sum"]))
    if not any(each["noun"] for each in pieces):
        return text
    return " ".join(
        _SIGNS[each["op"].lower()] if each["op"] else re.sub(r"[^\d.,]", "", each["n"])
        for each in pieces
    )


_LONGEST = 200

__all__ = ("without_nouns",)

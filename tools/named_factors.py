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
_CHARGE = re.compile(
    r"(?i)\b(?P<sign>plus|minus) (?:an?|the|my|our|their|his|her) (?:[^\W\d_]+ ){0,2}(?:fees?|charges?|surcharges?|supplement|deposit|fine|penalty|tip|bill|cost|costs|price|payment|rent|postage|delivery|"
    r"shipping|allowance|bonus|premium|duty|debt|refund|rebate|voucher|discount|reduction|credit) of (?=(?:[$€£] ?)?\d)"
)
"""What a number is of, before it: *plus a late fee of 12*. No *half of 12*, which is another sum."""
_TAKEN = frozenset({"refund", "rebate", "voucher", "discount", "reduction", "credit"})


def _uncharged(said: re.Match[str]) -> str:
    odd = said["sign"].lower() == "plus" and said.group().split()[-2].lower() in _TAKEN
    return said.group() if odd else f"{said['sign']} "


def without_nouns(text: str) -> str:
    """Return a sum in words as one in signs; any other text as it is.

    Args:
        text: *What is 4 times 15 euros times 2 days?*, *What is 84.60 plus a late fee of 12?*
    """
    whole = digits(" ".join(text.split()))
    flat = _CHARGE.sub(_uncharged, whole)
    found = _WHOLE.fullmatch(flat) if len(flat) < _LONGEST else None
    if found is None or "%" in whole:
        return text
    pieces = list(_PIECE.finditer(found["sum"]))
    if flat == whole and not any(each["noun"] for each in pieces):
        return text
    return " ".join(
        _SIGNS[each["op"].lower()] if each["op"] else re.sub(r"[^\d.,]", "", each["n"])
        for each in pieces
    )


_LONGEST = 200

__all__ = ("without_nouns",)

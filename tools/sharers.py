"""Among how many something is shared, where they are named: *split it between Omar, Ann and me*."""

from __future__ import annotations

import re

_ONE = (
    r"(?!(?:the|that|this|it|them|those|these|us|all|each|every\w*|people|friends|total|of)\b)"
    r"(?:(?:my|his|her|our|their) )?[^\W\d_][\w'’-]*(?: (?!and\b|e\b)[A-Z][\w'’-]*)?"
)
_MANY = rf"(?P<who>{_ONE}(?:\s*,\s*(?:and )?{_ONE})*\s*,?\s*(?:and|&|e)\s+{_ONE})"
_AMONG = re.compile(
    rf"(?P<verb>\b(?:split|share[ds]?|divided?|sharing|splitting|half|halves|dividir|dividido)\b(?:[^.?!;]|\.(?=\d)){{0,40}}?)"
    rf"\b(?P<by>between|among|amongst|by|entre) {_MANY}(?![\w-])",
    re.IGNORECASE,
)
_WITH = re.compile(
    rf"(?P<verb>\b(?:split|share|sharing|splitting)\b(?:[^.?!;]|\.(?=\d)){{0,30}}?)\bwith (?P<who>{_ONE}(?:\s*,\s*{_ONE})*(?:\s*,?\s+and\s+{_ONE})?)\s*(?=[.?!;]|$)",
    re.IGNORECASE,
)
_PART = re.compile(r"\s*,\s*(?:and\s+)?|\s+(?:and|e)\s+|\s*&\s*", re.IGNORECASE)
_BOTH = re.compile(
    r"\b(?P<by>between|among|amongst) (?:the )?(?P<who>both|two|three|four|five|six) of us\b",
    re.IGNORECASE,
)
_WORDS = {"both": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def counted(text: str) -> str:
    """Return a request with the number of those who share, in place of their names.

    Args:
        text: *Split it between Omar and me*; or whatever else, which stays as it is.
    """
    told = _BOTH.sub(lambda hit: f"{hit['by']} {_WORDS[hit['who'].lower()]} people", text)
    told = _AMONG.sub(
        lambda hit: f"{hit['verb']}{hit['by']} {len(_PART.split(hit['who']))} people", told
    )
    return _WITH.sub(
        lambda hit: f"{hit['verb']}between {len(_PART.split(hit['who'])) + 1} people", told
    )


__all__ = ("counted",)

"""Say in full what people leave out of a question of finance: *irr -1000 500 500*, *150/month*."""

from __future__ import annotations

import re

from .unit_wordings import without_sums

_FLOWS = re.compile(r"\b(?:irr|npv)\b|rate of return|net present value", re.IGNORECASE)
_SPACED = re.compile(r"(?<=\d)[ \u00a0]+(?=[-−+]?(?!000\b)\d[\d,.]*(?:\s|$|[,;:?]))")
_AGAIN = re.compile(
    r"(?P<n>\d[\d,.]*)(?: (?:euros?|dollars?|pounds?|eur|usd|gbp))?(?: (?:back|again|in return|profit|income|in cash))*"
    r"\s*,?\s*(?:"
    r"(?:(?:at|by) the end of |in |for |during )?(?:a|per|each|every)(?: (?:year|month|quarter|period))?(?: of)?"
    r"|(?:year|month|quarter)ly|annually|(?=(?:for|over|in) the next))"
    r"\s*(?:for |over |in |during )?(?:the )?(?:next |following |coming )?(?P<count>\d{1,2}) (?:years|months|quarters|periods|times)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?P<count>\d{1,2}) (?:(?:yearly|annual|monthly|equal) )?(?:payments|flows|times|instal+ments) of (?P<n>\d[\d,.]*)",
    re.IGNORECASE,
)
_PER = re.compile(r"(?<=\d)\s*/\s*(month|mo|year|yr|week|quarter)\b", re.IGNORECASE)
_WORDS = {"mo": "month", "yr": "year"}


def in_full(asked: str) -> str:
    """Return a question of finance with everything said that people leave out.

    Sums of bare numbers beside it are another expert's. Where cash flows are asked for, a space parts
    them, and one that comes again stands as often as it comes.
    """
    text = re.sub(r"\s*@\s*", " at ", without_sums(asked))
    text = _PER.sub(lambda found: f" a {_WORDS.get(found[1].lower(), found[1])}", text)
    if _FLOWS.search(text):
        text = _TIMES.sub(_repeated, _AGAIN.sub(_repeated, text))
        text = _SPACED.sub(", ", text)
    return text


def _repeated(found: re.Match[str]) -> str:
    return ", ".join([found["n"].rstrip(".,")] * int(found["count"]))


__all__ = ("in_full",)

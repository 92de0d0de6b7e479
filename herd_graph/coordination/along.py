"""What was asked for on the way to an answer: *read the poster, translate it and read it aloud*.

One recording is the answer to it, and the words on the poster were asked for as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_ALOUD = re.compile(
    r"\bread (?:(?!and\b|then\b)[\w']+ ){0,5}?(?:aloud|out(?: loud)?|to (?:me|us))\b", re.IGNORECASE
)
"""Not what reads: it speaks."""
_VERBS = {
    "read": r"read|what does (?:the|this|my|that) [\w ]{2,30} say\b",
    "transcribe": r"transcri\w+|write down|type (?:up|out)",
    "translate": r"translat\w+|put (?:it|this|that|them)? ?in(?:to)?",
    "summarize": r"summari[sz]e|sum (?:it |this |that )?up|shorten",
}
_END = re.compile(r"[,;:.?!\n]|\b(?:and|then|in|into|to)\b", re.IGNORECASE)


def wish_for(expert: str, ask: str) -> str:
    """Return the piece of a request that asks for what an expert gave; empty where none does.

    Args:
        expert: Its name and version: ``read_text@1``.
        ask: What the whole answer is to: *Read the poster and read it aloud*.
    """
    verb = expert.partition("@")[0].partition("_")[0]
    form = _VERBS.get(verb)
    if form is None:
        return ""
    plain = _ALOUD.sub(lambda found: "." * len(found.group()), ask)
    begins = re.search(rf"\b(?:{form})", plain, re.IGNORECASE)
    if begins is None:
        return ""
    ends = _END.search(plain, begins.end())
    piece = ask[begins.start() : ends.start() if ends else len(ask)].strip()
    return " ".join(piece.split())


def once(headings: Sequence[str]) -> str:
    """Return what several things were asked for that came to one result, as one line.

    Args:
        headings: Their lines, each with a colon or a question mark at its end.
    """
    *first, last = dict.fromkeys(headings)
    return " / ".join([*(each.rstrip(":") for each in first), last])


def is_csv(ask: str, mimes: Collection[str]) -> bool:
    """Say whether comma-separated values were asked for, and are what came."""
    return bool(re.search(r"\bcsv\b|comma[- ]separated", ask, re.IGNORECASE)) and set(mimes) == {
        "text/csv"
    }


__all__ = ("is_csv", "once", "wish_for")

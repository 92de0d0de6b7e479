"""A sum, and what percentage its result is of a number that it began with.

*Income was 3460 and costs 2915, what's left, and what percent of the income is that?* holds two questions.
Who answers the first alone leaves the second out without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from .stories import decimal

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TOO = re.compile(
    r"[\s,;.:?!]*(?:\band\s+|[,;.:?!]\s*)(?:(?:what|how much|which)(?:['’]?s| is| are)? )?(?:the |as an? )?(?:percent(?:age)?|per ?cent|%)"
    rf"(?: of (?:(?:the|my|our|his|her|their|what \w+) )?(?P<of>{_NUMBER}|[a-z]+))? (?:is|was|are|does) (?:that|it|this|they|those)(?: make| come to)?\W*$",
    re.IGNORECASE,
)
_STEM = 4
"""Letters by which *earnings* are told to be what someone *earned*."""
_OUT_OF = re.compile(r"\d (?:out )?of (?:the )?\d")
"""*120 of 300 tickets*: neither a product nor a sum."""
_PLAIN = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def with_share(text: str, answer: Callable[[str], str | None]) -> str | None:
    """Return both answers, a line each; None where a text asks for nothing of the kind.

    Args:
        text: The whole question.
        answer: Answers the sum before it.
    """
    flat = " ".join(text.split())
    found = _TOO.search(flat)
    if found is None or _OUT_OF.search(flat):
        return None
    rest = flat[: found.start()].strip()
    made = (answer(f"{rest}?") or "").strip()
    whole = _whole(rest, found["of"] or "")
    if not _PLAIN.fullmatch(made) or not whole or not 0 <= decimal(made) <= whole:
        return None
    share = decimal(made) * 100 / whole
    rounded = share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    shown = f"{rounded:f}".rstrip("0").rstrip(".")
    return f"{made}\n{made} of {whole:f} = {shown} %"


def _whole(told: str, of: str) -> Decimal | None:
    """Return the number that a word of the story names; the greatest where none is named."""
    if re.fullmatch(_NUMBER, of):
        return decimal(of)
    numbers = re.findall(_NUMBER, told)
    if not of:
        return max(map(decimal, numbers), default=None)
    stem = re.escape(of[:_STEM].lower())
    after = re.search(rf"\b{stem}\w*\b[^\d,;.?!]{{0,15}}?({_NUMBER})", told, re.IGNORECASE)
    before = re.search(rf"({_NUMBER})(?: [a-z]+)? {stem}\w*\b", told, re.IGNORECASE)
    hit = after or before
    return decimal(hit[1]) if hit else None


__all__ = ("with_share",)

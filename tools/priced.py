"""The lines of a receipt that carry a price: for how many of what, and what one of them costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .alike import repaired
from .wording import _COUNTED, _MASKED, _PRICE, _TOTALS, MAX_LINES, _amount

_INCLUDED = re.compile(r"^(?:incl|inkl|including|included)\b\s*", re.IGNORECASE)
_CURRENCY = re.compile(r"\s*\b(?:EUR|USD|GBP|CHF|BRL)\b")
_HOURS = re.compile(
    r"(?<![\d.,$€£])(?:[01]?\d|2[0-3])[.:h][0-5]\d ?(?:[ap]\.?m\.?)? ?(?:-|–|—|to|till|until|bis|às|a) ?"
    r"(?:[01]?\d|2[0-3])[.:h][0-5]\d(?![\d.,]| ?(?:[$€£]|eur\b))",
    re.IGNORECASE,
)
"""*7.30 - 15.00* beside a day or *open* is a time."""
_OPEN = re.compile(
    r"\b(?:open\w*|daily|hours?|closed?|mon|tue|wed|thu|fri|sat|sun)(?:days?|sday|nesday|rsday|urday)?\b|\baberto\b|\bhorário\b|\bgeöffnet\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"\d+[.,]\d+\s?%")
_WHOLE_NUMBER = re.compile(r"(?<![\d.,/])\d{1,3}(?![\d%/]|[.,]\d)")
_LEADS = re.compile(r"^\W*\d{1,3}\s*(?:[xX×*]\s*)?(?=[^\W\d_]{3})")
_LAST = re.compile(
    r"\s*(?:\b\d{1,3}\s*(?:[xX×*@]|at|à|a)?|@|\bat)\s*(?:[$€£]|EUR|USD|GBP|CHF|BRL)?\s*$"
)
_NIGHTS = re.compile(r",?\s*\b\d{1,3}\s+(?:nights?|days?|weeks?|months?|units?|pcs|pieces)\b\s*$")
_NO_WORD = re.compile(r"(?:(?!(?<=\d)[.,]\d+ ?%)[^\w%&/'-])+")
_HEADING_WORDS = 4
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """A priced line."""

    label: str
    amount: Decimal
    is_total: bool
    count: int = 1
    """For how many of it the amount is."""
    unit: Decimal | None = None
    """What one of it costs, where the line says so."""
    section: str = ""
    """The heading that it stands under."""


def priced_lines(text: str) -> list[Line]:
    """Return the lines that carry a price, with their words."""
    found: list[Line] = []
    label = section = ""
    for line in text.splitlines()[:MAX_LINES]:
        counted = _COUNTED.search(line)
        masked = line if counted else _MASKED.sub(" ", line)
        masked = _SHARE.sub(" ", masked)
        if _OPEN.search(line):
            masked = _HOURS.sub(" ", masked)
        amounts = list(_PRICE.finditer(masked))
        worded = re.search(r"[^\W\d_]{2}", line) is not None
        label = line if worded else label
        if not amounts:
            plain = worded and len(line.split()) <= _HEADING_WORDS and not re.search(r"\d", line)
            section = " ".join(line.split()) if plain else section
            continue
        amount = _amount(amounts[-1])
        if counted and len(amounts) == 1:
            amount *= int(counted.group(1))
        count, unit = _several(masked, amounts, amount, counted)
        found.append(
            Line(
                _named(label, several=unit is not None),
                amount,
                _TOTALS.search(label) is not None,
                count,
                unit,
                section,
            )
        )
    return found


def _several(
    line: str,
    amounts: Sequence[re.Match[str]],
    amount: Decimal,
    counted: re.Match[str] | None,
) -> tuple[int, Decimal | None]:
    """Return how many of a thing a line is for and the price of one: two numbers that make the third."""
    if counted and len(amounts) == 1:
        return int(counted.group(1)), _amount(amounts[0])
    if len(amounts) < 2:
        return 1, None
    unit = _amount(amounts[-2])
    rest = line[: amounts[-2].start()] + " " + line[amounts[-2].end() : amounts[-1].start()]
    for each in _WHOLE_NUMBER.findall(rest):
        if int(each) and abs(int(each) * unit - amount) < _CENT:
            return int(each), unit
    return 1, None


def _named(line: str, *, several: bool) -> str:
    """Return what a line is about, without its numbers of pieces and its prices."""
    named = _PRICE.sub(" ", line)
    if several:
        named = _NIGHTS.sub("", _LAST.sub("", _LEADS.sub("", named).rstrip()))
    clean = " ".join(_NO_WORD.sub(" ", re.sub(r"[$€£]|\b\d+\s*[xX]\b", " ", named)).split())
    return _CURRENCY.sub("", _INCLUDED.sub("", repaired(clean))).strip(" -") or "line"

"""The lines of a receipt that carry a price: for how many of what, and what one of them costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
_LED = re.compile(r"(?P<n>[1-9]\d?) (?P<rest>[^\W\d_]{3}.*)")
_MEASURED = re.compile(
    r"(?<![\d.,])(\d+[.,]\d{1,3}) ?(?:kg|g|l|lt|lb|m|km|h|hrs?|hours?)\b", re.IGNORECASE
)
_BY_MEASURE = re.compile(
    r",?\s*\b\d+[.,]\d{1,3} ?(?:kg|g|l|lt|lb|m|km|h|hrs?|hours?)\b\s*(?:x|×|\*|@|at|à|a)?\s*",
    re.IGNORECASE,
)
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
    columns: int = 1
    """How many prices it has."""


def priced_lines(text: str) -> list[Line]:
    """Return the lines that carry a price, with their words."""
    found: list[Line] = []
    label = section = ""
    lines = text.splitlines()[:MAX_LINES]
    ahead: tuple[int, Decimal] | None = None
    for at, line in enumerate(lines):
        counted = _COUNTED.search(line)
        if counted and (ahead := _for_next(line, lines[at + 1 : at + 2])) is not None:
            continue  # *2 @ 3.25*, above the line that it is for
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
        if ahead is not None:
            (count, unit), ahead = ahead, None
        found.append(
            Line(
                _named(label, several=unit is not None),
                amount,
                _TOTALS.search(label) is not None,
                count,
                unit,
                section,
                len(amounts),
            )
        )
    return _with_counts(found)


def _for_next(line: str, following: Sequence[str]) -> tuple[int, Decimal] | None:
    """Return how many of what the next line names a line of numbers alone tells, and for how much each."""
    counted = _COUNTED.search(line)
    prices = list(_PRICE.finditer(line))
    below = list(_PRICE.finditer(following[0])) if following else []
    if counted is None or len(prices) != 1 or len(below) != 1 or re.search(r"[^\W\d_]{2}", line):
        return None
    count, unit = int(counted.group(1)), _amount(prices[0])
    fits = abs(count * unit - _amount(below[0])) < _CENT
    return (count, unit) if fits and re.search(r"[^\W\d_]{2}", following[0]) else None


def _with_counts(found: list[Line]) -> list[Line]:
    """Take small numbers in front of several lines for how many of each there are."""
    led = [_LED.match(each.label) for each in found]
    if sum(each is not None for each in led) < 2:
        return found
    return [
        line
        if hit is None or line.is_total
        else replace(
            line,
            label=hit["rest"],
            count=line.count if line.unit is not None else int(hit["n"]),
            unit=line.unit
            if line.unit is not None
            else (line.amount / int(hit["n"])).quantize(_CENT),
        )
        for line, hit in zip(found, led, strict=True)
    ]


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
    for each in _MEASURED.findall(rest):
        if abs(Decimal(each.replace(",", ".")) * unit - amount) <= _CENT:
            return 1, unit
    for each in _WHOLE_NUMBER.findall(rest):
        if int(each) and abs(int(each) * unit - amount) < _CENT:
            return int(each), unit
    return 1, None


def _named(line: str, *, several: bool) -> str:
    """Return what a line is about, without its numbers of pieces and its prices."""
    named = _PRICE.sub(" ", line)
    if several:
        named = _BY_MEASURE.sub(" ", named)
        named = _NIGHTS.sub("", _LAST.sub("", _LEADS.sub("", named).rstrip()))
    clean = " ".join(_NO_WORD.sub(" ", re.sub(r"[$€£]|\b\d+\s*[xX]\b", " ", named)).split())
    return _CURRENCY.sub("", _INCLUDED.sub("", repaired(clean))).strip(" -") or "line"

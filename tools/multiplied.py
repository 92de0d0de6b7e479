"""Multiply the one price of a text: *what would six cost?*, *how much is that a year?*."""

from __future__ import annotations

import re
from decimal import Decimal

from .numerals import digits
from .price_lists import amount
from .slip_forms import TOTAL
from .sums_of_rates import PERIODS

_MOST = 10_000
_COUNTED = re.compile(
    r"^\W*(?:(?:and|so|then|also|please|tell me)\W+)*(?:what|how much)(?:['’]?s| is| are| was| were| do| does| did| would| will| must| should| for)\b"
    r"(?P<rest>[^?!]*)",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(?:costs?|pay|pays|paid|be|come to|comes to|make|altogether|together|in total|in all|for \d+)\b|^\W*\d+\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"%|\b(?:per ?cent|each|split|share[sd]?|half|left|change|tip|off|more|less|after|without|hours?|minutes?|o['’]clock)\b|\d[.,:]\d",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(?<![\w.,])(\d{1,4})(?![\w.,]*\d)")
_PERIOD = r"(?:day|night|week|fortnight|month|quarter|year)"
_EVERY = re.compile(
    rf"\b(?:an?|per|each|every|/) ?(?P<a>{_PERIOD})\b|\b(?P<b>week|month|quarter|year)ly\b|\b(?P<c>dai)ly\b|\b(?P<d>annual)(?:ly)?\b",
    re.IGNORECASE,
)
_OF_IT = re.compile(
    r"^\W*(?:(?:and|so|then|also|please|tell me)\W+)*(?:what|how much)(?:['’]?s| is| are| does| would| will)\b[^\d?]*?\b(?:that|it|this|they|the \w+)\b[^\d?]*\W*$",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"[€$£] ?(\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:[.,]\d{2})?)(?!\d)"
    r"|(?<![\d:.,])(\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:[.,]\d{2})?) ?(?:euros?\b|eur\b|€|pounds?\b|gbp\b|£|dollars?\b|usd\b|\$)"
    r"|(?<![\d:.,/])(\d+[.,]\d{2})(?![\d:,/]|\.\d| ?(?:[ap]\.?m|h)\b)",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\bThe text says: ")


def multiplied(text: str, request: str) -> str | None:
    """Return what several of the one thing that a text prices cost; None where it is not that simple.

    Args:
        text: What names one price: *£84. The text says: “The yearly fee is £84.”*
        request: *What would 17 children pay altogether?*, *how much is that a year?*
    """
    if TOTAL.search(text):
        return None
    prices = {each.group(): _amount(each) for each in _PRICE.finditer(_SAYS.split(text)[0])} or {
        each.group(): _amount(each) for each in _PRICE.finditer(text)
    }
    if len(set(prices.values())) != 1:
        return None
    price = next(iter(prices.values()))
    if (times := _over_time(text, request)) is not None:
        return _told(times, price)
    asked = _COUNTED.match(digits(request))
    rest = asked["rest"] if asked is not None else ""
    counts = _COUNT.findall(rest)
    if len(counts) != 1 or not _COSTS.search(rest) or _OTHERWISE.search(rest):
        return None
    return _told(int(counts[0]), price) if 1 < int(counts[0]) < _MOST else None


def asks_for_several(request: str) -> bool:
    """Say whether a request wants to know what a number of things cost."""
    asked = _COUNTED.match(digits(request))
    rest = asked["rest"] if asked is not None else ""
    return len(_COUNT.findall(rest)) == 1 and bool(_COSTS.search(rest))


def _amount(found: re.Match[str]) -> Decimal:
    return amount(next(each for each in found.groups() if each))


def _over_time(text: str, request: str) -> int | None:
    """Return how often a price is paid in the time that is asked for: twelve times a year."""
    given = {_named(each) for each in _EVERY.finditer(text)}
    wanted = [_named(each) for each in _EVERY.finditer(request)]
    if len(given) != 1 or len(wanted) != 1 or not _OF_IT.match(request):
        return None
    return PERIODS.get((given.pop(), wanted[0]))


def _named(found: re.Match[str]) -> str:
    said = next(each for each in found.groups() if each).lower()
    return {"dai": "day", "annual": "year", "night": "day"}.get(said, said)


def _told(times: int, price: Decimal) -> str:
    return f"{times * price} = {times} × {price}"


__all__ = ("asks_for_several", "multiplied")

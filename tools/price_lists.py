"""What several of something cost by a poster, a menu or a price list: *two adults and three children*."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .numerals import digits

_PRICE = re.compile(
    r"(?P<sign>[€$£]) ?(?P<a>\d+(?:[.,]\d{2})?)|(?<![\d:.,])(?P<b>\d+(?:[.,]\d{2})?) ?(?:euros?\b|eur\b|€|pounds?\b|gbp\b|£|dollars?\b|usd\b|\$)"
    r"|(?<![\d:.,/])(?P<c>\d+[.,]\d{2})(?![\d:.,/]| ?(?:am|pm|h)\b)",
    re.IGNORECASE,
)
_FREE = re.compile(r"\b(?:free|grátis|gratuit[oa]s?)\b", re.IGNORECASE)
_APART = re.compile(r"[;|•]|,(?!\d)| [-–] (?=\D)")
_NO_LABEL = frozenset(
    "pay pays cost costs only from each per for with price prices euro euros eur pounds dollars free just the and".split()  # noqa: SIM905 - read as words
)
_ASKS = re.compile(
    r"\bhow much\b|\bprices?\b|\bcosts?\b|\bpays?\b|\bcomes? to\b|\bin (?:total|all)\b|\baltogether\b|\btotal\b|\bquanto\b",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\b(?P<n>\d+|an?|um|uma) (?P<what>(?:(?!and\b|e\b|or\b|plus\b|with\b|cost|pay|come|if\b|each\b|is\b|are\b|would\b|do\b|does\b|please\b|on\b|in\b|for\b|at\b|as\b|to\b|be\b)[^\W\d_][\w'-]*[ ]?){1,3})",
    re.IGNORECASE,
)
_ALIKE = {
    "kid": "child", "children": "child", "toddler": "child", "crianca": "child", "grown": "adult", "adulto": "adult",
    "pupil": "student", "estudante": "student", "pensioner": "senior", "bilhete": "ticket", "entrada": "entry",
}  # fmt: skip
_ANYBODY = frozenset(
    {"ticket", "entry", "admission", "people", "person", "visitor", "guest", "seat", "us", "adult"}
)
_TOTAL = re.compile(r"\b(?:sub-?total|total|change|cash)\b", re.IGNORECASE)
_MOST = 1000
"""Of one thing: more is a year or a number of a house."""


@dataclass(frozen=True)
class Rate:
    """What one of something costs."""

    label: str
    stems: frozenset[str]
    amount: Decimal


def several(question: str, text: str) -> str | None:
    """Return what a number of things cost by a list of prices; None where it asks for none, or the list is silent.

    A receipt is none: its lines say what was paid, for as many as were bought.

    Args:
        question: *How much do four tickets cost?*
        text: The poster, the menu, the list.
    """
    if not _ASKS.search(question) or _TOTAL.search(text):
        return None
    wanted = _wanted(question)
    listed = rates(text)
    if not listed or not any(count > 1 for count, _ in wanted):
        return None
    named = [(count, _rate(what, listed)) for count, what in wanted]
    found = [(count, rate) for count, rate in named if rate is not None]
    if not found or len(found) < len(named):
        return None
    whole = sum((count * rate.amount for count, rate in found), Decimal(0))
    made = " + ".join(f"{count} × {rate.label} {rate.amount}" for count, rate in found)
    return f"{whole} = {made}"


def rates(text: str) -> list[Rate]:
    """Return the prices of a list: one for each piece of a line that has one."""
    found: list[Rate] = []
    for line in text.splitlines():
        for piece in _APART.split(line):
            price = _PRICE.search(piece)
            free = None if price else _FREE.search(piece)
            hit = price or free
            if hit is None:
                continue
            said = next((each for each in (hit.groups()[1:] if price else ()) if each), "0")
            before, after = piece[: hit.start()], piece[hit.end() :]
            by = re.match(r"\s*(?:per|for|a|each|por)\b", after, re.IGNORECASE)
            label = (_label(after) if by else "") or _label(before) or _label(after)
            stems = frozenset(_stem(each) for each in words(label)) or frozenset({"ticket"})
            found.append(Rate(label or "each", stems, Decimal(said.replace(",", "."))))
    return found


def _label(piece: str) -> str:
    held = [
        each
        for each in re.findall(r"[^\W\d_][\w'&/-]*", piece)
        if each.lower() not in _NO_LABEL and each.lower() not in STOP_WORDS
    ]
    return " ".join(held[-4:])


def _stem(word: str) -> str:
    low = stem(word.lower())
    return _ALIKE.get(low) or _ALIKE.get(word.lower()) or low


def _wanted(question: str) -> list[tuple[int, frozenset[str]]]:
    """Return how many of what are asked for."""
    found: list[tuple[int, frozenset[str]]] = []
    for hit in _OF.finditer(digits(question)):
        count = int(hit["n"]) if hit["n"].isdigit() else 1
        what = frozenset(
            _stem(each) for each in words(hit["what"]) if each not in STOP_WORDS or each == "us"
        )
        if what and 0 < count < _MOST:
            found.append((count, what))
    several_of = [each for each in found if each[0] > 1]
    known = [each for each in found if each[0] > 1 or several_of]
    return [each for each in known if not each[1] <= {"family", "group", "price", "poster"}]


def _rate(what: frozenset[str], listed: list[Rate]) -> Rate | None:
    most = max(len(what & each.stems) for each in listed)
    best = [each for each in listed if len(what & each.stems) == most] if most else []
    if not best and what & _ANYBODY:
        best = [each for each in listed if each.stems & _ANYBODY] or [e for e in listed if e.amount]
    return best[0] if len({each.amount for each in best}) == 1 else None


__all__ = ("Rate", "rates", "several")

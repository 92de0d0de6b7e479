"""What several of something cost by a poster, a menu or a price list: *two adults and three children*."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .numerals import digits

_PRICE = re.compile(
    r"(?P<sign>[€$£]) ?(?P<a>\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:[.,]\d{2})?(?!\d))|(?<![\d:.,])(?P<b>\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:[.,]\d{2})?) ?(?:euros?\b|eur\b|€|pounds?\b|gbp\b|£|dollars?\b|usd\b|\$)"
    r"|(?<![\d:.,/])(?P<c>\d+[.,]\d{2})(?![\d:,/]|\.\d| ?(?:[ap]\.?m|h)\b)",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?<![\d:.,/-])(?P<b>\d{1,4})(?![\d:/-]|[.,]\d| ?(?:am|pm|p|pence|h|%|years?|yrs?|months?|weeks?|days?|hours?|minutes?|people|persons|km|miles|o'clock)\b)",
    re.IGNORECASE,
)
"""A price without a sign, in a sentence that says that it is one: *adults pay 140*."""
_TELLS = re.compile(r"\b(?:pays?|costs?|fees?|charges?|prices?|admission)\b", re.IGNORECASE)
_FURTHER = frozenset(
    map(stem, ("brother", "sister", "sibling", "additional", "further", "extra", "second", "next"))
)
_YOUNG = re.compile(
    r"\b(?:under|u)[ -]?\d{1,2}(?:s\b|\b)|\bjuniors?\b|\b\d{1,2} and under\b", re.IGNORECASE
)
_OTHERWISE = re.compile(
    r"\b(?:first|second|including|included|extra|discount|divid\w+|split\w*|shar(?:e|ed|ing)|even(?:ly)?|equal(?:ly)?|per (?:month|week|year|day))\b",
    re.IGNORECASE,
)
"""What a sum of prices would leave out."""
_FREE = re.compile(r"\b(?:free|grátis|gratuit[oa]s?)\b", re.IGNORECASE)
_APART = re.compile(r"[;|•]|,(?!\d)| [-–] (?=\D)")
_SENTENCE = re.compile(r"(?<=[a-z)][.!?])\s+(?=[A-Z])|(?<=\d[.!?])\s+(?=[A-Z])")
_ASIDE = re.compile(r"\([^)]*\)")
_NO_LABEL = frozenset(
    "pay pays cost costs only from each per for with price prices euro euros eur pounds dollars free just the and".split()  # noqa: SIM905 - read as words
)
_ASKS = re.compile(
    r"\bhow much\b|\bprices?\b|\bcosts?\b|\bpays?\b|\bcomes? to\b|\bin (?:total|all)\b|\baltogether\b|\btotal\b|\bquanto\b|\bwhat(?:['’]s| is| are| would be) the (?:entry|entrance|admission|fares?|fees?|charge)\b",
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
    {
        "ticket",
        "entry",
        "entr",
        "admission",
        "admiss",
        "people",
        "person",
        "visitor",
        "guest",
        "seat",
        "us",
        "adult",
    }
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
    if not _ASKS.search(question) or _TOTAL.search(text) or _OTHERWISE.search(question):
        return None
    wanted = _wanted(question)
    if (made := _by_two(wanted, text)) is not None:
        return made
    listed = rates(text)
    if not listed or not any(count > 1 for count, _ in wanted):
        return None
    named = [(count, _rate(what, listed)) for count, what in wanted]
    found = [(count, rate) for count, rate in named if rate is not None]
    if not found or len(found) < len(named):
        return None
    if any(_FURTHER & rate.stems for _, rate in found):
        return None  # *£30 for each brother*, beside the first child's £38
    whole = sum((count * rate.amount for count, rate in found), Decimal(0))
    made = " + ".join(f"{count} × {rate.label} {rate.amount}" for count, rate in found)
    return f"{whole} = {made}"


def _by_two(wanted: list[tuple[int, frozenset[str]]], text: str) -> str | None:
    """Return what a rate of two units comes to: *50 pence per tool and day*, for 3 tools and 4 days."""
    made: set[str] = set()
    for hit in _TWICE.finditer(text):
        counts = [
            next((count for count, what in wanted if _stem(hit[unit]) in what), 0)
            for unit in ("one", "two")
        ]
        if len(wanted) == 2 and all(counts):
            each = Decimal(hit["n"].replace(",", "."))
            unit = hit["unit"] or ""
            total = each * counts[0] * counts[1]
            if unit.lower() in {"p", "pence", "cents", "cent"}:
                total, unit = total / 100, f"{unit} / 100"
            made.add(
                f"{hit['sign'] or ''}{total.normalize():f} = {counts[0]} × {counts[1]} × {each}{f' {unit}' if unit else ''}"
            )
    return next(iter(made)) if len(made) == 1 else None


_TWICE = re.compile(
    r"(?P<sign>[€$£])? ?(?P<n>\d+(?:[.,]\d{1,2})?) ?(?P<unit>euros?|pounds?|dollars?|pence|p|cents?|€|£)? (?:per|a|an|for each|por) (?P<one>[^\W\d_]+) (?:and|per|a|each|e|por|and per) (?P<two>[^\W\d_]+)",
    re.IGNORECASE,
)


def rates(text: str) -> list[Rate]:
    """Return the prices of a list: one for each piece of a line that has one."""
    found: list[Rate] = []
    for sentence in (each for line in text.splitlines() for each in _SENTENCE.split(line)):
        form = _PRICE if _PRICE.search(sentence) or not _TELLS.search(sentence) else _BARE
        plain = _ASIDE.sub(" ", sentence) if form is _BARE else sentence
        for piece in (each for one in _APART.split(plain) for each in _each(one, form)):
            price = form.search(piece)
            free = None if price else _FREE.search(piece)
            hit = price or free
            if hit is None:
                continue
            said = next((e for n in "abc" if price and (e := price.groupdict().get(n))), "0")
            before, after = piece[: hit.start()], piece[hit.end() :]
            by = re.match(r"\s*(?:per|for|a|each|por)\b", after, re.IGNORECASE)
            label = (
                (_label(after) if by and form is _PRICE else "") or _label(before) or _label(after)
            )
            stems = frozenset(_stem(each) for each in words(label)) or frozenset({"ticket"})
            young = (
                {"child"} if _YOUNG.search(sentence if len(label) < 2 else before) else set[str]()
            )
            found.append(Rate(label or "each", stems | young, amount(said)))
    return found


def _each(piece: str, form: re.Pattern[str]) -> list[str]:
    """Cut a piece with several prices into one for each: *Adults £9 Under 16s £4 Family £22*."""
    prices = list(form.finditer(piece))
    if len(prices) < 2:
        return [piece]
    first = bool(_label(piece[: prices[0].start()]))
    ends = [each.end() if first else each.start() for each in (prices if first else prices[1:])]
    cuts = [0, *ends[:-1], len(piece)] if first else [0, *ends, len(piece)]
    return [piece[one:two] for one, two in itertools.pairwise(cuts)]


def amount(said: str) -> Decimal:
    """Return a price as it is written: *2,40* and *1,450*."""
    return Decimal(re.sub(r",(?=\d{3}(?:\D|$))", "", said).replace(",", "."))


def _label(piece: str) -> str:
    held = [
        each
        for each in re.findall(r"[^\W\d_][\w'&/-]*", piece)
        if each.lower() not in _NO_LABEL and each.lower() not in STOP_WORDS
    ]
    return " ".join(held[-4:])


def _stem(word: str) -> str:
    low = stem(word.lower())
    # Curries and curry, loaves and loaf, classes and class.
    root = re.sub(r"(?<=\w{3})(?:y|i)$", "", re.sub(r"ss$", "s", re.sub(r"v$", "f", low)))
    return _ALIKE.get(low) or _ALIKE.get(word.lower()) or root


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
    return [each for each in known if not each[1] <= {"famil", "group", "price", "poster"}]


def _rate(what: frozenset[str], listed: list[Rate]) -> Rate | None:
    most = max(len(what & each.stems) for each in listed)
    best = [each for each in listed if len(what & each.stems) == most] if most else []
    if not best and what & _ANYBODY:
        best = [each for each in listed if each.stems & _ANYBODY] or [e for e in listed if e.amount]
    return best[0] if len({each.amount for each in best}) == 1 else None


__all__ = ("Rate", "amount", "rates", "several")

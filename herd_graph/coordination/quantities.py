# ruff: noqa: SIM905 - word lists are read and mended as words
"""Read numbers, dates, names and quotations out of words, however they are written.

*1.234,50*, *1,234.50* and *1 234.5* are one number; *3rd May 2024*, *03/05/2024* and *2024-05-03* may be
one day; *ninety* is 90. What can be read in two ways is kept in both: who compares takes whichever fits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from herd_graph.routing.numerals import TENS, UNITS

_EN = UNITS | TENS
_PT = {
    "zero": 0, "um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7,
    "oito": 8, "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13, "catorze": 14, "quatorze": 14,
    "quinze": 15, "dezesseis": 16, "dezasseis": 16, "dezessete": 17, "dezassete": 17, "dezoito": 18, "dezenove": 19,
    "dezanove": 19, "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70,
    "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100, "duzentos": 200, "duzentas": 200, "trezentos": 300,
    "trezentas": 300, "quatrocentos": 400, "quatrocentas": 400, "quinhentos": 500, "quinhentas": 500,
    "seiscentos": 600, "seiscentas": 600, "setecentos": 700, "setecentas": 700, "oitocentos": 800,
    "oitocentas": 800, "novecentos": 900, "novecentas": 900,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "mil": 1000, "milhão": 10**6,
           "milhões": 10**6}  # fmt: skip
_SPELLED = {**_PT, **_EN}
_VAGUE = frozenset({"um", "uma", "one", "zero"})
"""Alone they are articles and pronouns more often than numbers."""
_AND = frozenset({"and", "e"})
_WORD = re.compile(r"[^\W\d_]+")
_ANY_SPELLED = re.compile(
    rf"\b(?:{'|'.join(sorted({*_SPELLED, *_SCALES} - _VAGUE, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_NUMERAL = re.compile(
    r"(?<![\w.,])(?<![A-Za-z]-)(?P<sign>[-−+](?=[\d€$£R]))?(?:(?:R\$|[€$£])\s?)?"
    r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    r"(?![A-Za-z]*\d|[A-Za-z]{5}|-[A-Za-z]*\d*[A-Za-z]\w*\d)(?P<percent>\s?%)?"
)
_MONTHS = {
    **{word: value for value, word in enumerate(
        "january february march april may june july august september october november december".split(), 1)},
    **{word: value for value, word in enumerate(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(), 1)},
    **{word: value for value, word in enumerate("jan feb mar apr jun jul aug sep oct nov dec".split(), 1)
       if value < 5},
    "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<y1>\d{{4}})[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})\b"
    rf"|\b(?P<a2>\d{{1,2}})[-/.](?P<b2>\d{{1,2}})[-/.](?P<y2>\d{{4}}|\d{{2}})\b"
    rf"|\b(?P<d3>\d{{1,2}})(?:st|nd|rd|th|º)?(?:\s+of|\s+de)?\s+(?P<m3>{_MONTH})\b\.?"
    rf"(?:,?\s+(?:de\s+)?(?P<y3>\d{{4}}))?"
    rf"|\b(?P<m4>{_MONTH})\b\.?\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y4>\d{{4}}))?",
    re.IGNORECASE,
)
_MAYBE_DATE = re.compile(rf"\d[-/.]\d{{1,2}}[-/.]\d|\b(?:{_MONTH})\b", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"«]([^“”\"«»\n]{3,400})[”\"»]")
_NAME = re.compile(
    r"(?<![\w'’])[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zà-öø-ÿ][\w'’-]*"
    r"(?:\s+(?:d[aeo]s?\s+|von\s+|van\s+|of\s+)?[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zà-öø-ÿ][\w'’-]*)*"
)
_PER = re.compile(r"\b(?:por|per)\s+$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:^|[.!?:;…\n\"“«(•*-])\s*$")


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number in a text."""

    values: frozenset[float]
    """What it may be: *1.234* is 1.234 or 1,234."""
    said: str
    start: int
    end: int
    percent: bool = False
    decimals: int = 0
    """Digits behind the point: how finely it was said."""

    @property
    def value(self) -> float:
        """The likeliest reading: the one with a point for decimals."""
        return min(self.values, key=abs)


@dataclass(frozen=True, kw_only=True)
class Day:
    """A date in a text."""

    days: frozenset[str]
    """What it may be, ``2024-05-03``; ``--05-03`` without a year."""
    said: str
    start: int
    end: int


def numbers(text: str, *, spelled: bool = True) -> list[Number]:
    """Return the numbers of a text in order; those of dates are left out.

    Args:
        text: Words.
        spelled: Read numbers in words too, English and Portuguese; *a* and *one* alone are none.
    """
    held = [(each.start, each.end) for each in days(text)]
    found = [each for each in _numerals(text) if not _inside(each.start, held)]
    if spelled and _ANY_SPELLED.search(text):
        found += [each for each in _in_words(text) if not _inside(each.start, held)]
    if spelled:
        found += _parts_of_hours(text)
        found.sort(key=lambda each: each.start)
    return found


def _inside(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


_CLOCK = re.compile(
    r"(?<![\w.,:])(?P<hour>\d{1,2})(?:(?:[:.](?P<minutes>[0-5]\d))? ?(?P<half>[ap])(?:\.m\.|m\b)|h(?P<past>[0-5]\d)\b)",
    re.IGNORECASE,
)
"""*4 pm* and *10h30*: another language says 16:00 and 10:30."""


def _hours(clock: re.Match[str]) -> Iterator[Number]:
    hour = int(clock["hour"])
    later = {hour + 12.0} if (clock["half"] or "").lower() == "p" and hour < 12 else set[float]()
    start, end = clock.span("hour")
    yield Number(values=frozenset({float(hour), *later}), said=clock["hour"], start=start, end=end)
    part = "past" if clock["past"] else "minutes"
    if clock[part]:
        start, end = clock.span(part)
        value = frozenset({float(clock[part])})
        yield Number(values=value, said=clock[part], start=start, end=end)


_PART = re.compile(r"\b(half past|quarter past|quarter to)\b", re.IGNORECASE)
_MINUTES = {"half past": 30.0, "quarter past": 15.0, "quarter to": 45.0}


def _parts_of_hours(text: str) -> Iterator[Number]:
    for each in _PART.finditer(text):
        minutes = frozenset({_MINUTES[each.group().lower()]})
        yield Number(values=minutes, said=each.group(), start=each.start(), end=each.end())


def _numerals(text: str) -> Iterator[Number]:
    clocks = list(_CLOCK.finditer(text))
    spans = [each.span() for each in clocks]
    found = [hour for each in clocks for hour in _hours(each)]
    found += [each for each in _plain_numerals(text) if not _inside(each.start, spans)]
    yield from sorted(found, key=lambda each: each.start)


def _plain_numerals(text: str) -> Iterator[Number]:
    for each in _NUMERAL.finditer(text):
        values, decimals = _readings(each["digits"])
        if not values:
            continue
        if each["sign"] in {"-", "−"}:
            values = frozenset(-value for value in values)
        yield Number(
            values=values,
            said=each.group().strip(),
            start=each.start(),
            end=each.end(),
            percent=each["percent"] is not None,
            decimals=decimals,
        )


def _readings(written: str) -> tuple[frozenset[float], int]:
    """Return what digits with points, commas and spaces may say, and the finest decimals."""
    plain = re.sub(r"[ \u00a0\u202f']", "", written)
    marks = re.sub(r"\d", "", plain)
    if not marks:
        return frozenset({float(plain)}), 0
    last = marks[-1]
    whole, _, tail = plain.rpartition(last)
    found: set[float] = set()
    decimals = 0
    others = set(marks[:-1])
    if last not in others and (not others or re.fullmatch(r"\d{1,3}([.,]\d{3})+", whole)):
        found.add(float(f"{re.sub('[.,]', '', whole)}.{tail}"))
        decimals = len(tail)
    if len(set(marks)) == 1 and re.fullmatch(r"[1-9]\d{0,2}([.,]\d{3})+", plain):
        found.add(float(re.sub("[.,]", "", plain)))
        decimals = 0
    if not found and len(set(marks)) == 1:  # a version, an address: 1.2.3
        return frozenset(), 0
    return frozenset(found), decimals


def _in_words(text: str) -> Iterator[Number]:
    over = 0
    for first in _ANY_SPELLED.finditer(text):
        if first.start() < over:
            continue
        words = list(_WORD.finditer(text, first.start(), first.start() + 120))
        value, used = _spoken(words, 0, text)
        if not used:
            continue
        start, over = first.start(), words[used - 1].end()
        if used == 1 and value == 100 and _PER.search(text[max(0, start - 8) : start]):
            continue  # "por cento" is a sign in words; alone, a hundred is "cem"
        percent = bool(re.match(r"\s?%|\s+per\s?cent\b|\s+por\s+cento\b", text[over : over + 16]))
        yield Number(
            values=frozenset({float(value)}),
            said=text[start:over],
            start=start,
            end=over,
            percent=percent,
        )


def _spoken(words: list[re.Match[str]], place: int, text: str) -> tuple[int, int]:
    """Return the number that begins at a word, and how many words it takes; 0 for none."""
    total = group = used = 0
    size = 10**12
    for index in range(place, min(place + 12, len(words))):
        word = words[index].group().lower()
        if used and not re.fullmatch(
            r"[\s-]+", text[words[index - 1].end() : words[index].start()]
        ):
            break
        if word in _SPELLED:
            value = _SPELLED[word]
            room = 1 if value >= 100 else 100 if value >= 10 else 10
            if group and (group % room if room > 1 else group) and word not in _AND:
                break  # "three four": two numbers
            group += value
        elif word in _SCALES and (used or word == "mil"):
            if word == "hundred":
                group = max(1, group) * 100
            elif _SCALES[word] < size:
                size = _SCALES[word]
                total, group = total + max(1, group) * size, 0
            else:
                break
        elif not (word in _AND and used and _goes_on(words, index)):
            break
        used += 1
    while used and words[place + used - 1].group().lower() in _AND:
        used -= 1
    return total + group, used


def _goes_on(words: list[re.Match[str]], index: int) -> bool:
    """Say whether *and* stands inside a number: *two hundred and five*, but not *two and five*."""
    if index + 1 >= len(words):
        return False
    before, after = words[index - 1].group().lower(), words[index + 1].group().lower()
    if words[index].group().lower() == "and":
        return before in _SCALES and after in _SPELLED
    return after in _SPELLED and (
        before in {"mil", "milhão", "milhões"}
        or (_SPELLED.get(before, 0) >= 20 and _SPELLED[after] < _SPELLED.get(before, 0))
    )


def days(text: str) -> list[Day]:
    """Return the dates of a text in order."""
    found: list[Day] = []
    if not _MAYBE_DATE.search(text):
        return found
    for each in _DATE.finditer(text):
        read = frozenset(_days(each))
        if read:
            found.append(Day(days=read, said=each.group(), start=each.start(), end=each.end()))
    return found


def _days(found: re.Match[str]) -> Iterator[str]:
    named = found.groupdict()
    if named["y1"]:
        yield from _day(named["y1"], named["m1"], named["d1"])
    elif named["a2"]:
        year = named["y2"] if len(named["y2"]) == 4 else f"20{named['y2']}"
        yield from _day(year, named["b2"], named["a2"])
        yield from _day(year, named["a2"], named["b2"])
    else:
        month = _MONTHS[(named["m3"] or named["m4"]).lower()]
        yield from _day(named["y3"] or named["y4"] or "-", str(month), named["d3"] or named["d4"])


def _day(year: str, month: str, day: str) -> Iterator[str]:
    if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
        yield f"{year}-{int(month):02d}-{int(day):02d}"


def same_day(left: Day, right: Day) -> bool:
    """Say whether two dates can be one day; a year that is not said fits any."""
    return any(
        one == two or (one[0] == "-" and one[1:] == two[-6:]) or (two[0] == "-" and two[1:] == one[-6:])
        for one in left.days
        for two in right.days
    )  # fmt: skip


def same_number(said: Number, source: Number) -> bool:
    """Say whether what is said can be the source's number, rounded as finely as it is said."""
    step = 0.5 * 10.0**-said.decimals if said.decimals else 0.0
    for one in said.values:
        for two in source.values:
            slack = max(1e-9 * abs(two), step if source.decimals > said.decimals else 0.0)
            if abs(one - two) <= slack + 1e-12:
                return True
            if said.percent != source.percent and abs(two) <= 1 and abs(one - 100 * two) <= 1e-6:
                return True  # 25 % and 0.25
    return False


def names(text: str) -> list[str]:
    """Return words with capitals that open no sentence: names of people, places, things."""
    found: dict[str, None] = {}
    for each in _NAME.finditer(text):
        said = each.group()
        if _SENTENCE.search(text[max(0, each.start() - 4) : each.start()]):
            head, _, rest = said.partition(" ")
            if not rest:
                continue
            said = said if head.lower() not in _OPENERS else rest
        found[said.removesuffix("'s").removesuffix("’s")] = None
    return list(found)


_OPENERS = frozenset(
    "the a an in on at of to and but for it he she they we you i this that these those my your our his her "
    "o a os as um uma em no na de e mas para ele ela eles nós isto isso este esta seu sua dear querida".split()
)


def quotations(text: str) -> list[str]:
    """Return what stands between quotation marks."""
    return [each.group(1).strip() for each in _QUOTED.finditer(text)]


def folded(text: str) -> str:
    """Return a text in small letters without accents, marks and doubled spaces, to compare."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        each if each.isalnum() else " " for each in plain if not unicodedata.combining(each)
    )
    return " ".join(kept.split())  # fmt: skip


__all__ = (
    "Day",
    "Number",
    "days",
    "folded",
    "names",
    "numbers",
    "quotations",
    "same_day",
    "same_number",
)

"""Dates as people write them: in cells, and in questions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from .asking_vocabulary import MONTHS

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")
_POINTED = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T](\d{1,2}:\d{2}(?::\d{2})?))?"
)
_BACKWARDS = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_DAY_FIRST = re.compile(
    rf"\b(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+((?:19|20)\d{{2}})\b)?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\.?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:{_MONTH})\b)(?:,?\s+((?:19|20)\d{{2}})\b)?",
    re.IGNORECASE,
)
_WORDED = re.compile(
    rf"\b(?:the\s+)?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|fifteenth|twentieth|thirtieth)\s+of\s+({_MONTH})\b",
    re.IGNORECASE,
)
_DAYS = {
    name: day
    for day, name in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(),  # noqa: SIM905
        1,
    )
} | {"fifteenth": 15, "twentieth": 20, "thirtieth": 30}
_SLASHED = re.compile(r"(?<![\d./-])\d{1,2}([./-])\d{1,2}\1(?:19|20)\d{2}(?!\d)")
_MONTH_EDGE = re.compile(
    rf"\b(after|since|from|before|until|till)\s+({_MONTH})\.?,?\s+((?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)
_SCALED = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)\s+(thousand|million|billion)\b", re.IGNORECASE)
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


def iso_dates(cells: Sequence[str | None]) -> tuple[list[str | None], str] | None:
    """Return a column of dates as ISO, and a note on how they were read; None for anything else.

    ``03/04/2024`` is a day and a month in an order that only other cells can show: where none does,
    the day comes first, and the note says so.
    """
    given = [each for each in cells if each]
    if not given:
        return None
    if all(_ISO.fullmatch(each) for each in given):
        made = [each.removesuffix("Z").replace("T", " ") if each else None for each in cells]
        return (made, "") if _are_real(made) else None
    backwards = [_BACKWARDS.fullmatch(each) for each in given]
    if all(backwards):
        made = [_BACKWARDS.sub(_year_first, each) if each else None for each in cells]
        return (made, "") if _are_real(made) else None
    found = [_POINTED.fullmatch(each) for each in given]
    if not all(found):
        return _mixed(cells)
    firsts = max(int(each.group(1)) for each in found if each)
    seconds = max(int(each.group(3)) for each in found if each)
    if firsts > 12 and seconds > 12:
        return None
    month_first = seconds > 12
    open_ = firsts <= 12 and seconds <= 12 and any("." not in each for each in given)
    made = [_pointed(each, month_first=month_first) if each else None for each in cells]
    note = "dates like 03/04/2024 were read with the day first" if open_ else ""
    return (made, note) if _are_real(made) else None


def _mixed(cells: Sequence[str | None]) -> tuple[list[str | None], str] | None:
    """Read dates that are written in several ways, or with the month in letters: *5 Jan 2026*."""
    given = [each for each in cells if each]
    pointed = [found for each in given if (found := _POINTED.fullmatch(each))]
    month_first = any(int(each.group(3)) > 12 for each in pointed)
    if month_first and any(int(each.group(1)) > 12 for each in pointed):
        return None
    made = [_any_date(each, month_first=month_first) if each else None for each in cells]
    if any(one is None and each for one, each in zip(made, cells, strict=True)):
        return None
    open_ = pointed and not month_first and all(int(each.group(1)) <= 12 for each in pointed)
    note = "dates like 03/04/2024 were read with the day first" if open_ else ""
    return (made, note) if _are_real(made) else None


def _any_date(cell: str, *, month_first: bool) -> str | None:
    if _ISO.fullmatch(cell):
        return cell.removesuffix("Z").replace("T", " ")
    if _BACKWARDS.fullmatch(cell):
        return _BACKWARDS.sub(_year_first, cell)
    if _POINTED.fullmatch(cell):
        return _pointed(cell, month_first=month_first)
    for form, day, month in ((_DAY_FIRST, 1, 2), (_MONTH_FIRST, 2, 1)):
        found = form.fullmatch(cell.strip())
        if found is not None and found.group(3):
            made = _dated(found, found.group(day), found.group(month))
            return made if _ISO.fullmatch(made) else None
    return None


def _year_first(found: re.Match[str]) -> str:
    return f"{found.group(1)}-{int(found.group(2)):02}-{int(found.group(3)):02}"


def _pointed(text: str, *, month_first: bool) -> str:
    found = _POINTED.fullmatch(text)
    assert found is not None
    day, month = found.group(1), found.group(3)
    if month_first:
        day, month = month, day
    year = found.group(4) if len(found.group(4)) == 4 else f"20{found.group(4)}"
    time = f" {found.group(5):0>5}" if found.group(5) else ""
    return f"{year}-{int(month):02}-{int(day):02}{time}"


def _are_real(made: Sequence[str | None]) -> bool:
    try:
        for each in made:
            if each:
                dt.datetime.fromisoformat(each)
    except ValueError:
        return False
    return True


def spell_out(question: str) -> str:
    """Return a question with its dates as ISO, and *2 million* as digits.

    A day without its year becomes ``--05-24``.
    """
    text = re.sub(r"\bkm/h\b", "kmh", question, flags=re.IGNORECASE)
    text = _WORDED.sub(lambda found: f"{_DAYS[found[1].lower()]} {found[2]}", text)
    text = _SLASHED.sub(_slashed, text)
    text = _MONTH_EDGE.sub(_edged, text)
    text = _DAY_FIRST.sub(lambda found: _dated(found, found.group(1), found.group(2)), text)
    text = _MONTH_FIRST.sub(lambda found: _dated(found, found.group(2), found.group(1)), text)
    return _SCALED.sub(_scaled, text)


def _edged(found: re.Match[str]) -> str:
    """Return *after June 2023* as after the last day of that month."""
    word, month, year = found.group(1), MONTHS[found.group(2).lower()], int(found.group(3))
    if word.lower() in {"after", "until", "till"}:
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        return f"{word} {following - dt.timedelta(days=1)}"
    return f"{word} {dt.date(year, month, 1)}"


def _slashed(found: re.Match[str]) -> str:
    text = found.group()
    first, second = (int(each) for each in re.split(r"[./-]", text)[:2])
    return _pointed(text, month_first=second > 12 >= first)


def _dated(found: re.Match[str], day: str, month: str) -> str:
    if not 1 <= int(day) <= 31:
        return found.group()
    year = found.group(3) or "-"
    return f"{year}-{MONTHS[month.lower()]:02}-{int(day):02}"


def _scaled(found: re.Match[str]) -> str:
    value = float(found.group(1).replace(",", ".")) * _SCALES[found.group(2).lower()]
    return f"{value:.0f}"

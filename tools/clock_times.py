# ruff: noqa: SIM905 - word lists are read and mended as words
"""Times and durations as they are written with colons: *42:18*, *1:05:30*, *08:00*.

A column of them is kept in seconds, so that it is compared, averaged and ranked as numbers are, and
told as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts

DURATION = "m:ss"
LONG = "h:mm:ss"
HOURS = "h:mm"
OF_DAY = "hh:mm"
CLOCKS = frozenset({DURATION, LONG, HOURS, OF_DAY})
"""What stands as the unit of such a column."""
_WRITTEN = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?(?P<part>\.\d+)?")
_LASTING = frozenset(
    "duration length runtime result lap pace finish dauer duração länge split best playing".split()
)
_IN_HOURS = frozenset({"hours", "hrs", "worked", "overtime", "flight", "travel", "stunden"})
_STARTS = frozenset("start starts begin begins open opens opening from departure departs depart leave leaves out checkin".split())  # fmt: skip
_ENDS = frozenset(
    "end ends finish until close closes closing to arrival arrives arrive back checkout".split()
)
_ENDING = re.compile(r"\b(?:ends?|ending|finish(?:es)?|clos(?:es?|ing)|shuts?|arriv(?:es?|ing)|come in|get(?:s)? (?:in|there)|back)\b", re.IGNORECASE)  # fmt: skip
_HOUR = (
    r"(?P<h>\d{1,2})(?:[:.h](?P<m>[0-5]\d))?(?:\s*(?P<half>a\.?m\b\.?|p\.?m\b\.?|o['’]?clock\b|uhr\b|hrs?\b))?"
    r"(?P<part> (?:in the (?:morning|afternoon|evening)|at night))?(?!\d|\s*(?:%|€|\$|euros?|minutes?|mins?|hours?|seconds?|days?|nights?|people|years?|km|kg|points?|times?|st|nd|rd|th)\b|[:.]\d)"
)
_AT = re.compile(
    rf"\b(?P<how>at|before|after|from|since|until|till|by|later than|earlier than|around) (?:the )?{_HOUR}(?! (?:and|or) \d+ )",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(?:in the (?P<part>morning|afternoon|evening)s?|at (?P<night>night))\b", re.IGNORECASE)  # fmt: skip
_NOON = re.compile(r"\b(?:at )?(?P<how>before|after|until|from|by|at)? ?(?:noon|midday|lunchtime|lunch)\b", re.IGNORECASE)  # fmt: skip
_PARTED = re.compile(
    r"(?<!the )\b(?P<part>morning|afternoon|evening) (?P<what>[a-z]{3,})", re.IGNORECASE
)
_DAILY = re.compile(r"\s*\b(?:of|in|during) the day\b", re.IGNORECASE)
_EDGES = re.compile(r"\b(?P<edge>first|last) (?P<what>[a-z]{3,})", re.IGNORECASE)
_LATE = {"first": "earliest", "last": "latest"}
_PARTS = {"morning": "below 43200", "afternoon": "between 43200 and 64799", "evening": "at least 61200"}  # fmt: skip
_LITERAL = re.compile(r"\b(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\b")
_UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "h": 3600, "hr": 3600}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def in_seconds(name: str, texts: Sequence[str | None]) -> tuple[list[float | None], str] | None:
    """Return the cells of a column in seconds, and how they are written; None where they are no times.

    Args:
        name: The column's name.
        texts: Its cells.
    """
    found = [_WRITTEN.fullmatch(each.strip()) if each else None for each in texts]
    given = [each for each in found if each is not None]
    if len(given) < 2 or any(each and one is None for each, one in zip(texts, found, strict=True)):
        return None
    unit = _unit(set(name_parts(name)), given)
    scale = (3600, 60, 1) if unit != DURATION else (60, 1, 0)
    held = [
        None if each is None else _summed(each, scale if each[3] or unit != LONG else (60, 1, 0))
        for each in found
    ]  # fmt: skip
    return held, unit


def _summed(found: re.Match[str], scale: tuple[int, ...]) -> float:
    whole = sum(int(found[at] or 0) * by for at, by in enumerate(scale, 1))
    return whole + float(found["part"]) if found["part"] else whole


def _unit(parts: set[str], given: Sequence[re.Match[str]]) -> str:
    if any(each[3] for each in given):
        timed = parts & (_STARTS | _ENDS) or all(len(each[1]) == 2 for each in given)
        return OF_DAY if timed and not parts & _LASTING and _spread(given) else LONG
    if any(each["part"] for each in given):
        return DURATION  # only what is stopped by a watch has parts of seconds
    if parts & _IN_HOURS:
        return HOURS
    if parts & _LASTING or any(int(each[1]) > 23 for each in given):
        return DURATION
    return OF_DAY


def _spread(given: Sequence[re.Match[str]]) -> bool:
    """Whether hours go as those of a day do, rather than as those of a race."""
    return max(int(each[1]) for each in given) >= 6


def written(seconds: float, unit: str) -> str:
    """Write seconds as the column has them.

    Args:
        seconds: How many.
        unit: Of the column.
    """
    sign, whole = ("-" if seconds < 0 else ""), abs(round(seconds))
    if unit in {DURATION, LONG} and abs(abs(seconds) - whole) > 0.004:
        rest = f"{abs(seconds) % 60:05.2f}"
        minutes = int(abs(seconds) // 60)
        return (
            f"{sign}{minutes}:{rest}"
            if unit == DURATION
            else f"{sign}{minutes // 60}:{minutes % 60:02d}:{rest}"
        )
    if unit == DURATION:
        return f"{sign}{whole // 60}:{whole % 60:02d}"
    if unit == LONG:
        return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{sign}{hours:02d}:{minutes:02d}" if unit == OF_DAY else f"{sign}{hours}:{minutes:02d}"


def said(text: str, unit: str) -> str:
    """Write the seconds of a condition as the column has them: *< 45:00*."""
    return _NUMBER.sub(lambda found: written(float(found.group()), unit), text)


def factor(unit: str, word: str) -> int:
    """Return how many seconds a number stands for beside such a column: minutes, where nothing says.

    Args:
        unit: Of the column.
        word: What stands behind the number.
    """
    told = _UNITS.get(word.lower().removesuffix("s"))
    if told is not None:
        return told
    return 60 if unit == DURATION else 3600


def named_in(name: str, columns: Sequence[Column]) -> str:
    """Return how the numbers of a column of a result are written; empty where they are no times.

    Args:
        name: Of the result's column.
        columns: Of the table.
    """
    for each in columns:
        if each.unit in CLOCKS and (name == each.name or name.endswith((f" {each.name}", f'("{each.name}")', f"({each.name})"))):  # fmt: skip
            return each.unit
    of_day = [each for each in columns if each.unit == OF_DAY]
    if name.rpartition(" ")[2].strip('()"') == "duration" and len(of_day) == 2:
        return HOURS  # what lies between the two
    return ""


def told_in_seconds(question: str, columns: Sequence[Column]) -> str:
    """Return a question with its times in seconds, where a column of the table holds times.

    Args:
        question: In English.
        columns: Of the table.
    """
    timed = [each for each in columns if each.unit in CLOCKS]
    lasting = [each for each in timed if each.unit != OF_DAY]
    of_day = [each for each in timed if each.unit == OF_DAY]
    if of_day:
        question = _of_day(question, of_day, columns)
    if lasting:
        unit = lasting[0].unit
        question = _LITERAL.sub(lambda found: f"{_literal(found, unit)} seconds", question)
    return question


def _literal(found: re.Match[str], unit: str) -> int:
    first, second, third = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[3] or unit == HOURS:
        return first * 3600 + second * 60 + third
    return first * 60 + second


def _of_day(question: str, columns: Sequence[Column], among: Sequence[Column]) -> str:
    column = columns[0]
    if _ENDING.search(question):
        column = next((e for e in columns if set(name_parts(e.name)) & _ENDS), column)
    name = column.name

    def at(found: re.Match[str]) -> str:
        hour, minute = int(found["h"]), int(found["m"] or 0)
        half = (found["half"] or "").lower().replace(".", "")
        part = (found["part"] or "").lower()
        late = half == "pm" or "afternoon" in part or "evening" in part or "night" in part
        hour += 12 if late and hour < 12 else 0
        if hour > 24:
            return found.group()
        seconds = hour * 3600 + minute * 60
        how = found["how"].lower()
        sign = {
            "before": "below", "earlier than": "below", "after": "above", "later than": "above",
            "from": "at least", "since": "at least", "until": "at most", "till": "at most", "by": "at most",
        }.get(how, "=")  # fmt: skip
        return f"with {name} {sign} {seconds} seconds"

    if not any(each.kind == "date" for each in among):
        question = _EDGES.sub(
            lambda found: f"{found['what']} with the {_LATE[found['edge'].lower()]} {name}",
            _DAILY.sub("", question),
        )
    text = _NOON.sub(lambda found: f"{found['how'] or 'at'} 12:00", question)
    text = _AT.sub(at, text)
    if text != question:
        return text
    text = _PARTED.sub(
        lambda found: f"{found['what']} with {name} {_PARTS[found['part'].lower()]} seconds", text
    )
    if text != question:
        return text
    return _PART.sub(
        lambda found: f"with {name} {_PARTS.get((found['part'] or '').lower(), 'at least 68400')} seconds", text
    )  # fmt: skip

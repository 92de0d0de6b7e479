"""Stories of the clock: when a flight lands that leaves at 14:35 and takes 3 h 50, how long a shift was."""

from __future__ import annotations

import re
from fractions import Fraction

from .measured import as_time, asked_of, measured, number
from .measured_words import Quantity, quantities

_CLOCK = re.compile(
    r"(?<![\d:.,])(?:(?P<h>[01]?\d|2[0-4])[:h](?P<m>[0-5]\d)(?: ?(?P<half>[ap])\.?m\b\.?)?|(?P<h2>1[0-2]|[1-9])(?:\.(?P<m2>[0-5]\d))? ?(?P<half2>[ap])\.?m\b\.?|(?P<noon>noon|midday|midnight))"
    r"(?![\d:])"
)
_BARE = re.compile(r"\b(?P<how>at|from|to|until|till) (?P<h>[01]?\d|2[0-4])(?= ?(?:o'clock|o’clock|[,;?!]|\.(?!\d)|$|and\b|to\b|until\b|with\b))")  # fmt: skip
_WHEN = re.compile(r"\b(?:when|(?:at )?what time)\b(?P<asked>[^.?!]*)")
_ENDS = r"\b(?:land|lands|arriv\w*|ends?|finish\w*|over|get (?:there|home|back|in)|be (?:there|home|back|ready|done|finished)|back|ready|done|out|there|in)\b"
_STARTS = r"\b(?:leave|set off|set out|starts?|begin|go|depart|get up|put|head off|catch|wake)\b"
_DUE = re.compile(
    r"\b(?:be (?:there|ready|home|done|back|finished|at [\w ]{2,20}|in [\w ]{2,20})|arrive|finish|end|eat|serve|ready|due|must be|have to be|need to be)[^.,;?]{0,24}$"
)
_BEGINS = re.compile(
    r"\b(?:meeting|appointment|train|flight|plane|bus|ferry|film|class|show|lesson|school|work|concert|game|match|dinner|party|interview|wedding|exam)\b[^.?!]*\b(?:is|starts?|begins?|leaves?|opens?|departs?)\b[^.?!\d]{0,12}$"
)
_ZONES = re.compile(r"\btime (?:zone|difference)\b|\blocal time\b|\b(?:utc|gmt|est|pst|cet)\b")
_PAUSE = re.compile(r"\b(?:breaks?|pause|lunch|unpaid|rest)\b")
_SPOKEN = (
    (re.compile(r"\b(?:a )?quarter past (\d{1,2})\b"), r"\1:15"),
    (re.compile(r"[:,.]? ?(?:the )?arrival(?: time)?\W*$"), ". when does it arrive"),
    (re.compile(r"\bhalf past (\d{1,2})\b"), r"\1:30"),
    (
        re.compile(r"\b(?:when|what time) (?:am i|are we|will (?:i|we) be) there\b"),
        "when do i arrive",
    ),
    (re.compile(r"\b(?:an|1) hour and a half\b|\b1 and a half hours\b"), "90 min"),
    (re.compile(r"\bhalf an hour\b|\ba half hour\b"), "30 min"),
    (re.compile(r"\b(?:a )?quarter of an hour\b"), "15 min"),
    (re.compile(r"\b(\d+) and a half hours\b"), r"\1 h 30 min"),
    (re.compile(r"\ban hour\b(?! (?:and|for))(?<!\d an hour)"), "1 hour"),
)
_RATE = re.compile(
    r"\d (?:euros? |pounds? |dollars? )?(?:an|per|each|every) hour\b|\d ?/ ?h(?:our)?\b"
)


def on_the_clock(text: str) -> str | None:
    """Answer a story of the clock; None where it is not surely understood.

    Args:
        text: In lower letters, numbers in digits.
    """
    if _ZONES.search(text):
        return None
    plain = text
    for form, said in _SPOKEN:
        if not _RATE.search(plain):
            plain = form.sub(said, plain)
    clocks = _clocks(plain)
    rest = _CLOCK.sub(lambda found: "#" * len(found[0]), plain)
    spans = [quantity for quantity in quantities(rest) if quantity.dims == (("time", 1),)]
    if len(clocks) == 2:
        return _between(plain, clocks, spans)
    asked = _WHEN.search(plain)
    if len(clocks) != 1 or asked is None:
        return None
    ((minutes, at, half),) = clocks
    if len(spans) == 1:
        return _moved(plain, minutes, at, half, spans[0], asked["asked"])
    if not spans and re.search(_ENDS, asked["asked"]):
        return _driven(rest, minutes, half, asked)
    return None


def _driven(text: str, minutes: int, half: bool, asked: re.Match[str]) -> str | None:
    """*420 km at 70 km/h. How long does it take, and when do we arrive if we leave at 9:30?*."""
    told = re.split(r"(?<=[a-z])[.?!;]\\s|,", text[: asked.start()])[0]
    made = measured(f"{told}. how long does it take")
    lasts = asked_of(f"{told}. how long does it take")
    if made is None or lasts is None:
        return None
    arrives = _written(minutes + round(lasts / 60), half=half)
    told = f"{arrives} ({_written(minutes, half=half)} + {made.partition(' (')[0]})"
    return f"{made}; {told}" if re.search(r"\bhow long\b", text) else told


def _clocks(text: str) -> list[tuple[int, int, bool]]:
    """Return the times of day: minutes, where they stand, and whether they are told by halves of the day."""
    found: list[tuple[int, int, bool]] = []
    for each in _CLOCK.finditer(text):
        if each["noon"]:
            found.append((0 if each["noon"] == "midnight" else 720, each.start(), False))
            continue
        half = each["half"] or each["half2"]
        hour = int(each["h"] or each["h2"])
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        found.append((60 * hour + int(each["m"] or each["m2"] or 0), each.start(), bool(half)))
    taken = {at for _, at, _ in found}
    bare = [each for each in _BARE.finditer(text) if each.start("h") not in taken]
    found += [(60 * int(each["h"]), each.start("h"), False) for each in bare]
    return sorted(found, key=lambda each: each[1])


def _moved(text: str, minutes: int, at: int, half: bool, lasts: Quantity, asked: str) -> str | None:
    starts, ends = re.search(_STARTS, asked), re.search(_ENDS, asked)
    before = starts is not None and (ends is None or starts.start() < ends.start())
    due = before and (_DUE.search(text[:at]) or _BEGINS.search(text[:at])) is not None
    if before is not due or not (before or ends):
        return None  # when to leave for what is not due at any time
    by = round(lasts.value / 60)
    sign = "-" if due else "+"
    told = _written(minutes + (-by if due else by), half=half)
    return f"{told} ({_written(minutes, half=half)} {sign} {lasts.shown})"


def _between(text: str, clocks: list[tuple[int, int, bool]], spans: list[Quantity]) -> str | None:
    """*From 8:15 to 16:45 with a 40 minute break: how many hours is that?*, and what it earns."""
    (first, one, _), (last, two, _) = clocks
    if not re.search(r"\b(?:to|until|till|and|-|–)\b|[-–]", text[one:two]) or len(spans) > 1:
        return None
    hours = re.search(r"\bhow (?:long|many (?:hours|minutes))\b", text) is not None
    wage = [e for e in quantities(_CLOCK.sub("#", text)) if e.dims == (("money", 1), ("time", -1))]
    if not hours and not (wage and re.search(r"\bhow much\b|\bwhat\b", text)):
        return None
    if spans and not _PAUSE.search(text):
        return None
    pause = round(spans[0].value / 60) if spans else 0
    worked = (last - first) % 1440 - pause
    if not 0 < worked < 1440:
        return None
    told = as_time(Fraction(worked * 60))
    if not wage or not re.search(r"\b(?:earn|pay|paid|cost|make|get)\b", text):
        return told if hours else None
    earned = number(worked * 60 * wage[0].value, money=True)
    return (
        f"{told}; {earned} ({told} × {wage[0].shown})"
        if hours
        else f"{earned} ({told} × {wage[0].shown})"
    )


def _written(minutes: int, *, half: bool) -> str:
    days, rest = divmod(minutes, 1440)
    hour, minute = divmod(rest, 60)
    later = "" if not days else " the next day" if days == 1 else " the day before" if days == -1 else f" {days} days later"  # fmt: skip
    if half:
        return f"{(hour - 1) % 12 + 1}:{minute:02d} {'am' if hour < 12 else 'pm'}{later}"
    return f"{hour:02d}:{minute:02d}{later}"


__all__ = ("on_the_clock",)

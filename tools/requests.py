"""What a request says of parts: pages, moments, how many sentences."""

from __future__ import annotations

import re

from .numerals import digits

_ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
        ],
        1,
    )
}
_CLOCK = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)\b")
_SPAN = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*(?:hours?|hrs?|h)\b\s*(?:&\s*)?)?(?:(\d+(?:\.\d+)?)\s*(?:minutes?|mins?|m)\b\s*(?:&\s*)?)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:seconds?|secs?|s)\b)?",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\bevery\s+(?:(\d+(?:\.\d+)?)\s+)?(second|minute|hour)s?\b", re.IGNORECASE)


def _ordinals(text: str) -> str:
    for word, value in _ORDINALS.items():
        text = re.sub(rf"\b(?:the )?{word} (page|minute|second)\b(?!s)", rf"\1 {value}", text)
    return re.sub(r"\b(\d+)(?:st|nd|rd|th) page\b", r"page \1", text)


def _counted(request: str) -> str:
    """Return a request with digits; *two and five* are two numbers here."""
    return digits(re.sub(r"\band\b", "&", request.lower()))


def pages(request: str, count: int) -> list[int]:
    """Return the pages that a request names, from 1; empty where it names none.

    Args:
        request: *page 2*, *pages 3 to 5*, *the first two pages*, *the last page*.
        count: How many pages there are; those beyond are given back too, to be refused.
    """
    text = _ordinals(_counted(request))
    found: list[int] = []
    for head in re.finditer(
        r"\b(?:pages?|pp?\.|p\.)\s*(\d+(?:\s*(?:-|–|to|until|through|,|and|&|,\s*and)\s*(?:pages?\s*)?\d+)*)",
        text,
    ):
        parts = re.findall(
            r"(\d+)\s*(?:(-|–|to|until|through)\s*(?:pages?\s*)?(\d+))?", head.group(1)
        )
        for start, _, end in parts:
            last = int(end) if end else int(start)
            found += range(int(start), min(max(int(start), last), int(start) + 2_000) + 1)
    for edge, number in re.findall(r"\b(first|last)\s+(?:(\d+)\s+)?pages?\b", text):
        most = min(int(number or 1), count)
        found += range(1, most + 1) if edge == "first" else range(count - most + 1, count + 1)
    if re.search(r"\bpage 1\b", text) and 1 not in found:
        found.append(1)
    return sorted(dict.fromkeys(found))


def moments(request: str, lasts: float) -> list[float]:
    """Return the moments of a recording that a request names, in seconds; empty where it names none.

    Args:
        request: *at 0:10*, *after 90 seconds*, *the last frame*, *every 5 seconds*.
        lasts: How long it is.
    """
    text = _counted(request)
    if found := _EVERY.search(text):
        step = float(found[1] or 1) * {"second": 1, "minute": 60, "hour": 3600}[found[2]]
        return [step * each for each in range(int(lasts / step) + 1)] if step > 0 else []
    times = [
        float(hours or 0) * 3600 + float(minutes) * 60 + float(seconds)
        for hours, minutes, seconds in _CLOCK.findall(text)
    ]
    for head in re.finditer(
        r"(?<!\d )\b(?:at|after|around|about|second|minute)\s+(?:the\s+)?(?=\d)", text
    ):
        rest = text[head.end() :]
        if _CLOCK.match(rest):
            continue
        if head.group().split()[0] in {"second", "minute"} and (number := re.match(r"\d+", rest)):
            times.append(float(number[0]) * (60 if head.group().startswith("minute") else 1))
            continue
        span = _SPAN.match(rest)
        if span and any(span.groups()):
            hours, minutes, seconds = (float(each or 0) for each in span.groups())
            times.append(hours * 3600 + minutes * 60 + seconds)
    if re.search(
        r"\b(?:first|opening) (?:frame|picture|image|still|scene)\b|\bat the (?:start|beginning)\b",
        text,
    ):
        times.append(0.0)
    if re.search(r"\b(?:in the middle|half-?way|at the middle|middle frame)\b", text):
        times.append(lasts / 2)
    if re.search(
        r"\b(?:last|final|closing) (?:frame|picture|image|still|scene)\b|\bat the end\b", text
    ):
        times.append(lasts)
    return list(dict.fromkeys(times))


def how_many(request: str, things: str) -> int | None:
    """Return how many of something a request asks for: *in three sentences*; None where it does not.

    Args:
        request: The words.
        things: What is counted, as alternatives of a pattern.
    """
    found = re.search(rf"\b(\d{{1,3}})\s+(?:\w+\s+)?(?:{things})s?\b", digits(request.lower()))
    if found:
        return int(found[1])
    one = re.search(rf"\b(?:an?|one|single|n?uma?)\s+(?:\w+\s+)?(?:{things})\b", request.lower())
    return 1 if one else None

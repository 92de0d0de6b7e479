"""Find which words of a request each part of a plan is about: those that the network looked at.

Questions and wishes are given to open-ended experts in the person's own words, and every answer stands
under the words that asked for it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.routing.clauses import split
from herd_graph.routing.content import protect
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.reading import Reading

_ENDS = re.compile(
    r"(?<=[.?!;:])\s+|\s*\n+\s*|,\s+(?=(?:and|then|also|plus|e|depois)\b)|;\s*"
    r"|\s+(?=(?:and then|and also|then|plus|and|e)\s)"
)
_LEAD = re.compile(
    r"^\W*(?:(?:and|then|also|plus|besides|next|oh|ok|please|e|depois|\d+[.)])\b[\s,:.)-]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,]+(?:and|then|also|plus|e)\W*$", re.IGNORECASE)
_ALIKE = 1.5
"""Two clauses of which one is looked at less than this times as much as the other are looked at alike."""
_NEAR = 0.5
"""Beside the clause that is looked at most, those that are looked at half as much."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Which words of a request each part of a plan is about."""

    parts: tuple[str, ...]
    rest: tuple[str, ...]
    """The clauses that no part is about, least looked at first."""
    unmet: tuple[str, ...] = ()
    """The clauses that are known to be served by nobody."""


def words_of(parsed: Parsed, reading: Reading) -> Words:
    """Return the words of each part, by where the network looked when it wrote it."""
    clauses = _clauses(reading.text)
    if len(parsed.looks) == 1 and not parsed.wanted.partly:
        return Words(parts=(reading.text.strip(),), rest=())
    shares = [_shares(each.tolist(), reading, clauses) for each in parsed.looks]
    found: list[str] = []
    for share in shares:
        most = max(share, default=0.0)
        kept = [k for k, each in enumerate(share) if each >= _NEAR * most > 0]
        start, end = (clauses[kept[0]][0], clauses[kept[-1]][1]) if kept else (0, None)
        said = _TAIL.sub("", _LEAD.sub("", reading.text[start:end]))
        found.append(said.strip(" ,;:") or reading.text.strip())
    looked = [max((share[k] for share in shares), default=0.0) for k in range(len(clauses))]
    order = sorted(range(len(clauses)), key=lambda k: looked[k])
    if looked[-1] < _ALIKE * looked[order[0]]:  # what cannot be done is mostly said last
        order.sort(key=lambda k: k != len(clauses) - 1)
    rest = [led_off(reading.text[slice(*clauses[k])]) for k in order]
    return Words(parts=tuple(found), rest=tuple(each for each in rest if each))


def led_off(said: str) -> str:
    """Return the words of a clause without what joins it to the one before: *and*, *then*."""
    return _LEAD.sub("", said).strip(" ,;:.")


def _clauses(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = 0
    for gap in _ENDS.finditer(text):
        if text[at : gap.start()].strip():
            found.append((at, gap.start()))
            at = gap.end()
    if text[at:].strip() or not found:
        found.append((at, len(text)))
    begins = _orders(text)
    return [part for each in found for part in _cut(*each, begins)]


def _orders(text: str) -> list[int]:
    """Return where orders and questions begin: *transcribe, sum it up, read it out* holds three."""
    protected = protect(text)
    if protected.contents:
        return []
    found: list[int] = []
    at = 0
    for clause in split(protected.text):
        place = text.find(clause.said, at)
        if place < 0:
            return []
        found.append(place)
        at = place + len(clause.said)
    return found


def _cut(start: int, end: int, at: Sequence[int]) -> list[tuple[int, int]]:
    places = [start, *(each for each in at if start < each < end), end]
    return list(itertools.pairwise(places))


def _shares(
    looks: Sequence[float], reading: Reading, clauses: Sequence[tuple[int, int]]
) -> list[float]:
    """Return how much of the looking at words falls on each clause, per token of it."""
    found = [0.0] * len(clauses)
    count = [1e-9] * len(clauses)
    for token, (start, _) in enumerate(reading.places):
        for place, (left, right) in enumerate(clauses):
            if left <= start < right:
                found[place] += looks[reading.first + token]
                count[place] += 1
    return [each / many**0.5 for each, many in zip(found, count, strict=True)]


__all__ = ("Words", "led_off", "words_of")

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
    r"^\W*(?:(?:and|then|also|plus|besides|next|oh|ok|please|e|depois|\d+[.)](?!\d))\b[\s,:.)-]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,]+(?:and|then|also|plus|e)\W*$", re.IGNORECASE)
_ALIKE = 1.5
"""Two clauses of which one is looked at less than this times as much as the other are looked at alike."""
_NEAR = 0.5
"""Beside the clause that is looked at most, those that are looked at half as much."""
_JOINTS = re.compile(r"\s*[,;]\s+|\s+(?:\+|&|/|and|plus|as well as|e)\s+", re.IGNORECASE)
"""Where a wish may begin that has no verb of its own: *average mark, bar chart, csv*."""
_OWN = 0.6
"""How much of the looking must fall on the pieces that are to be a part's own."""


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
    spans: list[tuple[int, int]] = []
    for share in shares:
        most = max(share, default=0.0)
        kept = [k for k, each in enumerate(share) if each >= _NEAR * most > 0]
        whole = (0, len(reading.text))
        spans.append((clauses[kept[0]][0], clauses[kept[-1]][1]) if kept else whole)
    found: list[str] = []
    for start, end in _told_apart(spans, parsed, reading):
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


def _told_apart(
    spans: Sequence[tuple[int, int]], parsed: Parsed, reading: Reading
) -> list[tuple[int, int]]:
    """Return the words of each part, where several bear the same ones and looked at other pieces of them.

    What one part is asked in the words of another it refuses, or answers wrongly: the total of a receipt
    beside the mean of a table is no mean.
    """
    found = list(spans)
    for span in dict.fromkeys(spans):
        parts = [k for k, each in enumerate(spans) if each == span]
        pieces = _pieces(reading.text, *span) if len(parts) > 1 else []
        if len(pieces) < len(parts):
            continue
        shares = [_parted(parsed.looks[k].tolist(), reading, pieces) for k in parts]
        owner = [
            max(range(len(parts)), key=lambda k, at=at: shares[k][at]) for at in range(len(pieces))
        ]
        own = [[at for at, its in enumerate(owner) if its == k] for k in range(len(parts))]
        if all(_is_sure(share, held) for share, held in zip(shares, own, strict=True)):
            for k, held in zip(parts, own, strict=True):
                found[k] = (pieces[held[0]][0], pieces[held[-1]][1])
    return found


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return what stands between the joints of some words; nothing where they hold a text of their own."""
    if protect(text).contents:
        return []
    gaps = [each.span() for each in _JOINTS.finditer(text, start, end)]
    begins, ends = [start, *(each[1] for each in gaps)], [*(each[0] for each in gaps), end]
    return [(left, right) for left, right in zip(begins, ends, strict=True) if left < right]


def _parted(
    looks: Sequence[float], reading: Reading, pieces: Sequence[tuple[int, int]]
) -> list[float]:
    shares = _shares(looks, reading, pieces)
    whole = sum(shares) or 1.0
    return [each / whole for each in shares]


def _is_sure(share: Sequence[float], held: Sequence[int]) -> bool:
    """Say whether pieces beside each other have most of the looking."""
    beside = bool(held) and held[-1] - held[0] == len(held) - 1
    return beside and sum(share[each] for each in held) >= _OWN


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

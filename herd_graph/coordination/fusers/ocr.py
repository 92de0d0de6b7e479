"""Readings of one picture by several engines: lines matched by their boxes, then letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.coordination.fusers.alignment import vote
from herd_graph.coordination.fusers.boxes import Box, overlap

SHARPNESS = 0.5
"""How much an engine's confidence in a letter counts: as this power of it."""
NOTHING = 0.6
"""How sure an engine is taken to be where it saw nothing and another something."""
LEAST_OVERLAP = 0.3
"""The intersection over union from which on two boxes are the same line."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line as an engine read it."""

    text: str
    box: Box
    score: float = 1.0
    """How sure the engine is, from 0 to 1."""
    letters: tuple[float, ...] = ()
    """How sure it is of each letter, where it says so."""


@dataclass(frozen=True, kw_only=True)
class FusedLine:
    """One line after fusion."""

    text: str
    box: Box
    agreement: float
    """The mean share of the weight behind its letters."""


def fuse_characters(
    texts: Sequence[str],
    weights: Sequence[float] | None = None,
    *,
    sure: Sequence[Sequence[float] | None] | None = None,
    sharpness: float = SHARPNESS,
    nothing: float = NOTHING,
) -> tuple[str, float]:
    """Fuse readings of one line or a short page letter by letter, with the mean agreement.

    The order of the readings does not matter, and one reading comes back unchanged. The two
    settings were chosen on the development part of ``benchmarks/matrices``.

    Args:
        texts: The readings; at least one.
        weights: How much each engine counts, such as 1 minus its character error rate.
        sure: How sure each engine is of each letter, from 0 to 1; None where it does not say.
        sharpness: How much that counts: as this power of it.
        nothing: How sure an engine is taken to be where it saw nothing and another something.

    Raises:
        ValueError: There are none, or the weights or confidences are of another number.
    """
    if len(set(texts)) == 1:
        return texts[0], 1.0
    scaled = (
        None
        if sure is None
        else [None if own is None else [each**sharpness for each in own] for own in sure]
    )
    votes = vote([list(each) for each in texts], weights, sure=scaled, nothing=nothing)
    agreement = sum(each.share for each in votes) / len(votes) if votes else 1.0
    return "".join(each.token for each in votes if each.token is not None), agreement


def fuse_readings(
    readings: Sequence[Sequence[Line]], weights: Sequence[float] | None = None
) -> list[FusedLine]:
    """Fuse whole pages: lines are the same where their boxes overlap.

    A line that less than half of the weight saw is left out, unless only its own engine speaks.

    Args:
        readings: The lines of each engine.
        weights: How much each engine counts.
    """
    given = [1.0] * len(readings) if weights is None else list(weights)
    total = sum(given)
    groups: list[list[tuple[Line, float]]] = []
    for lines, weight in zip(readings, given, strict=True):
        taken: set[int] = set()
        for line in lines:
            scored = [
                (overlap(line.box, group[0][0].box), place)
                for place, group in enumerate(groups)
                if place not in taken
            ]
            best, place = max(scored, default=(0.0, -1))
            if best >= LEAST_OVERLAP:
                groups[place].append((line, weight))
                taken.add(place)
            else:
                groups.append([(line, weight)])
                taken.add(len(groups) - 1)
    made: list[FusedLine] = []
    for group in groups:
        seen = sum(weight for _, weight in group)
        if seen * 2 < total:
            continue
        text, agreement = fuse_characters(
            [line.text for line, _ in group],
            [weight * (1.0 if line.letters else line.score) for line, weight in group],
            sure=[line.letters or None for line, _ in group],
        )
        first = max(group, key=lambda each: (each[1], each[0].score))[0]
        made.append(FusedLine(text=text, box=first.box, agreement=agreement * seen / total))
    return sorted(made, key=lambda line: (line.box[1], line.box[0]))


__all__ = ("FusedLine", "Line", "fuse_characters", "fuse_readings")

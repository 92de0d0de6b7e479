"""How sure an expert is of a text, beside the text itself.

A recogniser knows which of its words it guessed. Written into the text that would be in everybody's
way, and a port of its own would have to be bound, or left, by every plan. So it travels in the text's
reference, as stretches of letters with a confidence each, and whoever fuses several texts reads it
where it is there. It holds no letters: a text that was changed since no longer fits, and is taken as
one that nobody was sure or unsure of.
"""

from __future__ import annotations

from collections.abc import Sequence

Sure = Sequence[tuple[int, float]]
"""Stretches: how many letters, and how sure, from 0 to 1."""
MOST_STRETCHES = 256
"""Of a text that confidences are kept for: they travel in its reference."""


def stretches(sure: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return confidences in fewer, rounded stretches: equal neighbours, and where there are many, pairs."""
    made: list[tuple[int, float]] = []
    for letters, confidence in sure:
        rounded = round(min(1.0, max(0.0, float(confidence))), 3)
        if made and made[-1][1] == rounded:
            made[-1] = (made[-1][0] + int(letters), rounded)
        elif letters > 0:
            made.append((int(letters), rounded))
    while len(made) > MOST_STRETCHES:
        paired = zip(made[::2], [*made[1::2], (0, 0.0)], strict=False)
        made = [(a + b, round((a * one + b * two) / (a + b), 3)) for (a, one), (b, two) in paired]
    return tuple(made)


def by_letter(text: str, sure: Sure) -> list[float] | None:
    """Return the confidence of each letter of a text; None where nothing, or another text, was told."""
    told = [confidence for letters, confidence in sure for _ in range(letters)]
    return told if told and len(told) == len(text) else None


def by_word(text: str, sure: Sure) -> tuple[tuple[str, float], ...]:
    """Return the words of a text with how sure each is: the mean of its letters; empty as above."""
    told = by_letter(text, sure)
    if told is None:
        return ()
    found: list[tuple[str, float]] = []
    at = 0
    for word in text.split():
        at = text.index(word, at)
        found.append((word, sum(told[at : at + len(word)]) / len(word)))
        at += len(word)
    return tuple(found)


def joined(
    parts: Sequence[tuple[str, float]], gap: str = " "
) -> tuple[str, list[tuple[int, float]]]:
    """Join pieces of a text, and return it with its stretches; a gap is as sure as what is before it."""
    kept = [(text, confidence) for text, confidence in parts if text]
    sure = [
        (len(text) + (len(gap) if place < len(kept) - 1 else 0), confidence)
        for place, (text, confidence) in enumerate(kept)
    ]
    return gap.join(text for text, _ in kept), sure


def in_lines(parts: Sequence[Sequence[tuple[int, float]]]) -> list[tuple[int, float]]:
    """Return the stretches of texts that stand below each other: a line break belongs to its line."""
    made: list[tuple[int, float]] = []
    for place, part in enumerate(parts):
        made += part
        if part and place < len(parts) - 1:
            made.append((1, part[-1][1]))
    return made


__all__ = ("MOST_STRETCHES", "Sure", "by_letter", "by_word", "in_lines", "joined", "stretches")

"""Read a word of a question as the word of the text that it is a slip of: *rehersal*, for *rehearsal*."""

from __future__ import annotations

import re

from herd_graph.discovery.words import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]{5,}")
_ENDINGS = ("s", "es", "d", "ed", "r", "n", "ly", "y")
"""A word with one of these is another form of it, and no slip."""


def as_spelt(question: str, text: str) -> str:
    """Return a question with its slips spelt as the text spells them.

    Only a word that the text does not have is touched, where it has one that differs by one letter too
    many or too few, or by two that changed places.

    Args:
        question: As it was typed.
        text: What it is asked of.
    """
    there = {each.casefold() for each in _WORD.findall(text)}

    def spelt(found: re.Match[str]) -> str:
        word = found.group().casefold()
        if word in there or word in STOP_WORDS:
            return found.group()
        fit = [each for each in there if slipped(word, each)]
        return fit[0] if len(fit) == 1 else found.group()

    return _WORD.sub(spelt, question)


def slipped(one: str, two: str) -> bool:
    """Say whether a word is another with one letter too many or too few, or two that changed places."""
    if one[:1] != two[:1] or abs(len(one) - len(two)) > 1 or one == two:
        return False
    if len(one) == len(two):
        apart = [at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
        return (
            len(apart) == 2
            and apart[1] == apart[0] + 1
            and one[apart[0]] == two[apart[1]]
            and one[apart[1]] == two[apart[0]]
        )
    short, long = sorted((one, two), key=len)
    if any(long == f"{short}{end}" for end in _ENDINGS):
        return False
    return any(long[:at] + long[at + 1 :] == short for at in range(1, len(long)))


__all__ = ("as_spelt", "slipped")

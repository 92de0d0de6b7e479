"""Sums told as a little story: what is left, what each pays, what it cost before, how much a year.

A story is read by the numbers in it and by the words that say what is done with them. Every number has to
find its place: a story with one more is another story, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .rounding import listed, parted, rounded, to_step
from .stories import Story, read
from .sums_of_money import change, each_pays, in_ratio, left, percentage, share
from .sums_of_rates import (
    altogether,
    by_hours,
    by_period,
    in_proportion,
    one_of,
    remainder,
    speed,
    with_once,
)


def solve(text: str) -> str | None:
    """Answer a sum told in words; None where it is not one that is surely understood.

    Args:
        text: In lower letters, numbers in digits.
    """
    bare, places = parted(" ".join(text.split()))
    story = read(bare)
    if story is None or _ELSEWHERE.search(story.words):
        return None
    said = _told(story, _TELLERS)
    if said is None and story.people:  # of 48 students 36 passed: nobody shares anything
        plain = read(bare, crowds=False)
        said = _told(plain, _COUNTERS) if plain is not None else None
    return to_step(said, places) if said is not None and places is not None else said


def _told(story: Story, tellers: Sequence[_Teller]) -> str | None:
    said = (tell(story) for kinds, tell in tellers if story.kinds in kinds)
    return next((each for each in said if each is not None), None)


_ELSEWHERE = re.compile(
    r"\b(?:interest|loan|mortgage|compound\w*|invest\w*|annuity|npv|irr|column|table|chart|rows?|file|document|recording|"
    r"average (?:salary|price|age)|exchange|currency|celsius|fahrenheit)\b"
)
"""What others answer: finance, tables, units."""

_Teller = tuple[frozenset[tuple[int, int, int, int]], Callable[[Story], "str | None"]]

_TELLERS: tuple[_Teller, ...] = (
    (frozenset({(1, 0, 1, 0), (1, 1, 1, 0)}), each_pays),
    (frozenset({(1, 1, 0, 0)}), percentage),
    (frozenset({(2, 0, 0, 0)}), remainder),
    (frozenset({(2, 0, 0, 0)}), speed),
    (frozenset({(2, 0, 0, 0)}), change),
    (frozenset({(2, 0, 0, 0), (3, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0)}), left),
    (frozenset({(2, 0, 0, 0)}), by_hours),
    (frozenset({(2, 0, 0, 0)}), share),
    (frozenset({(2, 0, 0, 0)}), one_of),
    (frozenset({(3, 0, 0, 0)}), with_once),
    (frozenset({(3, 0, 0, 0)}), in_proportion),
    (frozenset({(each, 0, 0, 0) for each in range(2, 12)}), altogether),
    (frozenset({(1, 0, 0, 0)}), by_period),
    (frozenset({(1, 0, 0, each) for each in range(2, 7)}), in_ratio),
)  # fmt: skip

_COUNTERS = tuple(each for each in _TELLERS if each[1] in {share, one_of, in_proportion})

__all__ = ("listed", "rounded", "solve")

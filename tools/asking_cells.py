"""Cells that are spelt like the small words of a question: *IT*, *OR*, *Us*, *A*.

Such a word is the cell where it is written with the cell's capitals, or where it stands as a value
does; anywhere else it is what it always is.
"""

from __future__ import annotations

from collections.abc import Sequence

from .asking import Column, stem
from .asking_vocabulary import FILLERS

_THINGS = frozenset(
    ["table", "file", "cell", "line", "item", "sheet", "document", "data", "answer", "query"]
)
"""Fillers that are sold and counted too."""
_BEFORE_THINGS = frozenset("many sell sold sells buy bought ordered".split())  # noqa: SIM905
_BEFORE = frozenset("the our in for from of at to".split())  # noqa: SIM905
_EQUAL = frozenset({"=", "!=", "equals"})
_AFTER = frozenset({"", "and", "or", "by", "sorted", "per"})
_FOLDING = frozenset(
    [
        "avg",
        "average",
        "sum",
        "max",
        "min",
        "count",
        "total",
        "mean",
        "median",
        "rows",
        "highest",
        "lowest",
        "list",
        "of",
        "in",
        "for",
        "sort",
    ]
)
_WORKS = frozenset("work works working worked employed people staff employees".split())  # noqa: SIM905


def is_small(key: Sequence[str]) -> bool:
    """Say whether a cell is spelt with words that a question may have anyway.

    Args:
        key: The words of the cell, without their case.
    """
    return all(each in FILLERS for each in key)


def is_meant(
    at: int,
    spoken: Sequence[str],
    named: Sequence[Column | None],
    found: Sequence[tuple[Column, str]],
) -> bool:
    """Say whether a small word of a question is what stands in a cell.

    Args:
        at: Where it stands.
        spoken: The question's words.
        named: The column that each of them names.
        found: The columns and cells that are spelt so.
    """
    low = [each.lower() for each in spoken]
    word = spoken[at]

    def near(step: int) -> str:
        return low[at + step] if 0 <= at + step < len(low) else ""

    def names(step: int) -> bool:
        place = at + step
        column = named[place] if 0 <= place < len(named) else None
        return column is not None and any(column is owner for owner, _ in found)

    lettered = any(any(letter.islower() for letter in each) for each in spoken)
    written = any(value == word and value != value.lower() for _, value in found)
    if written and lettered and word != "I" and (at or (word.isupper() and len(word) > 1)):
        return True
    if near(-1) in _EQUAL or (names(1) and near(-1) in _BEFORE):
        return True
    if near(-1) == "is" and names(-2) and near(1) in _AFTER and near(-3) not in {"which", "what"}:
        return True
    if near(-1) == "in" and near(-2) in _WORKS and near(1) in _AFTER | {"earn", "earns", "make"}:
        return True
    if near(1) == "" and len(spoken) <= 4 and low[0] in _FOLDING and near(-1) not in _FOLDING:
        return True  # avg pay it
    return stem(word) in _THINGS and near(-1) in _BEFORE_THINGS

"""Questions about the row that the question before has found: *the dearest one, and where was it*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, Query, stem
from .asking_conditions import Condition
from .asking_likeness import choose
from .numerals import UNITS

_OF_ROW = re.compile(
    r"\b(?:it|its|that|this|them|they|their|those|these|he|she|his|her)\b", re.IGNORECASE
)
_SEVERAL = re.compile(
    r"\b(?:what|how much)(?: money)? (?:do|does|did|would|will|is|are) (?P<n>\d+|[a-z]+) (?:of (?:it|them|those|these|that)|such|pieces)(?: (?:cost|be|come to|make))?\b"
    r"|\b(?:what|how much)(?: money)? (?:do|does|did|would|will) (?P<m>\d+|[a-z]+) (?:of (?:it|them|those|these|that) )?cost\b"
    r"|^\W*(?:what|how much)(?: money)? (?:do|does|would|will|are) (?:the )?(?P<i>\d+|[a-z]+) (?P<what>[a-z][a-z ]{2,30}?)(?: (?:cost|be|come to))(?: me| us)?\W*$"
    r"|^\W*how much (?P<h>\d+|[a-z]+) (?P<it>(?!of )[a-z][a-z ]{2,30}?) costs?\W*$"
    r"|\bhow much (?P<j>\d+|[a-z]+) of (?:it|them|those|these|that) costs?\b"
    r"|\b(?:the )?(?:price|cost) (?:of|for) (?P<k>\d+|[a-z]+) of (?:it|them|those|these)\b",
    re.IGNORECASE,
)
_THEIR = re.compile(
    r"\W*(?:what (?:is|are|was|were) )?their (?P<fold>average|mean|total|sum|median)\W*$",
    re.IGNORECASE,
)
_TOLD = re.compile(r"(?:what|who|which|how much|how many) (?:is|was|are|were) (?:it|that|this|they|he|she)", re.IGNORECASE)  # fmt: skip
_PRICES = "price cost fee rate amount"


def picked(query: Query, columns: Sequence[Column]) -> Condition | None:
    """Return the condition that a row is one of those that a superlative has found.

    Args:
        query: What was written for the superlative.
        columns: Of the table.
    """
    if "QUALIFY" not in query.sql or " IN (SELECT " in query.sql or query.shape != "rows":
        return None
    rest = query.sql[query.sql.index(" FROM data") :]
    rest = rest[: rest.rindex(" ORDER BY ")]
    said = f"it is of the {query.about.partition(':')[0]}"
    if " GROUP BY " not in rest:
        return Condition(f"rowid IN (SELECT rowid{rest})", said, columns[0], 0)
    owners = [each for each in columns if query.sql.startswith(f"SELECT {each.shown}, ")]
    if not owners:
        return None
    return Condition(f"{owners[0].sql} IN (SELECT {owners[0].sql}{rest})", said, owners[0], 0)


def is_told(text: str) -> bool:
    """Say whether a question only asks for what the answer to the one before holds: *what is it*."""
    return _TOLD.fullmatch(text.strip(" ,;?.!")) is not None


def is_of_row(text: str) -> bool:
    """Say whether a question is about something that was named before it: *where was it*."""
    return _OF_ROW.search(text) is not None


def of_them(text: str, given: Sequence[Condition]) -> str:
    """Say of what *their average* is, where the rows were told by a number: *songs faster than 120*.

    Args:
        text: The question.
        given: What the question before says of its rows.
    """
    told = [each.column for each in given if each.column.is_measure]
    if len(told) == 1 and (found := _THEIR.match(text)):
        return f"what is the {found['fold']} {told[0].name} of them"
    return text


def several_of(text: str, columns: Sequence[Column]) -> tuple[str, int] | None:
    """Read *what do three of them cost* as the price of one, and how often.

    Args:
        text: The question.
        columns: Of the table.
    """
    found = _SEVERAL.search(text)
    chosen = choose(columns, _PRICES, "max") if found else None
    if found is None or chosen is None:
        return None
    said = (
        found["n"] or found["m"] or found["j"] or found["k"] or found["i"] or found["h"]
    ).lower()
    many = int(said) if said.isdigit() else UNITS.get(said, 0)
    if many < 2:
        return None
    if found["what"] or found["it"]:
        held = {stem(value) for each in columns for value in each.values}
        what = (found["what"] or found["it"]).strip()
        return (f"highest {chosen[0].name} of {what}", many) if stem(what) in held else None
    return f"highest {chosen[0].name} of them", many


def times(query: Query, many: int) -> Query:
    """Return a query for so many of the number that another gives."""
    if many == 1 or query.shape != "scalar":
        return query
    sql = f"SELECT {many} * ({query.sql}) AS together"
    return replace(query, sql=sql, about=f"{many} times the {query.about}", whose="")

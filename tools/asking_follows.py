"""Questions about the row that the question before has found: *the dearest one, and where was it*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, Query, Unmapped, stem
from .asking_conditions import Condition
from .asking_likeness import choose
from .asking_scales import in_other_unit
from .numerals import UNITS

_OF_ROW = re.compile(
    r"\b(?:it|its|that|this|them|they|their|those|these|he|she|his|her)\b|^(?:in|on|at) (?:which|what)\b",
    re.IGNORECASE,
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
    r"\W*(?:what (?:is|are|was|were) )?their (?P<fold>average|mean|total|sum|median)\W*"
    r"|\W*(?:and )?how much(?: (?:money|is it|is that|are they|do they owe))? (?:altogether|all together|in all|in total|together)\W*",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"(?:and )?(?:what|how much)(?: is| are| would be|['’]?s) (?P<n>\d+(?:[.,]\d+)?) ?(?:%|per ?cent) of (?:that|it|this|the|those)(?: (?:total|sum|amount|number|figure|money))?",
    re.IGNORECASE,
)
_COST = re.compile(
    r"(?:and )?(?:what|how much) (?:do |does |did |would )?(?:they|these|those|each of them) (?:each )?costs?(?: each)?",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"Of “(?P<before>.+)”: (?P<question>.+)", re.DOTALL)
_HOURS = re.compile(r"^'hours?' as '[^']*\bmin", re.IGNORECASE)
_TOLD = re.compile(r"(?:what|who|which|how much|how many) (?:is|was|are|were) (?:it|that|this|they|he|she)|(?:please )?(?:give|show|list|put|write|print)(?: me| us)? (?:those|these|them|it|that|the)(?: rows| ones| results?| lines| entries)?(?: in a table)?", re.IGNORECASE)  # fmt: skip
_CAME_TO = re.compile(
    r"(?:and )?(?:what|how much)(?: money)? (?:did|does|do|has|have|was|is|were|are) (?:it|that|this|they|those|these)(?: all)?(?: cost| come to| amount to| add up to| bring in| make)?(?: me| us)?(?: altogether| in all| in total| together)?",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(
    r"(?:and )?(?:for |by )?how (?:long|much|many|far)(?: (?P<of>\w+))?", re.IGNORECASE
)
_BY_WHOM = re.compile(
    r"(?:and )?(?:(?:by|for|to|from|with) (?:whom|who)|where(?: to| from)?|when)", re.IGNORECASE
)
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


_UNIT_OF = re.compile(
    r"\W*(?:and )?how (?:long|much|many|far|heavy) in (?P<unit>\w+)\W*", re.IGNORECASE
)


def goes_on(question: str) -> tuple[str, str]:
    """Return what was asked before, where a question says of what it goes on, and the question.

    Args:
        question: *Of “who has not paid?”: how much do they owe*.
    """
    found = _GOES_ON.fullmatch(question.strip())
    if found is None:
        return "", question
    if unit := _UNIT_OF.fullmatch(found["question"]):  # the same, told in another unit
        return "", f"{found['before'].rstrip(' ?.!,;')} in {unit['unit']}"
    return found["before"], found["question"]


def is_told(text: str, columns: Sequence[Column] = ()) -> bool:
    """Say whether a question only asks for what the answer to the one before holds: *what is it*.

    Args:
        text: The question.
        columns: Of the table: *how long*, of the one who worked most, was told in minutes.
    """
    bare = text.strip(" ,;?.!")
    if (found := _HOW_MUCH.fullmatch(bare)) is not None:
        named = {stem(each.name) for each in columns if each.is_measure}
        return not found["of"] or stem(found["of"]) in named
    return _TOLD.fullmatch(bare) is not None


def is_of_row(text: str) -> bool:
    """Say whether a question is about something that was named before it: *where was it*."""
    return _OF_ROW.search(text) is not None or _BY_WHOM.fullmatch(text.strip(" ,;?.!")) is not None


def of_them(text: str, given: Sequence[Condition]) -> str:
    """Say of what *their average* is, where the rows were told by a number: *songs faster than 120*.

    Args:
        text: The question.
        given: What the question before says of its rows.
    """
    told = [each.column for each in given if each.column.is_measure]
    if len(told) == 1 and (found := _THEIR.fullmatch(text)):
        return f"what is the {found['fold'] or 'total'} {told[0].name} of them"
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


def percent_of(text: str) -> float:
    """Return the part of the number before that is asked for: *23 % of that total*; 0 for none."""
    found = _PERCENT.fullmatch(text.strip(" ,;?.!"))
    return float(found["n"].replace(",", ".")) / 100 if found else 0.0


def costs_of(text: str, columns: Sequence[Column], before: Query | None) -> str:
    """Say what *what did it cost me* asks of rows that were counted: what they come to.

    Args:
        text: The question.
        columns: Of the table.
        before: What was asked before.
    """
    if before is None or before.shape != "count" or not _CAME_TO.fullmatch(text.strip(" ,;?.!")):
        return text
    chosen = choose(columns, "sales amount cost price total fee", "max")
    return f"what is the total {chosen[0].name} of them" if chosen else text


def prices_of(text: str, columns: Sequence[Column]) -> str:
    """Say what *what do they cost* asks of several rows: the price of each."""
    names = [each for each in columns if each.kind == "text" and each.unique]
    chosen = choose(columns, _PRICES, "max")
    if not names or chosen is None or not _COST.fullmatch(text.strip(" ,;?.!")):
        return text
    return f"list {names[0].name} and {chosen[0].name} of them"


_RECKONED = re.compile(r"(?:and )?what is that (?P<sign>[/*]) (?P<n>\d+(?:\.\d+)?)")
_IN_UNIT = re.compile(r"(?:and )?what is that → (?P<unit>\w+)")


def _in_other(unit: str, query: Query, columns: Sequence[Column]) -> Query:
    """Return a number in another unit than that of the column that it is made of."""
    made = [
        (each, how)
        for each in columns
        if each.sql in query.sql and (how := in_other_unit(each.name, unit)) is not None
    ]
    if len(made) != 1 or query.shape not in {"scalar", "count"}:
        raise Unmapped(f"it does not say of which number in {unit}")
    factor, offset = made[0][1]
    sql = f"SELECT round(({query.sql}) * {factor:.10g} + {offset:.10g}, 4) AS converted"
    return replace(query, sql=sql, about=f"{query.about}, in {unit}", whose="")


def reckoned(text: str, query: Query, columns: Sequence[Column]) -> Query | None:
    """Return a query for what is done to the number before: *what is that divided by 9*; None for no such question.

    Args:
        text: The question, with the signs of sums.
        query: For the number.
        columns: Of the table.
    """
    if unit := _IN_UNIT.fullmatch(text.strip(" ,;?.!")):
        return _in_other(unit["unit"], query, columns)
    found = _RECKONED.fullmatch(text.strip(" ,;?.!"))
    if found is None:
        return None
    if query.shape not in {"scalar", "count"}:
        raise Unmapped("it does not say of which number")
    number = found["n"] if "." in found["n"] else f"{found['n']}.0"
    if not float(number) and found["sign"] == "/":
        raise Unmapped("nothing can be divided by 0")
    said = f"{found['n']} times the" if found["sign"] == "*" else f"one part of {found['n']} of the"
    sql = f"SELECT ({query.sql}) {found['sign']} {number} AS reckoned"
    return replace(query, sql=sql, about=f"{said} {query.about}", whose="")


def times(query: Query, many: float) -> Query:
    """Return a query for so many of the number that another gives."""
    if many == 1:
        return query
    if query.shape not in {"scalar", "count"}:
        raise Unmapped("it does not say of which number")
    sql = f"SELECT {many:g} * ({query.sql}) AS together"
    said = f"{many:g} times" if many >= 1 else f"{many * 100:g} % of"
    return replace(query, sql=sql, about=f"{said} the {query.about}", whose="")


def in_hours(query: Query) -> Query:
    """Return minutes in hours, where hours were asked for of a table that has minutes."""
    minutes = any(_HOURS.search(each) for each in query.read)
    if not minutes or query.shape != "scalar":
        return query
    sql = f"SELECT round(({query.sql}) / 60.0, 2) AS hours"
    return replace(query, sql=sql, about=f"{query.about}, in hours")

"""Tables with a column for each month, or for each kind of cost, read with a row for each.

*Total for January* and *which month cost most in all* are asked of numbers that stand beside one
another; a table with a row for each of them answers both like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from herd_graph.types import JSON

from .asking import Column, Query, name_parts, stem
from .asking_calendar import places
from .rows import Rows

FEWEST = 3
"""Columns that must be of one kind."""
MEASURED = "amount"
_KIND = "item"
_MONEY = re.compile(
    r"\b(?:costs?|cost us|spen[dt]|spending|expenses?|expenditures?|expensive|dearest|pay|paid|bills?|money|budget|outgoings|takings|revenue|income|earn(?:ed|ings)?|sales|turnover)\b",
    re.IGNORECASE,
)
_NO_MONEY = frozenset(
    "age km kg hours hour minutes days units qty quantity score points rating percent height weight size "  # noqa: SIM905
    "kwh m3 litres liters l m2 sqm pages visitors guests people".split()
)


_MARKS = re.compile(r"\b(?:subjects?|marks?|grades?|exams?|tests?|papers?)\b", re.IGNORECASE)
_MARKED = frozenset({"subject", "subjects", "mark", "marks", "grade", "grades", "exam", "score"})
_NO_MARK = _NO_MONEY | frozenset("absent late absences goals year class form room born position place fee paid price cost".split())  # noqa: SIM905  # fmt: skip


def by_months(rows: Rows, columns: Sequence[Column]) -> Rows | None:
    """Return a table with a row for each month of each row; None where it has no such columns.

    Args:
        rows: The table.
        columns: What is known of its columns.
    """
    dated = [at for at, each in enumerate(columns) if each.kind == "number" and _is_time(each.name)]
    names = [columns[at].name for at in dated]
    if len(dated) < FEWEST or not places(names):
        return None
    called = "day" if places([*names, "monday"]) else "month"
    return _lengthened(rows, columns, dated, "quarter" if places([*names, "q1"]) else called)


def by_kinds(rows: Rows, columns: Sequence[Column], question: str) -> Rows | None:
    """Return a table with a row for each kind of cost of each row, where money is asked for.

    Args:
        rows: The table.
        columns: What is known of its columns.
        question: What is asked: the columns of such a table are of one kind only by its words.
    """
    told = " ".join([question, *re.findall(r"[^\W_]+", rows.name)])
    measures = [at for at, each in enumerate(columns) if each.kind == "number"]
    kept = [at for at in measures if not _is_total(columns[at].name)]
    alike = all(
        columns[at].is_summed
        and not _NO_MONEY & set(re.findall(r"[^\W_]+", columns[at].name.lower()))
        for at in kept
    ) and len({columns[at].unit for at in kept}) == 1  # fmt: skip
    if len(kept) < FEWEST or not alike or not _MONEY.search(told):
        return None
    return _lengthened(rows, columns, kept, _KIND)


def by_shared(rows: Rows, columns: Sequence[Column], question: str) -> Rows | None:
    """Return a table with a row for each column of one kind: *fiction lent*, *DVDs lent*.

    Args:
        rows: The table.
        columns: What is known of its columns.
        question: What is asked; it must say what the columns share, and name none of them.
    """
    parts = [name_parts(each.name) for each in columns]
    spoken = {stem(each) for each in re.findall(r"[^\W_]+", question.lower())}
    for last in dict.fromkeys(each[-1] for each in parts if len(each) > 1):
        kept = [
            at for at, each in enumerate(columns)
            if each.is_summed and len(parts[at]) > 1 and parts[at][-1] == last
        ]  # fmt: skip
        own = {stem(part) for at in kept for part in parts[at][:-1]}
        if len(kept) >= FEWEST and stem(last) in spoken and not own & spoken:
            return _lengthened(rows, columns, kept, "kind", last)
    return None


def by_subjects(rows: Rows, columns: Sequence[Column], question: str) -> Rows | None:
    """Return a table with a row for each subject of each pupil, where marks are asked for.

    Args:
        rows: The table.
        columns: What is known of its columns.
        question: What is asked.
    """
    if not _MARKS.search(question) or not any(each.kind == "text" for each in columns):
        return None
    if any(set(name_parts(each.name)) & _MARKED for each in columns):
        return None
    kept = [
        at for at, each in enumerate(columns)
        if each.is_measure and not _NO_MARK & set(re.findall(r"[^\W_]+", each.name.lower()))
        and not _is_total(each.name) and each.name.isalpha()
    ]  # fmt: skip
    ends = [columns[at].high or 0 for at in kept]
    if len(kept) < FEWEST or min(ends) * 3 < max(ends) or places([columns[at].name for at in kept]):
        return None
    told = [at for at, each in enumerate(columns) if each.kind != "number"]
    bare = replace(
        rows,
        columns=[rows.columns[at] for at in [*told, *kept]],
        rows=[[row[at] for at in [*told, *kept]] for row in rows.rows],
    )  # the marks are its only numbers
    known = [columns[at] for at in [*told, *kept]]
    across = list(range(len(told), len(known)))
    return _lengthened(bare, known, across, "subject", "mark")


def _lengthened(
    rows: Rows,
    columns: Sequence[Column],
    across: Sequence[int],
    called: str,
    measured: str = MEASURED,
) -> Rows | None:
    if {called, measured} & {each.name.lower() for each in columns}:
        return None
    kept = [
        at for at, each in enumerate(columns)
        if at not in across and not (each.kind == "number" and _is_total(each.name))
    ]  # fmt: skip
    made: list[list[JSON]] = [
        [*(row[at] for at in kept), columns[place].name, row[place]]
        for row in rows.rows for place in across
    ]  # fmt: skip
    names = [*(rows.columns[at] for at in kept), called, measured]
    return replace(rows, columns=names, rows=made, notes=list(rows.notes))


def _is_time(name: str) -> bool:
    return bool(
        places([name, "january"])
        or places([name, "monday"])
        or places([name, "q4"])
        or places([name, "q1"])
    )


def _is_total(name: str) -> bool:
    return bool({"total", "sum", "average", "avg", "summe", "gesamt"} & set(name_parts(name)))


def tells_amounts(queries: Sequence[Query], measured: str = MEASURED) -> bool:
    """Say whether what was read of the long table is about its numbers, rather than its rows."""
    return all(f'"{measured}"' in each.sql and "count(" not in each.sql for each in queries)


def sets_apart(question: str) -> bool:
    """Say whether a question sets two columns against each other: *more in May than in June*."""
    return re.search(r"\bthan\b", question, re.IGNORECASE) is not None

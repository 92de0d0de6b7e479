# ruff: noqa: S608 - every name and value is quoted
"""Questions for shares and for yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from .asking import Column, Query, Unmapped, quoted, quoted_name
from .asking_conditions import Condition
from .asking_frame import Frame, by
from .asking_likeness import choose
from .asking_vocabulary import ROWS

_TURNS = frozenset(
    "is are was were come comes came does did do has have had been belongs went goes from".split()  # noqa: SIM905
)


def share(frame: Frame) -> Query:
    """Write a percentage: of the rows, or of a sum. Raises ``Unmapped``."""
    measured = [each for each in frame.numeric if each.is_summed]
    whole = f"sum({measured[0].sql})" if measured else "count(*)"
    of = measured[0].name if measured else "the rows"
    if frame.asked.groups:
        keys = ", ".join(each.sql for each in frame.asked.groups)
        shown = ", ".join(each.shown for each in frame.asked.groups)
        return Query(
            f"SELECT {shown}, round(100.0 * {whole} / sum({whole}) OVER (), 1) AS percent "
            f"FROM data{frame.where} GROUP BY {keys} ORDER BY percent DESC, {keys}",
            f"percent of {of}{by(frame.asked.groups)}{frame.said}",
            "rows",
            len(frame.asked.groups),
        )
    wanted, base = _parted(frame)
    summed = [each for each in frame.columns if each.is_summed and not each.is_made]
    counts = any(map(frame.question.is_noun, range(len(frame.spoken)))) or frame.asks(*ROWS)
    worth = [each for each in wanted if each.column.kind == "text" and not each.column.is_flag]
    if not measured and len(summed) == 1 and worth and not counts:
        whole, of = f"sum({summed[0].sql})", summed[0].name  # the share of food in a budget
    elif not measured and summed and any(each.column.unique for each in worth):
        return _several(summed, wanted, base)
    if not wanted:
        raise Unmapped("it does not say the share of what: which rows are meant")
    tested = " AND ".join(each.sql for each in wanted)
    where = f" WHERE {' AND '.join(each.sql for each in base)}" if base else ""
    among = f", among those where {' and '.join(e.said for e in base)}" if base else ""
    return Query(
        f"SELECT round(100.0 * {whole} FILTER (WHERE {tested}) / {whole}, 1) AS percent FROM data{where}",
        f"percent of {of} where {' and '.join(each.said for each in wanted)}{among}",
        "share",
    )


def _several(
    summed: Sequence[Column], wanted: Sequence[Condition], base: Sequence[Condition]
) -> Query:
    """Write the share of each number that a row may be meant by."""
    tested = " AND ".join(each.sql for each in wanted)
    where = f" WHERE {' AND '.join(each.sql for each in base)}" if base else ""
    listed = ", ".join(
        f"round(100.0 * sum({each.sql}) FILTER (WHERE {tested}) / sum({each.sql}), 1) AS "
        + quoted_name(f"percent of {each.title}")
        for each in summed
    )
    said = " and ".join(each.said for each in wanted)
    return Query(f"SELECT {listed} FROM data{where}", f"shares where {said}", "rows")


def _parted(frame: Frame) -> tuple[list[Condition], list[Condition]]:
    """Part what is counted from what it is counted among: *of maths exams* **were passed**."""
    turn = next(
        (at for at, each in enumerate(frame.spoken) if each in _TURNS and at > 1), len(frame.spoken)
    )
    behind = [each for each in frame.conditions if each.at > turn]
    before = [each for each in frame.conditions if each.at <= turn]
    if behind:
        return behind, before
    return before[-1:], before[:-1]


def yes_or_no(frame: Frame) -> Query:
    """Write whether any row matches, or every one. Raises ``Unmapped``."""
    compared = _two_compared(frame)
    if compared is not None:
        return compared
    for each in frame.numeric:
        frame.conditions.append(
            Condition(f"{each.sql} > 0", f"{each.name} is more than 0", each, 0)
        )
    if not frame.conditions:
        raise Unmapped("it names no value and no column to look for")
    tested = " AND ".join(f"({each.sql})" for each in frame.conditions)
    said = " and ".join(each.said for each in frame.conditions)
    if frame.asks("all", "everyone", "everybody", "every", "always"):
        wanted = frame.conditions[-1]
        where = " AND ".join(f"({each.sql})" for each in frame.conditions[:-1]) or "true"
        return Query(
            f"SELECT count(*) FILTER (WHERE ({wanted.sql}) IS NOT TRUE) = 0 AS answer, "
            f"count(*) FILTER (WHERE ({wanted.sql}) IS NOT TRUE) AS otherwise FROM data WHERE {where}",
            f"whether in every row {said}",
            "yes",
        )
    return Query(
        f'SELECT count(*) > 0 AS answer, count(*) AS "matching rows" FROM data WHERE {tested}',
        f"whether there are rows where {said}",
        "yes",
    )


def _two_compared(frame: Frame) -> Query | None:
    """Write *is Brazil bigger than India*."""
    degree = next((each for each in frame.question.words if each.role in {"more", "less"}), None)
    if degree is None:
        return None
    valued = [each for each in frame.question.words if each.role == "value"]
    chosen = choose(frame.columns, degree.values[0], "max") if degree.values else None
    column = frame.numeric[0] if frame.numeric else chosen[0] if chosen else None
    if len(valued) != 2 or column is None or valued[0].column is not valued[1].column:
        raise Unmapped("it does not say which two things are compared, or by which column")
    owner = valued[0].column
    assert owner is not None
    held = [each for each in frame.conditions if each.column is not owner]
    one, two = (_value_of(column, owner, each.values[0], held) for each in valued)
    sign = ">" if degree.role == "more" else "<"
    return Query(
        f"SELECT {one} {sign} {two} AS answer, {one} AS first, {two} AS second",
        f"whether {column.name} of {valued[0].values[0]!r} {sign} that of {valued[1].values[0]!r}",
        "yes",
    )


def _value_of(column: Column, owner: Column, value: str, held: Sequence[Condition]) -> str:
    """Write the number of one of two things; of several rows their total, or their mean."""
    fold = "max" if owner.unique else "sum" if column.is_summed else "avg"
    tests = " AND ".join([f"{owner.sql} = {quoted(value)}", *(f"({each.sql})" for each in held)])
    return f"(SELECT {fold}({column.sql}) FROM data WHERE {tests})"

# ruff: noqa: S608 - every name and value is quoted
"""Questions for extremes: the highest, the cheapest, the three largest, the second oldest."""

from __future__ import annotations

from collections.abc import Sequence

from .asking import Column, Query, Unmapped, stem
from .asking_frame import WHICH, Frame, Measure, aliased, by, grouped, worded
from .asking_lexicon import WHO
from .asking_likeness import Extreme, likeness

MOST_OWNERS = 3
"""Rows that are named beside their number."""


def ranked(frame: Frame) -> Query:
    """Write the query of a question with a superlative. Raises ``Unmapped``."""
    asked = frame.asked
    measured = [each for each in asked.extremes if each.columns]
    if measured and asked.extremes[0].said in {"top", "bottom"}:
        asked.extremes[:] = measured  # the top three cheapest
    extreme = asked.extremes[0]
    texts = [each for each in frame.others if each.kind == "text"]
    named = texts or [each for each in frame.others if each.kind == "date"]
    if asked.folds and _lists_folds(frame):
        return _beside_folds(frame)
    if asked.folds:
        return _of_folds(frame, extreme, named)
    if frame.counts_rows() or (asked.counted and (asked.groups or named)):
        owners = asked.groups or named[:1] or frame.subjects()[:1]
        if owners and owners[0].kind == "text" and owners[0].unique and not asked.counted:
            raise Unmapped(f"every row has its own {owners[0].name!r}: there is nothing to count")
        if owners and not (asked.counted and frame.numeric):
            return rank_groups(frame, owners, "count(*)", extreme.direction)
    column, direction = _measured(frame, extreme)
    if asked.differs:
        top, low = Measure.of("max", column), Measure.of("min", column)
        return Query(
            f"SELECT {top} - {low} AS difference, {aliased(top)}, {aliased(low)} FROM data{frame.where}",
            f"difference between the highest and the lowest {column.name}{frame.said}",
            "rows",
        )
    if len(asked.extremes) > 1 and len({each.direction for each in asked.extremes}) > 1:
        if asked.groups:
            measures = [Measure.of(each.direction, column) for each in asked.extremes]
            about = f"lowest and highest {column.name}{by(asked.groups)}{frame.said}"
            return grouped(measures, asked.groups, frame, about)
        measures = [Measure.of(each.direction, column) for each in asked.extremes]
        listed = ", ".join(aliased(each) for each in measures)
        about = " and ".join(worded(each) for each in measures)
        return Query(f"SELECT {listed} FROM data{frame.where}", about + frame.said, "rows")
    if asked.groups:
        own = asked.groups[0].derived and frame.asks("which", "what")
        if own:
            return rank_groups(frame, asked.groups, _fold(column), direction)
        edge = Measure.of(direction, column)
        return grouped([edge], asked.groups, frame, f"{worded(edge)}{by(asked.groups)}{frame.said}")
    label = frame.label()
    shown = [each for each in frame.others if each is not column]
    if shown and frame.asks("who", "whom") and shown[0].kind == "text":
        people = [
            each for each in frame.subjects()
            if each not in {column, *shown} and any(likeness(each, word) == 3 for word in WHO.split())
        ]  # fmt: skip
        shown = [*people[:1], *shown]  # who stays longest, and in which room
    if not shown:
        shown = [each for each in frame.subjects() if each is not column]
        if shown and label is not None and shown[0] is label and _asks_rows(frame):
            shown = _telling(frame, label)
        if frame.numeric and not frame.numeric[0].derived and not frame.asks(*WHICH):
            shown = []
    whole = asked.limit and label is not None and not label.unique and _is_of_rows(frame, extreme)
    if whole and not frame.others:
        return _rows(frame, column, direction, [])  # the five biggest orders are rows
    if not shown and label is not None and _is_of_rows(frame, extreme):
        shown = _telling(frame, label)  # the cheapest flat is a flat, not a price
    if not shown and label is not None and extreme.columns and not frame.numeric:
        shown = _telling(frame, label)  # *the oldest* is somebody, not an age
    owner = next((each for each in shown if each.kind == "text"), None)
    if owner is None and shown and shown[0].repeats and frame.asks("day", "date"):
        owner = shown[0]  # the best day is that of all its rows
    if owner is not None and _is_summed_up(frame, extreme, column, owner):
        return rank_groups(frame, [owner], Measure.of("sum", column), direction)
    return _rows(frame, column, direction, shown)


def _asks_rows(frame: Frame) -> bool:
    """Whether *which* asks for one of the rows: *which match* of a table of matches."""
    return any(
        word in {"which", "what"}
        and frame.question.is_noun(at + 1)
        and not frame.question.words[at + 1].role
        for at, word in enumerate(frame.spoken[:-1])
    )


def _telling(frame: Frame, label: Column) -> list[Column]:
    """Return what tells which row it is: its name, or all that is written of it where none has one."""
    if label.unique or label.name in {each.name for each in frame.others}:
        return [label]
    spoken = frame.question.nouns & {stem(each) for each in frame.spoken}
    texts = [each for each in frame.columns if each.kind != "number" and not each.is_flag]
    return texts[:4] if spoken or len(texts) < 2 else [label]


def _is_of_rows(frame: Frame, extreme: Extreme) -> bool:
    """Whether a superlative is said of the rows: *the oldest member*, *the oldest active member*."""
    for at in range(extreme.at + 1, min(extreme.at + 4, len(frame.question.words))):
        if frame.question.is_noun(at):
            return True
        if frame.question.words[at].role not in {"value", "value+", "filtered", "denied"}:
            return False
    return False


def _measured(frame: Frame, extreme: Extreme) -> tuple[Column, str]:
    dates = [each for each in frame.others if each.kind == "date"]
    if extreme.columns.startswith("date") and dates and not frame.numeric:
        return dates[0], extreme.direction
    try:
        return frame.measure(extreme.columns, extreme.direction)
    except Unmapped:
        if dates:
            return dates[0], extreme.direction
        raise


def _fold(column: Column) -> str:
    return Measure.of("sum" if column.is_summed else "avg", column)


def _of_folds(frame: Frame, extreme: Extreme, named: Sequence[Column]) -> Query:
    """Write *which city has the highest total*."""
    column, direction = frame.measure(extreme.columns, extreme.direction)
    fold = frame.asked.folds[0]
    owners = list(frame.asked.groups) or list(named[:1]) or frame.subjects()[:1]
    if not owners or (owners[0].unique and not frame.asked.groups):
        if len(frame.asked.folds) == 1 and frame.asked.folds[0] == "sum" and owners:
            return _rows(frame, column, direction, owners)
        if owners and not named:
            raise Unmapped("it does not say of which groups: by city, per category …")
    if not owners:
        measures = [Measure.of(each, column) for each in
                    [*frame.asked.folds, *(e.direction for e in frame.asked.extremes)]]  # fmt: skip
        listed = ", ".join(aliased(each) for each in measures)
        about = " and ".join(worded(each) for each in measures)
        return Query(f"SELECT {listed} FROM data{frame.where}", about + frame.said, "rows")
    return rank_groups(frame, owners, Measure.of(fold, column), direction)


_LIMITS = frozenset("min max minimum maximum highest lowest".split())  # noqa: SIM905


def _lists_folds(frame: Frame) -> bool:
    """Whether ends stand beside a mean as other numbers: *mean, min and max*, *the total and the highest*."""
    extremes = frame.asked.extremes
    if frame.asks("which", "who", "where", "whose") or any(e.said not in _LIMITS for e in extremes):
        return False
    if len({each.direction for each in extremes}) > 1:
        return True
    words = frame.question.words
    folds = [at for at, each in enumerate(words) if each.role in frame.asked.folds]
    between = [(min(at, extremes[0].at), max(at, extremes[0].at)) for at in folds]
    return any("and" in frame.spoken[low + 1 : high] for low, high in between)


def _beside_folds(frame: Frame) -> Query:
    """Write means and ends of one number, in the order that they were asked in."""
    column = frame.measure()[0]
    ends = {each.at: each.direction for each in frame.asked.extremes}
    named = {at: e.role for at, e in enumerate(frame.question.words) if e.role in frame.asked.folds}
    wanted = list(dict.fromkeys(fold for _, fold in sorted({**named, **ends}.items())))
    measures = [Measure.of(each, column) for each in wanted]
    about = " and ".join(worded(each) for each in measures)
    if frame.asked.groups:
        return grouped(
            measures, frame.asked.groups, frame, f"{about}{by(frame.asked.groups)}{frame.said}"
        )
    listed = ", ".join(aliased(each) for each in measures)
    return Query(f"SELECT {listed} FROM data{frame.where}", about + frame.said, "rows")


def _is_summed_up(frame: Frame, extreme: Extreme, column: Column, owner: Column) -> bool:
    """Whether *the most* means a sum of several rows: *which author has the most loans*."""
    if owner.unique or not column.is_summed or _asks_rows(frame):
        return False
    if (
        not frame.asks("which", "what", "who")
        and not frame.asked.limit
        and _is_of_rows(frame, extreme)
    ):
        return False  # the longest run is one of the runs
    verbs = bool(frame.asked.verbs) and not frame.numeric
    return (
        owner.repeats
        or extreme.said in {"most", "least", "fewest", "top"}
        or verbs
        or bool(frame.asked.limit)
        or "total" in frame.spoken  # which town has the highest total
    )


def rank_groups(frame: Frame, owners: Sequence[Column], measure: str, direction: str) -> Query:
    """Write which groups come first by a measure."""
    keys = ", ".join(each.sql for each in owners)
    shown = ", ".join(each.shown for each in owners)
    down = "DESC" if direction == "max" else "ASC"
    where = frame.where
    if owners[0].gaps and not owners[0].derived:  # nobody is not the one with the most
        where += f"{' AND' if where else ' WHERE'} {owners[0].sql} IS NOT NULL"
    return Query(
        f"SELECT {shown}, {aliased(measure)} FROM data{where} GROUP BY {keys} QUALIFY "
        f"{_cut(frame, measure, down)} ORDER BY {measure} {down} NULLS LAST, {keys}",
        f"{_place(frame, direction)} {worded(measure)}{by(owners)}{frame.said}",
        "rows",
        len(owners),
    )


def _cut(frame: Frame, measure: str, down: str) -> str:
    over = f"OVER (ORDER BY {measure} {down} NULLS LAST)"
    if frame.asked.nth:
        return f"dense_rank() {over} = {frame.asked.nth}"
    return f"rank() {over} <= {frame.asked.limit or 1}"


def _whose(frame: Frame, column: Column, measure: str) -> str:
    """Write the query for what an extreme belongs to; empty where no column tells the rows apart."""
    label = frame.label()
    texts = [label] if label is not None and (label.unique or label not in frame.columns) else []
    texts = texts or [
        each for each in frame.columns
        if each.kind != "number" and not each.is_flag and each not in frame.filtered and each is not column
    ][:2]  # fmt: skip
    if not texts:
        return ""
    given = f"{frame.where} AND" if frame.where else " WHERE"
    listed = ", ".join(each.sql for each in texts)
    return f"SELECT {listed} FROM data{given} {column.sql} = (SELECT {measure} FROM data{frame.where}) LIMIT {MOST_OWNERS + 1}"


def _place(frame: Frame, direction: str) -> str:
    edge = "highest" if direction == "max" else "lowest"
    if frame.asked.nth:
        return f"number {frame.asked.nth} by {edge}"
    return f"top {frame.asked.limit} by {edge}" if frame.asked.limit else edge


def _rows(frame: Frame, column: Column, direction: str, shown: Sequence[Column]) -> Query:
    if not shown and not frame.asked.limit and not frame.asked.nth and not frame.asks(*WHICH):
        measure = Measure.of(direction, column)
        about = f"{'highest' if direction == 'max' else 'lowest'} {column.title}{frame.said}"
        return Query(
            f"SELECT {measure} FROM data{frame.where}",
            about,
            "scalar",
            whose=_whose(frame, column, measure),
        )
    down = "DESC" if direction == "max" else "ASC"
    listed = list(dict.fromkeys([*shown, column]))
    keys = ", ".join(each.shown for each in listed) if shown else "*"
    repeats = any((each.kind == "text" or each.is_key) and not each.unique for each in shown)
    if frame.asked.limit and repeats and column.is_summed:
        raise Unmapped(f"{shown[0].name!r} repeats: say the total, or the average {column.name}")
    edge = f"{_place(frame, direction)}{' single' if repeats else ''} {column.name}"
    given = (
        f" WHERE {column.sql} IS NOT NULL" if not frame.where else f" AND {column.sql} IS NOT NULL"
    )
    return Query(
        f"SELECT {'DISTINCT ' if repeats else ''}{keys} FROM data{frame.where}{given} QUALIFY {_cut(frame, column.sql, down)} "
        f"ORDER BY {column.sql} {down} NULLS LAST",
        f"{edge}{frame.said}",
        "rows",
        int(len(shown) == 1 and shown[0].kind == "text"),
    )

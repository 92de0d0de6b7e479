# ruff: noqa: S608 - every name and value is quoted
"""Two things beside each other: *units in July and in August*, *how much more coffee than tea*.

What is asked of both is written for each of them, by the writer of single questions, and put side
by side: one number for both would answer another question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .asking import Query, Unmapped, quoted, quoted_name
from .asking_conditions import Condition
from .asking_frame import Frame, Measure, worded
from .asking_growth import growth
from .clock_times import CLOCKS

_COMPETING = frozenset("more less fewer most least better worse best worst".split())  # noqa: SIM905
_TOGETHER = frozenset("together combined altogether jointly overall".split())  # noqa: SIM905
_LISTS = frozenset("list show give display which who".split())  # noqa: SIM905
_SINGLE = frozenset({"scalar", "count", "share"})


def paired(frame: Frame, write: Callable[[Frame], Query]) -> Query | None:
    """Write a question about alternatives one by one; None where it asks for all of them at once.

    Args:
        frame: The question.
        write: Writes the query of a question about one thing.
    """
    asked = frame.asked
    several = [each for each in frame.conditions if len(each.parts) > 1]
    held = asked.groups or asked.limit or asked.nth
    if len(several) != 1 or (held and not asked.grows):
        return None
    condition = several[0]
    competes = condition.joined == "or" and _competes(frame)
    apart = asked.differs or asked.compares or asked.grows or competes
    if not apart:
        lists = frame.asks(*_LISTS) and not asked.counted and not asked.folds
        if condition.joined == "or" or asked.extremes or lists or frame.asks(*_TOGETHER):
            return None
        if asked.asks_yes or asked.distinct:
            return None
        if "sum" in asked.folds and condition.joined != "each":
            return None  # the total of both
    if asked.asks_yes and not competes:
        return None
    made = [(label, _of(frame, condition, label, sql, write)) for label, sql in condition.parts]
    if any(each.shape not in _SINGLE for _, each in made):
        if not apart:
            return None
        made = [(label, _measured(frame, condition, label, sql)) for label, sql in condition.parts]
    if asked.grows:
        return growth(frame, made)
    if asked.differs:
        return _difference(frame, made)
    return _beside(frame, condition, made, competes=competes)


def _competes(frame: Frame) -> bool:
    if frame.asked.extremes:
        return True
    return frame.asks(*_COMPETING) or any(e.role in {"more", "less"} for e in frame.question.words)


def _alone(frame: Frame, condition: Condition, label: str, sql: str) -> Frame:
    one = replace(condition, sql=sql, said=f"{condition.column.name} is {label}", parts=())
    held = [one if each is condition else each for each in frame.conditions]
    understood = replace(
        frame.asked, conditions=held, extremes=[], differs=False, compares=False, asks_yes=False,
        grows=False, share=False if frame.asked.grows else frame.asked.share, direction="",
    )  # fmt: skip
    return Frame(frame.question, understood)


def _of(
    frame: Frame, condition: Condition, label: str, sql: str, write: Callable[[Frame], Query]
) -> Query:
    try:
        return write(_alone(frame, condition, label, sql))
    except Unmapped:
        if frame.asked.extremes or frame.asked.verbs or frame.asked.differs:
            return _measured(frame, condition, label, sql)
        raise


def _measured(frame: Frame, condition: Condition, label: str, sql: str) -> Query:
    """Write what is compared of one of several things: a total, a mean, or what stands there."""
    alone = _alone(frame, condition, label, sql)
    wanted = next((e.columns for e in frame.asked.extremes if e.columns), "")
    degrees = [e.values[0] for e in frame.question.words if e.role in {"more", "less"} and e.values]
    column, _ = alone.measure(wanted or next(iter(degrees), ""))
    fold = "sum" if column.is_summed else "max" if condition.column.unique else "avg"
    measure = Measure.of(fold, column)
    about = column.name if fold == "max" else worded(measure)
    return Query(f"SELECT {measure} FROM data{alone.where}", f"{about}{alone.said}", "scalar")


def _difference(frame: Frame, made: list[tuple[str, Query]]) -> Query:
    if len(made) != 2:
        raise Unmapped("a difference is that of two things: say which two")
    (first, one), (second, two) = made
    what = one.about.partition(" where ")[0]
    timed = [e.name for e in frame.columns if e.unit in CLOCKS and f"({e.sql})" in one.sql]
    of = f" {timed[0]}" if timed else ""  # what is called so is written as times are
    return Query(
        f"SELECT ({one.sql}) - ({two.sql}) AS {quoted_name(f'difference{of}')}, "
        f"({one.sql}) AS {quoted_name(f'{first}{of}')}, ({two.sql}) AS {quoted_name(f'{second}{of}')}",
        f"difference in {what}, {first} minus {second}",
        "rows",
    )


def _beside(
    frame: Frame, condition: Condition, made: list[tuple[str, Query]], *, competes: bool
) -> Query:
    first = made[0][1]
    what, _, rest = first.about.partition(" where ")
    others = [each.said for each in frame.conditions if each is not condition]
    said = f" where {' and '.join(others)}" if rest and others else ""
    key, value = quoted_name(condition.column.name), quoted_name(what)
    rows = [f"SELECT {quoted(label)} AS {key}, ({each.sql}) AS {value}" for label, each in made]
    order, told = "", ""
    if competes:
        least = frame.asks("less", "fewer", "least", "worse", "worst")
        least = least or any(each.direction == "min" for each in frame.asked.extremes)
        order = f" ORDER BY 2{'' if least else ' DESC'} NULLS LAST"
        told = ", lowest first" if least else ", highest first"
    adds = first.shape == "count" or first.sql.startswith("SELECT sum(")
    return Query(
        " UNION ALL ".join(rows) + order,
        f"{what} by {condition.column.name}{said}{told}",
        "rows",
        1,
        together=adds and not competes and not frame.asked.compares,
    )

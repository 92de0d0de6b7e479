# ruff: noqa: S608 - every name and value is quoted
"""How something changed: from one time to another, or from each month to the next."""

from __future__ import annotations

import re

from .asking import Column, Query, Unmapped, quoted_name
from .asking_frame import Frame, Measure, worded

GROWS = frozenset(
    "growth grow grew grown grows increase increased increases change changed changes changing decline declined "  # noqa: SIM905
    "decrease decreased decreases develop developed development evolve evolved improvement improved".split()
)
_FALLS = frozenset("decline declined decrease decreased decreases".split())  # noqa: SIM905
_RISES = re.compile(r"\b(?:rise|rose|risen|go up|went up|gone up)\b", re.IGNORECASE)
_DROPS = re.compile(
    r"\b(?:fall|fell|fallen|drop|dropped|go down|went down|gone down)\b", re.IGNORECASE
)
"""These ask for a change only between two times: rain falls in any month."""
_SPAN = re.compile(
    r"\b(?:from|between)\s+(?!month\b|year\b|day\b|week\b|one\b)(?P<first>[\w.'-]+(?: \d{4})?)\s+(?:to|and|until|till)\s+"
    r"(?P<second>[\w.'-]+(?: \d{4})?)",
    re.IGNORECASE,
)
_ARROW = re.compile(r"(?P<first>\b\w+)\s*(?:->|→|–>|=>| to )\s*(?P<second>\w+)", re.IGNORECASE)
_ONE_BY_ONE = re.compile(
    r"\b(?:month|year|day|week|quarter)[- ](?:to|on|over|by|after)[- ](?:month|year|day|week|quarter)\b"
    r"|\b(?:from )?(?:one|each|every) (?P<each>month|year|day|week|quarter) to (?:the )?(?:next|another|other)\b"
    r"|\b(?:per|each|every) (?P<per>month|year|day|week|quarter)\b|\b(?P<ly>month|year|week|quarter)ly\b|\bdaily\b|\bmom\b|\byoy\b",
    re.IGNORECASE,
)
_ASKED = re.compile(rf"\b(?:{'|'.join(sorted(GROWS))})\b", re.IGNORECASE)


def in_parts(question: str) -> str:
    """Word a question for growth so that its two times stand beside each other: *in July and in August*."""
    if _SPAN.search(question) or _ONE_BY_ONE.search(question):
        question = _DROPS.sub("decrease", _RISES.sub("increase", question))
    if not _ASKED.search(question):
        return question
    made = _SPAN.sub(r"in \g<first> and in \g<second>", question)
    if made == question and not _ONE_BY_ONE.search(question):
        made = _ARROW.sub(r"in \g<first> and in \g<second>", question)
    return _ONE_BY_ONE.sub(_each, made)


def _each(found: re.Match[str]) -> str:
    said = found.group().lower()
    for unit in ("month", "year", "week", "quarter", "day"):
        if (
            unit in said
            or (unit == "month" and said == "mom")
            or (unit == "year" and said == "yoy")
        ):
            return f"per {unit}"
    return "per day"


def growth(frame: Frame, made: list[tuple[str, Query]] | None) -> Query:
    """Write a change, and what it is of the first in percent. Raises ``Unmapped``.

    Args:
        frame: The question.
        made: The queries of the two times that it is asked between; none for one time after another.
    """
    if made is not None:
        if len(made) != 2:
            raise Unmapped("growth is from one time to another: say which two")
        if (owners := _owners(frame)) is not None:
            return _each_one(frame, owners, made)
        (first, one), (second, two) = made
        what = one.about.partition(" where ")[0]
        others = [each.said for each in frame.conditions if len(each.parts) < 2]
        held = f" where {' and '.join(others)}" if others else ""
        return Query(
            f'SELECT round(100.0 * (({two.sql}) - ({one.sql})) / nullif(({one.sql}), 0), 1) AS "change in %", '
            f"({two.sql}) - ({one.sql}) AS change, ({one.sql}) AS {quoted_name(first)}, ({two.sql}) AS {quoted_name(second)}",
            f"change in {what}{held}, from {first} to {second}",
            "rows",
        )
    column = frame.measure()[0]
    over = _over(frame)
    fold = frame.asked.folds[0] if frame.asked.folds else "sum" if column.is_summed else "avg"
    measure = Measure.of(fold, column)
    before = f"lag({measure}) OVER (ORDER BY {over.order})"
    inner = (
        f"SELECT {over.sql} AS {quoted_name(over.name)}, {measure} AS {quoted_name(worded(measure))}, {measure} - {before} AS change, "
        f'round(100.0 * ({measure} - {before}) / nullif({before}, 0), 1) AS "change in %" FROM data{frame.where} '
        f"GROUP BY {over.sql} ORDER BY {over.order}"
    )
    about = f"change in {worded(measure)} by {over.name}{frame.said}"
    if frame.asked.extremes:
        fell = frame.asks(*_FALLS) != (frame.asked.extremes[0].direction == "min")
        edge = "ASC" if fell else "DESC"
        by = '"change in %"' if frame.asks("percent", "percentage") else "change"
        return Query(
            f"SELECT * FROM ({inner}) WHERE change IS NOT NULL ORDER BY {by} {edge} NULLS LAST LIMIT {frame.asked.limit or 1}",
            f"{'lowest' if fell else 'highest'} {about}",
            "rows",
            1,
        )
    return Query(inner, about, "rows", 1)


def _owners(frame: Frame) -> Column | None:
    """Return what is compared with itself: *which city grew most*, *who improved*."""
    found = frame.asked.groups[:1]
    if not found and frame.asks("which", "who"):
        given = [each for each in frame.others if each.kind == "text"]
        found = given or [each for each in frame.subjects() if each.kind == "text"]
    return next((each for each in found if not each.unique and each not in frame.filtered), None)


def _each_one(frame: Frame, owner: Column, made: list[tuple[str, Query]]) -> Query:
    """Write how each of several changed between two times."""
    condition = next(each for each in frame.conditions if len(each.parts) > 1)
    (first, one), (second, two) = condition.parts
    column = frame.measure()[0]
    fold = "sum" if column.is_summed else "avg"
    was, now = (f"{fold}({column.sql}) FILTER (WHERE {each})" for each in (one, two))
    fell = frame.asks(*_FALLS)
    order, cut = "ASC" if fell else "DESC", ""
    if frame.asked.extremes:
        order = "DESC" if fell != (frame.asked.extremes[0].direction == "max") else "ASC"
        cut = f" LIMIT {frame.asked.limit or 1}"
    held = "" if cut or frame.asked.groups else f" HAVING {now} {'<' if fell else '>'} {was}"
    what = made[0][1].about.partition(" where ")[0]
    return Query(
        f"SELECT {owner.shown}, {was} AS {quoted_name(first)}, {now} AS {quoted_name(second)}, {now} - {was} AS change "
        f"FROM data{frame.where} GROUP BY {owner.sql}{held} ORDER BY change {order} NULLS LAST{cut}",
        f"change in {what} by {owner.name}, from {first} to {second}",
        "rows",
        1,
    )


def _over(frame: Frame) -> Column:
    """Return what the times are: a group, or the one column that can be ordered as time is."""
    if frame.asked.groups:
        return frame.asked.groups[0]
    timed = [
        each for each in frame.columns
        if each.calendar or each.is_monthly or (each.kind == "number" and each.name.casefold() in {"year", "ano", "jahr"})
    ]  # fmt: skip
    if len(timed) == 1:
        return timed[0]
    dated = [each for each in frame.columns if each.kind == "date"]
    if not timed and len(dated) == 1:
        form, name = ("%Y-%m", "month") if dated[0].months > 1 else ("%Y-%m-%d", "day")
        return Column(name, "text", derived=f"strftime({dated[0].sql}, '{form}')")
    raise Unmapped("it does not say from when to when: from July to August, or per month")

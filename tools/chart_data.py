"""What a chart shows: the columns of a table as they are, or summed up as a request says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from herd_graph.errors import PortViolation
from herd_graph.types import JSON

from .amounts import Numbers
from .asking import Column, Unmapped, quoted_name, stem
from .asking_frame import aliased, worded
from .asking_vocabulary import WEEKDAYS
from .questions import write_sql
from .rows import Rows
from .table_database import as_json, ask, typed

Kind = Literal["bar", "line", "pie", "scatter"]
SERIES = 6
MOST_BARS = 30
"""Bars that are drawn of groups: of more, the largest."""
_YEARS = re.compile(r"(?i)\b(?:year|month|date|day|week|quarter|time|period|jahr|ano|mês|data)\b")
_KEYS = re.compile(r"(?i)(?:^|[\s_])(?:id|nr|no|number|code|key|index)$")
_PERIODS = frozenset({"year", "month", "day", "week", "hour", "weekday"})
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\bscatter\b|\bdots?\b|\bcorrelation\b|\bagainst\b|\bversus\b|\bvs\b", "scatter"),
    (r"\bpies?\b|\bdonut\b|\bdoughnut\b|\bshares?\b|\bproportions?\b|\bpercentages?\b|\bpercent\b", "pie"),
    (r"\blines?\b|\btrend\b|\bcurve\b|\bover time\b|\bdevelop\w*\b|\btimeline\b|\btime series\b", "line"),
    (r"\bbars?\b|\bcolumns? chart\b|\bhistogram\b", "bar"),
)  # fmt: skip
_ABOUT_DRAWING = re.compile(
    r"\b(?:please|draw|plot|make|create|show|display|visuali[sz]e|chart|charts|graph|graphs|diagram|"
    r"picture|image|figure|horizontal|vertical|bars?|lines?|pies?|donut|doughnut|curve|scatter|histogram|"
    r"as an?|as|in a|with an?|using an?|me|of the (?:table|spreadsheet|data|csv|file)|from the (?:table|"
    r"spreadsheet|data|csv|file)|the (?:table|spreadsheet|csv)|columns? (?=chart)|comparing|compare|"
    r"breakdown of|distribution of|trend of|trend in|development of|evolution of|i want|i need|for me|"
    r"shares? of|the shares?|proportions? of|percentages? of)\b",
    re.IGNORECASE,
)
_OVER_TIME = re.compile(
    r"\b(?:over time|through time|over the (?:months|year|period)|trend|timeline|time series)\b",
    re.IGNORECASE,
)
_RANKED = re.compile(r"\b(?:top|bottom|highest|lowest|largest|smallest|first|sorted|order)\b")


@dataclass(frozen=True)
class Chosen:
    """What is drawn."""

    labels: list[JSON]
    axis: str
    series: list[tuple[str, Numbers]]
    about: str = ""
    """In words, where rows were summed up."""
    notes: list[str] = field(default_factory=list[str])


def kind_of(request: str, given: Kind) -> Kind:
    """Return the kind that a request names; the given one where it names none."""
    if given != "bar":
        return given
    for form, kind in _KINDS:
        if re.search(form, request.lower()):
            return kind
    return given


def choose(rows: Rows, kind: Kind, request: str) -> Chosen:
    """Return what to draw. Raises ``PortViolation`` where nothing can be."""
    asked = gathered(rows, kind, request) if request.strip() and kind != "scatter" else None
    return asked or as_it_stands(rows, kind, request)


def gathered(rows: Rows, kind: Kind, request: str) -> Chosen | None:
    """Sum up the rows as a request says: *units per product*. None where it asks no such thing."""
    columns, values = typed(rows)
    words = _OVER_TIME.sub(lambda _: f" {_period(columns)} ", request)
    words = " ".join(_ABOUT_DRAWING.sub(" ", words).split())
    if not re.search(r"\w", words):
        return None
    try:
        query = write_sql(words, columns, [rows.name])
    except Unmapped:
        return None
    if query.shape != "rows" or not query.groups:
        return None
    names, found = ask(query.sql, columns, values, request)
    records = [[as_json(each) for each in row] for row in found]
    measured = list(range(query.groups, len(names)))
    if query.groups == 2 and len(measured) == 1 and records:
        return _pivoted(records, names, query.about)
    if query.groups != 1 or not 1 <= len(measured) <= SERIES or not records:
        return None
    timed = names[0] in _PERIODS or any(
        each.name == names[0] and (each.kind != "text" or each.calendar) for each in columns
    )
    if not timed and not _RANKED.search(request.lower()) and not query.about.endswith("first"):
        records.sort(key=lambda row: -_value(row[measured[0]]))
    if names[0] == "weekday":
        week = [*WEEKDAYS][1:]
        records.sort(key=lambda row: week.index(str(row[0]).lower()) if row[0] != "Sunday" else 7)
    notes: list[str] = []
    if kind == "bar" and len(records) > MOST_BARS and not timed:
        notes.append(f"the {MOST_BARS} largest of {len(records)}")
        records = records[:MOST_BARS]
    series = [
        (names[at], _numbers(rows, query.sql, [row[at] for row in records])) for at in measured
    ]
    return Chosen([row[0] for row in records], names[0], series, query.about, notes)


def _period(columns: Sequence[Column]) -> str:
    """Return how finely time is cut: months where there are several, else days."""
    dated = next((each for each in columns if each.kind == "date"), None)
    return "per month" if dated is not None and dated.months > 2 else "per day"


def _pivoted(records: list[list[JSON]], names: list[str], about: str) -> Chosen | None:
    """Make a series of each value of the second group."""
    first, second, measured = 0, 1, 2
    across = list(dict.fromkeys(row[first] for row in records))
    apart = list(dict.fromkeys(row[second] for row in records))
    if len(apart) > SERIES and len(across) <= SERIES:
        across, apart, first, second = apart, across, second, first
    if len(apart) > SERIES:
        return None
    held = {(row[first], row[second]): _value(row[measured]) for row in records}
    series = [
        (str(each), Numbers(tuple(held.get((place, each)) for place in across))) for each in apart
    ]
    return Chosen(list(across), names[first], series, about)


def _numbers(rows: Rows, sql: str, cells: Sequence[JSON]) -> Numbers:
    """Return numbers with the unit of the column that they are made of."""
    unit = next(
        (each.unit for at, each in rows.numeric().items()
         if each.unit and quoted_name(rows.columns[at]) in sql and "count(" not in sql),
        "",
    )  # fmt: skip
    made = tuple(each if isinstance(each, int | float) else None for each in cells)
    return Numbers(made, unit)


def _value(cell: JSON) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def as_it_stands(rows: Rows, kind: Kind, request: str) -> Chosen:
    """Choose columns; rows with the same name are summed up, or averaged where no sum has a meaning."""
    numeric = rows.numeric()
    keys = {at for at in numeric if _KEYS.search(rows.columns[at]) and len(numeric) > 1}
    named = _named(rows.columns, request)
    if kind == "scatter":
        return _pair(rows, numeric, keys, named)
    texts = [at for at in range(len(rows.columns)) if at not in numeric]
    times = [at for at in numeric if _YEARS.search(rows.columns[at])]
    labelled = [at for at in named if at in texts or at in times]
    candidates = (
        labelled or [at for at in texts if _tells(rows, at)] or texts or times or list(keys)
    )
    axis = candidates[0] if candidates else None
    drawn = [at for at in named if at in numeric and at != axis]
    if not drawn:
        drawn = [at for at in numeric if at != axis and at not in keys and at not in times]
    _check_drawn(rows, numeric, drawn, kind)
    if axis is not None and not _tells(rows, axis):
        return _folded(rows, axis, drawn)
    labels = rows.column(axis) if axis is not None else list(range(1, len(rows.rows) + 1))
    if axis is not None and axis in texts:
        columns, values = typed(rows)
        labels = list(values[axis]) if columns[axis].kind == "date" else labels
    return Chosen(
        list(labels),
        rows.columns[axis] if axis is not None else "row",
        [(rows.columns[at], numeric[at]) for at in drawn],
    )


def _pair(rows: Rows, numeric: dict[int, Numbers], keys: set[int], named: list[int]) -> Chosen:
    pair = [at for at in named if at in numeric] or [at for at in numeric if at not in keys]
    if len(pair) != 2:
        raise PortViolation(
            f"A scatter chart needs two columns of numbers, and {len(pair)} are there to choose from "
            f"({_listed(rows, pair)}). Name the two in the request: 'price against weight'."
        )
    up, across = pair if named else reversed(pair)
    return Chosen(
        list(numeric[across].values), rows.columns[across], [(rows.columns[up], numeric[up])]
    )


def _check_drawn(rows: Rows, numeric: dict[int, Numbers], drawn: list[int], kind: Kind) -> None:
    if not drawn:
        raise PortViolation(
            f"The table {rows.name!r} has no column of numbers to draw (columns: "
            f"{', '.join(rows.columns[:12])}). Expected one. Check that its cells are numbers."
        )
    if len(drawn) > (1 if kind == "pie" else SERIES):
        raise PortViolation(
            f"The table has {len(drawn)} columns of numbers ({_listed(rows, drawn)}). Expected at most "
            f"{1 if kind == 'pie' else SERIES} for a {kind} chart. Name those to draw in the request."
        )
    units = {numeric[at].unit for at in drawn}
    if len(units) > 1:
        told = ", ".join(sorted(each or "none" for each in units))
        raise PortViolation(
            f"The columns {_listed(rows, drawn)} have different units ({told}). Expected one unit on "
            "one axis. Name the column to draw in the request."
        )


def _folded(rows: Rows, axis: int, drawn: list[int]) -> Chosen:
    columns, values = typed(rows)
    folds = [
        f"{'sum' if columns[at].is_summed else 'avg'}({columns[at].sql})" for at in drawn
    ]  # fmt: skip
    key = columns[axis].sql
    timed = columns[axis].kind != "text" or bool(columns[axis].calendar)
    order = columns[axis].order if timed else f"{folds[0]} DESC NULLS LAST, {key}"
    listed = ", ".join(aliased(each) for each in folds)
    sql = f"SELECT {key}, {listed} FROM data GROUP BY {key} ORDER BY {order}"  # noqa: S608 - quoted
    names, found = ask(sql, columns, values, rows.name)
    notes: list[str] = []
    if len(found) > MOST_BARS and not timed:
        notes.append(f"the {MOST_BARS} largest of {len(found)}")
        found = found[:MOST_BARS]
    numeric = rows.numeric()
    series = [
        (names[place], Numbers(tuple(as_number(row[place]) for row in found), numeric[at].unit))
        for place, at in enumerate(drawn, 1)
    ]
    about = f"{' and '.join(worded(each) for each in folds)} by {columns[axis].name}"
    return Chosen([as_json(row[0]) for row in found], columns[axis].name, series, about, notes)


def as_number(value: Any) -> float | int | None:
    """Return a database value as a number; None for anything else."""
    made = as_json(value)
    return made if isinstance(made, int | float) else None


def _tells(rows: Rows, at: int) -> bool:
    """Say whether a column tells the rows apart."""
    cells = rows.column(at)
    return len({str(each) for each in cells}) == len(cells)


def _named(columns: Sequence[str], request: str) -> list[int]:
    """Return the columns that a request names, in the order in which it does."""
    spoken = " " + " ".join(stem(each) for each in re.findall(r"[^\W_]+", request)) + " "
    found: list[tuple[int, int]] = []
    for at, column in enumerate(columns):
        name = " ".join(stem(each) for each in re.findall(r"[^\W_]+", column))
        place = spoken.find(f" {name} ") if name else -1
        if place >= 0:
            found.append((place, at))
    return [at for _, at in sorted(found)]


def _listed(rows: Rows, places: Sequence[int]) -> str:
    return ", ".join(repr(rows.columns[at]) for at in places[:8]) or "none"

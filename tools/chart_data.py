"""What a chart shows: the columns of a table as they are, or summed up as a request says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from herd_graph.errors import PortViolation
from herd_graph.types import JSON

from .amounts import Numbers
from .asking import Column, Unmapped, quoted_name, stem
from .asking_frame import aliased, worded
from .asking_units import named_by_unit
from .asking_vocabulary import WEEKDAYS
from .chart_columns import (
    SERIES,
    Chosen,
    check_drawn,
    check_no_text,
    in_classes,
    listed,
    named_columns,
)
from .chart_series import of_each, side_by_side
from .chart_wording import (
    ABOUT_DRAWING,
    BESIDES,
    COUNTS,
    EACH,
    HARMLESS,
    HISTOGRAM,
    MONEY,
    MONTHLY,
    OVER_TIME,
    Kind,
)
from .month_columns import by_months
from .numerals import digits
from .questions import Query, write_sql
from .rows import Rows
from .table_database import as_json, ask, typed

MOST_BARS = 30
"""Bars that are drawn of groups: of more, the largest."""
_YEARS = re.compile(r"(?i)\b(?:year|month|date|day|week|quarter|time|period|jahr|ano|mês|data)\b")
_KEYS = re.compile(r"(?i)(?:^|[\s_])(?:id|nr|no|number|code|key|index)$")
_PERIODS = frozenset({"year", "month", "day", "week", "hour", "weekday"})
_RANKED = re.compile(r"\b(?:top|bottom|highest|lowest|largest|smallest|first|sorted|order)\b")


def choose(rows: Rows, kind: Kind, request: str) -> Chosen:
    """Return what to draw.

    Raises:
        PortViolation: Nothing can be drawn, or words of the request are neither in the table nor
            about drawing: a chart that leaves them out would show something else.
    """
    rows, request = _some_periods(rows, digits(request) if _PERIODS_OF.search(digits(request)) else request)  # fmt: skip
    said = BESIDES.sub(" ", request)
    if kind == "scatter":
        return as_it_stands(rows, kind, said)
    if HISTOGRAM.search(request) and (found := in_classes(rows, said)) is not None:
        return found
    if not request.strip():
        return as_it_stands(rows, kind, said)
    if (found := by_month_columns(rows, said)) is not None:
        return found
    if (
        kind == "pie"
        and len(named := named_columns(rows.columns, said)) == 1
        and named[0] not in rows.numeric()
    ):
        words = set(re.findall(r"[a-z]+", ABOUT_DRAWING.sub(" ", said).lower()))
        if len(words) <= 3 and (
            found := gathered(rows, kind, f"number of rows per {rows.columns[named[0]]}")
        ):
            return found  # *a pie of the classes*: how many there are of each
    if kind == "pie" and (found := _slices_of_columns(rows, said)) is not None:
        return found
    return gathered(rows, kind, said) or as_it_stands(rows, kind, said)


_PERIODS_OF = re.compile(
    r"(?i)\b(?:(?:in|of|for|during|over) )?(?:the )?(?P<end>first|last) (?P<n>\d+) (?P<what>months?|weeks?|days?|years?|quarters?)\b"
)


def _some_periods(rows: Rows, request: str) -> tuple[Rows, str]:
    """Keep *the first three months* of a table with a row for each month, and its request without them."""
    said = _PERIODS_OF.search(request)
    if said is None:
        return rows, request
    form = re.compile(rf"(?i)\b{said['what'].rstrip('s')}s?\b")
    at = next((n for n, each in enumerate(rows.columns) if form.search(each)), None)
    if at is None or not _tells(rows, at):
        return rows, request
    count = int(said["n"])
    kept = rows.rows[:count] if said["end"].lower() == "first" else rows.rows[-count:]
    rest = f"{request[: said.start()]} per {rows.columns[at]} {request[said.end() :]}"
    return replace(rows, rows=kept), rest


def gathered(rows: Rows, kind: Kind, request: str) -> Chosen | None:
    """Choose or sum up rows as a request says: *units per product*. None where it asks no such thing."""
    columns, values = typed(rows)
    words = OVER_TIME.sub(lambda _: f" {_period(columns)} ", named_by_unit(request, columns))
    words = EACH.sub("per ", _spoken(of_each(words, rows), columns))
    words = " ".join(ABOUT_DRAWING.sub(" ", words).split()).strip(" ,.;:!?")
    if not re.search(r"\w", words):
        return None
    query = _read(words, columns, rows)
    if query is not None and query.shape in {"scalar", "count"} and " WHERE " in query.sql:
        return _of_some(rows, kind, request, query, columns, values)  # *the fuel costs*: each
    if query is None or query.shape != "rows":
        return None
    if not query.groups:
        return _of_some(rows, kind, request, query, columns, values)
    if query.groups == 1:
        query = (
            query
            if re.search(r"(?i)\b(?:top|only|just|first|last)\b", words)
            else _all_ranked(query)
        )
    query = side_by_side(query, words)
    names, found = ask(query.sql, columns, values, request)
    records = [[as_json(each) for each in row] for row in found]
    measured = [at for at in range(query.groups, len(names)) if not names[at].startswith("change")]
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


def _all_ranked(query: Query) -> Query:
    """Show all groups where the best one is asked for: a chart of one bar compares nothing."""
    sql = re.sub(r" QUALIFY rank\(\) OVER \(ORDER BY [^()]*(?:\([^()]*\)[^()]*)*\) <= 1(?= ORDER BY|$)", "", query.sql)  # fmt: skip
    if sql == query.sql:
        return query
    return replace(query, sql=sql, about=re.sub(r"^(?:highest|lowest) ", "", query.about))


def _read(words: str, columns: Sequence[Column], rows: Rows) -> Query | None:
    """Read what is to be drawn. None where only columns are named, or the words say nothing.

    Raises:
        PortViolation: Some word means something that the table does not have.
    """
    nouns = [each for each in (rows.name, rows.sheet) if each]
    left = words
    for _ in range(3):
        try:
            return write_sql(left, columns, nouns)
        except Unmapped as why:
            said = str(why)
            strange = re.findall(r"'([^']+)'", said) if said.startswith("nothing in") else []
            told = " ".join(nouns).lower()
            idle = [
                each
                for each in strange
                if HARMLESS.fullmatch(each) or (len(each) > 3 and each.lower() in told)
            ]
            if not strange or len(idle) < len(strange):
                return _left(strange, words, columns, said)
            form = "|".join(re.escape(each) for each in idle)
            left = re.sub(rf"(?i)\b(?:the )?(?:{form})\b", " ", left)
    return None


def _left(strange: Sequence[str], words: str, columns: Sequence[Column], why: str) -> None:
    """Let go of words where columns are named and no group or condition is among them."""
    named = named_columns([each.name for each in columns], words)
    bound = [
        each for each in strange
        if re.search(rf"(?i)\b(?:per|by|of|for|in|where|only|without|from|except|with|versus|and)\b (?:the |an? )?(?:\w+ )?{re.escape(each)}\b|^{re.escape(each)}\b", words)
        or re.search(r"\d", each)
    ]  # fmt: skip
    if bound or (strange and not named):
        listed = ", ".join(each.name for each in columns[:12])
        raise PortViolation(
            f"{words[:80]!r} does not say what to draw: {why}. Expected columns of the table "
            f"({listed}), groups of them, or words of its cells. Word it with these."
        )


def _spoken(words: str, columns: Sequence[Column]) -> str:
    """Write columns that were named by a part of their names, and money, as the table has them."""
    parts = [re.findall(r"[^\W_]+", each.name.lower()) for each in columns]
    for one, two in itertools.permutations([each for each in parts if len(each) == 2], 2):
        if one[0] == two[0]:  # *pulse before and after*
            form = rf"(?i)\b{one[0]}s? {one[1]}(?: and |, | & | versus | vs\.? )(?:the )?{two[1]}\b"
            words = re.sub(form, f"{' '.join(one)} and {' '.join(two)}", words)
    summed = [each for each in columns if each.kind == "number" and each.is_summed]
    named = named_columns([each.name for each in summed], words)
    money = MONEY.search(words)
    cells = {stem(cell.lower()) for each in columns for cell in each.values}
    a_cell = money is not None and stem(money.group().split()[-1].lower()) in cells
    if money and not a_cell and not COUNTS.search(words) and not named:
        first = next((each for each in summed if _PAID.search(each.name)), None)
        first = first or (summed[0] if len(summed) == 1 else None)
        if first is not None:
            fold = "" if _FOLDED.search(words) else "sum of "
            words = MONEY.sub(f" {fold}{first.name} ", words, count=1)
    return words


_FOLDED = re.compile(
    r"(?i)\b(?:average|mean|median|highest|lowest|biggest|largest|smallest|maximum|minimum|typical|top|most|least)\b"
)
_PAID = re.compile(r"(?i)amount|total|sum|cost|spent|price|paid|revenue|sales|income|betrag|valor")


def _of_some(
    rows: Rows,
    kind: Kind,
    request: str,
    query: Query,
    columns: Sequence[Column],
    values: Sequence[Sequence[Any]],
) -> Chosen | None:
    """Draw the rows that meet a condition, or in the order that was asked for."""
    plain = re.fullmatch(r"SELECT (?:DISTINCT )?.+? FROM data(?P<rest>(?: WHERE| QUALIFY| ORDER BY)(?!.*GROUP BY).*)", query.sql)  # fmt: skip
    if plain is None:
        return None
    rest = re.sub(r" QUALIFY .*<= 1(?= ORDER BY|$)", "", plain["rest"])  # the best, beside all
    sql = f"SELECT rowid FROM data{rest}"  # noqa: S608 - from a query of quoted names
    kept = [rows.rows[int(row[0])] for row in ask(sql, columns, values, request)[1]]
    if not kept:
        raise PortViolation(
            f"No row of {rows.name!r} is meant ({query.about}). Expected some to draw. Ask for others."
        )
    tested = {each.replace('""', '"') for each in re.findall(r'"((?:[^"]|"")+)"', rest.partition(" ORDER BY")[0])}  # fmt: skip
    named = [columns[at] for at in named_columns(rows.columns, request)]
    more = any(each.kind == "number" and each.name not in tested for each in named)
    aside = [
        at for at, each in enumerate(columns)
        if each.name in tested and (more or each.kind == "text")
    ]  # fmt: skip
    chosen = as_it_stands(replace(rows, rows=kept), kind, request, aside=aside)
    sorted_ = " ORDER BY" in rest
    if chosen.about and not sorted_:
        return replace(chosen, about=f"{chosen.about}, {query.about}" if tested else chosen.about)
    what = f"{', '.join(name for name, _ in chosen.series)} by {chosen.axis}"
    told = f" ({query.about})" if tested and query.about else ""
    return replace(chosen, about=chosen.about or f"{what}{told}")


def by_month_columns(rows: Rows, request: str) -> Chosen | None:
    """Draw a table with a column for each month: its rows over the year, or one of its months."""
    columns, values = typed(rows)
    months = [
        at for at, each in enumerate(columns)
        if each.kind == "number" and each.name.lower()[:3] in {one[:3] for one in _MONTHS}
    ]  # fmt: skip
    if len(months) < 3 or by_months(rows, columns) is None:
        return None
    full = {
        each.lower(): columns[at].name for at in months for each in _spellings(columns[at].name)
    }
    words = " ".join(ABOUT_DRAWING.sub(" ", MONTHLY.sub(" ", request)).split())
    words = re.sub(r"(?i)\b(?:versus|vs\b\.?|against|compared (?:to|with))", "and", words)
    named = [full[each] for each in re.findall(r"[a-z]+", words.lower()) if each in full]
    if named:
        at = [rows.columns.index(each) for each in dict.fromkeys(named)]
        label = next((i for i, each in enumerate(columns) if each.kind == "text"), None)
        if label is None:
            return None
        series = [(rows.columns[each], rows.numeric()[each]) for each in at]
        return Chosen(rows.column(label), rows.columns[label], series)
    long = by_months(rows, columns)
    text = re.sub(r"(?i)\b(?:in|of|for) (?:all|each|every) (?:the )?", "per ", words).strip(
        " ,.;:!?"
    )
    if long is not None and re.search(r"(?i)\b(?:total|sum|average|mean|per|by|in all)\b", text):
        if MONTHLY.search(request) and not re.search(r"(?i)\b(?:per|by)\b", text):
            text = f"{text} per month"
            return gathered(long, "bar", text)
        return gathered(long, "bar", re.sub(r"(?i)\b(?:per|by) months?\b", "", text))
    query = _read(text, columns, rows) if re.search(r"\w", text) else None
    kept = rows.rows
    if query is not None and " WHERE " in query.sql and not query.groups:
        rest = query.sql.partition(" FROM data")[2].partition(" ORDER BY")[0]
        sql = f"SELECT rowid FROM data{rest}"  # noqa: S608 - from a query of quoted names
        kept = [rows.rows[int(row[0])] for row in ask(sql, columns, values, request)[1]]
    label = next((i for i, each in enumerate(columns) if each.kind == "text"), None)
    if kept is rows.rows and label is not None:  # *how the food budget developed*
        kept = [row for row in kept if named_columns([str(row[label])], text)] or kept
    if not 1 <= len(kept) <= SERIES or label is None:
        return None
    numeric = rows.numeric()
    order = {id(row): at for at, row in enumerate(rows.rows)}
    series = [
        (str(row[label]), Numbers(tuple(numeric[at].values[order[id(row)]] for at in months)))
        for row in kept
    ]
    return Chosen([rows.columns[at] for at in months], "month", series)


def _spellings(name: str) -> list[str]:
    """Return the ways to write a month's column: *Jun*, *June*."""
    low = name.lower().strip(". ")
    return [low, *(each for each in _MONTHS if each[:3] == low[:3])]


_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")  # fmt: skip


def _slices_of_columns(rows: Rows, request: str) -> Chosen | None:
    """*A pie of rent, food and energy*: a slice for each column, as large as its sum."""
    columns, _ = typed(rows)
    numeric = rows.numeric()
    named = [at for at in named_columns(rows.columns, request) if at in numeric]
    if len(named) < 2 or any(not columns[at].is_summed for at in named):
        return None
    if re.search(r"(?i)\b(?:per|by|for each)\b", request):
        return None
    sums = tuple(sum(each for each in numeric[at].values if each is not None) for at in named)
    labels: list[JSON] = [rows.columns[at] for at in named]
    about = f"sum of {', '.join(rows.columns[at] for at in named)}"
    return Chosen(labels, "column", [("sum", Numbers(sums, numeric[named[0]].unit))], about)


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


def as_it_stands(rows: Rows, kind: Kind, request: str, *, aside: Sequence[int] = ()) -> Chosen:
    """Choose columns; rows with the same name are summed up, or averaged where no sum has a meaning."""
    numeric = rows.numeric()
    keys = {at for at in numeric if _KEYS.search(rows.columns[at]) and len(numeric) > 1}
    named = [at for at in named_columns(rows.columns, request) if at not in aside]
    if kind == "scatter":
        return _pair(rows, numeric, keys, named)
    texts = [at for at in range(len(rows.columns)) if at not in numeric]
    times = [at for at in numeric if _YEARS.search(rows.columns[at])]
    labelled = [at for at in named if at in texts or at in times]
    candidates = (
        labelled
        or [at for at in texts if _tells(rows, at) and at not in aside]
        or [at for at in texts if at not in aside]
        or [at for at in times if at not in aside]
        or texts
        or times
        or list(keys)
    )
    axis = candidates[0] if candidates else None
    drawn = [at for at in named if at in numeric and at != axis]
    if not drawn:
        check_no_text(rows, named)
        drawn = [at for at in numeric if at != axis and at not in keys and at not in times]
    check_drawn(rows, numeric, drawn, kind)
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
            f"({listed(rows, pair)}). Name the two in the request: 'price against weight'."
        )
    up, across = pair if named else reversed(pair)
    return Chosen(
        list(numeric[across].values), rows.columns[across], [(rows.columns[up], numeric[up])]
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

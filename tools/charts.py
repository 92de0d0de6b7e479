"""Draw charts of tables."""

from __future__ import annotations

import io
import re
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from herd_graph.artifacts import Document, Image, Table, Text
from herd_graph.errors import PortViolation
from herd_graph.experts import expert
from herd_graph.types import JSON

from .amounts import Numbers
from .needs import need
from .questions import stem
from .rows import Rows, read_rows

Kind = Literal["bar", "line", "pie", "scatter"]
BARS = 60
SLICES = 12
POINTS = 50_000
SERIES = 6
_LABEL = 28
_YEARS = re.compile(r"(?i)\b(?:year|month|date|day|week|quarter|time|period|jahr|ano|mês|data)\b")
_KEYS = re.compile(r"(?i)(?:^|[\s_])(?:id|nr|no|number|code|key|index)$")
# Matplotlib's font cache and settings are shared by all threads.
_drawing = threading.Lock()


@dataclass(frozen=True)
class _Chosen:
    labels: list[JSON]
    axis: str
    series: list[tuple[str, Numbers]]


@expert(
    name="draw_chart",
    tags=["chart", "plot", "graph", "diagram", "bar chart", "line chart", "pie chart", "scatter"],
    examples=[
        "draw a bar chart of the table",
        "plot the sales by month as a line chart",
        "make a pie chart of the shares",
        "show the spreadsheet as a diagram",
        "a scatter plot of price against weight",
        "visualise the numbers in the csv",
    ],
    latency_s=0.1,
    memory="40 MiB",
    licence="Matplotlib licence (BSD-style)",
    notes=(
        "It draws the numbers that are in the table and imagines nothing. The first column that is no "
        "number (or a year, a date) names the values; the columns of numbers are drawn, those that "
        f"'request' names if it names some. At most {BARS} bars, {SLICES} slices, {POINTS:,} points, "
        f"{SERIES} series. Latin, Greek, Cyrillic, Arabic and Hebrew letters."
    ),
)
class DrawChart:
    """Draw a bar, line, pie or scatter chart of the numbers in a table."""

    def load(self) -> None:
        """Import Matplotlib, without any window system."""
        need("matplotlib")
        self._figure: Any = import_module("matplotlib.figure")
        self._agg: Any = import_module("matplotlib.backends.backend_agg")

    def close(self) -> None:
        """Let go of it."""
        del self._figure, self._agg

    def __call__(
        self,
        table: Table | Document,
        kind: Kind = "bar",
        request: Text = Text(""),  # noqa: B008 - never changed
        title: str = "",
    ) -> Image:
        """Draw.

        Args:
            table: CSV, JSON or a workbook: a column of names, and columns of numbers.
            kind: bar (columns), line (trend, curve), pie (shares), or scatter (dots, points).
            request: Words that name the columns to draw: 'sales by month'. By default all.
            title: What stands above the chart.
        """
        rows = read_rows(table)
        if not rows.rows:
            raise PortViolation(
                f"The table {rows.name!r} has no rows. Expected numbers to draw. Give a filled one."
            )
        chosen = _choose(rows, kind, request.text)
        _check(chosen, kind)
        heading = title.strip() or _heading(chosen, kind)
        with _drawing, warnings.catch_warnings(record=True) as complaints:
            warnings.simplefilter("always")
            content = self._draw(chosen, kind, heading)
        absent = [
            str(each.message) for each in complaints if "missing from font" in str(each.message)
        ]
        if absent:
            raise PortViolation(
                f"The chart's font has no sign for some letters of the table ({absent[0][:60]}). Expected "
                "Latin, Greek, Cyrillic, Arabic or Hebrew. Name the rows and columns in one of these."
            )
        return Image(content, mime="image/png", name=f"{rows.name} - {kind} chart.png")

    def _draw(self, chosen: _Chosen, kind: Kind, heading: str) -> bytes:
        wide = 0.28 * len(chosen.labels) if kind == "bar" else 8.0
        figure = self._figure.Figure(
            figsize=(min(16.0, max(8.0, wide)), 5.0), dpi=110, layout="constrained"
        )
        self._agg.FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(_safe(heading, 90))
        {"bar": _bars, "line": _lines, "pie": _slices, "scatter": _dots}[kind](axes, chosen)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()


def _choose(rows: Rows, kind: Kind, request: str) -> _Chosen:
    numeric = rows.numeric()
    keys = {at for at in numeric if _KEYS.search(rows.columns[at]) and len(numeric) > 1}
    named = _named(rows.columns, request)
    if kind == "scatter":
        pair = [at for at in named if at in numeric] or [at for at in numeric if at not in keys]
        if len(pair) != 2:
            raise PortViolation(
                f"A scatter chart needs two columns of numbers, and {len(pair)} are there to choose from "
                f"({_listed(rows, pair)}). Name the two in the request: 'price against weight'."
            )
        across, up = pair
        return _Chosen(
            list(numeric[across].values), rows.columns[across], [(rows.columns[up], numeric[up])]
        )
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
        raise PortViolation(
            f"The columns {_listed(rows, drawn)} have different units ({', '.join(sorted(each or 'none' for each in units))}). "
            "Expected one unit on one axis. Name the column to draw in the request."
        )
    labels = rows.column(axis) if axis is not None else list(range(1, len(rows.rows) + 1))
    return _Chosen(
        list(labels),
        rows.columns[axis] if axis is not None else "row",
        [(rows.columns[at], numeric[at]) for at in drawn],
    )


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


def _check(chosen: _Chosen, kind: Kind) -> None:
    count = len(chosen.labels)
    most = {"bar": BARS, "pie": SLICES, "line": POINTS, "scatter": POINTS}[kind]
    if count > most:
        raise PortViolation(
            f"The table has {count:,} rows. Expected at most {most:,} for a {kind} chart. Sum them up by "
            "group first (query_table), or choose another kind."
        )
    values = [each for _, numbers in chosen.series for each in numbers.values]
    if any(each is not None and abs(each) > 1e300 for each in values):
        raise PortViolation("A number is above 10^300. Expected ordinary ones. Check the table.")
    whole = all(each is not None and each >= 0 for each in values) and sum(map(_zero, values)) > 0
    if kind == "pie" and not whole:
        raise PortViolation(
            f"A pie chart shows shares of a whole, and {chosen.series[0][0]!r} has negative or empty "
            "cells, or adds up to nothing. Expected positive numbers. Draw a bar chart."
        )


def _zero(value: float | None) -> float:
    return 0.0 if value is None else float(value)


def _bars(axes: Any, chosen: _Chosen) -> None:
    count = len(chosen.series)
    width = 0.8 / count
    for place, (name, numbers) in enumerate(chosen.series):
        at = [each + (place - (count - 1) / 2) * width for each in range(len(chosen.labels))]
        axes.bar(at, [_zero(each) for each in numbers.values], width, label=_safe(name))
    _name_rows(axes, chosen)
    _finish(axes, chosen)


def _lines(axes: Any, chosen: _Chosen) -> None:
    plain = all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in chosen.labels
    )
    at: list[Any] = chosen.labels if plain else list(range(len(chosen.labels)))
    mark = "o" if len(chosen.labels) <= 60 else ""
    for name, numbers in chosen.series:
        up = [float("nan") if each is None else float(each) for each in numbers.values]
        axes.plot(at, up, marker=mark, label=_safe(name))
    if not plain:
        _name_rows(axes, chosen)
    elif all(isinstance(each, int) for each in chosen.labels) and len(at) <= 30:
        axes.set_xticks(at, [str(each) for each in at])
    _finish(axes, chosen)


def _slices(axes: Any, chosen: _Chosen) -> None:
    ((name, numbers),) = chosen.series
    shares = [_zero(each) for each in numbers.values]
    labels = [_safe(str(each)) for each in chosen.labels]
    axes.pie(shares, labels=labels, autopct="%1.0f%%", counterclock=False, startangle=90)
    axes.set_xlabel(_safe(f"{name}{_unit(numbers)}"))


def _dots(axes: Any, chosen: _Chosen) -> None:
    ((_, numbers),) = chosen.series
    pairs = [
        (across, up)
        for across, up in zip(chosen.labels, numbers.values, strict=True)
        if across is not None and up is not None
    ]
    axes.scatter([each for each, _ in pairs], [each for _, each in pairs], s=18, alpha=0.8)
    _finish(axes, chosen)


def _name_rows(axes: Any, chosen: _Chosen) -> None:
    count = len(chosen.labels)
    step = max(1, -(-count // BARS))
    places = list(range(0, count, step))
    labels = ["" if chosen.labels[at] is None else _safe(str(chosen.labels[at])) for at in places]
    turned = sum(len(each) for each in labels) > 70 or len(labels) > 12
    axes.set_xticks(
        places, labels, rotation=45 if turned else 0, ha="right" if turned else "center"
    )


def _finish(axes: Any, chosen: _Chosen) -> None:
    axes.set_xlabel(_safe(chosen.axis))
    name, numbers = chosen.series[0]
    single = len(chosen.series) == 1
    axes.set_ylabel(_safe(f"{name}{_unit(numbers)}") if single else _unit(numbers).strip(" ()"))
    if not single:
        axes.legend()
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_formatter(_tick)


def _tick(value: float, _: object = None) -> str:
    return f"{value:,.10g}"


def _heading(chosen: _Chosen, kind: Kind) -> str:
    names = ", ".join(name for name, _ in chosen.series)
    return f"{names} {'against' if kind == 'scatter' else 'by'} {chosen.axis}"


def _unit(numbers: Numbers) -> str:
    return f" ({numbers.unit})" if numbers.unit else ""


def _safe(text: str, most: int = _LABEL) -> str:
    """Shorten a label, and keep Matplotlib from reading dollar signs as mathematics."""
    flat = "".join(each if each.isprintable() else " " for each in " ".join(text.split()))
    cut = flat if len(flat) <= most else f"{flat[: most - 1]}…"
    return cut.replace("$", r"\$").removeprefix("_")


def _listed(rows: Rows, places: Sequence[int]) -> str:
    return ", ".join(repr(rows.columns[at]) for at in places[:8]) or "none"

"""Draw charts of tables."""

from __future__ import annotations

import datetime as dt
import io
import re
import textwrap
import threading
import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from herd_graph.artifacts import Image, Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert
from herd_graph.types import JSON

from .amounts import Numbers
from .chart_columns import SERIES, Chosen, named_columns
from .chart_data import choose
from .chart_wording import MONTHLY, Kind, kind_of, says_line, shows_amounts, title_of
from .narrowing import wanted_sheets
from .needs import need
from .rows import Rows, Sheet, read_sheets
from .tidying import tidied

BARS = 60
SLICES = 12
POINTS = 50_000
_LABEL = 28
_TIMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun")  # fmt: skip
_SCATTERED = re.compile(r"(?i)\bscatter\b|\bdots\b|\bcorrelat")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
# Matplotlib's font cache and settings are shared by all threads.
_drawing = threading.Lock()


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
        "It draws the numbers that are in the table and imagines nothing. The request says what: 'units "
        "per product', 'average price by month', 'top 10 cities by sales'; rows of one name are added up "
        "(prices, ages and scores averaged), as the chart's title says. Without a request the first "
        "column that is no number names the values, and the columns of numbers are drawn. At most "
        f"{BARS} bars, {SLICES} slices, {POINTS:,} points, {SERIES} series; of more groups the largest. "
        "Latin, Greek, Cyrillic, Arabic and Hebrew letters."
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
        table: Sheet,
        kind: Kind = "bar",
        request: Text = Text(""),  # noqa: B008 - never changed
        title: str = "",
    ) -> Image:
        """Draw.

        Args:
            table: CSV, JSON or a workbook: a column of names, and columns of numbers.
            kind: bar (columns), line (trend, curve), pie (shares), or scatter (dots, points).
            request: What to draw: 'sales by month', 'units per product as a line'. By default all.
            title: What stands above the chart.
        """
        sheets = read_sheets(table)
        (sheet,), asked = wanted_sheets(sheets, request.text)
        kind = kind_of(asked, kind)
        if kind == "scatter" and MONTHLY.search(asked) and not _SCATTERED.search(asked):
            kind = "line"  # *transport versus fun over the months*
        others = [each for each in sheets if each is not sheet] if asked == request.text else []
        rows, chosen = _chosen([sheet, *others], kind, asked)
        if kind == "line" and asked.strip() and not says_line(asked) and _is_of_names(chosen):
            kind = "bar"
        if kind == "pie":
            chosen = _merged(chosen)
        _check(chosen, kind)
        heading = title.strip() or title_of(request.text) or _heading(chosen, kind)
        told = shows_amounts(request.text)
        with _drawing, warnings.catch_warnings(record=True) as complaints:
            warnings.simplefilter("always")
            content = self._draw(chosen, kind, heading, told=told)
        absent = [
            str(each.message) for each in complaints if "missing from font" in str(each.message)
        ]
        if absent:
            raise PortViolation(
                f"The chart's font has no sign for some letters of the table ({absent[0][:60]}). Expected "
                "Latin, Greek, Cyrillic, Arabic or Hebrew. Name the rows and columns in one of these."
            )
        return Image(content, mime="image/png", name=f"{rows.name} - {kind} chart.png")

    def _draw(self, chosen: Chosen, kind: Kind, heading: str, *, told: bool) -> bytes:
        lying = kind == "bar" and _lie(chosen)
        wide = 0.28 * len(chosen.labels) if kind == "bar" and not lying else 8.0
        high = max(5.0, 0.27 * len(chosen.labels) * len(chosen.series) ** 0.5) if lying else 5.0
        figure = self._figure.Figure(
            figsize=(min(16.0, max(8.0, wide)), min(high, 14.0)), dpi=110, layout="constrained"
        )
        self._agg.FigureCanvasAgg(figure)
        figure.suptitle("\n".join(textwrap.wrap(_safe(heading, 160), 80)), fontsize="large")
        panels = _apart(chosen)
        figure.set_figheight(figure.get_figheight() * (1 + len(panels)) / 2)
        for place, panel in enumerate(panels, 1):
            axes = figure.add_subplot(len(panels), 1, place)
            {"bar": _bars, "line": _lines, "pie": _slices, "scatter": _dots}[kind](axes, panel)
            if told:
                _tell(axes, panel, kind)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()


def _chosen(sheets: Sequence[Rows], kind: Kind, asked: str) -> tuple[Rows, Chosen]:
    """Return what is drawn, of the first sheet that knows the words of the request."""
    refused: list[PortViolation] = []
    for each in sorted(sheets, key=lambda sheet: -len(named_columns(sheet.columns, asked))):
        rows = tidied(each)
        if not rows.rows:
            refused.append(
                PortViolation(
                    f"The table {rows.name!r} has no rows. Expected numbers to draw. Give a filled one."
                )
            )
            continue
        try:
            return rows, choose(rows, kind, asked)
        except PortViolation as error:
            refused.append(error)
    raise refused[0]


def _check(chosen: Chosen, kind: Kind) -> None:
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


def _lie(chosen: Chosen) -> bool:
    """Say whether bars lie on their side: long names, or many, would stand aslant below."""
    if _dates(chosen.labels) or any(not isinstance(each, str) for each in chosen.labels):
        return False
    longest = max((len(str(each)) for each in chosen.labels), default=0)
    return longest * len(chosen.labels) > 90 or len(chosen.labels) > 12


def _apart(chosen: Chosen) -> list[Chosen]:
    """Part columns of very different size: on one axis the smaller ones could not be seen."""
    tops = [
        max((abs(_zero(each)) for each in numbers.values), default=0)
        for _, numbers in chosen.series
    ]
    if len(tops) < 2 or min(tops) <= 0 or max(tops) < 25 * min(tops):
        return [chosen]
    return [replace(chosen, series=[each]) for each in chosen.series]


def _dates(labels: Sequence[JSON]) -> list[dt.datetime] | None:
    """Return labels as dates; None where some is none."""
    if not labels or not all(isinstance(each, str) and _ISO.match(each) for each in labels):
        return None
    try:
        return [dt.datetime.fromisoformat(str(each)) for each in labels]
    except ValueError:
        return None


def _is_of_names(chosen: Chosen) -> bool:
    """Say whether what is drawn is of names, which no line leads through, and of no time."""
    texts = all(isinstance(each, str) and not re.match(r"\W*\d", each) for each in chosen.labels)
    months = all(str(each).lower()[:3] in _TIMES for each in chosen.labels)
    return texts and not months and _dates(chosen.labels) is None


def _merged(chosen: Chosen) -> Chosen:
    """Put the smallest slices into one, where there are too many to be seen."""
    if len(chosen.labels) <= SLICES or len(chosen.series) != 1:
        return chosen
    name, numbers = chosen.series[0]
    pairs = sorted(
        zip(chosen.labels, numbers.values, strict=True), key=lambda pair: -_zero(pair[1])
    )
    kept, rest = pairs[: SLICES - 1], pairs[SLICES - 1 :]
    if any(_zero(each) < 0 for _, each in rest):
        return chosen
    labels = [*(label for label, _ in kept), f"{len(rest)} others"]
    values = (*(value for _, value in kept), sum(_zero(value) for _, value in rest))
    return replace(chosen, labels=labels, series=[(name, Numbers(values, numbers.unit))])


def _bars(axes: Any, chosen: Chosen) -> None:
    if _lie(chosen):
        _lying_bars(axes, chosen)
        return
    count = len(chosen.series)
    width = 0.8 / count
    for place, (name, numbers) in enumerate(chosen.series):
        at = [each + (place - (count - 1) / 2) * width for each in range(len(chosen.labels))]
        axes.bar(at, [_zero(each) for each in numbers.values], width, label=_safe(name))
    _name_rows(axes, chosen)
    _finish(axes, chosen)


def _lying_bars(axes: Any, chosen: Chosen) -> None:
    count = len(chosen.series)
    width = 0.8 / count
    for place, (name, numbers) in enumerate(chosen.series):
        at = [each + (place - (count - 1) / 2) * width for each in range(len(chosen.labels))]
        axes.barh(at, [_zero(each) for each in numbers.values], width, label=_safe(name))
    axes.set_yticks(range(len(chosen.labels)), [_safe(str(each), 45) for each in chosen.labels])
    axes.invert_yaxis()  # the first name on top
    axes.margins(y=0.01)
    axes.set_ylabel(_safe(chosen.axis))
    name, numbers = chosen.series[0]
    axes.set_xlabel(
        _safe(f"{name}{_unit(numbers)}", 60) if count == 1 else _unit(numbers).strip(" ()")
    )
    if count > 1:
        axes.legend()
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(_tick)


def _lines(axes: Any, chosen: Chosen) -> None:
    dated = _dates(chosen.labels)
    if dated is not None:
        order = sorted(range(len(dated)), key=lambda at: dated[at])
        for name, numbers in chosen.series:
            up = [numbers.values[at] for at in order]
            heights = [float("nan") if each is None else float(each) for each in up]
            mark = "o" if len(order) <= 60 else ""
            days = [dated[at] for at in order]
            if len(chosen.series) > 1:  # a day of another series is no gap in this one
                held = [at for at, each in enumerate(up) if each is not None]
                days, heights = [days[at] for at in held], [heights[at] for at in held]
            axes.plot(days, heights, marker=mark, label=_safe(name))
        axes.figure.autofmt_xdate(rotation=30)
        _finish(axes, chosen)
        return
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


def _slices(axes: Any, chosen: Chosen) -> None:
    ((name, numbers),) = chosen.series
    shares = [_zero(each) for each in numbers.values]
    labels = [_safe(str(each)) for each in chosen.labels]
    axes.pie(shares, labels=labels, autopct="%1.0f%%", counterclock=False, startangle=90)
    axes.set_xlabel(_safe(f"{name}{_unit(numbers)}"))


def _tell(axes: Any, chosen: Chosen, kind: Kind) -> None:
    """Write the numbers beside what shows them."""
    if kind == "bar":
        for bars in axes.containers:
            axes.bar_label(bars, fmt=_tick, fontsize="small", padding=2)
    elif kind == "pie":
        ((_, numbers),) = chosen.series
        shares = [each.get_text() for each in axes.texts[1::2]]
        for text, share, value in zip(axes.texts[1::2], shares, numbers.values, strict=True):
            text.set_text(
                _safe(
                    f"{_tick(round(_zero(value), 2))}{numbers.unit and ' ' + numbers.unit}\n{share}"
                )
            )
    elif kind == "line" and len(chosen.labels) <= 30:
        for line in axes.lines:
            for across, up in zip(line.get_xdata(), line.get_ydata(), strict=True):
                axes.annotate(_tick(float(up)), (across, up), fontsize="small", xytext=(0, 5), textcoords="offset points", ha="center")  # fmt: skip


def _dots(axes: Any, chosen: Chosen) -> None:
    ((_, numbers),) = chosen.series
    pairs = [
        (across, up)
        for across, up in zip(chosen.labels, numbers.values, strict=True)
        if across is not None and up is not None
    ]
    axes.scatter([each for each, _ in pairs], [each for _, each in pairs], s=18, alpha=0.8)
    _finish(axes, chosen)


def _name_rows(axes: Any, chosen: Chosen) -> None:
    count = len(chosen.labels)
    step = max(1, -(-count // BARS))
    places = list(range(0, count, step))
    labels = ["" if chosen.labels[at] is None else _safe(str(chosen.labels[at])) for at in places]
    turned = sum(len(each) for each in labels) > 70 or len(labels) > 12
    axes.set_xticks(
        places, labels, rotation=45 if turned else 0, ha="right" if turned else "center"
    )


def _finish(axes: Any, chosen: Chosen) -> None:
    axes.set_xlabel(_safe(chosen.axis))
    name, numbers = chosen.series[0]
    single = len(chosen.series) == 1
    axes.set_ylabel(_safe(f"{name}{_unit(numbers)}", 60) if single else _unit(numbers).strip(" ()"))
    if not single:
        axes.legend()
    if all(each is None or float(each).is_integer() for each in numbers.values):
        axes.yaxis.get_major_locator().set_params(integer=True)  # no half orders
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_formatter(_tick)


def _tick(value: float, _: object = None) -> str:
    return f"{value:,.10g}"


def _heading(chosen: Chosen, kind: Kind) -> str:
    if chosen.about:
        notes = f" ({', '.join(chosen.notes)})" if chosen.notes else ""
        return f"{chosen.about[:1].upper()}{chosen.about[1:]}{notes}"
    names = ", ".join(name for name, _ in chosen.series)
    return f"{names} {'against' if kind == 'scatter' else 'by'} {chosen.axis}"


def _unit(numbers: Numbers) -> str:
    return f" ({numbers.unit})" if numbers.unit else ""


def _safe(text: str, most: int = _LABEL) -> str:
    """Shorten a label, and keep Matplotlib from reading dollar signs as mathematics."""
    flat = "".join(each if each.isprintable() else " " for each in " ".join(text.split()))
    cut = flat if len(flat) <= most else f"{flat[: most - 1]}…"
    return cut.replace("$", r"\$").removeprefix("_")

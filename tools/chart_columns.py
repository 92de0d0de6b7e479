"""What a chart may be drawn of: the columns that a request names, and how their values are spread."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from herd_graph.errors import PortViolation
from herd_graph.types import JSON

from .amounts import Numbers
from .asking import stem
from .chart_wording import Kind
from .rows import Rows

SERIES = 6


@dataclass(frozen=True)
class Chosen:
    """What is drawn."""

    labels: list[JSON]
    axis: str
    series: list[tuple[str, Numbers]]
    about: str = ""
    """In words, where rows were summed up."""
    notes: list[str] = field(default_factory=list[str])


def named_columns(columns: Sequence[str], request: str) -> list[int]:
    """Return the columns that a request names, in the order in which it does."""
    spoken = " " + " ".join(stem(each) for each in re.findall(r"[^\W_]+", request)) + " "
    found: list[tuple[int, int]] = []
    for at, column in enumerate(columns):
        name = " ".join(stem(each) for each in re.findall(r"[^\W_]+", column))
        place = spoken.find(f" {name} ") if name else -1
        if place < 0 and len(words := name.split()) > 1 and len(words[0]) > 2:
            alone = sum(other.lower().startswith(column.split()[0].lower()) for other in columns)
            place = spoken.find(f" {words[0]} ") if alone == 1 else -1  # *size* for *Size m2*
        if place >= 0:
            found.append((place, at))
    return [at for _, at in sorted(found)]


def in_classes(rows: Rows, request: str) -> Chosen | None:
    """*A histogram of the ages*: how many rows lie in each stretch of the values."""
    numeric = rows.numeric()
    named = [at for at in named_columns(rows.columns, request) if at in numeric]
    named = named or (list(numeric) if len(numeric) == 1 else [])
    if len(named) != 1 or re.search(r"(?i)\b(?:per|by)\b", request):
        return None
    held = [float(each) for each in numeric[named[0]].values if each is not None]
    if len(held) < 3 or min(held) == max(held):
        return None
    rough = (max(held) - min(held)) / min(10, max(4, round(len(held) ** 0.5) + 1))
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(each * scale for each in (1, 2, 5, 10) if each * scale >= rough)
    first = math.floor(min(held) / step)
    count = math.floor(max(held) / step) - first + 1
    tally = [0] * count
    for each in held:
        tally[min(count - 1, math.floor(each / step) - first)] += 1
    labels: list[JSON] = [
        f"{(first + at) * step:,.6g} to {(first + at + 1) * step:,.6g}" for at in range(count)
    ]
    name = rows.columns[named[0]]
    series = [("number of rows", Numbers(tuple(tally)))]
    return Chosen(
        labels, name, series, f"distribution of {name} (each class without its upper end)"
    )


def check_drawn(rows: Rows, numeric: dict[int, Numbers], drawn: list[int], kind: Kind) -> None:
    if not drawn:
        raise PortViolation(
            f"The table {rows.name!r} has no column of numbers to draw (columns: "
            f"{', '.join(rows.columns[:12])}). Expected one. Check that its cells are numbers."
        )
    if len(drawn) > (1 if kind == "pie" else SERIES):
        raise PortViolation(
            f"The table has {len(drawn)} columns of numbers ({listed(rows, drawn)}). Expected at most "
            f"{1 if kind == 'pie' else SERIES} for a {kind} chart. Name those to draw in the request."
        )
    units = {numeric[at].unit for at in drawn}
    if len(units) > 1:
        told = ", ".join(sorted(each or "none" for each in units))
        raise PortViolation(
            f"The columns {listed(rows, drawn)} have different units ({told}). Expected one unit on "
            "one axis. Name the column to draw in the request."
        )


_FREE_TEXT = re.compile(
    r"(?i)\b(?:comments?|notes?|remarks?|feedback|descriptions?|reviews?|address(?:es)?|e-?mails?|phones?|telephone|messages?|observations?)\b"
)


def check_no_text(rows: Rows, named: Sequence[int]) -> None:
    """Refuse to draw something else where only what people wrote is named."""
    written = next((rows.columns[at] for at in named if _FREE_TEXT.search(rows.columns[at])), None)
    if written is not None:
        raise PortViolation(
            f"The column {written!r} holds texts, which no chart can show. Expected a column of numbers, or "
            f"'number of rows per …' one of {', '.join(rows.columns[:12])}. Name what to draw."
        )


def listed(rows: Rows, places: Sequence[int]) -> str:
    return ", ".join(repr(rows.columns[at]) for at in places[:8]) or "none"

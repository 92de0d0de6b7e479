"""Tables as people keep them, made ready to be asked: totals at the foot, records within records."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import cast

from herd_graph.types import JSON

from .rows import Rows

_TOTAL = re.compile(
    r"(?:grand |sub-?|overall )?totals?|sum|all|overall|summe|gesamt(?:summe)?|insgesamt|soma|total (?:geral|general|général)|suma|somme",
    re.IGNORECASE,
)
MOST_FIELDS = 30
"""Fields of a record within a record that become columns."""
_CLOSE = 1e-6


def tidied(found: Rows) -> Rows:
    """Return a table without the totals at its foot, and with the fields of its records as columns.

    What was left out is noted. Numbers that a table adds up itself would be added up again.
    """
    return _without_totals(_flattened(_unwrapped(found)))


def _without_totals(found: Rows) -> Rows:
    rows = list(found.rows)
    while rows and all(cell is None or not str(cell).strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 3:
        return found
    label = next((cell for cell in rows[-1] if isinstance(cell, str) and cell.strip()), "")
    if not _TOTAL.fullmatch(label.strip().strip(":").strip()):
        return found
    numeric = replace(found, rows=rows).numeric()
    sums = [
        _adds_up([each for each in numbers.values[:-1] if each is not None], numbers.values[-1])
        for numbers in numeric.values()
        if numbers.values[-1] is not None
    ]
    if not any(sums):
        return found
    note = f"the row {label.strip()!r} at the foot was left out: it adds up the others"
    return replace(found, rows=rows[:-1], notes=[*found.notes, note])


def _adds_up(values: list[float | int], total: float | None) -> bool:
    whole = math.fsum(values)
    return (
        total is not None and bool(values) and abs(whole - total) <= max(0.011, _CLOSE * abs(whole))
    )


def _unwrapped(found: Rows) -> Rows:
    """Take the one list of records out of an answer that wraps it: ``{"items": [...], "count": 2}``."""
    if len(found.rows) != 1:
        return found
    lists = [cell for cell in found.rows[0] if _is_records(cell)]
    if len(lists) != 1:
        return found
    records = cast("list[dict[str, JSON]]", lists[0])
    columns = list(dict.fromkeys(key for each in records for key in each))
    return replace(
        found, columns=columns, rows=[[each.get(key) for key in columns] for each in records]
    )


def _is_records(cell: JSON) -> bool:
    return (
        isinstance(cell, list)
        and len(cell) > 0
        and all(isinstance(each, dict) and each for each in cell)
    )


def _flattened(found: Rows) -> Rows:
    """Make columns of the fields of records that stand in cells."""
    columns: list[str] = []
    parts: list[list[JSON]] = []
    changed = False
    for at, name in enumerate(found.columns):
        cells = found.column(at)
        held = [each for each in cells if each is not None]
        fields = (
            list(dict.fromkeys(key for each in held if isinstance(each, dict) for key in each))
            if held and all(isinstance(each, dict) for each in held)
            else []
        )
        if not 0 < len(fields) <= MOST_FIELDS:
            columns.append(name)
            parts.append(cells)
            continue
        changed = True
        for key in fields:
            columns.append(f"{name} {key}")
            parts.append([each.get(key) if isinstance(each, dict) else None for each in cells])
    if not changed or len({each.casefold() for each in columns}) != len(columns):
        return found
    return replace(found, columns=columns, rows=[list(row) for row in zip(*parts, strict=True)])

"""Questions about tables of many fields, with answers that were worked out apart from the reader.

Each line of ``tables/*.txt`` names a table, asks, and says what must come out. Half of the questions
(``unseen.txt``) were written before the rules of the reader were read, and never looked at after.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "tools" / "tables"


@dataclass(frozen=True)
class Asked:
    """A question, and the rows that answer it; none where it has to be refused."""

    table: str
    question: str
    rows: tuple[tuple[str, ...], ...] | None


def asked(name: str) -> list[Asked]:
    """Return the questions of a list."""
    made: list[Asked] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            table, question, gold = (each.strip() for each in line.split(" | ", 2))
            made.append(Asked(table, question, _rows(table, gold)))
    return made


def _rows(table: str, gold: str) -> tuple[tuple[str, ...], ...] | None:
    if gold == "REFUSE":
        return None
    if not gold.startswith("select"):
        return tuple(tuple(cell.strip() for cell in row.split(" & ")) for row in gold.split(";"))
    duckdb: Any = import_module("duckdb")
    connection: Any = duckdb.connect(":memory:")
    path = str(FOLDER / f"{table}.csv")
    connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}')")
    return tuple(tuple(str(each) for each in row) for row in connection.execute(gold).fetchall())


def is_right(found: Any, rows: tuple[tuple[str, ...], ...]) -> bool:
    """Say whether the rows that came are those: each holds the wanted cells, beside others."""
    came = [[str(each) for each in row.values()] for row in found.rows.rows]
    if rows in {(("yes",),), (("no",),)}:
        return found.answer.text.lower().startswith(rows[0][0])
    if len(came) != len(rows):
        return False
    left = list(came)
    for row in rows:
        match = next((each for each in left if all(_holds(each, cell) for cell in row)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _holds(cells: list[str], wanted: str) -> bool:
    return any(_alike(each, wanted) for each in cells)


def _alike(cell: str, wanted: str) -> bool:
    one, two = _number(cell), _number(wanted)
    if one is not None and two is not None:
        return math.isclose(abs(one), abs(two), rel_tol=2e-4)
    return cell.casefold().removesuffix(" 00:00:00") == wanted.casefold()


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) else None

"""Rows out of what people attach: tables as they are, and workbooks, which come as documents."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import PurePosixPath
from typing import Annotated, Any, cast

from herd_graph.artifacts import Artifact, Document, Table
from herd_graph.cards import Port
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable
from herd_graph.types import JSON, Kind

from .amounts import Numbers, decimal_comma, numbers
from .needs import need

MAX_ROWS = 200_000
MAX_CELLS = 4_000_000
MAX_BYTES = 100 << 20
_UNNAMED = re.compile(r"column \d+")
"""What a column without a name is called."""
_UNSTORED = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>|<f>[^<]*</f><v\s*/>")
UNPACKED = 400 << 20
"""Bytes of a workbook once unpacked: a zip of a few kB can hold gigabytes."""


@dataclass(frozen=True)
class Rows:
    """Columns and rows, all of one length, and what should be known about them."""

    columns: list[str]
    rows: list[list[JSON]]
    name: str
    """The file's name without its ending; ``table`` where it has none."""
    notes: list[str] = field(default_factory=list[str])
    sheet: str = ""
    """Of a workbook of several sheets: which one."""

    def column(self, index: int) -> list[JSON]:
        """Return the cells of a column."""
        return [row[index] for row in self.rows]

    def numeric(self) -> dict[int, Numbers]:
        """Return the columns that hold numbers, by their place."""
        cells = [self.column(index) for index in range(len(self.columns))]
        comma = any(decimal_comma(each) for each in cells)
        found = {index: numbers(each, comma=comma) for index, each in enumerate(cells)}
        return {index: each for index, each in found.items() if each is not None}


TABLE_FORMATS = (
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.herd.table+json",
    "application/json",
    "application/x-ndjson",
    "application/jsonl",
    "*spreadsheet*",
    "*excel*",
    "application/zip",  # a damaged workbook, and an encrypted one: told of when they are read
    "application/x-ole*",
    "application/cdfv2*",
    "application/octet-stream",
)
"""What a table may be: a planner offers nothing else, no PDF and no letter, to who reads rows."""
Sheet = Annotated[Table | Document, Port(name="table", kind=Kind.TABLE, mime=TABLE_FORMATS)]


def read_rows(source: Table | Document) -> Rows:
    """Return the rows of a table or of the first sheet of a workbook.

    Raises: as ``read_sheets`` does.
    """
    first, *others = read_sheets(source)
    if others:
        listed = ", ".join(repr(each.sheet) for each in others[:5])
        first.notes.insert(0, f"only the sheet {first.sheet!r} was read, not {listed}")
    return first


def read_sheets(source: Table | Document) -> list[Rows]:
    """Return the rows of a table, or of every sheet of a workbook that has cells.

    Raises:
        ArtifactUnreadable: It is damaged, protected, or no table.
        ArtifactTooLarge: It has more than ``MAX_ROWS`` rows, or unpacks to too much.
    """
    if source.size > MAX_BYTES:
        raise ArtifactTooLarge(
            f"{_named(source)} has {source.size >> 20} MB. Expected at most {MAX_BYTES >> 20} MB. "
            "Give a part of it."
        )
    if source.size == 0:
        raise ArtifactUnreadable(
            f"{_named(source)} is empty (0 bytes). Expected a header and rows. Check that it was "
            "saved completely."
        )
    if isinstance(source, Table):
        columns, rows = source._parse()
        notes: list[str] = []
        named = [
            each for each in columns if str(each).strip() and not _UNNAMED.fullmatch(str(each))
        ]
        if len(columns) > 1 and len(named) < 0.6 * len(columns):
            columns, rows = _below_title(columns, rows, notes)
        return [_checked(source, columns, rows, notes, "")]
    sheets = _from_document(source)
    made: list[Rows] = []
    for title, grid in sheets:
        notes: list[str] = []
        columns, rows = _headed(grid, title, notes)
        if made and not rows:
            continue  # a heading, or a remark, beside the tables
        made.append(_checked(source, columns, rows, notes, title if len(sheets) > 1 else ""))
    return made


def _checked(
    source: Table | Document,
    columns: list[str],
    rows: list[list[JSON]],
    notes: list[str],
    sheet: str,
) -> Rows:
    if not columns or not any(str(each).strip() for each in columns):
        raise ArtifactUnreadable(
            f"{_named(source)} has no columns. Expected a header row and rows below it. Add one."
        )
    if len(rows) > MAX_ROWS or len(rows) * len(columns) > MAX_CELLS:
        raise ArtifactTooLarge(
            f"{_named(source)} has {len(rows):,} rows of {len(columns)} columns. Expected at most "
            f"{MAX_ROWS:,} rows and {MAX_CELLS:,} cells. Split it."
        )
    width = len(columns)
    padded = [[*row[:width], *[None] * (width - len(row))] for row in rows]
    stem = PurePosixPath(source.name.replace("\\", "/")).name.partition(".")[0]
    return Rows(_unique([str(each) for each in columns]), padded, stem or "table", notes, sheet)


def scalar(value: JSON) -> str | int | float | bool | None:
    """Return a cell for a format that knows no lists: those are written as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _named(source: Artifact) -> str:
    return repr(source.name or "The table")


def _unique(names: list[str]) -> list[str]:
    """Name every column, and no two alike, also for SQL, which ignores case."""
    made: list[str] = []
    seen: set[str] = set()
    for place, each in enumerate(names, 1):
        name = wanted = " ".join(each.split()) or f"column {place}"
        again = 2
        while name.casefold() in seen:
            name, again = f"{wanted} {again}", again + 1
        seen.add(name.casefold())
        made.append(name)
    return made


def _from_document(source: Document) -> list[tuple[str, list[list[JSON]]]]:
    content = source.bytes()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ArtifactUnreadable(
            f"{_named(source)} is an old .xls file, or protected by a password. Expected .xlsx "
            "without a password. Save it so, and attach it again."
        )
    if content.startswith(b"%PDF"):
        raise ArtifactUnreadable(
            f"{_named(source)} is a PDF. Expected a table: CSV, JSON or .xlsx. Read it with "
            "'read_pdf', or export the table from where it was made."
        )
    if not content.startswith(b"PK"):
        raise ArtifactUnreadable(
            f"{_named(source)} ({source.mime}) is no workbook. Expected CSV, JSON or .xlsx. Save it "
            "as one of these."
        )
    _check_archive(source, content)
    need("openpyxl")
    openpyxl: Any = import_module("openpyxl")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which no row depends on
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheets = [(str(each.title), _grid(each, source)) for each in book.worksheets]
            book.close()
    except (ArtifactTooLarge, ArtifactUnreadable):
        raise
    except Exception as error:
        raise ArtifactUnreadable(
            f"{_named(source)} cannot be read: {str(error)[:200] or type(error).__name__}. Expected "
            "a whole .xlsx workbook. Open it, save it again, and attach that."
        ) from error
    filled = [(title, grid) for title, grid in sheets if grid]
    if not filled:
        raise ArtifactUnreadable(
            f"{_named(source)} has no filled cells. Expected a sheet with a header row and rows. If "
            "its cells are formulas, open it, save it (which stores their results), and attach that."
        )
    _check_formulas(source, content)
    return filled


def _check_archive(source: Document, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {each.filename for each in members}
            if not any(each.startswith("xl/") for each in names):
                raise ArtifactUnreadable(
                    f"{_named(source)} is no workbook. Expected .xlsx. Save it as one, or as CSV."
                )
            if sum(each.file_size for each in members) > UNPACKED or len(members) > 10_000:
                raise ArtifactTooLarge(
                    f"{_named(source)} unpacks to more than {UNPACKED >> 20} MB. Expected a "
                    "workbook of ordinary size. Export the rows that matter as CSV."
                )
            for each in members:
                if each.filename.endswith((".xml", ".rels")):
                    with archive.open(each) as part:
                        if b"<!DOCTYPE" in part.read(4096):
                            raise ArtifactUnreadable(
                                f"{_named(source)} declares entities, which no workbook needs. "
                                "Expected plain .xlsx. Save it again with a spreadsheet program."
                            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ArtifactUnreadable(
            f"{_named(source)} is damaged: {error}. Expected a whole .xlsx workbook. Attach it again."
        ) from error


def _grid(sheet: Any, source: Document) -> list[list[JSON]]:
    grid: list[list[JSON]] = []
    for row in cast("Iterator[Sequence[object]]", sheet.iter_rows(values_only=True)):
        cells = [_cell(each) for each in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            grid.append(cells)
        if len(grid) > MAX_ROWS + 50:
            raise ArtifactTooLarge(
                f"{_named(source)} has more than {MAX_ROWS:,} rows. Expected at most that. Split it."
            )
    return grid


def _cell(value: object) -> JSON:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return (
            value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
        )
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    text = str(value)
    return text if text.strip() else None


def _headed(
    grid: list[list[JSON]], title: str, notes: list[str]
) -> tuple[list[str], list[list[JSON]]]:
    """Find the header: the first row that is nearly as wide as the sheet, below any heading."""
    filled = [sum(each is not None for each in row) for row in grid[:20]]
    widest = max(filled)
    start = next(at for at, count in enumerate(filled) if count >= max(1, 0.6 * widest))
    if start:
        said = " / ".join(str(cell) for row in grid[:start] for cell in row if cell is not None)
        notes.append(f"above the header of {title!r} stands: {said[:120]}")
    width = max(len(row) for row in grid[start:])
    if width > 2_000:
        raise ArtifactTooLarge(
            f"The sheet {title!r} has {width:,} columns. Expected at most 2,000. Split it."
        )
    header = ["" if cell is None else str(cell) for cell in grid[start]]
    header += [""] * (width - len(header))
    return header, grid[start + 1 :]


def _below_title(
    columns: list[str], rows: list[list[JSON]], notes: list[str]
) -> tuple[list[str], list[list[JSON]]]:
    """Find the header of a text file below a heading, as ``_headed`` does that of a sheet."""
    heading: list[JSON] = [None if _UNNAMED.fullmatch(each) else each for each in columns]
    grid = [heading, *rows]
    filled: list[list[JSON]] = []
    for row in grid:
        cells = [None if isinstance(each, str) and not each.strip() else each for each in row]
        if any(each is not None for each in cells):
            filled.append(cells)
    return _headed(filled, str(columns[0]), notes) if filled else (columns, rows)


def _check_formulas(source: Document, content: bytes) -> None:
    """Refuse formulas whose results were never stored: their cells would look empty."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for each in archive.namelist():
            if not (each.startswith("xl/worksheets/") and each.endswith(".xml")):
                continue
            with archive.open(each) as part:
                head = part.read(8 << 20)
            if _UNSTORED.search(head):
                raise ArtifactUnreadable(
                    f"{_named(source)} holds formulas without stored results. Expected values. Open "
                    "it in a spreadsheet program, save it, and attach that."
                )

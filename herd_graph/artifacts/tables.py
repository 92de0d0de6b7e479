"""Rows and columns."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from herd_graph.artifacts.base import Artifact, decode_text, printable, to_json
from herd_graph.config import Limits
from herd_graph.errors import ArtifactUnreadable
from herd_graph.types import JSON, Kind, Provenance

TABLE_MIME = "application/vnd.herd.table+json"


class Table(Artifact):
    """Rows of named columns.

    Args:
        source: Rows as mappings, encoded bytes, or the path of a CSV, TSV or JSON file. Rows are
            kept as JSON ``{"columns": […], "rows": [[…]]}``, so that numbers stay numbers.
    """

    kind = Kind.TABLE
    default_mime = "text/csv"

    def __init__(
        self,
        source: bytes | str | os.PathLike[str] | Sequence[Mapping[str, Any]],
        *,
        mime: str | None = None,
        name: str = "",
        provenance: Provenance | None = None,
    ) -> None:
        if not isinstance(source, bytes | str | os.PathLike):
            rows = list(source)
            columns = list(dict.fromkeys(key for row in rows for key in row))
            content: dict[str, JSON] = {
                "columns": cast("list[JSON]", columns),
                "rows": [[row.get(column) for column in columns] for row in rows],
            }
            source, mime = to_json(content), TABLE_MIME
        super().__init__(source, mime=mime, name=name, provenance=provenance)

    def _parse(self) -> tuple[list[str], list[list[JSON]]]:
        text = decode_text(self.bytes(), self.name)
        try:
            if self.mime == TABLE_MIME:
                content = json.loads(text)
                return list(content["columns"]), list(content["rows"])
            if "json" in self.mime:
                return _from_records(_json_rows(text))
            return _from_csv(text)
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            raise ArtifactUnreadable(
                f"{self.name or 'The table'!r} cannot be read: {error}. Expected CSV with a header "
                "row, TSV, or a JSON list of objects."
            ) from error

    @property
    def columns(self) -> list[str]:
        """The column names, in order."""
        return self._parse()[0]

    @property
    def rows(self) -> list[dict[str, JSON]]:
        """The rows as dicts; numbers in CSV become numbers."""
        columns, rows = self._parse()
        return [dict(zip(columns, row, strict=False)) for row in rows]

    def check(self, limits: Limits | None = None) -> None:
        super().check(limits)
        if not self.columns:
            raise ArtifactUnreadable(
                f"{self.name or 'The table'!r} has no columns. Expected a header row and rows."
            )

    def to_markdown(self, most: int = 50) -> str:
        """Return a Markdown table of at most ``most`` rows."""
        columns, rows = self._parse()
        lines = ["| " + " | ".join(_cell(each) for each in columns) + " |"]
        lines.append("|" + " --- |" * len(columns))
        lines += ["| " + " | ".join(_cell(each) for each in row) + " |" for row in rows[:most]]
        if len(rows) > most:
            lines.append(f"… and {len(rows) - most} more rows")
        return "\n".join(lines)

    @property
    def summary(self) -> str:
        columns, rows = self._parse()
        named = f" {self.name}" if self.name else ""
        return f"table{named} ({len(rows)} rows: {', '.join(columns[:8])})"

    def __str__(self) -> str:
        return self.to_markdown()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        columns, rows = self._parse()
        head = "".join(f"<th>{html.escape(printable(each))}</th>" for each in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(each))}</td>" for each in row) + "</tr>"
            for row in rows[:50]
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return {"text/plain": printable(self.summary), "text/html": table}


def _cell(value: JSON) -> str:
    text = "" if value is None else str(value)
    return printable(text).replace("|", "\\|").replace("\n", " ")


def _json_rows(text: str) -> list[dict[str, JSON]]:
    try:
        value = json.loads(text)
    except ValueError:
        value = [json.loads(line) for line in text.splitlines() if line.strip()]
    value = unwrapped(value)
    rows = cast("list[object]", value if isinstance(value, list) else [value])
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("the JSON is not a list of objects")
    return cast("list[dict[str, JSON]]", rows)


def unwrapped(value: object) -> object:
    """Return the rows that an object only wraps: ``{"tenants": [{…}, {…}], "count": 2}``.

    Exports of services look so. An object with two lists, or with another object, is no table.
    """
    if not isinstance(value, dict):
        return value
    held = list(cast("dict[str, object]", value).values())
    lists = [cast("list[object]", each) for each in held if isinstance(each, list)]
    nested = any(isinstance(each, dict) for each in held)
    if len(lists) != 1 or nested or not lists[0]:
        return cast("object", value)
    rows = lists[0]
    return rows if all(isinstance(row, dict) for row in rows) else cast("object", value)


def _from_records(records: list[dict[str, JSON]]) -> tuple[list[str], list[list[JSON]]]:
    columns = list(dict.fromkeys(key for record in records for key in record))
    return columns, [[record.get(column) for column in columns] for record in records]


def _from_csv(text: str) -> tuple[list[str], list[list[JSON]]]:
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=_delimiter(text))
    parsed = [row for row in reader if any(cell.strip() for cell in row)]
    if not parsed:
        return [], []
    width = max(max((i + 1 for i, cell in enumerate(row) if cell), default=0) for row in parsed)
    padded = [(row + [""] * width)[:width] for row in parsed]
    comma = any(_COMMA.fullmatch(cell.strip()) for row in padded[1:] for cell in row)
    return _column_names(padded[0]), [
        [cell if comma and _POINTED.fullmatch(cell.strip()) else _number(cell) for cell in row]
        for row in padded[1:]
    ]


def looks_tabular(head: bytes) -> bool:
    """Say whether some separator cuts nearly every line of the head of a file alike."""
    text = head[:65536].decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()][:50]
    _, (alike, _) = _best_cut(lines)
    return len(lines) > 1 and alike >= 0.8 * len(lines)


def _delimiter(text: str) -> str:
    """Return the separator of CSV.

    ``csv.Sniffer`` is not used: it also guesses quoting, and then misreads doubled quotes.
    """
    return _best_cut(text[:65536].splitlines(keepends=True)[:50])[0]


def _best_cut(lines: list[str]) -> tuple[str, tuple[int, int]]:
    """Return the separator that cuts most lines alike, how many, and into how many cells."""
    best, most = ",", (0, 0)
    for candidate in ",;\t|":
        widths = [len(row) for row in csv.reader(lines, delimiter=candidate) if any(row)]
        usual = max(set(widths), key=lambda each: (widths.count(each), each), default=1)
        score = (widths.count(usual), usual) if usual > 1 else (0, 0)
        if score > most:
            best, most = candidate, score
    return best, most


def _column_names(header: list[str]) -> list[str]:
    """Name every column, and no two the same: rows are handed out as dicts."""
    names: list[str] = []
    for index, cell in enumerate(header, 1):
        name = wanted = cell.strip() or f"column {index}"
        again = 2
        while name in names:
            name, again = f"{wanted} {again}", again + 1
        names.append(name)
    return names


_COMMA = re.compile(r"-?\d+,(?:\d{1,2}|\d{4,})")
"""A cell that is plainly written with a decimal comma."""
_POINTED = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+")
"""Thousands in a table with decimal commas: 231.800 is no 231.8 there, and stays as it is written."""
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")


def _number(cell: str) -> JSON:
    """Return a number for what is plainly one; ``007``, ``+49 1`` and ``1_000`` stay text."""
    stripped = cell.strip()
    if not _NUMBER.fullmatch(stripped):
        return cell
    return int(stripped) if stripped.lstrip("-").isdigit() else float(stripped)

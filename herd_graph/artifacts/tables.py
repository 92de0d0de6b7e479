"""Rows and columns."""

from __future__ import annotations

import csv
import html
import io
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, cast

from herd_graph.artifacts.base import Artifact, decode_text, printable, to_json
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
        source: bytes | str | os.PathLike[str] | Sequence[Mapping[str, JSON]],
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

    def check(self) -> None:
        super().check()
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
    rows = cast("list[object]", value if isinstance(value, list) else [value])
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("the JSON is not a list of objects")
    return cast("list[dict[str, JSON]]", rows)


def _from_records(records: list[dict[str, JSON]]) -> tuple[list[str], list[list[JSON]]]:
    columns = list(dict.fromkeys(key for record in records for key in record))
    return columns, [[record.get(column) for column in columns] for record in records]


def _from_csv(text: str) -> tuple[list[str], list[list[JSON]]]:
    head = text[:8192]
    try:
        dialect: Any = csv.Sniffer().sniff(head, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    parsed = [row for row in csv.reader(io.StringIO(text), dialect) if any(row)]
    if not parsed:
        return [], []
    width = len(parsed[0])
    rows = [[_number(cell) for cell in (row + [""] * width)[:width]] for row in parsed[1:]]
    return [column.strip() for column in parsed[0]], rows


def _number(cell: str) -> JSON:
    """Return a number for what is plainly one; codes such as ``007`` stay text."""
    stripped = cell.strip()
    digits = stripped.lstrip("+-")
    if digits[:1].isdigit() and not (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()):
        try:
            return int(stripped)
        except ValueError:
            try:
                return float(stripped)
            except ValueError:
                return cell
    return cell

"""Write tables in other formats: CSV, JSON, Markdown, Excel workbooks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal

from herd_graph.artifacts import Data, Document, Table, Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .narrowing import narrowed, wanted_sheets
from .needs import need
from .rows import Rows, Sheet, read_sheets, scalar

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL = 32_767
"""Characters that a cell of a workbook holds."""


@expert(
    name="convert_table",
    tags=[
        "csv",
        "json",
        "markdown",
        "excel",
        "xlsx",
        "spreadsheet",
        "workbook",
        "export",
        "format",
    ],
    examples=[
        "convert the spreadsheet to CSV",
        "turn this CSV into an Excel file",
        "give me the table as JSON",
        "make a Markdown table of the workbook",
        "export the rows to xlsx",
        "save the excel sheet as csv",
    ],
    latency_s=0.05,
    memory="10 MiB",
    licence="Apache-2.0; runs on openpyxl (MIT)",
    notes=(
        "Values only: formatting, formulas and charts of a workbook are left out. Of several sheets "
        "the one that is named, else the first filled one, is converted: the file's name says which. "
        "CSV with semicolons or tabs where that is asked for. A text that begins with '=' stays text. Up to "
        "200,000 rows. The request may name some of the rows, an order, or sums: only those are "
        "written, and a request that names what the table does not have is refused."
    ),
)
class ConvertTable:
    """Convert a table or a workbook to CSV, JSON, Markdown or an Excel file."""

    def load(self) -> None:
        """Check that the workbook library is there."""
        need("openpyxl")

    def __call__(
        self,
        table: Sheet,
        to: Literal["csv", "json", "markdown", "xlsx"],
        request: Text = Text(""),  # noqa: B008 - never changed
    ) -> Table | Document | Text | Data[Any]:
        """Convert.

        Args:
            table: CSV, TSV, JSON or a workbook (.xlsx).
            to: csv (comma-separated values), json, markdown (md), or xlsx (excel, workbook,
                spreadsheet).
            request: Which rows, in words: 'only the accessories', 'total units per city'. By
                default all.
        """
        called, asked = _called(request.text)
        asked, apart = _separator(asked) if to == "csv" else (asked, ",")
        sheets, asked = wanted_sheets(read_sheets(table), asked, several=to == "xlsx")
        made = [narrowed(each, asked) for each in sheets]
        found = made[0]
        name = f"{found.name} - {found.sheet}" if found.sheet and len(made) == 1 else found.name
        name = called or name
        if to == "csv":
            return Table(_csv(found, apart).encode(), mime="text/csv", name=f"{name}.csv")
        if to == "json":
            records = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
            return Data(records, name=f"{name}.json")
        if to == "markdown":
            return Text(_markdown(found), mime="text/markdown", name=f"{name}.md")
        return Document(_workbook(made), mime=XLSX, name=f"{name}.xlsx")


_SEPARATED = re.compile(
    r",?\s*\b(?:(?:with|using|by) (?:an? )?(?P<one>semi-?colons?|tabs?|pipes?)(?: (?:as|for) (?:the |a )?(?:separators?|delimiters?))?"
    r"|(?:separated|delimited|divided) (?:by|with) (?:an? )?(?P<two>semi-?colons?|tabs?|pipes?)"
    r"|(?P<three>semi-?colon|tab|pipe)[- ](?:separated|delimited))\b(?: instead of commas?)?",
    re.IGNORECASE,
)


_NAME = r"""["'“\u2018]?(?P<name>[\w][\w-]*(?: [\w-]+){0,%d})\.(?P<ext>csv|tsv|xlsx?|json|md)["'”’]?(?![\w.])"""
_SAYS = r",? ?\b(?:(?:and )?(?:call|name) it|called|named|with the (?:file ?)?name|file ?name)"
_CALLED = (
    re.compile(rf"{_SAYS} {_NAME % 5}", re.IGNORECASE),
    re.compile(
        rf"""{_SAYS} ["'“\u2018](?P<name>[\w][\w -]{{0,60}})["'”’](?P<ext>)""", re.IGNORECASE
    ),
    re.compile(rf"\b(?:as|to|into) {_NAME % 1}", re.IGNORECASE),
)
"""*As a CSV file called order.csv*."""


def _called(request: str) -> tuple[str, str]:
    """Return the name that a file is to bear, or nothing, and the request without it."""
    said = next((found for form in _CALLED if (found := form.search(request))), None)
    if said is None:
        return "", request
    form = f" as {said['ext']}" if said["ext"] else ""
    rest = f"{request[: said.start()]}{form} {request[said.end() :]}"
    return said["name"].strip(), " ".join(rest.split())


def _separator(request: str) -> tuple[str, str]:
    """Return a request without the words for what parts its cells, and that sign."""
    said = _SEPARATED.search(request)
    if said is None:
        return request, ","
    word = next(each for each in said.groups() if each).lower()
    sign = "\t" if word.startswith("tab") else "|" if word.startswith("pipe") else ";"
    return f"{request[: said.start()]} {request[said.end() :]}".strip(), sign


def _csv(found: Rows, apart: str = ",") -> str:
    writer = io.StringIO(newline="")
    out = csv.writer(writer, lineterminator="\n", delimiter=apart)
    out.writerow(found.columns)
    out.writerows(["" if cell is None else scalar(cell) for cell in row] for row in found.rows)
    return writer.getvalue()


def _markdown(found: Rows) -> str:
    numeric = found.numeric()
    lines = [
        _line(found.columns),
        "|"
        + "|".join(" ---: " if at in numeric else " --- " for at in range(len(found.columns)))
        + "|",
    ]
    lines += [
        _line(["" if cell is None else str(scalar(cell)) for cell in row]) for row in found.rows
    ]
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    safe = (
        each.replace("\\", "\\\\").replace("|", "\\|").replace("\r\n", "\n").replace("\n", "<br>")
        for each in cells
    )
    return "| " + " | ".join(safe) + " |"


def _workbook(made: Sequence[Rows]) -> bytes:
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    for number, each in enumerate(made, 1):
        _fill(book.create_sheet(each.sheet or f"Sheet{number}"), each, openpyxl)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Any, found: Rows, openpyxl: Any) -> None:
    if len(found.columns) > 16_384:
        raise PortViolation(
            f"The table has {len(found.columns):,} columns. Expected at most 16,384, which a "
            "workbook holds. Choose another format."
        )
    cells: Any = import_module("openpyxl.cell")

    def made(value: Any) -> Any:
        value = scalar(value)
        if not isinstance(value, str):
            return value
        if len(value) > CELL:
            raise PortViolation(
                f"A cell has {len(value):,} characters. Expected at most {CELL:,}, which a workbook "
                "holds. Choose another format."
            )
        text = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)
        cell = cells.WriteOnlyCell(sheet, value=text)
        cell.data_type = "s"  # '=1+1' from a text file is text: a formula could do harm
        return cell

    sheet.append([made(each) for each in found.columns])
    for row in found.rows:
        sheet.append([made(each) for each in row])

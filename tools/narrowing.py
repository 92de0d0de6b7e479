"""The rows of a table that a request for another format is about: *only the accessories, as Markdown*."""

from __future__ import annotations

import re
from dataclasses import replace

from herd_graph.errors import PortViolation

from .asking import Unmapped
from .questions import Query, write_all
from .rows import Rows
from .table_database import as_json, ask, typed

_FORMAT = (
    r"(?:csv|tsv|json|excel|xlsx?|markdown|md|spreadsheet|workbook|comma[- ]separated(?: values)?)"
)
_ACT = r"(?:convert|change|turn|transform|export|save|write|store|put|give|get|make|create|show|send|return|print|format|download|dump|output|bring|have|want|need|like|see)"
_NEW = re.compile(
    rf"\b(?:(?:in)?to|as|into|in|like) (?:an? |the )?(?:new |nice |plain |proper )?(?:\.)?{_FORMAT}(?:[- ](?:file|table|format|document|sheet|list))*\b(?: (?:named|called) \S+)?"
    rf"|\b(?:an? |the )?{_FORMAT}(?:[- ](?:file|table|version|export|copy))* (?:of|with|from|for)\b",
    re.IGNORECASE,
)
_ACTS = re.compile(
    rf"^\W*(?:(?:hi|hello|hey|please|and|then|now|also|can|could|would|will|you|i|we|d|need|want|like|to|me|us|just)\b[\s,']*)*{_ACT}\b(?: (?:me|us|it|this|that|them))*",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"\b(?:(?:the|this|that|these|those|my|our|whole|entire|all|attached|same|of|from|in|a|an|it|them|me|us|please|pls|thanks?|too|also|and|then|file|table|list|sheet|spreadsheet|workbook|document|data|rows|records|contents?|everything|results?|answer|{_FORMAT}|{_ACT})\b\W*)+",
    re.IGNORECASE,
)
_SAVING = re.compile(
    rf",?\s*(?:and )?(?:then )?(?:please )?{_ACT}(?: (?:it|that|this|them|the result))?\W*$",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r",?\s*\b(?:and )?(?:without|except|minus|drop|dropping|remove|removing|leave out|leaving out)\b (?:the )?(?P<what>[\w ,]+?) columns?\b"
    r"|,?\s*\b(?:and )?(?:without|drop|dropping|remove|removing|leave out|leaving out)\b (?:the )?columns? (?P<named>[\w ,]+)$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|just|where|whose|with|without|except|excluding|but not|sorted|ordered|top|first|highest|lowest|per|for each|by|over|under|"
    r"above|below|more than|less than|at least|at most|containing|average|total|sum|count|that (?:is|are|have|has)|which (?:is|are|have|has)|who (?:is|are|have|has))\b|[<>]",
    re.IGNORECASE,
)


def narrowed(found: Rows, request: str) -> Rows:
    """Return the rows that a request is about: all of them where it names none.

    What stands behind the format counts only where it plainly narrows: *as CSV for the office in
    Porto* is the whole table, *as CSV, only Porto* is not.

    Raises:
        PortViolation: It narrows, and the table does not say what it is narrowed to.
    """
    text = " ".join(request.split())
    if len(text) > 500:
        return found
    format_ = _NEW.search(text)
    before = text[: format_.start()] if format_ else text
    after = text[format_.end() :] if format_ else ""
    of = bool(format_) and format_.group().lower().endswith(("of", "with", "from"))
    kept = after if of or _ONLY.search(after) else ""
    asked = " ".join(f"{_ACTS.sub(' ', before)} {kept}".split()).strip(" ,.;:!?")
    asked = _SAVING.sub("", asked)
    found, asked = _without(found, asked)
    if not re.search(r"\w", _WHOLE.sub(" ", f"{asked} ").replace(found.name.lower(), " ")):
        return found
    columns, values = typed(found)
    try:
        queries = write_all(asked, columns, [found.name, "list"])
    except Unmapped as why:
        if _ONLY.search(asked) is None or found.name.endswith("- result"):
            return found
        raise PortViolation(
            f"{asked[:80]!r} does not say which rows of {found.name!r} are wanted: {why}. Expected "
            f"words of the table (columns: {', '.join(found.columns[:12])}), or a request for all "
            "of it. Word it with these."
        ) from why
    if len(queries) != 1 or not _narrows(queries[0], found):
        return found
    note = f"only {queries[0].about}" if queries[0].about else ""
    notes = [*found.notes, *([note] if note else [])]
    if queries[0].sql.startswith("SELECT * FROM data"):  # the cells as they are written
        sql = queries[0].sql.replace("SELECT *", "SELECT rowid", 1)
        kept_rows = [found.rows[int(row[0])] for row in ask(sql, columns, values, request)[1]]
        return replace(found, rows=kept_rows, notes=notes)
    names, rows = ask(queries[0].sql, columns, values, request)
    if not rows:
        return found if _ONLY.search(asked) is None else replace(found, rows=[])
    made = [[as_json(each) for each in row] for row in rows]
    return replace(found, columns=names, rows=made, notes=notes)


def _without(found: Rows, asked: str) -> tuple[Rows, str]:
    """Leave out the columns that a request does not want: *without the notes column*."""
    said = _LEFT_OUT.search(asked)
    if said is None:
        return found, asked
    wanted = {
        each.strip().casefold() for each in re.split(r",|\band\b", said["what"] or said["named"])
    }
    gone = [at for at, each in enumerate(found.columns) if each.casefold() in wanted]
    if len(gone) != len(wanted) or len(gone) == len(found.columns):
        return found, asked
    kept = [at for at in range(len(found.columns)) if at not in gone]
    rows = [[row[at] for at in kept] for row in found.rows]
    columns = [found.columns[at] for at in kept]
    return replace(
        found, columns=columns, rows=rows
    ), f"{asked[: said.start()]} {asked[said.end() :]}"


def _narrows(query: Query, found: Rows) -> bool:
    whole = query.sql.strip() == "SELECT * FROM data" or not found.rows
    return query.shape == "rows" and not whole

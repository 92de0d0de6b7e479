"""Which of several tables a question is about, and two of them side by side where it needs both.

The sheets of a workbook and the files that are attached are candidates alike. What the question
calls by name comes first; else the table that holds most of its words as they stand.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from herd_graph.types import JSON

from .asking import Column, name_parts, stem
from .asking_lexicon import WHO
from .asking_likeness import likeness
from .rows import Rows
from .table_database import typed
from .tidying import tidied

MOST_JOINED = 12
"""Tables of which pairs are looked at."""
SHARED = 0.5
"""The part of the values of a column, at least, that the other table must know."""


@dataclass(frozen=True)
class Candidate:
    """A table that may be meant: one, or two of which the second tells more of the first's rows."""

    rows: Rows
    columns: list[Column]
    values: list[list[Any]]
    nouns: tuple[str, ...]
    """What the table is called."""
    told: str = ""
    """What is to be said of the choice."""
    repeated: tuple[str, ...] = ()
    """Columns whose values stand in several rows, where adding them up would count them again."""

    def tells_who(self) -> bool:
        """Say whether a column names people, or whoever a question for *who* may mean."""
        texts = [each for each in self.columns if each.kind == "text" and not each.is_flag]
        return any(likeness(each, word) == 3 for each in texts for word in WHO.split())

    def is_misread_by(self, sql: str) -> bool:
        """Say whether a query adds up what stands in several rows for one thing."""
        return any(
            f'{fold}("{name}"' in sql
            for name in self.repeated for fold in ("sum", "avg", "median", "strftime")
        )  # fmt: skip


def candidates(tables: Sequence[Rows]) -> list[Candidate]:
    """Return each table as one that may be meant."""
    several = len(tables) > 1
    made: list[Candidate] = []
    for each in map(tidied, tables):
        columns, values = typed(each)
        nouns = (each.name, each.sheet) if each.sheet else (each.name,)
        made.append(
            Candidate(each, columns, values, nouns, f"from {_called(each)}" if several else "")
        )
    return made


def named_in(question: str, found: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that a question calls by name: *in sales.csv*, *in the sheet Shops*."""
    low = question.casefold()
    files = [
        each
        for each in found
        if re.search(rf"(?<!\w){re.escape(each.rows.name.casefold())}\.\w+", low)
    ]
    among = files or found
    for form in (
        r"(?<!\w)(?:sheet|tab|table|file|in|from) (?:the |called |named )?{0}(?!\w)",
        r"(?<!\w){0} (?:sheet|tab|table|file)\b",
    ):
        titled = [
            each for each in among
            if any(re.search(form.format(re.escape(name.casefold())), low) for name in each.nouns if name)
            and not any(stem(part) in _words(each) for part in re.findall(r"\w+", each.rows.sheet.casefold()))
        ]  # fmt: skip
        if titled and len(titled) < len(among):
            return titled
    return files


_PLACES = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3}
_PLACED = re.compile(
    r",?\s*\b(?:in|from|of|on|using|with)\s+(?:the|my|our|this|that)\s+"
    r"(?P<place>other|first|second|third|fourth|1st|2nd|3rd|4th|last|attached)\s+"
    r"(?P<what>file|attachment|document|sheet|worksheet|tab|table|spreadsheet|csv)\b\s*[,:]?",
    re.IGNORECASE,
)


def tells_place(question: str) -> bool:
    """Say whether a question says in which of several files to look: *in the second file*."""
    said = _PLACED.search(question)
    return said is not None and said["what"].lower() not in {"sheet", "worksheet", "tab"}


def placed_in(question: str, found: Sequence[Candidate]) -> tuple[str, list[Candidate]]:
    """Read *in the second sheet* and *in the other file*.

    Returns:
        The question without it, and the candidates that it leaves; all of them where it does not
        say which. A place beyond the last table is left in the question, which then is refused.
    """
    said = _PLACED.search(question)
    if said is None:
        return question, list(found)
    rest = f"{question[: said.start()]} {question[said.end() :]}".strip(" ,:")
    what, place = said["what"].lower(), said["place"].lower()
    names = list(dict.fromkeys(each.rows.name for each in found))
    sheets = what in {"sheet", "worksheet", "tab"} or (what == "table" and len(names) == 1)
    at = len(found if sheets else names) - 1 if place == "last" else _PLACES.get(place)
    single = len(found) == 1 and not found[0].rows.sheet
    if not rest or at is None or single:
        return rest or question, list(found)
    if sheets:
        return (rest, [found[at]]) if at < len(found) else (question, list(found))
    if len(names) < 2:  # the other files are asked apart
        return rest, list(found)
    if at >= len(names):
        return question, list(found)
    return rest, [each for each in found if each.rows.name == names[at]]


def without_names(question: str, found: Sequence[Candidate]) -> str:
    """Leave out of a question what only says in which file to look."""
    text = question
    for each in found:
        name = re.escape(each.rows.name)
        text = re.sub(
            rf"(?:,?\s*\b(?:in|from|of|using|with|according to|look(?:ing)? at)\s+)?(?:the\s+)?(?:file\s+|table\s+)?(?<!\w){name}\.\w+(?:\s+file)?\s*[,:]?",
            " ", text, flags=re.IGNORECASE,
        )  # fmt: skip
        if each.rows.sheet:
            title = re.escape(each.rows.sheet)
            text = re.sub(
                rf"(?:,?\s*\b(?:in|from|on)\s+)(?:the\s+)?(?:(?:sheet|tab)\s+['\"]?{title}['\"]?|['\"]?{title}['\"]?\s+(?:sheet|tab))(?!\w)\s*[,:]?",
                " ", text, flags=re.IGNORECASE,
            )  # fmt: skip
    return text.strip(" ,:") or question


def _words(each: Candidate) -> set[str]:
    return {stem(part) for column in each.columns for part in name_parts(column.name)}


def joined(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the pairs of tables of which the second says more of each row of the first."""
    pairs = itertools.permutations(found[:MOST_JOINED], 2)
    return [made for left, right in pairs if (made := _pair(left, right)) is not None]


def _pair(left: Candidate, right: Candidate) -> Candidate | None:
    keys = _keys(left, right)
    if keys is None:
        return None
    mine, theirs = keys
    known: dict[str, list[JSON]] = {}
    for row in right.rows.rows:
        cell = row[theirs]
        if cell is not None and str(cell).strip():
            known.setdefault(_folded(cell), row)
    kept = [at for at in range(len(right.rows.columns)) if at != theirs]
    own = {each.casefold() for each in left.rows.columns}
    second = right.rows.sheet or right.rows.name
    names = [
        f"{second} {name}" if name.casefold() in own else name
        for name in (right.rows.columns[at] for at in kept)
    ]
    nothing: list[JSON] = [None] * len(right.rows.columns)
    rows = [
        [*row, *((known.get(_folded(row[mine]), nothing))[at] for at in kept)]
        for row in left.rows.rows
    ]
    whole = replace(
        left.rows, columns=[*left.rows.columns, *names], rows=rows,
        notes=[*left.rows.notes, *right.rows.notes],
    )  # fmt: skip
    columns, values = typed(whole)
    told = (
        f"from {_called(left.rows)} with {_called(right.rows)}, joined by {left.rows.columns[mine]}"
    )
    return Candidate(whole, columns, values, left.nouns, told, tuple(names))


def _keys(left: Candidate, right: Candidate) -> tuple[int, int] | None:
    """Return the columns that both have, of which the second table has every value once."""
    for mine, one in enumerate(left.columns):
        for theirs, two in enumerate(right.columns):
            if not _alike(one, two):
                continue
            cells = [_folded(row[theirs]) for row in right.rows.rows if row[theirs] is not None]
            asked = {_folded(row[mine]) for row in left.rows.rows if row[mine] is not None}
            if not cells or len(set(cells)) != len(cells) or not asked:
                continue
            if len(asked & set(cells)) >= SHARED * len(asked):
                return mine, theirs
    return None


def _alike(one: Column, two: Column) -> bool:
    if "date" in {one.kind, two.kind} or one.kind != two.kind:
        return False
    if one.kind == "number" and not (one.is_key and two.is_key):
        return False
    first, second = name_parts(one.name), name_parts(two.name)
    if one.kind == "text" and (one.is_flag or two.is_flag):
        return False
    return (
        first == second
        or first[-1:] == second[-1:]
        or any(likeness(one, each) > 1 for each in second)
    )


def _folded(cell: JSON) -> str:
    return str(cell).strip().casefold()


def _called(rows: Rows) -> str:
    return f"the sheet {rows.sheet!r}" if rows.sheet else repr(rows.name)

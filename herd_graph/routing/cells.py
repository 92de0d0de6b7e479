"""Go on with a question about a table by another of its cells: *how many sell cheese?*, *and fruit?*.

Which word of the question *fruit* stands for, only the table tells: the one of the same column. So do
columns: *the average age*, *and the weight?*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from herd_graph.artifacts import Table, load
from herd_graph.discovery.words import stem
from herd_graph.errors import HerdError
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, Kind

_MOST_ROWS, _MOST_BYTES = 5000, 4_000_000
_MOST_WORDS = 4
_LEAD = re.compile(
    r"^\W*(?:(?:and|or|now|then|so|ok|okay|but|what about|how about|same for|the same for|for|of|in|only|just|with|by|please)\b[\s,:]*)*(?:the )?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|pls|then|instead|too|as well|ones?|only|now))*\W*$", re.IGNORECASE
)
_OTHER = re.compile(r"^other (?P<column>\w+)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def swapped(request: str, fragment: str, tables: Sequence[Table]) -> str:
    """Return a request with a cell or a column in the place of another of its kind; empty where none fits.

    Args:
        request: What was asked before.
        fragment: What is said now: *and fruit?*, *leeds?*, *now the other city*.
        tables: What it was asked of.
    """
    said = _TAIL.sub("", _LEAD.sub("", fragment.strip())).strip(" ,.;:?!\"'")
    if not said or len(said.split()) > _MOST_WORDS:
        return ""
    for table in tables:
        columns = _columns(table)
        for values in (*columns.values(), list(columns)):
            made = _put(request, said, values) or _put_other(request, said, values)
            if made:
                return made
        other = _OTHER.match(said)
        for name, values in columns.items():
            if other and stem(other["column"].lower()) in _stems(name):
                return _put_other(request, "other", values)
    return ""


def cells_in(said: str, tables: Sequence[Table]) -> list[str]:
    """Return the different cells that these words are, whole, as the tables write them."""
    values = [v for table in tables for held in _columns(table).values() for v in held]
    return list(dict.fromkeys(each for each in values if _same(each, said)))


def tables_of(attachments: JSON, store: ArtifactStore) -> list[Table]:
    """Return the small tables among what a turn attached; what cannot be read is left out."""
    found: list[Table] = []
    held = attachments.values() if isinstance(attachments, Mapping) else ()
    for value in held:
        try:
            ref = ArtifactRef.model_validate(value)
            table = load(ref, store) if ref.kind is Kind.TABLE and ref.size < _MOST_BYTES else None
            if isinstance(table, Table) and table.columns:
                found.append(table)
        except (ValueError, HerdError):
            continue
    return found


def _columns(table: Table) -> dict[str, list[str]]:
    """Return the different texts in each column, by its name."""
    found: dict[str, dict[str, None]] = {}
    for row in islice(table.rows, _MOST_ROWS):
        for name, value in row.items():
            if isinstance(value, str) and value.strip():
                found.setdefault(name, {})[value.strip()] = None
    return {name: list(values) for name, values in found.items()} | {
        name: [] for name in table.columns if name not in found
    }


def _put(request: str, said: str, values: Sequence[str]) -> str:
    mine = next((each for each in values if _same(each, said)), "")
    if not mine:
        return ""
    for at, other in _in_request(request, values):
        if not _same(other, said):
            return f"{request[: at.start()]}{mine}{request[at.end() :]}"
    return ""


def _put_other(request: str, said: str, values: Sequence[str]) -> str:
    """Return the request with the other of a column's two values: *now the other city*."""
    if said.lower() not in {"other", "other one"} or len(values) != 2:
        return ""
    for at, mine in _in_request(request, values):
        other = next(each for each in values if each != mine)
        return f"{request[: at.start()]}{other}{request[at.end() :]}"
    return ""


def _in_request(request: str, values: Sequence[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield where values stand in a request, the longest first."""
    for value in sorted(values, key=len, reverse=True):
        spoken = [re.escape(each) for each in _WORD.findall(value)]
        if not spoken or len(value) < 2:
            continue
        ending = "" if len(value) < 4 else r"(?:e?s)?"
        name = r"[\W_]+".join(spoken)
        found = re.search(rf"(?<!\w){name}{ending}(?!\w)", request, re.IGNORECASE)
        if found is not None:
            yield found, value


def _same(value: str, said: str) -> bool:
    return _stems(value) == _stems(said) != []


def _stems(text: str) -> list[str]:
    return [stem(each.lower()) for each in _WORD.findall(text)]


__all__ = ("cells_in", "swapped", "tables_of")

"""The words of tables: what a question about them may speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from herd_graph.artifacts import Table, load
from herd_graph.binding import Ref
from herd_graph.errors import HerdError
from herd_graph.store import ArtifactStore
from herd_graph.types import Kind

_MOST_ROWS = 5_000
"""Rows whose cells are read; of a longer table nothing is known."""
_MOST_BYTES = 2_000_000
_LONGEST = 60
"""Letters of a cell that can be a name: longer ones are prose."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_EVERYDAY = frozenset(
    ("the", "and", "for", "with", "from", "this", "that", "not", "are", "was", "all", "our", "you")
)


def words_of_tables(inputs: Iterable[Ref], store: ArtifactStore) -> frozenset[str]:
    """Return the words of columns and cells, in lower case; none where no table is read, or not all of it.

    Args:
        inputs: What an expert was given.
        store: Where payloads are.
    """
    found: set[str] = set()
    for given in inputs:
        for ref in given if isinstance(given, list) else [given]:
            if ref.kind is not Kind.TABLE:
                continue
            try:
                table = load(ref, store) if ref.size <= _MOST_BYTES else None
                if not isinstance(table, Table) or len(table.rows) > _MOST_ROWS:
                    return frozenset()
                texts = [
                    *table.columns,
                    *(str(cell) for row in table.rows for cell in row.values()),
                ]
            except HerdError:
                return frozenset()
            for text in texts:
                if len(text) <= _LONGEST:
                    found.update(each.casefold() for each in _WORD.findall(text.replace("_", " ")))
    return frozenset(found - _EVERYDAY)


__all__ = ("words_of_tables",)

"""Tables of several experts about the same things: joined by their key, with conflicts listed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from herd_graph.types import JSON

Row = Mapping[str, JSON]


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One cell on which tables differ."""

    key: str
    column: str
    values: tuple[tuple[str, JSON], ...]
    """Who says what."""


@dataclass(frozen=True, kw_only=True)
class Joined:
    """A table made of several."""

    rows: tuple[dict[str, JSON], ...]
    conflicts: tuple[Conflict, ...] = ()
    agreement: float = 1.0
    """The share of the cells that more than one table has, and agree on."""


def join_tables(
    tables: Mapping[str, Sequence[Row]],
    key: str,
    weights: Mapping[str, float] | None = None,
    *,
    relative: float = 1e-6,
) -> Joined:
    """Join tables by a key column.

    A cell takes the value with the most weight behind it; between equals the one that is written
    first in the order of the experts' names. Every difference is listed.

    Args:
        tables: The rows by expert.
        key: The column that says which thing a row is about.
        weights: How much an expert counts.
        relative: Numbers that differ by no more than this share are equal.

    Raises:
        ValueError: A row lacks the key, or a table has two rows of one key.
    """
    given = weights or {}
    cells: dict[str, dict[str, list[tuple[str, JSON]]]] = {}
    keys: dict[str, JSON] = {}
    for name in sorted(tables):
        seen: set[str] = set()
        for row in tables[name]:
            if key not in row:
                raise ValueError(f"A row of {name!r} has no {key!r}. Expected one in every row.")
            thing = _written(row[key])
            if thing in seen:
                raise ValueError(f"Table {name!r} has two rows of {row[key]!r}. Expected one.")
            seen.add(thing)
            keys.setdefault(thing, row[key])
            for column, value in row.items():
                if column != key:
                    cells.setdefault(thing, {}).setdefault(column, []).append((name, value))
            cells.setdefault(thing, {})
    rows: list[dict[str, JSON]] = []
    conflicts: list[Conflict] = []
    shared = agreed = 0
    for thing, columns in cells.items():
        made: dict[str, JSON] = {key: keys[thing]}
        for column, said in columns.items():
            groups = _groups(said, relative)
            made[column] = max(
                groups, key=lambda group: sum(given.get(name, 1.0) for name, _ in group)
            )[0][1]
            shared += len(said) > 1
            agreed += len(said) > 1 and len(groups) == 1
            if len(groups) > 1:
                conflicts.append(Conflict(key=thing, column=column, values=tuple(said)))
        rows.append(made)
    return Joined(
        rows=tuple(rows),
        conflicts=tuple(conflicts),
        agreement=agreed / shared if shared else 1.0,
    )


def _groups(said: Sequence[tuple[str, JSON]], relative: float) -> list[list[tuple[str, JSON]]]:
    groups: list[list[tuple[str, JSON]]] = []
    for name, value in said:
        group = next((each for each in groups if _equal(each[0][1], value, relative)), None)
        if group is None:
            groups.append([(name, value)])
        else:
            group.append((name, value))
    return groups


def _equal(one: JSON, two: JSON, relative: float) -> bool:
    if isinstance(one, int | float) and isinstance(two, int | float):
        return math.isclose(one, two, rel_tol=relative)
    return _written(one) == _written(two)


def _written(value: JSON) -> str:
    return " ".join(str(value).lower().split())


__all__ = ("Conflict", "Joined", "join_tables")

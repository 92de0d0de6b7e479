"""A table in a database that can do nothing but read it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from herd_graph.errors import PortViolation
from herd_graph.types import JSON

from .asking import Column
from .asking_dates import iso_dates
from .clock_times import in_seconds
from .needs import need
from .rows import Rows, scalar

MAX_RESULT = 10_000
"""Rows of a result that are kept."""
MAX_DISTINCT = 2_000
"""Columns with more different values are not searched for the words of a question."""
SECONDS = 20.0
CHUNK = 20_000
_FEWEST_NUMBERED = 3


def ask(
    sql: str, columns: Sequence[Column], values: Sequence[Sequence[Any]], asked: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one SELECT over the table ``data``, and return its names and rows.

    Args:
        sql: The query.
        columns: Of the table.
        values: Of each column.
        asked: What was asked, for messages.

    Raises:
        PortViolation: It is no single SELECT, takes too long, or the database refuses it.
    """
    need("duckdb")
    duckdb: Any = import_module("duckdb")
    settings = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",  # FROM some_variable would read this process
        "temp_directory": "",
        "memory_limit": "512MB",
        "threads": "1",
    }
    connection: Any = duckdb.connect(":memory:", config=settings)
    timer = threading.Timer(SECONDS, connection.interrupt)
    try:
        _fill(connection, columns, values)
        connection.execute("SET lock_configuration = true")
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise PortViolation(
                f"{asked[:60]!r} is not one SELECT. Expected a single query that only reads. "
                "Ask for one thing at a time."
            )
        timer.daemon = True
        timer.start()
        connection.execute(statements[0])
        names = [str(each[0]) for each in connection.description]
        return names, connection.fetchmany(MAX_RESULT + 1)
    except duckdb.InterruptException:
        raise PortViolation(
            f"The query ran for more than {SECONDS:.0f} s. Expected a quicker one. Filter first."
        ) from None
    except duckdb.Error as error:
        known = ", ".join(each.name for each in columns[:30])
        raise PortViolation(
            f"The database refused the query: {_first_line(error)}. Expected a SELECT over the "
            f"table 'data' with the columns {known}; files and network are shut off. Correct it."
        ) from error
    finally:
        timer.cancel()
        connection.close()


def _fill(connection: Any, columns: Sequence[Column], values: Sequence[Sequence[Any]]) -> None:
    kinds = [_sql_type(each, column) for each, column in zip(columns, values, strict=True)]
    defined = ", ".join(f"{each.sql} {kind}" for each, kind in zip(columns, kinds, strict=True))
    connection.execute(f"CREATE TABLE data ({defined})")
    count = len(values[0]) if values else 0
    unnested = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
    for start in range(0, count, CHUNK):
        part = [list(each[start : start + CHUNK]) for each in values]
        connection.execute(f"INSERT INTO data SELECT {unnested}", part)


def _sql_type(column: Column, values: Sequence[Any]) -> str:
    if column.kind == "date":
        timed = any(isinstance(each, str) and len(each) > 10 for each in values)
        return "TIMESTAMP" if timed else "DATE"
    if column.kind == "number":
        whole = all(
            isinstance(each, int) and abs(each) < 2**62 for each in values if each is not None
        )
        return "BIGINT" if whole else "DOUBLE"
    return "VARCHAR"


def _counts_rows(held: Sequence[Any]) -> bool:
    """Say whether numbers are those of the rows: 1, 2, 3 … are labels, which nobody adds up."""
    if len(held) < _FEWEST_NUMBERED or not isinstance(held[0], int):
        return False
    return list(held) == list(range(held[0], held[0] + len(held)))


def typed(found: Rows) -> tuple[list[Column], list[list[Any]]]:
    """Return the columns with what is in them, and their values as the database takes them."""
    numeric = found.numeric()
    columns: list[Column] = []
    values: list[list[Any]] = []
    for index, name in enumerate(found.columns):
        cells = found.column(index)
        if index in numeric:
            held = list(numeric[index].values)
            given = [each for each in held if each is not None]
            columns.append(
                Column(
                    name,
                    "number",
                    unique=len(set(held)) == len(held),
                    numbered=index == 0 and _counts_rows(held),
                    whole=all(isinstance(each, int) for each in given),
                    signed=min(given, default=0) < 0 < max(given, default=0),
                    percent=numeric[index].unit == "%",
                    unit=numeric[index].unit,
                    gaps=len(given) < len(held),
                    low=min(given, default=None),
                    high=max(given, default=None),
                )
            )
            values.append(held)
            continue
        texts = [_text(each) for each in cells]
        dated = iso_dates(texts)
        if dated is not None:
            iso, note = dated
            if note:
                found.notes.append(f"{name}: {note}")
            months = len({each[:7] for each in iso if each})
            years = tuple(sorted({int(each[:4]) for each in iso if each}))
            given_days = [each for each in iso if each]
            repeats = len(set(given_days)) < len(given_days)
            columns.append(
                Column(
                    name, "date", years=years[:3], months=months, gaps=None in iso, repeats=repeats
                )
            )
            values.append(list(iso))
            continue
        if (timed := in_seconds(name, texts)) is not None:
            seconds, unit = timed
            told = [each for each in seconds if each is not None]
            columns.append(
                Column(
                    name,
                    "number",
                    unique=len(set(seconds)) == len(seconds),
                    whole=all(isinstance(each, int) for each in told),
                    unit=unit,
                    gaps=len(told) < len(seconds),
                    low=min(told),
                    high=max(told),
                )
            )
            values.append(list(seconds))
            continue
        distinct = tuple(dict.fromkeys(each for each in texts if each))
        few = distinct if len(distinct) <= MAX_DISTINCT else ()
        columns.append(Column(name, "text", few, len(distinct) == len(texts), gaps=None in texts))
        values.append(texts)
    return columns, values


def _text(cell: JSON) -> str | None:
    plain_cell = scalar(cell)
    if plain_cell is None or plain_cell == "":
        return None
    return str(plain_cell).lower() if isinstance(plain_cell, bool) else str(plain_cell)


def as_json(value: Any) -> JSON:
    """Return a database value as JSON; a float without the noise of binary fractions."""
    import datetime as dt
    import decimal
    import math

    if isinstance(value, float):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]

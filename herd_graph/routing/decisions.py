"""Past decisions as a table: one line for each candidate that was considered for a step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from herd_graph import extras
from herd_graph.errors import ConfigError
from herd_graph.recording.store import RunRow
from herd_graph.routing.base import RouteTrace
from herd_graph.routing.feedback import score_of

COLUMNS = {
    "run": "VARCHAR",
    "started": "DOUBLE",
    "router": "VARCHAR",
    "request": "VARCHAR",
    "clause": "VARCHAR",
    "step": "VARCHAR",
    "expert": "VARCHAR",
    "score": "DOUBLE",
    "propensity": "DOUBLE",
    "eligible": "BOOLEAN",
    "chosen": "BOOLEAN",
    "reason": "VARCHAR",
    "evidence": "VARCHAR",
    "confidence": "DOUBLE",
    "registry": "VARCHAR",
    "status": "VARCHAR",
    "usd": "DOUBLE",
    "feedback": "DOUBLE",
}
"""What a line holds, with DuckDB's types. ``evidence`` is JSON."""


def decisions(row: RunRow, trace: RouteTrace) -> list[dict[str, Any]]:
    """Return a line for each candidate of a run."""
    return [
        {
            "run": row.id,
            "started": row.started,
            "router": trace.router,
            "request": trace.request,
            "clause": clause.text,
            "step": clause.step,
            "expert": each.expert,
            "score": each.score,
            "propensity": each.propensity,
            "eligible": each.eligible,
            "chosen": each.chosen,
            "reason": each.reason,
            "evidence": json.dumps(each.evidence, ensure_ascii=False, sort_keys=True),
            "confidence": trace.confidence,
            "registry": trace.registry,
            "status": row.status,
            "usd": row.usd,
            "feedback": _first(score_of(row, clause.step), score_of(row)),
        }
        for clause in trace.clauses
        for each in clause.candidates
    ]


def _first(*values: float | None) -> float | None:
    return next((each for each in values if each is not None), None)


def write(lines: Sequence[dict[str, Any]], path: Path) -> None:
    """Write lines as JSONL or Parquet, by the file's ending.

    Raises:
        ConfigError: The ending is another one, or the file cannot be written.
        MissingExtra: Parquet needs duckdb.
    """
    ending = path.suffix.lower()
    if ending not in {".jsonl", ".parquet"}:
        raise ConfigError(
            f"Decisions cannot be written to {str(path)!r}. Expected a name that ends in .jsonl or "
            ".parquet. Choose one of them."
        )
    try:
        if ending == ".jsonl":
            text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines)
            path.write_text(text, encoding="utf-8")
            return
        _write_parquet(lines, path)
    except OSError as error:
        raise ConfigError(
            f"{str(path)!r} cannot be written: {error.strerror or error}. Expected a folder that is "
            "there and may be written. Correct the path."
        ) from error


def _write_parquet(lines: Sequence[dict[str, Any]], path: Path) -> None:
    duckdb: Any = extras.need("duckdb", "local")
    path.parent.resolve(strict=True)  # DuckDB's own message names neither cause nor cure
    quoted = str(path).replace("'", "''")
    with duckdb.connect(":memory:") as connection:
        typed = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
        connection.execute(f"CREATE TABLE decisions ({typed})")
        if lines:
            marks = ", ".join("?" for _ in COLUMNS)
            connection.executemany(
                f"INSERT INTO decisions VALUES ({marks})",  # noqa: S608 - question marks alone
                [[each[name] for name in COLUMNS] for each in lines],
            )
        connection.execute(f"COPY decisions TO '{quoted}' (FORMAT PARQUET)")


__all__ = ("COLUMNS", "decisions", "write")

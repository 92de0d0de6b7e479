"""How much of past runs is kept: by number, by age, by size; and payloads that nobody refers to.

Deleting a run leaves its payloads, because another run may have the same ones. A sweep then looks
for the sha256 of each payload in everything that is still there (runs, events, checkpoints, and what
these refer to), and deletes those that are named nowhere.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from herd_graph.config import parse_size
from herd_graph.errors import ConfigError
from herd_graph.recording.store import RunStore
from herd_graph.store import FolderStore

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_WORDS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([smhdw])|(second|minute|hour|day|week)s?)")
_COUNT = re.compile(r"(\d+)(?:\s*runs?)?")
_HEX = re.compile(rb"[0-9a-f]{64,}")
_GRACE_S = 3600.0
"""A payload that was written since may belong to a run whose state is not committed yet."""
_LOOKED_INTO = 4 << 20
"""Bytes: larger payloads are no plans or lists of references."""


@dataclass(frozen=True, kw_only=True)
class Keep:
    """What of past runs is kept; everything that is named must hold."""

    runs: int | None = None
    """The newest so many."""
    seconds: float | None = None
    """Those that started within so long."""
    size: int | None = None
    """So many bytes of database and payloads, the newest runs first."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"100"``, ``"30 days"``, ``"2 GB"``, or several with commas. Raises ``ConfigError``."""
        runs = seconds = size = None
        for part in filter(None, (each.strip() for each in text.split(","))):
            if found := _COUNT.fullmatch(part.lower()):
                runs = int(found[1])
            elif found := _AGE.fullmatch(part.lower()):
                seconds = float(found[1]) * _SECONDS[found[2] or _WORDS[found[3]]]
            else:
                try:
                    size = parse_size(part)
                except ConfigError:
                    raise ConfigError(
                        f"{part!r} does not say what to keep. Expected a number of runs, an age or "
                        "a size: '100', '30 days', '2 GB', or several with commas."
                    ) from None
        if runs is seconds is size is None:
            raise ConfigError("Nothing is said of what to keep. Expected '100', '30 days', '2 GB'.")
        return cls(runs=runs, seconds=seconds, size=size)


def parse_age(text: str) -> float:
    """Return the seconds of ``"12h"``, ``"30 days"``. Raises ``ConfigError``."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None:
        raise ConfigError(
            f"{text!r} is no age. Expected a number and s, m, h, d or w: 12h, 30d, '8 weeks'."
        )
    return float(found[1]) * _SECONDS[found[2] or _WORDS[found[3]]]


@dataclass(kw_only=True)
class Pruned:
    """What was deleted."""

    runs: int = 0
    payloads: int = 0
    bytes: int = 0
    """Of payloads."""


def prune(store: RunStore, artifacts: FolderStore | None, keep: Keep) -> Pruned:
    """Delete what is not to be kept. Runs that are going on stay, whatever is asked.

    Args:
        store: The runs.
        artifacts: Their payloads, where they are in a folder of this machine.
        keep: What stays.
    """
    told = Pruned()
    before = None if keep.seconds is None else time.time() - keep.seconds
    if keep.runs is not None or before is not None:
        told.runs = store.prune(keep=keep.runs, before=before)
    if told.runs:
        store.compact()
    _sweep(store, artifacts, told)
    if keep.size is None:
        return told
    while _size(store, artifacts) > keep.size:
        there = int(store.database.read("SELECT count(*) FROM runs")[0][0])
        gone = store.prune(keep=there - max(1, there // 10)) if there else 0
        if not gone:
            break
        told.runs += gone
        store.compact()
        _sweep(store, artifacts, told)
    return told


def _size(store: RunStore, artifacts: FolderStore | None) -> int:
    total = 0
    if store.database.path != ":memory:":
        for suffix in ("", "-wal"):
            with contextlib.suppress(OSError):
                total += Path(f"{store.database.path}{suffix}").stat().st_size
    if artifacts is not None:
        for key in artifacts.keys():  # noqa: SIM118 - the store's own method
            with contextlib.suppress(OSError):
                total += artifacts.local_path(key).stat().st_size
    return total


def _sweep(store: RunStore, artifacts: FolderStore | None, told: Pruned) -> None:
    """Delete payloads that nothing refers to; nothing at all while a run goes on."""
    if artifacts is None:
        return
    if any(row.status == "running" for row in store.list(limit=1000, status="running")):
        return
    latest = time.time() - _GRACE_S
    old: dict[str, int] = {}
    for key in artifacts.keys():  # noqa: SIM118 - the store's own method
        with contextlib.suppress(OSError):
            facts = artifacts.local_path(key).stat()
            if facts.st_mtime < latest:
                old[key] = facts.st_size
    if not old:
        return
    named = _named(store, artifacts)
    for key, size in old.items():
        if key not in named:
            artifacts.delete(key)
            told.payloads += 1
            told.bytes += size


def _named(store: RunStore, artifacts: FolderStore) -> set[str]:
    """Return every sha256 that is named by what is kept, directly or through a payload."""
    there = frozenset(artifacts.keys())
    found: set[str] = set()
    waiting: list[str] = []

    def note(content: bytes) -> None:
        for key in _hashes(content, there):
            if key not in found:
                found.add(key)
                waiting.append(key)

    store.flush()
    with store.database.lock:
        for value in _values(store.database.connection):
            note(value)
    beside = Path(store.database.path).parent
    if store.database.path != ":memory:":
        for path in beside.glob("*.sqlite"):
            if path == Path(store.database.path):
                continue
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as other:
                for value in _values(other):
                    note(value)
    while waiting:
        key = waiting.pop()
        with contextlib.suppress(OSError):
            path = artifacts._path(key)
            if path.stat().st_size <= _LOOKED_INTO:
                note(path.read_bytes())
    return found


def _hashes(content: bytes, there: Collection[str]) -> Iterator[str]:
    """Yield the payloads that a text names.

    What stands beside a hash may look like a part of it: a length, a number, another hash. So every
    place is looked at, however long a run of hexadecimal digits is.
    """
    for each in _HEX.finditer(content):
        text = each.group().decode()
        for at in range(len(text) - 63):
            if (key := text[at : at + 64]) in there:
                yield key


def _values(connection: sqlite3.Connection) -> Iterator[bytes]:
    tables = [
        str(row[0])
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    for table in tables:
        rows: Any = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name it has
        for row in rows:
            for value in row:
                if isinstance(value, bytes) and len(value) >= 64:
                    yield value
                elif isinstance(value, str) and len(value) >= 64:
                    yield value.encode("utf-8", "replace")


__all__ = ("Keep", "Pruned", "parse_age", "prune")

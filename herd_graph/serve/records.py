"""What a server remembers beside the runs: keys, what they used, files, and turns of conversations.

One small SQLite file. What is counted for every request is gathered in memory and written once a
second, so that counting costs a request nothing; a kill loses at most that second.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herd_graph.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, created REAL NOT NULL,
    revoked REAL, requests_per_minute INTEGER, usd_per_day REAL, seconds_per_day REAL
);
CREATE TABLE IF NOT EXISTS usage (
    key TEXT NOT NULL, day TEXT NOT NULL, requests INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0, usd REAL NOT NULL DEFAULT 0, PRIMARY KEY (key, day)
);
CREATE TABLE IF NOT EXISTS turns (hash TEXT PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS turns_by_time ON turns (at);
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL,
    created REAL NOT NULL, purpose TEXT NOT NULL, kind TEXT NOT NULL, mime TEXT NOT NULL,
    content TEXT NOT NULL, herd TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '',
    inline TEXT
);
CREATE INDEX IF NOT EXISTS files_by_key ON files (key, created);
CREATE UNIQUE INDEX IF NOT EXISTS files_made ON files (run, content, name) WHERE run != '';
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Records:
    """One connection and one lock.

    Args:
        path: The SQLite file, or ``:memory:``.

    Raises:
        ConfigError: It cannot be opened.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        try:
            if self.path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, check_same_thread=False, isolation_level=None, timeout=10
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)
            if self.path != ":memory:":
                Path(self.path).chmod(0o600)  # hashes of keys, and the secret that signs links
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(
                f"The server's database {self.path!r} cannot be opened: {error}. Expected a SQLite "
                "file in a folder that may be written. Check HERD_HOME and its permissions."
            ) from error

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """Commit everything inside at once, or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def read(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(sql, tuple(values)).fetchall()

    def secret(self, name: str) -> str:
        """Return a random secret that stays the same for this home."""
        import secrets

        with self.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, secrets.token_hex(32))
            )
            found = connection.execute("SELECT value FROM secrets WHERE name = ?", (name,))
            return str(found.fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()


__all__ = ("Records",)

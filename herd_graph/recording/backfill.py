"""Move what was committed from SQLite's log into the database file, beside those who write.

A commit in WAL mode is one append. Left to itself, SQLite does the rest in whichever commit takes
the log past 4 MB: it syncs the log, copies its pages, syncs the file; 20 to 90 ms on an ordinary
disk, in which every run that is under way waits. Here a thread with a connection of its own does
that, which hinders no writer; only when the log has become long are they held up for a moment, so
that it can be started over.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

STEP = 4 << 20
"""How many bytes of log are moved at a time."""
LONGEST = 32 << 20
"""How long the log may become until writers are held up so that it can be emptied."""
LAST_RESORT_PAGES = 16_384
"""Pages of log (64 MB) after which SQLite does it in a commit after all: the thread lags, or died."""
_COMMITS = 16
"""Commits between looks at the length of the log."""


class Backfill:
    """Keeps the log of one database short.

    Args:
        path: The database's file.
        writing: The lock that everyone of this process holds while writing.
    """

    def __init__(self, path: str, writing: threading.RLock) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._writing = writing
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._commits = 0
        self._next = STEP
        self._closed = False

    def committed(self) -> None:
        """Note a commit, and start to move pages if there are many."""
        self._commits += 1
        if self._commits % _COMMITS:
            return
        size = self._length()
        if size < min(self._next, STEP):
            self._next = STEP  # somebody else emptied it
        elif size >= self._next:
            self._start()

    def wait(self) -> None:
        """Wait until no pages are being moved."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def close(self) -> None:
        """Move nothing any more. The last connection to be closed empties the log by itself."""
        with self._starting:
            self._closed = True
        self.wait()

    def _length(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _start(self) -> None:
        with self._starting:
            if self._closed or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._move, name="herd-backfill", daemon=True)
            self._thread.start()

    def _move(self) -> None:
        # What goes wrong here (no room, a disk that fails) the next commit meets, and tells.
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(
                sqlite3.connect(self._path, isolation_level=None, timeout=0)
            ) as connection,
        ):
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            if self._length() >= LONGEST:
                with self._writing:  # little is left; who reads elsewhere is not waited for
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._next = self._length() + STEP


__all__ = ("Backfill",)

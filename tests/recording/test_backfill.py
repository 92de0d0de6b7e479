"""The log of the run database: moved into the file beside those who write, and nothing of it lost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from herd_graph.recording import backfill
from herd_graph.recording.backfill import LONGEST, STEP
from herd_graph.recording.store import Database

PAYLOAD = 64 << 10


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "herd.sqlite")
    made.connection.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, body BLOB)")
    yield made
    made.close()


def log_of(database: Database) -> int:
    """Return how long the log is, in bytes."""
    return Path(f"{database.path}-wal").stat().st_size


def settle(database: Database) -> None:
    """Wait until no pages are being moved."""
    moving = database._backfill
    assert moving is not None
    moving.wait()


def write(database: Database, count: int, *, first: int = 0, settled: bool = False) -> None:
    """Commit so many notes, one after the other."""
    for number in range(first, first + count):
        with database.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES (?, ?)", (number, os.urandom(PAYLOAD)))
        if settled:
            settle(database)


def test_few_commits_start_no_thread_and_move_nothing(database: Database) -> None:
    write(database, 40)

    assert Path(database.path).stat().st_size < 40 * PAYLOAD < log_of(database) < STEP


def test_a_long_log_is_moved_into_the_file_without_a_commit_that_does_it(
    database: Database,
) -> None:
    count = 2 * STEP // PAYLOAD
    # No commit does it: SQLite would, at its own thousand pages, if it were left to.
    pages = database.connection.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
    write(database, count, settled=True)

    assert pages == backfill.LAST_RESORT_PAGES
    assert Path(database.path).stat().st_size > STEP // 2


def test_the_log_does_not_grow_for_ever(database: Database) -> None:
    longest = 0
    for first in range(0, 5 * LONGEST // 2 // PAYLOAD, 32):
        write(database, 32, first=first)
        settle(database)
        longest = max(longest, log_of(database))

    assert longest < LONGEST + 2 * STEP
    assert log_of(database) < LONGEST


def test_everything_is_there_for_another_connection_and_after_the_end(tmp_path: Path) -> None:
    database = Database(tmp_path / "herd.sqlite")
    database.connection.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, body BLOB)")
    count = 2 * STEP // PAYLOAD
    write(database, count)
    with sqlite3.connect(database.path) as other:
        during = other.execute("SELECT count(*) FROM notes").fetchone()[0]
    other.close()
    database.close()

    with sqlite3.connect(tmp_path / "herd.sqlite") as later:
        after = later.execute("SELECT count(*), min(length(body)) FROM notes").fetchone()
    later.close()

    assert during == count
    assert after == (count, PAYLOAD)


def test_closing_leaves_no_log_behind(tmp_path: Path) -> None:
    database = Database(tmp_path / "herd.sqlite")
    database.connection.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, body BLOB)")
    write(database, 2 * STEP // PAYLOAD)
    database.close()

    assert [path.name for path in tmp_path.iterdir()] == ["herd.sqlite"]


def test_a_reader_elsewhere_keeps_what_it_saw_and_stops_nobody(database: Database) -> None:
    write(database, 1)
    reader = sqlite3.connect(database.path, isolation_level=None)
    reader.execute("BEGIN")
    seen = reader.execute("SELECT count(*) FROM notes").fetchone()[0]

    write(database, (LONGEST + 2 * STEP) // PAYLOAD, first=1, settled=False)
    settle(database)
    still = reader.execute("SELECT count(*) FROM notes").fetchone()[0]
    reader.execute("COMMIT")
    now = reader.execute("SELECT count(*) FROM notes").fetchone()[0]
    reader.close()

    assert seen == still == 1
    assert now == 1 + (LONGEST + 2 * STEP) // PAYLOAD


def test_compacting_gives_the_space_back_also_that_of_the_log(database: Database) -> None:
    write(database, STEP // PAYLOAD)
    with database.transaction() as connection:
        connection.execute("DELETE FROM notes")
    database.compact()

    assert Path(database.path).stat().st_size < 256 << 10
    assert log_of(database) == 0


def test_a_database_in_memory_has_no_log() -> None:
    database = Database(":memory:")
    with database.transaction() as connection:
        connection.execute("SELECT 1")
    database.close()

    assert database._backfill is None

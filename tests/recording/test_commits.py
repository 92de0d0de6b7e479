"""Work that is done together: in order, each for itself, all of it written or told."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from herd_graph.errors import RunError
from herd_graph.recording.commits import GroupCommit, Trail
from herd_graph.recording.store import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "herd.sqlite")
    made.connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    yield made
    made.close()


def _numbers(database: Database) -> list[int]:
    return [row[0] for row in database.read("SELECT n FROM numbers ORDER BY rowid")]


def test_what_waits_is_one_transaction_in_order(database: Database) -> None:
    commits, statements = GroupCommit(database), list[str]()
    gate = threading.Event()

    def write(number: int) -> int:
        database.connection.execute("INSERT INTO numbers VALUES (?)", (number,))
        return number

    async def all_at_once() -> list[int]:
        first = asyncio.ensure_future(commits.do(lambda: int(gate.wait(120)), writes=False))
        await asyncio.sleep(0)
        rest = [asyncio.ensure_future(commits.do(lambda n=n: write(n))) for n in range(1, 51)]
        await asyncio.sleep(0)
        database.connection.set_trace_callback(statements.append)
        gate.set()
        return await asyncio.gather(first, *rest)

    results = asyncio.run(all_at_once())
    database.connection.set_trace_callback(None)

    assert results[1:] == list(range(1, 51))
    assert _numbers(database) == list(range(1, 51))
    assert statements.count("COMMIT") == 1


def test_one_that_fails_takes_nothing_of_the_others(database: Database) -> None:
    commits = GroupCommit(database)

    def write(number: int) -> None:
        database.connection.execute("INSERT INTO numbers VALUES (?)", (number,))
        if number == 2:
            raise ValueError("two")

    async def together() -> list[BaseException | None]:
        jobs = [commits.do(lambda n=n: write(n), lazy=True) for n in (1, 2, 3, 1)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    outcomes = asyncio.run(together())

    assert [type(each).__name__ for each in outcomes] == [
        "NoneType",
        "ValueError",
        "NoneType",
        "IntegrityError",
    ]
    assert _numbers(database) == [1, 3]


def test_lazy_work_is_done_though_nothing_follows(database: Database) -> None:
    commits = GroupCommit(database)

    assert asyncio.run(commits.do(lambda: 7, lazy=True)) == 7


def test_a_commit_that_fails_is_told_to_everybody(database: Database) -> None:
    commits = GroupCommit(database)

    async def together() -> list[object]:
        jobs = [commits.do(database.connection.close, lazy=True) for _ in range(2)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    assert [type(each) for each in asyncio.run(together())] == [RunError, RunError]


def test_a_closed_one_says_so(database: Database) -> None:
    commits = GroupCommit(database)
    asyncio.run(commits.do(lambda: None))
    commits.close()

    with pytest.raises(RunError, match="closed"):
        asyncio.run(commits.do(lambda: None))


def test_several_loops_at_once(database: Database) -> None:
    commits = GroupCommit(database)
    found: list[list[int]] = []

    async def count(start: int) -> list[int]:
        async def one(number: int) -> int:
            return await commits.do(
                lambda: database.connection.execute(
                    "INSERT INTO numbers VALUES (?) RETURNING n", (number,)
                ).fetchone()[0]
            )

        return await asyncio.gather(*(one(start + n) for n in range(100)))

    def run(start: int) -> None:
        found.append(asyncio.run(count(start)))

    threads = [threading.Thread(target=run, args=(start,)) for start in (0, 1000, 2000)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)

    assert sorted(n for each in found for n in each) == sorted(_numbers(database))
    assert len(_numbers(database)) == 300


def test_a_trail_is_written_in_order_without_being_waited_for(database: Database) -> None:
    gate, order = threading.Event(), list[int]()

    def write(number: int) -> None:
        _write(database, number)
        order.append(number)

    async def go_on() -> list[int]:
        trail = Trail(database.commits)
        trail.put(lambda: gate.wait(120))
        for number in (3, 1, 2):
            trail.put(lambda n=number: write(n))
        before = _unlocked(database)
        gate.set()
        await trail.written()
        return before

    assert asyncio.run(go_on()) == []
    assert order == [3, 1, 2]
    assert sorted(_unlocked(database)) == [1, 2, 3]


def test_nothing_is_written_after_what_failed_and_whoever_waits_is_told(database: Database) -> None:
    async def go_on() -> None:
        trail, other = Trail(database.commits), Trail(database.commits)
        for number in (1, 2, 2, 3):
            trail.put(lambda n=number: _write(database, n))
            other.put(lambda n=number: _write(database, n * 10 + len(_numbers(database))))
        await other.written()
        with pytest.raises(sqlite3.IntegrityError):
            await trail.written()
        trail.put(lambda: _write(database, 4))
        with pytest.raises(sqlite3.IntegrityError):
            await trail.written()

    asyncio.run(go_on())

    assert [n for n in _numbers(database) if n < 10] == [1, 2]
    assert len([n for n in _numbers(database) if n >= 10]) == 4


def test_a_trail_whose_commit_fails_tells_it(database: Database) -> None:
    async def go_on() -> None:
        trail = Trail(database.commits)
        trail.put(database.connection.close)
        trail.put(lambda: None)
        with pytest.raises(RunError, match="closed"):
            await trail.written()

    asyncio.run(go_on())


def test_a_trail_with_nothing_on_it_is_written(database: Database) -> None:
    asyncio.run(Trail(database.commits).written())


def _write(database: Database, number: int) -> None:
    database.connection.execute("INSERT INTO numbers VALUES (?)", (number,))


def _unlocked(database: Database) -> list[int]:
    """Return what others see: what is committed."""
    with contextlib.closing(sqlite3.connect(database.path)) as other:
        return [row[0] for row in other.execute("SELECT n FROM numbers")]

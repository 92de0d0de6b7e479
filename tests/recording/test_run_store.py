"""The run store: rows, events, pruning, and databases that cannot be used."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_graph.errors import RunError, RunNotFound
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.events import Event
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import Database, RunRow, RunStore


@expert
async def split(text: str) -> list[str]:
    """Split a text into its words."""
    return text.split()


@expert
async def shout(word: str) -> str:
    """Write a word in capitals."""
    return word.upper()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "deep" / "folder" / "herd.sqlite")
    yield made
    made.close()


@pytest.fixture
def runs(database: Database) -> RunStore:
    return RunStore(database)


def row(name: str, **more: Any) -> RunRow:
    """Return a run that is done."""
    values: dict[str, Any] = {"thread": name, "task": "x", "status": "done", "started": time.time()}
    return RunRow(id=name, **{**values, **more})


def test_a_run_comes_back_as_it_was(runs: RunStore) -> None:
    given = row(
        "r1",
        task="Übersetze „das“ 🐎",
        seconds=1.5,
        usd=0.25,
        calls=3,
        experts=("translate@1",),
        details={"task": {"text": "x"}, "budget": None},
    )
    runs.open(given)

    assert runs.get("r1") == given


def test_details_are_merged(runs: RunStore) -> None:
    runs.open(row("r1", details={"task": 1, "plan": 2}))
    runs.update("r1", status="partial", details={"plan": 3, "answer": 4}, experts=["a@1"])

    found = runs.get("r1")
    assert found.details == {"task": 1, "plan": 3, "answer": 4}
    assert found.status == "partial"
    assert found.experts == ("a@1",)


def test_a_run_is_found_by_a_unique_beginning(runs: RunStore) -> None:
    for name in ("20260101-aaa", "20260101-aab", "20260102-ccc"):
        runs.open(row(name))

    assert runs.get("20260102").id == "20260102-ccc"
    assert runs.get("20260101-aab").id == "20260101-aab"
    with pytest.raises(RunNotFound, match="beginning of several runs: '20260101-aaa'"):
        runs.get("20260101")


@pytest.mark.parametrize("name", ["", "%", "_", "2%", "no-such", "'; DROP TABLE runs; --"])
def test_an_unknown_run_is_said_to_be_unknown(name: str, runs: RunStore) -> None:
    runs.open(row("2026"))

    with pytest.raises(RunNotFound, match="There is no run"):
        runs.get(name)


def test_a_name_that_begins_another_is_itself(runs: RunStore) -> None:
    runs.open(row("r"))
    runs.open(row("r1"))

    assert runs.get("r").id == "r"


def test_the_last_run_is_the_newest(runs: RunStore) -> None:
    with pytest.raises(RunNotFound, match="no runs yet"):
        runs.get("last")
    for name, started in (("b", 2.0), ("c", 3.0), ("a", 1.0), ("d", 3.0)):
        runs.open(row(name, started=started))

    assert runs.get("last").id == "d"
    assert [each.id for each in runs.list()] == ["d", "c", "b", "a"]
    assert [each.id for each in runs.list(limit=2)] == ["d", "c"]
    assert [each.id for each in runs.list(since=2.5)] == ["d", "c"]


def test_runs_are_listed_by_what_they_were(runs: RunStore) -> None:
    runs.open(row("a", thread="t", experts=("ocr@1", "speak@2")))
    runs.open(row("b", thread="t", status="failed"))
    runs.open(row("c", experts=("ocr_plus@1",)))

    assert [each.id for each in runs.list(thread="t")] == ["b", "a"]
    assert [each.id for each in runs.list(status="failed")] == ["b"]
    assert [each.id for each in runs.list(expert="speak")] == ["a"]
    assert [each.id for each in runs.list(expert="ocr@1")] == ["a"]


def test_a_running_run_without_an_owner_was_interrupted(database: Database) -> None:
    runs, leases = RunStore(database), Leases(database)
    runs.open(row("old", status="running", started=time.time() - 60))
    runs.open(row("owned", status="running", started=time.time() - 60))
    runs.open(row("new", status="running"))
    leases.acquire("owned")

    assert runs.get("old").status == "interrupted"
    assert runs.get("owned").status == "running"
    assert runs.get("new").status == "running"  # it has only just begun
    leases.release("owned")
    assert runs.get("owned").status == "interrupted"


def event(run: str, kind: Any = "started", step: str = "s", **data: Any) -> Event:
    """Return an event."""
    return Event(kind=kind, run=run, step=step, data=data)


def test_events_come_back_in_order(runs: RunStore) -> None:
    given = [event("r", "started", f"s{i}", number=i) for i in range(50)]
    for each in given:
        runs.log(each)

    assert runs.events("r") == given
    assert runs.events("r", step="s7") == [given[7]]
    assert runs.events("other") == []


def test_tokens_are_not_kept(runs: RunStore) -> None:
    runs.log(event("r", "token", text="a"))
    runs.log(event("r", "progress", fraction=0.5))
    runs.log(event("r", "finished"))

    assert [each.kind for each in runs.events("r")] == ["finished"]


def test_what_is_forgotten_is_not_written(runs: RunStore) -> None:
    runs.log(event("mine"))
    runs.log(event("theirs"))
    runs.forget("theirs")
    runs.flush()

    assert len(runs.events("mine")) == 1
    assert runs.events("theirs") == []


def _break() -> None:
    raise ZeroDivisionError


def test_a_flush_inside_a_transaction_belongs_to_it(database: Database, runs: RunStore) -> None:
    runs.log(event("r"))
    with contextlib.suppress(ZeroDivisionError), database.transaction():
        runs.flush()
        _break()

    assert database.read("SELECT count(*) FROM events") == [(0,)]


def test_a_transaction_is_all_or_nothing(database: Database, runs: RunStore) -> None:
    with contextlib.suppress(ZeroDivisionError), database.transaction():
        runs.open(row("a"))
        with database.transaction():
            runs.open(row("b"))
        _break()
    runs.open(row("c"))

    assert [each.id for each in runs.list()] == ["c"]


def test_many_threads_write_at_once(database: Database, runs: RunStore) -> None:
    def write(name: str) -> None:
        for number in range(20):
            runs.open(row(f"{name}-{number}"))
            runs.log(event(f"{name}-{number}"))
            runs.flush()

    threads = [threading.Thread(target=write, args=(f"t{i}",)) for i in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert database.read("SELECT count(*) FROM runs") == [(160,)]
    assert database.read("SELECT count(*) FROM events") == [(160,)]


@settings(max_examples=25)
@given(
    statuses=st.lists(st.sampled_from(("done", "failed", "running", "waiting")), max_size=12),
    keep=st.integers(0, 6),
)
def test_pruning_keeps_the_newest_and_what_goes_on(statuses: list[Any], keep: int) -> None:
    runs = RunStore(Database(":memory:"))
    for number, status in enumerate(statuses):
        runs.open(row(f"r{number}", status=status, started=float(number)))
        runs.log(event(f"r{number}"))

    deleted = runs.prune(keep=keep)

    idle = [number for number, status in enumerate(statuses) if status != "running"]
    gone = set(idle[: max(0, len(idle) - keep)])
    left = [f"r{number}" for number in reversed(range(len(statuses))) if number not in gone]
    assert deleted == len(gone)
    assert [each.id for each in runs.list()] == left
    assert all(len(runs.events(name)) == 1 for name in left)
    assert all(runs.events(f"r{number}") == [] for number in gone)


def test_pruning_by_age(runs: RunStore) -> None:
    runs.open(row("old", started=100.0))
    runs.open(row("new", started=200.0))

    assert runs.prune(before=150.0) == 1
    assert [each.id for each in runs.list()] == ["new"]


def test_a_thread_keeps_its_checkpoints_while_a_run_of_it_is_left(database: Database) -> None:
    runs = RunStore(database)
    database.connection.execute("CREATE TABLE checkpoints (thread_id TEXT)")
    database.connection.execute("INSERT INTO checkpoints VALUES ('talk'), ('alone')")
    runs.open(row("a", thread="talk", started=1.0))
    runs.open(row("b", thread="alone", started=2.0))
    runs.open(row("c", thread="talk", started=3.0))

    runs.prune(keep=1)
    assert database.read("SELECT thread_id FROM checkpoints") == [("talk",)]

    runs.prune(keep=0)
    assert database.read("SELECT thread_id FROM checkpoints") == []


def test_space_is_given_back(database: Database, runs: RunStore) -> None:
    for number in range(50):
        runs.open(row(f"r{number}", details={"answer": "x" * 20_000}))
    database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = Path(database.path).stat().st_size
    runs.prune(keep=1)
    runs.compact()
    database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert Path(database.path).stat().st_size < before / 5


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "herd.sqlite"
    path.write_bytes(b"this is no database" * 100)

    with pytest.raises(RunError, match=r"herd\.sqlite' cannot be opened.*Check HERD_HOME"):
        Database(path)


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "herd.sqlite").mkdir()

    with pytest.raises(RunError, match="cannot be opened"):
        Database(tmp_path / "herd.sqlite")


def test_two_processes_may_read_and_write(tmp_path: Path) -> None:
    first, second = (RunStore(Database(tmp_path / "herd.sqlite")) for _ in range(2))
    first.open(row("a"))
    second.open(row("b"))

    assert [each.id for each in first.list()] == ["b", "a"]
    assert sqlite3.connect(tmp_path / "herd.sqlite").execute("PRAGMA journal_mode").fetchone() == (
        "wal",
    )
    first.database.close()
    second.database.close()


def test_a_run_is_found_by_the_index_however_many_there_are(
    runs: RunStore, database: Database
) -> None:
    runs.open(row("20260101-aaa"))
    said: list[str] = []
    database.connection.set_trace_callback(said.append)
    runs.get("20260101-aaa")
    runs.get("20260101")
    database.connection.set_trace_callback(None)

    plans = [database.read(f"EXPLAIN QUERY PLAN {each}") for each in said]
    assert plans
    assert not [step for plan in plans for step in plan if step[3].startswith("SCAN")]


def test_a_run_through_a_list_counts_the_list_as_a_step(tmp_path: Path) -> None:
    plan = Plan.parse(
        {
            "steps": [
                {"id": "s1", "expert": "split", "inputs": {"text": {"value": "a b"}}},
                {
                    "id": "s2",
                    "expert": "shout",
                    "foreach": {"step": "s1"},
                    "inputs": {"word": {"item": True}},
                },
            ]
        }
    )
    with Herd(split, shout, home=tmp_path) as herd:
        run = herd.run(plan)
        ended = [each.step for each in run.events() if each.kind == "finished"]

        assert herd.runs is not None
        assert herd.runs.progress([run.id]) == {run.id: (2, 2)}

    # The items run at once: which of them ends first is luck.
    assert [ended[0], *sorted(ended[1:-1]), ended[-1]] == ["s1", "s2[0]", "s2[1]", "s2"]

"""One owner at a time: refused while it lives, taken over at once when it is dead, fenced if not."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from herd_graph.errors import RunFenced, RunOwned
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import Database, process_lives, process_token
from herd_graph.runs import Run
from herd_graph.testing import After, FakeRouter, run_virtual, scripted


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Leases, Leases]]:
    """Two owners over one database, as two processes (or two herds) have it."""
    databases = [Database(tmp_path / "herd.sqlite") for _ in range(2)]
    yield Leases(databases[0]), Leases(databases[1])
    for each in databases:
        each.close()


def bury(leases: Leases, thread: str) -> None:
    """Make a lease look like that of a process that is gone."""
    host = process_token().partition(":")[0]
    with leases.database.transaction() as connection:
        connection.execute(
            "UPDATE leases SET owner = ? WHERE thread = ?", (f"{host}:1:1#dead", thread)
        )


def test_a_second_owner_is_refused(two: tuple[Leases, Leases]) -> None:
    first, second = two
    first.acquire("t")

    with pytest.raises(RunOwned, match=r"Thread 't' is being run by process \d+"):
        second.acquire("t")
    with pytest.raises(RunOwned):
        second.check("t")
    with pytest.raises(RunOwned), second.database.transaction():
        second.fence("t")


def test_other_threads_are_free(two: tuple[Leases, Leases]) -> None:
    first, second = two
    first.acquire("t")
    second.acquire("u")

    assert first.owns("t")
    assert second.owns("u")
    assert not second.owns("t")


def test_the_next_owner_comes_after_a_release(two: tuple[Leases, Leases]) -> None:
    first, second = two
    first.acquire("t")
    first.release("t")
    second.acquire("t")

    assert second.owns("t")
    first.release("t")  # what it does not hold any more it cannot give away
    assert second.owns("t")


def test_the_same_process_is_refused_too_unless_it_shares(two: tuple[Leases, Leases]) -> None:
    first, second = two
    first.acquire("t")
    with pytest.raises(RunOwned, match="this process"):
        first.acquire("t")
    first.acquire("t", share=True)

    first.release("t")
    with pytest.raises(RunOwned):
        second.acquire("t")
    first.release("t")
    second.acquire("t")


def test_a_dead_owner_is_taken_over_at_once(two: tuple[Leases, Leases]) -> None:
    first, second = two
    first.acquire("t")
    bury(first, "t")

    second.check("t")
    second.acquire("t")

    assert second.owns("t")


def test_an_old_owner_is_fenced_everywhere(two: tuple[Leases, Leases]) -> None:
    first, second = two
    first.acquire("t")
    bury(first, "t")
    second.acquire("t")

    assert not first.owns("t")
    with pytest.raises(RunFenced, match="no longer owns thread 't'"):
        first.renew("t")
    with pytest.raises(RunFenced), first.database.transaction():
        first.fence("t")
    first.release("t")
    assert second.owns("t")


def test_a_lease_that_nobody_renews_runs_out(tmp_path: Path) -> None:
    database = Database(tmp_path / "herd.sqlite")
    hung, other = Leases(database, seconds=-1.0), Leases(database)
    hung.acquire("t")

    other.acquire("t")

    assert other.owns("t")
    database.close()


def test_the_heart_beats_a_third_of_the_time(tmp_path: Path) -> None:
    database = Database(tmp_path / "herd.sqlite")
    leases = Leases(database, seconds=30.0)
    leases.acquire("t")

    async def live() -> list[float]:
        heart = asyncio.create_task(leases.keep("t"))
        seen: list[float] = []
        for _ in range(3):
            database.connection.execute("UPDATE leases SET until = 1")
            await asyncio.sleep(10.5)
            seen += [row[0] for row in database.read("SELECT until FROM leases")]
        heart.cancel()
        return seen

    seen, _ = run_virtual(live(), allow_leaks=True)

    assert all(until > time.time() + 20 for until in seen)
    database.close()


def test_a_locked_database_does_not_stop_the_heart(tmp_path: Path) -> None:
    database = Database(tmp_path / "herd.sqlite")
    database.connection.execute("PRAGMA busy_timeout = 10")
    leases = Leases(database, seconds=30.0)
    leases.acquire("t")
    other = sqlite3.connect(tmp_path / "herd.sqlite", isolation_level=None)

    async def live() -> float:
        heart = asyncio.create_task(leases.keep("t"))
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(10.5)
        other.execute("UPDATE leases SET until = 1")
        other.execute("COMMIT")
        await asyncio.sleep(10.5)
        heart.cancel()
        return database.read("SELECT until FROM leases")[0][0]

    until, _ = run_virtual(live(), allow_leaks=True)

    assert until > time.time()
    other.close()
    database.close()


def test_a_process_is_told_from_a_later_one_of_the_same_number() -> None:
    host, pid, start = process_token().split(":")

    assert process_lives(f"{host}:{pid}:{start}")
    assert not process_lives(f"{host}:{pid}:{int(start) + 1}")
    assert not process_lives(f"{host}:{2**22 + 1}:1")
    assert process_lives(f"elsewhere:{pid}:1")


def test_a_killed_process_is_dead_before_its_parent_notices() -> None:
    """A zombie has a number and a start time, and will never write again."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    host = process_token().partition(":")[0]
    stat = Path(f"/proc/{child.pid}/stat")
    started = stat.read_text().rpartition(")")[2].split()[19]
    token = f"{host}:{child.pid}:{started}"
    assert process_lives(token)

    child.kill()
    while stat.read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)

    assert not process_lives(token)
    child.wait()


CHILD = """
    import os, sys, time
    from herd_graph import Herd, Plan, expert
    from herd_graph.testing import FakeRouter

    log = os.open(sys.argv[2], os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    @expert
    def work(text: str) -> str:
        '''Work until the file says so.'''
        os.write(log, f"{text}\\n".encode())
        while text == "wait" and not os.path.exists(sys.argv[3]):
            time.sleep(0.01)
        return text + "!"

    herd = Herd(work, home=sys.argv[1], router=FakeRouter(Plan()))
    if __name__ == "__main__":
        plan = Plan.parse({"steps": [
            {"id": "a", "expert": "work", "inputs": {"text": {"value": "first"}}},
            {"id": "b", "expert": "work", "inputs": {"text": {"value": "wait"}}, "after": ["a"]},
            {"id": "c", "expert": "work", "inputs": {"text": {"step": "b"}}}]})
        try:
            run = herd.run(plan) if sys.argv[4] == "run" else herd.resume(sys.argv[4])
            print(run.status, run.answer.text)
        except Exception as error:
            print(type(error).__name__)
            sys.exit(1)
"""


@contextlib.contextmanager
def child(folder: Path, what: str) -> Generator[subprocess.Popen[str]]:
    """Run or resume in a process of its own."""
    script = folder / "child.py"
    script.write_text(textwrap.dedent(CHILD))
    names = [str(folder / name) for name in ("home", "log", "go")]
    process = subprocess.Popen(
        [sys.executable, str(script), *names, what], stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def calls(folder: Path) -> Counter[str]:
    """Return who was called, over all processes."""
    log = folder / "log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


def until_waiting(folder: Path, process: subprocess.Popen[str], times: int = 1) -> None:
    """Return when a process has come to the step that waits."""
    while calls(folder)["wait"] < times:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_a_second_resume_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    with child(tmp_path, "run") as first:
        until_waiting(tmp_path, first)
        with child(tmp_path, "last") as second:
            said, _ = second.communicate(timeout=300)
        (tmp_path / "go").touch()
        answer, _ = first.communicate(timeout=300)

    assert said.strip() == "RunOwned"
    assert second.returncode == 1
    assert answer.strip() == "done wait!!"
    assert calls(tmp_path) == {"first": 1, "wait": 1, "wait!": 1}
    with Herd(home=tmp_path / "home", router=FakeRouter(Plan())) as herd:
        assert herd.get("last").status == "done"


def test_a_killed_owner_is_taken_over_at_once(tmp_path: Path) -> None:
    with child(tmp_path, "run") as first:
        until_waiting(tmp_path, first)
        first.send_signal(signal.SIGKILL)
        first.wait()
    (tmp_path / "go").touch()
    with child(tmp_path, "last") as second:
        answer, _ = second.communicate(timeout=300)

    assert answer.strip() == "done wait!!"
    assert calls(tmp_path) == {"first": 1, "wait": 2, "wait!": 1}


def test_an_owner_that_was_taken_for_dead_is_fenced(tmp_path: Path) -> None:
    """It slept too long: another one resumed the run, and it may write nothing any more."""
    with child(tmp_path, "run") as old:
        until_waiting(tmp_path, old)
        old.send_signal(signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(tmp_path / "home" / "herd.sqlite")) as found:
            found.execute("UPDATE leases SET until = 0")
            found.commit()
        with child(tmp_path, "last") as new:
            until_waiting(tmp_path, new, times=2)
            old.send_signal(signal.SIGCONT)
            (tmp_path / "go").touch()
            said, _ = old.communicate(timeout=300)
            answer, _ = new.communicate(timeout=300)

    assert said.strip() == "RunFenced"
    assert answer.strip() == "done wait!!"
    assert calls(tmp_path)["first"] == 1
    with Herd(home=tmp_path / "home", router=FakeRouter(Plan())) as herd:
        run = herd.get("last")
        assert run.status == "done"
        assert "error" not in run.row.details
        assert Counter(event.kind for event in run.events())["ended"] == 1
        with contextlib.closing(sqlite3.connect(tmp_path / "home" / "herd.sqlite")) as found:
            (forks,) = found.execute(
                "SELECT count(*) FROM (SELECT 1 FROM checkpoints WHERE parent_checkpoint_id "
                "NOT NULL GROUP BY parent_checkpoint_id HAVING count(*) > 1)"
            ).fetchone()
        assert forks == 0


def test_a_stolen_lease_stops_the_run_here(tmp_path: Path) -> None:
    plan = Plan.parse(
        {
            "steps": [
                {"id": "a", "expert": "slow", "inputs": {"text": {"value": "x"}}},
                {"id": "b", "expert": "slow", "inputs": {"text": {"step": "a"}}},
            ]
        }
    )
    slow = scripted("slow", script=[After(20.0, "y")], repeat=True)

    async def story(herd: Herd) -> Any:
        handle = await herd.astart(plan)
        await asyncio.sleep(5)
        thief = Leases(Database(tmp_path / "herd.sqlite"))
        assert herd.engine.leases is not None
        bury(herd.engine.leases, handle.id)
        thief.acquire(handle.id)
        ended: Run | BaseException
        try:
            ended = await handle
        except RunFenced as error:
            ended = error
        assert thief.owns(handle.id)
        thief.database.close()
        return ended

    with Herd(slow, home=tmp_path, router=FakeRouter(Plan())) as herd:
        ended, _ = run_virtual(story(herd))

        assert isinstance(ended, RunFenced)
        assert len(slow.calls) == 1
        assert slow.running == 0
        # The row is the thief's to write: what it says of the run was not touched.
        (stored,) = herd._database.read("SELECT status FROM runs")
        assert stored == ("running",)

"""What is kept in HERD's home folder: artifacts, runs, the capability index."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from herd_graph.artifacts.base import human_size
from herd_graph.config import Config
from herd_graph.doctor.findings import Finding

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.recording.store import RunStore

_LOOK_BACK = 200
"""How many runs are looked at for experts that keep failing."""
_FAILURES = 3


def home_folder(config: Config) -> Iterable[Finding]:
    """Check that the home folder can be written, and how much it holds."""
    home = config.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"herd")
    except OSError as error:
        yield Finding(
            name="home",
            level="fail",
            detail=f"{home} cannot be written: {error.strerror or error}",
            fix="Change its permissions, or set HERD_HOME to a folder that you may write.",
        )
        return
    yield Finding(name="home", level="ok", detail=f"{home} ({human_size(_size(home))})")


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # deleted meanwhile
            if path.is_file() and not path.is_symlink():
                total += path.stat().st_size
    return total


def _is_whole(path: Path) -> str:
    """Return what SQLite's own check finds wrong with a database; empty for nothing."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if said == "ok" else said


def database(config: Config) -> Iterable[Finding]:
    """Check the database of runs and checkpoints."""
    path = config.database
    if not path.exists():
        yield Finding(name="runs", level="ok", detail="none yet")
        return
    wrong = _is_whole(path)
    if wrong:
        yield Finding(
            name="runs",
            level="fail",
            detail=f"{path} is damaged: {wrong}",
            fix=f"Move it away to start afresh: mv {path} {path}.damaged",
        )
        return
    with run_store(config) as store:
        count = store.database.read("SELECT count(*) FROM runs")[0][0]
    yield Finding(
        name="runs", level="ok", detail=f"{count} in {path} ({human_size(path.stat().st_size)})"
    )


def stuck_runs(config: Config) -> Iterable[Finding]:
    """Find runs that nobody works on any more, and those that wait for a person."""
    with run_store(config) as store:
        stuck = [
            row for row in store.list(limit=1000, status="running") if not _owned(store, row.thread)
        ]
        waiting = store.list(limit=1000, status="waiting")
    for row in stuck[:5]:
        yield Finding(
            name="stuck run",
            level="warn",
            detail=f"{row.id} says that it is running, and no process runs it",
            fix=f"Go on with it: herd resume {row.id}",
        )
    if len(stuck) > 5:
        yield Finding(
            name="stuck run",
            level="warn",
            detail=f"{len(stuck) - 5} more",
            fix="herd runs list --status running",
        )
    if waiting:
        yield Finding(
            name="waiting runs",
            level="ok",
            detail=f"{len(waiting)} wait for approval, the latest is {waiting[0].id}",
            fix=f"herd resume {waiting[0].id}",
        )
    if not stuck and not waiting:
        yield Finding(name="stuck runs", level="ok", detail="none")


def _owned(store: RunStore, thread: str) -> bool:
    from herd_graph.recording.store import now, process_lives

    found = store.database.read("SELECT owner, until FROM leases WHERE thread = ?", (thread,))
    if not found or not found[0][0]:
        return False
    owner, until = str(found[0][0]), float(found[0][1])
    return until > now() and process_lives(owner.rpartition("#")[0])


def failing_experts(config: Config) -> Iterable[Finding]:
    """Find experts whose latest calls all failed.

    Circuit breakers live in the process that makes the calls; what they saw is in the event log.
    """
    failures: dict[str, int] = {}
    last_error: dict[str, str] = {}
    settled: set[str] = set()
    with run_store(config) as store:
        for row in store.list(limit=_LOOK_BACK):
            for event in reversed(store.events(row.id)):
                expert = str(event.data.get("expert") or "")
                if event.kind != "attempt" or not expert or expert in settled:
                    continue
                if event.data.get("ok"):
                    settled.add(expert)
                else:
                    failures[expert] = failures.get(expert, 0) + 1
                    last_error.setdefault(expert, str(event.data.get("error") or ""))
    bad = {expert: count for expert, count in failures.items() if count >= _FAILURES}
    for expert, count in sorted(bad.items()):
        yield Finding(
            name=f"breaker {expert}",
            level="warn",
            detail=f"its last {count} calls failed; the last error: {last_error[expert]}",
            fix=f"herd experts check {expert}",
        )
    if not bad:
        yield Finding(name="breakers", level="ok", detail="closed: no expert keeps failing")


def index(config: Config) -> Iterable[Finding]:
    """Check the database behind the capability index."""
    path = config.home / "index" / "chroma" / "chroma.sqlite3"
    if not path.exists():
        yield Finding(name="index", level="ok", detail="not made yet; it is on first use")
        return
    wrong = _is_whole(path)
    if wrong:
        yield Finding(
            name="index",
            level="warn",
            detail=f"is damaged: {wrong}",
            fix=f"It is made anew when it is deleted: rm -r {config.home / 'index'}",
        )
    else:
        detail = f"{path.parent.parent} ({human_size(_size(path.parent.parent))})"
        yield Finding(name="index", level="ok", detail=detail)


def live(herd: Herd) -> Iterable[Finding]:
    """Look at a herd that is at work: breakers, loaded models, threads that were left."""
    from herd_graph.threads import left_running

    states = herd.breakers.states()
    for each in states:
        if each.state != "closed":
            wait = f", tried again in {each.retry_in_s:.0f} s" if each.retry_in_s else ""
            yield Finding(
                name=f"breaker {each.expert}",
                level="warn",
                detail=f"{each.state} after {each.failures} failures{wait}: {each.last_error}",
                fix=f"herd experts check {each.expert}",
            )
    if all(each.state == "closed" for each in states):
        yield Finding(name="breakers", level="ok", detail="all closed")
    loaded = herd.residency.loaded()
    held = sum(each.memory_bytes for each in loaded)
    names = ", ".join(each.expert for each in loaded) or "none"
    yield Finding(name="loaded", level="ok", detail=f"{names} ({human_size(held)})")
    left = left_running()
    if left:
        yield Finding(
            name="threads",
            level="warn",
            detail=f"left running after a timeout: {', '.join(left)}",
            fix="A thread cannot be killed: declare the expert with isolate='process'.",
        )


@contextlib.contextmanager
def run_store(config: Config) -> Generator[RunStore]:
    """Open the stored runs; an empty store where there are none, so that looking leaves no file."""
    from herd_graph.recording.store import Database, RunStore

    there = config.database.exists()
    opened = Database(config.database if there else ":memory:")
    try:
        yield RunStore(opened)
    finally:
        opened.close()

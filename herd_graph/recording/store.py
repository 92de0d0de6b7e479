"""The run store: which runs there are, what happened in them, and who may write to them.

One SQLite database in WAL mode holds it beside LangGraph's checkpoints, so that the fence of a
lease, a checkpoint and the events of the same step are one transaction. Writing survives the death
of the process; the last moments before a power cut may be lost (``synchronous=NORMAL``).
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from herd_graph.errors import RunError, RunNotFound
from herd_graph.recording.backfill import LAST_RESORT_PAGES, Backfill
from herd_graph.recording.commits import GroupCommit
from herd_graph.recording.events import TRANSIENT, Event
from herd_graph.types import JSON, RunStatus

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, thread TEXT NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL,
    started REAL NOT NULL, seconds REAL NOT NULL DEFAULT 0, usd REAL NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0, experts TEXT NOT NULL DEFAULT '[]',
    details TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS runs_by_start ON runs (started);
CREATE INDEX IF NOT EXISTS runs_by_thread ON runs (thread, started);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, run TEXT NOT NULL, step TEXT NOT NULL, kind TEXT NOT NULL,
    at REAL NOT NULL, data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_run ON events (run, seq);
CREATE TABLE IF NOT EXISTS leases (
    thread TEXT PRIMARY KEY, epoch INTEGER NOT NULL, owner TEXT NOT NULL, until REAL NOT NULL
);
"""


class Database:
    """One connection, one lock, explicit transactions: shared by run store and checkpointer."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        if self.path != ":memory:":
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._depth = 0
        self._backfill = None if self.path == ":memory:" else Backfill(self.path, self.lock)
        self.commits = GroupCommit(self)
        """Does what event loops want done. Whoever takes the lock beside it stands in its way."""
        try:
            self.connection = sqlite3.connect(
                self.path, check_same_thread=False, isolation_level=None, timeout=30
            )
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=NORMAL")
            self.connection.execute(f"PRAGMA wal_autocheckpoint={LAST_RESORT_PAGES}")
            self.connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise RunError(
                f"The run database {self.path!r} cannot be opened: {error}. Expected a SQLite file "
                "in a folder that may be written. Check HERD_HOME, free space and permissions, or "
                "move the file away to start afresh."
            ) from error

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """Commit everything inside at once, or nothing. May be nested."""
        with self.lock:
            if self._depth:
                yield self.connection
                return
            with self._telling():
                self.connection.execute("BEGIN IMMEDIATE")
                self._depth = 1
                try:
                    yield self.connection
                    self.connection.execute("COMMIT")
                except BaseException:
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    raise
                finally:
                    self._depth = 0
                if self._backfill is not None:
                    self._backfill.committed()

    @contextmanager
    def _telling(self) -> Generator[None, None, None]:
        """Say in words what SQLite says in codes, where a person can do something about it."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" not in str(error):
                raise
            raise RunError(
                "This herd was closed. Expected an open one. Make a new Herd, or close it later."
            ) from error
        except sqlite3.OperationalError as error:
            if not any(word in str(error) for word in ("full", "readonly", "disk I/O")):
                raise
            raise RunError(
                f"The run database {self.path!r} cannot be written: {error}. What was committed is "
                "kept. Make room on that disk (herd runs prune), or point HERD_HOME elsewhere, and "
                "resume."
            ) from error

    def read(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self.lock, self._telling():
            return self.connection.execute(sql, tuple(values)).fetchall()

    def compact(self) -> None:
        """Give the space of what was deleted back to the disk."""
        if self._backfill is not None:
            self._backfill.wait()  # two cannot empty the log at once
        with self.lock:
            self.connection.execute("VACUUM")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection."""
        self.commits.close()
        if self._backfill is not None:
            self._backfill.close()
        with self.lock:
            self.connection.close()


_LAST_CHARACTER = "\U0010ffff"
STARTING_S = 10.0
"""How long a run may be without a lease because it has only just begun."""


class RunRow(BaseModel):
    """One run, as the store lists it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    thread: str
    task: str
    status: RunStatus
    started: float
    """Seconds since the epoch."""
    seconds: float = 0.0
    usd: float = 0.0
    calls: int = 0
    experts: tuple[str, ...] = ()
    details: dict[str, JSON] = {}
    """What resuming and explaining need: the task, the budget, the plan and the answer."""

    @property
    def confidence(self) -> float | None:
        """How sure the least sure part of the answer is; None where none says."""
        answer = self.details.get("answer")
        parts = answer.get("parts") if isinstance(answer, dict) else None
        told = parts if isinstance(parts, list) else []
        sure = [each.get("confidence") for each in told if isinstance(each, dict)]
        return min((float(each) for each in sure if isinstance(each, int | float)), default=None)


_UNSURE = (
    "EXISTS (SELECT 1 FROM json_each(details, '$.answer.parts') "
    "WHERE json_extract(value, '$.confidence') < ?)"
)


def _as_named(expert: str | None) -> str | None:
    """Return an expert as the column has it: ``"name@1"``; without a version, any of them."""
    if expert is None:
        return None
    return f'"{expert}"' if "@" in expert else f'"{expert}@'


_COLUMNS = "id, thread, task, status, started, seconds, usd, calls, experts, details"


def _parse(values: tuple[Any, ...]) -> RunRow:
    row: dict[str, Any] = dict(zip(RunRow.model_fields, values, strict=True))
    row["experts"], row["details"] = json.loads(row["experts"]), json.loads(row["details"])
    return RunRow.model_validate(row)


class RunStore:
    """Runs and their events. Bounded: ``prune`` keeps the newest."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._buffer: list[Event] = []
        self._buffer_lock = threading.Lock()

    def open(self, row: RunRow) -> None:
        """Write a new run down."""
        with self.database.transaction() as connection:
            connection.execute(
                f"INSERT INTO runs ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
                (
                    row.id,
                    row.thread,
                    row.task,
                    row.status,
                    row.started,
                    row.seconds,
                    row.usd,
                    row.calls,
                    json.dumps(row.experts),
                    json.dumps(row.details, ensure_ascii=False),
                ),
            )

    def update(self, run: str, *, details: dict[str, JSON] | None = None, **values: Any) -> None:
        """Change columns of a run; ``details`` are merged into what is there."""
        if "experts" in values:
            values["experts"] = json.dumps(values["experts"])
        with self.database.transaction() as connection:
            if details:
                found = connection.execute("SELECT details FROM runs WHERE id = ?", (run,))
                there = found.fetchone()
                merged = {**json.loads(there[0] if there else "{}"), **details}
                values["details"] = json.dumps(merged, ensure_ascii=False)
            if values:
                columns = ", ".join(f"{name} = ?" for name in values)
                connection.execute(
                    f"UPDATE runs SET {columns} WHERE id = ?",  # noqa: S608 - our own names
                    (*values.values(), run),
                )

    def get(self, run: str) -> RunRow:
        """Return a run by its id, a unique beginning of it, or ``last``. Raises ``RunNotFound``."""
        if run == "last":
            found = self.database.read(
                f"SELECT {_COLUMNS} FROM runs ORDER BY started DESC, rowid DESC LIMIT 1"  # noqa: S608
            )
            if not found:
                raise RunNotFound("There are no runs yet. Start one: herd run 'TASK'.")
        else:
            # By the index: LIKE would walk all runs that there ever were, several times a request.
            found = self.database.read(
                f"SELECT {_COLUMNS} FROM runs WHERE id = ?",  # noqa: S608
                (run,),
            ) or self.database.read(
                f"SELECT {_COLUMNS} FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT 3",  # noqa: S608
                (run, f"{run}{_LAST_CHARACTER}"),
            )
        if run and found and (found[0][0] == run or len(found) == 1 or run == "last"):
            return self._row(found[0])
        if run and found:
            several = ", ".join(repr(each[0]) for each in found)
            raise RunNotFound(f"{run!r} is the beginning of several runs: {several} … Give more.")
        raise RunNotFound(f"There is no run {run!r}. List them with: herd runs list.")

    def _row(self, values: tuple[Any, ...]) -> RunRow:
        """Return a row; a run whose owner is dead was interrupted, whatever it last wrote."""
        row = _parse(values)
        if row.status != "running" or self.database.path == ":memory:":
            return row
        lease = self.database.read(
            "SELECT owner, until FROM leases WHERE thread = ?", (row.thread,)
        )
        fresh = now() - row.started < STARTING_S
        owned = bool(lease) and lease[0][0] != "" and lease[0][1] > now()
        if (owned and process_lives(str(lease[0][0]).rpartition("#")[0])) or (not lease and fresh):
            return row
        return row.model_copy(update={"status": "interrupted"})

    def list(
        self,
        *,
        limit: int = 20,
        status: str | None = None,
        thread: str | None = None,
        expert: str | None = None,
        since: float | None = None,
        below: float | None = None,
    ) -> list[RunRow]:
        """Return runs, the newest first.

        Args:
            limit: How many at most.
            status: Only those that stand so.
            thread: Only those of this conversation.
            expert: Only those that used it: a name, or a name with its version.
            since: Only those that started since, in seconds since the epoch.
            below: Only those with a part of the answer that is less sure than this.
        """
        conditions, values = ["1"], cast("list[Any]", [])
        for condition, value in (
            ("status = ?", status),
            ("thread = ?", thread),
            ("started >= ?", since),
            ("instr(experts, ?) > 0", _as_named(expert)),
            (_UNSURE, below),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        found = self.database.read(
            f"SELECT {_COLUMNS} FROM runs WHERE {' AND '.join(conditions)} "  # noqa: S608
            "ORDER BY started DESC, rowid DESC LIMIT ?",
            (*values, limit),
        )
        return [self._row(each) for each in found]

    def log(self, event: Event) -> None:
        """Keep an event for the next write; tokens and progress are not kept."""
        if event.kind not in TRANSIENT:
            with self._buffer_lock:
                self._buffer.append(event)

    def flush(self) -> None:
        """Write what was logged; inside a transaction it becomes part of that one."""
        with self._buffer_lock:
            events, self._buffer = self._buffer, []
        if not events:
            return
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO events (run, step, kind, at, data) VALUES (?,?,?,?,?)",
                [
                    (e.run, e.step, e.kind, e.at, json.dumps(e.data, ensure_ascii=False))
                    for e in events
                ],
            )

    def forget(self, run: str) -> None:
        """Drop what was logged of a run and not written: it belongs to another process now."""
        with self._buffer_lock:
            self._buffer = [event for event in self._buffer if event.run != run]

    def events(self, run: str, *, step: str | None = None) -> list[Event]:
        """Return a run's events in order, of one step if it is named."""
        self.flush()
        clause, values = ("AND step = ?", (run, step)) if step is not None else ("", (run,))
        found = self.database.read(
            f"SELECT run, step, kind, at, data FROM events WHERE run = ? {clause} "  # noqa: S608
            "ORDER BY seq",
            values,
        )
        return [
            Event(run=each[0], step=each[1], kind=each[2], at=each[3], data=json.loads(each[4]))
            for each in found
        ]

    def progress(self, runs: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return how many steps of each run are finished, and how many its plan has.

        Items of a ``foreach`` are no steps; a run that was never planned is left out.
        """
        self.flush()
        marks = ",".join("?" * len(runs))
        found = self.database.read(
            "SELECT run, kind, step, data FROM events WHERE kind IN ('planned', "  # noqa: S608
            f"'finished') AND instr(step, '[') = 0 AND run IN ({marks}) ORDER BY seq",
            tuple(runs),
        )
        planned: dict[str, int] = {}
        done: dict[str, set[str]] = {}
        for run, kind, step, data in found:
            told = json.loads(data)
            if kind == "finished":
                if told.get("status", "done") == "done":
                    done.setdefault(run, set()).add(step)
            elif isinstance(told.get("steps"), int):
                planned[run] = told["steps"]
        return {run: (len(done.get(run, ())), count) for run, count in planned.items()}

    def prune(self, *, keep: int | None = None, before: float | None = None) -> int:
        """Delete all but the newest ``keep`` runs, and runs that started before ``before``.

        Runs that are going on, and threads that still have another run, keep their checkpoints.

        Returns:
            How many runs were deleted.
        """
        self.flush()  # or what was logged of a deleted run would be written after it
        with self.database.transaction() as connection:
            doomed: set[tuple[str, str]] = set()
            idle = "status NOT IN ('running')"
            if keep is not None:
                doomed |= set(
                    connection.execute(
                        f"SELECT id, thread FROM runs WHERE {idle} "  # noqa: S608
                        "ORDER BY started DESC, rowid DESC LIMIT -1 OFFSET ?",
                        (keep,),
                    )
                )
            if before is not None:
                doomed |= set(
                    connection.execute(
                        f"SELECT id, thread FROM runs WHERE {idle} AND started < ?",  # noqa: S608
                        (before,),
                    )
                )
            for run, _ in doomed:
                connection.execute("DELETE FROM runs WHERE id = ?", (run,))
                connection.execute("DELETE FROM events WHERE run = ?", (run,))
            for thread in {each for _, each in doomed}:
                if connection.execute("SELECT 1 FROM runs WHERE thread = ?", (thread,)).fetchone():
                    continue
                connection.execute("DELETE FROM leases WHERE thread = ?", (thread,))
                for table in ("checkpoints", "writes"):
                    if connection.execute(
                        "SELECT 1 FROM sqlite_master WHERE name = ?", (table,)
                    ).fetchone():
                        connection.execute(
                            f"DELETE FROM {table} WHERE thread_id = ?",  # noqa: S608
                            (thread,),
                        )
        return len(doomed)

    def compact(self) -> None:
        """Give the space of deleted runs back to the disk."""
        self.database.compact()


def process_token() -> str:
    """Return ``host:pid:start``: which process this is, also after its number was reused."""
    return f"{os.uname().nodename}:{os.getpid()}:{_started(os.getpid())}"


def process_lives(token: str) -> bool:
    """Say whether the process behind a token may still be running (another host's always may)."""
    host, _, rest = token.partition(":")
    number, _, started = rest.partition(":")
    if host != os.uname().nodename:
        return True
    return _started(int(number)) == started


def _started(pid: int) -> str:
    """Return when a process started, in clock ticks since boot; empty if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # A zombie, killed and not yet waited for by its parent, will never write again.
        return "" if fields[0] in {"Z", "X"} else fields[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "unknown"


def now() -> float:
    """Seconds since the epoch; the clock of leases."""
    return time.time()

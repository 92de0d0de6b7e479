"""Group commit: what several runs write at once is one transaction on one thread.

A transaction costs about as much as ten small writes in it, and waking a thread as much as one. So
whatever has come while the thread was busy is done in one go: the busier, the cheaper. Each piece of
work has a savepoint of its own, so that one that fails takes nothing of the others with it.

A run writes a dozen times, and must know that it is written a few times only: before it calls
somebody, and at its end. In between it leaves a ``Trail``.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from herd_graph.errors import RunError
from herd_graph.threads import aside, waited_for

if TYPE_CHECKING:
    from herd_graph.recording.store import Database

T = TypeVar("T")

MOST = 128
"""Pieces of work in one transaction: other processes wait for it to end."""

LAZY_TURNS = 8
"""Turns of the loop that lazy work waits for more. Not a time: on a virtual clock none would pass."""


class _Job(NamedTuple):
    work: Callable[[], Any]
    writes: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    trail: Trail | None = None


class Trail:
    """What one run writes without waiting for it: in order, and nothing after what failed.

    Args:
        commits: Who does it.
    """

    def __init__(self, commits: GroupCommit) -> None:
        self.error: BaseException | None = None
        """Why the first piece of work failed that did."""
        self._commits = commits
        self._last: asyncio.Future[Any] | None = None

    def put(self, work: Callable[[], object]) -> None:
        """Have a piece of work done in its turn. Raises ``RunError`` where it was closed."""
        self._last = self._commits.begin(work, trail=self)

    async def written(self) -> None:
        """Wait until all of it is written.

        Raises:
            BaseException: Whatever the first piece raised that failed.
        """
        last = self._last
        if last is not None and not last.done():
            waited_for(asyncio.get_running_loop(), +1)
            try:
                await asyncio.wait([last])
            finally:
                waited_for(asyncio.get_running_loop(), -1)
        if self.error is not None:
            raise self.error


class GroupCommit:
    """Does database work for event loops, in order, on one thread at a time.

    Args:
        database: What is written to.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._busy = False
        self._closed = False

    async def do(self, work: Callable[[], T], *, writes: bool = True, lazy: bool = False) -> T:
        """Do a piece of work, together with whatever else waits.

        Args:
            work: It is done on another thread, inside a transaction.
            writes: False leaves the database to other writers, where nobody else writes either.
            lazy: More is about to come that it can be done with; it waits a moment for that.

        Raises:
            Exception: What it raises, or what the commit does.
            RunError: It was closed.
        """
        future = self.begin(work, writes=writes, lazy=lazy)
        loop = future.get_loop()
        waited_for(loop, +1)
        try:
            return await future
        finally:
            waited_for(loop, -1)

    def begin(
        self,
        work: Callable[[], T],
        *,
        writes: bool = True,
        lazy: bool = False,
        trail: Trail | None = None,
    ) -> asyncio.Future[T]:
        """Have a piece of work done, and go on; see ``do``. What is on a trail may fail unheard."""
        if self._closed:
            raise RunError(
                "This herd was closed. Expected an open one. Make a new Herd, or close it later."
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            self._waiting.append(_Job(work, writes, loop, future, trail))
        self._soon(loop, LAZY_TURNS if lazy else 0)
        return future

    def close(self) -> None:
        """Take no more; what waits is done."""
        self._closed = True
        self._wake()

    def _soon(self, loop: asyncio.AbstractEventLoop, turns: int) -> None:
        if turns:
            loop.call_soon(self._soon, loop, turns - 1)
        else:
            self._wake()

    def _wake(self) -> None:
        """Have a thread look for work, unless one works or there is none."""
        with self._lock:
            if self._busy or not self._waiting:
                return
            self._busy = True
        aside(self._work, label="saver")  # none of its own: herds come and go, threads stay

    def _work(self) -> None:
        while True:
            with self._lock:
                jobs = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                if not jobs:
                    self._busy = False
                    return
            self._settle(jobs, self._together(jobs))

    def _together(self, jobs: list[_Job]) -> list[tuple[Any, BaseException | None]]:
        """Return what each job gave or raised."""
        outcomes: list[tuple[Any, BaseException | None]] = []
        writes = any(job.writes for job in jobs)
        around: AbstractContextManager[Any] = (
            self.database.transaction() if writes else nullcontext()
        )
        try:
            with around:
                outcomes.extend(self._one(job, alone=len(jobs) == 1) for job in jobs)
        except BaseException as error:  # the commit failed, or the only job did: nothing is written
            for job in jobs:
                if job.trail is not None:
                    job.trail.error = job.trail.error or error
            return [(None, error)] * len(jobs)
        return outcomes

    def _one(self, job: _Job, *, alone: bool) -> tuple[Any, BaseException | None]:
        if job.future.cancelled():  # before it was begun
            return None, None
        if job.trail is None:
            return self._done(job, alone=alone)
        if job.trail.error is not None:  # what follows from what is not there must not be there
            return None, job.trail.error
        result, error = self._done(job, alone=alone)
        job.trail.error = error
        return result, error

    def _done(self, job: _Job, *, alone: bool) -> tuple[Any, BaseException | None]:
        if not job.writes or alone:  # the transaction itself is what is rolled back
            try:
                return job.work(), None
            except Exception as error:
                if job.writes:
                    raise
                return None, error
        connection = self.database.connection
        connection.execute("SAVEPOINT job")
        try:
            result = job.work()
        except Exception as error:
            connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
            return None, error
        connection.execute("RELEASE job")
        return result, None

    @staticmethod
    def _settle(jobs: list[_Job], outcomes: list[tuple[Any, BaseException | None]]) -> None:
        """Tell each loop, once, what became of its jobs."""
        told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any, Any]]] = {}
        for job, (result, error) in zip(jobs, outcomes, strict=True):
            heard = error if job.trail is None else None  # the trail tells it
            told.setdefault(job.loop, []).append((job.future, result, heard))
        for loop, ended in told.items():
            try:
                loop.call_soon_threadsafe(_tell, ended)
            except RuntimeError:  # the loop is closed: nobody waits any more
                continue


def _tell(ended: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, error in ended:
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)


__all__ = ("GroupCommit", "Trail")

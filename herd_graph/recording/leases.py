"""One owner per run: a lease with an epoch, renewed by a heartbeat, checked by every write.

Without it two processes that resume one run both call every expert that is left, and fork its
history without an error. The check (the *fence*) happens in the checkpoint's own transaction, so
that an owner who was taken for dead cannot write any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3

from herd_graph.errors import RunFenced, RunOwned
from herd_graph.recording.store import Database, now, process_lives, process_token

LEASE_SECONDS = 30.0


class Leases:
    """The leases that this process holds."""

    def __init__(self, database: Database, *, seconds: float = LEASE_SECONDS) -> None:
        self.database = database
        self.seconds = seconds
        self._held: dict[str, int] = {}
        self._users: dict[str, int] = {}
        self._lock = (
            database.lock
        )  # one lock: with two, those who take both could wait for each other
        self._owner = f"{process_token()}#{secrets.token_hex(4)}"

    def acquire(self, thread: str, *, share: bool = False) -> None:
        """Become the owner of a thread.

        Args:
            thread: The LangGraph thread.
            share: Join in when this very process holds it: concurrent forks of one thread do.

        Raises:
            RunOwned: Somebody else, who lives, is the owner.
        """
        with self._lock, self.database.transaction() as connection:
            if thread in self._held:
                if not share:
                    raise _owned(thread, "this process")
                self._users[thread] += 1
                return
            row = connection.execute(
                "SELECT epoch, owner, until FROM leases WHERE thread = ?", (thread,)
            ).fetchone()
            epoch = 1
            if row is not None:
                epoch, owner, until = int(row[0]) + 1, str(row[1]), float(row[2])
                token = owner.rpartition("#")[0]
                if owner and until > now() and process_lives(token):
                    raise _owned(thread, f"process {token.split(':')[1]}")
            connection.execute(
                "INSERT OR REPLACE INTO leases (thread, epoch, owner, until) VALUES (?,?,?,?)",
                (thread, epoch, self._owner, now() + self.seconds),
            )
            self._held[thread] = epoch
            self._users[thread] = 1

    def check(self, thread: str) -> None:
        """Raise ``RunOwned`` if somebody who lives owns the thread, this process included."""
        with self._lock:
            if thread in self._held:
                raise _owned(thread, "this process")
            self.fence(thread)

    def owns(self, thread: str) -> bool:
        """Say whether the thread is still ours: nobody took it since it was acquired."""
        with self._lock:
            row = self.database.read("SELECT epoch, owner FROM leases WHERE thread = ?", (thread,))
            return [(self._held.get(thread), self._owner)] == [tuple(each) for each in row]

    def release(self, thread: str) -> None:
        """Stop being the owner, once nobody in this process uses the thread any more."""
        with self._lock:
            if thread not in self._held:
                return
            self._users[thread] -= 1
            if self._users[thread]:
                return
            epoch = self._held.pop(thread)
            del self._users[thread]
            with self.database.transaction() as connection:
                connection.execute(
                    "UPDATE leases SET until = 0, owner = '' WHERE thread = ? AND epoch = ?",
                    (thread, epoch),
                )

    def renew(self, thread: str) -> None:
        """Prolong the lease. Raises ``RunFenced`` when somebody else took it."""
        with self.database.transaction() as connection:
            changed = connection.execute(
                "UPDATE leases SET until = ? WHERE thread = ? AND epoch = ? AND owner = ?",
                (now() + self.seconds, thread, self._held.get(thread, -1), self._owner),
            )
            if not changed.rowcount:
                raise _fenced(thread)

    def fence(self, thread: str) -> None:
        """Raise unless this process may write to the thread; call it inside the transaction."""
        row = self.database.connection.execute(
            "SELECT epoch, owner, until FROM leases WHERE thread = ?", (thread,)
        ).fetchone()
        held = self._held.get(thread)
        if held is not None:
            if row is None or int(row[0]) != held or row[1] != self._owner:
                raise _fenced(thread)
        elif row is not None and row[1] and row[1] != self._owner and float(row[2]) > now():
            token = str(row[1]).rpartition("#")[0]
            if process_lives(token):
                raise _owned(thread, f"process {token.split(':')[1]}")

    async def keep(self, thread: str) -> None:
        """Renew the lease until cancelled. A lost lease shows at the next write."""
        with contextlib.suppress(RunFenced):
            while True:
                await asyncio.sleep(self.seconds / 3)
                with contextlib.suppress(sqlite3.Error):  # busy, or full: the next beat may succeed
                    await self.database.commits.do(lambda: self.renew(thread))


def _owned(thread: str, who: str) -> RunOwned:
    return RunOwned(
        f"Thread {thread!r} is being run by {who}. Expected one owner at a time. Wait until it "
        "ends (herd runs list shows it), or stop it and resume then."
    )


def _fenced(thread: str) -> RunFenced:
    return RunFenced(
        f"This process no longer owns thread {thread!r}: it was taken for dead, and another one "
        "resumed the run. Nothing more is written here; look at the run with herd runs show."
    )

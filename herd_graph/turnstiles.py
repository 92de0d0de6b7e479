"""Let a limited number of callers in at once, from whatever event loops they come.

A herd serves several event loops: a script's, its own, a notebook's. Primitives of asyncio belong to
one loop; these belong to none, and wake each waiter on the loop that it waits on.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from types import TracebackType


class Waiter:
    """One coroutine that waits; ``wake`` may be called from any thread."""

    __slots__ = ("_future", "_loop", "granted")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] = self._loop.create_future()
        self.granted = False
        """Set under the owner's lock, when what is waited for was handed over."""

    def wake(self) -> bool:
        """Let the coroutine go on; False when its loop is closed and nobody waits any more."""
        if asyncio._get_running_loop() is self._loop:
            self._settle()
            return True
        try:
            self._loop.call_soon_threadsafe(self._settle)
        except RuntimeError:
            return False
        return True

    def _settle(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    async def wait(self) -> None:
        """Wait to be woken."""
        await self._future


class Turnstile:
    """At most ``limit`` callers are inside; the others wait in the order in which they came.

    Used as ``async with turnstile: …``. None as the limit lets everybody in.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._inside = 0
        self._queue: deque[Waiter] = deque()
        self._lock = threading.Lock()

    @property
    def inside(self) -> int:
        """How many are inside now."""
        return self._inside

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    async def enter(self) -> None:
        """Wait for a place and take it."""
        with self._lock:
            if self.limit is None or (self._inside < self.limit and not self._queue):
                self._inside += 1
                return
            waiter = Waiter()
            self._queue.append(waiter)
        try:
            await waiter.wait()
        except BaseException:
            # Cancelled, or its loop was torn down: give back what may have been handed over.
            with self._lock:
                granted = waiter.granted
                if not granted:
                    self._queue.remove(waiter)
            if granted:
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place back: the first who waits takes it over."""
        while True:
            with self._lock:
                if not self._queue:
                    self._inside -= 1
                    return
                waiter = self._queue.popleft()
                waiter.granted = True
            if waiter.wake():
                return
            # The waiter's loop is closed. Its place goes to the next one.

    async def __aenter__(self) -> None:
        await self.enter()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

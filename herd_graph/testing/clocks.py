"""Virtual time: an event loop whose clock jumps to the next timer when nothing else is to be done.

A test of an hour of timeouts takes milliseconds, and always takes the same course: no sleeping, no
margins, no luck.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from herd_graph.threads import awaited_by

T = TypeVar("T")


class StuckLoop(AssertionError):
    """Everything waits, and nothing is left that could wake it: a deadlock, found at once."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, which starts at 0.

    ``asyncio.sleep``, timeouts and ``loop.time`` follow the virtual clock; ``time.monotonic`` does
    not, so code under test must take its clock from the loop.

    While a thread works for the loop (a sync expert, ``run_in_executor``) the clock stands still
    and the loop waits for real, so a thread takes no virtual time at all. After ``patience`` the
    clock moves on without it, so that a hanging one still meets its timeout. Threads that neither
    of the two started are not seen: announce them with ``hold`` and ``release``.

    Args:
        patience: Real seconds that a thread may keep the clock from jumping.
    """

    def __init__(self, *, patience: float = 5.0) -> None:
        self._now = 0.0
        self._held = 0
        self.patience = patience
        self._jumping = _JumpingSelector(self)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += max(0.0, seconds)

    def hold(self) -> None:
        """Keep the clock from jumping until ``release``: work goes on that the loop cannot see."""
        self._held += 1

    def release(self) -> None:
        """Undo one ``hold``."""
        self._held -= 1

    @property
    def is_awaiting_threads(self) -> bool:
        """Whether a thread may still wake the loop."""
        return self._held > 0 or awaited_by(self) > 0

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        """Run a function in a pool, and keep the clock while it runs."""
        future = super().run_in_executor(executor, func, *args)
        self.hold()
        future.add_done_callback(lambda _: self.release())
        return future


class _JumpingSelector(selectors.BaseSelector):
    """Asks the real selector for what is ready, and jumps where the loop would have waited."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self._loop.is_awaiting_threads or timeout is None:
            ready = self._real.select(self._loop.patience)
            if ready:
                return ready
        if timeout is None:
            raise StuckLoop(
                "Every task waits, and no timer, socket or thread is left to wake one. "
                f"Waiting: {_waiting(self._loop)}"
            )
        self._loop.advance(timeout)
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


def _waiting(loop: asyncio.AbstractEventLoop) -> str:
    names = sorted(task.get_name() for task in asyncio.all_tasks(loop) if not task.done())
    return ", ".join(names[:10]) or "no task"


async def _settled(main: Coroutine[Any, Any, T], *, leaks: bool) -> tuple[T, float]:
    loop = asyncio.get_running_loop()
    result = await main
    ended = loop.time()
    for _ in range(10):  # let callbacks that are due run before anything is called a leak
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if left and not leaks:
        names = ", ".join(sorted(task.get_name() for task in left))
        raise AssertionError(f"Tasks are left running after the end: {names}.")
    return result, ended


def run_virtual(
    main: Coroutine[Any, Any, T],
    *,
    patience: float = 5.0,
    allow_leaks: bool = False,
    real_seconds: float = 60.0,
) -> tuple[T, float]:
    """Run a coroutine in virtual time.

    Args:
        main: What to run.
        patience: Real seconds that a thread may keep the clock from jumping.
        allow_leaks: Do not mind tasks that are left running at the end.
        real_seconds: Fail when it takes longer than this in real time (checked at the end).

    Returns:
        The result, and the virtual seconds that it took.

    Raises:
        AssertionError: Tasks are left over, or it took too long.
        StuckLoop: A deadlock.
    """
    started = time.monotonic()
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(patience=patience)) as runner:
        outcome = runner.run(_settled(main, leaks=allow_leaks))
    took = time.monotonic() - started
    if took > real_seconds:
        raise AssertionError(f"It took {took:.1f} real seconds. Expected at most {real_seconds}.")
    return outcome

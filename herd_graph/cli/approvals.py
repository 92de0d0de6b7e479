"""Ask a person for approval on the terminal, while the rest of the plan goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import TYPE_CHECKING

from herd_graph.cli.output import say

if TYPE_CHECKING:
    from herd_graph.cli.progress import Progress
    from herd_graph.engine import Approve, Question


def approver(progress: Progress, *, answer: bool | None) -> Approve | None:
    """Return who answers questions: a fixed answer, the person at the terminal, or nobody.

    Nobody (None) means that the run stops and waits: ``herd resume RUN --yes`` goes on with it.
    """
    if answer is not None:
        fixed = answer

        def decided(question: Question) -> bool:
            say(
                f"{question.step} {question.expert}: {'approved by --yes' if fixed else 'refused by --no'}"
            )
            return fixed

        return decided
    terminal = _terminal()
    if terminal is None:
        return None
    return Terminal(terminal, progress).ask


def _terminal() -> int | None:
    """Return a file descriptor of the terminal that a person can answer on."""
    if not sys.stderr.isatty():
        return None
    if sys.stdin is not None and sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison]
        return sys.stdin.fileno()
    try:  # the task came through a pipe; the person is still there
        return os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return None


class Terminal:
    """Asks one question at a time. Anything but yes means no."""

    def __init__(self, descriptor: int, progress: Progress) -> None:
        self._descriptor = descriptor
        self._progress = progress
        self._turn = asyncio.Lock()

    async def ask(self, question: Question) -> bool:
        """Ask, and wait for a line without blocking the steps that run meanwhile."""
        async with self._turn:
            with self._progress.paused():
                say(_asked(question), style="bold yellow")
                sys.stderr.write("[y/N] ")
                sys.stderr.flush()
                line = await _read_line(self._descriptor)
        return line.strip().lower() in {"y", "yes"}


def _asked(question: Question, most: int = 1000) -> str:
    """Return the question, which names the step, the expert and its inputs, in a few lines."""
    flat = " ".join(question.question.split())
    return flat if len(flat) <= most else f"{flat[:most]}… ({len(flat)} characters)"


async def _read_line(descriptor: int) -> str:
    """Read a line through the event loop: a thread blocked in ``input()`` breaks the exit."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    collected = b""
    while not collected.endswith(b"\n"):
        ready = loop.create_future()
        loop.add_reader(descriptor, wake)
        try:
            await ready
        finally:
            with contextlib.suppress(ValueError, OSError):
                loop.remove_reader(descriptor)
        piece = os.read(descriptor, 4096)
        if not piece:
            break  # Ctrl-D: no answer is a no
        collected += piece
    return collected.decode(errors="replace")

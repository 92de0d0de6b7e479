"""Run HERD's async core for one command: signals cancel it, and what ran is awaited."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from herd_graph.cli.failures import INTERRUPTED, Interrupted
from herd_graph.cli.output import claim_stdout, say

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.recording.store import RunStore

T = TypeVar("T")


def open_herd(**settings: Any) -> AbstractContextManager[Herd]:
    """Return the herd of herd.toml, else of first-party experts; closed when the command ends."""
    claim_stdout()
    from herd_graph.errors import ConfigError
    from herd_graph.herd import Herd
    from herd_graph.settings import configured, left_out

    config = configured()
    try:
        herd = Herd.from_config(config=config, **settings)
        for name, reason in left_out(herd.settings, herd.unavailable).items():
            say(f"herd.toml: {name} is left out: {reason}", style="yellow")
        return closing(herd)
    except OSError as error:
        raise ConfigError(
            f"HERD's home {str(config.home)!r} cannot be used: {error.strerror or error}. Expected "
            "a folder that may be written. Set HERD_HOME to another, and see herd doctor."
        ) from error


@contextmanager
def open_run_store() -> Generator[RunStore]:
    """Return the stored runs alone: listing them needs no expert and no index."""
    from herd_graph.doctor.stored import run_store
    from herd_graph.settings import configured

    with run_store(configured()) as store:
        yield store


def run_until_done(
    work: Coroutine[Any, Any, T],
    current_run: Callable[[], str] = str,
    *,
    runner: asyncio.Runner | None = None,
) -> T:
    """Run a coroutine to its end.

    The first Ctrl-C (or SIGTERM, or a closed terminal) cancels it and waits for it; a second one
    ends the process at once.

    Args:
        work: What to run.
        current_run: Gives the id of the run, for the message on how to resume it.
        runner: Whose loop to use, where several are run one after the other.

    Raises:
        Interrupted: A signal ended it.
    """
    received: list[int] = []

    async def guarded() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

        def stop(number: int) -> None:
            if received:
                sys.stderr.flush()
                os._exit(INTERRUPTED if number == signal.SIGINT else 128 + number)
            received.append(number)
            task.cancel()

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, stop, number)
        try:
            return await task
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    try:
        return asyncio.run(guarded()) if runner is None else runner.run(guarded())
    except (asyncio.CancelledError, KeyboardInterrupt):
        number = received[0] if received else signal.SIGINT
        code = INTERRUPTED if number == signal.SIGINT else 128 + number
        raise Interrupted(code, current_run()) from None

"""A terminal may go away under the full-screen debugger, which then has to end, whatever it does.

Textual writes from a thread that ends with the first write that fails, and its event loop then waits
for that thread for ever: neither a signal nor a cancelled task gets through to it. So another thread
watches the terminal. What a run has done is on disk, so that an end at any moment harms nothing.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

_LOOKED_S = 0.5
"""How often it is asked whether the screen has ended: a hang-up is told at once."""
_GRACE_S = 5.0
"""How long leaving in order may take."""


@contextmanager
def watched(terminal: int, leave: Callable[[], object]) -> Generator[None]:
    """Have ``leave`` called when the terminal goes away, and the process ended if that is no help.

    Args:
        terminal: Its file descriptor; nothing is watched where it is no terminal.
        leave: Called from another thread.
    """
    if not os.isatty(terminal) or not hasattr(select, "poll"):
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        poll = select.poll()
        poll.register(terminal, 0)  # a hang-up is told of whatever is asked for
        while not ended.is_set():
            try:
                found = poll.poll(_LOOKED_S * 1000)
            except OSError:
                return
            if not any(mask & (select.POLLHUP | select.POLLERR) for _, mask in found):
                continue
            leave()
            if not ended.wait(_GRACE_S):
                os._exit(128 + signal.SIGHUP)
            return

    threading.Thread(target=watch, name="herd:terminal", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


__all__ = ("watched",)

"""The debugger over the whole terminal: the same sessions and commands as the prompt, in panes."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from herd_graph.extras import need

if TYPE_CHECKING:
    from herd_graph.debug.session import DebugSession


async def show(session: DebugSession) -> None:
    """Show a session over the whole terminal until it is quit, or the terminal goes away.

    Args:
        session: It is opened here where it was not, and stays as it stands.

    Raises:
        MissingExtra: Textual is not installed.
    """
    need("textual", "debug")
    from herd_graph.debug.tui.app import DebugApp
    from herd_graph.debug.tui.terminal import watched

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    cancel = task.cancel
    with watched(sys.stdin.fileno(), lambda: loop.call_soon_threadsafe(cancel)):
        async with session:
            await DebugApp(session).run_async()


__all__ = ("show",)

"""The debugger over the whole terminal: the same sessions and commands as the prompt, in panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from herd_graph.extras import need

if TYPE_CHECKING:
    from herd_graph.debug.session import DebugSession


async def show(session: DebugSession) -> None:
    """Show a session over the whole terminal until it is quit.

    Args:
        session: It is opened here where it was not, and stays as it stands.

    Raises:
        MissingExtra: Textual is not installed.
    """
    need("textual", "debug")
    from herd_graph.debug.tui.app import DebugApp

    async with session:
        await DebugApp(session).run_async()


__all__ = ("show",)

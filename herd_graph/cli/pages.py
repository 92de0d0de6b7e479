"""Serve the debugger's page for a command, and tell where it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from herd_graph.debug.web.desk import Desk
    from herd_graph.debug.web.security import Keyring
    from herd_graph.herd import Herd

PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help="The page's port; 0 takes a free one.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]


async def show_page(
    herd: Herd,
    prepare: Callable[[Desk], Awaitable[str]],
    *,
    port: int,
    opens: bool,
    as_json: bool,
    starts: bool = True,
) -> None:
    """Serve the page until it is interrupted.

    Args:
        herd: Whose runs are shown.
        prepare: Puts on the desk what is to be shown, and returns the address within the page.
        port: The port; 0 takes a free one.
        opens: Open it in the browser.
        as_json: Tell the address as JSON.
        starts: Whether new requests can be made in the page.
    """
    from herd_graph.cli.output import emit, results, say
    from herd_graph.extras import need

    need("starlette", "debug")
    need("uvicorn", "debug")
    from herd_graph.debug.web.desk import Desk
    from herd_graph.debug.web.security import Keyring
    from herd_graph.debug.web.server import serve

    desk, keyring = Desk(herd._driver, herd.debug if starts else None), Keyring()
    try:
        within = await prepare(desk)
    except BaseException:
        await desk.close()
        raise

    def ready(url: str) -> None:
        link = _link(url, keyring, within)
        if as_json:
            results().write(f"{json.dumps({'url': link})}\n")
        else:
            say("The debugger's page, for one browser on this machine (Ctrl-C ends it):")
            emit(link)
        results().flush()
        if opens:
            import webbrowser

            webbrowser.open(link)

    def anew(url: str) -> None:
        if sys.stdin.readline():
            say(f"Another link: {_link(url, keyring, within)}")
        else:  # Ctrl-D: there will be no other line
            asyncio.get_running_loop().remove_reader(sys.stdin)

    with contextlib.suppress(asyncio.CancelledError), _enter(anew) as listen:

        def begun(url: str) -> None:
            ready(url)
            listen(url)

        await serve(desk, port=port, ready=begun, keyring=keyring)


def _link(url: str, keyring: Keyring, within: str) -> str:
    return f"{url}?token={keyring.token()}{within}"


@contextlib.contextmanager
def _enter(told: Callable[[str], None]) -> Generator[Callable[[str], None]]:
    """Yield what listens for Enter on a terminal: a link opens once, and a second may be wanted."""
    loop, listening = asyncio.get_running_loop(), False

    def listen(url: str) -> None:
        nonlocal listening
        if sys.stdin.isatty():
            loop.add_reader(sys.stdin, told, url)
            listening = True

    try:
        yield listen
    finally:
        if listening:
            loop.remove_reader(sys.stdin)


__all__ = ("OpenOption", "PortOption", "show_page")

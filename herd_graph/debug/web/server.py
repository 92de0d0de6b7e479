"""The page's server: on loopback, behind a link that opens once.

desk = Desk(driver, herd.debug)
await desk.add(herd.debug("Read the sign aloud", "sign.png"))
await serve(desk, ready=print)              # until it is cancelled
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from herd_graph.debug.web.desk import Desk
from herd_graph.debug.web.page import TYPES, static_files
from herd_graph.debug.web.routes import routes
from herd_graph.debug.web.security import Guard, Keyring
from herd_graph.errors import ConfigError
from herd_graph.extras import need

_LEAVING_S = 2
"""How long open streams get to end when the server does."""


def create_app(desk: Desk, keyring: Keyring) -> Starlette:
    """Return the application; it belongs on loopback, as ``serve`` runs it."""
    app = Starlette(
        routes=[
            Route("/", _page, methods=["GET"]),
            Route("/favicon.ico", _icon, methods=["GET"]),
            Route("/static/{path:path}", _static, methods=["GET"]),
            *routes(),
        ],
        middleware=[Middleware(Guard, keyring=keyring)],
    )
    app.state.desk = desk
    return app


async def _page(_: Request) -> Response:
    return _file("index.html")


async def _icon(_: Request) -> Response:
    return RedirectResponse("/static/icon.svg")


async def _static(request: Request) -> Response:
    return _file(str(request.path_params["path"]))


def _file(name: str) -> Response:
    content = static_files().get(name)
    suffix = name[name.rfind(".") :]
    if content is None or suffix not in TYPES:
        return Response("There is no such file.", 404, media_type="text/plain")
    return Response(content, headers={"content-type": TYPES[suffix], "cache-control": "no-cache"})


async def serve(
    desk: Desk,
    *,
    port: int = 0,
    ready: Callable[[str], object] | None = None,
    keyring: Keyring | None = None,
) -> None:
    """Serve the page on loopback until it is cancelled; close the desk then.

    Args:
        desk: What is shown.
        port: The port; 0 takes a free one.
        ready: Called with the address once the page can be opened; the token is not in it.
        keyring: What opens the page; its ``token`` belongs into the link.

    Raises:
        ConfigError: The port is taken.
        MissingExtra: The extra ``debug`` is not installed.
    """
    uvicorn: Any = need("uvicorn", "debug")

    listening = bind(port)
    taken = int(listening.getsockname()[1])

    class Server(uvicorn.Server):  # pyright: ignore[reportUntypedBaseClass]
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)  # pyright: ignore[reportUnknownMemberType]
            if ready is not None and self.started:
                ready(f"http://127.0.0.1:{taken}/")

        @contextlib.contextmanager
        def capture_signals(self) -> Generator[None]:
            yield  # the command that serves takes care of them

    config = uvicorn.Config(
        create_app(desk, keyring or Keyring()),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_LEAVING_S,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="debug:web")
    try:
        await asyncio.shield(serving)
    finally:
        await desk.close()
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def bind(port: int) -> socket.socket:
    """Return a socket that listens on loopback. Raises ``ConfigError``."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(64)
    except (OSError, OverflowError) as error:
        listening.close()
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"Port {port} of 127.0.0.1 cannot be listened on: {why}. Expected a free one. Leave "
            "--port out to take whichever is free."
        ) from error
    return listening


__all__ = ("bind", "create_app", "serve")

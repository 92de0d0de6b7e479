"""The MCP door: a herd's own tools, a tool for each expert, and artifacts as resources.

On a server it is at ``/mcp`` (streamable HTTP), under the server's keys and limits; ``herd mcp`` is
the same on stdin and stdout, for a client that starts its servers itself.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from herd_graph.chat_content import ARTIFACT_URL, artifact_of, stored
from herd_graph.extras import need
from herd_graph.serve.calls import Calls, Direct, Hosted
from herd_graph.threads import in_thread

if TYPE_CHECKING:
    from fastmcp import FastMCP
    from starlette.routing import BaseRoute

    from herd_graph.herd import Herd
    from herd_graph.serve.host import Host

PATH = "/mcp"
_INSTRUCTIONS = (
    "A herd of expert models. 'run' takes a task in words with files and lets a router plan which "
    "experts work on it; the other tools are those experts, one by one. Files go in as data: URLs "
    f"and come out as images, audio, or links to {ARTIFACT_URL}ID, which can be read as resources "
    "and given to any tool again."
)


def create_server(
    herd: Herd, *, folders: Sequence[Path | str] = (), experts: bool = True
) -> FastMCP[Any]:
    """Return an MCP server of a herd, for a transport of your own.

    Args:
        herd: The herd.
        folders: Where files may be read by path; by default ``Config.folders``, else the current
            directory.
        experts: Whether each expert is a tool, besides ``run``, ``plan`` and ``why``.

    Raises:
        MissingExtra: The extra ``mcp`` is not installed.
    """
    return _server(Direct(herd, folders), experts=experts)


def _server(calls: Calls, *, experts: bool) -> FastMCP[Any]:
    fastmcp = need("fastmcp", "mcp")
    resources = need("fastmcp.resources.base", "mcp")
    tools = need("herd_graph.serve.mcp_tools", "mcp")
    import herd_graph

    server: Any = fastmcp.FastMCP(
        "herd",
        instructions=_INSTRUCTIONS,
        version=herd_graph.__version__,
        providers=[tools.Experts(calls, experts=experts)],
        mask_error_details=True,  # our own errors are ToolErrors; others may tell of the machine
    )

    def artifact(key: str) -> Any:
        """Return what is in the store."""
        content = calls.store.get(stored(f"{ARTIFACT_URL}{key}", calls.store).id)
        mime = artifact_of(content).mime
        return resources.ResourceResult([resources.ResourceContent(content, mime_type=mime)])

    server.resource(f"{ARTIFACT_URL}{{key}}", name="artifact", description="A file of an answer.")(
        artifact
    )
    return server


async def serve_stdio(server: FastMCP[Any], out: Any = None) -> None:
    """Serve on stdin and stdout until the client closes them, or this is cancelled.

    Args:
        server: What ``create_server`` returned.
        out: The text stream that is the way to the client, where ``sys.stdout`` is no longer.
    """
    import anyio

    stdio: Any = need("mcp.server.stdio", "mcp")
    inside: Any = server
    wrapped = None if out is None else anyio.wrap_file(out)
    with _Requests() as requests:
        async with (
            inside._lifespan_manager(),
            stdio.stdio_server(stdin=requests, stdout=wrapped) as (incoming, sent),
        ):
            core = inside._mcp_server
            await core.run(incoming, sent, core.create_initialization_options())


class _Requests:
    """The lines that a client writes, read so that waiting for one can be cancelled.

    The SDK's own reader waits in a thread that nothing can interrupt, so that SIGTERM would have no
    effect before the next request. As there, experts and their processes find an empty stdin.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = -1

    def __enter__(self) -> Self:
        self._at = os.dup(0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        return self

    def __exit__(self, *_: object) -> None:
        os.dup2(self._at, 0)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        scanned = 0
        while (end := self._held.find(b"\n", scanned)) < 0:
            scanned = len(self._held)
            piece = await in_thread(lambda: os.read(self._at, 1 << 20), label="mcp:stdin")
            if not piece:
                raise StopAsyncIteration  # a line without an end is no request
            self._held += piece
        line = self._held[:end].decode("utf-8", "replace")
        del self._held[: end + 1]
        return line


# On a server ------------------------------------------------------------------------------------


class _Door:
    """The ASGI application behind ``/mcp``: one MCP server, which acts for whoever calls."""

    def __init__(self, host: Host) -> None:
        server = _server(_Caller(host), experts=True)
        self.app: Any = server.http_app(path=PATH)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


class _Caller(Hosted):
    """Runs for the key of the request that is being served."""

    def __init__(self, host: Host) -> None:
        from herd_graph.serve.keys import NOBODY

        super().__init__(host, NOBODY)

    @property
    def key(self) -> Any:
        """Who calls."""
        request: Any = need("fastmcp.server.dependencies", "mcp").get_http_request()
        return request.scope["state"]["key"]


def routes(host: Host) -> list[BaseRoute]:
    """Return the door's routes. Raises ``MissingExtra``."""
    from starlette.routing import Route

    return [Route(PATH, endpoint=_door(host))]


@asynccontextmanager
async def lifespan(host: Host) -> AsyncGenerator[None]:
    """Run the door's sessions as long as the server runs."""
    app = _door(host).app
    async with app.router.lifespan_context(app):
        yield


def _door(host: Host) -> _Door:
    """Return the host's one door: routes and life cycle are asked for apart."""
    held = vars(host)
    if "_mcp_door" not in held:
        held["_mcp_door"] = _Door(host)
    return held["_mcp_door"]


__all__ = ("PATH", "create_server", "lifespan", "routes", "serve_stdio")

"""One HTTP application for a herd: OpenAI's door, MCP's and A2A's, with health and metrics.

    app = create_app(Herd.default())            # any ASGI server, or mounted in an application

Inside another application the host's lifespan has to run: ``create_app(…).state.host.open()`` is a
context manager; a server that runs this application itself does it by its lifespan.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from herd_graph.errors import MissingExtra
from herd_graph.serve import audio, chat, models, runs, uploads
from herd_graph.serve.errors import Refusal
from herd_graph.serve.guard import Guard, labels
from herd_graph.serve.host import DEFAULT, Host
from herd_graph.serve.openapi import description
from herd_graph.serve.settings import Door, Settings

if TYPE_CHECKING:
    from herd_graph.herd import Herd

DOOR_MODULES: dict[Door, str] = {"mcp": "herd_graph.serve.mcp", "a2a": "herd_graph.serve.a2a"}
"""Doors of their own: each has ``routes(host)``, and ``lifespan(host)`` where it needs one."""


def create_app(
    herds: Herd | Mapping[str, Herd],
    *,
    settings: Settings | None = None,
    keys: Sequence[str] = (),
    need_key: bool | None = None,
    local_only: bool = True,
) -> Starlette:
    """Return an application that serves a herd, or several by name.

    Args:
        herds: A herd (called ``herd``), or herds by the names that clients use as models.
        settings: What is allowed.
        keys: Keys besides those that ``herd serve keys add`` made.
        need_key: Whether a request needs a key; by default where ``keys`` are given.
        local_only: Whether it is reached from this machine alone; then, without keys, the Host
            header is checked, so that no web page can talk to it.

    Raises:
        ConfigError: A key or a name cannot be used.
        MissingExtra: A part of the extra ``serve`` is missing.
    """
    named = herds if isinstance(herds, Mapping) else {DEFAULT: herds}
    host = Host(
        herds=named,
        settings=settings or Settings(),
        given_keys=tuple(keys),
        need_key=bool(keys) if need_key is None else need_key,
        local_only=local_only,
    )
    mounted, lifespans = _doors(host)
    every = [*_own(host), *mounted]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(host.open())
            for each in lifespans:
                await stack.enter_async_context(each(host))
            yield

    endpoints = {each.endpoint: each.path for each in every if isinstance(each, Route)}
    middleware = [Middleware(Guard, host=host, label=labels(endpoints))]
    if host.settings.origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=list(host.settings.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["x-herd-run", "x-request-id", "retry-after"],
        )
        middleware.insert(0, cors)
    app = Starlette(
        routes=every,
        middleware=middleware,
        lifespan=lifespan,
        exception_handlers={HTTPException: _no_route},  # the guard answers all others
    )
    app.state.host = host
    return app


def _doors(
    host: Host,
) -> tuple[list[BaseRoute], list[Callable[[Host], AbstractAsyncContextManager[Any]]]]:
    """Return the routes and life cycles of the doors that are wanted and installed."""
    from herd_graph.extras import present

    routes: list[BaseRoute] = []
    lifespans: list[Callable[[Host], AbstractAsyncContextManager[Any]]] = []
    for door in host.settings.doors:
        name = DOOR_MODULES.get(door)
        if name is None:
            host.opened.append(door)
            continue
        if not present(name):
            continue
        try:
            from importlib import import_module

            module: Any = import_module(name)
            routes += module.routes(host)
        except MissingExtra as error:
            host.missing[door] = str(error)
            continue
        host.opened.append(door)
        if hasattr(module, "lifespan"):
            lifespans.append(module.lifespan)
    return routes, lifespans


def _own(host: Host) -> list[BaseRoute]:
    routes: list[BaseRoute] = [
        Route("/healthz", _alive, methods=["GET"]),
        Route("/readyz", _ready, methods=["GET"]),
        Route("/metrics", _metrics, methods=["GET"]),
        Route("/openapi.json", _described, methods=["GET"]),
    ]
    if "openai" in host.settings.doors:
        for part in (chat, audio, models, uploads, runs):
            routes += part.routes(host)
    return routes


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> Response:
    host: Host = request.app.state.host
    if host.draining:
        return JSONResponse({"status": "stopping", "runs": len(host.live)}, 503)
    return JSONResponse({"status": "ready", "runs": len(host.live)})


async def _metrics(request: Request) -> Response:
    content, kind = request.app.state.host.metrics.exposition()
    return PlainTextResponse(content, headers={"content-type": kind})


async def _described(request: Request) -> Response:
    return JSONResponse(description(request.app.state.host))


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = {
        404: f"There is no {request.url.path!r:.200} here. Expected a path of /openapi.json.",
        405: f"{request.method[:20]!r} is not done at {request.url.path!r:.200}. Expected a method "
        "that /openapi.json names.",
    }.get(error.status_code, error.detail)
    code = {404: "unknown_url", 405: "method_not_allowed"}.get(error.status_code)
    refusal = Refusal(error.status_code, told, code=code, headers=error.headers)
    return JSONResponse(refusal.body, refusal.status, headers=refusal.headers)


__all__ = ("DOOR_MODULES", "create_app")

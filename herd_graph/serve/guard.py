"""What every request passes before anything else: who may call, from where, and how much.

Pure ASGI, so that streams stay streams. It refuses early: a body that says it is too large is never
read, one that lies is cut off where it passes its limit.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from herd_graph.artifacts.base import human_size
from herd_graph.serve.errors import Refusal, refusal_of
from herd_graph.serve.host import Host
from herd_graph.serve.keys import NOBODY, Key
from herd_graph.serve.streams import Gone

OPEN = frozenset({"/healthz", "/readyz", "/openapi.json", "/.well-known/agent-card.json"})
"""Paths that need no key: probes and descriptions."""
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}
_LINGER_S, _LINGER_BYTES = 1.0, 64 << 20
"""How long, and how much, is still read and thrown away after a refusal: a client that is sending
reads the answer only then, and would see a broken connection instead."""
_FORM_BYTES = 64 << 10
"""What a form has around its file."""


class Guard:
    """Lets requests through, or refuses them in OpenAI's form.

    Args:
        app: What is guarded.
        host: The server's parts.
        label: Gives the pattern of a request's route, for metrics.
    """

    def __init__(self, app: ASGIApp, host: Host, label: Callable[[Scope], str]) -> None:
        self.app = app
        self.host = host
        self.label = label

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watched = _Watched(self, scope, receive, send)
        try:
            self._check(scope, watched)
            await self.app(scope, watched.receive, watched.send)
        except Gone:
            self.host.metrics.refused("client_gone")
        except Exception as error:
            if watched.begun:  # an error in the middle of a response can only break it off
                raise
            await watched.refuse(refusal_of(error))
        finally:
            watched.count()

    def _check(self, scope: Scope, watched: _Watched) -> None:
        headers = Headers(scope=scope)
        self._check_place(scope, headers)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        key = self._key(path, headers, scope)
        scope.setdefault("state", {})["key"] = key
        watched.most = self._most_bytes(path, scope["method"])
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared[:20]) > watched.most:
            raise too_large(watched.most)
        if path not in OPEN:
            self.host.meter.admit(key)

    def _check_place(self, scope: Scope, headers: Headers) -> None:
        """Refuse what a web page could make a browser send to a server that asks for no key."""
        host, origin = headers.get("host", "").lower(), headers.get("origin", "")
        settings = self.host.settings
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if self.host.local_only and not self.host.need_key:
            known = _LOOPBACK | {each.lower() for each in settings.hosts}
            if name not in known and host not in known:
                raise Refusal(
                    403,
                    f"The server is not reached under {host!r:.100}. Expected localhost: another "
                    "name may be a web page's trick (DNS rebinding). Allow it: --allow-host.",
                    code="host_not_allowed",
                )
        if origin and origin not in settings.origins and "*" not in settings.origins:
            own = f"{scope.get('scheme', 'http')}://{host}"
            if origin != own:
                raise Refusal(
                    403,
                    f"Web page {origin!r:.100} may not call this server. Expected none, or one that "
                    "is allowed. Allow it: --allow-origin.",
                    code="origin_not_allowed",
                )

    def _key(self, path: str, headers: Headers, scope: Scope) -> Key:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        found = self.host.keys.find(token) if token else None
        if found is not None:
            return found
        linked = (
            scope["method"] in {"GET", "HEAD"}
            and path.startswith("/v1/files/")
            and b"sig=" in scope.get("query_string", b"")
        )
        if not self.host.need_key or path in OPEN or linked:
            return NOBODY
        if token:
            shown = f"{token[:3]}…{token[-4:]}" if len(token) > 12 else "…"
            message = f"Incorrect API key provided: {shown}. Expected one that was not revoked."
        else:
            message = "You did not provide an API key. Expected Authorization: Bearer KEY."
        raise Refusal(
            401,
            f"{message} Keys are made with: herd serve keys add NAME.",
            code="invalid_api_key",
            headers={"www-authenticate": "Bearer"},
        )

    def _most_bytes(self, path: str, method: str) -> int:
        if path == "/v1/files" and method == "POST":
            return self.host.settings.file_bytes + _FORM_BYTES
        return self.host.settings.body_bytes


class _Watched:
    """One request: its body held to limits, its response noted."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard = guard
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started = time.perf_counter()
        self._first: float | None = None
        self._read = 0
        self._whole = False
        self._status = 0
        self.most = guard.host.settings.body_bytes
        self.id = f"req-{secrets.token_hex(8)}"

    @property
    def begun(self) -> bool:
        """Whether the response has begun."""
        return self._first is not None

    async def receive(self) -> Message:
        """Return the next piece of the body, in time and within the limit."""
        if self._whole:
            return await self._receive()
        settings = self._guard.host.settings
        try:
            async with asyncio.timeout(settings.body_s):
                message = await self._receive()
        except TimeoutError:
            raise Refusal(
                408,
                f"Nothing of the body came for {settings.body_s:g} s. Expected the rest of it. "
                "Send it again.",
                code="timeout",
                headers={"connection": "close"},
            ) from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._read > self.most:
                raise too_large(self.most)
        else:
            self._whole = True
        return message

    async def send(self, message: Message) -> None:
        """Pass a piece of the response on, with the headers that every response has."""
        if message["type"] == "http.response.start":
            self._first = time.perf_counter() - self._started
            self._status = message["status"]
            own = [(b"x-request-id", self.id.encode()), (b"x-content-type-options", b"nosniff")]
            there = {name.lower() for name, _ in message.get("headers", ())}
            headers = [*message.get("headers", ()), *(e for e in own if e[0] not in there)]
            message = {**message, "headers": headers}
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with an error, so that a client that is still sending can read it."""
        content = json.dumps(refusal.body, ensure_ascii=False).encode()
        headers: dict[str, str] = {
            "content-type": "application/json",
            "content-length": str(len(content)),
            **refusal.headers,
        }
        sending = not self._whole and self._sends_body()
        if sending:
            headers["connection"] = "close"
        self._guard.host.metrics.refused(refusal.code or "")
        raw = [(name.lower().encode(), _latin(value)) for name, value in headers.items()]
        start: Any = {"type": "http.response.start", "status": refusal.status, "headers": raw}
        await self.send(start)
        body = b"" if self._scope["method"] == "HEAD" else content
        await self.send({"type": "http.response.body", "body": body, "more_body": sending})
        if sending:
            await self._linger()
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    def _sends_body(self) -> bool:
        headers = Headers(scope=self._scope)
        return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

    async def _linger(self) -> None:
        thrown = 0
        try:
            async with asyncio.timeout(_LINGER_S):
                while thrown < _LINGER_BYTES:
                    message = await self._receive()
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return
                    thrown += len(message.get("body", b""))
        except TimeoutError:
            return

    def count(self) -> None:
        """Count the request."""
        took = self._first if self._first is not None else time.perf_counter() - self._started
        method = self._scope["method"]
        known = method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
        self._guard.host.metrics.request(
            self._guard.label(self._scope), method if known else "other", self._status or 499, took
        )


def too_large(most: int) -> Refusal:
    """Return the refusal of a body over its limit."""
    return Refusal(
        413,
        f"The body is larger than {human_size(most)}. Expected less. Upload large files to "
        "/v1/files one by one, or have the server's limit raised.",
        code="too_large",
        headers={"connection": "close", "x-should-retry": "false"},
    )


def _latin(value: str) -> bytes:
    return value.encode("latin-1", "replace")


def labels(routes: Mapping[Any, str]) -> Callable[[Scope], str]:
    """Return what gives a request's route, by its endpoint."""
    return lambda scope: routes.get(scope.get("endpoint"), "other")


__all__ = ("OPEN", "Guard", "labels", "too_large")

"""Server-sent events: chunks of a completion as they come, and nothing that outlives its listener."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

T = TypeVar("T")

DONE = b"data: [DONE]\n\n"
PING = b": still at it\n\n"
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",  # nginx would keep the chunks back
}


def event(data: Any) -> bytes:
    """Return one event with JSON."""
    return b"data: " + json.dumps(data, ensure_ascii=False, default=str).encode() + b"\n\n"


class EventStream(Response):
    """Sends pieces as they come; closes their generator when the client goes away.

    Args:
        pieces: What to send.
        headers: Headers besides those of every stream.
        ping_s: A silence as long as this is broken by a comment.
        closing: Called at the end, also where the client went before the first piece.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        *,
        headers: dict[str, str] | None = None,
        ping_s: float = 15.0,
        closing: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(headers={**HEADERS, **(headers or {})})
        del self.headers["content-length"]
        self.pieces = pieces
        self.ping_s = ping_s
        self.closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        del scope
        try:
            await self._serve(receive, send)
        finally:
            if self.closing is not None:
                await self.closing()

    async def _serve(self, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        gone = asyncio.ensure_future(_until_gone(receive))
        piece: asyncio.Task[bytes] | None = None
        try:
            async with contextlib.aclosing(self.pieces):
                while not gone.done():
                    piece = piece or asyncio.ensure_future(anext(self.pieces))
                    await asyncio.wait(
                        {piece, gone}, timeout=self.ping_s, return_when=asyncio.FIRST_COMPLETED
                    )
                    if piece.done():
                        body, piece = await _result(piece), None
                        if body is None:
                            await send({"type": "http.response.body", "body": b""})
                            return
                    else:
                        body = PING
                    if not gone.done():
                        await send({"type": "http.response.body", "body": body, "more_body": True})
                await _cancelled(piece)
        except BaseException:
            await _cancelled(piece)
            raise
        finally:
            gone.cancel()
            await asyncio.wait([gone])


async def _result(piece: asyncio.Task[bytes]) -> bytes | None:
    try:
        return await piece
    except StopAsyncIteration:
        return None


async def _cancelled(piece: asyncio.Task[bytes] | None) -> None:
    """Cancel what waits for the next piece: its generator cannot be closed while it runs."""
    if piece is not None and not piece.done():
        piece.cancel()
        await asyncio.wait([piece])


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Gone(Exception):
    """The client went away; nobody reads what would be answered."""


async def while_connected(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    """Do some work, and cancel it when the client goes away. Raises ``Gone`` then."""
    gone = asyncio.ensure_future(_until_gone(request.receive))
    doing = asyncio.ensure_future(work())
    try:
        await asyncio.wait({gone, doing}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            doing.cancel()
            await asyncio.wait([doing])
            raise Gone
        return await doing
    finally:
        for each in (gone, doing):
            if not each.done():
                each.cancel()
        await asyncio.wait([gone, doing])


__all__ = ("DONE", "EventStream", "Gone", "event", "while_connected")

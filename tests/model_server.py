"""A real OpenAI-compatible server on loopback that answers as a test says, and remembers."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from herd_graph import Herd


@dataclass(kw_only=True)
class Reply:
    """One answer of the server."""

    text: str = ""
    tools: list[tuple[str, dict[str, Any] | str]] = field(default_factory=list[Any])
    finish: str = ""
    tokens: tuple[int, int] = (10, 5)
    status: int = 200
    error: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    raw: bytes | None = None
    """A body in the place of the JSON."""
    cut_after: int | None = None
    """How many pieces of a stream come before the connection breaks."""
    delay: float = 0.0


def refuse(status: int, message: str, code: str = "", **headers: str) -> Reply:
    """Return an error as OpenAI words it."""
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, error={"error": told}, headers=named)


class ModelServer:
    """What runs; ``replies`` are given one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply(text="ok")]
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.open = 0
        """Requests that are being answered."""
        self.url = ""

    def says(self, *replies: Reply | str) -> None:
        """Set the replies from here on, and forget what was asked."""
        self.replies = [Reply(text=each) if isinstance(each, str) else each for each in replies]
        self.requests.clear()
        self.keys.clear()

    async def complete(self, request: Request) -> Response:
        asked = await request.json()
        self.requests.append(asked)
        self.keys.append(request.headers.get("authorization", ""))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.open += 1
        try:
            if reply.delay:
                await asyncio.wait_for(self._gone(request), reply.delay)
                return Response(status_code=499)
        except TimeoutError:
            pass
        finally:
            self.open -= 1
        if reply.error is not None:
            return JSONResponse(reply.error, reply.status, headers=reply.headers)
        if reply.raw is not None:
            return Response(reply.raw, reply.status, media_type="application/json")
        if asked.get("stream"):
            return StreamingResponse(_pieces(reply, asked), media_type="text/event-stream")
        return JSONResponse(_whole(reply, asked), headers=reply.headers)

    async def _gone(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass


def _whole(reply: Reply, asked: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.tools:
        message["tool_calls"] = [_tool(n, *each) for n, each in enumerate(reply.tools)]
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(reply)}],
        "usage": _usage(reply),
    }


async def _pieces(reply: Reply, asked: dict[str, Any]) -> AsyncIterator[str]:
    words = [f"{word} " for word in reply.text.split(" ")] if reply.text else []
    if words:
        words[-1] = words[-1][:-1]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in words]
    deltas += [{"tool_calls": [_tool(n, *each)]} for n, each in enumerate(reply.tools)]
    for number, delta in enumerate(deltas):
        if reply.cut_after is not None and number > reply.cut_after:
            raise ConnectionResetError("cut, as the test says")
        yield _event(asked, [{"index": 0, "delta": delta, "finish_reason": None}])
        await asyncio.sleep(0)
    yield _event(asked, [{"index": 0, "delta": {}, "finish_reason": _finish(reply)}])
    if (asked.get("stream_options") or {"include_usage": False})["include_usage"]:
        yield _event(asked, [], usage=_usage(reply))
    yield "data: [DONE]\n\n"


def _event(asked: dict[str, Any], choices: list[Any], **more: Any) -> str:
    chunk = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": asked["model"],
        "choices": choices,
        **more,
    }
    return f"data: {json.dumps(chunk)}\n\n"


def _tool(number: int, name: str, given: dict[str, Any] | str) -> dict[str, Any]:
    arguments = given if isinstance(given, str) else json.dumps(given)
    function = {"name": name, "arguments": arguments}
    return {"index": number, "id": f"call_{number}", "type": "function", "function": function}


def _finish(reply: Reply) -> str:
    return reply.finish or ("tool_calls" if reply.tools else "stop")


def _usage(reply: Reply) -> dict[str, int]:
    given, made = reply.tokens
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


@contextmanager
def model_server() -> Generator[ModelServer]:
    """Run a server on a free port of loopback."""
    made = ModelServer()
    routes = [Route("/v1/chat/completions", made.complete, methods=["POST"])]
    config = uvicorn.Config(
        Starlette(routes=routes), host="127.0.0.1", port=0, log_level="critical", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    made.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(60)


def add(herd: Herd, server: ModelServer, model: str = "openai/m1", **options: Any) -> None:
    """Add the model of a server to a herd, as ``gpt``."""
    said: dict[str, Any] = {"name": "gpt", "api_base": server.url, **options}
    herd.add(f"litellm:{model}", **said)

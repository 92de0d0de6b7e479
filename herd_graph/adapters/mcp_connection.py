"""One connection to an MCP server: opened when it is needed, and again after it was lost.

It lives on HERD's own event loop, whichever loop a call comes from. A call that was under way when
the server died fails; the next one starts the program, or a session, afresh.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import tempfile
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, TypeVar

from pydantic import ValidationError

from herd_graph.adapters.loops import on_engine_loop
from herd_graph.adapters.mcp_asking import Answers, Call, calling
from herd_graph.artifacts.base import printable
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertUnavailable
from herd_graph.extras import need
from herd_graph.run_logs import logger
from herd_graph.types import JSON

T = TypeVar("T")
log = logger(__name__)
_STDERR_BYTES = 1 << 20
_TAIL_CHARS = 600
_TAIL_LINES = 4
_CLOSED = -32000
"""The code of JSON-RPC errors that mean that the connection is gone."""


class Lost(Exception):
    """The connection broke: nobody knows whether the call was served."""


class Connection:
    """A connection to one server.

    Args:
        make: Makes the ``fastmcp`` client, given its log and message handlers. Called again after
            the connection was lost.
        label: The server, for messages.
        stderr: The descriptor of the file that a local server's errors go to.
        ask: What answers for a person, see ``mcp_asking``.
        sampler: The expert that the server may use.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        label: str,
        stderr: int | None = None,
        *,
        ask: object = None,
        sampler: object = None,
    ) -> None:
        self._make = make
        self.label = label
        self._stderr = stderr
        self._client: Any = None
        self._opening: asyncio.Lock | None = None
        self._calls: dict[int, Call] = {}
        self.answers = Answers(label, ask, sampler, lambda: list(self._calls.values()))
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._changed: Callable[[], Awaitable[None]] | None = None
        self.is_listening = False
        """Whether a server of the newer protocol has agreed to tell of changes."""
        self._opened = 0
        self._closed = False

    async def tools(self) -> list[Any]:
        """Return what the server offers, all pages. Raises ``ExpertUnavailable``."""

        async def fetch(client: Any) -> list[Any]:
            return await client.list_tools()

        try:
            return await on_engine_loop(self._with(fetch))
        except Lost as error:
            raise self._unavailable(error) from error

    async def call(
        self, tool: str, given: dict[str, JSON], context: ExpertContext
    ) -> tuple[Any, dict[str, Any]]:
        """Call a tool; return its result, and the resources that the result links to, by URI.

        Raises:
            ExpertUnavailable: The server cannot be reached.
            Lost: It went away during the call.
            Exception: What the client raised about this one call.
        """

        async def progress(done: float, total: float | None, message: str | None) -> None:
            fraction = min(1.0, max(0.0, done / total)) if total else None
            context.progress(fraction, printable(message or ""))

        meta = {"herd/idempotency-key": context.idempotency_key} if context.idempotency_key else {}

        call = Call(
            context=context,
            loop=asyncio.get_running_loop(),
            variables=contextvars.copy_context(),
        )

        async def make(client: Any) -> tuple[Any, dict[str, Any]]:
            self._calls[id(context)] = call
            said = calling.set(call)
            try:
                result = await client.call_tool_mcp(
                    tool, given, progress_handler=progress, meta=meta or None
                )
                return result, await _linked(client, result)
            finally:
                self._calls.pop(id(context), None)
                calling.reset(said)

        return await on_engine_loop(self._with(make))

    async def follow(self, changed: Callable[[], Awaitable[None]]) -> None:
        """Call ``changed`` on the engine's loop when the server's tools are others."""
        self._changed = changed
        await on_engine_loop(self._listen())

    async def close(self) -> None:
        """End the session, and the program where it is a local one."""
        self._closed = True
        await on_engine_loop(self._shut())

    # On the engine's loop --------------------------------------------------------------------

    async def _with(self, use: Callable[[Any], Awaitable[T]]) -> T:
        opened = self._opened
        client = await self._open()
        if opened and self._opened > opened:
            await self._tell()  # a server that was started again may offer other tools
        try:
            return await use(client)
        except Exception as error:
            if not _is_lost(error):
                raise
            if self._client is client:
                self._client = None
            self._start(self._drop(client))
            raise Lost(f"{type(error).__name__}: {error}") from error

    async def _open(self) -> Any:
        if self._closed:
            raise ExpertUnavailable(
                f"The connection to {self.label!r} is closed. Expected it to be open. Add the "
                "server to the herd again."
            )
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._client is not None:
                return self._client
            client = self._make(
                log_handler=self._on_log,
                message_handler=self._on_message,
                **self.answers.handlers(),
            )
            try:
                await client.__aenter__()
            except Exception as error:
                await self._drop(client)
                raise self._unavailable(error) from error
            except BaseException:
                await self._drop(client)
                raise
            self._client = client
            self._opened += 1
            if self._changed is not None:
                await self._listen()
            return client

    async def _listen(self) -> None:
        """Ask a server of the newer protocol to tell of changes; older ones tell unasked."""
        client = self._client
        if client is None:
            return
        version = import_module("mcp_types.version")
        if client.protocol_version in version.MODERN_PROTOCOL_VERSIONS:
            if self._listening is not None:
                self._listening.cancel()
            self._listening = self._start(self._subscribed(client))

    async def _subscribed(self, client: Any) -> None:
        lib: Any = import_module("mcp.client.subscriptions")
        try:
            async with lib.listen(client.session, tools_list_changed=True) as events:
                self.is_listening = True
                async for _ in events:
                    await self._tell()
        except Exception as error:  # it offers no subscriptions, or it went away
            log.debug("%s tells of no changes: %s", self.label, error)
        finally:
            self.is_listening = False

    async def _tell(self) -> None:
        if self._changed is None or self._closed:
            return
        try:
            await self._changed()
        except Exception as error:
            log.warning("The tools of %s cannot be read again: %s", self.label, error)

    async def _on_message(self, message: Any) -> None:
        if type(message).__name__ == "ToolListChangedNotification":
            self._start(self._tell())  # not here: the answer comes by the loop that waits for us

    async def _on_log(self, message: Any) -> None:
        """Pass a message on to the call that it belongs to, where there is one alone."""
        data = message.data
        text = data.get("msg", data) if isinstance(data, dict) else data  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        line = printable(str(text))[:_TAIL_CHARS]  # pyright: ignore[reportUnknownArgumentType]
        log.debug("%s: %s", self.label, line)
        calls = list(self._calls.values())
        if len(calls) == 1:
            calls[0].context.progress(None, line)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(
            work, name=f"mcp:{self.label}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _drop(self, client: Any) -> None:
        with contextlib.suppress(Exception):
            await client.close()

    async def _shut(self) -> None:
        current = asyncio.current_task()
        waiting = [each for each in self._tasks if each is not current]
        for each in waiting:
            if each is self._listening:
                each.cancel()
        client, self._client = self._client, None
        if client is not None:
            await self._drop(client)
        if waiting:
            await asyncio.wait(waiting, timeout=5)
        if self._stderr is not None:
            with contextlib.suppress(OSError):
                os.close(self._stderr)
            self._stderr = None

    def _unavailable(self, error: BaseException) -> ExpertUnavailable:
        told = printable(str(error)) or type(error).__name__
        unavailable = ExpertUnavailable(
            f"MCP server {self.label!r} cannot be reached: {told}. Expected a server that answers. "
            f"Check that it runs, and its URL or command.{self.tail()}"
        )
        unavailable.retryable = self._opened > 0
        return unavailable

    def tail(self) -> str:
        """Return the last lines that a local server wrote to its standard error."""
        if self._stderr is None:
            return ""
        try:
            size = os.fstat(self._stderr).st_size
            text = os.pread(self._stderr, 4 * _TAIL_CHARS, max(0, size - 4 * _TAIL_CHARS))
            if size > _STDERR_BYTES:
                os.ftruncate(self._stderr, 0)
        except OSError:
            return ""
        lines = [" ".join(each.split()) for each in text.decode("utf-8", "replace").splitlines()]
        told = printable(" / ".join([each for each in lines if each][-_TAIL_LINES:]))[-_TAIL_CHARS:]
        return f" Its last words: {told.rstrip('.')}." if told else ""


def _is_lost(error: Exception) -> bool:
    """Say whether an error means that the connection is of no more use; else it is of one call."""
    if isinstance(error, ValidationError):
        return False  # the server answered, in a form that is none
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code == _CLOSED or "session" in str(error).lower()
    return True


async def _linked(client: Any, result: Any) -> dict[str, Any]:
    """Read the resources that a result links to, from the server that named them."""
    found: dict[str, Any] = {}
    for each in result.content:
        if each.type == "resource_link":
            with contextlib.suppress(Exception):  # the link itself is passed on then
                found[str(each.uri)] = await client.read_resource(str(each.uri))
    return found


def stdio(argv: list[str], env: dict[str, str] | None, cwd: str | None) -> tuple[Any, int]:
    """Return what makes the transport of a program, and the descriptor of its standard error.

    A program inherits only the harmless part of the environment, and what ``env`` adds.
    """
    lib = need("fastmcp.client.transports", "mcp")
    errors = tempfile.TemporaryFile("a+", prefix="herd-mcp-")  # noqa: SIM115 - lives as the server does

    def make() -> Any:
        return lib.StdioTransport(
            argv[0], argv[1:], env=env, cwd=cwd, keep_alive=False, log_file=errors
        )

    return make, os.dup(errors.fileno())


__all__ = ("Connection", "Lost", "stdio")

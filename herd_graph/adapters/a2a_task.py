"""One task of an A2A agent: sent, followed to its end, cancelled when nobody waits any more."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from herd_graph.adapters.egress import Origin, http_client, origin_of
from herd_graph.adapters.http_wire import fetch
from herd_graph.adapters.schemas import from_bytes
from herd_graph.artifacts import Artifact, Data, Table, Text
from herd_graph.artifacts.base import printable
from herd_graph.config import MIB
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed
from herd_graph.types import JSON

_BINDINGS = ("JSONRPC", "HTTP+JSON")
_ENDED = frozenset(
    f"TASK_STATE_{name}"
    for name in (
        "COMPLETED",
        "FAILED",
        "CANCELED",
        "REJECTED",
        "INPUT_REQUIRED",
        "AUTH_REQUIRED",
    )
)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0
_CANCEL_S = 5.0
_FILE_BYTES = 64 * MIB


@dataclass(kw_only=True)
class Ended:
    """How a task ended."""

    state: str = ""
    """The task's state; empty where the agent answered with a message and made no task."""
    said: str = ""
    found: list[Artifact] = field(default_factory=list[Artifact])


@dataclass(kw_only=True)
class _Following:
    """What is known of a task so far."""

    task: str = ""
    state: str = ""
    said: str = ""
    parts: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """The parts of each of its artifacts, by id, in the order in which they came."""
    message: list[Any] | None = None
    known: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the task has a name."""

    @property
    def has_ended(self) -> bool:
        return self.message is not None or self.state in _ENDED


class Agent:
    """An agent, as its card describes it.

    Args:
        card: The agent's card.
        headers: What goes with each call; read when it is made.
        origin: The server that the user named.
        label: Its name, for messages.
    """

    def __init__(
        self, card: Any, headers: Callable[[], dict[str, str]], origin: Origin, label: str
    ) -> None:
        self.card = card
        self.headers = headers
        self.origin = origin
        self.label = label
        self._ending: set[asyncio.Task[None]] = set()

    def parts(self, given: Sequence[Artifact]) -> list[Any]:
        """Return the parts of a message: words as text, values as data, anything else as a file."""
        return [_part(each) for each in given]

    async def ask(
        self,
        skill: str,
        parts: list[Any],
        modes: tuple[str, ...],
        context: ExpertContext,
        expert: str,
    ) -> Ended:
        """Send a message and wait until the task has ended.

        Raises:
            ExpertFailed: The agent cannot be reached, or breaks off for good.
        """
        following = _Following()
        work = asyncio.get_running_loop().create_task(
            self._asked(following, skill, parts, modes, context, expert), name=f"a2a:{expert}"
        )
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._start(self._leave(work, following))
            raise

    async def _asked(
        self,
        following: _Following,
        skill: str,
        parts: list[Any],
        modes: tuple[str, ...],
        context: ExpertContext,
        expert: str,
    ) -> Ended:
        async with self._client() as (client, http):
            try:
                async for event in client.send_message(_request(skill, parts, modes, context)):
                    _follow(following, event, context)
            except Exception as error:
                if not following.task:
                    raise self._lost(expert, error) from error
            await self._poll(client, following, context, expert)
            return await self._ended(following, http)

    async def _poll(
        self, client: Any, following: _Following, context: ExpertContext, expert: str
    ) -> None:
        """Ask again until the task has ended: an agent without a stream, or one that broke off."""
        types: Any = import_module("a2a.types.a2a_pb2")
        wait, failures = _FIRST_WAIT_S, 0
        while not following.has_ended:
            if not following.task:
                raise self._lost(expert, RuntimeError("it answered with nothing"))
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)
            try:
                task = await client.get_task(types.GetTaskRequest(id=following.task))
            except Exception as error:
                failures += 1
                if failures >= 3:
                    raise self._lost(expert, error) from error
                continue
            failures = 0
            _take_task(following, task, context)

    async def _ended(self, following: _Following, http: Any) -> Ended:
        given = following.message
        if given is None:
            given = [part for parts in following.parts.values() for part in _merged(parts)]
        found = [await self._artifact(part, http) for part in given]
        if following.message is not None and not following.said:
            following.said = "\n".join(each.text for each in found if isinstance(each, Text))
        return Ended(state=following.state, said=following.said, found=found)

    async def _artifact(self, part: Any, http: Any) -> Artifact:
        kind = part.WhichOneof("content")
        name = str(part.filename).rpartition("/")[2][:200]
        mime = str(part.media_type)
        if kind == "text":
            if mime in {"", "text/plain"} and not name:
                return Text(str(part.text))
            return from_bytes(str(part.text).encode(), mime or "text/plain", name, limits=None)
        if kind == "raw":
            return from_bytes(bytes(part.raw), mime, name, limits=None)
        if kind == "data":
            to_dict: Any = import_module("google.protobuf.json_format").MessageToDict
            return Data(_whole(to_dict(part.data)))
        url = str(part.url)
        headers = self.headers() if origin_of(url) == self.origin else {}
        answer = await fetch(http, "GET", url, headers=headers, limit=_FILE_BYTES, label=self.label)
        if answer.status >= 300:
            return Text(url)
        mime = mime or answer.headers.get("content-type", "")
        return from_bytes(answer.content, mime, name, limits=None)

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncGenerator[tuple[Any, Any]]:
        lib: Any = import_module("a2a.client")
        async with http_client({self.origin}, headers=self.headers()) as http:
            config = lib.ClientConfig(
                httpx_client=http, supported_protocol_bindings=list(_BINDINGS)
            )
            client = lib.ClientFactory(config).create(self.card)
            async with http_client({self.origin}) as files:
                yield client, files

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something without holding up whoever is leaving."""
        task = asyncio.get_running_loop().create_task(work, name=f"a2a:{self.label}")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _leave(self, work: asyncio.Task[Ended], following: _Following) -> None:
        """Cancel a task at the agent, once it has said what the task is called."""
        known = asyncio.ensure_future(following.known.wait())
        await asyncio.wait([known, work], timeout=_CANCEL_S, return_when=asyncio.FIRST_COMPLETED)
        known.cancel()
        if following.task and not following.has_ended:
            await self._cancel(following.task)
        work.cancel()
        await asyncio.wait([work], timeout=_CANCEL_S)
        if work.done() and not work.cancelled():
            work.exception()  # nobody waits for it

    async def _cancel(self, task: str) -> None:
        types: Any = import_module("a2a.types.a2a_pb2")
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CANCEL_S), self._client() as (client, _):
                await client.cancel_task(types.CancelTaskRequest(id=task))

    def _lost(self, expert: str, error: BaseException) -> ExpertFailed:
        told = printable(str(error)).strip().rstrip(".")[:500] or type(error).__name__
        failed = ExpertFailed(
            f"Expert {expert!r}: agent {self.label!r} cannot be reached or refused: {told}. Expected "
            "an answer. Check that it runs, and what it was sent."
        )
        connecting = "onnect" in f"{type(error).__name__} {type(error.__cause__).__name__}"
        failed.retryable = connecting
        return failed


def _request(skill: str, parts: list[Any], modes: tuple[str, ...], context: ExpertContext) -> Any:
    types: Any = import_module("a2a.types.a2a_pb2")
    message = types.Message(message_id=str(uuid.uuid4()), role=types.Role.ROLE_USER, parts=parts)
    if skill:
        message.metadata.update({"skill": skill})
    if context.idempotency_key:
        message.metadata.update({"herd/idempotency-key": context.idempotency_key})
    request = types.SendMessageRequest(message=message)
    request.configuration.accepted_output_modes.extend(modes)
    return request


def _part(item: Artifact) -> Any:
    types: Any = import_module("a2a.types.a2a_pb2")
    if isinstance(item, Text) and not item.name and item.mime == "text/plain":
        return types.Part(text=item.text)
    if isinstance(item, Data) or (isinstance(item, Table) and not item.name):
        parse: Any = import_module("google.protobuf.json_format").Parse
        content = item.bytes() if isinstance(item, Data) else _rows(item)
        return types.Part(
            data=parse(content, import_module("google.protobuf.struct_pb2").Value()),
            media_type="application/json",
        )
    return types.Part(raw=item.bytes(), media_type=item.mime, filename=item.name)


def _rows(table: Table) -> bytes:
    from herd_graph.artifacts.base import to_json

    return to_json([dict(row) for row in table.rows])


def _follow(following: _Following, event: Any, context: ExpertContext) -> None:
    kind = event.WhichOneof("payload")
    if kind == "task":
        _take_task(following, event.task, context)
        following.known.set()
    elif kind == "message":
        following.message = list(event.message.parts)
    elif kind == "status_update":
        following.task = following.task or event.status_update.task_id
        _take_status(following, event.status_update.status, context)
    elif kind == "artifact_update":
        update = event.artifact_update
        following.task = following.task or update.task_id
        known = following.parts.setdefault(update.artifact.artifact_id, [])
        if not update.append:
            known.clear()
        known.extend(update.artifact.parts)
        for part in update.artifact.parts:
            if part.WhichOneof("content") == "text":
                context.token(str(part.text))


def _take_task(following: _Following, task: Any, context: ExpertContext) -> None:
    following.task = task.id
    for each in task.artifacts:
        following.parts[each.artifact_id] = list(each.parts)
    _take_status(following, task.status, context)


def _take_status(following: _Following, status: Any, context: ExpertContext) -> None:
    types: Any = import_module("a2a.types.a2a_pb2")
    following.state = str(types.TaskState.Name(status.state))
    said = "\n".join(
        str(part.text) for part in status.message.parts if part.WhichOneof("content") == "text"
    )
    following.said = said or following.said
    if said and following.state not in _ENDED:
        context.progress(None, printable(said)[:300])


def _merged(parts: list[Any]) -> list[Any]:
    """Return parts with pieces of text that follow one another as one: a stream cuts them."""
    made: list[Any] = []
    for part in parts:
        last = made[-1] if made else None
        if (
            last is not None
            and part.WhichOneof("content") == last.WhichOneof("content") == "text"
            and (part.filename, part.media_type) == (last.filename, last.media_type)
        ):
            joined = type(part)()
            joined.CopyFrom(last)
            joined.text = last.text + part.text
            made[-1] = joined
        else:
            made.append(part)
    return made


def _whole(value: Any) -> JSON:
    """Write whole numbers as such: the wire knows floats alone."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {str(key): _whole(each) for key, each in cast("dict[str, Any]", value).items()}
    return cast("JSON", value)


__all__ = ("Agent", "Ended")

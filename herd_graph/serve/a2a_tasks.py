"""A2A's tasks as runs: parts in, status while it goes on, artifacts out. Imports A2A's SDK."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from a2a.auth.user import User
from a2a.helpers.proto_helpers import new_data_part, new_raw_part, new_text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.context import ServerCallContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.server.routes import DefaultServerCallContextBuilder, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCard, Message, Part, Task, TaskState
from a2a.types import Role as Roles
from a2a.utils.errors import InvalidParamsError
from google.protobuf.json_format import MessageToDict

from herd_graph.artifacts import Artifact, Data, load
from herd_graph.chat_content import ARTIFACT_URL, artifact_of, stored
from herd_graph.coordination.answers import AnswerPart
from herd_graph.errors import HerdError
from herd_graph.recording.events import Event
from herd_graph.runs import Run
from herd_graph.serve.a2a import skill_named
from herd_graph.serve.calls import Hosted, Under, Wanted, ended
from herd_graph.serve.conversation import Conversation, Said
from herd_graph.serve.errors import Refusal
from herd_graph.serve.one_expert import RequestSources, for_expert
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from herd_graph.serve.host import Host
    from herd_graph.serve.keys import Key

_REMEMBERED = 1024
"""Tasks that can be asked about; one that waits for an answer is among the newest."""
_YES = frozenset({"yes", "y", "ok", "okay", "approve", "approved", "allow", "true"})


class _Caller(User):
    """Who calls: the owner of a key. Tasks are theirs alone."""

    def __init__(self, key: Key) -> None:
        self.key = key

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def user_name(self) -> str:
        return self.key.id


class _Contexts(DefaultServerCallContextBuilder):
    def build_user(self, request: Request) -> User:
        return _Caller(request.scope["state"]["key"])


class _Recent(InMemoryTaskStore):
    """Keeps the newest tasks: a server that runs for months must not keep them all."""

    def __init__(self) -> None:
        super().__init__()
        self._order: OrderedDict[str, ServerCallContext] = OrderedDict()

    async def save(self, task: Task, context: ServerCallContext) -> None:
        """Keep a task, and let go of the oldest."""
        await super().save(task, context)
        self._order[task.id] = context
        self._order.move_to_end(task.id)
        while len(self._order) > _REMEMBERED:
            oldest, owner = self._order.popitem(last=False)
            await self.delete(oldest, owner)


def rpc_routes(host: Host, path: str, card: AgentCard) -> list[Route]:
    """Return the route of the JSON-RPC endpoint."""
    handler = DefaultRequestHandlerV2(
        agent_executor=Tasks(host), task_store=_Recent(), agent_card=card
    )
    return create_jsonrpc_routes(
        handler, path, context_builder=_Contexts(), enable_v0_3_compat=True
    )


@dataclass(kw_only=True)
class _Known:
    """What is known of a task."""

    run: str = ""
    under: Under | None = None
    questions: list[str] = field(default_factory=list[str])
    """Steps that wait for a yes."""


class Tasks(AgentExecutor):
    """Works on tasks.

    Args:
        host: The server's parts.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Work on a task until it is done, or a person has to be asked."""
        assert context.message is not None
        assert context.task_id is not None
        assert context.context_id is not None
        task_id, context_id = context.task_id, context.context_id
        user = cast("_Caller", context.call_context.user)
        calls = Hosted(self._host, user.key)
        updater = TaskUpdater(event_queue, task_id, context_id)
        known = self._of(task_id)
        if context.current_task is None:
            task = Task(id=task_id, context_id=context_id, history=[context.message])
            task.status.state = TaskState.TASK_STATE_SUBMITTED
            await event_queue.enqueue_event(task)
        try:
            if known.questions:
                run = await self._answered(context.message, known, calls)
            else:
                run = await self._worked(context, known, calls, updater)
            await self._settle(run, known, calls, updater)
        except asyncio.CancelledError:
            if known.under is not None:
                await ended(known.under)
            raise
        except (HerdError, Refusal) as error:
            await updater.failed(_message(updater, str(error)))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Stop a task's run; what is finished is kept."""
        assert context.task_id is not None
        known = self._of(context.task_id)
        if known.under is not None:
            known.under.cancel()
        updater = TaskUpdater(event_queue, context.task_id, context.context_id or "")
        await updater.cancel()

    def _of(self, task_id: str) -> _Known:
        known = self._known.setdefault(task_id, _Known())
        self._known.move_to_end(task_id)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return known

    async def _worked(
        self, context: RequestContext, known: _Known, calls: Hosted, updater: TaskUpdater
    ) -> Run:
        message = context.message
        assert message is not None
        said, named = await self._read(message, calls)
        metadata = {**MessageToDict(message.metadata), **context.metadata}
        skill, thread = skill_named(metadata), updater.context_id
        if skill:
            card = calls.herd.registry.find(skill).card
            sources = RequestSources(self._host, calls.key, None)
            conversation = Conversation(request=said)
            plan, inputs, _ = await for_expert(card, conversation, named, sources)
            known.under = await calls.start(Wanted(what=plan, inputs=inputs, thread=thread))
        else:
            if not said.text.strip():
                raise InvalidParamsError("The message has no words. Expected a request in a part.")
            refs = [each.put(calls.store) for each in said.attachments]
            known.under = await calls.start(Wanted(what=said.text, files=refs, thread=thread))
        known.run = known.under.id
        await updater.start_work()
        async for event in known.under.events():
            told = _told(event)
            if told:
                await updater.start_work(_message(updater, told))
        return await known.under.finish()

    async def _read(self, message: Message, calls: Hosted) -> tuple[Said, dict[str, Any]]:
        """Return what a message says: its words, its files, and values by name."""
        said, named, words = Said(), dict[str, Any](), list[str]()
        for part in message.parts:
            kind = part.WhichOneof("content")
            if kind == "text":
                words.append(part.text)
            elif kind == "data":
                value = _whole_numbers(MessageToDict(part.data))
                if isinstance(value, Mapping):
                    named.update(cast("Mapping[str, Any]", value))
                else:
                    said.attachments.append(Data(value))
            elif kind is not None:
                said.attachments.append(await self._file(part, calls))
        said.text = "\n".join(words)
        return said, named

    async def _file(self, part: Part, calls: Hosted) -> Artifact:
        content, name = part.raw, part.filename
        if part.WhichOneof("content") == "url":
            if part.url.startswith(ARTIFACT_URL):
                ref = stored(part.url, calls.store, name=name)
                return load(ref, calls.store)
            content, fetched = await self._host.egress.fetch(part.url, "parts")
            name = name or fetched

        def checked() -> Artifact:
            made = artifact_of(content, name)
            made.check(calls.config.limits)
            return made

        return await in_thread(checked, label="a2a:file")

    async def _answered(self, message: Message, known: _Known, calls: Hosted) -> Run:
        """Go on with a run that asked, as the answer says: only a clear yes is one."""
        words = " ".join(part.text for part in message.parts).strip().strip(".!").casefold()
        answers = dict.fromkeys(known.questions, words in _YES)
        known.questions = []
        return await calls.resume(known.run, answers)

    async def _settle(self, run: Run, known: _Known, calls: Hosted, updater: TaskUpdater) -> None:
        """Give the answer's parts as artifacts, and the task its state."""
        if run.status == "waiting":
            questions = await calls.questions(run.id)
            known.questions = list(questions)
            told = "\n".join([*questions.values(), "Answer yes, or no."])
            await updater.requires_input(_message(updater, told))
            return
        answer = run.answer
        for number, part in enumerate(answer.parts, start=1):
            if part.status == "done":
                parts = await in_thread(lambda part=part: _parts(part, calls), label="a2a:parts")
                await updater.add_artifact(
                    parts,
                    artifact_id=f"{run.id}-{number}",
                    name=part.ask or part.expert,
                    metadata={"from": part.provenance, "caution": part.caution},
                    last_chunk=True,
                )
        metadata = {"run": run.id, "status": run.status, "usd": run.usd, "seconds": run.seconds}
        state = {
            "done": TaskState.TASK_STATE_COMPLETED,
            "partial": TaskState.TASK_STATE_COMPLETED,
            "abstained": TaskState.TASK_STATE_REJECTED,
        }.get(run.status, TaskState.TASK_STATE_FAILED)
        whole = run.status == "done"
        told = "" if whole else answer.render(provenance=False)
        await updater.update_status(
            state, message=_message(updater, told) if told else None, metadata=metadata
        )


def _whole_numbers(value: Any) -> Any:
    """Return JSON with its integers: A2A's messages hold every number as a float."""
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        return {name: _whole_numbers(each) for name, each in named.items()}
    if isinstance(value, list):
        return [_whole_numbers(each) for each in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _told(event: Event) -> str:
    data = event.data
    match event.kind:
        case "planned":
            return f"{data.get('steps', 0)} steps are planned"
        case "started":
            return f"{event.step}: {data.get('expert', '')}"
        case "finished":
            return f"{event.step}: {data.get('status', '')}"
        case _:
            return ""


def _message(updater: TaskUpdater, text: str) -> Message:
    return Message(
        message_id=f"{updater.task_id}-{abs(hash(text)):x}",
        role=Roles.ROLE_AGENT,
        parts=[new_text_part(text)],
        task_id=updater.task_id,
        context_id=updater.context_id,
    )


def _parts(part: AnswerPart, calls: Hosted) -> list[Part]:
    """Return a part of an answer as A2A's parts: words, values, and files with their bytes."""
    made = [_part(ref, calls) for ref in part.artifacts]
    return made or [new_text_part(part.text)]


def _part(ref: ArtifactRef, calls: Hosted) -> Part:
    artifact = load(ref, calls.store)
    if ref.kind is Kind.TEXT:
        return new_text_part(str(artifact))
    if isinstance(artifact, Data):
        return new_data_part(cast("Data[Any]", artifact).value)
    return new_raw_part(artifact.bytes(), media_type=ref.mime, filename=ref.name or None)


__all__ = ("Tasks", "rpc_routes")

"""From a checked chat request to a run under way: which expert, what it is given, what was before."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from herd_graph.artifacts import Artifact
from herd_graph.artifacts.attach import attach_bytes
from herd_graph.budgets import Budget
from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import ConfigError
from herd_graph.plans import FromInput, Plan, Step
from herd_graph.recording.events import Event
from herd_graph.serve.conversation import Conversation, as_turn, decoded, read
from herd_graph.serve.errors import Refusal, not_allowed
from herd_graph.serve.host import Host, Live, Target
from herd_graph.serve.keys import Key
from herd_graph.serve.schemas import ChatRequest
from herd_graph.threads import in_thread
from herd_graph.types import JSON, Kind, StepId

_MEDIA = {Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT, Kind.TABLE}
_FILE_ID = "file-"


@dataclass(kw_only=True)
class Asked:
    """A request that is being run."""

    live: Live
    conversation: Conversation
    ignored: list[str]
    began: float = field(default_factory=time.perf_counter)


def check_supported(request: ChatRequest) -> None:
    """Refuse what would change the answer and is not done here; sampling is the experts' own.

    Raises:
        Refusal: With 400, naming the parameter.
    """
    wanted = "Expected none: HERD plans over its own experts. Leave it out."
    for name in ("tools", "functions", "logit_bias", "prediction", "web_search_options"):
        if getattr(request, name):
            raise not_allowed(f"{name!r} is not supported here. {wanted}", name)
    if request.stop:
        raise not_allowed(f"'stop' is not supported: answers come whole. {wanted}", "stop")
    if request.logprobs:
        raise not_allowed(
            f"'logprobs' are not there: not every expert is a model. {wanted}", "logprobs"
        )
    if request.n not in {None, 1}:
        raise not_allowed(
            f"n={request.n} is not supported. Expected 1: the same plan gives the same answer. "
            "Leave it out.",
            "n",
        )
    form = (request.response_format or {}).get("type", "text")
    if form != "text":
        raise not_allowed(
            f"response_format {form!r} is not supported. Expected 'text': the answer's structure is "
            "in the field 'herd' of each response. Leave it out.",
            "response_format",
        )
    unknown = set(request.modalities or ()) - {"text", "audio"}
    if unknown:
        raise not_allowed(
            f"modalities {sorted(unknown)} are not supported. Expected 'text' and 'audio'; other "
            "media come as links.",
            "modalities",
        )


def budget_of(request: ChatRequest) -> Budget | None:
    """Return the limits that a request names. Raises ``Refusal``."""
    if request.herd_budget is None:
        return None
    try:
        return Budget.model_validate(request.herd_budget)
    except (ValidationError, ConfigError):
        raise Refusal(
            400,
            f"herd_budget {request.herd_budget!r:.200} is none. Expected any of usd, seconds and "
            "calls, positive numbers, calls a whole one.",
            code="invalid_budget",
            param="herd_budget",
        ) from None


async def ask(
    host: Host, request: ChatRequest, key: Key, listener: Callable[[Event], None] | None = None
) -> Asked:
    """Start what a chat request asks for.

    Raises:
        Refusal: It cannot be done here.
        HerdError: An attachment or a plan is wrong.
    """
    check_supported(request)
    budget = budget_of(request)
    target = host.target(request.model)
    thread = request.herd_thread or (request.metadata or {}).get("thread") or None
    host.admit()  # before attachments are decoded for nothing
    sources = _Sources(host, key)
    conversation = await read(
        request.messages, sources, target.herd.config, owner=f"{key.id}:{target.herd_name}"
    )
    ignored = list(conversation.ignored)
    if target.card is not None:
        plan, inputs, unused = await _for_expert(
            target.card, conversation, request.herd_inputs or {}, sources
        )
        live = await host.start(
            target,
            plan,
            (),
            key=key,
            inputs=inputs,
            thread=thread,
            history=(),
            budget=budget,
            listener=listener,
        )
        return Asked(live=live, conversation=conversation, ignored=ignored + unused)
    if request.herd_inputs:
        raise not_allowed(
            "'herd_inputs' name the inputs of one expert, and the model is a whole herd. Expected "
            f"model '{target.herd_name}/EXPERT'. Name one, or leave them out.",
            "herd_inputs",
        )
    history = None if thread is not None else await _history(host, target, conversation)
    live = await host.start(
        target,
        conversation.request.text,
        conversation.request.attachments,
        key=key,
        thread=thread,
        history=history,
        budget=budget,
        listener=listener,
    )
    return Asked(live=live, conversation=conversation, ignored=ignored)


async def _history(
    host: Host, target: Target, conversation: Conversation
) -> tuple[Mapping[str, JSON], ...]:
    """Return what was before: runs of ours where they are known, words where they are not."""
    if not conversation.earlier:
        return ()

    def look_up() -> tuple[Mapping[str, JSON], ...]:
        turns: list[Mapping[str, JSON]] = []
        for exchange in conversation.earlier:
            run = host.turns.find(exchange.mark)
            known = host.history_of(target.herd, run) if run is not None else None
            turns.append(as_turn(exchange, target.herd.store) if known is None else known)
        return tuple(turns)

    return await in_thread(look_up, label="serve:history")


@dataclass(frozen=True)
class _Sources:
    """Where attachments come from: allowed hosts, and files of the same key."""

    host: Host
    key: Key

    async def fetch(self, url: str, param: str) -> tuple[bytes, str]:
        return await self.host.egress.fetch(url, param)

    async def uploaded(self, identity: str, param: str) -> Artifact:
        files = self.host.files
        try:
            return await in_thread(
                lambda: files.artifact(files.get(identity, self.key)), label="serve:file"
            )
        except Refusal as refusal:
            refusal.param = param
            raise


async def _for_expert(
    card: ExpertCard, conversation: Conversation, named: Mapping[str, JSON], sources: _Sources
) -> tuple[Plan, dict[str, Any], list[str]]:
    """Return a plan of one step, its inputs, and what of the message no input takes."""
    ports = {port.name: port for port in card.inputs}
    unknown = [name for name in named if name not in ports]
    if unknown:
        raise Refusal(
            400,
            f"Expert {card.id!r} has no input {unknown[0]!r}. Expected those of {card.signature}.",
            code="unknown_input",
            param="herd_inputs",
        )
    inputs: dict[str, Any] = {
        name: await _named(ports[name], value, card, sources) for name, value in named.items()
    }
    free = [port for port in card.inputs if port.name not in inputs]
    unused: list[str] = []
    for attachment in conversation.request.attachments:
        port = next((each for each in free if _takes(each, attachment)), None)
        if port is None:
            unused.append(f"attachment {attachment.name or attachment.kind.value!r}")
        elif port.many:
            inputs.setdefault(port.name, []).append(attachment)
        else:
            inputs[port.name] = attachment
            free.remove(port)
    words = conversation.request.text
    port = next((each for each in free if each.name not in inputs and _takes_words(each)), None)
    if words and port is None:
        unused.append("the words of the message")
    elif words and port is not None:
        from herd_graph.artifacts import Text

        value: Any = Text(words) if {Kind.TEXT, Kind.ANY} & set(port.kinds) else words
        inputs[port.name] = [value] if port.many else value
    missing = [port for port in free if port.required and port.name not in inputs]
    if missing:
        raise Refusal(
            400,
            f"Expert {card.id!r} needs {', '.join(map(str, missing))}, which the message does not "
            f"hold. Expected {card.signature}. Send words and attachments for it in the last "
            "message, or name the input: herd_inputs={'"
            f"{missing[0].name}': …}} (extra_body in OpenAI's Python client).",
            code="missing_input",
            param="messages",
        )
    step = Step(
        id=StepId("s1"),
        expert=card.id,
        inputs={name: FromInput(input=name) for name in inputs},
        ask=words[:200],
    )
    plan = Plan(
        steps=(step,), inputs={name: ports[name] for name in inputs}, author=f"chat:{card.name}"
    )
    return plan, inputs, unused


def _takes(port: Port, attachment: Artifact) -> bool:
    kinds = set(port.kinds)
    fits = attachment.kind in kinds or Kind.ANY in kinds
    return fits and port.takes_mime(attachment.mime)


def _takes_words(port: Port) -> bool:
    return bool({Kind.TEXT, Kind.ANY} & set(port.kinds)) or port.scalar == "string"


async def _named(port: Port, value: JSON, card: ExpertCard, sources: _Sources) -> Any:
    """Return the input that a JSON value is. A string is never a path here."""
    if isinstance(value, list) and port.many:
        return [await _named(port, each, card, sources) for each in value]
    where = f"herd_inputs.{port.name}"
    if isinstance(value, str) and set(port.kinds) & {*_MEDIA, Kind.ANY}:
        if value.startswith(_FILE_ID):
            return await sources.uploaded(value, where)
        if value[:5].lower() == "data:":
            content, config = decoded(value, where), sources.host.herd.config
            return await in_thread(
                lambda: attach_bytes(content, config=config), label="serve:attach"
            )
        if Kind.TEXT not in port.kinds and Kind.ANY not in port.kinds:
            raise Refusal(
                400,
                f"Input {port.name!r} of expert {card.id!r} is {port.type_name}, and {value!r:.80} "
                "is none. Expected a data: URL, or the id of a file in /v1/files.",
                code="bad_input",
                param=where,
            )
    from herd_graph.artifacts import Data, Text

    if isinstance(value, str) and {Kind.TEXT, Kind.ANY} & set(port.kinds):
        return Text(value)
    return Data(value) if port.kind is Kind.DATA else value


__all__ = ("Asked", "ask", "budget_of", "check_supported")

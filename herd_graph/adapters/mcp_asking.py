"""What an MCP server asks back in the middle of a call: a person's answer, or a model's words.

Both go to whom the user named, and to nobody else: ``ask=`` is a function that answers for a person,
``sampler=`` an expert that is lent to the server. Without them the client does not offer the
capability, so a server is told at once that it may not ask; it never gets a made-up answer.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from herd_graph.adapters.litellm_tools import call_inside
from herd_graph.adapters.mcp_content import artifacts_of
from herd_graph.artifacts import Artifact, Text
from herd_graph.artifacts.base import printable
from herd_graph.cards import Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, PortViolation
from herd_graph.experts import Expert, Payload
from herd_graph.slots import as_text
from herd_graph.threads import in_thread
from herd_graph.types import Kind

MOST_SAMPLES = 8
"""How often a server may use the sampler in one call of a tool."""
_MOST_CHARS = 2_000


@dataclass(frozen=True, kw_only=True)
class Elicitation:
    """What a server wants to know from a person."""

    server: str
    message: str
    """In the server's words: show them as such."""
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """A JSON schema of what is asked for, an object of plain values."""
    url: str = ""
    """A page that the person is asked to visit; nothing opens it."""
    run: str = ""
    step: str = ""


Ask = Callable[[Elicitation], Any]
"""Answers with the fields, with the value where there is one field, or with None: declined."""


@dataclass(kw_only=True)
class Call:
    """A call of a tool that is under way, and where it came from."""

    context: ExpertContext
    loop: asyncio.AbstractEventLoop
    variables: contextvars.Context
    samples: int = 0

    async def there(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do work as the call itself would: on its loop, within its run and its budget."""

        async def begin() -> Any:
            return await work()

        start = asyncio.run_coroutine_threadsafe
        return await asyncio.wrap_future(self.variables.copy().run(start, begin(), self.loop))


calling: contextvars.ContextVar[Call | None] = contextvars.ContextVar("herd_mcp_call", default=None)
"""The call that a question belongs to, where the protocol asks within it (from 2026-07-28 on)."""


class Answers:
    """Answers a server's questions.

    Args:
        server: Who asks, for messages.
        ask: What answers for a person.
        sampler: The expert that is lent to the server.
        under_way: Gives the calls under way: before 2026-07-28 a question names none.

    Raises:
        DeclarationError: The sampler is none.
    """

    def __init__(
        self,
        server: str,
        ask: object,
        sampler: object,
        under_way: Callable[[], Sequence[Call]],
    ) -> None:
        if ask is not None and not callable(ask):
            raise DeclarationError(
                f"ask={ask!r:.80} is no function. Expected one that takes what {server!r} asks and "
                "returns the answer, or None to decline."
            )
        self.server = server
        self._ask = ask
        self._sampler = _checked(sampler, server)
        self._under_way = under_way

    @property
    def lent(self) -> dict[str, Expert]:
        """The expert that the server may use, by its id."""
        return {} if self._sampler is None else {self._sampler.card.id: self._sampler}

    def handlers(self) -> dict[str, Any]:
        """Return what a ``fastmcp`` client is made with: only what can be answered is offered."""
        made: dict[str, Any] = {}
        if self._ask is not None:
            made["elicitation_handler"] = self.elicited
        if self._sampler is not None:
            made["sampling_handler"] = self.sampled
        return made

    def refused(self, error: Exception) -> str:
        """Return what to do about a question that could not be answered; empty for other errors."""
        told = str(error).lower()
        if "elicitation" in told and self._ask is None:
            return (
                "It asks a person. Pass ask=…, a function that answers, when the server is added."
            )
        if "sampling" in told and self._sampler is None:
            return "It asks for a model. Pass sampler=…, an expert, when the server is added."
        return ""

    def _call(self) -> Call | None:
        said = calling.get()
        if said is not None:
            return said
        calls = self._under_way()
        return calls[0] if len(calls) == 1 else None

    # A person -----------------------------------------------------------------------------------

    async def elicited(self, message: str, _: Any, params: Any, __: Any) -> Any:
        """Put a question to whoever answers for a person."""
        wire: Any = import_module("mcp_types")
        call = self._call()
        schema: Mapping[str, Any] = getattr(params, "requested_schema", None) or {}
        question = Elicitation(
            server=self.server,
            message=printable(message)[:_MOST_CHARS],
            fields=schema,
            url=printable(str(getattr(params, "url", None) or "")),
            run=str(call.context.run) if call is not None else "",
            step=str(call.context.step) if call is not None else "",
        )
        if call is not None:
            call.context.progress(None, f"{self.server} asks: {question.message}"[:_MOST_CHARS])
        said = await self._put(question, call)
        content = None if said is None else _filled(said, schema, self.server)
        if content is None:
            return wire.ElicitResult(action="decline")
        return wire.ElicitResult(action="accept", content=content if schema else None)

    async def _put(self, question: Elicitation, call: Call | None) -> Any:
        ask = cast("Ask", self._ask)

        async def put() -> Any:
            if inspect.iscoroutinefunction(ask):
                return await ask(question)
            said = await in_thread(lambda: ask(question), label="mcp:ask")
            return await said if inspect.isawaitable(said) else said

        return await (put() if call is None else call.there(put))

    # A model ------------------------------------------------------------------------------------

    async def sampled(self, messages: Sequence[Any], params: Any, _: Any) -> Any:
        """Have the sampler say what a server's prompt asks for, at the call's own cost."""
        wire: Any = import_module("mcp_types")
        sampler, call = cast("Expert", self._sampler), self._call()
        if call is None:
            raise ExpertFailed(
                f"{self.server!r} asks for a model, and nobody knows for which of its calls. "
                "Expected one call at a time from a server of the older protocol."
            )
        if getattr(params, "tools", None):
            raise ExpertFailed(
                "The request for a model comes with tools. Expected none: they would be called "
                "by the model on behalf of the server. Ask without them."
            )
        call.samples += 1
        if call.samples > MOST_SAMPLES:
            raise ExpertFailed(
                f"{self.server!r} asked for a model more than {MOST_SAMPLES} times in one call. "
                "Expected fewer. Ask for more at a time."
            )
        inputs = _inputs(sampler, messages, str(getattr(params, "system_prompt", None) or ""))
        call.context.progress(None, f"{self.server} asks {sampler.name}")
        number = call.samples
        outputs = await call.there(lambda: call_inside(sampler, inputs, call.context, number))
        given: Any = next(iter(outputs.values()))
        text = as_text(given[0] if isinstance(given, list) else given)  # pyright: ignore[reportUnknownArgumentType]
        return wire.CreateMessageResult(
            role="assistant",
            content=wire.TextContent(type="text", text=text),
            model=f"herd/{sampler.name}",
            stop_reason="endTurn",
        )


def _checked(sampler: object, server: str) -> Expert | None:
    """Return an expert that takes a text and gives one."""
    if sampler is None:
        return None
    why = ""
    if not isinstance(sampler, Expert):
        why = "it is no expert"
    elif sampler.card.approve:
        why = "it asks a person before it is called, and a server would call it unasked"
    elif _text_port(sampler) is None:
        why = "it needs other inputs than one text"
    elif not sampler.card.outputs or sampler.card.outputs[0].kind is not Kind.TEXT:
        why = "it gives no text"
    if why:
        raise DeclarationError(
            f"sampler={sampler!r:.80} cannot be lent to {server!r}: {why}. Expected an expert from "
            "a text to a text, such as a language model."
        )
    return cast("Expert", sampler)


def _text_port(sampler: Expert) -> Port | None:
    needed = [each for each in sampler.card.inputs if each.required]
    first = needed[0] if needed else next(iter(sampler.card.inputs), None)
    return first if first and Kind.TEXT in first.kinds and len(needed) <= 1 else None


def _inputs(sampler: Expert, messages: Sequence[Any], system: str) -> dict[str, Payload]:
    """Return a conversation as the inputs of an expert. Raises ``PortViolation``."""
    told, media = ([system] if system else []), list[Artifact]()
    several = len(messages) > 1
    for message in messages:
        content: Any = message.content
        blocks = cast("list[Any]", content if isinstance(content, list) else [content])
        for artifact in (made for block in blocks for made in artifacts_of(block, {})):
            if isinstance(artifact, Text):
                told.append(f"{message.role}: {artifact.text}" if several else artifact.text)
            else:
                media.append(artifact)
    main = _text_port(sampler)
    assert main is not None
    inputs: dict[str, Payload] = {main.name: Text("\n\n".join(told) or " ")}
    for artifact in media:
        port = next(
            (
                each
                for each in sampler.card.inputs
                if each is not main
                and artifact.kind in each.kinds
                and (each.many or each.name not in inputs)
            ),
            None,
        )
        if port is None:
            raise PortViolation(
                f"{sampler.name!r} cannot be shown {artifact.kind.value}: {sampler.card.signature}. "
                "Expected words alone, or a sampler that hears more."
            )
        there = inputs.get(port.name)
        if port.many:
            inputs[port.name] = [*(there if isinstance(there, list) else []), artifact]
        else:
            inputs[port.name] = artifact
    return inputs


def _filled(said: Any, schema: Mapping[str, Any], server: str) -> dict[str, Any] | None:
    """Return the fields that an answer fills in; None where it declines.

    Raises:
        PortViolation: It is no answer to what was asked.
    """
    import jsonschema

    fields: Mapping[str, Any] = schema.get("properties") or {}
    if isinstance(said, Mapping):
        content = dict(cast("Mapping[str, Any]", said))
    elif len(fields) == 1:
        content = {next(iter(fields)): said}
    elif isinstance(said, bool) and not fields:
        return {} if said else None
    elif said is False:
        return None
    else:
        raise PortViolation(
            f"The answer {said!r:.80} to {server!r} fits none of its fields. Expected a value for "
            f"each of {', '.join(fields)}, or None to decline. Have ask= return a dict."
        )
    try:
        jsonschema.validate(content, schema)
    except jsonschema.ValidationError as error:
        raise PortViolation(
            f"The answer {content!r:.80} to {server!r} is not what was asked: {error.message:.200}. "
            f"Expected {', '.join(fields)}, or None to decline. Have ask= return those."
        ) from None
    return content


__all__ = ("Answers", "Ask", "Call", "Elicitation", "calling")

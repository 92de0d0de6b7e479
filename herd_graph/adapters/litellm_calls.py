"""Calls of a chat model through LiteLLM: messages in, words, JSON or media out, paid for."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from herd_graph.adapters.chat_content import Block, artifacts_in, block, sorted_out
from herd_graph.adapters.litellm_errors import explained
from herd_graph.adapters.litellm_library import library, on_its_loop
from herd_graph.adapters.litellm_prices import ModelFacts
from herd_graph.adapters.litellm_tools import ToolBox
from herd_graph.adapters.structured import Form, form_for
from herd_graph.artifacts import Artifact, Text
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed, ExpertUnavailable, HerdError
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.slots import Slot, as_text
from herd_graph.threads import in_thread
from herd_graph.types import Kind

_TEXTS = {Kind.TEXT, Kind.DATA, Kind.TABLE}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is the same for every call of one expert."""

    model: str
    api_base: str = ""
    api_key: str = field(default="", repr=False)
    """The key itself, or ``env:NAME``; it never leaves this object but for the provider."""
    system: str = ""
    prompt: str = ""
    stream: bool = True
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_local: bool = False
    max_rounds: int = 6

    def key(self) -> str:
        """Return the key; empty where the provider's own variable is to be used."""
        if self.api_key.startswith("env:"):
            name = self.api_key.removeprefix("env:")
            value = os.environ.get(name, "")
            if not value:
                raise ExpertUnavailable(
                    f"The environment variable {name!r}, which api_key names, is not set. Expected "
                    f"the key of {self.model!r}. Set it."
                )
            return value
        return self.api_key or ("none" if self.api_base and self.is_local else "")


@dataclass(kw_only=True)
class _Used:
    """What the exchanges of one call used."""

    given: int = 0
    made: int = 0


class ModelExpert(Expert):
    """A chat model behind LiteLLM; made by ``litellm.source_of``."""

    def __init__(
        self,
        card: ExpertCard,
        request: Request,
        facts: ModelFacts,
        *,
        takes: tuple[Slot, ...],
        gives: tuple[Slot, ...],
        tools: tuple[Expert, ...] = (),
    ) -> None:
        super().__init__(card)
        self.request = request
        self.facts = facts
        self.tools = tools
        self.experts = {each.card.id: each for each in tools}
        self._takes, self._gives = takes, gives
        self._form: Form | None = form_for(gives)

    async def load(self) -> None:
        """Import LiteLLM, in a thread: it takes seconds. Raises ``ExpertUnavailable`` without a key."""
        await ready(self.request)

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Ask the model, let it call its tools, and read its answer.

        Raises:
            ExpertFailed: It refused, wrote nothing, or not what was asked for.
            ExpertUnavailable: The key, the account or the model is not there.
            ExpertTimeout: The provider did not answer in time.
        """
        messages = await in_thread(lambda: self._messages(inputs), label=f"encode:{self.card.id}")
        box = ToolBox(self.tools, inputs, context, self.request.max_rounds) if self.tools else None
        used = _Used()
        while True:
            may_call = box is not None and box.is_open
            response = await self._exchange(messages, box, context)
            self._pay(response, context, used)
            message: Any = response.choices[0].message
            calls: list[Any] = list(getattr(message, "tool_calls", None) or ())
            if box is None or not calls:
                return await in_thread(
                    partial(self._read, response), label=f"decode:{self.card.id}"
                )
            if not may_call:
                raise self._endless()
            self._check_money(context)
            messages.append(_said(message, calls))
            messages.extend(await box.answer(calls))

    # What is asked ----------------------------------------------------------------------------

    def _messages(self, inputs: Inputs) -> list[dict[str, Any]]:
        given = {
            slot.port.name: _several(inputs[slot.port.name])
            for slot in self._takes
            if slot.port.name in inputs
        }
        blocks: list[Block] = []
        if self.request.prompt:
            blocks.append({"type": "text", "text": _filled(self.request.prompt, given)})
        named = set(re.findall(r"\{(\w+)\}", self.request.prompt))
        for name, items in given.items():
            rest = (each for each in items if name not in named or each.kind not in _TEXTS)
            blocks.extend(block(each, "openai") for each in rest)
        system = self.request.system
        if self._form is not None and not self.facts.takes_schemas:
            system = f"{system}\n\n{self._form.instruction}".strip()
        messages: list[dict[str, Any]] = []
        if system:
            messages.append({"role": "system", "content": system})
        words = all(each["type"] == "text" for each in blocks)
        content: Any = "\n\n".join(str(each["text"]) for each in blocks) if words else blocks
        messages.append({"role": "user", "content": content})
        return messages

    async def _exchange(
        self, messages: list[dict[str, Any]], box: ToolBox | None, context: ExpertContext
    ) -> Any:
        """Make one request, on LiteLLM's loop; cancelling the caller cancels it there."""
        asked = self._asked(messages, box, context)
        stream = self.request.stream and self._form is None
        work = _complete(asked, context if stream else None)
        try:
            return await on_its_loop(work)
        except (HerdError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise explained(error, self.card.id, (asked.get("api_key") or "",)) from error

    def _asked(
        self, messages: list[dict[str, Any]], box: ToolBox | None, context: ExpertContext
    ) -> dict[str, Any]:
        request = self.request
        asked: dict[str, Any] = {
            "model": request.model,
            "messages": list(messages),
            "num_retries": 0,
            "max_retries": 0,  # retries are the step runner's
            **request.params,
        }
        key = request.key()
        if key:
            asked["api_key"] = key
        if request.api_base:
            asked["api_base"] = request.api_base
        if context.seconds_left is not None:
            asked["timeout"] = max(1.0, context.seconds_left)
        if self._form is not None and self.facts.takes_schemas:
            asked["response_format"] = self._form.response_format
        if box is not None:
            asked["tools"] = box.schemas
            asked["tool_choice"] = "auto" if box.is_open else "none"
        return asked

    # What came back ---------------------------------------------------------------------------

    def _read(self, response: Any) -> Outputs:
        choice: Any = response.choices[0]
        message: Any = choice.message
        text = message.content if isinstance(message.content, str) else ""
        refusal = getattr(message, "refusal", None)
        if choice.finish_reason == "content_filter" or (refusal and not text):
            error = ExpertFailed(
                f"Expert {self.card.id!r} did not want to answer: {refusal or 'content filter'}. "
                "Expected an answer. Word the request differently, or use another expert."
            )
            error.retryable, error.about_input = False, True
            raise error
        found = _artifacts(message)
        if not found or (self._form is not None and choice.finish_reason == "length"):
            raise self._nothing(choice.finish_reason)
        if self._form is not None:
            return self._form.read(text, self.card.id)
        return {
            slot.port.name: sorted_out(
                [each for each in found if len(self._gives) == 1 or each.kind in slot.port.kinds],
                slot.port.kinds,
                f"{self.card.id!r}",
                many=slot.port.many,
            )
            for slot in self._gives
        }

    def _nothing(self, finish: str) -> ExpertFailed:
        if finish == "length":
            error = ExpertFailed(
                f"Expert {self.card.id!r} reached its limit of tokens before it was done. Expected a "
                "whole answer. Raise max_tokens, or ask for less."
            )
            error.retryable = False
            return error
        return ExpertFailed(
            f"Expert {self.card.id!r} wrote nothing. Expected an answer. Word the request differently."
        )

    def _endless(self) -> ExpertFailed:
        error = ExpertFailed(
            f"Expert {self.card.id!r} went on asking for tools when it had to answer. Expected an "
            f"answer after {self.request.max_rounds} rounds. Raise max_rounds, or use another model."
        )
        error.retryable = False
        return error

    def _pay(self, response: Any, context: ExpertContext, used: _Used) -> None:
        """Report what an exchange cost, by LiteLLM's price map; the card's price without one."""
        usage: Any = getattr(response, "usage", None)
        used.given += int(getattr(usage, "prompt_tokens", 0) or 0)
        used.made += int(getattr(usage, "completion_tokens", 0) or 0)
        context.spend(
            self._price(response),
            model=self.request.model,
            input_tokens=used.given,
            output_tokens=used.made,
        )

    def _price(self, response: Any) -> float:
        said = self.card.cost_usd
        if self.request.is_local:
            return said
        try:
            made = library().completion_cost(response, model=self.request.model)
        except Exception:  # a model without a price, or with one in another unit
            return said
        return float(made) if made else said

    def _check_money(self, context: ExpertContext) -> None:
        left = context.usd_left
        if left is not None and context.spent_usd > left:
            error = ExpertFailed(
                f"Expert {self.card.id!r} used up the run's money before it was done "
                f"(${context.spent_usd:.4f} of ${left:.4f}). Raise the budget (--budget usd=…)."
            )
            error.retryable = False
            raise error


async def ready(request: Request) -> None:
    """Import LiteLLM, in a thread: it takes seconds. Raises ``ExpertUnavailable`` without a key."""
    await in_thread(library, label="import:litellm")
    if request.api_base or request.key():
        return
    found = await in_thread(
        lambda: library().validate_environment(request.model), label="key:litellm"
    )
    missing = cast("list[str]", found.get("missing_keys") or [])
    if missing:
        raise ExpertUnavailable(
            f"There is no key for {request.model!r}. Expected {' or '.join(map(repr, missing))} "
            "in the environment. Set it, or pass api_key='env:NAME'."
        )


async def _complete(asked: dict[str, Any], listener: ExpertContext | None) -> Any:
    """Make one request; with a listener it is streamed, and comes back whole all the same."""
    litellm = library()
    if listener is None:
        return await litellm.acompletion(**asked)
    asked = {**asked, "stream": True, "stream_options": {"include_usage": True}}
    stream: Any = await litellm.acompletion(**asked)
    pieces: list[Any] = []
    ended = False
    try:
        async for piece in stream:
            pieces.append(piece)
            for choice in piece.choices or ():
                if choice.finish_reason:
                    ended = True
                if choice.delta.content:
                    listener.token(choice.delta.content)
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
    whole = litellm.stream_chunk_builder(pieces, messages=asked["messages"]) if pieces else None
    if whole is None or not ended:
        raise ExpertFailed(
            f"The answer of {asked['model']!r} broke off. Expected it to its end. Try again."
        )
    return whole


def _artifacts(message: Any) -> list[Artifact]:
    """Return the words, pictures and sound of a message."""
    content = message.content
    blocks: list[Any] = [content] if isinstance(content, str) else list(content or ())
    blocks += list(getattr(message, "images", None) or ())
    found = artifacts_in(blocks)
    sound: Any = getattr(message, "audio", None)
    if sound is not None and getattr(sound, "data", None):
        if not found and getattr(sound, "transcript", None):
            found.append(Text(sound.transcript))
        found += artifacts_in([{"type": "audio", "base64": sound.data}])
    return found


def _said(message: Any, calls: list[Any]) -> dict[str, Any]:
    """Return the model's own message with its tool calls, as the next request repeats it."""
    return {
        "role": "assistant",
        "content": message.content or None,
        "tool_calls": [
            {
                "id": each.id,
                "type": "function",
                "function": {"name": each.function.name, "arguments": each.function.arguments},
            }
            for each in calls
        ],
    }


def _filled(prompt: str, given: Mapping[str, list[Artifact]]) -> str:
    """Put texts into a prompt, in one pass: what a text says is never read as a placeholder."""

    def put(match: re.Match[str]) -> str:
        items = given.get(match[1])
        if items is None:
            return ""
        return "\n\n".join(as_text(each) for each in items if each.kind in _TEXTS)

    return re.sub(r"\{(\w+)\}", put, prompt)


def _several(payload: Artifact | list[Artifact]) -> list[Artifact]:
    return payload if isinstance(payload, list) else [payload]


__all__ = ("ModelExpert", "Request", "ready")

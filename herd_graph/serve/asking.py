"""From a checked chat request to a run under way: which expert, what it is given, what was before."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from herd_graph.budgets import Budget
from herd_graph.errors import ConfigError
from herd_graph.recording.events import Event
from herd_graph.serve.conversation import Conversation, as_turn, read
from herd_graph.serve.errors import Refusal, not_allowed
from herd_graph.serve.host import Host, Live, Target
from herd_graph.serve.keys import Key
from herd_graph.serve.one_expert import RequestSources, for_expert
from herd_graph.serve.schemas import ChatRequest
from herd_graph.threads import in_thread
from herd_graph.types import JSON


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
    sources = RequestSources(host, key, None if target.card is not None else target.herd)
    conversation = await read(
        request.messages, sources, target.herd.config, owner=f"{key.id}:{target.herd_name}"
    )
    ignored = list(conversation.ignored)
    if target.card is not None:
        plan, inputs, unused = await for_expert(
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


__all__ = ("Asked", "ask", "budget_of", "check_supported")

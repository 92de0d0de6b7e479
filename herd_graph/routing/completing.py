"""How a router asks a language model: one function, streamed, with what it cost."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from herd_graph.errors import RoutingError
from herd_graph.prompts import Message
from herd_graph.threads import in_thread
from herd_graph.types import JSONObject


@dataclass(kw_only=True)
class Bill:
    """What the completions of one plan came to."""

    usd: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0


class Completion(Protocol):
    """A language model: messages in, pieces of text out."""

    @property
    def name(self) -> str:
        """What traces call it."""
        ...

    def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        """Stream the reply. Raises ``RoutingError`` when the model cannot be asked."""
        ...


@dataclass(kw_only=True)
class LiteLLMCompletion:
    """Any model that LiteLLM knows, held to a JSON schema where its provider can.

    Retries are off: the planner repairs or gives up, and the cascade has another router.
    """

    model: str
    """LiteLLM's name for it: ``openai/gpt-5-mini``, ``ollama/qwen3`` …"""
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    """Seconds for one reply, from the question to its last word."""
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Anything else for ``litellm.acompletion``."""

    @property
    def name(self) -> str:
        """The model's name, for traces."""
        return self.model

    async def prepare(self) -> None:
        """Import LiteLLM, which takes seconds: off the event loop, and not in the model's time."""
        if "litellm" not in sys.modules:
            await in_thread(_litellm, label="import litellm")

    async def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        """Stream the reply."""
        await self.prepare()
        litellm = _litellm()
        chunks: list[Any] = []
        shape = {"name": "plan", "schema": schema, "strict": False}
        try:
            stream: Any = await litellm.acompletion(
                model=self.model,
                messages=list(messages),
                stream=True,
                stream_options={"include_usage": True},
                num_retries=0,
                max_retries=0,
                timeout=self.timeout_s,
                temperature=0,
                drop_params=True,
                api_base=self.api_base,
                api_key=self.api_key,
                response_format={"type": "json_schema", "json_schema": shape},
                **self.options,
            )
            async for chunk in stream:
                chunks.append(chunk)
                piece = chunk.choices[0].delta.content if chunk.choices else None
                if piece:
                    yield str(piece)
        except Exception as error:
            raise RoutingError(
                f"The planning model {self.model!r} could not be asked: {type(error).__name__}: "
                f"{error}. Expected a reply within {self.timeout_s:g} s. Check the model's name, "
                "its key and api_base, or use a cascade, which falls back to a planner without one."
            ) from error
        finally:
            _charge(litellm, self.model, chunks, bill)


def _litellm() -> Any:
    # LiteLLM fetches a price map from the network when it is imported, unless told not to.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return import_module("litellm")


def _charge(litellm: Any, model: str, chunks: list[Any], bill: Bill) -> None:
    """Add what the chunks say was used; a model that is on no price list costs nothing."""
    for chunk in chunks:
        usage = getattr(chunk, "usage", None)
        if usage is None:
            continue
        tokens_in = int(getattr(usage, "prompt_tokens", 0) or 0)
        tokens_out = int(getattr(usage, "completion_tokens", 0) or 0)
        bill.tokens_in += tokens_in
        bill.tokens_out += tokens_out
        try:
            costs = litellm.cost_per_token(
                model=model, prompt_tokens=tokens_in, completion_tokens=tokens_out
            )
        except Exception:  # LiteLLM raises a plain Exception for a model that has no price
            costs = (0.0, 0.0)
        bill.usd += float(sum(costs))


__all__ = ("Bill", "Completion", "LiteLLMCompletion")

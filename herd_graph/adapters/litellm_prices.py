"""What LiteLLM's price map says of a model: what it takes, gives and costs.

The map is read from its file, so that adding a model, or listing experts, does not import LiteLLM,
which takes seconds. Where LiteLLM is imported already, its map in memory counts: a program may have
registered models of its own.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from herd_graph.extras import spec_of
from herd_graph.types import Kind

_FILE = "model_prices_and_context_window_backup.json"
_INPUTS = (
    (Kind.IMAGE, "supports_vision"),
    (Kind.AUDIO, "supports_audio_input"),
    (Kind.DOCUMENT, "supports_pdf_input"),
    (Kind.VIDEO, "supports_video_input"),
)
TYPICAL_INPUT_TOKENS = 4_000
TYPICAL_OUTPUT_TOKENS = 1_000
"""What a call is expected to use, where nobody says: the budget reserves their price."""


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What is known of one model."""

    name: str
    known: bool
    """Whether the map has it."""
    mode: str = "chat"
    """``chat``, ``embedding``, ``audio_transcription`` … as LiteLLM calls it."""
    hears: tuple[Kind, ...] = ()
    """The kinds that it takes besides text."""
    takes_schemas: bool = True
    """Whether it can be held to a JSON schema; of an unknown model it is assumed."""
    calls_tools: bool = True
    context_tokens: int | None = None
    entry: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def usual_cost(self, max_tokens: int | None) -> float:
        """Return the USD that a call is expected to cost at most; 0 where there is no price."""
        given = _number(self.entry.get("input_cost_per_token"))
        made = _number(self.entry.get("output_cost_per_token"))
        tokens = max_tokens or TYPICAL_OUTPUT_TOKENS
        return round(TYPICAL_INPUT_TOKENS * given + tokens * made, 6)


def facts_of(model: str) -> ModelFacts:
    """Return what the map says of a model string such as ``openai/gpt-5-mini``."""
    entry = _entry(model)
    if entry is None:
        return ModelFacts(name=model, known=False, mode=_mode_elsewhere(model))
    hears = tuple(kind for kind, key in _INPUTS if entry.get(key))
    return ModelFacts(
        name=model,
        known=True,
        mode=str(entry.get("mode") or "chat"),
        hears=hears,
        takes_schemas=bool(entry.get("supports_response_schema")),
        calls_tools=bool(entry.get("supports_function_calling")),
        context_tokens=cast("int | None", entry.get("max_input_tokens")),
        entry=entry,
    )


def _entry(model: str) -> Mapping[str, Any] | None:
    prices = _prices()
    if model in prices:
        return prices[model]
    provider, slash, rest = model.partition("/")
    found = prices.get(rest) if slash else None
    if found is not None and str(found.get("litellm_provider", "")).startswith(provider):
        return found
    return None


def _mode_elsewhere(model: str) -> str:
    """Return the mode that other providers' entries of a model agree on: ``dall-e-3`` draws everywhere."""
    named = model.rpartition("/")[2]
    modes = {
        str(entry.get("mode") or "chat")
        for name, entry in _prices().items()
        if name.endswith(named) and name.rpartition("/")[2] == named
    }
    return modes.pop() if len(modes) == 1 else "chat"


def _prices() -> Mapping[str, Mapping[str, Any]]:
    loaded: Any = sys.modules.get("litellm")
    in_memory = getattr(loaded, "model_cost", None)
    return in_memory or _read()


@functools.cache
def _read() -> dict[str, dict[str, Any]]:
    spec = spec_of("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        try:
            return json.loads((Path(folder) / _FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return {}


def _number(given: object) -> float:
    return float(given) if isinstance(given, int | float) else 0.0


__all__ = ("ModelFacts", "facts_of")

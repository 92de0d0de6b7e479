"""What happens in a run, as typed events: one form for streams, the event log and recordings."""

from __future__ import annotations

import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.types import JSON

EventKind = Literal[
    "planned",  # the plan is there: {"plan": ref id, "steps": n, "revision": n}
    "started",  # a step's first attempt begins: {"expert": …}
    "token",  # a piece of streamed text: {"text": …}; never logged
    "progress",  # {"fraction": …, "message": …}; never logged
    "attempt",  # one try ended: {"expert", "ok", "seconds", "usd", "error"}
    "finished",  # a step ended: {"status", "expert", "seconds", "usd", "error"}
    "checked",  # a verdict: {"check", "level", "score", "reason"}
    "asked",  # a person is needed: {"question", "expert", "inputs"}
    "answered",  # a person said: {"approved": bool}
    "replanned",  # {"revision": n, "reason": …}
    "fused",  # the answer is composed: {"status", "parts": n}
    "ended",  # the run is over: {"status", "seconds", "usd"}
]
TRANSIENT: frozenset[str] = frozenset({"token", "progress"})


class Event(BaseModel):
    """One thing that happened. ``step`` is empty for what concerns the whole run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EventKind
    run: str
    step: str = ""
    at: float = Field(default_factory=time.time)
    """Seconds since the epoch."""
    data: dict[str, JSON] = {}

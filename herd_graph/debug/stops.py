"""Where a session stands: one stop for each super-step, as JSON."""

from __future__ import annotations

from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts.base import printable
from herd_graph.types import JSONObject

Reason = Literal[
    "planned", "stepped", "breakpoint", "failed", "waiting", "checked", "fused", "ended", "edited"
]
_TOLD: dict[Reason, str] = {
    "planned": "The plan is written; nothing has been called.",
    "stepped": "One step further.",
    "breakpoint": "A breakpoint was hit.",
    "failed": "A step failed.",
    "waiting": "A person is asked.",
    "checked": "Every step has ended; the answer is not composed yet.",
    "fused": "The answer is composed.",
    "ended": "The run has ended.",
    "edited": "The run was changed.",
}


class Stop(BaseModel):
    """One stop of a session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    """Counts the stops of the session, from 1."""
    reason: Reason
    run: str
    step: str = ""
    """The step that has just ended; empty where none has."""
    next: str = ""
    """The step that would be called now; empty where none would."""
    ready: tuple[str, ...] = ()
    """Every step that could be called now."""
    statuses: dict[str, str] = {}
    """How each step stands: pending, ready, done, failed …"""
    breakpoint: int | None = None
    again: int = 0
    """The number of the earlier stop that was gone to; 0 for a stop that was come to by running."""
    note: str = ""
    """What the breakpoint was hit for, or what is asked."""
    revision: int = 0
    """How often the plan was changed."""
    checkpoint: str = ""
    """LangGraph's checkpoint: where ``back`` goes."""
    usd: float = 0.0
    seconds: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to run."""
        return self.reason in {"fused", "ended"}

    def dump(self) -> JSONObject:
        """Return the stop as JSON."""
        return cast("JSONObject", self.model_dump(mode="json"))

    def __str__(self) -> str:
        told = _TOLD[self.reason]
        if self.reason == "stepped" and self.number == 1:
            told = "Here it stands."  # a fork, or a run that is looked at: nothing was stepped yet
        if self.again:
            told = f"At stop {self.again} again."
        if self.step:
            told = f"{told} Step {self.step} is {self.statuses.get(self.step, '?')}."
        if self.next:
            told = f"{told} Next: {self.next}."
        note = f" {self.note}" if self.note else ""
        return printable(f"[{self.number}] {told}{note}")


__all__ = ("Reason", "Stop")

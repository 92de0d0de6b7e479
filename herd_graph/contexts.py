"""What an expert may know and say about the call that it serves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from herd_graph.types import JSON, RunId, StepId


@dataclass(kw_only=True)
class ExpertContext:
    """What an expert may know and say about the call that it serves.

    Annotate a parameter with it to receive it: ``def caption(picture: Image, ctx: ExpertContext)``.
    """

    run: RunId = RunId("")
    step: StepId = StepId("")
    attempt: int = 1
    idempotency_key: str = ""
    """Equal for every repetition of this very call: give it to services with side effects."""
    deadline: float | None = None
    """When the run's time is over, on the clock of ``time.monotonic``."""
    usd_left: float | None = None
    """What the budget still allows; None without a limit."""
    on_event: Callable[[str, dict[str, JSON]], None] | None = None
    spent_usd: float = 0.0
    usage: dict[str, JSON] = field(default_factory=dict[str, JSON])

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the deadline; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def token(self, text: str) -> None:
        """Stream a piece of the answer, while the rest is being made."""
        if self.on_event is not None:
            self.on_event("token", {"text": text})

    def progress(self, fraction: float | None = None, message: str = "") -> None:
        """Say how far the call is: ``fraction`` from 0 to 1."""
        if self.on_event is not None:
            self.on_event("progress", {"fraction": fraction, "message": message})

    def spend(self, usd: float, **usage: JSON) -> None:
        """Report what the call really cost, in USD, and its usage (tokens, seconds …)."""
        self.spent_usd += usd
        self.usage.update(usage)

"""How one call of one expert is made: the ``Caller`` seam, and the caller that calls for real.

``Live``, ``Recorder`` and ``Replay`` are callers; so are fakes and remote ones. A caller knows
nothing of plans, retries or fallbacks: those are the step runner's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from herd_graph.experts import Expert
from herd_graph.types import JSON, ArtifactRef, RunId, StepId

Refs: TypeAlias = ArtifactRef | list[ArtifactRef]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One attempt at one expert."""

    expert: Expert
    inputs: Mapping[str, Refs]
    """A reference (a list for ``many`` ports) for each bound port."""
    run: RunId = RunId("")
    step: StepId = StepId("")
    attempt: int = 1
    idempotency_key: str = ""
    deadline: float | None = None
    """When the run's time is over, on the clock of the event loop; None without a limit."""
    timeout_s: float | None = None
    """How long this attempt may take; by default what the card says."""
    usd_left: float | None = None
    emit: Callable[[str, dict[str, JSON]], None] | None = None
    """Takes ``("token" | "progress", data)``; called on the caller's event loop only."""


@dataclass(frozen=True, kw_only=True)
class CallResult:
    """What came back."""

    outputs: dict[str, Refs]
    """A reference (a list for ``many`` ports) for each output port."""
    usd: float = 0.0
    """What it cost: as the expert reported it, else what its card says."""
    seconds: float = 0.0
    """How long the expert worked, without queueing and loading."""
    usage: dict[str, JSON] = field(default_factory=dict[str, JSON])


class Caller(Protocol):
    """Makes calls: here, elsewhere, or out of a recording."""

    async def call(self, call: Call) -> CallResult:
        """Make one call.

        Raises:
            CallError: One of its subclasses, and nothing else.
        """
        ...

    async def close(self) -> None:
        """Let go of what is held: models, processes, connections."""
        ...

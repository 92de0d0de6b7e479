"""What every router is: a task in, a plan and its reasons out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, SkipValidation

from herd_graph.budgets import Budget
from herd_graph.discovery import CapabilityIndex
from herd_graph.plans import Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.types import JSON, ArtifactRef


class CandidateTrace(BaseModel):
    """One expert that was considered for one clause."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expert: str
    score: float
    """What the ranking goes by, from 0 to 1."""
    evidence: dict[str, float] = {}
    """What the score is made of: dense, lexical, type …"""
    propensity: float = 0.0
    """The probability with which it would have been chosen: what off-policy learning needs."""
    eligible: bool = True
    chosen: bool = False
    reason: str = ""
    """Why it was dropped, or what spoke for it."""


class ClauseTrace(BaseModel):
    """One part of the request, and what was decided about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    step: str = ""
    """The step that came of it; empty where none did."""
    candidates: tuple[CandidateTrace, ...] = ()
    decision: str = ""
    parameters: dict[str, str] = {}
    """Where each input of the step was taken from, in words."""


class RouteTrace(BaseModel):
    """Why the plan is what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    router: str
    request: str
    clauses: tuple[ClauseTrace, ...] = ()
    notes: tuple[str, ...] = ()
    """Decisions about the whole: converters put in, clauses merged, what was left out and why."""
    confidence: float = 1.0
    registry: str = ""
    """The fingerprint of the experts that it chose among."""
    seconds: dict[str, float] = {}
    usd: float = 0.0
    """What the routing itself cost: a planning model is paid for."""
    settings: dict[str, JSON] = {}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from herd_graph.notebooks import trace_page, trace_text

        return {"text/plain": trace_text(self), "text/html": trace_page(self)}


class Route(BaseModel):
    """A plan and the trace of how it came about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Plan
    trace: RouteTrace
    attachments: dict[str, ArtifactRef | list[ArtifactRef]] = {}
    """What the plan binds of earlier turns, by names that the task does not have: ``h1`` …"""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from herd_graph.notebooks import joined, trace_page, trace_text

        text = f"{self.plan}\n\n{trace_text(self.trace)}"
        return {
            "text/plain": text,
            "text/html": joined([self.plan.to_svg(), trace_page(self.trace)]),
        }


class Situation(BaseModel):
    """What a router may look at besides the task."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    experts: Snapshot
    index: CapabilityIndex
    store: SkipValidation[ArtifactStore]
    budget: Budget = Budget()
    history: tuple[Mapping[str, JSON], ...] = ()
    """Earlier turns of the thread: what was asked, and references to what was made."""
    ahead: SkipValidation[Callable[[Step], None]] | None = None
    """Told each step that is sure to be in the plan, while the plan is still being written."""


class Router(Protocol):
    """Writes a plan for a task. An abstention is a plan without steps, with a reason."""

    name: str

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a plan and why. Raises ``RoutingError`` when it cannot work at all."""
        ...

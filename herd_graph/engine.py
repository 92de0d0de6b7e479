"""What the nodes of a herd's graph work with, and what one invocation of it is asked for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from herd_graph.budgets import Budget
from herd_graph.calling import Caller
from herd_graph.config import Config
from herd_graph.coordination import Checking
from herd_graph.coordination.answers import words_of
from herd_graph.coordination.latencies import Latencies
from herd_graph.coordination.repair import Steady
from herd_graph.coordination.selection import Selection
from herd_graph.coordination.weights import NAME as WEIGHTS
from herd_graph.coordination.weights import Weights
from herd_graph.discovery import CapabilityIndex
from herd_graph.experts import Expert
from herd_graph.inlining import brought_along, widened
from herd_graph.recording.events import Event
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import RunStore
from herd_graph.registry import Registry, Snapshot
from herd_graph.routing.base import Router
from herd_graph.steps import Patience
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import JSON, RunId
from herd_graph.workflows import PlanRunner

if TYPE_CHECKING:
    from herd_graph.pump import Flight
    from herd_graph.schedule import Unit


class Question(BaseModel):
    """What a person is asked before a call with side effects."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    step: str
    expert: str
    question: str
    inputs: dict[str, str] = {}
    """Each input in words."""

    @classmethod
    def about(cls, unit: Unit, run: str, store: ArtifactStore, error: str = "") -> Question:
        """Return the question about a call, or whether one that failed is to be tried once more."""
        expert = unit.step.expert or ""
        inputs: dict[str, str] = {}
        for name, value in unit.inputs.items():
            words = words_of(value if isinstance(value, list) else [value], store)
            inputs[name] = words if len(words) <= 300 else f"{words[:299]}…"
        told = ", ".join(f"{name}={words!r}" for name, words in inputs.items())
        asked = f"Step {unit.id!r} wants to call {expert!r} with {told}. Allow it?"
        if error:
            asked = f"Step {unit.id!r} failed: {error} Try it once more?"
        return cls(run=run, step=unit.id, expert=expert, question=asked, inputs=inputs)


Approve = Callable[[Question], bool | Awaitable[bool]]


@dataclass(kw_only=True)
class Request:
    """What one invocation of the graph is asked for, besides its input."""

    run: RunId = RunId("")
    budget: Budget | None = None
    listener: Callable[[Event], None] | None = None
    approve: Approve | None = None
    caller: Caller | None = None
    again: frozenset[str] = frozenset()
    """Statuses of finished steps that are tried once more."""
    may_ask: bool = True
    """False where a question of ours could get the answer to somebody else's."""
    seconds_before: float = 0.0
    history: tuple[Mapping[str, JSON], ...] | None = None
    """Earlier turns, as a ``Situation`` has them; None for those that the thread itself has."""
    experts: Snapshot | None = None
    opened: bool = False
    """Whether the run is written down already."""
    contents: Literal["full", "metadata"] = "full"
    """What a recording of the run holds."""
    flight: Flight | None = None
    """The flight that serves it, once it has taken off."""


@dataclass(kw_only=True)
class Engine:
    """The parts that the nodes share."""

    registry: Registry
    store: ArtifactStore
    caller: Caller
    index: CapabilityIndex
    router: Router
    config: Config
    runs: RunStore | None = None
    leases: Leases | None = None
    budget: Budget = field(default_factory=Budget)
    patience: Patience = field(default_factory=Patience)
    checking: Checking = field(default_factory=Checking)
    """What results are held against."""
    selection: Selection = field(default_factory=Selection)
    """How the candidates of a step are called, where the plan leaves it open."""
    latencies: Latencies = field(default_factory=Latencies)
    steady: Steady = field(default_factory=Steady)
    """Experts whose wrong results stay the same."""
    max_in_flight: int = 256
    replans: int = 1
    """How often the router may be asked again for what failed."""
    flights: dict[str, Flight] = field(default_factory=dict[str, "Flight"])
    requests: dict[str, Request] = field(default_factory=dict[str, Request])
    run_nested: PlanRunner | None = None
    """Runs a workflow as one step, where its steps cannot stand in the step's place."""
    carried: dict[str, Expert] = field(default_factory=dict[str, Expert])
    """Experts that workflows brought along, though nobody registered them."""
    _present: tuple[Snapshot, Snapshot] | None = None
    _weights: tuple[int, Weights | None] | None = None

    def carry(self, what: object) -> None:
        """Keep the experts that a workflow was declared with: its plan names them."""
        if isinstance(what, Expert):
            self.carried.update(brought_along([what]))
            self._present = None

    def present(self, offered: Snapshot) -> Snapshot:
        """Return who may be called: who is registered, and whom workflows brought along."""
        cached = self._present
        if cached is not None and cached[0] is offered:
            return cached[1]
        others = {**brought_along(offered.values()), **self.carried}
        present = widened(offered, others)
        self._present = (offered, present)
        return present

    def weights(self) -> Weights | None:
        """Return what experts count by what was measured of them; None where nothing was."""
        path = self.config.home / WEIGHTS
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return None
        if self._weights is None or self._weights[0] != stamp:
            self._weights = stamp, Weights.load(path)
        return self._weights[1]

    async def sync_index(self) -> None:
        """Bring the capability index up to the experts that are present now."""
        present = self.registry.snapshot()
        if not self.index.holds(present):
            await in_thread(lambda: self.index.sync(present), label="index")


_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"


def new_run_id() -> RunId:
    """Return an id that sorts by time and can be read out: ``20260131-094500-k7mq2z``."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return RunId(f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{tail}")

"""What a session knows of a run at one checkpoint, and the values that breakpoints ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from herd_graph.coordination.answers import words_of
from herd_graph.plans import Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.base import RouteTrace
from herd_graph.schedule import Schedule, Unit
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef

_SHOWN = 400
_DIFFER = ("agree", "differ", "conflict")


@dataclass(kw_only=True)
class Standing:
    """A run at one checkpoint."""

    run: str
    plan: Plan
    records: Mapping[str, StepRecord]
    trace: RouteTrace | None
    schedule: Schedule
    experts: Snapshot
    store: ArtifactStore
    next_node: str = ""
    phase: str = ""
    revision: int = 0
    checkpoint: str = ""
    pending: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def ready(self) -> list[Unit]:
        """The calls that could be made now, in the order in which they would be."""
        return list(self.schedule.ready)

    @property
    def statuses(self) -> dict[str, str]:
        """How each step (and each item of a list) stands."""
        found: dict[str, str] = {step.id: "pending" for step in self.plan.steps}
        found |= {step: record.status for step, record in self.records.items()}
        found |= {step: ended.status for step, ended in self.schedule.ended.items()}
        found |= {unit.id: "ready" for unit in self.ready}
        return found | dict.fromkeys(self.pending, "waiting")

    @property
    def usd(self) -> float:
        """What the steps cost so far."""
        return sum(each.usd for each in self.records.values())

    def values(self, step_id: str, record: StepRecord | None = None) -> dict[str, Any]:
        """Return what a breakpoint's condition may ask about one call."""
        step = self.plan.step(step_id)
        name = (record.expert if record is not None else "") or step.expert or ""
        card = self.experts.find(name).card if self.experts.knows(name) else None
        kinds = {kind.value for kind in (card.takes if card is not None else ())}
        kinds |= {
            ref.kind.value
            for unit in self.ready
            if unit.id == step_id
            for value in unit.inputs.values()
            for ref in _refs(value)
        }
        capability = " ".join((card.description, *card.tags)) if card is not None else ""
        if step.capability is not None:
            capability = f"{capability} {step.capability.query}"
        known: dict[str, Any] = {
            "step": step_id,
            "expert": name.partition("@")[0],
            "capability": capability,
            "kinds": kinds,
            "status": "pending",
            "confidence": self._confidence(step),
        }
        if record is None:
            return known
        outputs = [ref for value in record.outputs.values() for ref in _refs(value)]
        verdicts = record.verdicts
        known["kinds"] = kinds | {ref.kind.value for ref in outputs}
        return known | {
            "status": record.status,
            "score": min((each.score for each in verdicts), default=1.0),
            "disagreement": any(
                each.level != "pass" and any(word in each.check for word in _DIFFER)
                for each in verdicts
            ),
            "cost": record.usd,
            "seconds": record.seconds,
            "attempts": len(record.attempts),
            "error": record.error,
            "text": words_of(outputs, self.store)[:_SHOWN] if outputs else "",
        }

    def _confidence(self, step: Step) -> float:
        clauses = self.trace.clauses if self.trace is not None else ()
        chosen = [
            candidate.score
            for clause in clauses
            if clause.step == step.id
            for candidate in clause.candidates
            if candidate.chosen
        ]
        if chosen:
            return min(chosen)
        return self.trace.confidence if self.trace is not None else 1.0


def _refs(value: Any) -> list[ArtifactRef]:
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [each for each in items if isinstance(each, ArtifactRef)]


__all__ = ("Standing",)

"""Pin a plan to versions, and look for another path when a part of it failed."""

from __future__ import annotations

from collections.abc import Mapping

from herd_graph.cards import parse_expert
from herd_graph.engine import Engine
from herd_graph.errors import HerdError
from herd_graph.plans import Plan, Step
from herd_graph.pump import Flight
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, Situation
from herd_graph.state import StepRecord
from herd_graph.tasks import Task


def pin(plan: Plan, experts: Snapshot) -> Plan:
    """Return the plan with every known expert as ``name@version``: a run keeps what it began with.

    Unknown names are left for the checker to report.
    """

    def exact(spec: str) -> str:
        return experts.find(spec).card.id if experts.knows(spec) else spec

    def pinned(step: Step) -> Step:
        fallbacks = tuple(exact(each) for each in step.fallbacks if experts.knows(each))
        expert = None if step.expert is None else exact(step.expert)
        return step.model_copy(update={"expert": expert, "fallbacks": fallbacks})

    return plan.model_copy(update={"steps": tuple(pinned(step) for step in plan.steps)})


LEAST_CONFIDENCE = 0.6
"""Below this another path is a guess: an honest gap is better than a wrong answer."""


async def replan(
    engine: Engine, flight: Flight, task: Task, plan: Plan, records: Mapping[str, StepRecord]
) -> Route | None:
    """Ask the router again, without the experts that failed.

    An expert that refused its input has not failed: it was the right one, and says what it needs.

    Returns:
        A route that serves as much as the old one, or None when there is no other path.
    """
    failed = {
        attempt.expert
        for record in records.values()
        if record.status == "failed"
        for attempt in record.attempts
        if not attempt.ok and not attempt.about_input
    }
    names = {parse_expert(each)[0] for each in failed}
    left = Snapshot({key: each for key, each in flight.offered.items() if each.name not in names})
    if not failed or not left:
        return None
    situation = Situation(
        experts=left,
        index=engine.index,
        store=engine.store,
        budget=flight.ledger.budget,
        history=flight.history,
    )
    try:
        found = await engine.router.route(task, situation)
    except HerdError:
        return None
    serves_less = len(found.plan.asks) < len(plan.asks) or len(found.plan.unmet) > len(plan.unmet)
    if found.plan.abstained or serves_less or found.trace.confidence < LEAST_CONFIDENCE:
        return None
    reason = f"Another path without {', '.join(sorted(names))}."
    return found.model_copy(update={"plan": found.plan.model_copy(update={"reason": reason})})

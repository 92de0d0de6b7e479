"""Pin a plan to versions, and look for another path when a part of it failed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import cast

from herd_graph.cards import parse_expert
from herd_graph.engine import Engine
from herd_graph.errors import HerdError
from herd_graph.expansion import renamed
from herd_graph.journal import EARLIER
from herd_graph.plans import Plan, Step
from herd_graph.pump import Flight
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, Situation
from herd_graph.schedule import Schedule
from herd_graph.state import StepRecord
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON, StepId

_log = logging.getLogger("herd_graph")


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


async def _as_given(engine: Engine, flight: Flight, task: Task) -> Task:
    """Return the task as the router had it first: without what its plan bound of earlier turns."""
    runs = engine.runs
    if runs is None or not flight.history:
        return task
    row = await in_thread(lambda: runs.get(flight.run), label="journal")
    bound = cast("Mapping[str, JSON]", row.details.get(EARLIER) or {})
    own = {name: value for name, value in task.attachments.items() if name not in bound}
    return task.model_copy(update={"attachments": own})


LEAST_CONFIDENCE = 0.6
"""Below this another path is a guess: an honest gap is better than a wrong answer."""


async def replan(
    engine: Engine, flight: Flight, task: Task, plan: Plan, records: Mapping[str, StepRecord]
) -> Route | None:
    """Ask the router again, without the experts that failed, or whose result stands with a failed check.

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
    wrong = [records[each.id] for each in plan.steps if each.id in records]
    for record in wrong:
        if record.stands_wrong:
            failed |= {record.expert, *(each.expert for each in record.attempts if not each.why)}
    names = {parse_expert(each)[0] for each in failed if each}
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
    own = await _as_given(engine, flight, task)
    try:
        found = await engine.router.route(own, situation)
    except HerdError:
        return None
    except Exception:  # a defect of the router's, which must not cost the answer that there is
        _log.exception("no other path was found for run %s", flight.run)
        return None
    serves_less = len(found.plan.asks) < len(plan.asks) or len(found.plan.unmet) > len(plan.unmet)
    if found.plan.abstained or serves_less or found.trace.confidence < LEAST_CONFIDENCE:
        return None
    reason = f"Another path without {', '.join(sorted(names))}."
    bound = {name: value for name, value in task.attachments.items() if name not in own.attachments}
    return found.model_copy(
        update={
            "plan": found.plan.model_copy(update={"reason": reason}),
            "attachments": {**bound, **found.attachments},  # the plan before may be gone back to
        }
    )


def apart(plan: Plan, other: Plan) -> Plan:
    """Return a plan whose steps have no id of the other's: the records of both are kept.

    What both have in common is found by what goes into it, whatever its id is.
    """
    taken = {str(each.id) for each in (*other.steps, *plan.steps)}
    theirs = {each.id for each in other.steps}
    ids: dict[StepId, StepId] = {}
    count = len(taken)
    for step in plan.steps:
        if step.id in theirs:
            while (made := f"s{count}") in taken:
                count += 1
            taken.add(made)
            ids[step.id] = StepId(made)
    return renamed(plan, ids) if ids else plan


def affords(flight: Flight, plan: Plan, left: Schedule) -> bool:
    """Say whether the budget allows another plan, and after it what is left of the first one."""
    ledger, limit = flight.ledger, flight.ledger.budget.calls
    steps = [each for each in plan.steps if each.expert and flight.experts.knows(each.expert)]
    usd = sum(flight.experts.find(str(each.expert)).card.cost_usd for each in steps)
    cards = [left.card_of(each.step) for each in left.ready]
    later, calls = left.ahead()
    usd += later + sum(each.cost_usd for each in cards if each is not None)
    calls += len(plan.steps) + len(left.ready)
    rich = ledger.usd_left is None or usd <= ledger.usd_left
    return rich and (limit is None or ledger.calls + calls <= limit)

"""What each node of a herd's graph does: from a task to a plan, through it, and to an answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from herd_graph.binding import literal
from herd_graph.checking import check as check_plan
from herd_graph.coordination import Answer, Evidence, compose
from herd_graph.coordination.synthesis import synthesise
from herd_graph.engine import Engine
from herd_graph.errors import CallRefused, PlanInvalid
from herd_graph.inlining import inline
from herd_graph.journal import history, note_earlier, open_row, settle_row
from herd_graph.plans import Plan, Value
from herd_graph.pump import Flight
from herd_graph.replanning import affords, apart, pin, replan
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.completing import Bill
from herd_graph.serving import replied, taken_in
from herd_graph.starting import Ahead
from herd_graph.state import PlanRef, records_of
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON

Node = Callable[[Engine, Flight, Mapping[str, Any]], Awaitable[dict[str, Any]]]


async def ingest(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a run: normalise the task, and leave nothing of the turn before."""
    if state.get("files") or state.get("messages"):
        task = await in_thread(lambda: taken_in(engine, state), label="bind")
    else:  # nothing is read: a thread would cost more than the work
        task = taken_in(engine, state)
    if flight.thread and not task.thread:
        task = task.model_copy(update={"thread": flight.thread})
    flight.begin()

    told = flight.request.history
    if told is None and task.history:
        told = task.history

    def note() -> tuple[Mapping[str, JSON], ...]:
        if not flight.request.opened:
            open_row(engine, flight.run, task, flight.ledger.budget)
        return history(engine, task.thread, flight.run) if told is None else told

    known = flight.request.opened and told is not None
    flight.history = (told or ()) if known else await in_thread(note, label="journal")
    return {
        "task": await flight.keep_task(task),
        "run": flight.run,
        "plan": {},
        "pending": {},
        "approvals": {},
        "answer": {},
        "phase": "pump",
    }


async def route(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Have a plan written, unless a person wrote one; pin the versions of its experts."""
    task = await flight.load_task(state)
    trace, update, found = "", dict[str, Any](), None
    if task.plan:
        given = task.plan
        plan = await in_thread(lambda: Plan.parse(engine.store.get(given)), label="plan")
    else:
        found = await _ask_router(engine, flight, task)
        plan, trace = found.plan, found.trace.model_dump_json()
        update = await _with_earlier(flight, task, found)
    pinned = pin(plan, flight.experts)
    reference, flight.plan = await _keep_both(engine.store, pinned, trace)
    if found is not None:
        flight.trace = reference.trace, found.trace
    flight.emit("planned", plan=reference.plan, steps=len(pinned.steps), revision=0)
    return {"plan": reference.model_dump(), **update}


async def _with_earlier(flight: Flight, task: Task, found: Route) -> dict[str, Any]:
    """Attach what the plan binds of the thread's earlier turns."""
    if not found.attachments:
        return {}
    await flight.note(lambda: note_earlier(flight.engine, flight.run, found.attachments))
    attached = {**task.attachments, **found.attachments}
    return {"task": await flight.keep_task(task.model_copy(update={"attachments": attached}))}


async def _ask_router(engine: Engine, flight: Flight, task: Task) -> Route:
    await engine.sync_index()
    ahead = Ahead(flight, task)
    situation = Situation(
        experts=flight.offered,
        index=engine.index,
        store=engine.store,
        budget=flight.ledger.budget,
        history=flight.history,
        ahead=ahead.begin if ahead.is_allowed else None,
    )
    try:
        found = await engine.router.route(task, situation)
    except BaseException:
        ahead.cancel()
        raise
    flight.ledger.settle(0.0, found.trace.usd)
    return _with_begun(flight, found, ahead)


def _with_begun(flight: Flight, found: Route, ahead: Ahead) -> Route:
    """Have the flight take over the calls that were begun while the plan was being written."""
    begun = ahead.settle(found.plan)
    if not begun:
        return found
    flight.ahead = ahead
    flight.request = replace(flight.request, caller=ahead)
    note = f"begun while the plan was being written: {', '.join(begun)}"
    trace = found.trace.model_copy(update={"notes": (*found.trace.notes, note)})
    return found.model_copy(update={"trace": trace})


async def keep_plan(store: ArtifactStore, plan: Plan) -> str:
    """Keep a plan, and its literals beside it, so that the pump does not write on the loop."""
    return await in_thread(lambda: _kept(store, plan), label="keep")


def _kept(store: ArtifactStore, plan: Plan) -> str:
    for step in plan.steps:
        for binding in step.bindings:
            if isinstance(binding, Value):
                items = binding.value if isinstance(binding.value, list) else [binding.value]
                for each in (binding.value, *items):
                    literal(each, store)
    return plan.put(store)


async def _keep_both(
    store: ArtifactStore, plan: Plan, trace: str
) -> tuple[PlanRef, tuple[str, Plan]]:
    """Keep a plan and, where a router wrote it, its trace; return also what will be read back."""

    def keep() -> tuple[PlanRef, tuple[str, Plan]]:
        at = _kept(store, plan)
        reference = PlanRef(plan=at, trace=store.put(trace.encode()) if trace else "")
        return reference, (at, Plan.parse(plan.dump()))

    return await in_thread(keep, label="keep")


async def _keep_text(store: ArtifactStore, text: str) -> str:
    return await in_thread(lambda: store.put(text.encode()), label="keep")


async def validate(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a plan with problems before anything runs; a router's becomes an abstention."""
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    if plan.abstained:
        return {"phase": "fuse"}
    problems = check_plan(plan, flight.experts, task.inputs)
    if not problems:
        return {**await _inlined(engine, flight, state, plan), "phase": "pump"}
    if task.plan:
        raise PlanInvalid(problems)
    told = "; ".join(str(problem) for problem in problems)
    refused = Plan(reason=f"The router's plan cannot be run: {told}", author=plan.author)
    reference = PlanRef.model_validate(state["plan"])
    kept = reference.model_copy(update={"plan": await keep_plan(engine.store, refused)})
    return {"plan": kept.model_dump(), "phase": "fuse"}


async def _inlined(
    engine: Engine, flight: Flight, state: Mapping[str, Any], plan: Plan
) -> dict[str, Any]:
    """Put the steps of workflows in the place of the steps that call them."""
    flat = inline(plan, flight.experts)
    if flat is plan:
        return {}
    reference = PlanRef.model_validate(state["plan"])
    kept = await keep_plan(engine.store, pin(flat, flight.experts))
    flight.emit("planned", plan=kept, steps=len(flat.steps), revision=reference.revision)
    return {"plan": reference.model_copy(update={"plan": kept}).model_dump()}


async def pump(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Run what is ready; see ``herd_graph.pump``."""
    del engine
    return await flight.pump(state)


async def gate(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a person everything that is pending, in one interrupt, when nothing else can run."""
    from langgraph.types import interrupt

    del engine
    if not flight.request.may_ask:
        raise CallRefused(
            f"Run {flight.run!r} needs a person's approval, beside another run that is being asked "
            "about in the same step. Expected one such call at a time: otherwise an answer could "
            "reach the wrong one. Call it again."
        )
    pending: dict[str, Any] = dict(state.get("pending") or {})
    said: Any = interrupt(pending)
    if not isinstance(said, Mapping):
        said = dict.fromkeys(pending, bool(said))
    answers = cast("Mapping[str, Any]", said)
    approvals = {step: bool(value) for step, value in answers.items() if step in pending}
    return {
        "approvals": {**(state.get("approvals") or {}), **approvals},
        "pending": {},
        "phase": "pump",
    }


async def check(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """See whether everything that was asked for is there, or another path is worth a try.

    What depends on a result that stands with a failed check has not run yet. A plan that was tried in
    the place of another one stands where it did better: all of it done, and no check against it.
    """
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    known = records_of(state, state["run"])
    records = [known[each.id] for each in plan.steps if each.id in known]
    reference = PlanRef.model_validate(state["plan"])
    wrong = any(each.stands_wrong for each in records)
    if reference.before is not None:
        unfinished = any(each.status not in {"done", "skipped"} for each in records)
        return _back(flight, reference) if wrong or unfinished else {"phase": "fuse"}
    failed = any(each.status == "failed" for each in records)
    hopeful = (failed or wrong) and not task.plan and reference.revision < engine.replans
    return {"phase": "replan" if hopeful and plan.steps else "fuse"}


def _back(flight: Flight, reference: PlanRef) -> dict[str, Any]:
    """Go on with the plan before, whose result stands with its failed check."""
    assert reference.before is not None
    earlier = reference.before.model_copy(
        update={
            "revision": reference.revision + 1,
            "reason": "Another path did no better: what there was stands.",
        }
    )
    flight.emit("replanned", revision=earlier.revision, plan=earlier.plan)
    return {"plan": earlier.model_dump(), "phase": "pump"}


async def rewrite(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the router again without the experts that failed; what is finished is kept.

    Where nothing failed outright there is a result, if a doubtful one: then another path must leave
    enough of the budget to go on with it, and the run comes back to it where that path is no better.
    """
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    records = records_of(state, state["run"])
    reference = PlanRef.model_validate(state["plan"])
    await flight.written()
    found = await replan(engine, flight, task, plan, records)
    wrong = any(each.id in records and records[each.id].stands_wrong for each in plan.steps)
    if wrong and found is not None:
        again = apart(found.plan, plan)
        found = found.model_copy(update={"plan": again})
        schedule = await in_thread(
            lambda: flight.settled_schedule(state, plan, task), label="schedule"
        )
        if not affords(flight, again, schedule):
            found = None
    if found is None or check_plan(found.plan, flight.experts, task.inputs):
        kept = reference.model_copy(update={"revision": reference.revision + 1})
        return {"plan": kept.model_dump(), "phase": "pump" if wrong else "fuse"}
    revised = PlanRef(
        plan=await keep_plan(engine.store, pin(found.plan, flight.experts)),
        trace=await _keep_text(engine.store, found.trace.model_dump_json()),
        revision=reference.revision + 1,
        reason=found.plan.reason,
        before=reference if wrong else None,
    )
    flight.emit("replanned", revision=revised.revision, plan=revised.plan)
    earlier = await _with_earlier(flight, task, found)
    return {"plan": revised.model_dump(), "phase": "validate", **earlier}


async def fuse(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Compose the answer and close the run."""
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    records = records_of(state, state["run"])

    def composed() -> tuple[Answer, dict[str, Any]]:
        schedule = flight.settled_schedule(state, plan, task)
        ended = {step: each.record for step, each in schedule.ended.items()}
        answer = compose(
            plan,
            ended,
            schedule.outputs_of,
            task.attachments,
            engine.store,
            caution_of=flight.experts.caution_of,
            evidence=Evidence(
                request=task.text,
                router=_sureness(engine.store, state),
                items=records,
                cards={name: each.card for name, each in flight.experts.items()},
                calibration=engine.checking.calibration,
            ),
        )
        return answer, replied(engine, task, flight.run, answer)

    answer, message = await in_thread(composed, label="fuse")
    writer = engine.checking.writer
    if writer is not None and (parts := [each for each in answer.parts if each.status == "done"]):
        await flight.written()
        bill = Bill()
        prose = await synthesise(task.text, parts, answer.missing, writer, bill)
        flight.ledger.settle(0.0, bill.usd)
        answer = answer.model_copy(update={"prose": prose})
        told = answer
        message = await in_thread(lambda: replied(engine, task, flight.run, told), label="fuse")
    flight.finish(answer)
    flight.emit("fused", status=answer.status, parts=len(answer.parts))
    usd = sum(record.usd for record in records.values())
    flight.emit("ended", status=answer.status, seconds=flight.ledger.seconds_used, usd=usd)

    ended = answer
    await flight.note(lambda: settle_row(engine, flight, state, records, ended))
    return {"answer": answer.dump(), "phase": "done", **message}


def _sureness(store: ArtifactStore, state: Mapping[str, Any]) -> float | None:
    """Return how sure the router was of its plan; None where a person wrote it."""
    trace = PlanRef.model_validate(state["plan"]).trace
    return json.loads(store.get(trace)).get("confidence") if trace else None


NODES: dict[str, Node] = {
    "ingest": ingest,
    "route": route,
    "validate": validate,
    "pump": pump,
    "gate": gate,
    "replan": rewrite,
    "check": check,
    "fuse": fuse,
}

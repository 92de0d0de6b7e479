"""The way back into a run: where its checkpoints stand, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from herd_graph.coordination import Answer, compose
from herd_graph.errors import HerdError, RunError
from herd_graph.journal import given
from herd_graph.plans import Plan
from herd_graph.recording.events import Event
from herd_graph.recording.store import RunRow, RunStore
from herd_graph.registry import Snapshot
from herd_graph.routing.base import RouteTrace
from herd_graph.runs import Run
from herd_graph.schedule import Schedule
from herd_graph.state import PlanRef, StepRecord, standing_records
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread

if TYPE_CHECKING:
    from herd_graph.graph import HerdGraph
    from herd_graph.pump import Flight

NO_ANSWER = "_"
"""Resumes a gate without answering anything: LangGraph takes an empty dict for something else."""


async def way_in(graph: HerdGraph, row: RunRow, answers: Mapping[str, bool] | None) -> Any:
    """Return the input that makes LangGraph go on with a run.

    Raises:
        RunError: A later turn was started on its thread.
    """
    from langgraph.types import Command

    config: Any = {"configurable": {"thread_id": row.thread}}
    state = await graph.aget_state(config)
    values: dict[str, Any] = state.values or {}
    if values.get("run") != row.id:
        later = values.get("run")
        if later and row.details.get("plan"):
            raise RunError(
                f"Run {row.id!r} cannot be resumed: run {later!r} is a later turn of its thread "
                f"{row.thread!r}. Ask again on that thread, or start the task anew."
            )
        return {"task": row.details["task"]}  # it was stopped before its first checkpoint
    if state.next == ("gate",):
        return Command(resume=dict(answers) if answers else {NO_ANSWER: False})
    if answers:
        approvals: dict[str, Any] = {**(values.get("approvals") or {}), **answers}
        await graph.aupdate_state(config, {"approvals": approvals, "phase": "pump"}, "validate")
        return None
    if state.next or values.get("phase") != "done":
        # Killed between a node's writes and their checkpoint, nothing is "next" and it goes on all
        # the same: only the phase tells an end.
        return None
    before: dict[str, bool] = values.get("approvals") or {}
    approved = {step: said for step, said in before.items() if said}
    again: dict[str, Any] = {"approvals": approved, "answer": {}, "phase": "pump"}
    await graph.aupdate_state(config, again, "validate")
    return None


async def read_run(
    row: RunRow,
    *,
    graph: HerdGraph,
    runs: RunStore,
    store: ArtifactStore,
    experts: Snapshot,
    values: Mapping[str, Any] | None = None,
    flight: Flight | None = None,
) -> Run:
    """Put a run together from its row, its state (its last checkpoint's by default) and the store.

    A flight that has just landed may know the plan, so that it need not be read.
    """
    reference: Any = row.details.get("plan") or None
    records: dict[str, StepRecord] = {}
    if values is None:
        state = await graph.aget_state({"configurable": {"thread_id": row.thread}})
        values = cast("dict[str, Any]", state.values or {})
    if values.get("run") == row.id and values.get("plan"):
        reference = values["plan"]
    records = standing_records(values, row.id)
    known = None if flight is None else _known(flight, reference)
    plan, trace = known or await in_thread(lambda: plan_and_trace(store, reference), label="plan")
    stored = row.details.get("answer")
    pending: dict[str, Any] = values.get("pending") or {}
    if isinstance(stored, dict) and row.status not in {"waiting", "running", "interrupted"}:
        answer = Answer.model_validate(stored)
    else:
        schedule = Schedule(
            plan=plan, run=row.id, inputs=given(row), experts=experts, store=store, records=records
        )
        asked = {step: str(each.get("question", step)) for step, each in pending.items()}
        answer = _unfinished(row, schedule, asked)

    def events() -> list[Event]:
        return runs.events(row.id)

    return Run(
        row=row,
        plan=plan,
        answer=answer,
        trace=trace,
        records=records,
        store=store,
        experts=experts,
        load_events=events,
    )


def _unfinished(row: RunRow, schedule: Schedule, asked: Mapping[str, str]) -> Answer:
    """Return what is there of the answer of a run that has not come to its end."""
    error = row.details.get("error")
    reason = "\n".join(asked.values()) or (
        str(error) if error else f"The run is {row.status}. Go on: herd resume {row.id}"
    )
    status = "waiting" if row.status == "waiting" else "failed"
    if schedule.plan.abstained:
        return Answer(status=status, reason=reason)
    ended = {step: each.record for step, each in schedule.ended.items()}
    found = compose(
        schedule.plan,
        ended,
        schedule.outputs_of,
        schedule.inputs,
        schedule.store,
        waiting=asked,
        caution_of=schedule.experts.caution_of,
    )
    return found.model_copy(update={"status": status, "reason": reason})


def _known(flight: Flight, reference: Any) -> tuple[Plan, RouteTrace | None] | None:
    """Return the plan that a state refers to, where a flight has just run that very one."""
    if not reference or flight.plan is None:
        return None
    where, trace = PlanRef.model_validate(reference), flight.trace or ("", None)
    return (
        (flight.plan[1], trace[1])
        if (where.plan, where.trace) == (flight.plan[0], trace[0])
        else None
    )


def plan_and_trace(store: ArtifactStore, reference: Any) -> tuple[Plan, RouteTrace | None]:
    """Return the plan that a state refers to, and why it is what it is; a plan that says why not."""
    if not reference:
        return Plan(reason="The run has no plan yet."), None
    where = PlanRef.model_validate(reference)
    try:
        plan = Plan.parse(store.get(where.plan))
        trace = RouteTrace.model_validate_json(store.get(where.trace)) if where.trace else None
    except HerdError as error:
        return Plan(reason=str(error)), None
    return plan, trace

"""What the graph's nodes write into the run store: that a run began, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from herd_graph.budgets import Budget
from herd_graph.coordination import Answer
from herd_graph.engine import Engine
from herd_graph.errors import RunNotFound
from herd_graph.pump import Flight
from herd_graph.recording.files import dump_refs
from herd_graph.recording.store import RunRow
from herd_graph.state import StepRecord
from herd_graph.tasks import Task
from herd_graph.types import JSON, ArtifactRef, RunId

TURNS = 5
"""How many earlier turns of a thread a router may look back on."""
EARLIER = "earlier"
"""Where a row's details hold what the plan binds of earlier turns: it is not attached to this one."""


def new_row(run: RunId, thread: str, task: Task, budget: Budget) -> RunRow:
    """Return the row of a run that begins now."""
    return RunRow(
        id=run,
        thread=thread or run,
        task=task.text,
        status="running",
        started=time.time(),
        details={
            "task": task.model_dump(mode="json"),
            "budget": budget.model_dump(mode="json"),
        },
    )


def open_row(engine: Engine, run: RunId, task: Task, budget: Budget) -> None:
    """Write down that a run begins, unless its caller has done so already."""
    if engine.runs is None:
        return
    try:
        engine.runs.get(run)
    except RunNotFound:
        engine.runs.open(new_row(run, task.thread, task, budget))


def settle_row(
    engine: Engine,
    flight: Flight,
    state: Mapping[str, Any],
    records: Mapping[str, StepRecord],
    answer: Answer,
) -> None:
    """Write down how a run ended."""
    if engine.runs is None:
        return
    seconds, usd = flight.ledger.seconds_used, sum(record.usd for record in records.values())
    experts = sorted({record.expert for record in records.values() if record.expert})
    with engine.runs.database.transaction():
        engine.runs.flush()
        engine.runs.update(
            flight.run,
            status=answer.status,
            seconds=seconds,
            usd=usd,
            calls=sum(len(record.attempts) for record in records.values()),
            experts=experts,
            details={
                "plan": dict(state["plan"]),
                "answer": answer.dump(),
                "registry": flight.experts.fingerprint,
            },
        )


def note_earlier(
    engine: Engine, run: str, bound: Mapping[str, ArtifactRef | list[ArtifactRef]]
) -> None:
    """Write down what a run's plan binds of earlier turns: without it, it cannot be replayed."""
    if engine.runs is not None:
        told: JSON = {name: dump_refs(value) for name, value in bound.items()}
        engine.runs.update(run, details={EARLIER: told})


def given(row: RunRow) -> dict[str, ArtifactRef | list[ArtifactRef]]:
    """Return what the plan of a run could bind: what was attached, and what earlier turns gave it."""
    task = Task.model_validate(row.details.get("task") or {"text": row.task})
    earlier = Task.model_validate({"text": "", "attachments": row.details.get(EARLIER) or {}})
    return {**earlier.attachments, **task.attachments}


def history(engine: Engine, thread: str, run: str) -> tuple[Mapping[str, JSON], ...]:
    """Return the thread's earlier turns, the newest last: what was asked, and what was made."""
    if engine.runs is None or not thread:
        return ()
    rows = [row for row in engine.runs.list(thread=thread, limit=TURNS + 1) if row.id != run]
    turns: list[Mapping[str, JSON]] = []
    for row in reversed(rows[:TURNS]):
        answer = row.details.get("answer")
        task = row.details.get("task")
        turns.append(
            {
                "run": row.id,
                "task": row.task,
                "attachments": task.get("attachments") if isinstance(task, dict) else {},
                "parts": answer.get("parts") if isinstance(answer, dict) else [],
            }
        )
    return tuple(turns)

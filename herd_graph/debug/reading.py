"""Read where a run stands at one of its checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from herd_graph.debug.standing import Standing
from herd_graph.registry import Snapshot
from herd_graph.resuming import plan_and_trace
from herd_graph.schedule import Schedule
from herd_graph.state import standing_records
from herd_graph.tasks import Task
from herd_graph.threads import in_thread

if TYPE_CHECKING:
    from herd_graph.driving import Driver


async def read_standing(
    driver: Driver, run: str, config: Mapping[str, Any], given: Task, experts: Snapshot
) -> tuple[Task, Standing]:
    """Return the task and everything else that is known at one checkpoint.

    Args:
        driver: The herd's engine, store and graph.
        run: The run's id.
        config: LangGraph's: the thread, and the checkpoint if it is not the last one.
        given: The task where the state holds none yet.
        experts: Who is present.
    """
    state: Any = await driver.graph.aget_state(cast("Any", config))
    values: dict[str, Any] = state.values or {}
    reference: dict[str, Any] = values.get("plan") or {}
    held: Mapping[str, Any] = values.get("task") or {}
    store = driver.store

    def read() -> tuple[Task, Standing]:
        plan, trace = plan_and_trace(store, reference)
        task = (
            Task.model_validate_json(store.get(str(held["at"])))
            if "at" in held
            else Task.model_validate(held or given.model_dump())
        )
        records = standing_records(values, run)
        schedule = Schedule(
            plan=plan,
            run=run,
            inputs=task.attachments,
            experts=experts,
            store=store,
            records=records,
        )
        return task, Standing(
            run=run,
            plan=plan,
            records=records,
            trace=trace,
            schedule=schedule,
            experts=experts,
            store=store,
            next_node=state.next[0] if state.next else "",
            phase=str(values.get("phase") or ""),
            revision=int(reference.get("revision") or 0),
            checkpoint=str(state.config["configurable"].get("checkpoint_id") or ""),
            pending=values.get("pending") or {},
        )

    return await in_thread(read, label="debug")


__all__ = ("read_standing",)

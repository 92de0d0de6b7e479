"""What a person changes between two calls: inputs, results, experts, the plan itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from herd_graph.artifacts import Artifact
from herd_graph.checking import check
from herd_graph.debug.edits import edited_input, edited_output, set_record, undone
from herd_graph.debug.standing import Standing
from herd_graph.debug.stops import Reason, Stop
from herd_graph.errors import PlanInvalid
from herd_graph.plans import Plan
from herd_graph.registry import Snapshot
from herd_graph.replanning import pin
from herd_graph.stages import keep_plan
from herd_graph.state import PlanRef
from herd_graph.steps import SPILL_BYTES
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON

if TYPE_CHECKING:
    from herd_graph.driving import Driver


class Changes:
    """The part of a session that changes its run; ``DebugSession`` has all of it."""

    driver: Driver
    task: Task
    run: str
    thread: str
    experts: Snapshot
    stops: list[Stop]
    _config: dict[str, Any]
    _entry: Any
    _inside: Any

    @property
    def standing(self) -> Standing:
        """Everything that is known at this stop."""
        raise NotImplementedError

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        raise NotImplementedError

    async def _look(self) -> None:
        raise NotImplementedError

    def _record(self, reason: Reason) -> Stop:
        raise NotImplementedError

    async def edit(self, name: str, value: JSON | Artifact | os.PathLike[str]) -> Stop:
        """Set what an input or a step's output holds; what depends on it runs again.

        Args:
            name: ``a1``, ``s1``, or ``s1.words`` for one of several outputs.
            value: An artifact, a path, text, or JSON: whatever the port takes.

        Raises:
            PlanMalformed: There is nothing of that name.
            PortViolation: The port does not take it.
        """
        standing = self.standing
        if name in self.task.attachments:
            task = await in_thread(
                lambda: edited_input(self.driver.engine, standing, self.task, name, value),
                label="edit",
            )
            self.task = task
            self.driver.runs.update(self.run, details={"task": task.model_dump(mode="json")})
            return await self._write({"task": await self._keep_task(task)}, f"{name} was set")
        record = await in_thread(
            lambda: edited_output(self.driver.engine, standing, name, value), label="edit"
        )
        return await self._write(set_record(record), f"{name} was set by hand")

    async def swap(self, step: str, expert: str) -> Stop:
        """Have a step done by another expert. Raises ``PlanInvalid`` where it does not fit."""
        return await self.replan(swapped(self.plan, step, expert, self.experts))

    async def replan(self, plan: Plan) -> Stop:
        """Put another plan in its place; finished steps that it still has are kept.

        Raises:
            PlanInvalid: With every problem; the old plan stays.
        """
        plan = plan.model_copy(update={"inputs": self.plan.inputs or self.task.inputs})
        problems = check(plan, self.experts, self.task.inputs)
        if problems:
            raise PlanInvalid(problems)
        kept = await keep_plan(self.driver.store, pin(plan, self.experts))
        state: Any = await self.driver.graph.aget_state(cast("Any", self._config))
        reference = PlanRef.model_validate(state.values["plan"])
        changed = reference.model_copy(
            update={
                "plan": kept,
                "revision": reference.revision + 1,
                "reason": plan.reason,
                "before": None,
            }
        )
        return await self._write({"plan": changed.model_dump()}, "the plan was changed")

    async def rerun(self, step: str) -> Stop:
        """Have a step run again, and what depends on what it then gives."""
        bare = self.plan.step(step).id
        update = undone(self.standing, bare)
        return await self._write(update, f"{step} runs again")

    async def _write(self, update: dict[str, Any], note: str) -> Stop:
        """Change the state between two super-steps."""
        config: Any = self._config
        await self.driver.graph.aupdate_state(
            config, {**update, "phase": "pump", "answer": {}}, as_node="pump"
        )
        self._config = {"configurable": {"thread_id": self.thread}}
        self._entry = self._inside = None
        await self._look()
        stop = self._record("edited")
        self.stops[-1] = stop = stop.model_copy(update={"note": note})
        return stop

    async def _keep_task(self, task: Task) -> dict[str, Any]:
        dumped = task.model_dump_json()
        if len(dumped.encode()) <= SPILL_BYTES:
            return task.model_dump(mode="json")
        kept = await in_thread(lambda: self.driver.store.put(dumped.encode()), label="task")
        return {"at": kept}


def swapped(plan: Plan, step: str, expert: str, experts: Snapshot) -> Plan:
    """Return a plan in which another expert does a step; it is not checked."""
    wanted = plan.step(step)
    found = experts.find(expert).card
    inputs = dict(wanted.inputs)
    before = (
        experts.find(wanted.expert).card
        if wanted.expert is not None and experts.knows(wanted.expert)
        else None
    )
    if before is not None and len(before.inputs) and len(found.inputs):
        names = {port.name for port in found.inputs}
        first = before.inputs[0].name
        if first in inputs and first not in names:  # the main input, under another name
            inputs = {found.inputs[0].name: inputs.pop(first), **inputs}
        inputs = {name: each for name, each in inputs.items() if name in names}
    changed = wanted.model_copy(update={"expert": found.id, "inputs": inputs, "fallbacks": ()})
    steps = tuple(changed if each.id == wanted.id else each for each in plan.steps)
    return plan.model_copy(update={"steps": steps})


__all__ = ("Changes", "swapped")

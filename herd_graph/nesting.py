"""A workflow that runs as one step: where it cannot be inlined, or is chosen while the plan runs.

Its plan runs on the same engine, on a checkpointed thread of its own that is named after the step.
So a run that was killed goes on inside the workflow too, and repeats nothing that was finished.
The thread goes when the step ends; what stays is the outer step's record.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from herd_graph.artifacts import load
from herd_graph.budgets import Budget
from herd_graph.coordination import Answer
from herd_graph.engine import Request
from herd_graph.errors import ExpertFailed
from herd_graph.expansion import PlannedExpert
from herd_graph.experts import ExpertContext, Inputs, Outputs, Payload
from herd_graph.recording.events import Event
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, RunId

if TYPE_CHECKING:
    from herd_graph.engine import Engine
    from herd_graph.graph import HerdGraph

AGAIN = frozenset({"failed", "refused", "cancelled", "skipped"})
"""What a second attempt at the step tries once more; what was done stays done."""
_SHORTEST_S = 0.001


class NestedRuns:
    """Runs workflows as single steps; a ``PlanRunner``.

    Args:
        engine: The engine of the runs that the steps belong to.
        saver: Makes the checkpointer, when the first workflow runs nested.
    """

    def __init__(self, engine: Engine, saver: Any) -> None:
        self.engine = replace(engine, runs=None, flights={}, requests={})
        self._make_saver = saver
        self._graph: HerdGraph | None = None

    async def __call__(
        self, workflow: PlannedExpert, inputs: Inputs, context: ExpertContext
    ) -> Outputs:
        """Run a workflow's plan and return its answers, by output port.

        Raises:
            ExpertFailed: A part of the answer is missing.
        """
        from herd_graph.graph import isolated

        thread = f"{context.run or secrets.token_hex(6)}:{context.step}:{workflow.card.id}"
        request = Request(
            run=RunId(thread),
            budget=_budget(context),
            listener=_Listener(context, len(workflow.plan.steps)),
            approve=lambda _: True,  # a person was asked about the step as a whole
            again=AGAIN,
        )
        task = await in_thread(lambda: self.task(workflow, inputs), label="nest")
        work = isolated(self._run(thread, request, task), name=f"herd:{thread}")
        try:
            answer = await work
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait([work])
            raise
        finally:
            if request.flight is not None:
                context.spend(request.flight.ledger.spent_usd)
        return self.outputs(workflow, answer)

    def task(self, workflow: PlannedExpert, inputs: Inputs) -> Task:
        """Return what a workflow's plan is run for."""
        store = self.engine.store
        refs: dict[str, ArtifactRef | list[ArtifactRef]] = {}
        for name, given in inputs.items():
            refs[name] = (
                [each.put(store) for each in given] if isinstance(given, list) else given.put(store)
            )
        for port in workflow.card.inputs:
            if port.name not in refs and port.default is not None:
                from herd_graph.intake import keep

                refs[port.name] = keep(port.default, port, store, self.engine.config)
        return Task(text=workflow.card.name, attachments=refs, plan=workflow.plan.put(store))

    async def _run(self, thread: str, request: Request, task: Task) -> Answer:
        from herd_graph.graph import REQUEST

        graph: Any = self._built()
        config: Any = {"configurable": {"thread_id": thread}}
        state = await graph.aget_state(config)
        under_way = bool(state.next) and dict(state.values or {}).get("run") == request.run
        key = secrets.token_hex(8)
        self.engine.requests[key] = request
        try:
            result: Mapping[str, Any] = await graph.ainvoke(
                None if under_way else {"task": task.model_dump(mode="json")},
                {"configurable": {"thread_id": thread, REQUEST: key}},
            )
        finally:
            self.engine.requests.pop(key, None)
        await graph.checkpointer.adelete_thread(thread)
        return Answer.model_validate(result["answer"])

    def _built(self) -> HerdGraph:
        if self._graph is None:
            from herd_graph.graph import build

            self._graph = build(self.engine, self._make_saver(), name="workflow")
        return self._graph

    def outputs(self, workflow: PlannedExpert, answer: Answer) -> Outputs:
        """Return a workflow's answers by output port. Raises ``ExpertFailed`` where one is missing."""
        if answer.status != "done":
            raise _failure(workflow.card.id, answer)
        made: Outputs = {}
        for port, part in zip(workflow.card.outputs, answer.parts, strict=True):
            items = [load(ref, self.engine.store) for ref in part.artifacts]
            payload: Payload = list(items) if port.many else items[0]
            made[port.name] = payload
        return made


class _Listener:
    """Tells the outer step what goes on: tokens as they are, ends of inner steps as progress."""

    def __init__(self, context: ExpertContext, steps: int) -> None:
        self.context = context
        self.steps = max(1, steps)
        self.ended = 0

    def __call__(self, event: Event) -> None:
        if event.kind == "token":
            self.context.token(str(event.data.get("text", "")))
        elif event.kind == "finished" and "[" not in event.step:
            self.ended += 1
            fraction = min(1.0, self.ended / self.steps)
            self.context.progress(fraction, f"{event.step}: {event.data.get('status', 'done')}")


def _budget(context: ExpertContext) -> Budget:
    seconds = context.seconds_left
    return Budget(
        usd=context.usd_left, seconds=None if seconds is None else max(seconds, _SHORTEST_S)
    )


def _failure(name: str, answer: Answer) -> ExpertFailed:
    reason = "; ".join(answer.missing) or answer.reason
    failed = [part for part in answer.parts if part.status != "done"]
    error = ExpertFailed(
        f"Workflow {name!r} did not get to its end: {reason}. Expected {len(answer.parts)} "
        f"results; {len(failed)} are missing. See to the step that failed."
    )
    error.retryable = False  # its own steps were tried as often as they may be
    return error


__all__ = ("NestedRuns",)

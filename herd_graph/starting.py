"""Start calls of a plan while a model still writes it.

A planning model writes for seconds; its first steps often need nothing that comes after them. What
stands complete is checked like a whole plan, and where nothing is wrong with it, its calls are made:
only those that cost nothing, stay on this machine and need nobody's approval, because the plan may
still be thrown away. The pump knows nothing of this: it makes its calls as always, and one that was
begun ahead is already on its way, or back. (LLMCompiler, arXiv 2312.04511, starts tasks that a
planner streams; here they pass the plan checker first.)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from herd_graph.calling import Call, Caller, CallResult
from herd_graph.checking import check
from herd_graph.errors import HerdError
from herd_graph.inlining import inline
from herd_graph.plans import Plan, Step
from herd_graph.replanning import pin
from herd_graph.schedule import Schedule, Unit
from herd_graph.state import StepRecord
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON
from herd_graph.workflows import plan_runner

if TYPE_CHECKING:
    from herd_graph.pump import Flight

MOST = 4
"""Calls at once: what is begun ahead must not be in the way of other runs."""
_log = logging.getLogger("herd_graph")


@dataclass(kw_only=True)
class _Events:
    """What an expert reports: held back until its call is the run's, and passed on from then on."""

    held: list[tuple[str, dict[str, JSON]]] = field(
        default_factory=list[tuple[str, dict[str, JSON]]]
    )
    to: Callable[[str, dict[str, JSON]], None] | None = None

    def __call__(self, kind: str, data: dict[str, JSON]) -> None:
        if self.to is None:
            self.held.append((kind, data))
        else:
            self.to(kind, data)

    def open(self, to: Callable[[str, dict[str, JSON]], None] | None) -> None:
        if to is None:
            return
        held, self.held, self.to = self.held, [], to
        for kind, data in held:
            to(kind, data)


@dataclass(frozen=True, kw_only=True)
class _Begun:
    unit: Unit
    task: asyncio.Task[CallResult]
    events: _Events


class Ahead:
    """The calls that were begun while a plan is being written; it is also the caller that has them.

    Args:
        flight: The run that waits for its plan.
        task: What the plan is for.
    """

    def __init__(self, flight: Flight, task: Task) -> None:
        self.flight = flight
        self.task = task
        self.inner: Caller = flight.request.caller or flight.engine.caller
        self.adopted: list[str] = []
        """The steps whose calls the run took over."""
        self._steps: dict[str, Step] = {}
        self._records: dict[str, StepRecord] = {}
        self._begun: dict[str, _Begun] = {}
        self._seen: set[str] = set()
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._worker: asyncio.Task[None] | None = None
        self._is_over = False

    @property
    def is_allowed(self) -> bool:
        """Whether this run may make calls that perhaps nobody needs.

        Not where somebody goes through it call by call, nor where calls are counted.
        """
        return not self.flight.stepping and self.flight.ledger.budget.calls is None

    # While the plan is being written ----------------------------------------------------------

    def begin(self, step: Step) -> None:
        """Take note of a step that is written. From any thread; never raises."""
        self._loop.call_soon_threadsafe(self._take, step)

    def _take(self, step: Step) -> None:
        if self._is_over:  # the last word of a plan may be heard after the plan itself
            return
        if step.id in self._steps:  # a second draft: what stood from here on stands no more
            kept = list(self._steps)
            for each in kept[kept.index(step.id) :]:
                del self._steps[each]
        self._steps[step.id] = step
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name=f"herd:{self.flight.run}:ahead")
        self._wake.set()

    async def _work(self) -> None:
        plan_runner.set(self.flight.engine.run_nested)
        while True:
            await self._wake.wait()
            self._wake.clear()
            look = partial(self._ready, tuple(self._steps.values()), dict(self._records))
            try:
                ready = await in_thread(look, label="ahead")
            except HerdError as error:
                _log.debug("nothing is begun ahead of the plan: %s", error)
                continue
            for unit in ready:
                self._start(unit)

    def _ready(self, steps: tuple[Step, ...], records: dict[str, StepRecord]) -> list[Unit]:
        """Return the calls of a plan's beginning that could be made; none while anything is wrong."""
        flight = self.flight
        plan = Plan(steps=steps, inputs=dict(self.task.inputs))
        if check(plan, flight.experts, dict(self.task.inputs)):
            return []
        schedule = Schedule(
            plan=pin(inline(plan, flight.experts), flight.experts),
            run=flight.run,
            inputs=self.task.attachments,
            experts=flight.experts,
            store=flight.engine.store,
            records=records,
        )
        return [unit for unit in schedule.ready if self._is_harmless(unit)]

    def _is_harmless(self, unit: Unit) -> bool:
        spec = unit.step.expert
        if spec is None or not self.flight.experts.knows(spec):
            return False
        card = self.flight.experts.find(spec).card
        return not card.approve and card.cost_usd == 0 and card.locality == "local"

    def _start(self, unit: Unit) -> None:
        expert = self.flight.experts.find(unit.step.expert or "")
        key = f"{unit.input_hash[:32]}:{expert.card.id}"
        running = sum(not each.task.done() for each in self._begun.values())
        if key in self._seen or running >= MOST:
            return  # when one of them ends, the ready ones are looked at again
        self._seen.add(key)
        ledger, events = self.flight.ledger, _Events()
        left = ledger.seconds_left
        call = Call(
            expert=expert,
            inputs=unit.inputs,
            run=self.flight.run,
            step=unit.id,
            idempotency_key=key,
            deadline=None if left is None else self._loop.time() + left,
            timeout_s=expert.card.timeout_s or self.flight.engine.patience.timeout_s,
            usd_left=ledger.usd_left,
            emit=events,
        )
        task = asyncio.create_task(
            self._made(call, unit), name=f"herd:{self.flight.run}:{unit.id}:ahead"
        )
        task.add_done_callback(_heard)
        self._begun[key] = _Begun(unit=unit, task=task, events=events)

    async def _made(self, call: Call, unit: Unit) -> CallResult:
        try:
            result = await self.inner.call(call)
        finally:
            self._wake.set()
        outputs: dict[str, Any] = {**result.outputs}
        self._records[unit.id] = StepRecord(
            run=call.run,
            step=unit.id,
            status="done",
            expert=call.expert.card.id,
            input_hash=unit.input_hash,
            outputs=outputs,
        )
        return result

    # Once it is written -----------------------------------------------------------------------

    def settle(self, plan: Plan) -> tuple[str, ...]:
        """Begin nothing more, and let go of what the plan has no use for.

        Returns:
            The steps whose calls were begun and are wanted.
        """
        self._rest()
        wanted = {step.id: step for step in self._final(plan).steps}
        for key, begun in list(self._begun.items()):
            if wanted.get(begun.unit.step.id) != begun.unit.step:
                begun.task.cancel()
                del self._begun[key]
        return tuple(dict.fromkeys(each.unit.step.id for each in self._begun.values()))

    def _final(self, plan: Plan) -> Plan:
        try:
            return pin(inline(plan, self.flight.experts), self.flight.experts)
        except HerdError:
            return Plan()

    def cancel(self) -> list[asyncio.Task[Any]]:
        """Let go of everything; return what may take a moment to let go."""
        self._rest()
        tasks: list[asyncio.Task[Any]] = [each.task for each in self._begun.values()]
        for task in tasks:
            task.cancel()
        self._begun.clear()
        return tasks

    def _rest(self) -> None:
        self._is_over = True
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    async def call(self, call: Call) -> CallResult:
        """Make a call, or wait for the one that was begun. Raises what the inner caller raises."""
        begun = self._begun.pop(call.idempotency_key, None)
        if begun is None:
            return await self.inner.call(call)
        self.adopted.append(call.step)
        begun.events.open(call.emit)
        return await begun.task

    async def close(self) -> None:
        """Hold nothing: the inner caller is somebody else's."""


def _heard(task: asyncio.Task[CallResult]) -> None:
    """Look at a task's error: one that nobody waits for any more is no news."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.debug("a call that was begun ahead failed: %s", error)


__all__ = ("MOST", "Ahead")

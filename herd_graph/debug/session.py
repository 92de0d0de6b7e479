"""The debugger's engine: one call at a time, breakpoints, edits, forks.

Nothing in the executor or in an expert knows of it. The session enters the herd's own graph again
and again with LangGraph's ``interrupt_after``; the pump then makes one call for each super-step, so
that every step is one checkpoint, one stop and one place to fork. What is edited changes the state
between two super-steps; what depends on it runs again because its input hash is another.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from herd_graph import telemetry
from herd_graph.artifacts import Artifact, load
from herd_graph.debug.breakpoints import Breakpoint, Moment, read_breakpoint
from herd_graph.debug.changing import Changes
from herd_graph.debug.entering import Entering
from herd_graph.debug.reading import read_standing
from herd_graph.debug.standing import Standing
from herd_graph.debug.stops import Reason, Stop
from herd_graph.engine import Request, new_run_id
from herd_graph.errors import HerdError, PlanMalformed, RunError
from herd_graph.explaining import Why, explain
from herd_graph.graph import isolated, requested
from herd_graph.journal import new_row
from herd_graph.plans import Plan
from herd_graph.recording.events import Event
from herd_graph.resuming import read_run
from herd_graph.runs import Run
from herd_graph.state import StepRecord
from herd_graph.tasks import Task
from herd_graph.threads import in_thread, wait
from herd_graph.types import ArtifactRef, RunId

if TYPE_CHECKING:
    from herd_graph.budgets import Budget
    from herd_graph.calling import Caller
    from herd_graph.driving import Driver

_STOPS = ["validate", "pump", "gate", "replan", "check"]
_AHEAD = {"check": "Next: the checks of the whole.", "fuse": "Next: the answer."}


class DebugSession(Changes, Entering):
    """A run that is stepped through.

        async with herd.debug("Read the sign aloud", "sign.png", breaks=["speak"]) as session:
            stop = await session.continue_()
            await session.edit("s1", "No entry")
            await session.continue_()

    Args:
        driver: The herd's engine, store and graph.
        task: What is asked.
        breaks: Where to stop, as ``break_`` takes them.
        thread: The conversation that the run is a turn of.
        budget: The run's limits.
        caller: Who makes the calls, by default the herd's; a replay, say.
    """

    def __init__(
        self,
        driver: Driver,
        task: Task,
        *,
        breaks: Sequence[str] = (),
        thread: str | None = None,
        budget: Budget | None = None,
        caller: Caller | None = None,
    ) -> None:
        self.driver = driver
        self.task = task
        self.budget = budget
        self.run: str = new_run_id()
        self.thread = thread or self.run
        self.stops: list[Stop] = []
        self.breakpoints: list[Breakpoint] = []
        self.caller = caller
        self.listener: Callable[[Event], None] | None = None
        """Told everything that happens while a call goes on: what a live view shows."""
        self.experts = driver.engine.present(driver.engine.registry.snapshot())
        self._wanted = list(breaks)
        self._config: dict[str, Any] = {"configurable": {"thread_id": self.thread}}
        self._entry: Any = {"task": task.model_dump(mode="json")}
        self._seconds = 0.0
        self._numbers = 0
        self._standing: Standing | None = None
        self._opened = False
        self._pausing = False

    @classmethod
    async def of_run(cls, driver: Driver, run: str) -> Self:
        """Return a session that stands where a stored run stands; nothing is called.

        Raises:
            RunNotFound: There is no such run.
            RunError: A later turn was started on its thread, so that its state is gone.
        """
        row = await in_thread(lambda: driver.runs.get(run), label="run")
        session = cls(driver, Task(text=row.task), thread=row.thread)
        session.run, session._opened, session._entry = row.id, True, None
        session._seconds = row.seconds
        state: Any = await driver.graph.aget_state(cast("Any", session._config))
        values: dict[str, Any] = state.values or {}
        if values.get("run") != row.id:
            raise RunError(
                f"Run {row.id!r} cannot be stepped through: it has no state of its own any more. "
                "Expected the last run of its thread. Ask again: herd debug TASK."
            )
        await session._look()
        session._record("ended" if session._over else "stepped")
        return session

    # Beginning and ending ---------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __enter__(self) -> Self:
        wait(self.open())
        return self

    def __exit__(self, *_: object) -> None:
        wait(self.close())

    async def open(self) -> Stop:
        """Have the plan written and stop before anything is called."""
        if self._opened:
            return self.stop
        self._opened = True
        row = new_row(RunId(self.run), self.thread, self.task, self.driver.engine.budget)
        await in_thread(lambda: self.driver.runs.open(row), label="run")
        await self._advance()
        for each in self._wanted:
            await self.break_(each)
        return self._record("ended" if self._over else "planned")

    async def close(self) -> None:
        """Leave the run as it stands: it can be resumed, or debugged again."""

    @property
    def stop(self) -> Stop:
        """Where the session stands."""
        if not self.stops:
            raise RunError("The session was not opened. Expected 'async with session:' around it.")
        return self.stops[-1]

    @property
    def standing(self) -> Standing:
        """Everything that is known at this stop."""
        if self._standing is None:
            raise RunError("The session was not opened. Expected 'async with session:' around it.")
        return self._standing

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return self.standing.plan

    async def __aiter__(self) -> AsyncIterator[Stop]:
        """Iterate over the stops: the present one, then one for each ``continue_`` until the end."""
        yield self.stop
        while not self.stop.is_over:
            before = len(self.stops)
            yield self.stop if len(self.stops) > before else await self.continue_()

    # Going on ---------------------------------------------------------------------------------

    async def next(self) -> Stop:
        """Make one call and stop."""
        if self.stop.is_over:
            return self.stop
        moved = await self._advance()
        return self._record(self._reason(moved), moved)

    async def continue_(self) -> Stop:
        """Go on to the next breakpoint, question, failure that a breakpoint asks for, or end."""
        return await self._go("")

    async def until(self, step: str) -> Stop:
        """Go on until a step has ended, or to a breakpoint before that. Raises ``PlanMalformed``."""
        self.plan.step(step)
        return await self._go(step)

    async def answer(self, step: str, *, approved: bool) -> Stop:
        """Answer what a person is asked, and make that call. Raises ``RunError``."""
        from langgraph.types import Command

        if step not in self.standing.pending:
            asked = ", ".join(self.standing.pending) or "nothing"
            raise RunError(
                f"Nobody is asked about step {step!r}. Expected one of: {asked}. See: where."
            )
        self._entry = Command(resume={step: approved})
        await self._advance()
        return self._record("stepped")

    def pause(self) -> None:
        """Have ``continue_`` and ``until`` stop after the call that goes on now."""
        self._pausing = True

    async def _go(self, goal: str) -> Stop:
        self._pausing = False
        while not self.stop.is_over:
            moved = await self._advance()
            hit = self._hit(moved)
            if hit is not None:
                return self._record("breakpoint", moved, hit)
            reason = self._reason(moved)
            if reason in {"waiting", "fused", "ended"} or (goal and goal in self._ended_steps()):
                return self._record(reason, moved)
            if self._pausing:
                return self._record(reason, moved)
        return self.stop

    def _ended_steps(self) -> set[str]:
        return {str(step) for step in self.standing.schedule.ended}

    async def _advance(self, caller: Caller | None = None) -> list[str]:
        """Enter the graph for one super-step; return the steps that ended in it."""
        caller = caller or await self._ended_inside()
        before: Mapping[str, StepRecord] = {}
        if self._standing is not None:
            before = self._standing.records
        request = Request(
            run=RunId(self.run),
            budget=self.budget,
            caller=caller,
            approve=self.approve,
            listener=self.listener,
            seconds_before=self._seconds,
        )
        graph = self.driver.graph
        config = requested(graph, request, cast("Any", self._config))
        entry, self._entry = self._entry, None

        async def enter() -> None:
            async for _ in graph.astream(
                entry, config, stream_mode="updates", interrupt_after=_STOPS
            ):
                pass

        with self._herds():
            work = isolated(enter(), name=f"herd:{self.run}:debug")
        await work
        if request.flight is not None:
            self._seconds = request.flight.ledger.seconds_used
        self._came_out()
        self._config = {"configurable": {"thread_id": self.thread}}
        await self._look()
        now = self.standing.records
        return [step for step in now if now[step] != before.get(step)]

    async def _look(self) -> None:
        """Read where the run stands."""
        self.task, self._standing = await self._read(self._config)

    async def standing_at(self, number: int) -> tuple[Task, Standing]:
        """Return what was known at an earlier stop, without going there. Raises ``RunError``."""
        checkpoint = self._stop_at(number).checkpoint
        configurable = {"thread_id": self.thread, "checkpoint_id": checkpoint}
        return await self._read({"configurable": configurable})

    async def _read(self, config: Mapping[str, Any]) -> tuple[Task, Standing]:
        self.experts = self.driver.engine.present(self.driver.engine.registry.snapshot())
        return await read_standing(self.driver, self.run, config, self.task, self.experts)

    @property
    def _over(self) -> bool:
        return not self.standing.next_node and self.standing.phase == "done"

    def _reason(self, moved: Sequence[str]) -> Reason:
        standing = self.standing
        if self._over:
            return "fused"
        if standing.next_node == "gate":
            return "waiting"
        if any(standing.records[step].status == "failed" for step in moved):
            return "failed"
        if standing.next_node in {"fuse", "check"}:
            return "checked"
        return "stepped"

    def _hit(self, moved: Sequence[str]) -> Breakpoint | None:
        standing = self.standing
        for step in moved:
            found = self._breakpoint("after", standing.values(step, standing.records[step]))
            if found is not None:
                return found
        if standing.ready and standing.next_node == "pump":
            return self._breakpoint("before", standing.values(standing.ready[0].id))
        return None

    def _breakpoint(self, moment: Moment, values: Mapping[str, Any]) -> Breakpoint | None:
        for each in self.breakpoints:
            if each.fits(moment, values):
                each.hits += 1
                if each.temporary:
                    self.breakpoints.remove(each)
                return each
        return None

    def _record(
        self, reason: Reason, moved: Sequence[str] = (), hit: Breakpoint | None = None
    ) -> Stop:
        standing = self.standing
        asked = [str(each.get("question", "")) for each in standing.pending.values()]
        node = standing.next_node
        waits = node == "pump"
        self.stops.append(
            Stop(
                number=len(self.stops) + 1,
                reason=reason,
                run=self.run,
                step=moved[-1] if moved else "",
                next=str(standing.ready[0].id) if standing.ready and waits else "",
                ready=tuple(str(unit.id) for unit in standing.ready) if waits else (),
                statuses=standing.statuses,
                breakpoint=hit.number if hit is not None else None,
                note=str(hit) if hit is not None else " ".join(asked) or _AHEAD.get(node, ""),
                revision=standing.revision,
                checkpoint=standing.checkpoint,
                usd=standing.usd,
                seconds=self._seconds,
            )
        )
        return self.stops[-1]

    # Breakpoints ------------------------------------------------------------------------------

    async def break_(self, spec: str, *, temporary: bool = False) -> Breakpoint:
        """Set a breakpoint: ``s2``, an expert, a kind, a condition. Raises ``ConfigError``."""
        cards = [each.card for each in self.experts.values()]
        known = [step.id for step in self.plan.steps]
        known += [text for card in cards for text in (card.name, *card.tags, card.description)]
        self._numbers += 1
        try:
            made = read_breakpoint(spec, self._numbers, known, temporary=temporary)
        except HerdError:
            self._numbers -= 1
            raise
        self.breakpoints.append(made)
        return made

    def clear(self, number: int | None = None) -> list[Breakpoint]:
        """Take a breakpoint away, or all; return those that are gone. Raises ``RunError``."""
        gone = [each for each in self.breakpoints if number in {None, each.number}]
        if number is not None and not gone:
            there = ", ".join(str(each.number) for each in self.breakpoints) or "none"
            raise RunError(f"There is no breakpoint {number}. There are: {there}.")
        self.breakpoints = [each for each in self.breakpoints if each not in gone]
        return gone

    # Looking ----------------------------------------------------------------------------------

    def artifact(self, name: str) -> list[Artifact]:
        """Return what an input (``a1``) or a step (``s1``, ``s1.words``) holds, as a list.

        Raises:
            PlanMalformed: There is nothing of that name.
        """
        return [load(ref, self.driver.store) for ref in self.refs(name)]

    def refs(self, name: str) -> list[ArtifactRef]:
        """Return the references behind a name; see ``artifact``. Raises ``PlanMalformed``."""
        value = self.task.attachments.get(name)
        if value is not None:
            return value if isinstance(value, list) else [value]
        from herd_graph.plans import FromStep

        step, _, output = name.partition(".")
        found = self.standing.schedule.outputs_of(
            FromStep(step=self.plan.step(step).id, output=output or None)
        )
        if found is None:
            status = self.standing.statuses.get(step, "pending")
            raise PlanMalformed(
                f"{name!r} holds nothing: step {step!r} is {status}. Expected an input or a step "
                "that is done. See: where."
            )
        return found

    def why(self, step: str | None = None) -> Why:
        """Explain the plan, or one step. Raises ``PlanMalformed``."""
        row = self.driver.runs.get(self.run)
        if row.status == "interrupted" and not self.stop.is_over:
            row = row.model_copy(update={"status": "running"})  # it stands at a stop: it lives
        return explain(self.plan, self.standing.trace, self.standing.records, row, step)

    async def result(self) -> Run:
        """Return the run as it stands."""
        row = await in_thread(lambda: self.driver.runs.get(self.run), label="run")
        return await read_run(
            row,
            graph=self.driver.graph,
            runs=self.driver.runs,
            store=self.driver.store,
            experts=self.experts,
        )

    # Time -------------------------------------------------------------------------------------

    async def back(self, count: int = 1) -> Stop:
        """Go back to an earlier stop; going on from there is another branch of the same run.

        Raises:
            RunError: There is no such stop.
        """
        place = len(self.stops) - 1 - count
        if count < 1 or place < 0:
            raise RunError(
                f"There is no stop {count} back. Expected 1 to {len(self.stops) - 1}. See: where."
            )
        return await self.goto(self.stops[place].number)

    async def goto(self, number: int) -> Stop:
        """Go to an earlier stop by its number. Raises ``RunError``."""
        there = self._stop_at(number)
        self._config = {
            "configurable": {
                "thread_id": self.thread,
                "checkpoint_ns": "",  # an edit from here is written under it
                "checkpoint_id": there.checkpoint,
            }
        }
        self._entry = self._inside = None
        await self._look()
        task = self.task.model_dump(mode="json")  # an input may have been another one there
        runs = self.driver.runs
        await in_thread(lambda: runs.update(self.run, details={"task": task}), label="run")
        now = {"number": len(self.stops) + 1, "again": there.again or number}
        self.stops.append(there.model_copy(update=now))
        return self.stops[-1]

    def _stop_at(self, number: int) -> Stop:
        if not 1 <= number <= len(self.stops):
            raise RunError(f"There is no stop {number}. Expected 1 to {len(self.stops)}.")
        return self.stops[number - 1]

    async def fork(self, at: int | None = None) -> DebugSession:
        """Return another session that stands here, as a run of its own; this one stays as it is.

        Args:
            at: The number of an earlier stop to begin from.

        Raises:
            RunError: There is no such stop.
        """
        config, task, standing = self._config, self.task, self.standing
        if at is not None:
            task, standing = await self.standing_at(at)
            configurable = {"thread_id": self.thread, "checkpoint_id": standing.checkpoint}
            config = {"configurable": configurable}
        state: Any = await self.driver.graph.aget_state(cast("Any", config))
        other = DebugSession(self.driver, task, budget=self.budget, caller=self.caller)
        other._opened = True
        other._seconds = self._seconds
        row = new_row(RunId(other.run), other.thread, task, self.driver.engine.budget)
        await in_thread(lambda: self.driver.runs.open(row), label="run")
        moved = {
            f"{other.run}/{step}": record.model_copy(update={"run": other.run}).model_dump(
                mode="json", exclude_defaults=True
            )
            for step, record in standing.records.items()
        }
        kept = {name: state.values.get(name) for name in ("task", "plan", "approvals")}
        update = {**kept, "run": other.run, "steps": moved, "pending": {}, "phase": "pump"}
        await self.driver.graph.aupdate_state(
            cast("Any", other._config), {**update, "answer": {}}, as_node="pump"
        )
        other._entry = None
        telemetry.forked(other.run, self.run)
        await other._look()
        other.breakpoints = [replace(each) for each in self.breakpoints]
        other._numbers = self._numbers
        other._record("stepped")
        return other

    # Keeping ----------------------------------------------------------------------------------

    async def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the run as it stands, edits included, as a recording that replays it."""
        made = await self.result()
        return await in_thread(lambda: made.save(path), label="recording")


__all__ = ("DebugSession",)

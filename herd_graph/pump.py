"""The pump: one self-looping node that runs a plan eagerly, and commits what is done.

LangGraph's super-steps are barriers; the calls in flight here are not. A *flight* owns them for one
invocation of the graph: it starts whatever is ready, waits for the first completion, gives the
finished records to LangGraph to commit, and is entered again. When the invocation ends, for
whatever reason, the graph closes the flight and nothing is left running.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from herd_graph.binding import Ref
from herd_graph.budgets import Ledger
from herd_graph.coordination import StepChecks
from herd_graph.coordination.answers import Answer
from herd_graph.coordination.checks.base import Aids
from herd_graph.coordination.checks.helping import Calls
from herd_graph.engine import Engine, Question, Request, new_run_id
from herd_graph.keeping import Keeping
from herd_graph.late import bind_late
from herd_graph.plans import Plan
from herd_graph.recording.events import Event
from herd_graph.registry import Snapshot
from herd_graph.schedule import Schedule, Unit, is_short
from herd_graph.state import PlanRef, StepRecord, compact, records_of
from herd_graph.steps import SPILL_BYTES, StepRunner
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON, RunId, StepId
from herd_graph.workflows import plan_runner

if TYPE_CHECKING:
    from herd_graph.recording.commits import Trail
    from herd_graph.recording.store import RunRow
    from herd_graph.routing.base import RouteTrace
    from herd_graph.starting import Ahead

GRACE_S = 5.0
"""How long a cancelled call may take to let go, before it is reported instead."""
_log = logging.getLogger("herd_graph")


class Flight:
    """The calls in flight of one invocation, and the schedule that they follow."""

    def __init__(self, key: str, engine: Engine, request: Request, *, stepping: bool) -> None:
        self.key = key
        self.engine = engine
        self.request = request
        self.stepping = stepping
        """One call at a time, one record a commit: each super-step is one call and one stop."""
        self.offered: Snapshot = request.experts or engine.registry.snapshot()
        """Whom a router may choose."""
        self.experts: Snapshot = engine.present(self.offered)
        """Whom the plan may name."""
        self.run = request.run
        self.schedule: Schedule | None = None
        self.ledger = Ledger(
            budget=request.budget or engine.budget, seconds_before=request.seconds_before
        )
        self.writer: Callable[[Any], None] | None = None
        self.gated: dict[StepId, Unit] = {}
        self.history: tuple[Mapping[str, JSON], ...] = ()
        self.thread = ""
        """The conversation, where somebody else's checkpointer keeps it."""
        self.active = False
        """A node was entered: the run is this invocation's."""
        self.ended = False
        """The answer is composed."""
        self.landed: RunRow | None = None
        """How the run is written down, once the flight is over."""
        self.trail: Trail | None = None
        """What it writes without waiting for it; None where others keep the checkpoints."""
        self.plan: tuple[str, Plan] | None = None
        """The plan that was read last, and where the store has it."""
        self.trace: tuple[str, RouteTrace] | None = None
        """Why it is what it is, and where the store has that."""
        self.ahead: Ahead | None = None
        """The calls that were begun while the plan was being written."""
        self._revision = -1
        self._runner: StepRunner | None = None
        self._flying: dict[StepId, asyncio.Task[None]] = {}
        self._landed: deque[StepRecord] = deque()
        self._keeping = Keeping(run="")
        self._asking: dict[StepId, asyncio.Task[None]] = {}
        self._failed: dict[str, StepRecord] = {}
        """How calls ended of which a person is asked, or was, whether they are tried again."""
        self._approvals: dict[str, bool] = {}
        self._new_approvals = False
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    # What LangGraph calls -------------------------------------------------------------------

    async def pump(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Start what is ready, wait for something to finish, and return what is to be committed."""
        await self.written()
        await self._enter(state)
        schedule = self.schedule
        assert schedule is not None
        assert self._wake is not None
        while True:
            self._wake.clear()
            records = schedule.take_settled()
            self._start_ready(schedule)
            while self._landed and not (self.stepping and records):
                record = self._landed.popleft()
                records.append(record)
                await self._take_in(schedule, record)
                records.extend(schedule.take_settled())
            if records or (self._keeping.fresh and not self.stepping):
                return self._commit(records, self._next(schedule))
            if not self._flying and not schedule.ready and not self._landed:
                if self.gated and not self._asking:
                    return self._stop_at_gate()
                if not self.gated:
                    return self._commit([], "check")
            await self._wake.wait()

    def _next(self, schedule: Schedule) -> str:
        """Return the phase after a commit: what went well need not be checked for another path."""
        if not schedule.is_over:
            return "pump"
        ended = [each.record for each in schedule.ended.values()]
        went_well = all(each.status == "done" and not each.stands_wrong for each in ended)
        return "fuse" if went_well and not self.stepping else "check"

    async def _take_in(self, schedule: Schedule, record: StepRecord) -> None:
        if schedule.looks_inside:
            await in_thread(lambda: schedule.finish(record), label="schedule")
        else:
            schedule.finish(record)

    async def close(self) -> None:
        """Cancel what is in flight and wait until it has let go."""
        tasks = [*self._flying.values(), *self._asking.values()]
        if self.ahead is not None:
            tasks += self.ahead.cancel()
            self.ahead = None
        for task in tasks:
            task.cancel()
        if tasks:
            _, stuck = await asyncio.wait(tasks, timeout=GRACE_S)
            for task in stuck:
                _log.warning("%s ignored its cancellation and is still running", task.get_name())
        self._flying.clear()
        self._asking.clear()
        # Nothing that a run leaves behind refers to itself: it goes when the last user lets go, and
        # Python's collector need not stop everything to find it.
        self._runner = None
        self.request = replace(self.request, flight=None, caller=None)

    def answer(self, step: str, *, approved: bool) -> bool:
        """Take a person's answer while the flight goes on; say whether it was waited for."""
        if step not in self.gated or self._loop is None:
            return False
        self._loop.call_soon_threadsafe(self._answered, StepId(step), approved)
        return True

    def questions(self) -> list[Question]:
        """Return what a person is asked now."""
        return [self._question(unit) for unit in list(self.gated.values())]

    def emit(self, kind: Any, step: str = "", **data: JSON) -> None:
        """Tell the log, the listener and LangGraph's custom stream what happens."""
        event = Event(kind=kind, run=self.run, step=step, data=data)
        if self.engine.runs is not None:
            self.engine.runs.log(event)
        if self.request.listener is not None:
            try:
                self.request.listener(event)
            except Exception:  # who listens badly must not break what it listens to
                _log.exception("a listener raised on a %r event", event.kind)
        if self.writer is not None:
            with contextlib.suppress(RuntimeError):  # the stream is gone already
                self.writer(event.model_dump(mode="json"))

    def begin(self) -> None:
        """Start a new run."""
        self.run = self.request.run or new_run_id()
        self.active = True
        self._start_clock()

    def finish(self, answer: Answer) -> None:
        """Take note that the run has its answer."""
        self.active = True
        self.ended = answer.status != "waiting"

    def settled_schedule(self, state: Mapping[str, Any], plan: Plan, task: Task) -> Schedule:
        """Return how every step stands, also when this flight ran none of them."""
        if self.schedule is not None and self._revision == int(state["plan"]["revision"]):
            return self.schedule
        self.run = RunId(state["run"])
        return Schedule(
            plan=plan,
            run=self.run,
            inputs=task.attachments,
            experts=self.experts,
            store=self.engine.store,
            records=records_of(state, self.run),
        )

    def _start_clock(self) -> None:
        self.ledger.clock = asyncio.get_running_loop().time
        self.ledger.start()

    async def written(self) -> None:
        """Wait until all that came before is written: what is called next may rest on it.

        Raises:
            RunFenced: Another process has the run now.
            RunError: The database cannot be written.
        """
        if self.trail is not None:
            await self.trail.written()

    async def note(self, work: Callable[[], object]) -> None:
        """Have something written into the run's database, in its turn."""
        if self.trail is not None:
            self.trail.put(work)
        else:
            await in_thread(work, label="journal")

    # Building the schedule ------------------------------------------------------------------

    async def load_plan(self, state: Mapping[str, Any]) -> Plan:
        """Return the plan that the state refers to."""
        ref = PlanRef.model_validate(state["plan"])
        if self.plan is None or self.plan[0] != ref.plan:
            read = self.engine.store.get
            plan = await in_thread(lambda: Plan.parse(read(ref.plan)), label="plan")
            self.plan = ref.plan, plan
        return self.plan[1]

    async def keep_task(self, task: Task) -> dict[str, Any]:
        """Return what the state holds of a task: a long one is an artifact, like all that is long."""
        dumped: dict[str, Any] = task.model_dump(mode="json")
        content = json.dumps(dumped, ensure_ascii=False).encode()
        if len(content) <= SPILL_BYTES:
            return dumped
        put = self.engine.store.put
        return {"at": await in_thread(lambda: put(content), label="task")}

    async def load_task(self, state: Mapping[str, Any]) -> Task:
        """Return the task that the state holds, or refers to."""
        held: Mapping[str, Any] = state["task"]
        if "at" not in held:
            return Task.model_validate(held)
        read, key = self.engine.store.get, str(held["at"])
        return Task.model_validate_json(await in_thread(lambda: read(key), label="task"))

    async def _enter(self, state: Mapping[str, Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self.active = True
        self._wake = self._wake or asyncio.Event()
        self._start_clock()
        revision = int(state["plan"]["revision"])
        if self.schedule is not None and revision == self._revision:
            return
        task = await self.load_task(state)
        self.run = RunId(state["run"])
        records = records_of(state, self.run)
        if self.schedule is None:
            self._keeping = Keeping.of(state, self.run, records)
            paid = [*records.values(), *self._keeping.calls]
            self.ledger.spent_usd = sum(record.usd for record in paid)
            self.ledger.calls = sum(len(record.attempts) for record in paid)
        self._approvals = dict(state.get("approvals") or {})
        self._revision = revision
        plan = await self.load_plan(state)

        def made() -> Schedule:
            return Schedule(
                plan=plan,
                run=self.run,
                inputs=task.attachments,
                experts=self.experts,
                store=self.engine.store,
                records=records,
                again=self.request.again,
                holds=not task.plan and revision < self.engine.replans,
            )

        # Literals that are short are in their references: nothing is read, and a thread costs more.
        quick = not records and is_short(plan)
        self.schedule = made() if quick else await in_thread(made, label="schedule")
        self._runner = StepRunner(
            run=self.run,
            experts=self.experts,
            caller=self.request.caller or self.engine.caller,
            store=self.engine.store,
            ledger=self.ledger,
            emit=self.emit,
            bind=self._bind,
            patience=self.engine.patience,
            selection=self.engine.selection,
            latencies=self.engine.latencies,
            steady=self.engine.steady,
            weights=self.engine.weights(),
            ahead=self.schedule.ahead,
            keep=self._keep,
            kept=self._known,
            checks=StepChecks(
                checking=self.engine.checking,
                store=self.engine.store,
                request=task.text,
                plan=plan,
                used=lambda: self.ledger.seconds_used,
                aids=self._aids(),
            ),
        )

    def _aids(self) -> Aids:
        """Return what thorough checks may call; the others call nobody."""
        if self.engine.checking.level != "thorough":
            return Aids()
        return Calls(
            experts=self.experts,
            caller=self.request.caller or self.engine.caller,
            store=self.engine.store,
            run=self.run,
            ledger=self.ledger,
        ).aids()

    async def _bind(self, unit: Unit, most: int) -> list[tuple[str, Mapping[str, Ref]]]:
        await self.engine.sync_index()
        return bind_late(unit, self.experts, self.engine.index, most)

    def _known(self, unit: Unit) -> Mapping[str, StepRecord]:
        """Return what need not be called again of a unit: nothing, if a person wants it tried again."""
        known = self._keeping.known(unit)
        if not known or not self._approvals.get(unit.id) or self._needs_approval(unit):
            return known
        attempts = tuple(attempt for each in known.values() for attempt in each.attempts)
        paid = sum(each.usd for each in known.values())
        first = next(iter(known.values()))
        self._failed[unit.id] = first.model_copy(update={"attempts": attempts, "usd": paid})
        return {}

    def _keep(self, unit: Unit, key: str, record: StepRecord) -> None:
        """Have what a call came to committed, while other calls of its unit go on."""
        self._keeping.note(unit, key, record)
        if self._wake is not None and not self.stepping:
            self._wake.set()

    # Starting and landing -------------------------------------------------------------------

    def _start_ready(self, schedule: Schedule) -> None:
        most = 1 if self.stepping else self.engine.max_in_flight
        while schedule.ready and len(self._flying) + len(self._landed) * self.stepping < most:
            unit = schedule.ready.popleft()
            if self._needs_approval(unit):
                said = self._approvals.get(unit.id)
                if said is None:
                    self._gate(unit)
                    continue
                if not said:
                    self._landed.append(self._refused(unit))
                    continue
            self._take_off(unit)

    def _take_off(self, unit: Unit) -> None:
        task = asyncio.create_task(self._fly(unit), name=f"herd:{self.run}:{unit.id}")
        self._flying[unit.id] = task

    async def _fly(self, unit: Unit) -> None:
        assert self._runner is not None
        assert self._wake is not None
        plan_runner.set(self.engine.run_nested)
        try:
            record = self._with_earlier(await self._runner(unit))
        except Exception as error:  # a defect of ours must not hang the run
            _log.exception("step %s broke the step runner", unit.id)
            record = StepRecord(
                run=self.run,
                step=unit.id,
                status="failed",
                input_hash=unit.input_hash,
                error=f"HERD itself failed: {type(error).__name__}: {error}",
                error_type=type(error).__name__,
            )
        finally:
            self._flying.pop(unit.id, None)
        if self._is_open(record):
            self._failed[unit.id] = record
            self._gate(unit)
        else:
            self._landed.append(record)
        self._wake.set()

    def _is_open(self, record: StepRecord) -> bool:
        """Say whether a person may still have a failed call tried again; once, and where asked to."""
        asks = self.engine.patience.ask and self.engine.runs is not None and self.request.may_ask
        return asks and record.status == "failed" and record.step not in self._approvals

    def _with_earlier(self, record: StepRecord) -> StepRecord:
        """Add what was tried and spent on a step before it was run again: a budget counts it all."""
        earlier = self.schedule.records.get(record.step) if self.schedule is not None else None
        earlier = self._failed.pop(record.step, earlier)
        if earlier is None or not earlier.attempts or earlier.run != self.run:
            return record
        attempts = (*earlier.attempts, *record.attempts)
        return record.model_copy(update={"attempts": attempts, "usd": earlier.usd + record.usd})

    def _commit(self, records: list[StepRecord], phase: str) -> dict[str, Any]:
        update: dict[str, Any] = {"phase": phase}
        kept = self._keeping.take({record.step for record in records})
        if records or kept:
            update["steps"] = {**kept, **{record.key: compact(record) for record in records}}
        for each in records:
            if each.items is not None:  # a list is through: no call of its own told of it
                told = each.model_dump(include={"status", "expert", "seconds", "error"})
                self.emit("finished", each.step, **told)
        if self._new_approvals:
            update["approvals"] = dict(self._approvals)
            self._new_approvals = False
        return update

    # Asking a person --------------------------------------------------------------------------

    def _needs_approval(self, unit: Unit) -> bool:
        expert = unit.step.expert
        if expert is None or not self.experts.knows(expert):
            return False  # late binding never chooses one that needs approval; the call will fail
        return self.experts.find(expert).card.approve

    def _gate(self, unit: Unit) -> None:
        self.gated[unit.id] = unit
        question = self._question(unit)
        self.emit(
            "asked",
            unit.id,
            expert=question.expert,
            question=question.question,
            inputs=dict(question.inputs),
        )
        if self.request.approve is not None:
            self._asking[unit.id] = asyncio.create_task(
                self._ask(question), name=f"herd:{self.run}:{unit.id}:approval"
            )

    async def _ask(self, question: Question) -> None:
        assert self.request.approve is not None
        approve, step = self.request.approve, StepId(question.step)
        try:
            if inspect.iscoroutinefunction(approve):
                said = await approve(question)
            else:
                said = await in_thread(lambda: approve(question), label=f"approve:{step}")
                if inspect.isawaitable(said):
                    said = await said
            self._answered(step, bool(said))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _log.warning("the approval of %s failed (%s): it counts as refused", step, error)
            self._answered(step, approved=False)
        finally:
            self._asking.pop(step, None)
            assert self._wake is not None
            self._wake.set()

    def _answered(self, step: StepId, approved: bool) -> None:
        unit = self.gated.pop(step, None)
        if unit is None:
            return
        self._approvals[step] = approved
        self._new_approvals = True
        self.emit("answered", step, approved=approved)
        if approved:
            self._take_off(unit)
        else:
            self._landed.append(self._failed.pop(step, None) or self._refused(unit))
        assert self._wake is not None
        self._wake.set()

    def _refused(self, unit: Unit) -> StepRecord:
        told = unit.refused(self.run)
        expert, error = unit.step.expert, told.error
        self.emit("finished", unit.id, status="refused", expert=expert, error=error)
        return told

    def _question(self, unit: Unit) -> Question:
        failed = self._failed.get(unit.id)
        error = "" if failed is None else failed.error
        return Question.about(unit, self.run, self.engine.store, error)

    def _stop_at_gate(self) -> dict[str, Any]:
        pending = {unit.id: self._question(unit).model_dump() for unit in self.gated.values()}
        return {**self._commit([], "gate"), "pending": pending}

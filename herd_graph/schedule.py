"""The ready set of a running plan: what may start, what is settled without a call, what is over.

Pure bookkeeping, incremental: ending a step touches only what waits for it. *Done* means that the
input hash in a record equals the current one, all the way up, or that a person pinned the result;
so a resumed run repeats nothing, and an edited artifact re-runs exactly what depends on it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from herd_graph.binding import SKIPPED, Ref, holds, items_of, resolve
from herd_graph.cards import ExpertCard
from herd_graph.errors import HerdError
from herd_graph.plans import Binding, FirstOf, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, StepId, StepStatus

_FEW, _SHORT = 8, 1000
"""Steps of a plan, and characters of a literal in it, with which a schedule is made in no time."""
UNUSABLE: frozenset[StepStatus] = frozenset({"failed", "cancelled", "refused"})


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One call to be made: a step, or one item of a ``foreach`` step."""

    id: StepId
    step: Step
    inputs: Mapping[str, Ref]
    input_hash: str
    item: int | None = None

    def refused(self, run: str) -> StepRecord:
        """Return the record of a call that a person did not want made."""
        return StepRecord(
            run=run,
            step=self.id,
            status="refused",
            expert=self.step.expert or "",
            input_hash=self.input_hash,
            error=f"A person did not approve the call of {self.step.expert!r}. Expected a yes. "
            "Resume the run to be asked again.",
            error_type="CallRefused",
        )


@dataclass(kw_only=True)
class _Fan:
    """The items of one ``foreach`` step."""

    records: list[StepRecord | None]
    left: int
    failed: str = ""
    started: float = 0.0


@dataclass(kw_only=True)
class Ended:
    """How a whole step ended, as bindings see it."""

    status: StepStatus
    outputs: Mapping[str, ArtifactRef | list[ArtifactRef | None]]
    record: StepRecord


@dataclass(kw_only=True)
class Schedule:
    """Where a run of a plan stands.

    Args:
        plan: A checked plan.
        run: The run's id, for the records.
        inputs: The task's attachments.
        experts: The experts that the run is pinned to.
        store: Where artifacts are.
        records: What earlier work on this run left behind, by step id.
        again: Statuses that are tried once more, though their inputs are the same.
        holds: Nothing is made of a result that a check fails; the run asks for another path first.
    """

    plan: Plan
    run: str
    inputs: Mapping[str, Ref]
    experts: Snapshot
    store: ArtifactStore
    records: Mapping[str, StepRecord] = field(default_factory=dict[str, StepRecord])
    again: frozenset[str] = frozenset()
    holds: bool = False
    ready: deque[Unit] = field(default_factory=deque[Unit])
    """Calls that may start now."""
    settled: list[StepRecord] = field(default_factory=list[StepRecord])
    """Records that came about without a call and are not committed yet."""
    ended: dict[str, Ended] = field(default_factory=dict[str, Ended])
    """How each step ended, by step id."""

    def __post_init__(self) -> None:
        self._steps = {step.id: step for step in self.plan.steps}
        self._waiting: dict[StepId, int] = {}
        self._dependents: dict[StepId, list[StepId]] = {}
        self._fans: dict[StepId, _Fan] = {}
        self.looks_inside = any(each.foreach is not None or each.when for each in self.plan.steps)
        """Whether steps depend on what is in an artifact, so that ending one reads the store."""
        known = {step.id for step in self.plan.steps}
        self._by_hash = {
            record.input_hash: record
            for step, record in self.records.items()
            if record.status == "done"
            and record.items is None
            and step.partition("[")[0] not in known
        }
        for step in self.plan.steps:
            self._waiting[step.id] = len(step.needs)
            for need in step.needs:
                self._dependents.setdefault(need, []).append(step.id)
        self._consider([step.id for step in self.plan.steps if not step.needs])

    @property
    def is_over(self) -> bool:
        """Whether every step has ended."""
        return len(self.ended) == len(self._steps)

    def finish(self, record: StepRecord) -> None:
        """Take note that a call ended."""
        step_id = StepId(record.step.partition("[")[0])
        if step_id in self._fans and record.step != step_id:
            self._finish_item(step_id, record)
        else:
            self._end(step_id, record)

    def take_settled(self) -> list[StepRecord]:
        """Return what was settled without a call since the last time."""
        taken, self.settled = self.settled, []
        return taken

    def ahead(self) -> tuple[float, int]:
        """Return the USD and the calls that steps need at least that wait for others now."""
        waiting = [
            self._steps[step]
            for step, left in self._waiting.items()
            if left and step not in self.ended
        ]
        cards = [self.card_of(each) for each in waiting]
        return sum(each.cost_usd for each in cards if each is not None), len(waiting)

    def outputs_of(self, source: FromStep) -> list[ArtifactRef] | None:
        """Return the artifacts behind a reference to a step; None if it is not done."""
        ended = self.ended.get(source.step)
        if ended is None or ended.status != "done":
            return None
        name = source.output or next(iter(ended.outputs), "")
        value = ended.outputs.get(name)
        if value is None:
            return [] if not ended.outputs else None
        return [each for each in value if each is not None] if isinstance(value, list) else [value]

    # Ending and starting steps ------------------------------------------------------------

    def _end(self, step_id: StepId, record: StepRecord) -> None:
        self._set_ended(step_id, record)
        self._consider(self._released(step_id))

    def _set_ended(
        self,
        step_id: StepId,
        record: StepRecord,
        outputs: Mapping[str, ArtifactRef | list[ArtifactRef | None]] | None = None,
    ) -> None:
        given = record_outputs(record, self.store) if outputs is None else outputs
        self.ended[step_id] = Ended(status=record.status, outputs=given, record=record)

    def _released(self, step_id: StepId) -> list[StepId]:
        free: list[StepId] = []
        if self.holds and self.ended[step_id].record.stands_wrong:
            return free
        for dependent in self._dependents.get(step_id, ()):
            self._waiting[dependent] -= 1
            if not self._waiting[dependent]:
                free.append(dependent)
        return free

    def _consider(self, step_ids: Iterable[StepId]) -> None:
        """Look at steps whose needs have all ended; settle or start each, and what follows."""
        pending = deque(step_ids)
        while pending:
            step_id = pending.popleft()
            if self._start(self._steps[step_id]):
                pending.extend(self._released(step_id))

    def _start(self, step: Step) -> bool:
        """Make a step ready, or settle it. Return whether it has ended."""
        pinned = self.records.get(step.id)
        if pinned is not None and pinned.pinned and pinned.run == self.run:
            self._set_ended(step.id, pinned)
            return True
        blocker = self._blocker(step)
        if blocker is not None:
            return self._settle(
                step, "cancelled", f"Step {blocker!r}, which it needs, did not succeed."
            )
        try:
            if not self._wanted(step):
                return self._settle(step, "skipped", "")
            if step.foreach is not None:
                return self._fan_out(step)
            unit = self._unit(step, step.id, None, None)
        except HerdError as error:
            return self._settle(step, "failed", str(error), type(error).__name__)
        if unit is None:
            return self._settle(step, "skipped", "")
        return self._adopt_or_queue(unit)

    def _adopt_or_queue(self, unit: Unit) -> bool:
        record = self._earlier(unit)
        if record is None:
            self.ready.append(unit)
            return False
        self._set_ended(unit.step.id, record)
        return True

    def _earlier(self, unit: Unit) -> StepRecord | None:
        """Return a record that still holds for a unit, of this step or of one replanned away."""
        record = self.records.get(unit.id)
        if (
            record is not None
            and (record.input_hash == unit.input_hash or record.pinned)
            and record.status not in self.again
            and record.status not in {"skipped", "cancelled"}
        ):
            return record
        moved = self._by_hash.get(unit.input_hash)
        if moved is None:
            return None
        # What it took stays with the step that made it: a budget must not count it twice.
        free = {"usd": 0.0, "attempts": (), "seconds": 0.0}
        adopted = moved.model_copy(update={**free, "step": unit.id, "run": self.run})
        self.settled.append(adopted)
        return adopted

    def _blocker(self, step: Step) -> StepId | None:
        """Return a step that failed and that this one cannot do without."""
        hard = set(step.after)
        for binding in (
            *step.inputs.values(),
            *(left for each in step.when for left in each.lefts),
            *([step.foreach] if step.foreach is not None else []),
        ):
            hard |= self._hard_needs(binding)
        return next(
            (need for need in sorted(hard) if self.ended[need].status in UNUSABLE),
            None,
        )

    def _hard_needs(self, binding: Binding) -> set[StepId]:
        if isinstance(binding, FromStep):
            return {binding.step}
        if isinstance(binding, FirstOf):
            failed: set[StepId] = set()
            for needs in [self._hard_needs(each) for each in binding.first]:
                if any(self.ended[need].status in UNUSABLE for need in needs):
                    failed = failed or needs
                elif not needs:  # an input or a literal, which never covers up for a failure
                    break
                elif all(self.ended[need].status == "done" for need in needs):
                    return set()
            return failed
        nested = getattr(binding, "all", ())
        return {need for each in nested for need in self._hard_needs(each)}

    def _wanted(self, step: Step) -> bool:
        return all(
            holds(condition, self.inputs, self._visible, self.store) for condition in step.when
        )

    def _visible(self, step_id: str) -> _Visible | None:
        ended = self.ended.get(step_id)
        if ended is None:
            return None
        status: StepStatus = "skipped" if ended.status in UNUSABLE else ended.status
        return _Visible(status, ended.outputs)

    def _unit(
        self, step: Step, unit_id: StepId, item: ArtifactRef | None, index: int | None
    ) -> Unit | None:
        """Resolve a unit's inputs; None when something that it needs was skipped."""
        card = self.card_of(step)
        bound: dict[str, Ref] = {}
        for name, binding in step.inputs.items():
            port = card.input(name) if card is not None else None
            missing = getattr(binding, "input", None)
            if missing is not None and missing not in self.inputs and port and not port.required:
                continue
            found = resolve(binding, self.inputs, self._visible, self.store, item, port)
            if found is SKIPPED:
                return None
            bound[name] = found
        planned = step.expert or json.dumps(
            step.capability.model_dump(mode="json") if step.capability else None
        )
        return Unit(
            id=unit_id,
            step=step,
            inputs=bound,
            input_hash=input_hash(step, planned, bound),
            item=index,
        )

    def card_of(self, step: Step) -> ExpertCard | None:
        """Return the card of a step's expert; None for a capability that is bound late.

        None also for an expert that is gone: what it finished stands, and only a call needs it.
        """
        known = step.expert is not None and self.experts.knows(step.expert)
        return self.experts.find(step.expert).card if known and step.expert else None

    def _settle(
        self,
        step: Step,
        status: StepStatus,
        error: str,
        error_type: str = "",
        items: int | None = None,
    ) -> bool:
        record = StepRecord(
            run=self.run,
            step=step.id,
            status=status,
            expert=step.expert or "",
            started=time.time(),
            error=error,
            error_type=error_type,
            items=items,
        )
        earlier = self.records.get(step.id)
        if earlier is None or (earlier.status, earlier.error) != (status, error):
            self.settled.append(record)
        self._set_ended(step.id, record)
        return True

    # foreach --------------------------------------------------------------------------------

    def _fan_out(self, step: Step) -> bool:
        """Make the items of a ``foreach`` step ready. Return whether it has ended already."""
        assert step.foreach is not None
        items = items_of(step.foreach, self.inputs, self._visible, self.store)
        if items is None:
            return self._settle(step, "skipped", "")
        fan = _Fan(records=[None] * len(items), left=len(items), started=time.time())
        self._fans[step.id] = fan
        for index, item in enumerate(items):
            unit_id = StepId(f"{step.id}[{index}]")
            unit = self._unit(step, unit_id, item, index)
            if unit is None:
                del self._fans[step.id]
                return self._settle(step, "skipped", "")
            earlier = self._earlier(unit)
            if earlier is not None:
                fan.records[index] = earlier
                fan.left -= 1
                self._note_failure(step, fan, earlier)
            elif fan.failed:
                fan.left -= 1
            else:
                self.ready.append(unit)
        return self._close_fan(step, fan)

    def _finish_item(self, step_id: StepId, record: StepRecord) -> None:
        fan, step = self._fans[step_id], self._steps[step_id]
        index = int(record.step[len(step_id) + 1 : -1])
        fan.records[index] = record
        fan.left -= 1
        self._note_failure(step, fan, record)
        if self._close_fan(step, fan):
            self._consider(self._released(step_id))

    def _note_failure(self, step: Step, fan: _Fan, record: StepRecord) -> None:
        """Drop the items that have not started, when one item fails the whole step."""
        if record.status not in UNUSABLE or step.on_item_error == "skip" or fan.failed:
            return
        fan.failed = f"Item {record.step!r} {record.status}: {record.error}"
        for unit in [each for each in self.ready if each.step.id == step.id]:
            self.ready.remove(unit)
            fan.left -= 1

    def _close_fan(self, step: Step, fan: _Fan) -> bool:
        if fan.left:
            return False
        del self._fans[step.id]
        if fan.failed:
            return self._settle(step, "failed", fan.failed, "ItemFailed", items=len(fan.records))
        record = StepRecord(
            run=self.run,
            step=step.id,
            status="done",
            expert=step.expert or "",
            started=fan.started,
            seconds=max(0.0, time.time() - fan.started),
            items=len(fan.records),
        )
        earlier = self.records.get(step.id)
        if earlier is None or (earlier.status, earlier.items) != ("done", record.items):
            self.settled.append(record)
        self._set_ended(step.id, record, self._gather(step, fan))
        return True

    def _gather(self, step: Step, fan: _Fan) -> dict[str, list[ArtifactRef | None]]:
        """Return the items' outputs as lists, in the order of the input."""
        card = self.card_of(step)
        names = [port.name for port in card.outputs] if card is not None else []
        for record in fan.records:
            if record is not None:
                names.extend(name for name in record.outputs if name not in names)
        gathered: dict[str, list[ArtifactRef | None]] = {name: [] for name in names}
        nothing: Mapping[str, ArtifactRef | list[ArtifactRef | None]] = {}
        for record in fan.records:
            done = record is not None and record.status == "done"
            given = record_outputs(record, self.store) if record is not None and done else nothing
            for name in names:
                value = given.get(name)
                gathered[name].extend(value if isinstance(value, list) else [value])
        return gathered


@dataclass(frozen=True)
class _Visible:
    """A step as bindings see it: what failed looks skipped to the alternatives of a ``first``."""

    status: StepStatus
    outputs: Mapping[str, ArtifactRef | list[ArtifactRef | None]]


def input_hash(step: Step, expert: str, inputs: Mapping[str, Ref]) -> str:
    """Hash what a call depends on: the step's spec, the planned expert, the content of its inputs.

    Neither the step's id nor names and provenance of artifacts matter.
    """
    content = {
        name: [ref.id for ref in value] if isinstance(value, list) else value.id
        for name, value in inputs.items()
    }
    select = [step.select, step.k, step.fuse, *([] if step.score is None else [step.score])]
    spec = {"expert": expert, "inputs": content, "select": select}
    canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def record_outputs(
    record: StepRecord, store: ArtifactStore
) -> Mapping[str, ArtifactRef | list[ArtifactRef | None]]:
    """Return a record's outputs, fetched from the store where they were too long for the state."""
    if not record.outputs_at:
        return record.outputs
    held = json.loads(store.get(record.outputs_at))
    return StepRecord(run="", step="", status="done", outputs=held).outputs


def is_short(plan: Plan) -> bool:
    """Say whether a schedule of a plan is made without reading anything, and in no time."""
    bindings = [binding for step in plan.steps for binding in step.bindings]
    literals = [binding.value for binding in bindings if isinstance(binding, Value)]
    looks = any(step.foreach is not None or step.when for step in plan.steps)
    short = all(len(str(each)) <= _SHORT for each in literals)
    return short and not looks and len(plan.steps) <= _FEW


__all__ = ("Ended", "Schedule", "Unit", "input_hash", "is_short", "record_outputs")

"""Run a recording again: without calling anybody, or with some steps for real; save any run as one.

A recording holds the plan, what was attached and every call with its results. A replay runs that
plan through the same engine, with a caller that answers from the file; a call that is not in it
fails loudly (``ReplayMiss``), and says what the nearest recorded one differs in.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from herd_graph.calling import Call, Caller, CallResult
from herd_graph.cards import ExpertCard
from herd_graph.engine import Request, new_run_id
from herd_graph.errors import ArtifactUnreadable, PlanInvalid, PlanMalformed
from herd_graph.experts import Expert
from herd_graph.failures import to_json
from herd_graph.plans import Plan
from herd_graph.recording.callers import Recorder, Replay, note_run
from herd_graph.recording.files import RecordedCall, Recording, inputs_key, references
from herd_graph.registry import Snapshot
from herd_graph.runs import Run
from herd_graph.schedule import Schedule
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON, ArtifactRef

if TYPE_CHECKING:
    from herd_graph.driving import Driver


class Mixed:
    """Answers some steps from a recording, and calls the others for real.

    Args:
        replay: Answers the recorded steps.
        live: Makes the real calls.
        steps: The steps that are called for real; items of a list belong to their step.
    """

    def __init__(self, replay: Replay, live: Caller, steps: Collection[str]) -> None:
        self.replay, self.live, self.steps = replay, live, frozenset(steps)

    async def call(self, call: Call) -> CallResult:
        """Make or look up one call. Raises what the one or the other raises."""
        real = call.step.partition("[")[0] in self.steps
        return await (self.live if real else self.replay).call(call)

    async def close(self) -> None:
        """Close the recording; the live caller is its herd's."""
        await self.replay.close()


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a recording says about its run."""

    plan: Plan
    inputs: Mapping[str, ArtifactRef | list[ArtifactRef]]
    task: str
    answer: JSON
    cards: tuple[ExpertCard, ...]

    @classmethod
    def read(cls, recording: Recording, store: ArtifactStore) -> Recorded:
        """Read it, and put what was attached into a store.

        Raises:
            ArtifactUnreadable: The recording has calls, and no plan: it was cut short.
        """
        if not recording.is_whole:
            raise ArtifactUnreadable(
                f"The recording {str(recording.path)!r} holds metadata alone: who was called, how it "
                "went and what it cost. Expected one with its payloads. Save the run in full: "
                "herd export RUN --to FILE."
            )
        documents = recording.documents
        if "plan" not in documents:
            raise ArtifactUnreadable(
                f"The recording {str(recording.path)!r} holds no plan. Expected one that was written "
                "to its end, by herd run --record, run.save(…) or the debugger. Record it again."
            )
        given: Any = documents.get("inputs") or {}
        inputs = {name: _refs(value) for name, value in given.items()}
        recording.restore(references(inputs), store)
        run: Any = documents.get("run") or {}
        cards: Any = documents.get("cards") or []
        return cls(
            plan=Plan.parse(cast("Any", documents["plan"])),
            inputs=inputs,
            task=str(run.get("task") or ""),
            answer=run.get("answer"),
            cards=tuple(ExpertCard.model_validate(each) for each in cards),
        )


async def replay(
    driver: Driver,
    path: str | os.PathLike[str],
    *,
    live: Collection[str] = (),
    swaps: Mapping[str, str] | None = None,
    since: str = "",
) -> Run:
    """Run a recording again.

    Args:
        driver: The herd's engine, store and graph; its experts are called only for live steps.
        path: The ``*.herdrun`` file.
        live: Steps that are called for real.
        swaps: Another expert for a step, which is then live, with all that depends on it.
        since: A step from which on everything is live.

    Raises:
        PlanMalformed: A step that the recorded plan does not have.
        PlanInvalid: An expert that does not fit where it is swapped in.
        ArtifactUnreadable: The file is no whole recording.
    """
    from herd_graph.checking import check
    from herd_graph.replanning import pin
    from herd_graph.stages import keep_plan

    recording = await in_thread(lambda: Recording(path), label="recording")
    try:
        recorded = await in_thread(
            lambda: Recorded.read(recording, driver.store), label="recording"
        )
        plan, swapped = recorded.plan, dict(swaps or {})
        experts = with_cards(
            driver.engine.present(driver.engine.registry.snapshot()), recorded.cards
        )
        for step, expert in swapped.items():
            plan = _swapped(plan, step, experts.find(expert).card.id)
        real = {plan.step(each).id for each in (*live, *swapped, *([since] if since else []))}
        real |= plan.downstream(*swapped, *([since] if since else []))
        caller = Mixed(Replay(recording, driver.store), driver.engine.caller, real)
        plan = pin(plan.model_copy(update={"inputs": _ports(plan, recorded)}), experts)
        task = Task(text=recorded.task, attachments=dict(recorded.inputs))
        # Held against what is there, as the run would be: one that cannot begin leaves no run.
        problems = check(plan, experts, task.inputs)
        if problems:
            raise PlanInvalid(problems)
        task = task.model_copy(update={"plan": await keep_plan(driver.store, plan)})
        request = Request(run=new_run_id(), caller=caller, experts=experts)
        return await driver.start(task, request, thread=None, record=None)
    finally:
        recording.close()


def with_cards(experts: Snapshot, cards: Collection[ExpertCard]) -> Snapshot:
    """Return a snapshot that finds recorded experts too, which can be replayed and not called."""
    absent = {card.id: _Absent(card) for card in cards if card.id not in experts}
    if not absent:
        return experts
    return Snapshot({**absent, **experts})


def save_run(
    run: Run, path: str | os.PathLike[str], *, contents: Literal["full", "metadata"] = "full"
) -> Path:
    """Write any run as a recording, from what its records say.

    Every step's last attempt is a call of the recording: its inputs are worked out again from the
    plan, its outputs are those that the record holds, also where a person set them. Earlier
    attempts that failed are not in it.
    """
    schedule = Schedule(
        plan=run.plan, run=run.id, inputs=run.inputs, experts=run.experts, store=run.store
    )
    recorder = Recorder(_Nobody(), run.store, path)
    calls: list[RecordedCall] = []
    while schedule.ready:
        unit = schedule.ready.popleft()
        record = run.records.get(unit.id)
        if record is None:
            continue
        # A result that came over from a plan before has no attempts of its own: they stay with that.
        was_called = record.status == "failed" and bool(record.attempts or record.pinned)
        if record.status == "done" or was_called:
            error = _error(record.error, record.error_type) if record.status == "failed" else None
            outputs = {
                name: [each for each in value if each is not None]
                if isinstance(value, list)
                else value
                for name, value in record.outputs.items()
            }
            calls.append(
                RecordedCall(
                    # What a person set stands for the call that the plan asked for.
                    expert=(unit.step.expert or "") if record.pinned else record.expert,
                    key=inputs_key(cast("Any", unit.inputs)),
                    inputs=dict(cast("Any", unit.inputs)),
                    outputs=outputs,
                    usd=record.usd,
                    seconds=record.seconds,
                    error=error,
                    run=run.id,
                    step=unit.id,
                )
            )
        schedule.finish(record)
    recorder._calls = list(calls)
    note_run(recorder, run.events(), run)
    return recorder.save(path, contents=contents)


TEST = '''"""Replay of a recorded run; written by ``herd export``. It calls no expert."""

from __future__ import annotations

from pathlib import Path

from herd_graph.testing import assert_replays


def test_{name}() -> None:
    """{task}"""
    assert_replays(Path(__file__).with_name({file!r}))
'''


def export_test(recording: str | os.PathLike[str]) -> Path:
    """Write a test beside a recording that replays it, and return the test's path."""
    path = Path(recording)
    with Recording(path) as opened:
        run: Any = opened.documents.get("run") or {}
    name = "".join(c if c.isalnum() else "_" for c in path.stem).strip("_").lower() or "run"
    asked = " ".join(str(run.get("task") or "A recorded run.").split())[:80]
    safe = asked.replace("\\", "/").replace('"', "'")
    target = path.with_name(f"test_{name}.py")
    target.write_text(TEST.format(name=name, task=safe, file=path.name), encoding="utf-8")
    return target


class _Absent(Expert):
    """An expert of which only the card is here."""

    async def invoke(self, inputs: Any, context: Any) -> Any:
        """Refuse: there is nothing to call."""
        del inputs, context
        raise PlanMalformed(
            f"Expert {self.card.id!r} is known from a recording alone and cannot be called. Expected "
            "a replay of its calls. Register the expert to call it for real."
        )


class _Nobody:
    """A caller that is never called: a recorder needs one."""

    async def call(self, call: Call) -> CallResult:
        raise PlanMalformed(f"Nothing calls {call.expert.card.id!r} here.")

    async def close(self) -> None:
        """Hold nothing."""


def _error(message: str, kind: str) -> dict[str, JSON]:
    from herd_graph import errors

    found = getattr(errors, kind, errors.ExpertFailed)
    known = found if isinstance(found, type) and issubclass(found, errors.CallError) else None
    return to_json((known or errors.ExpertFailed)(message))


def _ports(plan: Plan, recorded: Recorded) -> dict[str, Any]:
    from herd_graph.tasks import input_port

    found = {name: input_port(name, value) for name, value in recorded.inputs.items()}
    return {**found, **plan.inputs}


def _swapped(plan: Plan, step: str, expert: str) -> Plan:
    wanted = plan.step(step).id
    steps = tuple(
        each.model_copy(update={"expert": expert, "fallbacks": ()}) if each.id == wanted else each
        for each in plan.steps
    )
    return plan.model_copy(update={"steps": steps})


def _refs(value: Any) -> ArtifactRef | list[ArtifactRef]:
    if isinstance(value, list):
        return [ArtifactRef.model_validate(each) for each in cast("list[Any]", value)]
    return ArtifactRef.model_validate(value)


__all__ = ("Mixed", "Recorded", "export_test", "replay", "save_run", "with_cards")

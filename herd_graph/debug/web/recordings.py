"""Show a ``*.herdrun`` file as it was recorded: nothing is run, and nothing enters the user's home.

The payloads are unpacked into a folder that goes away with the page. What the recorded calls gave
stands as it is, whatever experts are present here.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from herd_graph.coordination import Answer
from herd_graph.debug.standing import Standing
from herd_graph.debug.web.looks import Look
from herd_graph.errors import ArtifactNotFound
from herd_graph.recording.events import Event
from herd_graph.recording.files import RecordedCall, Recording, references
from herd_graph.recording.store import RunRow
from herd_graph.registry import Snapshot
from herd_graph.replaying import Recorded, with_cards
from herd_graph.routing.base import RouteTrace
from herd_graph.schedule import Schedule
from herd_graph.state import Attempt, StepRecord, Verdict
from herd_graph.store import FolderStore


def open_recording(path: Path, folder: Path, experts: Snapshot) -> Look:
    """Return what a recording shows.

    Args:
        path: The ``*.herdrun`` file.
        folder: Where its payloads are unpacked, by their sha256.
        experts: Who is present; those that are not are known by their recorded cards.

    Raises:
        ArtifactUnreadable: It is no whole recording.
        ArtifactTooLarge: It claims more than a recording may hold.
    """
    store = FolderStore(folder)
    with Recording(path) as recording:
        recorded = Recorded.read(recording, store)
        documents = recording.documents
        calls, events = list(recording.calls), list(recording.events)
        for call in calls:
            for ref in [*references(call.inputs), *references(call.outputs)]:
                try:
                    recording.restore([ref], store)
                except ArtifactNotFound:
                    continue  # pruned before it was recorded: the page says so where it is shown
    told: Any = documents.get("run") or {}
    run = str(told.get("run") or path.stem)
    present = with_cards(experts, recorded.cards)
    records = _records(run, calls, events, cast("dict[str, Any]", told.get("steps") or {}))
    standing = Standing(
        run=run,
        plan=recorded.plan,
        records={step: each.model_copy(update={"pinned": False}) for step, each in records.items()},
        trace=_trace(documents.get("trace")),
        schedule=Schedule(
            plan=recorded.plan,
            run=run,
            inputs=recorded.inputs,
            experts=present,
            store=store,
            records=records,
        ),
        experts=present,
        store=store,
    )
    for ended in standing.schedule.ended.values():
        ended.record = standing.records.get(ended.record.step, ended.record)
    return Look(
        source="file",
        row=RunRow(
            id=run,
            thread=str(told.get("thread") or run),
            task=recorded.task,
            status=told.get("status") or "done",
            started=min((each.started for each in records.values() if each.started), default=0.0),
            seconds=float(told.get("seconds") or 0.0),
            usd=float(told.get("usd") or 0.0),
        ),
        standing=standing,
        inputs=recorded.inputs,
        answer=_answer(recorded.answer),
        events=events,
    )


def _trace(held: object) -> RouteTrace | None:
    try:
        return RouteTrace.model_validate(held) if held else None
    except ValidationError:
        return None


def _answer(held: object) -> Answer | None:
    try:
        return Answer.model_validate(held) if held else None
    except ValidationError:
        return None


def _records(
    run: str, calls: list[RecordedCall], events: list[Event], told: dict[str, Any]
) -> dict[str, StepRecord]:
    """Return what the recording says of each step, pinned: it stands whatever its inputs hash to."""
    begun = {each.step: each.at for each in reversed(events) if each.kind == "started"}
    by_step: dict[str, list[RecordedCall]] = defaultdict(list)
    for call in calls:
        by_step[call.step].append(call)
    found: dict[str, StepRecord] = {}
    for step, record in told.items():  # what the writer knew of it, checks and attempts included
        try:
            found[step] = StepRecord.model_validate(record).model_copy(
                update={"run": run, "pinned": True}
            )
        except ValidationError:
            continue
    for step, tried in by_step.items():
        if step not in found:
            found[step] = _record(run, step, tried, begun.get(step, 0.0), events)
    for step, record in list(found.items()):
        if record.outputs_at:  # a list too long for graph state; its items were recorded
            found[step] = record.model_copy(
                update={"outputs_at": "", "outputs": _gathered(step, record.items or 0, found)}
            )
    return found


def _gathered(step: str, count: int, records: dict[str, StepRecord]) -> dict[str, Any]:
    """Return the lists that the items of a step make up."""
    items = [records.get(f"{step}[{place}]") for place in range(count)]
    ports = dict.fromkeys(name for each in items if each is not None for name in each.outputs)
    return {
        name: [None if each is None else each.outputs.get(name) for each in items] for name in ports
    }


def _record(
    run: str, step: str, tried: list[RecordedCall], begun: float, events: list[Event]
) -> StepRecord:
    last = tried[-1]
    verdicts: list[Verdict] = []
    for each in events:
        if each.kind == "checked" and each.step == step:
            try:
                verdicts.append(Verdict.model_validate(each.data))
            except ValidationError:
                continue
    error = last.error or {}
    return StepRecord(
        run=run,
        step=step,
        status="done" if last.error is None else "failed",
        expert=last.expert,
        outputs=cast("Any", dict(last.outputs)),
        attempts=tuple(
            Attempt(
                expert=each.expert,
                ok=each.error is None,
                seconds=each.seconds,
                usd=each.usd,
                error=str((each.error or {}).get("message") or ""),
                error_type=str((each.error or {}).get("type") or ""),
            )
            for each in tried
        ),
        verdicts=tuple(verdicts),
        usd=sum(each.usd for each in tried),
        started=begun,
        seconds=sum(each.seconds for each in tried),
        error=str(error.get("message") or ""),
        error_type=str(error.get("type") or ""),
        pinned=True,
    )


__all__ = ("open_recording",)

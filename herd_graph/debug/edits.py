"""What a person's edit does to a run's state: a record that is pinned, an input that is another."""

from __future__ import annotations

import os
import time
from typing import Any

from herd_graph.artifacts import Artifact
from herd_graph.cards import Port
from herd_graph.debug.standing import Standing
from herd_graph.engine import Engine
from herd_graph.errors import PlanMalformed, PortViolation, suggest
from herd_graph.flow import why_not
from herd_graph.intake import keep
from herd_graph.state import StepRecord, compact
from herd_graph.tasks import Task, input_port
from herd_graph.types import JSON, ArtifactRef, Kind

BY_HAND = "a person"
"""What records that were set by hand name as their expert."""

Value = JSON | Artifact | os.PathLike[str]


def edited_input(engine: Engine, standing: Standing, task: Task, name: str, value: Value) -> Task:
    """Return the task with another attachment. Raises ``PortViolation``."""
    port = standing.plan.inputs.get(name) or input_port(name, task.attachments[name])
    refs = _kept(engine, port, value, name)
    return task.model_copy(update={"attachments": {**task.attachments, name: refs}})


def edited_output(engine: Engine, standing: Standing, name: str, value: Value) -> StepRecord:
    """Return the record of a step whose output a person set, pinned.

    Raises:
        PlanMalformed: There is no such step or output.
        PortViolation: The output's port does not take the value.
    """
    step_id, _, output = name.partition(".")
    step = standing.plan.step(step_id)
    if step.expert is None or not standing.experts.knows(step.expert):
        raise PlanMalformed(
            f"Step {step_id!r} has no expert yet, so that nobody knows what it gives. Expected a "
            "step with an expert. Swap one in: swap STEP EXPERT."
        )
    card = standing.experts.find(step.expert).card
    port = card.output(output or None)
    if port is None:
        names = [each.name for each in card.outputs]
        raise PlanMalformed(
            f"{card.id!r} has no output {output!r}. {suggest(output, names, what='Outputs')}"
        )
    if step.foreach is not None and "[" not in step_id:
        port = port.model_copy(update={"many": True})
    before = standing.records.get(step_id)
    ended = standing.schedule.ended.get(step.id)
    others: dict[str, Any] = dict(ended.outputs) if ended is not None else {}
    if before is not None:
        others.update(before.outputs)
    outputs = {**others, port.name: _kept(engine, port, value, name)}
    ordered: dict[str, Any] = {
        each.name: outputs[each.name] for each in card.outputs if each.name in outputs
    }
    return StepRecord(
        run=standing.run,
        step=step_id,
        status="done",
        expert=BY_HAND,
        input_hash=before.input_hash if before is not None else "",
        outputs=ordered,
        started=time.time(),
        pinned=True,
    )


def set_record(record: StepRecord) -> dict[str, Any]:
    """Return the update of the graph's state that puts a record in its place."""
    return {"steps": {record.key: compact(record)}}


def undone(standing: Standing, step: str) -> dict[str, Any]:
    """Return the update after which a step, and each of its items, is called again."""
    gone = {
        record.key: compact(
            record.model_copy(update={"status": "cancelled", "pinned": False, "input_hash": ""})
        )
        for name, record in standing.records.items()
        if name.partition("[")[0] == step
    }
    return {"steps": gone}


def _kept(engine: Engine, port: Port, value: Value, name: str) -> ArtifactRef | list[ArtifactRef]:
    """Put a value into the store, as the port takes it."""
    if not isinstance(value, Artifact | os.PathLike):
        problem = why_not(port, value) if port.kind is Kind.DATA else _unlike(port, value)
        if problem:
            raise PortViolation(
                f"{name!r} cannot hold {value!r:.80}: {problem}. Expected {port.type_name}."
            )
    refs = keep(value, port, engine.store, engine.config)
    for ref in refs if isinstance(refs, list) else [refs]:
        if Kind.ANY not in port.kinds and ref.kind not in port.kinds:
            raise PortViolation(
                f"{name!r} cannot hold {ref.kind.value} ({ref.name or ref.mime}). Expected "
                f"{port.type_name}. Give a file or a value of that kind."
            )
    return refs


def _unlike(port: Port, value: JSON) -> str:
    many = isinstance(value, list)
    if many and not port.many:
        return "it takes one payload, and a list was given"
    return ""


__all__ = ("BY_HAND", "edited_input", "edited_output", "set_record", "undone")

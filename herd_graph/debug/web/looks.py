"""What the page shows of a run at one moment: the plan to draw, and how each step stands.

A session, a stored run and a ``*.herdrun`` file all become a ``Look``; the page does not know which it
has. The plan is sent once, how steps stand after every stop; a ``foreach`` is one node, and its items are
counted. No artifact is loaded for any of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from herd_graph.artifacts.base import printable
from herd_graph.coordination import Answer
from herd_graph.debug.breakpoints import Breakpoint
from herd_graph.debug.standing import Standing
from herd_graph.debug.stops import Stop
from herd_graph.debug.web.payloads import Payloads, Shown, described
from herd_graph.drawing import _graph
from herd_graph.plans import FromStep
from herd_graph.recording.store import RunRow
from herd_graph.runs import Run
from herd_graph.state import StepRecord
from herd_graph.types import JSON, ArtifactRef, StepId

Source = Literal["session", "stored", "file"]
Given = Mapping[str, ArtifactRef | list[ArtifactRef]]
_WORST = {"pass": 0, "doubt": 1, "fail": 2}


@dataclass(frozen=True, kw_only=True)
class Look:
    """A run at one moment."""

    source: Source
    row: RunRow
    standing: Standing
    inputs: Given
    answer: Answer | None = None
    stops: Sequence[Stop] = ()
    breakpoints: Sequence[Breakpoint] = ()
    stop: int = 0
    """The stop that is shown; 0 where the run has none."""
    inside: str = ""
    """The run inside the next call, where that was stepped into."""
    events: Sequence[Any] = field(default=())

    def dump(self, payloads: Payloads) -> Shown:
        """Return everything as JSON but what steps hold; note the artifacts that it names."""
        return {
            "id": self.row.id,
            "source": self.source,
            "task": printable(self.row.task),
            "status": self.row.status,
            "started": self.row.started,
            "thread": self.row.thread,
            "plan": plan_json(self.standing),
            "state": state_json(self.standing),
            "inputs": inputs_json(self.inputs, self.standing, payloads),
            "stop": self.stop,
            "stops": [stop_json(each) for each in self.stops],
            "breakpoints": [breakpoint_json(each) for each in self.breakpoints],
            "answer": answer_json(self.answer, self.standing, payloads),
            "usd": self.standing.usd,
            "seconds": self.row.seconds,
            "forked": self.row.details.get("forked"),
            "within": self.row.details.get("within"),
            "inside": self.inside,
        }


def of_run(run: Run, source: Source = "stored") -> Look:
    """Return a stored run, or a replayed one."""
    standing = Standing(
        run=run.id,
        plan=run.plan,
        records=run.records,
        trace=run.trace,
        schedule=run._schedule,
        experts=run.experts,
        store=run.store,
    )
    return Look(source=source, row=run.row, standing=standing, inputs=run.inputs, answer=run.answer)


def run_of(look: Look) -> Run:
    """Return what a file shows as a run, to be compared with another one."""
    standing = look.standing
    found = Run(
        row=look.row,
        plan=standing.plan,
        answer=look.answer or Answer(status="failed", reason="The recording holds no answer."),
        trace=standing.trace,
        records=standing.records,
        store=standing.store,
        experts=standing.experts,
        load_events=lambda: list(look.events),
    )
    # What was recorded stands, whatever its inputs hash to with the experts that are present here.
    found.__dict__["_schedule"] = standing.schedule
    return found


def plan_json(standing: Standing) -> Shown:
    """Return the plan as boxes and lines; the words in it are plain text, never markup."""
    plan = standing.plan
    nodes, edges = _graph(plan, None, None)
    drawn: list[Any] = []
    for (kind, name), node in nodes.items():
        told: Shown = {
            "id": name,
            "key": f"{kind}:{name}",
            "title": _line(node.title),
            "notes": [_line(each) for each in node.notes[:2]],
            "hover": printable(node.hover),
        }
        if kind == "step":
            step = plan.step(name)
            card = _card(standing, step.expert)
            told |= {
                "expert": step.expert or "",
                "foreach": step.foreach is not None,
                "answers": node.answers,
                "ask": printable(step.ask),
                "gives": [port.kind.value for port in card.outputs] if card is not None else [],
                "remote": card is not None and card.locality == "remote",
            }
        else:
            told["input"] = True
        drawn.append(told)
    lines: list[Any] = [[f"{a}:{b}", f"{c}:{d}", line] for ((a, b), (c, d)), line in edges.items()]
    return {
        "nodes": drawn,
        "edges": lines,
        "revision": standing.revision,
        "author": printable(plan.author),
        "reason": printable(plan.reason),
        "unmet": [printable(each) for each in plan.unmet],
        "answers": [each.source.step for each in plan.asks if isinstance(each.source, FromStep)],
    }


def _line(text: str) -> str:
    return printable(" ".join(text.split()))[:200]


def _card(standing: Standing, spec: str | None) -> Any:
    if spec is None or not standing.experts.knows(spec):
        return None
    return standing.experts.find(spec).card


def state_json(standing: Standing) -> Shown:
    """Return how each step stands; items of a ``foreach`` are counted, not listed."""
    steps: dict[str, Any] = {}
    spans: dict[str, list[tuple[float, float]]] = {}
    statuses = standing.statuses
    for step in standing.plan.steps:
        record = standing.records.get(step.id)
        ended = standing.schedule.ended.get(step.id)
        record = ended.record if ended is not None else record
        steps[step.id] = {"status": statuses.get(step.id, "pending")}
        if ended is not None and record is not None:
            steps[step.id] |= record_json(record)
    for name, status in statuses.items():
        bare, bracket, _ = name.partition("[")
        if not bracket or bare not in steps:
            continue
        items: dict[str, Any] = steps[bare].setdefault("items", {})
        items[status] = items.get(status, 0) + 1
        record = standing.records.get(name)
        if record is not None:
            spans.setdefault(bare, []).append((record.started, record.seconds))
            steps[bare]["usd"] = steps[bare].get("usd", 0.0) + record.usd
    for bare, calls in spans.items():
        began = min(start for start, _ in calls)
        span = max(start + seconds for start, seconds in calls) - began
        # At once, the span is what it took; one by one, the calls without the pauses between.
        took = min(span, sum(seconds for _, seconds in calls))
        steps[bare] |= {"started": began, "seconds": round(took, 6)}
    waits = standing.next_node == "pump"
    return {
        "steps": steps,
        "ready": [str(unit.id) for unit in standing.ready][:50] if waits else [],
        "next": str(standing.ready[0].id) if waits and standing.ready else "",
        "asked": {
            step: printable(str(each.get("question", "")))
            for step, each in standing.pending.items()
        },
        "node": standing.next_node,
        "checkpoint": standing.checkpoint,
    }


def record_json(record: StepRecord) -> dict[str, Any]:
    """Return how one call went, in short."""
    levels = [each.level for each in record.verdicts]
    told: dict[str, Any] = {
        "expert": record.expert,
        "seconds": round(record.seconds, 6),
        "started": record.started,
        "usd": record.usd,
        "tries": len(record.attempts),
    }
    if levels:
        told["check"] = max(levels, key=_WORST.__getitem__)
        told["score"] = min(each.score for each in record.verdicts)
    if record.pinned:
        told["pinned"] = True
    if record.error:
        told["error"] = printable(record.error)[:600]
    return told


def inputs_json(inputs: Given, standing: Standing, payloads: Payloads) -> Shown:
    """Return what was attached, by name."""
    found: Shown = {}
    for name, value in inputs.items():
        refs = value if isinstance(value, list) else [value]
        payloads.note(refs, standing.store)
        found[name] = [described(ref) for ref in refs]
    return found


def answer_json(answer: Answer | None, standing: Standing, payloads: Payloads) -> JSON:
    """Return the answer's parts, with the artifacts that they are."""
    if answer is None:
        return None
    parts: list[Any] = []
    for part in answer.parts:
        payloads.note(part.artifacts, standing.store)
        parts.append(
            {
                "ask": printable(part.ask),
                "status": part.status,
                "text": printable(part.text)[:20_000],
                "step": part.step,
                "error": printable(part.error),
                "provenance": printable(part.provenance),
                "caution": printable(part.caution),
                "artifacts": [described(ref) for ref in part.artifacts],
            }
        )
    return {
        "status": answer.status,
        "parts": parts,
        "missing": [printable(each) for each in answer.missing],
        "reason": printable(answer.reason),
    }


def stop_json(stop: Stop) -> Shown:
    """Return a stop without what is large in it."""
    told = stop.model_dump(mode="json", exclude={"statuses", "ready", "run"})
    return {**told, "note": printable(stop.note), "said": str(stop)}


def breakpoint_json(each: Breakpoint) -> Shown:
    """Return a breakpoint."""
    return {
        "number": each.number,
        "target": each.target,
        "condition": each.condition.text if each.condition is not None else "",
        "said": printable(str(each)),
        "temporary": each.temporary,
        "enabled": each.enabled,
        "hits": each.hits,
    }


def row_json(row: RunRow, steps: tuple[int, int] | None, *, session: bool) -> Shown:
    """Return one line of the list of runs."""
    if steps is not None and row.status == "done":
        steps = (steps[1], steps[1])  # a list's items are counted, and not the list itself
    return {
        "id": row.id,
        "task": printable(row.task)[:300],
        "status": row.status,
        "started": row.started,
        "seconds": row.seconds,
        "usd": row.usd,
        "steps": None if steps is None else [*steps],
        "session": session,
        "forked": row.details.get("forked"),
        "within": row.details.get("within"),
    }


def step_ids(standing: Standing) -> set[StepId]:
    """Return the ids of the plan's steps."""
    return {step.id for step in standing.plan.steps}


__all__ = (
    "Given",
    "Look",
    "Source",
    "answer_json",
    "breakpoint_json",
    "inputs_json",
    "of_run",
    "plan_json",
    "record_json",
    "row_json",
    "run_of",
    "state_json",
    "step_ids",
    "stop_json",
)

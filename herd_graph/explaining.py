"""Why a run went as it did, in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts.base import printable
from herd_graph.plans import Plan, Step, show, show_select
from herd_graph.recording.store import RunRow
from herd_graph.routing.base import ClauseTrace, RouteTrace
from herd_graph.state import StepRecord
from herd_graph.types import JSONObject

SHOWN = 5
"""Candidates shown for each part of the request; the JSON has all of them."""

LEGEND = (
    "Scores say how well an expert matches, from 0 to 1; they compare candidates of one request and "
    "are no probability of a right answer. * chosen, - could, x could not. More: docs/scores.md"
)


class StepWhy(BaseModel):
    """Why one step is there, and how it went."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    expert: str
    ask: str = ""
    status: str = "not run"
    inputs: dict[str, str] = {}
    clauses: tuple[ClauseTrace, ...] = ()
    records: tuple[StepRecord, ...] = ()
    fallbacks: tuple[str, ...] = ()
    select: str = ""
    """How the plan has its candidates called; empty for one after the other where one fails."""

    def __str__(self) -> str:
        lines = [f"{self.step}: {self.expert} ({self.status})"]
        if self.ask:
            lines.append(f"  asked: {self.ask!r}")
        lines += [f"  {name} = {bound}" for name, bound in self.inputs.items()]
        for clause in self.clauses:
            lines += [f"  {line}" for line in clause_lines(clause)]
        if self.fallbacks:
            label = self.select or "if it fails"
            lines.append(f"  {label}: {', '.join(self.fallbacks)}")
        for record in self.records[:SHOWN]:
            lines += [f"  {line}" for line in _record_lines(record)]
        if len(self.records) > SHOWN:
            lines.append(f"  … and {len(self.records) - SHOWN} more items")
        return "\n".join(lines)


class Why(BaseModel):
    """Why a run went as it did; ``str`` is for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    request: str
    status: str
    router: str = ""
    confidence: float | None = None
    steps: tuple[StepWhy, ...] = ()
    unplaced: tuple[ClauseTrace, ...] = ()
    """Parts of the request that were not served."""
    considered: tuple[ClauseTrace, ...] = ()
    """What was decided of the request as a whole, or of words in it that ask for nothing."""
    notes: tuple[str, ...] = ()
    reason: str = ""
    seconds: dict[str, float] = {}

    def dump(self) -> JSONObject:
        """Return everything as JSON."""
        return cast("JSONObject", self.model_dump(mode="json"))

    def __str__(self) -> str:
        head = [f"Run {self.run} ({self.status}): {self.request}"]
        if self.router:
            sure = "" if self.confidence is None else f", confidence {self.confidence:.2f}"
            head.append(f"Planned by {self.router}{sure}.")
        blocks = ["\n".join(head), *(str(step) for step in self.steps)]
        blocks.extend(
            "\n".join([f"Considered: {clause.text!r}", *clause_lines(clause)])
            for clause in self.considered
        )
        blocks.extend(
            "\n".join([f"Not served: {clause.text!r}", *clause_lines(clause)])
            for clause in self.unplaced
        )
        if self.reason:
            blocks.append(f"Reason: {self.reason}")
        if self.notes:
            blocks.append("\n".join(f"- {note}" for note in self.notes))
        if self.confidence is not None or any(each.clauses for each in self.steps):
            blocks.append(LEGEND)
        return printable("\n\n".join(blocks))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        import html

        return {"text/plain": str(self), "text/html": f"<pre>{html.escape(str(self))}</pre>"}


def explain(
    plan: Plan,
    trace: RouteTrace | None,
    records: Mapping[str, StepRecord],
    row: RunRow,
    step: str | None = None,
) -> Why:
    """Put together what is known of a run, or of one of its steps.

    Raises:
        PlanMalformed: There is no such step.
    """
    wanted = plan.steps if step is None else (plan.step(step),)
    clauses = trace.clauses if trace is not None else ()
    unserved, considered = ((), ()) if step is not None else _beside(plan, clauses)
    return Why(
        run=row.id,
        request=row.task,
        status=row.status,
        router=trace.router if trace is not None else plan.author,
        confidence=trace.confidence if trace is not None else None,
        steps=tuple(_explain_step(each, clauses, records) for each in wanted),
        unplaced=unserved,
        considered=considered,
        notes=trace.notes if trace is not None and step is None else (),
        reason=plan.reason if step is None else "",
        seconds=trace.seconds if trace is not None else {},
    )


def _beside(
    plan: Plan, clauses: tuple[ClauseTrace, ...]
) -> tuple[tuple[ClauseTrace, ...], tuple[ClauseTrace, ...]]:
    """Return the clauses without a step: those that were not served, and the others.

    A clause may be the whole request (a router that ranks whole plans), a remark, or words that
    were taken together with others. What was left undone is for the plan to say.
    """
    left = tuple(each for each in clauses if not each.step)
    if plan.abstained:
        return left, ()
    undone = {each.text: each for each in left if _is_unmet(plan, each)}
    told = [each for each in plan.unmet if not any(each.startswith(f"{text}: ") for text in undone)]
    missing = (ClauseTrace(text=each) for each in told)
    others = tuple(each for each in left if each.text not in undone)
    return (*undone.values(), *missing), others


def _is_unmet(plan: Plan, clause: ClauseTrace) -> bool:
    return any(each == clause.text or each.startswith(f"{clause.text}: ") for each in plan.unmet)


def _explain_step(
    step: Step, clauses: tuple[ClauseTrace, ...], records: Mapping[str, StepRecord]
) -> StepWhy:
    own = records.get(step.id)
    items = [record for name, record in records.items() if name.startswith(f"{step.id}[")]
    inputs = {name: show(binding) for name, binding in step.inputs.items()}
    if step.foreach is not None:
        inputs["for each"] = show(step.foreach)
    return StepWhy(
        step=step.id,
        expert=(own.expert if own is not None and own.expert else step.expert)
        or (f"<{step.capability.query}>" if step.capability else "?"),
        ask=step.ask,
        status=own.status if own is not None else "not run",
        inputs=inputs,
        clauses=tuple(each for each in clauses if each.step == step.id),
        records=tuple(([own] if own is not None else []) + items),
        fallbacks=step.fallbacks,
        select=show_select(step),
    )


def clause_lines(clause: ClauseTrace) -> list[str]:
    """Return the candidates for a part of the request, and what was decided, line by line."""
    lines: list[str] = []
    if clause.decision:
        lines.append(f"decision: {clause.decision}")
    for name, source in clause.parameters.items():
        lines.append(f"{name}: {source}")
    for candidate in clause.candidates[:SHOWN]:
        mark = "*" if candidate.chosen else "-" if candidate.eligible else "x"
        parts = ", ".join(f"{name} {value:.2f}" for name, value in candidate.evidence.items())
        told = "; ".join(filter(None, (parts, candidate.reason)))
        lines.append(
            f"{mark} {candidate.expert} {candidate.score:.2f}{f' ({told})' if told else ''}"
        )
    return lines


def _record_lines(record: StepRecord) -> list[str]:
    cost = f", ${record.usd:.4f}" if record.usd else ""
    lines = [f"{record.step} {record.status} in {record.seconds:.2f} s{cost}"]
    if len(record.attempts) > 1 or any(not each.ok for each in record.attempts):
        for number, attempt in enumerate(record.attempts, 1):
            outcome = "worked" if attempt.ok else f"{attempt.error_type}: {attempt.error}"
            why = f" ({attempt.why})" if attempt.why else ""
            lines.append(f"  try {number}: {attempt.expert}{why} {outcome}")
    lines += [
        f"  check {each.check}: {each.level}, {each.reason}"
        for each in record.verdicts
        if each.level != "pass" or each.check == "selection"
    ]
    if record.error and record.status != "done":
        lines.append(f"  {record.error}")
    return lines

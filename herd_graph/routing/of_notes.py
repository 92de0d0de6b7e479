"""Ask the notes of a tune in the words of their table: the highest one has the highest number.

Who writes music down gives a table, and who answers questions about tables knows its columns alone:
nothing in it is called a tune, and nothing is first or last.
"""

from __future__ import annotations

import re

from herd_graph.plans import FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of
from herd_graph.tasks import Task
from herd_graph.types import StepId

_NOTE = r"(?:note|pitch|tone|one|sound)"
_WORDED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b(?:highest|top) {_NOTE}\b|\b(?:is|was) the highest\W*$", re.IGNORECASE), "Which note has the highest midi?"),
    (re.compile(rf"\b(?:lowest|deepest) {_NOTE}\b|\b(?:is|was) the lowest\W*$", re.IGNORECASE), "Which note has the lowest midi?"),
    (re.compile(rf"\b(?:first|opening) {_NOTE}\b|\bstarts? (?:on|with)\b", re.IGNORECASE), "Which note has the lowest start_s?"),
    (re.compile(rf"\b(?:last|final|closing) {_NOTE}\b|\bends? (?:on|with)\b", re.IGNORECASE), "Which note has the highest start_s?"),
    (re.compile(rf"\b(?:loudest) {_NOTE}\b", re.IGNORECASE), "Which note has the highest velocity?"),
    (re.compile(r"\bhow many notes\b(?!.*\b(?:different|distinct|per|above|below|longer|shorter|are [a-g]\b))", re.IGNORECASE), "How many rows are there?"),
    (re.compile(r"\bhow many (?:different|distinct) notes\b", re.IGNORECASE), "How many different note are there?"),
)  # fmt: skip


def of_notes(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan whose questions about a tune are worded so.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    del task
    tunes = {
        step.id
        for step in plan.steps
        if (card := card_of(step, experts)) is not None and "music" in card.tags
    }
    steps = [_worded(step, experts) if _is_of(step, tunes) else step for step in plan.steps]
    return plan if steps == list(plan.steps) else plan.model_copy(update={"steps": tuple(steps)})


def _is_of(step: Step, tunes: set[StepId]) -> bool:
    return any(isinstance(e, FromStep) and e.step in tunes for e in step.inputs.values())


def _worded(step: Step, experts: Snapshot) -> Step:
    card = card_of(step, experts)
    asked = step.inputs.get("question")
    if card is None or "sql" not in card.tags or not isinstance(asked, Value):
        return step
    said = next((told for form, told in _WORDED if form.search(str(asked.value))), "")
    if not said:
        return step
    return step.model_copy(update={"inputs": {**step.inputs, "question": Value(value=said)}})


__all__ = ("of_notes",)

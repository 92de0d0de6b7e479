"""Let who reads a table tell its numbers in the unit that is wanted: *what is the total weight in kilos?*.

A planner that reads *in kilos* as a wish to convert puts a converter behind the answer, which holds a
number and no unit, or a row of several. The columns of a table say what they are in: who reads them
converts them, and the question has the unit already.
"""

from __future__ import annotations

from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, step_of, without_unused
from herd_graph.routing.leaning import PORT, TABLE_TAGS
from herd_graph.types import StepId

_UNITS = "units"


def in_its_unit(plan: Plan, experts: Snapshot) -> Plan | None:
    """Return a plan whose table is asked for a number in its unit at once; None for any other plan.

    Args:
        plan: As it was planned.
        experts: Who is there.
    """
    steps = {each.id: each for each in plan.steps}
    answers: list[Ask] = []
    for answer in plan.answers:
        step = step_of(answer, steps)
        asked = _asked_of(step, steps, experts) if step is not None else None
        shown = asked is not None and any(_is_of(each, asked.id) for each in plan.answers)
        if step is None or asked is None or shown or step.ask != asked.ask:
            answers.append(answer)
            continue
        answers.append(answer.model_copy(update={"source": FromStep(step=asked.id)}))
    if answers == list(plan.answers):
        return None
    return without_unused(plan.model_copy(update={"answers": tuple(answers)}))


def _is_of(answer: Ask, step: StepId) -> bool:
    return isinstance(answer.source, FromStep) and answer.source.step == step


def _asked_of(step: Step, steps: dict[StepId, Step], experts: Snapshot) -> Step | None:
    """Return the question to a table whose answer a step converts."""
    card = card_of(step, experts)
    if card is None or _UNITS not in card.tags:
        return None
    made = [each.step for each in step.inputs.values() if isinstance(each, FromStep)]
    asked = steps.get(made[0]) if len(made) == 1 else None
    other = card_of(asked, experts) if asked is not None else None
    if asked is None or other is None or not set(other.tags) >= TABLE_TAGS:
        return None
    tables = any(isinstance(each, FromInput) for each in asked.inputs.values())
    return asked if tables and isinstance(asked.inputs.get(PORT), Value) else None


__all__ = ("in_its_unit",)

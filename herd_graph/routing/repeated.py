"""Let a wish that means what was made before have that very thing, and no second one like it.

*Summarise it in two sentences, translate that and read it aloud*: a plan that is written wish by wish
makes three summaries of one text, and what is heard is another one than what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.plans import FromStep, Plan, Step, Value
from herd_graph.routing.assembly import without_unused
from herd_graph.routing.lexicon import ALL_OF_IT
from herd_graph.types import StepId

_MEANS_IT = re.compile(
    r"\b(?:that|it|this|them|the (?:summary|translation|transcript|result|text|answer|title))\b",
    re.IGNORECASE,
)
_MOST = 40
"""Steps of a plan that is looked through."""


def made_once(plan: Plan) -> Plan | None:
    """Return a plan in which a last wish takes what an earlier wish shows; None where there is none such.

    Args:
        plan: Its answers in the order of the wishes.
    """
    steps = {each.id: each for each in plan.steps}
    shown = [each.source.step for each in plan.answers if isinstance(each.source, FromStep)]
    if len(steps) > _MOST or len(shown) < 2:
        return None
    fresh: dict[str, Step] = {}
    for at, answer in enumerate(plan.answers):
        if (
            not isinstance(answer.source, FromStep)
            or not _MEANS_IT.search(answer.ask)
            or ALL_OF_IT.search(answer.ask)
        ):
            continue
        last = steps[answer.source.step]
        for port, source in last.inputs.items():
            if not isinstance(source, FromStep) or source.step in shown:
                continue
            before = [steps[each] for each in shown[:at] if each in steps and each != last.id]
            alike = next(
                (e for e in reversed(before) if _alike(steps[source.step], e, steps)), None
            )
            if alike is not None:
                fresh[last.id] = last.model_copy(
                    update={
                        "inputs": {
                            **last.inputs,
                            port: source.model_copy(update={"step": alike.id}),
                        }
                    }
                )
    if not fresh:
        return None
    changed = tuple(fresh.get(each.id, each) for each in plan.steps)
    return without_unused(plan.model_copy(update={"steps": changed}))


def _alike(step: Step, other: Step, steps: Mapping[StepId, Step]) -> bool:
    """Say whether a step does what another one does, on the same things: it may leave out a setting."""
    if step.expert != other.expert or step.foreach is not None or other.foreach is not None:
        return False
    for port, binding in step.inputs.items():
        same = other.inputs.get(port)
        if port == "request":
            continue
        if isinstance(binding, FromStep) and isinstance(same, FromStep):
            if binding != same and not _alike(steps[binding.step], steps[same.step], steps):
                return False
        elif binding != same:
            return False
    return all(
        port in step.inputs or isinstance(binding, Value) for port, binding in other.inputs.items()
    )


__all__ = ("made_once",)

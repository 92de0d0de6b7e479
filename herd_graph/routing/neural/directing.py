"""Translate into the language that a text is not in, where the request names none.

The network sees names and kinds of files, never what is in them: *translate it* of a Portuguese letter is a
guess for it. What a short text is written in is known here.
"""

from __future__ import annotations

from collections.abc import Mapping

from herd_graph.cards import ExpertCard
from herd_graph.plans import Binding, FromInput, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.parameters import content_ports
from herd_graph.routing.tongues import guess_language, language_code, languages
from herd_graph.types import ArtifactRef


def elsewhere(
    plan: Plan,
    request: str,
    experts: Snapshot,
    given: Mapping[str, ArtifactRef | list[ArtifactRef]],
) -> Plan:
    """Return a plan that puts no text into the language that it is in already.

    Args:
        plan: The plan.
        request: The words; a language that they name is kept.
        experts: Who is there.
        given: What the plan may bind.
    """
    if languages(request):
        return plan
    steps: list[Step] = []
    for step in plan.steps:
        card = next((each for each in experts.latest if each.id == step.expert), None)
        turned = _turned(step, card, given) if card is not None else None
        steps.append(step.model_copy(update={"inputs": turned}) if turned else step)
    return plan.model_copy(update={"steps": tuple(steps)})


def _turned(
    step: Step, card: ExpertCard, given: Mapping[str, ArtifactRef | list[ArtifactRef]]
) -> dict[str, Binding] | None:
    """Return a step's inputs with the other of two languages; None where they are right."""
    port = next(
        (p for p in card.inputs if len(p.choices) == 2 and all(map(language_code, p.choices))), None
    )
    bound = step.inputs.get(port.name) if port is not None else None
    if port is None or not isinstance(bound, Value):
        return None
    for each in content_ports(card):
        source = step.inputs.get(each.name)
        held = given.get(source.input) if isinstance(source, FromInput) else None
        text = held.inline if isinstance(held, ArtifactRef) else None
        if text and guess_language(text) == language_code(bound.value):
            other = next(choice for choice in port.choices if choice != bound.value)
            return {**step.inputs, port.name: Value(value=other)}
    return None


__all__ = ("elsewhere",)

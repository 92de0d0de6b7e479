"""Give those who reckon what they are to reckon with: the file that a request points at, and the unit it names.

*Convert the weight on this label to pounds* is a question without a number: the number is on the label.
*What is its internal rate of return?* asks of the table that the question before it was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import check
from herd_graph.conversions import find_conversion, links
from herd_graph.plans import Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import fresh_ids
from herd_graph.routing.numerals import digits
from herd_graph.routing.parameters import role
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_RECKONS = frozenset({"units", "finance"})
"""Tags of those that cannot answer without a number."""
_POINTS = re.compile(
    r"\b(?:this|that|these|those|it|its|their|there|labels?|recordings?|notes?|photos?|pictures?|pics?|messages?|signs?|documents?|files?|pages?"
    r"|tables?|voicemails?|audio|clips?|images?|scans?|sheets?|letters?|texts?|memos?|slips?|recipes?)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\bhow (?:many|much) (?P<unit>(?:square |cubic |us |uk )?[^\W\d_]{1,12})\b(?= (?:is|are|does|do|would|was|in)\b|\W*$)",
    re.IGNORECASE,
)
_NO_UNIT = frozenset({"is", "are", "does", "do", "would", "was", "it", "that", "this", "the", "in"})


def given_on(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan whose reckoners have their numbers from the file that is meant, and the unit wanted.

    Args:
        plan: The plan.
        task: The request, with what is attached.
        experts: Who is there.
    """
    if plan.abstained:
        return plan
    cards = {each.id: each for each in experts.latest}
    said = {
        each.source.step: each.ask for each in plan.answers if isinstance(each.source, FromStep)
    }
    fresh = fresh_ids(plan.steps)
    steps: list[Step] = []
    for step in plan.steps:
        card = cards.get(step.expert or "")
        if card is None or not _RECKONS.intersection(card.tags):
            steps.append(step)
            continue
        words = said.get(step.id) or step.ask or task.text
        steps += _with_file(step, card, words, plan, task, experts, fresh)
        steps[-1] = _with_unit(steps[-1], card, words)
    if tuple(steps) == plan.steps:
        return plan
    made = plan.model_copy(update={"steps": tuple(steps)})
    return plan if check(made, experts) else made


def _with_file(
    step: Step,
    card: ExpertCard,
    said: str,
    plan: Plan,
    task: Task,
    experts: Snapshot,
    fresh: Iterator[StepId],
) -> list[Step]:
    """Return a step that is given the one file which its words point at, and what leads to it."""
    port = next((each for each in card.inputs if role(each, card) != "content"), None)
    port = port if port is not None and port.required else card.inputs[0]
    bound = step.inputs.get(port.name)
    literal = all(isinstance(each, Value) for each in step.inputs.values())
    if not literal or not isinstance(bound, Value) or step.foreach is not None:
        return [step]
    asked = str(bound.value)
    if re.search(r"\d", digits(asked)) or not _POINTS.search(f"{asked} {said}"):
        return [step]
    own = next((e for e in card.inputs if not e.required and e.kind is Kind.TABLE), None)
    file = _meant(own, port, plan, task, experts)
    if file is None:
        return [step]
    name, source = file
    given = FromInput(input=name)
    if own is not None and links(source, own):
        return [step.model_copy(update={"inputs": {**step.inputs, own.name: given}})]
    if own is not None:
        return [step]
    unit = next((e for e in card.inputs if not e.required and e.name == "to"), None)
    inputs: dict[str, Binding] = dict(step.inputs)
    if unit is not None:
        inputs.setdefault(unit.name, Value(value=asked))
    if links(source, port):
        return [step.model_copy(update={"inputs": {**inputs, port.name: given}})]
    found = find_conversion(source, port, experts.latest, most=1)
    if not found or found[0].port.many:
        return [step]
    before = found[0].into_steps(given, fresh, ask=said)
    last = FromStep(step=before[-1].id, output=found[0].steps[-1].output)
    return [*before, step.model_copy(update={"inputs": {**inputs, port.name: last}})]


def _meant(
    own: Port | None, port: Port, plan: Plan, task: Task, experts: Snapshot
) -> tuple[str, Port] | None:
    """Return the one file that an expert could be given: among several, the one no other step reads."""
    ports: Mapping[str, Port] = plan.inputs or task.inputs
    able = {
        name: each
        for name, each in ports.items()
        if name in task.attachments
        and (
            links(each, own)
            if own is not None
            else links(each, port) or find_conversion(each, port, experts.latest, most=1)
        )
    }
    if own is None and len(able) > 1:
        read = {
            each.input
            for step in plan.steps
            for each in step.inputs.values()
            if isinstance(each, FromInput)
        }
        able = {name: each for name, each in able.items() if name not in read}
    return next(iter(able.items())) if len(able) == 1 else None


def _with_unit(step: Step, card: ExpertCard, said: str) -> Step:
    """Return a conversion that knows which unit is asked for: *how many pounds is that?*."""
    derived = any(isinstance(each, FromInput | FromStep) for each in step.inputs.values())
    if "to" in step.inputs or card.input("to") is None or not derived:
        return step
    found = [
        each["unit"]
        for each in _HOW_MANY.finditer(said)
        if each["unit"].lower().split()[-1] not in _NO_UNIT
    ]
    if not found:
        return step
    return step.model_copy(update={"inputs": {**step.inputs, "to": Value(value=found[-1])}})


__all__ = ("given_on",)

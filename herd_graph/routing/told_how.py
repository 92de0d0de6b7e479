"""Have what only says how an answer is to be told be no wish of its own: *and tell it to me aloud*.

Such words, and *in Portuguese, too* behind *read it aloud in English*, say nothing new of the matter: what
they are about is the answer before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.plans import Ask, Binding, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, is_sound, step_of, without_unused
from herd_graph.routing.lexicon import LANGUAGES
from herd_graph.routing.parameters import context_port, language_port, reads_aloud, role
from herd_graph.tasks import Task
from herd_graph.types import StepId

_ALOUD = re.compile(
    r"^\W*(?:(?:and|then|also|please|can you|could you) )*(?:tell|say|read|give|speak|play)"
    r"(?: (?:it|that|this|them|me|us|to me|to us|the (?:answer|result|number|sum|total|figure)))*"
    r" (?:aloud|out loud|out|by voice|in speech|as (?:audio|speech|sound))(?: (?:to|for) (?:me|us))?(?: too| as well| please)*\W*$",
    re.IGNORECASE,
)
_TONGUE = re.compile(
    rf"^\W*(?:(?:and|also|then|in|into|plus|{'|'.join(LANGUAGES)}|en|pt|too|as well|please)\b\W*)+$",
    re.IGNORECASE,
)
_IN_TONGUE = re.compile(
    rf",?\s+(?:and )?(?:in|into|em) (?:{'|'.join(LANGUAGES)})(?:,? (?:please|too|as well))*(?P<end>[?.!]?)\W*$",
    re.IGNORECASE,
)
_BY_FILE = re.compile(
    r",?\s+(?:acc\.? to|according to|as per|going by) (?:(?:the|this|that|my|our) )?(?:recording|letter|mail|message|memo|note|text|article|document|contract|agreement|paper|clip|video|sign|poster|page|file)(?=,|\W*$)",
    re.IGNORECASE,
)
"""The text that is asked: nothing else is there."""
_HEARD = re.compile(
    r"\b(?:aloud|out loud|audio|speech|spoken|listen|hear\w*|voice|speak)\b", re.IGNORECASE
)


def told_how(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which words of how an answer is told are about the answer before them.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    if not plan.answers:
        return plan
    plan = _plainly_asked(plan, experts)
    for made in (_spoken(plan, experts), _heard_too(plan, experts)):
        if made is not None and is_sound(made, task, experts):
            plan = made
    return plan


def _plainly_asked(plan: Plan, experts: Snapshot) -> Plan:
    """Ask a text without the language of the answer, which another one sees to, and without its own name."""
    steps: list[Step] = []
    into = {
        bound.step
        for step in plan.steps
        if (card := card_of(step, experts)) is not None and language_port(card) is not None
        for bound in step.inputs.values()
        if isinstance(bound, FromStep)
    }
    for step in plan.steps:
        card = card_of(step, experts)
        context = context_port(card) if card is not None else None
        if card is None or context is None or context.name not in step.inputs:
            steps.append(step)
            continue
        inputs: dict[str, Binding] = dict(step.inputs)
        for name, bound in step.inputs.items():
            port = card.input(name)
            if port is None or role(port, card) != "instruction" or not isinstance(bound, Value):
                continue
            said = str(bound.value)
            plain = _IN_TONGUE.sub(r"\g<end>", said) if step.id in into else said
            plain = _BY_FILE.sub("", plain).strip(" ,")
            if len(plain.split()) > 1 and plain != said.strip(" ,"):
                inputs[name] = Value(value=plain)
        steps.append(step.model_copy(update={"inputs": inputs}))
    return plan if tuple(steps) == plan.steps else plan.model_copy(update={"steps": tuple(steps)})


def _spoken(plan: Plan, experts: Snapshot) -> Plan | None:
    """Have the answer before spoken, where somebody was asked *tell it to me aloud*."""
    steps: Mapping[StepId, Step] = {each.id: each for each in plan.steps}
    changed: dict[StepId, Step] = {}
    for before, each in zip(plan.answers, plan.answers[1:], strict=False):
        last = step_of(each, steps)
        card = card_of(last, experts)
        if last is None or card is None or not reads_aloud(card) or not _ALOUD.match(each.ask):
            continue
        for name, bound in last.inputs.items():
            asked = steps.get(bound.step) if isinstance(bound, FromStep) else None
            said = [e.value for e in asked.inputs.values() if isinstance(e, Value)] if asked else []
            if any(isinstance(e, str) and _ALOUD.match(e) for e in said):
                inputs: dict[str, Binding] = {**last.inputs, name: before.source}
                changed[last.id] = last.model_copy(update={"inputs": inputs})
    if not changed:
        return None
    told = tuple(changed.get(each.id, each) for each in plan.steps)
    return without_unused(plan.model_copy(update={"steps": told}))


def _heard_too(plan: Plan, experts: Snapshot) -> Plan | None:
    """Read a translation aloud as well, where the text before it is: *aloud in English and in Portuguese*."""
    steps: Mapping[StepId, Step] = {each.id: each for each in plan.steps}
    cards = {each.id: card_of(each, experts) for each in plan.steps}
    answers = [plan.answers[0]]
    made: list[Step] = []
    for before, each in zip(plan.answers, plan.answers[1:], strict=False):
        answers.append(each)
        if not isinstance(each.source, FromStep) or not isinstance(before.source, FromStep):
            continue
        card, first = cards.get(each.source.step), cards.get(before.source.step)
        if card is None or first is None or language_port(card) is None or not reads_aloud(first):
            continue
        if not _TONGUE.match(each.ask) or not _HEARD.search(before.ask):
            continue
        port = next(
            name for name, e in steps[before.source.step].inputs.items() if not isinstance(e, Value)
        )
        step = Step(
            id=next(fresh_ids([*plan.steps, *made])),
            expert=first.id,
            inputs={port: each.source},
            ask=each.ask,
        )
        made.append(step)
        answers[-1] = Ask(ask=each.ask, source=FromStep(step=step.id))
    if not made:
        return None
    return plan.model_copy(update={"steps": (*plan.steps, *made), "answers": tuple(answers)})


__all__ = ("told_how",)

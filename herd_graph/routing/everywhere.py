"""Look for something in all the texts that are attached, where none of them is named.

*Where does it say something about dogs?*, of a contract and of the house rules: who plans sees names and
kinds of files, and cannot know which one speaks of dogs. Who searches takes several texts at once.
"""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import links
from herd_graph.plans import AllOf, FromInput, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, is_sound
from herd_graph.routing.lexicon import MATERIAL, ORDINALS, SUGGESTS
from herd_graph.tasks import Task, input_port
from herd_graph.types import Kind

_MOST = 12
"""Texts that are searched at once."""
_WORD = re.compile(r"[^\W_]+")
_BY_LANGUAGE = re.compile(
    r"\b(?:english|portuguese) (?:one|version|text|contract|letter|copy|file)\b|\bthat (?:contract|letter|one|file)\b",
    re.IGNORECASE,
)
"""*In the English one*."""


def everywhere(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan that searches all the texts, where nothing says which one is meant.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    texts = {
        name: port
        for name, port in ((name, input_port(name, ref)) for name, ref in task.attachments.items())
        if port.kind in {Kind.TEXT, Kind.DOCUMENT} and not port.many
    }
    if not 1 < len(texts) <= _MOST or len(texts) < len(task.attachments):
        return plan
    if len(plan.steps) != 1 or _names_one(task) or _BY_LANGUAGE.search(task.text):
        return plan
    step = plan.steps[0]
    card = card_of(step, experts)
    port = _several(card) if card is not None else None
    bound = step.inputs.get(port.name) if port is not None else None
    if port is None or not isinstance(bound, FromInput) or bound.input not in texts:
        return plan
    if not all(links(each, port, item=True) or links(each, port) for each in texts.values()):
        return plan
    every = AllOf(all=tuple(FromInput(input=name) for name in texts))
    told: Step = step.model_copy(update={"inputs": {**step.inputs, port.name: every}})
    inputs = {**plan.inputs, **{name: task.inputs[name] for name in texts}}
    made = plan.model_copy(update={"steps": (told,), "inputs": inputs})
    return made if is_sound(made, task, experts) else plan


def _several(card: ExpertCard) -> Port | None:
    """Return the port of who looks something up in several texts; none of any other expert."""
    port = next((each for each in card.inputs if each.required and each.many), None)
    return port if "search" in card.tags else None


def _names_one(task: Task) -> bool:
    """Say whether the words name a file, or one of a kind: *in the contract*, *the second*."""
    spoken = {each.lower() for each in _WORD.findall(task.text)}
    known = MATERIAL.keys() | SUGGESTS.keys() | ORDINALS.keys()
    names = {
        part.lower()
        for port in task.inputs.values()
        for part in _WORD.findall(port.description.rpartition(".")[0])
        if len(part) > 2
    }
    loose = {
        "text",
        "texts",
        "passage",
        "passages",
        "sentence",
        "page",
        "pages",
        "said",
        "says",
        "say",
    }
    return bool(spoken & (known - loose) or spoken & names)


__all__ = ("everywhere",)

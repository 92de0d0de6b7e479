"""A request and all that the network may write about it: files, earlier turns, experts it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from herd_graph.cards import Port
from herd_graph.plans import Plan
from herd_graph.routing.base import Situation
from herd_graph.routing.conversation import Past, is_about_this_alone
from herd_graph.routing.going_on import first_of
from herd_graph.routing.lexicon import ORDINALS, PRONOUN, RESULT_NOUNS
from herd_graph.routing.neural.asking import asks_one
from herd_graph.routing.neural.reading import Given, Reading, attached, earlier, read
from herd_graph.routing.neural.telling import POINTING
from herd_graph.routing.neural.writing import Crew, Roles
from herd_graph.routing.parameters import context_port
from herd_graph.routing.planner import bound_inputs
from herd_graph.tasks import Task, input_port
from herd_graph.types import ArtifactRef

_QUESTION = re.compile(
    r"^\W*(?:(?:and|ok|okay|now|so|also)\W+)*(?:who|whose|what|when|where|which|how|why)\b",
    re.IGNORECASE,
)
_MOOD = re.compile(
    r"\b(?:is|are|was|were|sounds?|seems?|how) (?:it|this|that|they|he|she|(?:the|this|my) \w+)(?: \w+)? (?:angry|happy|friendly|positive|negative|polite|rude|sad|upset|nice|pleased|annoyed|furious|feel\w*)\b",
    re.IGNORECASE,
)
"""*Is it angry?*: a text is, and not what was answered from it."""
_SHORT = 60
"""Characters of a request that has no room to say which of several earlier things it means."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A request and what the network may write about it."""

    reading: Reading
    crew: Crew
    called: Mapping[str, str]
    bound: Mapping[str, ArtifactRef | list[ArtifactRef]]
    """What earlier turns left, by the names that a plan binds."""
    files: Sequence[tuple[Given, Port]]
    earlier: Sequence[tuple[Given, Port]]


def held_of(task: Task, situation: Situation, past: Past, roles: Roles) -> Held:
    """Return a request as the network reads it.

    Args:
        task: The request, and what is attached.
        situation: What is there.
        past: What earlier turns left.
        roles: The experts that the network knows.
    """
    names = {first_of(value).id: name for name, value in past.artifacts.items()}
    before, called = earlier(situation.history, names)
    if task.attachments and is_about_this_alone(task.text, past):
        before = []
    if _MOOD.search(task.text) or (_QUESTION.match(task.text) and not _points(task.text)):
        # A question afresh is about the text, not about what was answered from it before.
        before = [each for each in before if not _is_reply(each, roles)]
    sources = [each for each in before if ".a" in each.symbol]
    if asks_one(task.text) and any(each.about.startswith("text ") for each in sources):
        before = sources  # who wrote it, and when it begins, the text itself says
    inputs: dict[str, Port] = {
        name: input_port(name, value) for name, value in task.attachments.items()
    }
    inputs |= {symbol: input_port(name, past.artifacts[name]) for symbol, name in called.items()}
    files = attached(task.attachments)
    reading = read(task.text, [*before, *files])
    shown = {symbol for symbol, _ in reading.inputs}
    return Held(
        reading=reading,
        crew=Crew(roles, {name: port for name, port in inputs.items() if name in shown}),
        called=called,
        bound=past.artifacts,
        files=[(each, inputs[each.symbol]) for each in files],
        earlier=[(each, inputs[each.symbol]) for each in before],
    )


def with_ports(plan: Plan, held: Held) -> Plan:
    """Return a plan that declares what it binds of earlier turns."""
    ports = {name: input_port(name, value) for name, value in used_of(plan, held).items()}
    return plan.model_copy(update={"inputs": {**plan.inputs, **ports}})


def used_of(plan: Plan, held: Held) -> dict[str, ArtifactRef | list[ArtifactRef]]:
    """Return what a plan binds of earlier turns."""
    return {name: held.bound[name] for name in bound_inputs(plan) if name in held.bound}


def last_made(text: str, held: Held) -> set[str]:
    """Return what the last turn left, where a request only points at it; else nothing."""
    words = {each.strip(".,;:!?\"'()") for each in text.lower().split()}
    if not words & POINTING or words & ORDINALS.keys() or len(held.reading.text) > _SHORT:
        return set()
    newest = max((each.partition(".")[0] for each in held.called), default="")
    return {name for symbol, name in held.called.items() if symbol.partition(".")[0] == newest}


def _points(text: str) -> bool:
    return bool(PRONOUN.search(text) or RESULT_NOUNS.search(text))


def _is_reply(given: Given, roles: Roles) -> bool:
    """Say whether something is what an open-ended expert answered in an earlier turn."""
    maker = given.about.partition(" ")[2]
    return ".a" not in given.symbol and any(
        context_port(card) is not None and maker.startswith(card.name.replace("_", " "))
        for card in roles.cards.values()
    )


__all__ = ("Held", "held_of", "last_made", "used_of", "with_ports")

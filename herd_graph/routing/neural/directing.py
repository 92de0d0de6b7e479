"""What depends on the content of files, which the network never sees.

*Translate it* of a Portuguese letter is a guess for it; what a short text is written in is known here. And
*how old is Mei?* may well be answered by a table, which says itself when it holds nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import check
from herd_graph.discovery.words import words
from herd_graph.plans import Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import alone, card_of
from herd_graph.routing.beside import is_table
from herd_graph.routing.lexicon import QUESTION_WORDS, VERBS
from herd_graph.routing.parameters import content_ports, role
from herd_graph.routing.tongues import guess_language, language_code, languages
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

_OWNER = re.compile(
    r"\b(?:[A-Z][\w-]+(?: [A-Z][\w-]+)?|(?:my|our|the) (?:mum|mom|dad|mother|father|boss|sister|brother|friend|teacher|neighbou?r|landlord|landlady|woman|man|girl|boy|caller|speaker|customer|client|doctor|teacher|tenant))['’]s\s+"
    r"(?=(?:\w+ )?(?:note|memo|message|mail|e-?mail|letter|recording|voicemail|video|film|clip|text|report|photo|picture|call|review|complaint|list|table|sheet)\b)"
)
_WHO = re.compile(
    r"(?P<before>\b(?:does|did|has|is|was)\s+)(?:(?:the|this|that|a) (?:woman|man|girl|boy|lady|guy|person|speaker|child|kid|gentleman)|[A-Z][a-z]+)(?=\s+(?:say|says|said|saying|tell|telling|talk|want|explain)\b)"
)


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
    if any(each.target for each in languages(request)):
        return plan
    spoken = {name: _spoken_in(value) for name, value in given.items()}
    steps: list[Step] = []
    made: dict[str, str | None] = {}
    for step in plan.steps:
        card = card_of(step, experts)
        language = _language(step, card, spoken, made) if card is not None else None
        turned = _turned(step, card, language) if card is not None and language else None
        step = step.model_copy(update={"inputs": turned}) if turned else step
        made[step.id] = _made_in(step, card, language) if card is not None else None
        steps.append(step)
    return plan.model_copy(update={"steps": tuple(steps)})


def unnamed(text: str) -> str:
    """Return a request without the names of people: who speaks or wrote decides nothing.

    *Transcribe Marco's voice note* asks for what *transcribe the voice note* asks for.
    """
    found = _OWNER.sub(_without_name, text)
    return _WHO.sub(lambda each: f"{each['before']}he", found)


def _without_name(owner: re.Match[str]) -> str:
    first = str(owner[0]).split()[0]
    return f"{first} the " if first.lower() in VERBS else "the "


def asked_of_table(task: Task, experts: Snapshot, author: str) -> Plan | None:
    """Return a plan that puts a question to the one table that is attached; None for other requests."""
    first = next(iter(words(task.text)), "")
    (name, ref) = next(iter(task.attachments.items()), ("", None))
    if first not in QUESTION_WORDS or len(task.attachments) != 1 or isinstance(ref, list):
        return None
    if ref is None or not is_table(ref):
        return None
    for card in experts.latest:
        asked = [p for p in card.inputs if p.required and role(p, card) == "instruction"]
        looked_at = [p for p in card.inputs if p.kind is Kind.TABLE and p.required]
        if len(asked) == 1 and looked_at:
            inputs: dict[str, Binding] = {
                looked_at[0].name: FromInput(input=name),
                asked[0].name: Value(value=task.text),
            }
            made = alone(card, inputs, task.text, ports=task.inputs, author=author)
            return None if check(made, experts) else made
    return None


def _spoken_in(value: ArtifactRef | list[ArtifactRef]) -> str | None:
    text = value.inline if isinstance(value, ArtifactRef) else None
    return guess_language(text) if text else None


def _language(
    step: Step,
    card: ExpertCard,
    spoken: Mapping[str, str | None],
    made: Mapping[str, str | None],
) -> str | None:
    """Return the language of what a step works on, where that is known before it is run."""
    for each in content_ports(card):
        source = step.inputs.get(each.name)
        if isinstance(source, FromInput) and spoken.get(source.input):
            return spoken[source.input]
        if isinstance(source, FromStep) and made.get(source.step):
            return made[source.step]
    return None


def _made_in(step: Step, card: ExpertCard, language: str | None) -> str | None:
    """Return the language of what a step makes: the one it is told, else that of what it is given."""
    if card.outputs[0].kind is not Kind.TEXT or step.foreach is not None:
        return None
    port = _choice_of_language(card)
    if port is None:
        return language
    bound = step.inputs.get(port.name)
    return language_code(str(bound.value)) if isinstance(bound, Value) else None


def _choice_of_language(card: ExpertCard) -> Port | None:
    return next(
        (p for p in card.inputs if len(p.choices) == 2 and all(map(language_code, p.choices))), None
    )


def _turned(step: Step, card: ExpertCard, language: str) -> dict[str, Binding] | None:
    """Return a step's inputs with the other of two languages; None where they are right."""
    port = _choice_of_language(card)
    bound = step.inputs.get(port.name) if port is not None else None
    if port is None or not isinstance(bound, Value):
        return None
    if language != language_code(str(bound.value)):
        return None
    other = next(choice for choice in port.choices if choice != bound.value)
    return {**step.inputs, port.name: Value(value=other)}


__all__ = ("asked_of_table", "elsewhere", "unnamed")

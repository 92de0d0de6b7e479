"""Set side by side what two files say, where a request asks whether they agree.

No expert compares two texts. What can be done honestly is to ask both the same question and show both
answers: the fee in the voice note, and the fee on the poster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import carries
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import (
    fresh_ids,
    is_sound,
    question_to,
    who_answers,
    without_unused,
)
from herd_graph.routing.base import Route
from herd_graph.routing.clauses import flattened, split
from herd_graph.routing.content import protect
from herd_graph.routing.parameters import content_ports, role
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_AGREES = re.compile(
    r"\b(?:do|does|did|don['’]t|doesn['’]t) (?:they|these|those|both|the two|it|this|that|(?:the|my|his|her|their) [\w' -]{2,40}?|\w+['’]s \w+) (?:really |also |both )?(?:agree|match|differ|fit|correspond|say the same|tally|contradict)\b"
    r"|\b(?:is|are|was|were) (?:it|that|this|they|the [\w' -]{2,60}?) (?:really |also )?(?:the same|equal|identical|consistent|in line)\b"
    r"|\bis the [\w' -]{2,50}? what (?:he|she|it|they|the \w+|\w+) (?:says?|said|wrote|writes|claims?|mentions?)\b"
    r"|\b(?:check|see|tell me|say|verify|know) (?:if|whether) .{2,60}\b(?:agrees?|match(?:es)?|differs?|the same|corresponds?|tally|contradicts?)\b",
    re.IGNORECASE,
)
"""*Do they agree about the time?*, *is the total the same as in the mail?*"""
_WORD = r"(?!(?:on|in|of|from|at|the|what|same)\b)[\w-]+"
_ABOUT = re.compile(
    rf"\b(?:about|as to|regarding|(?:agree|match|differ|fit|tally|the same) (?:on|in)) (?:the |their |its )?(?P<t>{_WORD}(?: {_WORD})?)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    rf"\b(?:is|are|was|were|do|does|if|whether) (?:the |my |his |her |their )?(?P<t>{_WORD}(?: {_WORD})?) (?:on|in|of|from|at|the same|agrees?|match|matches|what)\b",
    re.IGNORECASE,
)
_NO_TOPIC = frozenset(
    {"it", "they", "this", "that", "both", "two", "mail", "letter", "poster", "note", "recording"}
    | {"receipt", "other", "text", "file", "message", "voice", "files"}
)
_LISTED = (
    (r"dates?|times?|days?|hours?|when|start|opening", "which dates and times are in it?"),
    (r"fees?|prices?|costs?|amounts?|totals?|sums?|money|rent|deposit|figures?", "which amounts of money are in it?"),
    (r"names?|people|persons?|who", "who is mentioned in it?"),
    (r"places?|venues?|where|address(?:es)?", "which places are in it?"),
)  # fmt: skip
"""What both may hold of one kind: all of it is shown."""
_TOTAL = re.compile(r"\b(?:totals?|sums?)\b", re.IGNORECASE)
_READ = (Kind.TEXT, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT)


def compared(route: Route, task: Task, experts: Snapshot) -> Route:
    """Return a route that shows what each of two files says, where they are to be compared.

    Args:
        route: The plan and why.
        task: The request, and what is attached.
        experts: Who is there.
    """
    clause = _comparison(task.text)
    ports = [each for each in task.inputs.items() if each[1].kind in _READ and not each[1].many]
    if not clause or len(ports) != 2 or len(task.inputs) != 2:
        return route
    made = _SideBySide(route.plan, experts).made(clause, task, ports)
    if made is None or not is_sound(made, task, experts):
        return route
    return route.model_copy(update={"plan": made})


def _comparison(text: str) -> str:
    """Return the clause that asks whether two things agree; empty where none does."""
    protected = protect(text)
    if protected.contents:
        return ""
    clauses = [each.said for each in split(protected.text)]
    return next((each for each in clauses if _AGREES.search(each)), "")


def _topic(text: str, clause: str) -> str:
    """Return what the two are compared in: *the time*; empty where it is not said."""
    for pattern, said in ((_ABOUT, clause), (_SUBJECT, clause), (_ABOUT, text)):
        found = pattern.search(said)
        said_of = [e for e in found["t"].split() if e.lower() not in _NO_TOPIC] if found else []
        if said_of:
            return " ".join(said_of)
    return ""


class _SideBySide:
    def __init__(self, plan: Plan, experts: Snapshot) -> None:
        self.plan, self.cards = plan, list(experts.latest)
        self.steps = list(plan.steps)
        self.fresh: Iterator[StepId] = fresh_ids(plan.steps)
        self.reader = who_answers(experts)

    def made(self, clause: str, task: Task, ports: list[tuple[str, Port]]) -> Plan | None:
        topic = _topic(task.text, clause)
        answers: list[Ask] = []
        for name, port in ports:
            text = self._text(name, port, clause)
            if text is None:
                return None
            source = self._asked(topic, text, clause, port) if topic else text
            answers.append(Ask(ask=f"{clause} ({port.description or name})", source=source))
        mine, whole = flattened(clause), flattened(task.text)
        kept = [
            each
            for each in self.plan.answers
            if flattened(each.ask) not in {mine, whole} and mine not in flattened(each.ask)
        ]
        kept = [each for each in kept if flattened(each.ask) not in mine]
        # "The files" are not to be shown once more where another wish has shown them.
        shown = [each.source for each in kept]
        answers = [each for each in answers if each.source not in shown]
        why = "no expert here compares two texts; what each of them says is shown"
        unmet = [each for each in self.plan.unmet if mine not in flattened(each)]
        plan = self.plan.model_copy(
            update={
                "steps": tuple(self.steps),
                "answers": (*kept, *answers),
                "inputs": {**task.inputs, **self.plan.inputs},
                "unmet": (*unmet, f"{clause}: {why}"),
                "reason": "",
            }
        )
        return without_unused(plan)

    def _text(self, name: str, port: Port, ask: str) -> Binding | None:
        """Return where the words of a file come from; None where nobody reads it."""
        file = FromInput(input=name)
        if port.kind is Kind.TEXT:
            return file
        for card in self.cards:
            takes = [each for each in content_ports(card) if each.required]
            if carries(card) != "certain" or len(takes) != 1 or takes[0].kinds != (port.kind,):
                continue
            if card.outputs[0].kind is not Kind.TEXT:
                continue
            held = next((e for e in self.steps if e.expert == card.id and file in e.inputs.values()), None)  # fmt: skip
            if held is None:
                held = Step(
                    id=next(self.fresh), expert=card.id, inputs={takes[0].name: file}, ask=ask
                )
                self.steps.append(held)
            named = card.outputs[0].name if len(card.outputs) > 1 else None
            return FromStep(step=held.id, output=named)
        return None

    def _asked(self, topic: str, text: Binding, ask: str, port: Port) -> Binding:
        """Return what a text holds of a matter: all dates, all amounts, or what it says about it."""
        listed = next(
            (
                asks
                for words, asks in _LISTED
                if re.search(rf"\b(?:{words})\b", topic, re.IGNORECASE)
            ),
            "",
        )
        lister = next((card for card in self.cards if "entities" in card.tags), None)
        printed = port.kind is Kind.IMAGE and _TOTAL.search(topic)  # a slip names its total
        if listed and lister is not None and not printed:
            content = next(each.name for each in content_ports(lister) if each.required)
            told = next(e.name for e in lister.inputs if role(e, lister) == "instruction")
            return self._step(lister, {content: text, told: Value(value=listed)}, ask)
        if self.reader is None:
            return text
        question = f"What does it say about the {topic}?"
        return self._step(self.reader, question_to(self.reader, question, text), ask)

    def _step(self, card: ExpertCard, inputs: dict[str, Binding], ask: str) -> Binding:
        step = Step(id=next(self.fresh), expert=card.id, inputs=inputs, ask=ask)
        self.steps.append(step)
        return FromStep(step=step.id)


__all__ = ("compared",)

"""From the tools that a request wants to a typed plan: what each is given, and which results answer.

Sources are chosen by habit among those that the types allow; conversions, ``foreach``, lists and
parameters are the work of the machinery that the semantic planner uses too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from herd_graph.cards import ExpertCard, Port
from herd_graph.plans import Ask, FromInput, FromStep, Plan
from herd_graph.routing.assembly import CannotBind, Draft
from herd_graph.routing.learned.habits import Habits
from herd_graph.routing.learned.model import Guess
from herd_graph.routing.learned.words import spans
from herd_graph.routing.numerals import digits, plain_numbers
from herd_graph.routing.parameters import content_ports, context_port, expression_for, fill, role
from herd_graph.routing.references import Discourse, Thing, attachment_names, resolve
from herd_graph.tasks import Task, input_port
from herd_graph.types import JSON, ArtifactRef, Kind

MOST_READ = 4000
_COUNT = re.compile(r"(?<![\w.,:/-])(?:[2-9]|[1-9]\d)(?![\w%:/-]|[.,]\d)")
_TAKEN = 0.5
LEAST_USUAL = 0.04
"""Below this share of past plans, a source is not thought of."""


@dataclass(kw_only=True)
class _Made:
    """What a tool gave, and whether somebody took it."""

    things: list[Thing]
    taken: bool = False


@dataclass(kw_only=True)
class Composition:
    """Puts the steps of one plan together."""

    task: Task
    guess: Guess
    cards: Sequence[ExpertCard]
    habits: Habits
    places: dict[str, int]
    """Where the habits have each tool."""
    earlier: Sequence[Thing] = ()
    """What earlier turns left: used where nothing is attached."""
    draft: Draft = field(init=False)
    _made: dict[str, _Made] = field(init=False, default_factory=dict[str, _Made])

    def __post_init__(self) -> None:
        self.draft = Draft(cards=self.cards)

    def plan(self, author: str) -> Plan | None:
        """Return a plan with every tool; None where one of them cannot be given what it needs."""
        by_name = {card.name: card for card in self.cards}
        left = [by_name[each] for each in self.guess.tools if each in by_name]
        attached = self._attached() or list(self.earlier)
        try:
            while left:
                card = self._next(left)
                left.remove(card)
                self._add(card, attached)
        except CannotBind:
            return None
        if not self.draft.steps:
            return None
        return self._finished(author)

    def _attached(self) -> list[Thing]:
        things: list[Thing] = []
        for name, value in self.task.attachments.items():
            port = input_port(name, value)
            single = value if isinstance(value, ArtifactRef) else None
            if single is not None:
                port = port.model_copy(update={"mime": (single.mime,)})
            things.append(
                Thing(
                    binding=FromInput(input=name),
                    port=port,
                    origin="attachment",
                    label=single.name if single is not None else name,
                    names=attachment_names(single.name) if single is not None else frozenset(),
                    roots=(name,),
                    text=((single.inline or "")[:2000] if single is not None else ""),
                )
            )
        return things

    def _next(self, left: Sequence[ExpertCard]) -> ExpertCard:
        """Return a tool that waits for no other one: by habit, the least fed by those left."""

        def fed(card: ExpertCard) -> float:
            return max(
                (
                    self.habits.passes(self._at(other), self._at(card))
                    - self.habits.passes(self._at(card), self._at(other))
                    for other in left
                    if other is not card and self._flows(other, card)
                ),
                default=0.0,
            )

        return min(left, key=fed)  # the first of equals: the guess has them in order

    def _at(self, card: ExpertCard) -> int:
        return self.places.get(card.name, -1)

    def _flows(self, source: ExpertCard, target: ExpertCard) -> bool:
        port = _main_port(target)
        return port is not None and any(kind in port.kinds for kind in source.gives)

    def _add(self, card: ExpertCard, attached: Sequence[Thing]) -> None:
        """Add the steps of one tool."""
        said = self._said(card)
        text = plain_numbers(digits(self.task.text[:MOST_READ]))
        filled = fill(card, text, whole=said)
        if filled.problem:
            contents = [thing.text for thing in attached if thing.text]
            filled = fill(card, text, contents=contents, whole=said)
        if filled.problem:
            raise CannotBind(filled.problem)
        port = _main_port(card)
        values, things = {**_counted(card, said), **filled.values}, list[Thing]()
        extra: list[dict[str, Thing]] = [{}]
        if port is not None:
            things = self._sources(card, port, attached)
            in_words = expression_for(port, self.task.text, ()) if _is_sum(port, card) else None
            if in_words is not None and not things:
                values[port.name] = in_words
            elif port not in content_ports(card):
                if not things and port.required:
                    raise CannotBind(f"{card.name} has nothing to work on")
                extra = [{port.name: each} for each in things] or [{}]
                things = []
        made: list[Thing] = []
        for each in extra:
            made += self.draft.build(card, things, values, ask=said, extra=each)
        self._made[card.name] = _Made(things=made)

    def _said(self, card: ExpertCard) -> str:
        """Return the clause that asks for a tool."""
        at = self.guess.clauses.get(card.name)
        places = spans(self.task.text[:MOST_READ])
        if at is None or at >= len(places):
            return self.task.text[:500]
        start, end = places[at]
        return self.task.text[start:end].strip(" ,.;:")

    def _sources(self, card: ExpertCard, port: Port, attached: Sequence[Thing]) -> list[Thing]:
        """Return what a tool works on: the likeliest source by habit, of those that fit."""
        weighed: list[tuple[float, list[Thing], str]] = []
        for name, made in self._made.items():
            fitting = self._fitting(name, made, port)
            if fitting:
                usual = self.habits.passes(self.places.get(name, -1), self._at(card))
                # Of a chain, the end is meant: *what is spoken* is the translation, once there is one.
                usual *= _TAKEN if made.taken else 1.0
                weighed.append((usual, fitting, name))
        for kind in dict.fromkeys(each.kind for each in attached):
            same = [each for each in attached if each.kind is kind]
            near = [each for each in same if self.draft.distance(each, port, card) is not None]
            near = self._meant(card, near) if len(near) > 1 else near
            if near:
                usual = self.habits.takes(self._at(card), kind.value)
                far = min(self.draft.distance(each, port, card) or 0 for each in near)
                weighed.append((usual * (0.3 if far else 1.0), near, ""))
        weighed = [each for each in weighed if each[0] >= LEAST_USUAL]
        if not weighed:
            return []
        most = max(each[0] for each in weighed)
        # An expert that takes a list is given all that is usual: *search both calls and the letter*.
        kept = [each for each in weighed if each[0] == most or (port.many and each[0] > most / 4)]
        for _, _, name in kept:
            if name:
                self._made[name].taken = True
        return [thing for _, things, _ in kept for thing in things]

    def _meant(self, card: ExpertCard, near: list[Thing]) -> list[Thing]:
        """Return those that the clause names, by file name or by place; all of them where none is."""
        about = Discourse(attachments=list(near), contents={})
        named = [each for each in resolve(self._said(card), (), about).explicit if each in near]
        return named or near

    def _fitting(self, name: str, made: _Made, port: Port) -> list[Thing]:
        """Return what a tool gave, by the output that the port takes as it is."""
        direct = [each for each in made.things if self.draft.distance(each, port) == 0]
        if direct:
            return direct
        found: list[Thing] = []
        card = next(each for each in self.cards if each.name == name)
        for thing in made.things:
            step = thing.binding.step if isinstance(thing.binding, FromStep) else None
            for output in card.outputs[1:]:
                if step is None or port.kind is Kind.ANY or output.kind not in port.kinds:
                    continue
                listed = thing.port.many and not card.outputs[0].many
                given = output.model_copy(update={"many": output.many or listed})
                found.append(
                    Thing(
                        binding=FromStep(step=step, output=output.name),
                        port=given,
                        origin="result",
                        label=thing.label,
                        roots=thing.roots,
                    )
                )
                break
        return found

    def _finished(self, author: str) -> Plan:
        answers: list[Ask] = []
        for name, made in self._made.items():
            card = next(each for each in self.cards if each.name == name)
            if made.taken and self.habits.answers(self._at(card)) < 0.5:
                continue
            answers += [Ask(ask=self._said(card), source=each.binding) for each in made.things]
        inputs = dict(self.task.inputs)
        return Plan(
            steps=tuple(self.draft.steps),
            inputs=inputs,
            answers=tuple(answers),
            author=author,
        )


def _counted(card: ExpertCard, said: str) -> dict[str, JSON]:
    """Return the one number of a clause for the one count that an expert can be given.

    *Five sentences* and *eight moments* name no input. Once it is known whose clause it is, the number
    can mean little else.
    """
    ports = [each for each in card.inputs if each.scalar == "integer" and not each.required]
    reads_words = any(role(each, card) in {"instruction", "expression"} for each in card.inputs)
    found = _COUNT.findall(digits(said))
    if reads_words or len(ports) != 1 or len(found) != 1:
        return {}
    return {ports[0].name: int(found[0])}


def _is_sum(port: Port, card: ExpertCard) -> bool:
    return role(port, card) == "expression"


def _main_port(card: ExpertCard) -> Port | None:
    """Return the input that takes what is worked on."""
    ports = content_ports(card)
    if ports:
        return ports[0]
    expression = next((each for each in card.inputs if _is_sum(each, card)), None)
    return expression or context_port(card)

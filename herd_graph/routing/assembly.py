"""Put steps together: bind things to ports, convert them on the way, never make a step twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import check
from herd_graph.conversions import Conversion, carries, find_conversion, links
from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.plans import AllOf, Ask, Binding, FromStep, Item, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.lexicon import KIND_NOUNS, VERBS
from herd_graph.routing.parameters import content_ports, context_port, is_open_ended, role
from herd_graph.routing.references import Thing
from herd_graph.routing.variants import variants
from herd_graph.tasks import Task
from herd_graph.types import JSON, Kind, StepId

MOST_STEPS = 200


class CannotBind(Exception):
    """An expert cannot be given what it needs; the message says what is missing."""

    def __init__(self, message: str, *, material: Kind | None = None, soft: bool = False) -> None:
        super().__init__(message)
        self.material = material
        self.soft = soft
        """Another expert is rather meant: this one wants more than there is."""


@dataclass(kw_only=True)
class Draft:
    """A plan while it is being written."""

    cards: Sequence[ExpertCard]
    steps: list[Step] = field(default_factory=list[Step])
    notes: list[str] = field(default_factory=list[str])
    _made: dict[str, Thing] = field(default_factory=dict[str, Thing])
    _ways: dict[tuple[str, str], list[Conversion]] = field(
        default_factory=dict[tuple[str, str], list[Conversion]]
    )

    def ways(self, source: Port, target: Port) -> list[Conversion]:
        """Return the conversions between two ports; searched once for each pair."""
        key = (_shape(source), _shape(target))
        if key not in self._ways:
            unusual = variants(self.cards)
            usual = [card for card in self.cards if card.name not in unusual]
            able = [
                card
                for card in self.cards
                if card.name not in unusual or not unusual[card.name].plain
            ]
            self._ways[key] = find_conversion(source, target, usual, most=2) or find_conversion(
                source, target, able, most=2
            )
        return self._ways[key]

    def distance(self, thing: Thing, port: Port, card: ExpertCard | None = None) -> int | None:
        """Return how many conversions lie between a thing and a port; None if there is no way.

        With the ``card`` that the port is of, a converter is not given what was converted from the
        very kind that it makes: nobody has a text spoken in order to have it transcribed.
        """
        if accepts(thing, port):
            return 0
        found = self.ways(_single(thing.port, port), port)
        if not found:
            return None
        if card is not None and carries(card) != "none":
            kinds = {thing.kind, *(each.port.kind for each in found[0].steps)}
            if card.outputs[0].kind in kinds:
                return None
        return len(found[0].steps)

    def add(
        self,
        card: ExpertCard,
        inputs: Mapping[str, Binding],
        *,
        ask: str,
        sources: Sequence[Thing],
        foreach: Binding | None = None,
        output: Port | None = None,
    ) -> Thing:
        """Return what a step gives, adding the step unless an equal one is there."""
        key = json.dumps(
            [
                card.id,
                {name: each.model_dump(mode="json") for name, each in sorted(inputs.items())},
                foreach.model_dump(mode="json") if foreach is not None else None,
            ],
            ensure_ascii=False,
        )
        given = output or card.outputs[0]
        named = f"{key}#{given.name}"
        if named in self._made:
            return self._made[named]
        step_id = next((each.id for each in self.steps if self._key_of(each) == key), None)
        if step_id is None:
            step_id = StepId(f"s{len(self.steps) + 1}")
            if len(self.steps) >= MOST_STEPS:
                raise CannotBind(f"the plan would have more than {MOST_STEPS} steps")
            self.steps.append(
                Step(id=step_id, expert=card.id, inputs=dict(inputs), foreach=foreach, ask=ask)
            )
        port = given.model_copy(update={"many": True}) if foreach is not None else given
        thing = Thing(
            binding=FromStep(step=step_id, output=given.name if len(card.outputs) > 1 else None),
            port=port,
            origin="result",
            label=f"the result of {step_id}",
            names=_names(card) | (_deeds(ask) if is_open_ended(card) else frozenset[str]()),
            roots=tuple(dict.fromkeys(root for each in sources for root in each.roots)),
        )
        self._made[named] = thing
        return thing

    def _key_of(self, step: Step) -> str:
        return json.dumps(
            [
                step.expert,
                {n: each.model_dump(mode="json") for n, each in sorted(step.inputs.items())},
                step.foreach.model_dump(mode="json") if step.foreach is not None else None,
            ],
            ensure_ascii=False,
        )

    def forget(self, count: int) -> None:
        """Drop what was remembered of steps after the first ``count``: they were taken back."""
        kept = {each.id for each in self.steps[:count]}
        self._made = {
            key: thing
            for key, thing in self._made.items()
            if getattr(thing.binding, "step", None) in kept
        }

    def converted(self, thing: Thing, port: Port, ask: str) -> Thing:
        """Return what ``port`` can take of a thing, with the conversion steps that it needs.

        Raises:
            CannotBind: No chain of converters leads there.
        """
        if accepts(thing, port):
            return thing
        found = self.ways(_single(thing.port, port), port)
        if not found:
            raise CannotBind(
                f"{thing.label} is {_kind(thing.kind)}, {port.name!r} takes "
                f"{_kind(port.kind)}, and no expert turns the one into the other",
                material=port.kind,
            )
        for each in found[0].steps:
            listed = thing.port.many and not _takes_list(each.card, each.input)
            bound: Binding = Item() if listed else thing.binding
            before = len(self.steps)
            thing = self.add(
                each.card,
                {each.input: bound},
                ask=ask,
                sources=[thing],
                foreach=thing.binding if listed else None,
                output=each.port if not listed else each.card.output(each.output),
            )
            if len(self.steps) > before:
                self.notes.append(f"{self.steps[-1].id}: {each.card.name} put in to convert")
        return thing

    def build(
        self,
        card: ExpertCard,
        things: Sequence[Thing],
        values: Mapping[str, JSON],
        *,
        ask: str,
        extra: Mapping[str, Thing] | None = None,
    ) -> list[Thing]:
        """Add the steps by which an expert works on things: one for each, or one for all.

        Raises:
            CannotBind: A content input stays empty.
        """
        literals: dict[str, Binding] = {
            name: Value(value=value) for name, value in values.items() if card.input(name)
        }
        sources: list[Thing] = []
        for name, thing in (extra or {}).items():
            port = card.input(name)
            assert port is not None
            held = self.converted(thing, port, ask)
            literals[name] = held.binding
            sources.append(held)
        ports = [port for port in content_ports(card) if port.name not in literals]
        if not ports:
            ordered = {
                port.name: literals[port.name] for port in card.inputs if port.name in literals
            }
            return [self.add(card, ordered, ask=ask, sources=sources)]
        if not things:
            raise CannotBind(needs(ports[0]), material=ports[0].kind)
        if len(ports) > 1:
            return [self._over_several(card, ports, things, literals, ask)]
        port = ports[0]
        if port.many:
            held = [self.converted(each, _one(port), ask) for each in things]
            several = len(held) > 1 or not held[0].port.many
            binding = (
                AllOf(all=tuple(each.binding for each in held)) if several else held[0].binding
            )
            if several and any(each.port.many for each in held):
                raise CannotBind(f"{port.name!r} takes one list, and several lists are there")
            return [
                self.add(
                    card,
                    {**self._in_order(card, literals, port.name, binding)},
                    ask=ask,
                    sources=held,
                )
            ]
        made: list[Thing] = []
        for thing in things:
            ready = self.converted(thing, port, ask)
            bound: Binding = Item() if ready.port.many else ready.binding
            made.append(
                self.add(
                    card,
                    self._in_order(card, literals, port.name, bound),
                    ask=ask,
                    sources=[ready, *sources],
                    foreach=ready.binding if ready.port.many else None,
                )
            )
        return made

    def _over_several(
        self,
        card: ExpertCard,
        ports: Sequence[Port],
        things: Sequence[Thing],
        literals: Mapping[str, Binding],
        ask: str,
    ) -> Thing:
        free = list(things)
        bound = dict(literals)
        used: list[Thing] = []
        for port in ports:
            reachable = [
                (distance, place)
                for place, each in enumerate(free)
                if (distance := self.distance(each, port)) is not None
            ]
            if not reachable:
                count = len([each for each in ports if each.kind is port.kind])
                have = len([each for each in things if each.kind is port.kind])
                raise CannotBind(
                    f"it needs {count} of kind {port.kind.value}, and {have} "
                    f"{'is' if have == 1 else 'are'} there",
                    material=port.kind,
                    soft=True,
                )
            ready = self.converted(free.pop(min(reachable)[1]), port, ask)
            used.append(ready)
            bound[port.name] = ready.binding
        ordered = {port.name: bound[port.name] for port in card.inputs if port.name in bound}
        return self.add(card, ordered, ask=ask, sources=used)

    def _in_order(
        self, card: ExpertCard, literals: Mapping[str, Binding], name: str, binding: Binding
    ) -> dict[str, Binding]:
        bound = {**literals, name: binding}
        return {port.name: bound[port.name] for port in card.inputs if port.name in bound}


def card_of(step: Step | None, experts: Snapshot) -> ExpertCard | None:
    """Return the card of a step's expert; None where that is not there, or there is no step."""
    if step is None:
        return None
    return next((each for each in experts.latest if each.id == step.expert), None)


def step_of(answer: Ask, steps: Mapping[StepId, Step]) -> Step | None:
    """Return the step that gives an answer; None where an input does, or the step is not among these."""
    return steps.get(answer.source.step) if isinstance(answer.source, FromStep) else None


def is_sound(plan: Plan, task: Task, experts: Snapshot) -> bool:
    """Say whether the plan checker passes a plan over what a request has attached."""
    return not check(plan, experts, {**task.inputs, **plan.inputs})


def message_port(card: ExpertCard) -> str:
    """Return the input in which an expert is told what to do; it must have one."""
    return next(each.name for each in card.inputs if role(each, card) == "instruction")


def who_answers(experts: Snapshot) -> ExpertCard | None:
    """Return who answers a question about a text that is given along; None where nobody does."""
    return next((card for card in experts.latest if context_port(card) is not None), None)


def question_to(reader: ExpertCard, question: str, text: Binding) -> dict[str, Binding]:
    """Return the inputs by which such an expert is asked a question about a text."""
    context = context_port(reader)
    assert context is not None
    return {message_port(reader): Value(value=question), context.name: text}


def fresh_ids(steps: Sequence[Step]) -> Iterator[StepId]:
    """Yield names that no step bears yet."""
    taken = {str(each.id) for each in steps}
    return (StepId(f"s{number}") for number in count(1) if f"s{number}" not in taken)


def without_unused(plan: Plan) -> Plan:
    """Return a plan without the steps that no answer needs any more."""
    known: Mapping[str, Step] = {str(each.id): each for each in plan.steps}
    left = [str(a.source.step) for a in plan.answers if isinstance(a.source, FromStep)]
    needed: set[str] = set()
    while left:
        name = left.pop()
        if name not in needed and name in known:
            needed.add(name)
            left += [str(each) for each in known[name].needs]
    steps = tuple(each for each in plan.steps if str(each.id) in needed)
    return plan.model_copy(update={"steps": steps})


def alone(
    card: ExpertCard,
    inputs: Mapping[str, Binding],
    asked: str,
    *,
    ports: Mapping[str, Port],
    author: str,
) -> Plan:
    """Return the plan of one call, whose result answers the whole request.

    Args:
        card: Who is called.
        inputs: What it is given.
        asked: The request.
        ports: The plan's own inputs.
        author: The router.
    """
    step = Step(id=StepId("s1"), expert=card.id, inputs=dict(inputs), ask=asked)
    ask = Ask(ask=asked, source=FromStep(step=step.id))
    return Plan(steps=(step,), inputs=dict(ports), answers=(ask,), author=author)


def accepts(thing: Thing, port: Port) -> bool:
    """Say whether a thing goes into a port as it is, or item by item."""
    return links(thing.port, port) or (thing.port.many and links(thing.port, port, item=True))


def _shape(port: Port) -> str:
    return repr((port.kinds, port.many, port.mime, port.json_schema))


def _one(port: Port) -> Port:
    return port.model_copy(update={"many": False})


def _single(source: Port, target: Port) -> Port:
    """Search for the conversion of one item where a list goes to a port that takes one."""
    return source.model_copy(update={"many": False}) if source.many and not target.many else source


def _takes_list(card: ExpertCard, name: str) -> bool:
    port = card.input(name)
    return port is not None and port.many


def _names(card: ExpertCard) -> frozenset[str]:
    named = " ".join((card.name.replace("_", " "), *card.tags))
    return frozenset(stem(each) for each in words(named) if each not in STOP_WORDS)


def _deeds(ask: str) -> frozenset[str]:
    """Return the stems of what was asked of an expert for anything: *the summary* is then its."""
    spoken = [each for each in words(ask) if each not in STOP_WORDS]
    nouns = ("tion", "script", "mary", "poem", "story", "title", "list")
    return frozenset(stem(each) for each in spoken[:8] if each in VERBS or each.endswith(nouns))


def _kind(kind: Kind) -> str:
    noun = KIND_NOUNS[kind]
    return (
        noun if kind in {Kind.TEXT, Kind.DATA} else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    )


def needs(port: Port) -> str:
    """Say that what a port takes is not there."""
    if port.kind in {Kind.TEXT, Kind.DATA}:
        return "there is no text to work on: quote it, put it after a colon, or attach it"
    return f"there is no {KIND_NOUNS[port.kind]} attached"

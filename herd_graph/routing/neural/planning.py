"""Turn what the network wrote into a plan: steps, bindings, conditions, and whose words they serve.

Equal calls become one step. Questions and wishes are given to open-ended experts in the person's own
words: the part of the request that the network looked at when it wrote the call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import carries
from herd_graph.plans import (
    AllOf,
    Ask,
    Binding,
    Condition,
    FromInput,
    FromStep,
    Item,
    Op,
    Plan,
    Step,
    Value,
)
from herd_graph.routing.choosing import could_take
from herd_graph.routing.expressions import find_expressions
from herd_graph.routing.golds import Tree, inputs_of
from herd_graph.routing.lexicon import ASKS_FOR_TOTAL, FILE_WORDS, MATERIAL, PRONOUN, RESULT_NOUNS
from herd_graph.routing.neural.asking import asks_table
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.looking import Words, words_of
from herd_graph.routing.neural.reading import Reading
from herd_graph.routing.neural.symbols import OPEN_LIST, SPAN
from herd_graph.routing.neural.tables import undrawn
from herd_graph.routing.neural.writing import Crew, Frame
from herd_graph.routing.parameters import context_port, role
from herd_graph.routing.tongues import language_code, languages
from herd_graph.types import JSON, Kind, StepId

_EQUATION = re.compile(
    r"\b(?:equation|solve|solution|expression|formula|evaluate|equals)\b|=", re.IGNORECASE
)
_LAST_UNIT = re.compile(
    r"\b(?:in|into|to)\s+(?:degrees\s+)?([^\W\d_]+)(?:,?\s+please)?[\s.?!]*$", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_ASIDE = frozenset(
    {"a", "an", "the", "my", "our", "and", "now", "then", "ok", "please", "pls", "aloud", "out"}
    | {"e", "agora", "o", "os", "as", "um", "uma"}
)
_SAVED_AS = re.compile(
    r"(?:(?:and|also|then) )*(?:(?:save|export|give|put|write|download) (?:me )?(?:it|that|this|them)? ?)?(?:as|in|into|to) (?:an? |the )?"
    r"(?:bar chart|line chart|pie chart|chart|graph|excel|xlsx|csv|json|markdown|spreadsheet|workbook)(?: (?:file|sheet|table|format))?(?:,? (?:too|also|as well|please))*\W*",
    re.IGNORECASE,
)
_MOST_UNIT = 3
_PAGE = re.compile(r"\bpages? \d|\b(?:first|second|third|last) page\b", re.IGNORECASE)
_QUOTES = "'\"\u2018\u2019\u201c\u201d\u201e«»`"


def plan_of(
    parsed: Parsed,
    reading: Reading,
    crew: Crew,
    called: Mapping[str, str],
    inputs: Mapping[str, Port],
    *,
    words: Words | None = None,
) -> Plan | None:
    """Return the plan that the network wrote; it may still fail the plan checker.

    None where it would have an expert work on the words of the order itself ("now translate it",
    with nothing there that could be meant).

    Args:
        parsed: What it wrote.
        reading: The request.
        crew: The experts and inputs.
        called: What the plan calls the inputs whose symbols have another name.
        inputs: The task's own inputs.
        words: Whose words each part serves, where that is known.
    """
    words = words or words_of(parsed, reading)
    draft = _Draft(crew, reading, called)
    titles = _titles(parsed.wanted.parts, words.parts, crew)
    answers = [
        Ask(ask=title, source=draft.part(part, said))
        for part, said, title in zip(parsed.wanted.parts, words.parts, titles, strict=True)
    ]
    if draft.hollow:
        return None
    answers = [each for place, each in enumerate(answers) if each not in answers[:place]]
    unmet: tuple[str, ...] = ()
    reason = ""
    if parsed.wanted.partly:
        left = words.unmet or words.rest[:1] or (reading.text.strip(),)
        # One part alone may be half of its own words, unless they are all that was said.
        whole = _WORD.findall(reading.text.lower())
        several = len(words.parts) > 1 or all(_WORD.findall(e.lower()) == whole for e in left)
        left = () if several and all(_is_said(each, words.parts) for each in left) else left
        unmet = tuple(f"{each}: no expert here does this" for each in left)
        reason = f"No expert here does this part: {', '.join(map(repr, left))}." if left else ""
    return Plan(
        steps=draft.steps(),
        inputs=dict(inputs),
        answers=tuple(answers),
        unmet=unmet,
        reason=reason,
        author="neural",
    )


def _is_said(clause: str, parts: Sequence[str]) -> bool:
    """Say whether a clause is what a part was asked: it is not left.

    A part whose words hold the clause among others proves nothing: *sonnet: pt, greek* was put
    into Portuguese, and Greek is left.
    """
    mine = _WORD.findall(clause.lower())
    return bool(mine) and any(_WORD.findall(each.lower()) == mine for each in parts)


def _titles(parts: Sequence[Tree], said: Sequence[str], crew: Crew) -> list[str]:
    """Return what stands above each part: where one wish has several, also the file that it is about."""
    found: list[str] = []
    for part, title in zip(parts, said, strict=True):
        alike = [each for each, its in zip(parts, said, strict=True) if its == title]
        about = {tuple(dict.fromkeys(inputs_of(each))) for each in alike}
        names = [crew.inputs[e].description for e in inputs_of(part) if e in crew.inputs]
        one = len(set(names)) == 1 and names[0] and len(about) > 1
        found.append(f"{title} ({names[0]})" if one else title)
    return found


@dataclass(kw_only=True)
class _Made:
    """A step that is being put together."""

    id: StepId
    card: ExpertCard
    inputs: dict[str, Binding]
    foreach: Binding | None
    when: list[Condition] = field(default_factory=list[Condition])
    parts: set[int] = field(default_factory=set[int])
    ask: str = ""


class _Draft:
    def __init__(self, crew: Crew, reading: Reading, called: Mapping[str, str]) -> None:
        self.crew, self.reading, self.called = crew, reading, called
        self.made: dict[StepId, _Made] = {}
        self.written: dict[tuple[Tree, str], _Made] = {}
        """What each call that was written became: equal ones one step."""
        self.answers: dict[Tree, _Made] = {}
        """What each part so far comes from: what a later one makes of the same is made of its answer."""
        self.conditions: dict[int, Condition] = {}
        self.number = 0
        self.said = ""
        self.tested = False
        self.depth = 0
        self.hollow = False
        """An expert was given words of the order in place of something to work on."""

    def part(self, tree: Tree, said: str) -> Binding:
        """Add what one part needs, and return where its answer comes from."""
        self.number += 1
        self.said = said
        test: Tree | None = None
        if tree[0] == "if":
            _, tree, test = tree
        binding = self.binding(tree)
        if tree[0] == "call" and isinstance(binding, FromStep):
            self.answers.setdefault(_bare(tree), self.made[binding.step])
        if test is not None:
            self.tested = True
            self.conditions[self.number] = self.condition(test)
            self.tested = False
        return binding

    def steps(self) -> tuple[Step, ...]:
        """Return the steps; a condition holds for what only its own part needs."""
        found: list[Step] = []
        for each in self.made.values():
            number = next(iter(each.parts)) if len(each.parts) == 1 else 0
            condition = self.conditions.get(number)
            step = Step(
                id=each.id,
                expert=each.card.id,
                inputs=each.inputs,
                foreach=each.foreach,
                when=(condition,) if condition is not None else (),
                ask=each.ask,
            )
            found.append(step.model_copy(update={"fallbacks": self._fallbacks(step, each.card)}))
        return tuple(found)

    def _fallbacks(self, step: Step, card: ExpertCard) -> tuple[str, ...]:
        """Return who could carry the same over into another form, if this expert fails."""
        if carries(card) != "certain":
            return ()
        others = [each for each in self.crew.cards.values() if each is not card]
        able = [e for e in others if carries(e) == "certain" and could_take(e, step, card)]
        return tuple(each.id for each in able[:3])

    def binding(self, tree: Tree) -> Binding:
        kind = tree[0]
        if kind == "input":
            return FromInput(input=self.called.get(tree[1], tree[1]))
        if kind == "list":
            return AllOf(all=tuple(self.binding(each) for each in tree[1:]))
        if kind != "call":
            return Value(value=tree[1])
        made = self.step(tree)
        output = cast("str", tree[2])
        return FromStep(step=made.id, output=output or None)

    def step(self, tree: Tree) -> _Made:
        _, name, _, over, *arguments = tree
        card = self.crew.cards[name]
        key = (_bare(tree), self._words(card, arguments))
        made = self.answers.get(key[0]) if self.depth else None
        made = made or self.written.get(key)
        if made is None:
            self.depth += 1
            inputs, foreach = self._bound(card, arguments, over)
            self.depth -= 1
            self.hollow = self.hollow or (self.depth > 0 and self._asks_all(arguments))
            made = self._like(card, inputs, foreach)
            if made is None:
                step = StepId(f"s{len(self.made) + 1}")
                made = _Made(id=step, card=card, inputs=inputs, foreach=foreach, ask=self.said)
                self.made[step] = made
            self.written[key] = made
        self._count(made)
        return made

    def _like(
        self, card: ExpertCard, inputs: dict[str, Binding], foreach: Binding | None
    ) -> _Made | None:
        """Return the step that does just this: two wishes in one question are asked once."""
        wanted = (card.id, inputs, foreach)
        alike = (m for m in self.made.values() if (m.card.id, m.inputs, m.foreach) == wanted)
        return next(alike, None)

    def _asks_all(self, arguments: Sequence[Tree]) -> bool:
        """Say whether a call whose result is worked on further is given the whole request alone."""
        if any(each[0] in {"call", "input", "list"} for each in arguments):
            return False
        said = [str(each[1]) for each in arguments if each[0] == "value"]
        return any(_is_order(each, self.reading.text) for each in said)

    def _count(self, made: _Made) -> None:
        """Note that the present part needs a step, and what that step needs.

        What a condition is about belongs to no part alone: it must be there before the test.
        """
        made.parts.add(-1 if self.tested else self.number)
        if self.tested:
            made.parts.add(-2)
        for binding in [*made.inputs.values(), made.foreach]:
            for each in _steps_of(binding):
                self._count(self.made[each])

    def _words(self, card: ExpertCard, arguments: Sequence[Tree]) -> str:
        """Return the words that tell two calls of an open-ended expert apart."""
        spans = [each for each in arguments if each[0] == "value" and isinstance(each[1], str)]
        asked = any(role(p, card) == "instruction" for p in card.inputs)
        paged = _PAGE.search(self.said) is not None
        return self.said if asked and (spans or paged or not self.depth) else ""

    def _bound(
        self, card: ExpertCard, arguments: Sequence[Tree], over: bool
    ) -> tuple[dict[str, Binding], Binding | None]:
        inputs: dict[str, Binding] = {}
        foreach: Binding | None = None
        frame = Frame(card.name)
        listed = next((k for k, each in enumerate(arguments) if each[0] in {"call", "input"}), 0)
        for number, tree in enumerate(arguments):
            each = over and number == listed
            place = self._place(card, frame, tree, each=each)
            port = card.inputs[place]
            frame = Frame(card.name, port=place + 1, looped=frame.looped or each)
            if each:
                foreach = self.binding(tree)
                inputs[port.name] = Item()
            elif tree[0] == "value":
                inputs[port.name] = Value(value=self._value(card, port, tree[1]))
            else:
                inputs[port.name] = self.binding(tree)
        return self._completed(card, inputs), foreach

    def _place(self, card: ExpertCard, frame: Frame, tree: Tree, *, each: bool) -> int:
        """Return which port an argument fills: the same that it filled when it was written."""
        if tree[0] == "value":
            ports = card.inputs
            number = isinstance(tree[1], int)
            for place in range(frame.port, len(ports)):
                is_number = ports[place].scalar in {"integer", "number"}
                if is_number if number else Kind.TEXT in ports[place].kinds:
                    return place
        symbol = _symbol(tree)
        return self.crew.place(Frame(card.name, frame.port, each, frame.looped), symbol)

    def _value(self, card: ExpertCard, port: Port, value: JSON) -> JSON:
        if not isinstance(value, str):
            if Kind.TEXT not in port.kinds:
                return value
            value = str(value)
        meaning = role(port, card)
        if meaning == "instruction":
            if self.depth and asks_table(card):
                # "…, and as an Excel file too": what goes into it was asked for before that.
                asked = _SAVED_AS.fullmatch(self.said.strip()) is not None
                return value if asked else undrawn(self.said)
            return self.said
        if meaning == "expression":
            whole = [each for each in find_expressions(self.said) if not _is_number(each)]
            inside = [each for each in find_expressions(value) if not _is_number(each)]
            if len(whole) == 1 or not inside:
                # A lone number is no sum: the expert is given the words, and says what it misses.
                return whole[0] if whole else self.said
            return inside[0]
        if meaning == "content":
            self.hollow = self.hollow or _is_order(value, self.reading.text)
            if any(language_code(each) for other in card.inputs for each in other.choices):
                return _without_target(value, self.reading.text)
        return value

    def _completed(self, card: ExpertCard, inputs: dict[str, Binding]) -> dict[str, Binding]:
        """Add what the words of the part say, and the network does not write."""
        context = context_port(card)
        for port in card.inputs:
            bound = inputs.get(port.name)
            meaning = role(port, card)
            if bound is None and meaning == "instruction" and not port.required:
                inputs[port.name] = Value(value=self.said)
            elif (
                meaning == "instruction"
                and context is not None
                and context.name not in inputs
                and isinstance(bound, FromInput | FromStep)
            ):
                # A question about a text: the words are the message, the text what it is about.
                inputs[port.name] = Value(value=self.said)
                inputs[context.name] = bound
            elif bound is None and "sum" in port.choices and "evaluate" in port.choices:
                literal = any(isinstance(each, Value) for each in inputs.values())
                sums = ASKS_FOR_TOTAL.search(self.said) or not _EQUATION.search(self.said)
                if not literal and sums:
                    inputs[port.name] = Value(value="sum")
            elif port.name == "to" and "units" in card.tags and _is_long(bound):
                unit = _LAST_UNIT.search(self.said)
                inputs.pop("to")
                inputs |= {"to": Value(value=unit[1])} if unit else {}
            elif bound is None and port.name == "to" and "units" in card.tags:
                derived = any(isinstance(each, FromInput | FromStep) for each in inputs.values())
                if derived and (unit := _LAST_UNIT.search(self.said)):
                    inputs[port.name] = Value(value=unit[1])
        order = [port.name for port in card.inputs]
        return {name: inputs[name] for name in sorted(inputs, key=order.index)}

    def condition(self, test: Tree) -> Condition:
        """Return the condition that a test is."""
        _, left, operator, right = test
        value: JSON = right[1]
        binding = self.binding(left)
        return Condition(
            left=binding,
            field=self._field(left, value),
            op=cast("Op", operator),
            right=value,
        )

    def _field(self, left: Tree, value: JSON) -> str:
        """Return which field of an object is compared with a value."""
        if left[0] == "call":
            card = self.crew.cards[left[1]]
            port = card.output(left[2] or None) or card.outputs[0]
        else:
            port = self.crew.inputs[left[1]]
        fields = (port.json_schema or {}).get("properties")
        if port.kind is not Kind.DATA or not isinstance(fields, dict):
            return ""
        for name, schema in fields.items():
            options = schema.get("enum") if isinstance(schema, dict) else None
            if isinstance(options, list) and value in options:
                return name
        short = isinstance(value, str) and len(value) == 2
        wanted = ("code", "label") if short else ("label", "type", "name", "code")
        return next((each for each in wanted if each in fields), "")


def _is_long(bound: Binding | None) -> bool:
    """Say whether a value is a whole clause, and no name of a unit."""
    return isinstance(bound, Value) and len(str(bound.value).split()) > _MOST_UNIT


def _bare(tree: Tree) -> Tree:
    """Return a call without which of its outputs is meant."""
    return (*tree[:2], "", *tree[3:])


def _is_order(said: str, request: str) -> bool:
    """Say whether words taken for something to work on are the whole request, or point at a thing."""
    words = set(_WORD.findall(said.lower()))
    if set(_WORD.findall(request.lower())) - words <= _ASIDE:
        return True
    named = _WORD.findall(RESULT_NOUNS.sub(" ", PRONOUN.sub(" ", said.lower())))
    return set(named) <= _ASIDE | FILE_WORDS | MATERIAL.keys()


def _without_target(said: str, request: str) -> str:
    """Leave out the language that words are to be put into, unless it is quoted with them."""
    targets = [each for each in languages(said) if each.target]
    if not targets or any(f"{quote}{said}" in request for quote in _QUOTES):
        return said
    start, end = targets[-1].span
    left = said[:start].rstrip(" ,;:-")
    return said if set(_WORD.findall(said[end:].lower())) - _ASIDE or not left else left


def _is_number(text: str) -> bool:
    return text.strip("-+ ").replace(".", "", 1).replace(",", "").isdigit()


def _symbol(tree: Tree) -> str:
    if tree[0] == "call":
        return f"e:{tree[1]}" + (f".{tree[2]}" if tree[2] else "")
    marks = {"input": "i:", "choice": "c:"}
    if tree[0] in marks:
        return f"{marks[tree[0]]}{tree[1]}"
    return OPEN_LIST if tree[0] == "list" else SPAN


def _steps_of(binding: Binding | None) -> list[StepId]:
    if isinstance(binding, FromStep):
        return [binding.step]
    if isinstance(binding, AllOf):
        return [each for inner in binding.all for each in _steps_of(inner)]
    return []


__all__ = ("plan_of",)

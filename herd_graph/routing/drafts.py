"""Plans as a language model writes them: the schema it is held to, and reading what it wrote.

The form is the plan's own (``plans.py``), narrowed to the experts that were retrieved and to the
inputs that are there. What a model wrote is data: it is parsed, checked by the plan checker, and
nothing in it is executed or interpolated.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, cast

from herd_graph.cards import ExpertCard, Port, fits
from herd_graph.errors import PlanMalformed
from herd_graph.plans import AllOf, Binding, FirstOf, FromStep, Plan
from herd_graph.types import JSON, JSONObject, Kind, StepId

_SCALARS = {"string", "number", "integer", "boolean"}
MOST_STEPS = 40
_LONGEST = 200_000
_PARTS = frozenset({"steps", "answers", "unmet", "reason"})


def plan_schema(cards: Sequence[ExpertCard], inputs: Mapping[str, Port]) -> JSONObject:
    """Return the JSON schema of a plan over these experts and inputs.

    Each expert is a branch of its own, with its ports by name, and each port takes what its type
    lets it: a model that decodes under the schema can neither name a port that is not there nor
    give a recording to one that takes a picture. Small models do both when they are free to.
    """
    made = [port for card in cards for port in card.outputs]
    lists = any(port.many for port in (*inputs.values(), *made))
    branches = [
        branch
        for card in cards
        for each in ((False, True) if lists else (False,))
        if (branch := _step(card, inputs, made, each=each)) is not None
    ]
    refs = _references(inputs, steps=True)
    ask = _object({"ask": {"type": "string"}, "source": {"anyOf": cast("JSON", refs)}})
    return _object(
        {
            "steps": (
                {"type": "array", "items": {"anyOf": cast("JSON", branches)}}
                if branches
                else {"type": "array", "maxItems": 0}
            ),
            "answers": {"type": "array", "items": ask},
            "unmet": {"type": "array", "items": {"type": "string"}},
            "reason": {"type": "string"},
        }
    )


def read_plan(text: str, author: str) -> Plan:
    """Read a model's reply.

    Args:
        text: The reply, perhaps with a fence or a sentence around the object.
        author: The router's name.

    Raises:
        PlanMalformed: It holds no JSON object, or one that is no plan; the message says where.
    """
    found = _object_in(text)
    if found is None:
        raise PlanMalformed(
            f"The reply holds no JSON object that is a plan: {text[:120]!r}. Expected one whole object "
            "with 'steps'. Write the object alone."
        )
    wanted = {key: each for key, each in found.items() if key in _PARTS}
    wanted.setdefault("steps", [])
    plan = Plan.parse(cast("dict[str, Any]", _tidy(_printable(wanted))))
    if len(plan.steps) > MOST_STEPS:
        raise PlanMalformed(
            f"The plan has {len(plan.steps)} steps. Expected at most {MOST_STEPS}. Use 'foreach' "
            "for lists."
        )
    return plan.model_copy(update={"author": author})


def finished_steps(text: str, done: int = 0) -> Iterator[JSONObject]:
    """Yield the steps that stand complete in an unfinished reply, from number ``done`` on.

    A reply arrives in pieces; a step whose closing brace is there will not change any more.
    """
    start = text.find('"steps"')
    start = text.find("[", start) if start >= 0 else -1
    if start < 0:
        return
    at, number = start + 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or text[at] != "{":
            return
        try:
            found, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if number >= done:
            yield cast("JSONObject", _tidy(_printable(found)))
        number += 1


def loose_ends(plan: Plan) -> dict[StepId, str]:
    """Return what is wrong with steps that nothing comes of: neither an answer nor another step."""
    used: set[str] = {need for step in plan.steps for need in step.needs}
    pending: list[Binding] = [each.source for each in plan.asks]
    while pending:
        source = pending.pop()
        if isinstance(source, FromStep):
            used.add(source.step)
        elif isinstance(source, AllOf):
            pending.extend(source.all)
        elif isinstance(source, FirstOf):
            pending.extend(source.first)
    return {
        step.id: f"Step {step.id!r} ({step.expert}) leads nowhere: no answer and no other step takes "
        "what it makes. Give an answer for it where it was asked for; else leave it out."
        for step in plan.steps
        if step.id not in used
    }


def without_loose_ends(plan: Plan, kept: Container[str]) -> Plan:
    """Return a plan without steps that nothing comes of, but for those that are to be ``kept``."""
    while gone := loose_ends(plan).keys() - {e.id for e in plan.steps if e.id in kept}:
        steps = tuple(each for each in plan.steps if each.id not in gone)
        plan = plan.model_copy(update={"steps": steps})
    return plan


def describe(card: ExpertCard) -> str:
    """Return what a model is told of an expert: its signature, a sentence, two examples."""
    lines = [card.signature, f"  {_plain(card.description, 300)}"]
    lines += [
        f"  {each.name}: {_plain(each.description, 160)}"
        for each in card.inputs
        if each.description
    ]
    if len(card.outputs) > 1:
        given = ", ".join(f"{port.name}: {port.type_name}" for port in card.outputs)
        lines.append(f"  outputs: {given}")
    if card.examples:
        shown = "; ".join(_plain(each, 80) for each in card.examples[:2])
        lines.append(f"  for requests such as: {shown}")
    return "\n".join(lines)


def _step(
    card: ExpertCard, inputs: Mapping[str, Port], made: Sequence[Port], *, each: bool
) -> JSONObject | None:
    """Return a branch of one expert; None where a port that it needs can be given nothing.

    Args:
        card: The expert.
        inputs: What is attached.
        made: What the experts give.
        each: Whether it is called for each item of a list, which alone lets a port take the item.
    """
    ports: dict[str, JSON] = {}
    items = False
    for port in card.inputs:
        refs = _references(
            {name: one for name, one in inputs.items() if fits(one, port)},
            steps=any(fits(one, port) for one in made),
        )
        options: list[JSON] = list(refs)
        if not _OPAQUE.issuperset(port.kinds):
            options.insert(0, _literal(port))
        # A step that is called for each item gives a list itself, whatever its expert gives.
        if each and any(fits(one, port, item=True) for one in (*_lists(inputs).values(), *made)):
            items = True
            options.append(_ITEM)
        if port.many and refs:
            several: JSONObject = {"type": "array", "items": {"anyOf": cast("JSON", refs)}}
            options.append(_object({"all": several}))
        if not port.required:
            options.append({"type": "null"})
        elif not options:
            return None
        ports[port.name] = {"anyOf": options}
    if each and not items:
        return None
    needed = [port.name for port in card.inputs if port.required]
    bound: JSONObject = {
        "type": "object",
        "properties": ports,
        "required": cast("JSON", needed),
        "additionalProperties": False,
    }
    listed: JSONObject = {"anyOf": cast("JSON", _references(_lists(inputs), steps=True))}
    shape = _object(
        {
            "id": {"type": "string"},
            "expert": {"type": "string", "const": card.name},
            "inputs": bound,
            **({"foreach": listed} if each else {}),
        }
    )
    if not each:
        cast("dict[str, JSON]", shape["properties"])["foreach"] = {"type": "null"}
    return shape


def _lists(inputs: Mapping[str, Port]) -> dict[str, Port]:
    return {name: port for name, port in inputs.items() if port.many}


_OPAQUE = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT})
"""Kinds that no model writes down: a file, or another expert, gives them."""

_ITEM: JSONObject = {
    "type": "object",
    "properties": {"item": {"type": "boolean", "const": True}},
    "required": ["item"],
    "additionalProperties": False,
}


def _references(inputs: Mapping[str, Port], *, steps: bool) -> list[JSONObject]:
    """Return what a binding may point at: one of these inputs, or a step."""
    found: list[JSONObject] = []
    if inputs:
        found.append(_object({"input": {"type": "string", "enum": list(inputs)}}))
    if steps:
        found.append(
            {
                "type": "object",
                "properties": {"step": {"type": "string"}, "output": {"type": ["string", "null"]}},
                "required": ["step"],
                "additionalProperties": False,
            }
        )
    return found


def _literal(port: Port) -> JSONObject:
    value: JSONObject
    if port.choices:
        value = {"enum": list(port.choices)}
    elif port.kind is Kind.DATA and port.json_schema is not None:
        kind = port.json_schema.get("type")
        value = {"type": kind} if isinstance(kind, str) and kind in _SCALARS else {}
    else:
        value = {"type": "string"}
    return _object({"value": value})


def _object(properties: dict[str, JSON] | dict[str, JSONObject]) -> JSONObject:
    return {
        "type": "object",
        "properties": cast("JSON", properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _object_in(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a reply with steps, else the first with another part of a plan."""
    first, at = None, 0
    text = text[:_LONGEST]
    while (at := text.find("{", at)) >= 0:
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(found, dict):
            read = cast("dict[str, Any]", found)
            inner = read.get("plan")
            if isinstance(inner, dict):
                return cast("dict[str, Any]", inner)
            if "steps" in read:
                return read
            if first is None and not _PARTS.isdisjoint(read):
                first = read  # a step of a plan that was cut off is no plan without steps
        at = end
    return first


def _printable(value: Any) -> Any:
    """Return JSON without halves of characters, which an escape can be, and which nothing takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {_printable(name): _printable(each) for name, each in fields.items()}
    if isinstance(value, list):
        return [_printable(each) for each in cast("list[Any]", value)]
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Python's own takes NaN and Infinity, which nothing that a plan is sent to takes."""


def _tidy(value: Any) -> Any:
    """Drop nulls of optional fields: a model under a schema must write them."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {
            name: each if name == "value" else _tidy(each)
            for name, each in fields.items()
            if each is not None or name == "value"
        }
    if isinstance(value, list):
        return [_tidy(each) for each in cast("list[Any]", value)]
    return value


def _plain(text: str, most: int) -> str:
    """Return one line without control characters: a card is somebody else's text."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line.replace("<", "(").replace(">", ")")
    return line if len(line) <= most else f"{line[: most - 1]}…"


__all__ = (
    "MOST_STEPS",
    "describe",
    "finished_steps",
    "loose_ends",
    "plan_schema",
    "read_plan",
    "without_loose_ends",
)

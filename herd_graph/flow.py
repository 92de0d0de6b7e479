"""What flows where in a plan: the port behind each binding, the order of steps, cycles, literals.

Pure and fast, so that it can be asked at every turn: a port is looked up once for each step.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import PlanInvalid
from herd_graph.plans import AllOf, Binding, FromInput, FromStep, Item, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.types import JSON, JSONObject, Kind, StepId

_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    dict: "object",
    list: "array",
    type(None): "null",
}
_PLAIN = {"type", "title", "description", "enum", "const", "default", "examples"}
_FAMILIES = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


class Flow:
    """A plan beside the experts that it names. Made for one check or one run; never changes.

    Args:
        plan: The plan.
        experts: Who is present.
        inputs: Ports of what is attached; by default what the plan itself declares.
    """

    def __init__(
        self, plan: Plan, experts: Snapshot, inputs: Mapping[str, Port] | None = None
    ) -> None:
        self.plan = plan
        self.experts = experts
        self.inputs: Mapping[str, Port] = {**plan.inputs, **(inputs or {})}
        self.steps: dict[str, Step] = {}
        for each in plan.steps:
            self.steps.setdefault(each.id, each)
        self._given: dict[tuple[str, str | None], Port | None] = {}

    def card(self, step: Step) -> ExpertCard | None:
        """Return the card of a step's expert; None where it is unknown or chosen late."""
        if step.expert is None or not self.experts.knows(step.expert):
            return None
        return self.experts.find(step.expert).card

    def source(self, binding: Binding, step: Step | None = None) -> Port | None:
        """Return the port behind a binding; None where nobody can know it yet.

        Args:
            binding: A binding of ``step``, or of an answer.
            step: Whose ``foreach`` an item belongs to.
        """
        if isinstance(binding, FromStep):
            return self._output(binding)
        if isinstance(binding, FromInput):
            return self.inputs.get(binding.input)
        if isinstance(binding, Value):
            return port_of(binding.value)
        if isinstance(binding, Item):
            if step is None or step.foreach is None or isinstance(step.foreach, Item):
                return None
            listed = self.source(step.foreach, step)
            return None if listed is None else item_of(listed)
        if isinstance(binding, AllOf):
            found = [self.source(each, step) for each in binding.all]
            merged = _merge([each for each in found if each is not None])
            known = merged is not None and None not in found
            return merged.model_copy(update={"many": True}) if known and merged else None
        found = [self.source(each, step) for each in binding.first]
        return None if None in found else _merge([each for each in found if each is not None])

    def _output(self, binding: FromStep) -> Port | None:
        key = (binding.step, binding.output)
        if key not in self._given:
            step = self.steps.get(binding.step)
            self._given[key] = None if step is None else self.gives(step, binding.output)
        return self._given[key]

    def gives(self, step: Step, output: str | None = None) -> Port | None:
        """Return the port of a step's output: a list when the step has a ``foreach``."""
        card = self.card(step)
        port = card.output(output) if card is not None else None
        if step.expert is None and step.capability is not None and step.capability.gives:
            port = Port(name=output or "result", kind=step.capability.gives)
        if port is not None and step.foreach is not None and not port.many:
            port = port.model_copy(update={"many": True})
        return port


def source_port(
    binding: Binding,
    plan: Plan,
    experts: Snapshot,
    inputs: Mapping[str, Port] | None = None,
    step: Step | None = None,
) -> Port | None:
    """Return the port behind one binding; ``Flow`` is quicker for many. See ``Flow.source``."""
    return Flow(plan, experts, inputs).source(binding, step)


def item_of(listed: Port) -> Port | None:
    """Return the port of one item of what ``listed`` gives; None when that is unknown."""
    if listed.many:
        return listed.model_copy(update={"many": False})
    if listed.kind is Kind.TABLE:
        return Port(name=listed.name, kind=Kind.DATA, json_schema={"type": "object"})
    items = (listed.json_schema or {}).get("items")
    if listed.kind is not Kind.DATA or not isinstance(items, dict) or "$ref" in items:
        return None
    if items.get("type") == "string":  # a JSON string comes as text
        return Port(name=listed.name, kind=Kind.TEXT)
    return Port(name=listed.name, kind=Kind.DATA, json_schema=items)


def is_listlike(port: Port) -> bool:
    """Say whether a ``foreach`` may go over what a port gives."""
    if port.many or not {Kind.TABLE, Kind.ANY}.isdisjoint(port.kinds):
        return True
    if Kind.DATA not in port.kinds:
        return False
    kind = (port.json_schema or {}).get("type")
    return not port.choices and (kind is None or kind == "array")


def port_of(value: JSON) -> Port:
    """Return the port that gives a literal."""
    if isinstance(value, str):
        return Port(name="value", kind=Kind.TEXT)
    schema: JSONObject = {"type": _NAMES[type(value)]}
    if isinstance(value, list):
        kinds = {_NAMES[type(each)] for each in value}
        if len(kinds) == 1:
            schema["items"] = {"type": kinds.pop()}
    return Port(name="value", kind=Kind.DATA, json_schema=schema)


def _merge(ports: list[Port]) -> Port | None:
    """Return the port that gives what any of these gives."""
    if not ports:
        return None
    first = ports[0]
    kinds = tuple(dict.fromkeys(kind for each in ports for kind in each.kinds))
    same = all(each.json_schema == first.json_schema for each in ports)
    return first.model_copy(
        update={
            "kind": kinds[0],
            "also": kinds[1:],
            "many": any(each.many for each in ports),
            "json_schema": first.json_schema if same else None,
            "mime": ()
            if any(not e.mime for e in ports)
            else tuple(m for e in ports for m in e.mime),
        }
    )


def order(plan: Plan) -> tuple[StepId, ...]:
    """Return the step ids so that each comes after what it needs; else in the plan's own order.

    Raises:
        PlanInvalid: The steps go round in a circle.
    """
    rank = {each.id: place for place, each in enumerate(plan.steps)}
    needs = {each.id: {need for need in each.needs if need in rank} for each in plan.steps}
    waiting = {step: len(found) for step, found in needs.items()}
    consumers: dict[str, list[StepId]] = {}
    for step, found in needs.items():
        for need in found:
            consumers.setdefault(need, []).append(step)
    ready = [rank[step] for step, count in waiting.items() if not count]
    heapq.heapify(ready)
    done: list[StepId] = []
    while ready:
        step = plan.steps[heapq.heappop(ready)].id
        done.append(step)
        for consumer in consumers.get(step, ()):
            waiting[consumer] -= 1
            if not waiting[consumer]:
                heapq.heappush(ready, rank[consumer])
    if len(done) < len(rank):
        raise PlanInvalid([in_words(cycle) for cycle in cycles(plan)])
    return tuple(done)


def in_words(cycle: tuple[StepId, ...]) -> str:
    """Return the sentence that names a cycle."""
    path = " → ".join(repr(each) for each in (*cycle, cycle[0]))
    return (
        f"Steps wait for each other: {path} (each needs the next). Expected an order in which every "
        "step comes after what it needs. Remove one of these bindings."
    )


def cycles(plan: Plan) -> list[tuple[StepId, ...]]:
    """Return the steps that need themselves, and one cycle for each knot of several steps."""
    rank = {each.id: place for place, each in enumerate(plan.steps)}
    needs = {each.id: sorted(need for need in each.needs if need in rank) for each in plan.steps}
    found: list[tuple[StepId, ...]] = []
    others = {step: [need for need in own if need != step] for step, own in needs.items()}
    found.extend((step,) for step, own in needs.items() if step in own)
    for knot in _knots(others):
        if len(knot) > 1:
            start = min(knot, key=rank.__getitem__)
            found.append(_shortest_cycle(start, set(knot), others))
    return sorted(found, key=lambda cycle: rank[cycle[0]])


def _shortest_cycle(
    start: StepId, members: set[StepId], needs: Mapping[StepId, list[StepId]]
) -> tuple[StepId, ...]:
    """Return the shortest way from ``start`` back to itself, breadth first."""
    came_from: dict[StepId, StepId] = {}
    front = [start]
    while front:
        onward: list[StepId] = []
        for step in front:
            for need in needs[step]:
                if need == start:
                    path = [step]
                    while path[-1] != start:
                        path.append(came_from[path[-1]])
                    return tuple(reversed(path))
                if need in members and need not in came_from:
                    came_from[need] = step
                    onward.append(need)
        front = onward
    raise AssertionError(f"{start!r} lies on no cycle")


def _knots(needs: Mapping[StepId, list[StepId]]) -> list[list[StepId]]:
    """Return the strongly connected components (Tarjan 1972), without recursion."""
    index: dict[StepId, int] = {}
    low: dict[StepId, int] = {}
    height: dict[StepId, int] = {}
    stack: list[StepId] = []
    on_stack: set[StepId] = set()
    found: list[list[StepId]] = []
    for root in needs:
        if root in index:
            continue
        work = [(root, iter(needs[root]))]
        index[root] = low[root] = len(index)
        height[root] = len(stack)
        stack.append(root)
        on_stack.add(root)
        while work:
            step, pending = work[-1]
            need = next(pending, None)
            if need is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[step])
                if low[step] == index[step]:
                    at = height[step]
                    found.append(stack[at:])
                    on_stack.difference_update(stack[at:])
                    del stack[at:]
            elif need not in index:
                index[need] = low[need] = len(index)
                height[need] = len(stack)
                stack.append(need)
                on_stack.add(need)
                work.append((need, iter(needs[need])))
            elif need in on_stack:
                low[step] = min(low[step], index[need])
    return found


def why_not(port: Port, value: JSON) -> str | None:
    """Say why a port does not take a literal; None when it does.

    Text stands for a number or a boolean where it reads as one: that is how ports decode it.
    """
    if value is None and not port.required:
        return None
    if port.many and isinstance(value, list):
        single = port.model_copy(update={"many": False})
        found = ((place, why_not(single, each)) for place, each in enumerate(value))
        return next((f"item {place}: {why}" for place, why in found if why), None)
    reasons = [_why_not_kind(kind, port, value) for kind in port.kinds]
    return None if None in reasons else reasons[0]


def _why_not_kind(kind: Kind, port: Port, value: JSON) -> str | None:
    if kind is Kind.ANY:
        return None
    if kind is Kind.TEXT:
        return None if isinstance(value, str | int | float) else "it is no text"
    if kind is Kind.DATA:
        return _why_not_schema(port.json_schema or {}, value)
    if kind is Kind.TABLE:
        rows = isinstance(value, list) and all(isinstance(each, dict) for each in value)
        return None if rows and value else "a table is a list of objects, one for each row"
    return f"{kind.value} content cannot stand in a plan; attach a file and bind it as an input"


def _why_not_schema(schema: JSONObject, value: JSON) -> str | None:
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(choices, list):
        same = any(type(each) is type(value) and each == value for each in choices)
        return None if same else "choose one of " + ", ".join(repr(each) for each in choices)
    kind = schema.get("type")
    if isinstance(value, str) and isinstance(kind, str) and kind != "string":
        value = _read(value, kind)
    if schema.keys() <= _PLAIN:
        if not isinstance(kind, str) or kind not in _FAMILIES:
            return None
        right = isinstance(value, cast("Any", _FAMILIES[kind]))
        if isinstance(value, bool) and kind != "boolean":
            right = False
        if kind == "integer" and isinstance(value, float):
            right = value.is_integer()
        return None if right else f"expected {kind}"
    return _validator(json.dumps(schema, sort_keys=True))(value)


def _read(value: str, kind: str) -> JSON:
    """Read text as ports do: a number or a boolean where the port takes one."""
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
    except ValueError:
        return value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    return value


@lru_cache(maxsize=256)
def _validator(schema: str) -> Callable[[JSON], str | None]:
    lib: Any = import_module("jsonschema")
    validator: Any = lib.Draft202012Validator(json.loads(schema))

    def why(value: JSON) -> str | None:
        error: Any = lib.exceptions.best_match(validator.iter_errors(value))
        if error is None:
            return None
        where = ".".join(str(part) for part in error.absolute_path)
        return f"{where}: {error.message}" if where else str(error.message)

    return why


__all__ = (
    "Flow",
    "cycles",
    "in_words",
    "is_listlike",
    "item_of",
    "order",
    "port_of",
    "source_port",
    "why_not",
)

"""Experts as a model's tools: bounded, paid for and recorded like any other call.

Each call runs as a nested plan of one step: with the herd's limits, breakers and budget. Media never
pass through the model: what the call was given, and what tools made, has a name that the model may
pass on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from herd_graph.adapters.said import from_port
from herd_graph.artifacts import Artifact
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import HerdError, PortViolation
from herd_graph.expansion import PlannedExpert
from herd_graph.experts import Expert, Inputs, Outputs, Payload
from herd_graph.plans import Plan
from herd_graph.slots import Slot, as_text
from herd_graph.types import Kind
from herd_graph.workflows import plan_runner

MOST_ROUNDS = 6
"""How often in a row a model may ask for tools, before it has to answer."""
MOST_CALLS = 16
"""Calls of tools in one call of a model."""
_MOST_CHARS = 20_000
_TEXTS = {Kind.TEXT, Kind.DATA, Kind.TABLE}


class ToolBox:
    """The tools of one call of a model.

    Args:
        tools: The experts.
        inputs: What the model was called with; the model may pass it on by name.
        context: The call's context: money, time and events are the model's own.
        max_rounds: How often the model may ask for tools.
    """

    def __init__(
        self, tools: tuple[Expert, ...], inputs: Inputs, context: ExpertContext, max_rounds: int
    ) -> None:
        self._tools = {each.name: each for each in tools}
        self._context = context
        self._rounds = max_rounds
        self._calls = 0
        self._things: dict[str, Artifact] = {}
        for name, given in inputs.items():
            items = given if isinstance(given, list) else [given]
            for number, item in enumerate(items, start=1):
                if item.kind not in _TEXTS:
                    self._things[name if len(items) == 1 else f"{name}_{number}"] = item

    @property
    def is_open(self) -> bool:
        """Whether the model may ask for another tool."""
        return self._rounds > 0 and self._calls < MOST_CALLS

    @property
    def schemas(self) -> list[dict[str, Any]]:
        """The tools, as OpenAI's API takes them."""
        return [
            {
                "type": "function",
                "function": {
                    "name": each.name,
                    "description": each.card.description,
                    "parameters": self._parameters(each.card),
                },
            }
            for each in self._tools.values()
        ]

    async def answer(self, calls: list[Any]) -> list[dict[str, Any]]:
        """Call what the model asked for, one after the other, and return the messages."""
        self._rounds -= 1
        told: list[dict[str, Any]] = []
        for each in calls:
            self._calls += 1
            said = await self._called(str(each.function.name), str(each.function.arguments or "{}"))
            told.append({"role": "tool", "tool_call_id": each.id, "content": said})
        return told

    async def _called(self, name: str, arguments: str) -> str:
        """Make one call and return what the model is told, also when it fails."""
        tool = self._tools.get(name)
        if tool is None:
            return f"Error: there is no tool {name!r}. There are {', '.join(self._tools)}."
        if self._calls > MOST_CALLS:
            return f"Error: at most {MOST_CALLS} calls are made. Answer with what you have."
        try:
            given: Any = json.loads(arguments)
            inputs = self._inputs(tool.card, given)
        except ValueError as error:
            return f"Error: the arguments are no JSON: {error}."
        except HerdError as error:
            return f"Error: {error}"
        self._context.progress(message=f"calls {name}")
        try:
            outputs = await call_inside(tool, inputs, self._context, self._calls)
        except HerdError as error:
            return f"Error: {error}"[:_MOST_CHARS]
        return self._told(tool.card, outputs)[:_MOST_CHARS]

    def _inputs(self, card: ExpertCard, given: Any) -> dict[str, Payload]:
        if not isinstance(given, Mapping):
            raise PortViolation(f"{card.name!r} takes named arguments. Expected an object.")
        named = cast("Mapping[str, Any]", given)
        unknown = [each for each in named if card.input(each) is None]
        if unknown:
            raise PortViolation(f"{card.name!r} has no input {unknown[0]!r}: {card.signature}.")
        missing = [each.name for each in card.inputs if each.required and each.name not in named]
        if missing:
            raise PortViolation(f"{card.name!r} needs {missing[0]!r}: {card.signature}.")
        made: dict[str, Payload] = {}
        for port in card.inputs:
            value = named.get(port.name)
            if value is not None:
                made[port.name] = self._payload(port, value)
        return made

    def _payload(self, port: Port, value: Any) -> Payload:
        slot = from_port(port)
        if isinstance(value, list) and port.many:
            items = cast("list[Any]", value)
            return [self._one(slot, each) for each in items]
        one = self._one(slot, value)
        return [one] if port.many else one

    def _one(self, slot: Slot, value: Any) -> Artifact:
        kinds = set(slot.port.kinds)
        if isinstance(value, str) and value in self._things:
            return self._things[value]
        if not kinds & {*_TEXTS, Kind.ANY}:
            raise PortViolation(
                f"{value!r:.80} is no file here. Expected one of {', '.join(self._things) or 'none'}."
            )
        single = Slot(port=slot.port.model_copy(update={"many": False}), python=slot.python)
        made = single.encode(value)
        assert isinstance(made, Artifact)
        return made

    def _told(self, card: ExpertCard, outputs: Outputs) -> str:
        lines: list[str] = []
        for port in card.outputs:
            given = outputs.get(port.name)
            items = given if isinstance(given, list) else [] if given is None else [given]
            said = "\n".join(self._named(each) for each in items)
            lines.append(said if len(card.outputs) == 1 else f"{port.name}: {said}")
        return "\n".join(lines)

    def _named(self, item: Artifact) -> str:
        if item.kind in _TEXTS:
            return as_text(item)
        name = f"{item.kind.value}_{self._calls}"
        while name in self._things:
            name += "b"
        self._things[name] = item
        return f"[{item.kind.value}, named {name!r}: pass this name to another tool]"

    def _parameters(self, card: ExpertCard) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {port.name: self._schema(port) for port in card.inputs},
            "required": [port.name for port in card.inputs if port.required],
        }

    def _schema(self, port: Port) -> dict[str, Any]:
        kinds = set(port.kinds)
        if not kinds & {*_TEXTS, Kind.ANY}:
            names = ", ".join(self._things) or "none so far"
            one: dict[str, Any] = {"type": "string", "description": f"the name of a file: {names}"}
        elif port.kind is Kind.DATA:
            one = dict(port.json_schema or {})
        elif port.kind is Kind.TABLE:
            one = {"type": "array", "items": {"type": "object"}}
        else:
            one = {"type": "string"}
        if port.description:
            one = {"description": port.description, **one}
        return {"type": "array", "items": one} if port.many else one


async def call_inside(tool: Expert, inputs: Inputs, context: ExpertContext, number: int) -> Outputs:
    """Call an expert from within the call of another, as a nested plan of one step.

    Args:
        tool: The expert.
        inputs: What it is given.
        context: The call around it, which pays.
        number: Which of the calls inside it is.

    Raises:
        HerdError: It failed, or the budget does not allow it.
    """
    runner = plan_runner.get()
    if runner is None:  # outside a herd
        await tool.load()
        return await tool.invoke(inputs, context)
    return await runner(_planned(tool, inputs, number), inputs, context)


def _planned(tool: Expert, inputs: Inputs, number: int) -> PlannedExpert:
    """Return a plan of the one call; the number keeps its thread apart from other calls'."""
    card = tool.card
    plan = Plan.parse(
        {
            "inputs": {
                port.name: port.model_dump(mode="json")
                for port in card.inputs
                if port.name in inputs
            },
            "steps": [
                {
                    "id": "s1",
                    "expert": card.id,
                    "inputs": {name: {"input": name} for name in inputs},
                }
            ],
            "answers": [
                {"ask": port.name, "source": {"step": "s1", "output": port.name}}
                for port in card.outputs
                if port.required
            ],
        }
    )
    outputs = tuple(port for port in card.outputs if port.required)
    version = f"{card.version}.{number}"[-32:]
    named = card.model_copy(update={"version": version, "outputs": outputs})
    return PlannedExpert(named, plan, {card.id: tool})


__all__ = ("MOST_CALLS", "MOST_ROUNDS", "ToolBox", "call_inside")

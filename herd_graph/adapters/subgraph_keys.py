"""The keys of a graph's state as ports: what goes in, what comes out, and which are messages."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast, get_args, get_origin

from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import BaseModel

from herd_graph.adapters.chat_content import artifacts_in, block
from herd_graph.adapters.said import Said
from herd_graph.artifacts import Artifact, Text
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError, HerdError, suggest
from herd_graph.experts import Inputs, Outputs
from herd_graph.slots import Slot, make_slot
from herd_graph.types import Kind


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of the graph's state, and the port that stands for it."""

    name: str
    slot: Slot
    is_messages: bool = False
    required: bool = True


def said_keys(slots: tuple[Slot, ...] | None) -> tuple[Key, ...]:
    return tuple(
        Key(name=slot.port.name, slot=slot, required=slot.port.required) for slot in slots or ()
    )


def keys_of(
    graph: Any, side: str, reference: str, chosen: tuple[str, ...] | None
) -> tuple[Key, ...]:
    """Return the keys of one side of a graph, as ports."""
    builder = getattr(graph, "builder", None)
    schema = getattr(builder, f"{side}_schema", None)
    if schema is None:
        raise DeclarationError(
            f"{reference} does not say what it {'takes' if side == 'input' else 'gives'}. Expected "
            "a StateGraph with a schema. Say it with takes={…} and gives={…}."
        )
    hints = typing.get_type_hints(schema, include_extras=True)
    for name in chosen or ():
        if name not in hints:
            raise DeclarationError(
                f"{reference} has no key {name!r}. {suggest(name, hints, what='Its keys')}"
            )
    found: list[Key] = []
    for name, hint in hints.items():
        if chosen and name not in chosen:
            continue
        required = bool(chosen) or _is_required(schema, name)
        if _is_messages(hint):
            found.append(Key(name=name, slot=_TEXT, is_messages=True))
            continue
        try:
            slot = make_slot(name, _bare(hint), f"key {name!r} of {reference}")
        except DeclarationError:
            if (side == "input" and required) or chosen:
                raise
            continue  # a key of its own, such as an object that no JSON can say
        found.append(Key(name=name, slot=slot, required=required))
    if not found:
        raise DeclarationError(
            f"No key of {reference} can be a port. Expected text, numbers, pydantic models or "
            "messages. Say them with takes={…} and gives={…}."
        )
    return tuple(found)


def insist_on_choice(
    graph: Any,
    reference: str,
    takes: tuple[Key, ...],
    gives: tuple[Key, ...],
    chosen: Mapping[str, tuple[str, ...]],
    said: Said,
) -> None:
    """One schema for everything does not tell what goes in from what comes out."""
    told = (said.takes is not None or "takes" in chosen) and (
        said.gives is not None or "gives" in chosen
    )
    builder = getattr(graph, "builder", None)
    shared = builder is not None and builder.input_schema is builder.output_schema
    if told or not shared or len({each.name for each in (*takes, *gives)}) == 1:
        return
    if any(key.is_messages for key in takes) and not ("takes" in chosen or said.takes):
        return
    names = ", ".join(repr(each.name) for each in takes)
    raise DeclarationError(
        f"{reference} has one schema for what goes in and what comes out: {names}. Expected to know "
        "which is which. Name them: takes=['…'], gives=['…'], or give the graph an input_schema and "
        "an output_schema."
    )


def _is_required(schema: Any, name: str) -> bool:
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        return schema.model_fields[name].is_required()
    if dataclasses.is_dataclass(cast("Any", schema)):
        listed: Any = dataclasses.fields(cast("Any", schema))
        each = next(one for one in listed if one.name == name)
        return each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
    return name in getattr(cast("Any", schema), "__required_keys__", frozenset[str]())


def _bare(hint: Any) -> Any:
    """Return a type without what LangGraph adds (``Annotated[…, reducer]``, ``NotRequired``)."""
    origin = get_origin(hint)
    if origin in {typing.Required, typing.NotRequired}:
        return _bare(get_args(hint)[0])
    if origin is Annotated:
        inner, *extras = get_args(hint)
        said = next((each for each in extras if isinstance(each, str | Port)), None)
        return Annotated[_bare(inner), said] if said is not None else _bare(inner)
    return hint


def _is_messages(hint: Any) -> bool:
    bare = _bare(hint)
    if get_origin(bare) not in {list, Sequence, tuple}:
        return False
    items = get_args(bare)[:1]
    members = [part for each in items for part in (get_args(_bare(each)) or (each,))]
    return any(
        isinstance(each, type) and issubclass(each, BaseMessage)
        for each in (get_origin(_bare(one)) or _bare(one) for one in members)
    )


_TEXT = make_slot("text", str, "a message")


def ports_in(key: Key) -> tuple[Port, ...]:
    if key.is_messages:
        return (
            Port(name="message", kind=Kind.TEXT, description="What is wanted, in words."),
            Port(
                name="context",
                kind=Kind.ANY,
                many=True,
                required=False,
                description="What the message is about.",
            ),
        )
    return (key.slot.port.model_copy(update={"required": key.required}),)


def ports_out(key: Key, *, alone: bool) -> tuple[Port, ...]:
    if key.is_messages:
        return (
            Port(name="result", kind=Kind.TEXT, required=alone),
            Port(name="media", kind=Kind.ANY, many=True, required=False),
        )
    return (key.slot.port.model_copy(update={"required": alone}),)


def message_of(inputs: Inputs) -> HumanMessage:
    text, files = inputs["message"], inputs.get("context", [])
    words = text.text if isinstance(text, Text) else str(text)
    several = files if isinstance(files, list) else [files]
    if not several:
        return HumanMessage(words)
    blocks: list[Any] = [{"type": "text", "text": words}]
    blocks.extend(block(each, "standard") for each in several)
    return HumanMessage(content=blocks)


def last_message(value: Any) -> Outputs:
    messages = cast("Sequence[Any]", value)
    if not messages:
        raise HerdError("The graph ended without a message. Expected an answer at the end.")
    found = artifacts_in(messages[-1].content)
    texts = [each.text for each in found if isinstance(each, Text) and not each.name]
    others: list[Artifact] = [each for each in found if not isinstance(each, Text) or each.name]
    made: Outputs = {"result": Text("\n\n".join(texts))}
    if others:
        made["media"] = others
    return made


__all__ = (
    "Key",
    "insist_on_choice",
    "keys_of",
    "last_message",
    "message_of",
    "ports_in",
    "ports_out",
    "said_keys",
)

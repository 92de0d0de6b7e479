"""From what a LangChain runnable gives to payloads, by output port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.documents import Document
from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.prompt_values import PromptValue
from pydantic import BaseModel

from herd_graph.adapters.chat_content import artifacts_in, sorted_out
from herd_graph.adapters.schemas import from_bytes
from herd_graph.artifacts import Artifact, Data, Image, Text
from herd_graph.errors import HerdError, PortViolation
from herd_graph.experts import Outputs, Payload
from herd_graph.slots import Slot
from herd_graph.types import Kind


@dataclass(kw_only=True)
class Taken:
    """What was made of a result."""

    outputs: Outputs = field(default_factory=dict[str, Payload])
    lost: list[str] = field(default_factory=list[str])
    """Optional outputs that are no payload."""


def results(slots: tuple[Slot, ...], result: Any) -> Taken:
    """Return a payload for each output port.

    Raises:
        PortViolation: A port that gets nothing, or something that it does not give.
    """
    if isinstance(result, ToolMessage) and slots[-1].port.name == "artifact":
        return _with_artifact(slots, result)
    if len(slots) == 1:
        return Taken(outputs={slots[0].port.name: payload(slots[0], result)})
    if isinstance(result, Mapping):
        named = cast("Mapping[str, Any]", result)
        missing = [each.port.name for each in slots if each.port.name not in named]
        if missing:
            raise PortViolation(
                f"It gave {', '.join(map(repr, named)) or 'nothing'}. Expected also "
                f"{', '.join(map(repr, missing))}. Say what it gives: gives={{…}}."
            )
        return Taken(
            outputs={each.port.name: payload(each, named[each.port.name]) for each in slots}
        )
    found = _artifacts(result)
    made: Outputs = {}
    for each in slots:  # a message with words and a picture, for a port of each
        mine = [item for item in found if item.kind in each.port.kinds]
        made[each.port.name] = sorted_out(
            mine, each.port.kinds, repr(each.port.name), many=each.port.many
        )
    return Taken(outputs=made)


def _with_artifact(slots: tuple[Slot, ...], message: ToolMessage) -> Taken:
    """Keep both of ``content_and_artifact``: what a model reads, and the thing itself."""
    content, kept = slots[:-1], slots[-1]
    taken = results(content, message.content)
    name = kept.port.name
    if message.artifact is None:
        return taken
    try:
        taken.outputs[name] = payload(kept, message.artifact)
    except HerdError:
        if kept.port.required:
            raise
        taken.lost.append(f"The artifact ({type(message.artifact).__name__})")
    return taken


def payload(slot: Slot, value: Any) -> Payload:
    """Return the payload for one port. Raises ``PortViolation``."""
    port, kinds = slot.port, slot.port.kinds
    if isinstance(value, BaseMessage | PromptValue) or is_content(value):
        found = _artifacts(value)
        words = [each for each in found if isinstance(each, Text)]
        if len(words) < len(found) or Kind.TEXT in kinds or Kind.ANY in kinds:
            return sorted_out(found, kinds, repr(port.name), many=port.many)
        value = "".join(each.text for each in words)
    plain = _plain(value)
    if isinstance(plain, Artifact) or port.many:
        return slot.encode(plain)
    if isinstance(plain, bytes):
        return slot.encode(from_bytes(plain, limits=None))
    if isinstance(plain, str) and (Kind.TEXT in kinds or Kind.ANY in kinds):
        return Text(plain)
    if Kind.ANY in kinds or (Kind.DATA in kinds and Kind.TEXT in kinds):
        return Data(plain)
    if port.kind is Kind.TEXT and isinstance(plain, int | float | bool):
        return Text(str(Data(plain)))
    return slot.encode(plain)


def is_content(value: Any) -> bool:
    """Say whether a value is a message's content: a list of typed blocks."""
    if not isinstance(value, list | tuple) or not value:
        return False
    items = cast("Sequence[Any]", value)
    blocks = [each for each in items if not isinstance(each, str)]
    return bool(blocks) and all(_is_block(each) for each in blocks)


def _is_block(each: Any) -> bool:
    return isinstance(each, dict) and isinstance(cast("dict[str, Any]", each).get("type"), str)


def _artifacts(value: Any) -> list[Artifact]:
    if isinstance(value, BaseMessage):
        return artifacts_in(value.content)
    if isinstance(value, PromptValue):
        return [Text(value.to_string())]
    return artifacts_in(value)


def _plain(value: Any) -> Any:
    """Return LangChain's own types as JSON, and pictures as artifacts; other values as they are."""
    if isinstance(value, BaseMessage):
        return value.text
    if isinstance(value, Document):
        return {"text": value.page_content, "metadata": value.metadata}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("Sequence[Any]", value)]
    if type(value).__module__.startswith("PIL."):
        return Image(value)
    return value


__all__ = ("Taken", "is_content", "payload", "results")

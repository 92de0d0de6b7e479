"""What an MCP tool gives, as artifacts: text, pictures, sound, resources, structured content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from herd_graph.adapters.results import result_ports, sorted_results
from herd_graph.adapters.schemas import (
    Field,
    from_base64,
    from_bytes,
    read_result,
    result_field,
)
from herd_graph.artifacts import Artifact, Text
from herd_graph.artifacts.base import printable
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError, PortViolation
from herd_graph.experts import Outputs
from herd_graph.slots import Slot
from herd_graph.types import JSON, Kind

_WRAPPED = "x-fastmcp-wrap-result"


@dataclass(frozen=True, kw_only=True)
class Gives:
    """The outputs of one tool."""

    ports: tuple[Port, ...]
    field: Field | None = None
    """The schema of its structured content; None where it promises none."""
    is_wrapped: bool = False
    """A value that is no object comes as ``{"result": value}``."""
    said: Slot | None = None
    """What the user says that it gives."""

    def read(self, result: Any, linked: Mapping[str, Any]) -> Outputs:
        """Return the outputs that a result holds. Raises ``PortViolation``."""
        if self.field is not None:
            value = result.structured_content
            if value is None:
                raise PortViolation(
                    "The tool gave no structured content, and its output schema promises it. "
                    "Tell who runs the server, or say what it gives with gives=…."
                )
            value = value.get("result") if self.is_wrapped else value
            return {self.field.port.name: read_result(value, self.field)}
        found: list[Artifact] = [
            each for block in result.content for each in artifacts_of(block, linked)
        ]
        if not found and result.structured_content is not None:
            found.append(Text(str(result.structured_content)))
        if self.said is not None:
            return {self.said.port.name: _chosen(found, self.said)}
        return sorted_results(found)


def gives_of(schema: Mapping[str, Any] | None, said: Slot | None) -> Gives:
    """Return the outputs of a tool.

    Without a schema a tool may give anything: ``result`` is its text, else the first other thing
    that it gives; ``media`` are the pictures, recordings and files beside a text.
    """
    if said is not None:
        return Gives(ports=(said.port,), said=said)
    if schema:
        properties: Any = schema.get("properties") or {}
        # Both of Python's servers wrap what is no object; one of them says so.
        wrapped = bool(schema.get(_WRAPPED)) or list(properties) == schema.get("required") == [
            "result"
        ]
        inner: Any = (properties.get("result") or {}) if wrapped else schema
        try:
            field = result_field(inner, schema)
        except DeclarationError:  # a schema that leads nowhere: what comes is taken as it is
            pass
        else:
            return Gives(ports=(field.port,), field=field, is_wrapped=wrapped)
    return Gives(ports=result_ports())


def artifacts_of(block: Any, linked: Mapping[str, Any]) -> list[Artifact]:
    """Return the artifacts in one block of content.

    Args:
        block: The block, of whatever type.
        linked: What was read of the resources that the result links to.
    """
    kind = block.type
    if kind == "text":
        return [Text(block.text)]
    if kind in {"image", "audio"}:
        return [from_base64(block.data, block.mime_type, limits=None)]
    if kind == "resource":
        return [_resource(block.resource)]
    if kind == "resource_link":
        contents = linked.get(str(block.uri))
        if contents:
            return [_resource(each) for each in contents]
        return [Text(f"{block.name}: {block.uri}")]
    return [Text(f"(a block of type {kind!r}, which is not known)")]


def _resource(resource: Any) -> Artifact:
    name = str(resource.uri).rstrip("/").rpartition("/")[2][:200]
    mime = resource.mime_type or ""
    blob = getattr(resource, "blob", None)
    if blob is not None:
        return from_base64(blob, mime, name, limits=None)
    content = resource.text.encode()
    return from_bytes(content, mime or "text/plain", name, limits=None)


def error_text(result: Any) -> str:
    """Return what a failed call says, without what could drive a terminal."""
    texts = [block.text for block in result.content if block.type == "text"]
    return printable("\n".join(texts).strip())[:2000] or "it gave no reason"


def _chosen(found: list[Artifact], slot: Slot) -> Artifact | list[Artifact]:
    """Return what fits the port that the user named."""
    kinds = set(slot.port.kinds)
    fitting = [each for each in found if each.kind in kinds or Kind.ANY in kinds]
    if slot.port.many:
        return fitting
    if fitting:
        return fitting[0]
    if Kind.DATA in kinds and found and isinstance(found[0], Text):
        import json

        try:
            value: JSON = json.loads(found[0].text)
        except ValueError:
            value = found[0].text
        return cast("Artifact", slot.encode(value))
    given = ", ".join(each.kind.value for each in found) or "nothing"
    raise PortViolation(
        f"The tool gave {given}. Expected {slot.port.type_name}, as gives=… says. Correct that."
    )


__all__ = ("Gives", "artifacts_of", "error_text", "gives_of")

"""What goes into MCP's tools and what comes out of them: values, files, pictures and recordings."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, cast

import mcp_types as wire
from fastmcp.tools.base import ToolResult

from herd_graph.agent_tools import arguments_of
from herd_graph.artifacts import Text, load
from herd_graph.cards import ExpertCard, Port
from herd_graph.chat_content import ARTIFACT_URL, stored
from herd_graph.errors import PathNotAllowed
from herd_graph.runs import Run
from herd_graph.serve.calls import Calls
from herd_graph.types import ArtifactRef, Kind
from herd_graph.values import to_plain, to_refs

INLINE_MEDIA_BYTES = 4 << 20
"""Pictures and recordings up to this size are in the result; larger ones are linked to."""

# What goes in -----------------------------------------------------------------------------------


def attached(files: Any, calls: Calls) -> list[ArtifactRef]:
    """Return files as references: ``data:`` URLs, ``herd://artifact/ID``, or allowed paths."""
    listed = cast("Sequence[Any]", files if isinstance(files, list) else [files] if files else [])
    refs: list[ArtifactRef] = []
    for number, value in enumerate(listed, start=1):
        where = f"File {number}"
        if isinstance(value, str) and value.startswith(ARTIFACT_URL):
            refs.append(stored(value, calls.store))
            continue
        if _is_path(value) and not calls.reads_paths:
            raise _no_paths(where, value)
        found = to_refs(value, None, calls.store, calls.config, where)
        refs.extend(found if isinstance(found, list) else [found])
    return refs


def bound(card: ExpertCard, name: str, value: Any, calls: Calls) -> Any:
    """Return an input of an expert as the artifact that it is. Raises ``PortViolation``."""
    port = card.input(name)
    assert port is not None
    where = f"Input {name!r} of expert {card.id!r}"
    several = cast("list[Any]", value if isinstance(value, list) and port.many else [value])
    known = [_given(each, port, where, calls) for each in several]
    found = to_refs(known if port.many else known[0], port, calls.store, calls.config, where)
    if isinstance(found, list):
        return [load(each, calls.store) for each in found]
    return load(found, calls.store)


def _given(value: Any, port: Port, where: str, calls: Calls) -> Any:
    """Return a value as it can be bound; on a server a string is words, and never a path."""
    if isinstance(value, str) and value.startswith(ARTIFACT_URL):
        return stored(value, calls.store)
    if calls.reads_paths or not _is_path(value) or port.kind is Kind.DATA:
        return value
    if {Kind.TEXT, Kind.ANY} & set(port.kinds):
        return Text(value)
    raise _no_paths(where, value)


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value[:5].lower() != "data:"


def _no_paths(where: str, value: str) -> PathNotAllowed:
    return PathNotAllowed(
        f"{where} is {value!r:.120}, and no paths are read here. Expected the file itself, as a "
        f"data: URL, or {ARTIFACT_URL}ID of an earlier result."
    )


# What comes out ---------------------------------------------------------------------------------


def result_of(run: Run, calls: Calls, *, outputs: bool) -> ToolResult:
    """Return a run as a tool's result: its words, its files, and what is known of it.

    Args:
        run: The run.
        calls: Whose it is.
        outputs: Whether the outputs of its one expert are told by name, in place of plan and parts.
    """
    answer = run.answer
    failed = answer.status in {"failed", "abstained"}
    words = answer.render(provenance=False) or answer.reason
    content: list[Any] = [wire.TextContent(type="text", text=words)]
    if not failed:
        seen: set[str] = set()
        for ref in answer.artifacts:
            if ref.id not in seen and ref.kind not in {Kind.TEXT, Kind.DATA}:
                seen.add(ref.id)
                content.append(_block(ref, calls))
    told: dict[str, Any] = {
        "run": run.id,
        "status": run.status,
        "usd": run.usd,
        "seconds": run.seconds,
        "missing": list(answer.missing),
    }
    if outputs:
        record = run.records.get("s1")
        made = {} if record is None else record.outputs
        told["outputs"] = {name: to_plain(ref, calls.store) for name, ref in made.items()}
    else:
        told["plan"] = run.plan.public()
        told["parts"] = [
            part.model_dump(mode="json", exclude={"sources"}) | {"from": part.provenance}
            for part in answer.parts
        ]
    return ToolResult(content=content, structured_content=told, is_error=failed)


def _block(ref: ArtifactRef, calls: Calls) -> Any:
    """Return a picture or a recording as MCP has it, and a link to anything else."""
    uri = f"{ARTIFACT_URL}{ref.id}"
    if ref.kind in {Kind.IMAGE, Kind.AUDIO} and ref.size <= INLINE_MEDIA_BYTES:
        encoded = base64.b64encode(load(ref, calls.store).bytes()).decode()
        if ref.kind is Kind.IMAGE:
            return wire.ImageContent(type="image", data=encoded, mime_type=ref.mime)
        return wire.AudioContent(type="audio", data=encoded, mime_type=ref.mime)
    return wire.ResourceLink(
        type="resource_link",
        uri=uri,
        name=ref.name or f"{ref.kind.value} {ref.id[:12]}",
        mime_type=ref.mime,
        size=ref.size,
    )


def schema_of(card: ExpertCard, calls: Calls) -> dict[str, Any]:
    """Return the arguments of an expert's tool as a JSON schema."""
    schema: dict[str, Any] = arguments_of(card).model_json_schema()
    if calls.reads_paths:
        return schema
    told = json.dumps(schema)
    for said in ("a file's path, ", "a file's path or "):
        told = told.replace(said, "")
    return json.loads(told)


__all__ = ("INLINE_MEDIA_BYTES", "attached", "bound", "result_of", "schema_of")

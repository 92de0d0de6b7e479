"""A run's parts as they may leave the machine: without secrets, and, as metadata, without contents.

A payload without its secrets is another payload, with another sha256: every reference to it, and the
keys of the calls that it went into, are rewritten, so that the recording still replays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from herd_graph.errors import ArtifactNotFound
from herd_graph.recording.events import Event
from herd_graph.recording.files import RecordedCall, Refs, inputs_key, references
from herd_graph.redaction import Redactor, redactor
from herd_graph.store import ArtifactStore, digest
from herd_graph.types import JSON, ArtifactRef, Kind

Contents: TypeAlias = Literal["full", "metadata"]
"""What a recording holds: everything, or who was called, when, how it went and what it cost."""
_TEXTS = frozenset({Kind.TEXT, Kind.DATA, Kind.TABLE})
_MOST = 16 << 20
_SAID = frozenset(
    {
        *("inline", "text", "task", "value", "request", "query", "ask", "reason", "message"),
        *("unfound", "evidence", "question", "name", "error", "summary", "doubts", "missing"),
    }
)
"""Fields that hold words of the user or of an expert; metadata leaves them out."""


@dataclass(kw_only=True)
class Parts:
    """What a recording is written from."""

    calls: list[RecordedCall]
    events: list[Event]
    documents: dict[str, JSON]
    artifacts: dict[str, ArtifactRef]
    """By sha256; those that are inline are not among them."""
    changed: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Payloads that the store does not have, by sha256."""


def gather(
    calls: Iterable[RecordedCall],
    events: Iterable[Event],
    documents: Mapping[str, JSON],
    artifacts: Iterable[ArtifactRef],
) -> tuple[Parts, list[ArtifactRef]]:
    """Return the parts of a recording, and every reference in them."""
    kept = list(calls)
    every = [
        *artifacts,
        *(ref for call in kept for ref in (*references(call.inputs), *references(call.outputs))),
    ]
    parts = Parts(
        calls=kept,
        events=list(events),
        documents=dict(documents),
        artifacts={ref.id: ref for ref in reversed(every) if ref.inline is None},
    )
    return parts, every


def without_secrets(
    parts: Parts,
    every: Iterable[ArtifactRef],
    store: ArtifactStore,
    *,
    using: Redactor | None = None,
) -> Parts:
    """Return the parts without secrets."""
    cleaner = using or redactor()
    events = [cast("JSON", each.data) for each in parts.events]
    texts = _texts(every, store)
    for value in (*parts.documents.values(), *events):
        cleaner.learn(value)
    for ref, text in texts.values():
        if ref.kind is Kind.DATA:
            cleaner.learn(_parsed(text))
    moved: dict[str, ArtifactRef] = {}
    changed: dict[str, bytes] = {}
    for key, (ref, text) in texts.items():
        clean = _cleaned(cleaner, ref, text)
        if clean == text:
            continue
        content = clean.encode()
        identity = digest(content)
        inline = clean if ref.inline is not None else None
        moved[key] = ref.model_copy(update={"id": identity, "size": len(content), "inline": inline})
        if inline is None:
            changed[identity] = content
    if not moved and not _differs(cleaner, parts):
        return parts

    def one(ref: ArtifactRef) -> ArtifactRef:
        other = moved.get(ref.id)
        sources = tuple(
            moved[each].id if each in moved else each for each in ref.provenance.sources
        )
        update: dict[str, Any] = {
            "name": cleaner.text(ref.name),
            "provenance": ref.provenance.model_copy(update={"sources": sources}),
        }
        if other is not None:
            inline = other.inline if ref.inline is not None else None
            update |= {"id": other.id, "size": other.size, "inline": inline}
        return ref.model_copy(update=update)

    def port(value: Refs) -> Refs:
        return [one(each) for each in value] if isinstance(value, list) else one(value)

    calls: list[RecordedCall] = []
    for call in parts.calls:
        inputs = {name: port(value) for name, value in call.inputs.items()}
        outputs = {name: port(value) for name, value in call.outputs.items()}
        error = cast("Any", cleaner.json(cast("JSON", call.error)))
        update = {"inputs": inputs, "outputs": outputs, "key": inputs_key(inputs), "error": error}
        calls.append(call.model_copy(update=update))

    def document(value: JSON) -> JSON:
        if isinstance(value, dict):
            other = moved.get(str(value.get("id"))) if "kind" in value else None
            if other is not None:
                inline = other.inline if value.get("inline") is not None else None
                value = {**value, "id": other.id, "size": other.size, "inline": inline}
            return {name: document(each) for name, each in value.items()}
        if isinstance(value, list):
            return [document(each) for each in value]
        return moved[value].id if isinstance(value, str) and value in moved else value

    artifacts = [one(ref) for ref in parts.artifacts.values()]
    return Parts(
        calls=calls,
        events=[
            each.model_copy(update={"data": document(cleaner.json(cast("JSON", each.data)))})
            for each in parts.events
        ],
        documents={
            name: document(_but_cards(cleaner, name, each))
            for name, each in parts.documents.items()
        },
        artifacts={ref.id: ref for ref in artifacts if ref.inline is None},
        changed=changed,
    )


def without_contents(parts: Parts) -> Parts:
    """Return the parts as metadata: no payload, and no words of the user or of an expert."""

    def bare(value: Refs) -> Refs:
        if isinstance(value, list):
            return [cast("ArtifactRef", bare(each)) for each in value]
        return value.model_copy(update={"inline": None, "name": ""})

    def document(value: JSON) -> JSON:
        if isinstance(value, dict):
            return {
                name: _emptied(each) if name in _SAID else document(each)
                for name, each in value.items()
            }
        return [document(each) for each in value] if isinstance(value, list) else value

    calls = [
        call.model_copy(
            update={
                "inputs": {name: bare(value) for name, value in call.inputs.items()},
                "outputs": {name: bare(value) for name, value in call.outputs.items()},
                "error": cast("Any", document(cast("JSON", call.error))),
            }
        )
        for call in parts.calls
    ]
    return Parts(
        calls=calls,
        events=[
            each.model_copy(update={"data": {**cast("Any", document(cast("JSON", each.data)))}})
            for each in parts.events
            if each.kind != "asked"
        ],
        documents={
            name: each if name == "cards" else document(each)
            for name, each in parts.documents.items()
            if name != "trace"  # why a router chose what it chose is told in the user's words
        },
        artifacts={},
    )


def _emptied(value: JSON) -> JSON:
    if isinstance(value, str):
        return ""
    return [] if isinstance(value, list) else {} if isinstance(value, dict) else None


def _texts(
    every: Iterable[ArtifactRef], store: ArtifactStore
) -> dict[str, tuple[ArtifactRef, str]]:
    """Return the payloads that are text, by sha256."""
    found: dict[str, tuple[ArtifactRef, str]] = {}
    for ref in every:
        is_text = ref.kind in _TEXTS or ref.mime.startswith("text/")
        if ref.id in found or not is_text or ref.size > _MOST:
            continue
        try:
            text = ref.inline if ref.inline is not None else store.get(ref.id).decode()
        except (ArtifactNotFound, UnicodeDecodeError):
            continue
        found[ref.id] = (ref, text)
    return found


def _parsed(text: str) -> JSON:
    try:
        return cast("JSON", json.loads(text))
    except (ValueError, RecursionError):
        return None


def _cleaned(cleaner: Redactor, ref: ArtifactRef, text: str) -> str:
    """Return a payload's text without secrets; data stays data, written as it was."""
    if ref.kind is not Kind.DATA:
        return cleaner.text(text)
    try:
        value: JSON = json.loads(text)
    except (ValueError, RecursionError):
        return cleaner.text(text)
    clean = cleaner.json(value)
    if clean == value:
        return text
    from herd_graph.artifacts.base import to_json

    return to_json(clean).decode()


def _differs(cleaner: Redactor, parts: Parts) -> bool:
    """Say whether anything beside the payloads holds a secret."""
    values: list[JSON] = [each for name, each in parts.documents.items() if name != "cards"]
    values += [cast("JSON", each.data) for each in parts.events]
    values += [cast("JSON", each.error) for each in parts.calls]
    names = {ref.name for call in parts.calls for ref in references(call.inputs)}
    return any(cleaner.json(each) != each for each in values) or any(
        cleaner.text(each) != each for each in names
    )


def _but_cards(cleaner: Redactor, name: str, value: JSON) -> JSON:
    """Leave the cards of the experts as they are: a port may be called ``token``."""
    return value if name == "cards" else cleaner.json(value)


__all__ = ("Contents", "Parts", "gather", "without_contents", "without_secrets")

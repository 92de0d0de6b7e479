"""Between ports and plain JSON values: what graph state, tools and forms of other programs hold.

Text is a ``str``, data is itself, a table is a list of rows. Pictures, recordings and other media
are an ``ArtifactRef`` as a dict: bytes never enter graph state. In the other direction media may
also be a file's path or a ``data:`` URL.

A path that is a plain string may come from a model or from the network, so it is only read inside
the allowed folders: ``Config.folders``, or the current working directory where none are set.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, cast
from urllib.parse import unquote_to_bytes

from pydantic import ValidationError, WithJsonSchema
from typing_extensions import TypedDict

from herd_graph.artifacts import Artifact, Data, Table, Text, attach, kind_of_mime, load
from herd_graph.artifacts.attach import sniff_bytes
from herd_graph.artifacts.base import class_of, human_size
from herd_graph.cards import Port
from herd_graph.config import Config
from herd_graph.errors import (
    ArtifactNotFound,
    ArtifactTooLarge,
    ArtifactUnreadable,
    PortViolation,
)
from herd_graph.intake import keep
from herd_graph.store import ArtifactStore, digest
from herd_graph.types import JSON, ArtifactRef, Kind

Refs: TypeAlias = "ArtifactRef | list[ArtifactRef]"
_MEDIA = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT})
_SCALARS: dict[str, Any] = {"string": str, "number": float, "integer": int, "boolean": bool}
_LONGEST_PATH = 4096
_REF_KEYS = frozenset({"id", "kind", "mime", "size"})


def guarded(config: Config, folders: Sequence[Path | str] = ()) -> Config:
    """Return settings under which a path from outside is only read inside allowed folders."""
    allowed = tuple(Path(each).expanduser().resolve() for each in folders)
    return replace(config, folders=allowed or config.folders or (Path.cwd(),))


def to_refs(
    value: Any, port: Port | None, store: ArtifactStore, config: Config, where: str
) -> Refs:
    """Put a value into the store and return a reference (a list for a ``many`` port).

    Args:
        value: An artifact, an ``ArtifactRef`` or one as a dict, or a plain value; for media also a
            path, or a ``data:`` URL.
        port: What it is for; None for an attachment of any kind.
        store: Where it goes.
        config: Limits, and the folders that paths may lie in; see ``guarded``.
        where: What the value is, for errors.

    Raises:
        PortViolation: It is nothing that the port takes.
        ArtifactError: A file that is missing, damaged, too large or not allowed.
    """
    if port is not None and port.many:
        single = port.model_copy(update={"many": False})
        items = cast("Sequence[Any]", value) if isinstance(value, list | tuple) else [value]
        found = [to_refs(each, single, store, config, where) for each in items]
        return [each for each in found if isinstance(each, ArtifactRef)]
    ref = _reference(value, store)
    if ref is None:
        made = _media(value, port, config, where)
        kept = keep(value if made is None else made, port, store, config)
        ref = kept if isinstance(kept, ArtifactRef) else kept[0]
    return ref


def _reference(value: Any, store: ArtifactStore) -> ArtifactRef | None:
    """Return the reference that a value is, checked; None where it is something else."""
    if isinstance(value, Mapping) and set(cast("Mapping[str, Any]", value)) >= _REF_KEYS:
        try:
            value = ArtifactRef.model_validate(value)
        except ValidationError:
            return None
    if not isinstance(value, ArtifactRef):
        return None
    if value.inline is not None:
        if digest(value.inline.encode()) != value.id:
            raise ArtifactUnreadable(
                f"The reference {value.id[:12]!r} holds content that it is not the hash of. "
                "Expected a reference as HERD made it. Give the value itself."
            )
    elif not store.holds(value.id):
        raise ArtifactNotFound(
            f"Artifact {value.id[:12]!r} ({value.kind.value}) is not in this store. Expected one "
            "that was put there. Use the same store (HERD_HOME, or store=…) on both sides."
        )
    return value


def _media(value: Any, port: Port | None, config: Config, where: str) -> Artifact | None:
    """Return the artifact behind a path or a ``data:`` URL; None for a plain value."""
    if isinstance(value, Artifact | os.PathLike):
        return None
    wants = _MEDIA if port is None else _MEDIA & set(port.kinds)
    anything = port is None or Kind.ANY in port.kinds
    if isinstance(value, str) and value.startswith("data:") and (wants or anything):
        return _from_data_url(value, config, where)
    if isinstance(value, str) and port is not None and anything:
        return attach(value, config) if _names_file(value) else Text(value)
    if isinstance(value, str) and port is not None and port.kind in {*_MEDIA, Kind.TABLE}:
        return attach(value, config)
    if isinstance(value, str) and port is None:
        return attach(value, config)
    if isinstance(value, bytes) or (port is not None and port.kind in _MEDIA):
        kind = "any kind" if port is None else port.type_name
        raise PortViolation(
            f"{where} is {type(value).__name__}. Expected {kind}: an artifact such as "
            "Image('box.png'), its reference as a dict, a path, or a data: URL."
        )
    return None


def _names_file(value: str) -> bool:
    try:
        return len(value) < _LONGEST_PATH and Path(value).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):
        return False


def _from_data_url(url: str, config: Config, where: str) -> Artifact:
    head, comma, body = url[5:].partition(",")
    if not comma:
        raise ArtifactUnreadable(f"{where} is no whole data: URL. Expected data:image/png;base64,…")
    try:
        if head.endswith(";base64"):
            content = base64.b64decode(body, validate=True)
        else:
            content = unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        raise ArtifactUnreadable(
            f"{where} is a data: URL whose base64 cannot be decoded. Encode the file again."
        ) from None
    mime = sniff_bytes(content[: 1 << 20])
    kind = kind_of_mime(mime)
    most = int(getattr(config.limits, f"{kind.value}_bytes"))
    if len(content) > most:
        raise ArtifactTooLarge(
            f"{where} is {human_size(len(content))} of {kind.value}; the limit is "
            f"{human_size(most)}. Shrink it, or raise the limit in Config(limits=…)."
        )
    made = class_of(kind).__new__(class_of(kind))
    Artifact.__init__(made, content, mime=mime)
    made.check(config.limits)
    return made


def to_plain(refs: Refs | list[ArtifactRef | None], store: ArtifactStore) -> JSON:
    """Return what a reference stands for as plain JSON; media stay references, as dicts."""
    if isinstance(refs, list):
        return [None if each is None else to_plain(each, store) for each in refs]
    artifact = load(refs, store)
    if isinstance(artifact, Text):
        return artifact.text
    if isinstance(artifact, Data):
        return cast("Data[Any]", artifact).value
    if isinstance(artifact, Table):
        return cast("JSON", [dict(row) for row in artifact.rows])
    return cast("JSON", refs.model_dump(mode="json"))


def annotation(port: Port) -> Any:
    """Return the Python type of a port's plain values, for schemas of state and of tools."""
    one = _annotation(port)
    return list[one] if port.many else one


def _annotation(port: Port) -> Any:
    schema = port.json_schema or {}
    if port.choices:
        return Literal[port.choices]  # pyright: ignore[reportInvalidTypeForm]
    if port.scalar is not None:
        return _SCALARS[port.scalar]
    if port.kind is Kind.TEXT and not port.also:
        return str
    if port.kind is Kind.TABLE:
        rows: JSON = {"type": "array", "items": {"type": "object"}}
        return Annotated[Any, WithJsonSchema(cast("Any", rows))]
    if port.kind in _MEDIA:
        note = f"{port.type_name}: a file's path, a data: URL, or a reference"
        either: list[JSON] = [{"type": "string"}, {"type": "object"}]
        return Annotated[Any, WithJsonSchema({"anyOf": either, "description": note})]
    if schema and "$defs" not in schema:
        return Annotated[Any, WithJsonSchema(cast("Any", schema))]
    return Any


def schema_of(name: str, ports: Sequence[Port]) -> type[Any]:
    """Return a ``TypedDict`` with a key for each port."""
    fields = {port.name: annotation(port) for port in ports}
    return cast("type[Any]", TypedDict(name, fields, total=False))  # type: ignore[operator]


__all__ = ("annotation", "guarded", "schema_of", "to_plain", "to_refs")

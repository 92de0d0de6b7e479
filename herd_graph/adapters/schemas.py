"""From JSON schemas to ports: what MCP tools, OpenAPI operations and other descriptions take.

A schema says more than a port does, and less: a string may be text, one of a few words, or a whole
picture in base64. Each ``Field`` knows its port and how a payload is written where it came from.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from herd_graph.adapters.schema_refs import merged, resolve, self_contained, without_null
from herd_graph.adapters.strangers import clean, identifier
from herd_graph.artifacts import Artifact, Data, Table, Text
from herd_graph.artifacts.attach import kind_of_mime, sniff_bytes
from herd_graph.artifacts.base import class_of, human_size
from herd_graph.cards import Port
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, DeclarationError, PortViolation
from herd_graph.experts import Inputs, Payload
from herd_graph.slots import as_text
from herd_graph.types import JSON, Kind

Form = Literal["json", "base64", "base64url", "data_url", "path", "bytes"]
"""How a payload is written: as itself, or as one of the forms that a file's content may take."""
MEDIA: tuple[Kind, ...] = (Kind.DOCUMENT, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.TABLE)
_FORMS: dict[str, Form] = {
    "binary": "bytes",
    "byte": "base64",
    "base64": "base64",
    "base64url": "base64url",
    "data-url": "data_url",
    "data-uri": "data_url",
    "path": "path",
    "file-path": "path",
    "filepath": "path",
}
_LONGEST_PATH = 4096


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property of a schema, and the port that stands for it."""

    key: str
    """The property's name, as the other side writes it."""
    port: Port
    form: Form = "json"
    verbatim: bool = False
    """Words that somebody wrote are sent as they are: only a description speaks of content."""

    def write(self, payload: Payload) -> JSON:
        """Return what the other side is sent for a payload. Raises ``PortViolation``."""
        if isinstance(payload, list):
            return [self.write_one(each) for each in payload]
        return self.write_one(payload)

    def write_one(self, item: Artifact) -> JSON:
        """Return what the other side is sent for one artifact."""
        form = self.form
        if isinstance(item, Text) and not item.name:
            line = item.text.strip()
            if form == "path" and "\n" not in line and len(line) < _LONGEST_PATH:
                return line  # somebody wrote a path
            if self.verbatim:
                return item.text
        if form == "path":
            return str(item.path())
        if form in {"base64", "bytes"}:
            return base64.b64encode(item.bytes()).decode()
        if form == "base64url":
            return base64.urlsafe_b64encode(item.bytes()).decode()
        if form == "data_url":
            return f"data:{item.mime};base64,{base64.b64encode(item.bytes()).decode()}"
        return plain(item)


def plain(item: Artifact) -> JSON:
    """Return text, data or a table as JSON. Raises ``PortViolation`` for media."""
    if isinstance(item, Data):
        return cast("Data[Any]", item).value
    if isinstance(item, Table):
        return cast("JSON", [dict(row) for row in item.rows])
    return as_text(item)


def fields_of(
    schema: Mapping[str, Any], *, root: Mapping[str, Any] | None = None, taken: Collection[str] = ()
) -> tuple[Field, ...]:
    """Return a field for each property of an object schema.

    Args:
        schema: The object's schema.
        root: Where ``$ref`` points into; by default the schema itself.
        taken: Port names that others have already.

    Raises:
        DeclarationError: It is not the schema of an object, or its references lead nowhere.
    """
    root = schema if root is None else root
    whole = merged(resolve(schema, root), root)
    properties: Any = whole.get("properties") or {}
    kind = whole.get("type", "object")
    if kind not in {"object", None} and kind != ["object"]:
        raise DeclarationError(
            f"A schema of type {kind!r} was given for named inputs. Expected an object with "
            "properties. Describe each input as a property."
        )
    if not isinstance(properties, Mapping):
        raise DeclarationError(
            f"The schema's properties are {type(properties).__name__}. Expected an object."
        )
    given: Any = whole.get("required")
    listed = cast("list[Any]", given) if isinstance(given, list) else []
    required = {str(each) for each in listed}
    names = set(taken)
    made: list[Field] = []
    for key, each in cast("Mapping[str, Any]", properties).items():
        made.append(field_of(key, each, root, required=key in required, taken=names))
        names.add(made[-1].port.name)
    return tuple(made)


def field_of(
    key: str,
    schema: Any,
    root: Mapping[str, Any],
    *,
    required: bool = True,
    taken: Collection[str] = (),
    mime: str = "",
    is_input: bool = True,
) -> Field:
    """Return the field for one property.

    Args:
        key: Its name on the other side.
        schema: Its schema.
        root: Where ``$ref`` points into.
        required: Whether it must be given.
        taken: Port names that others have already.
        mime: Its MIME type, where something besides the schema says it.
        is_input: Something is to be written for it: what its description says counts then.
    """
    given: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}  # pyright: ignore[reportUnknownArgumentType]
    name = _port_name(key, taken)
    try:
        return _field(key, name, given, root, required=required, mime=mime, is_input=is_input)
    except (AttributeError, TypeError, KeyError, ValueError, RecursionError) as error:
        raise DeclarationError(
            f"The schema of {key!r} cannot be read ({type(error).__name__}: {error!s:.200}). "
            "Expected a JSON schema. Tell who wrote it."
        ) from error


def _field(
    key: str,
    name: str,
    given: Mapping[str, Any],
    root: Mapping[str, Any],
    *,
    required: bool,
    mime: str,
    is_input: bool,
) -> Field:
    found = resolve(given, root)
    said = clean(str(found.get("description") or ""), most=300).text
    found = without_null(found, root)
    said = said or clean(str(found.get("description") or ""), most=300).text
    many = False
    if found.get("type") == "array" and isinstance(found.get("items"), Mapping):
        items = without_null(resolve(found["items"], root), root)
        if items.get("type") != "array":
            many, found = True, items
    kinds, form, mimes = _content(found, mime)
    spoken = _spoken_of(key, said, found) if form == "json" and is_input else None
    if spoken is not None:
        kinds, form, mimes = *spoken, ()
    data = self_contained(found, root) if Kind.DATA in kinds else None
    if data is not None and data.get("type") != "object":
        data.pop("title", None)  # pydantic writes the property's name there: it says no type
    default = found.get("default")
    port = Port(
        name=name,
        kind=kinds[0],
        also=kinds[1:],
        many=many,
        required=required,
        default=cast("JSON", default) if form == "json" and not many else None,
        description=said,
        json_schema=data or None,
        mime=mimes,
    )
    return Field(key=key, port=port, form=form, verbatim=spoken is not None)


def result_field(
    schema: Mapping[str, Any], root: Mapping[str, Any] | None = None, *, name: str = "result"
) -> Field:
    """Return the field for a result of this schema; see ``read_result``."""
    return field_of(name, schema, schema if root is None else root, is_input=False)


def read_result(value: JSON, field: Field, limits: Limits | None = None) -> Payload:
    """Return the payload for a JSON value that came back. Raises ``PortViolation``."""
    if field.port.many:
        if not isinstance(value, list):
            raise PortViolation(
                f"{field.port.name!r} came back as {type(value).__name__}. Expected "
                f"{field.port.type_name}."
            )
        return [_read_one(each, field, limits) for each in value]
    return _read_one(value, field, limits)


def _read_one(value: JSON, field: Field, limits: Limits | None) -> Artifact:
    if isinstance(value, str) and field.form in {"base64", "base64url", "bytes", "data_url"}:
        body, mime = value, ""
        if value.startswith("data:"):
            head, _, body = value[5:].partition(",")
            mime = head.partition(";")[0]
        return from_base64(body, mime or (field.port.mime or ("",))[0], limits=limits)
    if isinstance(value, str) and Kind.TEXT in field.port.kinds:
        return Text(value)
    if field.port.kind is Kind.TEXT and Kind.DATA not in field.port.kinds:
        return Text(str(Data(value)))
    return Data(value)


def from_base64(content: str, mime: str = "", name: str = "", *, limits: Limits | None) -> Artifact:
    """Return the artifact that base64 text holds. Raises ``PortViolation``."""
    compact = "".join(content.split()).replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except ValueError:
        raise PortViolation(
            "What came back is not whole base64. Expected a file's content in base64."
        ) from None
    return from_bytes(decoded, mime, name, limits=limits)


def from_bytes(
    content: bytes, mime: str = "", name: str = "", *, limits: Limits | None
) -> Artifact:
    """Return an artifact of the kind that its MIME type says, or that its content is.

    Raises:
        ArtifactTooLarge: It is over the limit of its kind.
    """
    mime = mime.partition(";")[0].strip().lower()
    if not mime or "*" in mime or mime in {"application/octet-stream", "binary/octet-stream"}:
        mime = sniff_bytes(content[: 1 << 20], name)
    kind = kind_of_mime(mime)
    most = int(getattr(limits or Limits(), f"{kind.value}_bytes"))
    if len(content) > most:
        raise ArtifactTooLarge(
            f"{name or 'A result'!r} is {human_size(len(content))} of {kind.value}; the limit is "
            f"{human_size(most)}. Ask for less, or raise the limit in Config(limits=…)."
        )
    made = class_of(kind).__new__(class_of(kind))
    Artifact.__init__(made, content, mime=mime, name=name)
    return made


def _content(
    schema: Mapping[str, Any], mime: str
) -> tuple[tuple[Kind, ...], Form, tuple[str, ...]]:
    """Return the kinds, the form, and the MIME types of the values of a schema."""
    if "enum" in schema or "const" in schema:
        return (Kind.DATA,), "json", ()
    kind = schema.get("type")
    if kind == "string":
        media = str(schema.get("contentMediaType") or mime)
        encoding = str(schema.get("contentEncoding") or "").lower()
        form = _FORMS.get(encoding) or _FORMS.get(str(schema.get("format") or "").lower())
        if form is None and "contentMediaType" in schema and not media.startswith("text/"):
            form = "bytes"
        if form is None:
            return (Kind.TEXT,), "json", ()
        if media and "*" not in media and media != "application/octet-stream":
            return (kind_of_mime(media),), form, (media,)
        family = media.partition("/")[0]
        if family in {"image", "audio", "video"}:
            return (Kind(family),), form, ()
        return (*MEDIA, Kind.TEXT), form, ()
    if isinstance(kind, str) and kind != "null":
        return (Kind.DATA,), "json", ()
    return (Kind.DATA, Kind.TEXT), "json", ()


_DATA_URL = re.compile(r"\bdata:?[ -]?ur[il]s?\b", re.IGNORECASE)
_BASE64 = re.compile(r"\bbase[ -]?64\b", re.IGNORECASE)
_ELSE = re.compile(r"\b(?:urls?|links?|paths?|texts?)\b", re.IGNORECASE)
_FAMILIES = (
    (Kind.IMAGE, re.compile(r"image|picture|photo|screenshot|png|jpe?g", re.IGNORECASE)),
    (Kind.AUDIO, re.compile(r"audio|recording|speech|sound|wav|mp3", re.IGNORECASE)),
    (Kind.VIDEO, re.compile(r"video|movie|mp4", re.IGNORECASE)),
    (Kind.DOCUMENT, re.compile(r"pdf|document", re.IGNORECASE)),
)


def _spoken_of(
    key: str, said: str, schema: Mapping[str, Any]
) -> tuple[tuple[Kind, ...], Form] | None:
    """Return what a string holds whose description alone says that it is a file's content.

    Many servers write ``{"type": "string", "description": "The picture, base64-encoded"}``.
    """
    options: Any = schema.get("anyOf") or schema.get("oneOf") or [schema]
    if "enum" in schema or not any(
        isinstance(each, Mapping) and cast("Mapping[str, Any]", each).get("type") == "string"
        for each in options
    ):
        return None
    words = f"{identifier(key).replace('_', ' ')} {said}"
    if _DATA_URL.search(words):
        form: Form = "data_url"
    elif _BASE64.search(words):
        form = "base64"
    else:
        return None
    found = tuple(kind for kind, pattern in _FAMILIES if pattern.search(words))
    if len(found) == 1 and not _ELSE.search(_DATA_URL.sub("", words)):
        return found, form
    return (*(found if len(found) == 1 else MEDIA), Kind.TEXT), form


def _port_name(key: str, taken: Collection[str]) -> str:
    """Return the key itself where Python can write it as a name, else something near it."""
    name = key if key.isidentifier() and key.isascii() else identifier(key) or "value"
    name = name if not name[0].isdigit() else f"n{name}"
    made, count = name, 1
    while made in taken:
        count += 1
        made = f"{name}_{count}"
    return made


def arguments(fields: tuple[Field, ...], inputs: Inputs) -> dict[str, JSON]:
    """Return the JSON object that the other side is called with."""
    return {
        each.key: each.write(inputs[each.port.name]) for each in fields if each.port.name in inputs
    }


__all__ = (
    "MEDIA",
    "Field",
    "Form",
    "arguments",
    "field_of",
    "fields_of",
    "from_base64",
    "from_bytes",
    "plain",
    "read_result",
    "result_field",
)

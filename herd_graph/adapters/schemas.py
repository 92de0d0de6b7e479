"""From JSON schemas to ports: what MCP tools, OpenAPI operations and other descriptions take.

A schema says more than a port does, and less: a string may be text, one of a few words, or a whole
picture in base64. Each ``Field`` knows its port and how a payload is written where it came from.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from herd_graph.adapters.strangers import clean, identifier
from herd_graph.artifacts import Artifact, Data, Table, Text
from herd_graph.artifacts.attach import kind_of_mime, sniff_bytes
from herd_graph.artifacts.base import class_of, human_size
from herd_graph.cards import Port
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, DeclarationError, PortViolation
from herd_graph.experts import Inputs, Payload
from herd_graph.slots import as_text
from herd_graph.types import JSON, JSONObject, Kind

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
_DEPTH = 24
_LONGEST_PATH = 4096


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property of a schema, and the port that stands for it."""

    key: str
    """The property's name, as the other side writes it."""
    port: Port
    form: Form = "json"

    def write(self, payload: Payload) -> JSON:
        """Return what the other side is sent for a payload. Raises ``PortViolation``."""
        if isinstance(payload, list):
            return [self.write_one(each) for each in payload]
        return self.write_one(payload)

    def write_one(self, item: Artifact) -> JSON:
        """Return what the other side is sent for one artifact."""
        form = self.form
        if form == "path":
            if isinstance(item, Text) and not item.name:
                line = item.text.strip()
                if "\n" not in line and len(line) < _LONGEST_PATH:
                    return line  # somebody wrote a path
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
    merged = _merged(resolve(schema, root), root)
    properties: Any = merged.get("properties") or {}
    kind = merged.get("type", "object")
    if kind not in {"object", None} and kind != ["object"]:
        raise DeclarationError(
            f"A schema of type {kind!r} was given for named inputs. Expected an object with "
            "properties. Describe each input as a property."
        )
    if not isinstance(properties, Mapping):
        raise DeclarationError(
            f"The schema's properties are {type(properties).__name__}. Expected an object."
        )
    required = set(cast("list[str]", merged.get("required") or ()))
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
) -> Field:
    """Return the field for one property.

    Args:
        key: Its name on the other side.
        schema: Its schema.
        root: Where ``$ref`` points into.
        required: Whether it must be given.
        taken: Port names that others have already.
        mime: Its MIME type, where something besides the schema says it.
    """
    name = _port_name(key, taken)
    given: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}  # pyright: ignore[reportUnknownArgumentType]
    found = resolve(given, root)
    said = clean(str(found.get("description") or ""), most=300).text
    found = _without_null(found, root)
    said = said or clean(str(found.get("description") or ""), most=300).text
    many = False
    if found.get("type") == "array" and isinstance(found.get("items"), Mapping):
        items = _without_null(resolve(found["items"], root), root)
        if items.get("type") != "array":
            many, found = True, items
    kinds, form, mimes = _content(found, mime)
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
    return Field(key=key, port=port, form=form)


def result_field(
    schema: Mapping[str, Any], root: Mapping[str, Any] | None = None, *, name: str = "result"
) -> Field:
    """Return the field for a result of this schema; see ``read_result``."""
    return field_of(name, schema, schema if root is None else root)


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


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return a schema with its own ``$ref`` followed, inside ``root`` alone.

    Raises:
        DeclarationError: It leads nowhere, out of the document, or in a circle.
    """
    ref = schema.get("$ref")
    if ref is None:
        return dict(schema)
    if depth > _DEPTH:
        raise DeclarationError(f"The reference {ref!r} leads in a circle. Expected it to end.")
    if not isinstance(ref, str) or not ref.startswith("#"):
        raise DeclarationError(
            f"The reference {ref!r} leads out of the description, and nothing is fetched for it. "
            "Expected '#/…'. Bundle the description into one document."
        )
    target: Any = root
    for part in ref.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        target = cast("Mapping[str, Any]", target).get(key) if isinstance(target, Mapping) else None
    if not isinstance(target, Mapping):
        raise DeclarationError(f"The reference {ref!r} leads nowhere. Correct the description.")
    found = resolve(cast("Mapping[str, Any]", target), root, depth + 1)
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**found, **beside}


def self_contained(schema: Mapping[str, Any], root: Mapping[str, Any]) -> JSONObject:
    """Return a schema that needs nothing around it: what it refers to is under its ``$defs``."""
    definitions: dict[str, Any] = {}
    names: dict[str, str] = {}

    def copy(value: Any) -> Any:
        if isinstance(value, list):
            return [copy(each) for each in cast("list[Any]", value)]
        if not isinstance(value, Mapping):
            return value
        given = cast("Mapping[str, Any]", value)
        ref = given.get("$ref")
        if not isinstance(ref, str):
            return {key: copy(each) for key, each in given.items() if key != "$defs"}
        if ref not in names:
            name = identifier(ref.rsplit("/", 1)[-1]) or "definition"
            while name in definitions:
                name += "_"
            names[ref] = name
            definitions[name] = {}
            target = resolve({"$ref": ref}, root)
            definitions[name] = copy(_modern(target))
        return {"$ref": f"#/$defs/{names[ref]}"}

    made = copy(_modern(dict(schema)))
    if definitions:
        made["$defs"] = definitions
    return cast("JSONObject", made)


def _modern(schema: dict[str, Any]) -> dict[str, Any]:
    """Write OpenAPI 3.0's ``nullable`` and boolean bounds as JSON Schema does."""
    if schema.pop("nullable", False) and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    for bound in ("Minimum", "Maximum"):
        exclusive = schema.get(f"exclusive{bound}")
        if isinstance(exclusive, bool):
            del schema[f"exclusive{bound}"]
            if exclusive and bound.lower() in schema:
                schema[f"exclusive{bound}"] = schema.pop(bound.lower())
    for key in ("discriminator", "xml", "example", "externalDocs"):
        schema.pop(key, None)
    return schema


def _merged(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Return an ``allOf`` of objects as the one object that it stands for."""
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    made = {key: value for key, value in schema.items() if key != "allOf"}
    properties: dict[str, Any] = dict(made.get("properties") or {})
    required: list[str] = list(made.get("required") or ())
    for part in cast("list[Any]", parts):
        each = _merged(resolve(part, root), root)
        properties.update(each.get("properties") or {})
        required.extend(each.get("required") or ())
    return {**made, "type": "object", "properties": properties, "required": required}


def _without_null(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the values besides ``null``, where that is one schema."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kept = [each for each in cast("list[str]", kind) if each != "null"]
        return {**schema, "type": kept[0] if len(kept) == 1 else kept}
    for word in ("anyOf", "oneOf", "allOf"):
        options = schema.get(word)
        if not isinstance(options, list):
            continue
        each = [resolve(option, root) for option in cast("list[Any]", options)]
        kept = [option for option in each if option.get("type") != "null"]
        if len(kept) == 1:
            beside = {key: value for key, value in schema.items() if key != word}
            return _without_null({**beside, **kept[0]}, root)
    return schema


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
    "resolve",
    "result_field",
    "self_contained",
)

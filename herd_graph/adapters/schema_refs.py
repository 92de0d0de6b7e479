"""JSON schemas as they are written: references followed, OpenAPI's dialect read, parts merged.

A reference is followed inside its own document alone: nothing is fetched for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from herd_graph.adapters.strangers import identifier
from herd_graph.errors import DeclarationError
from herd_graph.types import JSONObject

_DEPTH = 24


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


def merged(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Return an ``allOf`` of objects as the one object that it stands for."""
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    made = {key: value for key, value in schema.items() if key != "allOf"}
    properties: dict[str, Any] = dict(made.get("properties") or {})
    required: list[str] = list(made.get("required") or ())
    for part in cast("list[Any]", parts):
        each = merged(resolve(part, root), root)
        properties.update(each.get("properties") or {})
        required.extend(each.get("required") or ())
    return {**made, "type": "object", "properties": properties, "required": required}


def without_null(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
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
            return without_null({**beside, **kept[0]}, root)
    return schema


__all__ = ("merged", "resolve", "self_contained", "without_null")

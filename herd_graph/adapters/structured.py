"""Answers that are held to a schema: what a model is told, and how its JSON is read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from herd_graph.errors import ExpertFailed, HerdError
from herd_graph.experts import Outputs
from herd_graph.payloads import schema_problem
from herd_graph.slots import Slot
from herd_graph.types import Kind

_FENCED = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_ROWS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}


@dataclass(frozen=True, kw_only=True)
class Form:
    """The JSON that a model is to write for some output ports."""

    slots: tuple[Slot, ...]
    schema: Mapping[str, Any]
    is_bare: bool
    """The JSON is the only output itself; otherwise it holds each output by name."""

    @property
    def response_format(self) -> dict[str, Any]:
        """The schema, as OpenAI's API takes it."""
        name = re.sub(r"\W+", "_", str(self.schema.get("title") or "result"))[:60]
        strict = _strict(self.schema)
        made: dict[str, Any] = {"name": name, "schema": strict or dict(self.schema)}
        if strict:
            made["strict"] = True
        return {"type": "json_schema", "json_schema": made}

    @property
    def instruction(self) -> str:
        """What a model is told that cannot be held to a schema."""
        schema = json.dumps(self.schema, ensure_ascii=False)
        return f"Answer with JSON alone, without a word around it, that fits this schema:\n{schema}"

    def read(self, text: str, expert: str) -> Outputs:
        """Return the outputs that a model's JSON holds.

        Raises:
            ExpertFailed: It is no JSON, or not of this schema. Another try may do.
        """
        fenced = _FENCED.match(text)
        try:
            value: Any = json.loads(fenced.group(1) if fenced else text)
        except ValueError as error:
            raise _unfit(expert, f"no JSON: {error}", text) from None
        problem = schema_problem(json.dumps(self.schema, sort_keys=True), value)
        if problem:
            raise _unfit(expert, problem, text)
        named = {self.slots[0].port.name: value} if self.is_bare else value
        try:
            return {
                slot.port.name: slot.encode(named[slot.port.name])
                for slot in self.slots
                if slot.port.name in named
            }
        except HerdError as error:
            raise _unfit(expert, str(error), text) from None


def form_for(slots: tuple[Slot, ...]) -> Form | None:
    """Return the JSON that some outputs need; None where they are words or media alone."""
    kinds = {slot.port.kind for slot in slots}
    if not kinds & {Kind.DATA, Kind.TABLE} and len(slots) == 1 and not slots[0].port.many:
        return None
    if kinds & {Kind.IMAGE, Kind.AUDIO}:
        return None
    schemas = {slot.port.name: _schema(slot) for slot in slots}
    only = schemas[slots[0].port.name]
    if len(slots) == 1 and only.get("type") == "object":
        return Form(slots=slots, schema=only, is_bare=True)
    definitions: dict[str, Any] = {}
    for each in schemas.values():
        definitions |= each.pop("$defs", {})
    schema: dict[str, Any] = {
        "type": "object",
        "properties": schemas,
        "required": [slot.port.name for slot in slots if slot.port.required],
    }
    if definitions:
        schema["$defs"] = definitions
    return Form(slots=slots, schema=schema, is_bare=False)


def _schema(slot: Slot) -> dict[str, Any]:
    port = slot.port
    if port.kind is Kind.TABLE:
        one: dict[str, Any] = dict(_ROWS)
    elif port.kind is Kind.TEXT:
        one = {"type": "string"}
    else:
        one = json.loads(json.dumps(port.json_schema or {}))
    if port.description:
        one.setdefault("description", port.description)
    if not port.many:
        return one
    definitions = one.pop("$defs", None)
    listed: dict[str, Any] = {"type": "array", "items": one}
    return listed if definitions is None else {**listed, "$defs": definitions}


def _strict(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a schema as strict mode wants it; None where it has what that mode refuses."""

    def closed(value: Any) -> Any:
        if isinstance(value, list):
            return [closed(each) for each in cast("list[Any]", value)]
        if not isinstance(value, Mapping):
            return value
        made = {key: closed(each) for key, each in cast("Mapping[str, Any]", value).items()}
        kind = made.get("type")
        if kind == "object" and isinstance(made.get("properties"), Mapping):
            if set(made["properties"]) != set(made.get("required") or ()):
                raise LookupError  # optional keys
            if made.setdefault("additionalProperties", False) is not False:
                raise LookupError
        elif kind == "object" or (kind is None and not _REFERS & set(made) and "title" in made):
            raise LookupError  # anything goes
        return made

    try:
        made = closed(schema)
    except LookupError:
        return None
    return cast("dict[str, Any]", made)


_REFERS = frozenset({"$ref", "anyOf", "allOf", "oneOf", "enum", "const"})


def _unfit(expert: str, why: str, text: str) -> ExpertFailed:
    shown = text if len(text) <= 120 else f"{text[:119]}…"
    return ExpertFailed(
        f"Expert {expert!r} did not keep to its schema ({why}). Expected JSON of it. It wrote {shown!r}."
    )


__all__ = ("Form", "form_for")

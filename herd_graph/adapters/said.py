"""What the user says of a foreign expert: facts for its card, and its ports.

Every adapter finds out what it can; what the user says wins. Ports are said as annotations
(``takes={"picture": Image}``), or as words where there is no Python (``takes = {picture = "image"}``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined

from herd_graph.artifacts.base import Artifact, class_of
from herd_graph.cards import ExpertCard, Port
from herd_graph.config import parse_size
from herd_graph.errors import ConfigError, DeclarationError, suggest
from herd_graph.slots import Slot, make_slot
from herd_graph.types import JSONObject, Kind

FACTS = frozenset(
    [
        "name",
        "version",
        "description",
        "tags",
        "examples",
        "cost_usd",
        "latency_s",
        "memory",
        "locality",
        "licence",
        "weights_licence",
        "caution",
        "notes",
        "concurrency",
        "timeout_s",
        "approve",
        "deterministic",
    ]
)
"""What every adapter lets the user say of the card."""
_KINDS = {kind.value: kind for kind in Kind}
_SCALARS = frozenset({"string", "number", "integer", "boolean"})
_SCHEMA_KEYS = frozenset({"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
_MANY = re.compile(r"list\[(.+)\]")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the user says of one foreign expert."""

    reference: str
    """What was given, for messages: ``litellm:openai/gpt-5-mini``."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    takes: tuple[Slot, ...] | None = None
    gives: tuple[Slot, ...] | None = None

    def card(self, **found: Any) -> ExpertCard:
        """Return the card: what the adapter found, and over it what the user says.

        Raises:
            DeclarationError: A fact that no card can have.
        """
        facts = {**found, **self.facts}
        if "memory" in facts:
            try:
                facts["memory_bytes"] = parse_size(facts.pop("memory"))
            except ConfigError as error:
                raise DeclarationError(f"memory= of {self.reference!r}: {error}") from None
        for name in ("tags", "examples"):
            if isinstance(facts.get(name), str):
                facts[name] = (facts[name],)
        facts["description"] = " ".join(str(facts.get("description") or "").split())
        if not facts["description"]:
            raise DeclarationError(
                f"{self.reference!r} says nothing of what it does. Expected a description: "
                "discovery reads it. Add description='…'."
            )
        try:
            return ExpertCard(**facts)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise DeclarationError(
                f"{where}= of {self.reference!r} cannot be {first.get('input')!r:.80}: "
                f"{first['msg']}. Correct it."
            ) from None


def read_options(
    reference: str, options: Mapping[str, Any], own: Collection[str] = ()
) -> tuple[Said, dict[str, Any]]:
    """Split an adapter's options into what is said of the expert, and the adapter's own.

    Args:
        reference: What was given, for messages.
        options: What the user passed.
        own: The options that the adapter knows besides.

    Raises:
        DeclarationError: An option that nobody knows, or ports that cannot be.
    """
    known = {*FACTS, "takes", "gives", *own}
    for name in options:
        if name not in known:
            raise DeclarationError(
                f"{reference!r} has no option {name!r}. {suggest(name, known, what='Options')}"
            )
    said = Said(
        reference=reference,
        facts={name: value for name, value in options.items() if name in FACTS},
        takes=slots(options.get("takes"), "text", f"takes= of {reference!r}"),
        gives=slots(options.get("gives"), "result", f"gives= of {reference!r}"),
    )
    return said, {name: value for name, value in options.items() if name in own}


def expert_name(text: str, default: str = "expert") -> str:
    """Return a name that a card takes: ``openai/gpt-5-mini`` becomes ``gpt_5_mini``."""
    last = text.rstrip("/").rpartition("/")[2]
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()
    plain = re.sub(r"[^a-z0-9]+", "_", snake).strip("_")
    plain = re.sub(r"^[^a-z]+", "", plain)
    return plain[:64].rstrip("_") or default


def slots(given: Any, single: str, where: str) -> tuple[Slot, ...] | None:
    """Return ports as the user says them; None where nothing is said.

    Args:
        given: An annotation, a kind (``"image"``), a ``Port``, a JSON schema, a list of ports, or a
            mapping from names to any of these. A pydantic model that says inputs is one port for
            each field.
        single: The name of a port that is given without one.
        where: What is said, for errors.

    Raises:
        DeclarationError: It cannot be ports.
    """
    if given is None:
        return None
    if isinstance(given, list | tuple):
        ports = cast("list[Any]", given)
        if not ports or not all(isinstance(each, Port) for each in ports):
            raise _no_port(given, where)
        return tuple(from_port(each) for each in ports)
    if isinstance(given, Mapping) and not is_schema(cast("Mapping[str, Any]", given)):
        named = cast("Mapping[str, Any]", given)
        if not named:
            raise _no_port(given, where)
        return tuple(one_slot(name, each, where) for name, each in named.items())
    if single == "text" and isinstance(given, type) and issubclass(given, BaseModel):
        return fields_of(given, where)
    return (one_slot(single, given, where),)


def one_slot(name: str, given: Any, where: str) -> Slot:
    """Return one port as the user says it; see ``slots``."""
    if isinstance(given, Slot):
        return given
    if isinstance(given, Port):
        return from_port(given.model_copy(update={"name": name}))
    if isinstance(given, Kind):
        return from_port(Port(name=name, kind=given))
    if isinstance(given, str):
        return from_port(_from_words(name, given, where))
    if isinstance(given, Mapping):
        return from_schema(name, cast("JSONObject", given))
    return make_slot(name, given, f"port {name!r} in {where}")


def from_port(port: Port) -> Slot:
    """Return the slot of a port: its artifacts as they are, its data as JSON."""
    if port.kind is Kind.DATA and not port.also:
        return Slot(port=port, python=Any)
    if Kind.ANY in port.kinds:
        return Slot(port=port, python=Artifact)
    python: Any = class_of(port.kind)
    for kind in port.also:
        python |= class_of(kind)
    return Slot(port=port, python=python)


def from_schema(name: str, schema: JSONObject, *, required: bool = True) -> Slot:
    """Return the slot of a JSON schema: plain strings are text, everything else is data."""
    said = str(schema.get("description") or "")
    default = schema.get("default")
    port = Port(
        name=name,
        kind=Kind.TEXT if is_text(schema) else Kind.DATA,
        required=required,
        default=default,
        description=said,
        json_schema=None if is_text(schema) else schema,
    )
    return Slot(port=port, python=str if is_text(schema) else Any)


def is_text(schema: JSONObject) -> bool:
    """Say whether a schema is that of free text."""
    return schema.get("type") == "string" and not {"enum", "const", "format", "pattern"} & set(
        schema
    )


def is_schema(given: Mapping[str, Any]) -> bool:
    """Say whether a mapping is a JSON schema, and not ports by name."""
    kind = given.get("type")
    named = isinstance(kind, list) or kind in {*_SCALARS, "object", "array", "null"}
    return named or any(
        key in given and not isinstance(given[key], str | type | Port | Kind)
        for key in _SCHEMA_KEYS - {"type"}
    )


def fields_of(model: type[BaseModel], where: str) -> tuple[Slot, ...]:
    """Return one slot for each field of a pydantic model. Raises ``DeclarationError``."""
    found: list[Slot] = []
    for name, each in model.model_fields.items():
        slot = make_slot(name, each.annotation, f"field {name!r} in {where}")
        required = each.is_required()
        default = None if required or each.default is PydanticUndefined else each.default
        update: dict[str, Any] = {
            "required": required,
            "default": default if isinstance(default, str | int | float | bool) else None,
            "description": slot.port.description or each.description or "",
        }
        port = slot.port.model_copy(update=update)
        found.append(Slot(port=port, python=slot.python, nullable=slot.nullable))
    return tuple(found)


def _from_words(name: str, text: str, where: str) -> Port:
    """Read ``image``, ``text | audio``, ``list[image]``, ``number``; a ``?`` makes it optional."""
    words = text.strip().lower()
    required = not words.endswith("?")
    words = words.rstrip("?").strip()
    listed = _MANY.fullmatch(words)
    inner = [each.strip() for each in (listed.group(1) if listed else words).split("|")]
    if inner[0] in _SCALARS and len(inner) == 1:
        kinds, schema = [Kind.DATA], cast("JSONObject", {"type": inner[0]})
    elif all(each in _KINDS for each in inner):
        kinds, schema = [_KINDS[each] for each in inner], None
    else:
        unknown = next((each for each in inner if each not in _KINDS), words)
        raise DeclarationError(
            f"{text!r} is no kind of payload ({where}). "
            f"{suggest(unknown, [*_KINDS, *_SCALARS], what='There are')}"
        )
    return Port(
        name=name,
        kind=kinds[0],
        also=tuple(kinds[1:]),
        many=listed is not None,
        required=required,
        json_schema=schema,
    )


def _no_port(given: Any, where: str) -> DeclarationError:
    return DeclarationError(
        f"{given!r:.120} is no ports ({where}). Expected an annotation such as Image, a kind such as "
        "'image', a Port, or {name: one of these}."
    )


__all__ = (
    "FACTS",
    "Said",
    "expert_name",
    "fields_of",
    "from_port",
    "from_schema",
    "is_schema",
    "is_text",
    "one_slot",
    "read_options",
    "slots",
)

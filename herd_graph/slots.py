"""Between Python values and artifacts: one port, and the Python type on the other side of it."""

from __future__ import annotations

import collections.abc
import enum
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from herd_graph.artifacts import Artifact, Data, Table, Text
from herd_graph.cards import Port
from herd_graph.errors import ArtifactError, DeclarationError, PortViolation
from herd_graph.types import JSONObject, Kind


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One port and the Python type on the other side of it."""

    port: Port
    python: Any
    """The type of one value: of an item, where the port takes many."""
    nullable: bool = False
    """Whether ``None`` is a value, written as JSON ``null``."""

    @cached_property
    def _reader(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.python)

    @cached_property
    def _writer(self) -> TypeAdapter[Any]:
        return TypeAdapter(_value_type(self.python))

    def decode(self, payload: Artifact | list[Artifact]) -> Any:
        """Return the Python value for a payload. Raises ``PortViolation``."""
        if self.port.many:
            items = payload if isinstance(payload, list) else [payload]
            return [self._decode_one(item) for item in _spread(items, self.port)]
        if isinstance(payload, list):
            raise PortViolation(
                f"Input {self.port.name!r} got a list of {len(payload)}. Expected one "
                f"{self.port.type_name}. Use each(…) (foreach) to call once for each item."
            )
        return self._decode_one(payload)

    def _decode_one(self, item: Artifact) -> Any:
        if self.python is str:
            return as_text(item)
        if _takes_artifacts(self.python):
            return coerce(item, self.port)
        value: Any = cast("Data[Any]", item).value if item.kind is Kind.DATA else as_text(item)
        if value is None and self.nullable:
            return None
        try:
            return self._reader.validate_python(value)
        except ValidationError as error:
            raise PortViolation(_why(self.port, value, error)) from error

    def encode(self, value: Any) -> Artifact | list[Artifact]:
        """Return the payload for a Python value. Raises ``PortViolation``."""
        if self.port.many:
            if isinstance(value, str | bytes) or not isinstance(value, collections.abc.Iterable):
                raise PortViolation(_wrong(self.port, value))
            return [self._encode_one(each) for each in cast("collections.abc.Iterable[Any]", value)]
        return self._encode_one(value)

    def _encode_one(self, value: Any) -> Artifact:
        if isinstance(value, Artifact):
            if value.kind in self.port.kinds or Kind.ANY in self.port.kinds:
                return value
            raise PortViolation(_wrong(self.port, value))
        if self.port.kind is Kind.TEXT and isinstance(value, str):
            return Text(value)
        try:
            if self.port.kind is Kind.TABLE and isinstance(value, list):
                return Table(cast("list[Mapping[str, Any]]", value))
            if value is None and self.nullable and self.port.kind is Kind.DATA:
                return Data(None)
            if self.port.kind is Kind.DATA or Kind.DATA in self.port.also:
                return Data(self._writer.validate_python(value))
            if self.port.kind is Kind.ANY:
                return Text(value) if isinstance(value, str) else Data(value)
        except (ArtifactError, TypeError, ValueError) as error:
            raise PortViolation(_why(self.port, value, error)) from error
        raise PortViolation(_wrong(self.port, value))


def as_text(item: Artifact) -> str:
    """Return text for what can be read as text. Raises ``PortViolation``."""
    if isinstance(item, Text):
        return item.text
    if item.kind in {Kind.DATA, Kind.TABLE}:
        return str(item)
    raise PortViolation(
        f"An artifact of kind {item.kind.value!r} was given where text is expected. Convert it "
        "first, with an expert that takes it and gives text."
    )


def coerce(item: Artifact, port: Port) -> Artifact:
    """Return ``item`` as what ``port`` takes, where that loses nothing. Raises ``PortViolation``."""
    if item.kind in port.kinds or Kind.ANY in port.kinds:
        return item
    if Kind.TEXT in port.kinds and item.kind in {Kind.DATA, Kind.TABLE}:
        return Text(as_text(item))
    if port.kind is Kind.DATA and isinstance(item, Text):
        return Data(item.text)
    raise PortViolation(
        f"Input {port.name!r} got {item.kind.value}. Expected {port.type_name}. Add a step that "
        "converts it."
    )


def _spread(items: list[Artifact], port: Port) -> list[Artifact]:
    """Open up one JSON list that stands for a list of values."""
    if port.kind is Kind.DATA and len(items) == 1 and isinstance(items[0], Data):
        value: Any = cast("Data[Any]", items[0]).value
        if isinstance(value, list):
            return [Data(each) for each in cast("list[Any]", value)]
    return items


def make_slot(name: str, annotation: Any, where: str) -> Slot:
    """Return the port for one annotation. Raises ``DeclarationError``."""
    description, mime = "", ()
    if get_origin(annotation) is Annotated:
        annotation, *extras = get_args(annotation)
        description = next((each for each in extras if isinstance(each, str)), "")
        given = next((each for each in extras if isinstance(each, Port)), None)
        if given is not None:
            description, mime = given.description or description, given.mime
    annotation, nullable = _without_none(annotation)
    if get_origin(annotation) is tuple and get_args(annotation)[1:] != (...,):
        raise DeclarationError(
            f"{_named(annotation)} cannot be {where}: its parts have no names. Expected a NamedTuple "
            "or TypedDict for several values, or list[…] for many of one type."
        )
    many = get_origin(annotation) in {list, collections.abc.Sequence, tuple}
    python: Any = get_args(annotation)[0] if many else annotation
    kinds, schema = _content(python, where)
    port = Port(
        name=name,
        kind=kinds[0],
        also=kinds[1:],
        many=many,
        description=description,
        json_schema=schema,
        mime=mime,
    )
    return Slot(port=port, python=python, nullable=nullable)


def _named(annotation: Any) -> str:
    parts = ", ".join(getattr(each, "__name__", str(each)) for each in get_args(annotation))
    return f"tuple[{parts}]"


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return an optional annotation without its ``None``, and whether it had one."""
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation, False
    kept = tuple(each for each in get_args(annotation) if each is not type(None))
    nullable = len(kept) < len(get_args(annotation))
    return (kept[0] if len(kept) == 1 else Union[kept]), nullable  # noqa: UP007 - made at run time


def _content(python: Any, where: str) -> tuple[tuple[Kind, ...], JSONObject | None]:
    """Return the kinds that a type stands for, and the JSON schema of data."""
    if python is str:
        return (Kind.TEXT,), None
    if python is bytes:
        raise DeclarationError(
            f"bytes cannot be {where}. Expected a typed artifact (Image, Audio, Document …), which "
            "says what the bytes are."
        )
    members = get_args(python) if get_origin(python) in {Union, types.UnionType} else (python,)
    artifacts = [_artifact_of(each) for each in members]
    found = [each for each in artifacts if each is not None]
    if len(found) < len(members):
        return (Kind.DATA,), _schema(python, where)
    kinds = tuple(Kind.ANY if each is Artifact else each.kind for each in found)
    value = _value_type(python)
    return kinds, None if value is python or value is Any else _schema(value, where)


def _value_type(python: Any) -> Any:
    """Return the type of the value behind ``Data[T]``; any other type as it is."""
    if _artifact_of(python) is Data:
        return next(iter(get_args(python)), Any)
    return python


def _takes_artifacts(python: Any) -> bool:
    """Say whether a parameter wants the artifact itself, and not what is in it."""
    if get_origin(python) in {Union, types.UnionType}:
        return all(_artifact_of(each) is not None for each in get_args(python))
    return _artifact_of(python) is not None


def _artifact_of(annotation: Any) -> type[Artifact] | None:
    bare = get_origin(annotation) or annotation
    return bare if isinstance(bare, type) and issubclass(bare, Artifact) else None


def _schema(annotation: Any, where: str) -> JSONObject:
    try:
        schema = TypeAdapter(annotation).json_schema()
    except Exception as error:
        raise DeclarationError(
            f"{annotation!r} cannot be {where}: {str(error).splitlines()[0]}. Expected an "
            "artifact, str, a number, bool, Enum, Literal, a pydantic model, or a list of these."
        ) from error
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | enum.Enum):
        schema.setdefault("title", annotation.__name__)
    return cast("JSONObject", schema)


def _wrong(port: Port, value: Any) -> str:
    shown = value.kind.value if isinstance(value, Artifact) else type(value).__name__
    return f"{port.name!r} is {shown}. Expected {port.type_name}. Fix what the expert returns."


def _why(port: Port, value: Any, error: Exception) -> str:
    shown = repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
    reason = str(error)
    if isinstance(error, ValidationError):
        reason = "; ".join(str(each["msg"]) for each in error.errors()[:3])
    return f"{port.name!r} is {shown}: {reason}. Expected {port.type_name}."

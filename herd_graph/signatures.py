"""From a Python signature to typed ports, and between Python values and artifacts."""

from __future__ import annotations

import collections.abc
import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from herd_graph.artifacts import Artifact, Data, Table, Text
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError, PortViolation
from herd_graph.types import JSON, JSONObject, Kind

if TYPE_CHECKING:
    from herd_graph.experts import ExpertContext

Mode = Literal["sync", "async", "stream", "async_stream"]
_STREAMS = {
    collections.abc.Iterator: "stream",
    collections.abc.Generator: "stream",
    collections.abc.Iterable: "stream",
    collections.abc.AsyncIterator: "async_stream",
    collections.abc.AsyncGenerator: "async_stream",
    collections.abc.AsyncIterable: "async_stream",
}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One port and the Python type on the other side of it."""

    port: Port
    python: Any

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
        if isinstance(self.python, type) and issubclass(self.python, Artifact):
            return item if isinstance(item, self.python) else coerce(item, self.port)
        if get_origin(self.python) is not None and _artifact_of(self.python) is not None:
            return item if item.kind in self.port.kinds else coerce(item, self.port)
        value: Any = item.value if isinstance(item, Data) else as_text(item)
        try:
            return TypeAdapter(self.python).validate_python(value)
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
        if self.port.kind is Kind.TABLE and isinstance(value, list):
            return Table(cast("list[Mapping[str, JSON]]", value))
        if self.port.kind is Kind.DATA or Kind.DATA in self.port.also:
            try:
                adapter: TypeAdapter[Any] = TypeAdapter(self.python)
                checked: Any = adapter.validate_python(value)
                return Data(adapter.dump_python(checked, mode="json"))
            except (ValidationError, ValueError) as error:
                raise PortViolation(_why(self.port, value, error)) from error
        if self.port.kind is Kind.ANY:
            return Text(value) if isinstance(value, str) else Data(value)
        raise PortViolation(_wrong(self.port, value))


@dataclass(frozen=True, kw_only=True)
class Signature:
    """An expert's ports, and how its function is called."""

    takes: tuple[Slot, ...]
    gives: tuple[Slot, ...]
    mode: Mode
    context_name: str | None
    several: bool
    """The function returns several named outputs."""

    @property
    def inputs(self) -> tuple[Port, ...]:
        """The input ports."""
        return tuple(slot.port for slot in self.takes)

    @property
    def outputs(self) -> tuple[Port, ...]:
        """The output ports."""
        return tuple(slot.port for slot in self.gives)

    def decode(
        self, inputs: Mapping[str, Artifact | list[Artifact]], context: ExpertContext | None
    ) -> dict[str, Any]:
        """Return keyword arguments for the function. Raises ``PortViolation``."""
        kwargs = {
            slot.port.name: slot.decode(inputs[slot.port.name])
            for slot in self.takes
            if slot.port.name in inputs
        }
        if self.context_name is not None:
            kwargs[self.context_name] = context
        return kwargs

    def encode(self, result: Any) -> dict[str, Artifact | list[Artifact]]:
        """Return a payload for each output port. Raises ``PortViolation``."""
        if not self.several:
            slot = self.gives[0]
            return {slot.port.name: slot.encode(result)}
        if hasattr(result, "_asdict"):
            result = result._asdict()
        if not isinstance(result, Mapping):
            expected = ", ".join(str(slot.port) for slot in self.gives)
            raise PortViolation(
                f"It returned {type(result).__name__}. Expected its named outputs: {expected}."
            )
        named = cast("Mapping[str, Any]", result)
        missing = [slot.port.name for slot in self.gives if slot.port.name not in named]
        if missing:
            raise PortViolation(f"It did not return the outputs {missing}. Return all of them.")
        return {slot.port.name: slot.encode(named[slot.port.name]) for slot in self.gives}


def as_text(item: Artifact) -> str:
    """Return text for what can be read as text. Raises ``PortViolation``."""
    if isinstance(item, Text):
        return item.text
    if isinstance(item, Data | Table):
        return str(cast("Data[Any] | Table", item))
    raise PortViolation(
        f"An artifact of kind {item.kind.value!r} was given where text is expected. Convert it "
        "first, with an expert that takes it and gives text."
    )


def coerce(item: Artifact, port: Port) -> Artifact:
    """Return ``item`` as what ``port`` takes, where that loses nothing. Raises ``PortViolation``."""
    if item.kind in port.kinds or Kind.ANY in port.kinds:
        return item
    if Kind.TEXT in port.kinds and isinstance(item, Data | Table):
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


def read_signature(call: Callable[..., Any], label: str, *, method: bool = False) -> Signature:
    """Derive the ports of a function from its annotations and docstring.

    Raises:
        DeclarationError: An annotation is missing, or cannot be a port.
    """
    parameters = list(inspect.signature(call).parameters.values())[1 if method else 0 :]
    try:
        hints = typing.get_type_hints(call, include_extras=True)
    except Exception as error:
        raise DeclarationError(
            f"The annotations of expert {label!r} cannot be resolved: {error}. Expected types "
            "that exist where the function is defined (not only under TYPE_CHECKING)."
        ) from error
    _, described = describe(call)
    takes: list[Slot] = []
    context_name: str | None = None
    for parameter in parameters:
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise DeclarationError(
                f"Expert {label!r} takes *{parameter.name}. Expected named, typed parameters: "
                "each one becomes a port."
            )
        annotation = hints.get(parameter.name)
        if annotation is None:
            raise DeclarationError(
                f"Parameter {parameter.name!r} of expert {label!r} has no annotation. Expected "
                "Text, Image, Audio, Table, str, float, Literal[…], a pydantic model, or list[…]."
            )
        if "ExpertContext" in {
            getattr(each, "__name__", "") for each in (annotation, *get_args(annotation))
        }:
            context_name = parameter.name
            continue
        takes.append(_input_slot(parameter, annotation, label, described))
    given = hints.get("return")
    if given is None or given is type(None):
        raise DeclarationError(
            f"Expert {label!r} has no return annotation. Expected -> Text, -> Image, -> float … so "
            "that other experts can be linked to it."
        )
    mode: Mode = "async" if inspect.iscoroutinefunction(call) else "sync"
    streamed = _STREAMS.get(get_origin(given) or given)
    if streamed is not None:
        mode = cast("Mode", streamed)
        given = get_args(given)[0]
    gives, several = _output_slots(given, label)
    return Signature(
        takes=tuple(takes),
        gives=gives,
        mode=mode,
        context_name=context_name,
        several=several,
    )


def _input_slot(
    parameter: inspect.Parameter, annotation: Any, label: str, described: Mapping[str, str]
) -> Slot:
    required = parameter.default is parameter.empty
    default: JSON = None
    if not required and parameter.default is not None:
        default = _json_default(parameter.default, annotation)
    slot = make_slot(
        parameter.name, annotation, f"parameter {parameter.name!r} of expert {label!r}"
    )
    port = slot.port.model_copy(
        update={
            "required": required,
            "default": default,
            "description": slot.port.description or described.get(parameter.name, ""),
        }
    )
    return Slot(port=port, python=slot.python)


def _json_default(default: Any, annotation: Any) -> JSON:
    if isinstance(default, Artifact):
        return str(default) if isinstance(default, Text) else None
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return cast("JSON", TypeAdapter(bare).dump_python(default, mode="json"))


def _output_slots(given: Any, label: str) -> tuple[tuple[Slot, ...], bool]:
    bare = get_args(given)[0] if get_origin(given) is Annotated else given
    named = isinstance(bare, type) and (
        (issubclass(bare, tuple) and hasattr(bare, "_fields")) or typing.is_typeddict(bare)
    )
    if not named:
        return (make_slot("result", given, f"the result of expert {label!r}"),), False
    hints = typing.get_type_hints(bare, include_extras=True)
    slots = tuple(
        make_slot(name, hint, f"output {name!r} of expert {label!r}") for name, hint in hints.items()
    )
    return slots, True


def make_slot(name: str, annotation: Any, where: str) -> Slot:
    """Return the port for one annotation. Raises ``DeclarationError``."""
    description, mime = "", ()
    if get_origin(annotation) is Annotated:
        annotation, *extras = get_args(annotation)
        description = next((each for each in extras if isinstance(each, str)), "")
        given = next((each for each in extras if isinstance(each, Port)), None)
        if given is not None:
            description, mime = given.description or description, given.mime
    if get_origin(annotation) in {Union, types.UnionType}:
        kept = tuple(each for each in get_args(annotation) if each is not type(None))
        if len(kept) == 1:
            annotation = kept[0]
        elif all(_artifact_of(each) is not None for each in kept):
            kinds = [cast("type[Artifact]", _artifact_of(each)).kind for each in kept]
            port = Port(name=name, kind=kinds[0], also=tuple(kinds[1:]), description=description)
            return Slot(port=port, python=Union[kept])  # noqa: UP007 - built at run time
    many = get_origin(annotation) in {list, collections.abc.Sequence, tuple}
    python = get_args(annotation)[0] if many else annotation
    artifact = _artifact_of(python)
    schema: JSONObject | None = None
    if artifact is Artifact:
        kind = Kind.ANY
    elif artifact is not None:
        kind = artifact.kind
        inner = get_args(python)
        if artifact is Data and inner:
            schema = _schema(inner[0], where)
    elif python is str:
        kind = Kind.TEXT
    elif python is bytes:
        raise DeclarationError(
            f"bytes cannot be {where}. Expected a typed artifact (Image, Audio, Document …), which "
            "says what the bytes are."
        )
    else:
        kind, schema = Kind.DATA, _schema(python, where)
    port = Port(
        name=name,
        kind=kind,
        many=many,
        description=description,
        json_schema=schema,
        mime=mime,
    )
    return Slot(port=port, python=python)


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


_SECTION = re.compile(r"^(Args|Arguments|Returns|Yields|Raises|Example|Examples|Note|Notes):\s*$")
_ARGUMENT = re.compile(r"^(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")


def describe(target: Any) -> tuple[str, dict[str, str]]:
    """Return a docstring's text up to its first section, and what it says of each argument."""
    lines = (inspect.getdoc(target) or "").splitlines()
    if isinstance(target, type) and target.__doc__ is None:
        lines = []
    text: list[str] = []
    arguments: dict[str, str] = {}
    section, current = "", ""
    for line in lines:
        found = _SECTION.match(line)
        if found:
            section = found.group(1)
        elif not section:
            text.append(line.strip())
        elif section.startswith("Arg") and line.strip():
            argument = _ARGUMENT.match(line.strip())
            indent = len(line) - len(line.lstrip())
            if argument and indent <= 4:
                current = argument.group(1)
                arguments[current] = argument.group(2).strip()
            elif current:
                arguments[current] += f" {line.strip()}"
    return " ".join(" ".join(text).split()), arguments


__all__ = (
    "Signature",
    "Slot",
    "as_text",
    "coerce",
    "describe",
    "make_slot",
    "read_signature",
)

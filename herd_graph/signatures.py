"""From a Python signature to typed ports: how a function is called, and what it gives."""

from __future__ import annotations

import collections.abc
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import TypeAdapter

from herd_graph.artifacts import Artifact, Text
from herd_graph.cards import Port
from herd_graph.contexts import ExpertContext
from herd_graph.docstrings import describe
from herd_graph.errors import DeclarationError, PortViolation
from herd_graph.slots import Slot, as_text, coerce, make_slot
from herd_graph.types import JSON

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
            stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
            raise DeclarationError(
                f"Expert {label!r} takes {stars}{parameter.name}. Expected named, typed parameters: "
                "each one becomes a port."
            )
        annotation = hints.get(parameter.name)
        if annotation is None:
            raise DeclarationError(
                f"Parameter {parameter.name!r} of expert {label!r} has no annotation. Expected "
                "Text, Image, Audio, Table, str, float, Literal[…], a pydantic model, or list[…]."
            )
        if ExpertContext in (annotation, *get_args(annotation)):
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
    return Slot(port=port, python=slot.python, nullable=slot.nullable)


def _json_default(default: Any, annotation: Any) -> JSON:
    if isinstance(default, Artifact):
        return str(default) if isinstance(default, Text) else None
    if isinstance(default, list | tuple) and not default:
        return []  # no artifacts, whose types pydantic does not know
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return cast("JSON", TypeAdapter(bare).dump_python(default, mode="json"))


def _output_slots(given: Any, label: str) -> tuple[tuple[Slot, ...], bool]:
    bare: Any = get_args(given)[0] if get_origin(given) is Annotated else given
    if not (_is_named_tuple(bare) or typing.is_typeddict(bare)):
        return (make_slot("result", given, f"the result of expert {label!r}"),), False
    hints = typing.get_type_hints(bare, include_extras=True)
    slots = tuple(
        make_slot(name, hint, f"output {name!r} of expert {label!r}")
        for name, hint in hints.items()
    )
    return slots, True


def _is_named_tuple(annotation: Any) -> bool:
    fields = getattr(annotation, "_fields", None)
    return isinstance(annotation, type) and isinstance(fields, tuple)


__all__ = (
    "Mode",
    "Signature",
    "Slot",
    "as_text",
    "coerce",
    "describe",
    "make_slot",
    "read_signature",
)

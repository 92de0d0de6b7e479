"""What a workflow's function sees while it is declared: placeholders for values to come.

A placeholder can be handed on to experts, compared, gone over with ``each`` and chosen between with
``when``. Whatever would need the value itself (``if``, ``for``, ``+``, an f-string …) raises an
error that names the right word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Literal, NoReturn, Protocol, cast

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from herd_graph.artifacts import Artifact, Data, Text
from herd_graph.errors import DeclarationError, suggest
from herd_graph.plans import Binding, Condition, FromStep, Op, Value
from herd_graph.types import JSON

_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


class Owner(Protocol):
    """The trace that a placeholder belongs to."""

    label: str


def _not_there_yet(what: str, instead: str) -> DeclarationError:
    return DeclarationError(
        f"{what} does not exist yet: a workflow is written down once, when it is declared, and run "
        f"later. {instead}"
    )


_COMPUTE = "Compute it with an expert: put @expert above a function that takes it, and call that."
_BRANCH = (
    "Write when(condition, lambda: …, lambda: …) in place of if, and &, |, ~ in place of and, or, "
    "not."
)
_LOOP = "Write expert(each(items)) in place of a loop: it calls the expert once for each item."


class Placeholder:
    """A value that will exist when the plan runs.

    Compare it (``==``, ``<``, ``.contains(…)``, ``.is_empty()``, ``.is_in([…])``) to make a
    condition for ``when``; several named outputs are its attributes.
    """

    __slots__ = ("_binding", "_label", "_outputs", "_trace")

    def __init__(
        self, trace: Owner, binding: Binding, label: str, outputs: tuple[str, ...] | None = ()
    ) -> None:
        self._trace = trace
        self._binding = binding
        self._label = label
        self._outputs = outputs
        """Named outputs; None where nobody knows them yet."""

    def __getattr__(self, name: str) -> Placeholder:
        if name.startswith("_"):  # what copy, pickle, inspect and notebooks ask for
            raise AttributeError(name)
        return self._named(name, f"Attribute {name!r} of {self._label}")

    def __getitem__(self, key: object) -> Placeholder:
        if (
            isinstance(key, int)
            and self._outputs
            and -len(self._outputs) <= key < len(self._outputs)
        ):
            key = self._outputs[key]
        if isinstance(key, str):
            return self._named(key, f"{self._label}[{key!r}]")
        raise _not_there_yet(f"{self._label}[{key!r}]", _COMPUTE)

    def _named(self, name: str, what: str) -> Placeholder:
        outputs, binding = self._outputs, self._binding
        known = outputs is None or name in outputs
        if known and isinstance(binding, FromStep) and binding.output is None:
            made = FromStep(step=binding.step, output=name)
            return Placeholder(self._trace, made, f"{self._label}.{name}")
        hint = f" {suggest(name, outputs, what='Its outputs')}" if outputs else ""
        raise _not_there_yet(what, _COMPUTE + hint)

    def __iter__(self) -> Iterator[Placeholder]:
        if self._outputs and len(self._outputs) > 1:
            return iter([self._named(name, name) for name in self._outputs])
        raise _not_there_yet(f"The list {self._label}", _LOOP)

    def __len__(self) -> int:
        if self._outputs and len(self._outputs) > 1:
            return len(self._outputs)
        raise _not_there_yet(
            f"The length of {self._label}",
            f"Write when(….is_empty(), …) to ask for emptiness. {_COMPUTE}",
        )

    def __contains__(self, _: object) -> bool:
        raise _not_there_yet(f"What {self._label} contains", "Write when(….contains(value), …).")

    def __bool__(self) -> bool:
        raise _not_there_yet(f"The truth of {self._label}", _BRANCH)

    def __str__(self) -> str:
        raise _not_there_yet(f"The text of {self._label}", _COMPUTE)

    def __format__(self, _: str) -> str:
        return str(self)

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise DeclarationError(
            f"{self._label} was called, and it is a result, not an expert. Hand it to an expert."
        )

    def __repr__(self) -> str:
        return f"<{self._label}: not there yet>"

    def __hash__(self) -> int:
        return id(self)

    # Conditions ------------------------------------------------------------------------------

    def _claim(self, op: Op, right: object = None) -> Claim:
        if isinstance(right, Placeholder):
            raise DeclarationError(
                f"{self._label} {op} {right._label} compares two values that do not exist yet. "
                f"Expected a plain value on one side. {_COMPUTE}"
            )
        value = to_json(right, f"the right side of {self._label} {op} …")
        return Claim(self._trace, (Condition(left=self._binding, op=op, right=value),))

    def __eq__(self, other: object) -> Claim:  # type: ignore[override]
        return self._claim("==", other)

    def __ne__(self, other: object) -> Claim:  # type: ignore[override]
        return self._claim("!=", other)

    def __lt__(self, other: object) -> Claim:
        return self._claim("<", other)

    def __le__(self, other: object) -> Claim:
        return self._claim("<=", other)

    def __gt__(self, other: object) -> Claim:
        return self._claim(">", other)

    def __ge__(self, other: object) -> Claim:
        return self._claim(">=", other)

    def contains(self, value: object) -> Claim:
        """Ask whether a text, list or object contains ``value``."""
        return self._claim("contains", value)

    def is_empty(self) -> Claim:
        """Ask whether there is nothing in it."""
        return self._claim("empty")

    def is_in(self, values: Sequence[object]) -> Claim:
        """Ask whether it is one of ``values``."""
        return self._claim("in", list(values))

    def __and__(self, other: object) -> Claim:
        return claim_of(self) & other

    def __or__(self, other: object) -> Claim:
        return claim_of(self) | other

    def __invert__(self) -> Claim:
        return ~claim_of(self)

    # What needs the value itself ---------------------------------------------------------------

    def _compute(self, *_: object) -> NoReturn:
        raise _not_there_yet(f"The value of {self._label}", _COMPUTE)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _compute
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _compute
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __pos__ = __abs__ = _compute
    __int__ = __float__ = __complex__ = __index__ = __round__ = __bytes__ = __reversed__ = _compute
    __xor__ = __rxor__ = __lshift__ = __rshift__ = _compute


class Each:
    """The argument that ``each(…)`` makes: one item of a list that is still to come."""

    __slots__ = ("binding", "label", "on_error", "trace")

    def __init__(
        self,
        trace: Owner,
        binding: Binding,
        label: str,
        on_error: Literal["fail", "skip"] = "fail",
    ) -> None:
        self.trace = trace
        self.binding = binding
        self.label = label
        self.on_error: Literal["fail", "skip"] = on_error

    def _misused(self, *_: object) -> NoReturn:
        raise DeclarationError(
            f"each({self.label}) was used outside a call. Expected it as an argument of an expert: "
            "expert(each(items)) gives the list of results."
        )

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        self._misused()

    __bool__ = __iter__ = __len__ = __str__ = __getitem__ = __contains__ = __add__ = _misused
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = __ne__ = _misused  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<each({self.label})>"


class Claim:
    """A condition that is told when the plan runs; combine with ``&``, ``|`` and ``~``."""

    __slots__ = ("conditions", "trace")

    def __init__(self, trace: Owner, conditions: tuple[Condition, ...]) -> None:
        self.trace = trace
        self.conditions = conditions
        """All must hold."""

    def __and__(self, other: object) -> Claim:
        return Claim(self.trace, (*self.conditions, *claim_of(other).conditions))

    def __rand__(self, other: object) -> Claim:
        return claim_of(other) & self

    def __or__(self, other: object) -> Claim:
        return ~(~self & ~claim_of(other))

    def __ror__(self, other: object) -> Claim:
        return claim_of(other) | self

    def __invert__(self) -> Claim:
        return Claim(self.trace, (negated(self.conditions),))

    def __bool__(self) -> bool:
        raise _not_there_yet("The truth of a condition", _BRANCH)


def negated(conditions: tuple[Condition, ...]) -> Condition:
    """Return the condition that holds when not all of these do."""
    if len(conditions) == 1:
        return conditions[0].model_copy(update={"negate": not conditions[0].negate})
    plain = next((each for each in conditions if not each.negate), None)
    if plain is None:  # something to hang the others on
        always = Condition(left=Value(value=True), right=True)
        return always.model_copy(update={"also": conditions, "negate": True})
    others = tuple(each for each in conditions if each is not plain)
    return plain.model_copy(update={"also": (*plain.also, *others), "negate": True})


def claim_of(value: object) -> Claim:
    """Return the claim that a value makes; a placeholder claims that it is true."""
    if isinstance(value, Claim):
        return value
    if isinstance(value, Placeholder):
        return value._claim("==", True)
    if isinstance(value, Each):
        raise DeclarationError(
            f"each({value.label}) stands in a condition. A condition is about a whole step, not "
            "about one item. Filter the list in an expert."
        )
    raise DeclarationError(
        f"{value!r} stands where a condition is expected, and is known already. Expected something "
        "about a value to come, such as score > 0.5. Use an ordinary Python if for what is known."
    )


def to_json(value: object, where: str) -> JSON:
    """Return a plain Python value as JSON. Raises ``DeclarationError``."""
    if isinstance(value, Text):
        return value.text
    if isinstance(value, Data):
        return cast("Data[JSON]", value).value
    if isinstance(value, Artifact):
        raise DeclarationError(
            f"An artifact of kind {value.kind.value!r} stands in the workflow as {where}. Expected content to come "
            "from outside: make it a parameter of the workflow, and give it when you run it."
        )
    if isinstance(value, Enum):
        return cast("JSON", value.value)
    try:
        return cast(
            "JSON", cast("Any", _ANYTHING).dump_python(value, mode="json", warnings="error")
        )
    except (PydanticSerializationError, ValueError) as error:
        raise DeclarationError(
            f"{value!r} cannot be {where}. Expected a result, a parameter, or a plain value: text, "
            "a number, true or false, a list or dict of these."
        ) from error


__all__ = ("Claim", "Each", "Owner", "Placeholder", "claim_of", "negated", "to_json")

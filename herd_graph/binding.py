"""What a binding stands for once its sources are there: references to artifacts.

The engine, the compiled ``StateGraph`` and the debugger all resolve bindings here, so that a plan
means the same wherever it runs. Nothing of this waits, calls or decides when a step may start.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Literal, Protocol, TypeAlias, TypeVar, cast

from herd_graph.artifacts import Artifact, Data, Table, Text, load
from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import PlanError, PortViolation, suggest
from herd_graph.plans import (
    AllOf,
    Binding,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Step,
    show,
)
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, Kind, StepStatus

T = TypeVar("T", str, float)
_STATED: Final = re.compile(
    r"(?<![\w.,:/-])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:/-]|[.,]\d)"
)
"""A number in a sentence; not a part of a date, a version or a code."""
_ORDERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Ref: TypeAlias = ArtifactRef | list[ArtifactRef]
"""What one port takes: one reference, or a list of them for a ``many`` port."""


class Skipped(Enum):
    """The type of ``SKIPPED``."""

    SKIPPED = "skipped"


SKIPPED: Final = Skipped.SKIPPED
"""What comes of a step that was skipped; it skips what consumes it, except inside ``first``."""


class Ended(Protocol):
    """How a step ended; a ``StepRecord`` is one."""

    @property
    def status(self) -> StepStatus:
        """Only ``done`` and ``skipped`` can be consumed."""
        ...

    @property
    def outputs(self) -> Mapping[str, ArtifactRef | list[ArtifactRef | None]]:
        """By output name. ``None`` in a list is an item that was left out."""
        ...


Results: TypeAlias = Mapping[str, Ended] | Callable[[str], Ended | None]
"""The record of a step, by its id."""


def resolve(
    binding: Binding,
    inputs: Mapping[str, Ref],
    outputs: Results,
    store: ArtifactStore,
    item: ArtifactRef | None = None,
    port: Port | None = None,
) -> Ref | Literal[Skipped.SKIPPED]:
    """Return the references that a binding stands for.

    Args:
        binding: What to resolve.
        inputs: The task's attachments, or a workflow's parameters.
        outputs: The records of the steps that have ended.
        store: Where literals are kept.
        item: The current item, inside a ``foreach``.
        port: The port that takes it. A list literal then becomes a list for a ``many`` port, and
            one payload a list of one.

    Returns:
        One reference, a list, or ``SKIPPED`` when a step that it needs was skipped.

    Raises:
        PlanError: An input or a step's result is not there.
    """
    found = _resolve(binding, inputs, outputs, store, item, port)
    if port is not None and port.many and isinstance(found, ArtifactRef):
        return [found]
    return found


def _resolve(
    binding: Binding,
    inputs: Mapping[str, Ref],
    outputs: Results,
    store: ArtifactStore,
    item: ArtifactRef | None,
    port: Port | None,
) -> Ref | Literal[Skipped.SKIPPED]:
    if isinstance(binding, FromStep):
        return _output(binding, outputs)
    if isinstance(binding, FromInput):
        try:
            return inputs[binding.input]
        except KeyError:
            raise PlanError(
                f"Input {binding.input!r} was not given. {suggest(binding.input, inputs, what='Given')} "
                "Attach it, or pass it by that name."
            ) from None
    if isinstance(binding, Item):
        if item is None:
            raise PlanError(
                'A binding {"item": true} stands outside a foreach. Expected a step with '
                '"foreach": a list.'
            )
        return item
    if isinstance(binding, AllOf):
        gathered: list[ArtifactRef] = []
        for each in binding.all:
            found = _resolve(each, inputs, outputs, store, item, None)
            if found is SKIPPED:
                return SKIPPED
            gathered += found if isinstance(found, list) else [found]
        return gathered
    if isinstance(binding, FirstOf):
        for each in binding.first:
            found = _resolve(each, inputs, outputs, store, item, port)
            if found is not SKIPPED:
                return found
        return SKIPPED
    return literal(binding.value, store, port)


def _output(binding: FromStep, outputs: Results) -> Ref | Literal[Skipped.SKIPPED]:
    record = outputs(binding.step) if callable(outputs) else outputs.get(binding.step)
    if record is None or record.status not in {"done", "skipped"}:
        state = "has not ended" if record is None else f"is {record.status}"
        raise PlanError(
            f"Step {binding.step!r} {state}, so there is no result of it. Expected a step that is "
            "done. See herd why for what happened to it."
        )
    if record.status == "skipped":
        return SKIPPED
    name = binding.output or next(iter(record.outputs), "")
    if name not in record.outputs:
        raise PlanError(
            f"Step {binding.step!r} gave no output {name!r}. "
            f"{suggest(name, record.outputs, what='It gave')}"
        )
    given = record.outputs[name]
    if isinstance(given, list):
        return [each for each in given if each is not None]
    return given


def literal(value: JSON, store: ArtifactStore, port: Port | None = None) -> Ref:
    """Return the reference for a literal: ``Text`` for a string, else ``Data``.

    For a ``many`` port a list becomes one artifact for each element; for a table port a list of
    objects becomes a ``Table``.
    """
    if port is not None and isinstance(value, list):
        if port.kind is Kind.TABLE and not port.many:
            return Table(cast("list[Mapping[str, JSON]]", value)).put(store)
        if port.many:
            single = port.model_copy(update={"many": False})
            return [_one(literal(each, store, single)) for each in value]
    made: Artifact = Text(value) if isinstance(value, str) else Data(value)
    return made.put(store)


def _one(ref: Ref) -> ArtifactRef:
    assert isinstance(ref, ArtifactRef)
    return ref


def resolve_inputs(
    step: Step,
    card: ExpertCard,
    inputs: Mapping[str, Ref],
    outputs: Results,
    store: ArtifactStore,
    item: ArtifactRef | None = None,
) -> dict[str, Ref] | Literal[Skipped.SKIPPED]:
    """Return the references for every bound input of a step.

    An input bound to a task input that was not given (an optional parameter of a workflow) is left
    out, so that the expert's own default holds. Raises ``PlanError``.
    """
    bound: dict[str, Ref] = {}
    for name, binding in step.inputs.items():
        if isinstance(binding, FromInput) and binding.input not in inputs:
            port = card.input(name)
            if port is not None and not port.required:
                continue
        found = resolve(binding, inputs, outputs, store, item, card.input(name))
        if found is SKIPPED:
            return SKIPPED
        bound[name] = found
    return bound


def items_of(
    binding: Binding,
    inputs: Mapping[str, Ref],
    outputs: Results,
    store: ArtifactStore,
) -> list[ArtifactRef] | None:
    """Return the items that a ``foreach`` goes over, or ``None`` when its list was skipped.

    A list of artifacts is taken as it is. One ``Data`` artifact that holds a JSON list is opened
    up: strings become ``Text``, anything else ``Data``; a ``Table`` gives one object for each row.

    Raises:
        PortViolation: It is no list.
        PlanError: An input or a step's result is not there.
    """
    found = resolve(binding, inputs, outputs, store)
    if found is SKIPPED:
        return None
    if isinstance(found, list):
        return found
    opened: JSON = None
    if found.kind in {Kind.DATA, Kind.TABLE}:
        opened = value_of(found, store)
    if not isinstance(opened, list):
        raise PortViolation(
            f"foreach goes over {show(binding)!r}, which is one {found.kind.value} and no list. "
            "Expected several artifacts, a JSON list or a table. Bind a step that gives a list, or "
            "leave foreach out."
        )
    return [_one(literal(each, store)) for each in opened]


def with_defaults(
    ports: Mapping[str, Port], inputs: Mapping[str, Ref], store: ArtifactStore
) -> dict[str, Ref]:
    """Return ``inputs`` and, for those that were left out, the defaults of their ports."""
    defaults = {
        name: literal(port.default, store, port)
        for name, port in ports.items()
        if name not in inputs and port.default is not None
    }
    return {**inputs, **defaults}


def value_of(ref: Ref, store: ArtifactStore) -> JSON:
    """Return what a condition compares: text, a JSON value, a table's rows, or a list of these.

    Raises ``PortViolation`` for pictures, sound and other content that is no value.
    """
    if isinstance(ref, list):
        return [value_of(each, store) for each in ref]
    artifact = load(ref, store)
    if isinstance(artifact, Text):
        return artifact.text.strip()
    if isinstance(artifact, Data):
        return cast("Data[JSON]", artifact).value
    if isinstance(artifact, Table):
        return cast("JSON", artifact.rows)
    raise PortViolation(
        f"{ref.name or ref.kind.value!r} is {ref.kind.value} and has no value to compare. Expected "
        "text or data. Compare what an expert finds out about it."
    )


def holds(
    condition: Condition,
    inputs: Mapping[str, Ref],
    outputs: Results,
    store: ArtifactStore,
    item: ArtifactRef | None = None,
) -> bool:
    """Say whether a condition holds.

    A condition on what was skipped does not hold, and neither does its negation: both branches of
    a test that was never made are skipped. Text is compared without the white space around it, and
    as a number where a number stands on the right.

    Raises:
        PortViolation: The two sides cannot be compared.
        PlanError: An input or a step's result is not there.
    """
    return _truth(condition, inputs, outputs, store, item) is True


def _truth(
    condition: Condition,
    inputs: Mapping[str, Ref],
    outputs: Results,
    store: ArtifactStore,
    item: ArtifactRef | None,
) -> bool | None:
    """Return Kleene's truth value: None where what is tested was skipped."""
    found = resolve(condition.left, inputs, outputs, store, item)
    truth: bool | None = None
    if found is not SKIPPED and condition.field:
        value = _field(value_of(found, store), condition.field)
        empty = value in (None, "", [], {})
        truth = empty if condition.op == "empty" else compare(value, condition)
    elif found is not SKIPPED:
        empty = condition.op == "empty"
        truth = _is_empty(found, store) if empty else compare(value_of(found, store), condition)
    for each in condition.also:
        if truth is False:
            break
        other = _truth(each, inputs, outputs, store, item)
        truth = other if other is False or truth is True else None
    return truth if truth is None else truth is not condition.negate


def _field(value: JSON, field: str) -> JSON:
    if isinstance(value, dict) and field in value:
        return value[field]
    there = f"the fields {', '.join(value)}" if isinstance(value, dict) else _short(value)
    raise PortViolation(
        f"A condition compares the field {field!r} of what is {there}. Expected an object that has "
        "it. Name one that is there, or compare the whole."
    )


def _is_empty(found: Ref, store: ArtifactStore) -> bool:
    if isinstance(found, list):
        return not found
    if found.kind in {Kind.TEXT, Kind.DATA, Kind.TABLE}:
        return value_of(found, store) in (None, "", [], {})
    return found.size == 0


def compare(left: JSON, condition: Condition) -> bool:
    """Return what the operator says of ``left``, before ``negate``. Raises ``PortViolation``."""
    right, op = condition.right, condition.op
    if op == "in" and isinstance(right, list):
        return any(_equal(left, each) for each in right)
    if op == "contains":
        if isinstance(left, str):
            return str(right) in left
        if isinstance(left, list):
            return any(_equal(each, right) for each in left)
        if isinstance(left, dict):
            return right in left
    if op in {"==", "!="}:
        return _equal(left, right) is (op == "==")
    if op in {"<", "<=", ">", ">="}:
        left = _as_number(left, right)
        if _is_number(left) and _is_number(right):
            return _ordered(cast("float", left), op, cast("float", right))
        if isinstance(left, str) and isinstance(right, str):
            return _ordered(left, op, right)
    raise PortViolation(
        f"{_short(left)} {op} {_short(right)} cannot be told. Expected two numbers or two texts for "
        "an order, a text, list or object for 'contains', a list on the right of 'in'. Change the "
        "condition, or compute the value with an expert first."
    )


def _ordered(left: T, op: str, right: T) -> bool:
    return bool(_ORDERS[op](left, right))


def _equal(left: JSON, right: JSON) -> bool:
    if isinstance(left, str) and isinstance(right, bool):
        return left.casefold() == str(right).casefold()
    left = _as_number(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left.strip() == right.strip()
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _as_number(left: JSON, right: JSON) -> JSON:
    """Read text as a number where it is compared with one: models answer in words.

    *3 people* is 3, and *1,250.40 euros* 1250.4; a text with two numbers is none of them.
    """
    if isinstance(left, str) and _is_number(right):
        try:
            number = float(left)
        except ValueError:
            stated = _STATED.findall(left)
            if len(stated) != 1:
                return left
            number = float(stated[0].replace(",", ""))
        return number if math.isfinite(number) else left
    return left


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: JSON) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


__all__ = (
    "SKIPPED",
    "Ended",
    "Ref",
    "Results",
    "Skipped",
    "compare",
    "holds",
    "items_of",
    "literal",
    "resolve",
    "resolve_inputs",
    "value_of",
    "with_defaults",
)

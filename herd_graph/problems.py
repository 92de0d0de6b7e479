"""What can be wrong with a plan, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from herd_graph.cards import Port
from herd_graph.conversions import Conversion
from herd_graph.errors import suggest
from herd_graph.plans import Binding, Condition, FromInput, FromStep, Item, show
from herd_graph.types import Kind, StepId

Code: TypeAlias = Literal[
    "unknown-expert",
    "unknown-version",
    "no-expert",
    "vague-capability",
    "unserved-capability",
    "missing-input",
    "unknown-input",
    "bad-value",
    "maybe-missing",
    "input-not-given",
    "unknown-step",
    "unknown-reference",
    "unknown-output",
    "duplicate-id",
    "cycle",
    "type-mismatch",
    "mime-mismatch",
    "list-for-one",
    "not-a-list",
    "item-outside-foreach",
    "incomparable",
    "never-true",
    "select",
    "cannot-inline",
]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a plan. ``str(problem)`` is meant for people."""

    code: Code
    step: StepId | Literal[""] = ""
    """Empty for what concerns the answers or the plan as a whole."""
    input: str = ""
    """The input of the step, where it concerns one."""
    message: str
    conversions: tuple[Conversion, ...] = ()
    """Ways to make the types fit, best first."""

    def __str__(self) -> str:
        return self.message


def typed(port: Port) -> str:
    """Return a port's type as people write it, with its MIME types."""
    return f"{port.type_name} ({', '.join(port.mime)})" if port.mime else port.type_name


def named(binding: Binding) -> str:
    """Return what a binding is bound to, in words."""
    if isinstance(binding, FromStep):
        output = f"output {binding.output!r} of " if binding.output else ""
        return f"{output}step {binding.step!r}"
    if isinstance(binding, FromInput):
        return f"input {binding.input!r}"
    return "the item" if isinstance(binding, Item) else show(binding)


def why_incomparable(port: Port, condition: Condition) -> str:
    """Say why a condition cannot be told of what a port gives; empty when it can."""
    op, right = condition.op, condition.right
    if op == "empty" or Kind.ANY in port.kinds:
        return ""
    if condition.field:
        return _why_no_field(port, condition)
    values = {Kind.TEXT, Kind.DATA, Kind.TABLE}
    if values.isdisjoint(port.kinds):
        return (
            f"{typed(port)} has no value to compare. Expected text or data. Compare what an expert "
            "finds out about it, or ask whether it is empty."
        )
    if op == "in" and not isinstance(right, list):
        return f"'in' needs a list on the right, not {right!r}. Write [{right!r}]."
    if op not in {"<", "<=", ">", ">="}:
        scalar = None if port.many else port.scalar
        if op == "contains" and scalar in {"number", "integer", "boolean"}:
            return f"{typed(port)} contains nothing. Expected text, a list or an object. Use '=='."
        return _why_never_equal(scalar, condition) if op in {"==", "!="} else ""
    kind = (port.json_schema or {}).get("type")
    orderless = port.many or port.kind is Kind.TABLE or kind in {"object", "array", "boolean"}
    if orderless or isinstance(right, bool) or not isinstance(right, int | float | str):
        return (
            f"{typed(port)} and {right!r} have no order. Expected two numbers or two texts. Compare "
            "with '==', or compute a number with an expert first."
        )
    if isinstance(right, str) and kind in {"number", "integer"}:
        return f"{typed(port)} and the text {right!r} have no order. Expected a number."
    return ""


def _why_no_field(port: Port, condition: Condition) -> str:
    """Say why a field of what a port gives cannot be compared."""
    if port.many or port.kind is not Kind.DATA:
        return f"{typed(port)} has no fields. Expected data. Compare the whole."
    fields = (port.json_schema or {}).get("properties")
    if not isinstance(fields, dict) or not fields:
        return ""  # nothing is known of them before the plan runs
    if condition.field not in fields:
        near = suggest(condition.field, fields)
        return f"{typed(port)} has no field {condition.field!r}. {near}"
    schema = fields[condition.field]
    if not isinstance(schema, dict):
        return ""
    held = port.model_copy(update={"json_schema": schema, "choices": ()})
    return why_incomparable(held, condition.model_copy(update={"field": ""}))


def _why_never_equal(scalar: str | None, condition: Condition) -> str:
    right = condition.right
    number = isinstance(right, int | float) and not isinstance(right, bool)
    if (scalar in {"number", "integer"} and not number) or (
        scalar == "boolean" and not isinstance(right, bool)
    ):
        return f"a {scalar} is never equal to {right!r}. Compare it with a {scalar}."
    return ""


__all__ = ("Code", "Problem", "named", "typed", "why_incomparable")

"""Conditions of breakpoints: a small expression language, parsed and never evaluated by Python.

    score < 0.6 and cost > 0.01
    expert == "transcribe" or "image" in kinds
    status != "done"

Names, literals, comparisons, ``and``, ``or``, ``not`` and ``in``: there are no calls, attributes,
subscripts or arithmetic, so that nothing can be reached and nothing can take long.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from herd_graph.errors import ConfigError, suggest

NAMES: Mapping[str, str] = {
    "step": "the step's id",
    "expert": "the expert's name, without its version",
    "capability": "the words of the expert's card that say what it is for",
    "kinds": "the kinds of what goes in, and, once it has run, of what came out",
    "status": "done, failed, skipped …; pending before the call",
    "score": "the lowest score that a check gave; 1 where none doubted",
    "confidence": "how sure the router was of this step",
    "disagreement": "whether a check found experts that differ",
    "cost": "USD that the call cost",
    "seconds": "how long it took",
    "attempts": "how often it was tried",
    "error": "the error's text",
    "text": "the result in words, cut",
}
RESULTS = frozenset(
    {"status", "score", "disagreement", "cost", "seconds", "attempts", "error", "text"}
)
"""Names that are known only when the call has ended."""
MOST_CHARS = 500
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


@dataclass(frozen=True)
class Condition:
    """A parsed condition."""

    text: str
    tree: ast.expr

    @property
    def names(self) -> frozenset[str]:
        """The names that it speaks of."""
        return frozenset(each.id for each in ast.walk(self.tree) if isinstance(each, ast.Name))

    @property
    def about_results(self) -> bool:
        """Whether it can only be answered when a call has ended."""
        return bool(self.names & RESULTS)

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Say whether it holds; a comparison of unlike things does not."""
        return bool(_value(self.tree, values))


def parse(text: str) -> Condition:
    """Read a condition.

    Raises:
        ConfigError: It is no expression of this language; the message says what is wrong.
    """
    if len(text) > MOST_CHARS:
        raise ConfigError(
            f"The condition has {len(text)} characters. Expected at most {MOST_CHARS}. Shorten it."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", str(error))
        raise ConfigError(
            f"{text!r} is no condition: {reason}. Expected something like 'score < 0.6 and "
            "cost > 0.01'. See: help break."
        ) from None
    _check(tree, text)
    return Condition(text.strip(), tree)


def _check(node: ast.AST, text: str) -> None:
    if isinstance(node, ast.Name):
        if node.id not in NAMES:
            raise ConfigError(
                f"The condition {text!r} speaks of {node.id!r}, which a stop does not have. "
                f"{suggest(node.id, NAMES, what='There are')} Text is written in quotes."
            )
        return
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str | int | float | bool | None):
            raise ConfigError(f"The condition {text!r} holds a literal that is no text or number.")
        return
    allowed = isinstance(node, ast.BoolOp | ast.Compare | ast.List | ast.Tuple) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub)
    )
    if not allowed:
        raise ConfigError(
            f"The condition {text!r} uses {type(node).__name__}, which conditions do not have. "
            "Expected names, literals, comparisons, 'and', 'or', 'not' and 'in'."
        )
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.boolop | ast.cmpop | ast.unaryop | ast.expr_context):
            _check(child, text)
        elif isinstance(child, ast.Is | ast.IsNot):
            raise ConfigError(f"The condition {text!r} uses 'is'. Use '==' instead.")


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each, values) for each in node.elts]
    if isinstance(node, ast.BoolOp):
        results = (bool(_value(each, values)) for each in node.values)
        return all(results) if isinstance(node.op, ast.And) else any(results)
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, values)
        if isinstance(node.op, ast.Not):
            return not value
        return -value if isinstance(value, int | float) else None
    assert isinstance(node, ast.Compare)
    left = _value(node.left, values)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = _value(right_node, values)
        try:
            if not _COMPARE[type(op)](left, right):
                return False
        except TypeError:  # "done" < 3: unlike things
            return False
        left = right
    return True


__all__ = ("NAMES", "Condition", "parse")

"""Plans written compactly: an expression for each thing asked, as a person would note it down.

    speak(translate(read_text(a1), en)) ; find_entities(transcribe(a2))

Arguments stand in the order of the expert's input ports; an optional one that keeps its default is
left out. ``each`` marks the list of a ``foreach``, ``.pages`` an output that is not the first,
``x if y == z`` a condition, ``-`` an abstention, a closing ``!`` that a part must be left unmet.
``h1.2`` is the second answer of the first earlier turn, ``h1.a1`` its first file.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from herd_graph.errors import ConfigError

Tree: TypeAlias = "tuple[Any, ...]"
"""``("call", expert, output, each?, args…)``, ``("input", name)``, ``("value", …)`` or a list."""

_EACH = re.compile(r"\beach (?=[a-z])")
_TURN = re.compile(r"\bh(\d+)\.(a?\d+)\b")
_CONDITION = re.compile(r" if (?![^(]*\))")
_BARE = re.compile(r"(?<=, )[a-z]+(?: [a-z]+)+(?=[,)])")
"""A choice of several words, written without quotes: ``potted plant``."""
_OPS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
"""As a plan's conditions spell them. Which field of an object is compared is the plan's own affair."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One of the plans that a judge accepts."""

    parts: tuple[Tree, ...] = ()
    abstains: bool = False
    partly: bool = False


def inputs_of(part: Tree) -> list[str]:
    """Return the names of the inputs that an expression is made of, one for each use, in its order."""
    if part[0] == "input":
        return [str(part[1])]
    return [
        name for each in part if isinstance(each, tuple) for name in inputs_of(cast("Tree", each))
    ]


def read_gold(gold: str) -> Wanted:
    """Read one gold. Raises ``ConfigError`` when it is no expression."""
    bare = gold.strip()
    if bare == "-":
        return Wanted(abstains=True)
    partly = bare.endswith("!")
    try:
        parts = tuple(expression(each) for each in bare.removesuffix("!").split(" ; "))
    except (SyntaxError, ValueError) as error:
        raise ConfigError(f"Gold {gold!r} is no list of expressions: {error}.") from None
    return Wanted(parts=parts, partly=partly)


def expression(text: str) -> Tree:
    """Read one expression. Raises ``ValueError`` or ``SyntaxError``."""
    body, *condition = _CONDITION.split(text.strip())
    tree = _tree(ast.parse(_plain(body), mode="eval").body)
    if condition:
        return ("if", tree, _tree(ast.parse(_plain(condition[0]), mode="eval").body))
    return tree


def _plain(text: str) -> str:
    quoted = _BARE.sub(lambda found: repr(found[0]), text.strip())
    return _EACH.sub("each * ", _TURN.sub(r"h\1_\2", quoted))


def _tree(node: ast.AST, output: str = "") -> Any:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):  # "each * x"
        return _tree(node.right)
    if isinstance(node, ast.Attribute):
        return _tree(node.value, node.attr)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        held = [_tree(argument) for argument in node.args]
        over = any(
            isinstance(each, ast.BinOp)
            and isinstance(each.left, ast.Name)
            and each.left.id == "each"
            for each in node.args
        )
        return ("call", node.func.id, output, over, *held)
    if isinstance(node, ast.List):
        held = tuple(_tree(each) for each in node.elts)
        return held[0] if len(held) == 1 else ("list", *held)
    if isinstance(node, ast.Compare):
        right = _tree(node.comparators[0])
        return ("test", _tree(node.left), _OPS[type(node.ops[0])], right)
    if isinstance(node, ast.Name):
        turn = re.fullmatch(r"h(\d+)_(a?\d+)", node.id)
        if turn:
            return ("input", f"h{turn[1]}.{turn[2]}")
        return ("input", node.id) if re.fullmatch(r"a\d+", node.id) else ("choice", node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return ("value", -cast("Any", node.operand.value))
    if isinstance(node, ast.Constant):
        return ("value", node.value)
    raise ValueError(f"{ast.unparse(node)!r} is no call, input or literal")


__all__ = ("Tree", "Wanted", "expression", "inputs_of", "read_gold")

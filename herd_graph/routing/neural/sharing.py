"""Have a later part go on with what an earlier one shows: *sum it up in two sentences, and read that aloud*.

The network may write the later part's source with less than was said of it (a summary, of as many sentences
as it likes). What is heard would then be another text than what is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from herd_graph.routing.golds import Tree
from herd_graph.routing.neural.decoding import Parsed

_ARGUMENTS = 4
"""Where the arguments of a call begin."""


def shared(parsed: Parsed) -> Parsed:
    """Return what was written with the source of each part as an earlier part has it, where that says more."""
    made: list[Tree] = []
    for part in parsed.wanted.parts:
        made.append(_filled(part, made, top=True))
    if tuple(made) == parsed.wanted.parts:
        return parsed
    return replace(parsed, wanted=replace(parsed.wanted, parts=tuple(made)))


def _filled(tree: Tree, earlier: list[Tree], *, top: bool = False) -> Tree:
    """Return an expression whose inner calls are those of earlier parts that do the same more exactly."""
    if tree[0] != "call":
        return tree
    if not top:
        fuller = [each for each in earlier if each != tree and _says_less(tree, each)]
        if fuller:
            return fuller[-1]
    rest = (_filled(_tree(each), earlier) for each in tree[_ARGUMENTS:])
    return (*tree[:_ARGUMENTS], *rest)


def _says_less(tree: Tree, other: Tree) -> bool:
    """Say whether an expression is another one with some of its arguments left out at the end."""
    if tree == other:
        return True
    if tree[0] != "call" or tree[:_ARGUMENTS] != other[:_ARGUMENTS]:
        return False
    mine, theirs = tree[_ARGUMENTS:], other[_ARGUMENTS:]
    return 0 < len(mine) <= len(theirs) and all(
        _says_less(_tree(one), _tree(two)) for one, two in zip(mine, theirs, strict=False)
    )


def _tree(each: object) -> Tree:
    return cast("Tree", each)


__all__ = ("shared",)

"""Do for every file what a request in the plural asks: *what's on the signs*, with two photos of signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from herd_graph.cards import Port
from herd_graph.discovery.words import words
from herd_graph.routing.golds import Tree, inputs_of
from herd_graph.routing.lexicon import ALL_OF_THEM, MATERIAL, ORDINALS, SUGGESTS
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.reading import Given
from herd_graph.types import Kind

_PLURAL = re.compile(
    r"\b(?:the|these|those|both|all|my|our|two|three|four|five|each of the|of the)\s+(?:\w+\s+)?(\w+s)\b",
    re.IGNORECASE,
)
_APART = re.compile(
    r"\b(?:which|either|one of|compare|comparison|difference|differ|same|together|between|other|another|only|latter|former)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?<![\w.])(?:[x×]\s?(\d)|(\d)\s?[x×])(?![\w.])(?!\s?\d)", re.IGNORECASE)
"""*Mood x3*: of as many files as there are."""


def spread(parsed: Parsed, request: str, files: Sequence[tuple[Given, Port]]) -> Parsed:
    """Return a plan with its parts for each file of a kind, where it has them for one and all are meant.

    Args:
        parsed: What the network wrote.
        request: The words.
        files: What is attached, with its port.
    """
    kinds = _kinds(request) or _as_many(request, files)
    used = {name for part in parsed.wanted.parts for name in inputs_of(part)}
    for kind in kinds:
        held = [given.symbol for given, port in files if port.kind is kind]
        mine = [each for each in held if each in used]
        if len(held) < 2 or len(mine) != 1 or len(used) != 1:
            continue
        parts = tuple(
            _with(part, mine[0], symbol) for part in parsed.wanted.parts for symbol in held
        )
        looks = tuple(look for look in parsed.looks for _ in held)
        return replace(parsed, wanted=replace(parsed.wanted, parts=parts), looks=looks)
    return parsed


def _kinds(request: str) -> list[Kind]:
    if _APART.search(request) or set(words(request)) & ORDINALS.keys():
        return []
    nouns = [each[1].lower() for each in _PLURAL.finditer(request)]
    found = [MATERIAL.get(each) or SUGGESTS.get(each) for each in nouns]
    kinds = [each for each in found if each is not None]
    return kinds or (list(Kind) if ALL_OF_THEM.search(request) else [])


def _as_many(request: str, files: Sequence[tuple[Given, Port]]) -> list[Kind]:
    """Return the kinds of which there are as many files as a request counts."""
    found = _TIMES.search(request)
    held = [port.kind for _, port in files]
    return [kind for kind in Kind if found and held.count(kind) == int(found[1] or found[2])]


def _with(tree: Tree, name: str, other: str) -> Tree:
    if tree == ("input", name):
        return ("input", other)
    return tuple(
        _with(cast("Tree", each), name, other) if isinstance(each, tuple) else each for each in tree
    )


__all__ = ("spread",)

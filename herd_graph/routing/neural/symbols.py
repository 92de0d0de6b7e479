"""Plans as a row of symbols: what the network writes, and what it is trained to write.

    e:speak e:translate e:read_text i:a1 ) c:en ) ) ; e:find_entities e:transcribe i:a2 ) )

A call is its expert, its arguments in the order of the ports, and a bracket. ``i:`` points at an
attachment or at what an earlier turn made, ``c:`` is a value of a port with choices, ``#3`` a small
number, ``span`` words of the request itself, which the network points at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from herd_graph.cards import ExpertCard
from herd_graph.routing.golds import Tree, Wanted

START, END, PAD = "<s>", "</s>", "<pad>"
CLOSE, NEXT, PARTLY, NOTHING = ")", ";", "!", "-"
EACH, OPEN_LIST, CLOSE_LIST, IF, SPAN = "each", "[", "]", "if", "span"
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")
LARGEST = 12
"""The largest number that is a symbol; larger ones are words of the request."""
STRUCTURE = (
    *(START, END, PAD, CLOSE, NEXT, PARTLY, NOTHING, EACH, OPEN_LIST, CLOSE_LIST, IF),
    *OPERATORS,
    SPAN,
    *(f"#{number}" for number in range(LARGEST + 1)),
)
FOUND_OUT = (
    *("negative", "positive", "neutral"),
    *("pdf", "png", "jpeg", "wav", "tiff", "zip", "docx", "mp3"),
    *("fr", "es", "de", "it"),
)
"""What conditions compare with, beside the choices of ports: moods, file types, languages."""
_WHOLE = re.compile(r"-?\d+")


@dataclass(frozen=True, kw_only=True)
class Written:
    """A plan as symbols."""

    symbols: tuple[str, ...]
    said: tuple[str | None, ...]
    """Beside each ``span`` the words that it stands for; None beside every other symbol."""


def alphabet(cards: Iterable[ExpertCard]) -> tuple[str, ...]:
    """Return every symbol that plans over these experts need, inputs aside."""
    held = list(cards)
    found = dict.fromkeys(STRUCTURE)
    for card in held:
        for place, port in enumerate(card.outputs):
            found[f"e:{card.name}" + (f".{port.name}" if place else "")] = None
    for card in held:
        for port in card.inputs:
            found.update(dict.fromkeys(f"c:{each}" for each in port.choices))
    found.update(dict.fromkeys(f"c:{each}" for each in FOUND_OUT))
    return tuple(found)


def write(wanted: Wanted) -> Written:
    """Return the symbols of a plan."""
    if wanted.abstains:
        return Written(symbols=(NOTHING,), said=(None,))
    row: list[tuple[str, str | None]] = []
    for place, part in enumerate(wanted.parts):
        if place:
            row.append((NEXT, None))
        _write(part, row)
    if wanted.partly:
        row.append((PARTLY, None))
    return Written(symbols=tuple(each for each, _ in row), said=tuple(said for _, said in row))


def read(symbols: Sequence[str], said: Mapping[int, str]) -> Wanted:
    """Return the plan that some symbols are.

    Args:
        symbols: The row, without start and end.
        said: The words of each ``span``, by its place in the row.

    Raises:
        ValueError: They are no plan.
    """
    if tuple(symbols[:1]) == (NOTHING,):
        return Wanted(abstains=True)
    reader = _Reader(symbols, said)
    parts: list[Tree] = []
    partly = False
    while not reader.ended:
        if reader.takes(PARTLY):
            partly = True
        elif not reader.takes(NEXT):
            parts.append(reader.part())
    return Wanted(parts=tuple(parts), partly=partly)


class _Reader:
    """Goes along a row of symbols."""

    def __init__(self, symbols: Sequence[str], said: Mapping[int, str]) -> None:
        self.symbols, self.said, self.at = symbols, said, 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.symbols)

    def takes(self, symbol: str) -> bool:
        if self.ended or self.symbols[self.at] != symbol:
            return False
        self.at += 1
        return True

    def next(self) -> str:
        if self.ended:
            raise ValueError("the row of symbols ends in the middle of a plan")
        self.at += 1
        return self.symbols[self.at - 1]

    def part(self) -> Tree:
        tree = self.expression()
        if not self.takes(IF):
            return tree
        left, operator = self.expression(), self.next()
        if operator not in OPERATORS:
            raise ValueError(f"{operator!r} compares nothing")
        return ("if", tree, ("test", left, operator, self.expression()))

    def expression(self) -> Tree:
        symbol = self.next()
        if symbol == OPEN_LIST:
            held: list[Tree] = []
            while not self.takes(CLOSE_LIST):
                held.append(self.expression())
            return held[0] if len(held) == 1 else ("list", *held)
        if symbol == SPAN:
            words = self.said[self.at - 1]
            return ("value", int(words) if _WHOLE.fullmatch(words) else words)
        mark, _, name = symbol.partition(":")
        if mark == "e":
            return self.call(name)
        if mark == "i":
            return ("input", name)
        if mark == "c":
            return ("choice", name)
        if symbol.startswith("#"):
            return ("value", int(symbol[1:]))
        raise ValueError(f"{symbol!r} is no expression")

    def call(self, name: str) -> Tree:
        expert, _, output = name.partition(".")
        held: list[Tree] = []
        over = False
        while not self.takes(CLOSE):
            if self.takes(EACH):
                over = True
            else:
                held.append(self.expression())
        return ("call", expert, output, over, *held)


def _write(tree: Any, row: list[tuple[str, str | None]]) -> None:
    branch = cast("Tree", tree)
    kind = branch[0]
    if kind == "if":
        _, held, (_, left, operator, right) = branch
        _write(held, row)
        row.append((IF, None))
        _write(left, row)
        row.append((operator, None))
        _write(right, row)
    elif kind == "call":
        _, expert, output, over, *arguments = branch
        row.append((f"e:{expert}" + (f".{output}" if output else ""), None))
        listed = next((k for k, each in enumerate(arguments) if each[0] in {"call", "input"}), 0)
        for place, each in enumerate(arguments):
            if over and place == listed:
                row.append((EACH, None))
            _write(each, row)
        row.append((CLOSE, None))
    elif kind == "list":
        row.append((OPEN_LIST, None))
        for each in branch[1:]:
            _write(each, row)
        row.append((CLOSE_LIST, None))
    elif kind == "input":
        row.append((f"i:{branch[1]}", None))
    elif kind == "choice":
        row.append((f"c:{branch[1]}", None))
    elif kind == "value":
        value = branch[1]
        small = isinstance(value, int) and 0 <= value <= LARGEST
        row.append((f"#{value}", None) if small else (SPAN, str(value)))
    else:
        raise ValueError(f"{kind!r} cannot be written as symbols")


__all__ = (
    "CLOSE",
    "CLOSE_LIST",
    "EACH",
    "END",
    "FOUND_OUT",
    "IF",
    "NEXT",
    "NOTHING",
    "OPEN_LIST",
    "OPERATORS",
    "PAD",
    "PARTLY",
    "SPAN",
    "START",
    "STRUCTURE",
    "Written",
    "alphabet",
    "read",
    "write",
)

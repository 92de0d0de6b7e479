"""What tools are called with, for ``herd bench planning``: read off a request by habit.

A set in TaskBench form names arguments without saying what they mean, so what can be learnt are
habits: which arguments a tool has, whether one is the result of the tool before it, always the same,
or something of the request that has the usual shape (a file's name, a quotation, a number). It is the
same reader for every planner, whose tools it is given: what differs between them are the tools.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from herd_graph.routing.taskbench import Sample

Argument = tuple[str, str, str]
"""A tool, the name of a parameter, and its value."""
Shape = Literal["node", "file", "quoted", "number", "words"]
_NODE = re.compile(r"<node-(\d+)>")
_FILE = re.compile(r"\b[\w-]+\.[a-z][a-z0-9]{1,4}\b", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“']([^\"”'’]{1,400})[\"”'’](?!\w)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:/-]\d+)*(?!\w)")
_USUAL = 0.5
"""The share of a tool's calls from which on an argument, or one value of it, is expected."""


def arguments_of(sample: Sample) -> tuple[Argument, ...]:
    """Return a sample's arguments as they are scored: a result is called by its tool's name."""
    return tuple(
        (tool, name, normal(_named(value, sample.tools)))
        for tool, given in zip(sample.tools, sample.arguments, strict=False)
        for name, value in given.items()
    )


def normal(value: str) -> str:
    """Return a value without what does not matter: case, quotes and spaces around it."""
    return " ".join(value.split()).strip("\"'“”’ .").casefold()


def _named(value: str, tools: Sequence[str]) -> str:
    found = _NODE.fullmatch(value.strip())
    if found is None or int(found[1]) >= len(tools):
        return value
    return f"<{tools[int(found[1])]}>"


def _shape(value: str) -> Shape:
    if _NODE.fullmatch(value.strip()):
        return "node"
    if _FILE.fullmatch(value.strip()):
        return "file"
    return "number" if _NUMBER.fullmatch(value.strip()) else "words"


@dataclass(kw_only=True)
class _Habit:
    """What one parameter of one tool mostly was."""

    shapes: Counter[Shape] = field(default_factory=Counter[Shape])
    values: Counter[str] = field(default_factory=Counter[str])
    endings: Counter[str] = field(default_factory=Counter[str])


class Arguments:
    """What tools were called with in past requests.

    Args:
        samples: The requests to learn from.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._calls: Counter[str] = Counter()
        self._habits: dict[str, dict[str, _Habit]] = {}
        for sample in samples:
            for tool, given in zip(sample.tools, sample.arguments, strict=False):
                self._calls[tool] += 1
                for name, value in given.items():
                    habit = self._habits.setdefault(tool, {}).setdefault(name, _Habit())
                    shape = _shape(value)
                    said = shape == "words" and value.strip().casefold() in {
                        each.strip().casefold() for each in _QUOTED.findall(sample.request)
                    }
                    habit.shapes["quoted" if said else shape] += 1
                    habit.values[value] += 1
                    if shape == "file":
                        habit.endings[_ending(value)] += 1

    def read(
        self, request: str, tools: Sequence[str], links: Sequence[tuple[str, str]]
    ) -> tuple[Argument, ...]:
        """Return what tools are called with, for one request.

        Args:
            request: What was asked.
            tools: In order.
            links: What passes something on to what.
        """
        left: dict[Shape, list[str]] = {
            "file": _FILE.findall(request),
            "quoted": _QUOTED.findall(request),
            "number": _NUMBER.findall(request),
        }
        found: list[Argument] = []
        for tool in dict.fromkeys(tools):
            before = [source for source, target in links if target == tool]
            for name, habit in self._habits.get(tool, {}).items():
                if sum(habit.shapes.values()) < _USUAL * self._calls[tool]:
                    continue
                value = self._value(habit, before, left)
                if value:
                    found.append((tool, name, normal(value)))
        return tuple(found)

    def _value(self, habit: _Habit, before: list[str], left: dict[Shape, list[str]]) -> str:
        likeliest, often = habit.values.most_common(1)[0]
        shape = habit.shapes.most_common(1)[0][0]
        if before and habit.shapes["node"]:
            return f"<{before.pop(0)}>"
        if often >= 2 and often >= _USUAL * habit.values.total() and shape != "node":
            return likeliest
        if habit.endings:
            usual = {each for each, _ in habit.endings.most_common(4)}
            fitting = [each for each in left["file"] if _ending(each) in usual]
            if fitting:
                left["file"].remove(fitting[0])
                return fitting[0]
        for kind in dict.fromkeys((shape, *habit.shapes)):
            if left.get(kind):
                return left[kind].pop(0)
        return ""


def _ending(value: str) -> str:
    return value.strip().rpartition(".")[2].casefold()


__all__ = ("Argument", "Arguments", "arguments_of", "normal")

"""What experts are usually given, and which of them usually answer: how a set becomes a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from herd_graph.routing.learned.words import Floats
from herd_graph.routing.taskbench import Sample
from herd_graph.types import Kind

KINDS = tuple(kind.value for kind in Kind)
_NOTHING = len(KINDS)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Counts over past plans."""

    linked: Floats
    """How often the row's tool passed something on to the column's, of shape (tools, tools)."""
    together: Floats
    """How often both were in one plan."""
    direct: Floats
    """How often a tool was given what is attached, by kind, or nothing of either (the last column)."""
    consumed: Floats
    """How often a tool's result was passed on, of shape (tools,)."""
    answered: Floats
    """How often it was an answer all the same."""

    @classmethod
    def of(
        cls, samples: Sequence[Sample], kinds: Mapping[str, Sequence[str]], names: Sequence[str]
    ) -> Habits:
        """Count."""
        import numpy as np

        at = {name: place for place, name in enumerate(names)}
        count = len(names)
        linked = np.zeros((count, count), dtype=np.float32)
        together, direct = linked.copy(), np.zeros((count, len(KINDS) + 1), dtype=np.float32)
        consumed, answered = np.zeros(count, np.float32), np.zeros(count, np.float32)
        for sample in samples:
            held = [at[each] for each in dict.fromkeys(sample.tools) if each in at]
            together[np.ix_(held, held)] += 1
            links = {(at[a], at[b]) for a, b in sample.links if a in at and b in at}
            for source, target in links:
                linked[source, target] += 1
            fed = {target for _, target in links}
            for tool in held:
                if tool not in fed:
                    given = [KINDS.index(each) for each in kinds.get(sample.id, ())] or [_NOTHING]
                    direct[tool, given] += 1
            for tool in {source for source, _ in links}:
                consumed[tool] += 1
                answered[tool] += names[tool] in sample.answers
        return cls(
            linked=linked,
            together=together,
            direct=direct,
            consumed=consumed,
            answered=answered,
        )

    def passes(self, source: int, target: int) -> float:
        """Return how usual it is that the one passes something on to the other, both being there."""
        if source < 0 or target < 0:
            return 0.3
        return float((self.linked[source, target] + 0.3) / (self.together[source, target] + 1))

    def takes(self, tool: int, kind: str) -> float:
        """Return how usual it is that a tool is given what is attached, of that kind."""
        if tool < 0:
            return 0.5
        return float((self.direct[tool, KINDS.index(kind)] + 0.5) / (self.direct[tool].sum() + 1))

    def answers(self, tool: int) -> float:
        """Return how usual it is that what a tool passes on is an answer as well."""
        return float((self.answered[tool] + 0.2) / (self.consumed[tool] + 1)) if tool >= 0 else 0.2

"""What the clauses of one request share while they are turned into steps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from herd_graph.cards import ExpertCard
from herd_graph.discovery import CapabilityIndex
from herd_graph.routing.assembly import Draft
from herd_graph.routing.base import CandidateTrace
from herd_graph.routing.clauses import Clause
from herd_graph.routing.content import Protected
from herd_graph.routing.ranking import Candidate, Wish, rank, traces
from herd_graph.routing.references import Discourse, Thing
from herd_graph.routing.thresholds import Thresholds


@dataclass(kw_only=True)
class Part:
    """What came of one clause."""

    clause: Clause
    answers: list[Thing] = field(default_factory=list[Thing])
    reason: str = ""
    """Why it is not met, or not wholly."""
    decision: str = ""
    step: str = ""
    candidates: tuple[CandidateTrace, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    confidence: float = 1.0
    points: frozenset[str] = frozenset()
    """The attachments that it only points at, for what comes next."""

    def unmet(self, reason: str, ranked: Sequence[Candidate] = ()) -> Part:
        """Say why nothing came of it."""
        self.reason = reason
        self.decision = f"unmet: {reason}"
        self.confidence = 0.0
        self.candidates = traces(ranked)
        return self


@dataclass(kw_only=True)
class Workbench:
    """The draft, what can be spoken of, and the index that experts are found in."""

    draft: Draft
    about: Discourse
    index: CapabilityIndex
    protected: Protected
    thresholds: Thresholds
    embedding_s: float = 0.0

    def ranked(self, wish: Wish, cards: Sequence[ExpertCard]) -> list[Candidate]:
        """Rank experts, counting the time that embedding takes."""
        started = time.perf_counter()
        asked = [wish.query, wish.masked, *wish.rewordings]
        self.index.embedder.embed(
            [each for each in asked if each]
        )  # remembered: the search does not embed again
        self.embedding_s += time.perf_counter() - started
        return rank(wish, cards, self.index)

    def nearest(self, text: str, choices: Sequence[str]) -> tuple[int, float, float]:
        """Return the choice nearest to a text in meaning, its similarity and its lead."""
        vectors = self.index.embedder.embed([text, *(each.replace("_", " ") for each in choices)])
        near = [float(each) for each in vectors[1:] @ vectors[0]]
        order = sorted(range(len(near)), key=lambda place: -near[place])
        lead = near[order[0]] - near[order[1]] if len(order) > 1 else 1.0
        return order[0], near[order[0]], lead

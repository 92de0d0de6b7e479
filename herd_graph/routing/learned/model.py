"""A model of plans: from a request to the tools that it wants, their order and their links."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from herd_graph.discovery.embedders import Embedder
from herd_graph.routing.learned import nodes, sets
from herd_graph.routing.learned.cards import Cards
from herd_graph.routing.learned.habits import Habits
from herd_graph.routing.learned.memory import Memory
from herd_graph.routing.learned.nodes import Evidence, Weighing
from herd_graph.routing.learned.order import Order
from herd_graph.routing.learned.reading import Reading
from herd_graph.routing.learned.words import Floats, Ints
from herd_graph.routing.taskbench import Tool

CHAINS = 0.9
"""From this share of chains among past plans on, every plan is one."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One tool that was weighed."""

    tool: str
    probability: float
    known: bool
    """Past plans hold it."""
    evidence: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a request is thought to want."""

    tools: tuple[str, ...]
    """In order; empty where nothing is thought to be wanted of any tool."""
    links: tuple[tuple[str, str], ...]
    scored: tuple[Scored, ...]
    """The candidates, the likeliest first."""
    probability: float
    """How likely the tools are exactly these."""
    expected: float
    """The F1 that they are expected to have."""
    nothing: float
    """How likely no tool is wanted."""
    nearest: float
    """How similar the nearest past request is, from 0 to 1."""
    clauses: dict[str, int]
    """Which clause of the request asks for each chosen tool."""


@dataclass(frozen=True, kw_only=True)
class Crew:
    """The tools that there are now, beside those that the model was trained on."""

    cards: Cards
    place: Ints
    """Where the model has each tool; -1 for one that it does not know."""
    lift: Floats
    """How much likelier each pair is together than apart, as a logarithm."""


@dataclass(frozen=True, kw_only=True)
class PlanModel:
    """Everything that was learnt. Frozen: training makes a new one."""

    tools: tuple[str, ...]
    """The names of the tools that it was trained on, in the order of its arrays."""
    embedder: str
    memory: Memory
    weighing: Weighing
    sets: Floats
    """Weights of ``sets.SET_FEATURES``."""
    order: Order
    habits: Habits
    fingerprint: str = ""
    """Of the registry that it was made for."""
    judgement: Floats | None = None
    """Weights of ``judging.JUDGED``; None where no plan was judged in training."""

    @cached_property
    def seen(self) -> dict[frozenset[int], int]:
        """How often past plans had which set of tools."""
        import numpy as np

        return Counter(frozenset(int(k) for k in np.flatnonzero(row)) for row in self.memory.labels)

    def crew(self, tools: Sequence[Tool], embedder: Embedder) -> Crew:
        """Read the cards of the tools that there are now; some may be new, others gone."""
        place = nodes.places([each.name for each in tools], self.tools)
        return Crew(
            cards=Cards.of(tools, embedder), place=place, lift=lift(self.memory.labels, place)
        )

    def guess(self, reading: Reading, crew: Crew, among: Sequence[str] | None = None) -> Guess:
        """Return what a request wants.

        Args:
            reading: The request.
            crew: The tools that there are.
            among: Choose exactly these, and only find their order and links.
        """
        words, meaning = self.memory.similarities(reading)
        evidence = nodes.gather(reading, self.memory, crew.cards, crew.place, (words, meaning))
        chosen = nodes.candidates(evidence)
        rows = nodes.features(evidence, chosen, reading)
        likely = self.weighing.probabilities(rows, chosen, evidence.known, crew.place)
        offered = sets.options(
            chosen.tolist(),
            likely,
            crew.lift[chosen][:, chosen],
            self.seen,
            crew.place[chosen].tolist(),
        )
        choice = sets.choose(offered, self.sets)
        similar = (words + meaning) / 2
        names = [each.name for each in crew.cards.tools]
        wanted = choice.tools if among is None else tuple(names.index(each) for each in among)
        arranged = self.arrange(wanted, crew, evidence, similar)
        places = [int(each) for each in chosen]
        order = sorted(range(len(places)), key=lambda k: (-float(likely[k]), names[places[k]]))
        return Guess(
            tools=tuple(names[each] for each in arranged),
            links=tuple((names[a], names[b]) for a, b in self.links(arranged, crew)),
            scored=tuple(
                Scored(
                    tool=names[places[k]],
                    probability=float(likely[k]),
                    known=bool(evidence.known[places[k]]),
                    evidence={
                        name: round(float(evidence.values[at, places[k]]), 4)
                        for name, at in nodes.TOLD.items()
                    },
                )
                for k in order
            ),
            probability=choice.probability,
            expected=choice.expected,
            nothing=choice.nothing,
            nearest=float(similar.max()) if len(similar) else 0.0,
            clauses={
                names[each]: int(
                    (evidence.clause_scores[:, each] + evidence.near_cards[:, each] / 2).argmax()
                )
                for each in arranged
            },
        )

    def arrange(
        self, tools: Sequence[int], crew: Crew, evidence: Evidence, similar: Floats
    ) -> list[int]:
        """Return tools in order."""
        if len(tools) < 2:
            return list(tools)
        held = list(tools)
        said = evidence.clause_scores[:, held] + evidence.near_cards[:, held] / 2
        return self.order.arrange(held, [int(crew.place[k]) for k in held], similar, said)

    def links(self, arranged: Sequence[int], crew: Crew) -> list[tuple[int, int]]:
        """Return what passes something on to what."""
        past = self.order.past
        if past.chains >= CHAINS:
            return list(itertools.pairwise(arranged))
        found: list[tuple[int, int]] = []
        for first, second in itertools.combinations(arranged, 2):
            a, b = int(crew.place[first]), int(crew.place[second])
            if a >= 0 and b >= 0:
                both = past.before[a, b] + past.before[b, a]
                if past.linked[a, b] > both / 2:
                    found.append((first, second))
            elif set(crew.cards.tools[first].gives) & set(crew.cards.tools[second].takes):
                found.append((first, second))
        return found


def lift(labels: Floats, place: Ints) -> Floats:
    """Return, for each pair of tools, how much likelier they are together than apart."""
    import numpy as np

    counts = labels.sum(axis=0)
    together = labels.T @ labels
    expected = counts[:, None] * counts[None, :] / max(1, len(labels))
    known = np.log((together + 0.3) / (expected + 0.3))
    made = np.zeros((len(place), len(place)), dtype=np.float32)
    at = np.flatnonzero(place >= 0)
    made[np.ix_(at, at)] = known[np.ix_(place[at], place[at])]
    np.fill_diagonal(made, 0)
    return made

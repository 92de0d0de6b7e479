"""Who takes part in ``herd bench planning``: ours, what is simpler, and what nobody can reach."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from herd_graph.bench.plan_arguments import arguments_of
from herd_graph.bench.plan_scores import Predicted
from herd_graph.routing.taskbench import Sample, TaskBench

if TYPE_CHECKING:
    from herd_graph.bench.planning import Remembering
    from herd_graph.routing.learned.model import Crew, PlanModel
    from herd_graph.routing.learned.words import Floats, Rows


class Contestant:
    """Plans requests after it was fitted. ``told`` holds the wanted tools: for oracles alone."""

    name = ""
    told: tuple[str, ...] = ()
    late: frozenset[str] = frozenset()
    """Tools that come after training."""

    def __init__(self, embedder: Remembering) -> None:
        self.embedder = embedder

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Learn from requests."""

    def plan(self, request: str) -> Predicted | None:
        """Return a plan; None where there is none."""
        raise NotImplementedError


def chain(tools: Sequence[str]) -> Predicted:
    """Return a plan in which each tool is linked to the next one."""
    return Predicted(tools=tuple(tools), links=tuple(itertools.pairwise(tools)))


class MostFrequent(Contestant):
    """The plan that is most frequent: what asking nothing of the request is worth."""

    name = "most frequent plan"

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Count plans."""
        del data
        plans = Counter((each.tools, each.links) for each in train)
        tools, links = plans.most_common(1)[0][0] if plans else ((), ())
        self._plan = Predicted(tools=tools, links=links)

    def plan(self, request: str) -> Predicted | None:
        """Return the same plan every time."""
        del request
        return self._plan


class Nearest(Contestant):
    """The plan of the nearest request, by words and by meaning."""

    name = "nearest request's plan"

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Remember requests."""
        import numpy as np

        from herd_graph.routing.learned.words import Rows, terms

        del data
        self._train = list(train)
        self._rows: Rows = Rows.of([terms(each.request) for each in train])
        self._vectors: Floats = np.stack([self._remembered(each.request) for each in train])

    def _remembered(self, request: str) -> Floats:
        from herd_graph.routing.learned.words import spans

        # The same key as the learned router uses: the vector is there already.
        return self.embedder.spans(request, spans(request))[0]

    def similar(self, request: str) -> Floats:
        """Return how similar each remembered request is."""
        from herd_graph.routing.learned.words import terms

        vector = self.embedder.fresh.embed([request])[0]
        return (self._rows.near(terms(request)) + self._vectors @ vector) / 2

    def plan(self, request: str) -> Predicted | None:
        """Copy a plan."""
        found = self._train[int(self.similar(request).argmax())]
        return Predicted(tools=found.tools, links=found.links, arguments=arguments_of(found))


class KernelRidge(Nearest):
    """Kernel ridge over words and meaning, and tools in the order in which they mostly came."""

    name = "kernel ridge"
    _threshold = 0.4

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Solve for the weights of each tool."""
        import numpy as np

        from herd_graph.routing.learned.words import terms

        super().fit(data, train)
        self._names = [each.name for each in data.tools]
        at = {name: place for place, name in enumerate(self._names)}
        labels = np.zeros((len(train), len(at)), dtype=np.float32)
        self._before: Counter[tuple[str, str]] = Counter()
        for row, each in zip(labels, train, strict=True):
            row[[at[tool] for tool in each.tools]] = 1
            self._before.update(itertools.combinations(dict.fromkeys(each.tools), 2))
        words = np.stack([self._rows.near(terms(each.request)) for each in train])
        kernel = (words + self._vectors @ self._vectors.T) / 2
        self._means = labels.mean(axis=0)
        unit = 0.1 * np.eye(len(train), dtype=np.float32)
        self._weights: Floats = np.linalg.solve(kernel + unit, labels - self._means)
        self._least = 1 if any(len(each.tools) < 2 for each in train) else 2

    def plan(self, request: str) -> Predicted | None:
        """Take the tools above a threshold, by pairwise order."""
        import numpy as np

        scores: Floats = self.similar(request) @ self._weights + self._means
        count = min(5, max(self._least, int(np.count_nonzero(scores > self._threshold))))
        chosen = [self._names[int(k)] for k in np.argsort(-scores)[:count]]
        return chain(sorted(chosen, key=lambda a: -sum(self._margin(a, b) for b in chosen)))

    def _margin(self, first: str, second: str) -> float:
        forth, back = self._before[first, second], self._before[second, first]
        return (forth - back) / (forth + back + 1)


class Learned(Contestant):
    """What ``LearnedPlanner`` plans with."""

    name = "herd learned"
    _model: PlanModel
    _crew: Crew

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Train."""
        from herd_graph.routing.learned.training import train as learn

        there = [each for each in data.tools if each.name not in self.late]
        model: Any = learn(train, there, self.embedder)
        self._model = model
        self._crew = self._model.crew(data.tools, self.embedder)

    def plan(self, request: str) -> Predicted | None:
        """Guess."""
        from herd_graph.routing.learned.reading import read

        guess = self._model.guess(read(request, self.embedder.fresh), self._crew, self._among())
        return Predicted(tools=guess.tools, links=guess.links) if guess.tools else None

    def _among(self) -> tuple[str, ...] | None:
        return None


class RightTools(Learned):
    """The wanted tools, given; their order and links by ours."""

    name = "(right tools given) herd links"

    def __init__(self, embedder: Remembering, trained: Learned) -> None:
        super().__init__(embedder)
        self._trained = trained

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Use what the other one learnt."""
        del data, train
        self._model, self._crew = self._trained._model, self._trained._crew

    def _among(self) -> tuple[str, ...] | None:
        return tuple(dict.fromkeys(self.told))


class WholeRequest(Contestant):
    """The two tools whose descriptions are nearest to the whole request."""

    name = "whole request, nearest two"

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Embed descriptions."""
        del train
        self._names = [each.name for each in data.tools]
        texts = [f"{each.name.replace('_', ' ')}: {each.description}" for each in data.tools]
        self._vectors = self.embedder.embed(texts)

    def plan(self, request: str) -> Predicted | None:
        """Take the nearest two."""
        near = self._vectors @ self.embedder.fresh.embed([request])[0]
        return chain([self._names[int(k)] for k in (-near).argsort()[:2]])


class CardsAlone(Contestant):
    """What ``LearnedPlanner`` does before it was trained: cards, clause by clause."""

    name = "herd cards alone"

    def fit(self, data: TaskBench, train: Sequence[Sample]) -> None:
        """Read the cards."""
        from herd_graph.routing.learned.cards import Cards
        from herd_graph.routing.learned.untrained import CardPlanner

        del train
        cards = Cards.of(data.tools, self.embedder)
        self._planner = CardPlanner(cards, self.embedder, self._known(data))

    def _known(self, data: TaskBench) -> frozenset[tuple[str, str]]:
        """Return which tool may follow which, as far as this one is told."""
        del data
        return frozenset()

    def plan(self, request: str) -> Predicted | None:
        """Match clauses with cards."""
        from herd_graph.routing.learned.reading import read

        return chain(self._planner.tools(read(request, self.embedder.fresh)))


class CardsAndGraph(CardsAlone):
    """Cards, and the tool graph of the set, which the published planners are given as well.

    Where that graph was drawn from the set's own plans, it is no knowledge of cards: of UltraTool's
    links, all but three in four thousand are in it.
    """

    name = "herd cards and tool graph"

    def _known(self, data: TaskBench) -> frozenset[tuple[str, str]]:
        return data.graph


def contestants(embedder: Remembering, *, training: bool) -> list[Contestant]:
    """Return who takes part."""
    if not training:
        return [WholeRequest(embedder), CardsAlone(embedder), CardsAndGraph(embedder)]
    learned = Learned(embedder)
    return [
        MostFrequent(embedder),
        Nearest(embedder),
        KernelRidge(embedder),
        learned,
        RightTools(embedder, learned),
    ]

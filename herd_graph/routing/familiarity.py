"""Which expert knows this? Each learns what its own requests are like, and nothing of the others.

Random network distillation (Burda et al., arXiv 1810.12894) as a router: one random network is
frozen; each expert has a predictor of it that saw that expert's own examples only, and predicts it
badly on anything else. Predictors are ridge regressions on random features, in closed form: no
gradient, no seed of training, and the error of leaving each example out is exact, so that "how
strange is this?" is read off the expert's own quantiles.

Adding an expert or taking one away touches no other expert's numbers: they stay bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from herd_graph.discovery.embedders import Embedder, Vectors
from herd_graph.discovery.index import card_texts
from herd_graph.errors import RoutingError
from herd_graph.plans import Plan, Step
from herd_graph.routing.base import Route, Router, Situation
from herd_graph.routing.policy import Bounds, Estimate, Tradeoff
from herd_graph.routing.quality.neighbours import kmeans
from herd_graph.routing.rebinding import peers, rebind
from herd_graph.routing.taxonomy import Generalisation, RoutingData, Taxonomy
from herd_graph.tasks import Task

Scale = Literal["quantile", "ratio", "raw", "z"]
"""How errors of different experts are made comparable."""
CLIP = 5.0
FEWEST = 2
"""Examples below which nothing is learnt of an expert."""


@dataclass(frozen=True, kw_only=True)
class Strangeness:
    """How strange a request is to one expert."""

    error: float
    """As it is measured: a squared error, or one minus a cosine."""
    score: float
    """Comparable between experts; smaller is more familiar."""
    familiar: float
    """The share of the expert's own examples that were at least as strange when they were left out,
    from 0 to 1: below 0.05, it has hardly seen the like."""


class Familiarity(Protocol):
    """Learns each expert by itself."""

    def fit(self, expert: str, vectors: Vectors, groups: Sequence[int] | None = None) -> None:
        """Learn an expert from vectors of its own examples; replaces what was there.

        Args:
            expert: Its name.
            vectors: Shape (vectors, width).
            groups: The example that each vector is a part of, where examples have several.
        """
        ...

    def drop(self, expert: str) -> None:
        """Forget an expert."""
        ...

    def judge(self, vector: Vectors) -> dict[str, Strangeness]:
        """Say how strange one request is to each expert: a vector, or one for each of its parts."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Learnt:
    """One expert, and how strange its own examples are when each is left out, sorted."""

    model: Any
    own: Vectors

    def place(self, error: float, scale: Scale) -> Strangeness:
        import numpy as np

        stranger = float((self.own >= error).mean())
        mean, spread = float(self.own.mean()), float(self.own.std())
        score = {
            "raw": error,
            "ratio": error / max(mean, 1e-9),
            "z": (error - mean) / max(spread, 1e-9),
            # Beyond its own examples the ratio goes on counting: quantiles alone would tie there.
            "quantile": 1 - stranger + 1e-3 * error / max(mean, 1e-9),
        }[scale]
        return Strangeness(error=error, score=float(np.float64(score)), familiar=stranger)


@dataclass(kw_only=True)
class Distillation:
    """Random network distillation, one ridge regression for each expert.

    Args:
        dimensions: Of the vectors.
        features: Random features that a predictor sees.
        targets: Outputs of the frozen network.
        ridge: The penalty.
        scale: How experts are compared.
        seed: Of the frozen network and the features.
    """

    dimensions: int
    features: int = 256
    targets: int = 64
    ridge: float = 10.0
    scale: Scale = "raw"
    seed: int = 0
    _experts: dict[str, _Learnt] = field(default_factory=dict[str, _Learnt])

    def __post_init__(self) -> None:
        import numpy as np

        draw = np.random.default_rng(self.seed)
        hidden = 2 * self.targets

        def layer(into: int, out: int) -> Vectors:
            return (draw.normal(size=(into, out)) * np.sqrt(2 / into)).astype(np.float32)

        self._first, self._second = layer(self.dimensions, hidden), layer(hidden, self.targets)
        self._lift = layer(self.dimensions, self.features)
        self._shift = draw.normal(size=self.features).astype(np.float32)

    def fit(self, expert: str, vectors: Vectors, groups: Sequence[int] | None = None) -> None:
        """Learn an expert in closed form."""
        import numpy as np

        _enough(expert, vectors)
        rows, wanted = self._features(vectors), self._target(vectors)
        gram = rows.T @ rows + self.ridge * np.eye(rows.shape[1], dtype=np.float32)
        inverse = np.linalg.inv(gram.astype(np.float64)).astype(np.float32)
        weights = inverse @ (rows.T @ wanted)
        held = np.einsum("ij,jk,ik->i", rows, inverse, rows)[:, None]
        left_out = (wanted - rows @ weights) / np.maximum(1 - held, 1e-3)
        self._experts[expert] = _Learnt(
            model=weights, own=_by_example((left_out**2).mean(axis=1), groups).astype(np.float32)
        )

    def drop(self, expert: str) -> None:
        """Forget an expert."""
        self._experts.pop(expert, None)

    def judge(self, vector: Vectors) -> dict[str, Strangeness]:
        """Say how strange one request is to each expert."""
        rows = vector.reshape(-1, vector.shape[-1])
        seen, wanted = self._features(rows), self._target(rows)
        # One product for each expert: a joint one may round differently as experts come and go.
        return {
            name: known.place(float(((seen @ known.model - wanted) ** 2).mean()), self.scale)
            for name, known in self._experts.items()
        }

    def _spread(self, vectors: Vectors) -> Vectors:
        """Bring unit vectors to unit variance, and clip them, as the networks expect."""
        import numpy as np

        return np.clip(vectors * self.dimensions**0.5, -CLIP, CLIP).astype(np.float32)

    def _features(self, vectors: Vectors) -> Vectors:
        import numpy as np

        spread = self._spread(vectors)
        lifted = np.maximum(spread @ self._lift + self._shift, 0) / self.features**0.5
        straight = spread / self.dimensions**0.5
        ones = np.ones((len(vectors), 1), dtype=np.float32)
        return np.hstack([lifted, straight, ones]).astype(np.float32)

    def _target(self, vectors: Vectors) -> Vectors:
        import numpy as np

        return np.maximum(self._spread(vectors) @ self._first, 0) @ self._second


@dataclass(kw_only=True)
class ClusterAverage:
    """The cosine to the nearest of an expert's own centres: what a centroid router does.

    Args:
        centres: How many each expert has; one is the plain average of its examples.
        scale: How experts are compared.
    """

    centres: int = 1
    scale: Scale = "raw"
    _experts: dict[str, _Learnt] = field(default_factory=dict[str, _Learnt])

    def fit(self, expert: str, vectors: Vectors, groups: Sequence[int] | None = None) -> None:
        """Learn an expert's centres."""
        _enough(expert, vectors)
        centres = kmeans(vectors, self.centres)
        near = (vectors @ centres.T).max(axis=1)
        self._experts[expert] = _Learnt(model=centres, own=_by_example(1 - near, groups))

    def drop(self, expert: str) -> None:
        """Forget an expert."""
        self._experts.pop(expert, None)

    def judge(self, vector: Vectors) -> dict[str, Strangeness]:
        """Say how strange one request is to each expert."""
        return {
            name: known.place(_distance(known.model, vector), self.scale)
            for name, known in self._experts.items()
        }


@dataclass(kw_only=True)
class NearestExample:
    """The cosine to the nearest of an expert's examples: retrieval.

    Args:
        scale: How experts are compared.
    """

    scale: Scale = "raw"
    _experts: dict[str, _Learnt] = field(default_factory=dict[str, _Learnt])

    def fit(self, expert: str, vectors: Vectors, groups: Sequence[int] | None = None) -> None:
        """Keep an expert's examples."""
        import numpy as np

        _enough(expert, vectors)
        similar = vectors @ vectors.T
        apart = np.arange(len(vectors)) if groups is None else np.asarray(groups)
        similar[apart[:, None] == apart] = -1
        own = _by_example(1 - similar.max(axis=1), groups).astype(np.float32)
        self._experts[expert] = _Learnt(model=vectors.copy(), own=own)

    def drop(self, expert: str) -> None:
        """Forget an expert."""
        self._experts.pop(expert, None)

    def judge(self, vector: Vectors) -> dict[str, Strangeness]:
        """Say how strange one request is to each expert."""
        return {
            name: known.place(_distance(known.model, vector), self.scale)
            for name, known in self._experts.items()
        }


def _distance(known: Vectors, vector: Vectors) -> float:
    """Return one minus the cosine to the nearest that is known, in the mean over a request's parts."""
    return 1 - float((known @ vector.T).max(axis=0).mean())


def _by_example(errors: Vectors, groups: Sequence[int] | None) -> Vectors:
    """Return the errors of whole examples, sorted."""
    import numpy as np

    if groups is None:
        return np.sort(errors)
    _, places = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.bincount(places, weights=errors) / np.bincount(places)
    return np.sort(sums.astype(np.float32))


def _enough(expert: str, vectors: Vectors) -> None:
    if len(vectors) < FEWEST:
        raise RoutingError(
            f"Expert {expert!r} has {len(vectors)} example(s) to be known by. Expected at least "
            f"{FEWEST}. Give its card more examples, or teach(expert, texts)."
        )


class FamiliarityRouter:
    """Takes the expert that knows requests like this one, among those that do the same job.

    Another router writes the plan. An expert is known by its card's description and examples, and
    by what ``teach`` adds.

    Args:
        inner: Who writes plans; the planner without a model by default.
        jobs: Groups of experts that do one job, by name. Without it, experts with equal ports
            and a tag in common.
        familiarity: What measures; random network distillation by default.
        least: The share of an expert's own examples that have to be as strange as the request, for
            it to be known: 0.05 takes one in twenty of its own requests for a stranger's.
        abstain: Whether a plan is given up where nobody knows a step's request.
    """

    name = "familiarity"
    taxonomy = Taxonomy(routing_data=RoutingData.EXPERT, generalisation=Generalisation.MULTIPLE)

    def __init__(
        self,
        inner: Router | str = "semantic",
        *,
        jobs: Sequence[Sequence[str]] = (),
        familiarity: Familiarity | None = None,
        least: float = 0.05,
        abstain: bool = False,
    ) -> None:
        from herd_graph.routing.registry import make_router

        self.inner = make_router(inner) if isinstance(inner, str) else inner
        self.jobs = tuple(frozenset(each) for each in jobs)
        self.familiarity = familiarity
        self.least, self.abstain = least, abstain
        self._taught: dict[str, tuple[str, ...]] = {}
        self._fitted: dict[str, str] = {}

    def teach(self, expert: str, texts: Sequence[str]) -> None:
        """Add requests that an expert is right for."""
        self._taught[expert] = (*self._taught.get(expert, ()), *texts)
        self._fitted.pop(expert, None)

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return the inner router's plan, with the most familiar expert in each step."""
        route = await self.inner.route(task, situation)
        groups = self._groups(route, situation)
        known = {name: None for group in groups for name in group}
        if not known:
            return route
        measure = self._fit(known, situation)
        strange: list[str] = []

        def judge(step: Step, cards: Sequence[Any], text: str) -> list[Estimate]:
            vector = situation.index.embedder.embed([text])[0]
            judged = measure.judge(vector)
            group = next((g for g in groups if cards[0].name in g), frozenset[str]())
            found = [_estimate(each, judged, each.name in group) for each in cards]
            seen = [each.evidence["familiar"] for each in found if each.eligible]
            if all(each < self.least for each in seen):
                strange.append(step.id)
            return found

        made = rebind(
            route,
            task,
            situation,
            router=self.name,
            known=known,
            judge=judge,
            trade=Tradeoff(caution=0.0),
            bounds=Bounds(),
            confidence=lambda choice: choice.ranked[0].quality,
        )
        if strange and self.abstain:
            reason = (
                f"No expert knows requests like this one (step {', '.join(strange)}): the nearest "
                f"is less familiar than {self.least:.2f}."
            )
            plan = Plan(inputs=route.plan.inputs, reason=reason, author=self.name)
            return made.model_copy(update={"plan": plan})
        return made

    def _groups(self, route: Route, situation: Situation) -> list[frozenset[str]]:
        """Return the groups of experts for one job that the plan has a step of."""
        cards = situation.experts.latest
        by_name = {card.name: card for card in cards}
        found = [group for group in self.jobs if group & by_name.keys()]
        if self.jobs:
            return found
        for step in route.plan.steps:
            own = by_name.get((step.expert or "").partition("@")[0])
            if own is None or not own.tags:
                continue
            alike = [c for c in cards if set(c.tags) & set(own.tags)]
            names = {card.name: None for card in alike}
            able = peers(step, names, alike)
            if len(able) > 1:
                found.append(frozenset(card.name for card in able))
        return found

    def _fit(self, known: Mapping[str, object], situation: Situation) -> Familiarity:
        """Learn the experts that are new or have changed; the others are left as they are."""
        embedder: Embedder = situation.index.embedder
        if self.familiarity is None:
            self.familiarity = Distillation(dimensions=embedder.dimensions)
        cards = {card.name: card for card in situation.experts.latest}
        for name in [each for each in self._fitted if each not in cards]:
            self.familiarity.drop(name)
            del self._fitted[name]
        for name in sorted(known):
            card = cards.get(name)
            if card is None or self._fitted.get(name) == card.fingerprint:
                continue
            texts = [text for what, text in card_texts(card) if what != "tags"]
            texts += self._taught.get(name, ())
            if len(texts) >= FEWEST:
                self.familiarity.fit(name, embedder.embed(texts))
                self._fitted[name] = card.fingerprint
        return self.familiarity


def _estimate(card: Any, judged: Mapping[str, Strangeness], included: bool) -> Estimate:
    found = judged.get(card.name)
    if found is None or not included:
        why = "it does another job" if not included else "it has no examples to be known by"
        return Estimate(expert=card.id, quality=0.0, eligible=False, reasons=(why,))
    return Estimate(
        expert=card.id,
        quality=1 / (1 + max(0.0, found.score)),
        usd=card.cost_usd,
        seconds=card.latency_s,
        evidence={"familiar": round(found.familiar, 4)},
        reasons=(f"familiar {found.familiar:.2f}, error {found.error:.3g}",),
    )


__all__ = (
    "ClusterAverage",
    "Distillation",
    "Familiarity",
    "FamiliarityRouter",
    "NearestExample",
    "Strangeness",
)

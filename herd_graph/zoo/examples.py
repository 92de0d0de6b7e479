"""Gates before the model: which adapter takes a whole text, told from the base's embedding of it.

Familiarity is the routing package's: random network distillation, cluster averages, nearest
examples. Each learns an adapter from its own data alone. A text that none finds familiar is left
to the base: hard routing without that makes unknown text worse than no adapter at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from herd_graph.errors import RoutingError, suggest
from herd_graph.routing.familiarity import (
    ClusterAverage,
    Distillation,
    Familiarity,
    NearestExample,
    Strangeness,
)
from herd_graph.routing.taxonomy import (
    DepthGranularity,
    ExpertAggregation,
    ExpertSelection,
    ExpertTraining,
    RoutingData,
    Taxonomy,
)

Vectors = Any
"""A float array, shape (texts, width)."""
Kind = Literal["rnd", "cluster", "retrieval"]
FEWEST_SPREAD = 1e-6


@dataclass(frozen=True, kw_only=True)
class Whitening:
    """Brings embeddings of the base to mean 0 and variance 1, and to unit length.

    Fitted once on text of the base's own, never on an adapter's: it must not move as adapters come.
    """

    mean: Vectors
    scale: Vectors
    """Of each channel; or a matrix, that also turns them to where they vary apart."""

    @classmethod
    def fit(cls, vectors: Vectors, *, shrink: float | None = None) -> Whitening:
        """Learn the mean and the spread of general text.

        Args:
            vectors: Shape (texts, width).
            shrink: Also take out what channels have in common, with this share of their mean
                variance added to each: it takes more vectors than channels. None leaves them be.
        """
        mean = vectors.mean(axis=0)
        if shrink is None:
            spread = vectors.std(axis=0)
            return cls(mean=mean, scale=1 / np.maximum(spread, FEWEST_SPREAD))
        values, turn = np.linalg.eigh(np.cov((vectors - mean).T.astype(np.float64)))
        spread = np.sqrt(np.maximum(values + shrink * values.mean(), FEWEST_SPREAD**2))
        return cls(mean=mean, scale=(turn / spread).astype(np.float32))

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return unit vectors."""
        apart = vectors - self.mean
        white = apart * self.scale if self.scale.ndim == 1 else apart @ self.scale
        lengths = np.linalg.norm(white, axis=1, keepdims=True)
        return (white / np.maximum(lengths, FEWEST_SPREAD)).astype(np.float32)


@dataclass(kw_only=True)
class ExampleGate:
    """Chooses adapters for whole texts by how familiar they are (Zoo of Experts' RND and averages).

    RND: Burda et al., arXiv 1810.12894, section 2.2; cluster averages and retrieval as in
    PHATGOOSE's baselines (arXiv 2402.05859, section 4.2).

    Args:
        familiarity: Learns and judges; see ``herd_graph.routing.familiarity``.
        whitening: Applied to embeddings first; None gives unit vectors as they are.
        top_k: How many adapters share a text. One takes it alone.
        temperature: Of the softmax over the scores of those that share.
        abstain_below: Leave a text to the base where even the best adapter found fewer than this
            share of its own examples as strange: 0.05 rejects one in twenty of its own. 0 never.
        window: Tokens of each part of a text that is judged by itself; a text is then as strange as
            its parts are in the mean. 0 judges the mean state of a text, which is one example
            where its parts are many: a predictor learns much less from it.
    """

    name: ClassVar[str] = "example"
    familiarity: Familiarity
    whitening: Whitening | None = None
    top_k: int = 1
    temperature: float = 0.1
    abstain_below: float = 0.0
    window: int = 0
    _learnt: set[str] = field(default_factory=set[str])

    @property
    def taxonomy(self) -> Taxonomy:
        """Where it stands: each example, the whole model."""
        return Taxonomy(
            expert_training=ExpertTraining.STANDARD,
            routing_data=RoutingData.EXPERT,
            depth_granularity=DepthGranularity.MODEL,
            selection=ExpertSelection.SPARSE,
            aggregation=ExpertAggregation.NONE if self.top_k == 1 else ExpertAggregation.OUTPUT,
        )

    def fit(self, name: str, vectors: Vectors) -> None:
        """Learn an adapter from embeddings of its own data: ``zoo.embed(texts, window=gate.window)``."""
        if self._whole(vectors):
            self.familiarity.fit(name, self._white(vectors))
        else:
            groups = [at for at, parts in enumerate(vectors) for _ in parts]
            self.familiarity.fit(name, self._white(np.concatenate(list(vectors))), groups)
        self._learnt.add(name)

    def drop(self, name: str) -> None:
        """Forget an adapter."""
        self.familiarity.drop(name)
        self._learnt.discard(name)

    @property
    def known(self) -> frozenset[str]:
        """The adapters that it has learnt."""
        return frozenset(self._learnt)

    def judge(self, vectors: Vectors) -> list[dict[str, Strangeness]]:
        """Say for each text how strange it is to each adapter."""
        if self._whole(vectors):
            return [self.familiarity.judge(row) for row in self._white(vectors)]
        return [self.familiarity.judge(self._white(parts)) for parts in vectors]

    def weights(self, vectors: Vectors, names: Sequence[str]) -> list[dict[str, float]]:
        """Return for each text its adapters and their weights; none where it abstains.

        Raises:
            RoutingError: It has learnt none of the adapters that are there.
        """
        usable = [name for name in names if name in self._learnt]
        if not usable:
            raise RoutingError(
                f"The example gate has learnt none of {list(names)!r}. Expected gate.fit(name, "
                "zoo.embed(texts)) with texts of each adapter's own. Fit it first."
            )
        return [self._weigh({n: judged[n] for n in usable}) for judged in self.judge(vectors)]

    def prior(
        self, vectors: Vectors, names: Sequence[str], *, base: float = 0.1, even: float = 0.1
    ) -> Vectors:
        """Return for each text a prior for a posterior ensemble of the base and these adapters.

        A gate alone cannot follow a text that changes its topic, and a posterior that starts even
        pays the logarithm of its members for each text before it knows better. Together they do
        neither: the gate says where to start, and the posterior decides, token by token.

        Args:
            vectors: Embeddings of the texts, or of their beginnings.
            names: The adapters, in the order of the ensemble's members after the base.
            base: The base's own share.
            even: The share that all members have alike, so that none is ever out of reach.

        Returns:
            Shape (texts, 1 + adapters), the base first; each row sums to one.

        Raises:
            RoutingError: It has not learnt one of the adapters.
        """
        strange = [name for name in names if name not in self._learnt]
        if strange or not names:
            raise RoutingError(
                f"The example gate has not learnt {strange!r} of {list(names)!r}. Expected "
                "gate.fit(name, zoo.embed(texts)) for each of them. Fit it first."
            )
        judged = self.judge(vectors)
        scores = np.array([[-row[name].score for name in names] for row in judged])
        shares = np.exp((scores - scores.max(axis=1, keepdims=True)) / self.temperature)
        shares *= (1 - base - even) / shares.sum(axis=1, keepdims=True)
        whole = np.concatenate([np.full((len(shares), 1), base), shares], axis=1)
        return whole + even / whole.shape[1]

    def _weigh(self, judged: Mapping[str, Strangeness]) -> dict[str, float]:
        ranked = sorted(judged, key=lambda name: judged[name].score)[: max(1, self.top_k)]
        if self.abstain_below and judged[ranked[0]].familiar < self.abstain_below:
            return {}
        if len(ranked) == 1:
            return {ranked[0]: 1.0}
        scores = np.array([-judged[name].score for name in ranked]) / self.temperature
        shares = np.exp(scores - scores.max())
        return {n: float(s) for n, s in zip(ranked, shares / shares.sum(), strict=True)}

    @staticmethod
    def _whole(vectors: Vectors) -> bool:
        """Say whether there is one vector for each text, and not one for each of its parts."""
        return np.ndim(vectors[0]) < 2

    def _white(self, vectors: Vectors) -> Vectors:
        rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
        if self.whitening is not None:
            return self.whitening(rows)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.maximum(lengths, FEWEST_SPREAD)).astype(np.float32)


def example_gate(
    kind: str, width: int, *, whitening: Whitening | None = None, **options: Any
) -> ExampleGate:
    """Make an example gate by name.

    Args:
        kind: ``rnd``, ``cluster`` or ``retrieval``.
        width: Of the embeddings.
        whitening: See ``ExampleGate``.
        options: ``top_k``, ``temperature``, ``abstain_below``, ``window`` of the gate; ``scale`` of
            the familiarity, ``centres`` of clusters, ``ridge`` of random network distillation.
    """
    made: dict[str, Any] = {"scale": options.pop("scale", "raw")}
    if kind == "rnd":
        # Less of a penalty than for cards: an adapter has texts by the hundred.
        ridge = options.pop("ridge", 1.0)
        familiarity: Familiarity = Distillation(dimensions=width, ridge=ridge, **made)
    elif kind == "cluster":
        familiarity = ClusterAverage(centres=options.pop("centres", 1), **made)
    elif kind == "retrieval":
        familiarity = NearestExample(**made)
    else:
        raise RoutingError(
            f"Example gate {kind!r} is not known. {suggest(kind, ('rnd', 'cluster', 'retrieval'))}"
        )
    return ExampleGate(familiarity=familiarity, whitening=whitening, **options)


__all__ = ("ExampleGate", "Kind", "Vectors", "Whitening", "example_gate")

"""What each expert's answer to a request is expected to be worth. Asked with numpy alone.

Three views are stacked: trees over everything that is read of a request, the mean quality on its
kind, and the nearest scored requests. They are weighed by what they said of requests that they had
not seen. Experts that came later are read off the others (``newcomers``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herd_graph.errors import ConfigError
from herd_graph.routing.costs import CostLines
from herd_graph.routing.matrices import Floats, Ints, Matrix
from herd_graph.routing.policy import Estimate
from herd_graph.routing.quality.forest import Forest
from herd_graph.routing.quality.kinds import Kinds
from herd_graph.routing.quality.neighbours import nearest
from herd_graph.routing.quality.newcomers import Newcomer
from herd_graph.routing.quality.reading import Reading

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Embedder

NEIGHBOURS = 40
SHOWN = 3
"""Scored requests that a reason names."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is expected for one request."""

    quality: Floats
    """Of shape (experts,), newcomers last."""
    spread: Floats
    nearest: tuple[tuple[int, float], ...]
    """The most similar scored requests, by row, and their cosines."""
    strange: float
    """From 0, like those that were scored, to 1, like none of them."""
    kind: str
    """The likeliest kind; empty where there are none."""
    seconds: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class QualityModel:
    """Everything that was learnt. Frozen: training and newcomers make a new one."""

    experts: tuple[str, ...]
    embedder: str
    reading: Reading
    forest: Forest
    weights: Floats
    """Of the three views: trees, kind, neighbours."""
    mean: Floats
    """The mean quality of each expert."""
    factors: Floats | None
    """From what the trees say to experts, of shape (outputs, experts); None where they are equal."""
    kinds: Kinds | None
    by_kind: Floats
    """The mean quality by kind, of shape (kinds, experts)."""
    vectors: Floats
    """Of the scored requests."""
    scored: Floats
    """Their qualities; gaps are filled with what was expected."""
    prompts: tuple[str, ...]
    """The beginnings of the scored requests, for reasons."""
    usual: float
    """The cosine that 95 % of the scored requests have to their neighbours, or more."""
    costs: CostLines
    margin: float
    """What another expert than the best single one has to promise more."""
    sure: Floats
    """From a promised quality to what came of it, of shape (2, points)."""
    feature_names: tuple[str, ...] = ()
    newcomers: tuple[Newcomer, ...] = ()
    fingerprint: str = ""
    """Of the registry that it was made for."""
    figures: dict[str, float] = field(default_factory=dict[str, float])
    """What training measured: for ``herd routers show``."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every expert that it can judge, newcomers last."""
        return (*self.experts, *(each.name for each in self.newcomers))

    @property
    def best_single(self) -> str:
        """The expert with the best mean over all scored requests."""
        return self.experts[int(self.mean.argmax())]

    def judge(self, prompt: str, vector: Floats, artifacts: Floats | None = None) -> Judged:
        """Return what is expected for one request.

        Args:
            prompt: What the expert will be given.
            vector: Its embedding.
            artifacts: Features of what is attached, as ``feature_names`` lists them.
        """
        import numpy as np

        started = time.perf_counter()
        at, near = nearest(vector[None], self.vectors, NEIGHBOURS)
        similar = near[0]
        found = time.perf_counter()
        views, kind = self._views(prompt, vector, artifacts, at[0], similar)
        strange = self.strangeness(similar)
        quality = self.mean + (1 - strange) * (self.weights @ (views - self.mean))
        quality = np.clip(quality, 0, 1)
        known = max(4.0, float((np.maximum(similar, 0) ** 2).sum()))
        spread = np.sqrt(np.maximum(quality * (1 - quality), 0.01) / known)
        for each in self.newcomers:
            value, error = each.expect(quality[: len(self.experts)])
            quality, spread = np.append(quality, value), np.append(spread, error)
        done = time.perf_counter()
        return Judged(
            quality=quality,
            spread=spread,
            nearest=tuple(
                (int(row), float(cosine))
                for row, cosine in zip(at[0][:SHOWN], similar[:SHOWN], strict=True)
            ),
            strange=strange,
            kind=kind,
            seconds={"search": found - started, "score": done - found},
        )

    def _views(
        self, prompt: str, vector: Floats, artifacts: Floats | None, at: Ints, near: Floats
    ) -> tuple[Floats, str]:
        import numpy as np

        read = self.reading.read(prompt, vector, artifacts)
        by_kind, kind, row = self.mean, "", read.row
        if self.kinds is not None:
            chances = self.kinds.posterior(read)
            kind = self.kinds.names[int(chances.argmax())]
            by_kind = chances @ self.by_kind
            row = np.concatenate([row, chances, by_kind])
        trees = self.forest.predict(row)
        if self.factors is not None:
            trees = self.mean + trees @ self.factors
        weight = np.maximum(near, 1e-3) ** 2
        neighbours = weight @ self.scored[at] / weight.sum()
        return np.stack([trees, by_kind, neighbours]), kind

    def strangeness(self, similar: Floats) -> float:
        """Return how unlike all scored requests a request is, from its neighbours' cosines."""
        closeness = float(similar[:5].mean())
        return min(1.0, max(0.0, (self.usual - closeness) / max(self.usual, 1e-6)))

    def quality_of(self, prompt: str, vector: Floats) -> dict[str, float]:
        """Return the expected quality by expert, in short."""
        judged = self.judge(prompt, vector)
        return dict(zip(self.names, map(float, judged.quality), strict=True))

    def estimates(
        self, prompt: str, vector: Floats, artifacts: Floats | None = None
    ) -> list[Estimate]:
        """Return an estimate of each expert, with reasons."""
        judged = self.judge(prompt, vector, artifacts)
        usd = self.costs.usd([prompt])[0]
        seconds = self.costs.seconds([prompt])
        shown = [f"like {self.prompts[row]!r} ({cosine:.2f})" for row, cosine in judged.nearest[:1]]
        if judged.kind:
            shown.insert(0, f"kind {judged.kind}")
        if judged.strange > 0.05:
            shown.append(f"unlike what was scored ({judged.strange:.0%})")
        made: list[Estimate] = []
        for place, name in enumerate(self.names):
            new = self.newcomers[place - len(self.experts)] if place >= len(self.experts) else None
            made.append(
                Estimate(
                    expert=name,
                    quality=float(judged.quality[place]),
                    spread=float(judged.spread[place]),
                    usd=new.usd if new is not None else float(usd[place]),
                    seconds=None
                    if seconds is None or new is not None
                    else float(seconds[0][place]),
                    reasons=(
                        (*shown, f"joined with {new.anchors} scored requests")
                        if new is not None
                        else tuple(shown)
                    ),
                )
            )
        return made

    def promise(self, quality: float) -> float:
        """Return what came of it when this quality was promised of a chosen expert."""
        import numpy as np

        look_up: Any = np.interp
        return float(look_up(quality, self.sure[0], self.sure[1]))

    def join(self, name: str, anchors: Matrix, vectors: Floats) -> QualityModel:
        """Let an expert in by 50 to 100 scored requests; nothing else changes.

        Args:
            name: The newcomer.
            anchors: Requests on which it was scored; only its own column is read.
            vectors: Of those requests.

        Raises:
            ConfigError: There are too few, or the name is taken.
        """
        import numpy as np

        if name in self.experts:
            raise ConfigError(
                f"Expert {name!r} is in this quality router already. Expected a new name. Train it "
                "anew to use more scores: herd train quality."
            )
        scores = anchors.only([name]).quality[:, 0]
        held: list[int] = np.flatnonzero(np.isfinite(scores)).tolist()
        base = (
            np.stack(
                [
                    self.judge(anchors.prompts[row], vectors[row]).quality[: len(self.experts)]
                    for row in held
                ]
            )
            if len(held)
            else np.zeros((0, len(self.experts)))
        )
        cost = anchors.only([name]).cost[:, 0]
        newcomer = Newcomer.of(
            name, base, scores[held], usd=float(np.nanmean(cost)) if len(held) else 0.0
        )
        kept = tuple(each for each in self.newcomers if each.name != name)
        return replace(self, newcomers=(*kept, newcomer))

    def leave(self, name: str) -> QualityModel:
        """Take a newcomer out; one that was trained with is simply never a candidate."""
        return replace(self, newcomers=tuple(e for e in self.newcomers if e.name != name))

    def save(self, folder: Path) -> None:
        """Write the model: ``router.safetensors`` and ``router.json``."""
        from herd_graph.routing.quality.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: Path, embedder: Embedder | None = None) -> QualityModel:
        """Read a model. Raises ``ConfigError`` where it was made with another embedder."""
        from herd_graph.routing.quality.storing import load

        found = load(folder)
        if embedder is not None and embedder.name != found.embedder:
            raise ConfigError(
                f"The router in {str(folder)!r} was trained on vectors of {found.embedder!r}, and "
                f"{embedder.name!r} is used here. Expected the same. Train it anew."
            )
        return found


__all__ = ("NEIGHBOURS", "Judged", "QualityModel")

"""What stands beside the quality router in ``herd bench routing``: constants, neighbours, trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from herd_graph import extras
from herd_graph.routing.matrices import Floats, Matrix
from herd_graph.routing.surface import surface


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a contestant expects of each expert for each prompt."""

    quality: Floats
    picks: Any = None
    """The experts that it takes, where that is not simply the best by ``quality``."""


Predict: TypeAlias = "Callable[[Sequence[str], Floats, Floats | None], Prediction]"
"""Takes prompts, their vectors, and the features of what was attached to them, if there are any."""
Fit: TypeAlias = "Callable[[Matrix, Floats], Predict]"


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A router in the benchmark."""

    name: str
    fit: Fit
    calibrated: bool = True
    """Whether its predictions are qualities; else Brier and ECE mean nothing."""
    peer: bool = False
    """Another project's: where it fails, that is told and the rest goes on."""


def contestants(*, peers: bool = False) -> list[Contestant]:
    """Return the routers that are measured beside each other.

    Args:
        peers: Other projects' routers too, where they are installed.
    """
    found = [
        Contestant(name="best single", fit=_best_single),
        Contestant(name="kNN 40", fit=_nearest(40)),
        Contestant(name="k-means 64, shrunk", fit=_clusters),
        Contestant(name="ridge", fit=_ridge),
    ]
    if extras.present("sklearn"):
        found += [
            Contestant(name=REFERENCE, fit=_trees),
            Contestant(name="quality router", fit=_quality(gated=True)),
            Contestant(name="quality router, no gate", fit=_quality(gated=False)),
        ]
    if peers:
        from herd_graph.bench.routing_peers import peers as others

        found += others()
    return found


REFERENCE = "ExtraTrees"
"""What the others are compared with, prompt by prompt."""


def _best_single(train: Matrix, vectors: Floats) -> Predict:
    import numpy as np

    del vectors
    means = train.quality.mean(axis=0)
    return lambda prompts, _, __: Prediction(quality=np.tile(means, (len(prompts), 1)))


def _nearest(count: int) -> Fit:
    def fit(train: Matrix, vectors: Floats) -> Predict:
        import numpy as np

        quality = train.quality
        near = min(count, len(train))

        def predict(prompts: Sequence[str], asked: Floats, looks: Floats | None) -> Prediction:
            del prompts, looks
            made = np.empty((len(asked), quality.shape[1]), dtype=np.float32)
            for start in range(0, len(asked), 256):
                part = slice(start, start + 256)
                similar = asked[part] @ vectors.T
                at = np.argpartition(-similar, near - 1, axis=1)[:, :near]
                made[part] = quality[at].mean(axis=1)
            return Prediction(quality=made)

        return predict

    return fit


def _ridge(train: Matrix, vectors: Floats) -> Predict:
    import numpy as np

    mean, centre = train.quality.mean(axis=0), vectors.mean(axis=0)
    rows = vectors - centre
    gram = rows.T @ rows + 5.0 * np.eye(rows.shape[1], dtype=np.float32)
    solve: Any = np.linalg.solve
    weights: Floats = solve(gram, rows.T @ (train.quality - mean))
    return lambda _, asked, __: Prediction(quality=(asked - centre) @ weights + mean)


def _clusters(train: Matrix, vectors: Floats) -> Predict:
    """Avengers-Pro's router (arXiv 2508.12631), each cluster's mean shrunk to the whole's."""
    import numpy as np

    from herd_graph.routing.quality.neighbours import kmeans

    centres = kmeans(vectors, 64)
    belongs = (vectors @ centres.T).argmax(axis=1)
    overall = train.quality.mean(axis=0)
    sums = np.zeros((len(centres), len(overall)), dtype=np.float32)
    np.add.at(sums, belongs, train.quality)
    counts = np.bincount(belongs, minlength=len(centres))[:, None]
    shrunk = (sums + 10 * overall) / (counts + 10)
    return lambda _, asked, __: Prediction(quality=shrunk[(asked @ centres.T).argmax(axis=1)])


def _trees(train: Matrix, vectors: Floats) -> Predict:
    """The best of the routers in a survey of ours: extremely randomised trees over three views."""
    import numpy as np

    decomposition: Any = extras.need("sklearn.decomposition", "learn")
    ensemble: Any = extras.need("sklearn.ensemble", "learn")
    text: Any = extras.need("sklearn.feature_extraction.text", "learn")
    meant = decomposition.PCA(min(48, *vectors.shape), random_state=0).fit(vectors)
    shared = _shares_words(train.prompts)  # names of files have no word twice
    said = text.TfidfVectorizer(
        sublinear_tf=True, min_df=2 if shared else 1, ngram_range=(1, 2), max_features=60_000
    )
    counted = said.fit_transform(train.prompts)
    topics = decomposition.TruncatedSVD(min(32, counted.shape[1] - 1), random_state=0).fit(counted)

    def rows(prompts: Sequence[str], asked: Floats, looks: Floats | None) -> Floats:
        words = topics.transform(said.transform(prompts))
        views = [meant.transform(asked), words, surface(prompts)]
        return np.hstack(views if looks is None else [*views, np.nan_to_num(looks, nan=-1.0)])

    forest = ensemble.ExtraTreesRegressor(
        300, min_samples_leaf=5, max_features=0.33, random_state=0, n_jobs=1
    ).fit(rows(train.prompts, vectors, train.features), train.quality)
    return lambda prompts, asked, looks: Prediction(
        quality=np.asarray(forest.predict(rows(prompts, asked, looks)), dtype=np.float32)
    )


def _shares_words(prompts: Sequence[str]) -> bool:
    seen: set[str] = set()
    for prompt in prompts:
        words = {word for word in prompt.lower().split() if word.isalpha() and len(word) > 1}
        if words & seen:
            return True
        seen |= words
    return False


def _quality(*, gated: bool) -> Fit:
    """Ours, as ``QualityRouter`` asks it; the gate keeps the best single expert when in doubt."""

    def fit(train: Matrix, vectors: Floats) -> Predict:
        import numpy as np

        model = _trained(train, vectors)

        def predict(prompts: Sequence[str], asked: Floats, looks: Floats | None) -> Prediction:
            given = [None] * len(prompts) if looks is None else list(looks)
            made = np.stack(
                [
                    model.judge(prompt, vector, look).quality
                    for prompt, vector, look in zip(prompts, asked, given, strict=True)
                ]
            )
            if not gated:
                return Prediction(quality=made)
            rows, picks = np.arange(len(made)), made.argmax(axis=1)
            single = model.experts.index(model.best_single)
            stays = made[rows, picks] - made[:, single] <= model.margin
            return Prediction(quality=made, picks=np.where(stays, single, picks))

        return predict

    return fit


_TRAINED: dict[tuple[str, ...], Any] = {}


def _trained(train: Matrix, vectors: Floats) -> Any:
    """Train once on each fold, however many contestants ask."""
    from herd_graph.routing.quality.training import train as learn

    if train.prompts not in _TRAINED:
        _TRAINED[train.prompts] = learn(train, vectors, embedder="bench")
    return _TRAINED[train.prompts]


__all__ = ("REFERENCE", "Contestant", "Predict", "Prediction", "contestants")

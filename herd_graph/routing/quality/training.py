"""Train a quality router on a matrix: every choice in it is made on what a part had not seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from herd_graph import extras
from herd_graph.errors import ConfigError
from herd_graph.routing.costs import CostLines
from herd_graph.routing.matrices import Floats, Matrix
from herd_graph.routing.quality.forest import grow
from herd_graph.routing.quality.kinds import learn
from herd_graph.routing.quality.model import NEIGHBOURS, QualityModel
from herd_graph.routing.quality.neighbours import nearest
from herd_graph.routing.quality.reading import Reading

FEWEST = 40
MARGINS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)
MOST_OUTPUTS = 24
"""Up to so many experts, trees predict each; beyond it, so many principal directions of them."""
SMALLEST_KIND = 12
PARTS = 3


def train(
    matrix: Matrix,
    vectors: Floats,
    *,
    embedder: str,
    trees: int = 250,
    fingerprint: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> QualityModel:
    """Learn what each expert's answers are worth.

    Args:
        matrix: Scored requests; gaps are filled with what the expert reached on their kind.
        vectors: What the requests mean.
        embedder: The name of what made the vectors.
        trees: How many.
        fingerprint: Of the registry that it is made for.
        say: Where progress goes.

    Raises:
        ConfigError: There are too few scored requests.
        MissingExtra: scikit-learn is not installed.
    """
    import numpy as np

    if len(matrix) < FEWEST:
        raise ConfigError(
            f"Matrix {matrix.name!r} has {len(matrix)} requests. Expected at least {FEWEST} to "
            "train a quality router, better 500. Collect more: herd collect REQUESTS."
        )
    kinds_of = _usable(matrix.tasks)
    mean = np.nanmean(matrix.quality, axis=0)
    if not np.isfinite(mean).all():
        bare = matrix.experts[int(np.isfinite(mean).argmin())]
        raise ConfigError(
            f"Expert {bare!r} was not scored on any request of {matrix.name!r}. Expected at least "
            "one score. Leave its columns out, or collect again."
        )
    scored = _filled(matrix.quality, kinds_of, mean)
    extra = 0 if matrix.features is None else matrix.features.shape[1]
    say("reading")
    reading = Reading.of(matrix.prompts, vectors, extra)
    looks = matrix.features
    rows = np.stack(
        [
            reading.read(prompt, vectors[row], None if looks is None else looks[row]).row
            for row, prompt in enumerate(matrix.prompts)
        ]
    )
    parts = np.array([_part(each) for each in matrix.prompts])
    kinds, by_kind, kind_view = None, mean[None], np.tile(mean, (len(matrix), 1))
    if len(set(kinds_of)) > 1:
        say("kinds of requests")
        kinds, chances = learn(kinds_of, matrix.prompts, vectors, reading, parts)
        by_kind = _means(kinds_of, kinds.names, scored, mean)
        kind_view = chances @ by_kind
        rows = np.hstack([rows, chances, kind_view])
    factors, targets = _factors(scored, mean)
    say("trees")
    forest, honest = grow(rows.astype(np.float32), targets, trees=trees)
    tree_view = honest if factors is None else mean + honest @ factors
    near_view, usual = _near(vectors, scored)
    views = np.stack([tree_view, kind_view, near_view])
    weights = _stack(views - mean, matrix.quality - mean)
    combine: Any = np.tensordot
    expected: Floats = np.clip(mean + combine(weights, views - mean, axes=1), 0, 1)
    margin = _margin(expected, matrix.quality, int(mean.argmax()))
    sure = _sure(expected, matrix.quality)
    error: Floats = matrix.quality - expected
    return QualityModel(
        experts=matrix.experts,
        embedder=embedder,
        reading=reading,
        forest=forest,
        weights=weights.astype(np.float32),
        mean=mean.astype(np.float32),
        factors=factors,
        kinds=kinds,
        by_kind=by_kind.astype(np.float32),
        vectors=vectors.astype(np.float32),
        scored=scored.astype(np.float32),
        prompts=tuple(" ".join(each[:200].split())[:60] for each in matrix.prompts),
        usual=usual,
        costs=CostLines.of(matrix),
        margin=margin,
        sure=sure,
        feature_names=matrix.feature_names,
        fingerprint=fingerprint,
        figures={
            "requests": float(len(matrix)),
            "brier": float(np.nanmean(error**2)),
            "best_single": float(mean.max()),
            "routed": float(np.nanmean(_picked(expected, matrix.quality, margin))),
        },
    )


def without_trees(model: QualityModel) -> QualityModel:
    """Return a model that asks its neighbours and kinds alone: smaller, and never a scikit away."""
    import numpy as np

    rest = model.weights * np.array([0, 1, 1], dtype=np.float32)
    total = float(rest.sum())
    return replace(model, weights=rest / total if total > 0 else np.array([0, 0, 1], np.float32))


def _part(prompt: str) -> int:
    return int(hashlib.sha256(b"inner" + prompt.encode()).hexdigest()[:8], 16) % PARTS


def _usable(tasks: Sequence[str]) -> list[str]:
    """Return the kinds, where those too rare to be learnt are one kind together."""
    counts = {each: tasks.count(each) for each in set(tasks)}
    return [each if counts[each] >= SMALLEST_KIND else "other" for each in tasks]


def _means(tasks: Sequence[str], names: Sequence[str], scored: Floats, mean: Floats) -> Floats:
    """Return the mean quality of each kind, shrunk to the whole's where the kind is small."""
    import numpy as np

    label = np.array([names.index(each) for each in tasks])
    sums = np.zeros((len(names), scored.shape[1]))
    np.add.at(sums, label, scored)
    counts: Any = np.bincount(label, minlength=len(names))[:, None]
    return (sums + 5 * mean) / (counts + 5)


def _filled(quality: Floats, tasks: Sequence[str], mean: Floats) -> Floats:
    """Fill what was not measured with the expert's mean on that kind."""
    import numpy as np

    made = quality.astype(np.float64)
    if np.isfinite(made).all():
        return made
    named = np.array(tasks)
    for kind in np.unique(named):
        here = np.flatnonzero(named == kind)
        for expert in range(made.shape[1]):
            column = made[here, expert]
            known = np.isfinite(column)
            value = (column[known].sum() + 3 * mean[expert]) / (known.sum() + 3)
            made[here[~known], expert] = value
    return made


def _factors(scored: Floats, mean: Floats) -> tuple[Floats | None, Floats]:
    """Return what the trees are to predict: qualities, or directions where experts are many."""
    import numpy as np

    if scored.shape[1] <= MOST_OUTPUTS:
        return None, scored
    _, _, axes = np.linalg.svd(scored - mean, full_matrices=False)
    factors = axes[:MOST_OUTPUTS].astype(np.float32)
    return factors, (scored - mean) @ factors.T


def _near(vectors: Floats, scored: Floats) -> tuple[Floats, float]:
    """Return what the neighbours of each scored request say, without itself, and how near they are."""
    import numpy as np

    made = np.empty_like(scored)
    close = np.empty(len(vectors))
    for start in range(0, len(vectors), 256):
        block = slice(start, start + 256)
        at, near = nearest(vectors[block], vectors, NEIGHBOURS + 1)
        itself = at == np.arange(len(vectors))[block][:, None]
        weight = np.where(itself, 0, np.maximum(near, 1e-3) ** 2)
        made[block] = np.einsum("ij,ijk->ik", weight, scored[at]) / weight.sum(1, keepdims=True)
        others = np.where(itself, -1, near)
        close[block] = -np.sort(-others, axis=1)[:, :5].mean(axis=1)
    return made, float(np.quantile(close, 0.05))


def _stack(views: Floats, actual: Floats) -> Floats:
    """Return non-negative weights of the views, by least squares; a gap counts for nothing."""
    import numpy as np

    optimize: Any = extras.need("scipy.optimize", "learn")
    held = np.isfinite(actual)
    columns = np.stack([view[held] for view in views], axis=1).astype(np.float64)
    gram, right = columns.T @ columns, columns.T @ actual[held]
    solve: Any = np.linalg.solve
    cholesky: Any = np.linalg.cholesky
    root: Any = cholesky(gram + 1e-6 * np.trace(gram) * np.eye(len(gram)))
    solved: Any = optimize.nnls(root.T, solve(root, right))[0]
    return np.asarray(solved)


def _picked(expected: Floats, actual: Floats, margin: float) -> Floats:
    """Return what the experts reached that a margin picks."""
    import numpy as np

    single = int(np.nanmean(actual, axis=0).argmax())
    picks = expected.argmax(axis=1)
    rows = np.arange(len(picks))
    stays = expected[rows, picks] - expected[:, single] <= margin
    return actual[rows, np.where(stays, single, picks)]


def _margin(expected: Floats, actual: Floats, single: int) -> float:
    """Return the margin whose gain over the best single expert is surest.

    The gain less one standard error decides, so that where routing does not clearly pay the gate
    closes: a margin that hardly ever departs gains nothing and risks nothing.
    """
    import numpy as np

    best, chosen = 0.0, MARGINS[-1]
    for margin in MARGINS:
        gain = _picked(expected, actual, margin) - actual[:, single]
        held = gain[np.isfinite(gain)]
        sure = float(held.mean() - held.std() / max(1, len(held)) ** 0.5) if len(held) else 0.0
        if sure > best + 1e-9:
            best, chosen = sure, margin
    return chosen


def _sure(expected: Floats, actual: Floats) -> Floats:
    """Return the isotonic map from a promised quality of the pick to what came of it."""
    import numpy as np

    isotonic: Any = extras.need("sklearn.isotonic", "learn")
    rows, picks = np.arange(len(expected)), expected.argmax(axis=1)
    promised, came = expected[rows, picks], actual[rows, picks]
    held = np.isfinite(came)
    model: Any = isotonic.IsotonicRegression(out_of_bounds="clip").fit(promised[held], came[held])
    points = np.quantile(promised[held], np.linspace(0, 1, 21))
    return np.stack([points, model.predict(points)]).astype(np.float32)


__all__ = ("train", "without_trees")

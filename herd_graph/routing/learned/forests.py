"""Boosted trees as arrays: trained by scikit-learn, saved and asked with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from herd_graph import extras
from herd_graph.routing.learned.words import Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Trees that vote in log-odds. Arrays are of shape (trees, nodes of the largest tree)."""

    start: float
    features: Ints
    """What a node asks about; leaves ask about nothing and lead to themselves."""
    limits: Floats
    left: Ints
    right: Ints
    values: Floats
    depth: int

    def log_odds(self, rows: Floats) -> Floats:
        """Return log-odds for rows of features."""
        import numpy as np

        trees = np.arange(len(self.features))
        at = np.zeros((len(rows), len(trees)), dtype=np.int32)
        for _ in range(self.depth):
            asked = self.features[trees, at]
            goes_left = np.take_along_axis(rows, asked, axis=1) <= self.limits[trees, at]
            at = np.where(goes_left, self.left[trees, at], self.right[trees, at])
        return (self.values[trees, at].sum(axis=1) + self.start).astype(np.float32)

    def probability(self, rows: Floats) -> Floats:
        """Return probabilities for rows of features."""
        import numpy as np

        return 1 / (1 + np.exp(-np.clip(self.log_odds(rows), -30, 30)))


def grow(
    rows: Floats,
    answers: Floats,
    *,
    trees: int = 150,
    leaves: int = 20,
    least: int = 25,
    pace: float = 0.07,
    weights: Floats | None = None,
) -> Forest:
    """Train a forest by gradient boosting on the log-loss.

    Args:
        rows: Features, of shape (rows, features).
        answers: 0 or 1.
        trees: How many.
        leaves: The most of one tree.
        least: How many rows a leaf has at least.
        pace: How much each tree counts.
        weights: What each row counts; 1 by default.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    import numpy as np

    ensemble: Any = extras.need("sklearn.ensemble", "learn")
    if len(set(answers.tolist())) < 2:
        share = float(np.clip(answers.mean() if len(answers) else 0.0, 0.01, 0.99))
        return _constant(float(np.log(share / (1 - share))))
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=pace,
        max_leaf_nodes=leaves,
        min_samples_leaf=min(least, max(2, len(rows) // 20)),
        l2_regularization=2.0,
        early_stopping=False,
        random_state=0,
    )
    threads: Any = extras.need("threadpoolctl", "learn")
    # A forest this small gains nothing by threads, and loses much where other work wants the cores.
    with threads.threadpool_limits(limits=1):
        model.fit(rows, answers, sample_weight=weights)
    grown = [each[0].nodes for each in model._predictors]
    most = max(len(nodes) for nodes in grown)
    own = np.tile(np.arange(most, dtype=np.int32), (len(grown), 1))
    features, limits = np.zeros((len(grown), most), np.int32), np.zeros((len(grown), most))
    left, right, values = own.copy(), own.copy(), np.zeros((len(grown), most))
    for tree, nodes in enumerate(grown):
        inner = np.flatnonzero(nodes["is_leaf"] == 0)
        features[tree, inner] = nodes["feature_idx"][inner]
        limits[tree, inner] = nodes["num_threshold"][inner]
        left[tree, inner] = nodes["left"][inner]
        right[tree, inner] = nodes["right"][inner]
        values[tree, : len(nodes)] = nodes["value"]
    return Forest(
        start=float(np.ravel(model._baseline_prediction)[0]),
        features=features,
        limits=limits.astype(np.float32),
        left=left,
        right=right,
        values=values.astype(np.float32),
        depth=max(int(nodes["depth"].max()) for nodes in grown),
    )


def _constant(value: float) -> Forest:
    import numpy as np

    nothing = np.zeros((1, 1), dtype=np.int32)
    return Forest(
        start=value,
        features=nothing,
        limits=nothing.astype(np.float32),
        left=nothing,
        right=nothing,
        values=nothing.astype(np.float32),
        depth=0,
    )

"""What the nearest scored prompts say, and clusters of them: plain numpy, explainable, incremental."""

from __future__ import annotations

from herd_graph.routing.matrices import Floats, Ints


def kmeans(rows: Floats, count: int, *, rounds: int = 12, seed: int = 0) -> Floats:
    """Return unit centres of unit rows by spherical k-means, of shape (count, dimensions)."""
    import numpy as np

    count = max(1, min(count, len(rows)))
    draw = np.random.default_rng(seed)
    centres = rows[draw.choice(len(rows), count, replace=False)].astype(np.float32)
    for _ in range(rounds):
        belongs = (rows @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, belongs, rows)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 1e-6, sums / np.maximum(lengths, 1e-6), centres)
    return centres.astype(np.float32)


def nearest(asked: Floats, rows: Floats, count: int) -> tuple[Ints, Floats]:
    """Return the nearest rows of each query, the nearest first, and their cosines."""
    import numpy as np

    count = min(count, len(rows))
    similar = asked @ rows.T
    at = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(similar, at, axis=1), axis=1, kind="stable")
    at = np.take_along_axis(at, order, axis=1)
    return at, np.take_along_axis(similar, at, axis=1)


__all__ = ("kmeans", "nearest")

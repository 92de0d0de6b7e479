"""Regression trees for many experts at once, as arrays: scikit-learn grows them, numpy asks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from herd_graph import extras
from herd_graph.routing.matrices import Floats

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nodes: TypeAlias = NDArray[np.int32]
else:
    Nodes = Any


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Trees one after the other in flat arrays; a leaf leads to itself."""

    roots: Nodes
    """Where each tree starts, of shape (trees,)."""
    features: Nodes
    limits: Floats
    left: Nodes
    right: Nodes
    values: Floats
    """Of shape (nodes, outputs); those of inner nodes are never used."""
    depth: int

    def predict(self, row: Floats) -> Floats:
        """Return the mean over the trees for one row, of shape (outputs,)."""
        return self.values[self._leaves(row)].mean(axis=0)

    def _leaves(self, row: Floats) -> Nodes:
        import numpy as np

        at = self.roots
        for _ in range(self.depth):
            down = np.where(
                row[self.features[at]] <= self.limits[at], self.left[at], self.right[at]
            )
            if np.array_equal(down, at):
                break
            at = down
        return at

    def arrays(self) -> dict[str, Any]:
        """Return what is saved."""
        names = ("roots", "features", "limits", "left", "right", "values")
        return {name: getattr(self, name) for name in names}


def grow(
    rows: Floats, targets: Floats, *, trees: int = 200, least: int = 4, seed: int = 0
) -> tuple[Forest, Floats]:
    """Grow extremely randomised trees (Geurts et al. 2006) on bootstrap samples.

    Args:
        rows: Features, of shape (rows, features).
        targets: Of shape (rows, outputs), without gaps.
        trees: How many.
        least: How many rows a leaf has at least.
        seed: Two runs with one seed give the same trees.

    Returns:
        The forest, and what the trees that did not see each row say of it: an honest prediction
        for every training row, without a second fit.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    import numpy as np

    ensemble: Any = extras.need("sklearn.ensemble", "learn")
    model = ensemble.ExtraTreesRegressor(
        trees,
        min_samples_leaf=least,
        max_features=0.33,
        bootstrap=True,
        oob_score=trees >= 30,
        random_state=seed,
        n_jobs=1,
    ).fit(rows, targets)
    parts: list[Any] = [each.tree_ for each in model.estimators_]
    sizes: list[int] = [each.node_count for each in parts]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    own: list[Nodes] = [
        np.arange(start, start + size) for start, size in zip(roots, sizes, strict=True)
    ]
    left: list[Nodes] = []
    right: list[Nodes] = []
    features: list[Nodes] = []
    for start, nodes, part in zip(roots, own, parts, strict=True):
        leaf: Any = part.children_left < 0
        left.append(np.where(leaf, nodes, part.children_left + start))
        right.append(np.where(leaf, nodes, part.children_right + start))
        features.append(np.where(leaf, 0, part.feature))
    forest = Forest(
        roots=roots,
        features=np.concatenate(features).astype(np.int32),
        limits=np.concatenate([each.threshold for each in parts]).astype(np.float32),
        left=np.concatenate(left).astype(np.int32),
        right=np.concatenate(right).astype(np.int32),
        values=np.concatenate([each.value[:, :, 0] for each in parts]).astype(np.float32),
        depth=max(int(each.max_depth) for each in parts),
    )
    honest = model.oob_prediction_ if trees >= 30 else model.predict(rows)
    return forest, np.asarray(honest, dtype=np.float32).reshape(targets.shape)


__all__ = ("Forest", "grow")

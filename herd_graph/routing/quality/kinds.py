"""What kind of request is this? A linear classifier over words, meaning and surface.

Experts differ by kind of request more than by anything else, and kinds are told apart far more
surely than the quality of one answer: knowing the kind first makes the rest calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from herd_graph import extras
from herd_graph.routing.matrices import Floats, Ints
from herd_graph.routing.quality.reading import BUCKETS, Read, Reading
from herd_graph.routing.surface import NAMES, surface

_WORDS, _MEANING, _SURFACE = 2.0, 3.0, 0.3
"""How much the three views count, as multiples of vectors of length 1."""
_STRENGTH = 8.0
"""Of the fit; the inverse of its penalty."""


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """Kinds of requests and what tells them apart."""

    names: tuple[str, ...]
    words: Floats
    """Of shape (BUCKETS, kinds)."""
    dense: Floats
    """For the vector and the surface, of shape (dimensions + len(NAMES), kinds)."""
    bias: Floats
    centre: Floats
    scale: Floats
    """Of the surface."""

    def posterior(self, read: Read) -> Floats:
        """Return the probability of each kind, of shape (kinds,)."""
        import numpy as np

        looks = _SURFACE * np.clip((read.looks - self.centre) / self.scale, -3, 3)
        logits = np.concatenate([read.vector * _MEANING, looks]) @ self.dense + self.bias
        logits = logits + _WORDS * (read.weights @ self.words[read.buckets])
        odds = np.exp(logits - logits.max())
        return odds / odds.sum()


def learn(
    tasks: Sequence[str],
    prompts: Sequence[str],
    vectors: Floats,
    reading: Reading,
    parts: Ints,
) -> tuple[Kinds, Floats]:
    """Learn to tell kinds apart.

    Args:
        tasks: The kind of each request.
        prompts: The requests.
        vectors: What they mean.
        reading: Whose word weights are used.
        parts: The inner fold of each request.

    Returns:
        The classifier, and for each request what classifiers that never saw it say of it.
    """
    import numpy as np

    linear: Any = extras.need("sklearn.linear_model", "learn")
    sparse: Any = extras.need("scipy.sparse", "learn")
    names = tuple(sorted(set(tasks)))
    label = np.array([names.index(each) for each in tasks])
    looks = surface(prompts)
    centre, scale = looks.mean(axis=0), looks.std(axis=0) + 1e-6
    dense = np.hstack([vectors * _MEANING, _SURFACE * np.clip((looks - centre) / scale, -3, 3)])
    rows = sparse.hstack([reading.counted(prompts) * _WORDS, sparse.csr_matrix(dense)]).tocsr()

    def fit(at: Any) -> Any:
        return linear.LogisticRegression(C=_STRENGTH, max_iter=60, tol=1e-2).fit(
            rows[at], label[at]
        )

    honest = np.full((len(tasks), len(names)), 1 / len(names), dtype=np.float32)
    for part in np.unique(parts):
        inside, outside = np.flatnonzero(parts == part), np.flatnonzero(parts != part)
        if len(set(label[outside].tolist())) < 2:
            continue
        model = fit(outside)
        honest[inside] = 0
        honest[np.ix_(inside, model.classes_)] = model.predict_proba(rows[inside])
    model = fit(np.arange(len(tasks)))
    weights, bias = model.coef_, model.intercept_
    if len(names) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    made = Kinds(
        names=names,
        words=np.ascontiguousarray(weights[:, :BUCKETS].T, dtype=np.float32),
        dense=np.ascontiguousarray(weights[:, BUCKETS:].T, dtype=np.float32),
        bias=bias.astype(np.float32),
        centre=centre,
        scale=scale,
    )
    assert made.dense.shape[0] == vectors.shape[1] + len(NAMES)
    return made, honest


__all__ = ("Kinds", "learn")

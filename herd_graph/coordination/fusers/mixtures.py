"""Token probabilities of several models: their mixture, and how it learns whom to believe.

The posterior mixture of Branch-Train-Merge (arXiv 2208.03306, section 4): models are weighted by how
well each predicted what came before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
else:
    Floats = Any


def mix(log_probs: Floats, weights: Sequence[float] | None = None) -> Floats:
    """Return the log of the weighted mean of probabilities.

    Args:
        log_probs: Shape (models, …, vocabulary): natural logarithms.
        weights: One for each model; they are scaled to add up to 1.

    Returns:
        Shape (…, vocabulary).

    Raises:
        ValueError: The weights are of another number, negative, or all 0.
    """
    import numpy as np

    given = np.ones(len(log_probs)) if weights is None else np.asarray(weights, dtype=float)
    if given.shape != (len(log_probs),) or (given < 0).any() or given.sum() <= 0:
        raise ValueError(
            f"{given.size} weights were given for {len(log_probs)} models. Expected one for each, "
            "not negative, and one above 0."
        )
    with np.errstate(divide="ignore"):
        shares = np.log(given / given.sum()).reshape((-1,) + (1,) * (log_probs.ndim - 1))
    joint = log_probs + shares
    top = joint.max(axis=0)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return safe + np.log(np.exp(joint - safe).sum(axis=0))


def posterior(
    prior: Sequence[float], log_likelihoods: Sequence[float], *, decay: float = 1.0
) -> list[float]:
    """Return the models' weights after they predicted something.

    Args:
        prior: Their weights before.
        log_likelihoods: How well each predicted it: natural logarithms.
        decay: The exponent of the likelihoods; below 1 the past is forgotten (0.95 is usual).
    """
    import numpy as np

    with np.errstate(divide="ignore"):
        scores = np.log(np.asarray(prior, dtype=float)) + decay * np.asarray(log_likelihoods)
    scores -= scores.max()
    weights = np.exp(scores)
    return [float(each) for each in weights / weights.sum()]


__all__ = ("mix", "posterior")

"""Posterior ensembles: which model of several the text so far speaks for, token by token.

Branch-Train-Merge (Li et al., arXiv 2208.03306, equations 1 and 2):
``p(x_t|x_<t) = Σ_j p(x_t|x_<t, D=j) p(D=j|x_<t)``, ``p(D=j|x_<t) ∝ p(x_<t|D=j) p(D=j)``. It needs
nothing of its members but their next-token probabilities, so they may be of any size and kind.

Two kinds of forgetting are ours to choose. The full history cannot follow text that changes its
topic; with *decay* the log-likelihood of older tokens counts less, with a *fixed share* (Herbster &
Warmuth 1998) some mass goes back to the prior after each token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from herd_graph.errors import DeclarationError

Vector = Any
"""A float64 array."""
DECAY = 0.95
_FLOOR = -1e9


@dataclass(kw_only=True)
class Posterior:
    """The weights of an ensemble's members while a text is read.

    Args:
        prior: p(D=j), positive; it is normalised.
        decay: What older log-likelihood is multiplied with at each token. 1 is Bayes' rule.
        share: Mass that returns to the prior after each token.
        top_k: Keep the heaviest members alone; 0 keeps all.
    """

    prior: Vector
    decay: float = DECAY
    share: float = 0.0
    top_k: int = 0
    _logs: Vector = field(init=False, repr=False)

    def __post_init__(self) -> None:
        prior = np.asarray(self.prior, dtype=np.float64)
        sane = prior.ndim == 1 and len(prior) and bool((prior > 0).all())
        if (
            not sane
            or not np.isfinite(prior).all()
            or not 0 < self.decay <= 1
            or not 0 <= self.share < 1
        ):
            raise DeclarationError(
                f"A posterior cannot start from prior {np.asarray(self.prior).tolist()!r:.120}, decay "
                f"{self.decay} and share {self.share}. Expected positive numbers, a decay in (0, 1] "
                "and a share in [0, 1). Leave a member out instead of giving it nothing."
            )
        self.prior = prior / prior.sum()
        self._logs = np.zeros_like(self.prior)

    def weights(self, prior: Vector | None = None) -> Vector:
        """Return p(D=j|x_<t).

        Args:
            prior: Another prior for this token alone, such as a deferral head's.
        """
        logs = self._known(prior) + self._logs
        found = np.exp(logs - logs.max())
        if 0 < self.top_k < len(found):
            found[np.argsort(-found, kind="stable")[self.top_k :]] = 0.0
        return found / found.sum()

    def update(self, logprobs: Vector, prior: Vector | None = None) -> None:
        """Take in how well each member predicted the token that came.

        Args:
            logprobs: Of the token, for each member.
            prior: What its weights were asked for with; a fixed share goes back to it.
        """
        seen = np.maximum(np.asarray(logprobs, dtype=np.float64), _FLOOR)
        logs = self.decay * (self._logs + seen)
        if self.share:
            known = self._known(prior)
            whole = np.exp(known + logs - (known + logs).max())
            mixed = (1 - self.share) * whole / whole.sum() + self.share * np.exp(known)
            logs = np.log(np.maximum(mixed, 1e-300)) - known
        self._logs = logs - logs.max()

    def _known(self, prior: Vector | None) -> Vector:
        """Return the logarithms of a prior, or of the ensemble's own."""
        base = self.prior if prior is None else np.asarray(prior, dtype=np.float64)
        return np.log(np.maximum(base, 1e-300))


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """A text as an ensemble predicts it."""

    logprobs: Vector
    """Of each token, shape (length,)."""
    weights: Vector
    """Of each member before each token, shape (length, members)."""
    final: Vector
    """Of each member after the last token."""


def mix(
    logprobs: Vector,
    prior: Vector | None = None,
    *,
    decay: float = DECAY,
    share: float = 0.0,
    top_k: int = 0,
    priors: Vector | None = None,
) -> Mixed:
    """Mix members' log-probabilities of one text.

    Args:
        logprobs: Shape (length, members).
        prior: Uniform by default.
        decay: See ``Posterior``.
        share: See ``Posterior``.
        top_k: See ``Posterior``.
        priors: Another prior for each token, shape (length, members).
    """
    length, members = np.shape(logprobs)
    state = Posterior(
        prior=np.full(members, 1 / members) if prior is None else prior,
        decay=decay,
        share=share,
        top_k=top_k,
    )
    weights = np.empty((length, members))
    for step in range(length):
        prior = None if priors is None else priors[step]
        weights[step] = state.weights(prior)
        state.update(logprobs[step], prior)
    return Mixed(logprobs=mixture(logprobs, weights), weights=weights, final=state.weights())


def mixture(logprobs: Vector, weights: Vector) -> Vector:
    """Return ``log Σ_j w_j p_j`` along the last axis; a member without weight has no say."""
    highest = np.max(np.where(weights > 0, logprobs, -np.inf), axis=-1, keepdims=True)
    sums = (weights * np.exp(np.where(weights > 0, logprobs - highest, -np.inf))).sum(axis=-1)
    return np.log(sums) + highest[..., 0]


def ema_prior(texts: Sequence[Vector], *, alpha: float = 0.3, decay: float = 1.0) -> Vector:
    """Estimate the prior from *development* texts (BTM, arXiv 2208.03306, section 2.2).

    ``prior ← a · posterior + (1 − a) · prior`` over the posteriors at the ends of the texts. Never
    use the texts that are scored afterwards: the prior would have seen them.

    Args:
        texts: For each its log-probabilities, shape (length, members). In no order: of texts that are
            sorted by domain the average remembers the last domains alone.
        alpha: The weight of the newest.
        decay: Of the posterior.
    """
    members = np.shape(texts[0])[1]
    prior = np.full(members, 1 / members)
    for each in texts:
        prior = alpha * mix(each, decay=decay).final + (1 - alpha) * prior
    floor = 1e-6  # a member that no development text spoke for must still be able to come back
    return (prior + floor) / (prior + floor).sum()


def cluster_weights(
    embedding: Vector, centres: Vector, *, temperature: float = 0.1, top_k: int = 0
) -> Vector:
    """Weigh members by where the context lies (c-BTM, arXiv 2303.14177, equation 3).

    ``p(D=j|x_<t) ∝ exp(−dist(h(x_<t), c_j)² / T)``.

    Args:
        embedding: Of the context, shape (width,).
        centres: One for each member, shape (members, width).
        temperature: T.
        top_k: Keep the heaviest alone; 0 keeps all.
    """
    logs = -((np.asarray(centres) - embedding) ** 2).sum(axis=1) / temperature
    found = np.exp(logs - logs.max())
    if 0 < top_k < len(found):
        found[np.argsort(-found, kind="stable")[top_k:]] = 0.0
    return found / found.sum()


__all__ = ("DECAY", "Mixed", "Posterior", "cluster_weights", "ema_prior", "mix", "mixture")

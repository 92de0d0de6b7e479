"""Co-LLM: a small model that asks a large one for single tokens (Shen et al., arXiv 2403.03870).

``P(x) = Π_t Σ_z P(Z_t = z | x_<t) P_z(x_t | x_<t)`` (equation 1). Z is a binary head on the small
model's hidden state. The large model is never trained: it only has to have scored the text once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from herd_graph.errors import DeclarationError
from herd_graph.extras import need
from herd_graph.routing.taxonomy import (
    ExpertAggregation,
    InputGranularity,
    RoutingData,
    Taxonomy,
    UserData,
)
from herd_graph.zoo.posterior import Vector

TAXONOMY = Taxonomy(
    routing_data=RoutingData.TARGET,
    input_granularity=InputGranularity.STEP,
    aggregation=ExpertAggregation.NONE,
    user_data=UserData.FULL,
)
"""Where it stands: each token, the whole model, one of them."""


@dataclass(frozen=True, kw_only=True)
class DeferralHead:
    """Says before each token how likely the large model should write it."""

    weight: Vector
    """Shape (width,)."""
    bias: float
    threshold: float = 0.5
    """η: defer where the probability is above it (arXiv 2403.03870, section 3.3)."""

    def probability(self, hidden: Vector) -> Vector:
        """Return P(Z = large), shape (…,), of hidden states, shape (…, width)."""
        return 1 / (1 + np.exp(-self._leaning(hidden)))

    def defers(self, hidden: Vector) -> bool:
        """Say whether the large model writes the next token (hard decoding)."""
        return bool(self.probability(hidden) > self.threshold)

    def soft(self, hidden: Vector, small: Vector, large: Vector) -> Vector:
        """Return the marginal log-probabilities of tokens (equation 1)."""
        leaning = self._leaning(
            hidden
        )  # logarithms of z and 1 - z from it never are minus infinity
        return np.logaddexp(small - np.logaddexp(0, leaning), large - np.logaddexp(0, -leaning))

    def _leaning(self, hidden: Vector) -> Vector:
        return np.clip(hidden @ self.weight + self.bias, -60, 60)

    def calibrated(self, hidden: Vector, *, rate: float) -> DeferralHead:
        """Return it with the threshold at which that share of tokens is deferred.

        Args:
            hidden: States of development texts, shape (tokens, width).
            rate: From 0 to 1.
        """
        if not 0 <= rate <= 1:
            raise DeclarationError(
                f"A deferral rate of {rate} was asked for. Expected a number from 0 to 1. Correct it."
            )
        found = np.sort(self.probability(hidden))
        # Above the threshold, strictly: at rate 0 nothing may be, at rate 1 everything.
        kept = len(found) - round(rate * len(found))
        threshold = -1.0 if kept == 0 else float(found[kept - 1])
        return DeferralHead(weight=self.weight, bias=self.bias, threshold=threshold)

    def by_youden(self, hidden: Vector, better: Vector) -> DeferralHead:
        """Return it with the threshold that tells best where the large model is better.

        Youden's J = true-positive rate − false-positive rate, as the released code does it.

        Args:
            hidden: States of development texts, shape (tokens, width).
            better: Whether the large model predicts that token better, shape (tokens,).
        """
        scores, wanted = self.probability(hidden), np.asarray(better, dtype=bool)
        order = np.argsort(-scores, kind="stable")
        hits = np.cumsum(wanted[order]) / max(1, int(wanted.sum()))
        alarms = np.cumsum(~wanted[order]) / max(1, int((~wanted).sum()))
        best = int(np.argmax(hits - alarms))
        lower = scores[order][best + 1] if best + 1 < len(order) else scores[order][best] - 1e-9
        threshold = float((scores[order][best] + lower) / 2)
        return DeferralHead(weight=self.weight, bias=self.bias, threshold=threshold)


def fit_head(
    hidden: Vector,
    small: Vector,
    large: Vector,
    *,
    steps: int = 200,
    rate: float = 0.05,
    penalty: float = 1e-3,
) -> DeferralHead:
    """Train a head on cached scores; neither model is run.

    First to tell where the large model is better (weak supervision, section 3.2), then the marginal
    likelihood itself: ``− mean_t log[(1 − z_t) P_small(x_t) + z_t P_large(x_t)]`` (equation 2).

    Args:
        hidden: The small model's states before each token, shape (tokens, width).
        small: Log-probabilities that it gave, shape (tokens,).
        large: Those of the large model.
        steps: Of each of the two phases.
        rate: Of Adam.
        penalty: On the squared weights.
    """
    torch: Any = need("torch", "zoo")
    states = np.asarray(hidden, dtype=np.float32)
    mean, spread = states.mean(axis=0), np.maximum(states.std(axis=0), 1e-6)
    x = torch.from_numpy((states - mean) / spread)
    low, high = (torch.from_numpy(np.asarray(each, dtype=np.float32)) for each in (small, large))
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros((), requires_grad=True)
    logsig = torch.nn.functional.logsigmoid
    better = (high > low).float()
    for supervised in (True, False):
        optimiser = torch.optim.Adam([weight, bias], lr=rate)
        for _ in range(steps):
            d = x @ weight + bias
            loss = (
                torch.nn.functional.binary_cross_entropy_with_logits(d, better)
                if supervised
                else -torch.logaddexp(logsig(-d) + low, logsig(d) + high).mean()
            )
            loss = loss + penalty * (weight**2).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    made = weight.detach().numpy() / spread
    return DeferralHead(weight=made, bias=float(bias.detach()) - float(made @ mean))


__all__ = ("TAXONOMY", "DeferralHead", "fit_head")

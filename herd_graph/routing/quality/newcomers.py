"""An expert that joins with a few scored requests: read off the experts that are known well.

A newcomer's own mean over 50 requests is off by up to 7 points, and the luckiest of several
newcomers then wins everywhere (the winner's curse). So its quality is regressed on what is expected
of the others, by a Bayesian ridge whose error widens where little is known; the policy's caution
takes that error off.
"""

from __future__ import annotations

from dataclasses import dataclass

from herd_graph.errors import ConfigError
from herd_graph.routing.matrices import Floats

FEWEST = 10
USUAL_VARIANCE, PRIOR = 0.15, 10
"""The variance of a score around what was expected, and how many scores that prior is worth: a dozen
lucky scores without any error must not pass for certainty."""
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """What is known of an expert that joined later."""

    name: str
    weights: Floats
    """From what is expected of the others, centred, and a constant, of shape (experts + 1,)."""
    covariance: Floats
    centre: Floats
    anchors: int
    usd: float = 0.0

    @classmethod
    def of(cls, name: str, base: Floats, scores: Floats, *, usd: float = 0.0) -> Newcomer:
        """Learn from scored requests.

        Args:
            name: The newcomer.
            base: What is expected of the others, of shape (requests, experts).
            scores: What the newcomer reached.
            usd: Its mean cost.

        Raises:
            ConfigError: There are fewer than ten.
        """
        import numpy as np

        if len(scores) < FEWEST:
            raise ConfigError(
                f"Newcomer {name!r} has {len(scores)} scored requests. Expected at least {FEWEST}, "
                "better 50 to 100. Score more: herd collect REQUESTS --expert NAME."
            )
        centre = base.mean(axis=0)
        rows = np.hstack([base - centre, np.ones((len(base), 1))]).astype(np.float64)
        best: tuple[float, Floats, Floats] | None = None
        for penalty in PENALTIES:
            ridge = np.diag([*([penalty] * base.shape[1]), 1e-6])
            inverse = np.linalg.inv(rows.T @ rows + ridge)
            weights = inverse @ rows.T @ scores
            held = np.einsum("ij,jk,ik->i", rows, inverse, rows)
            left_out = (scores - rows @ weights) / np.maximum(1 - held, 1e-3)
            error = float((left_out**2).mean())
            if best is None or error < best[0]:
                best = error, weights, inverse
        assert best is not None
        count = len(scores)
        variance = (count * best[0] + PRIOR * USUAL_VARIANCE) / (count + PRIOR)
        return cls(
            name=name,
            weights=best[1].astype(np.float32),
            covariance=(variance * best[2]).astype(np.float32),
            centre=centre.astype(np.float32),
            anchors=len(scores),
            usd=usd,
        )

    def expect(self, base: Floats) -> tuple[float, float]:
        """Return its expected quality and the standard error, from what is expected of others."""
        import numpy as np

        row = np.append(base - self.centre, 1.0)
        variance = max(0.0, float(row @ self.covariance @ row))
        return float(np.clip(row @ self.weights, 0, 1)), variance**0.5


__all__ = ("FEWEST", "Newcomer")

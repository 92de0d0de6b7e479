"""How likely a plan is right: a calibrated judgement over what two readers of a request think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.routing.base import Route
from herd_graph.routing.learned.model import Guess
from herd_graph.routing.learned.words import Floats

JUDGED = (
    "always",
    "agreement",
    "least likely step",
    "likeliest expert left out",
    "nothing is wanted",
    "abstains",
    "abstains, nothing is wanted",
    "parts unmet",
    "confidence of the reading",
    "steps",
    "nearest past request",
    "expected of the tools",
)
_BEFORE_TRAINING = (-1.5, 2.5, 1.0, -1.5, -1.5, -1.0, 3.0, -0.5, 1.0, -0.1, 0.0, 0.5)
"""Used where nothing was judged yet: agreement counts most."""
_PENALTY = 1.0


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One plan that was judged."""

    probability: float
    reason: str


def features(route: Route, guess: Guess) -> list[float]:
    """Return what a judgement looks at, in the order of ``JUDGED``."""
    plan = route.plan
    used = {str(step.expert).partition("@")[0] for step in plan.steps if step.expert}
    likely = {each.tool: each.probability for each in guess.scored}
    wanted = set(guess.tools)
    shared = len(used & wanted)
    both = len(used) + len(wanted)
    nothing = guess.nothing
    return [
        1.0,
        2 * shared / both if both else 1.0,
        min((likely.get(each, 0.0) for each in used), default=0.0),
        max((p for each, p in likely.items() if each not in used), default=0.0),
        nothing,
        float(plan.abstained),
        float(plan.abstained) * nothing,
        float(min(3, len(plan.unmet))),
        route.trace.confidence,
        float(min(8, len(plan.steps))),
        guess.nearest,
        guess.expected,
    ]


def judge(route: Route, guess: Guess, weights: Floats | None) -> Judged:
    """Return how likely a plan is right."""
    import numpy as np

    seen = features(route, guess)
    held = np.array(_BEFORE_TRAINING) if weights is None or not len(weights) else weights
    odds = float(np.array(seen) @ held)
    probability = float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
    return Judged(
        probability=probability,
        reason=f"judged right with {probability:.2f}, agreement {seen[1]:.2f}",
    )


def fit(rows: Sequence[Sequence[float]], right: Sequence[bool]) -> Floats:
    """Return weights of a logistic regression on judged plans."""
    import numpy as np

    x, y = np.array(rows, dtype=float), np.array(right, dtype=float)
    weights = np.zeros(len(JUDGED))
    if not len(x):
        return np.array(_BEFORE_TRAINING, dtype=np.float32)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (chance - y) + _PENALTY * weights
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + _PENALTY * np.eye(x.shape[1])
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights.astype(np.float32)

"""What would another policy have earned? From logs with propensities, without running it.

Inverse propensity scoring weighs each logged reward by how much likelier the new policy is to do
what was done; its self-normalised form trades a little bias for much variance; doubly robust (Dudík
et al., arXiv 1103.4601) adds a reward model and stays right when either of the two is. A *plan* is
an action as any other: its propensity is the product of those of its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from herd_graph.errors import ConfigError
from herd_graph.routing.base import RouteTrace

CLIPPED = 20.0
"""The largest weight of one log entry: one rare event must not decide alone."""


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One decision that was made, and what it earned."""

    action: str
    """The expert that was called; for a plan, its experts in order, joined by ``>``."""
    propensity: float
    """The probability with which it was taken."""
    reward: float
    """From 0 to 1: feedback of a person, or the verdict of a check."""
    choices: tuple[str, ...] = ()
    """What could have been taken; for doubly robust values."""
    context: str = ""


@dataclass(frozen=True, kw_only=True)
class Value:
    """What a policy is estimated to earn for one decision."""

    ips: float
    snips: float
    doubly_robust: float
    error: float
    """The standard error of the doubly robust value."""
    entries: int
    effective: float
    """How many entries the weights are worth: below ten, believe nothing."""


def value_of(
    log: Sequence[Logged],
    policy: Callable[[Logged], dict[str, float]],
    model: Callable[[Logged, str], float] | None = None,
) -> Value:
    """Return what a policy would have earned.

    Args:
        log: What was decided, with propensities.
        policy: The probability of each action for a logged decision.
        model: The expected reward of an action; without it the mean reward of each action.

    Raises:
        ConfigError: The log is empty, or an entry has no propensity.
    """
    import numpy as np

    if not log or any(not 0 < each.propensity <= 1 for each in log):
        raise ConfigError(
            f"The log of {len(log)} decisions cannot be weighed. Expected at least one, each with a "
            "propensity above 0 and at most 1. Route with a bandit, which logs them."
        )
    expects = model or _mean_rewards(log)
    wanted = [policy(each) for each in log]
    weight = np.array(
        [
            min(CLIPPED, chances.get(each.action, 0.0) / each.propensity)
            for each, chances in zip(log, wanted, strict=True)
        ]
    )
    reward = np.array([each.reward for each in log])
    said = np.array([expects(each, each.action) for each in log])
    straight = np.array(
        [
            sum(chance * expects(each, action) for action, chance in chances.items())
            for each, chances in zip(log, wanted, strict=True)
        ]
    )
    robust = straight + weight * (reward - said)
    total = float(weight.sum())
    squares = float((weight**2).sum())
    return Value(
        ips=float((weight * reward).mean()),
        snips=float((weight * reward).sum() / total) if total > 0 else 0.0,
        doubly_robust=float(robust.mean()),
        error=float(robust.std() / len(log) ** 0.5),
        entries=len(log),
        effective=total**2 / squares if squares > 0 else 0.0,
    )


def best_fixed(log: Sequence[Logged]) -> tuple[str, Value]:
    """Return the single action that would have earned most, by its doubly robust value.

    Only what was tried counts: a log says nothing of anything else.
    """
    actions = sorted({each.action for each in log})
    values = {action: value_of(log, lambda _, action=action: {action: 1.0}) for action in actions}
    best = max(values, key=lambda each: (values[each].doubly_robust, each))
    return best, values[best]


def logged(trace: RouteTrace, reward: float) -> Logged | None:
    """Return the decision that a trace holds, as one action; None where nothing was drawn."""
    decided = [
        (next((c for c in clause.candidates if c.chosen), None), clause)
        for clause in trace.clauses
        if any(each.propensity > 0 for each in clause.candidates)
    ]
    taken = [(found, clause) for found, clause in decided if found is not None]
    if not taken:
        return None
    return Logged(
        action=">".join(found.expert for found, _ in taken),
        propensity=prod(found.propensity or 1.0 for found, _ in taken),
        reward=reward,
        choices=(
            tuple(each.expert for each in taken[0][1].candidates if each.eligible)
            if len(taken) == 1
            else ()
        ),
        context=trace.request,
    )


def _mean_rewards(log: Sequence[Logged]) -> Callable[[Logged, str], float]:
    overall = sum(each.reward for each in log) / len(log)
    sums: dict[str, tuple[float, int]] = {}
    for each in log:
        held, count = sums.get(each.action, (0.0, 0))
        sums[each.action] = held + each.reward, count + 1

    def expects(_: Logged, action: str) -> float:
        held, count = sums.get(action, (0.0, 0))
        return (held + 2 * overall) / (count + 2)

    return expects


__all__ = ("Logged", "Value", "best_fixed", "logged", "value_of")

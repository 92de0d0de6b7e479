"""Labels by several classifiers: a vote that knows who confuses what.

The confusions come from Dawid and Skene, "Maximum likelihood estimation of observer error-rates
using the EM algorithm" (Applied Statistics 28, 1979): with no truth at hand, the experts' error
rates and the true labels are estimated together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """What came of a vote."""

    label: str
    probability: float
    """From 0 to 1."""
    distribution: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, kw_only=True)
class Confusions:
    """What is known of experts: how often each gives a label when another is right."""

    labels: tuple[str, ...]
    prior: Mapping[str, float]
    given: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Expert → true label → given label → probability."""

    def likelihood(self, expert: str, said: str, truth: str) -> float:
        """Return how probable it is that an expert says this when that is right."""
        row = self.given.get(expert, {}).get(truth)
        return row.get(said, 1e-6) if row is not None else 1.0 / max(1, len(self.labels))


def fuse_labels(
    votes: Mapping[str, str],
    weights: Mapping[str, float] | None = None,
    confusions: Confusions | None = None,
) -> Ballot:
    """Fuse the labels that experts gave one item.

    Args:
        votes: The label by expert; at least one.
        weights: How much an expert counts, where nothing is known of its confusions.
        confusions: What ``dawid_skene`` found out; then Bayes' rule decides.

    Raises:
        ValueError: Nobody voted.
    """
    if not votes:
        raise ValueError("Nobody voted. Expected at least one expert's label.")
    scores: dict[str, float] = {}
    if confusions is None:
        for expert, label in votes.items():
            scores[label] = scores.get(label, 0.0) + (weights or {}).get(expert, 1.0)
        total = sum(scores.values()) or 1.0
        shares = {label: score / total for label, score in scores.items()}
    else:
        for truth in confusions.labels:
            scores[truth] = math.log(max(confusions.prior.get(truth, 0.0), 1e-9)) + sum(
                math.log(max(confusions.likelihood(expert, said, truth), 1e-9))
                for expert, said in sorted(votes.items())
            )
        top = max(scores.values())
        odds = {truth: math.exp(score - top) for truth, score in scores.items()}
        total = sum(odds.values())
        shares = {truth: each / total for truth, each in odds.items()}
    best = min(shares, key=lambda label: (-round(shares[label], 12), label))
    return Ballot(label=best, probability=shares[best], distribution=shares)


def dawid_skene(
    items: Sequence[Mapping[str, str]], *, rounds: int = 50, smoothing: float = 0.1
) -> Confusions:
    """Estimate experts' confusions from their labels alone.

    Args:
        items: For each item the label by expert; experts may be missing.
        rounds: Iterations of EM at most.
        smoothing: Pseudo-counts of each confusion, so that nothing is impossible.

    Raises:
        ValueError: There is no label at all.
    """
    labels = sorted({label for item in items for label in item.values()})
    if not labels:
        raise ValueError("There are no labels. Expected items with at least one expert's label.")
    experts = sorted({expert for item in items for expert in item})
    posterior = [_shares(item, labels) for item in items]
    prior: dict[str, float] = {}
    given: dict[str, dict[str, dict[str, float]]] = {}
    before = -math.inf
    for _ in range(rounds):
        prior = {
            label: (sum(each[label] for each in posterior) + smoothing)
            / (len(items) + smoothing * len(labels))
            for label in labels
        }
        given = {expert: _rates(expert, items, posterior, labels, smoothing) for expert in experts}
        now, posterior = _expected(items, labels, prior, given)
        if abs(now - before) < 1e-7 * max(1.0, abs(now)):
            break
        before = now
    return Confusions(labels=tuple(labels), prior=prior, given=given)


def _shares(item: Mapping[str, str], labels: Sequence[str]) -> dict[str, float]:
    count = max(1, len(item))
    return {label: sum(said == label for said in item.values()) / count for label in labels}


def _rates(
    expert: str,
    items: Sequence[Mapping[str, str]],
    posterior: Sequence[Mapping[str, float]],
    labels: Sequence[str],
    smoothing: float,
) -> dict[str, dict[str, float]]:
    rates: dict[str, dict[str, float]] = {}
    for truth in labels:
        row = dict.fromkeys(labels, smoothing)
        for item, likely in zip(items, posterior, strict=True):
            if expert in item:
                row[item[expert]] += likely[truth]
        total = sum(row.values())
        rates[truth] = {label: count / total for label, count in row.items()}
    return rates


def _expected(
    items: Sequence[Mapping[str, str]],
    labels: Sequence[str],
    prior: Mapping[str, float],
    given: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> tuple[float, list[dict[str, float]]]:
    """Return the log-likelihood and each item's posterior."""
    whole, found = 0.0, list[dict[str, float]]()
    for item in items:
        scores = {
            truth: math.log(prior[truth])
            + sum(math.log(given[expert][truth][said]) for expert, said in sorted(item.items()))
            for truth in labels
        }
        top = max(scores.values())
        total = sum(math.exp(score - top) for score in scores.values())
        whole += top + math.log(total)
        found.append({truth: math.exp(scores[truth] - top) / total for truth in labels})
    return whole, found


__all__ = ("Ballot", "Confusions", "dawid_skene", "fuse_labels")

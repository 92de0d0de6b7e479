"""Every router on whole models, on scores of a real base and real adapters, in seconds.

``data`` was cut from a run of ``benchmarks.zoo.grid``: what a base of 0.6 million parameters and
eight adapters gave each token of a few texts, and the base's embeddings. No text is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from herd_graph.zoo.examples import ExampleGate, Whitening, example_gate
from herd_graph.zoo.posterior import ema_prior, mix
from herd_graph.zoo.scores import BASE, ScoreTable

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def judged() -> ScoreTable:
    return ScoreTable.load(DATA / "scores_test.npz")


@pytest.fixture(scope="module")
def mixed() -> ScoreTable:
    return ScoreTable.load(DATA / "scores_mixed.npz")


@pytest.fixture(scope="module")
def embeddings() -> Mapping[str, Any]:
    with np.load(DATA / "embeddings.npz", allow_pickle=False) as held:
        return {name: held[name].astype(np.float32) for name in held.files}


def gate(kind: str, embeddings: Mapping[str, Any], **options: Any) -> ExampleGate:
    whitening = Whitening.fit(embeddings["general"])
    width = embeddings["general"].shape[1]
    made = example_gate(kind, width, whitening=whitening, **options)
    for name, own in embeddings.items():
        if name != "general":
            made.fit(name, own)
    return made


def inside(table: ScoreTable) -> list[str]:
    return [name for name in table.members if name != BASE]


def outside(table: ScoreTable) -> list[str]:
    return [name for name in table.names if name not in table.members]


def primed(table: ScoreTable, by: ExampleGate) -> Sequence[Any]:
    priors = by.prior(table.embeddings, inside(table))
    return [mix(table.text(at), prior).logprobs for at, prior in enumerate(priors)]


def test_oracles_bound_what_routers_reach(judged: ScoreTable) -> None:
    within = inside(judged)
    by = {
        each: judged.perplexity(judged.oracle(each), within)
        for each in ("domain", "example", "token")
    }

    assert (
        by["token"] < by["example"] <= by["domain"] < judged.perplexity(judged.always(BASE), within)
    )
    for options in ({}, {"decay": 1.0}, {"decay": 1.0, "share": 0.02}, {"top_k": 2}):
        closed = judged.gap_closed(judged.posterior(**options), "example", within)
        assert 0.9 < closed < 1


@pytest.mark.parametrize("kind", ["cluster", "retrieval", "rnd"])
def test_example_gates_close_most_of_the_gap(
    kind: str, judged: ScoreTable, embeddings: Mapping[str, Any]
) -> None:
    chosen = gate(kind, embeddings).weights(judged.embeddings, inside(judged))

    found = judged.by_example(chosen.__getitem__)

    assert judged.gap_closed(found, "example", inside(judged)) > 0.6


def test_one_method_does_all_three(
    judged: ScoreTable, mixed: ScoreTable, embeddings: Mapping[str, Any]
) -> None:
    """In domain as good as the oracle, better than it where topics change, no worse elsewhere."""
    by = gate("cluster", embeddings)

    in_domain = judged.gap_closed(primed(judged, by), "example", inside(judged))
    held_out = judged.perplexity(primed(judged, by), outside(judged))
    changing = mixed.perplexity(primed(mixed, by))

    assert in_domain >= 0.98
    assert held_out <= judged.perplexity(judged.always(BASE), outside(judged))
    assert changing < mixed.perplexity(mixed.oracle("example"))
    # The gate alone cannot follow the change.
    chosen = by.weights(mixed.embeddings, inside(mixed))
    assert mixed.perplexity(mixed.by_example(chosen.__getitem__)) > changing


def test_forgetting_is_what_follows_a_change_of_topic(mixed: ScoreTable) -> None:
    bayes, forgets = (mixed.perplexity(mixed.posterior(decay=each)) for each in (1.0, 0.95))

    assert forgets < bayes


def test_a_prior_of_development_texts_is_a_distribution_over_members(judged: ScoreTable) -> None:
    prior = ema_prior([judged.text(at) for at in range(len(judged))])

    assert prior.sum() == pytest.approx(1)
    assert prior.shape == (len(judged.members),)

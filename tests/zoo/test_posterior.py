"""Posterior ensembles: laws of probability, and following a text that changes its topic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from herd_graph.errors import DeclarationError
from herd_graph.zoo.posterior import Posterior, cluster_weights, ema_prior, mix, mixture

LOGS = arrays(
    np.float64, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.floats(-30, 0)
)


@settings(max_examples=100, deadline=None)
@given(logs=LOGS, seed=st.integers(0, 99))
def test_without_decay_a_text_is_as_probable_as_the_mixture_of_members(
    logs: Any, seed: int
) -> None:
    prior = np.random.default_rng(seed).dirichlet(np.ones(logs.shape[1])) + 1e-9
    prior /= prior.sum()

    found = mix(logs, prior, decay=1.0).logprobs.sum()

    each = logs.sum(axis=0) + np.log(prior)
    assert found == pytest.approx(each.max() + np.log(np.exp(each - each.max()).sum()), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    logs=LOGS,
    decay=st.floats(0.1, 1),
    share=st.floats(0, 0.5),
    top_k=st.integers(0, 6),
    order=st.randoms(use_true_random=False),
)
def test_weights_are_a_distribution_whatever_the_order_of_members(
    logs: Any, decay: float, share: float, top_k: int, order: object
) -> None:
    found = mix(logs, decay=decay, share=share, top_k=top_k)

    assert (found.weights >= 0).all()
    np.testing.assert_allclose(found.weights.sum(axis=1), 1)
    if top_k:
        assert ((found.weights > 0).sum(axis=1) <= top_k).all()
    else:
        turned = mix(logs[:, ::-1], decay=decay, share=share)
        np.testing.assert_allclose(turned.weights[:, ::-1], found.weights, atol=1e-6)
        np.testing.assert_allclose(turned.logprobs, found.logprobs, atol=1e-6)


@given(logs=LOGS, decay=st.floats(0.1, 1), share=st.floats(0, 0.5), seed=st.integers(0, 99))
def test_a_prior_that_is_given_for_each_token_and_stays_is_a_prior(
    logs: Any, decay: float, share: float, seed: int
) -> None:
    prior = np.random.default_rng(seed).dirichlet(np.ones(logs.shape[1])) + 1e-6
    prior /= prior.sum()

    once = mix(logs, prior, decay=decay, share=share)
    each = mix(logs, priors=np.tile(prior, (len(logs), 1)), decay=decay, share=share)

    np.testing.assert_allclose(each.weights, once.weights, atol=1e-9)


@given(logs=LOGS)
def test_a_mixture_is_never_better_than_its_best_member_at_a_token(logs: Any) -> None:
    found = mix(logs).logprobs
    assert (found <= logs.max(axis=1) + 1e-9).all()
    assert (found >= logs.min(axis=1) - 1e-9).all()


def test_tokens_that_a_member_cannot_give_do_not_break_it() -> None:
    logs = np.array([[-1.0, -np.inf], [-np.inf, -1.0]])
    found = mix(logs, decay=0.9, share=0.1)
    assert np.isfinite(found.logprobs).all()
    assert mixture(np.array([-np.inf, -2.0]), np.array([0.0, 1.0])) == pytest.approx(-2.0)


def test_forgetting_follows_a_change_of_topic_that_bayes_does_not() -> None:
    draw = np.random.default_rng(0)
    good, bad = -1 + 0.3 * draw.normal(size=(2, 64)), -3 + 0.3 * draw.normal(size=(2, 64))
    logs = np.stack([np.r_[good[0], bad[0]], np.r_[bad[1], good[1]]], axis=1)

    bayes = mix(logs, decay=1.0).logprobs.mean()
    decayed = mix(logs, decay=0.95).logprobs.mean()
    shared = mix(logs, decay=1.0, share=0.02).logprobs.mean()

    assert bayes < -1.9
    assert decayed > -1.2
    assert shared > -1.2


def test_the_prior_is_learnt_from_development_texts() -> None:
    draw = np.random.default_rng(0)
    texts = [np.stack([-1 + 0.1 * draw.normal(size=20), -2 + 0.1 * draw.normal(size=20)], 1)] * 8

    prior = ema_prior(texts)

    assert prior.sum() == pytest.approx(1)
    assert prior[0] > 0.9
    assert prior[1] > 0


def test_a_prior_for_each_token_is_heard() -> None:
    logs = np.full((3, 2), -1.0)
    found = mix(logs, priors=np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]))
    np.testing.assert_allclose(found.weights[:, 0], [0.9, 0.2, 0.5])


def test_clusters_weigh_by_distance() -> None:
    centres = np.eye(3)
    found = cluster_weights(np.array([0.9, 0.1, 0.0]), centres, temperature=0.1)
    assert found.argmax() == 0
    assert found.sum() == pytest.approx(1)
    assert (cluster_weights(np.zeros(3), centres, top_k=2) > 0).sum() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"prior": [0.5, 0.0]},
        {"prior": [float("nan"), 1]},
        {"prior": [1, 1], "decay": 0.0},
        {"prior": [1, 1], "share": 1.0},
        {"prior": []},
    ],
)
def test_what_cannot_be_a_posterior_is_told(wrong: dict[str, object]) -> None:
    with pytest.raises(DeclarationError, match="cannot start from"):
        Posterior(**wrong)  # pyright: ignore[reportArgumentType]

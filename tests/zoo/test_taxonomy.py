"""Every combination in use of granularity, depth, selection and aggregation runs here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from zoo_base import lora, tiny_base

from herd_graph.routing.taxonomy import Taxonomy
from herd_graph.zoo.catalogue import METHODS
from herd_graph.zoo.deferral import fit_head
from herd_graph.zoo.examples import example_gate
from herd_graph.zoo.gates import Arrow, Pooled, Spectral
from herd_graph.zoo.hosting import ByToken, Share
from herd_graph.zoo.learned import LearnedGate
from herd_graph.zoo.merging import average, combine, truncate
from herd_graph.zoo.posterior import mix
from herd_graph.zoo.zoo import ExpertZoo

BASE = tiny_base()
ROWS = BASE.encode(["the cat sits on", "xyz xyz xyz xyz"])
NAMES = ("a", "b", "c")


def zoo() -> ExpertZoo:
    return ExpertZoo(
        BASE, [lora(BASE, name, seed=at, rank=at + 2) for at, name in enumerate(NAMES)]
    )


def members(held: ExpertZoo) -> Any:
    return np.stack([held.score(ROWS[:1], use=name)[0].logprobs for name in NAMES], axis=1)


def gate(**options: Any) -> Any:
    held = example_gate("cluster", BASE.width, **options)
    for at, name in enumerate(NAMES):
        held.fit(name, np.random.default_rng(at).normal(size=(5, BASE.width)))
    return held


def scored(held: ExpertZoo, use: Any) -> Any:
    return held.score(ROWS, use=use)[0].logprobs


def by_layer(held: ExpertZoo) -> Any:
    """Merge with other weights at each layer: PEMT's and PWE's place."""
    sites = list(dict.fromkeys(site for each in held for site in each.modules))
    parts: dict[str, Any] = {}
    for at, site in enumerate(sites):
        weights = np.random.default_rng(at).dirichlet([1, 1, 1])
        only = [replace(each, modules={site: each.modules[site]}) for each in held]
        parts |= combine(only, list(weights), "m").modules
    held.add(replace(average(list(held), "layered"), modules=parts))
    return scored(held, "layered")


class ByLayer:
    """Weights that were settled for the task, others at each layer."""

    def choose(self, site: str, given: Any, here: Any) -> list[Share]:
        del given
        weights = np.random.default_rng(len(site)).dirichlet([1] * len(here))
        return [Share(name=name, weight=float(w)) for name, w in zip(here, weights, strict=True)]


def learned(held: ExpertZoo) -> Any:
    keys = {
        site: {name: 0.1 * at + BASE.layer(site).weight[0] for at, name in enumerate(NAMES)}
        for site in held.standing.modules
    }
    return scored(held, LearnedGate(keys))


def deferred(held: ExpertZoo) -> Any:
    each = members(held)
    states = np.random.default_rng(0).normal(size=(len(each), 4))
    head = fit_head(states, each[:, 0], each[:, 1], steps=5)
    chosen = (head.probability(states) > head.threshold).astype(int)
    return each[np.arange(len(each)), chosen]


def merged_for_each(held: ExpertZoo, **options: Any) -> Any:
    vectors = held.embed(ROWS)
    for at, weights in enumerate(gate(**options).weights(vectors, NAMES)):
        used = [name for name in NAMES if weights.get(name)]
        made = combine([held[name] for name in used], [weights[name] for name in used], f"m{at}")
        held.add(truncate(made, 9).adapter)
    return held.score(ROWS, use=["m0", "m1"])[0].logprobs


def dense_tokens(held: ExpertZoo) -> Any:
    import torch

    ids, _ = BASE.pad(ROWS)
    shares = torch.rand(*ids.shape, 3, generator=torch.Generator().manual_seed(0)).softmax(-1)
    return scored(held, ByToken(shares, NAMES))


Pipeline = Callable[[ExpertZoo], Any]
PIPELINES: dict[tuple[str, str, str, str], Pipeline] = {
    ("task", "model", "sparse", "none"): lambda held: scored(held, "a"),
    ("task", "model", "sparse", "parameter"): lambda held: scored(
        ExpertZoo(BASE, [combine([held["a"], held["b"]], [0.5, 0.5], "m")]), "m"
    ),
    ("task", "model", "dense", "parameter"): lambda held: scored(
        ExpertZoo(BASE, [average(list(held), "m")]), "m"
    ),
    ("task", "module", "dense", "output"): lambda held: scored(held, ByLayer()),
    ("task", "n/a", "none", "output"): lambda held: mix(members(held)[:, :2], decay=1.0).logprobs,
    ("example", "model", "sparse", "none"): lambda held: scored(held, gate()),
    ("example", "model", "sparse", "multiple"): lambda held: scored(held, gate(top_k=2)),
    ("example", "model", "dense", "parameter"): lambda held: merged_for_each(held, top_k=3),
    ("example", "module", "dense", "output"): lambda held: scored(held, Pooled(Arrow(top_k=0))),
    # For LoRA a weighted sum of outputs is the output of the weighted sum of matrices: one pipeline.
    ("example", "module", "dense", "parameter"): lambda held: scored(
        held, Pooled(Spectral(top_k=0))
    ),
    ("example", "module", "sparse", "multiple"): lambda held: scored(held, Pooled(Arrow(top_k=2))),
    ("step", "model", "sparse", "none"): deferred,
    ("step", "model", "sparse", "output"): lambda held: mix(members(held), top_k=2).logprobs,
    ("step", "model", "dense", "output"): lambda held: mix(members(held)).logprobs,
    ("step", "model", "dense", "parameter"): dense_tokens,
    ("step", "module", "sparse", "output"): lambda held: scored(held, Arrow(top_k=2)),
    ("step", "module", "sparse", "parameter"): lambda held: scored(held, Arrow(top_k=1)),
    ("step", "module", "dense", "output"): learned,
    ("n/a", "module", "dense", "parameter"): by_layer,
}
"""A pipeline for every combination that the catalogue has."""


def place(taxonomy: Taxonomy) -> tuple[str, str, str, str]:
    return (
        str(taxonomy.input_granularity),
        str(taxonomy.depth_granularity),
        str(taxonomy.selection),
        str(taxonomy.aggregation),
    )


def test_no_combination_in_use_is_without_a_pipeline() -> None:
    assert {place(each.taxonomy) for each in METHODS} == set(PIPELINES)


@pytest.mark.parametrize("where", PIPELINES, ids="/".join)
def test_the_pipeline_of_a_combination_runs(where: tuple[str, str, str, str]) -> None:
    found = PIPELINES[where](zoo())

    assert len(found) == len(ROWS[0]) - 1
    assert np.isfinite(found).all()
    assert (found <= 0).all()

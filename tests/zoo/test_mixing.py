"""Learned routers, models mixed into one, and HDEE's configurations."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo_base import lora, tiny_base

from herd_graph.errors import DeclarationError, RoutingError
from herd_graph.zoo import hdee
from herd_graph.zoo.gates import Arrow
from herd_graph.zoo.learned import train_router
from herd_graph.zoo.mixing import branch_train_mix
from herd_graph.zoo.pretraining import Size, branch, pretrain, score_rows
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

SIZE = Size(vocabulary=24, width=16, layers=2, heads=2, inner=24, length=64)


def language(seed: int, rows: int = 24, length: int = 24) -> list[list[int]]:
    """Return rows of a language of its own: each token has one likely successor."""
    draw = np.random.default_rng(seed)
    follows = draw.permutation(24)
    made: list[list[int]] = []
    for _ in range(rows):
        row = [int(draw.integers(24))]
        while len(row) < length:
            row.append(int(follows[row[-1]]) if draw.random() < 0.9 else int(draw.integers(24)))
        made.append(row)
    return made


def mean(scores: Any) -> float:
    return float(np.concatenate(scores).mean())


def test_a_router_learns_which_adapter_serves_the_target() -> None:
    base = tiny_base(2)
    helpful, harmful = lora(base, "a", seed=1), lora(base, "b", seed=2)
    zoo = ExpertZoo(base, [helpful, harmful])
    rows = base.encode(["the cat sits. the cat eats. "] * 4)
    even: Any = {"a": 0.5, "b": 0.5}
    before = mean([each.logprobs for each in zoo.score(rows, use=even)])

    gate = train_router(zoo, rows, steps=25, rate=0.1)

    assert mean([each.logprobs for each in zoo.score(rows, use=gate)]) > before + 0.02
    zoo.add(lora(base, "c", seed=3))
    with pytest.raises(RoutingError, match="trained without adapter 'c'"):
        zoo.score(rows, use=gate)
    with pytest.raises(RoutingError, match="nothing to route among"):
        train_router(ExpertZoo(base), rows)


def test_models_that_were_trained_apart_become_one_whose_router_learns() -> None:
    data = {"x": language(1), "y": language(2)}
    seed = pretrain(SIZE.make(0), [*data["x"][:4], *data["y"][:4]], steps=20, batch=8)
    experts = {
        name: pretrain(branch(seed), rows, steps=60, batch=8, rate=1e-2)
        for name, rows in data.items()
    }
    both = [*data["x"], *data["y"]]

    untrained = branch_train_mix(experts, both, top_k=2, steps=0)
    mixture = branch_train_mix(experts, both, top_k=2, steps=30, rate=3e-2, batch=8, balance=0)
    sparse = branch_train_mix(experts, both, top_k=1, steps=0)

    before = mean([each.logprobs for each in untrained.score(both)])
    assert mean([each.logprobs for each in mixture.score(both)]) > before + 0.005
    assert 1 < sparse.passes["mixture"] < sparse.passes["ensemble"] == 2
    other = Size(vocabulary=24, width=16, layers=2, heads=2, inner=32).make()
    with pytest.raises(DeclarationError, match="differ in shape"):
        branch_train_mix({"x": experts["x"], "y": other}, both)


def test_a_block_in_the_base_s_place_is_the_block_itself() -> None:
    one, other = SIZE.make(0), SIZE.make(1)
    rows = language(3, rows=3)
    mixture = branch_train_mix({"one": one, "other": other}, rows, steps=0)
    swapped = branch(mixture.zoo.base.model)
    state = swapped.state_dict()
    state.update({key: value for key, value in other.state_dict().items() if ".mlp." in key})
    swapped.load_state_dict(state)

    found = [each.logprobs for each in mixture.zoo.score(rows, use="other")]

    for mine, wanted in zip(found, score_rows(swapped, rows), strict=True):
        np.testing.assert_allclose(mine, wanted, atol=1e-4)
    with pytest.raises(RoutingError, match="no direction of its own"):
        mixture.zoo.score(rows, use=Arrow())


def test_the_papers_configurations_cost_the_same() -> None:
    homogeneous, steps, sizes = hdee.configurations(400)

    assert [sum(each.steps.values()) for each in (homogeneous, steps, sizes)] == [1200] * 3
    assert list(steps.steps.values()) == [300, 400, 500]
    widths = {"S": 288, "M": 384, "L": 480}
    flops = [
        sum(
            Size(vocabulary=2048, inner=widths[letter]).flops(1000)
            for letter in each.sizes.values()
        )
        for each in (homogeneous, sizes)
    ]
    assert flops[0] == flops[1]


def test_hdee_trains_evaluates_and_compares_both_modes(tmp_path: Path) -> None:
    names = {level: [f"{level}{at}" for at in range(2)] for level in hdee.DIFFICULTIES}
    domains = [name for each in names.values() for name in each]
    rows = {name: language(at) for at, name in enumerate(domains)}
    told: list[str] = []
    laboratory = hdee.Laboratory(
        sizes={s: replace(SIZE, inner=i) for s, i in {"S": 18, "M": 24, "L": 30}.items()},
        domains=names,  # pyright: ignore[reportArgumentType]
        rows=rows,
        general=[row for each in rows.values() for row in each[:3]],
        seed_steps=15,
        batch=8,
        expert_rate=1e-2,
        folder=tmp_path,
        told=told.append,
    )
    baseline, _, heterogeneous = hdee.configurations(30)
    test = {name: each[:3] for name, each in rows.items()}
    dev = {name: each[3:6] for name, each in rows.items()}

    chains = laboratory.train(baseline, "chains")
    apart = laboratory.train(baseline, "per-domain")
    sized = laboratory.train(heterogeneous, "per-domain")

    assert (len(chains.experts), len(apart.experts)) == (3, 6)
    assert chains.budget.flops == apart.budget.flops == sized.budget.flops
    assert apart.budget.exchanged_bytes == 0 < apart.budget.data_parallel_bytes
    assert sum(line.startswith("seed") for line in told) == 3
    scores = {each.mode: hdee.evaluate(each, test, dev) for each in (chains, apart)}
    found = hdee.compare(scores["per-domain"], scores["chains"])
    assert found.wins >= 3  # chains forget their first domains
    assert 0 <= found.chance <= 1
    assert 0 <= found.null[0] <= 3 <= found.null[1] <= 6
    same = hdee.compare(scores["chains"], scores["chains"])
    assert (same.wins, same.certain, same.null, same.chance) == (0, 0, (0, 0), 1)
    # What is shared is trained once, and a laboratory that was broken off trains nothing again.
    assert len(told) == len(set(told)) == 3 + 6 + 3 + 4
    again: list[str] = []
    resumed = replace(laboratory, told=again.append, _made={})
    kept = hdee.evaluate(resumed.train(baseline, "chains"), test, dev)
    assert again == []
    assert all(np.array_equal(kept[name], each) for name, each in scores["chains"].items())
    repaired = hdee.evaluate(
        apart,
        {"new": language(77, rows=3)},
        {"new": language(78, rows=3)},
        seed_model=laboratory.seed_model("M"),
    )
    assert np.isfinite(repaired["new"]).all()
    alike = hdee.error_correlation(list(apart.experts.values()), test["easy0"])
    assert alike < hdee.error_correlation([apart.experts["easy0"]] * 2, test["easy0"]) + 1e-9
    with pytest.raises(DeclarationError, match="cannot be trained on"):
        replace(laboratory, rows={})


def test_a_branch_leaves_its_seed_alone() -> None:
    seed = SIZE.make(0)
    before = {key: value.clone() for key, value in seed.state_dict().items()}
    pretrain(branch(seed), language(1), steps=3, batch=4)

    assert all(torch.equal(before[key], value) for key, value in seed.state_dict().items())

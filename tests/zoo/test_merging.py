"""Merging: exact in what it says it computes, and better than adding factors apart."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_base import lora, mixed_kinds, tiny_base

from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.zoo import merging
from herd_graph.zoo.modules import Lora, matrix

torch: Any = import_module("torch")

BASE = tiny_base()


def deltas(adapter: Any) -> dict[str, Any]:
    return {site: matrix(module) for site, module in adapter.modules.items()}


@settings(max_examples=20, deadline=None)
@given(
    ranks=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    weights=st.lists(st.floats(-1.5, 1.5), min_size=5, max_size=5),
)
def test_a_sum_is_the_sum_of_the_matrices_at_any_ranks(
    ranks: list[int], weights: list[float]
) -> None:
    adapters = [lora(BASE, f"a{i}", seed=i, rank=rank) for i, rank in enumerate(ranks)]
    used = [w if abs(w) > 1e-3 else 1e-3 for w in weights[: len(ranks)]]

    merged = deltas(merging.combine(adapters, used, "m"))

    for site, found in merged.items():
        wanted = sum(w * deltas(a)[site] for a, w in zip(adapters, used, strict=True))
        torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)


def test_factors_apart_make_cross_terms_and_ours_do_not() -> None:
    adapters = [lora(BASE, f"a{i}", seed=i) for i in range(2)]
    exact = merging.combine(adapters, [0.5, 0.5], "exact")
    apart = merging.factors_apart(adapters, [0.5, 0.5], "apart")

    error = merging.relative_error(apart, exact)
    factors = [[m.tensors() for m in a.modules.values()] for a in adapters]
    cross = sum(
        float(((x["b"] @ y["a"] + y["b"] @ x["a"]) ** 2).sum()) / 4
        for x, y in zip(*factors, strict=True)
    )
    whole = sum(float((each**2).sum()) for each in deltas(exact).values())
    assert error == pytest.approx((cross / whole) ** 0.5, rel=1e-4)
    assert 0.8 < error < 1.2
    assert merging.relative_error(merging.average(adapters, "mean"), exact) < 1e-6


def test_two_identical_adapters_average_to_themselves_where_factors_apart_double_them() -> None:
    one = lora(BASE, "a", seed=1)
    twin = replace(one, name="b")

    assert merging.relative_error(merging.average([one, twin], "m"), one) < 1e-6
    apart = merging.factors_apart([one, twin], [0.5, 0.5], "m")
    assert merging.relative_error(apart, one) == pytest.approx(1.0, abs=1e-5)


def test_the_cross_terms_are_pefts_too() -> None:
    peft = pytest.importorskip("peft")
    transformers: Any = import_module("transformers")

    adapters = [lora(BASE, f"a{i}", seed=i) for i in range(2)]
    own = transformers.LlamaForCausalLM(BASE.model.config)
    config = peft.LoraConfig(r=4, lora_alpha=4, target_modules=["q_proj", "up_proj"])
    model = peft.get_peft_model(own, config, adapter_name="a0")
    model.add_adapter("a1", config)
    layers = dict(model.base_model.model.named_modules())
    with torch.no_grad():
        for adapter in adapters:
            for site, module in adapter.modules.items():
                layers[site].lora_A[adapter.name].weight.copy_(module.tensors()["a"])
                layers[site].lora_B[adapter.name].weight.copy_(module.tensors()["b"])
    model.add_weighted_adapter(["a0", "a1"], [0.5, 0.5], "m", combination_type="linear")
    site = next(iter(adapters[0].modules))
    theirs = layers[site].get_delta_weight("m").detach()

    exact = deltas(merging.combine(adapters, [0.5, 0.5], "m"))[site]
    apart = deltas(merging.factors_apart(adapters, [0.5, 0.5], "m"))[site]
    torch.testing.assert_close(theirs, apart, atol=1e-5, rtol=1e-4)
    assert float((theirs - exact).norm() / exact.norm()) > 0.5


def test_ties_trims_elects_and_averages_what_agrees() -> None:
    def dense(rows: list[list[float]], name: str) -> Any:
        site = BASE.sites("q_proj")[0]
        made = lora(BASE, name, seed=1)
        delta = torch.zeros(32, 32)
        delta[0, : len(rows[0])] = torch.tensor(rows[0])
        u, s, v = torch.linalg.svd(delta, full_matrices=False)
        return replace(made, modules={site: Lora(a=s[:1, None] * v[:1], b=u[:, :1])})

    one, two = dense([[4.0, -3.0, 0.5, 2.0]], "a"), dense([[2.0, 1.0, 0.1, -2.5]], "b")
    found = next(iter(deltas(merging.ties([one, two], "m", density=3 / 1024)).values()))

    # kept: (4, −3, ·, 2) and (2, 1, ·, −2.5); signs + − · −; means of those that agree
    torch.testing.assert_close(
        found[0, :4], torch.tensor([3.0, -3.0, 0.0, -2.5]), atol=1e-5, rtol=1e-5
    )
    assert float(found.abs().sum()) == pytest.approx(8.5, abs=1e-4)


def test_dare_is_right_in_the_mean_and_as_sparse_as_it_says() -> None:
    adapters = [lora(BASE, f"a{i}", seed=i) for i in range(2)]
    exact = merging.average(adapters, "m")
    drawn = [deltas(merging.dare(adapters, "m", density=0.25, seed=s)) for s in range(200)]
    site = next(iter(exact.modules))
    mean = sum(each[site] for each in drawn) / len(drawn)

    wanted = matrix(exact.modules[site])
    assert float((mean - wanted).norm() / wanted.norm()) < 0.2
    single = deltas(merging.dare(adapters[:1], "m", density=0.25, seed=0))[site]
    assert float((single != 0).float().mean()) == pytest.approx(0.25, abs=0.06)


def test_truncation_is_the_best_there_is_and_says_what_it_costs() -> None:
    merged = merging.average([lora(BASE, f"a{i}", seed=i) for i in range(3)], "m")
    whole = merging.truncate(merged, 12)
    cut = merging.truncate(merged, 3)

    assert whole.error < 1e-4
    assert cut.error == pytest.approx(merging.relative_error(cut.adapter, merged), rel=1e-3)
    assert 0.1 < cut.error < 1
    assert {m.rank for m in cut.adapter.modules.values() if isinstance(m, Lora)} == {3}


def test_lorahub_finds_the_adapter_that_the_examples_speak_for() -> None:
    adapters = [lora(BASE, f"a{i}", seed=i) for i in range(3)]
    target = deltas(adapters[1])

    def loss(merged: Any) -> float:
        found = deltas(merged)
        return sum(float(((found[s] - target[s]) ** 2).sum()) for s in target)

    told: list[float] = []
    found = merging.lorahub(adapters, loss, "m", budget=120, told=lambda _, best: told.append(best))

    weights = found.facts["weights"]
    assert isinstance(weights, list)
    assert weights[1] == max(weights, key=lambda w: w if isinstance(w, float) else 0)
    assert loss(found) < 0.2 * loss(merging.average(adapters, "mean"))
    assert told == sorted(told, reverse=True)


def test_what_is_no_matrix_is_not_merged() -> None:
    with pytest.raises(ModelCorrupt, match="which is no matrix"):
        merging.average([mixed_kinds(BASE), lora(BASE, "a", seed=1)], "m")
    with pytest.raises(DeclarationError, match="1 weights were given for 2 adapters"):
        merging.combine([lora(BASE, "a", seed=1), lora(BASE, "b", seed=2)], [1.0], "m")
    with pytest.raises(ModelCorrupt, match="2 different bases"):
        merging.average([lora(BASE, "a", seed=1), lora(tiny_base(3), "b", seed=2)], "m")
    with pytest.raises(DeclarationError, match="no way to merge"):
        merging.merge("mean", [lora(BASE, "a", seed=1)], "m")


@pytest.mark.parametrize("method", merging.METHODS)
def test_every_named_method_merges(method: str) -> None:
    merged = merging.merge(method, [lora(BASE, f"a{i}", seed=i) for i in range(2)], "m")
    assert merged.facts["merged"] == ["a0", "a1"]

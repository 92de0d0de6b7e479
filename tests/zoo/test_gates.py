"""Gates inside the model: what their papers say, and that newcomers disturb nobody."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_base import lora, mixed_kinds, tiny_base

from herd_graph.errors import RoutingError
from herd_graph.zoo.base import Base
from herd_graph.zoo.examples import Whitening, example_gate
from herd_graph.zoo.gates import (
    BLOCK,
    GATES,
    Arrow,
    KeyGate,
    Phatgoose,
    Pooled,
    Slots,
    Spectral,
    spectrum,
)
from herd_graph.zoo.modules import matrix
from herd_graph.zoo.training import mean_activation
from herd_graph.zoo.writing import Decoding, write
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

BASE = tiny_base()
TEXT = ["the quick brown fox, the lazy dog."]


def with_keys(adapter: Any, seed: int) -> Any:
    from dataclasses import replace

    draw = torch.Generator().manual_seed(seed)
    keys = {s: torch.randn(BASE.widths(s)[0] or 0, generator=draw) for s in adapter.modules}
    return replace(adapter, keys={"phatgoose": keys, "activation": keys})


@pytest.mark.parametrize("gate_name", GATES)
@settings(max_examples=12, deadline=None)
@given(
    first=st.integers(1, 6),
    more=st.integers(1, BLOCK + 3),
    rank=st.integers(1, 7),
    seed=st.integers(0, 99),
)
def test_adding_and_removing_leaves_every_other_score_bit_identical(
    gate_name: str, first: int, more: int, rank: int, seed: int
) -> None:
    gate = GATES[gate_name]()
    there = [with_keys(lora(BASE, f"a{i}", seed=i), i) for i in range(first)]
    come = [with_keys(lora(BASE, f"b{i}", seed=50 + i, rank=rank), seed) for i in range(2)]
    come += [with_keys(lora(BASE, f"c{i}", seed=1, rank=1), seed) for i in range(more)]
    names, site = [each.name for each in there], next(iter(there[0].modules))
    inputs = torch.randn(
        9, BASE.widths(site)[0] or 0, generator=torch.Generator().manual_seed(seed)
    )

    gate.follow(there, BASE)
    before = gate.scores(site, inputs, names)
    gate.follow([*there, *come], BASE)
    during = gate.scores(site, inputs, [*names, *(each.name for each in come)])[:, : len(names)]
    gate.follow(there, BASE)
    after = gate.scores(site, inputs, names)

    assert torch.equal(before, during)
    assert torch.equal(before, after)


def test_phatgoose_scores_are_the_papers(base: Base) -> None:
    adapter = with_keys(lora(base, "a", seed=1), 4)
    site = next(iter(adapter.modules))
    gate = Phatgoose()
    gate.follow([adapter], base)
    u, v = torch.randn(5, 32), adapter.keys["phatgoose"][site]

    def standard(x: Any) -> Any:
        return (x - x.mean(-1, keepdim=True)) / (
            x.var(-1, unbiased=False, keepdim=True) + 1e-5
        ) ** 0.5

    wanted = standard(u) @ standard(v) / 32**0.5
    torch.testing.assert_close(gate.scores(site, u, ["a"])[:, 0], wanted)


def test_phatgoose_without_a_trained_gate_says_how_to_make_one(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    with pytest.raises(RoutingError, match="--name a --replace --texts FILE"):
        zoo.score(TEXT, use=Phatgoose())


def test_arrow_compares_with_the_direction_that_an_adapter_stretches_most(base: Base) -> None:
    adapter = lora(base, "a", seed=1)
    site = next(iter(adapter.modules))
    gate = Arrow()
    gate.follow([adapter], base)
    delta = matrix(adapter.modules[site])
    top = torch.linalg.svd(delta).Vh[0]
    u = torch.randn(6, 32)

    torch.testing.assert_close(
        gate.scores(site, u, ["a"])[:, 0], (u @ top).abs(), atol=1e-4, rtol=1e-3
    )


def test_arrow_agrees_with_peft_on_its_prototypes(base: Base) -> None:
    arrow = pytest.importorskip("peft.tuners.lora.arrow")
    module = lora(base, "a", seed=1).modules[base.sites("q_proj")[0]]
    factors = module.tensors()
    theirs = None
    for name in dir(arrow.ArrowLoraLinearLayer):
        if "top_right_singular" in name:
            theirs = getattr(arrow.ArrowLoraLinearLayer, name)
    assert theirs is not None
    layer = object.__new__(arrow.ArrowLoraLinearLayer)
    torch.nn.Module.__init__(layer)
    layer.rng_seed = None
    found = theirs(layer, factors["a"], factors["b"], 60)

    mine = spectrum(module, None)[1][0]
    assert abs(float(found.flatten() @ mine)) == pytest.approx(1.0, abs=1e-3)


def test_the_spectral_score_is_the_length_of_what_would_be_added(base: Base) -> None:
    adapter = mixed_kinds(base)
    gate = Spectral()
    gate.follow([adapter], base)
    for site in base.sites("o_proj"):
        u = torch.randn(6, base.widths(site)[0] or 0)
        wanted = (u @ matrix(adapter.modules[site]).T).norm(dim=1)
        torch.testing.assert_close(
            gate.scores(site, u, ["mixed"])[:, 0], wanted, atol=1e-4, rtol=1e-3
        )


def test_every_kind_of_module_can_be_routed_by_its_weights(base: Base) -> None:
    zoo = ExpertZoo(
        base, [mixed_kinds(base), lora(base, "a", seed=1, ends=("v_proj", "mlp", "o_proj"))]
    )
    for gate in (Arrow(top_k=1), Spectral(top_k=1), Arrow(top_k=0)):
        scored = zoo.score(TEXT, use=gate, record=True)[0]
        assert np.isfinite(scored.logprobs).all()
        assert set(scored.mass) == {"mixed", "a"}


def test_average_activations_are_the_means_of_each_layers_inputs(base: Base) -> None:
    adapter = lora(base, "a", seed=1)
    rows = base.encode(["abc abc abc", "the dog"])
    noted = mean_activation(base, adapter, rows, batch=2)
    site = base.sites("q_proj")[0]
    seen: list[Any] = []

    def watch(_: Any, args: Any) -> None:
        seen.append(args[0][0])

    handle = base.layer(site).register_forward_pre_hook(watch)
    with torch.inference_mode():
        for row in rows:
            base.model(input_ids=torch.tensor([row]))
    handle.remove()

    torch.testing.assert_close(
        noted.keys["activation"][site], torch.cat(seen).mean(0), atol=1e-5, rtol=1e-4
    )


def test_slots_are_used_again() -> None:
    slots = Slots(3)
    for index in range(BLOCK + 2):
        slots.put(f"k{index}", torch.full((3,), float(index)))
    slots.free("k5")
    slots.put("new", torch.ones(3))

    assert "k5" not in slots
    assert slots.products(torch.ones(1, 3), ["new", f"k{BLOCK + 1}"]).tolist() == [[3.0, 99.0]]


@pytest.mark.parametrize("kind", ["rnd", "cluster", "retrieval"])
def test_example_gates_find_whose_text_it_is_and_abstain_from_the_rest(kind: str) -> None:
    draw = np.random.default_rng(1)
    centres = draw.normal(size=(4, 24)) * 3
    crowd = [draw.normal(size=(60, 24)) + c for c in centres]
    general = draw.normal(size=(300, 24)) * 3
    gate = example_gate(kind, 24, whitening=Whitening.fit(general), abstain_below=0.05)
    for index in range(3):
        gate.fit(f"e{index}", crowd[index][:40])

    for index in range(3):
        chosen = gate.weights(crowd[index][40:], ["e0", "e1", "e2"])
        assert sum(each == {f"e{index}": 1.0} for each in chosen) >= 17
    strangers = gate.weights(crowd[3], ["e0", "e1", "e2"])
    assert sum(each == {} for each in strangers) >= 50


@pytest.mark.parametrize("kind", ["cluster", "retrieval", "rnd"])
def test_a_gate_says_where_a_posterior_starts_and_keeps_nobody_out_of_reach(kind: str) -> None:
    draw = np.random.default_rng(3)
    places = {"a": draw.normal(size=16), "b": draw.normal(size=16)}
    texts = {name: at + 0.1 * draw.normal(size=(20, 16)) for name, at in places.items()}
    gate = example_gate(kind, 16)
    for name, own in texts.items():
        gate.fit(name, own[:15])

    found = gate.prior(np.concatenate([texts["a"][15:], texts["b"][15:]]), ["a", "b"])

    assert found.shape == (10, 3)
    assert found.sum(axis=1) == pytest.approx(np.ones(10))
    assert found.argmax(axis=1).tolist() == [1] * 5 + [2] * 5
    assert found[:, 0] == pytest.approx(np.full(10, 0.1 + 0.1 / 3))
    assert found.min() >= 0.1 / 3 - 1e-9
    with pytest.raises(RoutingError, match=r"has not learnt \['c'\]"):
        gate.prior(texts["a"], ["a", "c"])


def test_an_example_gate_routes_a_zoo_and_only_to_what_is_there(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    gate = example_gate("cluster", base.width)
    with pytest.raises(RoutingError, match="has learnt none"):
        zoo.score(TEXT, use=gate)
    gate.fit("a", zoo.embed(["the dog barks", "the dog runs", "the dog eats"]))
    gate.fit("b", zoo.embed(["zzz zzz", "zz zzzz zz", "zzzzz"]))

    found = zoo.score(["the dog sits", "zzz zz z"], use=gate, record=True)
    assert [next(iter(each.mass)) for each in found if each.mass] != []
    assert found[0].mass["a"][0] == 1.0
    assert found[1].mass["b"][0] == 1.0
    zoo.drop("b")
    assert "b" not in zoo.score(["zzz zz z"], use=gate, record=True)[0].mass


@pytest.mark.parametrize("kind", ["rnd", "cluster", "retrieval"])
def test_a_gate_that_judges_parts_finds_whose_text_it_is(base: Base, kind: str) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    dogs = [f"the dog {what} and the cat {what}" for what in ("barks", "runs", "eats", "sits")]
    zeds = [f"zzz {what} zz zzzz {what}" for what in ("z", "zz", "zzzzz", "xz")]
    gate = example_gate(kind, base.width, window=8)
    gate.fit("a", zoo.embed(dogs[:3], window=8))
    before = gate.judge(zoo.embed([dogs[3]], window=8))
    gate.fit("b", zoo.embed(zeds[:3], window=8))

    found = zoo.score([dogs[3], zeds[3], "the dog"], use=[gate, gate, "b"], record=True)
    assert [max(each.mass, key=lambda n: each.mass[n][0]) for each in found] == ["a", "b", "b"]
    assert gate.prior(zoo.embed([dogs[3]], window=8), ["a", "b"])[0].argmax() == 1
    gate.drop("b")
    assert gate.judge(zoo.embed([dogs[3]], window=8)) == before  # bit for bit


def test_a_text_is_cut_into_windows_and_what_is_left_over_is_kept_if_it_is_half(base: Base) -> None:
    zoo = ExpertZoo(base)
    rows = [[5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [5, 6, 7, 8, 9], [5]]

    made = zoo.embed(rows, window=4)

    assert [each.shape[0] for each in made] == [3, 1, 1]
    states = zoo.hidden(*base.pad(rows))[0].numpy()
    wanted = np.stack([states[:4].mean(0), states[4:8].mean(0), states[8:].mean(0)])
    np.testing.assert_allclose(made[0], wanted, atol=1e-5)


def test_gates_declare_where_they_stand() -> None:
    for gate in GATES.values():
        assert issubclass(gate, KeyGate)
        assert str(gate.taxonomy.depth_granularity) == "module"
        assert str(gate.taxonomy.input_granularity) == "step"


def test_a_pooled_gate_decides_once_for_each_text(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    gate = Pooled(Arrow(top_k=1))

    together = zoo.score(["the cat sits", "xyz xyz"], use=gate, record=True)
    alone = zoo.score(["the cat sits"], use=gate, record=True)[0]

    for scored in together:
        assert all(float(np.ptp(mass)) < 1e-5 for mass in scored.mass.values())
    np.testing.assert_allclose(together[0].logprobs, alone.logprobs, atol=1e-4)


def test_a_running_request_keeps_the_gate_that_it_began_with(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    gate = Spectral(top_k=1)
    ids = base.encode(TEXT)[0]
    how = Decoding(max_tokens=6)
    wanted = [each.parts for each in write(zoo, ids, gate, how)]
    running = write(zoo, ids, gate, how)
    found = [next(running).parts]
    zoo.drop("a")
    zoo.add(lora(base, "c", seed=3))
    zoo.score(TEXT, use=gate)  # another request makes the gate follow

    assert [*found, *(each.parts for each in running)] == wanted

"""Training: it learns, it goes on where it was broken off, and the base never moves."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from zoo_base import tiny_base

from herd_graph.errors import DeclarationError, ExpertFailed
from herd_graph.zoo.base import Base
from herd_graph.zoo.gates import Phatgoose
from herd_graph.zoo.training import Recipe, train, train_gate
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

CATS = ["the cat sits on the mat and sleeps. ", "the cat eats the fish. the cat is fat. "]
CODE = ["xyz, xyz, qrs, xyz, qrs, xyz, qrs, ", "qrs, xyz, xyz, qrs, qrs, xyz, qrs, "]


def rows(base: Base, texts: list[str]) -> list[list[int]]:
    return base.encode(texts * 3)


@pytest.mark.parametrize("kind", ["lora", "ia3", "bottleneck"])
def test_every_kind_learns_and_the_base_stays(base: Base, kind: Any) -> None:
    before = {name: value.clone() for name, value in base.model.state_dict().items()}
    recipe = Recipe(
        kind=kind, targets=("q_proj", "v_proj", "down_proj"), rank=4, steps=30, rate=3e-2
    )
    adapter = train(base, rows(base, CATS), "cats", recipe)
    zoo = ExpertZoo(base, [adapter])

    gain = zoo.score(CATS)[0].perplexity / zoo.score(CATS, use="cats")[0].perplexity
    assert gain > (1.02 if kind == "ia3" else 1.2)  # 200 parameters do less
    assert all(torch.equal(before[name], value) for name, value in base.model.state_dict().items())
    assert all(each.grad is None for each in base.model.parameters())


def test_a_training_that_was_broken_off_ends_where_an_unbroken_one_does(
    base: Base, tmp_path: Path
) -> None:
    recipe = Recipe(rank=2, steps=12, keep_every=4)
    data = rows(base, CATS)
    whole = train(base, data, "cats", recipe)
    told: list[int] = []

    class Broken(Exception):
        pass

    def stop(step: int, loss: float) -> None:
        del loss
        if step == 6:
            raise Broken

    with pytest.raises(Broken):
        train(base, data, "cats", recipe, folder=tmp_path, told=stop)
    again = train(
        base, data, "cats", recipe, folder=tmp_path, told=lambda step, _: told.append(step)
    )

    assert told == list(range(5, 13))
    for site, module in whole.modules.items():
        for part, tensor in module.tensors().items():
            assert torch.equal(tensor, again.modules[site].tensors()[part])
    assert again.facts == whole.facts
    assert train(base, data, "cats", recipe, folder=tmp_path).facts == whole.facts  # nothing to do


def test_progress_of_another_recipe_is_not_taken_up(base: Base, tmp_path: Path) -> None:
    told: list[int] = []
    train(base, rows(base, CATS), "a", Recipe(rank=2, steps=3), folder=tmp_path)
    train(
        base,
        rows(base, CATS),
        "a",
        Recipe(rank=3, steps=3),
        folder=tmp_path,
        told=lambda step, _: told.append(step),
    )
    assert told == [1, 2, 3]


def test_phatgoose_gates_send_text_to_its_own_adapter() -> None:
    base = tiny_base(3)
    recipe = Recipe(rank=4, steps=40, rate=2e-2, targets=("q_proj", "up_proj", "down_proj"))
    adapters = [
        train_gate(
            base,
            train(base, rows(base, texts), name, recipe),
            rows(base, texts),
            steps=25,
            rate=5e-2,
        )
        for name, texts in (("cats", CATS), ("code", CODE))
    ]
    zoo = ExpertZoo(base, adapters)

    for name, texts in (("cats", CATS), ("code", CODE)):
        scored = zoo.score(texts, use=Phatgoose(top_k=1), record=True)
        own = sum(float(each.mass[name].mean()) for each in scored) / len(scored)
        assert own > 0.5


def test_what_cannot_be_trained_is_told(base: Base) -> None:
    with pytest.raises(DeclarationError, match="0 rows"):
        train(base, [], "a")
    with pytest.raises(DeclarationError, match="shorter than two"):
        train(base, [[3]], "a")
    with pytest.raises(DeclarationError, match="no layer named 'nope'"):
        train(base, rows(base, CATS), "a", Recipe(targets=("nope",)))


def test_a_diverging_training_is_told() -> None:
    base = tiny_base(1)
    with pytest.raises(ExpertFailed, match="loss of NaN"):
        train(base, rows(base, CATS), "a", Recipe(steps=3, rate=float("inf")))

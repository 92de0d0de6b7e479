"""One frozen base, many adapters: who computes, what stays untouched, what comes and goes."""

from __future__ import annotations

import threading
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo_base import lora, mixed_kinds, tiny_base

from herd_graph.errors import DeclarationError, ExpertExists, ExpertNotRegistered, ModelCorrupt
from herd_graph.zoo.base import Base
from herd_graph.zoo.gates import Arrow, Spectral
from herd_graph.zoo.modules import Lora, Module, matrix
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

TEXTS = ["the cat sleeps.", "a dog, a bird", "xyz xyz xyz xyz", "no"]


def plain(base: Base, text: str) -> Any:
    ids = torch.tensor([base.encode([text])[0]])
    with torch.inference_mode():
        logits = base.model(input_ids=ids).logits[0].float()
    picked = logits[:-1].log_softmax(1).gather(1, ids[0, 1:, None])[:, 0]
    return picked.double().numpy()


def written_in(base: Base, adapter: Any, text: str) -> Any:
    """Score with the adapter's matrices added to the weights: what the hooks must equal."""
    held = {site: base.layer(site).weight.data.clone() for site in adapter.modules}
    try:
        for site, module in adapter.modules.items():
            base.layer(site).weight.data += matrix(module)
        return plain(base, text)
    finally:
        for site, weight in held.items():
            base.layer(site).weight.data.copy_(weight)


def test_without_an_adapter_the_base_is_itself_bit_for_bit(base: Base) -> None:
    before = [plain(base, text) for text in TEXTS]
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), mixed_kinds(base)])
    zoo.score(TEXTS, use="a")

    assert all(
        np.array_equal(a, b) for a, b in zip(before, (plain(base, t) for t in TEXTS), strict=True)
    )


def test_an_adapter_gives_what_its_matrices_in_the_weights_would(base: Base) -> None:
    adapter = lora(base, "a", seed=1, rank=3, ends=("q_proj", "v_proj", "down_proj"))
    zoo = ExpertZoo(base, [adapter])

    found = [each.logprobs for each in zoo.score(TEXTS, use="a")]

    for text, scores in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(scores, written_in(base, adapter, text), atol=1e-4)


def test_each_row_of_a_batch_has_its_own_route(base: Base) -> None:
    zoo = ExpertZoo(
        base, [lora(base, "a", seed=1), lora(base, "b", seed=2, rank=7), mixed_kinds(base)]
    )
    routes: list[Any] = ["a", None, {"b": 0.5, "mixed": 0.5}, Arrow(top_k=1)]

    together = zoo.score(TEXTS, use=routes)
    alone = [zoo.score([text], use=route)[0] for text, route in zip(TEXTS, routes, strict=True)]

    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-4)
    np.testing.assert_allclose(together[1].logprobs, plain(base, TEXTS[1]), atol=1e-4)


def test_only_the_chosen_modules_compute(base: Base) -> None:
    calls: list[tuple[str, int]] = []

    class Counted(Lora):
        def delta(self, given: Any, made: Any, layer: Any) -> Any:
            calls.append((self.label, len(given)))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
            return super().delta(given, made, layer)

    def counted(name: str, seed: int) -> Any:
        adapter = lora(base, name, seed=seed)
        modules: dict[str, Module] = {}
        for site, module in adapter.modules.items():
            made = Counted(**module.tensors())
            object.__setattr__(made, "label", name)
            modules[site] = made
        return replace(adapter, modules=modules)

    zoo = ExpertZoo(base, [counted(f"e{i}", i) for i in range(8)])
    zoo.score([TEXTS[0]], use="e3")
    assert {name for name, _ in calls} == {"e3"}

    calls.clear()
    zoo.score([TEXTS[0]], use=Spectral(top_k=2))
    tokens = len(base.encode([TEXTS[0]])[0])
    assert sum(count for _, count in calls) == 2 * tokens * len(zoo["e0"].modules)


def test_the_mass_says_which_adapter_took_which_token(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])

    fixed, gated = zoo.score(TEXTS[:2], use=["a", Arrow(top_k=1)], record=True)

    assert fixed.mass["a"].tolist() == [1.0] * len(fixed.logprobs)
    np.testing.assert_allclose(gated.mass["a"] + gated.mass["b"], 1.0, atol=1e-5)


def test_an_adapter_comes_is_upgraded_and_goes(base: Base) -> None:
    zoo = ExpertZoo(base)
    zoo.add(lora(base, "a", seed=1))
    with pytest.raises(ExpertExists, match="in the zoo already"):
        zoo.add(lora(base, "a", seed=2))
    upgraded = zoo.add(lora(base, "a", seed=2), replace=True)

    assert (upgraded.version, zoo.names) == (2, ("a",))
    zoo.drop("a")
    with pytest.raises(ExpertNotRegistered, match="It may have been dropped"):
        zoo.score(TEXTS, use="a")
    assert len(zoo.score(TEXTS)) == len(TEXTS)


def test_a_request_keeps_the_zoo_that_it_began_with(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    row = base.encode([TEXTS[0]])
    before = zoo.score(row, use="a")[0].logprobs
    dispatch = zoo.dispatch(row, "a")
    zoo.drop("a")

    from herd_graph.zoo.hosting import dispatching
    from herd_graph.zoo.zoo import logprobs_of

    with torch.inference_mode(), dispatching(dispatch):
        ids, mask = base.pad(row)
        found = logprobs_of(base.model(input_ids=ids, attention_mask=mask).logits, ids)[0]

    np.testing.assert_array_equal(before, found.double().numpy())
    assert len(zoo.score(TEXTS, use="b")) == len(TEXTS)


def test_threads_that_serve_do_not_see_each_other(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    wanted = {use: zoo.score(TEXTS, use=use)[0].logprobs for use in ("a", "b", None)}
    wrong: list[object] = []

    def serve(use: str | None) -> None:
        found = [zoo.score(TEXTS, use=use)[0].logprobs for _ in range(5)]
        wrong.extend(use for each in found if not np.array_equal(each, wanted[use]))

    threads = [threading.Thread(target=serve, args=(use,)) for use in wanted]
    for each in threads:
        each.start()
    for turn in range(5):  # and adapters come and go meanwhile
        zoo.add(lora(base, f"n{turn}", seed=turn))
        zoo.drop(f"n{turn}")
    for each in threads:
        each.join()

    assert wrong == []


def test_an_adapter_of_another_base_is_refused_and_the_rest_goes_on(
    base: Base, tmp_path: Path
) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    other = tiny_base(5)
    with pytest.raises(ModelCorrupt, match="fingerprint"):
        zoo.add(lora(other, "b", seed=2))
    with pytest.raises(ModelCorrupt, match="another tokenizer"):
        zoo.add(replace(lora(base, "b", seed=2), vocabulary="0123"))
    wide = tiny_base(width=48)
    with pytest.raises(ModelCorrupt, match="another size"):
        zoo.add(replace(lora(wide, "b", seed=2), base=""))
    deep = tiny_base(layers=3)
    with pytest.raises(ModelCorrupt, match="another architecture"):
        zoo.add(replace(lora(deep, "b", seed=2), base=""))

    assert zoo.names == ("a",)
    assert len(zoo.score(TEXTS, use="a")) == len(TEXTS)


def test_a_fingerprint_is_of_the_weights_and_not_of_their_precision() -> None:
    one, same, other = tiny_base(1), tiny_base(1), tiny_base(2)
    same.model.to(torch.bfloat16)

    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_routes_and_texts_that_cannot_be_are_told(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    with pytest.raises(DeclarationError, match="2 routes were given for 4 texts"):
        zoo.score(TEXTS, use=["a", None])
    with pytest.raises(DeclarationError, match="no tokens"):
        zoo.score(["", "a"])
    with pytest.raises(ExpertNotRegistered, match="Did you mean"):
        ExpertZoo(base, [lora(base, "german", seed=1)]).score(TEXTS, use="germ")


def test_a_zoo_is_written_and_read_again(base: Base, tmp_path: Path) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), mixed_kinds(base)])
    zoo.save(tmp_path)

    again = ExpertZoo.open(tmp_path, base)

    assert again.names == zoo.names
    for use in zoo.names:
        np.testing.assert_array_equal(
            again.score(TEXTS, use=use)[0].logprobs, zoo.score(TEXTS, use=use)[0].logprobs
        )
    assert again.memory == zoo.memory

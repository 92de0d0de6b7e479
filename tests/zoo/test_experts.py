"""A zoo in a herd: it answers, streams, and shows who wrote which token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo_base import lora, tiny_base

from herd_graph import Herd, Text, workflow
from herd_graph.errors import DeclarationError
from herd_graph.zoo.base import Base
from herd_graph.zoo.deferral import DeferralHead
from herd_graph.zoo.evidence import BASE, Evidence
from herd_graph.zoo.examples import example_gate
from herd_graph.zoo.experts import AdapterZooExpert, DeferralExpert, PosteriorEnsembleExpert
from herd_graph.zoo.gates import Arrow
from herd_graph.zoo.members import CausalMember, NgramMember
from herd_graph.zoo.writing import Decoding, write
from herd_graph.zoo.zoo import ExpertZoo

HOW = Decoding(max_tokens=6)


def run(expert: Any, tmp_path: Path, **inputs: Any) -> Any:
    @workflow
    def task(prompt: Text) -> Text:
        return expert(prompt=prompt, **inputs).answer

    with Herd(home=tmp_path) as herd:
        herd.add(expert)
        return herd.run(task, Text("the cat"))


def test_a_zoo_answers_in_a_herd_with_evidence_of_every_token(base: Base, tmp_path: Path) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    expert = AdapterZooExpert(zoo, route=Arrow(top_k=1), how=HOW)

    done = run(expert, tmp_path)

    ids = base.encode(["the cat"])[0]
    wanted = base.decode([each.token for each in write(zoo, ids, Arrow(top_k=1), HOW)])
    assert str(done.output("adapter_zoo", "answer")) == wanted
    routing = done.output("adapter_zoo", "routing").value
    assert routing["route"] == "arrow"
    assert len(routing["tokens"]) == 6
    assert {each["by"] for each in routing["tokens"]} <= {"a", "b"}
    assert sum(routing["shares"].values()) == pytest.approx(1, abs=1e-2)


def test_a_dropped_adapter_fails_its_own_calls_alone(base: Base, tmp_path: Path) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    expert = AdapterZooExpert(zoo, how=HOW)
    zoo.drop("b")

    broken = run(expert, tmp_path / "1", adapter=Text("b"))
    fine = run(expert, tmp_path / "2", adapter=Text("a"))

    assert "not in the zoo" in str(broken.why())
    assert (str(broken.status), str(fine.status)) == ("failed", "done")


def test_an_ensemble_and_a_deferral_answer_in_a_herd(base: Base, tmp_path: Path) -> None:
    zoo = ExpertZoo(base)
    ngram = NgramMember(size=33).fit(base.encode(["the cat and the dog. "] * 4))
    small, large = CausalMember(zoo=zoo), CausalMember(zoo=ExpertZoo(tiny_base(1)), name="large")
    head = DeferralHead(weight=np.zeros(base.width), bias=9.0)

    ensemble = run(PosteriorEnsembleExpert([small, ngram], how=HOW), tmp_path / "1")
    deferral = run(DeferralExpert(small, large, head, how=HOW), tmp_path / "2")

    assert str(ensemble.output("posterior_ensemble", "answer")) == " and t"
    assert ensemble.output("posterior_ensemble", "routing").value["shares"]["ngram"] > 0.8
    assert deferral.output("deferral", "routing").value["shares"] == {"large": 1.0}


def test_an_ensemble_starts_where_a_gate_says(base: Base, tmp_path: Path) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    gate = example_gate("cluster", base.width)
    gate.fit("a", zoo.embed(["the dog barks", "the dog runs", "the dog eats"]))
    gate.fit("b", zoo.embed(["zzz zzz", "zz zzzz zz", "zzzzz"]))
    alone = CausalMember(zoo=zoo)
    members = [alone, *(CausalMember(zoo=zoo, use=name, name=name) for name in ("a", "b"))]
    expert = PosteriorEnsembleExpert(members, gate=gate, how=HOW)

    ids = base.encode(["z"])[0]
    first = next(iter(expert.tokens(ids, {})))

    wanted = gate.prior(zoo.embed([ids]), ["a", "b"])[0]  # one token is no evidence yet
    assert list(first.parts.values()) == pytest.approx(wanted, abs=1e-4)
    assert first.parts["b"] > 0.5
    assert str(run(expert, tmp_path).output("posterior_ensemble", "answer"))
    for wrong in (members[1:], [*members, CausalMember(zoo=zoo, name="c")]):
        with pytest.raises(DeclarationError, match="cannot say where"):
            PosteriorEnsembleExpert(wrong, gate=gate)


def test_cards_say_what_the_adapters_do(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    card = AdapterZooExpert(zoo, "writer").card

    assert card.streams
    assert "a: no description" in card.description
    assert card.memory_bytes == sum(zoo.memory.values()) > 0


def test_what_cannot_be_an_ensemble_is_told_when_it_is_made() -> None:
    ngram = NgramMember(size=5).fit([[1, 2, 3]])
    with pytest.raises(DeclarationError, match="brings a tokenizer"):
        PosteriorEnsembleExpert([ngram])
    with pytest.raises(DeclarationError, match="decay"):
        PosteriorEnsembleExpert([ngram], decay=0, codec=tiny_base())


def test_evidence_is_drawn_with_every_token_in_its_adapters_colour() -> None:
    found = Evidence(tokens=("<b>", "x", "y"), parts=({"a": 0.75}, {}, {"b": 1.0}))

    assert found.shares == {"a": 0.25, BASE: pytest.approx(0.4167, abs=1e-3), "b": 0.3333}
    assert found.leaders == ["a", BASE, "b"]
    assert "&lt;b&gt;</span>" in found.html()
    assert found.html().count("#9ecae1") == 2

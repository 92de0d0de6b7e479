"""Models of three kinds behind one seam: what they score is what they would write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from zoo_base import lora, tiny_base

from herd_graph.errors import DeclarationError
from herd_graph.zoo.base import Base
from herd_graph.zoo.deferral import DeferralHead, fit_head
from herd_graph.zoo.gates import Arrow
from herd_graph.zoo.members import CausalMember, GruMember, NgramMember, check_members
from herd_graph.zoo.posterior import Posterior
from herd_graph.zoo.writing import Decoding, write, write_deferring, write_together
from herd_graph.zoo.zoo import ExpertZoo

SIZE = 33
TEXT = "the cat and the dog and the cat"


def members(base: Base) -> list[Any]:
    rows = base.encode(["the cat and the dog. "] * 4)
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    return [
        CausalMember(zoo=zoo, use="a", name="adapter"),
        CausalMember(zoo=zoo, name="base"),
        NgramMember(size=SIZE).fit(rows),
        GruMember(SIZE, width=16).fit(rows, steps=30, batch=2),
    ]


def test_scores_are_the_sessions_own_and_every_distribution_sums_to_one(base: Base) -> None:
    ids = base.encode([TEXT])[0]
    for member in members(base):
        session = member.begin(ids[:1])
        stepped: list[float] = []
        for token in ids[1:]:
            logs = session.logprobs()
            assert np.exp(logs).sum() == pytest.approx(1, abs=1e-5)
            stepped.append(float(logs[token]))
            session.feed([token])
        np.testing.assert_allclose(stepped, member.score(ids), atol=1e-4)


def test_feeding_at_once_and_one_by_one_are_the_same(base: Base) -> None:
    ids = base.encode([TEXT])[0]
    for member in members(base):
        one, other = member.begin(ids[:3]), member.begin(ids[:3])
        one.feed(ids[3:9])
        one.feed([])
        for token in ids[3:9]:
            other.feed([token])
        np.testing.assert_allclose(one.logprobs(), other.logprobs(), atol=1e-4)


def test_an_ngram_model_learns_what_repeats() -> None:
    model = NgramMember(size=5, order=3).fit([[1, 2, 3] * 20])
    assert model.probabilities([1, 2])[3] > 0.9
    assert model.probabilities([4, 4]).sum() == pytest.approx(1)
    assert (model.probabilities([]) > 0).all()


def test_kneser_ney_counts_contexts_and_not_occurrences() -> None:
    # "4" follows one token alone, however often; "3" follows three different ones
    model = NgramMember(size=9, order=2).fit(
        [[1, 4], [1, 4], [1, 4], [1, 4], [5, 3], [6, 3], [7, 3]]
    )
    assert model.probabilities([8])[3] > model.probabilities([8])[4]


def test_an_ensemble_writes_what_its_best_member_would(base: Base) -> None:
    every = members(base)
    ids = base.encode(["the cat and the dog. the cat"])[0]
    found = list(write_together(every, ids, Posterior(prior=[1, 1, 1, 1]), Decoding(max_tokens=5)))

    assert base.decode([each.token for each in found]).replace(" ", "") in "andthedog."
    assert all(sum(each.parts.values()) == pytest.approx(1, abs=1e-3) for each in found)
    assert found[0].parts["adapter"] < 0.05


def test_one_member_alone_writes_as_itself(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    ids = base.encode([TEXT])[0]
    alone = write_together([CausalMember(zoo=zoo, use="a")], ids, how=Decoding(max_tokens=8))
    zoo_wrote = write(zoo, ids, "a", Decoding(max_tokens=8))

    assert [each.token for each in alone] == [each.token for each in zoo_wrote]


def test_generation_has_the_probabilities_of_scoring(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1), lora(base, "b", seed=2)])
    ids = base.encode([TEXT])[0]
    gate = Arrow(top_k=1)
    how = Decoding(max_tokens=6, temperature=1.0, seed=4)
    written = list(write(zoo, ids, gate, how))

    whole = zoo.score([[*ids, *(each.token for each in written)]], use=gate, record=True)[0]
    np.testing.assert_allclose(
        [each.logprob for each in written], whole.logprobs[len(ids) - 1 :], atol=1e-3
    )
    for at, each in enumerate(written):
        for name, mass in each.parts.items():
            assert mass == pytest.approx(float(whole.mass[name][len(ids) - 1 + at]), abs=1e-3)
    assert [e.token for e in write(zoo, ids, gate, how)] == [e.token for e in written]


def test_a_dropped_adapter_finishes_its_text(base: Base) -> None:
    zoo = ExpertZoo(base, [lora(base, "a", seed=1)])
    ids = base.encode([TEXT])[0]
    wanted = [each.token for each in write(zoo, ids, "a", Decoding(max_tokens=6))]
    running = write(zoo, ids, "a", Decoding(max_tokens=6))
    first = next(running)
    zoo.drop("a")

    assert [first.token, *(each.token for each in running)] == wanted


def test_members_with_different_vocabularies_are_not_mixed(base: Base) -> None:
    zoo = ExpertZoo(base)
    with pytest.raises(DeclarationError, match="cannot be mixed"):
        check_members([CausalMember(zoo=zoo), NgramMember(size=7)])
    with pytest.raises(DeclarationError, match="cannot be mixed"):
        check_members([])
    with pytest.raises(DeclarationError, match="1 names between them"):
        check_members([NgramMember(size=7), NgramMember(size=7)])


def test_a_head_learns_when_the_large_model_is_better() -> None:
    draw = np.random.default_rng(0)
    hidden = draw.normal(size=(600, 12)) * 3 + 1
    hard = hidden[:, 2] > 1
    small = np.where(hard, -5.0, -1.0) + 0.2 * draw.normal(size=600)
    large = np.full(600, -2.0) + 0.2 * draw.normal(size=600)

    head = fit_head(hidden[:400], small[:400], large[:400])
    test = slice(400, None)
    deferred = head.probability(hidden[test]) > 0.5
    assert (deferred == hard[test]).mean() > 0.95
    soft = head.soft(hidden[test], small[test], large[test]).mean()
    assert soft > max(small[test].mean(), large[test].mean()) + 0.3
    for rate in (0.0, 0.25, 1.0):
        found = head.calibrated(hidden[:400], rate=rate)
        assert (found.probability(hidden[:400]) > found.threshold).mean() == pytest.approx(
            rate, abs=0.01
        )
    youden = head.by_youden(hidden[:400], large[:400] > small[:400])
    assert ((youden.probability(hidden[test]) > youden.threshold) == hard[test]).mean() > 0.95
    with pytest.raises(DeclarationError, match="from 0 to 1"):
        head.calibrated(hidden, rate=2)


def test_deferral_writes_with_either_model_and_catches_up() -> None:
    small, large = tiny_base(0), tiny_base(1)
    ids = small.encode([TEXT])[0]
    how = Decoding(max_tokens=8)
    own = CausalMember(zoo=ExpertZoo(small), name="small")
    other = CausalMember(zoo=ExpertZoo(large), name="large")
    wide = small.width

    def head(bias: float) -> DeferralHead:
        return DeferralHead(weight=np.zeros(wide), bias=bias)

    never = [e.token for e in write_deferring(own, other, head(-9), ids, how)]
    always = [e.token for e in write_deferring(own, other, head(9), ids, how)]
    assert never == [e.token for e in write(own.zoo, ids, None, how)]
    assert always == [e.token for e in write(other.zoo, ids, None, how)]

    states = np.stack([own.begin(ids[:n]).hidden.double().numpy() for n in range(1, len(ids))])
    weight = np.random.default_rng(1).normal(size=wide)
    mixed = DeferralHead(weight=weight, bias=-float(np.median(states @ weight)))
    found = list(write_deferring(own, other, mixed, ids, Decoding(max_tokens=16)))
    text = list(ids)
    for each in found:
        member = own if "small" in each.parts else other
        assert each.logprob == pytest.approx(
            float(member.begin(text).logprobs()[each.token]), abs=1e-3
        )
        text.append(each.token)

"""Familiarity is learnt expert by expert, and nobody's numbers depend on who else is there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_worlds import EMBEDDER, prompts

from herd_graph import Herd, Text, expert
from herd_graph.discovery import CapabilityIndex
from herd_graph.errors import RoutingError
from herd_graph.plans import Plan
from herd_graph.routing.familiarity import (
    ClusterAverage,
    Distillation,
    Familiarity,
    FamiliarityRouter,
    NearestExample,
)
from herd_graph.testing import FakeRouter

KINDS: list[Callable[[], Familiarity]] = [
    lambda: Distillation(dimensions=64, features=64),
    lambda: Distillation(dimensions=64, features=64, scale="quantile"),
    ClusterAverage,
    lambda: ClusterAverage(centres=4),
    NearestExample,
]


def examples(kind: str, count: int = 60, seed: int = 0) -> list[str]:
    asked, kinds = prompts(4 * count, seed)
    return [text for text, its in zip(asked, kinds, strict=True) if its == kind][:count]


@pytest.mark.parametrize("make", KINDS)
def test_each_request_is_most_familiar_to_whoever_has_seen_the_like(
    make: Callable[[], Familiarity],
) -> None:
    known = make()
    for kind in ("food", "sea"):
        known.fit(kind, EMBEDDER.embed(examples(kind)))

    right = 0
    for kind in ("food", "sea"):
        for vector in EMBEDDER.embed(examples(kind, 20, seed=9)):
            judged = known.judge(vector)
            right += min(judged, key=lambda each: judged[each].score) == kind
    assert right >= 38  # of 40


@pytest.mark.parametrize("make", KINDS)
def test_a_request_of_several_parts_is_as_strange_as_they_are_in_the_mean(
    make: Callable[[], Familiarity],
) -> None:
    vectors = EMBEDDER.embed(examples("food", 24))
    asked = EMBEDDER.embed(examples("sea", 3, seed=4))
    alone, apart, paired = make(), make(), make()
    alone.fit("food", vectors)
    apart.fit("food", vectors, list(range(24)))
    paired.fit("food", vectors, [at // 2 for at in range(24)])

    each = [alone.judge(vector)["food"] for vector in asked]
    whole = paired.judge(asked)["food"]

    assert [apart.judge(vector)["food"] for vector in asked] == each
    assert whole.error == pytest.approx(np.mean([one.error for one in each]), abs=1e-5)
    assert whole.familiar * 12 == pytest.approx(round(whole.familiar * 12))  # of twelve examples


def test_a_stranger_is_familiar_to_nobody() -> None:
    known = Distillation(dimensions=64, features=64)
    known.fit("food", EMBEDDER.embed(examples("food")))

    own = [known.judge(v)["food"].familiar for v in EMBEDDER.embed(examples("food", 30, seed=5))]
    other = [known.judge(v)["food"].familiar for v in EMBEDDER.embed(["zzz qqq", "12345", "äöü ß"])]

    assert np.mean(own) > 0.2
    assert max(other) < 0.05


@pytest.mark.parametrize("make", KINDS)
@settings(max_examples=10)
@given(seed=st.integers(0, 1000), others=st.integers(1, 4), asked=st.text(max_size=30))
def test_who_joins_and_who_leaves_changes_no_bit_of_the_others(
    make: Callable[[], Familiarity], seed: int, others: int, asked: str
) -> None:
    vector = EMBEDDER.embed([asked])[0]
    known = make()
    known.fit("food", EMBEDDER.embed(examples("food", 20)))
    before = known.judge(vector)["food"]

    for each in range(others):
        known.fit(f"other{each}", EMBEDDER.embed(examples("sea", 12, seed=seed + each)))
    with_others = known.judge(vector)["food"]
    for each in range(others):
        known.drop(f"other{each}")

    assert with_others == before
    assert known.judge(vector) == {"food": before}


def test_one_example_is_too_few() -> None:
    with pytest.raises(RoutingError, match="'food' has 1 example"):
        NearestExample().fit("food", EMBEDDER.embed(["soup"]))


@expert(tags=["answer"], examples=["soup with onion", "bread and butter", "fry in the oven"])
def cook(text: str) -> Text:
    """Recipe questions."""
    return Text(f"cook: {text}")


@expert(tags=["answer"], examples=["sail with the tide", "anchor and rope", "storm on deck"])
def sailor(text: str) -> Text:
    """Harbour questions."""
    return Text(f"sailor: {text}")


def route(text: str, **settings_: object) -> tuple[Plan, float]:
    plan = Plan.parse(
        {"steps": [{"id": "s1", "expert": "cook@1", "inputs": {"text": {"value": text}}}]}
    )
    router = FamiliarityRouter(FakeRouter(plan), **settings_)  # pyright: ignore[reportArgumentType]
    router.teach("cook", examples("food"))
    router.teach("sailor", examples("sea"))
    index = CapabilityIndex.in_memory(EMBEDDER)
    with Herd(cook, sailor, router=router, index=index, checkpoints="memory") as herd:
        made = herd.plan(text)
    return made.plan, made.trace.confidence


def test_in_a_plan_the_one_who_knows_takes_the_step() -> None:
    plan, _ = route("tide storm rope deck")

    assert plan.steps[0].expert == "sailor@1"
    assert plan.steps[0].fallbacks == ("cook@1",)
    assert route("onion soup butter fry salt")[0].steps[0].expert == "cook@1"


def test_it_can_give_up_where_nobody_knows() -> None:
    plan, _ = route("qqqqqqqq wwwwwwww zzzzzzzz", least=0.1, abstain=True)

    assert plan.abstained
    assert "No expert knows" in plan.reason

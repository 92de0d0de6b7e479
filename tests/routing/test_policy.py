"""The policy keeps every hard limit, trades quality for cost, and keeps the best single in doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.cards import ExpertCard, Port
from herd_graph.routing.policy import Bounds, Estimate, Tradeoff, choose, value
from herd_graph.types import Kind


def estimate(name: str, quality: float, **more: float) -> Estimate:
    return Estimate(expert=name, quality=quality, **more)  # pyright: ignore[reportArgumentType]


def card(name: str, **more: object) -> ExpertCard:
    return ExpertCard.model_validate(
        {
            "name": name,
            "description": name,
            "inputs": (Port(name="text", kind=Kind.TEXT),),
            "outputs": (Port(name="result", kind=Kind.TEXT),),
            **more,
        }
    )


SMALL, LARGE = estimate("small", 0.70, usd=0.001), estimate("large", 0.80, usd=0.02)


def test_quality_decides_when_cost_is_no_matter() -> None:
    choice = choose([SMALL, LARGE])

    assert choice.chosen is not None
    assert choice.chosen.expert == "large"
    assert choice.fallbacks == ("small",)
    assert choice.chosen.propensity == 1.0


def test_a_price_turns_the_choice() -> None:
    choice = choose([SMALL, LARGE], trade=Tradeoff(per_usd=10))

    assert choice.chosen is not None
    assert choice.chosen.expert == "small"


def test_little_known_experts_have_to_promise_more() -> None:
    new = estimate("new", 0.85, spread=0.2)

    assert choose([LARGE, new], trade=Tradeoff(caution=1)).ranked[0].expert == "large"
    assert choose([LARGE, new], trade=Tradeoff(caution=0)).ranked[0].expert == "new"


def test_the_gate_keeps_the_best_single_expert_within_the_margin() -> None:
    trade = Tradeoff(margin=0.15)

    choice = choose([SMALL, LARGE], trade=trade, best_single="small")

    assert choice.gated
    assert choice.ranked[0].expert == "small"
    assert not choose([SMALL, LARGE], trade=Tradeoff(margin=0.05), best_single="small").gated


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        (Bounds(usd=0.01), "is left"),
        (Bounds(seconds=1), "are left"),
        (Bounds(quality=0.9), "below 0.90"),
        (Bounds(locality=("local",)), "is remote"),
        (Bounds(licences=("apache",)), "its licence is"),
        (Bounds(context_chars=500, windows={"large": 100}), "reads 100 characters"),
        (Bounds(forbidden=("large",)), "forbids"),
        (Bounds(takes=(Port(name="a", kind=Kind.AUDIO),)), "takes no Audio"),
        (Bounds(gives=Port(name="a", kind=Kind.IMAGE)), "gives no Image"),
    ],
)
def test_each_hard_limit_makes_an_expert_ineligible_with_the_reason(
    bounds: Bounds, says: str
) -> None:
    dear = LARGE.model_copy(update={"seconds": 9.0})
    choice = choose([dear], bounds, cards=[card("large", locality="remote", licence="GPL-3.0")])

    assert choice.chosen is None
    assert says in choice.ranked[0].reasons[-1]
    assert "No candidate" in choice.reason


def test_nothing_to_choose_from_is_an_abstention() -> None:
    assert choose([]).chosen is None


qualities = st.floats(0, 1)
some = st.lists(
    st.builds(
        Estimate,
        expert=st.sampled_from(["a", "b", "c", "d", "e"]),
        quality=qualities,
        spread=st.floats(0, 0.5),
        usd=st.floats(0, 1),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each.expert,
)


@given(some, st.floats(0, 10), st.floats(0, 0.5), st.floats(0, 1))
def test_what_is_chosen_keeps_the_budget_and_never_falls_below_the_best_single(
    given_: list[Estimate], price: float, margin: float, left: float
) -> None:
    trade = Tradeoff(per_usd=price, margin=margin)
    choice = choose(given_, Bounds(usd=left), trade, best_single=given_[0].expert)

    able = [each for each in given_ if each.usd <= left + 1e-12]
    assert (choice.chosen is None) == (not able)
    assert {each.expert for each in choice.ranked} == {each.expert for each in given_}
    if choice.chosen is not None:
        assert choice.chosen.usd <= left + 1e-12
        if given_[0] in able:
            assert value(choice.chosen, trade) >= value(given_[0], trade)


@given(some)
def test_the_order_of_the_estimates_does_not_matter(given_: list[Estimate]) -> None:
    there = [each.expert for each in choose(given_).ranked]
    back = [each.expert for each in choose(list(reversed(given_))).ranked]

    assert there == back

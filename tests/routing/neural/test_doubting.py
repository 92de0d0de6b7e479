"""When a plan that was made by cards is taken before what the network wrote."""

from __future__ import annotations

import pytest

from herd_graph.plans import Ask, FromStep, Plan, Step, Value
from herd_graph.routing.base import Route, RouteTrace
from herd_graph.routing.neural.doubting import gives_way
from herd_graph.routing.neural.writing import Roles
from herd_graph.types import StepId
from tools import first_party

KNOWN = Roles({each.card.name: each.card for each in first_party()})
TEXT = "The bus leaves at nine."


def plan(*experts: str, unmet: tuple[str, ...] = ()) -> Plan:
    steps = tuple(
        Step(
            id=StepId(f"s{number}"),
            expert=f"{name}@1",
            inputs={"text": Value(value=TEXT)},
            ask=name,
        )
        for number, name in enumerate(experts, 1)
    )
    answers = tuple(Ask(ask=f"{each.ask}", source=FromStep(step=each.id)) for each in steps)
    return Plan(steps=steps, answers=answers, unmet=unmet)


def by_cards(plan: Plan, confidence: float) -> Route:
    return Route(plan=plan, trace=RouteTrace(router="test", request="", confidence=confidence))


@pytest.mark.parametrize(
    ("found", "request_", "sure", "given", "gives"),
    [
        (by_cards(plan("newcomer"), 0.4), "do the new thing", 0.9, "", True),
        (by_cards(plan("newcomer"), 0.3), "do the new thing", 0.9, "", False),  # hardly meant
        (by_cards(plan("summarize"), 0.6), "shorten it", 0.2, "", True),
        (by_cards(plan("summarize"), 0.6), "shorten it", 0.4, "", False),  # nothing is in doubt
        (by_cards(plan("summarize"), 0.4), "shorten it", 0.2, "", False),  # as much in doubt
        (by_cards(plan("summarize", unmet=("sing",)), 0.6), "shorten it", 0.2, "", False),
        (by_cards(plan("summarize"), 0.6), "who wrote it?", 0.2, "", False),  # a question
        (by_cards(plan("summarize"), 0.6), f"shorten: {TEXT}", 0.9, TEXT, True),
        (by_cards(plan("summarize"), 0.6), "shorten: another", 0.9, "another", False),
    ],
)
def test_it_gives_way_to_a_newcomer_to_a_plain_plan_and_to_who_takes_a_text_whole(
    found: Route, request_: str, sure: float, given: str, *, gives: bool
) -> None:
    wrote = plan("find_entities")

    assert gives_way(wrote, request_, found, roles=KNOWN, sure=sure, given=given) is gives


def test_a_plan_that_answers_fewer_wishes_has_dropped_some() -> None:
    two = plan("find_entities", "summarize")
    found = by_cards(plan("summarize"), 0.9)

    assert not gives_way(two, "shorten it", found, roles=KNOWN, sure=0.1, given="")

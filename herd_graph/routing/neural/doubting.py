"""When what the network wrote gives way to a plan that was made by the cards alone."""

from __future__ import annotations

from herd_graph.plans import Plan, Value
from herd_graph.routing.base import Route
from herd_graph.routing.neural.asking import asks_one, asks_price
from herd_graph.routing.neural.writing import Roles

_SURE = 0.35
"""A newcomer that the semantic planner is this sure of is chosen before what the network wrote."""
DOUBTFUL, _PLAIN = 0.3, 0.5
"""Where the network is less sure than the first, a whole plan of the semantic planner is taken that is
at least as sure as the second and answers as many wishes."""


def gives_way(
    plan: Plan, request: str, by_cards: Route, *, roles: Roles, sure: float, given: str
) -> bool:
    """Say whether the plan that was made by cards is taken.

    Args:
        plan: What the network wrote.
        request: The words.
        by_cards: What the semantic planner found.
        roles: The experts that the network knows.
        sure: How sure the network is of its plan.
        given: The text that the request itself gives, or nothing.
    """
    if _has_newcomer(by_cards, roles):
        return True
    # A question that was put to a text by rule stays with it, among other wishes as well.
    asks = any(asks_one(each) or asks_price(each) for each in (request, *_asked(plan)))
    if sure < DOUBTFUL and not asks and _is_plain(by_cards, plan):
        return True
    return bool(given) and _works_on(by_cards, given)


def _asked(plan: Plan) -> list[str]:
    """Return the wishes that a plan answers, each in its words."""
    return [each.ask for each in plan.answers]


def _has_newcomer(by_cards: Route, roles: Roles) -> bool:
    """Say whether a plan has an expert that the network could not have known."""
    names = {str(each.expert).partition("@")[0] for each in by_cards.plan.steps}
    return bool(names - roles.cards.keys()) and by_cards.trace.confidence >= _SURE


def _is_plain(by_cards: Route, doubted: Plan) -> bool:
    """Say whether a plan of the semantic planner stands for one that the network doubts.

    One that answers fewer wishes does not: it has dropped some.
    """
    whole = not by_cards.plan.abstained and not by_cards.plan.unmet
    answers = len(by_cards.plan.asks) >= len(doubted.asks)
    return whole and answers and by_cards.trace.confidence >= _PLAIN


def _works_on(by_cards: Route, text: str) -> bool:
    """Say whether a plan that is sure of itself works on a text that the request gives."""
    bound = [each for step in by_cards.plan.steps for each in step.inputs.values()]
    said = text.strip("\"'“”«» ")
    whole = any(isinstance(each, Value) and each.value in {text, said} for each in bound)
    return whole and by_cards.trace.confidence >= _PLAIN


__all__ = ("DOUBTFUL", "gives_way")

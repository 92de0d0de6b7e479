"""Tools from cards alone: paths through the clauses of a request, and what keeps them on the road."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from routing_office import TOOLS, requests

from herd_graph.discovery.embedders import HashEmbedder, MiniLM
from herd_graph.routing.learned.cards import Cards
from herd_graph.routing.learned.paths import Costs, chosen
from herd_graph.routing.learned.reading import read
from herd_graph.routing.learned.untrained import CardPlanner

EMBEDDER = MiniLM()
PLAIN = Costs(scale=4.0)
LINKED = Costs(scale=4.0, follows=1.0, strays=2.0)


def nothing(count: int) -> Any:
    return np.zeros((count, count), dtype=np.float32)


def test_each_clause_gets_the_tool_that_fits_it_in_the_order_of_the_clauses():
    scores = np.array([[0.1, 2.0, 0.0], [0.0, 0.3, 1.9]])

    assert chosen(scores, nothing(3), PLAIN) == (1, 2)
    assert chosen(scores[::-1], nothing(3), PLAIN) == (2, 1)


def test_a_second_tool_for_the_same_clause_yields_to_a_weaker_one_for_another():
    scores = np.array([[2.0, 1.9, 0.0], [0.0, 0.1, 1.6]])

    assert set(chosen(scores, nothing(3), PLAIN, most=2)) == {0, 2}
    free = Costs(scale=4.0, again=0.0)
    assert set(chosen(scores, nothing(3), free, most=2)) == {0, 1}


def test_of_two_tools_that_fit_alike_the_one_that_may_follow_is_taken():
    scores = np.array([[2.0, 0.0, 0.0], [0.0, 1.5, 1.5]])
    follows = nothing(3)
    follows[0, 2] = 1

    assert chosen(scores, follows, LINKED) == (0, 2)


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(1, 9)),
        elements=st.floats(-2, 2, width=32),
    ),
    st.integers(1, 4),
    st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_a_path_holds_each_tool_once_and_as_many_as_are_wanted(scores: Any, least: int, seed: int):
    tools = scores.shape[1]
    follows = (np.random.default_rng(seed).random((tools, tools)) > 0.7).astype(np.float32)

    path = chosen(scores, follows, LINKED, least=least)

    assert len(set(path)) == len(path)
    assert min(least, tools) <= len(path) <= 5
    assert set(path) <= set(range(tools))


def test_many_clauses_that_want_one_tool_still_give_as_many_as_are_wanted():
    scores = np.full((40, 3), -1.0)
    scores[:, 0] = 1.0

    assert len(chosen(scores, nothing(3), PLAIN, least=2)) >= 2


def test_cards_alone_find_what_is_asked_of_an_office():
    planner = CardPlanner(Cards.of(TOOLS, EMBEDDER), EMBEDDER)
    asked = [each for each in requests(40, seed=3) if each.tools]

    got = [planner.tools(read(each.request, EMBEDDER), least=1) for each in asked]

    found = [len(set(g) & set(e.tools)) / len(e.tools) for g, e in zip(got, asked, strict=True)]
    assert np.mean(found) >= 0.6


def test_what_may_follow_what_makes_plans_that_keep_to_it():
    asked = [each for each in requests(120, seed=3) if len(each.tools) > 1]
    road = {link for each in asked for link in itertools.pairwise(each.tools)}
    cards = Cards.of(TOOLS, EMBEDDER)
    told, alone = CardPlanner(cards, EMBEDDER, road), CardPlanner(cards, EMBEDDER)

    def share(planner: CardPlanner) -> float:
        plans = [planner.tools(read(each.request, EMBEDDER)) for each in asked[:20]]
        steps = [link for plan in plans for link in itertools.pairwise(plan)]
        return sum(link in road for link in steps) / len(steps)

    assert share(told) > share(alone)
    assert share(told) >= 0.8


def test_a_road_of_tools_that_are_not_there_is_no_road():
    embedder = HashEmbedder()
    cards = Cards.of(TOOLS, embedder)
    reading = read("cancel my train ticket and book a hotel room", embedder)

    assert CardPlanner(cards, embedder, {("ghost", "spirit")}).tools(reading) == CardPlanner(
        cards, embedder
    ).tools(reading)

"""Fragments put a word in the place of its like in the request before them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.routing.followups import ON_A_NUMBER, gone_on, merged


@pytest.mark.parametrize(
    ("request_", "fragment", "whole"),
    [
        (
            "which region sold the most units?",
            "and the least?",
            "which region sold the least units?",
        ),
        ("which item is cheapest", "and the most expensive", "which item is most expensive"),
        ("how many km are 26 miles?", "and in metres?", "how many metres are 26 miles?"),
        ("26 miles in km", "and in yards", "26 miles in yards"),
        ("26 miles in km", "and 30 miles?", "30 miles in km"),
        ("26 miles in km", "40", "40 miles in km"),
        ("what is 15% of 340?", "and 20%?", "what is 20% of 340?"),
        (
            "a loan of 900 over 10 years at 4%",
            "and over 15 years?",
            "a loan of 900 over 15 years at 4%",
        ),
        ("how old is Mei?", "and Karl?", "how old is Karl?"),
        ("what did Anna Berg sell", "and Tom Hale?", "what did Tom Hale sell"),
        ("units sold in January?", "and in February?", "units sold in February?"),
        ("how many were there in 2019?", "2021?", "how many were there in 2021?"),
        (
            "summarise that in one sentence",
            "no, in two sentences",
            "summarise that in two sentences",
        ),
        ("three stills please", "make it five", "five stills please"),
        (
            "total units per city?",
            "draw that as a bar chart",
            "total units per city, as a bar chart",
        ),
        ("total units per city", "now plot it please", "total units per city, as a chart"),
        ("units per city, as a bar chart", "no, a pie", "units per city, as a pie"),
        ("Total units per city?", "make a chart of that", "Total units per city, as a chart"),
        (
            "Which bed gave the most kilos?",
            "make a chart of that",
            "kilos by bed, as a bar chart",
        ),
        (
            "How many nights were booked in the Garden Room?",
            "now the same as a bar chart for all rooms",
            "How many nights were booked per room, as a bar chart",
        ),
        ("units sold in Porto?", "the same for all cities", "units sold per city"),
        (
            "which shop sold the fewest units",
            "a pie chart of it please",
            "units by shop, as a pie chart",
        ),
    ],
)
def test_a_word_takes_the_place_of_its_like(request_: str, fragment: str, whole: str) -> None:
    assert merged(request_, fragment) == whole


@pytest.mark.parametrize(
    ("request_", "fragment"),
    [
        ("transcribe it", "in Portuguese"),
        ("translate it to French", "and to English?"),
        ("what is in the photo", "and the second?"),
        ("average age?", "only those over 30"),
        ("summarise this", "shorter please"),
        ("5 miles in km", "and as a chart"),
        ("how old is Mei?", "who is the oldest?"),
        ("read the letter to Anna", "thanks Tom"),
        ("what is 15% of 340?", "translate it"),
        ("read the sign", "draw that as a bar chart"),
        ("units per city", "show me that"),
        ("which bed was the most expensive?", "make a chart of that"),
        ("which shop sold the most units in May?", "make a chart of that"),
        ("read the sign", "make a chart of that"),
    ],
)
def test_what_has_no_like_is_left_to_the_planner(request_: str, fragment: str) -> None:
    assert merged(request_, fragment) == ""


def test_a_fragment_goes_on_with_what_a_fragment_asked_before() -> None:
    said = ["how many km are 26 miles?", "thanks", "and in metres?"]

    assert gone_on(said, "and 30 miles?", [True, False, False]) == (
        0,
        "how many metres are 30 miles?",
    )
    assert gone_on([], "and 30 miles?", []) is None


@pytest.mark.parametrize(
    "said",
    [
        "what's 20% of that?",
        "plus 12",
        "split that between 3 people",
        "divide it by 3",
        "double it",
        "and 15% of the total?",
        "split the bill between four",
        "and with a 10% tip?",
    ],
)
def test_arithmetic_on_the_number_before_is_known(said: str) -> None:
    assert ON_A_NUMBER.search(said)


@pytest.mark.parametrize(
    "said",
    [
        "add a title",
        "add 5 more rows",
        "share it with anna",
        "what is 20% of 80?",
        "plus a summary",
    ],
)
def test_other_orders_are_no_arithmetic(said: str) -> None:
    assert not ON_A_NUMBER.search(said)


@given(st.text(max_size=60), st.text(max_size=40))
def test_any_two_messages_can_be_put_together(request_: str, fragment: str) -> None:
    made = merged(request_, fragment)

    assert made == "" or made != request_


@pytest.mark.parametrize(
    ("request_", "fragment", "wanted"),
    [
        ("what's on page 1?", "what about page 2?", "what's on page 2?"),
        (
            "which hires are not paid?",
            "only the ones from May",
            "which hires are not paid, only the ones from May",
        ),
        ("which hires are not paid?", "how many are that?", "how many hires are not paid?"),
        ("total of laundry?", "and food", "total of food"),
        ("who wrote it?", "only the ones from May", ""),
        ("what is the total?", "how many are there?", ""),
    ],
)
def test_a_page_a_row_and_an_amount_are_gone_on_with(
    request_: str, fragment: str, wanted: str
) -> None:
    assert merged(request_, fragment) == wanted


def test_a_chart_goes_on_with_a_fragment_that_named_no_column() -> None:
    said = ["Which bed gave the most kilos?", "and the least?"]

    made = gone_on(said, "make a chart of that", [True, False])

    assert made == (0, "kilos by bed, as a bar chart")


def test_the_same_is_done_to_other_quoted_words() -> None:
    said = ["translate 'We open at nine' into Portuguese", "say it"]

    made = gone_on(said, "and 'We close at six'", [True, True])

    assert made == (0, "translate 'We close at six' into Portuguese")
    assert gone_on(["say it"], "and 'We close at six'", [True]) is None

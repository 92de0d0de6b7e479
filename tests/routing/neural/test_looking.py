"""Which words of a request each part of a plan serves: those that the network looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from herd_graph.routing.golds import Wanted, expression
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.looking import words_of
from herd_graph.routing.neural.reading import read


def looked(text: str, gold: str, at: Sequence[str]) -> tuple[str, ...]:
    """Return the words of each part, as if the network had looked at these words of the request."""
    reading = read(text, [])
    looks: list[np.ndarray] = []
    for words in at:
        start = text.index(words)
        found = np.full(reading.first + len(reading.places), 0.001)
        for token, (left, _) in enumerate(reading.places):
            if start <= left < start + len(words):
                found[reading.first + token] = 1.0
        looks.append(found)
    parts = tuple(expression(each) for each in gold.split(" ; "))
    parsed = Parsed(wanted=Wanted(parts=parts), probability=0.9, looks=tuple(looks))
    return words_of(parsed, reading).parts


@pytest.mark.parametrize(
    ("text", "gold", "at"),
    [
        (
            "avg mark, bar chart by pupil, csv",
            "query_table(a1, 'x') ; draw_chart(a1, bar) ; convert_table(a1, csv)",
            ["avg mark", "bar chart by pupil", "csv"],
        ),
        (
            "receipt total + mean temp",
            "calculate(read_text(a1)) ; query_table(a2, 'x')",
            ["receipt total", "mean temp"],
        ),
        (
            "mood / names & title",
            "sentiment(a1) ; find_entities(a1) ; write_title(a1)",
            ["mood", "names", "title"],
        ),
        (
            "of the first I need the mean, of the second the hottest day",
            "query_table(a1, 'x') ; query_table(a2, 'y')",
            ["of the first I need the mean", "of the second the hottest day"],
        ),
    ],
)
def test_wishes_without_verbs_are_told_apart(text: str, gold: str, at: list[str]) -> None:
    assert looked(text, gold, at) == tuple(at)


def test_pieces_beside_each_other_may_be_one_wish() -> None:
    text = "units, revenue, a pie by city"

    found = looked(
        text, "query_table(a1, 'x') ; draw_chart(a1, pie)", ["units, revenue", "a pie by city"]
    )

    assert found == ("units, revenue", "a pie by city")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("units, a pie by city, revenue", ["a pie by city", "a pie by city"]),
        ("units and revenue", ["units and revenue", "units and revenue"]),
    ],
)
def test_words_that_are_not_surely_one_parts_stay_those_of_all(text: str, at: list[str]) -> None:
    assert looked(text, "query_table(a1, 'x') ; draw_chart(a1, pie)", at) == (text, text)


def test_a_text_that_is_given_is_not_cut() -> None:
    text = "'hello, friend' spoken, portuguese"

    found = looked(text, "speak('x') ; translate('x', pt)", ["spoken", "portuguese"])

    assert found == (text, text)

"""What a wish leaves out stands in the wish before it."""

from __future__ import annotations

import pytest

from herd_graph.routing.neural.gapping import filled_in


@pytest.mark.parametrize(
    ("before", "said", "whole"),
    [
        ("how many orders came in May", "how many in June?", "how many orders came in June"),
        ("units in august", "how many in july", "units in july"),
        ("total spent on food", "total on travel", "total spent on travel"),
        ("How much was spent in January", "in March?", "How much was spent in March"),
        ("average salary in IT", "and in Sales", "average salary in Sales"),
        ("when's the next meeting", "where??", "where's the next meeting"),
        ("Where does Sofia work", "how long", "how long does Sofia work"),
        ("How many failed maths (below 10)", "who are they?", "which failed maths (below 10)"),
        ("how many finished", "how many did not", "how many did not finished"),
    ],
)
def test_a_fragment_is_filled_in(before: str, said: str, whole: str) -> None:
    assert filled_in([before, said]) == [before, whole]


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("how many lamps did we sell", "how many rows are there in the file?"),
        ("summarise it", "in Portuguese"),
        ("which region sold the most units", "who earns the least"),
        ("list the customers", "where??"),
    ],
)
def test_a_wish_of_its_own_is_left_as_it_is(before: str, said: str) -> None:
    assert filled_in([before, said]) == [before, said]


def test_three_in_a_row_lean_on_the_one_before() -> None:
    assert filled_in(["rain in May", "and in June", "and in July"]) == [
        "rain in May",
        "rain in June",
        "rain in July",
    ]

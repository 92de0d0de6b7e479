"""What is to be done with the figure that was answered last."""

from __future__ import annotations

import pytest

from herd_graph.routing.figures import in_unit, is_money, is_own_sum, last_quantity, reckoning


@pytest.mark.parametrize(
    ("said", "answer", "wanted"),
    [
        ("now take that off 345", "41.4", "345 - 41.4"),
        ("subtract it from 1,250", "20 % of 18.00 = 3.60", "1250 - 3.60"),
        ("add that to 100", "5", "100 + 5"),
        ("what is 345 minus that?", "41.4", "345 - 41.4"),
        ("take that off the list", "41.4", ""),
        ("now take that off 345", "no figure", ""),
    ],
)
def test_a_figure_is_put_to_another(said: str, answer: str, wanted: str) -> None:
    assert reckoning(said, answer) == wanted


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("that in dollars?", "dollars"),
        ("and what is that in miles, please?", "miles"),
        ("convert it to °F", ""),
        ("convert it to fahrenheit", "fahrenheit"),
        ("say that in Portuguese", ""),
        ("that in Portuguese", ""),
        ("put it into csv", ""),
        ("is that in the letter", ""),
    ],
)
def test_that_is_wanted_in_a_unit(said: str, unit: str) -> None:
    assert in_unit(said) == unit


def test_money_is_no_unit_and_a_quantity_is_one() -> None:
    assert is_money("dollars")
    assert not is_money("miles")
    assert last_quantity("26 miles = 41.842944 km") == "41.842944 km"
    assert last_quantity("68 °F = 20 °C") == "20 °C"
    assert last_quantity("303.6") == ""
    assert last_quantity("The first is 2 km and the second 3 km.") == ""


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("what's 15% of 80?", True),
        ("12 * 4", True),
        ("what's 15% of that?", False),
        ("15% of the rent", False),
        ("who wrote it?", False),
        ("page 2", False),
    ],
)
def test_a_sum_with_all_its_figures_is_about_nothing_before(said: str, own: bool) -> None:
    assert is_own_sum(said) is own

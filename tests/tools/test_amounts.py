"""Numbers as people write them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

amounts: Any = import_module("herd_graph._bundled.tools.amounts")


@pytest.mark.parametrize(
    ("cells", "values", "unit"),
    [
        ([1, 2.5, None], (1, 2.5, None), ""),
        (["1,250.00", "3.5"], (1250.0, 3.5), ""),
        (["$1,250", "$ 3.50"], (1250, 3.5), "USD"),
        (["12 €", "3 EUR"], (12, 3), "EUR"),
        (["(12.50)", "-3", "−4"], (-12.5, -3, -4), ""),
        (["12%", "8 %"], (12, 8), "%"),
        (["1 250 000", "3"], (1_250_000, 3), ""),
        (["5", "", "n/a", "-"], (5, None, None, None), ""),
    ],
)
def test_columns_of_numbers_are_read(cells: list[Any], values: tuple[Any, ...], unit: str):
    found = amounts.numbers(cells)

    assert (found.values, found.unit) == (values, unit)


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "008"],
        ["$5", "€5"],
        ["12%", "5"],
        ["5", "five"],
        [True, False],
        ["1.2.3"],
        ["12-03"],
        ["1,25"],
        [[1]],
        [],
        ["", None],
    ],
)
def test_what_is_no_column_of_numbers_is_not_guessed(cells: list[Any]):
    assert amounts.numbers(cells) is None


def test_decimal_commas_are_a_matter_of_the_whole_table():
    cells = ["1.250,50", "2.000,00", "3,5"]

    assert amounts.decimal_comma(cells)
    assert amounts.numbers(cells, comma=True).values == (1250.5, 2000.0, 3.5)


def test_commas_beside_points_are_ambiguous():
    assert amounts.numbers(["1,5", 2.25], comma=True) is None


@given(st.decimals(-(10**9), 10**9, places=2))
def test_written_both_ways_a_number_stays_itself(value: Any):
    point = f"{value:,.2f}"
    comma = point.replace(",", " ").replace(".", ",").replace(" ", ".")

    assert amounts.numbers([point]).values == (float(value),)
    assert amounts.numbers([comma], comma=True).values == (float(value),)

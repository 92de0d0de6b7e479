"""Finding arithmetic in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.routing.expressions import find_expression


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("What is 17 * 23 + 9?", "17 * 23 + 9"),
        ("what's 15% of 80?", "15/100 * 80"),
        ("compute the square root of 144", "sqrt(144)"),
        ("12 plus 30 divided by 3", "12 + 30 / 3"),
        ("seven times eight", "7 * 8"),
        ("solve x^2 - 5x + 6 = 0", "x^2 - 5x + 6 = 0"),
        ("(3 + 4) × 12 = ?", "(3 + 4) * 12"),
        ("1,250 + 3", "1250 + 3"),
        ("subtract 3 from 10", "10 - 3"),
    ],
)
def test_arithmetic_is_found_in_signs_and_in_words(text: str, expression: str) -> None:
    assert find_expression(text) == expression


@pytest.mark.parametrize(
    "text",
    [
        "the meeting of 2026-11-22",
        "read page 3",
        "a well-known sign",
        "and/or",
        "",
        "call 555-1234",
    ],
)
def test_dates_and_lone_numbers_are_none(text: str) -> None:
    assert find_expression(text) is None


@given(st.text(alphabet="0123456789+-*/()^ xabc=.", max_size=200))
def test_brackets_come_out_in_pairs(text: str) -> None:
    found = find_expression(text)

    assert found is None or found.count("(") == found.count(")")

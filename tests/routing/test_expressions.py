"""Finding arithmetic in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.routing.expressions import cut_short, find_expression, find_expressions
from herd_graph.routing.numerals import digits, plain_numbers


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


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("12,5 + 7,5", "12.5 + 7.5"),
        ("1.234,50 + 10", "1234.50 + 10"),
        ("calculate 2,5 * 4", "2.5 * 4"),
        ("What is 3.5 + 4,5?", "3.5 + 4.5"),
        ("calculate 10 - 20%", "10 - 20%"),
        ("what is 2 + 2 * 10%", "2 + 2 * 10%"),
        ("calculate two hundred and fifty plus thirty-five", "250 + 35"),
        ("1 250 000 + 1", "1250000 + 1"),
        ("How much is $3.50 + $2.25?", "3.50 + 2.25"),
        ("calculate 10/4", "10/4"),
        ("10/4", "10/4"),
        ("1/0", "1/0"),
        ("calculate 7-8", "7-8"),
        ("calculate 5!", "5!"),
        ("17 mod 5", "17 % 5"),
        ("What is 1/3", "1/3"),
        ("Quanto é 12 vezes 7?", "12 * 7"),
        ("Quanto é 15% de 240?", "15/100 * 240"),
        ("3 chairs at 49.50 each", "3 * 49.50"),
        ("average of 4, 8, 15", "(4 + 8 + 15) / 3"),
        ("50% off 80", "80 - 50/100 * 80"),
        ("calculate 3 * 4 I think", "3 * 4"),
    ],
)
def test_a_sum_is_taken_whole(text: str, expression: str) -> None:
    assert find_expressions(text) == (expression,)
    assert cut_short(text) == ""


@pytest.mark.parametrize(
    ("text", "expressions"),
    [
        ("Calculate 3+4, 5*6, and 7-8", ("3+4", "5*6", "7-8")),
        ("calculate 2+2 and 3+3", ("2+2", "3+3")),
        ("What is 20% of 50 and 10% of 70?", ("20/100 * 50", "10/100 * 70")),
        ("17 + 23 - 9 =\n48 / 6 + 7 =", ("17 + 23 - 9", "48 / 6 + 7")),
    ],
)
def test_every_sum_is_found(text: str, expressions: tuple[str, ...]) -> None:
    assert find_expressions(text) == expressions


@pytest.mark.parametrize(
    "text",
    [
        "calculate 9:00 + 3",
        "what is 3 + 4 plus tax",
        "calculate 5 + 3rd",
        "calculate 1,2,3 + 4",
        "what is 10 kg - 3 * 4",
        "vinte + 3 * 4",
        "what is (3 + 4)) * 2",
    ],
)
def test_what_cannot_be_read_whole_is_named_and_not_cut(text: str) -> None:
    assert find_expressions(text) == ()
    assert cut_short(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is 24/7 support?",
        "open 24/7",
        "read 2024-03-01.txt",
        "calculate 2024-03-01",
        "translate pages 3-4",
        "summarise report-2024/3-4 please",
        "Take 3 times a day",
        "I have 2 cats and 3 dogs!",
        "1/2 cup of sugar",
    ],
)
def test_prose_holds_no_sum(text: str) -> None:
    assert find_expressions(text) == ()
    assert cut_short(text) == ""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("two hundred and fifty", "250"),
        ("thirty-five", "35"),
        ("a hundred", "100"),
        ("two point five", "2.5"),
        ("one and two", "1 and 2"),
        ("well-one", "well-one"),
    ],
)
def test_numbers_in_words_become_digits(text: str, written: str) -> None:
    assert digits(text) == written


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_a_number_is_the_same_in_both_conventions(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert plain_numbers(english) == plain_numbers(german) == f"{whole}.{cents:02}"


@given(st.lists(st.integers(1, 99), min_size=2, max_size=5))
def test_no_number_of_a_list_of_sums_is_lost(numbers: list[int]) -> None:
    text = "Calculate " + " and ".join(f"{each} + {each + 1}" for each in numbers)

    assert find_expressions(text) == tuple(
        dict.fromkeys(f"{each} + {each + 1}" for each in numbers)
    )

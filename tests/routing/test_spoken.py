"""What is spoken is the same, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.routing.scoring import by_name
from herd_graph.routing.spoken import spoken

UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def said(number: int) -> str:
    if number < 20:
        return UNITS[number]
    if number < 100:
        return f"{TENS[number // 10]} {UNITS[number % 10] if number % 10 else ''}".strip()
    if number < 1000:
        rest = f" and {said(number % 100)}" if number % 100 else ""
        return f"{UNITS[number // 100]} hundred{rest}"
    rest = f" {said(number % 1000)}" if number % 1000 else ""
    return f"{said(number // 1000)} thousand{rest}"


@given(st.integers(min_value=0, max_value=999_999))
def test_a_number_in_words_is_the_number_in_digits(number: int) -> None:
    assert spoken(said(number)) == [str(number)]
    assert spoken(f"{number:,}") == [str(number)]


@given(st.integers(min_value=11, max_value=20), st.integers(min_value=11, max_value=99))
def test_a_year_is_said_in_two_halves(century: int, year: int) -> None:
    assert spoken(f"{said(century)} {said(year)}") == [f"{century}{year}"]


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=1, max_size=8))
def test_digits_that_are_said_one_by_one_are_one_number(digits: list[int]) -> None:
    assert spoken(" ".join(UNITS[each] for each in digits)) == ["".join(map(str, digits))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dr. Patel, on the 21st", "doctor Patel on the twenty first"),
        ("It's $47.16", "it's forty seven dollars and sixteen cents"),
        ("£9 million", "nine million pounds"),
        ("13% of neighbours", "Thirteen percent of neighbors!"),
        ("twenty-four MONTHS", "24 months"),
        ("the 14th", "the fourteenth"),
        ("", " … "),
    ],
)
def test_spellings_of_one_saying_are_equal(one: str, other: str) -> None:
    assert spoken(one) == spoken(other)


def test_other_words_stay_apart() -> None:
    assert spoken("one and two") == ["1", "and", "2"]
    assert spoken("the hundred") == ["the", "hundred"]
    assert spoken("ten to twelve") == ["10", "to", "12"]


def test_a_transcript_with_digits_is_as_good_as_one_with_words() -> None:
    heard, strict = by_name("heard"), by_name("wer")
    expected = "We counted forty two boxes"

    assert heard("we counted 42 boxes.", expected) == 1.0
    assert strict("we counted 42 boxes.", expected) < 1.0
    assert heard("we counted 43 boxes.", expected) == 0.75

"""Numbers, dates, names and quotations, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.coordination.quantities import (
    days,
    names,
    numbers,
    quotations,
    same_day,
    same_number,
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1.234,50", [{1234.5}]),
        ("1,234.50", [{1234.5}]),
        ("1 234.5", [{1234.5}]),
        ("1.234", [{1.234, 1234.0}]),
        ("R$ 1.500,00 and €19.00", [{1500.0}, {19.0}]),
        ("-3.5 or 25%", [{-3.5}, {25.0}]),
        ("ninety and two hundred and five", [{90.0}, {205.0}]),
        ("duzentos e cinquenta", [{250.0}]),
        ("mil e quinhentos", [{1500.0}]),
        ("three four", [{3.0}, {4.0}]),
        ("a dog and one cat", []),
        ("n2-0480a93d2e, v1.2.3, 820d5d8b", []),
        ("on 3 May 2024 and 2024-05-03", []),
        ("12km in 3rd place", [{12.0}, {3.0}]),
        ("from 10 am to 4 pm, or 2.30 p.m.", [{10.0}, {4.0, 16.0}, {2.0, 14.0}, {30.0}]),
        ("das 10h30 às 16h", [{10.0}, {30.0}, {16.0}]),
        ("at half past seven", [{30.0}, {7.0}]),
        ("12 pm, 5 amps", [{12.0}, {5.0}]),
    ],
)
def test_numbers(text: str, values: list[set[float]]) -> None:
    assert [set(each.values) for each in numbers(text)] == values


@pytest.mark.parametrize("text", ["3rd May 2024", "03/05/2024", "2024-05-03", "3 de maio de 2024"])
def test_one_day_is_one_day(text: str) -> None:
    (found,) = days(text)

    assert same_day(found, days("May 3, 2024")[0])
    assert same_day(found, days("on 3 May")[0])
    assert not same_day(found, days("2023-05-03")[0])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("um desconto de 15 por cento", [15]),
        ("quinze por cento dos alunos", [15]),
        ("lo sconto del 20 per cento", [20]),
        ("12,5 Por Cento a mais", [12.5]),
        ("vendido por cento e vinte euros", [120]),
        ("cento e cinco páginas", [105]),
    ],
)
def test_percent_in_words_is_no_hundred(text: str, values: list[float]) -> None:
    assert [each.value for each in numbers(text)] == values


def test_names_and_quotations() -> None:
    text = "The tower of Brighton is old. Alice Morgan said “never again” in New York."

    assert names(text) == ["Brighton", "Alice Morgan", "New York"]
    assert quotations(text) == ["never again"]


@given(st.integers(0, 10**7), st.integers(0, 99))
def test_a_number_is_the_same_in_every_country(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02d}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    french = english.replace(",", "\u202f").replace(".", ",")
    plain = numbers(f"{whole}.{cents:02d}")[0]

    for written in (english, german, french):
        assert same_number(numbers(written)[0], plain)
        assert same_number(plain, numbers(written)[0])


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for found in (*numbers(text), *days(text)):
        assert text[found.start : found.end].strip() == found.said.strip()
    names(text)
    quotations(text)

"""Terse questions, suppositions, other units and growth, over small tables with answers by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hurried_tables import attached, questions
from table_questions import Asked, is_right

from herd_graph.artifacts import Table, Text
from herd_graph.errors import PortViolation


@pytest.mark.parametrize(
    "each", questions("hurried"), ids=lambda each: f"{each.table}: {each.question}"
)
def test_a_hurried_question_is_answered_right(call: Callable[..., Any], each: Asked):
    if each.rows is None:
        with pytest.raises(PortViolation, match="cannot be turned into a query"):
            call("query_table", attached(each.table), Text(each.question))
        return
    found = call("query_table", attached(each.table), Text(each.question))

    assert is_right(found, each.rows), found.answer.text


def answer(call: Callable[..., Any], table: str, question: str) -> str:
    return call("query_table", attached(table), Text(question)).answer.text


def test_what_a_question_supposes_is_said_beside_its_answer(call: Callable[..., Any]):
    said = answer(call, "staff", "if the IT department gets 10% more, what is the total?")

    assert said.startswith(
        "Sum of new salary: 221,600\nReckoned with: salary 10 % more where department = 'IT'."
    )


def test_a_price_in_another_currency_needs_a_rate(call: Callable[..., Any]):
    priced = Table(b"item,price_eur\nCup,4\nJug,9\n", name="shop.csv")

    with pytest.raises(PortViolation, match="the rate is not given: say it"):
        call("query_table", priced, Text("show the prices in dollars"))


def test_months_in_words_come_in_the_order_of_the_year(call: Callable[..., Any]):
    found = call("query_table", attached("sales"), Text("revenue by month"))

    assert [row["month"] for row in found.rows.rows] == ["January", "February", "March"]


def test_an_extreme_says_in_which_row_it_stands(call: Callable[..., Any]):
    assert answer(call, "sales", "lowest units").startswith("Lowest units: 80 (January, Leeds)\n")


def test_best_says_by_what_it_was_found(call: Callable[..., Any]):
    assert answer(call, "sales", "best month").startswith("Highest sum of revenue by month:")


def test_an_adjective_that_no_column_measures_is_not_read_as_another_number(
    call: Callable[..., Any],
):
    with pytest.raises(PortViolation, match="cannot be turned into a query"):
        answer(call, "staff", "who is the heaviest?")

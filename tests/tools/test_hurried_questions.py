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


PICKED = Table(
    b"date,crop,bed,kg,picker\n2026-07-03,peas,A,4.5,Hana\n2026-07-03,leeks,B,6.25,Omar\n"
    b"2026-07-11,beans,A,2.5,Tess\n2026-07-18,peas,B,7.5,Hana\n",
    name="harvest.csv",
)
HELPERS = Table(
    b"name,hours,role\nHana Bell,34,shed\nFay Moss,52,kitchen\nTess Lima,27,kitchen\n",
    name="volunteers.csv",
)
STAYS = Table(
    b"guest,house,nights,fee_eur\nAna,Elm,3,120\nBo,Oak,5,90\nCem,Elm,4,70\n", name="stays.csv"
)


@pytest.mark.parametrize(
    ("table", "question", "said"),
    [
        (
            PICKED,
            "How many kilos did Hana pick in total?",
            "Sum of kg where picker is 'Hana': 12 kg\n",
        ),
        (PICKED, "Which bed gave the most kilos?", "- bed: B\n- sum of kg: 13.75"),
        (PICKED, "which crop yielded the fewest kilograms", "- crop: beans\n- sum of kg: 2.5"),
        (
            PICKED,
            "which bed gave the most kilos and which the least?",
            "- bed: A\n- sum of kg: 7\n",
        ),
        (
            PICKED,
            "Of “Which bed gave the most kilos?”: and the least?",
            "- bed: A\n- sum of kg: 7\n",
        ),
        (PICKED, "total in kilos", "Sum of kg: 20.75"),
        (PICKED, "which rows are over 7 kilos?", "- kg: 7.5"),
        (HELPERS, "how many hrs did Fay Moss do?", "52"),
        (STAYS, "how many euros did we take from Elm?", "Sum of fee_eur where house is 'Elm': 190"),
        (STAYS, "which house brought the most euros?", "- house: Elm\n- sum of fee_eur: 190"),
    ],
)
def test_a_unit_names_the_one_column_that_is_in_it(
    call: Callable[..., Any], table: Table, question: str, said: str
):
    assert said in call("query_table", table, Text(question)).answer.text


@pytest.mark.parametrize("question", ["How many litres did Hana pick?", "how many grams of peas?"])
def test_a_unit_that_no_column_is_in_is_refused(call: Callable[..., Any], question: str):
    with pytest.raises(PortViolation, match="nothing in the table is called"):
        call("query_table", PICKED, Text(question))


def test_a_unit_that_two_columns_are_in_is_refused(call: Callable[..., Any]):
    both = Table(b"crop,kg_picked,kg_sold\npeas,4,3\nleeks,6,5\n", name="both.csv")

    with pytest.raises(PortViolation, match="cannot be turned into a query"):
        call("query_table", both, Text("how many kilos in total?"))


@pytest.mark.parametrize(
    ("table", "question", "said"),
    [
        (HELPERS, "who has the most volunteer hours", "- name: Fay Moss\n- hours: 52"),
        (HELPERS, "which role has the least volunteer hours?", "- role: shed\n- sum of hours: 34"),
        (HELPERS, "which role has the most volunteers?", "- role: kitchen\n- number of rows: 2"),
        (STAYS, "which house had the most guest nights?", "- house: Elm\n- sum of nights: 7"),
        (STAYS, "who paid the most club fees?", "- guest: Ana\n- fee_eur: 120"),
    ],
)
def test_a_noun_before_a_column_only_qualifies_it(
    call: Callable[..., Any], table: Table, question: str, said: str
):
    assert said in call("query_table", table, Text(question)).answer.text

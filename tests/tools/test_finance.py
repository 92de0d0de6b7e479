"""Finance: against values that were worked out elsewhere, and refusals of what is not stated."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Table, Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]
money: Any = import_module("herd_graph._bundled.tools.money")


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        (
            "what is the monthly payment on a loan of 200,000 at 4% over 30 years?",
            "Monthly payment = 954.83",
        ),
        ("a 30-year mortgage of 300,000 at 6.5%: monthly payment?", "Monthly payment = 1,896.20"),
        ("loan of 10k at 1% per month for 24 months", "Monthly payment = 470.73"),
        ("payment on a loan of 12,000 at 0% over 1 year", "Monthly payment = 1,000.00"),
        (
            "how much interest do I pay on a mortgage of 150000 at 3.5% over 20 years?",
            "Paid in all = 208,785.50, of which interest 58,785.50",
        ),
        ("NPV at 8% of -1000, 300, 420, 680", "NPV = 177.67"),
        ("invest 1000 today and receive 300, 420 and 680: npv at 8 percent", "NPV = 177.67"),
        ("internal rate of return of -500, 200, 200, 200", "IRR = 9.701 % per period"),
        ("IRR of -100, 230, -132", "IRR = 10 % or 20 % per period"),
        (
            "how much is 1,000 worth after 10 years at 5% compounded monthly?",
            "Value after 10 years = 1,647.01, of which interest 647.01",
        ),
        (
            "compound interest on 2500 euros, 4.5 % p.a., 3 years",
            "Value after 3 years = 2,852.92, of which interest 352.92",
        ),
        (
            "simple interest on 2,000 at 5% for 3 years",
            "Simple interest = 300.00; with the principal 2,300.00",
        ),
        ("what is the present value of 10,000 in 5 years at 3%?", "Present value = 8,626.09"),
    ],
)
def test_it_computes_and_shows_formula_and_inputs(call: Call, asked: str, first: str):
    said = call("finance", Text(asked)).text

    assert said.splitlines()[0] == first
    assert "Formula: " in said
    assert "Inputs: " in said or "Cash flows from the question" in said


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        (
            "monthly payment on 200.000 euros at 3,5% over twenty-five years",
            "Monthly payment = 1,001.25",
        ),
        (
            "A flat costs €300,000. I have 60,000 saved. At 4% over 30 years, what is the monthly payment?",
            "Monthly payment = 1,145.80",
        ),
        (
            "We are 2 adults and want a mortgage of 1,250,000.50 USD in 2026, at 5 percent for 30 years.",
            "Monthly payment = 6,710.27",
        ),
        (
            "a loan of two hundred thousand at four percent over thirty years",
            "Monthly payment = 954.83",
        ),
    ],
)
def test_numbers_are_read_as_people_write_them(call: Call, asked: str, first: str):
    assert call("finance", Text(asked)).text.splitlines()[0] == first


def test_several_rates_and_times_are_answered_each(call: Call):
    rates = call(
        "finance", Text("monthly payment on a loan of 200,000 over 30 years at 4% or at 5%")
    ).text
    times = call(
        "finance", Text("payment on a loan of 200,000 at 4% over 20 or over 30 years")
    ).text

    assert "At 4 % over 30 years:\nMonthly payment = 954.83" in rates
    assert "At 5 % over 30 years:\nMonthly payment = 1,073.64" in rates
    assert "Monthly payment = 954.83" in times


def test_what_is_assumed_is_said(call: Call):
    said = call("finance", Text("invest 5,000 at 7% for 18 months")).text

    assert "assumed: compounded once a year" in said


def test_cash_flows_come_from_a_table(call: Call):
    table = Table(b"year,cash flow\n0,-1000\n1,500\n2,700\n")

    assert call("finance", Text("IRR of the table"), table).text.startswith("IRR = 12.3212 %")


def test_a_table_with_decimal_commas_is_read(call: Call):
    table = Table("Periode;Cash flow\n0;-1.000,50\n1;500,25\n2;700,00\n".encode("utf-16"))

    assert "-1,000.5, 500.25, 700" in call("finance", Text("npv at 10%"), table).text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("a loan of 200,000 over 30 years", "no rates"),
        ("a loan at 4% over 30 years", "amounts in the question are: none"),
        ("a loan of 1000 at 4%", "no times"),
        ("a loan of 1000 or 2000 at 4% over 3 years", "one positive amount"),
        ("NPV of -100 50", "no rates"),
        ("NPV at 5% of 100", "1 cash flows"),
        ("IRR of 100, 200", "one sign"),
        ("what is the best bank?", "does not say what to compute"),
        ("", "Expected 1 to"),
        ("compound interest on 1000 at 99999% for 5 years", "1,000 %"),
    ],
)
def test_missing_inputs_are_refused_and_not_assumed(call: Call, asked: str, message: str):
    with pytest.raises(PortViolation, match=message):
        call("finance", Text(asked))


@pytest.mark.parametrize(
    "asked",
    [
        "if i put 2500 in the bank at 3% for 8 years what do i get",
        "what do I end up with if I leave 2500 in an account for 8 years at 3%?",
        "putting 2500 aside at 3% a year for 8 years",
    ],
)
def test_money_that_is_put_in_a_bank_grows(call: Call, asked: str):
    assert call("finance", Text(asked)).text.startswith("Value after 8 years = 3,166.93")


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("if i put 100 in the bank every month at 3% for 8 years", "10,834.74"),
        ("each year i put 100 aside at 3% for 8 years", "889.23"),
        ("putting 100 in the bank monthly at 3% per year for 8 years", "10,834.74"),
        ("If I save 200 every month at 5% for 10 years, what do I have?", "31,056.46"),
    ],
)
def test_regular_savings_are_added_up_with_their_interest(call: Call, asked: str, value: str):
    found = call("finance", Text(asked)).text

    assert f" = {value}, of which paid in" in found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("how long until 1000 doubles at 6%", "Time = 11.9 years"),
        ("how many years until 1000 becomes 1500 at 4%", "Time = 10.3 years"),
        ("what interest rate turns 1000 into 1500 in 5 years", "Rate = 8.4472 % a year"),
        ("how much interest do I pay on 200000 at 4% for 30 years", "interest 143,739"),
        ("car for 20000, 4000 down, 5% over 4 years, monthly rate?", "Monthly payment = 368.47"),
    ],
)
def test_times_rates_and_down_payments_are_found(call: Call, asked: str, said: str):
    assert said in call("finance", Text(asked)).text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"a,b\n-1,2\n3,4\n", "2 columns of numbers"),
        (b"cash flow\n-100\nabc\n", "0 columns"),
        (b"year,cash flow\n0,-100\n1,\n2,50\n", "empty cells"),
    ],
)
def test_an_unclear_table_is_refused(call: Call, table: bytes, message: str):
    with pytest.raises(PortViolation, match=message):
        call("finance", Text("irr"), Table(table))


@given(st.integers(100, 1_000_000), st.integers(1, 2_000), st.integers(1, 480))
def test_a_loan_is_repaid_by_its_payments(principal: int, basis_points: int, count: int):
    rate = Decimal(basis_points) / 100_000
    level = money.payment(Decimal(principal), rate, count)

    owed = Decimal(principal)
    for _ in range(count):
        owed = owed * (1 + rate) - level

    assert abs(owed) < Decimal("1e-6")


@given(st.integers(1, 5_000), st.lists(st.integers(1, 10_000), min_size=1, max_size=12))
def test_at_its_rate_of_return_an_investment_is_worth_nothing(paid: int, received: list[int]):
    flows = [Decimal(-paid), *map(Decimal, received)]

    for rate in money.irr(flows):
        assert abs(money.npv(rate, flows)) < Decimal("1e-6") * paid

"""Regular payments, loans asked the other way round, and prices that rise."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("What can I borrow if I can pay 400 a month for 5 years at 5%?", "Loan = 21,196.28"),
        (
            "if I put 1,500 pounds into savings at 2 % with interest added every year, what have I after 3 years?",
            "Value after 3 years = 1,591.81",
        ),
        ("1500 at 2% with interest added monthly, 3 years", "Value after 3 years = 1,592.68"),
        (
            "I can spare 650 a month; at 3.8% over 25 years how big a mortgage can I get?",
            "Loan = 125,760.23",
        ),
        ("If I pay 500 a month on 20,000 at 6%, how long does it take?", "Time = 45 payments"),
        (
            "How many months until a 6000 credit is paid off with 250 a month at 11%?",
            "Time = 28 payments",
        ),
        (
            "How much is left on a 10,000 loan at 5% over 5 years after 2 years?",
            "Left after 24 of 60 payments = 6,296.52",
        ),
        (
            "How much should I save each month to reach 10000 in 3 years at 2%?",
            "Deposit = 269.76 a month",
        ),
        ("Annuity: 1000 a year for 10 years at 5%, present value?", "Present value = 7,721.73"),
        ("what would 1 euro be worth after 50 years at 2% inflation", "After 50 years: worth"),
        (
            "inflation 3% for 10 years: what will 100 euros of groceries cost?",
            "After 10 years: price = 134.39",
        ),
        ("Effective annual rate of 12% compounded monthly", "Effective rate = 12.6825 % a year"),
        (
            "If my savings account pays 1.5% on 8,000 euros, what interest do I get per year?",
            "Simple interest = 120.00",
        ),
        (
            "pay back 30000 in 7 years at 5.5 per cent, monthly sum and total interest please",
            "Paid in all = 36,212",
        ),
        ("loan 12000, 4y, 5% p.a.: monthly rate", "Monthly payment = 276.35"),
        ("what do I pay monthly for 9,500 over 4 years at 6.9 percent", "Monthly payment = 227.05"),
        ("what will 1500 be worth in 6 years at 3%", "Value after 6 years = 1,791.08"),
        ("10000 at 3.2% for 18 months", "Value after 18 months = 10,483.82"),
        (
            "My grandma puts 2,000 into a 5-year bond at 2.75%. What does she get at the end?",
            "Value after 5 years = 2,290.55",
        ),
    ],
)
def test_what_is_asked_for_comes_first(call: Call, asked: str, said: str):
    assert call("finance", Text(asked)).text.startswith(said)


def test_a_payment_below_the_interest_is_said_to_last_for_ever(call: Call):
    with pytest.raises(PortViolation, match="never ends"):
        call("finance", Text("If I pay 50 a month on 20,000 at 6%, how long does it take?"))


def test_a_month_that_is_no_payment_is_refused(call: Call):
    with pytest.raises(PortViolation, match="no whole number of payments"):
        call("finance", Text("How much can I borrow for 400 a month over 10 days at 5%?"))


@given(st.integers(50, 5_000), st.integers(1, 30), st.integers(1, 15))
def test_what_can_be_borrowed_costs_the_payment_that_it_was_asked_for(
    call: Call, pays: int, years: int, rate: int
):
    said = call(
        "finance",
        Text(f"How much can I borrow if I pay {pays} a month for {years} years at {rate}%?"),
    ).text
    loan = _first(said)
    back = call(
        "finance", Text(f"monthly payment on a loan of {loan} at {rate}% over {years} years")
    )

    assert abs(_first(back.text) - pays) <= Decimal("0.01")


def _first(text: str) -> Decimal:
    found = re.search(r"= ([\d,.]+\d)", text)
    assert found is not None
    return Decimal(found[1].replace(",", ""))

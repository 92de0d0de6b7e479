"""Questions of finance in which half is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("irr -1000 500 500 500", "IRR = 23.3752 %"),
        ("-500 200 200 200 irr", "IRR = 9.701 %"),
        ("npv 8%: -1000 300 420 680", "NPV = 177.67"),
        ("npv @ 10%: -1,000, 500, 500, 500", "NPV = 243.43"),
        ("put in 1000 now and get 500 back in each of the next three years: irr?", "IRR = 23.3752"),
        ("Invest 5000, it returns 1500 at the end of each of the next 4 years. IRR?", "IRR = 7.71"),
        ("invest 5000, get 1500 a year for 4 years: npv at 8%", "NPV = -31.81"),
        ("irr of paying 1000 and then 3 payments of 450", "IRR = 16.64"),
        ("200/month, 10y, 4% p.a.: final value", "Value after 10 years = 29,449.96"),
        (
            "200 a month for ten years at 4 percent a year, where does that get me?",
            "Value after 10 years = 29,449.96",
        ),
        ("savings 150/month 3% 20y", "Value after 20 years = 49,245.30"),
        ("payment 9000 3 years 6%", "Monthly payment = 273.80"),
        ("9000, 3y, 6%: payment/month", "Monthly payment = 273.80"),
        ("pv of 20000, 10y, 3%", "Present value = 14,881.88"),
        ("1000 @ 5% for 10 years", "Value after 10 years = 1,628.89"),
        ("interest on 5000 at 4% over 3 years, simple", "Simple interest = 600.00"),
        (
            "what's the monthly payment on 9000 over 3 years at 6%, and what is 9000/36?",
            "Monthly payment = 273.80",
        ),
        ("NPV at 8 % of -1000, 300, 420, 680 and 15% of 300", "NPV = 177.67"),
    ],
)
def test_what_is_left_out_is_understood(call: Call, asked: str, answer: str):
    assert str(call("finance", Text(asked))).startswith(answer)


def test_who_pays_is_not_guessed(call: Call):
    with pytest.raises(PortViolation, match="all of one sign"):
        call("finance", Text("get 400 a year for three years if I pay 1000 now: irr?"))


def test_both_values_of_cash_flows_are_given_where_both_are_asked(call: Call):
    made = str(call("finance", Text("npv @10% and irr of -1000, 500, 500, 500")))

    assert [
        each.partition(" =")[0] for each in made.split("\n") if "NPV" in each or "IRR" in each
    ] == [
        "NPV",
        "IRR",
    ]

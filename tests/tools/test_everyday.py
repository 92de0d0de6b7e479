"""Sums in people's words: percentages, rises, tips, shares, and days between dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text

worked_out: Any = import_module("herd_graph._bundled.tools.everyday").worked_out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("20% of 50", "10"),
        ("what is 15 percent of 240", "36"),
        ("a 60 euro jacket at 25% off", "45"),
        ("add 23% VAT to 80", "98.4"),
        ("what percentage is 45 of 180", "25"),
        ("30 is what percent of 120", "25"),
        ("increase 200 by 15%", "230"),
        ("what is 1000 minus 8%", "920"),
        ("18% tip on 45.50", "8.19"),
        ("split 87.60 among 4 people", "21.9"),
        ("how much is 7 times 8 plus 4", "60"),
        ("three quarters of 240", "180"),
        ("the average of 4, 8 and 15", "9"),
        ("square root of 225", "15"),
        ("12 squared", "144"),
        ("2 to the power of 10", "1024"),
        ("from 80 to 100 is what percent increase", "25"),
        ("price went from 50 to 40, what is the percentage change", "-20"),
        ("what was the price before 23% VAT if it is 123 now", "100"),
        ("5 apples at 0.40 each and 2 melons at 1.50 each", "5"),
        ("what is a third of 99", "33"),
        ("double 37 and subtract 4", "70"),
        ("how many days from 3 march 2026 to 18 april 2026", "46"),
        ("how many days between 2026-01-01 and 2026-12-25", "358"),
        ("what date is 90 days after 15 June 2026", "13 September"),
        ("what weekday was 20 July 1969", "Sunday"),
        ("how many weeks between 1 May 2026 and 10 July 2026", "10"),
        ("days between 3 May and 7 June 2024", "35 days"),
        ("days from 20 December to 5 January 2027", "16 days"),
        ("how many days are there between 3 May and 7 June?", "35 days"),
        ("How many days passed between 1 April 2024 and 1 May 2024?", "30 days"),
        ("how long is it from 3 May 2024 to 7 June 2024?", "35 days"),
        ("on which day of the week does 1 January 2027 fall?", "Friday"),
        ("I was born on 25 July 1990, what day of the week was it?", "Wednesday"),
        ("whats the weekday of 25 July 2026", "Saturday"),
        ("Is 25 December 2026 a Friday?", "Yes"),
        ("Was 25 July 1990 a Friday?", "No: 25 July 1990 is a Wednesday"),
        ("what is the date 90 days from 1 June 2026", "30 August 2026"),
        ("Take 15 percent off 1860 - what's left?", "1581"),
        ("If I take 20% off 250, how much remains?", "200"),
        ("What remains of 1860 after 15 percent off?", "1581"),
        ("Knock 30% off 45 euros: how much is that?", "31.5"),
        ("take 15% off 1860, how much do I save?", "279"),
        ("How much is left of 500 after 20% is taken off?", "400"),
    ],
)
def test_what_people_ask_is_calculated(call: Callable[..., Any], asked: str, said: str):
    assert said in str(call("calculate", Text(asked))).replace(",", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "what is the share of Porto",
        "30 is what percent of",
        "how many days between monday and friday",
        "what percentage is 5 of 0",
        "what weekday was 2026-02-30",
        "how many days from 20 February to 7 June",
        "Bread 1.20\nMilk 1.90\nTOTAL 3.10",
    ],
)
def test_what_is_not_understood_whole_is_left_to_others(text: str):
    assert worked_out(text) is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 20_000))
def test_days_after_and_days_between_agree(day: dt.date, days: int):
    then = day + dt.timedelta(days=days)

    assert worked_out(f"how many days between {day} and {then}") == f"{days} days"
    assert worked_out(f"{days} days after {day}").startswith(f"{then.day} {then:%B %Y}")


@given(st.integers(1, 10**6), st.integers(1, 400))
def test_a_share_of_a_number_is_its_inverse(whole: int, percent: int):
    part = whole * percent / 100

    assert worked_out(f"what percentage is {part:.2f} of {whole}") == f"{percent}%"

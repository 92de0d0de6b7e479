"""Sums told as stories: what is left, what each pays, what it cost before, how much a year."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.errors import HerdError

worked_out: Any = import_module("herd_graph._bundled.tools.everyday").worked_out
chained: Any = import_module("herd_graph._bundled.tools.chained_sums").chained


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("180 a month for three months plus a deposit of 250: what is that together?", "790"),
        ("Rent is 90 per week for 4 weeks and a cleaning fee of 35, how much in total?", "395"),
        ("A phone costs 20 a month for 24 months plus 99 up front. How much in total?", "579"),
        ("20 a day for 2 weeks minus a voucher of 30: how much altogether?", "250"),
        ("A jacket costs 120 and is reduced by 30%. What do I pay?", "84 (36 less)"),
        ("How much tip is 15% of a 48 euro bill?", "7.20 (tip; 55.20 together)"),
        ("What's 8% sales tax on 59.99?", "4.80 (tax; 64.79 together)"),
        ("My salary of 2,150 goes up by 4%, what will I earn?", "2236 (86 more)"),
        ("What do I save with 25% off a 199 dollar phone?", "49.75"),
        ("What was the price before a 20% discount if I paid 64?", "80"),
        ("After a 5% raise I get 3,150. What was my pay before?", "3000"),
        ("Price with 19% VAT is 238, what's the net price?", "200"),
        ("The price is 45.50 including 6% tax. How much is the tax?", "2.58"),
        ("VAT included it's 61.50 at 23%. How much VAT is that?", "11.50"),
        ("price without the 21% VAT if it's 96.80 with", "80"),
        ("price with the 21% VAT if it's 80 without", "96.80"),
        ("What's 96.80 without 21% VAT?", "80"),
        ("25 percent less than 640", "480"),
        ("out of 48 students 36 passed, what percentage passed?", "75%"),
        ("What is 80 as a percentage of 320?", "25%"),
        ("My phone battery fell from 92 to 69 percent, how many points is that?", "23 points"),
        ("Four of us share a bill of 96 euros plus 10% tip, how much each?", "26.40 each"),
        ("We're 5 friends and dinner was 137.50. How much does each one owe?", "27.50 each"),
        ("We are 7 people and the bill is 203 — what does each pay?", "29 each"),
        ("I pay 37.85 with a 50 note. How much change do I get?", "12.15"),
        ("I had 500 and spent 123.45 and 67.80. What's left?", "308.75"),
        ("If 3 pens cost 4.50, how much do 7 pens cost?", "10.50"),
        ("if 5 cost 40, what do 8 cost?", "64"),
        ("What do I get for 2.5 kg if one kg is 7.20?", "18"),
        ("A pack of 12 costs 8.40. What's the price of one?", "0.7"),
        ("If a train ticket is 18.40 how much are 6 of them?", "110.4"),
        ("What do 15 stamps at 85 cents cost?", "12.75"),
        ("12 boxes with 24 bottles each, how many bottles?", "288"),
        ("100 pupils, buses of 45 seats. How many buses?", "2 full, and 10 left over: 3 to hold all"),
        ("How many 0.75 l bottles fit into 9 litres?", "12"),
        ("I earn 2400 a month, how much a year?", "28800"),
        ("I make 42,000 a year, what's that a month?", "3500"),
        ("At 14.50 an hour, what do I get for 36 hours?", "522"),
        ("Save 120 every month - how much after 2 years?", "2880"),
        ("divide 1000 in the ratio 2:3", "400 and 600"),
        ("split 250 in the ratio 3 to 2", "150 and 100"),
        ("She ran 10 km in 50 minutes. What speed is that?", "12 km per hour"),
        ("How long does a 240 km drive take at 80 km/h?", "3 hours (3 h 0 min)"),
        ("remainder of 100 divided by 7", "2 (100 = 14 × 7 + 2)"),
        ("How many times does 7 go into 91?", "13"),
        ("Round 3.14159 to two decimals", "3.14"),
        ("Round 4876 to the nearest hundred", "4900"),
        ("17 divided by 3 rounded to 2 decimal places", "5.67"),
        ("30% discount on 79.90, rounded to cents", "55.93"),
        ("mean of 4 8 15 16 23 42", "18"),
        ("median of 3, 9, 4, 1, 7", "4"),
        ("Start with 40, double it, subtract 15 and divide by 5", "13"),
        ("Divide 84 by 4 and add 6", "27"),
        ("add 15 and 27 then multiply by 2", "84"),
        ("three plus four times two", "11"),
        ("Take 15% off 1860 and then add 23% VAT", "1944.63"),
        ("Add 10% to 200, then take away 20", "200"),
        ("what is 20% of 50 and 10% of 70?", "20% of 50 = 10"),
        ("What's 1.2 million divided by 48?", "25000"),
        ("What's 5 dozen?", "60"),
        ("Is 221 a prime number?", "No: 221 = 13 × 17"),
        ("I walked 4.2 km on Monday, 3.8 on Tuesday and 5 km on Wednesday. Altogether?", "13"),
    ],
)  # fmt: skip
def test_a_story_is_worked_out(call: Callable[..., Any], asked: str, said: str):
    assert str(call("calculate", Text(asked), request=Text(asked))).startswith(said)


@pytest.mark.parametrize(
    "asked",
    [
        "I had 500, spent 120 and earned 40 more. What's left?",
        "3 boxes of 12 eggs and 4 boxes of 10 eggs: how many eggs altogether?",
        "If 3 pens cost 4.50, how much do 7 pencils cost?",
        "The discount was 20% and the tax 10% on 50 euros of 80, what is left?",
        "I paid 37.85 on 3 May with two notes, one of them blue. What change?",
        "What does the train at 8:45 cost if 2 people take it for 30?",
        "How much is 12 plus 5 if I keep 8% aside?",
    ],
)
def test_another_story_gets_no_number_that_was_picked_from_it(call: Callable[..., Any], asked: str):
    assert worked_out(asked) is None
    with pytest.raises(HerdError):
        call("calculate", Text(asked), request=Text(asked))


@given(st.integers(1, 9999), st.integers(1, 99))
def test_taking_off_and_asking_what_it_was_is_there_and_back(amount: int, percent: int):
    said = worked_out(f"The shoes are {amount}, now {percent}% cheaper. What is the new price?")
    paid = Decimal(said.split()[0])

    assert abs(paid - Decimal(amount) * (100 - percent) / 100) <= Decimal("0.005")


@given(st.integers(0, 999), st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_steps_are_taken_in_their_order(start: int, steps: list[int]):
    text = f"start with {start}" + "".join(f", then add {each}, double it" for each in steps)
    value = start
    for each in steps:
        value = 2 * (value + each)

    assert str(value) == chained(text)


@pytest.mark.parametrize(
    "asked",
    [
        "I pay 12 a week for 3 weeks and 15 a week for the cat, what is that together?",
        "I earn 10 an hour for 8 hours and 5 days, how much is it?",
        "10 an hour for 8 hours and a bonus of 20 every week, how much is that?",
    ],
)
def test_what_is_paid_again_is_not_added_once(asked: str):
    assert worked_out(asked) is None

"""Sums told as a story go whole to the calculator, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest
from routing_gold import attachments
from routing_world import FIRST, snapshot

from herd_graph.routing.told_sums import is_told_loan, is_told_sum, told_sum
from herd_graph.tasks import Task


@pytest.mark.parametrize(
    "text",
    [
        "I had 500 and spent 123.45 and 67.80. What's left?",
        "5 kilos cost 12 euros. What does one kilo cost?",
        "A car does 450 km in 5 hours, average speed?",
        "How long does a 240 km drive take at 80 km/h?",
        "How much would 3 people pay each for a 100 euro taxi?",
        "The bill was 148, four people, plus 12% service. Each?",
        "Start with 40, double it, subtract 15 and divide by 5",
        "Divide 84 by 4 and add 6",
        "17 divided by 3 rounded to 2 decimal places",
        "What's 1.2 million divided by 48?",
        "Rent is 750 a month. How much per year?",
        "A shirt is 32 euros after a 20% discount. What did it cost originally?",
        "Ten percent of 10 percent of 5000",
        "The hall rent is 180 a month for three months plus a deposit of 250: what is that together?",
    ],
)
def test_a_sum_in_words_is_seen_and_can_be_worked_out(text: str):
    plan = told_sum(Task(text=text), _reckoner(), snapshot(*FIRST), "tested")

    assert is_told_sum(text)
    assert plan is not None
    assert [text] == [each.value for each in plan.steps[0].inputs.values()]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What does the bill say?",
        "Monthly payment on a 15,000 euro loan at 4.2% over 5 years?",
        "Car costs 18,500, bank takes 6.1 % a year, five years. What do I pay each month?",
        "What's the internal rate of return if I pay 1000 and get 500 back in 3 years?",
        "What is 20% off 85, and say it aloud",
        "What's 20% off 85? Translate the answer into Portuguese.",
        "How much is 5 miles and 3 feet in km",
        "How many days are left between 2026-03-18 and 2026-07-25?",
        "Who paid 500 for the painting in 1890, and what did it cost in 1950?",
        "Write a story about 3 friends who share 12 apples. How many does each get?",
        "Split it between 4 and 5 people: how much each?",
        "solve 3x^2 - 12x + 9 = 0 and say what is left",
    ],
)
def test_what_others_answer_is_left_to_them(text: str):
    assert not is_told_sum(text)


def test_what_is_attached_is_never_passed_over():
    task = Task(
        text="I had 500 and spent 120. What's left?", attachments=attachments("image:receipt.jpg")
    )

    assert told_sum(task, _reckoner(), snapshot(*FIRST), "tested") is None


def test_without_one_who_reckons_there_is_no_plan():
    task = Task(text="I had 500 and spent 120. What's left?")

    assert told_sum(task, None, snapshot(*FIRST), "tested") is None


def _reckoner() -> Any:
    return next(each.card for each in FIRST if each.card.name == "calculate")


@pytest.mark.parametrize(
    "text",
    [
        "I want to borrow 15,000 at 5.2% over 4 years for a new lift. What do I pay each month, and how much interest in all?",
        "club loan: 12,000 euros at 5% over 4 years, whats the monthly payment and the total interest?",
        "Car loan: 18,500, 6.1% a year, 60 months. Monthly instalment?",
        "I save 200 a month at 4% for 15 years. How much will I have, and how much of it is interest?",
    ],
)
def test_a_loan_is_one_story_however_much_is_asked_of_it(text: str):
    assert is_told_loan(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is the interest rate of the loan?",
        "Monthly payment on 12,000 at 5% over 4 years, and translate the answer into Portuguese",
        "loan 12,000 at 5% over 4 years: monthly payment? And how many pounds are 12 kg?",
        "Compare a loan of 10,000 at 4% and one at 5% over 3 years",
        "Write a letter to the bank about my loan of 10,000 at 4% over 3 years",
    ],
)
def test_what_is_more_than_a_loan_is_read_wish_by_wish(text: str):
    assert not is_told_loan(text)


@pytest.mark.parametrize(
    "text",
    [
        "take a third off 96 euros",
        "The hall costs 35 an hour, we need it from 14:00 to 18:30",
        "500 g flour serves 4; how much for 10?",
        "half of what she paid, she paid 240",
    ],
)
def test_what_is_told_in_one_breath_is_one_sum(text: str) -> None:
    assert is_told_sum(text)


@pytest.mark.parametrize(
    "text",
    [
        "take a third off the picture",
        "the market is open from 14:00 to 18:30",
        "half of what she said, she said it in 2019 and translate it",
        "read the recipe that serves 4",
    ],
)
def test_what_only_sounds_like_a_sum_is_none(text: str) -> None:
    assert not is_told_sum(text)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("If I save 2000 at 4% for 5 years what do I have at the end? And a third of that?", False),
        (
            "What is the monthly payment on a loan of 9000 at 5% over 3 years, and half of that?",
            False,
        ),
        ("I borrow 9000 at 5% over 3 years. What is the monthly payment? And half of that?", True),
    ],
)
def test_a_share_of_what_comes_of_a_loan_is_a_wish_of_its_own(text: str, whole: bool) -> None:
    assert is_told_loan(text) is whole


@pytest.mark.parametrize(
    "text",
    [
        "a 26.2 mile marathon in 4 hours: how fast is that in km/h?",
        "My flight leaves at 14:35 and takes 3 h 50 min. When do I land?",
        "I run 5k in 27:30. What is my pace per km?",
        "tank holds 45 litres and petrol costs 1.62 a litre. what does a full tank cost?",
        "I worked from 8:15 to 16:45 with a 40 minute break. How many hours is that?",
        "If 6 workers need 8 days, how many days do 4 workers need?",
        "Two thirds of the 48 children had lunch. How many did, and how many didn't?",
    ],
)
def test_a_story_of_measures_is_one(text: str) -> None:
    assert is_told_sum(text)


@pytest.mark.parametrize(
    "text",
    [
        "how far is 26 miles in km?",
        "What time is it in Tokyo when it's 9 am here?",
        "When does the train at 9:30 leave?",
        "The meeting is 90 minutes and starts at 10:45. When does it end? Say it in Portuguese.",
        "convert 60 mph to km/h",
    ],
)
def test_another_request_is_none(text: str) -> None:
    assert not is_told_sum(text)

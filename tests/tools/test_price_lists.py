"""Several of what a poster or a menu has one price for, and what is made of a total only once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Text

Call = Callable[..., Any]
price_lists: Any = import_module("herd_graph._bundled.tools.price_lists")
further: Any = import_module("herd_graph._bundled.tools.further")

CONCERT = """THE CELLAR CATS
Saturday 9 May, doors open 20:30
Harbour Club, Pier Street 7
Tickets 12 euros
Students pay 8 euros"""
FAIR = """SPRING FAIR
Saturday 18 April, 10:00 to 17:00
Adults 3.50 euros, children free"""
CAFE = "CAFE MENU\nCoffee 1.20\nTea 1.50\nSlice of cake 3.10"
POOL = "Open 9-18\nEntry: €5 per child, €8 per adult\nSeniors 6 euros"


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("How much do four tickets cost if each is as on the poster?", CONCERT, "48 ="),
        ("what do 3 students pay?", CONCERT, "24 ="),
        ("how much is it for two students and one adult ticket", CONCERT, "28 ="),
        ("what do two adults and three children pay", FAIR, "7.00 ="),
        ("what does it cost for a family of 2 adults and 2 kids", FAIR, "7.00 ="),
        ("what would four coffees and one tea come to", CAFE, "6.30 ="),
        ("how much for two adults and a child?", POOL, "21 ="),
        ("price for 3 seniors", POOL, "18 ="),
    ],
)
def test_several_of_a_list(call: Call, question: str, text: str, expected: str):
    assert str(call("calculate", Text(text), "sum", Text(question))).startswith(expected)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("how much is the entry?", CONCERT),  # of one, the text says it
        ("how much do 4 horses cost?", CAFE),
        ("divide it evenly among four people: what does each pay?", "29.00"),
        ("how much do two adults pay", "COFFEE 1.20\nTOTAL 1.20"),  # a receipt
        ("who are the 2 singers?", CONCERT),
    ],
)
def test_what_the_list_does_not_say_is_left_open(question: str, text: str):
    assert price_lists.several(question, text) is None


def test_one_price_stands_for_anybody():
    (rate,) = price_lists.rates("Doors 20:30\nAdmission 4 euros")

    assert (rate.label, str(rate.amount)) == ("Admission", "4")
    assert price_lists.several("what do 5 people pay?", "Admission 4 euros").startswith("20 =")


def test_a_share_is_taken_once_for_one_request(call: Call):
    asked = Text("what is 20% of the total?")
    receipt = Text("Scissors 9.25\nGlue 20.95\nTOTAL 30.20")

    once = call("calculate", receipt, "sum", asked)
    twice = call("calculate", Text(str(once)), "evaluate", asked)

    assert str(twice).endswith("20 % of 30.20 = 6.04")


@pytest.mark.parametrize(
    ("text", "said", "made"),
    [
        ("20 % of 30.20 = 6.04", "20 % of 6.04 = 1.21", True),
        ("30.20\n30.20 / 4 = 7.55", "7.55 / 4 = 1.89", True),
        ("30.20 / 4 = 7.55", "20 % of 7.55 = 1.51", False),
        ("30.20", "20 % of 30.20 = 6.04", False),
    ],
)
def test_what_was_made_before_is_known(text: str, said: str, made: bool):
    assert further.is_made(text, said) is made


def test_a_letter_says_how_much_money_it_is_about(call: Call):
    letter = (
        "Dear Tomas, we were very disappointed with our stay. We paid 240 euros for two nights, and I "
        "think that half of it should be refunded. Only the breakfast was good. Please send the money."
    )

    assert str(
        call("calculate", Text(letter), "evaluate", Text("how much money is it about?"))
    ) == ("240 euros")


PARTS = """COAST CYCLE PARTS LTD
Brake pads pair x2 15.80
Chain 8 speed 18.50
Chain oil 100 ml 6.90
Bell brass 9.40
TOTAL 50.60"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("add up only the brake pads and the chain", "34.30 ="),
        ("what did the chain oil cost", "Chain oil 100 ml: 6.90"),
        ("how much is the total in 2 equal parts", "50.60\n50.60 / 2 = 25.30"),
    ],
)
def test_the_lines_that_are_meant(call: Call, question: str, expected: str):
    assert str(call("calculate", Text(PARTS), "sum", Text(question))).startswith(expected)


def test_what_is_added_is_shared_where_that_is_asked(call: Call):
    asked = Text("add up the brake pads and the chain, whats that in 3 equal parts?")

    assert str(call("calculate", Text(PARTS), "sum", asked)).endswith("34.30 / 3 = 11.43")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is 4 times 15 euros times 2 days?", "120"),
        ("4 bikes times 15 euros times 3 days, how much is that?", "180"),
        ("what is 3 nights times 80 euros plus 20 euros", "260"),
        ("6 tickets at 12 euros", "72"),
        ("three boxes times twelve eggs", "36"),
        ("4 times 5 percent of 200", "40"),
        ("What's 84.60 plus a late fee of 12", "96.6"),
        ("What is 900 minus the deposit of 40?", "860"),
        ("£100 minus a voucher of £15 plus the delivery charge of £4.50", "89.5"),
        ("10 plus a half of 12", "16"),
        ("3 times the square root of 16", "12"),
        ("2 plus the square root of 9", "5"),
        ("the cube of 3 times 2", "54"),
        ("twice the square root of 16", "8"),
    ],
)
def test_numbers_with_what_they_count(call: Call, question: str, expected: str):
    assert str(call("calculate", Text(question))) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("is 70 psi more than 4.5 bar?", "Yes: 70 psi = 4.8263301 bar"),
        ("is 100 F hotter than 40 C?", "No: 100 °F = 37.777778 °C"),
        ("which is heavier, 10 stone or 60 kg?", "10 stone is heavier"),
        ("which is lighter, 10 stone or 60 kg?", "60 kg is lighter"),
        ("is 1 kg more than 1000 g", "No, they are the same"),
    ],
)
def test_two_measures_are_compared(call: Call, question: str, expected: str):
    assert str(call("convert_units", Text(question))).startswith(expected)


def test_a_question_about_a_poster_is_reckoned_too(call: Call):
    asked = "what do 2 adults and 3 children pay for the concert?"
    poster = "WINTER CONCERT\nAdults 8 pounds, children 3 pounds\nTickets at the school office"

    assert "".join(call("chat", Text(asked), context=Text(poster))).startswith("25 = 2 × Adults 8")

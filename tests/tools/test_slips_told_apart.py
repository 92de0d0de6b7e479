"""Receipts and bills: what is paid, left and saved, in which currency, and who shares it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from printed_slips import (
    BOOKS,
    GARDEN,
    GROCER,
    HOTEL,
    LIGHTHOUSE,
    MARKET,
    PASTRIES,
    PHARMACY,
    TRATTORIA,
)

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

slips: Any = import_module("herd_graph._bundled.tools.slips")


@pytest.mark.parametrize(
    ("slip", "question", "said"),
    [
        (GARDEN, "How much did the hedge trimming cost per unit?", "Hedge trimming: 38.00 each (3 for 114.00)"),
        (GARDEN, "how many bags of bark mulch were delivered", "10 (Bark mulch bags)"),
        (HOTEL, "How much was the room per night?", "Room: 145.00 each (3 for 435.00)"),
        (TRATTORIA, "What would three lasagnes cost?", "50.25 = 3 × Lasagne 16.75"),
        (TRATTORIA, "which dish was the dearest each?", "Lasagne: 16.75 each"),
        (TRATTORIA, "How much was the service charge and the sales tax?", "Sales tax 8.5%: 4.91\nService 18%: 10.40"),
        (GROCER, "How many items did I buy?", "6 items, 9 pieces in all: Oat milk, Bananas kg, Sourdough loaf, Cheddar, Lentil soup, Washing powder"),
        (LIGHTHOUSE, "what's the cheapest drink on the menu", "Tea: 2.10"),
        (LIGHTHOUSE, "Which breakfast is cheapest", "Porridge with honey: 4.20"),
        (LIGHTHOUSE, "list only the drinks with prices", "Flat white: 3.20\nTea: 2.10"),
        (LIGHTHOUSE, "What costs less than three pounds?", "Tea: 2.10"),
    ],
)  # fmt: skip
def test_a_line_says_for_how_many_and_under_which_heading(slip: str, question: str, said: str):
    assert slips.answer(question, slip) == said


@pytest.mark.parametrize(
    ("slip", "question", "said"),
    [
        (GARDEN, "what is the total", "Total: 385.20"),
        (GARDEN, "How much do I still have to pay?", "Balance due: 285.20"),
        (GARDEN, "what's still owing", "Balance due: 285.20"),
        (GARDEN, "what was the deposit", "Deposit paid: 100.00"),
        (HOTEL, "what is left to pay?", "To pay: 310.00"),
        (GROCER, "how much did I save on this shop", "3.88 = Multibuy saving 1.35 + Loyalty discount 2.53"),
        (GROCER, "how much would it be without the discounts?", "26.67 = TOTAL 22.79 + Multibuy saving 1.35 + Loyalty discount 2.53"),
        (GROCER, "what would it have cost without the washing powder", "15.84 = TOTAL 22.79 - Washing powder 6.95"),
        (TRATTORIA, "how much tip is 10%?", "10 % of 73.06 = 7.31"),
        (MARKET, "how much did I save?", "It does not say: no line takes anything off."),
    ],
)  # fmt: skip
def test_what_is_paid_and_left_and_saved_is_told_apart(slip: str, question: str, said: str):
    assert slips.answer(question, slip) == said


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (GARDEN, "385.20"),
        (HOTEL, "510.00"),
        (GROCER, "22.79"),
        (TRATTORIA, "73.06"),
        (PASTRIES, "11.00"),
        (BOOKS, "39.89 (the printed total is 41.89)"),
        ("SHOP\nBread 1.00\nMilk 2.00\nVAT 0.30", "3.30"),
    ],
)
def test_a_slip_comes_to_its_total_where_that_is_right(
    call: Callable[..., Any], slip: str, said: str
):
    assert str(call("calculate", Text(slip), "sum")) == said


@pytest.mark.parametrize(
    ("slip", "question", "said"),
    [
        (GROCER, "How much is the total in euros?", "TOTAL: 22.79\nNot in euros: these prices are in pounds."),
        (GROCER, "what was the total in dollars at today's exchange rate?", "TOTAL: 22.79\nNot in dollars"),
        (PHARMACY, "how much is the receipt in euros", "TOTAL: 18.73\nNot in euros: it names no currency"),
        (HOTEL, "What's the dearest thing, in dollars?", "Room: 435.00 (for 3)\nNot in dollars: these prices are in francs."),
        (HOTEL, "the total in euros at 1.05", "535.50 euros = 510.00 × 1.05"),
        (GROCER, "the total in pounds", "TOTAL: 22.79"),
        (PASTRIES, "How many euros was it in total?", "TOTAL: 11.00"),
    ],
)  # fmt: skip
def test_no_slip_is_told_in_a_currency_that_it_is_not_in(slip: str, question: str, said: str):
    told = slips.answer(question, slip)

    assert told.startswith(said)
    assert ("Not in" in told) is ("Not in" in said)


@pytest.mark.parametrize(
    ("slip", "question", "said"),
    [
        (GROCER, "Is the cheddar more expensive than the washing powder?", "No: Cheddar 4.40, Washing powder 6.95 (a difference of 2.55)."),
        (GROCER, "Which costs more, the cheddar or the washing powder?", "Washing powder: 6.95 (Cheddar: 4.40)"),
        (GROCER, "Are the bananas cheaper than the oat milk?", "Yes: Bananas kg 1.62, Oat milk 1.85 (a difference of 0.23)."),
        (LIGHTHOUSE, "I've got ten pounds, can I have the full english and a tea?", "No: 11.90 = Tea 2.10 + Full English 9.80, 1.90 more than 10."),
        (LIGHTHOUSE, "how much for three kebabs and two teas", "It does not say what 'kebabs' cost. It has Porridge with honey, Full English, Pancakes, Flat white, Tea."),
    ],
)  # fmt: skip
def test_things_on_a_slip_are_compared(slip: str, question: str, said: str):
    assert slips.answer(question, slip) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("split the bill between Omar and me", "73.06 / 2 = 36.53"),
        ("Split it between me, Ann and Bo", "73.06 / 3 = 24.35"),
        ("share the bill with my sister", "73.06 / 2 = 36.53"),
        ("split the lemonade and the lasagne between Omar and me", "30.75 / 2 = 15.375 (Lasagne 16.75 + Lemonade 14.00)"),
    ],
)  # fmt: skip
def test_those_who_share_may_be_named(question: str, said: str):
    assert slips.answer(question, TRATTORIA) == said


def test_a_sum_before_is_shared_among_those_who_are_named(call: Callable[..., Any]):
    before = "11.75 = Sandpaper P120 4.80 + Wood glue 250 ml 6.95"
    said = call("calculate", Text(before), request=Text("Split that between Omar and me"))

    assert str(said) == "11.75 / 2 = 5.875"


def test_a_price_list_is_no_sum_that_nobody_asked_for(call: Callable[..., Any]):
    entry = f"{LIGHTHOUSE}\nEntry: adults £3, children £1"

    assert str(call("calculate", Text(entry), request=Text("two adults and two kids. What is the entry?"))).startswith("8 ")  # fmt: skip
    with pytest.raises(PortViolation, match="do not answer"):
        call("calculate", Text(LIGHTHOUSE), "sum", Text("Who is the cook?"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Split 11.75 between Omar and me", "5.88 each"),
        ("split 90 euros among Ann, Bo and Cy", "30"),
        ("share 30 with my brother", "15"),
    ],
)
def test_a_sum_is_shared_among_those_who_are_named(call: Callable[..., Any], asked: str, said: str):
    made = call("calculate", Text(asked), request=Text(asked))

    assert said in str(made)

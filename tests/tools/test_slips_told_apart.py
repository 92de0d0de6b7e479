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
        (BOOKS, "39.89"),
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


PHARMACY_OFFER = """WELLNESS PHARMACY
Till 3 11/09/2026 09:41
PARACETAMOL 500MG 2.49
HAND CREAM 5.99
2 @ 3.25
PLASTERS 6.50
SUNSCREEN SPF50 14.99
3 FOR 2 OFFER -3.25
TOTAL GBP 26.72
VISA DEBIT 26.72"""
DINER = """ROUTE 9 DINER
1 Cheeseburger $12.50
1 Club sandwich $11.25
2 Milkshake $13.00
Subtotal $36.75
Tax $2.94
TOTAL $39.69
Suggested tip: 15% $5.51 18% $6.62"""
PLUMBER = """R. Novak Plumbing
INVOICE 2026-0087
Labour, 2.5 hours at 48.00 120.00
Thermostat valve 2 x 27.90 55.80
Net amount 175.80
20% VAT 35.16
Total EUR 210.96
Please pay within 14 days"""
MARKET_DAY = """MERCADO DA VILA
Maçãs 2,1 kg x 1,80 3,78
Queijo fresco 4,20
Desconto cartão -1,50
TOTAL A PAGAR EUR 6,48"""
POOL = """CITY POOL PRICES
Adult Child
Single swim 4.50 2.00
Ten swims 38.00 16.00
Sauna 7.50"""


@pytest.mark.parametrize(
    ("slip", "question", "said"),
    [
        (PHARMACY_OFFER, "How much were the plasters, each and together?", "PLASTERS: 3.25 each (2 for 6.50)"),
        (PHARMACY_OFFER, "how many things did I buy?", "4 items, 5 pieces in all: PARACETAMOL 500MG, HAND CREAM, PLASTERS, SUNSCREEN SPF50"),
        (PHARMACY_OFFER, "What would it have been without the sunscreen?", "11.73 = TOTAL 26.72 - SUNSCREEN SPF50 14.99"),
        (PHARMACY_OFFER, "did I pay cash", "It says: VISA DEBIT 26.72"),
        (DINER, "What did one milkshake cost?", "Milkshake: 6.50 each (2 for 13.00)"),
        (DINER, "What's 15% tip on the total?", "15 % of 39.69 = 5.95"),
        (DINER, "was the club sandwich cheaper than the burger?", "Yes: Club sandwich 11.25, Cheeseburger 12.50 (a difference of 1.25)."),
        (PLUMBER, "What do I owe the plumber?", "Total: 210.96"),
        (PLUMBER, "By when?", "It says: Please pay within 14 days"),
        (PLUMBER, "what did the labour cost per hour", "Labour: 48.00 each (120.00 in all)"),
        (MARKET_DAY, "How much were the apples per kilo", "Maçãs: 1.80 each (3.78 in all)"),
        (MARKET_DAY, "what did the discount amount to", "Desconto cartão: -1.50"),
    ],
)  # fmt: skip
def test_numbers_in_front_and_measures_say_for_how_much(slip: str, question: str, said: str):
    assert slips.answer(question, slip) == said


def test_what_adds_up_knows_a_thing_in_either_language(call: Callable[..., Any]):
    asked = Text("how much did the cheese cost?")

    assert str(call("calculate", Text(MARKET_DAY), "sum", asked)) == "Queijo fresco: 4.20"


def test_of_two_prices_side_by_side_none_is_picked():
    assert slips.answer("how much is a single swim?", POOL) is None


def test_a_total_that_differs_is_told_to_who_asked(call: Callable[..., Any]):
    said = call("calculate", Text(BOOKS), "sum", Text("add up the receipt"))

    assert str(said) == "39.89 (the printed total is 41.89)"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("add up the receipt without the milk and the coffee", "8.59 = Bread 1.20 + Cheese 4.75 + Apples 2.64"),
        ("add it up, not the milk or the coffee", "8.59 = Bread 1.20 + Cheese 4.75 + Apples 2.64"),
        ("add up the receipt, leaving out the milk", "12.08 = Bread 1.20 + Cheese 4.75 + Apples 2.64 + Coffee 3.49"),
        ("Add up the prices and put 20% on top", "14.82\n14.82 + 20 % = 17.78"),
    ],
)  # fmt: skip
def test_what_is_left_out_or_put_on_top(call: Callable[..., Any], asked: str, said: str):
    made = str(call("calculate", Text(MARKET), "sum", Text(asked)))

    assert made.replace("Apples 1 2 kg", "Apples") == said

"""Receipts, invoices and menus as scanners read them, and what people ask of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from printed_slips import (
    BISTRO,
    BOOKS,
    CLUB,
    DINNER,
    HARDWARE,
    MARKET,
    MENU,
    OFFICE,
    PASTRIES,
    PHARMACY,
    WATER,
)

from herd_graph.artifacts import Text

slips: Any = import_module("herd_graph._bundled.tools.slips")


@pytest.mark.parametrize(
    ("slip", "question", "said"),
    [
        (MARKET, "what is the dearest item", "Cheese"),
        (MARKET, "when was it bought?", "14/09/2026"),
        (MARKET, "which shop is this from?", "MERCADO SOL"),
        (MARKET, "how much was the coffee", "3.49"),
        (MARKET, "what did I pay in total", "14.82"),
        (MARKET, "how much VAT did I pay?", "0.84"),
        (MARKET, "how many items are on the receipt", "5 items"),
        (MARKET, "is the total right?", "Yes"),
        (MARKET, "did I buy any cheese?", "Yes"),
        (MARKET, "what time was it", "18:42"),
        (MARKET, "how did i pay", "CARD"),
        (MARKET, "where did I shop?", "Rua das Flores"),
        (MARKET, "how much did the milk cost each", "0.95"),
        (BISTRO, "which restaurant was it?", "Green Bistro"),
        (BISTRO, "how many lemonades did we have", "3"),
        (BISTRO, "how much was the tip", "6.00"),
        (BISTRO, "what was the cheapest thing", "Cheesecake"),
        (BISTRO, "is the total right?", "Yes"),
        (BISTRO, "list the items", "Caesar"),
        (BISTRO, "how much did one burger cost?", "9.50"),
        (BISTRO, "what was the subtotal", "44.25"),
        (BISTRO, "what did we pay", "53.79"),
        (BISTRO, "Did we order fries?", "No"),
        (OFFICE, "what is the invoice number", "2026-118"),
        (OFFICE, "when is it due?", "4 April 2026"),
        (OFFICE, "what is the date of the invoice", "5 March 2026"),
        (OFFICE, "who sent this invoice", "Brandt"),
        (OFFICE, "how much VAT is on it", "64.87"),
        (OFFICE, "what is the amount due", "406.27"),
        (OFFICE, "does the invoice add up?", "Yes"),
        (OFFICE, "how much is the toner", "89.90"),
        (OFFICE, "what is the most expensive item on the invoice", "Paper"),
        (MENU, "how much is a cappuccino", "2.60"),
        (MENU, "what can I get for under 2 euros", "Espresso"),
        (MENU, "how much are two espressos and a croissant", "4.70"),
        (MENU, "what is the second most expensive thing on the menu", "Cheese toast"),
        (MENU, "do they have orange juice?", "Yes"),
        (MENU, "name of the cafe", "CAFE LUNA"),
        (MENU, "how many dishes are on the menu", "6"),
        (PHARMACY, "total?", "18.73"),
        (PHARMACY, "what did I buy", "Aspirin"),
        (PHARMACY, "what date is on it", "12.11.2026"),
        (PHARMACY, "what's on this receipt?", "Bandages"),
        (PHARMACY, "how much did the vitamins cost", "8.25"),
        (PASTRIES, "how much was the coffee?", "2.40"),
        (PASTRIES, "where was this bought", "BEL"),
        (PASTRIES, "what was the total", "11.00"),
        (PASTRIES, "how much tax is included", "1.27"),
        (PASTRIES, "what is the price of one coffee", "1.20"),
        (PASTRIES, "when?", "2026-11-02"),
        (PASTRIES, "cheapest item on the receipt", "1.30"),
        (PASTRIES, "was it paid by card", "Multibanco"),
        (PASTRIES, "does the total add up", "Yes"),
        (HARDWARE, "what did the hammer cost", "18.99"),
        (HARDWARE, "how many screws did I buy", "4"),
        (HARDWARE, "is the total correct?", "Yes"),
        (HARDWARE, "what was the sales tax", "2.77"),
        (HARDWARE, "name of the store", "HARDWARE"),
        (HARDWARE, "what was the most expensive thing I bought", "Hammer"),
        (HARDWARE, "how much does one paint brush cost", "5.50"),
        (HARDWARE, "when did I go there?", "08/21/2026"),
        (HARDWARE, "total before tax", "39.64"),
        (CLUB, "how much is the discount", "6.25"),
        (CLUB, "when do I have to pay?", "26 Jan"),
        (CLUB, "when was it issued", "12 Jan"),
        (CLUB, "invoice number?", "A-77"),
        (CLUB, "what do I owe", "56.25"),
        (CLUB, "is the sum right", "Yes"),
        (CLUB, "who is the invoice from", "Fitness"),
        (DINNER, "which dish is the cheapest", "Sparkling"),
        (DINNER, "what is the price of the salmon", "14.50"),
        (DINNER, "what can I eat for less than 6 dollars", "Tomato"),
        (DINNER, "how much for two soups and one pie", "14.80"),
        (DINNER, "is there any fish?", "salmon"),
        (DINNER, "what drinks do they have", "wine"),
        (BOOKS, "is the total right?", "No"),
        (BOOKS, "how much change did I get", "8.11"),
        (BOOKS, "how much did I pay for the atlas", "24.50"),
        (BOOKS, "how many pencils", "3"),
        (BOOKS, "how much more expensive is the atlas than the sea", "11.51"),
        (BISTRO, "what did we spend on drinks", "10.50"),
        (PHARMACY, "how much was the shampoo?", "does not say"),
    ],
)
def test_what_is_printed_is_said(slip: str, question: str, said: str):
    assert said in slips.answer(question, slip)


@pytest.mark.parametrize(
    "question", ["what is the weather?", "write a poem about it", "translate it"]
)
def test_what_is_no_question_of_a_slip_is_left_to_others(question: str):
    assert slips.answer(question, PHARMACY) is None


def test_a_letter_that_names_prices_is_no_slip():
    letter = (
        "Dear Ann,\nthe room is 45.00 a night.\nBreakfast is 8.50 more.\n" + "We like it.\n" * 9
    )

    assert slips.answer("what is the dearest item?", letter) is None


def test_the_sum_of_a_wrong_total_is_told():
    said = slips.answer("is the total right?", BOOKS)

    assert said.startswith("No")
    assert "39.89" in said


def test_chat_reads_a_slip_off(call: Callable[..., Any]):
    said = "".join(call("chat", Text("what is the dearest item?"), Text(MARKET)))

    assert said == "Cheese: 4.75"


def test_calculate_checks_a_total(call: Callable[..., Any]):
    said = str(call("calculate", Text(BISTRO), request=Text("is the total right?")))

    assert said.startswith("Yes")


@pytest.mark.parametrize(
    "asked",
    [
        "What did I buy?",
        "List the items on the receipt with their prices",
        "give me every item with its price",
        "What does each item cost?",
        "itemise this receipt",
        "list what I bought",
    ],
)
def test_items_are_listed_by_who_reads_texts_and_by_who_adds_up(
    call: Callable[..., Any], asked: str
):
    listed = "Bread: 1.20\nMilk: 1.90\nCheese: 4.75\nApples 1 2 kg: 2.64\nCoffee: 3.49"

    assert slips.answer(asked, MARKET) == listed
    assert str(call("calculate", Text(MARKET), operation="sum", request=Text(asked))) == listed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("the total price of all the items", "TOTAL: 14.82"),
        ("list the items under 2 euros", "Bread: 1.20\nMilk: 1.90"),
        ("how many items did I buy", "5 items"),
    ],
)
def test_a_sum_or_a_part_of_the_items_is_no_list(asked: str, said: str):
    assert slips.answer(asked, MARKET).startswith(said)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "How much did the cheese cost, and where is the shop?",
            "Cheese: 4.75\nMERCADO SOL, Rua das Flores 12, Porto",
        ),
        ("How much was the coffee and when was it?", "Coffee: 3.49\n14/09/2026, 18:42"),
        (
            "How much was the bread and why is the door green?",
            "Bread: 1.20\nwhy is the door green? It does not say.",
        ),
    ],
)
def test_each_clause_about_a_slip_is_answered(call: Callable[..., Any], asked: str, said: str):
    assert str(call("calculate", Text(MARKET), operation="sum", request=Text(asked))) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Split the total between 4 people", "14.82 / 4 = 3.705"),
        ("how much is the receipt per person for 3 people?", "14.82 / 3 = 4.94"),
        ("What does each of us pay if we are 2?", "14.82 / 2 = 7.41"),
        ("what does the milk cost", "Milk: 1.90 (for 2)"),
    ],
)
def test_a_total_is_shared(question: str, said: str):
    assert slips.answer(question, MARKET) == said


def test_items_are_given_as_a_table_where_one_is_asked_for():
    said = slips.answer("list the things bought and their prices as a table", PHARMACY)

    assert said.splitlines() == [
        "| item | price |",
        "| --- | --- |",
        "| Aspirin | 5.99 |",
        "| Bandages | 3.49 |",
        "| Vitamin C | 8.25 |",
    ]


def test_digits_that_were_read_in_words_and_currencies_are_not_in_labels():
    slip = "SHOP\n0live oil 8.95\nBread 1.05\nTOTAL EUR 10.00\nincl. VAT 19%: 1.60"

    assert slips.answer("how much was the olive oil?", slip) == "Olive oil: 8.95"
    assert slips.answer("what is the total?", slip) == "TOTAL: 10.00"
    assert slips.answer("how much VAT is in it?", slip) == "VAT 19%: 1.60"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("what's 15% of the total?", "15 % of 14.82 = 2.22"),
        ("what's 15% of the receipt's total?", "15 % of 14.82 = 2.22"),
        ("how much is half of the bill", "half of 14.82 = 7.41"),
    ],
)
def test_a_part_of_the_total_is_worked_out(question: str, said: str):
    assert slips.answer(question, MARKET) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how much I spent on drinks", "5.39 = Milk 1.90 + Coffee 3.49"),
        ("How much was paid for the coffee?", "Coffee: 3.49"),
        ("Tell me how much I spent on toys", "It does not say: no line is about 'toys'."),
    ],
)
def test_the_whole_is_never_given_for_a_part(question: str, said: str):
    assert (slips.worked_out(question, MARKET) or "").startswith(said)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What do I owe for the water?", "Total to pay: 34.25"),
        ("How much must I pay for the water?", "Total to pay: 34.25"),
        ("How much is due?", "Total to pay: 34.25"),
        ("What do I owe for the sewage?", "Sewage: 9.75"),
        ("What does the water supply cost?", "Water supply: 18.20"),
        ("By when do I have to pay?", "Due: 9 December 2026"),
        ("Until when do I owe it?", "Due: 9 December 2026"),
    ],
)
def test_what_is_owed_on_a_bill_is_its_total_and_the_last_day(question: str, said: str):
    assert slips.answer(question, WATER) == said


def test_the_price_of_a_thing_is_not_what_a_whole_receipt_cost():
    assert slips.answer("What do I owe for the cheese?", MARKET) == "Cheese: 4.75"
    assert slips.answer("Until when do I have to pay?", MARKET).startswith("It does not say")


def test_the_sum_and_the_last_day_of_a_bill_are_asked_for_at_once(call: Callable[..., Any]):
    asked = "What do I owe for the water and until when?"
    said = "".join(call("chat", Text(asked), context=Text(WATER)))
    assert said.splitlines() == [
        "What do I owe for the water? Total to pay: 34.25", "Until when? Due: 9 December 2026"
    ]  # fmt: skip

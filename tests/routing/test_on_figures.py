"""What a message makes of a figure of the thread, and which figure it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from turns import turn

from herd_graph.registry import Snapshot
from herd_graph.routing.figures import money_alone
from herd_graph.routing.on_figures import is_operation, on_figure
from herd_graph.routing.thread_answers import answered
from herd_graph.types import JSON

PAID = turn("what's the total paid?", "query_table@1", "Sum of Paid: 145\nSQL: SELECT sum(Paid)")
DIVIDED = turn("and divide that by 9", "calculate@1", "145 / 9 = 16.11")
FEE = turn("how much is the yearly fee?", "chat@1", "£84. The text says: “The yearly fee is £84.”")
BILL = turn("what's the total on this receipt?", "calculate@1", "41.00")
DEAREST = turn("how much were the scissors?", "chat@1", "Safety scissors: 11.20")
SUMMED = turn("sum it up", "summarize@1", "The bill came to more than 40 pounds.")
HELEN = turn("what did Helen pick?", "query_table@1", "Sum of kg where picker is 'Helen': 24.4 kg")
FRANK = turn("and Frank?", "query_table@1", "Sum of kg where picker is 'Frank': 41 kg")


def made_of(text: str, *history: Mapping[str, JSON]) -> Sequence[str]:
    """Return the figure that a message means and what it does with it; nothing where none."""
    requests = [str(each["task"]) for each in history]
    found = on_figure(text, answered(history, Snapshot({})), requests)
    return () if found is None else (found.figure.value, found.whole or found.words)


@pytest.mark.parametrize(
    ("said", "history", "wanted"),
    [
        ("and divide that by 9", (PAID,), ("145", "divided by 9")),
        ("twice the total", (PAID, DIVIDED), ("145", "times 2")),
        ("the total plus VAT at 20%", (PAID, DIVIDED), ("145", "plus 20 %")),
        ("half of that please", (PAID, DIVIDED), ("16.11", "half of that")),
        ("per month?", (FEE,), ("84", "divided by 12")),
        ("split the fee between mum and dad", (FEE,), ("84", "divided by 2")),
        ("how much is that fee with 10% off?", (FEE,), ("84", "minus 10 %")),
        ("take 20 off it", (PAID,), ("145", "minus 20")),
        ("split the total between 4", (BILL, DEAREST), ("41.00", "divided by 4")),
        ("we were five people, what does each owe?", (BILL, DEAREST), ("41.00", "divided by 5")),
        ("and if we give 10% tip on top of the total?", (BILL, DEAREST), ("41.00", "plus 10 %")),
        (
            "what share of the total is that, in percent?",
            (BILL, DEAREST),
            ("11.20", "what percent of 41.00 is 11.20?"),
        ),
        (
            "what percentage is that of the total?",
            (BILL, DEAREST),
            ("11.20", "what percent of 41.00 is 11.20?"),
        ),
        ("what's the difference?", (HELEN, FRANK), ("41", "41 - 24.4")),
        ("add the two up", (HELEN, FRANK), ("41", "24.4 + 41")),
        ("take the scissors off the total", (BILL, DEAREST), ("41.00", "41.00 - 11.20")),
        ("half of that for a brother", (FEE,), ("84", "half of that")),
        ("half of that", (BILL, SUMMED), ()),
        ("split the rent between 4", (BILL,), ()),
        ("per month?", (BILL,), ()),
        ("who picked the most?", (HELEN,), ()),
        ("translate it", (BILL,), ()),
    ],
)
def test_the_figure_that_is_meant(
    said: str, history: Sequence[Mapping[str, JSON]], wanted: Sequence[str]
) -> None:
    assert made_of(said, *history) == wanted


def test_what_makes_something_of_a_figure_asks_for_none_of_its_own() -> None:
    assert is_operation("the total plus VAT at 20%")
    assert not is_operation("what's the total on this receipt?")


@pytest.mark.parametrize(
    ("said", "currency"),
    [
        ("in euros?", "euros"),
        ("and the total in dollars please", "dollars"),
        ("in Portuguese?", ""),
        ("how many were paid in euros?", ""),
    ],
)
def test_no_currency_is_put_into_another(said: str, currency: str) -> None:
    assert money_alone(said) == currency

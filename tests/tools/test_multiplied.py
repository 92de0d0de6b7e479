"""What several cost, by a text that names one price."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]
multiplied: Any = import_module("herd_graph._bundled.tools.multiplied")

FEE = "£84. The text says: “The yearly membership fee is £84.”"
RENT = (
    "780 euros. The text says: “The rent is 780 euros a month, due on the fifth day of each month.”"
)
LOAF = "The text says: “Our bakery opens at 6 in the morning, a loaf of bread costs £2.40.”"
GUIDE = """Training is every Tuesday and Thursday from 5.30 pm to 6.45 pm on the lower pitch.
Players must bring shin pads and a full water bottle. Please collect your child on time."""
MENU = "Lentil curry 8.90\nLemon tart 3.90\nPot of tea 2.60"


@pytest.mark.parametrize(
    ("text", "request_", "said"),
    [
        (FEE, "what would 17 children pay altogether?", "1428 = 17 × 84"),
        (RENT, "How much is that a year?", "9360 = 12 × 780"),
        (LOAF, "what would six loaves cost", "14.40 = 6 × 2.40"),
        ("The boiler costs £1,450.", "what would two cost?", "2900 = 2 × 1450"),
        (FEE, "what does each of the 5 pay?", None),
        (FEE, "how much is it in 2027?", None),
        (MENU, "what do two cost?", None),
        (RENT, "what is the deposit?", None),
    ],
)
def test_one_price_is_multiplied(text: str, request_: str, said: str | None):
    assert multiplied.multiplied(text, request_) == said


def test_the_calculator_multiplies_what_a_question_was_answered_with(call: Call):
    fee = "64 euros. The text says: “The train tickets cost 64 euros each.”"

    assert call("calculate", Text(fee), request=Text("what do five cost?")).text == "320 = 5 × 64"


def test_a_text_without_the_price_gives_no_other_number(call: Call):
    with pytest.raises(PortViolation, match="not in the text"):
        call("calculate", Text(GUIDE), request=Text("what would 17 children pay altogether?"))


def test_many_of_a_thing_are_of_that_thing(call: Call):
    asked = Text("What do two curries and a pot of tea cost together?")

    assert call("calculate", Text(MENU), request=asked).text.startswith("20.40 = ")


def test_a_poster_without_a_price_gives_no_sum_of_its_dates(call: Call):
    poster = "REPAIR CAFÉ\nSaturday 14 November\n10:00 to 15:30\nCommunity Hall, 27 Orchard Street"
    asked = Text("What does it cost for two adults and three children?")

    with pytest.raises(PortViolation, match="No price"):
        call("calculate", Text(poster), "sum", asked)


def test_a_total_is_parted_among_so_many_of_us(call: Call):
    asked = Text("what would that be per person if three of us share it?")

    assert call("calculate", Text("48.90"), request=asked).text.endswith("48.90 / 3 = 16.30")

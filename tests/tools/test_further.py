"""What is made of a total: shares, surcharges, splits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.further import carried, further


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("what's 20% of that?", "20 % of 18.00 = 3.60"),
        ("add up the prices and tell me 20% of that", "20 % of 18.00 = 3.60"),
        ("half of it", "half of 18.00 = 9.00"),
        ("split that between 3 people", "18.00 / 3 = 6.00"),
        ("divide the total by four", "18.00 / 4 = 4.50"),
        ("plus a 10% tip", "18.00 + 10 % = 19.80"),
        ("minus 10 %", "18.00 - 10 % = 16.20"),
        ("15% off", "18.00 - 15 % = 15.30"),
        ("double it", "18.00 × 2 = 36.00"),
        ("plus 12", "18.00 + 12 = 30.00"),
        ("add 10% and divide by 2", "18.00 + 10 % = 19.80\n19.80 / 2 = 9.90"),
        ("add up the prices", None),
        ("what is the total with tax", None),
        ("split it between 0 people", None),
    ],
)
def test_what_is_made_of_a_total(said: str, made: str | None) -> None:
    assert further(Decimal("18.00"), said) == made


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("18.00", "18.00"),
        ("20 % of 18.00 = 3.60", "3.60"),
        ("26 miles = 41.84 km", "41.84"),
        ("19.50 = Soup 5.50 + Fish 14.00", "19.50"),
        ("1,234.50", "1234.50"),
        (
            "Value after 4 years = 1,406.89, of which interest 156.89\nFormula: FV = P · (1 + i)ⁿ\nInputs: P = 1,250.00; n = 4",
            "1406.89",
        ),
        ("Rye bread 4.20\nButter 3.10", None),
        ('Sum of Paid: 145\nSQL: SELECT sum("Paid") FROM data', "145"),
        ("Average of points where team is 'Rovers': 14.5", "14.5"),
        ("Sum of kg by bed:\n- A: 29.6\n- B: 47.2", None),
        ("", None),
        ("no number", None),
    ],
)
def test_the_number_that_an_answer_comes_to(said: str, number: str | None) -> None:
    held = carried(said)

    assert (str(held) if held is not None else None) == number


@given(st.text(max_size=80))
def test_any_words_make_something_or_nothing_of_a_total(said: str) -> None:
    made = further(Decimal(7), said)

    assert made is None or " = " in made

"""Measures of a story, in the units that its end asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "I'm 5 foot 7 and weigh 11 stone 4. What's that in cm and kg?",
            "5 ft 7 in = 170.18 cm\n11 stone 4 lb = 71.667594 kg",
        ),
        (
            "the recipe wants 350 F and 2 cups of flour, whats that in celsius and ml",
            "350 °F = 176.66667 °C\n2 cups = 473.17647 ml (cup = US)",
        ),
        ("The baby is 7 lb 9 oz. What is that in kilos and grams?", "7 lb 9 oz = 3 kg 430.29 g"),
        ("The hedge is 12 feet long, how many metres?", "12 feet = 3.6576 metres"),
        ("It's 31 degrees outside. What's that in Fahrenheit?", "31 °C = 87.8 °F"),
        (
            "I drove 300 miles and used 9 gallons. Miles in km and gallons in litres?",
            "300 miles = 482.8032 km\n9 gallons = 34.068706 litres (gallon = US)",
        ),
        ("6 miles and 500 yards in km", "6 miles 500 yards = 10.113264 km"),
        ("5 miles is how many km", "5 miles = 8.04672 km"),
        (
            "I weigh 154 lbs, how many kilos is that? My brother weighs 82 kg, in stone?",
            "154 lbs = 69.853225 kilos\n82 kg = 12.91279 stone",
        ),
        ("How long is the Beacon Hill walk in miles? it's 11.6 km", "11.6 km = 7.2079058 miles"),
        ("how many grams is half a pound of butter", "0.5 pound = 226.79619 grams"),
        ("how many ml is a cup and a half of milk?", "1.5 cup = 354.88235 ml (cup = US)"),
    ],
)
def test_each_is_converted_to_its_own_kind(call: Call, asked: str, said: str):
    assert call("convert_units", Text(asked)).text == said

"""A measure goes to who converts with all that was said of it."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "The pitch is 110 yards by 70 yards - what is that in metres, and what is 100 x 64 then?",
            "calculate('100 * 64', 'what is 100 x 64 then?') ; convert_units('The pitch is 110 yards by 70 yards - what is that in metres')",
        ),
        ("6 miles and 500 yards in km", "convert_units('6 miles and 500 yards in km')"),
        (
            "I'm 5 foot 7 and weigh 11 stone 4. What's that in cm and kg?",
            "convert_units(\"I'm 5 foot 7 and weigh 11 stone 4. What's that in cm and kg\")",
        ),
        (
            "Convert 72 kg to stone and pounds and 1.75 m to feet and inches",
            "convert_units('1.75 m to feet and inches') ; convert_units('Convert 72 kg to stone and pounds')",
        ),
        (
            "The hedge is 12 feet long, how many metres? And a 5 gallon paint bucket in litres?",
            "convert_units('The hedge is 12 feet long, how many metres') ; convert_units('a 5 gallon paint bucket in litres')",
        ),
        (
            "How many feet are 3 metres and how many pounds are 20 kg?",
            "convert_units('How many feet are 3 metres') ; convert_units('how many pounds are 20 kg?')",
        ),
    ],
)
def test_no_measure_is_cut_from_its_unit(text: str, made: str):
    found = plan(text, "")

    assert render(found) == made
    assert not found.unmet

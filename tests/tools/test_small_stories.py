"""Small sums as they are told in one breath, each number in its place."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]
small_stories: Any = import_module("herd_graph._bundled.tools.small_stories")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("we were 5 and the bill was 132.50, how much each?", "26.50 each"),
        ("the dinner came to 132.50 and we were five, what does each pay?", "26.50 each"),
        ("take a third off 96 euros", "64"),
        ("half of what she paid, she paid 240", "120"),
        ("a quarter of what he earns; he earns 2000", "500"),
        ("she paid 240, how much is half of that?", "120"),
        ("The hall costs 35 an hour, we need it from 14:00 to 18:30", "157.50 (4.5 hours)"),
        ("25 euros per hour from 9 to 5 pm", "200 (8 hours)"),
        ("500 g flour serves 4; how much for 10?", "1250 g flour"),
        ("I drive 340 km on 22 litres, what's that per 100 km?", "6.47 l per 100 km"),
        (
            "The rent is 640 a month, what do we pay in a year and how much is that each for the two of us?",
            "7680 a year; 3840 each",
        ),
    ],
)
def test_a_small_story_is_worked_out(call: Call, story: str, expected: str):
    assert str(call("calculate", Text(story))) == expected


@pytest.mark.parametrize(
    "story",
    [
        "we were 1 and the bill was 20, how much each?",
        "the hall costs 35 an hour from 18:00 to 14:00",
        "half of what she paid",
        "i walked 3 km on 2 days",
    ],
)
def test_what_is_no_such_story_is_left_alone(story: str):
    assert small_stories.told(story) is None


@pytest.mark.parametrize(
    "story",
    [
        "rope: 3 pieces of 1.80 m and 2 of 75 cm, how many metres in all?",
        "what is half of the cake?",
    ],
)
def test_a_piece_of_a_story_is_no_answer(call: Call, story: str):
    with pytest.raises(PortViolation):
        call("calculate", Text(story))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many kilos is 12 stone 4", "78.017888"),
        ("is 5 foot 9 taller than 174 cm?", "Yes: 5 ft 9 in = 175.26 cm"),
    ],
)
def test_stones_and_feet_with_what_is_over(call: Call, question: str, expected: str):
    assert expected in str(call("convert_units", Text(question)))

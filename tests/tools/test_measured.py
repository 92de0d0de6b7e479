"""Stories of measures and of the clock, worked out by what they measure."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

everyday: Any = import_module("herd_graph._bundled.tools.everyday")


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ("My download is 3.2 GB and my line is 40 Mbit/s. How long does it take?", "10 min 40 s"),
        ("I have a 1.5 TB disk, how many 700 MB films fit on it?", "2142"),
        ("a 26.2 mile marathon in 4 hours: how fast is that in km/h?", "10.54 km/h"),
        (
            "I need 2.4 m of fabric at 8.50 per metre and 5 buttons at 60 cents each, how much is it?",
            "23.40",
        ),
        (
            "tank holds 45 litres and petrol costs 1.62 a litre. what does a full tank cost?",
            "72.90",
        ),
        ("I run 5 km in 27:30. What is my pace per km?", "5:30 min per km"),
        ("How much is 500 g of cheese at 14.80 a kilo?", "7.40"),
        (
            "A room is 4.2 m by 3.6 m. what would carpet at 18 pounds a square metre cost?",
            "272.16",
        ),
        ("My car does 52 mpg, how much petrol do I need for 300 km?", "13.57 l"),
        ("the car uses 6.5 l/100 km. how many litres do I need for 480 km?", "31.2 l"),
        ("I cycle at 18 km/h for 2 hours 20 minutes. how far do I get?", "42 km"),
        ("Eggs are 3.60 for 12. What do 30 eggs cost?", "9 = 3.60 ÷ 12 × 30"),
        ("A 2 kg bag costs 5 euros. how much is 500 g?", "1.25"),
        ("6 painters need 4 days. How many days do 8 painters need?", "3 days"),
        ("How many 500 ml bottles fit into 9 litres?", "18"),
        ("paint covers 12 square metres per litre. how much paint for 54 square metres?", "4.5 l"),
        ("My flight leaves at 14:35 and takes 3 h 50 min. When do I land?", "18:25"),
        ("Our meeting is 90 minutes and starts at 10:45. When does it end?", "12:15"),
        ("I have to be there at 9:00 and it takes 50 minutes. When should I leave?", "08:10"),
        ("The film starts at 8:20 pm and lasts 2 hours 15 minutes. When is it over?", "10:35 pm"),
        ("the train leaves at 23:40 and takes 55 minutes. when does it arrive?", "00:35 the next"),
        (
            "I worked from 8:15 to 16:45 with a 40 minute break. How many hours is that, and what do I earn at 14.50 an hour?",
            "7 h 50 min; 113.58",
        ),
        (
            "We're driving 420 km at 70 km/h. How long will it take and when do we arrive if we leave at 9:30?",
            "6 h (420 km ÷ 70 km/h); 15:30 (09:30 + 6 h)",
        ),
        (
            "150 pounds plus 3 nights at 95, minus 10 percent of the whole: what's that?",
            "391.50 (435 - 43.50)",
        ),
        (
            "We leave at 6:40 and drive 310 km at about 90 km/h, when do we get there?",
            "10:07 (06:40 + 3 h 27 min)",
        ),
        (
            "I walked 8.5 miles in 2 h 45 min. how fast was that, and how many km is it?",
            "3.09 mph (8.5 miles ÷ 2 h 45 min); 13.68 km",
        ),
        (
            "If a bus takes 35 minutes and leaves at quarter past eight, when am I there?",
            "08:50 (08:15 + 35 minutes)",
        ),
        (
            "I have 5 kg of potatoes at 1.20 a kilo and 2 l of milk at 0.95 a litre. Total?",
            "7.90 = ",
        ),
        (
            "what time do I have to start if the meeting is at 10 and it takes 1 h 25 min to get there",
            "08:35 (10:00 - 1 h 25 min)",
        ),
        ("Train leaves 13:52, takes 2h 47min: arrival?", "16:39"),
        (
            "the train leaves at 9:10 and it takes 20 minutes to the station. When do I leave?",
            "08:50",
        ),
        (
            "walking 6 km takes me 75 minutes. how fast is that and how long for 10 km?",
            "4.8 km/h (6 km ÷ 75 minutes); 2 h 5 min",
        ),
        (
            "my flat is 68 square metres, what is that in square feet and what is rent at 14.20 per square metre?",
            "731.95 ft² (68 square metres); 965.60 = ",
        ),
        ("I run 5k in 27:30. What is my pace per km?", "5:30 min per km"),
        (
            "A room is 4.2 m by 3.6 m. How many square metres is it, and what would carpet at 18 pounds a square metre cost?",
            "15.12 m² (4.2 m × 3.6 m); 272.16 = ",
        ),
        (
            "My car does 52 mpg, how many litres per 100 km is that, and how much petrol do I need for 300 km?",
            "4.52 l/100 km (52 mpg; gallon = US); 13.57 l",
        ),
        (
            "Three of us share a flat: rent 1260, gas 84, internet 36. What does each pay?",
            "460 each (1380 in all)",
        ),
        (
            "Two thirds of the 48 children had lunch. How many did, and how many didn't?",
            "32 children; the other 16 not",
        ),
    ],
)
def test_it_is_worked_out(story: str, said: str):
    assert (everyday.worked_out(story) or "").startswith(said)


@pytest.mark.parametrize(
    "story",
    [
        "I have 20 euros and 3 friends. how many are there?",
        "the house is 3 km away and I walk 30 minutes. how much is the rent?",
        "he is 35 years old and weighs 80 kg. how heavy is he?",
        "What time is it in Tokyo when it's 9 am here?",
        "The train leaves at 8:10 and the next one at 8:40. when does it arrive?",
        "7 kg of apples at 2 euros a kilo and 3 bags for 4: what do I pay?",
    ],
)
def test_no_number_is_picked_from_another_story(story: str):
    assert everyday.worked_out(story) is None


@given(st.integers(1, 900), st.integers(1, 150))
def test_a_way_and_a_speed_make_the_time(way: int, speed: int):
    said = everyday.worked_out(f"how far do I get at {speed} km/h in {way} hours?")

    assert (said or "").startswith(f"{way * speed} km")

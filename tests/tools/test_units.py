"""Units: as people ask for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("5 miles in km", "5 miles = 8.04672 km"),
        ("convert 5 miles to km", "5 miles = 8.04672 km"),
        ("100 F to C", "100 °F = 37.777778 °C"),
        ("she asks what 21 degrees Celsius is in her Fahrenheit", "21 °C = 69.8 °F"),
        ("-40 C to F", "-40 °C = -40 °F"),
        ("300 K in C", "300 K = 26.85 °C"),
        ("how many litres are in 3 gallons?", "3 gallons = 11.356235 litres (gallon = US)"),
        ("50 UK gallons in litres", "50 UK gallons = 227.3045 litres"),
        ("what is 70 kg in pounds?", "70 kg = 154.32358 pounds"),
        ("60 mph in km/h", "60 mph = 96.56064 km/h"),
        ("5 ft 10 in to cm", "5 ft 10 in = 177.8 cm"),
        ("5 feet and 10 inches in cm", "5 feet 10 inches = 177.8 cm"),
        ("12 in in cm", "12 in = 30.48 cm"),
        ("how many minutes are there in 3 days?", "3 days = 4,320 minutes"),
        ("How many feet are in a mile?", "1 mile = 5,280 feet"),
        ("half a mile in metres", "0.5 mile = 804.672 metres"),
        ("2 1/2 cups in ml", "2.5 cups = 591.47059 ml (cup = US)"),
        ("3 square metres in square feet", "3 square metres = 32.291731 square feet"),
        ("10 m² in sq ft", "10 m² = 107.6391 sq ft"),
        ("1,500 m in km", "1,500 m = 1.5 km"),
        ("8.5 x 10^3 m in km", "8,500 m = 8.5 km"),
        ("100 km per hour in miles per hour", "100 km per hour = 62.137119 miles per hour"),
        ("500 kcal in kJ", "500 kcal = 2,092 kJ"),
        ("2 GB in MB", "2 GB = 2,000 MB"),
        ("3 tons in kg", "3 tons = 2,721.5542 kg (ton = short ton, US)"),
        ("5 mi km", "5 mi = 8.04672 km"),
        ("100 km/h mph", "100 km/h = 62.137119 mph"),
        ("from kg to lb: 82", "82 kg = 180.77905 lb"),
        ("98.6 f", "98.6 °F = 37 °C"),
        ("5k in miles", "5 km = 3.106856 miles"),
        ("3/4 inch in mm", "0.75 inch = 19.05 mm"),
        ("1 h 20 in minutes", "1 h 20 min = 80 minutes"),
        ("7 l/100km in mpg", "7 l/100km = 33.60 mpg (gallon = US)"),
        ("35 mpg in l/100km", "35 mpg = 6.72 l/100km (gallon = US)"),
        ("6.5 litres per 100 km to mpg uk", "6.5 litres per 100 km = 43.46 mpg uk"),
        ("180 cm in feet and inches", "180 cm = 5 ft 10.87 in"),
        ("95 minutes in hours and minutes", "95 minutes = 1 h 35 min"),
        ("70 m2 in sq ft", "70 m² = 753.47373 sq ft"),
        ("70 square metres to square feet", "70 square metres = 753.47373 square feet"),
        ("My room is 4 m by 5 m, how many square feet?", "20 square meter = 215.27821 square feet"),
        (
            "Our flat is 70 square metres. My American friend asks how many square feet that is.",
            "70 square metres = 753.47373 square feet",
        ),
        (
            "Convert 10 miles to kilometres and translate the result into Portuguese.",
            "10 miles = 16.09344 kilometres",
        ),
        ("1 cup of flour in ml", "1 cup = 236.58824 ml (cup = US)"),
    ],
)
def test_it_converts(call: Call, asked: str, expected: str):
    assert call("convert_units", Text(asked)).text == expected


def test_the_unit_may_be_given_apart(call: Call):
    assert call("convert_units", Text("5 miles"), "km").text == "5 miles = 8.04672 km"


@pytest.mark.parametrize(
    "to", ["Convert the weight on this label to pounds.", "label weight in lbs"]
)
def test_the_unit_is_found_in_a_sentence_about_what_was_read(call: Call, to: str):
    said = call("convert_units", Text("ORGANIC FLOUR\nNet weight: 25 kg"), to).text

    assert said.startswith("25 kg = 55.115566 ")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("5 miles in kg", "length and mass"),
        ("200 g of butter in cups", "mass and length"),
        ("3pm London time in New York", "time zones"),
        ("20 quid in euros", "currency"),
        ("10 dollars in euros", "currency"),
        ("20 € in yen", "currency"),
        ("5 blorps in km", "no unit"),
        ("5 miles", "which unit is wanted"),
        ("hello", "which unit is wanted"),
        ("miles in km", "which unit is wanted|no number"),
        ("-300 C to K", "absolute zero"),
        ("1e300 km in nm", "out of range"),
        ("", "Expected 1 to"),
        ("9" * 600, "Expected 1 to"),
    ],
)
def test_what_cannot_be_converted_says_why(call: Call, asked: str, message: str):
    with pytest.raises(PortViolation, match=message):
        call("convert_units", Text(asked))


@pytest.mark.parametrize(
    "asked",
    [
        "10**10**10 m in km",
        "1 m**99999999 in km",
        "__import__('os').system('x') m in km",
        "5 m in " + "k" * 400,
        "1 " * 200 + "m in km",
        "5 (m) in ().__class__",
    ],
)
def test_hostile_text_is_refused_quickly(call: Call, asked: str):
    call("convert_units", Text("1 m in km"))
    began = time.process_time()

    with pytest.raises(PortViolation):
        call("convert_units", Text(asked))

    assert time.process_time() - began < 5


EXPERT: Any = next(each for each in first_party() if each.name == "convert_units")


@given(st.text("0123456789 .,-/*^'\"miles kg in to C F°²", max_size=30))
def test_any_wish_is_answered_or_refused(asked: str):
    try:
        said = EXPERT(Text(asked)).text
    except PortViolation as refusal:
        said = str(refusal)
    assert said


@given(st.floats(-1e6, 1e6).map(lambda each: round(each, 3)))
def test_there_and_back_is_the_same(value: float):
    there = EXPERT(Text(f"{value:f} km"), "m").text.split(" = ")[1].split()[0].replace(",", "")

    assert float(there) == pytest.approx(value * 1000, rel=1e-6, abs=1e-3)


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (
            "convert 5 miles to km and 3 kg to pounds",
            ["5 miles = 8.04672 km", "3 kg = 6.6138679 pounds"],
        ),
        ("5 ft and 10 in to cm", ["5 ft 10 in = 177.8 cm"]),
        ("5 miles and 10 miles in km", ["5 miles = 8.04672 km", "10 miles = 16.09344 km"]),
        ("5 km in miles and feet", ["5 km = 3.106856 miles", "5 km = 16,404.199 feet"]),
        ("I ran 10 km. How far is that in miles?", ["10 km = 6.2137119 miles"]),
        (
            "the bag weighs 23 kg and the trip is 300 km. convert to pounds and miles",
            ["23 kg = 50.70632 pounds", "300 km = 186.41136 miles"],
        ),
        ("twenty-five degrees celsius in fahrenheit", ["25 °C = 77 °F"]),
        ("1.250,5 m in km", ["1,250.5 m = 1.2505 km"]),
    ],
)
def test_several_conversions_and_numbers_as_people_write_them(
    call: Call, question: str, lines: list[str]
):
    assert call("convert_units", Text(question)).text.splitlines() == lines


@pytest.mark.parametrize(
    "question",
    [
        "12*3 and 40 km in miles",
        "40 km in miles and 12 * 3",
        "what is 7 times 8 and 40 km in miles",
    ],
)
def test_a_calculation_beside_a_conversion_is_left_to_who_calculates(call: Call, question: str):
    assert str(call("convert_units", Text(question))) == "40 km = 24.854848 miles"


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("350 fahrenheit in celsius pls", ["350 °F = 176.66667 °C"]),
        ("convert 10 miles to km pls", ["10 miles = 16.09344 km"]),
        ("10 miles to km, please!", ["10 miles = 16.09344 km"]),
        ("10 miles to km? thanks a lot.", ["10 miles = 16.09344 km"]),
        ("10 miles in km, por favor", ["10 miles = 16.09344 km"]),
        ("thx! plz convert 10 miles to km thank you", ["10 miles = 16.09344 km"]),
        (
            "350 fahrenheit in celsius pls, and 12 stone in kg",
            ["350 °F = 176.66667 °C", "12 stone = 76.203518 kg"],
        ),
    ],
)
def test_politeness_is_no_unit(call: Call, question: str, lines: list[str]):
    assert call("convert_units", Text(question)).text.splitlines() == lines


def test_a_unit_that_is_given_apart_may_be_polite(call: Call):
    assert call("convert_units", Text("5 miles"), "km pls").text == "5 miles = 8.04672 km"


def test_politeness_alone_is_refused(call: Call):
    with pytest.raises(PortViolation, match="please"):
        call("convert_units", Text("please"))


_CLIP = (
    "Good evening, this is Radio Vale. The road is closed between 6 and 11 in the morning. "
    "The temperature will reach 31 degrees."
)


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        (_CLIP, "Whats the temprature in the radio clip in farenheit", "31 °C = 87.8 °F"),
        (_CLIP.replace("31", "thirty-one"), "fahrenheit", "31 °C = 87.8 °F"),
        (_CLIP * 6, "Farenhite", "31 °C = 87.8 °F"),
        ("What is 31 degrees in farenheit?", "", "31 °C = 87.8 °F"),
        ("20 celcius in fahrenheit", "", "20 °C = 68 °F"),
        ("45 degrees in radians", "", "45 degrees = 0.78539816 radians"),
    ],
)
def test_what_stands_in_a_text_is_converted(call: Call, text: str, to: str, expected: str):
    assert str(call("convert_units", Text(text), to)) == expected


def test_a_text_without_such_a_quantity_is_refused(call: Call):
    with pytest.raises(PortViolation, match=r"no quantity that could be converted to 'miles'"):
        call("convert_units", Text(_CLIP), "miles")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("How many litres are 10 gallons, and what is 8 * 15?", "10 gallons = 37.8"),
        ("72 F in C + 72/8", "72 °F = 22.2"),
        ("100 mph -> km/h & 20% of 80", "100 mph = 160.9"),
        ("75 kg in lbs (and 75*2)", "75 kg = 165.3"),
        ("15% of 640 and 70 m2 in sq ft", "70 m² = 753.4"),
        ("180 cm in feet and inches, also what's 15% of 60", "180 cm = 5 ft 10.87 in"),
        ("half of 375, and 2 cups in ml", "2 cups = 473.1"),
        ("a marathon is 42.195 km. In miles? And what is 42.195 divided by 4?", "42.195 km = 26.2"),
    ],
)
def test_a_sum_beside_a_conversion_is_left_to_others(call: Call, asked: str, expected: str):
    made = str(call("convert_units", Text(asked)))

    assert made.startswith(expected)
    assert "\n" not in made


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("what's 425 Fahrenheit?", "425 °F = 218.3"),
        ("Our oven shows Celsius: what's 425 Fahrenheit?", "425 °F = 218.3"),
        ("how hot is 39 celsius", "39 °C = 102.2"),
        ("I ran 10 km. How many miles?", "10 km = 6.21"),
        ("my son is 1.83 m tall, that's how many feet?", "1.83 m = 6.00"),
        ("6 feet 2 -> cm", "6 ft 2 in = 187.96 cm"),
        ("3/4 inch in mm", "0.75 inch = 19.05 mm"),
        ("2 1/2 cups in ml", "2.5 cups = 591.4"),
    ],
)
def test_the_unit_wanted_is_read_where_it_is_said_otherwise(call: Call, asked: str, expected: str):
    assert str(call("convert_units", Text(asked))).startswith(expected)

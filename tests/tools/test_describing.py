"""Descriptions: made of what is there, and honest where nothing was recognised."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import clock, stop_sign
from PIL import Image as pil

from herd_graph.artifacts import Image, attach

Call = Callable[..., Any]
colour: Any = import_module("herd_graph._bundled.tools.colours")


def test_things_text_colours_and_size_are_described(call: Call):
    said = str(call("describe_image", Image(stop_sign())))

    assert said.startswith("A square picture, 416 x 416 pixels, mostly light blue")
    assert "It seems to show 1 stop sign in the middle." in said
    assert "It has text on it: “STOP”." in said


def test_several_things_are_counted(call: Call):
    wide = pil.new("RGB", (832, 416))
    wide.paste(clock(), (0, 0))
    wide.paste(stop_sign(), (416, 0))

    said = str(call("describe_image", Image(wide)))

    assert said.startswith("A wide picture, 832 x 416 pixels")
    assert "It seems to show 1 clock and 1 stop sign." in said


def test_the_text_of_a_receipt_is_quoted(call: Call, samples: Path):
    said = str(call("describe_image", attach(samples / "receipt.png")))

    assert said.startswith("A tall picture")
    assert "“NORTH STREET BAKERY / 12 North Street, Lisbon" in said
    assert "None of the 80 kinds of things that the detector knows was found." in said


@pytest.mark.parametrize("name", ["white", "red", "black", "green"])
def test_a_plain_picture_is_called_plain(call: Call, name: str):
    said = str(call("describe_image", Image(pil.new("RGB", (300, 200), name))))

    assert said == f"A plain {name} picture, 300 x 200 pixels, with nothing on it."


def test_what_is_not_recognised_is_not_invented(call: Call):
    gradient = pil.linear_gradient("L").convert("RGB")

    said = str(call("describe_image", Image(gradient)))

    assert said.endswith(
        "None of the 80 kinds of things that the detector knows was found, and no text was read."
    )
    assert "seems to show" not in said


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 255, 255), "white"),
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
        ((220, 20, 20), "red"),
        ((250, 150, 20), "orange"),
        ((250, 240, 30), "yellow"),
        ((20, 140, 40), "green"),
        ((30, 60, 220), "blue"),
        ((10, 20, 90), "dark blue"),
        ((170, 200, 250), "light blue"),
        ((120, 70, 25), "brown"),
        ((235, 215, 175), "beige"),
        ((255, 182, 193), "pink"),
        ((120, 30, 180), "purple"),
    ],
)
def test_colours_have_the_names_that_people_use(rgb: tuple[int, int, int], name: str):
    assert colour.colour_name(*rgb) == name


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_every_colour_has_a_name(rgb: tuple[int, int, int]):
    assert colour.colour_name(*rgb)


def test_the_largest_colours_come_first():
    picture = pil.new("RGB", (100, 100), "blue")
    picture.paste(pil.new("RGB", (100, 30), "white"), (0, 0))

    assert colour.colours(picture) == ["blue", "white"]

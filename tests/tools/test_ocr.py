"""Reading: freshly drawn pictures, words and their order."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Image, attach
from herd_graph.errors import ArtifactUnreadable, PortViolation

Call = Callable[..., Any]
ocr: Any = import_module("herd_graph._bundled.tools.ocr")


def drawn(
    *rows: tuple[int, int, str],
    size: tuple[int, int] = (640, 320),
    ink: Any = "black",
    paper: Any = "white",
) -> pil.Image:
    picture = pil.new("RGB", size, paper)
    draw = ImageDraw.Draw(picture)
    for x, y, text in rows:
        draw.text((x, y), text, ink, font=ImageFont.load_default(30))
    return picture


def test_lines_are_read_in_order_and_put_together(call: Call):
    picture = drawn(
        (30, 30, "Blue Harbour Cafe"),
        (30, 100, "Orange juice"),
        (500, 102, "3.80"),
        (30, 160, "Toast"),
        (500, 158, "2.40"),
        (30, 240, "Thank you"),
    )

    read = str(call("read_text", Image(picture)))

    assert read.splitlines() == [
        "Blue Harbour Cafe",
        "Orange juice 3.80",
        "Toast 2.40",
        "Thank you",
    ]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_picture_that_lies_on_its_side_or_head_is_turned(call: Call, angle: int):
    picture = drawn((30, 60, "Apples"), (480, 60, "4.10"), (30, 140, "Pears"), (480, 140, "5.20"))

    read = str(call("read_text", Image(picture.rotate(angle, expand=True))))

    assert read.splitlines() == ["Apples 4.10", "Pears 5.20"]


def test_a_picture_taken_at_an_angle_is_read_by_lines(call: Call):
    picture = drawn((30, 60, "Apples"), (480, 60, "4.10"), (30, 140, "Pears"), (480, 140, "5.20"))
    turned = picture.rotate(4, expand=True, fillcolor="white", resample=pil.Resampling.BICUBIC)

    read = str(call("read_text", Image(turned)))

    assert read.splitlines() == ["Apples 4.10", "Pears 5.20"]


def test_white_on_black_transparency_and_grey_are_read(call: Call):
    dark = drawn((30, 60, "Night shift"), ink="white", paper="black", size=(400, 160))
    clear = pil.new("RGBA", (400, 160), (0, 0, 0, 0))
    ImageDraw.Draw(clear).text((30, 60), "Clear paper", "black", font=ImageFont.load_default(30))
    grey = drawn((30, 60, "Grey day"), ink=(90, 90, 90), paper=(200, 200, 200), size=(400, 160))

    read = [str(call("read_text", Image(each))) for each in (dark, clear, grey.convert("L"))]

    assert read == ["Night shift", "Clear paper", "Grey day"]


def test_the_samples_read_as_drawn(call: Call, samples: Path):
    sign = str(call("read_text", attach(samples / "sign.png")))
    receipt = str(call("read_text", attach(samples / "receipt.png")))

    assert sign.splitlines() == [
        "DELIVERY ENTRANCE",
        "Please ring the bell twice",
        "Door code: 17 * 23 + 9",
        "Open 7:30 - 16:00",
    ]
    assert receipt.splitlines()[0] == "NORTH STREET BAKERY"
    assert receipt.splitlines()[3:7] == [
        "2 Rye bread 9.00",
        "1 Butter 3.25",
        "6 Cinnamon rolls 10.80",
        "1 Coffee beans 7.45",
    ]


@pytest.mark.parametrize("size", [(300, 200), (1, 1), (4, 900)])
def test_a_picture_without_text_is_an_error_that_says_so(call: Call, size: tuple[int, int]):
    blank = Image(pil.new("RGB", size, "white"), name="blank.png")

    with pytest.raises(PortViolation, match=r"No text was found in 'blank\.png'"):
        call("read_text", blank)


def test_a_truncated_picture_is_an_error(call: Call, samples: Path):
    whole = (samples / "sign.png").read_bytes()

    with pytest.raises(ArtifactUnreadable):
        call("read_text", Image(whole[: len(whole) // 2], name="cut.png"))


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=12, unique=True),
    st.floats(-0.12, 0.12),
    st.randoms(use_true_random=False),
)
def test_order_does_not_depend_on_how_boxes_come(rows: list[int], tilt: float, random: Any):
    import math

    boxes: list[Any] = []
    for row in sorted(rows):
        for column in range(3):
            x, y = 200.0 * column, 60.0 * row
            turned = (
                x * math.cos(tilt) - y * math.sin(tilt),
                x * math.sin(tilt) + y * math.cos(tilt),
            )
            boxes.append(ocr.Box(f"r{row}c{column}", turned[0], turned[1], 30.0, tilt))
    shuffled = boxes.copy()
    random.shuffle(shuffled)

    expected = [f"r{row}c0 r{row}c1 r{row}c2" for row in sorted(rows)]

    assert ocr.lines(shuffled) == expected


def box(text: str, score: float = 0.99, height: float = 40) -> Any:
    return ocr.Box(text=text, x=0, y=0, height=height, slope=0, score=score)


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        ([box("8", 0.98, 590)], []),  # a plate on a table
        ([box("***", 0.92), box("**", 0.93), box("K", 0.92)], []),
        ([box("3460K ON0O", 0.56), box("★★★", 0.67)], []),
        ([box("HOPPER"), box("R399OH", 0.8), box("X1", 0.77)], ["HOPPER"]),
        ([box("12", 0.97)], ["12"]),  # the number of a house
        ([box("EXIT", 0.75)], ["EXIT"]),  # hard to read, and a word
        ([box("48 *12 + 7", 0.896)], ["48 *12 + 7"]),  # a sum on a board
        ([box("10:30", 0.8)], ["10:30"]),
    ],
)
def test_what_only_looks_like_writing_is_no_text(boxes: list[Any], kept: list[str]):
    assert [each.text for each in ocr.written(boxes, 600)] == kept


def test_a_page_is_taken_as_it_was_read():
    page = [
        box("TOTAL"),
        box("CASH"),
        box("CHANGE"),
        box("4x", 0.6),
        box("A4B5C6", 0.55),
        box("--"),
    ]

    assert [each.text for each in ocr.written(page, 900)] == [
        "TOTAL",
        "CASH",
        "CHANGE",
        "4x",
        "A4B5C6",
    ]

"""What a check may know of a picture without reading it."""

from __future__ import annotations

import io

import pytest
from PIL import Image as Drawing
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Image
from herd_graph.coordination.checks.sounds import letters

LINES = ["Breakfast from eight to ten", "The pool closes at sunset", "Keys go into the box"]
WRITTEN = sum(len(each.replace(" ", "")) for each in LINES)


def page(*, framed: bool, degrees: float = 0.0) -> Image:
    drawing = Drawing.new("L", (700, 320), 250)
    pen = ImageDraw.Draw(drawing)
    if framed:
        pen.rectangle((12, 12, 688, 308), outline=20, width=8)
    font = ImageFont.load_default(32)
    for number, line in enumerate(LINES):
        pen.text((60, 50 + 80 * number), line, fill=10, font=font)
    held = io.BytesIO()
    drawing.rotate(degrees, fillcolor=250).save(held, "PNG")
    return Image(held.getvalue())


@pytest.mark.parametrize("framed", [False, True])
def test_the_letters_of_a_page_are_estimated_with_a_frame_and_without(framed: bool):
    assert 0.7 * WRITTEN < letters(page(framed=framed)) < 1.6 * WRITTEN


def test_nothing_is_told_of_a_page_whose_lines_no_blank_rows_part():
    assert letters(page(framed=True, degrees=12.0)) == 0

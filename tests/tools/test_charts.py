# ruff: noqa: RUF001 - letters of several scripts
"""Charts: what is drawn, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import difficult_documents as documents
import numpy as np
import pytest

from herd_graph.artifacts import Document, Image, Table, Text
from herd_graph.errors import ArtifactError, PortViolation

Call = Callable[..., Any]
SALES = Table(
    b"City,Sales,Profit\nPorto,120,30\nLisbon $5 $6,200,-4\nFaro,15,2\n", name="sales.csv"
)


def colours(picture: Image) -> set[tuple[int, ...]]:
    """The colours that fill more than a hundredth of the picture."""
    flat = picture.array().reshape(-1, 3)
    found, counts = np.unique(flat, axis=0, return_counts=True)
    return {
        tuple(int(each) for each in colour)
        for colour, count in zip(found, counts, strict=True)
        if count > len(flat) / 100
    }


@pytest.mark.parametrize("kind", ["bar", "line", "scatter"])
def test_each_kind_draws_something(call: Call, kind: str):
    made = call("draw_chart", SALES, kind)

    assert made.name == f"sales - {kind} chart.png"
    assert made.dimensions == (880, 550)
    assert made.array().std() > 5


def test_bars_are_as_high_as_their_numbers(call: Call):
    made = call("draw_chart", Table(b"n,v\na,10\nb,20\n"))

    blue = (made.array() == (31, 119, 180)).all(axis=2).sum(axis=0)
    heights = sorted(set(blue[blue > 20].tolist()))

    assert heights[-1] / heights[0] == pytest.approx(2, rel=0.05)


def test_the_request_names_the_columns(call: Call):
    one = call("draw_chart", SALES, "bar", Text("profit by city"))
    both = call("draw_chart", SALES, "bar")

    assert len(colours(one)) < len(colours(both))
    assert call("draw_chart", SALES, "pie", Text("sales by city")).dimensions == (880, 550)


def test_a_workbook_and_a_series_of_years(call: Call):
    book = documents.workbook(("S", [["Year", "Visitors"], [2023, 5], [2024, 8], [2025, 13]]))

    assert call("draw_chart", Document(book, name="y.xlsx"), "line").dimensions == (880, 550)


@pytest.mark.parametrize(
    "content",
    [
        "שם,מספר\nתל אביב,5\n",
        "الاسم,عدد\nالرياض,3\n",
        "_x,v\na\\alpha_b^2 $\\frac{,1\n",
        "Ή,я\nΔ,1\n",
    ],
)
def test_difficult_letters_are_drawn(call: Call, content: str):
    assert (
        call("draw_chart", Table(content.encode("utf-16"), name="../../x.csv")).name
        == "x - bar chart.png"
    )


def test_letters_without_a_glyph_are_not_drawn_as_boxes(call: Call):
    with pytest.raises(PortViolation, match="no sign for some letters"):
        call("draw_chart", Table("name,n\n東京,5\n".encode()))


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"a,b\nx,y\n", "bar", "no column of numbers"),
        (b"a,b\n", "bar", "no rows"),
        (b"n,v\na,-1\nb,2\n", "pie", "shares of a whole"),
        (b"n,v\na,0\n", "pie", "shares of a whole"),
        (b"n,v,w\na,1,2\n", "pie", "at most 1"),
        (b"n,v\na,1\n", "scatter", "two columns"),
        (b"n,v\n" + b"a,1\n" * 61, "bar", "at most 60"),
        (b"n,v,w\na,5%,3 EUR\n", "bar", "different units"),
    ],
)
def test_what_would_mislead_is_refused(call: Call, content: bytes, kind: str, message: str):
    with pytest.raises(PortViolation, match=message):
        call("draw_chart", Table(content), kind)


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 40])
def test_what_is_no_table_is_refused(call: Call, content: bytes):
    with pytest.raises(ArtifactError):
        call("draw_chart", Table(content))

"""What is asked in the plural is done for every file of the kind."""

from __future__ import annotations

import pytest

from herd_graph.cards import Port
from herd_graph.routing.golds import Wanted, expression
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.reading import Given
from herd_graph.routing.neural.spreading import spread
from herd_graph.types import Kind

PICTURES = [
    (Given(name, f"image {name}.png"), Port(name=name, kind=Kind.IMAGE)) for name in ("a1", "a2")
]


def parsed(gold: str) -> Parsed:
    parts = tuple(expression(each) for each in gold.split(" ; "))
    return Parsed(wanted=Wanted(parts=parts), probability=0.5, looks=())


@pytest.mark.parametrize(
    "text", ["what's on the signs", "read both photos", "describe them all: both"]
)
def test_the_plural_means_every_file(text: str) -> None:
    made = spread(parsed("read_text(a1)"), text, PICTURES)

    assert made.wanted.parts == (expression("read_text(a1)"), expression("read_text(a2)"))


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("what's on the sign", "read_text(a1)"),
        ("read the first of the photos", "read_text(a1)"),
        ("which of the photos shows a dog", "read_text(a1)"),
        ("read both photos", "read_text(a1) ; read_text(a2)"),
        ("the words on the tables", "read_text(a1)"),
    ],
)
def test_one_file_stays_one(text: str, gold: str) -> None:
    before = parsed(gold)

    assert spread(before, text, PICTURES) is before


@pytest.mark.parametrize("text", ["text x2", "2x the words", "OCR, ×2 please"])
def test_as_many_files_as_are_counted_are_meant(text: str) -> None:
    made = spread(parsed("read_text(a1)"), text, PICTURES)

    assert made.wanted.parts == (expression("read_text(a1)"), expression("read_text(a2)"))


@pytest.mark.parametrize(
    "text", ["text x3", "words, 2 x 4 cm", "is 2x3 written there", "x2.5 size"]
)
def test_other_counts_mean_no_files(text: str) -> None:
    assert len(spread(parsed("read_text(a1)"), text, PICTURES).wanted.parts) == 1

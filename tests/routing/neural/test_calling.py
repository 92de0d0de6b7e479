"""Which file a clause names: by its name in any language, or by what it is."""

from __future__ import annotations

import pytest

from herd_graph.cards import Port
from herd_graph.routing.neural.calling import called, named
from herd_graph.routing.neural.reading import Given
from herd_graph.types import Kind

FILES = [
    (Given("a1", "image poster.png"), Port(name="a1", kind=Kind.IMAGE)),
    (Given("a2", "text carta.txt"), Port(name="a2", kind=Kind.TEXT)),
    (Given("a3", "audio ines_02.wav"), Port(name="a3", kind=Kind.AUDIO)),
]


@pytest.mark.parametrize(
    ("clause", "symbols"),
    [
        ("read the poster", ["a1"]),
        ("write a summary of the doctor's letter", ["a2"]),  # by its name in another language
        ("is the mail friendly?", ["a2"]),  # the one text
        ("what does the sign say", ["a1"]),  # the one picture
        ("transcribe the voicemail", ["a3"]),
        ("what does Ines say?", ["a3"]),
        ("compare the letter and the poster", ["a1", "a2"]),
        ("give them titles", ["a1", "a2", "a3"]),
    ],
)
def test_a_noun_names_a_file(clause: str, symbols: list[str]) -> None:
    assert [given.symbol for given, _ in named(clause, FILES)] == symbols


def test_a_sort_of_which_there_are_two_names_neither() -> None:
    two = [
        (Given("a1", "text one.txt"), Port(name="a1", kind=Kind.TEXT)),
        (Given("a2", "text two.txt"), Port(name="a2", kind=Kind.TEXT)),
    ]

    assert named("translate the letter", two) == two
    assert called(two[0][0]) == {"one"}

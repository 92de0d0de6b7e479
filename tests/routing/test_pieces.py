"""The pieces of a request in notes, and the plan of each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neural_router import plan
from routing_gold import render

from herd_graph.routing.pieces import pieces_of


@pytest.mark.parametrize(
    ("text", "files", "found"),
    [
        ("rubbish day; lang of 2nd", 2, ["rubbish day", "lang of 2nd"]),
        ("lang of note 1? note 2?", 2, ["lang of note 1", "lang of note 2"]),
        ("pic shows what / other file which type", 2, ["pic shows what", "other file which type"]),
        ("1: # stop signs, 2: text", 2, ["# stop signs", "text"]),
        ("1: # stop signs, 2: text", 3, []),
        ("title; translate it", 1, []),
        ("title; both in Portuguese", 1, []),
        ("summary; photo stays as is", 2, []),
        ("unpaid > 500? announce the figure", 1, []),
        ("Please sum it up; then give it a title", 1, []),
        ("voice pls: number of cats; room description", 1, []),
        ("names / dates", 1, ["names", "dates"]),
        ("just one thing", 1, []),
        ("", 1, []),
    ],
)
def test_the_pieces_of_notes(text: str, files: int, found: list[str]) -> None:
    assert pieces_of(text, files) == found


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "text:rules.txt text:german.txt",
            "rubbish day; lang of 2nd",
            "chat('rubbish day?', a1) ; identify_language(a2)",
        ),
        (
            "text:german.txt text:spanish.txt",
            "lang of note 1? note 2?",
            "identify_language(a1) ; identify_language(a2)",
        ),
        (
            "image:street.png image:poster.png",
            "1: # stop signs, 2: text",
            "count_objects(a1, 'number of stop signs') ; read_text(a2)",
        ),
        ("text:a.txt", "title; summary", "summarize(a1) ; write_title(a1)"),
    ],
)
def test_no_piece_is_lost(files: str, text: str, made: str) -> None:
    assert render(plan(text, files)).replace(", summary", "") == made


@given(st.text(max_size=120), st.integers(1, 3))
def test_pieces_are_several_or_none(text: str, files: int) -> None:
    found = pieces_of(text, files)

    assert len(found) != 1
    assert all(each.strip() for each in found)

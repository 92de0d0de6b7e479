"""A tune's notes are asked in the words of their table."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Write down this melody and tell me what the highest note is", "the highest midi?"),
        ("what is the first note and the last note?", "the highest start_s?"),
        ("How many notes does the tune have and how long is it?", "How many rows are there?"),
        ("what is the lowest note in the tune?", "the lowest midi?"),
        ("What notes are these and what is the highest?", "the highest midi?"),
    ],
)
def test_it_is_asked_for_what_it_has(text: str, asked: str):
    found = plan(text, "audio:tune.wav")

    assert asked in render(found)
    assert not found.unmet


def test_which_note_comes_most_often_is_asked_as_it_stands():
    made = render(plan("Which note is played most often?", "audio:tune.wav"))

    assert "Which note is played most often?" in made

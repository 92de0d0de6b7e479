"""What a recording or a note asks to be worked out."""

from __future__ import annotations

import pytest

from tools.as_told import as_told


@pytest.mark.parametrize(
    ("message", "text", "done"),
    [
        (
            "Answer the question in this recording.",
            "Please convert 12 miles to kilometers.",
            "12 miles = 19.312128 kilometers",
        ),
        ("do what the note asks", "What is fifteen times four?", "60"),
        ("Somebody left me this, please answer it.", "What is 15 times 4?", "60"),
        ("what's the answer?", "What is 15% of 640? And 3 kg in pounds.", None),
        ("work out what it asks", "What is 15% of 640? Convert 3 kg to pounds.", "96\n3 kg = 6.61"),
        ("give me the result", "How much is 1000 at 4% after 2 years?", "Value after 2 years"),
    ],
)
def test_what_is_asked_there_is_worked_out(message: str, text: str, done: str | None):
    made = as_told(message, text)

    assert made is None if done is None else made is not None and made.startswith(done)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("What does the note say?", "What is 15 times 4?"),
        ("Answer the letter", "Dear Ann, what is 4 times 5? Please write soon."),
        ("answer this email politely", "We need 12 chairs. How much is that?"),
        ("answer the question", "How many people came? 45 people came."),
        ("answer the question", "Where is the station?"),
        ("answer it", "What is 2 + 2? " + "It rained again. " * 40),
    ],
)
def test_other_wishes_and_other_texts_are_left_alone(message: str, text: str):
    assert as_told(message, text) is None

"""Words that only say how an answer is told."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


def test_what_is_told_aloud_is_the_answer_before_it() -> None:
    asked = "What share, I mean how much money, goes into rent and food together?"

    found = render(plan(f"{asked} And tell it to me aloud.", "table:budget.csv")).split(" ; ")

    assert found == [f"query_table(a1, '{asked}')", f"speak(query_table(a1, '{asked}'))"]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Read this story aloud in English and in Portuguese.", "speak(a1) ; speak(translate(a1, pt))"),
        ("Read this story aloud, and a Portuguese version to read myself", "speak(a1) ; translate(a1, pt)"),
    ],
)  # fmt: skip
def test_both_languages_are_heard_where_both_are_to_be_read_aloud(text: str, made: str) -> None:
    assert render(plan(text, "text:story.txt")) == made


def test_a_text_is_asked_without_the_language_of_the_answer_and_its_own_name() -> None:
    found = render(plan("what to bring, acc. to recording, in portuguese", "audio:meeting.wav"))

    assert found == "translate(chat('what to bring', transcribe(a1)), pt)"

"""What is printed in a picture, and what is seen in it; answers in another language."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "What's on the table and what are the main colours?",
            "describe_image(a1)",
        ),
        ("How many cats are there?", "count_objects(a1, cat, 'How many cats are there?')"),
        (
            "Who lost a cat and what is the reward? In Portuguese please",
            "chat('Who lost a cat and what is the reward?', read_text(a1)) ; translate(chat('Who lost a cat and what is the reward?', read_text(a1)), pt)",
        ),
    ],
    ids=["seen", "counted", "printed"],
)
def test_a_question_goes_to_who_can_tell(text: str, made: str):
    found = plan(text, "image:picture.jpg")

    assert " ; ".join(dict.fromkeys(render(found).split(" ; "))) == made
    assert not found.unmet


def test_a_text_that_is_given_in_quotes_is_read_whole():
    given = "Welcome to platform four. The train to Bristol leaves at ten past three. Please stand behind the yellow line."

    assert render(plan(f'Read this aloud: "{given}"', "")) == f"speak('{given}')"


def test_what_is_also_wanted_in_another_language_is_shown_in_both():
    found = plan("Summarise the complaint in one sentence, then in Portuguese", "text:mail.txt")

    assert [each.ask for each in found.answers] == [
        "Summarise the complaint in one sentence",
        "then in Portuguese",
    ]
    assert render(found).startswith("summarize(a1, 1, 'Summarise the complaint in one sentence')")


def test_how_long_a_note_of_somebody_is_its_file_says():
    found = plan("how long is Marta's note and is she happy?", "audio:note.wav")

    assert "identify_file(a1)" in render(found)

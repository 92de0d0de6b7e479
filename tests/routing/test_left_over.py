"""A plain question that nobody took is asked of the file, and no speech is taken for music."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("files", "text", "made"),
    [
        (
            "video:plant.mp4",
            "What steps does she explain, and subtitles please",
            "chat('What steps does she explain?', transcribe_video(a1)) ; transcribe_video(a1, srt)",
        ),
        (
            "audio:trip.wav",
            "How fast did they drive on average?",
            "chat('How fast did they drive on average?', transcribe(a1))",
        ),
        (
            "audio:trip.wav",
            "How much petrol did they use and how many gallons is that?",
            "chat('How much petrol did they use', transcribe(a1)) ; convert_units(chat('How much petrol did they use', transcribe(a1)), 'how many gallons is that?')",
        ),
        (
            "image:menu.png",
            "What is the cheapest thing on the menu and what do 4 of them cost?",
            "calculate(chat('What is the cheapest thing on the menu', read_text(a1)), 'what do 4 of them cost?') ; chat('What is the cheapest thing on the menu', read_text(a1))",
        ),
        (
            "audio:note.wav",
            "Transcribe the note and tell me what to buy",
            "chat('tell me what to buy?', transcribe(a1)) ; transcribe(a1)",
        ),
    ],
    ids=["left", "deaf", "unit", "several", "to buy"],
)
def test_it_is_asked(files: str, text: str, made: str):
    found = plan(text, files)

    assert render(found) == made
    assert not found.unmet


def test_how_long_a_contract_is_is_no_fact_of_its_file():
    found = plan(
        "When does the lease start, how long is it and what is the rent?", "text:lease.txt"
    )

    assert "identify_file" not in render(found)

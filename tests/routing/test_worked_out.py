"""What a file asks to be worked out."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("file", "text", "made"),
    [
        ("audio:miles.wav", "do the conversion he asks for in the clip", "convert_units(transcribe(a1))"),
        (
            "audio:miles.wav",
            "Please do the conversion that he wants and give me the result.",
            "convert_units(transcribe(a1))",
        ),
        (
            "audio:miles.wav",
            "There is a conversion asked for in this sound clip. Do it and give the result.",
            "convert_units(transcribe(a1))",
        ),
        ("image:board.png", "solve the whiteboard", "calculate(read_text(a1))"),
        ("image:label.png", "Convert the weight on this label to pounds.", "convert_units(read_text(a1), pounds)"),
        ("table:sales.csv", "convert it to json", "convert_table(a1, json, 'convert it to json')"),
        ("audio:memo.wav", "write down the recording", "transcribe(a1)"),
    ],
)  # fmt: skip
def test_who_reckons_is_given_what_the_file_says(file: str, text: str, made: str) -> None:
    assert render(plan(text, file)) == made


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("audio:memo.wav", "do the conversion of this recording to mp3"),
        ("image:board.png", "solve the crime in this picture"),
    ],
)
def test_another_kind_of_work_is_no_sum(file: str, text: str) -> None:
    found = render(plan(text, file))

    assert "convert_units" not in found
    assert "calculate" not in found

"""Which language a text is in, and when that cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("The city council decided to close the old bridge for repairs.", "en", "English"),
        ("A câmara municipal decidiu fechar a ponte velha para obras.", "pt", "Portuguese"),
        ("Det är en mycket fin dag idag och vi går till stranden.", "sv", "Swedish"),
        ("Der Zug nach München fährt heute leider zehn Minuten später ab.", "de", "German"),
        ("الطقس جميل اليوم والشمس مشرقة في السماء الزرقاء", "ar", "Arabic"),
        ("שלום לכולם, היום מזג האוויר יפה מאוד", "he", "Hebrew"),
        ("今日はとても天気がいいので、散歩に行きましょう。", "ja", "Japanese"),
        ("Сегодня очень хорошая погода, и мы идём гулять в парк.", "ru", "Russian"),
    ],
)
def test_plain_texts_are_identified_without_a_doubt(call: Call, text: str, code: str, name: str):
    found = call("identify_language", Text(text))

    assert (found.code, found.language, found.note) == (code, name, "")
    assert found.score > 0.75


@pytest.mark.parametrize("text", ["ok", "Hola", "hello world", "Maria", "a"])
def test_a_word_or_two_is_never_said_with_confidence(call: Call, text: str):
    found = call("identify_language", Text(text))

    assert found.score <= 0.5
    assert found.note


def test_utf_16_is_read(call: Call, tmp_path: Any):
    path = tmp_path / "nota.txt"
    path.write_bytes(
        "A reunião começa amanhã às nove horas no edifício principal.".encode("utf-16")
    )

    assert call("identify_language", Text(path)).code == "pt"


def test_a_megabyte_is_answered_from_its_beginning_middle_and_end(call: Call):
    long = "The quick brown fox jumps over the lazy dog near the river bank. " * 20_000

    assert call("identify_language", Text(long)).code == "en"


@pytest.mark.parametrize("text", ["", " \n", "12345 67", "😀😀😀", "?!…"])
def test_what_holds_no_letters_is_refused(call: Call, text: str):
    with pytest.raises(PortViolation, match="no letters"):
        call("identify_language", Text(text))


EXPERT: Any = next(each for each in first_party() if each.name == "identify_language")


@given(st.text(max_size=60))
def test_any_text_is_answered_or_refused(text: str):
    refusal, found = "", None
    try:
        found = EXPERT(Text(text))
    except PortViolation as error:
        refusal = str(error)

    assert "no letters" in refusal if found is None else found.language and 0 <= found.score <= 1

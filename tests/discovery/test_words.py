"""Words as discovery compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.discovery.words import WordStatistics, stem, stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("transcribe", "transcript"),
        ("translating", "translation"),
        ("said", "says"),
        ("summary", "summarise"),
        ("picture", "pictures"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_verbs_stay_apart() -> None:
    assert stem("transcribe") != stem("translate")


def test_stop_words_are_left_out() -> None:
    assert stems("please read the sign to me") == [stem("read"), stem("sign")]


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    counted = WordStatistics(
        {
            "ocr": [("read text sign", 1.0)],
            "speech": [("read text aloud", 1.0)],
            "translation": [("translate text", 1.0)],
        }
    )

    shared = counted.overlap("read the sign text")

    assert shared["ocr"] > shared["speech"] > shared["translation"] > 0


@given(st.text(max_size=200))
def test_overlap_is_a_share(query: str) -> None:
    shared = WordStatistics({"a": [("read the sign", 1.0)], "b": [("", 1.0)]}).overlap(query)

    assert all(0 <= value <= 1 for value in shared.values())

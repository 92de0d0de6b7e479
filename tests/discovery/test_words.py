"""Words as discovery compares them."""

from __future__ import annotations

import pytest

from herd_graph.discovery.words import stem, stems


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

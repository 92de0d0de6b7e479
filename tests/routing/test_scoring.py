"""Answers are scored as people would, from 0 to 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.errors import ConfigError
from herd_graph.routing.scoring import SCORES, by_name


@pytest.mark.parametrize(
    ("how", "answer", "expected", "score"),
    [
        ("exact", " Lisbon ", "lisbon", 1),
        ("exact", "in Lisbon", "Lisbon", 0),
        ("contains", "It is in Lisbon.", "lisbon", 1),
        ("contains", "red and blue", "red|green", 0.5),
        ("contains", "anything", "", 0),
        ("wer", "the cat sat", "the cat sat down", 0.75),
        ("wer", "The CAT, sat!", "the cat sat", 1),
        ("wer", "a b c d e f", "x", 0),
        ("cer", "kitten", "sitten", 5 / 6),
        ("words", "a red fox", "red fox", 0.8),
        ("number", "so it is 1,250.", "1250", 1),
        ("number", "about 3,5 metres", "3.5", 1),
        ("number", "none", "3", 0),
        ("check", "anything", "", 1),
        ("check", "  ", "", 0),
    ],
)
def test_scores(how: str, answer: str, expected: str, score: float) -> None:
    assert by_name(how)(answer, expected) == pytest.approx(score)


@given(st.sampled_from(sorted(SCORES)), st.text(max_size=60), st.text(max_size=60))
def test_every_score_is_between_0_and_1(how: str, answer: str, expected: str) -> None:
    assert 0 <= SCORES[how](answer, expected) <= 1


@given(st.sampled_from(["exact", "wer", "cer", "words"]), st.text(max_size=60))
def test_the_expected_answer_scores_full_marks(how: str, text: str) -> None:
    assert SCORES[how](text, text) == 1


def test_an_unknown_score_says_which_there_are() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'wer'"):
        by_name("werr")

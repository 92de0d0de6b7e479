"""How a text sounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this phone, the battery is amazing!", "positive"),
        ("Terrible service. I am very angry and want my money back.", "negative"),
        ("The film was not good at all.", "negative"),
        ("The invoice is dated 3 May. The parcel weighs 2 kg.", "neutral"),
        ("Great 😀👍", "positive"),
    ],
)
def test_texts_are_judged(call: Call, text: str, label: str):
    assert call("sentiment", Text(text)).label == label


def test_a_text_with_both_says_that_it_is_mixed(call: Call):
    found = call("sentiment", Text("The food was wonderful. The waiter was rude and horrible."))

    assert found.note == "mixed: 1 positive, 1 negative"


def test_neutral_for_lack_of_words_says_so(call: Call):
    found = call("sentiment", Text("The table has four legs."))

    assert (found.label, found.score) == ("neutral", 0.0)
    assert "no word" in found.note


def test_plain_sentences_around_a_complaint_do_not_hide_it(call: Call):
    plain = "The train leaves at nine from the second platform. " * 5

    assert call("sentiment", Text(f"{plain}This is awful and disgusting.")).label == "negative"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Estou muito triste com a qualidade do serviço, não recomendo a ninguém.", "Portuguese"),
        ("Det är en mycket fin dag idag och vi går till stranden med barnen.", "Swedish"),
        ("أنا غاضب جدا من هذه الخدمة السيئة", "another script"),
    ],
)
def test_other_languages_are_refused_and_not_called_neutral(call: Call, text: str, language: str):
    with pytest.raises(PortViolation, match=language):
        call("sentiment", Text(text))


@pytest.mark.parametrize("text", ["", "\n \t", "x" * 600_000])
def test_nothing_and_too_much_are_refused(call: Call, text: str):
    with pytest.raises(PortViolation, match=r"empty|at most"):
        call("sentiment", Text(text))

"""What the network is shown of a request, and which words it takes over."""

from __future__ import annotations

import pytest

from herd_graph.routing.neural.reading import read


@pytest.mark.parametrize("text", ["\u200b\u200b", "\ufeff", "\x00"])
def test_a_request_without_a_word_has_no_words_to_take_over(text: str) -> None:
    reading = read(text, [])

    assert reading.words(reading.first, reading.first) == ""


def test_words_stand_between_two_tokens() -> None:
    reading = read('say "good morning" aloud', [])

    first = reading.first + 2
    assert reading.words(first, first + 1) == "good morning"

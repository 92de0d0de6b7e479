"""Small talk asks for nothing; what only begins with it is a request."""

from __future__ import annotations

import pytest

from herd_graph.routing.courtesies import is_courtesy, reply


@pytest.mark.parametrize(
    "said",
    [
        "thanks!",
        "ok cool",
        "hmm ok",
        "nice one",
        "Perfect.",
        "cheers",
        "thanks, that helps",
        "lol thanks",
        "good, thank you very much",
        "great, thanks for your help!",
        "no thanks",
        "that's all for now",
        "bye",
        "obrigado",
        "👍",
    ],
)
def test_small_talk_asks_for_nothing(said: str) -> None:
    assert is_courtesy(said)


@pytest.mark.parametrize(
    "said",
    [
        "thanks, and 40 pounds in kilos?",
        "great, read it to me",
        "ok then 100 miles in km",
        "write a thank you note",
        "thank you letter please",
        "is that right?",
        "again please",
        "no, the other one",
        "nice picture, what is it",
        "good morning in Portuguese",
        "that is all wrong",
        "hello",
        "?",
        "3+4",
        "",
    ],
)
def test_what_asks_for_something_is_no_small_talk(said: str) -> None:
    assert not is_courtesy(said)


def test_thanks_are_answered_and_a_long_remark_is_not_repeated_whole() -> None:
    assert reply("Thanks a lot!").startswith("You are welcome.")
    assert "'ok cool'" in reply("ok  cool")
    assert len(reply("great " * 200)) < 200

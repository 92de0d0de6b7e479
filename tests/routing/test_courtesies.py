"""Small talk asks for nothing; what only begins with it is a request."""

from __future__ import annotations

import pytest

from herd_graph.cards import ExpertCard, Port
from herd_graph.routing.courtesies import asks_what_is_done, is_courtesy, reply, what_is_done
from herd_graph.types import Kind


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


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("what can you do?", True),
        ("hi, what can you do for me?", True),
        ("help", True),
        ("who are you?", True),
        ("what can you do with the rest of the flour?", False),
        ("help me translate this", False),
        ("what does it do?", False),
    ],
)
def test_what_can_be_asked_for_is_asked(said: str, asks: bool) -> None:
    assert asks_what_is_done(said) is asks


def test_what_is_done_is_said_by_the_cards() -> None:
    port = Port(name="text", kind=Kind.TEXT)
    said = "Translate a text. It takes a second."
    card = ExpertCard(name="translate", description=said, inputs=(port,), outputs=(port,))

    assert what_is_done([card]).splitlines()[1:] == ["- translate: Translate a text"]
    assert what_is_done([]) == "No experts are registered, so nothing can be done yet."

"""A request about a file that is not there is told so."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render

from herd_graph.routing.absent import missing


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("translate the letter", "letter"),
        ("what does the letter say about refunds?", "letter"),
        ("what time does the poster say the concert starts?", "poster"),
        ("How much is the deposit in the contract?", "contract"),
        ("list the names in my mail, please", "mail"),
        ("what notes are in this tune", "tune"),
    ],
)
def test_the_file_that_is_missing_is_named(text: str, noun: str) -> None:
    found = plan(text)

    assert found.abstained
    assert found.reason == (
        f"No {noun} is attached that {text!r} could be about. Attach the file (-a FILE)."
    )


def test_what_needs_no_file_is_done_beside_it() -> None:
    found = plan("summarise the mail in two sentences and what's 12*14")

    assert render(found) == "calculate('12*14', \"what's 12*14\") !"
    assert found.unmet == (
        "summarise the mail in two sentences: no mail is attached; attach the file (-a FILE)",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Write a letter to my landlord",
        "translate the letter: Dear Ann, I am ill today.",
        "translate 'the letter' into Portuguese",
        "The bill was 84.60, split it between four",
        "who directed the film Jaws?",
        "What is the capital of Portugal?",
    ],
)
def test_what_the_words_themselves_bring_along_is_not_missing(text: str) -> None:
    assert not plan(text).abstained


@pytest.mark.parametrize(
    "text",
    [
        "Paint me a new picture of a smiling hammer for our poster",
        "Will it rain on Saturday, and what is the euro worth in pounds today?",
        "send the poster to Ana by WhatsApp",
    ],
)
def test_what_no_file_would_help_with_asks_for_none(text: str) -> None:
    found = plan(text)

    assert found.abstained
    assert "ttach" not in found.reason


@pytest.mark.parametrize(
    ("said", "noun"),
    [
        ("is the voice message angry", "voice message"),
        ("read our Excel sheet", "excel sheet"),
        ("what is a letter", ""),
        ("who painted the picture “Guernica”", ""),
    ],
)
def test_a_noun_is_of_a_file_where_one_is_meant(said: str, noun: str) -> None:
    assert missing(said) == noun

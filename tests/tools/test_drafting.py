"""Short letters of what a request says, and nothing but that."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Text

Call = Callable[..., Any]
drafting: Any = import_module("herd_graph._bundled.tools.drafting")


@pytest.mark.parametrize(
    ("request_", "to", "body"),
    [
        ("Could you write a short thank-you to the Hill Bakery for the cakes?", "Hill Bakery", "Thank you very much for the cakes."),
        ("write a thank-you note to Beatrice for her 30 pounds", "Beatrice", "Thank you very much for your 30 pounds."),
        ("thank grandma for the book", "Grandma", "Thank you very much for the book."),
        ("write an apology to Mr Lang because the washer leaked", "Mr Lang", "I am sorry that the washer leaked."),
        ("invite the neighbours to a barbecue on Saturday at 6", "neighbours", "invite you to a barbecue on Saturday at 6."),
        ("write a mail to Tom saying I can't come on Monday", "Tom", "I can't come on Monday."),
        ("write a thank-you note to Ana for her kind words", "Ana", "Thank you very much for your kind words."),
        ("write to Tom that we pay and that we are sorry", "Tom", "We pay and we are sorry."),
        ("tell Anna that he is ill", "Anna", "He is ill."),
        ("tell Mrs Cole that she has until 3 May and that her key is ready", "Mrs Cole", "You have until 3 May and that your key is ready."),
    ],
)  # fmt: skip
def test_what_is_spelt_out_is_written(request_: str, to: str, body: str):
    letter = drafting.drafted(request_)

    assert letter.startswith(f"Dear {to},\n\n")
    assert body in letter
    assert letter.endswith("regards,\n[your name]")


def test_what_is_to_be_answered_is_left_to_the_writer():
    letter = drafting.drafted("Write a short polite reply to a guest who asks for a late check-out")

    assert "You ask for a late check-out. [your answer]" in letter


@pytest.mark.parametrize(
    "request_",
    [
        "write a letter",
        "write a poem to my mum for her birthday",
        "tell me that joke again",
        "write a thank-you to Ann for the cakes and translate it",
        "summarise the letter",
        "who thanks whom?",
        "answer the question that I asked",
        "thank you for the help",
    ],
)
def test_what_is_left_open_is_no_letter_of_words(request_: str):
    assert drafting.drafted(request_) is None


def test_an_answer_goes_to_who_wrote(call: Call):
    mail = (
        "Hello,\n\nI paid a deposit of 60 pounds. Please send it back.\n\nRegards,\nGillian Frost"
    )
    asked = "reply politely that she gets her deposit back on Friday"
    told = "".join(call("chat", Text(asked), Text(mail)))

    assert told.startswith("Dear Gillian Frost,")
    assert "You get your deposit back on Friday." in told

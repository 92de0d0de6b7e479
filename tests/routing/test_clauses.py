"""Splitting a request into what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.routing.clauses import MOST_CLAUSES, split
from herd_graph.routing.content import protect
from herd_graph.routing.wording import gloss


def asked(text: str) -> list[str]:
    return [each.text for each in split(gloss(protect(text).text)) if each.request]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("transcribe the call and translate it", ["transcribe the call", "translate it"]),
        (
            "1. Read the sign\n2. Translate it\n- speak it",
            ["Read the sign", "Translate it", "speak it"],
        ),
        ("1. Read the sign 2. Translate it", ["Read the sign", "Translate it"]),
        ("Could you please read the sign for me? Thanks a lot!", ["read the sign"]),
        ("Find the people and places in the text", ["Find the people and places in the text"]),
        ("what does it say, in Portuguese?", ["what does it say, in Portuguese"]),
        ("From the photo, read the text", ["From the photo, read the text"]),
        ("Before translating it, read the sign.", ["read the sign", "translating it"]),
        ("What is said and who is mentioned?", ["What is said", "who is mentioned"]),
        ("Tell me, in Portuguese, what it says", ["Tell me, in Portuguese, what it says"]),
        (
            "Translate the first to Portuguese and the second one to English",
            ["Translate the first to Portuguese", "Translate the second one to English"],
        ),
        ("My flight leaves at 9.30. Read a.png aloud.", ["Read a.png aloud"]),
    ],
)
def test_each_thing_that_is_asked_is_a_clause(text: str, clauses: list[str]) -> None:
    assert asked(text) == clauses


def test_other_languages_are_put_into_english_words_content_is_not() -> None:
    protected = protect('Traduza "a gravação" e leia a placa em voz alta')

    glossed = gloss(protected.text)

    assert protected.restore(glossed).split() == [
        "translate",
        "“a",
        "gravação”",
        "and",
        "read",
        "the",
        "sign",
        "aloud",
    ]


@given(st.text(max_size=400))
def test_any_text_splits_into_a_bounded_number_of_clauses(text: str) -> None:
    clauses = split(protect(text).text)

    assert sum(not each.beyond for each in clauses) <= MOST_CLAUSES
    assert all(each.said for each in clauses)

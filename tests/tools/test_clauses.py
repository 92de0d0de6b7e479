"""The clauses of a question, and what is counted in a text."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

clauses: Any = import_module("herd_graph._bundled.tools.clauses")
tallied: Any = import_module("herd_graph._bundled.tools.tallies").tallied
TEXT = "Dear Ann,\n\nI came on the 3.5. at six o'clock. It's fine.\nBye"


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who signed it? And when?", ["Who signed it", "when signed it"]),
        ("Tell me who wrote it and to whom", ["who wrote it", "to whom wrote it"]),
        ("Quanto custa e quando chega?", ["Quanto custa", "quando chega"]),
        ("When is the fair and where is it?", ["When is the fair", "where is the fair"]),
        ("What time and where is the party?", ["What time is the party", "where is the party"]),
        (
            "What is the rent, what does it include and is there a deposit?",
            ["What is the rent", "what does it include", "is there a deposit"],
        ),
    ],
)
def test_a_question_is_cut_where_another_begins(question: str, asked: list[str]):
    cut = clauses.clauses(question)

    assert [clauses.in_full(each, cut) for each in cut] == asked


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Who is Ana and Bruno's teacher?",
        "What did Ana say about how much it costs?",
        "Is it the red one or the blue one?",
        "Write to Ana and ask what it costs",
        'What does "who and what" mean?',
    ],
)
def test_one_question_stays_whole(question: str):
    assert clauses.clauses(question) == [question]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many words does the letter have?", "13 words"),
        ("word count please", "13 words"),
        ("Quantas palavras tem esta carta?", "13 words"),
        ("count the lines", "3 lines"),
        ("How many paragraphs are there in the text?", "2 paragraphs"),
        ("how long is the text in characters?", f"{len(TEXT)} characters"),
        ("how many lines of credit does the bank offer?", ""),
        ("how many words did she say?", ""),
        ("How many letters did he write?", ""),
    ],
)
def test_words_and_lines_are_counted(question: str, said: str):
    assert tallied(question, TEXT) == said


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=2, max_size=60))
def test_as_many_words_as_were_written(words: list[str]):
    assert tallied("how many words are there?", " ".join(words)) == f"{len(words)} words"


def test_several_questions_of_a_word_or_two_are_cut_at_each_mark():
    assert clauses.clauses("pets? keys when?") == ["pets", "keys when"]
    assert clauses.clauses("rent? notice?") == ["rent", "notice"]

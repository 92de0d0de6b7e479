"""What a question asks of a text, and which lines of a text say something by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

reading: Any = import_module("herd_graph._bundled.tools.reading")
answering: Any = import_module("herd_graph._bundled.tools.answering")
correspondence: Any = import_module("herd_graph._bundled.tools.correspondence")
passages: Any = import_module("herd_graph._bundled.tools.passages")

CONTRACT = """Landlord: Ines Prado, Rua Nova 4
Tenant: Joel Watts
Deposit: 900 euros

The boiler was mended in May. It cost 120 euros. Ring 021 555 0134 where it drips again.

| Part | Qty | Price |
| --- | --- | --- |
| Valve | 2 | 14.50 |
| Hose | 1 | 7.20 |
"""


def same(texts: Sequence[str]) -> list[list[float]]:
    """Vectors that say nothing: what is found is found by its words and its form."""
    return [[1.0] for _ in texts]


def test_lines_that_name_what_they_say_and_rows_stand_by_themselves():
    found = reading.statements(CONTRACT)

    assert "Tenant: Joel Watts" in found
    assert "Valve – Qty: 2, Price: 14.50" in found
    assert "It cost 120 euros." in found


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("what is the phone number?", "021 555 0134"),
        ("qual é o número de telefone?", "021 555 0134"),
        ("how much is the deposit?", "Deposit: 900 euros"),
        ("who is the tenant?", "Joel Watts"),
        ("what is the price of the valve?", "14.50"),
        ("what did the boiler cost?", "120 euros"),
    ],
)
def test_the_best_sentence_says_what_was_asked(question: str, holds: str):
    best = answering.nearest(question, passages.passages(CONTRACT), same)[0]

    assert holds in best.text
    assert answering.is_answer(best)


@pytest.mark.parametrize(
    "question",
    [
        "quem assina?",
        "quanto custa?",
        "by when must I pay?",
        "and who chaired it?",
        "a que horas?",
        "On which day is the rubbish collected",
        "for whom is the letter",
    ],
)
def test_questions_are_known_in_both_languages(question: str):
    assert reading.asks_of_text(question)


@pytest.mark.parametrize(
    "task", ["Write a reply.", "Translate the letter", "what do you think of it?"]
)
def test_a_task_is_no_question(task: str):
    assert not reading.asks_of_text(task)


def test_a_letter_in_portuguese_says_who_signed_it():
    letter = "Caro Rui,\n\nAté breve.\n\nCom os melhores cumprimentos,\nCatarina Esteves\n"

    assert correspondence.signed_by("quem escreveu a carta?", letter) == "Catarina Esteves"


@given(text=st.text(alphabet="aB:|-. \n0€", max_size=120))
def test_no_word_of_a_text_is_lost(text: str):
    kept = "".join(reading.statements(text))

    assert all(kept.count(each) >= text.count(each) for each in "aB0€" if "|" not in text)

"""Extractive summaries, and the sentences that they are made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]
summaries: Any = import_module("herd_graph._bundled.tools.summaries")
sentences: Any = import_module("herd_graph._bundled.tools.sentences")

ARTICLE = """The council of Porto decided on Monday to close the old bridge for repairs.
The bridge will stay closed until March, and buses will take another way.
My neighbour likes football.
The repairs of the bridge cost two million euros, the council said.
It rained a little in the afternoon.
Shop owners near the bridge fear for their business while it is closed.
"""


@pytest.mark.parametrize(
    ("request_", "count"), [("in two sentences", 2), ("in one sentence", 1), ("shorten it", 3)]
)
def test_the_request_says_how_long(call: Call, request_: str, count: int):
    made = call("summarize", Text(ARTICLE), request=Text(request_)).text

    assert len(sentences.sentences(made)) == count


def test_the_first_sentences_and_bullet_points(call: Call):
    first = call("summarize", Text(ARTICLE), request=Text("the first two sentences")).text
    listed = call("summarize", Text(ARTICLE), request=Text("four bullet points")).text

    assert first == " ".join(ARTICLE.splitlines()[:2])
    assert [each[:2] for each in listed.splitlines()] == ["- "] * 4


def test_a_summary_is_made_of_the_texts_own_sentences_in_their_order(call: Call):
    made = call("summarize", Text(ARTICLE), 3).text
    whole = " ".join(ARTICLE.split())

    chosen = sentences.sentences(made)

    assert len(chosen) == 3
    places = [whole.index(each) for each in chosen]
    assert places == sorted(places)
    assert "football" not in made
    assert "rained" not in made


def test_three_sentences_are_the_default_and_a_short_text_is_given_back(call: Call):
    assert len(sentences.sentences(call("summarize", Text(ARTICLE)).text)) == 3
    assert (
        call("summarize", Text("It rains today. We stay here.")).text
        == "It rains today. We stay here."
    )


def test_what_repeats_itself_is_said_once(call: Call):
    text = (
        "The bridge over the river is closed today. " * 6
        + "The school opens on Friday morning again."
    )

    assert call("summarize", Text(text), 2).text.count("bridge") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Dr. Smith came at 9 a.m. today. He left.",
            ["Dr. Smith came at 9 a.m. today.", "He left."],
        ),
        ('She said "No." Then she left.', ['She said "No."', "Then she left."]),
        ("It costs 3.50 euros! Really? Yes…", ["It costs 3.50 euros!", "Really?", "Yes…"]),
        ("これは猫です。犬もいます。", ["これは猫です。", "犬もいます。"]),
        ("كيف حالك؟ أنا بخير.", ["كيف حالك؟", "أنا بخير."]),
        ("Shopping\n\n- milk\n- bread", ["Shopping", "- milk", "- bread"]),
        ("One line\nthat goes on.", ["One line that goes on."]),
    ],
)
def test_sentences_are_cut_where_people_would(text: str, expected: list[str]):
    assert sentences.sentences(text) == expected


def test_two_megabytes_take_seconds(call: Call):
    words = [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "house",
        "river",
        "tree",
        "bridge",
        "council",
        "money",
        "work",
        "day",
    ]
    text = " ".join(
        " ".join(words[(at * 7 + each * each) % 12] for each in range(12)).capitalize() + "."
        for at in range(20_000)
    )
    began = time.process_time()

    made = call("summarize", Text(text), 3).text

    assert len(sentences.sentences(made)) == 3
    assert time.process_time() - began < 20


@pytest.mark.parametrize("count", [0, -1, 101])
def test_a_senseless_number_of_sentences_is_refused(call: Call, count: int):
    with pytest.raises(PortViolation, match="1 to 100"):
        call("summarize", Text(ARTICLE), count)


@pytest.mark.parametrize("text", ["", "   ", "...", "1 2"])
def test_what_holds_no_sentences_is_refused(call: Call, text: str):
    with pytest.raises(PortViolation, match="no sentences"):
        call("summarize", Text(text))


@given(st.text(max_size=300))
def test_no_letter_is_lost_between_sentences(text: str):
    found = sentences.sentences(text)

    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_summary_is_in_the_language_that_is_asked_for(call: Callable[..., Any]):
    letter = (
        "A reunião do condomínio foi adiada para o dia 20 de novembro. O elevador vai estar em obras "
        "durante duas semanas. A quota mensal passa a ser de 45 euros a partir de janeiro. Pedimos "
        "desculpa pelo incómodo que isto causa a todos."
    )
    said = str(call("summarize", Text(letter), request=Text("the gist of this letter in English")))

    assert "meeting" in said
    assert "reunião" not in said


MAIL = """From: Olga <olga@harbourlights.example>
To: Nils
Subject: Chairs for the choir room

Dear Nils,

Thank you for your patience. Unfortunately the forty chairs for the choir room arrive two weeks late,
on 14 May, because the factory was flooded. The lamps were sent yesterday. You can call me on
021 555 0134. If you have any questions, do not hesitate to write.

Kind regards,
Olga Brandt"""
CARTA = """Cara Dona Helena,

Escrevo para confirmar a reserva do apartamento para a última semana de julho. Chegaremos no sábado
por volta das quatro da tarde. Somos quatro pessoas e um cão pequeno. Já transferi 200 euros.

Com os melhores cumprimentos,
Tiago Marques"""
NOTE = """Hello everyone, this is a note about Monday. Maria sends the budget to the bank. Peter calls the
printer about the posters. We agreed to move the summer party to the 10th of July because the garden
is closed in June. Please bring your reports."""


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (MAIL, "forty chairs"),
        (CARTA, "confirmar a reserva"),
        (NOTE, "agreed to move the summer party"),
        ("1. Rent\nThe tenant shall pay the rent on the first day of each month.", "shall pay the rent"),
    ],
)  # fmt: skip
def test_one_sentence_says_what_a_text_is_for(call: Call, text: str, holds: str):
    made = call("summarize", Text(text), request=Text("in one sentence")).text

    assert holds in made
    assert len(sentences.sentences(made)) == 1


def test_greetings_and_closings_are_in_no_summary(call: Call):
    made = call("summarize", Text(MAIL)).text

    assert [each for each in ("Dear", "Kind regards", "hesitate", "Olga") if each in made] == []

"""Passages, found by words and by meaning."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import difficult_documents as documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Document, Text
from herd_graph.errors import ArtifactUnreadable, PortViolation

Call = Callable[..., Any]
searching: Any = import_module("herd_graph._bundled.tools.searching")

LEASE = Text(
    "Notice\n\nThe notice period is three months. It begins on the first of a month.\n\n"
    "Rent is due on the third working day.\n\nPets are welcome if they are small.",
    name="lease.txt",
)
TERMS = Document(
    documents.docx("Refunds are paid within 14 days.", "The warranty covers parts &amp; labour."),
    name="terms.docx",
)
INVOICE = Document(documents.pdf(["Cover", "Total due: 99.50 EUR"]), name="invoice.pdf")
HOURS = Document(
    b"<html><head><title>x</title></head><body><p>Office hours: 9 to 5</p>"
    b"<script>steal()</script></body></html>",
    mime="text/html",
    name="hours.html",
)


@pytest.mark.parametrize(
    ("query", "source", "words"),
    [
        ("how long is the notice period?", "lease.txt", "three months"),
        ("when do I get my money back?", "terms.docx", "Refunds"),
        ("warranty", "terms.docx", "parts & labour"),
        ("total due", "invoice.pdf, page 2", "99.50"),
        ("opening times", "hours.html", "9 to 5"),
        ("are dogs allowed?", "lease.txt", "Pets"),
    ],
)
def test_the_best_passage_is_found_and_says_where_it_stands(
    call: Call, query: str, source: str, words: str
):
    found = call("search_text", [LEASE, TERMS, INVOICE, HOURS], Text(query))

    assert found[0].source == source
    assert words in found[0].text
    assert 0 < found[0].score <= 1
    assert found[0].label == f"{source}, score {found[0].score:.2f}"
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_nothing_is_found_where_nothing_is(call: Call):
    with pytest.raises(PortViolation, match="Nothing about 'giraffes in space'"):
        call("search_text", [LEASE, TERMS], Text("giraffes in space"))


def test_scripts_and_styles_are_no_text(call: Call):
    with pytest.raises(PortViolation, match="Nothing about"):
        call("search_text", [HOURS], Text("steal"))


def test_other_languages_are_found_by_their_words(call: Call):
    lease = Text("O prazo de aviso é de três meses.\n\nA renda paga-se no dia três.")

    found = call("search_text", [lease], Text("prazo de aviso"))

    assert found[0].text == "O prazo de aviso é de três meses."


def test_a_needle_in_two_megabytes(call: Call):
    hay = "The committee discussed the usual matters without any result.\n\n" * 30_000
    text = Text(hay[:1_000_000] + "\n\nThe vault opens with code 7731.\n\n" + hay[:1_000_000])

    assert "7731" in call("search_text", [text], Text("code of the vault"))[0].text


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        (Document(documents.scan("x"), name="scan.pdf"), ArtifactUnreadable, "pictures"),
        (Document(documents.pdf(["x"], "pw"), name="locked.pdf"), ArtifactUnreadable, "password"),
        (Document(b"PK\x03\x04zzz", name="../../x.docx"), ArtifactUnreadable, "cannot be searched"),
        (Document(b"\x00\xff\xfe\x01" * 99, name="x.bin"), ArtifactUnreadable, "not text"),
        (Text(""), PortViolation, "hold no text"),
    ],
)
def test_what_cannot_be_searched_says_why(
    call: Call, document: Text | Document, error: type[Exception], message: str
):
    with pytest.raises(error, match=message):
        call("search_text", [document], Text("anything"))


@pytest.mark.parametrize("query", ["", "?!", "x" * 3_000])
def test_a_query_needs_words(call: Call, query: str):
    with pytest.raises(PortViolation, match="Expected words"):
        call("search_text", [LEASE], Text(query))


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=6),
    st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4),
)
def test_only_shared_words_score(texts: list[list[str]], query: list[str]):
    scores = searching.bm25(texts, query)

    assert all(
        (score > 0) == bool(set(text) & set(query))
        for text, score in zip(texts, scores, strict=True)
    )
    assert all(0 <= score <= 1 for score in scores)


def test_a_portuguese_letter_is_searched_in_english_and_shown_in_both(call: Call):
    letter = Text(
        "Prezada Marta,\n\nA bicicleta tinha um problema no travão.\n\nTambém deixei um cadeado preto na "
        "cesta. Por favor, guarde o cadeado até sexta-feira.\n\nO meu filho é alérgico a nozes.",
        name="carta.txt",
    )

    (lock, *_) = call("search_text", [letter], Text("the lock"))
    (nuts, *_) = call("search_text", [letter], Text("allergies"))

    assert ("cadeado" in lock.text, "lock" in lock.text) == (True, True)
    assert ("alérgico" in nuts.text, "allerg" in nuts.text) == (True, True)


def test_a_word_in_another_form_is_found(call: Call):
    notes = Text("The bus leaves at nine.\n\nMy husband is allergic to nuts.\n\nWe bring the tent.")

    (found, *_) = call("search_text", [notes], Text("allergies"))

    assert found.text == "My husband is allergic to nuts."

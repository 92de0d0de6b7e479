"""PDF: text, scans, and what keeps it from being read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import difficult_documents as documents
import pytest

from herd_graph.artifacts import Document, Text
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable, PortViolation

Call = Callable[..., Any]
INVOICE = documents.pdf(["Invoice 42\nTotal due: 99.50 EUR", "Page two (second)\ncafé"])


def test_text_and_a_picture_of_each_page(call: Call):
    found = call("read_pdf", Document(INVOICE, name="invoice.pdf"))

    assert found.text.text == "Invoice 42\nTotal due: 99.50 EUR\n\nPage two (second)\ncafé"
    assert [each.name for each in found.pages] == ["page 1.png", "page 2.png"]
    assert found.pages[0].dimensions == (1240, 1755)


BOOK = documents.pdf([f"chapter {at} begins here" for at in range(1, 7)])


@pytest.mark.parametrize(
    ("request_", "chapters"),
    [
        ("what does page 2 say?", [2]),
        ("read pages 2-4", [2, 3, 4]),
        ("pages two and five", [2, 5]),
        ("the last two pages", [5, 6]),
        ("the first page", [1]),
        ("read it", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_the_request_may_name_the_pages(call: Call, request_: str, chapters: list[int]):
    found = call("read_pdf", Document(BOOK, name="book.pdf"), Text(request_))

    assert found.text.text == "\n\n".join(f"chapter {each} begins here" for each in chapters)
    assert [each.name for each in found.pages] == [f"page {each}.png" for each in chapters]


def test_a_page_beyond_the_end_is_refused(call: Call):
    with pytest.raises(PortViolation, match="Page 9 was asked for"):
        call("read_pdf", Document(BOOK, name="book.pdf"), Text("read page 9"))


def test_a_scanned_document_is_read_from_its_pictures(call: Call):
    scanned = documents.scan("The contract ends\non 31 March 2027", "Signed by Maria")

    found = call("read_pdf", Document(scanned, name="scan.pdf"))

    assert "31 March 2027" in found.text.text
    assert "Signed by Maria" in found.text.text


def test_three_hundred_pages_give_all_text_and_the_first_pictures(call: Call):
    long = documents.pdf([f"page {at} of the long book" for at in range(300)])

    found = call("read_pdf", Document(long, name="book.pdf"))

    assert "page 299 of" in found.text.text
    assert len(found.pages) == 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (documents.pdf(["secret"], password="open sesame"), "protected by a password"),
        (b"", "0 bytes"),
        (b"hello", "is no PDF"),
        (INVOICE[:300], "damaged"),
        (b"%PDF-1.7\n" + b"\0" * 500, "damaged"),
        (documents.docx("a"), "is no PDF"),
    ],
)
def test_what_cannot_be_opened_says_why(call: Call, content: bytes, message: str):
    with pytest.raises(ArtifactUnreadable, match=message):
        call("read_pdf", Document(content, name="../../trick.pdf"))


def test_a_blank_page_is_not_passed_off_as_text(call: Call):
    with pytest.raises(PortViolation, match="holds no text"):
        call("read_pdf", Document(documents.pdf([""]), name="blank.pdf"))


def test_a_thousand_pages_are_the_most(call: Call):
    with pytest.raises(ArtifactTooLarge, match="1,001 pages"):
        call("read_pdf", Document(documents.pdf(["x"] * 1_001), name="huge.pdf"))

"""Read PDF documents: their text, and pictures of their pages."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Annotated, Any, NamedTuple

from herd_graph.artifacts import Document, Image, Text
from herd_graph.cards import Port
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable, PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert
from herd_graph.types import Kind

from .needs import need
from .ocr import ReadText
from .requests import pages

PDF = Annotated[Document, Port(name="document", kind=Kind.DOCUMENT, mime=("application/pdf",))]
"""Said on the port, so that no plan gives it a workbook."""
MAX_PAGES = 1_000
MAX_BYTES = 200 << 20
PICTURES = 20
"""Pages that are drawn, and pages that are read by OCR, at most: each takes a second."""
SCALE = 150 / 72
"""Dots per point: 150 dpi, which small print needs."""
PIXELS = 6_000_000
FEW = 12
"""Characters below which a page has no text to speak of: a stamped page number."""
# PDFium is not thread-safe, not even for different documents.
_pdfium = threading.RLock()


class Pages(NamedTuple):
    """What is in a document."""

    text: Text
    pages: list[Image]


@expert(
    name="read_pdf",
    tags=["pdf", "document", "read the pdf", "extract text", "pages", "scanned document"],
    examples=[
        "read the PDF",
        "extract the text of the document",
        "what does the PDF say?",
        "get the words out of this PDF file",
        "read the scanned contract",
        "show the pages of the document as pictures",
    ],
    latency_s=0.3,
    memory="30 MiB",
    licence="BSD-3-Clause or Apache-2.0 (pypdfium2, PDFium)",
    notes=(
        "Text comes in the file's own order, which in tables and columns may differ from what one "
        "sees. A page without text is read by OCR (as 'read_text' does, a second a page and 350 MiB), "
        f"up to {PICTURES} pages. Pictures are made of the first {PICTURES} pages. The request may name the "
        "pages: 'page 2', 'the last two pages'. Forms and comments "
        "are left out. Documents with a password are refused."
    ),
    timeout_s=300,
)
class ReadPdf:
    """Read the text of a PDF document, and make a picture of each page."""

    def load(self) -> None:
        """Import PDFium."""
        need("pypdfium2")
        self._library: Any = import_module("pypdfium2")
        self._ocr: Any = None

    def close(self) -> None:
        """Let go of what reads scanned pages."""
        if self._ocr is not None:
            self._ocr.close()
        self._ocr = None

    def __call__(
        self,
        document: PDF,
        request: Text = Text(""),  # noqa: B008 - never changed
        context: ExpertContext | None = None,
    ) -> Pages:
        """Read.

        Args:
            document: A PDF without a password.
            request: Which pages: 'page 2', 'pages 3 to 5', 'the last page'. By default all.
            context: Hears how far it is.
        """
        named = repr(document.name or "The document")
        texts, pictures, count = self._read(document, request.text, context)
        scanned = [at for at, text in enumerate(texts) if len(text.strip()) < FEW]
        unread: list[int] = []
        for at in scanned:
            if at >= len(pictures):
                unread.append(at + 1)
                continue
            texts[at] = self._scan(pictures[at]) or texts[at]
            if context is not None:
                context.progress((at + 1) / len(texts), "reading scanned pages")
        if not any(text.strip() for text in texts):
            raise PortViolation(
                f"{named} holds no text on its {count} page{'s' if count > 1 else ''}: they are blank, or "
                "pictures in which none could be read. Expected a PDF with text, or a legible "
                "scan. Attach the pages as sharper pictures."
            )
        whole = [text.strip() for text in texts if text.strip()]
        if unread:
            listed = f"{unread[0]} to {unread[-1]}" if len(unread) > 1 else str(unread[0])
            whole.append(
                f"[Pages without text are read by OCR up to page {PICTURES}. Not read: {listed}.]"
            )
        return Pages(text=Text("\n\n".join(whole)), pages=pictures)

    def _scan(self, picture: Image) -> str:
        if self._ocr is None:
            assert ReadText.factory is not None
            reader = ReadText.factory()
            reader.load()
            self._ocr = reader
        try:
            return str(self._ocr(picture).text)
        except PortViolation:  # no text in this picture
            return ""

    def _read(
        self, document: Document, request: str, context: ExpertContext | None
    ) -> tuple[list[str], list[Image], int]:
        with _pdfium:
            pdf = open_pdf(self._library, document)
            try:
                wanted = _wanted(request, len(pdf), document)
                count = len(wanted)
                texts: list[str] = []
                pictures: list[Image] = []
                for place, at in enumerate(wanted):
                    page = _page(pdf, at, document)
                    texts.append(_text(page))
                    if place < PICTURES:
                        pictures.append(Image(_picture(page), name=f"page {at + 1}.png"))
                    page.close()
                    if context is not None:
                        context.progress((place + 1) / count, "reading pages")
                return texts, pictures, count
            finally:
                pdf.close()


def _wanted(request: str, count: int, document: Document) -> list[int]:
    """Return the places of the pages that are asked for. Raises ``PortViolation``."""
    found = pages(request, count)
    beyond = [each for each in found if not 1 <= each <= count]
    if beyond:
        raise PortViolation(
            f"Page {beyond[0]} was asked for, and {document.name or 'the document'!r} has {count} "
            f"page{'s' if count > 1 else ''}. Expected pages 1 to {count}. Ask for one of these."
        )
    return [each - 1 for each in found] or list(range(count))


def pdf_texts(library: Any, document: Document) -> list[str]:
    """Return the text of each page, without OCR. Raises as ``open_pdf`` does."""
    with _pdfium:
        pdf = open_pdf(library, document)
        try:
            return [_text(_page(pdf, at, document)) for at in range(len(pdf))]
        finally:
            pdf.close()


def open_pdf(library: Any, document: Document) -> Any:
    """Open a PDF.

    Raises:
        ArtifactUnreadable: It is protected, damaged, or no PDF.
        ArtifactTooLarge: It has more than ``MAX_PAGES`` pages.
    """
    named = repr(document.name or "The document")
    if document.size > MAX_BYTES:
        raise ArtifactTooLarge(
            f"{named} has {document.size >> 20} MB. Expected at most {MAX_BYTES >> 20} MB. Split it."
        )
    content = document.bytes()
    if b"%PDF-" not in content[:1024]:
        raise ArtifactUnreadable(
            f"{named} ({document.mime}, {len(content):,} bytes) is no PDF. Expected a PDF. Save the "
            "document as PDF and attach that; a picture can be read with 'read_text'."
        )
    try:
        pdf = library.PdfDocument(content)
        count = len(pdf)
    except library.PdfiumError as error:
        if "password" in str(error).lower():
            raise ArtifactUnreadable(
                f"{named} is protected by a password. Expected a PDF that opens without one. Save a "
                "copy without the password, and attach that."
            ) from error
        raise ArtifactUnreadable(
            f"{named} is damaged: {str(error).rstrip('.')}. Expected a whole PDF. Check that it was downloaded or "
            "saved completely."
        ) from error
    if count == 0:
        raise ArtifactUnreadable(f"{named} has no pages. Expected at least one. Check the file.")
    if count > MAX_PAGES:
        pdf.close()
        raise ArtifactTooLarge(
            f"{named} has {count:,} pages. Expected at most {MAX_PAGES:,}. Split it."
        )
    return pdf


def _page(pdf: Any, at: int, document: Document) -> Any:
    try:
        return pdf[at]
    except Exception as error:
        raise ArtifactUnreadable(
            f"Page {at + 1} of {document.name or 'the document'!r} is damaged: {error}. Expected a "
            "whole PDF. Save it again from where it was made."
        ) from error


def _text(page: Any) -> str:
    found = page.get_textpage()
    try:
        text = str(found.get_text_range())
    finally:
        found.close()
    # PDFium marks a hyphen at the end of a line so; nothing else in a text may be a control sign.
    text = text.replace("\ufffe\r\n", "").replace("\x02\r\n", "").replace("\r\n", "\n")
    return "".join(each for each in text if each in "\n\t" or each.isprintable() or each.isspace())


def _picture(page: Any) -> Any:
    width, height = page.get_size()
    scale = min(SCALE, (PIXELS / max(1.0, width * height)) ** 0.5)
    return page.render(scale=scale).to_pil().convert("RGB")

"""Make difficult documents: PDF with text, scanned, encrypted; workbooks that are traps."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def pdf(pages: Sequence[str], password: str = "") -> bytes:
    """Return a PDF with a line of Helvetica for each line; encrypted (40-bit RC4) with a password."""
    identity = b"0123456789abcdef"
    key, entry = _encryption(password, identity) if password else (b"", b"")
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    kids: list[int] = []
    for text in pages:
        number = len(objects) + 1
        kids.append(number)
        stream = _stream(text)
        if key:
            stream = _rc4(_object_key(key, number + 1), stream)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    listed = b" ".join(b"%d 0 R" % each for each in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    if entry:
        objects.append(entry)
    return _written(objects, identity, encrypted=bool(entry))


def _stream(text: str) -> bytes:
    lines = [
        b"("
        + each.encode("cp1252", "replace")
        .replace(b"\\", b"\\\\")
        .replace(b"(", b"\\(")
        .replace(b")", b"\\)")
        + b") Tj T*"
        for each in text.splitlines()
    ]
    return b"BT /F1 14 Tf 20 TL 60 760 Td\n" + b"\n".join(lines) + b"\nET"


def _written(objects: list[bytes], identity: bytes, *, encrypted: bool) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % each for each in places)
    extra = b" /Encrypt %d 0 R" % len(objects) if encrypted else b""
    out += b"trailer\n<< /Size %d /Root 1 0 R /ID [<%s> <%s>]%s >>\n" % (
        len(objects) + 1, identity.hex().encode(), identity.hex().encode(), extra,
    )  # fmt: skip
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _encryption(password: str, identity: bytes) -> tuple[bytes, bytes]:
    """Return the key and the dictionary of the standard security handler, revision 2."""
    padded = (password.encode() + _PADDING)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    rights = -4
    key = hashlib.md5(
        padded + owner + rights.to_bytes(4, "little", signed=True) + identity
    ).digest()[:5]
    user = _rc4(key, _PADDING)
    entry = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P %d >>" % (
        owner.hex().encode(), user.hex().encode(), rights,
    )  # fmt: skip
    return key, entry


def _object_key(key: bytes, number: int) -> bytes:
    return hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[: len(key) + 5]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for each in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(each ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def scan(*texts: str) -> bytes:
    """Return a PDF of pictures: each page is an image, without any text in the file."""
    from PIL import Image as pil
    from PIL import ImageDraw, ImageFont

    pages: list[pil.Image] = []
    for text in texts:
        page = pil.new("RGB", (1240, 900), "white")
        font = ImageFont.load_default(size=44)
        ImageDraw.Draw(page).multiline_text((90, 120), text, fill="black", font=font, spacing=26)
        pages.append(page)
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return buffer.getvalue()


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    """Return an .xlsx file with these sheets."""
    from importlib import import_module
    from typing import Any

    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_member(archive: bytes, name: str, content: bytes) -> bytes:
    """Return a zip archive with one member replaced or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, content)
    return buffer.getvalue()


def docx(*paragraphs: str) -> bytes:
    """Return a .docx file that holds little more than its paragraphs."""
    body = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document><w:body>{body}</w:body></w:document>")
    return buffer.getvalue()

"""Read one file out of a multipart form, without ever holding it in memory."""

from __future__ import annotations

import functools
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header
from starlette.requests import Request

from herd_graph.serve.errors import Refusal
from herd_graph.threads import in_thread

_MOST_FIELD = 1000
_MOST_PARTS = 16


@dataclass(kw_only=True)
class Upload:
    """What a form holds."""

    path: Path
    """Where its bytes are, until the form is left."""
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict[str, str])
    """What stands beside it, by name."""
    found: bool = False


@dataclass(kw_only=True)
class _Reading:
    """The state of the parser's callbacks."""

    upload: Upload
    beside: str
    """What the form is told to hold besides."""
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    headers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    name: str = ""
    is_file: bool = False
    text: bytearray = field(default_factory=bytearray)
    pieces: list[bytes] = field(default_factory=list[bytes])
    parts: int = 0

    def bad(self, why: str) -> Refusal:
        return Refusal(
            400,
            f"The form cannot be used: {why}. Expected one 'file' with a file name, and "
            f"{self.beside!r}.",
            code="invalid_form",
            param="file",
        )

    def part_begin(self) -> None:
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise self.bad(f"it has more than {_MOST_PARTS} parts")
        self.headers, self.name, self.is_file = {}, "", False
        self.text.clear()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self.header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def header_end(self) -> None:
        self.headers[self.header.decode("latin-1").lower()] = bytes(self.value)
        self.header.clear()
        self.value.clear()

    def headers_finished(self) -> None:
        _, options = parse_options_header(self.headers.get("content-disposition", b""))
        self.name = options.get(b"name", b"").decode("utf-8", "replace")
        self.is_file = self.name == "file"
        if self.is_file:
            if self.upload.found:
                raise self.bad("it has two files")
            if b"filename" not in options:
                raise self.bad("its 'file' is a text and no file")
            self.upload.found = True
            self.upload.name = options[b"filename"].decode("utf-8", "replace")

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self.is_file:
            self.pieces.append(data[start:end])
        else:
            self.text += data[start:end]
            if len(self.text) > _MOST_FIELD:
                raise self.bad(f"its field {self.name!r:.40} is too long")

    def part_end(self) -> None:
        if not self.is_file:
            self.upload.fields[self.name] = self.text.decode("utf-8", "replace")


@asynccontextmanager
async def upload_of(
    request: Request, folder: Path, *, beside: str = "purpose"
) -> AsyncGenerator[Upload]:
    """Give the file of a form, written aside in a folder.

    Args:
        request: Who sends it.
        folder: Where the file's bytes go until the form is left.
        beside: The field that stands beside it, for whoever sends none.

    Raises:
        Refusal: It is no such form, or broken.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise Refusal(
            415,
            "The body is no form with a file. Expected multipart/form-data with 'file' and "
            f"{beside!r}, as OpenAI's clients send it.",
            code="unsupported_media_type",
        )
    with _aside(folder) as (path, writer):
        reading = _Reading(upload=Upload(path=path), beside=beside)
        callbacks: Any = {
            "on_part_begin": reading.part_begin,
            "on_header_field": reading.header_field,
            "on_header_value": reading.header_value,
            "on_header_end": reading.header_end,
            "on_headers_finished": reading.headers_finished,
            "on_part_data": reading.part_data,
            "on_part_end": reading.part_end,
        }
        parser = MultipartParser(boundary, callbacks)
        try:
            async for piece in request.stream():
                parser.write(piece)
                if reading.pieces:
                    taken, reading.pieces = b"".join(reading.pieces), []
                    await in_thread(functools.partial(writer.write, taken), label="serve:upload")
        except FormParserError as error:
            raise reading.bad(str(error)) from None
        writer.flush()
        if parser.state != MultipartState.END:
            raise reading.bad("it ends in the middle")
        if not reading.upload.found:
            raise reading.bad("it has no 'file'")
        yield reading.upload


@contextmanager
def _aside(folder: Path) -> Generator[tuple[Path, IO[bytes]]]:
    """Give a new file in a folder, which goes away again."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".upload-{secrets.token_hex(8)}"
    try:
        with path.open("wb") as writer:
            yield path, writer
    finally:
        path.unlink(missing_ok=True)


__all__ = ("Upload", "upload_of")

"""Turn a file into an artifact: typed by its content, held to limits, from an allowed folder."""

from __future__ import annotations

import functools
import json
import mimetypes
import os
import re
import stat
from pathlib import Path
from typing import Any

from herd_graph.artifacts.base import Artifact, class_of, human_size
from herd_graph.artifacts.tables import looks_tabular, unwrapped
from herd_graph.config import Config
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable, PathNotAllowed
from herd_graph.types import Kind

_DOCUMENTS = {
    "application/pdf",
    "application/msword",
    "application/rtf",
    "application/epub+zip",
    "application/postscript",
    "text/html",
}
_TABLES = {"text/csv", "text/tab-separated-values", "application/vnd.herd.table+json"}
"""What ``Table`` can read; workbooks and Parquet are documents until something reads them."""
_TEXTS = {
    "application/xml",
    "application/javascript",
    "application/x-sh",
    "application/toml",
    "application/x-yaml",
    "image/svg+xml",  # XML, which no picture decoder here reads
}
_SNIFF_BYTES = 1 << 20


def kind_of_mime(mime: str) -> Kind:
    """Return the kind of payload for a MIME type; what nothing else claims is a document."""
    family = mime.split("/", 1)[0]
    if mime in _TABLES:
        return Kind.TABLE
    if mime in _DOCUMENTS or "opendocument" in mime or "officedocument" in mime:
        return Kind.DOCUMENT
    if mime in {"application/json", "application/x-ndjson", "application/jsonl"}:
        return Kind.DATA
    if mime in _TEXTS:
        return Kind.TEXT
    if family in {"image", "audio", "video", "text"}:
        return Kind(family)
    return Kind.DOCUMENT


@functools.cache
def _magika() -> Any:
    from importlib import import_module

    return import_module("magika").Magika()


def sniff(path: Path) -> str:
    """Return the MIME type of a file by what is in it (Magika), not by its name.

    Short or plain content, of which a classifier is unsure, is told apart by simple signatures and
    only then by the name.
    """
    with path.open("rb") as reader:
        head = reader.read(_SNIFF_BYTES)
    return sniff_bytes(head, path.name, whole=path.stat().st_size <= _SNIFF_BYTES)


def sniff_bytes(head: bytes, name: str = "", *, whole: bool = True) -> str:
    """Return the MIME type of content; see ``sniff``."""
    for signature, mime in _SIGNATURES:
        if head.startswith(signature):
            return mime
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47 and b"\0" in head[:188]:
        return "video/mp2t"  # packets of 188 bytes, each with a G in front; no text has a zero byte
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:11], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"V_" in head[:65536] or b"A_" not in head[:65536] else "audio/webm"
    named = mimetypes.guess_type(name)[0]
    found = _magika().identify_bytes(head)
    guessed = str(found.output.mime_type)
    label = str(found.output.label)
    if label in {"txt", "unknown", "empty", "undefined"} or guessed.startswith("text/"):
        if named in _TABLES or named in {"application/json", "text/html", "text/markdown"}:
            return str(named)
        if label == "csv" and not looks_tabular(head):
            return "text/plain"  # prose with commas
        if label in {"txt", "unknown", "undefined"}:
            return "text/plain" if _is_text(head, whole=whole) else "application/octet-stream"
    return guessed


_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
)
_BRANDS = {
    b"M4A": "audio/mp4",
    b"M4B": "audio/mp4",
    b"avi": "image/avif",
    b"hei": "image/heic",
    b"mif": "image/heic",
    b"qt ": "video/quicktime",
}
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}


def _is_text(head: bytes, *, whole: bool) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    try:
        (head if whole else head[:-4]).decode()
    except UnicodeDecodeError:
        return sum(byte < 9 or 13 < byte < 32 for byte in head[:4096]) == 0
    return True


def attach(path: str | os.PathLike[str], config: Config | None = None) -> Artifact:
    """Return the artifact in a file, checked before anything runs.

    Raises:
        PathNotAllowed: Outside ``config.folders``, or not a regular file.
        ArtifactUnreadable: Missing, empty, or damaged.
        ArtifactTooLarge: Over the limit of its kind.
    """
    config = config or Config.from_environment()
    resolved = _allowed(Path(path), config)
    size = resolved.stat().st_size
    if size == 0:
        raise ArtifactUnreadable(
            f"{str(path)!r} is empty (0 bytes). Expected a file with content. Check that it was "
            "saved or downloaded completely."
        )
    with resolved.open("rb") as reader:
        head = reader.read(_SNIFF_BYTES)
    mime = sniff_bytes(head, resolved.name, whole=size <= _SNIFF_BYTES)
    kind = Kind.TABLE if _holds_rows(mime, head) else kind_of_mime(mime)
    limits = config.limits
    allowed = int(getattr(limits, f"{kind.value}_bytes"))
    if size > allowed:
        raise ArtifactTooLarge(
            f"{str(path)!r} is {human_size(size)} of {kind.value}; the limit for {kind.value} is "
            f"{human_size(allowed)}. Split it, shrink it, or raise the limit: "
            f"Config(limits=Limits({kind.value}_bytes=…))."
        )
    made = class_of(kind).__new__(class_of(kind))
    Artifact.__init__(made, resolved, mime=mime, name=Path(path).name)
    made.check(limits)
    return made


def attach_bytes(content: bytes, *, name: str = "", config: Config | None = None) -> Artifact:
    """Return the artifact that some bytes are, as ``attach`` does for a file.

    Args:
        content: What came over a wire.
        name: A name for people, and a hint where the content does not tell; never opened.
        config: Whose limits hold.

    Raises:
        ArtifactUnreadable: Empty, or damaged.
        ArtifactTooLarge: Over the limit of its kind.
    """
    limits = (config or Config.from_environment()).limits
    mime = sniff_bytes(content[:_SNIFF_BYTES], name, whole=len(content) <= _SNIFF_BYTES)
    kind = Kind.TABLE if _holds_rows(mime, content) else kind_of_mime(mime)
    allowed = int(getattr(limits, f"{kind.value}_bytes"))
    if len(content) > allowed:
        raise ArtifactTooLarge(
            f"{name or 'The attachment'!r} is {human_size(len(content))} of {kind.value}; the limit "
            f"for {kind.value} is {human_size(allowed)}. Split it, or shrink it."
        )
    made = class_of(kind).__new__(class_of(kind))
    Artifact.__init__(made, content, mime=mime, name=name)
    made.check(limits)
    return made


_WRAPS = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*\{")
_ROWS = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*\[\s*\{")


def _holds_rows(mime: str, head: bytes) -> bool:
    """Say whether JSON is a list of objects, or only wraps one: what people mean by a table."""
    if mime != "application/json":
        return False
    return _ROWS.match(head) is not None or (_WRAPS.match(head) is not None and _is_wrapped(head))


def _is_wrapped(head: bytes) -> bool:
    try:
        return isinstance(unwrapped(json.loads(head)), list)
    except ValueError:
        return False  # longer than what was looked at, or damaged


def _allowed(path: Path, config: Config) -> Path:
    try:
        path = path.expanduser()
        resolved = path.resolve(strict=True)
        mode = resolved.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        near = _similar(path)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ArtifactUnreadable(
            f"{str(path)!r} does not exist. Expected an existing file.{hint}"
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise PathNotAllowed(f"{str(path)!r} cannot be opened: {error}. Check the path.") from error
    if config.folders and not any(resolved.is_relative_to(each) for each in config.folders):
        listed = ", ".join(repr(str(each)) for each in config.folders)
        raise PathNotAllowed(
            f"{str(path)!r} lies outside the allowed folders ({listed}). Move the file there, or "
            "allow its folder (HERD_FOLDERS, or Config(folders=…))."
        )
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise PathNotAllowed(f"{str(path)!r} is {what}. Expected a file; attach files one by one.")
    if not os.access(resolved, os.R_OK):
        raise PathNotAllowed(f"{str(path)!r} may not be read by this user. Change its permissions.")
    return resolved


def _similar(path: Path) -> str:
    import difflib

    try:
        names = [each.name for each in path.parent.iterdir()][:2000]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    return str(path.parent / close[0]) if close else ""

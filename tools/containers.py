"""See whether a video file is whole, by the lengths that its container states.

Decoders read a cut-off file as far as it goes and say nothing, so a summary of the first half would
pass for one of the whole. MP4 and MOV are boxes, AVI is one RIFF chunk, Matroska and WebM are one
segment; each states its length before its content.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_UNKNOWN = 0x7FFF0000
"""Recorders that write to a pipe promise about 2 or 4 GB: that is no promise."""


def missing_bytes(path: Path) -> int:
    """Return how many bytes a video file lacks of what it promises; 0 where it promises nothing."""
    size = path.stat().st_size
    with path.open("rb") as reader:
        head = reader.read(12)
        reader.seek(0)
        if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"}:
            return _of_boxes(reader, size)
        if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            promised = int.from_bytes(head[4:8], "little")
            return max(0, 8 + promised - size) if promised < _UNKNOWN else 0
        if head[:4] == b"\x1aE\xdf\xa3":
            return _of_segment(reader, size)
    return 0


def _of_boxes(reader: BinaryIO, size: int) -> int:
    at = 0
    while at + 8 <= size:
        reader.seek(at)
        head = reader.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:  # a 64-bit length follows
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # to the end of the file
            return 0
        if (
            length < 8 or not head[4:8].isascii()
        ):  # something else than a box: the decoder's business
            return 0
        at += length
    return max(0, at - size)


def _of_segment(reader: BinaryIO, size: int) -> int:
    reader.seek(4)
    header = _length(reader)
    if header is None or header > size:  # no header is that long: the decoder's business
        return 0
    reader.seek(header, 1)
    if reader.read(4) != b"\x18\x53\x80\x67":
        return 0
    segment = _length(reader)
    return 0 if segment is None else max(0, reader.tell() + segment - size)


def _length(reader: BinaryIO) -> int | None:
    """Read a length of EBML: as many bytes as its first has leading zeros, and one; None if unknown."""
    first = reader.read(1)
    if not first or first[0] == 0:
        return None
    count = 9 - first[0].bit_length()
    value = first[0] & (0xFF >> count)
    for each in reader.read(count - 1):
        value = value << 8 | each
    return None if value == (1 << 7 * count) - 1 else value

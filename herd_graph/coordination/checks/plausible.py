"""Whether media and data can be what they say: not silent, not blank, boxes inside their picture."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any, cast

from herd_graph.coordination.checks.base import CheckInput, check, doubt, failed, listed, passed
from herd_graph.coordination.checks.sounds import heard, seen
from herd_graph.coordination.fusers.boxes import box_of
from herd_graph.state import Verdict
from herd_graph.types import Kind

_RATES = (4_000, 384_000)
_SLACK = 2
"""Pixels that a box may reach over the edge: detectors round."""
_MOJIBAKE = re.compile(r"[ÃÂ][\u0080-\u00bf]|â€|\ufffd")
_TROUBLE = re.compile(
    r"Traceback \(most recent call last\)|^\s*(?:undefined|null|None|NaN|\[object Object\])\s*$"
)


@check(name="sound", gives=Kind.AUDIO, cost=0.002)
async def sounds(subject: CheckInput) -> Verdict | None:
    """See that recordings are not silent and have a rate that recordings have."""
    for port, ref in subject.of_kind(Kind.AUDIO):
        found = await heard(subject, ref)
        if found.peak < 0.003 or found.sounding < 0.05:
            told = f"{port!r} is silent: {found.seconds:.1f} s, peak {found.peak:.4f}"
            return failed("sound", told, score=0.0)
        if not _RATES[0] <= found.rate <= _RATES[1]:
            return doubt("sound", f"{port!r} has {found.rate:,} samples a second", score=0.4)
    return passed("sound")


@check(name="picture", gives=Kind.IMAGE, cost=0.003)
async def shows_something(subject: CheckInput) -> Verdict | None:
    """See that pictures are not of one colour alone, and not too small to show anything."""
    for port, refs in subject.outputs.items():
        pictures = [await seen(subject, ref) for ref in listed(refs)[:12] if ref.kind is Kind.IMAGE]
        if pictures and all(each.extent <= 3 for each in pictures):
            told = f"{port!r} is blank: {pictures[0].width} x {pictures[0].height} of one colour"
            # Films begin in black, and documents have empty pages.
            several = isinstance(refs, list)
            return (doubt if several else failed)("picture", told, score=0.3 if several else 0.05)
        if any(min(each.width, each.height) < 4 for each in pictures):
            return doubt("picture", f"{port!r} is only a few pixels wide or high", score=0.3)
    return passed("picture")


@check(name="boxes", gives=Kind.DATA, takes=Kind.IMAGE, cost=0.001)
async def boxes_inside(subject: CheckInput) -> Verdict | None:
    """See that boxes have a size and lie inside the picture that they were found in."""
    pictures = subject.of_kind(Kind.IMAGE, given=True)
    if len(pictures) != 1:
        return None
    size: tuple[int, int] | None = None
    for _, ref in subject.of_kind(Kind.DATA):
        box = box_of(await subject.value(ref))
        if box is None:
            continue
        if size is None:
            size = cast(
                "tuple[int, int]",
                await subject.decoded(pictures[0][1], "size", lambda each: each.dimensions),
            )
        left, top, right, bottom = box
        upright = right <= size[0] + _SLACK and bottom <= size[1] + _SLACK
        turned = right <= size[1] + _SLACK and bottom <= size[0] + _SLACK  # by its EXIF
        if left < -_SLACK or top < -_SLACK or right <= left or bottom <= top:
            return failed("boxes", f"a box from {left:g}, {top:g} to {right:g}, {bottom:g}")
        if not upright and not turned:
            told = f"a box reaches to {right:g}, {bottom:g} in a picture of {size[0]} x {size[1]}"
            return failed("boxes", told)
    return passed("boxes") if size is not None else None


@check(name="spans", gives=Kind.DATA, takes=Kind.TEXT, cost=0.0005)
async def spans_inside(subject: CheckInput) -> Verdict | None:
    """See that what was found in a text stands in it, and where it is said to stand."""
    sources = list((await subject.texts(given=True)).values())
    looked = False
    for _, ref in subject.of_kind(Kind.DATA):
        value = await subject.value(ref)
        if not isinstance(value, Mapping):
            continue
        held = cast("Mapping[str, Any]", value)
        text, start, end = held.get("text"), held.get("start"), held.get("end")
        if not isinstance(text, str) or not isinstance(start, int) or not isinstance(end, int):
            continue
        looked = True
        if not any(_same(each[start:end], text) for each in sources):
            where = "elsewhere" if any(text in each for each in sources) else "nowhere"
            told = f"{text[:60]!r} is said to stand at {start} to {end}, and stands {where}"
            return failed("spans", told, score=0.1)
    return passed("spans") if looked else None


def _same(left: str, right: str) -> bool:
    return " ".join(left.split()).casefold() == " ".join(right.split()).casefold()


@check(name="whole", gives=(Kind.DOCUMENT, Kind.VIDEO), cost=0.0005)
async def whole(subject: CheckInput) -> Verdict | None:
    """See that files are as long as they say of themselves: none of them is cut off."""
    for port, refs in subject.outputs.items():
        for ref in listed(refs):
            if ref.kind not in {Kind.DOCUMENT, Kind.VIDEO}:
                continue
            why = await subject.decoded(ref, "whole", lambda each: cut_off(each.bytes()))
            if why:
                return failed("whole", f"{port!r} {why}", score=0.05)
    return passed("whole")


def cut_off(content: bytes) -> str:
    """Say how a file ends before its end; empty where it does not, or cannot be told."""
    if content.startswith(b"PK\x03\x04"):
        try:
            zipfile.ZipFile(io.BytesIO(content)).close()  # its list of contents stands at the end
        except zipfile.BadZipFile:
            return "is an archive without its end"
    elif content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-_TAIL:]:
            return "is a PDF without its end"
    elif content.startswith(b"MThd"):
        return _parts_missing(content, int.from_bytes(content[10:12], "big"))
    elif content[4:8] == b"ftyp":
        return _boxes_missing(content)
    return ""


_TAIL = 2048
"""Bytes at the end of a PDF in which its last line stands; some add a few of their own."""


def _parts_missing(content: bytes, tracks: int) -> str:
    """Follow the chunks of a MIDI file: its head, and as many tracks as that says."""
    place = found = 0
    while place + 8 <= len(content) and found <= tracks:
        place += 8 + int.from_bytes(content[place + 4 : place + 8], "big")
        found += 1
    whole = found > tracks and place <= len(content)
    return "" if whole else f"is cut off: {tracks} tracks of MIDI do not fit {len(content):,} bytes"


def _boxes_missing(content: bytes) -> str:
    """Follow the outermost boxes of an MP4 file, each with its length in front."""
    place = 0
    while place + 8 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        if length == 1:  # a long one: its length follows
            length = int.from_bytes(content[place + 8 : place + 16], "big")
        if length < 8:  # 0: to the end of the file
            return ""
        place += length
    return f"is cut off: its parts reach to {place:,} bytes" if place > len(content) else ""


@check(name="legible", gives=Kind.TEXT, cost=0.0001)
async def legible(subject: CheckInput) -> Verdict | None:
    """See that a text was decoded rightly and is no error message."""
    for port, text in (await subject.texts()).items():
        broken = len(_MOJIBAKE.findall(text[:20_000]))
        if broken > 2 and broken > 0.01 * len(text[:20_000]):
            told = f"{port!r} holds {broken} characters that were decoded wrongly"
            return doubt("legible", told, score=0.3)
        if len(text) < 4000 and (found := _TROUBLE.search(text)):
            return failed("legible", f"{port!r} says {found.group().strip()!r}", score=0.1)
    return passed("legible")


__all__ = (
    "boxes_inside",
    "cut_off",
    "legible",
    "shows_something",
    "sounds",
    "spans_inside",
    "whole",
)

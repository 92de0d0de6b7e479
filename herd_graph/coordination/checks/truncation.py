# ruff: noqa: SIM905 - word lists are read and mended as words
"""Whether a result stops too soon: in mid-word, in mid-sentence, or well before its source does."""

from __future__ import annotations

import re
from collections.abc import Iterable

from herd_graph.artifacts import Table
from herd_graph.artifacts.workings import without_workings
from herd_graph.coordination.checks.base import CheckInput, check, doubt, failed, listed, passed
from herd_graph.coordination.checks.consistent import wants_some
from herd_graph.coordination.checks.language import parameter
from herd_graph.coordination.checks.natures import converses, reads_pictures
from herd_graph.coordination.checks.sounds import heard, written
from herd_graph.state import Verdict
from herd_graph.types import ArtifactRef, Kind

_END = re.compile(r"[.!?…:;。！？)\]}\"”»'’%€$£*`|_>-]\s*$")  # noqa: RUF001 - as other scripts write
_NUMBERED = re.compile(r"\d(?:[\d ().+/-]{4,})\d\s*$")
"""A telephone or account number at the end of a letterhead: nothing was cut off."""
_NAMED = re.compile(r"(?:SQL|[A-Z][^\W\d_]*(?: [^\W\d_]+){0,3}): .*(?:=|\bSELECT\b)")
"""A line that gives a query or a formula under its name: no prose, and without a full stop."""
_STOP = re.compile(r"[.!?…][\"”')]?\s+[\"“'(]?[A-ZÀ-Ý¿¡]|[。！？]")  # noqa: RUF001
_SENTENCE = re.compile(r"[.!?…]+(?:[\"”»)']*)(?:\s+|$)")
_DANGLING = frozenset(
    "the a an and or but of to in on at with for from by that which who is are was were be as than if because "
    "into his her their our your my this these o os a um uma e ou mas de do da dos das em no na com para por que "
    "é são foi ao à se seu sua".split()
)  # fmt: skip
_SPEAKS = (9.0, 24.0)
"""Letters that are said in a second of sounding speech: slow, and fast."""
_HEARD = 7.5
"""Letters for a second of sounding speech, at least, in a whole transcript of clear speech."""
_GUESSES = 1.14
"""How many letters are guessed for each one of an upright page."""


@check(name="truncation", gives=Kind.TEXT, cost=0.0002)
async def text_ends(subject: CheckInput) -> Verdict | None:
    """See that texts end as sentences do, where all their other sentences do."""
    looks = {ref.kind for refs in subject.inputs.values() for ref in listed(refs)}
    sources = await subject.texts(given=True)
    for port, whole in (await subject.texts()).items():
        text = whole.strip()
        why = ending(text)
        why = why or _stops_before(subject, text, sources.values())
        is_read = Kind.IMAGE in looks and reads_pictures(subject.card)  # a page may end anywhere
        # What answers a question ends with a heading or a name now and then: see ``second_looks``.
        is_asked_again = subject.may_look_twice and converses(subject.card)
        if why and not is_read and not is_asked_again and not _ends_alike(text, sources.values()):
            return failed("truncation", f"{port!r} {why}", score=0.2, evidence=text[-80:])
    return passed("truncation")


def ending(text: str) -> str:
    """Say how a text stops in the middle; empty where it does not.

    A text without any full stop is a list, a title or a rough transcript, and may end anywhere.
    """
    if not text or text.count("```") % 2:
        return "stops inside a block of code" if text else ""
    last = text.rpartition("\n")[2]
    words = re.findall(r"(?<!\S)[^\W\d_]+", last)
    if (
        len(words) < 2
        or _END.search(last)
        or _NUMBERED.search(last)
        or last.lstrip()[:2] in {"- ", "* ", "• "}
    ):
        return ""
    if words[-1].lower() in _DANGLING and len(words) > 3 and last.split()[-1] == words[-1]:
        return f"stops after {words[-1]!r}, in the middle of a sentence"
    if _NAMED.match(last):
        return ""
    head = text[: -len(last)] if last != text else ""
    if _STOP.search(last) or (_prose(head) and len(words) > 4):
        return f"stops after {words[-1]!r}, and its sentences before end with a full stop"
    return ""


def _stops_before(subject: CheckInput, text: str, sources: Iterable[str]) -> str:
    """Say how a text ends without a full stop that is made of sentences which all have theirs."""
    card = subject.card
    if not re.search(
        r"translat|summar|digest|shorten", f"{card.name} {' '.join(card.tags)}".lower()
    ):
        return ""
    source = max((each.strip() for each in sources), key=len, default="")
    complete = source[-1:] in {".", "!", "?"} and (
        len(_SENTENCE.findall(source)) > 1 or "\n" not in source
    )
    if complete and len(text.split()) > 3 and not _END.search(text):
        return f"stops after {text.rsplit(maxsplit=1)[-1]!r}, and its source ends with a full stop"
    return ""


def _prose(text: str) -> bool:
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    return bool(lines) and all(_END.search(each) for each in lines if len(each) > 60) and any(
        len(each) > 60 for each in lines
    )  # fmt: skip


def _ends_alike(text: str, sources: Iterable[str]) -> bool:
    """Say whether a source of a text ends with the same words, and so leaves them as they are."""
    tail = text[-24:].strip().casefold()
    return any(
        source.strip().casefold().endswith(tail)
        or (ending(source.strip()) and len(text) >= 0.5 * len(source))
        for source in sources
    )


@check(name="length:translation", gives=Kind.TEXT, takes=Kind.TEXT, cost=0.0002)
async def as_long_as_its_source(subject: CheckInput) -> Verdict | None:
    """See that a translation has about as much text, and as many sentences and lines."""
    if not await parameter(subject):
        return None
    source = max((await subject.texts(given=True)).values(), key=len, default="").strip()
    source = without_workings(source)
    result = "\n".join((await subject.texts()).values()).strip()
    if len(source) < 30:
        return None
    ratio = len(result) / len(source)
    if ratio < 0.62 or ratio > 1.9:
        told = f"a translation of {len(source)} letters has {len(result)}"
        return failed("length:translation", told, score=0.2)
    before, after = _sentences(source), _sentences(result)
    if before >= 3 and after < 0.6 * before and ratio < 0.8:
        told = f"{after} of {before} sentences were translated"
        return failed("length:translation", told, score=0.2)
    return passed("length:translation")


def _sentences(text: str) -> int:
    return max(1, len(_SENTENCE.findall(text)))


@check(name="length:speech", gives=Kind.AUDIO, takes=Kind.TEXT, cost=0.002)
async def speaks_it_all(subject: CheckInput) -> Verdict | None:
    """See that speech takes about as long as its text does."""
    text = " ".join(map(without_workings, (await subject.texts(given=True)).values()))
    letters = len(re.sub(r"\s+", " ", text))
    recordings = subject.of_kind(Kind.AUDIO)
    if letters < 8 or not recordings:
        return None
    parts = [await heard(subject, ref) for _, ref in recordings]
    seconds = sum(each.sounding for each in parts)
    digits = sum(each.isdigit() for each in text)
    slow, fast = _SPEAKS
    least, most = (letters + 3 * digits) / fast / 1.35, (letters + 6 * digits) / slow * 1.6 + 1.0
    if seconds < least or seconds > most:
        told = (
            f"{letters} letters would take {least:.1f} to {most:.1f} s, and {seconds:.1f} s sound"
        )
        return failed("length:speech", told, score=0.2)
    return passed("length:speech")


_TIMES = re.compile(
    r"^(?:\d+\n)?(?:\d+:)?\d\d:\d\d[.,]\d{3} --> .*$|^\[(?:\d+:)?\d+:\d\d\] ", re.MULTILINE
)
"""When something is said, which nobody says: the times of subtitles and of timed transcripts."""


@check(name="length:transcript", gives=Kind.TEXT, takes=Kind.AUDIO, cost=0.002)
async def writes_it_all(subject: CheckInput) -> Verdict | None:
    """See that a transcript has about as many letters as its recording has time for."""
    text = _TIMES.sub("", " ".join((await subject.texts()).values())).strip()
    parts = [await heard(subject, ref) for _, ref in subject.of_kind(Kind.AUDIO, given=True)]
    sounding = sum(each.sounding for each in parts)
    whole = sum(each.seconds for each in parts)
    if len(parts) != 1 or sounding < 1.0:
        return None
    digits = sum(each.isdigit() for each in text)
    letters = len(text) + 4 * digits
    if letters > 32 * max(sounding, 0.6 * whole) + 12:
        told = f"{letters} letters cannot be said in {whole:.1f} s"
        return failed("length:transcript", told, score=0.1)
    if parts[0].clear and letters < _HEARD * sounding:
        told = f"{letters} letters are few for {sounding:.1f} s of sounding speech"
        return doubt("length:transcript", told, score=0.3)
    return passed("length:transcript")


@check(
    name="length:reading",
    gives=Kind.TEXT,
    takes=Kind.IMAGE,
    experts=("ocr", "letters", "read_text*", "handwriting"),
    cost=0.01,
)
async def reads_it_all(subject: CheckInput) -> Verdict | None:
    """See that a reading has about as many letters as its page seems to hold."""
    pictures = subject.of_kind(Kind.IMAGE, given=True)
    if len(pictures) != 1:
        return None
    guessed = await written(subject, pictures[0][1]) / _GUESSES
    if guessed < 12:
        return None
    text = "".join("".join((await subject.texts()).values()).split())
    told = f"it has {len(text)} letters, and the page seems to hold {guessed:.0f}"
    if len(text) < 0.55 * guessed or len(text) > 4.5 * guessed + 40:  # lines aslant hide letters
        return doubt("length:reading", told, score=0.3)
    return passed("length:reading")


@check(name="rows", gives=Kind.TABLE, takes=Kind.TABLE, cost=0.001)
async def keeps_its_rows(subject: CheckInput) -> Verdict | None:
    """See that a table that was only written in another form still has its rows and columns."""
    if not re.search(
        r"convert|export|format", f"{subject.card.name} {' '.join(subject.card.tags)}"
    ):
        return None
    sources = [ref for _, ref in subject.of_kind(Kind.TABLE, given=True)]
    if len(sources) != 1 or await wants_some(subject, sources[0]):
        return None
    before = [await _shape(subject, ref) for ref in sources]
    after = [await _shape(subject, ref) for _, ref in subject.of_kind(Kind.TABLE)]
    if len(before) == len(after) == 1 and before[0] != after[0]:
        told = (
            f"{before[0][0]} rows of {before[0][1]} columns became {after[0][0]} of {after[0][1]}"
        )
        return failed("rows", told, score=0.1)
    return passed("rows")


async def _shape(subject: CheckInput, ref: ArtifactRef) -> tuple[int, int]:
    def shape(table: Table) -> tuple[int, int]:
        return len(table.rows), len(table.columns)

    return await subject.decoded(ref, "shape", shape)


__all__ = (
    "as_long_as_its_source",
    "ending",
    "keeps_its_rows",
    "reads_it_all",
    "speaks_it_all",
    "text_ends",
    "writes_it_all",
)

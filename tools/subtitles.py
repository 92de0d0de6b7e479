"""Write what was heard with its times: subtitles (SRT, WebVTT), or lines that begin with a time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from herd_graph.artifacts import Text

Form = Literal["text", "timed", "srt", "vtt"]
"""Plain text; lines with the time at which each begins; subtitles in one of the two common forms."""
LONGEST = 84
"""Letters of a subtitle: two lines of 42, as broadcasters write them."""
SLOWEST = 6.0
"""Seconds that one subtitle stays."""
_PAUSE = 0.8
_SHORTENED = re.compile(r"(?:mr|mrs|ms|dr|prof|st|no|vs|etc|[a-z])\.", re.IGNORECASE)
"""What ends in a point and ends no sentence."""
_TIMED = re.compile(
    r"(^(?:\d+:)?\d{2}:\d{2}[.,]\d{3} --> (?:\d+:)?\d{2}:\d{2}[.,]\d{3}[^\n]*\n)", re.MULTILINE
)
_MIMES = {"srt": "application/x-subrip", "vtt": "text/vtt"}


@dataclass(frozen=True)
class Cue:
    """Words, and when they are said."""

    start: float
    end: float
    text: str


def written(segments: Iterable[Any], form: Form, name: str) -> Text:
    """Return subtitles of what Whisper heard.

    Args:
        segments: What it heard, with the times of words.
        form: How they are written.
        name: The recording's name, which the file is called by.
    """
    cues = _cues(list(segments))
    stem = PurePath(name or "recording").stem
    if form == "timed":
        lines = [f"[{_clock(each.start)}] {each.text}" for each in cues]
        return Text("\n".join(lines), name=f"{stem}.txt")
    mark = "," if form == "srt" else "."
    blocks = [
        (f"{number}\n" if form == "srt" else "")
        + f"{_stamp(each.start, mark)} --> {_stamp(each.end, mark)}\n{_in_two(each.text)}"
        for number, each in enumerate(cues, 1)
    ]
    text = "\n\n".join(blocks if form == "srt" else ["WEBVTT", *blocks]) + "\n"
    return Text(text, mime=_MIMES[form], name=f"{stem}.{form}")


def _cues(segments: Sequence[Any]) -> list[Cue]:
    """Cut what was heard where sentences end and where somebody pauses, long sentences into equal parts."""
    cues = [Cue(each.start, each.end, each.text.strip()) for each in segments if not each.words]
    for sentence in _sentences([word for each in segments for word in each.words or ()]):
        cues += [_cue(part) for part in _parted(sentence)]
    return sorted((each for each in cues if each.text), key=lambda each: each.start)


def _sentences(words: Sequence[Any]) -> Iterator[list[Any]]:
    held: list[Any] = []
    for word in words:
        if held and word.start - held[-1].end > _PAUSE:
            yield held
            held = []
        held.append(word)
        said = word.word.strip()
        if said.endswith((".", "!", "?")) and not _SHORTENED.fullmatch(said):
            yield held
            held = []
    if held:
        yield held


def _parted(sentence: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Part a sentence that is too long to be read at a glance into equal parts."""
    length = sum(len(each.word) for each in sentence)
    lasts = sentence[-1].end - sentence[0].start
    parts = max(math.ceil(length / LONGEST), math.ceil(lasts / SLOWEST), 1)
    start = said = 0
    for place, word in enumerate(sentence):
        said += len(word.word)
        if parts > 1 and said >= length / parts and place + 1 < len(sentence):
            yield sentence[start : place + 1]
            length, parts, start, said = length - said, parts - 1, place + 1, 0
    yield sentence[start:]


def _cue(held: Sequence[Any]) -> Cue:
    text = " ".join("".join(each.word for each in held).split())
    return Cue(float(held[0].start), float(held[-1].end), text)


def _in_two(text: str) -> str:
    """Part a long subtitle into two lines, near its middle."""
    if len(text) <= LONGEST // 2:
        return text
    spaces = [at for at, each in enumerate(text) if each == " "]
    if not spaces:
        return text
    cut = min(spaces, key=lambda at: abs(at - len(text) / 2))
    return f"{text[:cut]}\n{text[cut + 1 :]}"


def translated(text: str, line: Callable[[str], str]) -> str | None:
    """Return subtitles in another language, with their numbers and times; None for other texts.

    Args:
        text: Perhaps subtitles.
        line: Translates what is said.
    """
    if not _TIMED.search(text):
        return None
    blocks: list[str] = []
    for block in re.split(r"\n{2,}", text.strip("\n")):
        head, times, said = (
            _TIMED.split(block, maxsplit=1) if _TIMED.search(block) else (block, "", "")
        )
        spoken = " ".join(said.split())
        blocks.append(f"{head}{times}{_in_two(line(spoken))}" if spoken else block)
    return "\n\n".join(blocks) + "\n"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _stamp(seconds: float, mark: str) -> str:
    thousandths = round(seconds * 1000)
    whole, rest = divmod(thousandths, 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{mark}{rest:03d}"


__all__ = ("Cue", "Form", "translated", "written")

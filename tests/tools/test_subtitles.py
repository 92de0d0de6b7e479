"""Subtitles: what is heard, with its times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text

Call = Callable[..., Any]
subtitles: Any = import_module("herd_graph._bundled.tools.subtitles")
TIMES = re.compile(r"(\d\d):(\d\d):(\d\d)[,.](\d{3}) --> (\d\d):(\d\d):(\d\d)[,.](\d{3})")


@dataclass
class Word:
    word: str
    start: float
    end: float


@dataclass
class Segment:
    words: list[Word]
    text: str
    start: float
    end: float


def segment(text: str, start: float = 0.0, each: float = 0.4) -> Segment:
    said = text.split()
    words = [
        Word(f" {word}", start + at * each, start + (at + 1) * each) for at, word in enumerate(said)
    ]
    return Segment(words, text, start, start + len(said) * each)


def test_a_sentence_is_a_subtitle_and_a_title_ends_none():
    made = subtitles.written(
        [segment("Mrs. Keller called. Please order 20 more.")], "srt", "note.wav"
    )

    assert made.text == (
        "1\n00:00:00,000 --> 00:00:01,200\nMrs. Keller called.\n\n"
        "2\n00:00:01,200 --> 00:00:02,800\nPlease order 20 more.\n"
    )
    assert (made.name, made.mime) == ("note.srt", "application/x-subrip")


def test_webvtt_begins_with_its_name_and_writes_points():
    made = subtitles.written([segment("Good morning.", start=3661.5)], "vtt", "")

    assert made.text == "WEBVTT\n\n01:01:01.500 --> 01:01:02.300\nGood morning.\n"
    assert made.name == "recording.vtt"


def test_times_before_lines_are_for_people():
    made = subtitles.written([segment("Good morning. And good night.", start=75)], "timed", "a.mp3")

    assert made.text == "[1:15] Good morning.\n[1:15] And good night."


@given(st.lists(st.text(alphabet="abcdefg", min_size=1, max_size=12), min_size=1, max_size=60))
def test_no_word_is_lost_and_no_subtitle_is_too_long(words: list[str]):
    made = subtitles.written([segment(" ".join(words))], "srt", "a.wav")
    blocks = [each.split("\n", 2) for each in made.text.strip("\n").split("\n\n")]
    said = [" ".join(block[2].split()) for block in blocks]

    assert " ".join(said).split() == words
    assert all(len(each) <= subtitles.LONGEST + 24 for each in said)
    assert [block[0] for block in blocks] == [str(each) for each in range(1, len(blocks) + 1)]


def test_subtitles_keep_their_times_in_another_language(call: Call):
    source = Text("1\n00:00:01,000 --> 00:00:03,500\nThe shop opens\non Monday.\n", name="clip.srt")

    made = call("translate", source, "pt")

    assert made.text == "1\n00:00:01,000 --> 00:00:03,500\nA loja abre na segunda-feira.\n"
    assert made.name == "clip.pt.srt"


def test_a_text_with_an_arrow_is_no_subtitle():
    assert subtitles.translated("10 --> 20 boxes\nare enough", str.upper) is None


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_what_is_spoken_gets_its_times(call: Call, form: str):
    spoken = call("speak", Text("The library opens at noon.\nThe books are on the second floor."))

    made = call("transcribe", spoken, form)
    found = [[int(each) for each in times] for times in TIMES.findall(made.text)]
    stamps = [(h * 3600 + m * 60 + s + ms / 1000) for t in found for h, m, s, ms in (t[:4], t[4:])]

    assert len(found) == 2
    assert stamps == sorted(stamps)
    assert stamps[-1] <= spoken.seconds + 0.5
    assert "second floor" in " ".join(made.text.split())


@pytest.mark.parametrize(
    ("form", "mime"), [("mp3", "audio/mpeg"), ("ogg", "audio/ogg"), ("flac", "audio/flac")]
)
def test_speech_is_written_in_the_form_asked_for_and_heard_again(call: Call, form: str, mime: str):
    said = "The library opens at noon on Monday."

    made = call("speak", Text(said), form)
    heard = call("transcribe", made).text

    assert (made.name, made.mime) == (f"speech.{form}", mime)
    assert re.findall(r"[a-z]+", heard.lower()) == re.findall(r"[a-z]+", said.lower())

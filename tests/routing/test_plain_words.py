"""Telegram style is put in plain words where a planner would misread it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neural_router import plan, routed
from routing_gold import attachments, render

from herd_graph.routing.plain_words import in_full
from herd_graph.tasks import Task
from herd_graph.types import Kind


@pytest.mark.parametrize(
    ("kind", "text", "full"),
    [
        (
            Kind.TEXT,
            "thank you mail -> portuguese -> tell me who gave how much",
            "Translate it into Portuguese. tell me who gave how much",
        ),
        (
            Kind.AUDIO,
            "voice note → text → what does she want by Friday?",
            "Transcribe it. what does she want by Friday?",
        ),
        (Kind.TEXT, "letter -> english -> title", "letter -> english -> title"),
        (
            Kind.AUDIO,
            "voice note: when can the drill be lent again?",
            "when can the drill be lent again?",
        ),
        (
            Kind.VIDEO,
            "clip: last frame, and read what is written on it",
            "show last frame of the video, and read what is written on it",
        ),
        (Kind.IMAGE, "receipt: total and VAT", "receipt: total and VAT"),
        (Kind.TEXT, "Note: the file is old. Transcribe it", "Note: the file is old. Transcribe it"),
        (Kind.AUDIO, "subtitels for the recordng pls", "subtitles for the recording pls"),
        (Kind.TEXT, "also translte the sumary to portugese", "also translate the summary to Portuguese"),
        (Kind.TEXT, "translating, translated, transcripts", "translating, translated, transcripts"),
        (Kind.TEXT, "translate 'sumary' please", "translate 'sumary' please"),
        (Kind.TEXT, "who is Mr Recepit?", "who is Mr Recepit?"),
    ],
)  # fmt: skip
def test_a_request_is_said_in_full(kind: Kind, text: str, full: str) -> None:
    assert in_full(text, {"a1": kind}) == full


@given(st.text(alphabet="abcdefghijklmnop ,.->:?\n\"'", max_size=120))
def test_what_is_said_in_full_stays_as_it_is(text: str) -> None:
    once = in_full(text, {"a1": Kind.TEXT})

    assert in_full(once, {"a1": Kind.TEXT}) == once


def test_a_file_that_is_not_the_only_one_is_named_still() -> None:
    said = "voice note: when is it?"

    assert in_full(said, {"a1": Kind.AUDIO, "a2": Kind.TEXT}) == said
    assert in_full(said, {}) == said


@pytest.mark.parametrize(
    ("file", "text", "made"),
    [
        (
            "text:thanks.txt",
            "thank you mail -> portuguese -> tell me who gave how much",
            "chat('tell me who gave how much', a1) ; translate(a1, pt)",
        ),
        (
            "audio:note.wav",
            "voice note: when can the drill be lent again?",
            "chat('when can the drill be lent again?', transcribe(a1))",
        ),
        ("audio:note.wav", "subtitels (srt) for the voice note pls", "transcribe(a1, srt)"),
    ],
)
def test_telegrams_are_planned(file: str, text: str, made: str) -> None:
    assert render(plan(text, file)) == made


def test_the_request_is_told_as_it_was_typed() -> None:
    typed = "subtitels (srt) for the voice note pls"
    route = routed(Task(text=typed, attachments=attachments("audio:note.wav")))

    assert route.trace.request == typed


@pytest.mark.parametrize(
    ("text", "full"),
    [
        (
            "Translate the mail, then count how often... no, just find the names in it",
            "Translate the mail. Find the names in it",
        ),
        (
            "what have I after 6 years? and is that more than … no just the first",
            "what have I after 6 years?",
        ),
        ("Add it up, and split it by 4... no, just add it up", "Add it up. Add it up"),
        (
            "How much did we spend, and what would that be per person if three of us share it?",
            "How much did we spend, and split that between three people?",
        ),
        ("is there a no, and just the one?", "is there a no, and just the one?"),
        ("summarise it, no, just the title", "summarise it, no, just the title"),
    ],
)
def test_what_is_taken_back_is_not_asked_for(text: str, full: str) -> None:
    assert in_full(text, {}) == full

"""A voice note, written down and translated.

    transcribe ─▶ translate

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.voice_note import graph

    graph.invoke({"recording": "note.ogg", "to": "pt"})["translation"]
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from herd_graph import Audio, Herd, Text, workflow
from herd_graph._bundled.tools import Transcribe, Translate


class VoiceNote(NamedTuple):
    """What comes of a voice note."""

    transcript: Text
    translation: Text


@workflow(
    tags=["voice note", "interpreter"],
    examples=["write down this voice note and translate it into Portuguese"],
)
def voice_note(recording: Audio, to: Literal["pt", "en"] = "pt") -> VoiceNote:
    """Write a recording down, and translate what was said.

    Args:
        recording: English speech.
        to: The language to translate into.
    """
    transcript = Transcribe(recording)
    return VoiceNote(transcript, Translate(transcript, to=to))


graph = Herd(voice_note).compile(workflow=voice_note)

"""A Portuguese text, translated into English and read aloud.

    translate ─▶ speak

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.read_aloud import graph

    graph.invoke({"text": "A reunião é na quinta-feira."})["spoken"]["id"]
"""

from __future__ import annotations

from typing import NamedTuple

from herd_graph import Audio, Herd, Text, workflow
from herd_graph._bundled.tools import Speak, Translate


class ReadAloud(NamedTuple):
    """What comes of the text."""

    english: Text
    spoken: Audio


@workflow(
    tags=["read aloud", "interpreter"],
    examples=["read this Portuguese letter to me in English"],
)
def read_aloud(text: Text) -> ReadAloud:
    """Translate a Portuguese text into English and read it aloud, in an English voice.

    Args:
        text: Portuguese text.
    """
    english = Translate(text, to="en")
    return ReadAloud(english, Speak(english))


graph = Herd(read_aloud).compile(workflow=read_aloud)

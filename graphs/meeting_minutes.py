"""The minutes of a meeting: what was said, who and when, what was decided, in short and spoken.

    transcribe ─┬─▶ find_entities ─▶ people_and_dates
                ├─▶ find_decisions
                └─▶ summarize ─▶ speak

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.meeting_minutes import graph

    graph.invoke({"recording": "meeting.ogg"})["summary"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from herd_graph import Audio, Herd, Text, expert, workflow
from herd_graph._bundled.tools import FindEntities, Speak, Summarize, Transcribe

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_DECIDED = re.compile(
    r"\b(?:agree[ds]?|decide[ds]?|decision|approve[ds]?|resolved|settled|must|have to|has to|"
    r"(?:shall|will)(?!\s+(?:be\s+)?(?:see|rain|know)\b)|'ll|deadline|please)\b",
    re.IGNORECASE,
)


class WhoAndWhen(NamedTuple):
    """Names without their places in the text, each once."""

    people: list[str]
    dates: list[str]


@expert(
    tags=["people", "dates", "attendance"],
    examples=["who and when, out of these entities", "only the people and dates of the list"],
    licence="Apache-2.0",
    latency_s=0.01,
)
def people_and_dates(found: list[dict[str, Any]]) -> WhoAndWhen:
    """Pick the people and the dates out of a list of entities, each once, in order.

    Args:
        found: What find_entities gives.
    """
    return WhoAndWhen(_labelled(found, {"person"}), _labelled(found, {"date", "time"}))


def _labelled(found: list[dict[str, Any]], labels: set[str]) -> list[str]:
    names: list[str] = [_text(each) for each in found if each.get("label") in labels]
    return list(dict.fromkeys(names))


def _text(entity: Mapping[str, Any]) -> str:
    return " ".join(str(entity.get("text", "")).split())


@expert(
    tags=["decisions", "commitments", "minutes"],
    examples=["what was decided in the meeting?", "which decisions does the transcript hold?"],
    licence="Apache-2.0",
    latency_s=0.01,
    notes="Goes by words such as 'agreed', 'will', 'must' and 'deadline', in English; it misses others.",
)
def find_decisions(transcript: Text) -> list[str]:
    """List the sentences of a transcript that decide, promise or ask for something.

    Args:
        transcript: English text of a meeting.
    """
    sentences = _BETWEEN_SENTENCES.split(" ".join(transcript.text.split()))
    return [each for each in sentences if _DECIDED.search(each)]


class Minutes(NamedTuple):
    """What comes of a meeting."""

    transcript: Text
    people: list[str]
    dates: list[str]
    decisions: list[str]
    summary: Text
    spoken: Audio


@workflow(
    tags=["meeting", "minutes"],
    examples=[
        "write the minutes of this meeting",
        "who was there, what was decided, and the gist of it, out of the recording",
    ],
)
def meeting_minutes(recording: Audio, sentences: int = 3) -> Minutes:
    """Write the minutes of a recorded meeting: people, dates, decisions, and a spoken summary.

    Args:
        recording: English speech.
        sentences: How many sentences the summary has.
    """
    transcript = Transcribe(recording)
    named = people_and_dates(FindEntities(transcript))
    summary = Summarize(transcript, sentences=sentences)
    return Minutes(
        transcript,
        named.people,
        named.dates,
        find_decisions(transcript),
        summary,
        Speak(summary),
    )


graph = Herd(meeting_minutes).compile(workflow=meeting_minutes)

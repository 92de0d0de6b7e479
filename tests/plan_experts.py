"""The experts that tests of plans and workflows name. None of them is ever run."""

from __future__ import annotations

from typing import Literal, NamedTuple

from herd_graph.artifacts import Audio, Document, Image, Text
from herd_graph.function_experts import expert
from herd_graph.registry import Snapshot


@expert(latency_s=2.0, cost_usd=0.01)
def transcribe(recording: Audio, language: str = "en") -> Text:
    """Write down what is said in a recording."""
    raise NotImplementedError


@expert(latency_s=1.0)
def translate(text: str, to: Literal["pt", "en"]) -> Text:
    """Translate a text."""
    raise NotImplementedError


@expert(latency_s=1.0)
def read_text(picture: Image) -> Text:
    """Read the text in a picture."""
    raise NotImplementedError


@expert(latency_s=1.0)
def caption(picture: Image) -> Text:
    """Describe an image in one sentence."""
    raise NotImplementedError


@expert(latency_s=1.0)
def speak(text: str, speed: float = 1.0) -> Audio:
    """Say a text aloud."""
    raise NotImplementedError


@expert(latency_s=0.1)
def pages(document: Document) -> list[Image]:
    """Render the pages of a document as pictures."""
    raise NotImplementedError


@expert(latency_s=0.1)
def join(parts: list[str]) -> Text:
    """Put texts together."""
    raise NotImplementedError


@expert(latency_s=0.1)
def score(text: str) -> float:
    """Rate a text."""
    raise NotImplementedError


class Heard(NamedTuple):
    """What ``listen`` gives."""

    words: Text
    mood: Literal["calm", "angry"]


@expert(latency_s=3.0, locality="remote")
def listen(recording: Audio) -> Heard:
    """Hear what is said, and how."""
    raise NotImplementedError


def herd() -> Snapshot:
    everyone = (
        transcribe,
        translate,
        read_text,
        caption,
        speak,
        pages,
        join,
        score,
        listen,
    )
    return Snapshot({each.card.id: each for each in everyone})

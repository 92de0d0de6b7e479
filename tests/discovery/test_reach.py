"""Can these inputs become that output in at most k steps?"""

from __future__ import annotations

import pytest

from herd_graph.artifacts import Audio, Image, Table, Text
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.function_experts import expert
from herd_graph.registry import Registry
from herd_graph.types import Kind


@expert
def transcribe(recording: Audio) -> Text:
    """Transcribe speech to text."""
    raise NotImplementedError


@expert
def translate(text: Text) -> Text:
    """Translate a text."""
    raise NotImplementedError


@expert
def speak(text: Text) -> Audio:
    """Speak a text aloud."""
    raise NotImplementedError


@expert
def ask_picture(picture: Image, question: Text) -> Text:
    """Answer a question about a picture."""
    raise NotImplementedError


@expert
def subtitle(picture: Image, recording: Audio) -> Image:
    """Write what is said onto a picture."""
    raise NotImplementedError


@expert
def plot(numbers: Table) -> Image:
    """Plot a table."""
    raise NotImplementedError


@pytest.fixture(scope="module")
def index() -> CapabilityIndex:
    registry = Registry()
    registry.add(transcribe, translate, speak, ask_picture, subtitle, plot)
    index = CapabilityIndex.in_memory(HashEmbedder())
    index.sync(registry.snapshot())
    return index


@pytest.mark.parametrize(
    ("start", "gives", "steps", "on_a_way"),
    [
        ([Kind.AUDIO], Kind.TEXT, 1, {"transcribe"}),
        ([Kind.AUDIO], Kind.TEXT, 2, {"transcribe", "translate"}),
        ([Kind.IMAGE], Kind.AUDIO, 1, set[str]()),
        ([Kind.IMAGE], Kind.AUDIO, 2, {"ask_picture", "speak"}),
        ([Kind.IMAGE], Kind.IMAGE, 1, set[str]()),
        ([Kind.IMAGE, Kind.AUDIO], Kind.IMAGE, 1, {"subtitle"}),
        ([Kind.TABLE], Kind.TEXT, 2, {"plot", "ask_picture"}),
        ([], Kind.AUDIO, 1, {"speak"}),
        ([Kind.VIDEO], Kind.TEXT, 4, set[str]()),
    ],
)
def test_only_experts_on_a_way_are_found(
    index: CapabilityIndex, start: list[Kind], gives: Kind, steps: int, on_a_way: set[str]
) -> None:
    hits = index.search("translate the picture", start=start, gives=gives, steps=steps)

    assert {hit.card.partition("@")[0] for hit in hits} == on_a_way


def test_without_an_end_everything_that_can_be_called_in_time_is_found(
    index: CapabilityIndex,
) -> None:
    one = index.search("translate", start=[Kind.AUDIO], steps=1)
    two = index.search("translate", start=[Kind.AUDIO], steps=2)

    assert {hit.card for hit in one} == {"transcribe@1"}
    assert {hit.card for hit in two} == {"transcribe@1", "translate@1", "speak@1"}

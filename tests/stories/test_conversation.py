"""Conversations: a follow-up leans on what earlier turns of its thread attached and made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from herd_graph._bundled import folder
from herd_graph._bundled.tools import missing
from herd_graph.artifacts import Artifact, Audio, Image
from herd_graph.cards import Port
from herd_graph.herd import Herd
from herd_graph.testing import ScriptedExpert, scripted
from herd_graph.types import Kind

SAMPLES = folder("graphs") / "samples"
LANGUAGE = Port(name="to", kind=Kind.DATA, json_schema={"type": "string", "enum": ["pt", "en"]})
TEXT = Port(name="text", kind=Kind.TEXT)


def names(inputs: dict[str, Any]) -> str:
    """Return what a scripted expert was given, by name or by text."""
    (first, *_) = inputs.values()
    assert isinstance(first, Artifact)
    return str(first) if first.kind is Kind.TEXT else first.name


class Talk:
    """A herd of scripted experts, and one thread on it."""

    def __init__(self) -> None:
        self.transcribe = self._scripted(
            "transcribe", Kind.AUDIO, "heard", "Transcribe speech in a recording to text."
        )
        self.read_text = self._scripted(
            "read_text", Kind.IMAGE, "words of", "Read the text in an image."
        )
        self.translate = self._scripted(
            "translate", (TEXT, LANGUAGE), "translated", "Translate text into another language."
        )
        self.herd = Herd(self.transcribe, self.read_text, self.translate, checkpoints="memory")

    def _scripted(self, name: str, takes: Any, said: str, description: str) -> ScriptedExpert:
        def answer(**inputs: Any) -> str:
            return f"{said} {names(inputs)}"

        return scripted(
            name,
            takes,
            script=answer,
            description=description,
        )

    def says(self, text: str, *files: Any) -> str:
        """Return the answer to one turn."""
        return self.herd.run(text, *files, thread="t1").answer.text


@pytest.fixture
def talk() -> Iterator[Talk]:
    made = Talk()
    yield made
    made.herd.close()


@pytest.fixture
def note(tmp_path: Path) -> Audio:
    return Audio(shutil.copy(SAMPLES / "voice_note.ogg", tmp_path / "note.ogg"))


@pytest.fixture
def photos(tmp_path: Path) -> list[Image]:
    return [
        Image(shutil.copy(SAMPLES / "sign.png", tmp_path / "one.png")),
        Image(shutil.copy(SAMPLES / "receipt.png", tmp_path / "two.png")),
    ]


def test_it_is_what_the_last_turn_made(talk: Talk, note: Audio) -> None:
    assert talk.says("Transcribe the recording", note) == "heard note.ogg"

    assert talk.says("Now translate it into Portuguese") == "translated heard note.ogg"
    assert len(talk.transcribe.calls) == 1  # what is made is not made again


def test_small_talk_repeats_nothing_and_leaves_the_thread_as_it_was(
    talk: Talk, note: Audio
) -> None:
    talk.says("Transcribe the recording", note)

    assert talk.says("thanks, that helps!") == ""
    assert len(talk.transcribe.calls) == 1
    assert talk.says("Now translate it into Portuguese") == "translated heard note.ogg"


def test_an_earlier_attachment_is_found_by_its_place(talk: Talk, photos: list[Image]) -> None:
    assert talk.says("What does the first photo say?", *photos) == "words of one.png"

    assert talk.says("And the second photo?") == "words of two.png"
    assert talk.says("Translate it into Portuguese") == "translated words of two.png"


def test_the_same_is_done_for_another_file(talk: Talk, photos: list[Image]) -> None:
    assert talk.says("What does the photo say, and what is that in Portuguese?", photos[0]) == (
        "words of one.png\n\ntranslated words of one.png"
    )

    assert talk.says("the same for this file", photos[1]) == (
        "words of two.png\n\ntranslated words of two.png"
    )


def test_no_means_the_other_one(talk: Talk, photos: list[Image]) -> None:
    assert talk.says("Read the first photo", *photos) == "words of one.png"

    assert talk.says("no, the other one") == "words of two.png"


def test_what_an_earlier_turn_made_goes_beside_a_new_file(
    talk: Talk, note: Audio, photos: list[Image]
) -> None:
    talk.says("Transcribe the recording", note)

    said = talk.says("Translate the transcript into Portuguese and read the photo", photos[0])

    assert said == "translated heard note.ogg\n\nwords of one.png"


def test_threads_know_nothing_of_each_other(talk: Talk, note: Audio) -> None:
    talk.says("Transcribe the recording", note)

    other = talk.herd.run("Now translate it into Portuguese", thread="t2")

    assert other.status == "abstained"
    assert talk.translate.calls == []


def test_a_turn_that_leans_on_nothing_gets_nothing_of_before(talk: Talk, note: Audio) -> None:
    talk.says("Transcribe the recording", note)

    assert talk.says('Translate "good morning" into Portuguese') == "translated good morning"


def test_the_plan_names_what_it_takes_from_earlier_turns(talk: Talk, note: Audio) -> None:
    talk.says("Transcribe the recording", note)

    run = talk.herd.run("Now translate it into Portuguese", thread="t1")

    (step,) = run.plan.steps
    bound = step.inputs["text"]
    assert bound.model_dump(mode="json")["input"].startswith("h")
    assert bound.model_dump(mode="json")["input"] in run.plan.inputs


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason=f"models are missing: {missing()}")
def test_a_conversation_on_real_models(tmp_path: Path) -> None:
    herd = Herd.default()
    try:
        first = herd.run("Transcribe the voice note", SAMPLES / "voice_note.ogg", thread="t1")
        second = herd.run("Now translate it into Portuguese", thread="t1")
        third = herd.run("read that aloud", thread="t1")
    finally:
        herd.close()

    assert "chairs" in first.answer.text
    assert "cadeiras" in second.answer.text
    assert [step.expert for step in second.plan.steps] == ["translate@1"]
    assert [ref.kind for ref in third.answer.artifacts] == [Kind.AUDIO]

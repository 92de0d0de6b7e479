"""Any turn of a thread is replayed: also one whose plan binds what earlier turns gave."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from herd_graph._bundled import folder
from herd_graph.artifacts import Audio
from herd_graph.cards import Port
from herd_graph.errors import PlanInvalid
from herd_graph.herd import Herd
from herd_graph.journal import EARLIER
from herd_graph.recording.files import Recording, dump_refs
from herd_graph.runs import Run
from herd_graph.store import FolderStore
from herd_graph.testing import ScriptedExpert, assert_replays, scripted
from herd_graph.types import Kind

LANGUAGE = Port(name="to", kind=Kind.DATA, json_schema={"type": "string", "enum": ["pt", "en"]})
TEXT = Port(name="text", kind=Kind.TEXT)


def heard(**given: Any) -> str:
    (recording,) = given.values()
    return f"heard {recording.name}"


def translated(**given: Any) -> str:
    return f"translated {given['text']}"


class Thread:
    """Two turns: a recording is transcribed, and then *it* is translated."""

    def __init__(self, place: Path) -> None:
        self.transcribe = scripted(
            "transcribe",
            Kind.AUDIO,
            script=heard,
            description="Transcribe speech in a recording to text.",
        )
        self.translate = scripted(
            "translate",
            (TEXT, LANGUAGE),
            script=translated,
            description="Translate text into another language.",
        )
        self.herd = Herd(
            self.transcribe,
            self.translate,
            checkpoints="sqlite",
            store=FolderStore(place / "store"),
        )
        note = Audio(shutil.copy(folder("graphs") / "samples" / "voice_note.ogg", place / "n.ogg"))
        self.first = self.says("Transcribe the recording", note)
        self.second = self.says("Now translate it into Portuguese")

    def says(self, text: str, *files: Any, **options: Any) -> Run:
        return self.herd.run(text, *files, thread="t1", **options)

    @property
    def experts(self) -> list[ScriptedExpert]:
        return [self.transcribe, self.translate]

    def called(self) -> int:
        return sum(len(each.calls) for each in self.experts)


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[Thread]:
    made = Thread(tmp_path)
    yield made
    made.herd.close()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_turn_is_replayed_from_what_the_run_store_holds(
    thread: Thread, tmp_path: Path, turn: str
) -> None:
    run: Run = getattr(thread, turn)
    before = thread.called()

    file = thread.herd.get(run.id).save(tmp_path / "turn.herdrun")
    again = thread.herd.replay(file)

    assert again.answer.text == run.answer.text
    assert again.status == "done"
    assert thread.called() == before


def test_a_follow_up_says_what_it_took_of_earlier_turns(thread: Thread) -> None:
    (name,) = thread.second.inputs

    assert name.startswith("h")
    assert thread.herd.get("last").inputs == thread.second.inputs
    assert thread.second.row.details.get(EARLIER)
    task = thread.herd.runs.get("last").details["task"]
    # It is no attachment of this turn: a later one would take it for one.
    assert isinstance(task, dict)
    assert task["attachments"] == {}


def test_a_step_of_a_follow_up_is_called_for_real(thread: Thread, tmp_path: Path) -> None:
    file = thread.second.save(tmp_path / "turn.herdrun")
    (step,) = thread.second.plan.steps
    before = thread.called()

    again = thread.herd.replay(file, live=[step.id])

    assert again.answer.text == "translated heard n.ogg"
    assert thread.called() == before + 1


def test_a_follow_up_is_recorded_as_it_runs_and_replays_elsewhere(
    thread: Thread, tmp_path: Path
) -> None:
    made = thread.says("Translate the transcript into English", record=tmp_path / "x.herdrun")

    assert_replays(tmp_path / "x.herdrun")  # in a herd of its own, with an empty store
    with Recording(tmp_path / "x.herdrun") as opened:
        assert opened.documents["inputs"] == {
            name: dump_refs(value) for name, value in made.inputs.items()
        }


def test_a_third_turn_goes_on_from_what_the_second_made(thread: Thread, tmp_path: Path) -> None:
    third = thread.says("And now translate that into English")

    assert third.status == "done"
    again = thread.herd.replay(third.save(tmp_path / "third.herdrun"))
    assert again.answer.text == third.answer.text


def test_a_replay_that_cannot_begin_leaves_no_run(thread: Thread, tmp_path: Path) -> None:
    thread.herd.runs.update(thread.second.id, details={EARLIER: {}})  # written before it was kept
    file = thread.herd.get(thread.second.id).save(tmp_path / "turn.herdrun")

    with pytest.raises(PlanInvalid, match="was not given"):
        thread.herd.replay(file)

    assert thread.herd.get("last").id == thread.second.id


def test_why_a_follow_up_names_nothing_unserved(thread: Thread) -> None:
    for run in (thread.first, thread.second):
        assert "Not served" not in str(run.why())

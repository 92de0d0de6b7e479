"""What was asked for on the way to an answer, and how one thing that was made twice is shown."""

from __future__ import annotations

import pytest

from herd_graph.artifacts import Data, Table
from herd_graph.coordination.along import is_csv, once, wish_for
from herd_graph.coordination.answers import Answer, AnswerPart, Source
from herd_graph.coordination.in_words import as_asked
from herd_graph.store import MemoryStore
from herd_graph.types import ArtifactRef, Kind

ASK = "Read the poster, translate it into Portuguese and read it aloud."


@pytest.mark.parametrize(
    ("expert", "ask", "wish"),
    [
        ("read_text@1", ASK, "Read the poster"),
        ("translate@1", ASK, "translate it"),
        ("read_text@1", "Read the sign aloud in English", ""),
        ("read_text@1", "can you read it out loud to me", ""),
        ("transcribe_video@1", "transcribe the video and say it in Portuguese", "transcribe the video"),
        ("transcribe@1", "say what was said in Portuguese", ""),
        ("summarize@1", "Summarise the letter and read the summary aloud", "Summarise the letter"),
        ("count_objects@1", "read and count", ""),
    ],
)  # fmt: skip
def test_what_asks_for_a_step_on_the_way(expert: str, ask: str, wish: str) -> None:
    assert wish_for(expert, ask) == wish


def part(ask: str, **fields: object) -> AnswerPart:
    return AnswerPart.model_validate({"ask": ask, "status": "done", **fields})


def ref(name: str, kind: Kind) -> ArtifactRef:
    return ArtifactRef(id=name * 64, kind=kind, mime="audio/wav", size=3)


def test_words_on_the_way_stand_above_what_was_made_of_them() -> None:
    made = part(
        ASK,
        text="audio speech.wav",
        spoken="Olá",
        along=(("Read the poster", "Hello\n"),),
        sources=(Source(step="s2", expert="speak@1"),),
    )

    assert Answer(status="done", parts=(made,)).render() == (
        "Read the poster:\nHello\n\naudio speech.wav\nIt says: Olá\n  [speak@1 (s2)]"
    )


def test_one_file_that_was_made_twice_is_shown_once() -> None:
    sound = (ref("a", Kind.AUDIO),)
    parts = (
        part("translate what was said", text="audio speech.wav", artifacts=sound),
        part("say it aloud", text="audio speech.wav", artifacts=sound),
    )

    assert Answer(status="done", parts=parts).render() == (
        "Translate what was said / Say it aloud:\naudio speech.wav"
    )


def test_two_equal_numbers_are_two_answers() -> None:
    five = (ref("b", Kind.DATA),)
    parts = (
        part("How many rows?", text="5", artifacts=five),
        part("How many columns?", text="5", artifacts=five),
    )

    assert Answer(status="done", parts=parts).render().count("5") == 2


@pytest.mark.parametrize(
    ("headings", "line"),
    [(["One:"], "One:"), (["One:", "One:"], "One:"), (["What?", "Two:"], "What? / Two:")],
)
def test_headings_of_one_result_are_one_line(headings: list[str], line: str) -> None:
    assert once(headings) == line


def test_a_table_is_shown_as_the_csv_that_was_asked_for() -> None:
    store = MemoryStore()
    table = Table(b"a,b\n1,2\n", name="t.csv").put(store)

    assert as_asked("convert it to csv", [table], store) == "a,b\n1,2"
    assert as_asked("show the table", [table], store).startswith("| a | b |")
    assert as_asked("as csv", [Data(7).put(store)], store) == "7"


def test_only_values_that_are_csv_are_shown_so() -> None:
    assert is_csv("save it as CSV", ["text/csv"])
    assert not is_csv("save it as CSV", ["application/json"])
    assert not is_csv("save it", ["text/csv"])


def facts() -> Data[object]:
    return Data(
        {
            "label": "wav",
            "group": "audio",
            "mime": "audio/wav",
            "description": "Waveform Audio file",
            "length": "20.4 s",
            "size": "901.2 kB",
        }
    )


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        ("How long is this recording?", "length: 20.4 s"),
        ("how big is the file and how long", "length: 20.4 s\nsize: 901.2 kB"),
        ("what kind of file is it", "description: Waveform Audio file"),
    ],
)
def test_the_fact_of_a_file_that_was_asked_for(ask: str, told: str) -> None:
    store = MemoryStore()

    assert as_asked(ask, [facts().put(store)], store) == told


def test_all_is_told_of_a_file_where_no_fact_is_named() -> None:
    store = MemoryStore()

    assert "length: 20.4 s" in as_asked("tell me about this file", [facts().put(store)], store)
    assert "size: 901.2 kB" in as_asked("tell me about this file", [facts().put(store)], store)

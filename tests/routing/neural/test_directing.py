"""A text is not put into the language that it is in already."""

from __future__ import annotations

import pytest
from neural_router import HELD, routed
from routing_gold import STORE, attachments

from herd_graph.artifacts import Text
from herd_graph.plans import Plan, Value
from herd_graph.routing.neural.directing import asked_of_table, unnamed
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

LETTER = "Cara Helena, a reunião foi marcada para o dia 12 de maio. O Rui vai trazer os documentos."
MAIL = "Dear Helen, the meeting is on the 12th of May and Roy will bring the documents with him."


def plan(request: str, said: str) -> Plan:
    ref = Text(said, name="note.txt").put(STORE)
    return routed(Task(text=request, attachments={"a1": ref})).plan


@pytest.mark.parametrize(("said", "wanted"), [(LETTER, "en"), (MAIL, "pt"), ("12345", None)])
def test_the_other_language_is_meant_where_none_is_named(said: str, wanted: str | None) -> None:
    (step,) = plan("translate this", said).steps

    assert step.expert == "translate@1"
    assert wanted is None or step.inputs["to"] == Value(value=wanted)


@pytest.mark.parametrize(("said", "wanted"), [(LETTER, "en"), (MAIL, "pt")])
def test_what_was_made_of_a_text_is_in_its_language(said: str, wanted: str) -> None:
    made = plan("summarise the letter, translate it and read it aloud", said)

    experts = [str(each.expert) for each in made.steps]
    assert experts == ["summarize@1", "translate@1", "speak@1"]
    assert made.steps[1].inputs["to"] == Value(value=wanted)


def test_a_language_that_is_named_is_kept() -> None:
    (step,) = plan("translate this into Portuguese", LETTER).steps

    assert step.inputs["to"] == Value(value="pt")


def test_a_question_beside_a_table_is_put_to_the_table() -> None:
    table = ArtifactRef(
        id="sha256:team", kind=Kind.TABLE, mime="text/csv", size=9, name="team.csv", inline="a,b"
    )

    for asked in ("how old is Mei?", "where does Karl live"):
        task = Task(text=asked, attachments={"a1": table})
        made = asked_of_table(task, HELD, "test")
        assert made is not None
        assert [each.expert for each in made.steps] == ["query_table@1"]
        assert routed(task).plan.steps
    assert (
        asked_of_table(Task(text="Delete everybody", attachments={"a1": table}), HELD, "") is None
    )
    assert asked_of_table(Task(text="how old is Mei?", attachments={}), HELD, "") is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Transcribe Marco's voice note", "Transcribe the voice note"),
        ("Translate Anna Berg's letter", "Translate the letter"),
        ("what does the woman say in the video", "what does he say in the video"),
        ("what does Marco want?", "what does he want?"),
        ("Read Monday's menu", "Read Monday's menu"),
    ],
)
def test_names_of_people_decide_nothing(text: str, plain: str) -> None:
    assert unnamed(text) == plain


@pytest.mark.parametrize("who", ["Marco", "the woman", "my boss"])
def test_a_recording_of_anyone_is_transcribed(who: str) -> None:
    task = Task(text=f"Transcribe {who}'s voice note", attachments=attachments("audio:note.wav"))

    made = routed(task).plan

    assert [step.expert for step in made.steps] == ["transcribe@1"]

"""Reading what a person asks for: arguments, stdin, files, plans."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import typer

from herd_graph.artifacts import Image
from herd_graph.cards import Port
from herd_graph.cli.request import read_attachments, read_inputs, read_plan, read_task
from herd_graph.errors import ArtifactUnreadable, PathNotAllowed, PlanMalformed
from herd_graph.plans import Plan
from herd_graph.types import Kind

SAMPLES = Path(__file__).parents[2] / "graphs" / "samples"


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_task_is_taken_as_typed_and_stdin_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"other")

    assert read_task(" say it\n") == "say it"


@pytest.mark.parametrize("task", ["-", None])
def test_a_dash_or_nothing_reads_stdin(monkeypatch: pytest.MonkeyPatch, task: str | None) -> None:
    piped(monkeypatch, "traduza «olá»\n".encode())

    assert read_task(task) == "traduza «olá»"


@pytest.mark.parametrize("content", [b"", b" \n\t"])
def test_an_empty_task_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    piped(monkeypatch, content)

    with pytest.raises(typer.BadParameter, match="TASK is empty"):
        read_task(None)


def test_binary_and_endless_stdin_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"\x00\x01\x02\xff" * 100)
    with pytest.raises(ArtifactUnreadable, match="not text"):
        read_task("-")

    piped(monkeypatch, b"a" * 1_000_000)
    with pytest.raises(typer.BadParameter, match="attach the text as a file"):
        read_task("-")


def test_attachments_are_checked_before_anything_runs(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    note = tmp_path / "note.txt"
    note.write_text("hello")

    assert [str(each) for each in read_attachments([note])] == ["hello"]
    with pytest.raises(ArtifactUnreadable, match="0 bytes"):
        read_attachments([note, empty])
    with pytest.raises(PathNotAllowed, match="a folder"):
        read_attachments([tmp_path])


def test_a_forgotten_quote_is_explained() -> None:
    with pytest.raises(ArtifactUnreadable, match="whole request in quotes"):
        read_attachments([Path("is")])


def test_a_plan_is_read_as_herd_plan_writes_it(tmp_path: Path) -> None:
    step = {"id": "s1", "expert": "transcribe@1", "inputs": {"recording": {"input": "a1"}}}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"plan": {"steps": [step]}, "trace": {}}))

    assert [each.expert for each in read_plan(path).steps] == ["transcribe@1"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"steps": 3}', '{"steps": [{"id": "1"}]}'])
def test_a_malformed_plan_says_what_a_plan_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)

    with pytest.raises(PlanMalformed, match='"steps"'):
        read_plan(path)


def test_a_plan_that_is_not_there_is_malformed_too(tmp_path: Path) -> None:
    with pytest.raises(PlanMalformed, match="cannot be read"):
        read_plan(tmp_path / "none.json")


def test_a_dash_attaches_what_is_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"Bom dia")
    (made,) = read_attachments([Path("-")])

    assert (str(made), made.kind, made.name) == ("Bom dia", Kind.TEXT, "stdin")

    piped(monkeypatch, (SAMPLES / "sign.png").read_bytes())
    assert isinstance(read_attachments([Path("-")])[0], Image)


def test_inputs_of_a_plan_are_read_as_its_ports_take_them() -> None:
    plan = Plan(
        inputs={
            "text": Port(name="text", kind=Kind.TEXT),
            "sign": Port(name="sign", kind=Kind.IMAGE),
            "speed": Port(name="speed", kind=Kind.DATA, json_schema={"type": "number"}),
            "tags": Port(name="tags", kind=Kind.DATA, many=True),
        }
    )
    sign = SAMPLES / "sign.png"

    read = read_inputs(plan, ["text=a=b", f"sign={sign}", "speed=1.5", 'tags=["x", 1]', "tags=y"])

    assert isinstance(read.pop("sign"), Image)
    assert read == {"text": "a=b", "speed": 1.5, "tags": ["x", 1, "y"]}
    assert read_inputs(plan, [f"text=@{SAMPLES / 'letter.txt'}"])["text"].kind is Kind.TEXT
    for wrong, said in (
        ("txt=x", "Did you mean 'text'"),
        ("text", "no NAME=VALUE"),
        ("speed=fast", "is no number"),
    ):
        with pytest.raises(typer.BadParameter, match=said):
            read_inputs(plan, [wrong])

"""Reading what a person asks for: arguments, stdin, files, plans."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import typer

from herd_graph.cli.request import read_attachments, read_plan, read_task
from herd_graph.errors import ArtifactUnreadable, PathNotAllowed, PlanMalformed


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

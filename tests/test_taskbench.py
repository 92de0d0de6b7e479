"""Sets in TaskBench form, as the several projects that use it write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from herd_graph.errors import ConfigError
from herd_graph.routing.taskbench import load, samples

TOOLS = [
    {"id": "file_write", "desc": "Write a file", "domain": ["Document"]},
    {"id": "file_delete", "desc": "Delete a file", "domain": "Document"},
]
ROW: dict[str, Any] = {
    "id": "7",
    "user_request": " Write a note, then delete the old one. \n",
    "task_steps": [
        "Step 1 Call file_write to write a note",
        "Step 2 Call file_delete to delete the old note",
    ],
    "task_nodes": [{"task": "file_write", "arguments": ["note"]}, {"task": "file_delete"}],
    "task_links": [{"source": "file_write", "target": "file_delete"}],
}


def write(folder: Path, **files: str | list[dict[str, Any]]) -> Path:
    (folder / "tool_desc.json").write_text(json.dumps({"nodes": TOOLS}))
    for name, rows in files.items():
        text = rows if isinstance(rows, str) else "\n".join(json.dumps(each) for each in rows)
        (folder / f"{name}.jsonl").write_text(text)
    return folder


def test_a_row_is_read_with_what_each_tool_is_called_for(tmp_path: Path) -> None:
    data = load(write(tmp_path, train=[ROW]))

    assert [each.name for each in data.tools] == ["file_write", "file_delete"]
    assert data.tools[1].tags == ("Document",)
    (row,) = data.train
    assert row.request == "Write a note, then delete the old one."
    assert row.tools == ("file_write", "file_delete")
    assert row.links == (("file_write", "file_delete"),)
    assert row.steps == ("write a note", "delete the old note")
    assert row.arguments == ({"0": "note"}, {})
    assert data.test == ()


def test_the_older_spelling_with_lists_in_strings_is_read(tmp_path: Path) -> None:
    old: dict[str, Any] = {
        "id": 1,
        "instruction": "Write a note.",
        "tool_steps": json.dumps(["Step 1: write"]),
        "tool_nodes": json.dumps(
            [{"task": "file_write", "arguments": [{"name": "text", "value": "x"}]}]
        ),
        "tool_links": "[]",
    }

    (row,) = load(write(tmp_path, train=[old])).train

    assert (row.tools, row.links) == (("file_write",), ())
    assert row.steps == ("write",)
    assert row.arguments == ({"text": "x"},)


def test_data_json_stands_in_for_a_training_part(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "data.json").write_text(json.dumps([ROW, ROW]))

    assert len(load(tmp_path).train) == 2


WRONG: list[tuple[str | list[dict[str, Any]], str]] = [
    ("{not json", "is not JSON"),
    ([{"id": 1, "task_nodes": []}], "request 1 is not in TaskBench form"),
    ([{**ROW, "task_nodes": 3}], "request 1 is not in TaskBench form"),
    ([{**ROW, "task_nodes": [{"task": "file_burn"}]}], "names ['file_burn']"),
    ([], "holds no requests to learn from"),
]


@pytest.mark.parametrize(("rows", "says"), WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, rows: str | list[dict[str, Any]], says: str) -> None:
    write(tmp_path, train=rows)

    with pytest.raises(ConfigError) as caught:
        load(tmp_path)

    assert says in str(caught.value)


def test_a_folder_without_tools_is_told_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no 'tool_desc\.json'"):
        load(tmp_path)


def test_a_file_of_requests_needs_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text(json.dumps(ROW) + "\n\n")

    assert [each.id for each in samples(path)] == ["7"]

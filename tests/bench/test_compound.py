"""What a compound set says happened before: files, answers, and lists of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from herd_graph.bench.compound import load
from herd_graph.registry import Snapshot
from tools import first_party

HELD = Snapshot({each.card.id: each for each in first_party()})


def parts(tmp_path: Path, gold: str, *files: str) -> tuple[list[Any], dict[str, str]]:
    """Return what an earlier turn of a set left, and the names of it."""
    item = {
        "id": "x",
        "files": [],
        "wordings": ["and aloud?"],
        "gold": ["-"],
        "history": [{"task": "before", "files": list(files), "gold": gold}],
    }
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(item), encoding="utf-8")
    turns, names = load(path)[0].turns(HELD)
    return cast("list[Any]", turns[0]["parts"]), names


def test_one_answer_is_one_artifact(tmp_path: Path) -> None:
    (part,), names = parts(tmp_path, "read_text(a1)", "image:sign.png")

    assert part["expert"] == "read_text@1"
    assert part["sources"] == [{"inputs": ["sign.png"]}]
    assert [names[each["id"]] for each in part["artifacts"]] == ["h1.1"]


def test_a_list_is_several_artifacts_of_one_name(tmp_path: Path) -> None:
    golds = "sample_frames(a1, 6) ; describe_image(each sample_frames(a1, 6))"
    made, names = parts(tmp_path, golds, "video:v.mp4")

    assert [len({each["id"] for each in part["artifacts"]}) for part in made] == [3, 3]
    assert [{names[each["id"]] for each in part["artifacts"]} for part in made] == [
        {"h1.1"},
        {"h1.2"},
    ]

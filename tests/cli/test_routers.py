"""Collect, train, route, score, evaluate: the whole way of a quality router from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from herd_graph.cli import main
from herd_graph.config import Config
from herd_graph.coordination.weights import Weights


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package with two experts for one job."""
    folder = tmp_path / "site"
    info = folder / "two_experts-1.dist-info"
    info.mkdir(parents=True)
    (folder / "two_experts.py").write_text(
        '"""Two."""\n'
        "from herd_graph import Text, expert\n\n"
        '@expert(tags=["answering"], examples=["ask the cook"])\n'
        "def cook(text: str) -> Text:\n"
        '    """Answer a question."""\n'
        '    return Text("fry it" if "soup" in text or "bread" in text else "no idea")\n\n'
        '@expert(tags=["answering"], examples=["ask the sailor"])\n'
        "def sailor(text: str) -> Text:\n"
        '    """Answer a question."""\n'
        '    return Text("hoist it" if "sail" in text or "rope" in text else "no idea")\n\n'
        "both = [cook, sailor]\n"
    )
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: two-experts\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[herd.experts]\ntwo = two_experts:both\n")
    monkeypatch.syspath_prepend(str(folder))  # pyright: ignore[reportUnknownMemberType]


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*words, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out.strip() else None


def requests(path: Path, count: int = 60) -> Path:
    rows = [
        {"prompt": f"what about soup or bread, number {k}?", "expect": "fry it", "task": "food"}
        if k % 2
        else {"prompt": f"how do I sail with this rope {k}?", "expect": "hoist it", "task": "sea"}
        for k in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.usefixtures("plugin")
def test_from_requests_to_a_router(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked, to = requests(tmp_path / "asked.jsonl"), tmp_path / "matrix.csv.gz"

    code, made = call(
        capsys, "collect", str(asked), "-e", "cook", "-e", "sailor", "--to", str(to), "--quiet"
    )
    assert code == 0
    assert {e["expert"]: e["quality"] for e in made["experts"]} == {"cook": 0.5, "sailor": 0.5}

    code, again = call(
        capsys, "collect", str(asked), "-e", "cook", "-e", "sailor", "--to", str(to), "--quiet"
    )
    assert (code, again["experts"][0]["quality"]) == (0, 0.5)  # nothing was run again

    folder = tmp_path / "router"
    code, trained = call(capsys, "train", "quality", str(to), "--to", str(folder), "--quiet")
    assert code == 0
    assert trained["routed"] > 0.9
    assert Weights.load(Config.from_environment().home / "weights.json") is not None

    code, shown = call(capsys, "routers", "show", f"quality:{folder}")
    assert (code, shown["trained"]["experts"]) == (0, ["cook", "sailor"])

    code, told = call(
        capsys,
        "routers",
        "compare",
        "ask the cook: how do I sail with this rope 3?",
        "--router",
        "semantic",
        "--router",
        f"quality:{folder}",
        "--router",
        "nobody",
    )
    assert code == 0
    assert [each["router"] for each in told] == ["semantic", f"quality:{folder}", "nobody"]
    assert "is not there" in told[2]["error"]


@pytest.mark.usefixtures("plugin")
def test_feedback_evaluation_and_decisions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = {"steps": [{"id": "s1", "expert": "cook", "inputs": {"text": {"value": "soup"}}}]}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    assert main(["run", "--plan", str(tmp_path / "plan.json")]) == 0

    code, said = call(capsys, "feedback", "last", "80%", "--comment", "tasty")
    assert (code, said["score"], said["comment"]) == (0, 0.8, "tasty")
    assert main(["feedback", "last", "splendid"]) != 0

    lines: list[dict[str, Any]] = [
        {"id": "a", "task": "buy me a horse and marry it", "experts": []},
        {"id": "b", "task": "buy me a horse and marry it", "experts": ["cook"]},
    ]
    (tmp_path / "set.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    code, outcome = call(capsys, "eval", str(tmp_path / "set.jsonl"), "--quiet")
    right = {each["id"]: each["right"] for each in outcome["verdicts"]}
    assert (code, right) == (1, {"a": True, "b": False})
    assert main(["eval", str(tmp_path / "set.jsonl"), "--least", "0.5", "--quiet"]) == 0

    for name in ("d.jsonl", "d.parquet"):
        code, told = call(capsys, "routers", "decisions", str(tmp_path / name))
        assert code == 0
        assert told["runs"] == 1
        assert (tmp_path / name).exists()


def test_routers_are_listed_with_their_place(capsys: pytest.CaptureFixture[str]) -> None:
    code, listed = call(capsys, "routers", "list", "--where", "routing_data=expert")

    assert code == 0
    assert [each["router"] for each in listed] == ["familiarity"]
    assert main(["routers", "list", "--where", "colour=red"]) == 2
    assert main(["routers", "show", "semantik"]) == 2

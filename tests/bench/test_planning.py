"""The benchmark of planners, on a small set of our own in TaskBench form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from herd_graph.bench.plan_arguments import Arguments, arguments_of
from herd_graph.bench.plan_scores import Predicted, scores
from herd_graph.bench.planning import run
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.errors import ConfigError
from herd_graph.routing.taskbench import Sample, load

TOOLS = [
    {"id": "read_image", "desc": "Read the text of an image"},
    {"id": "translate", "desc": "Translate a text"},
    {"id": "send_mail", "desc": "Send a mail"},
]


def row(number: int, *, told: bool) -> dict[str, Any]:
    """Return a request that reads an image and translates it, or sends it on."""
    second = "translate" if number % 3 else "send_mail"
    wish = "translate it to French" if number % 3 else f'mail it to "anna{number}"'
    nodes: list[dict[str, Any]] = [{"task": "read_image"}, {"task": second}]
    if told:
        nodes[0]["arguments"] = [{"name": "image", "value": f"scan{number}.png"}]
        value = "French" if number % 3 else f"anna{number}"
        nodes[1]["arguments"] = [
            {"name": "text", "value": "<node-0>"},
            {"name": "to", "value": value},
        ]
    return {
        "id": str(number),
        "user_request": f"Read scan{number}.png and {wish}",
        "task_nodes": nodes,
        "task_links": [{"source": "read_image", "target": second}],
    }


def written(folder: Path, *, told: bool, count: int = 20) -> Path:
    (folder / "tool_desc.json").write_text(json.dumps({"nodes": TOOLS}))
    lines = [json.dumps(row(number, told=told)) for number in range(count)]
    (folder / "train.jsonl").write_text("\n".join(lines))
    return folder


def test_planners_are_measured_on_the_same_requests_with_their_arguments(tmp_path: Path):
    report = run(
        written(tmp_path, told=True), only=("nearest", "most frequent"), embedder=HashEmbedder()
    )

    rows = {each.planner: each for each in report.rows}
    assert report.requests == 20
    assert rows["nearest request's plan"].scores["node_f1"].mean == 1.0
    # The nearest request's file is another one; what is mostly said is read off the request itself.
    assert rows["most frequent plan"].scores["parameter_f1"].mean > 0.6
    assert 0 < rows["nearest request's plan"].scores["parameter_f1"].mean < 1
    assert "parameter f1" in "\n".join(report.lines())


def test_nothing_is_said_of_arguments_that_nobody_tells(tmp_path: Path):
    report = run(
        written(tmp_path, told=False), only=("most frequent",), embedder=HashEmbedder(), folds=2
    )

    assert "parameter_f1" not in report.rows[0].scores
    assert "parameter" not in "\n".join(report.lines())


def test_another_seed_holds_other_tools_out(tmp_path: Path):
    folder = written(tmp_path, told=False)

    def missed(seed: int) -> list[float | None]:
        report = run(
            folder,
            unseen=0.34,
            seed=seed,
            folds=2,
            only=("most frequent",),
            embedder=HashEmbedder(),
        )
        assert f"34% of the tools held out of training (seed {seed})" in report.protocol
        return [report.rows[0].seen_recall, report.rows[0].unseen_recall]

    assert missed(1) == missed(1)
    assert len({tuple(missed(seed)) for seed in range(4)}) > 1


def test_cards_are_measured_with_the_tool_graph_and_without(tmp_path: Path):
    folder = written(tmp_path, told=False)
    links = [{"source": "read_image", "target": name} for name in ("translate", "send_mail")]
    (folder / "graph_desc.json").write_text(json.dumps({"nodes": TOOLS, "links": links}))

    report = run(folder, training=False, embedder=HashEmbedder())
    told = run(folder, training=False, only=("tool graph",), embedder=HashEmbedder())

    assert [each.planner for each in report.rows][1:] == [
        "herd cards alone",
        "herd cards and tool graph",
    ]
    assert told.rows[0].scores["node_f1"].mean >= 0.8


def test_arguments_are_read_off_the_request_and_the_links(tmp_path: Path):
    samples = load(written(tmp_path, told=True)).train

    read = Arguments(samples).read(
        'Please read invoice.png, then mail it to "bert"',
        ("read_image", "send_mail"),
        (("read_image", "send_mail"),),
    )

    assert read == (
        ("read_image", "image", "invoice.png"),
        ("send_mail", "text", "<read_image>"),
        ("send_mail", "to", "bert"),
    )


def test_a_result_is_called_by_the_tool_that_gave_it():
    sample = Sample(
        id="1",
        request="x",
        tools=("a", "b"),
        arguments=({"0": " 'Two  Words' "}, {"0": "<node-0>", "1": "<node-9>"}),
    )

    assert arguments_of(sample) == (
        ("a", "0", "two words"),
        ("b", "0", "<a>"),
        ("b", "1", "<node-9>"),
    )


def test_a_missing_plan_counts_nothing_by_the_strict_rule_and_its_arguments_too():
    wanted = Predicted(tools=("a",), arguments=(("a", "x", "1"), ("a", "y", "2")))
    half = Predicted(tools=("a",), arguments=(("a", "x", "1"), ("a", "y", "3")))

    got = scores([wanted, half, None, half], [wanted, wanted, wanted, Predicted(tools=("a",))])

    assert got["parameter_f1"][:3].tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(got["parameter_f1"][3])
    assert np.isnan(got["node_f1"][2])
    assert got["strict_node_f1"].tolist() == [1.0, 1.0, 0.0, 1.0]


def test_too_few_requests_and_planners_of_no_name_are_told(tmp_path: Path):
    folder = written(tmp_path, told=False, count=6)

    with pytest.raises(ConfigError, match="too few for 5 folds"):
        run(folder, embedder=HashEmbedder())
    with pytest.raises(ConfigError, match="No planner is named like"):
        run(folder, only=("nobody",), folds=2, embedder=HashEmbedder())

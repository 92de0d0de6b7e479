"""``herd bench discovery``: on data small enough to check by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from herd_graph.bench.catalogue import recombined, sentences
from herd_graph.bench.discovery import run
from herd_graph.bench.requests import cards_of, compare, read
from herd_graph.cli.app import app
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.errors import DeclarationError

TOOLS = {
    "WeatherTool": "Tells the weather of tomorrow.",
    "PDF&Reader": "Reads documents and answers questions.",
    "train_times": "Says when the next train leaves.",
    "Train-Times": "Plans journeys by rail.",
}
REQUESTS = [
    ("what is the weather of tomorrow?", "WeatherTool"),
    ("when does the next train leave?", "train_times"),
    ("when does the next train leave?", "Train-Times"),
    ("zzz", "PDF&Reader"),
    ("for nobody", "NoSuchTool"),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools.json").write_text(json.dumps(TOOLS))
    lines = ["Query,Tool", *(f"{query},{tool}" for query, tool in REQUESTS)]
    (tmp_path / "asked.csv").write_text("\n".join(lines))
    tasks = ("image-to-text", "text-classification", "automatic-speech-recognition")
    with gzip.open(tmp_path / "models.jsonl.gz", "wt") as cards:
        for number in range(60):
            said = f"The model number {number} was trained by people who like numbers. It reads "
            said += f"pages of kind {number % 7} and of colour {number % 5}. See [paper](http://x)."
            cards.write(json.dumps({"task": tasks[number % 3], "description": said}) + "\n")
    return tmp_path


def test_requests_of_several_right_tools_count_with_the_best(folder: Path) -> None:
    asked = read(folder / "asked.csv", folder / "tools.json")

    found = {each.name: each for each in compare(asked, HashEmbedder())}

    assert len(asked.queries) == 3
    assert asked.right[1] == {"train_times", "Train-Times"}
    assert found["BM25, description"].first[0] == pytest.approx(2 / 3)
    assert found["hash-256, description"].lead == (0.0, 0.0, 0.0)
    for each in found.values():
        low, mean, high = each.first[1], each.first[0], each.first[2]
        assert 0 <= low <= mean <= high <= 1
        assert each.first[0] <= each.reciprocal[0]


def test_tools_of_any_name_get_a_card_of_their_own() -> None:
    cards = cards_of(TOOLS)

    assert [card.name for card in cards.values()] == [
        "weather_tool",
        "pdf_reader",
        "train_times",
        "train_times_too",
    ]


def test_a_catalogue_is_put_together_from_real_sentences_and_repeats_itself(folder: Path) -> None:
    pool = sentences(folder / "models.jsonl.gz")

    one = recombined(pool, 50, HashEmbedder(), asked=20)
    two = recombined(pool, 50, HashEmbedder(), asked=20)

    texts = [each.text for each in pool]
    assert one.cards == two.cards
    assert len(one.cards) == 50
    assert all(any(text in card.description for text in texts) for card in one.cards.values())
    asked = {each.text for each in one.questions}
    assert not any(text in card.description for text in asked for card in one.cards.values())


def test_the_report_has_every_measure_and_exact_search_is_its_own_yardstick(folder: Path) -> None:
    report = run(folder, sizes=(80,), embedder=HashEmbedder())

    exact = [each for each in report.speed if each.compared == "exact"]
    assert [each.recall for each in exact] == [1.0, 1.0, 1.0]
    assert {each.cards for each in report.arrival} == {80}
    assert list(report.retrieval) == ["asked.csv"]
    assert json.loads(json.dumps(report.to_json()))["load"] >= 0
    assert any("recall@10" in line for line in report.lines())


def test_the_command_prints_json(folder: Path) -> None:
    (folder / "models.jsonl.gz").unlink()

    done = CliRunner().invoke(app, ["bench", "discovery", str(folder), "--json", "--quiet"])

    assert done.exit_code == 0
    assert [each["name"] for each in json.loads(done.stdout)["retrieval"]["asked.csv"]][-1] == (
        "HERD, search and a close look"
    )


@pytest.mark.parametrize("content", ["", "Query,Tool\n", "a,b\n1,2\n", "Query,Tool\nx,y\n"])
def test_what_cannot_be_measured_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "tools.json").write_text(json.dumps(TOOLS))
    if content:
        (tmp_path / "asked.csv").write_text(content)

    with pytest.raises(DeclarationError):
        run(tmp_path)

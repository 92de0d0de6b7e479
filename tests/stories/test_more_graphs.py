"""The ready-made workflows on files made here: spoken, drawn and filmed, with real models."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import media
import pytest
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph import Artifact, Audio, Table, Text
from herd_graph._bundled.tools import Speak
from herd_graph.artifacts import load
from herd_graph.types import ArtifactRef

SAMPLES = Path(__file__).parents[2] / "graphs" / "samples"
MEETING = (
    "Good morning everybody. The budget for the new library is two million euros. Maria Silva "
    "explained that the roof is old and that rain comes in. We agreed to repair the roof of the "
    "library before winter. Peter Brown will ask three companies for their prices by Friday. "
    "The budget does not allow a new library garden this year."
)
ARTICLE = (
    "The city council opened a new library on Saturday. The library has two hundred thousand "
    "books, a reading room for children and a garden on the roof. More than four thousand people "
    "visited the library on its first day. The old library was closed three years ago because "
    "its roof was leaking. The mayor said that reading should be free for everybody."
)
SALES = "city,month,sales\nLisbon,January,120\nPorto,January,80\nLisbon,February,100\nFaro,May,40\n"
INVOICE = (
    ("INVOICE 2031", "", "", ""),
    ("3", "Oak chairs", "45.00", "135.00"),
    ("2", "Desk lamps", "19.50", "39.00"),
    ("1", "Delivery", "12.00", "12.00"),
    ("", "Subtotal", "", "186.00"),
    ("", "VAT 20%", "", "37.20"),
    ("", "Total", "", "223.20"),
)


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def the(name: str) -> Any:
    """Return the module of a graph."""
    return import_module(f"herd_graph._bundled.graphs.{name}")


def run(name: str, **inputs: Any) -> dict[str, Any]:
    return the(name).graph.invoke(inputs)


def kept(name: str, reference: dict[str, Any]) -> Artifact:
    """Return what a reference in the state stands for."""
    return load(ArtifactRef.model_validate(reference), the(name).graph.engine.store)


def spoken(text: str, path: Path) -> Path:
    assert Speak.factory is not None
    voice: Any = Speak.factory()
    voice.load()
    try:
        path.write_bytes(voice(Text(text)).bytes())
    finally:
        voice.close()
    return path


def drawn(rows: Any, path: Path) -> Path:
    picture = pil.new("RGB", (760, 90 + 46 * len(rows)), "white")
    for at, row in enumerate(rows):
        for x, cell in zip((40, 110, 430, 600), row, strict=True):
            place = (x, 50 + 46 * at)
            ImageDraw.Draw(picture).text(place, cell, "black", font=ImageFont.load_default(26))
    picture.save(path)
    return path


def seconds_of(audio: Artifact) -> float:
    assert isinstance(audio, Audio)
    samples, rate = audio.samples()
    return len(samples) / rate


def test_a_picture_is_described_translated_and_read_aloud(tmp_path: Path):
    media.stop_sign().save(tmp_path / "road.png")

    state = run("accessible_page", picture="road.png")

    assert "stop sign" in state["description"]
    assert "sinal" in state["translation"].lower() or "parada" in state["translation"].lower()
    assert seconds_of(kept("accessible_page", state["spoken"])) > 2
    assert state["answer"]["status"] == "done"


def test_a_meeting_becomes_minutes(tmp_path: Path):
    spoken(MEETING, tmp_path / "meeting.wav")

    state = run("meeting_minutes", recording="meeting.wav", sentences=2)

    assert state["answer"]["status"] == "done"
    assert {"Maria", "Peter"} <= {name.split()[0] for name in state["people"]}
    assert "Friday" in " ".join(state["dates"])
    assert [each.split()[0] for each in state["decisions"]] == ["We", "Peter"]
    assert "library" in state["summary"]
    assert len(state["summary"]) < len(state["transcript"])
    assert seconds_of(kept("meeting_minutes", state["spoken"])) > 2


def test_a_video_is_told_in_words_and_pictures(tmp_path: Path):
    sound = Audio(spoken("The road is closed. Please stop here.", tmp_path / "said.wav"))
    sign = media.stop_sign()
    media.video(tmp_path / "clip.mp4", 4, picture=lambda _: sign, sound=sound)

    state = run("video_digest", video="clip.mp4", pictures=2)

    assert "road is closed" in state["transcript"]
    assert len(state["frames"]) == 2
    assert ["stop sign" in each for each in state["seen"]] == [True, True]


def test_a_video_without_sound_is_seen_all_the_same(tmp_path: Path):
    media.video(tmp_path / "clip.mp4", 3)

    state = run("video_digest", video="clip.mp4", pictures=2)

    assert state["transcript"] is None
    assert len(state["seen"]) == 2
    assert state["answer"]["status"] == "partial"


def test_an_invoice_that_adds_up_is_confirmed(tmp_path: Path):
    drawn(INVOICE, tmp_path / "invoice.png")

    state = run("invoice_check", picture="invoice.png")

    assert state["verdict"] == "The invoice adds up: 223.20."
    assert [each["verdict"] for each in state["checks"]] == ["ok"] * 4


def test_an_invoice_with_a_wrong_line_is_caught(tmp_path: Path):
    wrong = [list(each) for each in INVOICE]
    wrong[2][3] = "93.00"  # 2 x 19.50, with its digits turned round
    drawn(wrong, tmp_path / "invoice.png")

    state = run("invoice_check", picture="invoice.png")

    assert state["verdict"] == (
        "The invoice does not add up. 2 Desk lamps: 93.00 is printed, it comes to 39.00."
    )


def test_what_is_no_invoice_gets_no_verdict(tmp_path: Path):
    shutil.copy(SAMPLES / "sign.png", tmp_path)

    state = run("invoice_check", picture="sign.png")

    assert state["verdict"] is None
    assert "DELIVERY ENTRANCE" in state["lines"]
    assert "has no amounts such as 12.50" in str(state["answer"])


def test_an_article_becomes_a_press_kit(tmp_path: Path):
    (tmp_path / "article.txt").write_text(ARTICLE)

    state = run("press_kit", article=ARTICLE)

    assert state["answer"]["status"] == "done"
    assert "library" in state["title"].lower()
    assert "library" in state["summary"]
    assert "biblioteca" in state["translation"]
    assert seconds_of(kept("press_kit", state["spoken"])) > 2


def test_a_question_about_a_table_is_answered_in_words_and_with_a_chart(tmp_path: Path):
    (tmp_path / "sales.csv").write_text(SALES)

    state = run("table_report", table="sales.csv", question="total sales by city")

    assert "220" in state["said"]
    assert {tuple(row.values()) for row in state["rows"]} >= {("Lisbon", 220), ("Porto", 80)}
    assert kept("table_report", state["chart"]).mime == "image/png"
    assert "SELECT" in state["sql"]


def test_every_workflow_is_named_for_langgraph_and_has_examples():
    entries = json.loads((SAMPLES.parents[1] / "langgraph.json").read_text())["graphs"]
    files = {each.stem for each in SAMPLES.parent.glob("*.py")}

    assert set(entries) == files
    for name in files - {"herd"}:
        workflow = getattr(the(name), name)
        assert workflow.card.examples


@pytest.mark.parametrize(
    ("lines", "added", "verdict"),
    [
        ("Bread 2.00\nMilk 1.50\nTotal 3.50", "3.50", "The invoice adds up: 3.50."),
        ("Bread 2.00\nMilk 1.50\nTotal\n3.50", "3.50", "The invoice adds up: 3.50."),
        ("Bread 2.00\nMilk 1.50", "3.50", "No total is printed. The lines come to 3.50."),
        ("A 100.00\nVAT (included) 20.00\nTotal 100.00", "120.00", "adds up: 100.00"),
        ("4 x Cup @ 2.50 10.00\nTotal €10.00", "10.00", "adds up: 10.00"),
        ("2 Beds 1,200.00 2,400.00\nTotal 2,400.00", "2400.00", "adds up: 2400.00"),
        ("2 Betten 1.200,00 2.400,00\nTotal 2.400,00", "2400.00", "adds up: 2400.00"),
        ("2 Cups 2.00 5.00\nTotal 7.00", "5.00", "total: 7.00 is printed, it comes to 5.00"),
        ("Bread 2.00\nSubtotal 2.00\nTotal 9.00", "2.00", "total: 9.00 is printed"),
    ],
)
def test_amounts_are_checked(lines: str, added: str, verdict: str):
    checked = the("invoice_check").check_amounts(Text(lines), Text(added))

    assert verdict in str(checked.verdict.text)
    assert isinstance(checked.checks, Table)


def test_decisions_and_people_are_picked_out():
    minutes = the("meeting_minutes")
    found = [
        {"text": "Ann Lee", "label": "person", "start": 0, "end": 7},
        {"text": "Porto", "label": "place", "start": 8, "end": 9},
        {"text": "Ann\nLee", "label": "person", "start": 10, "end": 17},
        {"text": "4 July", "label": "date", "start": 20, "end": 26},
    ]

    assert tuple(minutes.people_and_dates(found)) == (["Ann Lee"], ["4 July"])
    assert minutes.find_decisions(Text("We met. We agreed on 3.5 percent. It was cold.")) == [
        "We agreed on 3.5 percent."
    ]

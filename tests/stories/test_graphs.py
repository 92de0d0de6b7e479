"""The ready-made graphs, on the sample files, with real models."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from herd_graph.store import open_store

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "graphs" / "samples"


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(SAMPLES)
    entries = json.loads((ROOT / "langgraph.json").read_text())["graphs"]

    def load(name: str) -> Any:
        path, _, attribute = entries[name].partition(":")
        module = import_module(f"herd_graph._bundled.graphs.{Path(path).stem}")
        return getattr(module, attribute)

    return load


def test_every_entry_of_langgraph_json_is_a_graph(graphs: Any):
    entries = json.loads((ROOT / "langgraph.json").read_text())["graphs"]

    for name, entry in entries.items():
        assert (ROOT / entry.partition(":")[0]).is_file()
        assert "pump" in graphs(name).get_graph().nodes


def test_a_voice_note_is_written_down_and_translated(graphs: Any):
    state = graphs("voice_note").invoke({"recording": "voice_note.ogg"})

    assert "driver at the back door" in state["transcript"]
    assert "motorista" in state["translation"]
    assert state["answer"]["status"] == "done"


def test_a_receipt_is_added_up(graphs: Any):
    state = graphs("receipt").invoke({"picture": "receipt.png"})

    assert "Rye bread" in state["lines"]
    assert float(state["total"]) == 30.50


def test_a_text_is_read_aloud(graphs: Any):
    state = graphs("read_aloud").invoke({"text": "A reunião é na quinta-feira."})

    assert "Thursday" in state["english"]
    assert state["spoken"]["mime"] == "audio/wav"


def test_a_server_brings_its_own_checkpointer(graphs: Any):
    import asyncio

    from langgraph.checkpoint.memory import InMemorySaver

    graph = graphs("receipt").copy(update={"checkpointer": InMemorySaver()})
    config = {"configurable": {"thread_id": "t"}}

    state = asyncio.run(graph.ainvoke({"picture": "receipt.png"}, config))

    assert float(state["total"]) == 30.50
    assert graph.get_state(config).values["total"] == state["total"]


def test_the_spoken_file_is_in_the_store(graphs: Any):
    graph = graphs("read_aloud")
    spoken = graph.invoke({"text": "Bom dia."})["spoken"]

    assert open_store(graph.engine.store).get(spoken["id"])[:4] == b"RIFF"

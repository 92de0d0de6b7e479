"""The capability index: what it finds, keeps, and survives."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from herd_graph.artifacts import Audio, Image, Text
from herd_graph.discovery import CapabilityIndex, Changes
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.registry import Registry, Snapshot
from herd_graph.types import Kind


@expert(examples=["what does the sign say?"])
def read_text(picture: Image) -> Text:
    """Read the text in an image."""
    return Text("")


@expert(examples=["what is said in the recording?"])
def transcribe(recording: Audio) -> Text:
    """Transcribe speech to text."""
    return Text("")


@expert(examples=["read this aloud"])
def speak(text: Text) -> Audio:
    """Speak a text aloud."""
    raise NotImplementedError


@expert(name="read_text", version="2", examples=["what is on the poster?"])
def read_better(picture: Image) -> Text:
    """Read the text in an image, better."""
    return Text("")


def snapshot(*experts: Expert) -> Snapshot:
    registry = Registry()
    registry.add(*experts)
    return registry.snapshot()


def open_index(home: Path) -> CapabilityIndex:
    return CapabilityIndex(home, HashEmbedder())


def found(index: CapabilityIndex, query: str) -> str:
    return index.search(query, k=1)[0].card


@pytest.fixture
def memory() -> CapabilityIndex:
    index = CapabilityIndex.in_memory(HashEmbedder())
    index.sync(snapshot(read_text, transcribe, speak))
    return index


def test_an_expert_is_found_by_its_description_and_by_its_examples(
    memory: CapabilityIndex,
) -> None:
    assert found(memory, "transcribe some speech") == "transcribe@1"
    assert found(memory, "what does that sign say") == "read_text@1"


def test_a_hit_says_what_speaks_for_it(memory: CapabilityIndex) -> None:
    hit = memory.search("what does the sign say?")[0]

    assert hit.evidence.keys() == {"dense", "lexical"}
    assert hit.closest == "what does the sign say?"
    assert 0 < hit.score <= 1


def test_types_mask_what_cannot_be_given_or_made(memory: CapabilityIndex) -> None:
    takes_audio = memory.search("read the sign", takes=[Kind.AUDIO])
    gives_audio = memory.search("read the sign", gives=Kind.AUDIO)
    only = memory.search("read the sign", eligible={"speak@1", "nobody@1"})

    assert [hit.card for hit in takes_audio] == ["transcribe@1"]
    assert [hit.card for hit in gives_audio] == ["speak@1"]
    assert [hit.card for hit in only] == ["speak@1"]


def test_an_empty_query_and_an_empty_index_find_nothing(memory: CapabilityIndex) -> None:
    assert memory.search("  ") == []
    assert CapabilityIndex.in_memory(HashEmbedder()).search("anything") == []


def test_what_is_added_or_removed_is_visible_at_once(memory: CapabilityIndex) -> None:
    changes = memory.sync(snapshot(transcribe, speak, read_better))

    assert changes.added == ("read_text@2",)
    assert changes.removed == ("read_text@1",)
    assert {hit.card for hit in memory.search("sign", k=9)} == {
        "read_text@2",
        "speak@1",
        "transcribe@1",
    }


def test_nothing_is_embedded_twice(memory: CapabilityIndex) -> None:
    again = memory.sync(snapshot(read_text, transcribe, speak))
    one_more = memory.sync(snapshot(read_text, transcribe, speak, read_better))

    assert again == Changes()
    assert one_more.embedded == ("read_text@2",)


def test_cards_survive_a_restart_without_being_embedded_again(tmp_path: Path) -> None:
    open_index(tmp_path).sync(snapshot(read_text, transcribe))

    index = open_index(tmp_path)
    changes = index.sync(snapshot(read_text, transcribe))

    assert changes.embedded == ()
    assert found(index, "what does the sign say?") == "read_text@1"


def test_a_start_with_an_up_to_date_mirror_imports_no_chroma(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import test_index as t; from pathlib import Path\n"
        "i = t.open_index(Path(sys.argv[1])); i.sync(t.snapshot(t.read_text)); i.flush()\n"
        "assert i.search('sign'); print('chromadb' in sys.modules)"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)]

    runs = [
        subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.split()[-1]
        for _ in range(2)
    ]

    assert runs == ["True", "False"]


def test_an_upgraded_card_replaces_what_was_stored_under_its_id(tmp_path: Path) -> None:
    @expert(name="speak", examples=["narrate the story"])
    def other(text: Text) -> Audio:
        """Narrate a text in many voices."""
        raise NotImplementedError

    open_index(tmp_path).sync(snapshot(speak))

    index = open_index(tmp_path)
    changes = index.sync(snapshot(other))

    assert changes.embedded == ("speak@1",)
    assert index.search("narrate the story")[0].closest == "narrate the story"
    assert open_index(tmp_path).sync(snapshot(other)).embedded == ()


def test_a_removed_card_is_gone_from_the_disk_and_another_process_s_card_stays(
    tmp_path: Path,
) -> None:
    other_process = open_index(tmp_path)
    other_process.sync(snapshot(transcribe))
    index = open_index(tmp_path)
    index.sync(snapshot(read_text, speak))
    index.sync(snapshot(read_text))

    fresh = open_index(tmp_path)
    changes = fresh.sync(snapshot(read_text, speak, transcribe))

    assert changes.embedded == ("speak@1",)


@pytest.mark.parametrize("damage", ["list", "vectors", "mirror gone", "torn"])
def test_a_damaged_mirror_is_made_anew_from_chroma(tmp_path: Path, damage: str) -> None:
    first = open_index(tmp_path)
    first.sync(snapshot(read_text, transcribe))
    assert first.flush(60)
    folder = tmp_path / "index"
    listed = next(folder.glob("*.json"))
    vectors = next(folder.glob("*.npy"))
    if damage == "list":
        listed.write_text('{"format": 1, "cards"')
    elif damage == "vectors":
        vectors.write_bytes(b"\x93NUMPY nonsense")
    elif damage == "torn":
        vectors.write_bytes(vectors.read_bytes()[:-100])
    else:
        listed.unlink()

    index = open_index(tmp_path)
    changes = index.sync(snapshot(read_text, transcribe))

    assert changes.embedded == ()
    assert found(index, "what is said in the recording?") == "transcribe@1"
    assert next(folder.glob("*.json")).read_text().endswith("}")


def test_a_damaged_database_is_made_anew(tmp_path: Path) -> None:
    first = open_index(tmp_path)
    first.sync(snapshot(read_text))
    first.flush(60)
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import test_index as t; from pathlib import Path\n"
        "i = t.open_index(Path(sys.argv[1])); i.sync(t.snapshot(t.read_text, t.speak))\n"
        "assert t.found(i, 'read this aloud') == 'speak@1'"
    )
    database = tmp_path / "index" / "chroma" / "chroma.sqlite3"
    database.write_bytes(b"this is no database" * 100)

    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)],
        check=True,
        capture_output=True,
    )

    for each in (tmp_path / "index").glob("*.json"):
        each.unlink()
    assert open_index(tmp_path).sync(snapshot(read_text, speak)).embedded == ()


def test_a_lost_database_is_written_again_from_the_mirror(tmp_path: Path) -> None:
    first = open_index(tmp_path)
    first.sync(snapshot(read_text))
    first.flush(60)
    (tmp_path / "index" / "chroma").rename(tmp_path / "elsewhere")

    index = open_index(tmp_path)
    index.sync(snapshot(read_text))
    index.flush(60)

    assert (tmp_path / "index" / "chroma" / "chroma.sqlite3").exists()


def test_a_home_that_cannot_be_written_costs_no_search(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")

    index = open_index(tmp_path)
    index.sync(snapshot(read_text))

    assert found(index, "what does the sign say?") == "read_text@1"


def _fill(home: str, which: int) -> None:
    index = open_index(Path(home))
    index.sync(snapshot(*([read_text, speak] if which else [transcribe, speak])))
    assert index.search("read this aloud", k=1)[0].card == "speak@1"


def test_processes_that_share_a_home_leave_every_card_behind(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(str(tmp_path), each)) for each in (0, 1)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(300)

    assert [each.exitcode for each in workers] == [0, 0]
    assert open_index(tmp_path).sync(snapshot(read_text, speak, transcribe)).embedded == ()

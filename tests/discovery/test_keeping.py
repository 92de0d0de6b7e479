"""What is kept: the journal, the writer behind it, and what they make of damage."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from herd_graph.cards import ExpertCard, Port
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.durable import ChromaCards
from herd_graph.discovery.embedders import HashEmbedder
from herd_graph.discovery.mirror import Mirror
from herd_graph.experts import Expert
from herd_graph.registry import Registry
from herd_graph.types import Kind

EMBEDDER = HashEmbedder()


def thing(number: int, said: str = "Count things of sort") -> Expert:
    return Expert(
        ExpertCard(
            name=f"thing_{number}",
            description=f"{said} {number}.",
            inputs=(Port(name="given", kind=Kind.TEXT),),
            outputs=(Port(name="made", kind=Kind.TEXT),),
        )
    )


def registry(*numbers: int) -> Registry:
    made = Registry()
    made.add(*(thing(each) for each in numbers))
    return made


def open_index(home: Path) -> CapabilityIndex:
    return CapabilityIndex(home, EMBEDDER)


def mirror(home: Path) -> Mirror:
    return Mirror(home / "index", EMBEDDER.name, EMBEDDER.dimensions)


def stored(home: Path) -> set[str]:
    return set(mirror(home).load() or {})


def in_chroma(home: Path) -> set[str]:
    return set(ChromaCards(home / "index" / "chroma", EMBEDDER.name).read())


def test_a_change_is_one_line_in_the_journal_and_leaves_the_vectors_alone(tmp_path: Path) -> None:
    present = registry(1, 2)
    index = open_index(tmp_path)
    index.sync(present.snapshot())
    vectors = next((tmp_path / "index").glob("*.npy"))
    before = vectors.stat().st_mtime_ns

    present.add(thing(3))
    index.sync(present.snapshot())
    present.remove("thing_1")
    index.sync(present.snapshot())

    journal = next((tmp_path / "index").glob("*.journal")).read_bytes()
    assert journal.count(b"\n") == 2
    assert vectors.stat().st_mtime_ns == before
    assert stored(tmp_path) == {"thing_2@1", "thing_3@1"}
    assert open_index(tmp_path).sync(present.snapshot()).embedded == ()


def test_a_line_that_was_cut_short_costs_its_own_card_alone(tmp_path: Path) -> None:
    present = registry(1)
    index = open_index(tmp_path)
    for number in (2, 3):
        index.sync(present.snapshot())
        present.add(thing(number))
    index.sync(present.snapshot())
    assert index.flush(60)
    journal = next((tmp_path / "index").glob("*.journal"))
    journal.write_bytes(journal.read_bytes()[:-40])

    again = open_index(tmp_path)
    changes = again.sync(present.snapshot())

    assert changes.embedded == ("thing_3@1",)
    assert again.flush(60)
    assert stored(tmp_path) == in_chroma(tmp_path) == {"thing_1@1", "thing_2@1", "thing_3@1"}


def test_chroma_follows_what_is_added_upgraded_and_removed(tmp_path: Path) -> None:
    present = registry(1, 2, 3)
    index = open_index(tmp_path)
    index.sync(present.snapshot())
    assert index.flush(60)

    present.remove("thing_1")
    present.add(thing(2, "Weigh things of sort"), replace=True)
    present.add(thing(4))
    index.sync(present.snapshot())
    assert index.flush(60)

    read = ChromaCards(tmp_path / "index" / "chroma", EMBEDDER.name).read()
    assert set(read) == {"thing_2@1", "thing_3@1", "thing_4@1"}
    assert read["thing_2@1"].texts[0][1] == "Weigh things of sort 2."


def test_a_process_that_ends_at_once_leaves_both_behind(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import test_keeping as t\n"
        "from pathlib import Path\n"
        "t.open_index(Path(sys.argv[1])).sync(t.registry(1, 2).snapshot())"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stderr == ""
    assert stored(tmp_path) == in_chroma(tmp_path) == {"thing_1@1", "thing_2@1"}


def test_a_process_that_was_killed_is_caught_up_with_by_the_next_one(tmp_path: Path) -> None:
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[2]); import test_keeping as t\n"
        "from pathlib import Path\n"
        "t.open_index(Path(sys.argv[1])).sync(t.registry(1, 2).snapshot()); os._exit(9)"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)]
    assert subprocess.run(arguments, check=False).returncode == 9

    index = open_index(tmp_path)
    changes = index.sync(registry(1, 2).snapshot())

    assert changes.embedded == ()
    assert index.flush(60)
    assert in_chroma(tmp_path) == {"thing_1@1", "thing_2@1"}


def test_repair_finds_and_mends_what_differs(tmp_path: Path) -> None:
    present = registry(1, 2, 3)
    index = open_index(tmp_path)
    index.sync(present.snapshot())
    assert index.flush(60)
    assert index.repair().held

    ChromaCards(tmp_path / "index" / "chroma", EMBEDDER.name).delete(["thing_2@1"])
    for each in (tmp_path / "index").glob("*.json"):
        each.write_text("{")
    found = index.repair()

    assert found.mirror_was_damaged
    assert found.differed_in_chroma == 1
    assert not found.held
    assert index.repair().held
    assert stored(tmp_path) == in_chroma(tmp_path)


def test_a_journal_that_has_grown_is_folded(tmp_path: Path) -> None:
    kept = mirror(tmp_path)
    index = CapabilityIndex.in_memory(EMBEDDER)
    rows: dict[str, Any] = {}
    for number in range(500):
        index.sync(registry(number).snapshot())
        rows[f"thing_{number}@1"] = index._view.blocks[0].rows[0]  # pyright: ignore[reportPrivateUsage]
    with kept.locked():
        kept.save({})
        for card, each in rows.items():
            assert kept.append({card: each}, ())

        assert kept.wants_folding
        kept.save(kept.load() or {})

    assert not kept.wants_folding
    assert set(kept.load() or {}) == set(rows)
    assert list((tmp_path / "index").glob("*.journal")) == []


def test_a_new_card_among_thousands_is_there_at_once(tmp_path: Path) -> None:
    present = registry(*range(3000))
    index = open_index(tmp_path)
    index.sync(present.snapshot())
    spent: list[float] = []
    for number in range(3000, 3009):
        present.add(thing(number, f"Fly kites {number} of sort"))
        snapshot = present.snapshot()
        started = time.thread_time()
        index.sync(snapshot)
        spent.append(time.thread_time() - started)

    assert index.search("fly kites 3008", k=1)[0].card == "thing_3008@1"
    assert min(spent) < 0.01


def test_a_first_sync_tells_how_far_it_is_and_shows_what_is_done() -> None:
    told: list[tuple[int, int]] = []
    seen: list[int] = []
    index = CapabilityIndex.in_memory(EMBEDDER)

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        seen.append(len(index.search("count things", k=1000)))

    index.sync(registry(*range(600)).snapshot(), progress=tell)

    assert told == [(0, 600), (256, 600), (512, 600), (600, 600)]
    assert seen == [0, 256, 512, 600]


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\x00\u202e\x1b[2J", "天気"])
def test_any_description_is_kept_and_read_back(tmp_path: Path, text: str) -> None:
    odd = thing(1, text)
    present = Registry()
    present.add(odd, thing(2))
    first = open_index(tmp_path)
    first.sync(present.snapshot())
    assert first.flush(60)

    again = open_index(tmp_path)

    assert again.sync(present.snapshot()).embedded == ()
    assert again.repair().held
    assert len(again.search("count", k=9)) == 2

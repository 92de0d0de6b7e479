"""What is kept of past runs: by number, age and size; payloads go with the last run that has them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import ConfigError
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.retention import Keep, Pruned, parse_age, prune
from herd_graph.recording.store import Database, RunRow, RunStore
from herd_graph.store import FolderStore
from herd_graph.types import ArtifactRef

DAY = 86400.0


@expert
def lengthen(text: Text) -> Text:
    """Make a text long."""
    return Text(f"{text} " * 5000)


PLAN = Plan.parse(
    {
        "steps": [{"id": "s1", "expert": "lengthen", "inputs": {"text": {"input": "a1"}}}],
        "inputs": {"a1": {"name": "a1", "kind": "text"}},
    }
)


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("100", Keep(runs=100)),
        ("1 run", Keep(runs=1)),
        ("30 days", Keep(seconds=30 * DAY)),
        ("12h", Keep(seconds=DAY / 2)),
        ("2 GB", Keep(size=2 * 10**9)),
        ("30 days, 2 GiB, 100 runs", Keep(runs=100, seconds=30 * DAY, size=2 << 30)),
    ],
)
def test_what_to_keep_is_read(text: str, keep: Keep):
    assert Keep.parse(text) == keep


@pytest.mark.parametrize("text", ["", "much", "-3", "3 moons", "1e9 GB,,x"])
def test_what_says_nothing_is_refused(text: str):
    with pytest.raises(ConfigError, match="Expected"):
        Keep.parse(text)


def test_ages():
    assert [parse_age(each) for each in ("90 s", "2 weeks", "1.5h")] == [90, 14 * DAY, 5400]


def aged(home: Path) -> None:
    """Make every payload two hours old."""
    for path in (home / "artifacts").rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 7200, time.time() - 7200))


def pruned(home: Path, keep: str) -> Pruned:
    database = Database(home / "herd.sqlite")
    try:
        return prune(RunStore(database), FolderStore(home / "artifacts"), Keep.parse(keep))
    finally:
        database.close()


def test_payloads_go_with_the_last_run_that_has_them(tmp_path: Path):
    herd = Herd(lengthen, home=tmp_path)
    first = herd.run(PLAN, a1="first")
    both = [herd.run(PLAN, a1="second") for _ in range(2)]
    herd.close()
    aged(tmp_path)

    done = pruned(tmp_path, "1 run")

    assert done.runs == 2
    assert done.payloads >= 1
    herd = Herd(lengthen, home=tmp_path)
    kept = herd.get(both[1].id)
    assert str(kept.output("s1")) == str(both[1].output("s1"))
    (gone,) = first.records["s1"].outputs.values()
    assert isinstance(gone, ArtifactRef)
    assert not herd.store.holds(gone.id)
    assert herd.replay(kept.save(tmp_path / "kept.herdrun")).status == "done"
    herd.close()


def test_new_payloads_stay_whatever_refers_to_them(tmp_path: Path):
    herd = Herd(lengthen, home=tmp_path)
    herd.run(PLAN, a1="first")
    herd.close()
    there = set(FolderStore(tmp_path / "artifacts").keys())

    assert pruned(tmp_path, "0").runs == 1
    assert set(FolderStore(tmp_path / "artifacts").keys()) == there


def test_the_oldest_go_until_the_rest_fits(tmp_path: Path):
    herd = Herd(lengthen, home=tmp_path)
    runs = [herd.run(PLAN, a1=f"number {number} " * 20) for number in range(6)]
    herd.close()
    aged(tmp_path)
    size = sum(each.stat().st_size for each in tmp_path.rglob("artifacts/*/*"))

    done = pruned(tmp_path, f"{size * 2 // 3 + 300_000} b")

    herd = Herd(lengthen, home=tmp_path)
    left = {row.id for row in herd.runs.list()}
    herd.close()
    assert done.runs == 6 - len(left)
    assert left == {each.id for each in runs[done.runs :]}


def test_a_payload_stays_that_is_named_far_into_a_long_number(tmp_path: Path):
    payloads = FolderStore(tmp_path / "artifacts")
    named, other = payloads.put(b"named"), payloads.put(b"named nowhere")
    database = Database(tmp_path / "herd.sqlite")
    row = RunRow(
        id="r1", thread="r1", task=f"{'ab' * 5000}{named}{'0' * 70}", status="done", started=0
    )
    RunStore(database).open(row)
    database.close()
    aged(tmp_path)

    assert pruned(tmp_path, "1 run").payloads == 1
    assert payloads.holds(named)
    assert not payloads.holds(other)


def test_runs_are_listed_by_expert_time_status_and_how_sure_they_are():
    store = RunStore(Database(":memory:"))
    now = time.time()

    def add(name: str, age: float, experts: tuple[str, ...], *sure: float | None) -> None:
        parts: list[object] = [{"text": "x", "confidence": each} for each in sure]
        answer = {"parts": parts}
        store.open(
            RunRow(
                id=name,
                thread=name,
                task=name,
                status="done",
                started=now - age,
                experts=experts,
                details={"answer": answer} if sure else {},  # pyright: ignore[reportArgumentType]
            )
        )

    add("old", 5 * DAY, ("ocr@1",), 0.9, 0.3)
    add("new", 60, ("ocr@2", "ocr_fast@1"), 0.9)
    add("silent", 30, ("ocr_fast@1",), None)
    add("broken", 10, ())

    def names(**options: object) -> list[str]:
        return [row.id for row in store.list(**options)]  # pyright: ignore[reportArgumentType]

    assert names(since=now - DAY) == ["broken", "silent", "new"]
    assert names(below=0.5) == ["old"]
    assert names(below=0.95) == ["new", "old"]
    assert names(expert="ocr") == ["new", "old"]
    assert names(expert="ocr@1") == ["old"]
    assert [row.confidence for row in store.list()] == [None, None, 0.9, 0.3]

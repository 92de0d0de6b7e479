"""Replays that call some experts for real: one step, another expert, everything from a step on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import HerdError, PlanMalformed
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.store import MemoryStore

calls: Counter[str] = Counter()
clock: Counter[str] = Counter()


@expert
async def tick(text: Text) -> Text:
    """Give another number each time it is called."""
    calls["tick"] += 1
    clock["ticks"] += 1
    return Text(f"{text} {clock['ticks']}")


@expert
async def echo(text: Text) -> Text:
    """Repeat a text."""
    calls["echo"] += 1
    return Text(f"{text}, {text}")


PLAN = Plan.parse(
    {
        "steps": [
            {"id": "s1", "expert": "tick", "inputs": {"text": {"value": "tick"}}},
            {"id": "s2", "expert": "echo", "inputs": {"text": {"step": "s1"}}},
            {"id": "s3", "expert": "echo", "inputs": {"text": {"value": "aside"}}},
        ]
    }
)


@pytest.fixture
def herd() -> Herd:
    clock.clear()
    return Herd(tick, echo, checkpoints="memory", store=MemoryStore())


@pytest.fixture
def file(herd: Herd, tmp_path: Path) -> Path:
    recorded = herd.run(PLAN).save(tmp_path / "run.herdrun")
    calls.clear()
    return recorded


def test_one_step_is_live_and_the_others_are_not(herd: Herd, file: Path):
    run = herd.replay(file, live=["s3"])

    assert calls == {"echo": 1}
    assert str(run.output("s2")) == "tick 1, tick 1"


def test_what_a_live_step_gives_otherwise_is_missed_by_the_recorded_ones(herd: Herd, file: Path):
    run = herd.replay(file, live=["s1"])

    record = run.records["s2"]
    assert (record.status, record.error_type) == ("failed", "ReplayMiss")
    assert "text: recorded 'tick 1', asked 'tick 2'" in record.error
    assert run.records["s3"].status == "done"


def test_everything_from_a_step_on_is_live(herd: Herd, file: Path):
    run = herd.replay(file, since="s1")

    assert calls == {"tick": 1, "echo": 1}
    assert str(run.output("s2")) == "tick 2, tick 2"


def test_another_expert_takes_what_depends_on_it_along(herd: Herd, file: Path):
    run = herd.replay(file, swaps={"s1": "echo"})

    assert calls == {"echo": 2}
    assert str(run.output("s2")) == "tick, tick, tick, tick"


@pytest.mark.parametrize("option", [{"live": ["s9"]}, {"since": "s9"}, {"swaps": {"s9": "echo"}}])
def test_a_step_that_is_not_there_is_named(herd: Herd, file: Path, option: dict[str, object]):
    with pytest.raises(PlanMalformed, match="s9"):
        herd.replay(file, **option)  # pyright: ignore[reportArgumentType]


def test_an_expert_that_is_not_there_is_named(herd: Herd, file: Path):
    with pytest.raises(HerdError, match="nobody"):
        herd.replay(file, swaps={"s1": "nobody"})

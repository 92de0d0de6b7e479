"""The coordination benchmark measures what it says: frozen sets, real plans, faults that are faults."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.coordination.faults import FAULTS, MAIN, SUBTLE, Pool, spoil
from benchmarks.coordination.golds import jobs
from benchmarks.coordination.measuring import rate
from benchmarks.matrices import conditions, printing, speaking
from herd_graph import Herd, Text, expert
from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Data
from herd_graph.calling import Call, CallResult
from herd_graph.cards import Port
from herd_graph.checking import check
from herd_graph.store import MemoryStore
from herd_graph.types import ArtifactRef, Kind

KINDS = {
    ".txt": Kind.TEXT,
    ".csv": Kind.TABLE,
    ".wav": Kind.AUDIO,
    ".png": Kind.IMAGE,
    ".mp4": Kind.VIDEO,
    ".pdf": Kind.DOCUMENT,
    ".dat": Kind.IMAGE,
    ".bin": Kind.DOCUMENT,
}
CARDS = {each.card.name: each.card for each in first_party()}


def test_the_lists_are_those_that_were_frozen_and_follow_from_the_seed() -> None:
    told = conditions.frozen()

    for name, rows in (("speech", conditions.clips()), ("pages", conditions.pages())):
        text = conditions.lines(rows)
        assert hashlib.sha256(text.encode()).hexdigest() == told[name]["sha256"]
        assert conditions.rows_of(name) == json.loads(json.dumps(rows))


def test_no_voice_font_or_sentence_is_in_both_parts() -> None:
    for name, key, known in (
        ("speech", "voice", speaking.VOICES),
        ("pages", "font", printing.FONTS),
    ):
        rows = conditions.rows_of(name)
        assert {(row[key], row["split"]) for row in rows} == set(known.items())
        assert len(rows) == 288
        assert Counter(row["split"] for row in rows) == {"development": 144, "test": 144}
    assert not set(conditions.sentences("development")) & set(conditions.sentences("test"))


def test_the_name_of_a_file_says_nothing() -> None:
    for row in [*conditions.rows_of("speech"), *conditions.rows_of("pages")]:
        name = Path(row["files"][0]).stem
        assert len(name) == 10
        assert set(name) <= set("0123456789abcdef")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=5, max_size=40))
def test_a_rate_beside_another_one_is_paired(errors: list[tuple[int, int]]) -> None:
    mine, other = [a for a, _ in errors], [b + 1 for _, b in errors]
    found = rate("mine", mine, [10] * len(errors), other)

    assert found.rate == pytest.approx(sum(mine) / (10 * len(errors)))
    assert found.low <= found.relative + 1e-9
    assert found.relative - 1e-9 <= found.high
    same = rate("same", other, [10] * len(errors), other)
    assert (same.relative, same.low, same.high) == (0.0, 0.0, 0.0)


def test_every_job_is_a_plan_that_the_checker_passes() -> None:
    made = list(jobs(CARDS.__getitem__))
    herd = Herd(*first_party(), checkpoints="memory", store=MemoryStore())

    assert len(made) > 300
    assert {step.expert for job in made for step in job.plan.steps} >= {
        f"{name}@1" for name in ("translate", "transcribe", "read_text", "query_table", "speak")
    }
    for job in made[:60]:
        ports = {
            f"a{n}": Port(name=f"a{n}", kind=KINDS[Path(file).suffix])
            for n, file in enumerate(job.files, 1)
        }
        assert check(job.plan, herd.registry.snapshot(), ports) == [], job.gold


@expert
def translate(text: Text, to: str) -> Text:
    """Translate a text."""
    return text


def _call(store: MemoryStore, text: str) -> tuple[Call, CallResult]:
    said = Text(text).put(store)
    inputs: dict[str, ArtifactRef | list[ArtifactRef]] = {"text": said, "to": Data("en").put(store)}
    made = Text(f"{text} was what the two of them said to Robert in the end").put(store)
    return Call(expert=translate, inputs=inputs), CallResult(outputs={"result": made})


@pytest.mark.parametrize("kind", [each for each in FAULTS if each in {*MAIN, "nonsense"}])
def test_a_fault_changes_the_result_and_nothing_else(kind: str) -> None:
    store = MemoryStore()
    pool = Pool(store=store)
    first, one = _call(store, "the morning boat to the island")
    second, two = _call(store, "an apple and a glass of milk")
    pool.add(first, one)
    pool.add(second, two)

    made = spoil(first, one, [kind], pool, random.Random(1))

    if kind == "arithmetic":  # a translation has no figures to get wrong
        assert made is None
        return
    assert made is not None
    assert made[0] == kind
    spoilt = made[1].outputs["result"]
    sound = one.outputs["result"]
    assert isinstance(spoilt, ArtifactRef)
    assert isinstance(sound, ArtifactRef)
    assert spoilt.id != sound.id
    assert spoilt.kind == sound.kind
    if kind == "swapped":
        assert [spoilt.id] == [
            each.id for each in two.outputs.values() if not isinstance(each, list)
        ]


def test_equal_seeds_spoil_alike() -> None:
    store = MemoryStore()
    pool = Pool(store=store)
    call, result = _call(store, "the morning boat to the island")
    pool.add(call, result)

    once = spoil(call, result, [*MAIN, *SUBTLE], pool, random.Random(7))
    again = spoil(call, result, [*MAIN, *SUBTLE], pool, random.Random(7))

    assert once is not None
    assert once == again

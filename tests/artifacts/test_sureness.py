"""How sure an expert was of a text, beside it in its reference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text, attach, load
from herd_graph.artifacts.sureness import (
    MOST_STRETCHES,
    by_letter,
    by_word,
    in_lines,
    joined,
    stretches,
)
from herd_graph.store import MemoryStore
from herd_graph.types import ArtifactRef

CONFIDENCE = st.floats(min_value=0, max_value=1)
SURE = st.lists(st.tuples(st.integers(1, 9), CONFIDENCE), max_size=700)


def test_it_travels_in_the_reference_and_the_text_stays_as_it_is():
    text = Text("good morning", sure=[(5, 0.9), (7, 0.4)])

    ref = text.put(MemoryStore())
    again = ArtifactRef.model_validate_json(ref.model_dump_json())

    assert str(text) == "good morning"
    assert again == ref
    assert again.sure == ((5, 0.9), (7, 0.4))
    assert [word for word, _ in by_word("good morning", again.sure)] == ["good", "morning"]
    assert [each for _, each in by_word("good morning", again.sure)] == pytest.approx([0.9, 0.4])


def test_it_goes_along_to_another_store():
    first, second = MemoryStore(), MemoryStore()
    ref = Text("good morning", sure=[(12, 0.5)]).put(first)

    moved = load(ref, first)
    moved.bytes()

    assert moved.put(second).sure == ((12, 0.5),)


def test_a_text_that_nobody_was_sure_of_has_a_reference_as_before():
    dumped = json.loads(Text("hello").put(MemoryStore()).model_dump_json())

    assert "sure" not in dumped
    assert ArtifactRef.model_validate(dumped).sure == ()


def test_a_text_of_a_file_has_none(tmp_path: Path):
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    store = MemoryStore()

    found = attach(tmp_path / "note.txt")

    assert isinstance(found, Text)
    assert found.sure == ()
    assert found.put(store).sure == ()


@pytest.mark.parametrize("sure", [(), ((3, 0.5),), ((99, 0.5),)])
def test_what_was_told_of_another_text_is_not_told(sure: tuple[tuple[int, float], ...]):
    assert by_letter("hello", sure) is None
    assert by_word("hello", sure) == ()


@given(SURE)
def test_long_texts_keep_every_letter_in_few_stretches(sure: list[tuple[int, float]]):
    made = stretches(sure)

    assert sum(letters for letters, _ in made) == sum(letters for letters, _ in sure)
    assert len(made) <= MOST_STRETCHES
    assert all(0 <= confidence <= 1 for _, confidence in made)


@given(
    st.lists(st.lists(st.tuples(st.text("ab ", max_size=5), CONFIDENCE), max_size=4), max_size=4)
)
def test_pieces_and_lines_fit_the_text_that_they_make(lines: list[list[tuple[str, float]]]):
    parts = [joined(line) for line in lines]
    kept = [part for part in parts if part[0]]
    text = "\n".join(line for line, _ in kept)

    told = in_lines([sure for _, sure in kept])

    assert sum(letters for letters, _ in told) == len(text)

"""A text is cut where it begins to say the same again, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

without_loops: Any = import_module("herd_graph._bundled.tools.loops").without_loops


def cut(text: str, size: int = 3) -> str:
    return "".join(without_loops(iter([text[at : at + size] for at in range(0, len(text), size)])))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "The lift is closed. We are sorry for it. The lift is closed. We are sorry for it.",
            "The lift is closed. We are sorry for it. ",
        ),
        (
            "1. Bring your own bicycle.\n2. Bring your own bicycle.\n3. Bring",
            "1. Bring your own bicycle.\n",
        ),
        ("Yes. No. Yes. It is so.", "Yes. No. Yes. It is so."),
        ("The lift is closed. The lift is open.", "The lift is closed. The lift is open."),
        ("A rose is a rose is a rose.", "A rose is a rose is a rose."),
    ],
)
def test_what_is_said_again_ends_it(text: str, kept: str):
    assert cut(text).rstrip() == kept.rstrip()


def test_a_phrase_without_end_is_cut():
    looped = "It goes " + "on and on with the sea " * 50

    assert len(cut(looped)) < 120


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=20), st.integers(1, 9))
def test_sentences_that_differ_are_all_kept(numbers: list[int], size: int):
    spelled = ["".join(chr(ord("a") + int(digit)) for digit in str(each)) for each in numbers]
    text = " ".join(f"The word is {each} today." for each in spelled)

    assert cut(text, size) == text


def test_who_writes_is_stopped():
    ended: list[bool] = []

    def endless() -> Iterator[str]:
        try:
            while True:
                yield "The same sentence over again. "
        finally:
            ended.append(True)

    assert "".join(without_loops(endless())) == "The same sentence over again. "
    assert ended == [True]

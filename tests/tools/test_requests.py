"""What requests say of pages, moments and numbers of things."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

requests: Any = import_module("herd_graph._bundled.tools.requests")


@pytest.mark.parametrize(
    ("request_", "moments"),
    [
        ("a picture at 0:10", [10.0]),
        ("at 10 seconds", [10.0]),
        ("after 1 minute 20 seconds", [80.0]),
        ("frames at 0:02 and 0:05", [2.0, 5.0]),
        ("the last frame", [12.0]),
        ("every 5 seconds", [0.0, 5.0, 10.0]),
        ("at the beginning and at the end", [0.0, 12.0]),
        ("half-way", [6.0]),
        ("two frames", []),
    ],
)
def test_moments(request_: str, moments: list[float]):
    assert requests.moments(request_, 12.0) == moments


@pytest.mark.parametrize(
    ("request_", "count"),
    [("two frames", 2), ("five nice pictures", 5), ("a single frame", 1), ("frames of it", None)],
)
def test_numbers_of_things(request_: str, count: int | None):
    assert requests.how_many(request_, "frame|picture") == count


@given(st.text(max_size=80), st.integers(1, 50))
def test_any_request_is_read(request_: str, count: int):
    assert all(isinstance(each, int) for each in requests.pages(request_, count))
    assert all(each >= 0 for each in requests.moments(request_, float(count)))

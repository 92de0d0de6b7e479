"""*Ten past three* is a time of day, in digits as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from herd_graph.artifacts import Text

Call = Callable[..., Any]


def test_minutes_past_the_hour_answer_when(call: Call):
    said = Text("Welcome to Platform 4, the train to Bristol leaves at 10 past 3. Stand back.")

    told = "".join(map(str, call("chat", Text("When does the train leave?"), said)))

    assert told.startswith("10 past 3.")

"""Measures that an answer converts are converted again, each line by itself."""

from __future__ import annotations

import pytest
from check_letters import told
from check_results import result

from herd_graph.artifacts import Text


@pytest.mark.parametrize(
    "said",
    [
        "25 yards = 22.86 metres\n12 yards = 10.9728 metres",
        "400 minutes = 6 h 40 min",
        "1.75 m = 5 ft 8.9 in",
        "5 ft 10 in = 177.8 cm",
        "1 foot = 12 inches, 1 inch = 2.54 cm",
    ],
)
def test_what_is_right_is_not_doubted(said: str):
    asked = {"question": Text("convert it")}

    assert told(result(asked, {"result": Text(said)})) == []


@pytest.mark.parametrize(
    "said", ["400 minutes = 6 h 50 min", "25 yards = 22.86 metres\n12 yards = 12.9728 metres"]
)
def test_what_is_wrong_is(said: str):
    asked = {"question": Text("convert it")}

    assert told(result(asked, {"result": Text(said)})) == ["units fail"]

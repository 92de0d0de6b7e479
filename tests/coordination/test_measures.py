"""Measures that an answer converts are converted again, each line by itself."""

from __future__ import annotations

import pytest
from check_letters import told
from check_results import result

from herd_graph.artifacts import Text
from herd_graph.coordination.checks.grounding import claims
from herd_graph.coordination.checks.quoting import is_quoted


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


@pytest.mark.parametrize(
    ("said", "is_quoted_"), [("2900 = 2 × new boiler 1450", True), ("2950 = 2 × new boiler 1450", False)]
)  # fmt: skip
def test_what_prices_come_to_is_no_invention(said: str, is_quoted_: bool):
    text = "Hello, this is Mario, the new boiler costs 1,450 pounds and fitting takes two days."

    assert is_quoted(said, text, "How much would two boilers cost?") is is_quoted_
    assert all(each.found for each in claims(said, [text])) is is_quoted_

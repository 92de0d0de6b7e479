"""A later part goes on with what an earlier one shows."""

from __future__ import annotations

import pytest

from herd_graph.routing.golds import Wanted, expression
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.sharing import shared


def after(gold: str) -> tuple[object, ...]:
    parts = tuple(expression(each) for each in gold.split(" ; "))
    return shared(Parsed(wanted=Wanted(parts=parts), probability=0.5, looks=())).wanted.parts


@pytest.mark.parametrize(
    ("gold", "whole"),
    [
        ("summarize(a1, 2) ; speak(summarize(a1))", "summarize(a1, 2) ; speak(summarize(a1, 2))"),
        (
            "summarize(a1, 2) ; translate(summarize(a1, 2), pt) ; speak(translate(summarize(a1), pt))",
            "summarize(a1, 2) ; translate(summarize(a1, 2), pt) ; speak(translate(summarize(a1, 2), pt))",
        ),
    ],
)
def test_what_is_shown_is_what_is_gone_on_with(gold: str, whole: str) -> None:
    assert after(gold) == tuple(expression(each) for each in whole.split(" ; "))


@pytest.mark.parametrize(
    "gold",
    [
        "summarize(a1, 2) ; summarize(a1)",
        "summarize(a1) ; speak(summarize(a1, 2))",
        "summarize(a1, 2) ; speak(summarize(a2))",
        "translate(a1, pt) ; speak(a1)",
        "translate(a1, pt) ; speak(translate(a1, en))",
        "speak(summarize(a1)) ; summarize(a1, 2)",
    ],
)
def test_other_things_stay_as_they_are(gold: str) -> None:
    assert after(gold) == tuple(expression(each) for each in gold.split(" ; "))

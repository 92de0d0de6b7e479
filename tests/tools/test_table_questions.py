"""A hundred and fifty questions over fifteen tables of different fields, with checked answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from table_questions import FOLDER, Asked, asked, is_right

from herd_graph.artifacts import Table, Text
from herd_graph.errors import PortViolation

SEEN, UNSEEN = asked("seen"), asked("unseen")


def came(call: Callable[..., Any], each: Asked) -> str:
    """Ask, and say what came: right, wrong or refused."""
    table = Table((FOLDER / f"{each.table}.csv").read_bytes(), name=f"{each.table}.csv")
    try:
        found = call("query_table", table, Text(each.question))
    except PortViolation:
        return "right" if each.rows is None else "refused"
    return "right" if each.rows is not None and is_right(found, each.rows) else "wrong"


@pytest.mark.parametrize(("questions", "right"), [(SEEN, 72), (UNSEEN, 67)], ids=["seen", "unseen"])
def test_questions_of_many_fields_are_answered_right(
    call: Callable[..., Any], questions: list[Asked], right: int
):
    outcomes = {(each.table, each.question): came(call, each) for each in questions}

    assert sum(each == "right" for each in outcomes.values()) >= right
    assert sum(each == "wrong" for each in outcomes.values()) <= 2

"""A hundred questions over six tables as people have them: the second list was written unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from table_questions import is_right
from unlike_tables import attached, gold, questions

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation


def came(call: Callable[..., Any], table: str, question: str, sql: str) -> str:
    """Ask, and say what came: right, wrong or refused."""
    right = gold(table, sql)
    try:
        found = call("query_table", attached(table), Text(question))
    except PortViolation:
        return "right" if right is None else "refused"
    return "right" if right is not None and is_right(found, right) else "wrong"


@pytest.mark.parametrize(("name", "right"), [("unlike", 60), ("unlike_unseen", 42)])
def test_questions_over_unlike_tables_are_answered_right(
    call: Callable[..., Any], name: str, right: int
):
    outcomes = {each: came(call, *each) for each in questions(name)}

    assert [each for each, outcome in outcomes.items() if outcome == "wrong"] == []
    assert sum(outcome == "right" for outcome in outcomes.values()) >= right

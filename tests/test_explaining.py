"""What ``why`` says of clauses that no step came of: only what the plan left undone is not served."""

from __future__ import annotations

import pytest

from herd_graph.explaining import Why, explain
from herd_graph.plans import Plan
from herd_graph.recording.store import RunRow
from herd_graph.routing.base import CandidateTrace, ClauseTrace, RouteTrace

ASKED = "Shout it, thanks, and book a flight"
STEPS = {"steps": [{"id": "s1", "expert": "shout@1", "inputs": {"text": {"value": "hi"}}}]}


def why(plan: Plan, *clauses: ClauseTrace, step: str | None = None) -> Why:
    row = RunRow(id="r1", thread="r1", task=ASKED, status="done", started=0.0)
    trace = RouteTrace(router="neural", request=ASKED, clauses=clauses)
    return explain(plan, trace, {}, row, step)


def test_a_request_that_was_ranked_whole_and_answered_is_not_unserved():
    candidates = (CandidateTrace(expert="shout@1", score=0.9, chosen=True),)
    whole = ClauseTrace(text=ASKED, decision="the likeliest of 3 plans", candidates=candidates)

    found = why(Plan.parse(STEPS), whole, ClauseTrace(text="Shout it", step="s1"))

    assert not found.unplaced
    assert found.considered == (whole,)
    assert "Not served" not in str(found)
    assert f"Considered: {ASKED!r}" in str(found)
    assert "* shout@1 0.90" in str(found)  # what was ranked is still told


def test_what_the_plan_left_undone_is_not_served_and_a_remark_is():
    unmet = ClauseTrace(text="book a flight", decision="unmet: no expert here does that")
    thanks = ClauseTrace(text="thanks", decision="a remark, not a request")
    plan = Plan.parse({**STEPS, "unmet": ["book a flight: no expert here does that"]})

    found = why(plan, ClauseTrace(text="Shout it", step="s1"), thanks, unmet)

    assert found.unplaced == (unmet,)
    assert found.considered == (thanks,)
    assert str(found).count("Not served") == 1


def test_what_is_undone_is_told_where_no_clause_says_so():
    plan = Plan.parse({**STEPS, "unmet": ["a flight: no expert here does this"]})

    found = why(plan, ClauseTrace(text=ASKED, decision="the likeliest of 2 plans"))

    assert "Not served: 'a flight: no expert here does this'" in str(found)
    assert [each.text for each in found.considered] == [ASKED]


@pytest.mark.parametrize("text", [ASKED, "book a flight"])
def test_of_no_plan_nothing_was_served(text: str):
    found = why(Plan(reason="No expert here can do it."), ClauseTrace(text=text))

    assert [each.text for each in found.unplaced] == [text]
    assert not found.considered


def test_of_one_step_neither_is_told():
    found = why(Plan.parse(STEPS), ClauseTrace(text=ASKED), step="s1")

    assert not found.unplaced
    assert not found.considered

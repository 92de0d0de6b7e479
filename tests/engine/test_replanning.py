"""Another path when a part failed: what is finished is kept, and the second plan is only a chance."""

from __future__ import annotations

from typing import Any

import pytest
from dags import NOTHING

from herd_graph.budgets import Budget
from herd_graph.experts import Expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.steps import Patience
from herd_graph.tasks import Task
from herd_graph.testing import FakeRouter, run_virtual, scripted


def plan(*steps: dict[str, Any], **more: Any) -> Plan:
    """Return a plan that asks for one thing."""
    asks = [{"ask": "it", "source": {"step": steps[-1]["id"]}}]
    return Plan.parse({"steps": list(steps), "answers": asks, **more})


def call(step_id: str, expert: str, source: Any) -> dict[str, Any]:
    """Return a step."""
    return {"id": step_id, "expert": expert, "inputs": {"text": source}}


FIRST = plan(call("s1", "read", {"value": "x"}), call("s2", "bad", {"step": "s1"}))
SECOND = plan(call("p1", "read", {"value": "x"}), call("p2", "good", {"step": "p1"}))


class Story:
    """A herd whose router gives one plan after the other."""

    def __init__(self, *plans: Plan, **settings: Any) -> None:
        self.read = scripted("read", script=["text"], repeat=True, cost_usd=0.2)
        self.bad = scripted("bad", script=[ValueError("broken")], repeat=True)
        self.good = scripted("good", script=["good"], repeat=True)
        self.left = list(plans)
        self.router = FakeRouter(self._next)
        experts: tuple[Expert, ...] = (self.read, self.bad, self.good)
        settings.setdefault("patience", Patience(attempts=1))
        self.herd = Herd(*experts, checkpoints="memory", router=self.router, **settings)

    def _next(self, _: Task) -> Plan:
        return self.left.pop(0) if self.left else NOTHING

    def run(self, **options: Any) -> Run:
        """Ask for it."""
        ended, _ = run_virtual(self.herd.arun("give it to me", **options))
        return ended


def test_the_second_plan_keeps_what_the_first_finished() -> None:
    story = Story(FIRST, SECOND)

    run = story.run()

    assert run.status == "done"
    assert run.answer.text == "good"
    assert len(story.read.calls) == 1
    assert len(story.router.tasks) == 2
    assert run.records["p1"].status == "done"
    assert run.plan.reason == "Another path without bad."
    assert "replanned" in [event.kind for event in run.events()]


def test_what_is_kept_is_paid_for_once() -> None:
    run = Story(FIRST, SECOND).run()

    assert run.usd == pytest.approx(0.2)
    assert run.row.calls == 3


def test_the_budget_goes_on() -> None:
    story = Story(FIRST, SECOND)

    run = story.run(budget=Budget(calls=2))

    assert run.status == "failed"
    assert run.records["p2"].status == "refused"
    assert len(story.good.calls) == 0


def test_without_another_path_the_first_answer_stands() -> None:
    story = Story(FIRST)

    run = story.run()

    assert run.status == "failed"
    assert run.records["s1"].status == "done"
    assert "broken" in run.answer.missing[0]


def test_a_second_plan_that_cannot_run_does_not_lose_what_is_there() -> None:
    both = plan(
        call("s1", "read", {"value": "x"}),
        call("s2", "bad", {"step": "s1"}),
    ).model_dump()
    both["answers"] = [
        {"ask": "text", "source": {"step": "s1"}},
        {"ask": "more", "source": {"step": "s2"}},
    ]
    broken = plan(call("q1", "nobody", {"value": "x"})).model_dump()
    broken["answers"] *= 2
    story = Story(Plan.parse(both), Plan.parse(broken))

    run = story.run()

    assert run.status == "partial"
    assert run.answer.text == "text"
    assert "broken" in run.answer.missing[0]


def test_an_item_that_was_left_out_is_no_reason_for_another_plan() -> None:
    some = plan(
        {
            "id": "s1",
            "expert": "picky",
            "inputs": {"text": {"item": True}},
            "foreach": {"value": ["a", "b"]},
            "on_item_error": "skip",
        }
    )
    story = Story(some, SECOND)
    story.herd.add(scripted("picky", script=["fine", ValueError("not this one")]))

    run = story.run()

    assert run.status == "done"
    assert run.answer.text == "fine"
    assert len(story.router.tasks) == 1


def test_a_plan_by_hand_is_never_replaced() -> None:
    story = Story(SECOND)

    run, _ = run_virtual(story.herd.arun(FIRST))

    assert run.status == "failed"
    assert story.router.tasks == []

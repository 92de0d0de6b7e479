"""A result that stands with a failed check: another path for what has not run, or on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from herd_graph.budgets import Budget
from herd_graph.cards import Port
from herd_graph.coordination.checks import check
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.routing.base import Route, RouteTrace, Situation
from herd_graph.runs import Run
from herd_graph.state import Verdict
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore
from herd_graph.tasks import Task
from herd_graph.testing import FakeRouter, ScriptedExpert, run_virtual, scripted
from herd_graph.types import ArtifactRef, Kind

NOTHING = Plan(reason="There is no other way.")


@check(name="shouting")
def shouting(subject: Any) -> Any:
    """Fail what ends in '!'."""
    loud = any((each.inline or "").endswith("!") for each in subject.refs("result"))
    return Verdict(check="shouting", level="fail" if loud else "pass", score=0.0 if loud else 1.0)


def call(step_id: str, expert: str, source: Any) -> dict[str, Any]:
    return {"id": step_id, "expert": expert, "inputs": {"text": source}}


def plan(*steps: dict[str, Any]) -> Plan:
    asks = [{"ask": "it", "source": {"step": steps[-1]["id"]}}]
    return Plan.parse({"steps": list(steps), "answers": asks})


def told(text: Any) -> str:
    return f"told: {text}"


class Story:
    """A reader, two translators of which one shouts, and a narrator of what was translated."""

    def __init__(self, *plans: Plan, calm: Any = "good day", **settings: Any) -> None:
        self.left = list(plans)
        self.router = FakeRouter(lambda _: self.left.pop(0) if self.left else NOTHING)
        self.read = scripted("read", script=["bom dia"], repeat=True)
        self.loud = scripted("loud", script=["good day!"], repeat=True)
        self.calm = scripted("calm", script=[calm], repeat=True)
        self.tell = scripted("tell", script=told)
        experts: list[ScriptedExpert] = [self.read, self.loud, self.calm, self.tell]
        settings.setdefault("patience", Patience(attempts=1, repairs=1))
        self.herd = Herd(
            *experts,
            checkpoints="memory",
            store=MemoryStore(),
            checks=[shouting],
            router=self.router,
            **settings,
        )

    def run(self, what: Plan | str = "tell me in English", **options: Any) -> Run:
        ended, _ = run_virtual(self.herd.arun(what, **options))
        return ended


FIRST = plan(
    call("s1", "read", {"value": "letter"}),
    call("s2", "loud", {"step": "s1"}),
    call("s3", "tell", {"step": "s2"}),
)
SECOND = plan(
    call("s1", "read", {"value": "letter"}),
    call("s2", "calm", {"step": "s1"}),
    call("s3", "tell", {"step": "s2"}),
)


def test_another_path_is_taken_before_anything_is_made_of_a_wrong_result() -> None:
    story = Story(FIRST, SECOND)

    run = story.run()

    assert run.answer.text == "told: good day"
    assert len(story.router.tasks) == 2
    assert len(story.read.calls) == 1  # what was finished is kept
    assert len(story.tell.calls) == 1  # and nothing was made of what was wrong
    assert run.plan.reason == "Another path without loud."
    assert not any(each.doubts for each in run.answer.parts)


def test_the_record_of_both_paths_is_kept() -> None:
    run = Story(FIRST, SECOND).run()

    assert run.records["s2"].expert == "loud@1"
    assert run.records["s2"].stands_wrong
    assert {each.expert for each in run.plan.steps} == {"read@1", "calm@1", "tell@1"}
    assert not {each.id for each in run.plan.steps} & {"s1", "s2", "s3"}
    assert "replanned" in [event.kind for event in run.events()]


def test_without_another_path_the_run_goes_on_with_what_there_is() -> None:
    story = Story(FIRST)

    run = story.run()

    assert run.status == "done"
    assert run.answer.text == "told: good day!"
    assert len(story.loud.calls) == 2  # once, and once more
    assert any(each.doubts for each in run.answer.parts)


@pytest.mark.parametrize(
    ("second", "calls"),
    [
        (SECOND, 1),  # it shouts as well
        (plan(call("s1", "absent", {"value": "letter"})), 0),  # it cannot run
    ],
)
def test_a_path_that_is_no_better_gives_way_to_the_first(second: Plan, calls: int) -> None:
    story = Story(FIRST, second, calm="how do you do!")

    run = story.run()

    assert run.status == "done"
    assert run.answer.text == "told: good day!"
    assert len(story.calm.calls) >= calls
    assert len(story.loud.calls) == 2  # what has just failed is not repeated
    assert [each.expert for each in run.plan.steps] == ["read@1", "loud@1", "tell@1"]


def test_a_path_that_breaks_gives_way_to_the_first() -> None:
    story = Story(FIRST, SECOND, calm=ValueError("broken"))

    run = story.run()

    assert run.status == "done"
    assert run.answer.text == "told: good day!"


def test_a_budget_that_is_not_enough_for_both_is_kept_for_the_first() -> None:
    story = Story(FIRST, SECOND, patience=Patience(attempts=1, repairs=0))

    run = story.run(budget=Budget(calls=4))

    assert run.status == "done"
    assert run.answer.text == "told: good day!"
    assert len(story.calm.calls) == 0


def test_a_wrong_last_result_has_another_path_too() -> None:
    first = plan(call("s1", "read", {"value": "letter"}), call("s2", "loud", {"step": "s1"}))
    second = plan(call("p1", "read", {"value": "letter"}), call("p2", "calm", {"step": "p1"}))

    assert Story(first, second).run().answer.text == "good day"
    assert Story(first).run().answer.text == "good day!"


def test_what_does_not_depend_on_it_runs_meanwhile() -> None:
    both = FIRST.model_copy(
        update={"steps": (*FIRST.steps, *plan(call("s4", "tell", {"value": "news"})).steps)}
    )
    story = Story(both, SECOND)

    story.run()

    assert [str(each.inputs["text"]) for each in story.tell.calls] == ["news", "good day"]


def test_a_plan_by_hand_goes_on_with_what_there_is() -> None:
    story = Story(SECOND)

    run = story.run(FIRST)

    assert run.answer.text == "told: good day!"
    assert story.router.tasks == []


def test_one_call_at_a_time_comes_to_the_same() -> None:
    story = Story(FIRST, SECOND)

    async def stepped() -> Run:
        async with story.herd.debug("tell me in English") as session:
            await session.continue_()
            return await session.result()

    ended, _ = run_virtual(stepped())

    assert ended.answer.text == Story(FIRST, SECOND).run().answer.text == "told: good day"
    assert len(story.tell.calls) == 1


class Recalling:
    """A router that binds what the turn before made, and knows no inputs but those of the task."""

    name = "recalling"

    def __init__(self, *plans: Plan) -> None:
        self.left = list(plans)
        self.given: list[set[str]] = []

    async def route(self, task: Task, situation: Situation) -> Route:
        self.given.append(set(task.attachments))
        trace = RouteTrace(router=self.name, request=task.text, registry="")
        bound: dict[str, Any] = {}
        if situation.history:
            parts: Any = situation.history[-1]["parts"]
            bound = {"h1": ArtifactRef.model_validate(parts[0]["artifacts"][0])}
        return Route(plan=self.left.pop(0), trace=trace, attachments=bound)


def follow_up(expert: str) -> Plan:
    steps = [call("s1", expert, {"input": "h1"}), call("s2", "tell", {"step": "s1"})]
    return plan(*steps).model_copy(update={"inputs": {"h1": Port(name="h1", kind=Kind.TEXT)}})


@pytest.mark.parametrize("second", [follow_up("calm"), follow_up("louder")])
def test_the_router_is_asked_again_with_what_it_was_given_first(second: Plan) -> None:
    story = Story()
    router = Recalling(plan(call("s1", "read", {"value": "x"})), follow_up("loud"), second)
    louder = scripted("louder", script=["GOOD DAY!"], repeat=True)
    experts = (story.read, story.loud, story.calm, story.tell, louder)
    herd = Herd(
        *experts, checkpoints="memory", store=MemoryStore(), checks=[shouting], router=router
    )

    async def talk() -> Run:
        await herd.arun("read it", thread="t")
        return await herd.arun("tell me in English", thread="t")

    run, _ = run_virtual(talk())

    assert router.given == [set(), set(), set()]
    assert run.answer.text == (
        "told: good day" if second.steps[0].expert == "calm" else "told: good day!"
    )


def test_a_router_that_breaks_does_not_cost_the_answer() -> None:
    story = Story()

    def broken(_: Task) -> Plan:
        if len(router.tasks) > 1:
            raise ZeroDivisionError("a defect")
        return FIRST

    router = FakeRouter(broken)
    experts = (story.read, story.loud, story.calm, story.tell)
    story.herd = Herd(
        *experts, checkpoints="memory", store=MemoryStore(), checks=[shouting], router=router
    )

    assert story.run().answer.text == "told: good day!"


@pytest.mark.parametrize(
    ("to", "asked", "doubts"),
    [
        ("pt", "the words of the card, and its words in Portuguese", []),
        ("fr", "the words of the card, and its words in Portuguese", ["request:language"]),
        ("fr", "The card is written in Portuguese. Its words, please", []),
    ],
)
def test_a_language_that_one_step_is_told_is_not_asked_of_the_others(
    to: str, asked: str, doubts: list[str]
) -> None:
    text = "The ferry leaves the harbour at nine and comes back before the tide turns."
    reader = scripted("reader", script=[text], repeat=True)
    port = Port(name="to", kind=Kind.DATA, json_schema={"enum": ["pt", "fr"]})
    worded = scripted("worded", [Port(name="text", kind=Kind.TEXT), port], script=["x"])
    steps = [
        call("s1", "reader", {"value": "a picture"}),
        {"id": "s2", "expert": "worded", "inputs": {"text": {"step": "s1"}, "to": {"value": to}}},
    ]
    asks = [{"ask": "", "source": {"step": each}} for each in ("s1", "s2")]
    router = FakeRouter(Plan.parse({"steps": steps, "answers": asks}))
    herd = Herd(reader, worded, checkpoints="memory", store=MemoryStore(), router=router)

    run, _ = run_virtual(herd.arun(asked))

    verdicts = run.records["s1"].verdicts
    assert [each.check for each in verdicts if each.level != "pass"] == doubts


@pytest.mark.parametrize("calm", ["good day", "how do you do!", ValueError("broken")])
def test_a_run_with_another_path_is_recorded_and_replayed(calm: Any, tmp_path: Path) -> None:
    story = Story(FIRST, SECOND, calm=calm)
    run = story.run()

    run.save(tmp_path / "story.herdrun")
    replayed, _ = run_virtual(story.herd.areplay(tmp_path / "story.herdrun"))

    assert replayed.status == run.status == "done"
    assert replayed.answer.text == run.answer.text
    assert [each.id for each in replayed.plan.steps] == [each.id for each in run.plan.steps]

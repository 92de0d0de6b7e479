"""A step with several candidates survives being killed in the middle, and is stepped as one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_resume import Photographs, restore

from herd_graph.coordination.checks import check
from herd_graph.engine import Question
from herd_graph.graph import build
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.state import Verdict
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore
from herd_graph.testing import After, ScriptedExpert, run_virtual, scripted

GIVES: dict[str, Any] = {
    "cheap": After(1.0, "one?"),
    "middle": ValueError("broken"),
    "dear": After(2.0, "two"),
}


@check(name="questions")
def questions(subject: Any) -> Verdict:
    """Doubt what ends in '?'."""
    (result,) = subject.refs("result")
    doubted = (result.inline or "").endswith("?")
    return Verdict(
        check="questions", level="doubt" if doubted else "pass", score=0.5 if doubted else 1
    )


def crew() -> dict[str, ScriptedExpert]:
    return {
        name: scripted(name, script=[said], repeat=True, cost_usd=0.1 * number)
        for number, (name, said) in enumerate(GIVES.items(), 1)
    }


def plan(select: str) -> Plan:
    return Plan.parse(
        {
            "steps": [
                {
                    "id": "s1",
                    "expert": "cheap",
                    "fallbacks": ["middle", "dear"],
                    "select": select,
                    "inputs": {"text": {"value": "x"}},
                },
                {"id": "s2", "expert": "last", "inputs": {"text": {"step": "s1"}}},
            ]
        }
    )


def herd_of(experts: dict[str, ScriptedExpert], *, asks: bool = False, **settings: Any) -> Herd:
    last = scripted("last", script=["end"], repeat=True)
    patience = Patience(attempts=1, repairs=0, ask=asks)
    return Herd(*experts.values(), last, checks=[questions], patience=patience, **settings)


def counted(experts: dict[str, ScriptedExpert]) -> dict[str, int]:
    return {name: len(each.calls) for name, each in experts.items()}


@pytest.mark.parametrize("select", ["cascade", "dense", "until(0.9)"])
def test_killed_at_every_commit_it_calls_nobody_again(select: str, tmp_path: Path) -> None:
    store, experts = MemoryStore(), crew()
    herd = herd_of(experts, checkpoints="sqlite", home=tmp_path / "first", store=store)
    herd._graph = build(herd.engine, camera := Photographs(herd, store))
    whole, _ = run_virtual(herd.arun(plan(select)))
    assert counted(experts) == {"cheap": 1, "middle": 1, "dear": 1}
    seen: set[int] = set()

    for number, (database, content) in enumerate(camera.taken):
        home, again = tmp_path / str(number), crew()
        with herd_of(
            again, checkpoints="sqlite", home=home, store=restore(home, database, content)
        ) as other:
            resumed, _ = run_virtual(other.aresume(whole.id))

            assert str(resumed.output("s1")) == str(whole.output("s1"))
            assert resumed.status == "done"
            assert resumed.usd == pytest.approx(whole.usd)
            assert sorted(each.expert for each in resumed.records["s1"].attempts) == sorted(
                each.expert for each in whole.records["s1"].attempts
            )
            seen.add(sum(counted(again).values()))
    herd.close()

    assert {0, 3} <= seen
    assert seen & {1, 2}  # some of the photographs are from the middle of the step


def test_a_debugger_stops_once_for_a_step_whatever_it_selects() -> None:
    experts = crew()
    herd = herd_of(experts, checkpoints="memory", store=MemoryStore())

    async def story() -> None:
        async with herd.debug(plan("cascade")) as session:
            stop = await session.next()
            assert (stop.step, stop.next) == ("s1", "s2")
            again = await session.rerun("s1")
            assert again.next == "s1"
            await session.next()

    run_virtual(story())

    assert counted(experts) == {"cheap": 2, "middle": 2, "dear": 2}


def test_a_failed_run_that_is_resumed_calls_its_candidates_again() -> None:
    failing = {
        name: scripted(name, script=[ValueError("no"), "yes"], repeat=True)
        for name in ("cheap", "middle", "dear")
    }
    herd = herd_of(failing, checkpoints="memory", store=MemoryStore())
    run = herd.run(plan("cascade"))

    resumed = herd.resume(run.id)

    assert run.status == "failed"
    assert resumed.status == "done"
    assert counted(failing) == {"cheap": 2, "middle": 1, "dear": 1}


def flaky() -> dict[str, ScriptedExpert]:
    return {
        name: scripted(name, script=[ValueError("no line"), "yes"], repeat=True, cost_usd=0.1)
        for name in ("cheap", "middle", "dear")
    }


@pytest.mark.parametrize("yes", [True, False])
def test_a_person_may_have_a_failed_step_tried_once_more(yes: bool) -> None:
    experts, asked = flaky(), list[str]()
    herd = herd_of(experts, asks=True, checkpoints="memory", store=MemoryStore())

    def answer(question: Question) -> bool:
        asked.append(question.question)
        return yes

    run = herd.run(plan("cascade"), approve=answer)

    assert run.status == ("done" if yes else "failed")
    assert len(asked) == 1
    assert "no line" in asked[0]
    assert len(run.records["s1"].attempts) == (4 if yes else 3)
    assert run.usd == pytest.approx(0.1 if yes else 0.0)


@pytest.mark.parametrize("yes", [True, False])
def test_the_question_waits_for_the_person_and_nothing_is_called_before(
    yes: bool, tmp_path: Path
) -> None:
    experts, store = flaky(), MemoryStore()
    with herd_of(experts, asks=True, home=tmp_path, store=store) as herd:
        run = herd.run(plan("cascade"))
    again = flaky()
    for each in again.values():
        each._script = ["yes"]
    with herd_of(again, asks=True, home=tmp_path, store=store) as herd:
        resumed = herd.resume(run.id, answers={"s1": yes})

    assert run.status == "waiting"
    assert resumed.status == ("done" if yes else "failed")
    assert sum(counted(again).values()) == (1 if yes else 0)
    assert len(resumed.records["s1"].attempts) == (4 if yes else 3)

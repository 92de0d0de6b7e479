"""Workflows inside plans: inlined where it means the same, nested where not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from herd_graph import Budget, Herd, Plan, each, expert, workflow
from herd_graph.errors import HerdError
from herd_graph.experts import Expert
from herd_graph.inlining import brought_along, inline, widened
from herd_graph.registry import Snapshot
from herd_graph.testing import FakeRouter, scripted
from herd_graph.types import Kind


@expert
async def shout(text: str) -> str:
    """Say it in capitals."""
    return text.upper()


@expert
async def twice(text: str) -> str:
    """Say it twice."""
    return f"{text} {text}"


@expert
async def pair(left: str, right: str) -> str:
    """Put two texts side by side."""
    return f"({left}, {right})"


@expert
async def split(text: str) -> list[str]:
    """Cut a text into words."""
    return text.split()


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


@workflow
def loud(text: str) -> str:
    """Say it loud, and twice."""
    return twice(shout(text))


@workflow
def very_loud(text: str) -> str:
    """Say it loud, and four times."""
    return twice(loud(text))


@workflow
def both(text: str) -> str:
    """Put a text beside itself; two results meet, so it cannot go over a list step by step."""
    return pair(shout(text), twice(text))


@workflow
def report(text: str) -> str:
    """Send it, side by side."""
    return pair(send(text), shout(text))


def planned(*steps: dict[str, Any]) -> Plan:
    return Plan.parse({"steps": list(steps)})


def step(name: str, called: str, text: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "expert": called, "inputs": {"text": text}, **more}


@pytest.fixture
def herd() -> Iterator[Herd]:
    with Herd(loud, very_loud, both, split, router=FakeRouter({})) as made:
        yield made


def for_each_word(called: str, words: str = "a b c") -> Plan:
    return planned(
        step("words", "split", {"value": words}),
        step("said", called, {"item": True}, foreach={"step": "words"}),
    )


def test_the_steps_of_a_workflow_are_steps_of_the_run(herd: Herd):
    run = herd.run(planned(step("x", "loud", {"value": "hi"})))

    assert run.answer.text == "HI HI"
    assert [each.id for each in run.plan.steps] == ["x.shout", "x.twice"]
    assert set(run.records) == {"x.shout", "x.twice"}
    started = [event.step for event in run.events() if event.kind == "started"]
    assert started == ["x.shout", "x.twice"]


def test_a_workflow_in_a_workflow_is_flat(herd: Herd):
    run = herd.run(planned(step("x", "very_loud", {"value": "hi"})))

    assert run.answer.text == "HI HI HI HI"
    assert len(run.records) == 3


def test_a_router_chooses_a_workflow_like_any_expert():
    router = FakeRouter(planned(step("x", "loud", {"value": "hi"})))
    with Herd(loud, router=router) as herd:
        assert herd.run("shout hi twice").answer.text == "HI HI"


def test_calls_are_counted_once(herd: Herd):
    plan = planned(step("x", "loud", {"value": "hi"}))

    assert herd.run(plan, budget=Budget(calls=2)).status == "done"
    assert herd.run(plan, budget=Budget(calls=1)).status == "failed"


def test_what_cannot_be_inlined_runs_as_one_step(herd: Herd):
    run = herd.run(for_each_word("both"))

    assert run.answer.text == "(A, a a)\n(B, b b)\n(C, c c)"
    assert [each.id for each in run.plan.steps] == ["words", "said"]
    assert [row.id for row in herd.runs.list()] == [run.id], "nested runs are no runs of their own"


def test_what_can_be_inlined_beside_it_still_is(herd: Herd):
    plan = for_each_word("both")
    more = plan.model_copy(
        update={"steps": (*plan.steps, *planned(step("x", "loud", {"value": "hi"})).steps)}
    )

    assert [each.id for each in herd.run(more).plan.steps] == [
        "words",
        "said",
        "x.shout",
        "x.twice",
    ]


def test_a_fallback_may_be_a_workflow(herd: Herd):
    broken = scripted("broken", Kind.TEXT, script=[ValueError("no")], repeat=True)
    herd.add(broken)

    run = herd.run(planned(step("x", "broken", {"value": "hi"}, fallbacks=["loud"])))

    assert run.answer.text == "HI HI"
    assert run.records["x"].expert == "loud@1"


def test_nobody_registered_the_experts_of_a_workflow():
    with Herd(router=FakeRouter({})) as herd:
        run = herd.run(loud, text="hi")

        assert run.answer.text == "HI HI"
        assert len(herd.registry) == 0


def test_a_registered_expert_stands_in_for_the_one_that_was_brought_along(herd: Herd):
    herd.add(scripted("shout", Kind.TEXT, script=["whisper"], repeat=True))

    assert herd.run(loud, text="hi").answer.text == "whisper whisper"


def test_a_failing_inner_step_names_itself(herd: Herd):
    herd.add(
        scripted(
            "pair",
            {"left": Kind.TEXT, "right": Kind.TEXT},
            script=[ValueError("torn")],
            repeat=True,
        )
    )

    run = herd.run(for_each_word("both", "a"))

    assert run.status == "failed"
    assert "'both@1' did not get to its end" in run.records["said[0]"].error
    assert "torn" in run.records["said[0]"].error


def test_an_inlined_step_asks_for_itself():
    asked: list[str] = []
    with Herd(report, router=FakeRouter({})) as herd:
        plan = planned(step("x", "report", {"value": "hi"}))
        run = herd.run(plan, approve=lambda question: asked.append(question.step) or True)

    assert (run.answer.text, asked) == ("(sent hi, HI)", ["x.send"])


def test_a_nested_workflow_asks_once_as_a_whole():
    asked: list[str] = []
    with Herd(report, split, router=FakeRouter({})) as herd:
        plan = for_each_word("report", "a b")
        run = herd.run(plan, approve=lambda q: asked.append(q.step) or q.step == "said[0]")

    assert sorted(asked) == ["said[0]", "said[1]"]
    assert run.records["said[0]"].status == "done"
    assert run.records["said[1]"].status == "refused"


def test_a_fallback_that_needs_approval_is_not_called_unasked():
    calls: list[str] = []

    @expert(approve=True)
    def publish(text: str) -> str:
        """Publish a text."""
        calls.append(text)
        return text

    broken = scripted("broken", Kind.TEXT, script=[ValueError("no")], repeat=True)
    with Herd(broken, publish, router=FakeRouter({})) as herd:
        run = herd.run(planned(step("x", "broken", {"value": "hi"}, fallbacks=["publish"])))

    assert (run.status, calls) == ("failed", [])


def test_a_killed_run_goes_on_inside_a_nested_workflow(tmp_path: Path):
    """The outer step is repeated, as it was in flight; what was done inside it is not."""
    calls: list[str] = []
    gate: dict[str, asyncio.Event] = {}

    @expert
    async def first(text: str) -> str:
        """Go first."""
        calls.append("first")
        return text

    @expert
    async def second(text: str) -> str:
        """Go second."""
        calls.append("second")
        if "open" not in gate:
            gate["reached"].set()
            await asyncio.Event().wait()
        return text

    @workflow
    def chain(text: str) -> str:
        """One after the other; the pair keeps it from being inlined."""
        done = second(first(text))
        return pair(done, text)

    async def die(herd: Herd) -> str:
        gate["reached"] = asyncio.Event()
        handle = await herd.astart(for_each_word("chain", "a"))
        await gate["reached"].wait()
        handle.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handle
        return handle.id

    with Herd(chain, split, home=tmp_path, router=FakeRouter({})) as herd:
        run_id = asyncio.run(die(herd))
    gate["open"] = asyncio.Event()
    with Herd(chain, split, home=tmp_path, router=FakeRouter({})) as herd:
        run = herd.resume(run_id)

    assert run.answer.text == "(a, a)"
    assert calls == ["first", "second", "second"]


def test_tokens_and_progress_come_through_a_nested_workflow():
    heard: list[tuple[str, Any]] = []
    with Herd(both, split, router=FakeRouter({})) as herd:
        herd.run(
            for_each_word("both", "a"),
            on_event=lambda e: (
                heard.append((e.step, e.data.get("message"))) if e.kind == "progress" else None
            ),
        )

    assert ("said[0]", "pair: done") in heard


def test_a_workflow_that_calls_itself_is_refused():
    plan = planned(step("again", "loop", {"value": "x"}))
    from herd_graph.cards import ExpertCard, Port
    from herd_graph.expansion import PlannedExpert

    text = Port(name="text", kind=Kind.TEXT)
    card = ExpertCard(name="loop", description="Go round.", inputs=(text,), outputs=(text,))
    experts = Snapshot({"loop@1": PlannedExpert(card, plan)})

    with pytest.raises(HerdError, match="calls itself"):
        inline(plan, experts)


def test_a_bare_name_means_what_is_registered():
    old, new = shout, Expert(shout.card.model_copy(update={"version": "2"}))
    wide = widened(Snapshot({"shout@1": old}), {"shout@2": new})

    assert wide.find("shout") is old
    assert wide.find("shout@2") is new
    assert set(brought_along([loud])) == {"shout@1", "twice@1"}


@workflow
def every(texts: list[str]) -> list[str]:
    """Say all of it loud."""
    return cast("list[str]", loud(each(texts)))


def test_each_item_of_a_workflow_that_can_be_inlined(herd: Herd):
    run = herd.run(every, texts=["a", "b"])

    assert run.answer.text == "A A\nB B"

"""Into a call and out of it: another herd, a workflow that runs as one step, a graph."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from herd_graph import workflow
from herd_graph.artifacts import Text
from herd_graph.debug.commands import Commands
from herd_graph.debug.graphs import GraphSession
from herd_graph.debug.session import DebugSession
from herd_graph.errors import PlanMalformed, RunError
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore


@expert
async def add(text: Text) -> Text:
    """Add a sign to a text."""
    return Text(f"{text}+")


@expert(examples=["Write a text in capital letters"])
async def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    if "fail" in str(text):
        raise ValueError("no shouting here")
    return Text(str(text).upper())


@workflow
def twice(text: Text) -> Text:
    """Add two signs."""
    return add(add(text))


class Notes(TypedDict):
    question: str
    notes: Annotated[list[str], operator.add]
    answer: str


def graph(*, asks: bool = False) -> Any:
    def think(state: Notes) -> dict[str, Any]:
        return {"notes": [f"thought of {state['question']}"]}

    def look_up(state: Notes) -> dict[str, Any]:
        if "fail" in state["question"]:
            raise ValueError("nothing is known")
        return {"notes": [str(interrupt("How sure?")) if asks else "looked up"]}

    def check(state: Notes) -> dict[str, Any]:
        return {"notes": [f"checked {len(state['notes'])}"]}

    def write(state: Notes) -> dict[str, Any]:
        return {"answer": "; ".join(sorted(state["notes"]))}

    builder: Any = StateGraph(Notes)
    for node in (think, look_up, check, write):
        builder.add_node(node.__name__, node)
    for edge in ((START, "think"), ("think", "look_up"), ("think", "check")):
        builder.add_edge(*edge)
    builder.add_edge(["look_up", "check"], "write")
    builder.add_edge("write", END)
    return builder.compile()


def crew(**options: Any) -> Herd:
    inner = Herd(shout, checkpoints="memory", store=MemoryStore())
    herd = Herd(
        *(add, shout, twice),
        checkpoints="memory",
        store=MemoryStore(),
        patience=Patience(attempts=1),
    )
    herd.add(inner, as_name="others", description="Does things with texts.")
    herd.add(
        graph(**options), name="triage", description="Sort.", takes=["question"], gives=["answer"]
    )
    return herd


def plan_of(middle: dict[str, Any]) -> Plan:
    """Return a plan of three steps, of which the middle one is the one to go into."""
    return Plan.parse(
        {
            "inputs": {"a1": {"name": "a1", "kind": "text"}},
            "steps": [
                {"id": "s1", "expert": "add", "inputs": {"text": {"input": "a1"}}},
                {"id": "s2", **middle},
                {"id": "s3", "expert": "add", "inputs": {"text": {"step": "s2"}}},
            ],
        }
    )


OTHERS = plan_of(
    {"expert": "others", "inputs": {"task": {"value": "Write 'abc' in capital letters"}}}
)
TWICE = plan_of({"expert": "twice", "fallbacks": ["add"], "inputs": {"text": {"step": "s1"}}})
"""A workflow with a fallback is not inlined."""
TRIAGE = plan_of({"expert": "triage", "inputs": {"question": {"step": "s1"}}})


def stepped(
    plan: Plan, story: Callable[[DebugSession], Awaitable[None]], a1: str = "x", **options: Any
) -> None:
    async def work() -> None:
        inputs: dict[str, Any] = {"a1": a1} if plan.inputs else {}
        async with crew(**options) as herd, herd.debug(plan, **inputs) as session:
            await story(session)

    asyncio.run(work())


def test_a_herd_in_the_herd_is_stepped_into_edited_and_come_out_of():
    async def story(session: DebugSession) -> None:
        await session.next()
        stop = await session.step()
        inner = session.inside
        assert inner is not None
        assert stop.run == inner.run != session.run
        assert stop.note == f"Inside s2 of {session.run}: others@1."
        assert session.standing.statuses["s2"] == "ready"

        await inner.next()
        assert inner.artifact("s1")[0].bytes() == b"ABC"
        await inner.edit("s1", "edited inside")
        outer = await inner.out()

        assert outer.run == session.run
        assert outer.statuses["s2"] == "done"
        assert session.inside is None
        await session.continue_()
        assert (await session.result()).answer.parts[-1].text == "edited inside+"

    stepped(OTHERS, story)


def test_a_graph_is_stepped_through_node_by_node():
    async def story(session: DebugSession) -> None:
        await session.next()
        await session.step()
        inner = session.inside
        assert isinstance(inner, GraphSession)
        names = [_nodes(inner)]
        while not inner.stop.is_over:
            await inner.next()
            names.append(_nodes(inner))
        assert names == [
            ["think"],
            ["check", "look_up", "think"],
            ["check", "look_up", "think", "write"],
            ["check", "look_up", "think", "write"],
        ]
        assert inner.stop.reason == "ended"
        await session.next()
        assert session.artifact("s2")[0].bytes() == b"checked 1; looked up; thought of x+"

    stepped(TRIAGE, story)


def _nodes(session: DebugSession) -> list[str]:
    return sorted(str(step.expert).partition("@")[0] for step in session.plan.steps)


def test_a_workflow_that_runs_as_one_step_is_stepped_into():
    async def story(session: DebugSession) -> None:
        await session.next()
        await session.step()
        inner = session.inside
        assert inner is not None
        assert [str(step.expert) for step in inner.plan.steps] == ["add@1", "add@1"]
        await inner.next()
        await inner.edit("add", "other")
        await inner.out()
        await session.continue_()
        assert session.artifact("s3")[0].bytes() == b"other++"

    stepped(TWICE, story)


def test_the_state_of_a_graph_is_edited_and_gone_back_in():
    async def story(session: DebugSession) -> None:
        await session.until("s1")
        await session.step()
        inner = session.inside
        assert inner is not None
        await inner.next()
        await inner.edit("notes", ["by hand"])
        with pytest.raises(PlanMalformed, match=r"no key 'nots'.*notes"):
            await inner.edit("nots", [])
        await inner.next()
        assert "by hand" in inner.artifact("notes")[0].bytes().decode()
        await inner.goto(2)
        assert [step.id for step in inner.plan.steps] == ["s1", "s2", "s3"]
        assert "by hand" not in inner.artifact("state")[0].bytes().decode()
        for refused in (inner.fork(), inner.swap("s1", "add"), inner.rerun("s1")):
            with pytest.raises(RunError, match="up"):
                await refused
        await inner.out()
        assert session.artifact("s2")[0].bytes() == b"checked 1; looked up; thought of x+"

    stepped(TRIAGE, story)


@pytest.mark.parametrize("plan", [TRIAGE, OTHERS])
def test_what_fails_inside_fails_outside_as_it_does_undisturbed(plan: Plan):
    failing = plan
    if plan is OTHERS:
        failing = plan_of(
            {"expert": "others", "inputs": {"task": {"value": "Write 'fail' in capital letters"}}}
        )

    async def story(session: DebugSession) -> None:
        await session.next()
        await session.step()
        assert session.inside is not None
        while not session.inside.stop.is_over:
            await session.inside.next()
        await session.inside.out()
        found = session.standing.records["s2"]
        async with crew() as herd:
            straight = (await herd.arun(failing, a1="fail")).records["s2"]
        assert found.status == straight.status == "failed"
        assert found.error_type == straight.error_type
        if failing is TRIAGE:
            assert found.error == straight.error

    stepped(failing, story, a1="fail")


def test_a_graph_that_asks_a_person_says_so_as_it_does_undisturbed():
    async def story(session: DebugSession) -> None:
        await session.next()
        await session.step()
        assert session.inside is not None
        await session.inside.continue_()
        assert "it asks a person: How sure?" in session.inside.stop.note
        await session.next()
        assert "it asks a person: How sure?" in session.standing.records["s2"].error

    stepped(TRIAGE, story, asks=True)


def test_each_item_of_a_list_is_a_call_that_can_be_stepped_into():
    plan = Plan.parse(
        {
            "steps": [
                {
                    "id": "s1",
                    "expert": "triage",
                    "foreach": {"value": ["one", "two"]},
                    "inputs": {"question": {"item": True}},
                }
            ]
        }
    )

    async def story(session: DebugSession) -> None:
        for item in ("s1[0]", "s1[1]"):
            assert session.stop.next == item
            stop = await session.step()
            assert stop.note.startswith(f"Inside {item} of")
            assert session.inside is not None
            await session.inside.out()
        await session.continue_()
        texts = [each.bytes().decode() for each in session.artifact("s1")]
        assert [each.rpartition(" ")[2] for each in texts] == ["one", "two"]

    stepped(plan, story)


def test_an_edit_or_going_back_outside_leaves_what_is_inside():
    async def story(session: DebugSession) -> None:
        await session.next()
        await session.step()
        inner = session.inside
        assert inner is not None
        await session.edit("s1", "other")
        assert session.inside is None
        with pytest.raises(RunError, match="gone elsewhere"):
            await inner.out()
        await session.continue_()
        assert session.artifact("s2")[0].bytes() == b"checked 1; looked up; thought of other"
        with pytest.raises(RunError, match="not inside another"):
            await session.out()

    stepped(TRIAGE, story)


def test_the_prompt_goes_in_shows_where_and_comes_out():
    async def story(session: DebugSession) -> None:
        commands = Commands(session)
        await commands.do("n")
        assert "Inside s2" in await commands.do("s")
        inner = commands.session
        assert f"inside s2 of run {session.run}:" in await commands.do("w")
        assert f"[inside: run {inner.run}, stop 1]" in await commands.do("up")
        assert commands.session is session
        with pytest.raises(RunError, match="inside no other"):
            await commands.do("up")
        await commands.do("down")
        assert commands.session is inner
        await commands.do("c")
        assert inner.stop.is_over
        assert f"Back in run {session.run}." in await commands.do("n")
        assert commands.session is session
        with pytest.raises(RunError, match="stepped through here"):
            await commands.do("down")
        await commands.do("c")
        assert session.stop.reason == "fused"

    stepped(TRIAGE, story)


def test_breakpoints_at_experts_stop_inside_too_and_those_at_steps_do_not():
    async def story(session: DebugSession) -> None:
        await session.break_("shout")
        await session.break_("s3")
        await session.next()
        await session.step()
        assert session.inside is not None
        assert [each.target for each in session.inside.breakpoints] == ["shout"]

    stepped(OTHERS, story)


def test_a_replay_has_no_inside(tmp_path: Any):
    async def work() -> None:
        from herd_graph.recording.callers import Replay

        async with crew() as herd:
            run = await herd.arun(TRIAGE, a1="x")
            path = run.save(tmp_path / "a.herdrun")
            async with herd.debug(TRIAGE, a1="x", caller=Replay(path, herd.store)) as session:
                await session.next()
                stop = await session.step()
                assert session.inside is None
                assert stop.statuses["s2"] == "done"

    asyncio.run(work())


Act = Callable[[Commands], Coroutine[Any, Any, str]]
walks = st.lists(st.sampled_from(["n", "s", "s", "o", "up", "down", "c", "back"]), max_size=9)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([OTHERS, TRIAGE, TWICE]), walks, st.sampled_from(["x", "fail"]))
def test_however_calls_are_gone_into_the_run_ends_as_an_undisturbed_one(
    plan: Plan, walk: list[str], a1: str
):
    async def story(session: DebugSession) -> None:
        commands = Commands(session)
        for line in walk:
            try:
                await commands.do(line)
            except RunError:  # there was nothing to come out of, to look at or to go back to
                continue
        while not session.stop.is_over:
            await session.continue_()
        async with crew() as herd:
            straight = await herd.arun(plan, a1=a1)
        found = await session.result()
        assert {step: each.status for step, each in found.records.items()} == {
            step: each.status for step, each in straight.records.items()
        }
        assert [(each.status, each.text, each.step) for each in found.answer.parts] == [
            (each.status, each.text, each.step) for each in straight.answer.parts
        ]

    stepped(plan, story, a1)

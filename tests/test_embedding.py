"""A herd's graph inside other programs: LCEL, parent graphs, servers, loops, other checkpointers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from herd_graph import Herd, Image, Plan, Task, expert, workflow
from herd_graph.errors import DeclarationError, PathNotAllowed, PlanMalformed, PortViolation
from herd_graph.testing import FakeRouter

LONG = 40
"""Steps: more super-steps than LangChain's default recursion limit of 25."""
THREAD: Any = {"configurable": {"thread_id": "t"}}


@expert
async def add(text: str) -> str:
    """Add a stroke."""
    return f"{text}|"


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


@expert
async def spell(text: str) -> str:
    """Give it back."""
    return text


def planned(task: Task) -> Plan:
    """``chain 40`` adds forty strokes one after the other; ``send …`` sends what follows."""
    what, _, rest = task.text.partition(" ")
    if what == "send":
        steps = [
            {"id": "a", "expert": "spell", "inputs": {"text": {"value": rest}}},
            {"id": "b", "expert": "send", "inputs": {"text": {"step": "a"}}},
        ]
    else:
        steps = [
            {
                "id": f"s{n}",
                "expert": "add",
                "inputs": {"text": {"step": f"s{n - 1}"} if n else {"value": ""}},
            }
            for n in range(int(rest or 1))
        ]
    return Plan.parse({"steps": steps})


@pytest.fixture
def herd() -> Iterator[Herd]:
    with Herd(add, send, spell, router=FakeRouter(planned)) as made:
        yield made
        assert not made.engine.flights, "a flight was left behind"


def compiled(herd: Herd, checkpointer: Any = None, **options: Any) -> Any:
    return herd.compile(checkpointer, **options)


def text_of(result: Any) -> str:
    return result["answer"]["parts"][0]["text"]


class State(TypedDict, total=False):
    task: Any
    answer: Any
    left: str
    right: str


def parent_of(herd: Herd, saver: Any = None) -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("herd", compiled(herd))
    builder.add_edge(START, "herd")
    builder.add_edge("herd", END)
    return builder.compile(checkpointer=saver)


# Wherever a Runnable goes ------------------------------------------------------------------------


def in_lcel(herd: Herd) -> Any:
    chain: Any = RunnableLambda(lambda text: {"task": text}) | compiled(herd)
    return chain.invoke(f"chain {LONG}")


def in_lcel_async(herd: Herd) -> Any:
    chain: Any = RunnableLambda(lambda text: {"task": text}) | compiled(herd)
    return asyncio.run(chain.ainvoke(f"chain {LONG}"))


def in_batch(herd: Herd) -> Any:
    return compiled(herd).batch([{"task": f"chain {LONG}"}] * 3)[2]


def in_abatch(herd: Herd) -> Any:
    results = asyncio.run(compiled(herd).abatch([{"task": f"chain {LONG}"}] * 3))
    return results[2]


def in_a_parent(herd: Herd) -> Any:
    return parent_of(herd).invoke({"task": f"chain {LONG}"}, {"recursion_limit": 25})


def in_a_parent_async(herd: Herd) -> Any:
    return asyncio.run(parent_of(herd).ainvoke({"task": f"chain {LONG}"}, {"recursion_limit": 25}))


def in_a_node_by_hand(herd: Herd) -> Any:
    graph = compiled(herd)

    async def node(state: State) -> Any:
        return {"answer": (await graph.ainvoke({"task": state.get("task")}))["answer"]}

    builder: Any = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    given = {"task": f"chain {LONG}"}
    return asyncio.run(builder.compile().ainvoke(given, {"recursion_limit": 25}))


def inside_a_running_loop(herd: Herd) -> Any:
    async def main() -> Any:
        return compiled(herd).invoke({"task": f"chain {LONG}"})

    return asyncio.run(main())


def with_config(herd: Herd) -> Any:
    graph = compiled(herd).with_config({"tags": ["mine"], "recursion_limit": 25})
    return graph.invoke({"task": f"chain {LONG}"})


def copied(herd: Herd) -> Any:
    """What LangGraph's server does: a copy with a checkpointer of its own, in its own loop."""
    graph: Any = compiled(herd).copy(update={"checkpointer": InMemorySaver()})
    return asyncio.run(graph.ainvoke({"task": f"chain {LONG}"}, THREAD))


@pytest.mark.parametrize(
    "place",
    [
        in_lcel,
        in_lcel_async,
        in_batch,
        in_abatch,
        in_a_parent,
        in_a_parent_async,
        in_a_node_by_hand,
        inside_a_running_loop,
        with_config,
        copied,
    ],
)
def test_a_long_plan_runs_to_its_end(herd: Herd, place: Callable[[Herd], Any]):
    assert text_of(place(herd)) == "|" * LONG


def test_an_expert_may_ask_another_herd(herd: Herd):
    @expert
    async def delegate(text: str) -> str:
        """Have another herd do it."""
        return str((await herd.arun(text)).answer.text)

    plan = {"steps": [{"id": "s", "expert": "delegate", "inputs": {"text": {"value": "chain 3"}}}]}
    with Herd(delegate, router=FakeRouter(Plan.parse(plan)), checkpoints="memory") as outer:
        assert text_of(parent_of(outer, InMemorySaver()).invoke({"task": "x"}, THREAD)) == "|||"


# Checkpointers of other people ------------------------------------------------------------------


def test_two_turns_of_a_thread_run_their_own_steps(herd: Herd):
    graph = compiled(herd, checkpointer=InMemorySaver())

    first = graph.invoke({"task": "chain 2"}, THREAD)
    second = graph.invoke({"task": "chain 3"}, THREAD)

    assert (text_of(first), text_of(second)) == ("||", "|||")
    assert first["run"] != second["run"]


def test_sqlite_sync(herd: Herd, tmp_path: Path):
    with SqliteSaver.from_conn_string(str(tmp_path / "mine.sqlite")) as saver:
        graph = compiled(herd, checkpointer=saver)

        assert text_of(graph.invoke({"task": "chain 3"}, THREAD)) == "|||"
        assert graph.get_state(THREAD).values["answer"]["status"] == "done"


def test_sqlite_async(herd: Herd, tmp_path: Path):
    async def main() -> str:
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "mine.sqlite")) as saver:
            return text_of(await compiled(herd, saver).ainvoke({"task": "chain 3"}, THREAD))

    assert asyncio.run(main()) == "|||"


def test_a_later_turn_sees_the_earlier_ones(herd: Herd):
    class Looking(FakeRouter):
        async def route(self, task: Task, situation: Any) -> Any:
            seen.append([turn["task"] for turn in situation.history])
            return await super().route(task, situation)

    seen: list[list[Any]] = []
    herd.engine.router = Looking(planned)
    graph = compiled(herd, checkpointer=InMemorySaver())

    graph.invoke({"task": "chain 2"}, THREAD)
    graph.invoke({"task": "chain 3"}, THREAD)
    graph.invoke({"task": "chain 4"}, {"configurable": {"thread_id": "other"}})

    assert seen == [[], ["chain 2"], []]


# Streams ----------------------------------------------------------------------------------------


def test_events_go_to_the_custom_stream(herd: Herd):
    events = list(compiled(herd).stream({"task": "chain 2"}, stream_mode="custom"))

    kinds = [(each["kind"], each["step"]) for each in events]
    assert kinds[0] == ("planned", "")
    assert ("started", "s0") in kinds
    assert ("finished", "s1") in kinds
    assert kinds[-1] == ("ended", "")


def test_events_reach_a_parents_stream(herd: Herd):
    async def main() -> list[Any]:
        stream = parent_of(herd).astream(
            {"task": "chain 2"}, stream_mode=["custom", "updates"], subgraphs=True
        )
        return [part async for part in stream]

    parts = asyncio.run(main())

    custom = [part for _, mode, part in parts if mode == "custom"]
    nodes = [next(iter(part)) for path, mode, part in parts if mode == "updates" and path]
    assert [each["step"] for each in custom if each["kind"] == "finished"] == ["s0", "s1"]
    assert nodes[:3] == ["ingest", "route", "validate"]
    assert nodes[-2:] == ["pump", "fuse"]


def test_tokens_of_models_inside_experts_go_to_the_messages_stream(herd: Herd):
    @expert
    async def talk(text: str) -> str:
        """Talk."""
        model = GenericFakeChatModel(messages=iter([AIMessage("one two")]))
        return "".join([str(piece.content) async for piece in model.astream(text)])

    herd.add(talk)
    step = {"id": "s", "expert": "talk", "inputs": {"text": {"value": "x"}}}
    herd.engine.router = FakeRouter(Plan.parse({"steps": [step]}))

    parts = list(compiled(herd).stream({"task": "talk"}, stream_mode="messages"))

    assert [message.content for message, _ in parts] == ["one", " ", "two"]


def test_leaving_a_stream_leaves_nothing_behind(herd: Herd):
    async def main() -> None:
        stream = compiled(herd).astream({"task": f"chain {LONG}"}, stream_mode="updates")
        async for part in stream:
            if "pump" in part:
                break
        await stream.aclose()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [each for each in others if each.get_name().startswith("herd")]

    asyncio.run(main())


# A person's approval ----------------------------------------------------------------------------


def test_an_approval_surfaces_in_the_parent_and_resumes_there(herd: Herd):
    graph = parent_of(herd, InMemorySaver())

    stopped = graph.invoke({"task": "send hi"}, THREAD)
    done = graph.invoke(Command(resume={"b": True}), THREAD)

    (question,) = stopped["__interrupt__"]
    assert question.value["b"]["inputs"] == {"text": "hi"}
    assert text_of(done) == "sent hi"


def test_an_approval_survives_the_process(tmp_path: Path):
    calls: list[str] = []

    @expert
    async def spell(text: str) -> str:
        """Give it back."""
        calls.append(text)
        return text

    path = str(tmp_path / "parent.sqlite")
    for command in ({"task": "send hi"}, Command(resume={"b": True})):
        with (
            SqliteSaver.from_conn_string(path) as saver,
            Herd(add, send, spell, router=FakeRouter(planned)) as herd,
        ):
            result = parent_of(herd, saver).invoke(command, THREAD)

    assert text_of(result) == "sent hi"
    assert calls == ["hi"], "what was done before the question is not done again"


def test_saying_no_gives_an_answer_that_says_so(herd: Herd):
    graph = parent_of(herd, InMemorySaver())
    graph.invoke({"task": "send hi"}, THREAD)

    answer = graph.invoke(Command(resume={"b": False}), THREAD)["answer"]

    assert (answer["status"], answer["parts"][0]["status"]) == ("failed", "refused")


def two_herds(herd: Herd, saver: Any) -> Any:
    """Two nodes at the same time, each of which runs a herd by hand."""
    graph = compiled(herd)

    async def left(_: State) -> Any:
        return {"left": text_of(await graph.ainvoke({"task": "send L"}))}

    async def right(_: State) -> Any:
        return {"right": text_of(await graph.ainvoke({"task": "send R"}))}

    builder: Any = StateGraph(State)
    builder.add_node("left_node", left)
    builder.add_node("right_node", right)
    builder.add_edge(START, "left_node")
    builder.add_edge(START, "right_node")
    return builder.compile(checkpointer=saver)


def test_approvals_of_two_herds_at_once_are_told_apart(herd: Herd):
    async def main() -> Any:
        graph = two_herds(herd, InMemorySaver())
        asked = (await graph.ainvoke({"task": "x"}, THREAD))["__interrupt__"]
        answers = {each.id: {"b": each.value["b"]["inputs"]["text"] == "L"} for each in asked}
        return await graph.ainvoke(Command(resume=answers), THREAD)

    state = asyncio.run(main())

    assert (state["left"], state["right"]) == ("sent L", "")


def test_a_parent_that_was_killed_goes_on_inside_the_herd(tmp_path: Path):
    calls: list[str] = []
    opened: list[bool] = []
    reached = asyncio.Event()

    @expert
    async def add(text: str) -> str:
        """Add a stroke; hang at the third one while the gate is shut."""
        calls.append(text)
        if len(text) == 2 and not opened:
            reached.set()
            await asyncio.Event().wait()
        return f"{text}|"

    async def attempt(given: Any) -> Any:
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "p.sqlite")) as saver:
            with Herd(add, router=FakeRouter(planned)) as herd:
                work = asyncio.ensure_future(parent_of(herd, saver).ainvoke(given, THREAD))
                if not opened:
                    await reached.wait()
                    work.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await work
                    return None
                return await work

    async def main() -> Any:
        await attempt({"task": "chain 4"})
        opened.append(True)
        return await attempt(None)

    assert text_of(asyncio.run(main())) == "||||"
    assert calls == ["", "|", "||", "||", "|||"]


# What a graph takes and gives -------------------------------------------------------------------


@workflow
def strokes(text: str, more: str = "x") -> str:
    """Add a stroke."""
    return add(text)


def test_a_workflows_graph_takes_its_parameters(herd: Herd):
    graph = compiled(herd, workflow=strokes, checkpointer=InMemorySaver())

    assert graph.name == "strokes"
    assert graph.invoke({"text": "a"}, THREAD)["result"] == "a|"
    assert graph.invoke({"text": "b"}, THREAD)["result"] == "b|"
    with pytest.raises(PortViolation, match="'text' of workflow 'strokes' was not given"):
        graph.invoke({"more": "y"}, THREAD)


def test_a_workflows_graph_is_a_node(herd: Herd):
    class Mine(TypedDict, total=False):
        text: str
        result: str

    builder: Any = StateGraph(Mine)
    builder.add_node("strokes", compiled(herd, workflow=strokes))
    builder.add_edge(START, "strokes")

    assert builder.compile().invoke({"text": "a"})["result"] == "a|"


def test_a_workflows_graph_says_what_it_takes(herd: Herd):
    schema = compiled(herd, workflow=strokes).get_input_jsonschema()

    assert set(schema["properties"]) == {"text", "more"}
    assert schema["required"] == ["text"]


def test_a_parameter_that_the_graph_needs_itself_is_refused(herd: Herd):
    @workflow
    def taken(task: str) -> str:
        """Add a stroke."""
        return add(task)

    with pytest.raises(DeclarationError, match="'task' as a parameter or result"):
        compiled(herd, workflow=taken)
    assert text_of(compiled(herd).invoke(herd.task(taken, task="a"))) == "a|"


def test_a_task_with_a_plan_is_json(herd: Herd):
    import json

    given = herd.task(strokes, text="a")

    assert json.loads(json.dumps(given)) == given
    assert text_of(compiled(herd).invoke(given)) == "a|"


def test_files_are_attached_inside_the_allowed_folders(
    herd: Herd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from PIL import Image as pil

    @expert
    def area(picture: Image) -> int:
        """Measure a picture."""
        width, height = picture.pil().size
        return width * height

    monkeypatch.chdir(tmp_path)
    pil.new("RGB", (4, 5)).save(tmp_path / "box.png")
    step = {"id": "s", "expert": "area", "inputs": {"picture": {"input": "a1"}}}
    herd.add(area)
    herd.engine.router = FakeRouter(Plan.parse({"steps": [step]}))
    graph = compiled(herd)

    assert text_of(graph.invoke({"task": "measure", "files": ["box.png"]})) == "20"
    kept = compiled(herd, InMemorySaver())
    assert text_of(kept.invoke({"task": "measure", "files": [Image("box.png")]}, THREAD)) == "20"
    with pytest.raises(PathNotAllowed, match="outside the allowed folders"):
        graph.invoke({"task": "measure", "files": ["/etc/hostname"]})


def test_a_graph_without_a_task_says_what_it_takes(herd: Herd):
    with pytest.raises(PlanMalformed, match="invoked without a task"):
        compiled(herd).invoke({"files": []})

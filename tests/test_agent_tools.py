"""Experts and herds as LangChain tools."""

from __future__ import annotations

import asyncio
import base64
import io
from pathlib import Path
from typing import Any, Literal

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command
from PIL import Image as pil

from herd_graph import Budget, Herd, Image, Plan, Task, expert
from herd_graph.testing import FakeRouter


@expert
async def shout(text: str) -> str:
    """Say it in capitals."""
    return text.upper()


@expert
def area(picture: Image, unit: Literal["px", "dots"] = "px") -> str:
    """Measure a picture."""
    width, height = picture.pil().size
    return f"{width * height} {unit}"


@expert
def copy(picture: Image) -> Image:
    """Copy a picture."""
    return picture


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


def planned(task: Task) -> Plan:
    if not task.text:
        return Plan(reason="Nothing to do.")
    if "a1" in task.attachments:
        step = {"id": "s1", "expert": "area", "inputs": {"picture": {"input": "a1"}}}
    elif task.text.startswith("send"):
        step = {"id": "s1", "expert": "send", "inputs": {"text": {"value": task.text}}}
    elif task.text.startswith("sing"):
        return Plan(reason="No expert sings.")
    else:
        step = {"id": "s1", "expert": "shout", "inputs": {"text": {"value": task.text}}}
    return Plan.parse({"steps": [step]})


@pytest.fixture
def herd() -> Any:
    with Herd(shout, area, send, router=FakeRouter(planned)) as made:
        yield made


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "box.png"
    pil.new("RGB", (4, 5), "red").save(path)
    return path


def called(name: str, **args: Any) -> dict[str, Any]:
    return {"type": "tool_call", "id": "call-1", "name": name, "args": args}


def agent_of(*tools: Any, saver: Any = None) -> Any:
    builder: Any = StateGraph(MessagesState)
    builder.add_node("tools", ToolNode(list(tools)))
    builder.add_edge(START, "tools")
    builder.add_edge("tools", END)
    return builder.compile(checkpointer=saver)


def asks(name: str, **args: Any) -> dict[str, Any]:
    call: Any = {"name": name, "args": args, "id": "call-1"}
    return {"messages": [AIMessage("", tool_calls=[call])]}


def test_the_arguments_come_from_the_ports():
    schema = area.as_tool().get_input_jsonschema()

    assert schema["required"] == ["picture"]
    assert schema["properties"]["unit"]["anyOf"][0]["enum"] == ["px", "dots"]
    assert schema["additionalProperties"] is False
    assert area.as_tool().description == "Measure a picture. Gives Text."


def test_a_tool_gives_text():
    assert shout.as_tool().invoke({"text": "hi"}) == "HI"
    assert asyncio.run(shout.as_tool().ainvoke({"text": "hi"})) == "HI"


def test_media_are_described_and_referred_to(picture: Path):
    message = copy.as_tool().invoke(called("copy", picture="box.png"))

    assert message.content == f"image box.png (image/png, 4x5, {picture.stat().st_size} B)"
    assert message.artifact["result"]["kind"] == "image"


def test_a_data_url_is_a_file():
    buffer = io.BytesIO()
    pil.new("RGB", (3, 2)).save(buffer, "png")
    url = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    assert area.as_tool().invoke({"picture": url, "unit": "dots"}) == "6 dots"


@pytest.mark.parametrize("url", ["data:image/png;base64,%%%", "data:image/png", "data:,"])
def test_a_broken_data_url_is_told(url: str):
    told = area.as_tool().invoke(called("area", picture=url))

    assert told.status == "error"
    assert "data: URL" in told.content or "empty" in told.content


@pytest.mark.parametrize("path", ["/etc/hostname", "../box.png", "~/.bashrc", "missing.png"])
def test_a_models_path_stays_inside_the_allowed_folders(picture: Path, path: str):
    inner = picture.parent / "inner"
    inner.mkdir()
    told = area.as_tool(folders=[inner]).invoke(called("area", picture=path))

    assert told.status == "error"
    assert "outside the allowed folders" in told.content or "does not exist" in told.content


def test_a_link_does_not_lead_out_of_the_allowed_folders(picture: Path):
    inner = picture.parent / "inner"
    inner.mkdir()
    (inner / "link.png").symlink_to(picture)

    told = area.as_tool(folders=[inner]).invoke(called("area", picture=str(inner / "link.png")))

    assert "outside the allowed folders" in told.content


def test_a_herd_is_a_tool(herd: Herd, picture: Path):
    del picture
    message = herd.as_tool().invoke(called("herd", task="measure it", files=["box.png"]))

    assert message.content.startswith("20 px")
    run = herd.get(message.artifact["run"])
    assert run.answer.dump() == message.artifact["answer"]


def test_what_cannot_be_done_is_told(herd: Herd):
    message = asyncio.run(herd.as_tool().ainvoke(called("herd", task="sing a song")))

    assert (message.status, message.content) == ("error", "No expert sings.")


def test_a_tool_has_a_budget(herd: Herd):
    message = herd.as_tool(budget=Budget(calls=0)).invoke(called("herd", task="hi"))

    assert message.status == "error"
    assert "calls" in message.content


@pytest.mark.parametrize("budget", [None, Budget(calls=0)])
def test_an_agent_runs_a_herd_on_its_own_checkpoints(herd: Herd, budget: Budget | None):
    agent = agent_of(herd.as_tool(budget=budget), saver=InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}

    told = agent.invoke(asks("herd", task="hi"), config)["messages"][-1]

    if budget is None:
        assert told.content.startswith("HI")
        assert agent.get_state(config).values["messages"][-1].artifact["answer"]["status"] == "done"
    else:
        assert "calls" in told.content


@pytest.mark.parametrize("kind", ["expert", "herd"])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_approval_is_the_agents_interrupt(herd: Herd, kind: str, mode: str):
    if kind == "expert":
        tool, given, key = send.as_tool(herd=herd), asks("send", text="send it"), "send"
    else:
        tool, given, key = herd.as_tool(), asks("herd", task="send it"), "s1"
    agent = agent_of(tool, saver=InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}

    async def ask_and_answer() -> tuple[Any, Any]:
        stopped = await agent.ainvoke(given, config)
        return stopped, await agent.ainvoke(Command(resume={key: True}), config)

    if mode == "async":
        stopped, state = asyncio.run(ask_and_answer())
    else:
        stopped = agent.invoke(given, config)
        state = agent.invoke(Command(resume={key: True}), config)
    told = state["messages"][-1]

    assert list(stopped["__interrupt__"][0].value) == [key]
    assert told.content.startswith("sent send it")


def all_of(*calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    made: Any = [
        {"name": name, "args": args, "id": f"call-{number}"}
        for number, (name, args) in enumerate(calls)
    ]
    return {"messages": [AIMessage("", tool_calls=made)]}


def told_after(agent: Any, given: dict[str, Any], mode: str) -> list[str]:
    """Say yes to every question; return what each tool told in the end."""
    config = {"configurable": {"thread_id": "t"}}

    async def drive(invoke: Any) -> Any:
        state = await invoke(given, config)
        while state.get("__interrupt__"):
            (question,) = state["__interrupt__"]
            state = await invoke(Command(resume=dict.fromkeys(question.value, True)), config)
        return state

    async def sync(given: Any, config: Any) -> Any:
        return agent.invoke(given, config)

    state = asyncio.run(drive(agent.ainvoke if mode == "async" else sync))
    return [message.content.partition("\n")[0] for message in state["messages"][1:]]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("same", [True, False])
def test_one_yes_is_for_one_call(herd: Herd, mode: str, same: bool):
    """Two calls in one step of a bare ``ToolNode``: LangGraph itself could mix up the answers."""
    calls: list[str] = []

    @expert(approve=True)
    async def post(text: str) -> str:
        """Post a text."""
        calls.append(text)
        return f"posted {text}"

    herd.add(post)
    texts = ["a", "a"] if same else ["a", "b"]
    herd.engine.router = FakeRouter(
        lambda task: Plan.parse(
            {"steps": [{"id": "s", "expert": "post", "inputs": {"text": {"value": task.text}}}]}
        )
    )

    for tool, key in ((post.as_tool(herd=herd), "text"), (herd.as_tool(), "task")):
        calls.clear()
        agent = agent_of(tool, saver=InMemorySaver())
        told = told_after(agent, all_of(*((tool.name, {key: text}) for text in texts)), mode)

        assert len(calls) == 1
        assert [each.startswith("posted") for each in told].count(True) == 1
        assert [("beside an" in each) for each in told].count(True) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_calls_of_one_step_keep_their_own_runs(herd: Herd, mode: str):
    agent = agent_of(herd.as_tool(), saver=InMemorySaver())
    tasks = ["x", "send y", "x", "z"]

    told = told_after(agent, all_of(*(("herd", {"task": task}) for task in tasks)), mode)

    assert told == ["X", "sent send y", "X", "Z"]


def test_outside_a_graph_an_approval_is_refused():
    told = send.as_tool().invoke(called("send", text="hi"))

    assert told.status == "error"
    assert "nobody to ask" in told.content

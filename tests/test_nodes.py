"""An expert as a node of somebody's own ``StateGraph``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from PIL import Image as pil

from herd_graph import ExpertContext, Herd, Image, expert, workflow
from herd_graph.errors import (
    ArtifactUnreadable,
    CallRefused,
    DeclarationError,
    PathNotAllowed,
    PortViolation,
)
from herd_graph.testing import FakeRouter


@expert
async def shout(text: str) -> str:
    """Say it in capitals."""
    return text.upper()


@expert
def area(picture: Image, scale: float = 1.0) -> float:
    """Measure a picture."""
    width, height = picture.pil().size
    return width * height * scale


@expert
def turn(picture: Image) -> Image:
    """Turn a picture round."""
    import io

    buffer = io.BytesIO()
    picture.pil().rotate(90, expand=True).save(buffer, "png")
    return Image(buffer.getvalue())


class Halves(NamedTuple):
    left: str
    right: str


@expert
def halve(text: str) -> Halves:
    """Cut a text in two."""
    middle = len(text) // 2
    return Halves(text[:middle], text[middle:])


@expert
async def spell(text: str, context: ExpertContext) -> str:
    """Say a text letter by letter."""
    for letter in text:
        context.token(letter)
    return text


@expert(approve=True)
async def send(text: str, to: Literal["ann", "bob"] = "ann") -> str:
    """Send a text."""
    return f"sent {text} to {to}"


class State(TypedDict, total=False):
    draft: str
    text: str
    summary: str
    picture: Any
    result: Any
    left: str
    right: str


def graph_of(node: Any, saver: Any = None) -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    builder.add_edge("node", END)
    return builder.compile(checkpointer=saver)


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "box.png"
    pil.new("RGB", (4, 5), "red").save(path)
    return path


def test_state_keys_are_named_like_the_ports():
    assert graph_of(shout.as_node()).invoke({"text": "hi"})["result"] == "HI"


def test_state_keys_can_be_mapped():
    node = shout.as_node(inputs={"text": "draft"}, output="summary")

    assert graph_of(node).invoke({"draft": "hi"}) == {"draft": "hi", "summary": "HI"}


def test_a_node_is_async_too():
    state = asyncio.run(graph_of(shout.as_node()).ainvoke({"text": "hi"}))

    assert state["result"] == "HI"


def test_several_outputs_are_several_keys():
    state = graph_of(halve.as_node(outputs={"right": "summary"})).invoke({"text": "abcd"})

    assert (state["left"], state["summary"]) == ("ab", "cd")


@pytest.mark.parametrize("given", ["path", "artifact", "reference"])
def test_media_are_taken_in_every_form(picture: Path, given: str):
    forms: dict[str, Any] = {"path": "box.png", "artifact": Image(picture)}
    turned = graph_of(turn.as_node(output="picture")).invoke({"picture": "box.png"})["picture"]
    forms["reference"] = turned

    assert graph_of(area.as_node()).invoke({"picture": forms[given]})["result"] == 20.0


def test_bytes_never_enter_the_state(picture: Path):
    state = graph_of(turn.as_node(output="picture")).invoke({"picture": str(picture)})

    assert json.loads(json.dumps(state)) == state
    assert state["picture"]["kind"] == "image"
    assert state["picture"]["inline"] is None


def test_a_path_outside_the_allowed_folders_is_refused(picture: Path):
    del picture
    with pytest.raises(PathNotAllowed, match="outside the allowed folders"):
        graph_of(area.as_node()).invoke({"picture": "/etc/hostname"})


def test_a_missing_key_is_named():
    with pytest.raises(
        PortViolation, match=r"nothing in the state keys 'text'.*the state has 'draft'"
    ):
        shout.as_node().invoke({"draft": "hi"})


def test_an_unknown_port_is_named_when_the_node_is_made():
    with pytest.raises(DeclarationError, match=r"no port 'txt'.*Did you mean 'text'"):
        shout.as_node(inputs={"txt": "draft"})
    with pytest.raises(DeclarationError, match="gives 'left', 'right'"):
        halve.as_node(output="summary")


def test_a_forged_reference_is_refused():
    forged = {"id": "0" * 64, "kind": "text", "mime": "text/plain", "size": 2, "inline": "hi"}

    with pytest.raises(ArtifactUnreadable, match="not the hash of"):
        shout.as_node().invoke({"text": forged})


def test_the_schemas_are_typed():
    node = send.as_node(inputs={"text": "draft"}, output="summary")

    takes = node.get_input_jsonschema()["$defs"]["send_input"]["properties"]
    gives = node.get_output_jsonschema()["$defs"]["send_output"]["properties"]

    assert takes["draft"]["type"] == "string"
    assert takes["to"]["enum"] == ["ann", "bob"]
    assert gives["summary"]["type"] == "string"


def test_tokens_go_to_the_custom_stream():
    events = list(graph_of(spell.as_node()).stream({"text": "abc"}, stream_mode="custom"))

    assert [each["data"]["text"] for each in events if each["kind"] == "token"] == ["a", "b", "c"]


@pytest.mark.parametrize("said", [{"send": True}, True])
def test_an_expert_with_side_effects_asks_by_interrupt(said: Any):
    graph = graph_of(send.as_node(), InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}

    asked = graph.invoke({"text": "hi"}, config)["__interrupt__"][0].value
    state = graph.invoke(Command(resume=said), config)

    assert asked["send"]["inputs"] == {"text": "hi"}
    assert state["result"] == "sent hi to ann"


def test_a_person_may_say_no():
    graph = graph_of(send.as_node(), InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}
    graph.invoke({"text": "hi"}, config)

    with pytest.raises(CallRefused, match="did not approve"):
        graph.invoke(Command(resume={"send": False}), config)


def test_nobody_to_ask_is_a_refusal():
    with pytest.raises(CallRefused, match="nobody to ask"):
        send.as_node().invoke({"text": "hi"})


def test_a_workflow_is_a_node_of_its_herd():
    @workflow
    def louder(text: str) -> str:
        """Say it louder."""
        return shout(text)

    with Herd(louder, router=FakeRouter({}), checkpoints="memory") as herd:
        state = graph_of(louder.as_node(herd=herd)).invoke({"text": "hi"})

    assert state["result"] == "HI"

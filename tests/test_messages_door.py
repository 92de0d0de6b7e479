"""A herd's graph in a conversation: messages in, a message out, alone and in somebody's graph."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command
from PIL import Image as pil
from typing_extensions import TypedDict

from herd_graph import Herd, Image, Plan, Task, Text, expert, workflow
from herd_graph.artifacts import load
from herd_graph.errors import PathNotAllowed, PlanMalformed
from herd_graph.testing import FakeRouter
from herd_graph.types import ArtifactRef

THREAD: Any = {"configurable": {"thread_id": "t"}}


@expert
async def shout(text: str) -> str:
    """Say it in capitals."""
    return text.upper()


@expert
async def mirror(picture: Image) -> Image:
    """Turn a picture around."""
    return Image(picture.pil().transpose(pil.Transpose.FLIP_LEFT_RIGHT))


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


def planned(task: Task) -> Plan:
    """``mirror`` turns the picture around, ``send …`` sends, anything else is shouted."""
    what, _, rest = task.text.partition(" ")
    if what == "nothing":
        return Plan(reason="Nobody can do that.")
    if what == "mirror":
        step = {"id": "s1", "expert": "mirror", "inputs": {"picture": {"input": "a1"}}}
    elif what == "send":
        step = {"id": "s1", "expert": "send", "inputs": {"text": {"value": rest}}}
    else:
        step = {"id": "s1", "expert": "shout", "inputs": {"text": {"value": task.text}}}
    return Plan.parse({"steps": [step]})


@pytest.fixture
def router() -> FakeRouter:
    return FakeRouter(planned)


@pytest.fixture
def herd(router: FakeRouter) -> Iterator[Herd]:
    with Herd(shout, mirror, send, router=router, checkpoints="memory") as made:
        yield made
        assert not made.engine.flights, "a flight was left behind"


def compiled(herd: Herd, saver: Any = None) -> Any:
    return herd.compile(saver)


def parent_of(herd: Herd, saver: Any = None) -> Any:
    builder: Any = StateGraph(MessagesState)
    builder.add_node("herd", compiled(herd))
    builder.add_edge(START, "herd")
    builder.add_edge("herd", END)
    return builder.compile(checkpointer=saver)


def said(result: Any) -> list[Any]:
    return [each.content for each in result["messages"]]


def png(width: int, height: int) -> bytes:
    """Return a picture that is another one when it is turned around."""
    picture = pil.new("RGB", (width, height), "red")
    picture.paste("blue", (0, 0, width // 3, height))
    return Image(picture).bytes()


def encoded(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def picture_message(picture: bytes, text: str = "mirror it") -> HumanMessage:
    url = f"data:image/png;base64,{encoded(picture)}"
    return HumanMessage(
        [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}], id="h"
    )


# Alone ------------------------------------------------------------------------------------------


def test_the_last_message_of_a_person_is_the_task_and_the_answer_is_appended(herd: Herd) -> None:
    result = compiled(herd).invoke({"messages": [("user", "hello")]})

    assert said(result) == ["hello", "HELLO"]
    message = result["messages"][-1]
    assert isinstance(message, AIMessage)
    assert message.response_metadata["herd"]["run"] == result["run"]
    assert result["answer"]["status"] == "done"


def test_messages_may_be_json_and_a_system_prompt_is_nobody_s_request(
    herd: Herd, router: FakeRouter
) -> None:
    given = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hello"}]

    result = asyncio.run(compiled(herd).ainvoke({"messages": given}))

    assert said(result) == ["be kind", "hello", "HELLO"]
    assert isinstance(result["messages"][0], SystemMessage)
    assert router.tasks[-1].text == "hello"


def test_a_thread_collects_its_messages(herd: Herd) -> None:
    graph = compiled(herd, InMemorySaver())

    graph.invoke({"messages": [("user", "one")]}, THREAD)
    result = graph.invoke({"messages": [("user", "two")]}, THREAD)

    assert said(result) == ["one", "ONE", "two", "TWO"]


def test_a_task_says_nothing_in_messages(herd: Herd) -> None:
    result = compiled(herd).invoke({"task": "hello"})

    assert "messages" not in result
    assert result["answer"]["parts"][0]["text"] == "HELLO"


def test_earlier_turns_come_along_with_their_files(herd: Herd, router: FakeRouter) -> None:
    first = compiled(herd).invoke({"messages": [picture_message(png(40, 20))]})

    compiled(herd).invoke({"messages": [*first["messages"], ("user", "again")]})

    turn = router.tasks[-1].history[0]
    assert turn["task"] == "mirror it"
    attached = ArtifactRef.model_validate(turn["attachments"]["a1"])  # type: ignore[index, call-overload]
    assert load(attached, herd.store).bytes() == png(40, 20)
    made = ArtifactRef.model_validate(turn["parts"][0]["artifacts"][0])  # type: ignore[index, call-overload]
    assert made.kind == "image"


def test_the_answer_of_another_model_is_an_earlier_turn_too(herd: Herd, router: FakeRouter) -> None:
    given = [("user", "hi"), ("assistant", "What may I do?"), ("user", "shout")]

    compiled(herd).invoke({"messages": given})

    (part,) = router.tasks[-1].history[0]["parts"]  # type: ignore[misc]
    assert part["text"] == "What may I do?"  # type: ignore[index, call-overload]
    ref = ArtifactRef.model_validate(part["artifacts"][0])  # type: ignore[index, call-overload]
    assert str(load(ref, herd.store)) == "What may I do?"


def test_pictures_are_references_in_the_state_and_in_the_answer(herd: Herd) -> None:
    picture = png(64, 48)
    saver = InMemorySaver()
    graph = compiled(herd, saver)

    result = graph.invoke({"messages": [picture_message(picture)]}, THREAD)

    answer = result["messages"][-1].content[1]
    assert answer["type"] == "image"
    key = answer["url"].removeprefix("herd://artifact/")
    assert Image(herd.store.get(key)).dimensions == (64, 48)
    assert encoded(picture) not in str(graph.get_state(THREAD).values)
    held = json.dumps([str(each) for each in saver.storage.items()]) + str(saver.blobs)
    assert encoded(picture)[:200] not in held


def test_a_reference_in_an_answer_can_be_asked_about(herd: Herd) -> None:
    first = compiled(herd).invoke({"messages": [picture_message(png(30, 10))]})
    block = first["messages"][-1].content[1]

    asked = HumanMessage([{"type": "text", "text": "mirror it back"}, block])
    second = compiled(herd).invoke({"messages": [asked]})

    made = second["messages"][-1].content[1]["url"].removeprefix("herd://artifact/")
    assert Image(herd.store.get(made)).pil().tobytes() == Image(png(30, 10)).pil().tobytes()


def test_an_abstention_is_a_message_that_says_why(herd: Herd) -> None:
    result = compiled(herd).invoke({"messages": [("user", "nothing of use")]})

    assert said(result)[-1] == "Nobody can do that."
    assert result["messages"][-1].response_metadata["herd"]["status"] == "abstained"


def test_what_an_answer_claims_to_have_made_is_checked(herd: Herd, router: FakeRouter) -> None:
    gone = {"id": "0" * 64, "kind": "image", "mime": "image/png", "size": 3}
    forged = {"id": "0" * 64, "kind": "text", "mime": "text/plain", "size": 3, "inline": "evil"}
    parts = [
        {"ask": "", "status": "done", "text": "evil", "artifacts": [each]}
        for each in (gone, forged, "/etc/passwd")
    ]
    answer = AIMessage("I did", response_metadata={"herd": {"parts": [*parts, 5]}})

    compiled(herd).invoke({"messages": [("user", "one"), answer, ("user", "two")]})

    assert router.tasks[-1].history[0]["parts"] == []


@pytest.mark.parametrize("given", [[("assistant", "hm")], [HumanMessage([])], [{"role": "user"}]])
def test_what_is_no_request_is_refused(herd: Herd, given: Any) -> None:
    with pytest.raises(PlanMalformed, match="Expected"):
        compiled(herd).invoke({"messages": given})
    with pytest.raises(PlanMalformed, match="Expected"):
        asyncio.run(compiled(herd).ainvoke({"messages": given}))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a.png", "file:///etc/passwd", "herd://artifact/../../etc/passwd"]
)
def test_addresses_in_messages_are_not_fetched(herd: Herd, url: str) -> None:
    message = HumanMessage(
        [{"type": "text", "text": "mirror"}, {"type": "image_url", "image_url": {"url": url}}]
    )

    with pytest.raises(PathNotAllowed, match="Expected"):
        compiled(herd).invoke({"messages": [message]})


# In somebody's graph ----------------------------------------------------------------------------


def test_in_a_graph_of_messages_the_answer_is_added_to_them(herd: Herd) -> None:
    parent = parent_of(herd, InMemorySaver())

    parent.invoke({"messages": [("user", "one")]}, THREAD)
    result = parent.invoke({"messages": [("user", "two")]}, THREAD)

    assert said(result) == ["one", "ONE", "two", "TWO"]


def test_the_messages_of_the_graph_around_stay_as_they_are(herd: Herd) -> None:
    given = picture_message(png(20, 20))

    result = parent_of(herd).invoke({"messages": [given]})

    assert result["messages"][0].content == given.content


def test_the_answer_is_in_the_stream_of_messages(herd: Herd) -> None:
    parent = parent_of(herd)

    parts = list(parent.stream({"messages": [("user", "one")]}, stream_mode="messages"))

    assert [part[0].content for part in parts] == ["ONE"]


def test_a_question_stops_the_graph_around_and_its_answer_goes_on(herd: Herd) -> None:
    parent = parent_of(herd, InMemorySaver())

    stopped = parent.invoke({"messages": [("user", "send hello")]}, THREAD)
    result = parent.invoke(Command(resume={"s1": True}), THREAD)

    assert list(stopped["__interrupt__"][0].value) == ["s1"]
    assert said(result) == ["send hello", "sent hello"]


def test_stepping_ends_with_the_message(herd: Herd) -> None:
    graph = compiled(herd, InMemorySaver())
    steps = 0
    given: Any = {"messages": [("user", "one")]}

    while given is not None or graph.get_state(THREAD).next:
        graph.invoke(given, THREAD, interrupt_after="*")
        given, steps = None, steps + 1

    assert steps > 4
    assert said(graph.get_state(THREAD).values) == ["one", "ONE"]


class Both(TypedDict, total=False):
    task: str
    messages: list[str]
    """Not LangChain's, and without a reducer: it must not be touched."""
    answer: dict[str, Any]


def test_a_task_wins_over_messages_and_leaves_them_alone(herd: Herd) -> None:
    builder: Any = StateGraph(Both)
    builder.add_node("herd", compiled(herd))
    builder.add_edge(START, "herd")
    graph = builder.compile()

    result = graph.invoke({"task": "hello", "messages": ["mine"]})

    assert result["messages"] == ["mine"]
    assert result["answer"]["parts"][0]["text"] == "HELLO"


def test_a_workflow_may_have_a_parameter_of_that_name(herd: Herd) -> None:
    @workflow
    def loud(messages: Text) -> Text:
        """Say it loud."""
        return shout(messages)

    graph: Any = herd.compile(workflow=loud)
    result = graph.invoke({"messages": "hi"})

    assert result["result"] == "HI"

"""A herd where a chat model is expected: chains, agents, streams, conversations."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from langchain import agents
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from PIL import Image as pil

from herd_graph import ExpertContext, Herd, Image, Plan, Task, expert
from herd_graph.engine import Question
from herd_graph.errors import DeclarationError, PlanMalformed
from herd_graph.testing import FakeRouter, ScriptedExpert, scripted
from herd_graph.types import ArtifactRef, Kind


@expert
async def shout(text: str) -> AsyncIterator[str]:
    """Say it in capitals, word by word."""
    for word in text.upper().split(" "):
        yield f"{word} "


@expert
async def mirror(picture: Image) -> Image:
    """Turn a picture around."""
    return Image(picture.pil().transpose(pil.Transpose.FLIP_LEFT_RIGHT))


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


def planned(task: Task) -> Plan:
    """A request names the experts that get it, joined by ``+``."""
    names, _, rest = task.text.partition(" ")
    steps = [
        {
            "id": f"s{n}",
            "expert": name,
            "inputs": {"picture": {"input": "a1"}}
            if name == "mirror"
            else {"text": {"value": rest}},
        }
        for n, name in enumerate(names.split("+"), start=1)
    ]
    return Plan.parse({"steps": steps})


@pytest.fixture
def slow() -> ScriptedExpert:
    async def play(text: str, *, context: ExpertContext) -> str:
        context.token("…")  # who waits for the next part learns that the call is under way
        await asyncio.sleep(60.0)
        return text

    return scripted("slow", script=play)


@pytest.fixture
def herd(slow: ScriptedExpert) -> Iterator[Herd]:
    experts = (shout, mirror, send, slow)
    with Herd(*experts, router=FakeRouter(planned), checkpoints="memory") as made:
        yield made
        assert not made.engine.flights, "a flight was left behind"


@pytest.fixture
def picture() -> bytes:
    made = pil.new("RGB", (30, 10), "red")
    made.paste("blue", (0, 0, 9, 10))
    return Image(made).bytes()


def agent_of(model: Any, tools: Any = None) -> Any:
    make: Any = agents.create_agent  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return make(model, tools)


def router_of(herd: Herd) -> FakeRouter:
    assert isinstance(herd.engine.router, FakeRouter)
    return herd.engine.router


def asked_about(picture: bytes, text: str) -> HumanMessage:
    encoded = base64.b64encode(picture).decode()
    block = {"type": "image", "base64": encoded, "mime_type": "image/png"}
    return HumanMessage([{"type": "text", "text": text}, block])


def merged(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk  # pyright: ignore[reportAssignmentType]
    return whole


def test_an_answer_is_a_message_with_what_is_known_of_its_run(herd: Herd) -> None:
    message = herd.as_chat_model().invoke("shout hello")

    told = message.response_metadata["herd"]
    run = herd.get(told["run"])
    assert message.content == "HELLO "
    assert told["plan"] == run.plan.public()
    assert (told["status"], told["usd"]) == ("done", 0.0)
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] > 0


def test_pictures_go_in_and_come_out(herd: Herd, picture: bytes) -> None:
    message = asyncio.run(herd.as_chat_model().ainvoke([asked_about(picture, "mirror it")]))

    blocks: Any = message.content_blocks
    assert [each["type"] for each in blocks] == ["text", "image"]
    made = Image(base64.b64decode(blocks[1]["base64"])).pil()
    assert made.getpixel((0, 0)) == (255, 0, 0)
    assert made.getpixel((29, 0)) == (0, 0, 255)


def test_an_answer_can_go_into_the_next_question(herd: Herd, picture: bytes) -> None:
    model = herd.as_chat_model()
    first: Any = model.invoke([asked_about(picture, "mirror it")])

    again = HumanMessage([{"type": "text", "text": "mirror it"}, first.content[1]])
    second: Any = model.invoke([again])

    back = Image(base64.b64decode(second.content[1]["base64"])).pil()
    assert back.tobytes() == Image(picture).pil().tobytes()


def test_references_keep_bytes_out_of_messages(herd: Herd, picture: bytes) -> None:
    model = herd.as_chat_model(media="reference")

    message: Any = model.invoke([asked_about(picture, "mirror it")])

    key = message.content[1]["url"].removeprefix("herd://artifact/")
    assert Image(herd.store.get(key)).dimensions == (30, 10)
    assert len(str(message)) < 4000


def test_a_stream_tells_progress_beside_the_answer_and_gives_its_tokens(herd: Herd) -> None:
    chunks: Any = list(herd.as_chat_model().stream("shout one two three"))

    whole = merged(chunks)
    assert whole.content == "ONE TWO THREE "
    assert [each.content for each in chunks if each.content][:2] == ["ONE ", "TWO "]
    thought = whole.additional_kwargs["reasoning_content"]
    assert "s1: shout@1" in thought
    assert "s1: done" in thought
    assert whole.response_metadata["herd"]["status"] == "done"


def test_an_answer_of_several_parts_is_streamed_when_it_is_whole(herd: Herd) -> None:
    async def main() -> list[Any]:
        return [each async for each in herd.as_chat_model().astream("shout+shout hi")]

    whole = merged(asyncio.run(main()))

    assert whole.content == herd.as_chat_model().invoke("shout+shout hi").content
    assert str(whole.content).count("HI") == 2


def test_files_come_with_the_end_of_a_stream(herd: Herd, picture: bytes) -> None:
    whole = merged(list(herd.as_chat_model().stream([asked_about(picture, "mirror it")])))  # type: ignore[arg-type]

    assert [each["type"] for each in whole.content_blocks] == ["reasoning", "text", "image"]


@pytest.mark.parametrize("async_", [False, True])
def test_leaving_a_stream_stops_the_run(herd: Herd, slow: ScriptedExpert, async_: bool) -> None:
    model = herd.as_chat_model()

    async def main() -> None:
        parts: Any = model.astream("slow please")
        async for _ in parts:
            if slow.calls:
                break
        await parts.aclose()

    if async_:
        asyncio.run(main())
    else:
        parts: Any = model.stream("slow please")
        while not slow.calls:
            next(parts)
        parts.close()

    assert (slow.running, slow.cancelled) == (0, 1)
    assert herd.get("last").status == "interrupted"


def test_it_is_a_link_of_a_chain(herd: Herd) -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "be loud"), ("user", "shout {what}")])
    chain = prompt | herd.as_chat_model() | StrOutputParser()

    assert chain.invoke({"what": "hello"}) == "HELLO "
    assert chain.batch([{"what": "a"}, {"what": "b"}]) == ["A ", "B "]


def test_it_is_the_model_of_an_agent_without_tools(herd: Herd) -> None:
    agent = agent_of(herd.as_chat_model(media="reference"))

    result = agent.invoke({"messages": [("user", "shout hello")]})

    assert [each.content for each in result["messages"]] == ["shout hello", "HELLO "]


def test_tools_are_refused_with_what_to_do_instead(herd: Herd) -> None:
    agent = agent_of(herd.as_chat_model(), [shout.as_tool(herd=herd)])

    with pytest.raises(DeclarationError, match=r"'shout'.*herd\.add\(tool\).*herd\.as_tool\(\)"):
        agent.invoke({"messages": [("user", "shout hello")]})
    with pytest.raises(DeclarationError, match="@workflow"):
        herd.as_chat_model().with_structured_output({"title": "x"})


def test_messages_say_what_was_before(herd: Herd, picture: bytes) -> None:
    model = herd.as_chat_model()
    asked = asked_about(picture, "mirror it")
    answered = model.invoke([asked])

    model.invoke([asked, answered, HumanMessage("shout now")])

    row = herd.runs.get("last")
    assert row.task == "shout now"
    assert router_of(herd).tasks[-1].text == "shout now"


def test_a_thread_is_kept_by_the_herd(herd: Herd) -> None:
    model = herd.as_chat_model(thread="tea")

    first = model.invoke("shout one")
    second = model.bind(thread="coffee").invoke("shout two")

    assert first.response_metadata["herd"]["thread"] == "tea"
    assert second.response_metadata["herd"]["thread"] == "coffee"
    assert [row.task for row in herd.runs.list(thread="tea")] == ["shout one"]


def test_without_anybody_to_ask_the_message_says_that_the_run_waits(herd: Herd) -> None:
    message = herd.as_chat_model().invoke("send hello")

    told = message.response_metadata["herd"]
    assert told["status"] == "waiting"
    assert "send" in str(message.content)
    assert str(herd.resume(told["run"], answers={"s1": True}).answer.text) == "sent hello"


def test_who_is_asked_can_say_yes(herd: Herd) -> None:
    asked: list[Question] = []

    def approve(question: Question) -> bool:
        asked.append(question)
        return True

    message = herd.as_chat_model(approve=approve).invoke("send hello")

    assert message.content == "sent hello"
    assert [each.expert for each in asked] == ["send@1"]


def test_what_cannot_be_asked_is_an_error_of_ours(herd: Herd) -> None:
    with pytest.raises(PlanMalformed, match="none is from a person"):
        herd.as_chat_model().invoke([AIMessage("hello")])


def test_parts_hold_references_that_can_be_loaded(herd: Herd, picture: bytes) -> None:
    message = herd.as_chat_model().invoke([asked_about(picture, "mirror it")])

    (part,) = message.response_metadata["herd"]["parts"]
    (ref,) = [ArtifactRef.model_validate(each) for each in part["artifacts"]]
    assert ref.kind is Kind.IMAGE
    assert herd.store.holds(ref.id)

"""LangGraph graphs as experts."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from foreign import ask, run_one, why_not
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel

from herd_graph import Data, Herd, Image
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError
from herd_graph.recording.events import Event
from herd_graph.steps import Patience


class In(TypedDict):
    question: str


class Out(TypedDict):
    answer: str


class State(In, Out):
    notes: Annotated[list[str], operator.add]


def think(state: State) -> dict[str, Any]:
    get_stream_writer()("thinking")
    return {"notes": [state["question"].upper()]}


def say(state: State) -> dict[str, Any]:
    return {"answer": state["notes"][-1] + "!"}


def builder() -> Any:
    made: Any = StateGraph(State, input_schema=In, output_schema=Out)
    made.add_node("think", think)
    made.add_node("say", say)
    made.add_edge(START, "think")
    made.add_edge("think", "say")
    made.add_edge("say", END)
    return made


@pytest.fixture
def herd(tmp_path: Path) -> Iterator[Herd]:
    with Herd(home=tmp_path / "h", checkpoints="memory", patience=Patience(attempts=1)) as made:
        yield made


def test_a_graph_is_an_expert_by_its_schemas(herd: Herd) -> None:
    herd.add(builder().compile(name="ThinkHard"), description="Think about a question.")
    events: list[Event] = []

    run = run_one(herd, "think_hard", events=events, question="why")

    assert herd.registry.find("think_hard").card.signature == "think_hard(question: Text) -> Text"
    assert run.answer.text == "WHY!"
    told = [each.data["message"] for each in events if each.kind == "progress"]
    assert told == ["thinking", "think_hard/think: done", "think_hard/say: done"]


def test_a_builder_is_compiled(herd: Herd) -> None:
    herd.add(builder(), name="thinker", description="Think.")

    assert str(ask(herd, "thinker", question="how")) == "HOW!"


def test_a_graph_of_messages_takes_words_and_files(herd: Herd, tmp_path: Path) -> None:
    seen: list[Any] = []

    def reply(state: MessagesState) -> dict[str, Any]:
        seen.append(state["messages"][-1])
        return {"messages": [AIMessage("seen")]}

    made: Any = StateGraph(MessagesState)
    made.add_node("reply", reply)
    made.add_edge(START, "reply")
    import PIL.Image

    PIL.Image.new("RGB", (2, 2)).save(tmp_path / "dot.png")
    herd.add(made.compile(), name="chatty", description="Chat.")

    assert str(ask(herd, "chatty", message="hello")) == "seen"
    assert (
        str(ask(herd, "chatty", message="and this?", context=[Image(tmp_path / "dot.png")]))
        == "seen"
    )
    assert isinstance(seen[0], HumanMessage)
    assert seen[0].content == "hello"
    assert [each["type"] for each in seen[1].content] == ["text", "image"]


def test_one_schema_for_both_must_be_told_apart(herd: Herd) -> None:
    class Shared(TypedDict):
        question: str
        answer: str

    def answer(state: Shared) -> dict[str, Any]:
        return {"answer": state["question"][::-1]}

    made: Any = StateGraph(Shared)
    made.add_node("answer_it", answer)
    made.add_edge(START, "answer_it")

    with pytest.raises(DeclarationError, match=r"Name them: takes=\['…'\], gives=\['…'\]"):
        herd.add(made, name="shared", description="x")
    with pytest.raises(DeclarationError, match=r"no key 'anser'.*Did you mean 'answer'"):
        herd.add(made, name="shared", description="x", takes=["question"], gives=["anser"])
    herd.add(made, name="shared", description="x", takes=["question"], gives=["answer"])

    assert str(ask(herd, "shared", question="abc")) == "cba"


class Ticket(BaseModel):
    text: str
    urgent: bool = False


class Sorted(BaseModel):
    queue: str
    score: float


class Given(BaseModel):
    ticket: Ticket
    weight: int = 2


class Made(TypedDict):
    sorted: Sorted


class Both(Made):
    ticket: Ticket
    weight: int


def test_models_and_numbers_are_data(herd: Herd) -> None:
    def sort(state: Given) -> dict[str, Any]:
        return {"sorted": Sorted(queue="fire", score=float(state.weight))}

    made: Any = StateGraph(Both, input_schema=Given, output_schema=Made)
    made.add_node("sort", sort)
    made.add_edge(START, "sort")
    herd.add(made, name="sorter", description="Sort a ticket.")

    found: Any = ask(herd, "sorter", ticket={"text": "smoke"}, weight=3)

    assert herd.registry.find("sorter").card.signature == (
        "sorter(ticket: Data[Ticket], weight: Data[integer] = …) -> Data[Sorted]"
    )
    assert isinstance(found, Data)
    assert found.bytes() == b'{"queue":"fire","score":3.0}'


def asking() -> Any:
    def question(state: State) -> dict[str, Any]:
        first = interrupt({"ask": "which one?"})
        second = interrupt("sure?")
        return {"answer": f"{first}, {second}"}

    made: Any = StateGraph(State, input_schema=In, output_schema=Out)
    made.add_node("question_it", question)
    made.add_edge(START, "question_it")
    return made


def test_a_question_inside_fails_with_it_or_is_answered(herd: Herd) -> None:
    async def person(question: object) -> str:
        return f"<{question}>"

    herd.add(asking(), name="silent", description="Ask.")
    herd.add(asking(), name="told", description="Ask.", ask=person)
    herd.add(
        asking().compile(checkpointer=InMemorySaver()), name="kept", description="Ask.", ask=str
    )

    assert "asks a person: {'ask': 'which one?'}" in why_not(herd, "silent", question="x")
    assert str(ask(herd, "told", question="x")) == "<{'ask': 'which one?'}>, <sure?>"
    assert str(ask(herd, "kept", question="x")) == "{'ask': 'which one?'}, sure?"


def test_it_has_a_recursion_limit_of_its_own(herd: Herd) -> None:
    def on(state: State) -> str:
        return "think"

    made: Any = StateGraph(State, input_schema=In, output_schema=Out)
    made.add_node("think", think)
    made.add_edge(START, "think")
    made.add_conditional_edges("think", on, ["think"])
    herd.add(made, name="endless", description="Never end.", recursion_limit=7)

    assert "more than 7 steps" in why_not(herd, "endless", question="x")


def test_callbacks_reach_in_and_the_outer_thread_does_not(herd: Herd) -> None:
    seen: dict[str, Any] = {}

    class Listener(BaseCallbackHandler):
        def __init__(self) -> None:
            self.names: list[str] = []

        def on_chain_start(self, serialized: Any, inputs: Any, **rest: Any) -> None:
            self.names.append(str(rest.get("name")))

    def look(state: State, config: RunnableConfig) -> dict[str, Any]:
        seen.update(config.get("configurable", {}))
        return {"answer": "looked"}

    made: Any = StateGraph(State, input_schema=In, output_schema=Out)
    made.add_node("look", look)
    made.add_edge(START, "look")
    herd.add(made, name="looker", description="Look.", config={"configurable": {"user": "ana"}})
    listener = Listener()

    from foreign import plan_of

    plan = plan_of(herd, "looker", {"question": "x"})
    graph: Any = herd.graph
    graph.invoke(
        herd.task(plan, question="x"),
        {"configurable": {"thread_id": "outer"}, "callbacks": [listener]},
    )

    assert seen["user"] == "ana"
    assert seen["thread_id"] != "outer"
    assert "looker" in listener.names


def test_cancelling_the_call_cancels_the_graph(herd: Herd) -> None:
    states: list[str] = []

    async def slow(state: State) -> dict[str, Any]:
        states.append("started")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            states.append("cancelled")
            raise
        return {}

    made: Any = StateGraph(State, input_schema=In, output_schema=Out)
    made.add_node("slow", slow)
    made.add_edge(START, "slow")
    herd.add(made, name="slow", description="Be slow.")

    async def story() -> None:
        from herd_graph import Text

        call = asyncio.create_task(
            herd.registry.find("slow").invoke({"question": Text("x")}, ExpertContext())
        )
        while not states:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(story())

    assert states == ["started", "cancelled"]

"""LangChain's runnables, tools and chat models as experts."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Literal

import pytest
from adapter_calls import ask, one_step, png
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.language_models import (
    FakeListChatModel,
)
from langchain_core.output_parsers import JsonOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough, chain
from langchain_core.tools import BaseTool, StructuredTool, ToolException, tool
from listening_model import Listening
from pydantic import BaseModel, Field

from herd_graph import Data, Herd, Image, Text
from herd_graph.errors import DeclarationError
from herd_graph.testing import scripted


class Trip(BaseModel):
    harbour: str
    minutes: int


def untyped(function: Callable[[Any], Any]) -> Any:
    """Return a runnable that says nothing of its types."""
    return RunnableLambda(function)


# Tools ------------------------------------------------------------------------------------------


@tool
def ferry(harbour: str, hour: int = 9, side: Literal["north", "south"] = "north") -> str:
    """Say when the next ferry leaves."""
    return f"{harbour} {hour} {side}"


def test_a_tool_is_an_expert_with_its_arguments_as_ports(herd: Herd) -> None:
    herd.add(ferry)

    card = herd.registry.find("ferry").card
    assert card.signature == (
        "ferry(harbour: Text, hour: Data[integer] = …, side: 'north' | 'south' = …) -> Text"
    )
    assert card.description == "Say when the next ferry leaves."
    assert str(ask(herd, "ferry", harbour="Porto", hour=7).output("s1")) == "Porto 7 north"


def test_what_a_tool_is_annotated_to_give_is_its_output(herd: Herd) -> None:
    @tool
    def count(text: str) -> int:
        """Count the letters of a text."""
        return len(text)

    @tool
    async def trip(harbour: str) -> Trip:
        """Look a trip up."""
        return Trip(harbour=harbour, minutes=25)

    herd.add(count, trip)

    assert herd.registry.find("count").card.signature == "count(text: Text) -> Data[integer]"
    assert ask(herd, "count", text="seven..").output("s1") == Data(7)
    assert ask(herd, "trip", harbour="Porto").output("s1") == Data(
        {"harbour": "Porto", "minutes": 25}
    )


@pytest.mark.parametrize("handled", [True, False])
def test_a_tool_that_refuses_fails_with_its_own_words(herd: Herd, handled: bool) -> None:
    calls: list[str] = []

    def book(name: str) -> str:
        """Book a seat."""
        calls.append(name)
        raise ToolException(f"No seat for {name} is left.")

    herd.add(StructuredTool.from_function(book, handle_tool_error=handled))
    run = ask(herd, "book", name="Ann")

    assert run.status == "failed"
    assert "No seat for Ann is left." in run.records["s1"].error
    assert run.records["s1"].error_type == "ExpertFailed"
    assert calls == ["Ann"]  # asking again with the same words would not help


def test_arguments_that_do_not_validate_are_told(herd: Herd) -> None:
    class Seats(BaseModel):
        count: int = Field(ge=1, le=4)

    @tool(args_schema=Seats)
    def reserve(count: int) -> str:
        """Reserve seats."""
        return "done"

    herd.add(reserve)
    run = ask(herd, "reserve", count=9)

    assert (
        "less than or equal to 4" in run.records["s1"].error or "maximum" in run.records["s1"].error
    )
    assert run.records["s1"].error_type == "PortViolation"


def test_content_and_artifact_are_both_kept(herd: Herd) -> None:
    @tool(response_format="content_and_artifact")
    def draw(thing: str) -> tuple[str, Image]:
        """Draw something."""
        return f"A picture of {thing}.", Image(png(4, 4))

    @tool(response_format="content_and_artifact")
    def find(query: str) -> tuple[str, list[Document]]:
        """Find documents."""
        return "one found", [Document("the text", metadata={"page": 3})]

    @tool(response_format="content_and_artifact")
    def odd(thing: str) -> Any:
        """Give something that is no payload."""
        return "said", object()

    herd.add(draw, find, odd)
    drawn, found, said = (
        ask(herd, "draw", thing="a box"),
        ask(herd, "find", query="x"),
        ask(herd, "odd", thing="x"),
    )

    assert herd.registry.find("draw").card.signature == (
        "draw(thing: Text) -> (result: Text, artifact: Image = …)"
    )
    assert str(drawn.output("s1", "result")) == "A picture of a box."
    assert drawn.output("s1", "artifact") == Image(png(4, 4))
    assert found.output("s1", "artifact") == Data([{"text": "the text", "metadata": {"page": 3}}])
    assert said.status == "done"
    assert str(said.output("s1", "result")) == "said"


def test_blocks_of_a_tool_become_artifacts(herd: Herd) -> None:
    encoded = base64.b64encode(png(4, 4)).decode()

    @tool
    def look(place: str) -> list[dict[str, Any]]:
        """Look at a place."""
        return [
            {"type": "text", "text": place},
            {"type": "image", "base64": encoded, "mime_type": "image/png"},
        ]

    herd.add(look, name="picture", gives=Image)
    herd.add(look, name="both", gives={"words": Text, "view": Image})
    herd.add(look, name="words", gives=Text)

    assert ask(herd, "picture", place="Porto").output("s1") == Image(png(4, 4))
    both = ask(herd, "both", place="Porto")
    assert (str(both.output("s1", "words")), both.output("s1", "view")) == (
        "Porto",
        Image(png(4, 4)),
    )
    assert "gives=another kind" in ask(herd, "words", place="Porto").records["s1"].error


def test_a_tool_of_a_class_and_of_a_json_schema(herd: Herd) -> None:
    class Upper(BaseTool):
        name: str = "Upper Case"
        description: str = "Write in capitals."

        def _run(self, text: str) -> str:
            return text.upper()

    def twice(n: Any) -> str:
        return str(2 * n)

    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    double = StructuredTool.from_function(
        twice, name="double", description="Double a number.", args_schema=schema
    )
    herd.add(Upper(), double)

    assert str(ask(herd, "upper_case", text="hi").output("s1")) == "HI"
    assert str(ask(herd, "double", n=21).output("s1")) == "42"


def test_the_options_win_over_what_the_tool_says(herd: Herd) -> None:
    herd.add(
        ferry,
        name="boats",
        version="2",
        description="Timetable of boats.",
        tags=["travel"],
        examples="when does the boat leave?",
        timeout_s=5,
        approve=True,
    )

    card = herd.registry.find("boats@2").card
    assert (card.description, card.tags, card.approve) == ("Timetable of boats.", ("travel",), True)
    assert card.examples == ("when does the boat leave?",)


def test_an_unknown_option_is_named(herd: Herd) -> None:
    with pytest.raises(DeclarationError, match="Did you mean 'description'"):
        herd.add(ferry, descripton="x")
    with pytest.raises(DeclarationError, match="timeout_s= of 'ferry' cannot be 'soon'"):
        herd.add(ferry, timeout_s="soon")


# Chains -----------------------------------------------------------------------------------------


def test_a_chain_takes_the_variables_of_its_prompt(herd: Herd) -> None:
    prompt = ChatPromptTemplate.from_template("Write to {who} about {topic}")
    model = Listening(responses=["Dear Ann"])
    herd.add(prompt | model | StrOutputParser(), name="letter", description="Write a letter.")
    tokens: list[str] = []
    run = herd.run(
        one_step(herd, "letter", "who", "topic"),
        who=Text("Ann {topic}"),
        topic=Text("chairs"),
        on_event=lambda event: (
            tokens.append(str(event.data["text"])) if event.kind == "token" else None
        ),
    )

    card = herd.registry.find("letter").card
    assert card.signature == "letter(topic: Text, who: Text) -> Text"
    assert card.streams
    assert str(run.output("s1")) == "Dear Ann"
    assert "".join(tokens) == "Dear Ann"
    assert len(tokens) > 1
    assert model.heard[0][0].content == "Write to Ann {topic} about chairs"


def test_a_chain_without_a_description_asks_for_one(herd: Herd) -> None:
    with pytest.raises(DeclarationError, match=r"Add description="):
        herd.add(ChatPromptTemplate.from_template("{x}") | Listening(responses=["x"]))


def test_functions_as_runnables(herd: Herd) -> None:
    def lengths(text: str) -> int:
        return len(text)

    @chain
    def twice(text: str) -> str:
        """Say a text twice."""
        return text * 2

    herd.add(RunnableLambda(lengths), description="Count letters.")
    herd.add(twice)
    more: Any = RunnablePassthrough.assign(n=untyped(len))
    herd.add(more, takes={"x": Text}, name="more", description="Add.")
    herd.add(
        untyped(lambda x: x * 2),
        name="double",
        takes=float,
        gives=float,
        description="Double.",
    )
    herd.add(
        untyped(lambda given: {"n": given["a"] + len(given["b"])}),
        name="add",
        takes={"a": int, "b": Text},
        description="Add.",
    )
    with pytest.raises(DeclarationError, match="does not say what it takes"):
        herd.add(untyped(lambda x: x), description="Unknown.")

    assert herd.registry.find("twice").card.description == "Say a text twice."
    assert str(ask(herd, "twice", text="ab").output("s1")) == "abab"
    assert ask(herd, "more", x="ab").output("s1") == Data({"n": 1, "x": "ab"})
    assert ask(herd, "lengths", text="four").output("s1") == Data(4)
    assert ask(herd, "double", text=2.5).output("s1") == Data(5.0)
    assert ask(herd, "add", a=1, b=Text("xy")).output("s1") == Data({"n": 3})


def test_parallel_chains_give_an_output_each(herd: Herd) -> None:
    prompt = ChatPromptTemplate.from_template("{topic}")
    one, two = Listening(responses=["one"]), Listening(responses=["two"])
    herd.add(
        RunnableParallel(first=prompt | one, second=prompt | two | StrOutputParser()),
        name="both",
        description="Ask two.",
    )
    run = ask(herd, "both", topic="x")

    assert [port.name for port in herd.registry.find("both").card.outputs] == ["first", "second"]
    assert (str(run.output("s1", "first")), str(run.output("s1", "second"))) == ("one", "two")


def test_a_parsed_answer_is_data_and_a_bad_one_is_tried_again(herd: Herd) -> None:
    prompt = ChatPromptTemplate.from_template("{q}")
    model = FakeListChatModel(responses=["no json at all", '{"n": [1, 2]}'])
    herd.add(
        prompt | model | JsonOutputParser(),
        name="parse",
        description="Parse.",
        gives=dict[str, Any],
    )
    run = ask(herd, "parse", q="x")

    assert run.output("s1") == Data({"n": [1, 2]})
    assert [attempt.ok for attempt in run.records["s1"].attempts] == [False, True]
    assert "what its parser cannot read" in run.records["s1"].attempts[0].error


def test_a_placeholder_takes_messages(herd: Herd) -> None:
    prompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("earlier"), ("human", "{q}")])
    model = Listening(responses=["ok"])
    herd.add(prompt | model, name="go_on", description="Go on with a conversation.")

    ask(herd, "go_on", earlier=[Text("hello"), Data({"role": "ai", "content": "hi"})], q="and now?")

    assert [(each.type, each.content) for each in model.heard[0]] == [
        ("human", "hello"),
        ("ai", "hi"),
        ("human", "and now?"),
    ]


# Among other things -----------------------------------------------------------------------------


class Runs(BaseCallbackHandler):
    """Remembers which run began inside which."""

    def __init__(self) -> None:
        self.parents: dict[str, Any] = {}
        self.ids: dict[Any, str] = {}

    def on_chain_start(self, serialized: Any, inputs: Any, **about: Any) -> None:
        self.ids[about["run_id"]] = str(about.get("name"))
        self.parents[str(about.get("name"))] = about.get("parent_run_id")

    def on_chat_model_start(self, serialized: Any, messages: Any, **about: Any) -> None:
        self.parents["the model"] = about.get("parent_run_id")


def test_traces_nest_in_the_graph_around_the_herd(herd: Herd) -> None:
    prompt = ChatPromptTemplate.from_template("{topic}")
    herd.add(prompt | Listening(responses=["x"]), name="chain", description="A chain.")
    seen = Runs()
    task = herd.task(one_step(herd, "chain", "topic"), topic=Text("x"))

    graph: Any = herd.compile()
    graph.invoke(task, {"callbacks": [seen]})

    assert seen.ids[seen.parents["the model"]] == "chain"
    assert seen.parents["chain"] in seen.ids


def test_the_model_is_found_by_a_router_and_is_in_every_record(herd: Herd, tmp_path: Any) -> None:
    herd.add(Listening(responses=["A harbour."]), name="chat")
    herd.add(scripted("other", script=["x"], repeat=True))
    run = herd.run("What is Porto? Answer in words.", record=tmp_path / "x.herdrun")

    assert str(run.output("s1")) == "A harbour."
    assert "chat" in str(run.why("s1"))
    assert (tmp_path / "x.herdrun").exists()


def test_only_langchain_is_imported() -> None:
    code = (
        "import sys\n"
        "for name in ('litellm', 'transformers', 'torch', 'fastmcp', 'mcp', 'a2a', 'openai', 'httpx'):\n"
        "    sys.modules[name] = None\n"
        "from langchain_core.tools import tool\n"
        "from herd_graph import Herd\n"
        "@tool\n"
        "def f(x: str) -> str:\n"
        "    'Do it.'\n"
        "    return x\n"
        "herd = Herd(checkpoints='memory'); herd.add(f)\n"
        "assert 'f' in herd.registry"
    )

    subprocess.run([sys.executable, "-c", code], check=True)

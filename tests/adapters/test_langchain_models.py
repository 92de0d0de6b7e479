"""LangChain's chat models as experts: what they are told, what they make, what they cost."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from adapter_calls import ask, png, wav
from langchain_core.language_models import (
    FakeListChatModel,
    FakeMessagesListChatModel,
    GenericFakeChatModel,
)
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from listening_model import Listening
from pydantic import BaseModel

from herd_graph import Audio, Data, Herd, Image, Table
from herd_graph import Document as HerdDocument
from herd_graph.errors import DeclarationError

# Chat models ------------------------------------------------------------------------------------


def test_a_chat_model_takes_a_message_and_what_it_is_about(herd: Herd) -> None:
    model = Listening(responses=["a box"])
    herd.add(model, name="see", system="Be brief.", licence="MIT")
    run = ask(
        herd,
        "see",
        message="What is this?",
        context=[Image(png(4, 4)), Audio(wav()), Table([{"n": 1}])],
    )

    system, human = model.heard[0]
    blocks: Any = human.content_blocks
    assert str(run.output("s1")) == "a box"
    assert system.content == "Be brief."
    assert [each["type"] for each in blocks] == ["text", "image", "audio", "text"]
    assert base64.b64decode(blocks[1]["base64"]) == png(4, 4)


def test_a_model_that_hears_nothing_takes_words_alone(herd: Herd) -> None:
    herd.add(FakeListChatModel(responses=["x"]), name="deaf")

    context = herd.registry.find("deaf").card.inputs[1]
    assert context.type_name == "list[Text | Table]"
    assert herd.registry.find("deaf").card.locality == "local"


@pytest.mark.parametrize(
    "blocks",
    [
        [
            {"type": "text", "text": "see"},
            {"type": "image", "base64": "$", "mime_type": "image/png"},
        ],
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,$"}}],
        [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "$"}}],
        [{"type": "image", "source_type": "base64", "data": "$", "mime_type": "image/png"}],
        [{"type": "file", "file": {"filename": "box.png", "file_data": "data:image/png;base64,$"}}],
        [{"type": "reasoning", "reasoning": "hm"}, {"type": "image", "base64": "$"}],
    ],
)
def test_a_picture_that_a_model_makes_is_read_in_every_dialect(
    herd: Herd, blocks: list[dict[str, Any]]
) -> None:
    encoded = base64.b64encode(png(4, 4)).decode()
    content = eval(repr(blocks).replace("$", encoded))
    model = FakeMessagesListChatModel(responses=[AIMessage(content=content)])
    herd.add(model, name="paint", gives=Image)

    assert ask(herd, "paint", message="a box").output("s1") == Image(png(4, 4))


def test_usage_is_counted_and_the_price_of_the_card_stands(herd: Herd) -> None:
    said = AIMessage(
        "hi",
        usage_metadata={"input_tokens": 7, "output_tokens": 2, "total_tokens": 9},
        response_metadata={"model_name": "fake"},
    )
    herd.add(GenericFakeChatModel(messages=iter([said])), name="fake", cost_usd=0.25)

    assert ask(herd, "fake", message="hello").usd == 0.25


def test_a_structured_model_gives_data(herd: Herd) -> None:
    class Person(BaseModel):
        name: str

    class Structured(FakeListChatModel):
        def with_structured_output(self, schema: Any, **_: Any) -> Any:
            def parse(message: Any) -> Any:
                return schema.model_validate_json(message.content)

            return self | RunnableLambda(parse)

    herd.add(Structured(responses=['{"name": "Ann"}']), name="who", gives=Person)

    assert ask(herd, "who", message="Ann called").output("s1") == Data({"name": "Ann"})
    with pytest.raises(DeclarationError, match="cannot be held to a schema"):
        herd.add(FakeListChatModel(responses=["x"]), name="plain", gives=Person)


def test_documents_go_as_files(herd: Herd) -> None:
    model = Listening(responses=["ok"])
    herd.add(model, name="read")
    ask(herd, "read", message="sum up", context=[HerdDocument(b"%PDF-1.4 x", name="a.pdf")])

    sent = model.heard[0][0].content_blocks[1]
    assert (sent["type"], sent.get("mime_type")) == ("file", "application/pdf")

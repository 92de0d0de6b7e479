"""The small language model: it answers, streams, and says when a message is too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.experts import ExpertContext

Call = Callable[..., Any]


def test_it_knows_the_capital_of_france(call: Call):
    answer = "".join(call("chat", Text("What is the capital of France?")))

    assert "Paris" in answer


def test_equal_questions_get_equal_answers(call: Call):
    asked = [" ".join(call("chat", Text("What is the capital of Italy?"))) for _ in range(2)]

    assert asked[0] == asked[1]


def test_tokens_are_streamed_while_it_writes(experts: dict[str, Any]):
    seen: list[Any] = []
    context = ExpertContext(on_event=lambda name, data: seen.append((name, data["text"])))

    outputs = asyncio.run(
        experts["chat"].invoke({"message": Text("What is the capital of France?")}, context)
    )

    assert len(seen) > 3
    assert "".join(text for _, text in seen) == str(outputs["result"])


def test_the_system_message_is_heard(call: Call):
    plain = "".join(call("chat", Text("Hi!")))
    other = "".join(call("chat", Text("Hi!"), system="You are a pirate who talks about ships."))

    assert plain != other


def test_a_listener_who_leaves_stops_it(call: Call):
    stream = call("chat", Text("Tell me a very long story about the ocean."))
    next(stream)
    stream.close()

    assert "Paris" in "".join(call("chat", Text("What is the capital of France?")))


def test_a_message_beyond_the_context_is_refused(call: Call):
    with pytest.raises(PortViolation, match="tokens"):
        "".join(call("chat", Text("word " * 6_000)))


def test_an_empty_message_is_refused(call: Call):
    with pytest.raises(PortViolation, match="empty"):
        call("chat", Text("  "))


def test_it_answers_from_the_text_that_it_is_given(call: Call):
    context = Text("The keys to the boat house are with Mr Brown, who lives at 14 Harbour Lane.")
    answer = "".join(call("chat", Text("Who has the keys?"), context=context))

    assert "Brown" in answer


def test_of_a_long_text_it_reads_the_beginning_and_says_so(call: Call):
    context = Text("The boat is red. " * 2_000)
    answer = "".join(call("chat", Text("Which colour is the boat?"), context=context))

    assert "red" in answer.lower()
    assert answer.endswith("of 8,000 words.)")


def test_the_material_has_a_port_of_its_own(experts: dict[str, Any]):
    card = experts["chat"].card

    assert [port.name for port in card.inputs] == ["message", "context", "system"]
    assert [port.name for port in card.inputs if port.required] == ["message"]

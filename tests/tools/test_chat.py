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

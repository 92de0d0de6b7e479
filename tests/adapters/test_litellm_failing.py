"""What a herd does when a model's provider has a bad day: limits, refusals, nonsense, silence."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from adapter_calls import ask, one_step, with_fallback
from model_server import ModelServer, Reply, add, refuse

from herd_graph import Herd, Text

# A bad day --------------------------------------------------------------------------------------


def test_a_rate_limit_is_waited_out(herd: Herd, server: ModelServer) -> None:
    server.says(refuse(429, "slow down", "rate_limit_exceeded", retry_after="0.4"), "ok")
    add(herd, server)
    began = time.monotonic()
    run = ask(herd, "gpt", message="hello")

    assert str(run.output("s1")) == "ok"
    assert time.monotonic() - began >= 0.4
    assert len(server.requests) == 2  # and LiteLLM did not try again on its own
    assert "is asked too often: slow down" in run.records["s1"].attempts[0].error


def test_a_long_rate_limit_moves_on_to_another_expert(herd: Herd, server: ModelServer) -> None:
    server.says(refuse(429, "slow down", "rate_limit_exceeded", retry_after="60"))
    add(herd, server)
    run = herd.run(with_fallback(herd), message=Text("hello"))

    assert str(run.output("s1")) == "from the other"
    assert run.records["s1"].expert == "other@1"
    assert len(server.requests) == 1
    assert run.seconds < 10


def test_too_long_for_this_model_is_for_another(herd: Herd, server: ModelServer) -> None:
    server.says(
        refuse(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded")
    )
    add(herd, server)
    run = herd.run(with_fallback(herd), message=Text("hello"))

    assert str(run.output("s1")) == "from the other"
    assert len(server.requests) == 1
    assert "too long for the model" in run.records["s1"].attempts[0].error


@pytest.mark.parametrize(
    ("reply", "error_type", "words", "tries"),
    [
        (refuse(401, "Incorrect API key: sk-secret-1", "x"), "ExpertUnavailable", "the key", 1),
        (refuse(404, "no such model", "model_not_found"), "ExpertUnavailable", "not have this", 1),
        (refuse(402, "insufficient credits"), "ExpertUnavailable", "spend no more", 1),
        (
            refuse(429, "You exceeded your current quota", "x"),
            "ExpertUnavailable",
            "spend no more",
            1,
        ),
        (refuse(400, "bad temperature"), "ExpertFailed", "bad temperature", 1),
        (refuse(400, "x", "content_policy_violation"), "ExpertFailed", "not allow", 1),
        (refuse(500, "boom"), "ExpertFailed", "boom", 2),
        (refuse(503, "overloaded"), "ExpertFailed", "overloaded", 2),
        (Reply(text="a b c d e", cut_after=2), "ExpertFailed", "", 2),
        (Reply(text="half", finish="content_filter"), "ExpertFailed", "did not want", 1),
        (Reply(text="", finish="length"), "ExpertFailed", "limit of tokens", 1),
        (Reply(text=""), "ExpertFailed", "wrote nothing", 2),
    ],
)
def test_what_goes_wrong_is_told_and_tried_as_often_as_it_makes_sense(
    herd: Herd, server: ModelServer, reply: Reply, error_type: str, words: str, tries: int
) -> None:
    server.says(reply)
    add(herd, server, api_key="sk-secret-1")
    record = ask(herd, "gpt", message="hello").records["s1"]

    assert (record.error_type, len(server.requests)) == (error_type, tries)
    assert words in record.error
    assert "sk-secret-1" not in record.model_dump_json()


def test_nonsense_in_the_place_of_json(herd: Herd, server: ModelServer) -> None:
    server.says(Reply(raw=b"<html>gateway"), "ok")
    add(herd, server, stream=False)

    assert str(ask(herd, "gpt", message="hello").output("s1")) == "ok"


def test_nobody_listens_there(herd: Herd) -> None:
    herd.add("litellm:openai/m1", name="gpt", api_base="http://127.0.0.1:9/v1")
    record = ask(herd, "gpt", message="hello").records["s1"]

    assert record.error_type == "ExpertFailed"
    assert "cannot be reached" in record.error


def test_a_slow_answer_is_cut_off_and_the_request_ends(herd: Herd, server: ModelServer) -> None:
    server.says(Reply(text="late", delay=30))
    add(herd, server, timeout_s=0.5)
    record = ask(herd, "gpt", message="hello").records["s1"]

    assert record.error_type == "ExpertTimeout"
    _until(lambda: server.open == 0)


def test_a_cancelled_run_ends_the_request(herd: Herd, server: ModelServer) -> None:
    server.says(Reply(text="late", delay=30))
    add(herd, server)
    plan = one_step(herd, "gpt", "message")

    async def begin() -> None:
        handle = await herd.astart(plan, message=Text("hello"))
        await asyncio.to_thread(_until, lambda: server.open == 1)
        handle.cancel()
        with pytest.raises((asyncio.CancelledError, Exception)):
            await handle

    asyncio.run(begin())
    _until(lambda: server.open == 0)


def _until(holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_herd_on_several_loops(herd: Herd, server: ModelServer) -> None:
    add(herd, server)
    plan = one_step(herd, "gpt", "message")
    said = [str(asyncio.run(herd.arun(plan, message=Text("x"))).output("s1")) for _ in range(3)]

    assert said == ["ok", "ok", "ok"]

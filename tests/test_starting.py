"""Calls that are begun while a model still writes the plan: which, when, and never twice."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from herd_graph import Budget, Herd, Text, expert
from herd_graph.errors import RoutingError
from herd_graph.experts import Expert
from herd_graph.prompts import Message
from herd_graph.routing.completing import Bill, LiteLLMCompletion
from herd_graph.routing.llm import LLMPlanner
from herd_graph.types import JSONObject

PATIENCE_S = 300.0
"""How long a model waits in the middle of its plan for what should have begun; never, if it has."""
ASKED = "Shout hello and whisper that backwards"


def planner(model: Any) -> LLMPlanner:
    """Return a planner that a busy machine does not run out of time."""
    return LLMPlanner(model, timeout_s=2 * PATIENCE_S)


class Calls:
    """Experts that tell of their calls."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.begun = {name: threading.Event() for name in ("shout", "turn", "mail", "wait")}
        self.let_go = threading.Event()

    def note(self, name: str) -> None:
        self.made.append(name)
        self.begun[name].set()

    def experts(self) -> list[Expert]:
        @expert(examples=["shout hello"])
        def shout(text: Text) -> Text:
            """Shout a text, in capitals."""
            self.note("shout")
            return Text(text.text.upper())

        @expert(examples=["whisper that backwards", "turn it around"])
        def turn(text: Text) -> Text:
            """Turn a text around, backwards."""
            self.note("turn")
            return Text(text.text[::-1])

        @expert(examples=["mail hello"], cost_usd=0.01)
        def mail(text: Text) -> Text:
            """Mail a text; it costs money."""
            self.note("mail")
            return Text(f"sent {text.text}")

        @expert(examples=["wait for hello"])
        async def wait(text: Text) -> Text:
            """Wait until it is told to stop."""
            self.note("wait")
            try:
                await asyncio.Event().wait()
            finally:
                self.let_go.set()
            return text

        return [shout, turn, mail, wait]


def step(name: str, called: str, text: Any) -> str:
    return json.dumps({"id": name, "expert": called, "inputs": {"text": text}})


def ending(answer: str) -> str:
    source = {"ask": "it", "source": {"step": answer}}
    return f'], "answers": [{json.dumps(source)}], "unmet": [], "reason": ""}}'


class Writing:
    """A model that goes on writing once what it waits for has begun."""

    name = "writing"

    def __init__(self, *replies: Sequence[str | threading.Event]) -> None:
        self.replies = replies
        self.asked = 0
        self.waited: list[bool] = []

    async def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        del messages, schema, bill
        self.asked += 1
        for each in self.replies[self.asked - 1]:
            if isinstance(each, str):
                yield each
            else:
                self.waited.append(await asyncio.to_thread(each.wait, PATIENCE_S))


SHOUT = step("s1", "shout", {"value": "hello"})
TURN = step("s2", "turn", {"step": "s1"})


def test_a_chain_is_run_while_the_model_still_writes_and_no_call_is_made_twice():
    calls = Calls()
    model = Writing(
        (
            '{"steps": [',
            SHOUT,
            ",",
            calls.begun["shout"],
            TURN,
            calls.begun["turn"],
            ending("s2"),
        )
    )

    with Herd(*calls.experts(), router=planner(model)) as herd:
        run = herd.run(ASKED)

    assert model.waited == [True, True]
    assert run.answer.text == "OLLEH"
    assert calls.made == ["shout", "turn"]
    assert [each.status for each in run.records.values()] == ["done", "done"]
    assert [len(each.attempts) for each in run.records.values()] == [1, 1]
    assert run.trace is not None
    assert "begun while the plan was being written: s1, s2" in run.trace.notes


def test_what_costs_money_waits_for_the_whole_plan():
    calls = Calls()
    free = step("s2", "shout", {"value": "b"})
    told: list[list[str]] = []

    class Looking(Writing):
        async def __call__(
            self, messages: Sequence[Message], schema: JSONObject, bill: Bill
        ) -> AsyncIterator[str]:
            async for each in super().__call__(messages, schema, bill):
                yield each
            told.append(list(calls.made))

    costly = step("s1", "mail", {"value": "a"})
    model = Looking(('{"steps": [', costly, ",", free, calls.begun["shout"], ending("s1")))

    with Herd(*calls.experts(), router=planner(model)) as herd:
        run = herd.run("Mail hello and shout hello")

    assert model.waited == [True]
    assert told == [["shout"]]
    assert run.answer.text == "sent a"
    assert sorted(calls.made) == ["mail", "shout"]


def test_a_call_that_the_final_plan_has_no_use_for_is_let_go():
    calls = Calls()
    first = ('{"steps": [', step("s1", "wait", {"value": "x"}), calls.begun["wait"], "] nonsense")
    second = ('{"steps": [', SHOUT, ending("s1"))

    with Herd(*calls.experts(), router=planner(Writing(first, second))) as herd:
        run = herd.run("Wait for hello, or shout hello")

        assert calls.let_go.wait(PATIENCE_S)

    assert run.answer.text == "HELLO"
    assert set(run.records) == {"s1"}
    assert run.records["s1"].expert == "shout@1"


def test_what_was_begun_is_let_go_when_the_model_fails():
    calls = Calls()

    class Breaking(Writing):
        async def __call__(
            self, messages: Sequence[Message], schema: JSONObject, bill: Bill
        ) -> AsyncIterator[str]:
            async for each in super().__call__(messages, schema, bill):
                yield each
            raise RoutingError("the connection broke")

    model = Breaking(('{"steps": [', step("s1", "wait", {"value": "x"}), calls.begun["wait"]))

    with Herd(*calls.experts(), router=planner(model)) as herd:
        with pytest.raises(RoutingError, match="the connection broke"):
            herd.run("Wait for hello")

        assert calls.let_go.wait(PATIENCE_S)

    assert model.waited == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        step("s1", "turn", {"step": "s9"}),
        step("s1", "turn", {"input": "nothing"}),
        json.dumps({"id": "s1", "expert": "turn", "inputs": {}}),
        step("s1", "delete_everything", {"value": "x"}),
    ],
)
def test_nothing_is_called_behind_a_beginning_that_the_checker_would_refuse(wrong: str):
    calls = Calls()
    bad = ('{"steps": [', wrong, ",", step("s2", "shout", {"step": "s1"}), ending("s2"))

    with Herd(*calls.experts(), router=planner(Writing(bad, bad))) as herd:
        run = herd.run(ASKED)

    assert run.status == "abstained"
    assert calls.made == []


def test_counted_calls_are_not_spent_on_guesses():
    calls = Calls()
    model = Writing(('{"steps": [', SHOUT, ",", TURN, ending("s2")))

    with Herd(*calls.experts(), router=planner(model)) as herd:
        run = herd.run(ASKED, budget=Budget(calls=2))

    assert run.answer.text == "OLLEH"
    assert run.trace is not None
    assert not [each for each in run.trace.notes if "begun while" in each]


class _Provider(http.server.BaseHTTPRequestHandler):
    """A provider in OpenAI's form that stops in the middle of a plan until a call was made."""

    calls: Calls
    waited: list[bool]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._say('{"steps": [' + SHOUT + ",")
        self.waited.append(self.calls.begun["shout"].wait(PATIENCE_S))
        self._say(TURN + ending("s2"))
        self.wfile.write(b"data: [DONE]\n\n")

    def _say(self, text: str) -> None:
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": text}}],
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[tuple[str, Calls, list[bool]]]:
    calls, waited = Calls(), list[bool]()
    handler = type("Handler", (_Provider,), {"calls": calls, "waited": waited})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1", calls, waited
    server.shutdown()
    server.server_close()


def test_a_provider_that_streams_has_its_first_step_run_before_its_last_word(
    provider: tuple[str, Calls, list[bool]],
):
    url, calls, waited = provider
    model = LiteLLMCompletion(model="openai/m", api_base=url, api_key="x", timeout_s=2 * PATIENCE_S)

    with Herd(*calls.experts(), router=planner(model)) as herd:
        run = herd.run(ASKED)

    assert waited == [True]
    assert run.answer.text == "OLLEH"
    assert calls.made == ["shout", "turn"]

"""The planner that asks a language model: what it shows, what it accepts, and what it refuses."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar

import pytest
from routing_world import FIRST, snapshot

from herd_graph.cards import Port
from herd_graph.discovery import CapabilityIndex
from herd_graph.errors import RoutingError
from herd_graph.plans import Step
from herd_graph.prompts import Message
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.cascade import CascadePlanner
from herd_graph.routing.completing import Bill, LiteLLMCompletion
from herd_graph.routing.drafts import (
    finished_steps,
    loose_ends,
    plan_schema,
    read_plan,
    without_loose_ends,
)
from herd_graph.routing.llm import LLMPlanner
from herd_graph.routing.planner import SemanticPlanner
from herd_graph.routing.shortlist import reachable
from herd_graph.store import MemoryStore
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, JSONObject, Kind

CALL = ArtifactRef(id="1" * 64, kind=Kind.AUDIO, mime="audio/wav", size=9, name="call.wav")
GOOD: dict[str, Any] = {
    "steps": [
        {"id": "s1", "expert": "transcribe", "inputs": {"recording": {"input": "a1"}}},
        {
            "id": "s2",
            "expert": "translate",
            "inputs": {"text": {"step": "s1"}, "to": {"value": "pt"}},
            "foreach": None,
        },
    ],
    "answers": [{"ask": "in Portuguese", "source": {"step": "s2"}}],
    "unmet": [],
    "reason": "",
}
CYCLE: dict[str, Any] = {
    "steps": [
        {
            "id": "s1",
            "expert": "translate",
            "inputs": {"text": {"step": "s2"}, "to": {"value": "pt"}},
        },
        {
            "id": "s2",
            "expert": "translate",
            "inputs": {"text": {"step": "s1"}, "to": {"value": "en"}},
        },
    ]
}


class Scripted:
    """A model that says what the test wrote, in pieces, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, *replies: object, size: int = 7) -> None:
        self.replies = [each if isinstance(each, str) else json.dumps(each) for each in replies]
        self.size = size
        self.asked: list[list[Message]] = []

    async def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        self.asked.append(list(messages))
        reply = self.replies[len(self.asked) - 1]
        for start in range(0, len(reply), self.size):
            yield reply[start : start + self.size]
        bill.usd += 0.001


class Silent:
    """A model that never answers."""

    name = "silent"

    async def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""


def situation(**more: Any) -> Situation:
    experts = snapshot(*FIRST)
    index = CapabilityIndex.in_memory()
    return Situation(experts=experts, index=index, store=MemoryStore(), **more)


def planned(
    model: Any, text: str = "What is said in the call, in Portuguese?", **more: Any
) -> Route:
    task = Task(text=text, attachments={"a1": CALL})
    return asyncio.run(LLMPlanner(model, **more).route(task, situation()))


def test_a_plan_of_the_models_is_taken_when_the_checker_finds_nothing():
    model = Scripted(GOOD)

    route = planned(model)

    assert [each.expert for each in route.plan.steps] == ["transcribe", "translate"]
    assert route.plan.author == "llm"
    assert route.trace.usd == 0.001
    assert len(model.asked) == 1


def test_the_model_sees_the_experts_the_inputs_and_the_request():
    model = Scripted(GOOD)

    planned(model)
    shown = model.asked[0][-1]["content"]

    assert "transcribe(recording: Audio) -> Text" in shown
    assert "a1: Audio 'call.wav'; fits transcribe.recording\n" in shown
    assert "What is said in the call, in Portuguese?" in shown


BAD: list[tuple[Any, str]] = [
    ("I would first transcribe it.", "no JSON object that is a plan"),
    ('{"steps": [{"id": "s1", "expert":', "no JSON object that is a plan"),
    (json.dumps(GOOD)[: json.dumps(GOOD).index('{"id": "s2"')], "no JSON object that is a plan"),
    (
        {"steps": [{"id": "s1", "expert": "delete_everything", "inputs": {}}]},
        "delete_everything",
    ),
    (CYCLE, "s1"),
    ({"steps": [{"id": "s1", "expert": "transcribe", "inputs": {}}]}, "recording"),
    (
        {"steps": [{"id": "s1", "expert": "speak", "inputs": {"text": {"input": "a1"}}}]},
        "transcribe",
    ),
    ({"steps": "transcribe, then translate"}, "steps"),
    ({**GOOD, "answers": [{"ask": "x", "source": {"step": "s9"}}]}, "s9"),
]


@pytest.mark.parametrize(("bad", "told"), BAD)
def test_what_is_wrong_goes_back_to_the_model_once(bad: object, told: str):
    model = Scripted(bad, GOOD)

    route = planned(model)

    assert [each.id for each in route.plan.steps] == ["s1", "s2"]
    assert told in model.asked[1][-1]["content"]
    assert model.asked[1][-2]["role"] == "assistant"


def test_halves_of_characters_are_taken_out_of_what_a_model_writes():
    reply = json.dumps(GOOD).replace('"in Portuguese"', '"in \\ud800 Portuguese"')

    route = planned(Scripted(reply))

    assert route.plan.answers[0].ask == "in ? Portuguese"
    assert Route.model_validate_json(route.model_dump_json()).plan == route.plan


def test_a_number_that_is_none_goes_back_to_the_model():
    reply = json.dumps(GOOD).replace('"pt"', "NaN")
    model = Scripted(reply, GOOD)

    route = planned(model)

    assert [each.id for each in route.plan.steps] == ["s1", "s2"]
    assert len(model.asked) == 2


def test_what_is_wrong_twice_is_an_abstention_with_the_reasons():
    route = planned(Scripted(CYCLE, "sorry"))

    assert route.plan.abstained
    assert "could not be run" in route.plan.reason
    assert route.trace.confidence == 0.0


def test_an_abstention_of_the_models_is_kept_with_its_reason():
    route = planned(Scripted({"steps": [], "reason": "no expert books flights"}))

    assert route.plan.abstained
    assert route.plan.reason == "no expert books flights"


def test_a_model_that_never_answers_is_an_error_that_says_so():
    with pytest.raises(RoutingError, match="did not finish a plan within"):
        planned(Silent(), timeout_s=0.05)


def test_steps_are_told_ahead_as_soon_as_they_are_written():
    told: list[Step] = []
    task = Task(text="Transcribe the call in Portuguese", attachments={"a1": CALL})

    asyncio.run(LLMPlanner(Scripted(GOOD, size=1)).route(task, situation(ahead=told.append)))

    assert [each.id for each in told] == ["s1", "s2"]


def test_finished_steps_are_found_at_every_cut():
    text = json.dumps(GOOD)
    seen = [len(list(finished_steps(text[:cut]))) for cut in range(len(text) + 1)]

    assert seen == sorted(seen)
    assert seen[-1] == 2
    assert seen[text.index('"s2"')] == 1


def test_a_fence_and_a_sentence_around_the_object_are_passed_over():
    plan = read_plan(f"Sure {{ok}}:\n```json\n{json.dumps(GOOD)}\n```", "llm")

    assert [each.id for each in plan.steps] == ["s1", "s2"]


def test_the_schema_accepts_what_the_checker_accepts():
    import jsonschema

    experts = snapshot(*FIRST)
    schema: Any = plan_schema(experts.latest, Task(text="", attachments={"a1": CALL}).inputs)

    jsonschema.validate(GOOD, schema)
    stranger: dict[str, Any] = {
        "id": "s1",
        "expert": "delete_everything",
        "inputs": {},
        "foreach": None,
    }
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**GOOD, "steps": [stranger]}, schema)


def test_the_schema_binds_a_port_only_to_what_its_type_takes():
    import jsonschema

    sign = ArtifactRef(id="2" * 64, kind=Kind.IMAGE, mime="image/png", size=9, name="sign.png")
    inputs = Task(text="", attachments={"a1": CALL, "a2": sign}).inputs
    schema: Any = plan_schema(snapshot(*FIRST).latest, inputs)
    checker: Any = jsonschema.Draft202012Validator(schema)
    may = checker.is_valid

    def reads(expert: str, port: str, source: dict[str, Any]) -> dict[str, Any]:
        step = {"id": "s1", "expert": expert, "inputs": {port: source}, "foreach": None}
        return {**GOOD, "steps": [step]}

    assert may(reads("read_text", "picture", {"input": "a2"}))
    assert not may(reads("read_text", "picture", {"input": "a1"}))
    assert not may(reads("read_text", "picture", {"value": "a2"}))
    assert not may(reads("transcribe", "recording", {"input": "a2"}))
    assert may(reads("transcribe", "recording", {"step": "s0"}))
    assert may(reads("speak", "text", {"value": "hello"}))
    assert may(reads("identify_file", "file", {"input": "a1"}))


def each_item(expert: str, port: str, over: dict[str, Any] | None) -> dict[str, Any]:
    step = {"id": "s1", "expert": expert, "inputs": {port: {"item": True}}, "foreach": over}
    return {**GOOD, "steps": [step]}


def test_an_item_of_a_list_is_bound_where_its_kind_is_taken():
    import jsonschema

    cards = snapshot(*FIRST).latest
    listed = {"a1": Port(name="a1", kind=Kind.AUDIO, many=True)}
    checker: Any = jsonschema.Draft202012Validator(plan_schema(cards, listed))
    may = checker.is_valid

    assert may(each_item("transcribe", "recording", {"input": "a1"}))
    assert not may(each_item("transcribe", "recording", None))
    assert not may(each_item("read_text", "picture", {"input": "a1"}))


def test_without_a_list_nothing_is_bound_to_an_item():
    import jsonschema

    cards = [
        card
        for card in snapshot(*FIRST).latest
        if not any(port.many for port in (*card.inputs, *card.outputs))
    ]
    single = {"a1": Port(name="a1", kind=Kind.AUDIO)}
    checker: Any = jsonschema.Draft202012Validator(plan_schema(cards, single))

    assert not checker.is_valid(each_item("transcribe", "recording", {"input": "a1"}))
    assert checker.is_valid(GOOD)


LOOSE: dict[str, Any] = {
    **GOOD,
    "steps": [*GOOD["steps"], {"id": "s3", "expert": "speak", "inputs": {"text": {"step": "s1"}}}],
}


def test_a_step_that_nothing_comes_of_is_not_called():
    model = Scripted(LOOSE)

    route = planned(model)

    assert [each.id for each in route.plan.steps] == ["s1", "s2"]
    assert "left out, since nothing came of it: s3" in route.trace.notes
    assert len(model.asked) == 1


def test_a_step_that_nothing_comes_of_is_told_with_what_else_is_wrong():
    steps: list[Any] = LOOSE["steps"]
    bare: dict[str, Any] = {"id": "s4", "expert": "transcribe", "inputs": {}}
    model = Scripted({**LOOSE, "steps": [*steps, bare]}, GOOD)

    planned(model)

    assert "Step 's3' (speak) leads nowhere" in model.asked[1][-1]["content"]


def test_a_chain_that_nothing_comes_of_goes_as_a_whole():
    tail = {"id": "s4", "expert": "speak", "inputs": {"text": {"step": "s3"}}}
    third = {
        "id": "s3",
        "expert": "translate",
        "inputs": {"text": {"step": "s1"}, "to": {"value": "en"}},
    }
    plan = read_plan(json.dumps({**GOOD, "steps": [*GOOD["steps"], third, tail]}), "llm")

    assert list(loose_ends(plan)) == ["s4"]
    assert [each.id for each in without_loose_ends(plan, ()).steps] == ["s1", "s2"]
    assert without_loose_ends(plan, {"s4"}) == plan


def test_a_schema_over_experts_that_nothing_supplies_has_no_steps():
    import jsonschema

    only = [each for each in snapshot(*FIRST).latest if each.name == "read_text"]
    schema: Any = plan_schema(only, {})

    jsonschema.validate({**GOOD, "steps": []}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(GOOD, schema)


def test_an_expert_that_nothing_can_supply_is_not_shown():
    cards = snapshot(*FIRST).latest
    from_text = {card.name for card in reachable(cards, [])}
    from_sound = {card.name for card in reachable(cards, [Kind.AUDIO])}

    assert "read_text" not in from_text
    assert {"transcribe", "translate"} <= from_sound


def test_a_cascade_asks_the_model_only_where_the_first_router_is_in_doubt():
    model = Scripted({"steps": [], "reason": "no"}, GOOD)
    cascade = CascadePlanner(SemanticPlanner(), LLMPlanner(model), sure=0.3)
    plain = Task(text="Transcribe the recording", attachments={"a1": CALL})
    odd = Task(text="Frobnicate the widget by Tuesday", attachments={"a1": CALL})

    sure = asyncio.run(cascade.route(plain, situation()))
    asked_for_plain = len(model.asked)
    doubtful = asyncio.run(cascade.route(odd, situation()))

    assert (asked_for_plain, len(model.asked)) == (0, 1)
    assert sure.trace.router == "cascade > semantic"
    assert doubtful.plan.abstained
    assert any("semantic" in note for note in doubtful.trace.notes)


def test_a_cascade_survives_a_model_that_cannot_be_asked():
    cascade = CascadePlanner(SemanticPlanner(), LLMPlanner(Silent(), timeout_s=0.05), sure=2.0)
    task = Task(text="Transcribe the recording", attachments={"a1": CALL})

    route = asyncio.run(cascade.route(task, situation()))

    assert [each.expert for each in route.plan.steps] == ["transcribe@1"]
    assert any("llm failed" in note for note in route.trace.notes)


class _Provider(http.server.BaseHTTPRequestHandler):
    """A provider in OpenAI's form that streams one reply, or is overloaded."""

    reply: ClassVar[str] = json.dumps(GOOD)
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.asked[-1]["model"] == "busy":
            self.send_error(429, "slow down")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        halves = (self.reply[:40], self.reply[40:])
        for choices in [[{"index": 0, "delta": {"content": each}}] for each in halves] + [[]]:
            chunk: dict[str, Any] = {"id": "c", "object": "chat.completion.chunk", "created": 1}
            chunk |= {"model": "m", "choices": choices}
            if not choices:
                chunk["usage"] = {
                    "prompt_tokens": 900,
                    "completion_tokens": 90,
                    "total_tokens": 990,
                }
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    _Provider.asked.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()


def test_a_litellm_model_is_asked_once_under_the_schema(provider: str):
    model = LiteLLMCompletion(model="openai/m", api_base=provider, api_key="x")

    route = planned(model)

    assert [each.expert for each in route.plan.steps] == ["transcribe", "translate"]
    assert (route.trace.settings["tokens_in"], route.trace.settings["tokens_out"]) == (900, 90)
    assert _Provider.asked[0]["response_format"]["type"] == "json_schema"
    assert len(_Provider.asked) == 1


def test_an_overloaded_provider_is_asked_once_and_is_a_routing_error(provider: str):
    model = LiteLLMCompletion(model="openai/busy", api_base=provider, api_key="x")

    with pytest.raises(RoutingError, match="could not be asked"):
        planned(model)

    assert len(_Provider.asked) == 1

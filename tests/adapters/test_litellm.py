"""Any model string: a real server on loopback, and what providers do on a bad day."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from adapter_calls import ask, one_step, png, wav, with_fallback
from model_server import ModelServer, Reply, add, refuse
from pydantic import BaseModel

from herd_graph import Audio, Budget, Data, Herd, Image, Table, Text, expert
from herd_graph.adapters.litellm_prices import facts_of
from herd_graph.errors import DeclarationError
from herd_graph.testing import scripted

# What is asked and answered ---------------------------------------------------------------------


def test_a_model_answers_and_streams(herd: Herd, server: ModelServer) -> None:
    server.says("A harbour in Portugal")
    add(herd, server, system="Be brief.", temperature=0)
    tokens: list[str] = []
    run = herd.run(
        one_step(herd, "gpt", "message"),
        message=Text("What is Porto?"),
        on_event=lambda event: (
            tokens.append(str(event.data["text"])) if event.kind == "token" else None
        ),
    )

    assert str(run.output("s1")) == "A harbour in Portugal"
    assert tokens == ["A ", "harbour ", "in ", "Portugal"]
    asked = server.requests[0]
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is Porto?"},
    ]
    assert (asked["temperature"], asked["stream"]) == (0, True)


def test_the_router_gives_it_what_a_question_is_about(herd: Herd, server: ModelServer) -> None:
    server.says("A red square.")
    add(
        herd,
        server,
        name="look",
        description="Answer a question about a picture: say what is in an image.",
        takes={"picture": Image, "question": Text},
    )
    run = herd.run("What is in this picture?", Image(png(), name="box.png"))

    assert str(run.output("s1")) == "A red square."
    sent = server.requests[0]["messages"][0]["content"]
    assert sorted(each["type"] for each in sent) == ["image_url", "text"]


def test_media_go_as_parts(herd: Herd, server: ModelServer) -> None:
    add(herd, server, hears=["image", "audio", "document"])
    ask(herd, "gpt", message="What?", context=[Image(png()), Audio(wav()), Table([{"n": 1}])])

    parts = server.requests[0]["messages"][0]["content"]
    assert [each["type"] for each in parts] == ["text", "image_url", "input_audio", "text"]
    assert parts[1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert parts[2]["input_audio"]["format"] == "wav"
    assert "| n |" in parts[3]["text"]


def test_ports_and_a_prompt_of_ones_own(herd: Herd, server: ModelServer) -> None:
    add(
        herd,
        server,
        name="letter",
        description="Write a letter about a picture.",
        takes={"who": Text, "picture": Image},
        prompt="Write to {who}.",
    )
    ask(herd, "letter", who=Text("Ann {picture}"), picture=Image(png()))

    parts = server.requests[0]["messages"][0]["content"]
    assert parts[0] == {"type": "text", "text": "Write to Ann {picture}."}
    assert [each["type"] for each in parts] == ["text", "image_url"]


@pytest.mark.parametrize(
    ("model", "hears"),
    [
        ("openai/gpt-5-mini", "list[Text | Table | Image | Document]"),
        ("gemini/gemini-2.5-flash", "list[Text | Table | Image | Audio | Document]"),
        ("openai/gpt-3.5-turbo", "list[Text | Table]"),
        ("openai/nobody-knows-this", "list[Text | Table]"),
    ],
)
def test_what_a_model_hears_decides_its_ports(herd: Herd, model: str, hears: str) -> None:
    herd.add(f"litellm:{model}", name="m")
    card = herd.registry.find("m").card

    assert card.inputs[1].type_name.startswith(hears.removesuffix("]"))
    assert card.locality == "remote"


def test_the_price_file_says_what_litellm_says() -> None:
    import litellm  # pyright: ignore[reportMissingTypeStubs]

    library: Any = litellm
    for model in ("openai/gpt-5-mini", "gemini/gemini-2.5-flash", "anthropic/claude-sonnet-4-5"):
        facts = facts_of(model)
        assert facts.known
        assert ("image" in facts.hears) == library.supports_vision(model)
        assert ("audio" in facts.hears) == library.supports_audio_input(model)
        assert facts.takes_schemas == library.supports_response_schema(model)


# Structured output ------------------------------------------------------------------------------


class Order(BaseModel):
    item: str
    count: int


def test_a_pydantic_model_is_asked_for_and_read(herd: Herd, server: ModelServer) -> None:
    server.says('```json\n{"item": "chair", "count": 12}\n```')
    add(herd, server, gives=Order)
    run = ask(herd, "gpt", message="12 chairs please")

    assert run.output("s1") == Data({"item": "chair", "count": 12})
    form = server.requests[0]["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == ("Order", True)
    assert form["schema"]["additionalProperties"] is False


def test_several_outputs_and_lists_are_one_json(herd: Herd, server: ModelServer) -> None:
    server.says('{"names": ["Ann", "Peter"], "mood": "calm", "score": 0.5}')
    add(herd, server, gives={"names": list[str], "mood": str, "score": float})
    run = ask(herd, "gpt", message="x")

    names: Any = run.output("s1", "names")
    assert [str(each) for each in names] == ["Ann", "Peter"]
    assert (str(run.output("s1", "mood")), run.output("s1", "score")) == ("calm", Data(0.5))


@pytest.mark.parametrize(
    "bad", ['{"item": "chair"}', "Sure! 12 chairs.", "", '{"item": "chair", "co']
)
def test_what_does_not_keep_to_the_schema_is_asked_again(
    herd: Herd, server: ModelServer, bad: str
) -> None:
    server.says(bad, '{"item": "chair", "count": 12}')
    add(herd, server, gives=Order)
    run = ask(herd, "gpt", message="12 chairs please")

    assert run.output("s1") == Data({"item": "chair", "count": 12})
    assert [attempt.ok for attempt in run.records["s1"].attempts] == [False, True]


def test_a_json_schema_does_as_well(herd: Herd, server: ModelServer) -> None:
    server.says('{"ok": true}')
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    add(herd, server, gives=schema)
    run = ask(herd, "gpt", message="x")

    assert run.output("s1") == Data({"ok": True})
    assert "strict" not in server.requests[0]["response_format"]["json_schema"]  # optional keys


# Tools ------------------------------------------------------------------------------------------


@expert
def plus(a: float, b: float) -> float:
    """Add two numbers."""
    return a + b


@expert
def widen(picture: Image, times: int = 2) -> Image:
    """Make a picture wider."""
    return Image(picture.pil().resize((4 * times, 4)))


def test_a_model_calls_experts_and_gets_their_results(herd: Herd, server: ModelServer) -> None:
    server.says(
        Reply(tools=[("plus", {"a": 12, "b": 30}), ("minus", {}), ("plus", "{nonsense")]),
        "It is 42.",
    )
    add(herd, server, tools=[plus])
    run = ask(herd, "gpt", message="12 plus 30?")

    assert str(run.output("s1")) == "It is 42."
    first, second = server.requests
    assert first["tools"][0]["function"]["parameters"]["required"] == ["a", "b"]
    told = [each["content"] for each in second["messages"] if each["role"] == "tool"]
    assert told[0] == "42.0"
    assert told[1].startswith("Error: there is no tool 'minus'")
    assert told[2].startswith("Error: the arguments are no JSON")


def test_files_go_to_tools_by_name(herd: Herd, server: ModelServer) -> None:
    server.says(
        Reply(tools=[("widen", {"picture": "context", "times": 3})]),
        Reply(tools=[("widen", {"picture": "image_1", "times": 5})]),
        Reply(tools=[("widen", {"picture": "/etc/passwd"})]),
        "Done.",
    )
    add(herd, server, tools=[widen], hears=["image"])
    run = ask(herd, "gpt", message="Make it wider", context=[Image(png())])

    told = [each["content"] for each in server.requests[-1]["messages"] if each["role"] == "tool"]
    assert run.status == "done", run.records["s1"].error
    assert "named 'image_1'" in told[0]
    assert "named 'image_2'" in told[1]
    assert told[2].startswith("Error: '/etc/passwd' is no file here. Expected one of context")


def test_a_model_that_never_stops_calling_is_made_to_answer(
    herd: Herd, server: ModelServer
) -> None:
    server.says(Reply(tools=[("plus", {"a": 1, "b": 1})]))
    add(herd, server, tools=[plus], max_rounds=2)
    run = ask(herd, "gpt", message="loop")

    assert [each["tool_choice"] for each in server.requests] == ["auto", "auto", "none"]
    assert "went on asking for tools" in run.records["s1"].error


def test_tools_are_paid_from_the_same_budget(herd: Herd, server: ModelServer) -> None:
    dear = scripted("dear", script=["x"], repeat=True, cost_usd=0.5)
    server.says(Reply(tools=[("dear", {"text": "a"})]), "done")
    add(herd, server, tools=[dear])
    run = herd.run(one_step(herd, "gpt", "message"), message=Text("x"), budget=Budget(usd=2.0))

    assert run.usd == 0.5
    assert len(dear.calls) == 1


def test_side_effects_of_tools_are_asked_about(herd: Herd, server: ModelServer) -> None:
    add(herd, server, tools=[scripted("send", script=["sent"], approve=True)])

    assert herd.registry.find("gpt").card.approve


def test_a_failed_run_goes_on_in_another_process_that_has_the_model(
    server: ModelServer, tmp_path: Any
) -> None:
    def herd() -> Herd:
        made = Herd(home=tmp_path / "home")
        add(made, server)
        return made

    server.says(refuse(401, "bad key"))
    with herd() as first:
        failed = first.run(one_step(first, "gpt", "message"), message=Text("hello"))
    server.says("now it works")
    with herd() as second:
        done = second.resume(failed.id)
        told = str(done.why("s1"))

    assert (failed.status, done.status) == ("failed", "done")
    assert str(done.output("s1")) == "now it works"
    assert "does not accept the key" in told


# Money ------------------------------------------------------------------------------------------


def test_a_call_costs_what_the_price_map_says(herd: Herd, server: ModelServer) -> None:
    server.says(Reply(text="hi", tokens=(1000, 100)))
    add(herd, server, "openai/gpt-5-mini")
    priced = herd.registry.find("gpt")
    vars(priced)["request"] = _elsewhere(priced)
    run = ask(herd, "gpt", message="hello")

    assert run.usd == pytest.approx(1000 * 2.5e-7 + 100 * 2e-6)


def _elsewhere(priced: Any) -> Any:
    """Pretend that the server on loopback is the provider's own."""
    from dataclasses import replace

    return replace(priced.request, is_local=False, api_key="sk-test")


def test_the_budget_reserves_the_usual_price(herd: Herd) -> None:
    herd.add("litellm:openai/gpt-5-mini", name="gpt", max_tokens=500)
    herd.add("litellm:openai/gpt-5-mini", name="cheap", cost_usd=0.25)

    assert herd.registry.find("gpt").card.cost_usd == pytest.approx(4000 * 2.5e-7 + 500 * 2e-6)
    assert herd.registry.find("cheap").card.cost_usd == 0.25


def test_a_server_on_this_machine_costs_nothing_and_keeps_data_here(
    herd: Herd, server: ModelServer
) -> None:
    add(herd, server, "openai/gpt-5-mini")
    card = herd.registry.find("gpt").card

    assert (card.cost_usd, card.locality) == (0.0, "local")
    assert ask(herd, "gpt", message="hello").usd == 0.0


# Keys -------------------------------------------------------------------------------------------


def test_a_key_is_read_from_the_environment_and_written_nowhere(
    server: ModelServer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    with Herd(home=tmp_path / "home") as herd:
        add(herd, server, api_key="env:MY_KEY")
        run = herd.run(
            one_step(herd, "gpt", "message"), message=Text("x"), record=tmp_path / "a.herdrun"
        )
        told = repr(vars(herd.registry.find("gpt"))) + str(run.why("s1")) + json.dumps(run.dump())

    assert server.keys == ["Bearer sk-very-secret"]
    written = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert b"sk-very-secret" not in written
    assert "sk-very-secret" not in told


def test_a_missing_key_is_named(herd: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("MY_KEY", raising=False)
    herd.add("litellm:openai/gpt-5-mini", name="provider")
    herd.add("litellm:openai/gpt-5-mini", name="mine", api_key="env:MY_KEY")
    records = [ask(herd, each, message="x").records["s1"] for each in ("provider", "mine")]

    assert [each.error_type for each in records] == ["ExpertUnavailable", "ExpertUnavailable"]
    assert "'OPENAI_API_KEY'" in records[0].error
    assert "'MY_KEY'" in records[1].error


# Declaring --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "options", "message"),
    [
        ("litellm:", {}, "names no model"),
        ("litellm:openai/gpt", {"temprature": 1}, "Did you mean 'temperature'"),
        ("litellm:openai/gpt", {"gives": "video"}, "which no chat model gives"),
        ("litellm:openai/gpt", {"prompt": "Say {it}"}, "names 'it', which is no input"),
        ("litellm:openai/gpt", {"hears": "smell"}, "Expected some of image"),
        ("litellm:openai/gpt", {"api_base": "not a url"}, "api_base="),
        ("litellm:openai/text-embedding-3-small", {}, "is a model for embedding"),
        ("litellm:openai/gpt", {"tools": [42]}, "cannot be made an expert"),
        ("litellm:openai/gpt", {"takes": {"a": "smell"}}, "'smell' is no kind of payload"),
    ],
)
def test_what_cannot_be_declared_is_said(
    herd: Herd, reference: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        herd.add(reference, **options)


def test_adding_a_model_imports_no_library() -> None:
    code = (
        "import sys\n"
        "for name in ('langchain_core', 'transformers', 'torch', 'fastmcp', 'mcp', 'a2a'):\n"
        "    sys.modules[name] = None\n"
        "from herd_graph import Herd\n"
        "herd = Herd(checkpoints='memory'); herd.add('litellm:openai/gpt-5-mini')\n"
        "assert 'gpt_5_mini' in herd.registry\n"
        "assert 'litellm' not in sys.modules and 'openai' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


# A real model -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def smollm() -> Iterator[str]:
    """Run SmolLM2 behind llama.cpp's own OpenAI-compatible server."""
    llama: Any = pytest.importorskip("xllamacpp")
    weights = import_module("herd_graph._bundled.tools.needs").model("smollm2-135m")
    if weights.missing():
        pytest.skip(weights.missing())
    settings = llama.CommonParams()
    settings.model.path = str(weights.file(".gguf"))
    settings.n_ctx = 512
    settings.n_parallel = 1
    settings.verbosity = 0
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    server = llama.Server(settings)
    yield f"{server.listening_address}/v1"
    del server


def test_a_real_model_on_this_machine(herd: Herd, smollm: str) -> None:
    class City(BaseModel):
        city: str

    said: dict[str, Any] = {"api_base": smollm, "temperature": 0, "max_tokens": 24}
    herd.add("litellm:openai/smollm2", name="chat", system="You are a helpful assistant.", **said)
    herd.add("litellm:openai/smollm2", name="form", gives=City, **said)
    tokens: list[str] = []
    free = herd.run(
        one_step(herd, "chat", "message"),
        message=Text("What is the capital of France?"),
        on_event=lambda event: (
            tokens.append(str(event.data["text"])) if event.kind == "token" else None
        ),
    )
    held: Any = ask(herd, "form", message="The capital of France is Paris. Which city?").output(
        "s1"
    )

    assert "Paris" in str(free.output("s1"))
    assert len(tokens) > 3
    assert set(held.value) == {"city"}
    assert free.usd == 0.0


def test_a_real_model_says_when_a_text_is_too_long(herd: Herd, smollm: str) -> None:
    herd.add("litellm:openai/smollm2", name="gpt", api_base=smollm, max_tokens=8)
    run = herd.run(with_fallback(herd), message=Text("a long story about otters " * 200))

    assert str(run.output("s1")) == "from the other"
    assert "too long for the model" in run.records["s1"].attempts[0].error

"""One call, made for real: results, refusals, errors and streams."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import pytest
from calls import ask, live, make

from herd_graph.artifacts import Data, Image, Text, load
from herd_graph.cards import Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import (
    ArtifactUnreadable,
    CallError,
    ExpertFailed,
    ExpertTimeout,
    ExpertUnavailable,
    InputUnusable,
    ModelMissing,
    PortViolation,
)
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.store import FolderStore
from herd_graph.testing import scripted
from herd_graph.threads import left_running
from herd_graph.types import JSON, ArtifactRef, Kind, Provenance


@expert
def shout(text: str) -> str:
    """Say it loudly."""
    return text.upper()


@expert
async def add(a: float, b: float = 1.0) -> float:
    """Add two numbers."""
    return a + b


class Parts(NamedTuple):
    words: list[str]
    many: int


@expert
def split(text: Text, by: Literal[" ", ","] = " ") -> Parts:
    """Split a text."""
    words = text.text.split(by)
    return Parts(words, len(words))


# What comes back


def test_a_result_is_kept_with_its_provenance(store: FolderStore) -> None:
    call = ask(shout, store, text="hello")
    result = make(live(store), call)

    ref = result.outputs["result"]
    assert isinstance(ref, ArtifactRef)
    assert ref.inline == "HELLO"
    source = call.inputs["text"]
    assert isinstance(source, ArtifactRef)
    assert ref.provenance == Provenance(
        run="r1", step="s1", expert="shout@1", port="result", sources=(source.id,)
    )


def test_several_outputs_and_lists(store: FolderStore) -> None:
    result = make(live(store), ask(split, store, text="a,b", by=","))

    words, count = result.outputs["words"], result.outputs["many"]
    assert isinstance(words, list)
    assert isinstance(count, ArtifactRef)
    assert ([each.inline for each in words], count.inline) == (["a", "b"], "2")


def test_the_default_of_an_unbound_port_is_the_functions(store: FolderStore) -> None:
    result = make(live(store), ask(add, store, a=2))

    ref = result.outputs["result"]
    assert isinstance(ref, ArtifactRef)
    assert ref.inline == "3.0"


def test_large_text_goes_through_the_store_and_not_over_the_loop(store: FolderStore) -> None:
    text = "word " * 1_000_000
    result = make(live(store), ask(shout, store, text=text))

    ref = result.outputs["result"]
    assert isinstance(ref, ArtifactRef)
    assert ref.inline is None
    assert load(ref, store).bytes() == text.upper().encode()


def test_money_is_what_was_reported_else_what_the_card_says(store: FolderStore) -> None:
    @expert(cost_usd=0.5)
    def silent(text: str) -> str:
        """Cost something."""
        return text

    @expert(cost_usd=0.5)
    def honest(text: str, ctx: ExpertContext) -> str:
        """Cost something, and say so."""
        ctx.spend(0.125, tokens=7)
        return text

    @expert
    def spends_and_fails(text: str, ctx: ExpertContext) -> str:
        """Cost something for nothing."""
        ctx.spend(0.25)
        raise RuntimeError("too bad")

    caller = live(store)
    assert make(caller, ask(silent, store, text="x")).usd == 0.5
    result = make(caller, ask(honest, store, text="x"))
    assert (result.usd, result.usage) == (0.125, {"tokens": 7})
    with pytest.raises(ExpertFailed) as caught:
        make(caller, ask(spends_and_fails, store, text="x"))
    assert caught.value.usd == 0.25


# What is refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "'add@1' got no input 'a'"),
        ({"a": 1, "c": 2}, "'add@1' has no input 'c'.*'a', 'b'"),
        ({"a": [1, 2]}, "'a' of expert 'add@1' got a list of 2.*foreach"),
        ({"a": "seven"}, "Expert 'add@1': 'a' is 'seven'"),
        ({"a": {"x": 1}}, "Expert 'add@1': 'a' is {'x': 1}"),
    ],
)
def test_bad_inputs(store: FolderStore, given: dict[str, Any], message: str) -> None:
    with pytest.raises(PortViolation, match=message) as caught:
        make(live(store), ask(add, store, **given))
    assert not caught.value.retryable


def test_a_payload_of_the_wrong_kind(store: FolderStore) -> None:
    picture = Image(b"\x89PNG\r\n\x1a\n", mime="image/png")
    with pytest.raises(
        PortViolation, match=r"'text' of expert 'shout@1' got image\. Expected Text"
    ):
        make(live(store), ask(shout, store, text=picture))


class Raw(Expert):
    """Gives what it is told to, as adapters of foreign things may."""

    def __init__(self, gives: Any, *ports: Port, takes: tuple[Port, ...] = ()) -> None:
        from herd_graph.cards import ExpertCard

        super().__init__(ExpertCard(name="raw", description="Give.", inputs=takes, outputs=ports))
        self.gives = gives

    async def invoke(self, inputs: Any, context: Any) -> Any:
        del context
        return self.gives(inputs) if callable(self.gives) else self.gives


NUMBER = Port(name="n", kind=Kind.DATA, json_schema={"type": "integer", "minimum": 0})
PNG = Port(name="picture", kind=Kind.IMAGE, mime=("image/png",))


@pytest.mark.parametrize(
    ("gives", "port", "message"),
    [
        ("text", NUMBER, "'raw@1' gave str. Expected a dict"),
        ({"m": Data(1)}, NUMBER, "gave an output 'm'.*'n'"),
        ({}, NUMBER, "gave no output 'n'"),
        ({"n": 1}, NUMBER, "'n' of expert 'raw@1' is int"),
        ({"n": Data(-1)}, NUMBER, "schema: -1 is less than the minimum of 0"),
        ({"n": Data("1")}, NUMBER, "'1' is not of type 'integer'"),
        ({"n": [Data(1)]}, NUMBER, "is a list of 1. Expected Data"),
        ({"n": Data(1)}, NUMBER.model_copy(update={"many": True}), "Expected list"),
        ({"picture": Text("x")}, PNG, "is text. Expected Image"),
        ({"picture": Image(b"GIF8", mime="image/gif")}, PNG, "is 'image/gif'. Expected image/png"),
        ({"picture": Image("/not/there.png")}, PNG, "not there: '/not/there.png'"),
    ],
)
def test_bad_outputs(store: FolderStore, gives: Any, port: Port, message: str) -> None:
    with pytest.raises(PortViolation, match=message) as caught:
        make(live(store), ask(Raw(gives, port), store))
    assert caught.value.about_input


def test_a_schema_that_points_into_the_network_is_an_error_and_not_a_download(
    store: FolderStore,
) -> None:
    port = Port(name="n", kind=Kind.DATA, json_schema={"$ref": "https://example.org/schema.json"})
    with pytest.raises(PortViolation, match="schema itself cannot be used"):
        make(live(store), ask(Raw({"n": Data(1)}, port), store))


def test_the_inputs_of_adapters_are_held_to_their_schema_and_converted(store: FolderStore) -> None:
    number = Port(name="n", kind=Kind.DATA, json_schema={"type": "integer"})
    numbers = number.model_copy(update={"name": "ns", "many": True, "required": False})
    text = Port(name="t", kind=Kind.TEXT, required=False)
    seen: list[Any] = []

    def gives(inputs: dict[str, Any]) -> dict[str, Any]:
        seen.append(inputs)
        return {"n": Data(1)}

    raw = Raw(gives, NUMBER, takes=(number, numbers, text))
    make(live(store), ask(raw, store, n=1, ns=[1, 2], t=3.5))
    make(live(store), ask(raw, store, n=1, ns=Data([4, 5])))
    with pytest.raises(PortViolation, match=r"'n' of expert 'raw@1'.*'x' is not of type 'integer'"):
        make(live(store), ask(raw, store, n=Data("x")))
    with pytest.raises(PortViolation, match=r"'ns' of expert 'raw@1'.*'y' is not of type"):
        make(live(store), ask(raw, store, n=1, ns=Data([1, "y"])))

    assert [each.value for each in seen[0]["ns"]] == [1, 2]
    assert seen[0]["t"].text == "3.5"
    assert [each.value for each in seen[1]["ns"]] == [4, 5]


# What an expert raises


@pytest.mark.parametrize(
    ("raised", "kind", "retryable", "message"),
    [
        (RuntimeError("no disk"), ExpertFailed, True, "'e@1' raised RuntimeError: no disk. "),
        (KeyError("x"), ExpertFailed, True, "raised KeyError: 'x'"),
        (ImportError("no av"), ExpertFailed, False, "raised ImportError: no av"),
        (SystemExit(3), ExpertFailed, True, "SystemExit: 3"),
        (KeyboardInterrupt("mine"), ExpertFailed, True, "KeyboardInterrupt: mine"),
        (StopIteration("end"), ExpertFailed, True, "StopIteration"),
        (GeneratorExit("end"), ExpertFailed, True, "GeneratorExit"),
        (asyncio.CancelledError(), ExpertFailed, True, "CancelledError"),
        (ArtifactUnreadable("'x' is empty."), InputUnusable, False, "'e@1': 'x' is empty."),
        (ModelMissing("'tiny' is gone."), ExpertUnavailable, False, "'e@1': 'tiny' is gone."),
        (PortViolation("'a' is 3."), PortViolation, False, "'e@1': 'a' is 3."),
        (ExpertUnavailable("closed today"), ExpertUnavailable, False, "closed today"),
    ],
)
@pytest.mark.parametrize("how", ["sync", "async"])
def test_whatever_it_raises_is_a_call_error(
    store: FolderStore,
    raised: BaseException,
    kind: type[CallError],
    retryable: bool,
    message: str,
    how: str,
) -> None:
    if how == "async" and isinstance(raised, KeyboardInterrupt):
        pytest.skip("on the main thread's loop that is a person's Ctrl-C")

    @expert(name="e")
    def in_a_thread(text: str) -> str:
        """Raise."""
        raise raised

    @expert(name="e")
    async def on_the_loop(text: str) -> str:
        """Raise."""
        raise raised

    target = in_a_thread if how == "sync" else on_the_loop
    with pytest.raises(CallError) as caught:
        make(live(store), ask(target, store, text="x"))

    assert (kind, retryable) == (type(caught.value), caught.value.retryable)
    assert message in str(caught.value)


def test_the_place_in_the_experts_code_is_noted(store: FolderStore) -> None:
    @expert
    def divides(a: float) -> float:
        """Divide by nothing."""
        return a / 0

    with pytest.raises(ExpertFailed, match="ZeroDivisionError") as caught:
        make(live(store), ask(divides, store, a=1))

    (note,) = caught.value.__notes__
    assert "return a / 0" in note
    assert "herd_graph" not in note


def test_an_endless_or_broken_message_does_no_harm(store: FolderStore) -> None:
    class Nasty(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    target = scripted("e", script=[RuntimeError("x" * 1_000_000), Nasty()])
    with pytest.raises(ExpertFailed) as caught:
        make(live(store), ask(target, store, text="x"))
    assert len(str(caught.value)) < 3000
    with pytest.raises(ExpertFailed, match="cannot be shown"):
        make(live(store), ask(target, store, text="x"))


# Streams


def test_events_arrive_on_the_callers_loop_in_order_and_not_after_the_end(
    store: FolderStore,
) -> None:
    go_on = threading.Event()

    @expert
    def counts(text: str) -> Iterator[str]:
        """Count."""
        for n in range(50):
            yield f"{n} "

    @expert(timeout_s=1.5)
    def late(text: str, ctx: ExpertContext) -> str:
        """Talk after the end."""
        ctx.progress(0.1)
        go_on.wait(120)
        ctx.token("too late")
        return text

    seen: list[tuple[str, JSON, bool]] = []
    loop_thread = threading.get_ident()

    def emit(kind: str, data: dict[str, JSON]) -> None:
        seen.append((kind, data.get("text"), threading.get_ident() == loop_thread))

    async def main() -> None:
        caller = live(store)
        await caller.call(replace(ask(counts, store, text="x"), emit=emit))
        with pytest.raises(ExpertTimeout):
            await caller.call(replace(ask(late, store, text="x"), emit=emit))
        go_on.set()
        while "late@1" in left_running():  # noqa: ASYNC110 - a thread sets no event of ours
            await asyncio.sleep(0.005)

    asyncio.run(main())

    assert seen == [("token", f"{n} ", True) for n in range(50)] + [("progress", None, True)]


def test_a_listener_that_raises_does_not_fail_the_call(store: FolderStore) -> None:
    @expert
    async def speaks(text: str) -> AsyncIterator[str]:
        """Speak."""
        yield text

    def emit(kind: str, data: dict[str, JSON]) -> None:
        raise RuntimeError("the screen is gone")

    call = replace(ask(speaks, store, text="x"), emit=emit)
    ref = make(live(store), call).outputs["result"]
    assert isinstance(ref, ArtifactRef)
    assert ref.inline == "x"


def test_the_context_tells_about_the_call(store: FolderStore) -> None:
    target = scripted("e", script=["x"])

    async def main() -> None:
        now = asyncio.get_running_loop().time()
        call = ask(target, store, text="x")
        call = replace(call, idempotency_key="k", attempt=2, usd_left=0.5, deadline=now + 60)
        await live(store).call(call)

    asyncio.run(main())

    (call,) = target.calls
    context = call.context
    assert (
        context.run,
        context.step,
        context.attempt,
        context.idempotency_key,
        context.usd_left,
    ) == ("r1", "s1", 2, "k", 0.5)
    assert context.deadline is not None
    assert 0 < context.deadline - time.monotonic() < 60.1

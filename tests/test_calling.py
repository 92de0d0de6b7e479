"""One call, made for real: limits, errors, streams, batches, threads and event loops."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph import bounded
from herd_graph.artifacts import Data, Image, Text, load
from herd_graph.breakers import Breakers
from herd_graph.calling import Call, CallResult, Live
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
from herd_graph.experts import Expert, expert
from herd_graph.residency import Residency
from herd_graph.store import FolderStore, MemoryStore
from herd_graph.testing import After, echo, run_virtual, scripted
from herd_graph.threads import left_running
from herd_graph.types import JSON, ArtifactRef, Kind, Provenance, RunId, StepId


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def live(store: FolderStore | MemoryStore, **parts: Any) -> Live:
    return Live(store, **parts)


def ask(target: Expert, store: FolderStore | MemoryStore, /, **given: Any) -> Call:
    inputs: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):
            inputs[name] = [_ref(each, store) for each in cast("list[Any]", value)]
        else:
            inputs[name] = _ref(value, store)
    return Call(expert=target, inputs=inputs, run=RunId("r1"), step=StepId("s1"))


def _ref(value: Any, store: FolderStore | MemoryStore) -> ArtifactRef:
    if isinstance(value, ArtifactRef):
        return value
    if isinstance(value, str):
        return Text(value).put(store)
    return value.put(store) if hasattr(value, "put") else Data(value).put(store)


def make(caller: Live, call: Call) -> CallResult:
    return asyncio.run(caller.call(call))


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


# Time


def test_a_call_that_takes_too_long(store: FolderStore) -> None:
    target = scripted("slow", script=[After(inf)], repeat=True, timeout_s=5)
    caller = live(store)

    async def main() -> tuple[float, float]:
        clock = asyncio.get_running_loop().time
        with pytest.raises(ExpertTimeout, match=r"'slow@1' gave no result within 5 s.*cancelled"):
            await caller.call(ask(target, store, text="x"))
        first = clock()
        call = ask(target, store, text="x")
        with pytest.raises(ExpertTimeout, match="within 2 s"):
            await caller.call(replace(call, timeout_s=2))
        return first, clock() - first

    taken, _ = run_virtual(main())

    assert taken == (5.0, 2.0)
    assert (target.cancelled, target.running) == (2, 0)


def test_the_deadline_bounds_queueing_too(store: FolderStore) -> None:
    target = scripted("slow", script=[After(100.0, "x")], repeat=True, concurrency=1)
    caller = live(store)

    async def main() -> list[BaseException | CallResult]:
        calls = [replace(ask(target, store, text="x"), deadline=150.0)] * 3
        results = await asyncio.gather(*map(caller.call, calls), return_exceptions=True)
        with pytest.raises(ExpertTimeout, match="time is over"):
            await caller.call(calls[0])
        return results

    (first, *others), seconds = run_virtual(main())

    assert isinstance(first, CallResult)
    assert [ExpertTimeout] * 2 == [type(each) for each in others]
    assert not any(each.retryable for each in others if isinstance(each, ExpertTimeout))
    assert seconds == 150.0
    assert len(target.calls) == 2
    assert caller.breakers.states() == []  # the run's time was over: no fault of the expert


def test_time_in_the_queue_is_not_the_experts_time(store: FolderStore) -> None:
    target = scripted("slow", script=[After(4.0, "x")], repeat=True, concurrency=2, timeout_s=5)
    caller = live(store)

    async def main() -> None:
        await asyncio.gather(*(caller.call(ask(target, store, text="x")) for _ in range(200)))

    _, seconds = run_virtual(main())

    assert round(seconds, 3) == 400.0
    assert target.most_at_once == 2


def test_an_expert_that_swallows_its_cancellation_is_left_behind(store: FolderStore) -> None:
    release = threading.Event()

    @expert(timeout_s=1)
    async def stubborn(text: str) -> str:
        """Never listen."""
        while not release.is_set():
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                continue
        return text

    caller = live(store)

    async def main() -> list[str]:
        with pytest.raises(ExpertTimeout, match="swallows its cancellation"):
            await caller.call(ask(stubborn, store, text="x"))
        left = bounded.left_running()
        release.set()
        await asyncio.sleep(20)
        return left

    assert "stubborn@1" in run_virtual(main())[0]
    assert "stubborn@1" not in bounded.left_running()


def test_a_hanging_thread_is_reported(store: FolderStore) -> None:
    release = threading.Event()

    @expert(timeout_s=0.05)
    def hangs(text: str) -> str:
        """Hang."""
        release.wait(60)
        return text

    try:
        with pytest.raises(ExpertTimeout, match=r"thread, which cannot be killed.*isolate="):
            make(live(store), ask(hangs, store, text="x"))
        assert "hangs@1" in left_running()
    finally:
        release.set()


def test_cancelling_leaves_nothing_running_but_threads(store: FolderStore) -> None:
    slow = scripted("slow", script=[After(inf)], repeat=True, concurrency=3)
    caller = live(store)

    async def main() -> None:
        calls = [asyncio.create_task(caller.call(ask(slow, store, text="x"))) for _ in range(20)]
        await asyncio.sleep(1)
        for each in calls:
            each.cancel()
        done, _ = await asyncio.wait(calls)
        assert all(each.cancelled() for each in done)
        assert slow.running == 0
        assert caller._turnstile(slow).inside == 0

    run_virtual(main())  # fails when a task is left


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

    @expert(timeout_s=0.05)
    def late(text: str, ctx: ExpertContext) -> str:
        """Talk after the end."""
        ctx.progress(0.1)
        go_on.wait(30)
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
    assert 55 < context.deadline - time.monotonic() < 60.1


# Breakers


def test_an_expert_that_is_down_is_left_alone_and_comes_back(store: FolderStore) -> None:
    now = 0.0
    breakers = Breakers(failures=3, cool_down_s=30, clock=lambda: now)
    target = scripted("e", script=[OSError("down")] * 4 + ["up"])
    caller = live(store, breakers=breakers)

    async def outcome() -> str:
        try:
            await caller.call(ask(target, store, text="x"))
        except CallError as error:
            return type(error).__name__
        return "fine"

    async def main() -> list[str]:
        nonlocal now
        seen = [await outcome() for _ in range(5)]
        now = 31
        seen += [await outcome(), await outcome()]
        now = 100
        return [*seen, await outcome()]

    seen, _ = run_virtual(main())

    down, refused = "ExpertFailed", "ExpertUnavailable"
    assert seen == [down, down, down, refused, refused, down, refused, "fine"]
    assert breakers.states() == []


def test_bad_inputs_say_nothing_of_the_experts_health(store: FolderStore) -> None:
    target = scripted("e", script=[ValueError("not a date")] * 20)
    caller = live(store, breakers=Breakers(failures=2))

    async def main() -> None:
        for _ in range(20):
            with pytest.raises(ExpertFailed):
                await caller.call(ask(target, store, text="x"))

    run_virtual(main())

    assert caller.breakers.states() == []


def test_a_queue_in_front_of_an_expert_that_is_down_is_refused(store: FolderStore) -> None:
    target = scripted("e", script=[OSError("down")], repeat=True, concurrency=1)
    caller = live(store, breakers=Breakers(failures=3))

    async def main() -> None:
        calls = (caller.call(ask(target, store, text="x")) for _ in range(100))
        await asyncio.gather(*calls, return_exceptions=True)

    run_virtual(main())

    assert len(target.calls) == 3


# Loading


def test_a_model_that_cannot_be_loaded(store: FolderStore) -> None:
    class Loads:
        """Load."""

        def load(self) -> None:
            raise OSError("weights.bin is truncated")

        def __call__(self, text: str) -> str:
            return text

    target = expert(Loads)
    with pytest.raises(
        ExpertUnavailable, match=r"'loads@1' could not be loaded: OSError: weights\.bin"
    ):
        make(live(store), ask(target, store, text="x"))


def test_a_model_is_loaded_once_for_many_calls_and_closed_with_the_caller(
    store: FolderStore,
) -> None:
    log: list[str] = []

    @expert(concurrency=4)
    class Counts:
        """Count."""

        def load(self) -> None:
            log.append("load")

        def close(self) -> None:
            log.append("close")

        def __call__(self, text: str) -> str:
            return text

    async def main() -> None:
        caller = live(store)
        calls = (caller.call(ask(Counts, store, text=str(n))) for n in range(50))
        await asyncio.gather(*calls)
        await caller.close()

    asyncio.run(main())

    assert log == ["load", "close"]


def test_two_event_loops_share_one_model_and_its_limit(store: FolderStore) -> None:
    state = {"loads": 0, "inside": 0, "most": 0}
    lock = threading.Lock()

    @expert(memory="1 MiB")
    class Shared:
        """Serve one at a time."""

        def load(self) -> None:
            state["loads"] += 1

        def __call__(self, text: str) -> str:
            with lock:
                state["inside"] += 1
                state["most"] = max(state["most"], state["inside"])
            time.sleep(0.0005)
            with lock:
                state["inside"] -= 1
            return text

    caller = live(store, residency=Residency(memory=1 << 21))
    served: list[CallResult] = []

    async def crowd() -> None:
        calls = (caller.call(ask(Shared, store, text=f"{n}")) for n in range(50))
        served.extend(await asyncio.gather(*calls))

    threads = [threading.Thread(target=lambda: asyncio.run(crowd())) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)

    assert len(served) == 150
    assert state == {"loads": 1, "inside": 0, "most": 1}


# Batches


class Embeds:
    """Embed texts."""

    batch_size = 4
    seen: list[int] = []  # noqa: RUF012 - shared on purpose
    alone: list[str] = []  # noqa: RUF012

    def __call__(self, text: str) -> int:
        self.alone.append(text)
        if text == "bad":
            raise RuntimeError("cannot embed 'bad'")
        return len(text)

    def batch(self, calls: list[dict[str, Any]]) -> list[Any]:
        texts = [each["text"] for each in calls]
        self.seen.append(len(texts))
        if "bad" in texts:
            raise RuntimeError("one of them is bad")
        return [ValueError("odd one") if text == "odd" else len(text) for text in texts]


def batched(store: FolderStore, texts: list[str]) -> tuple[type[Embeds], list[Any]]:
    class Fresh(Embeds):
        """Embed texts."""

        seen: list[int] = []  # noqa: RUF012
        alone: list[str] = []  # noqa: RUF012

    target = expert(Fresh)
    caller = live(store)

    async def main() -> list[Any]:
        calls = (caller.call(ask(target, store, text=text)) for text in texts)
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes, _ = run_virtual(main())
    shown = [
        each if isinstance(each, BaseException) else each.outputs["result"].inline
        for each in outcomes
    ]
    return Fresh, shown


def test_concurrent_calls_are_served_in_batches(store: FolderStore) -> None:
    kind, outcomes = batched(store, ["x" * n for n in range(1, 11)])

    assert outcomes == [str(n) for n in range(1, 11)]
    assert kind.seen == [4, 4, 2]
    assert kind.alone == []


def test_a_batch_that_raises_falls_back_to_single_calls(store: FolderStore) -> None:
    kind, outcomes = batched(store, ["a", "bad", "ccc"])

    assert [outcomes[0], outcomes[2]] == ["1", "3"]
    assert isinstance(outcomes[1], ExpertFailed)
    assert "cannot embed 'bad'" in str(outcomes[1])
    assert sorted(kind.alone) == ["a", "bad", "ccc"]


def test_an_item_may_fail_inside_a_batch(store: FolderStore) -> None:
    kind, outcomes = batched(store, ["a", "odd"])

    assert outcomes[0] == "1"
    assert isinstance(outcomes[1], ExpertFailed)
    assert "odd one" in str(outcomes[1])
    assert kind.alone == []


def test_cancelling_one_call_of_a_batch_leaves_the_others(store: FolderStore) -> None:
    started = asyncio.Event()

    class Slow:
        """Take a while."""

        cancelled = 0

        async def __call__(self, text: str) -> str:
            return text

        async def batch(self, calls: list[dict[str, Any]]) -> list[str]:
            started.set()
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                Slow.cancelled += 1
                raise
            return [each["text"] for each in calls]

    target = expert(Slow)
    caller = live(store)

    async def main() -> None:
        calls = [asyncio.create_task(caller.call(ask(target, store, text=t))) for t in "abc"]
        await started.wait()
        calls[0].cancel()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert all(isinstance(each, CallResult) for each in done[1:])
        assert Slow.cancelled == 0

        started.clear()
        calls = [asyncio.create_task(caller.call(ask(target, store, text=t))) for t in "abc"]
        await started.wait()
        for each in calls:
            each.cancel()
        await asyncio.wait(calls)
        await asyncio.sleep(1)
        assert Slow.cancelled == 1

    run_virtual(main())


def test_a_batch_that_hangs_times_out(store: FolderStore) -> None:
    class Hangs:
        """Hang."""

        async def __call__(self, text: str) -> str:
            return text

        async def batch(self, calls: list[dict[str, Any]]) -> list[str]:
            await asyncio.sleep(inf)
            return []

    target = expert(timeout_s=3)(Hangs)
    caller = live(store)

    async def main() -> None:
        calls = (caller.call(ask(target, store, text=t)) for t in "ab")
        for each in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(each, ExpertTimeout)

    _, seconds = run_virtual(main())

    assert round(seconds, 3) == 3.005


# The whole of it

Attempted = tuple[int, float, float, float | None]
"""Which expert, from when, how long it takes, cancelled after (None: never)."""


class Chaos:
    """Hold a model; do what the text says."""

    inside = 0
    most = 0
    loaded = 0

    async def load(self) -> None:
        await asyncio.sleep(2)
        Chaos.loaded += 1

    async def close(self) -> None:
        await asyncio.sleep(1)
        Chaos.loaded -= 1

    async def __call__(self, text: str) -> str:
        Chaos.inside += 1
        Chaos.most = max(Chaos.most, Chaos.inside)
        try:
            await asyncio.sleep(float(text))
            if text == "3.0":
                raise OSError("down")
            if text == "4.0":
                sys.exit(1)
        finally:
            Chaos.inside -= 1
        return text


@given(
    calls=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 20).map(float),
            st.integers(0, 9).map(float),
            st.none() | st.integers(0, 12).map(lambda n: n + 0.25),
        ),
        max_size=25,
    ),
    memory=st.sampled_from([10, 20, None]),
)
def test_whatever_happens_nothing_is_lost(calls: list[Attempted], memory: int | None) -> None:
    store = MemoryStore()
    experts = [
        expert(name=f"chaos{n}", memory=10, concurrency=2, timeout_s=7)(Chaos) for n in range(3)
    ]
    Chaos.inside = Chaos.most = Chaos.loaded = 0
    caller = live(store, residency=Residency(memory), breakers=Breakers(failures=2))

    async def one(which: int, at: float, takes: float, cancelled: float | None) -> str:
        await asyncio.sleep(at)
        try:
            async with asyncio.timeout(cancelled):
                result = await caller.call(ask(experts[which], store, text=str(takes)))
        except TimeoutError:
            return "cancelled"
        except CallError as error:
            return type(error).__name__
        ref = result.outputs["result"]
        assert isinstance(ref, ArtifactRef)
        assert ref.inline == str(takes)
        return "done"

    async def main() -> list[str]:
        outcomes = await asyncio.gather(*(one(*each) for each in calls))
        assert all(each.users == 0 for each in caller.residency.loaded())
        await caller.close()
        return outcomes

    outcomes, _ = run_virtual(main())  # fails when a task is left, or everything waits

    assert (Chaos.inside, Chaos.loaded) == (0, 0)
    assert Chaos.most <= 2 * (3 if memory is None else memory // 10)
    assert all(caller._turnstile(each).inside == 0 for each in experts)
    for outcome, (_, _, takes, cancelled) in zip(outcomes, calls, strict=True):
        if cancelled is None and outcome == "done":
            assert takes not in {3.0, 4.0, 8.0, 9.0}


def test_two_hundred_calls_at_once(store: FolderStore) -> None:
    caller = live(store)
    other = echo("echo", delay=0.01)

    async def main() -> list[CallResult]:
        calls = [ask(shout, store, text=f"t{n}") for n in range(200)]
        calls += [ask(other, store, text=f"t{n}") for n in range(200)]
        return await asyncio.gather(*map(caller.call, calls))

    results = asyncio.run(main())

    refs = [each.outputs["result"] for each in results]
    texts = [each.inline for each in refs if isinstance(each, ArtifactRef)]
    assert texts == [f"T{n}" for n in range(200)] + [f"t{n}" for n in range(200)]
    assert {"shout@1", "echo@1"}.isdisjoint(left_running())


def test_a_hanging_thread_does_not_keep_the_process_from_ending(tmp_path: Path) -> None:
    import subprocess

    script = tmp_path / "hangs.py"
    script.write_text(
        "import asyncio, time\n"
        "from herd_graph.artifacts import Text\n"
        "from herd_graph.calling import Call, Live\n"
        "from herd_graph.errors import ExpertTimeout\n"
        "from herd_graph.experts import expert\n"
        "from herd_graph.store import MemoryStore\n"
        "@expert(timeout_s=0.1)\n"
        "def hangs(text: str) -> str:\n"
        "    'Hang.'\n"
        "    time.sleep(3600)\n"
        "    return text\n"
        "store = MemoryStore()\n"
        "call = Call(expert=hangs, inputs={'text': Text('x').put(store)})\n"
        "try:\n"
        "    asyncio.run(Live(store).call(call))\n"
        "except ExpertTimeout:\n"
        "    print('timed out')\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.stdout, ended.returncode) == ("timed out\n", 0), ended.stderr


def test_the_store_is_read_and_written_in_threads(tmp_path: Path) -> None:
    here = threading.get_ident()
    on_the_loop: list[tuple[str, int]] = []

    class Watched(FolderStore):
        def put(self, content: bytes) -> str:
            if threading.get_ident() == here:
                on_the_loop.append(("put", len(content)))
            return super().put(content)

        def get(self, key: str) -> bytes:
            content = super().get(key)
            if threading.get_ident() == here:
                on_the_loop.append(("get", len(content)))
            return content

    @expert
    async def doubles(text: str) -> str:
        """Say it twice."""
        return text + text

    store = Watched(tmp_path)
    small, large = (Text("x" * size).put(store) for size in (1000, 2_000_000))
    on_the_loop.clear()
    caller = live(store)
    make(caller, ask(doubles, store, text=small))
    make(caller, ask(doubles, store, text=large))

    assert on_the_loop == []
    assert store.holds(Text("x" * 2000).id)
    assert store.holds(Text("x" * 4_000_000).id)

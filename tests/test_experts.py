"""Experts made of functions and classes: declared, called, loaded, streamed, batched."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import pytest

from herd_graph.artifacts import Data, Text
from herd_graph.errors import DeclarationError, PortViolation
from herd_graph.experts import Expert, ExpertContext
from herd_graph.function_experts import FunctionExpert, expert
from herd_graph.types import JSON


def ask(asked: Expert, context: ExpertContext | None = None, **inputs: Any) -> dict[str, Any]:
    return asyncio.run(asked.invoke(inputs, context or ExpertContext()))


@expert
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


def test_a_function_is_an_expert_and_still_a_function() -> None:
    assert isinstance(shout, FunctionExpert)
    assert shout("hey") == "HEY"
    assert shout.card.id == "shout@1"
    assert shout.card.description == "Say it louder."
    assert repr(shout) == "<Expert shout@1: shout(text: Text) -> Text>"
    assert ask(shout, text=Text("hey")) == {"result": Text("HEY")}


def test_arguments_become_the_card() -> None:
    @expert(
        name="other",
        version="2.1",
        description="Do otherwise.",
        tags=["a"],
        examples=["do it"],
        memory="3 MiB",
        memory_limit="1 GiB",
        isolate="process",
        locality="remote",
        licence="MIT",
        approve=True,
        deterministic=False,
    )
    def something(text: Text) -> Text:
        return text

    card = something.card

    assert (card.id, card.description, card.tags) == ("other@2.1", "Do otherwise.", ("a",))
    assert (card.memory_bytes, card.memory_limit_bytes) == (3 << 20, 1 << 30)
    assert (card.isolate, card.locality, card.licence) == ("process", "remote", "MIT")
    assert (card.approve, card.deterministic, card.concurrency, card.loads) == (
        True,
        False,
        None,
        False,
    )


def test_what_is_not_stated_is_shown_as_such() -> None:
    assert shout.card.licence == "not stated"


def test_a_description_is_needed() -> None:
    def bare(text: Text) -> Text:
        return text

    with pytest.raises(DeclarationError, match=r"'bare' has no description.*docstring"):
        expert(bare)


def test_sync_work_leaves_the_loop_free() -> None:
    seen: list[str] = []

    @expert
    def where(text: str) -> str:
        """Say which thread."""
        seen.append(threading.current_thread().name)
        return text

    ask(where, text=Text("x"))

    assert seen == ["herd-where@1"]


def test_async_work_stays_on_the_loop() -> None:
    @expert
    async def where(text: str) -> str:
        """Say which thread."""
        await asyncio.sleep(0)
        return threading.current_thread().name

    assert ask(where, text=Text("x")) == {"result": Text(threading.current_thread().name)}


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_streams_are_heard_and_joined(mode: Literal["sync", "async"]) -> None:
    heard: list[dict[str, JSON]] = []

    @expert
    def pieces(text: str) -> Iterator[str]:
        """Spell it."""
        yield from text

    @expert(name="pieces")
    async def later(text: str) -> AsyncIterator[str]:
        """Spell it."""
        for each in text:
            await asyncio.sleep(0)
            yield each

    streamed = pieces if mode == "sync" else later
    context = ExpertContext(on_event=lambda kind, data: heard.append({"kind": kind, **data}))

    assert streamed.card.streams
    assert ask(streamed, context, text=Text("abc")) == {"result": Text("abc")}
    assert heard == [{"kind": "token", "text": each} for each in "abc"]


def test_a_stream_of_something_else_gives_its_last_piece() -> None:
    @expert
    def counted(text: str) -> Iterator[int]:
        """Count."""
        yield from range(len(text))

    assert ask(counted, text=Text("abcd")) == {"result": Data(3)}


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_empty_stream_of_data_is_a_violation(mode: str) -> None:
    @expert
    def nothing(text: str) -> Iterator[int]:
        """Give nothing."""
        yield from ()

    @expert(name="nothing")
    async def later(text: str) -> AsyncIterator[int]:
        """Give nothing."""
        for each in ():
            yield each

    with pytest.raises(PortViolation):
        ask(nothing if mode == "sync" else later, text=Text("x"))


def test_the_context_arrives_and_defaults_stay() -> None:
    @expert
    def cost(text: str, times: int = 3, ctx: ExpertContext | None = None) -> float:
        """Spend."""
        assert ctx is not None
        ctx.spend(0.25, tokens=times)
        ctx.progress(0.5, "half")
        return ctx.attempt

    context = ExpertContext(attempt=2)

    assert ask(cost, context, text=Text("x")) == {"result": Data(2.0)}
    assert (context.spent_usd, context.usage) == (0.25, {"tokens": 3})
    assert [port.name for port in cost.card.inputs] == ["text", "times"]


def test_deadlines_count_down_to_nothing() -> None:
    assert ExpertContext().seconds_left is None
    assert ExpertContext(deadline=0.0).seconds_left == 0.0


def test_what_the_function_raises_comes_through() -> None:
    @expert
    def broken(text: str) -> str:
        """Break."""
        raise KeyError(text)

    @expert
    def stops(text: str) -> str:
        """Break oddly."""
        raise StopIteration

    with pytest.raises(KeyError):
        ask(broken, text=Text("x"))
    with pytest.raises(RuntimeError, match="StopIteration"):
        ask(stops, text=Text("x"))


def test_a_wrong_result_is_a_violation() -> None:
    @expert
    def liar(text: str) -> float:
        """Promise a number."""
        return text  # pyright: ignore[reportReturnType]

    with pytest.raises(PortViolation, match=r"'result' is 'x'.*Data\[number\]"):
        ask(liar, text=Text("x"))


class Model:
    """Count what happens to a model."""

    log: list[str]

    def __init__(self) -> None:
        self.log = ["made"]

    def load(self) -> None:
        self.log.append("loaded")

    def close(self) -> None:
        self.log.append("closed")

    def __call__(self, text: str) -> str:
        self.log.append(text)
        return ",".join(self.log)

    def batch(self, calls: list[dict[str, Any]]) -> list[Any]:
        return [
            ValueError(each["text"]) if each["text"] == "bad" else each["text"] * 2
            for each in calls
        ]


def test_a_class_is_made_and_loaded_once_and_closed() -> None:
    model = expert(Model)

    async def life() -> list[str]:
        said = [
            str((await model.invoke({"text": Text(t)}, ExpertContext()))["result"]) for t in "ab"
        ]
        instance: Model = model._instance
        await model.close()
        await model.close()
        assert instance.log[-1] == "closed"
        said.append(str((await model.invoke({"text": Text("c")}, ExpertContext()))["result"]))
        return said

    assert asyncio.run(life()) == ["made,loaded,a", "made,loaded,a,b", "made,loaded,c"]
    assert model.card.name == "model"
    assert (model.card.loads, model.card.concurrency) == (True, 1)


def test_concurrent_first_calls_load_once() -> None:
    made: list[int] = []

    @expert(concurrency=8)
    class Slow:
        """Load slowly."""

        def __init__(self) -> None:
            made.append(1)

        def __call__(self, text: str) -> str:
            return text

    async def rush() -> None:
        await asyncio.gather(*(Slow.invoke({"text": Text("x")}, ExpertContext()) for _ in range(8)))

    asyncio.run(rush())

    assert made == [1]


def test_names_of_classes_become_snake_case() -> None:
    @expert
    class ReadText:
        """Read."""

        def __call__(self, text: str) -> str:
            return text

    @expert
    class OCRReader:
        """Read."""

        def __call__(self, text: str) -> str:
            return text

    assert [each.card.name for each in (ReadText, OCRReader)] == ["read_text", "ocr_reader"]


def test_batches_come_back_in_order_with_their_errors() -> None:
    model = expert(Model)
    calls = [({"text": Text(each)}, ExpertContext()) for each in ("a", "bad", "c")]

    results = asyncio.run(model.invoke_batch(calls))  # pyright: ignore[reportArgumentType]

    assert model.batches
    assert results[0] == {"result": Text("aa")}
    assert isinstance(results[1], ValueError)
    assert results[2] == {"result": Text("cc")}


def test_one_wrong_call_of_a_batch_fails_alone() -> None:
    @expert
    class Double:
        """Double numbers."""

        def __call__(self, number: float) -> float:
            return number * 2

        def batch(self, calls: list[dict[str, Any]]) -> list[Any]:
            return [each["number"] * 2 if each["number"] != 7 else "odd" for each in calls]

    model: FunctionExpert = Double
    calls: list[Any] = [
        ({"number": each}, ExpertContext()) for each in (Data(1), Text("many"), Data(7), Data(3))
    ]

    results = asyncio.run(model.invoke_batch(calls))

    assert (results[0], results[3]) == ({"result": Data(2.0)}, {"result": Data(6.0)})
    assert isinstance(results[1], PortViolation)
    assert isinstance(results[2], PortViolation)


def test_a_batch_of_the_wrong_length_is_an_error() -> None:
    @expert
    class Short:
        """Forget one."""

        def __call__(self, text: str) -> str:
            return text

        async def batch(self, calls: list[dict[str, Any]]) -> list[str]:
            return ["one"]

    model: FunctionExpert = Short

    with pytest.raises(DeclarationError, match="1 results for a batch of 2"):
        asyncio.run(model.invoke_batch([({"text": Text("a")}, ExpertContext())] * 2))


def test_a_load_that_fails_may_be_tried_again() -> None:
    tries: list[int] = []

    @expert
    class Flaky:
        """Load at the second try."""

        async def load(self) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise OSError("no weights yet")

        def __call__(self, text: str) -> str:
            return text

    model: FunctionExpert = Flaky

    with pytest.raises(OSError, match="no weights"):
        ask(model, text=Text("x"))
    assert ask(model, text=Text("x")) == {"result": Text("x")}


def test_experts_of_no_function_say_how_they_are_called() -> None:
    class Foreign(Expert):
        pass

    with pytest.raises(DeclarationError, match=r"is no Python function.*herd\.run"):
        Foreign(shout.card)("x")


def test_markup_in_a_description_is_shown_as_text() -> None:
    @expert(description="Write <b>bold</b>.")
    def mark(text: Text) -> Text:
        return text

    assert "<b>" not in mark._repr_mimebundle_()["text/html"]

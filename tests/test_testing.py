"""The shipped fakes: virtual time, scripted experts, the network guard."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import threading
import time

import pytest

from herd_graph import calling, expert
from herd_graph.artifacts import Text, load
from herd_graph.calling import Live
from herd_graph.config import model_calls_allowed
from herd_graph.contexts import ExpertContext
from herd_graph.errors import CallRefused, ConfigError
from herd_graph.experts import Expert
from herd_graph.plans import Plan, Step
from herd_graph.store import MemoryStore
from herd_graph.tasks import Task
from herd_graph.testing import (
    After,
    FakeRouter,
    NetworkBlocked,
    StuckLoop,
    echo,
    gather,
    no_model_calls,
    no_network,
    run_virtual,
    scripted,
)
from herd_graph.threads import in_thread
from herd_graph.types import Kind, StepId


def test_an_hour_of_sleep_takes_no_time() -> None:
    async def nap() -> str:
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(10))
        return "rested"

    started = time.monotonic()
    result, seconds = run_virtual(nap())

    assert result == "rested"
    assert seconds == pytest.approx(3600)
    assert time.monotonic() - started < 30


def test_timers_fire_in_the_order_of_the_clock() -> None:
    async def race() -> list[tuple[str, float]]:
        seen: list[tuple[str, float]] = []
        loop = asyncio.get_running_loop()

        async def runner(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, loop.time()))

        await asyncio.gather(runner("slow", 2), runner("fast", 0.5), runner("middle", 1))
        return seen

    result, _ = run_virtual(race())

    assert result == [("fast", 0.5), ("middle", 1.0), ("slow", 2.0)]


def test_a_timeout_ends_what_never_answers() -> None:
    async def wait() -> None:
        async with asyncio.timeout(30):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run_virtual(wait())


def test_the_clock_waits_for_a_thread_and_counts_it_as_nothing() -> None:
    async def both() -> str:
        sleeper = asyncio.create_task(asyncio.sleep(5))
        done = threading.Event()
        threading.Timer(0.05, done.set).start()
        result = await in_thread(lambda: "worked" if done.wait(10) else "late", label="worker")
        assert not sleeper.done()
        await sleeper
        return result

    result, seconds = run_virtual(both())

    assert result == "worked"
    assert seconds == pytest.approx(5)


def test_an_executor_keeps_the_clock_too() -> None:
    async def work() -> int:
        timer = asyncio.create_task(asyncio.sleep(1))
        loop = asyncio.get_running_loop()
        done = threading.Event()
        threading.Timer(0.05, done.set).start()
        assert await loop.run_in_executor(None, done.wait, 10)
        assert not timer.done()
        await timer
        return 7

    assert run_virtual(work()) == (7, pytest.approx(1))


def test_a_hanging_thread_still_meets_its_timeout() -> None:
    release = threading.Event()

    async def hang() -> None:
        async with asyncio.timeout(30):
            await in_thread(lambda: release.wait(60), label="hangs")

    with pytest.raises(TimeoutError):
        run_virtual(hang(), patience=0.05)
    release.set()


def test_a_deadlock_is_an_error_that_names_who_waits() -> None:
    async def stuck() -> None:
        await asyncio.create_task(asyncio.Event().wait(), name="waits for ever")

    with pytest.raises(StuckLoop, match="waits for ever"):
        run_virtual(stuck(), patience=0.01)


def test_tasks_that_are_left_over_fail_the_test() -> None:
    async def leaky(keep: list[object]) -> None:
        keep.append(asyncio.create_task(asyncio.sleep(60), name="forgotten"))

    with pytest.raises(AssertionError, match="forgotten"):
        run_virtual(leaky([]))
    run_virtual(leaky([]), allow_leaks=True)


def test_a_script_is_played_in_order() -> None:
    async def play() -> str:
        flaky = scripted("flaky", script=[TimeoutError("slow"), After(0.5, "at last")])
        with pytest.raises(TimeoutError):
            await flaky.invoke({"text": Text("a")}, ExpertContext())
        outputs = await flaky.invoke({"text": Text("a")}, ExpertContext(step=StepId("s1")))
        assert [each.context.step for each in flaky.calls] == ["", "s1"]
        with pytest.raises(AssertionError, match=r"called 3 times.*2 outcomes"):
            await flaky.invoke({"text": Text("a")}, ExpertContext())
        return str(outputs["result"])

    assert run_virtual(play()) == ("at last", pytest.approx(0.5))


def test_a_script_may_be_a_function_of_inputs_and_context() -> None:
    async def answer(left: Text, right: Text, context: ExpertContext) -> dict[str, object]:
        return {"joined": f"{left}{right}", "attempt": context.attempt}

    expert = scripted(
        "join",
        {"left": Kind.TEXT, "right": Kind.TEXT},
        {"joined": Kind.TEXT, "attempt": Kind.DATA},
        answer,
    )
    outputs, _ = run_virtual(
        expert.invoke({"left": Text("a"), "right": Text("b")}, ExpertContext(attempt=2))
    )

    assert {name: str(each) for name, each in outputs.items()} == {"joined": "ab", "attempt": "2"}


def test_concurrency_and_cancellation_are_counted() -> None:
    async def cancel() -> tuple[int, int, int]:
        slow = scripted("slow", script=[After(math.inf)], repeat=True)
        calls = [
            asyncio.create_task(slow.invoke({"text": Text("x")}, ExpertContext())) for _ in range(3)
        ]
        await asyncio.sleep(1)
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        return slow.most_at_once, slow.cancelled, slow.running

    assert run_virtual(cancel())[0] == (3, 3, 0)


def test_gather_spells_the_dag_and_echo_returns_its_input() -> None:
    async def spell() -> str:
        a = (await gather("a").invoke({}, ExpertContext()))["result"]
        b = (await echo(delay=2).invoke({"text": Text("b")}, ExpertContext()))["result"]
        assert isinstance(a, Text)
        assert isinstance(b, Text)
        outputs = await gather("c").invoke({"parts": [a, b]}, ExpertContext())
        return str(outputs["result"])

    assert run_virtual(spell()) == ("c(a(), b)", pytest.approx(2))


def test_a_fake_router_abstains_where_it_has_no_plan() -> None:
    plan = Plan(steps=(Step(id=StepId("s1"), expert="echo"),))
    router = FakeRouter({"known": plan})

    assert router._choose(Task(text="known")) == plan
    assert router._choose(Task(text="other")).abstained


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_the_network_is_refused(host: str) -> None:
    with no_network(strict=False) as tried:
        with pytest.raises(NetworkBlocked, match="loopback"):
            socket.create_connection((host, 80), timeout=0.1)
        with pytest.raises(NetworkBlocked):
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))

    assert len(tried) == 2


def test_a_swallowed_attempt_fails_at_the_end() -> None:
    def swallow() -> None:
        with contextlib.suppress(OSError):
            socket.create_connection(("192.0.2.1", 80), timeout=0.1)

    with pytest.raises(NetworkBlocked, match=r"was tried: .*192\.0\.2\.1"), no_network():
        swallow()


def test_loopback_stays_open() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with no_network(), socket.create_connection(("localhost", server.getsockname()[1])) as link:
            assert link.getpeername()[0] == "127.0.0.1"


def test_models_are_refused_and_plain_functions_are_not() -> None:
    @expert
    class Model:
        """Say what a model says."""

        def __call__(self, text: str) -> str:
            return f"a model on {text}"

    @expert(locality="remote")
    def service(text: str) -> str:
        """Ask a service."""
        return text

    @expert
    def shout(text: str) -> str:
        """Shout."""
        return text.upper()

    store = MemoryStore()

    def ask(target: Expert) -> str:
        call = calling.Call(expert=target, inputs={"text": Text("hi").put(store)})
        given = asyncio.run(Live(store).call(call)).outputs["result"]
        assert not isinstance(given, list)
        return str(load(given, store))

    with no_model_calls():
        assert ask(shout) == "HI"
        for refused, why in ((Model, "loads a model"), (service, "sends data away")):
            with pytest.raises(CallRefused, match=why):
                ask(refused)
    assert ask(Model) == "a model on hi"


def test_a_setting_that_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_ALLOW_MODEL_CALLS", "maybe")

    with pytest.raises(ConfigError, match="HERD_ALLOW_MODEL_CALLS is 'maybe'"):
        model_calls_allowed()

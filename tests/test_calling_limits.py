"""What bounds a call: time, a breaker, and the memory of a model."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from math import inf

import pytest
from calls import ask, live, make

from herd_graph import bounded
from herd_graph.breakers import Breakers
from herd_graph.calling import CallResult
from herd_graph.errors import (
    CallError,
    ExpertFailed,
    ExpertTimeout,
    ExpertUnavailable,
)
from herd_graph.function_experts import expert
from herd_graph.residency import Residency
from herd_graph.store import FolderStore
from herd_graph.testing import After, run_virtual, scripted
from herd_graph.threads import left_running

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

"""Many calls at once: batches, chaos, two hundred of them, threads that hang."""

from __future__ import annotations

import asyncio
import sys
import threading
from math import inf
from pathlib import Path
from typing import Any

from calls import ask, live, make
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.breakers import Breakers
from herd_graph.calling import CallResult
from herd_graph.errors import (
    CallError,
    ExpertFailed,
    ExpertTimeout,
)
from herd_graph.function_experts import expert
from herd_graph.residency import Residency
from herd_graph.store import FolderStore, MemoryStore
from herd_graph.testing import echo, run_virtual
from herd_graph.threads import left_running
from herd_graph.types import ArtifactRef

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


@expert
def shout(text: str) -> str:
    """Say it loudly."""
    return text.upper()


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
        "from herd_graph.function_experts import expert\n"
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
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False
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

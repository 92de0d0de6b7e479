"""Models are loaded once, and memory is kept under its cap."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import ExpertUnavailable
from herd_graph.experts import Expert
from herd_graph.residency import Residency
from herd_graph.testing import run_virtual
from herd_graph.types import Kind


@dataclass
class World:
    """What is really in memory, whatever the residency believes."""

    held: int = 0
    most: int = 0
    log: list[str] = field(default_factory=list[str])


class Model(Expert):
    def __init__(
        self, name: str, memory: int = 1, *, world: World | None = None, load_s: float = 1.0
    ) -> None:
        port = Port(name="text", kind=Kind.TEXT)
        super().__init__(
            ExpertCard(
                name=name,
                description="Hold memory.",
                inputs=(port,),
                outputs=(port,),
                memory_bytes=memory,
                loads=True,
            )
        )
        self.world = world or World()
        self.load_s = load_s
        self.users = 0
        self.is_loaded = False
        self.failing: list[BaseException] = []

    async def load(self) -> None:
        assert not self.is_loaded, "loaded twice"
        self.world.log.append(f"load {self.name}")
        await asyncio.sleep(self.load_s)
        if self.failing:
            raise self.failing.pop(0)
        self.is_loaded = True
        self.world.held += self.card.memory_bytes
        self.world.most = max(self.world.most, self.world.held)

    async def close(self) -> None:
        assert self.is_loaded, "closed though not loaded"
        assert self.users == 0, "closed while in use"
        self.world.log.append(f"close {self.name}")
        await asyncio.sleep(0.5)
        self.is_loaded = False
        self.world.held -= self.card.memory_bytes


async def use(residency: Residency, model: Model, seconds: float = 1.0, *, at: float = 0.0) -> None:
    await asyncio.sleep(at)
    async with residency.use(model):
        assert model.is_loaded
        model.users += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            model.users -= 1


def test_concurrent_first_calls_share_one_load() -> None:
    model = Model("whisper")

    async def main() -> Residency:
        residency = Residency()
        await asyncio.gather(*(use(residency, model) for _ in range(20)))
        return residency

    residency, seconds = run_virtual(main())

    assert model.world.log == ["load whisper"]
    assert round(seconds, 3) == 2.0
    (resident,) = residency.loaded()
    assert (resident.expert, resident.state, resident.users) == ("whisper@1", "ready", 0)


def test_a_failed_load_fails_those_who_wait_and_is_tried_again_later() -> None:
    model = Model("whisper")
    model.failing = [OSError("no such file")]

    async def main() -> list[BaseException | None]:
        residency = Residency()
        first = await asyncio.gather(
            *(use(residency, model) for _ in range(5)), return_exceptions=True
        )
        await use(residency, model)
        return first

    failures, _ = run_virtual(main())

    assert [repr(each) for each in failures] == ["OSError('no such file')"] * 5
    assert model.world.log == ["load whisper"] * 2


def test_when_the_caller_that_loads_is_cancelled_another_loads() -> None:
    model = Model("whisper")

    async def main() -> None:
        residency = Residency()
        first = asyncio.create_task(use(residency, model))
        others = [asyncio.create_task(use(residency, model)) for _ in range(3)]
        await asyncio.sleep(0.5)
        first.cancel()
        await asyncio.gather(*others)
        assert residency.loaded()[0].users == 0

    run_virtual(main())

    assert model.world.log == ["load whisper"] * 2


def test_the_least_recently_used_makes_room() -> None:
    world = World()
    a, b, c, d = (Model(name, 4, world=world) for name in "abcd")

    async def main() -> list[str]:
        residency = Residency(memory=12)
        for model in (a, b, c, a, d):
            await use(residency, model)
        return [each.expert for each in residency.loaded()]

    loaded, _ = run_virtual(main())

    assert world.log == ["load a", "load b", "load c", "close b", "load d"]
    assert loaded == ["c@1", "a@1", "d@1"]


def test_a_load_waits_for_memory_that_is_in_use() -> None:
    world = World()
    a, b = Model("a", 8, world=world), Model("b", 8, world=world)

    async def main() -> None:
        residency = Residency(memory=10)
        await asyncio.gather(use(residency, a, 5.0), use(residency, b, at=2.0))

    _, seconds = run_virtual(main())

    assert world.log == ["load a", "close a", "load b"]
    assert round(seconds, 3) == 1 + 5 + 0.5 + 1 + 1


def test_it_does_not_wait_for_memory_for_ever() -> None:
    a, b = Model("a", 8), Model("b", 8)

    async def main() -> None:
        residency = Residency(memory=10, patience_s=60)
        holds = asyncio.create_task(use(residency, a, 1000.0))
        await asyncio.sleep(2)
        try:
            with pytest.raises(ExpertUnavailable, match=r"'b@1' needs 8 B.*held by calls of 'a@1'"):
                await use(residency, b)
        finally:
            holds.cancel()
            await asyncio.wait({holds})

    run_virtual(main())


def test_an_expert_larger_than_the_cap_is_refused_at_once() -> None:
    world = World()
    small, large = Model("small", 4, world=world), Model("large", 2_000_000, world=world)

    async def main() -> None:
        residency = Residency(memory=1_000_000)
        await use(residency, small)
        with pytest.raises(ExpertUnavailable, match=r"'large@1' takes 2\.0 MB.*cap is 1\.0 MB"):
            await use(residency, large)
        assert [each.expert for each in residency.loaded()] == ["small@1"]

    run_virtual(main())

    assert world.log == ["load small"]


def test_a_hanging_load_ends() -> None:
    model = Model("hangs", load_s=1e9)

    async def main() -> None:
        residency = Residency(patience_s=60)
        with pytest.raises(ExpertUnavailable, match="did not load within 60 s"):
            await use(residency, model)
        assert residency.loaded() == []

    run_virtual(main())


def test_a_removed_expert_is_closed_when_its_last_call_ends() -> None:
    model = Model("old")

    async def main() -> None:
        residency = Residency()
        calls = [asyncio.create_task(use(residency, model, each)) for each in (2.0, 5.0)]
        await asyncio.sleep(1.5)
        await residency.drop(model)
        await asyncio.sleep(2)
        assert model.is_loaded
        await asyncio.gather(*calls)
        assert not model.is_loaded
        await use(residency, model)  # by a run that pinned it: loaded again, and kept now
        assert model.is_loaded
        await residency.drop(model)
        assert not model.is_loaded

    run_virtual(main())

    assert model.world.log == ["load old", "close old"] * 2


def test_what_close_raises_is_not_the_callers_problem(caplog: pytest.LogCaptureFixture) -> None:
    class Bad(Model):
        async def close(self) -> None:
            raise RuntimeError("cannot close")

    a, b = Bad("a", 8), Model("b", 8)

    async def main() -> None:
        residency = Residency(memory=10)
        await use(residency, a)
        await use(residency, b)

    run_virtual(main())

    assert b.is_loaded
    assert "cannot close" in caplog.text


def test_two_event_loops_share_one_load() -> None:
    model = Model("shared", load_s=0.05)
    residency = Residency()
    threads = [
        threading.Thread(target=lambda: asyncio.run(use(residency, model, 0.01))) for _ in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=120)

    assert model.world.log == ["load shared"]
    assert residency.loaded()[0].users == 0


Use = tuple[int, float, float, float | None]
"""Which model, from when, for how long, given up after (None: never)."""


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    uses=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.integers(0, 30).map(float),
            st.integers(0, 8).map(float),
            st.none() | st.integers(0, 12).map(lambda n: n + 0.25),
        ),
        max_size=30,
    ),
    drops=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30).map(float)), max_size=4),
)
def test_memory_stays_under_its_cap_and_nobody_waits_for_ever(
    sizes: list[int], uses: list[Use], drops: list[tuple[int, float]]
) -> None:
    world = World()
    cap = 8
    models = [Model(f"m{n}", size, world=world) for n, size in enumerate(sizes)]

    async def main() -> Residency:
        residency = Residency(memory=cap)

        async def one(which: int, at: float, seconds: float, patience: float | None) -> bool:
            await asyncio.sleep(at)
            try:
                async with asyncio.timeout(patience):
                    await use(residency, models[which % len(models)], seconds)
            except TimeoutError:
                return False
            return True

        async def drop(which: int, at: float) -> None:
            await asyncio.sleep(at)
            await residency.drop(models[which % len(models)])

        served = await asyncio.gather(*(one(*each) for each in uses), *(drop(*d) for d in drops))
        patient = [ok for ok, each in zip(served, uses, strict=False) if each[3] is None]
        assert all(patient)
        return residency

    residency, _ = run_virtual(main())

    assert world.most <= cap
    assert all(each.users == 0 for each in residency.loaded())
    really = sorted(each.card.id for each in models if each.is_loaded)
    assert really == sorted(each.expert for each in residency.loaded())

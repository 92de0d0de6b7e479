"""Who gets in, in which order, and what happens to places when waiters go away."""

from __future__ import annotations

import asyncio
import threading

from hypothesis import given
from hypothesis import strategies as st

from herd_graph.testing import run_virtual
from herd_graph.turnstiles import Turnstile

Visit = tuple[float, float, float | None]
"""Arrives at, stays for, gives up after (None: never)."""


@given(
    limit=st.integers(1, 4),
    visits=st.lists(
        st.tuples(
            st.integers(0, 20).map(float),
            st.integers(0, 10).map(float),
            st.none() | st.integers(0, 10).map(lambda n: n + 0.5),
        ),
        max_size=25,
    ),
)
def test_no_place_is_lost_and_no_more_than_the_limit_are_inside(
    limit: int, visits: list[Visit]
) -> None:
    turnstile = Turnstile(limit)
    inside = 0
    most = 0

    async def visit(arrives: float, stays: float, patience: float | None) -> bool:
        nonlocal inside, most
        await asyncio.sleep(arrives)
        try:
            async with asyncio.timeout(patience), turnstile:
                inside += 1
                most = max(most, inside)
                try:
                    await asyncio.sleep(stays)
                finally:
                    inside -= 1
        except TimeoutError:
            return False
        return True

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(visit(*each) for each in visits))

    served, _ = run_virtual(all_of_them())

    assert most <= limit
    assert (turnstile.inside, turnstile.waiting) == (0, 0)
    patient = [ok for ok, (_, _, patience) in zip(served, visits, strict=True) if patience is None]
    assert all(patient)


def test_waiters_are_served_in_the_order_in_which_they_came() -> None:
    order: list[int] = []

    async def main() -> None:
        turnstile = Turnstile(1)

        async def visit(number: int) -> None:
            await asyncio.sleep(number / 100)
            async with turnstile:
                order.append(number)
                await asyncio.sleep(1)

        await asyncio.gather(*(visit(each) for each in range(8)))

    _, seconds = run_virtual(main())

    assert order == list(range(8))
    assert round(seconds, 3) == 8.0


def test_two_event_loops_share_one_turnstile() -> None:
    turnstile = Turnstile(2)
    lock = threading.Lock()
    inside = 0
    most = 0
    served = 0

    async def visit() -> None:
        nonlocal inside, most, served
        async with turnstile:
            with lock:
                inside += 1
                most = max(most, inside)
            await asyncio.sleep(0.001)
            with lock:
                inside -= 1
                served += 1

    async def crowd() -> None:
        await asyncio.gather(*(visit() for _ in range(100)))

    threads = [threading.Thread(target=lambda: asyncio.run(crowd())) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=120)

    assert served == 300
    assert most <= 2
    assert (turnstile.inside, turnstile.waiting) == (0, 0)


def test_a_place_is_not_given_to_a_loop_that_is_gone() -> None:
    turnstile = Turnstile(1)
    gone = asyncio.new_event_loop()

    async def hold_and_leave() -> str:
        await turnstile.enter()
        waiting = gone.create_task(turnstile.enter())
        done, _ = await asyncio.to_thread(
            gone.run_until_complete, asyncio.wait({waiting}, timeout=0.01)
        )
        assert not done
        waiting._log_destroy_pending = False  # pyright: ignore[reportAttributeAccessIssue]
        gone.close()
        turnstile.leave()
        async with asyncio.timeout(5), turnstile:
            return "in"

    assert asyncio.run(hold_and_leave()) == "in"


def test_without_a_limit_everybody_is_let_in() -> None:
    async def main() -> int:
        turnstile = Turnstile(None)
        for _ in range(50):
            await turnstile.enter()
        return turnstile.inside

    assert run_virtual(main())[0] == 50

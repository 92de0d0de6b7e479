"""When an expert is left alone, and when it is tried again."""

from __future__ import annotations

import pytest

from herd_graph.breakers import Breakers
from herd_graph.errors import ExpertUnavailable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock, failures: int = 3) -> Breakers:
    breakers = Breakers(failures=failures, cool_down_s=30, clock=clock)
    for number in range(failures):
        breakers.failed("ocr@1", f"down {number}.", probe=breakers.admit("ocr@1"))
    return breakers


def test_failures_in_a_row_open_it(clock: Clock) -> None:
    breakers = opened(clock)

    with pytest.raises(ExpertUnavailable, match=r"'ocr@1' failed 3 times.*in 30 s.*down 2\."):
        breakers.admit("ocr@1")

    (state,) = breakers.states()
    assert (state.state, state.failures, state.retry_in_s, state.opened) == ("open", 3, 30.0, 1)
    assert breakers.admit("other@1") is False


def test_a_success_in_between_keeps_it_closed(clock: Clock) -> None:
    breakers = Breakers(failures=2, clock=clock)
    for _ in range(10):
        breakers.failed("ocr@1", "down.", probe=breakers.admit("ocr@1"))
        breakers.admit("ocr@1")
        breakers.succeeded("ocr@1")

    assert breakers.states() == []


def test_after_the_cool_down_one_call_probes(clock: Clock) -> None:
    breakers = opened(clock)
    clock.now += 30

    breakers.check("ocr@1")  # a mere question takes no probe
    assert breakers.states()[0].state == "half-open"
    assert breakers.admit("ocr@1") is True
    with pytest.raises(ExpertUnavailable, match="as soon as the call that probes it"):
        breakers.admit("ocr@1")
    breakers.succeeded("ocr@1")

    assert breakers.states() == []
    assert breakers.admit("ocr@1") is False


def test_a_probe_that_fails_doubles_the_cool_down(clock: Clock) -> None:
    breakers = opened(clock)
    waits: list[float | None] = []
    for _ in range(6):
        clock.now += 10_000
        breakers.failed("ocr@1", "still down.", probe=breakers.admit("ocr@1"))
        waits.append(breakers.states()[0].retry_in_s)

    assert waits == [60.0, 120.0, 240.0, 480.0, 600.0, 600.0]


def test_a_cancelled_probe_leaves_the_next_one_to_others(clock: Clock) -> None:
    breakers = opened(clock)
    clock.now += 30
    probe = breakers.admit("ocr@1")
    breakers.abandoned("ocr@1", probe=probe)

    assert breakers.admit("ocr@1") is True


def test_late_news_from_before_the_probe_decide_nothing(clock: Clock) -> None:
    breakers = Breakers(failures=1, cool_down_s=30, clock=clock)
    early, late = breakers.admit("ocr@1"), breakers.admit("ocr@1")
    breakers.failed("ocr@1", "down.", probe=early)
    clock.now += 30
    assert breakers.admit("ocr@1") is True

    breakers.failed("ocr@1", "down too.", probe=late)
    breakers.abandoned("ocr@1", probe=late)

    with pytest.raises(ExpertUnavailable, match="probes"):
        breakers.admit("ocr@1")


def test_a_person_can_close_it(clock: Clock) -> None:
    breakers = opened(clock)
    breakers.reset("ocr@1")

    assert breakers.admit("ocr@1") is False
    assert breakers.states() == []

"""Hard limits: nothing passes them, whatever is reserved, settled and resumed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.budgets import Budget, Ledger
from herd_graph.errors import BudgetExceeded, ConfigError


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("", Budget()),
        ("usd=0.1", Budget(usd=0.1)),
        (" usd = 0.1 , seconds=30,calls=20 ", Budget(usd=0.1, seconds=30, calls=20)),
        ("calls=0", Budget(calls=0)),
        ("seconds=1e3,", Budget(seconds=1000)),
    ],
)
def test_budgets_are_read(text: str, budget: Budget) -> None:
    assert Budget.parse(text) == budget


@pytest.mark.parametrize(
    "text",
    [
        "usd",
        "usd=",
        "usd=much",
        "euro=3",
        "usd=-1",
        "seconds=0",
        "calls=1.5",
        "usd=nan",
        "usd=inf",
        "=3",
    ],
)
def test_what_is_no_budget_says_what_is(text: str) -> None:
    with pytest.raises(ConfigError, match="is no budget"):
        Budget.parse(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"calls": -1}, "calls=-1"), ({"usd": "much"}, "usd='much'"), ({"euro": 3}, "euro=3")],
)
def test_a_budget_that_cannot_be_says_so(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"Budget({said}) is no budget")):
        Budget(**wrong)


@given(
    limit=st.floats(0, 10),
    calls=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), max_size=30),
)
def test_money_never_passes_the_limit(limit: float, calls: list[tuple[float, float]]) -> None:
    ledger = Ledger(budget=Budget(usd=limit))
    refused = 0
    for most, share in calls:
        try:
            ledger.reserve(most, "a call")
        except BudgetExceeded:
            refused += 1
        else:
            ledger.settle(most, most * share)

    assert ledger.spent_usd <= limit + 1e-9
    assert ledger.calls == len(calls) - refused


@given(limit=st.integers(0, 5), wanted=st.integers(0, 9))
def test_calls_never_pass_the_limit(limit: int, wanted: int) -> None:
    ledger = Ledger(budget=Budget(calls=limit))
    for _ in range(min(limit, wanted)):
        ledger.reserve(0, "a call")
    for _ in range(wanted - min(limit, wanted)):
        with pytest.raises(BudgetExceeded, match=rf"call {limit + 1} of at most {limit}.*resume"):
            ledger.reserve(0, "a call")

    assert ledger.calls == min(limit, wanted)


def test_a_refusal_changes_nothing() -> None:
    ledger = Ledger(budget=Budget(usd=1))
    ledger.reserve(0.75, "first")

    with pytest.raises(
        BudgetExceeded, match=r"second may cost \$0\.5000, and \$0\.2500 of \$1\.0000"
    ):
        ledger.reserve(0.5, "second")

    assert (ledger.usd_left, ledger.calls) == (0.25, 1)


def test_calls_under_way_hold_their_money() -> None:
    ledger = Ledger(budget=Budget(usd=1))
    ledger.reserve(0.6, "first")
    with pytest.raises(BudgetExceeded):
        ledger.reserve(0.6, "second")
    ledger.settle(0.6, 0.1)
    ledger.reserve(0.6, "second")

    assert ledger.usd_left == pytest.approx(0.3)


def test_time_counts_over_all_resumes() -> None:
    now = [100.0]
    ledger = Ledger(budget=Budget(seconds=30), clock=lambda: now[0], seconds_before=25)
    assert ledger.seconds_left == 5
    ledger.start()
    now[0] += 3
    ledger.start()
    ledger.reserve(0, "in time")
    now[0] += 3

    assert ledger.seconds_used == 31
    assert ledger.seconds_left == 0
    with pytest.raises(BudgetExceeded, match="the run's 30 s are used"):
        ledger.reserve(0, "too late")


def test_without_limits_nothing_is_refused() -> None:
    ledger = Ledger()
    ledger.reserve(1e9, "anything")

    assert (ledger.usd_left, ledger.seconds_left) == (None, None)

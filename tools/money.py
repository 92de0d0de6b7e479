"""The formulas of finance, in exact decimals, and how they are written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal, localcontext

DIGITS = 50
CENT = Decimal("0.01")


def npv(rate: Decimal, flows: Sequence[Decimal]) -> Decimal:
    """Return the net present value; the first flow is at time 0 and is not discounted."""
    with localcontext(prec=DIGITS):
        return sum((each / (1 + rate) ** at for at, each in enumerate(flows)), Decimal(0))


def irr(flows: Sequence[Decimal]) -> list[Decimal]:
    """Return every rate from -99 % to 1,000 % at which the flows are worth nothing, ascending.

    The rates are bracketed on a grid, then bisected: flows that change sign once have one at most.
    """
    grid = [Decimal(each) / 1000 for each in (*range(-990, 1000, 5), *range(1000, 10_001, 50))]
    found: list[Decimal] = []
    values = [npv(each, flows) for each in grid]
    for at, (low, high) in enumerate(itertools.pairwise(grid)):
        left, right = values[at], values[at + 1]
        if left == 0:
            found.append(low)
        elif left * right < 0:
            found.append(_bisected(low, high, left, flows))
    return found


def _bisected(low: Decimal, high: Decimal, left: Decimal, flows: Sequence[Decimal]) -> Decimal:
    for _ in range(60):
        middle = (low + high) / 2
        value = npv(middle, flows)
        if value == 0:
            return middle
        if (value < 0) == (left < 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def sign_changes(flows: Sequence[Decimal]) -> int:
    """Return how often the flows change sign (Descartes): so many rates there are at most."""
    signs = [each > 0 for each in flows if each != 0]
    return sum(one is not two for one, two in itertools.pairwise(signs))


def payment(principal: Decimal, rate: Decimal, count: int) -> Decimal:
    """Return the level payment at the end of each period that repays a loan: an annuity."""
    with localcontext(prec=DIGITS):
        if rate == 0:
            return principal / count
        return principal * rate / (1 - (1 + rate) ** -count)


def grown(principal: Decimal, rate: Decimal, count: Decimal) -> Decimal:
    """Return what ``principal`` is worth after ``count`` periods at ``rate`` for each."""
    with localcontext(prec=DIGITS):
        return principal * (1 + rate) ** count


def amount(value: Decimal) -> str:
    """Write money with cents and thousands: ``1,234.50``."""
    return f"{value.quantize(CENT):,}"


def percent(rate: Decimal, digits: int = 4) -> str:
    """Write a rate: ``4.25 %``."""
    shown = (rate * 100).quantize(Decimal(1).scaleb(-digits))
    text = f"{shown:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def period(often: int) -> str:
    """Name what there are so many of in a year: ``month`` for 12."""
    return {1: "year", 12: "month", 4: "quarter", 52: "week", 365: "day"}.get(often, "period")

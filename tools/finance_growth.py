"""How long money takes to grow, at which rate it does, and what regular savings come to."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

from herd_graph.errors import PortViolation

from .finance_reading import Numbers
from .money import DIGITS, amount, percent, period

_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_LONG = re.compile(
    r"\bhow (?:long|many years)\b.*\b(?:doubl\w*|tripl\w*|trebl\w*|quadrupl\w*|grows? to|reach(?:es)?|becomes?|turns? into)\b"
)
_RATE = re.compile(
    r"\b(?:what|which|at what) (?:annual |yearly |interest |growth )*(?:rate|return|interest|growth)\b.*"
    r"\b(?:turns?|grows?|gets?|from|makes?|becomes?|needed|need|doubles?|take[sn]?)\b|\bcagr\b"
)
_AGAIN = re.compile(
    r"\b(?:every|each|per|an?) (month|year|week|quarter)\b|\b(month|year|week|quarter)ly\b"
)
_SAVED = re.compile(
    r"\bsav(?:e|es|ed|ing|ings)\b|\bput(?:s|ting)?\b|\bdeposit|\binvest|\bpay in\b|\bset aside\b|\blay aside\b|\b(?:final|end|future) value\b"
    r"|\bend up with\b|\bwhere does (?:that|it|this) (?:get|leave|take|bring)\b|\bat the end\b|\baccumulat"
)
_ADDED = re.compile(
    r"\b(?:(?:with|and) )?(?:the )?interest (?:is |being |gets )?(?:added|credited|paid(?: out| in)?|compounded|reckoned|calculated|due) (?:on |once |to it )*(?:every|each|per|an?) \w+"
)
"""When interest is added says nothing of when money is paid in."""
_OFTEN = {"month": 12, "year": 1, "week": 52, "quarter": 4}


def grows(found: Numbers, low: str) -> str | None:
    """Answer how long, or at which rate, money grows to another sum; None where neither is asked.

    Raises:
        PortViolation: It is asked, and a number is missing.
    """
    if _LONG.search(low):
        return _how_long(found, low)
    if _RATE.search(low) and not found.rates:
        return _which_rate(found)
    return None


def _how_long(found: Numbers, low: str) -> str:
    times = next((count for word, count in _TIMES.items() if word[:-1] in low), 0)
    if len(found.rates) != 1 or (not times and len(found.amounts) != 2):
        raise PortViolation(
            "How long money grows needs one rate, and by how much it grows. Expected 'how long until "
            "1000 doubles at 6%', or 'until 1000 becomes 1500 at 6%'. Give both."
        )
    start, end = (found.amounts[0], found.amounts[1]) if not times else (Decimal(1), Decimal(times))
    rate = found.rates[0]
    if rate.value <= 0 or start <= 0 or end <= start:
        raise PortViolation(
            "That never happens at this rate. Expected a positive rate, and a larger sum at the end. "
            "Correct them."
        )
    with localcontext(prec=DIGITS):
        periods = (end / start).ln() / (1 + rate.value).ln()
    years = periods / rate.often
    return (
        f"Time = {years.quantize(Decimal('0.1'))} years\n"
        "Formula: t = ln(FV / P) / ln(1 + i)\n"
        f"Inputs: FV / P = {round(end / start, 6).normalize():f}; i = {percent(rate.value)} a {period(rate.often)}"
    )


def _which_rate(found: Numbers) -> str | None:
    if len(found.amounts) != 2 or len(found.years) != 1 or min(found.amounts) <= 0:
        return None
    start, end = found.amounts
    with localcontext(prec=DIGITS):
        rate = ((end / start).ln() / found.years[0]).exp() - 1
    return (
        f"Rate = {percent(rate)} a year\n"
        "Formula: i = (FV / P)^(1 / n) − 1, compounded once a year\n"
        f"Inputs: P = {amount(start)}; FV = {amount(end)}; n = {found.years[0].normalize():f} years"
    )


def saved(found: Numbers, low: str) -> str | None:
    """Answer what regular deposits come to; None where one sum is meant.

    The deposits are made at the end of each period, and the rate is a nominal one of the year.
    """
    bare = re.sub(
        r"(?:%|per ?cent)\s*(?:interest\s*)?(?:(?:per|an?|each|every)\s+\w+|\w+ly\b|compounded \w+)",
        "%",
        _ADDED.sub(" ", low),
    )
    again = _AGAIN.search(bare)
    if not again or not _SAVED.search(low):
        return None
    if len(found.amounts) != 1 or len(found.rates) != 1 or len(found.years) != 1:
        return None
    deposit, rate, years = found.amounts[0], found.rates[0], found.years[0]
    often = _OFTEN[again[1] or again[2]]
    count = years * often
    if (
        deposit <= 0
        or count != count.to_integral_value()
        or not 1 <= count <= 12_000
        or rate.often != 1
    ):
        return None
    each = rate.value / often
    with localcontext(prec=DIGITS):
        value = deposit * ((1 + each) ** int(count) - 1) / each if each else deposit * count
    paid = deposit * count
    return (
        f"Value after {years.normalize():f} years = {amount(value)}, of which paid in {amount(paid)} and "
        f"interest {amount(value - paid)}\n"
        "Formula: FV = A · ((1 + i)ⁿ − 1) / i, deposits at the end of each period\n"
        f"Inputs: A = {amount(deposit)}; i = {percent(rate.value)} a year / {often} = {percent(each, 6)}; "
        f"n = {int(count)} deposits"
    )

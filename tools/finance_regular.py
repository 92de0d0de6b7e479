"""Questions of regular payments, and loans asked the other way round: how much, how long, what is left."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal, localcontext

from herd_graph.errors import PortViolation

from .finance_reading import Numbers
from .money import DIGITS, amount, grown, payment, percent, period

_OFTEN = {"month": 12, "year": 1, "week": 52, "quarter": 4}
_PER = (
    r"(?:every|each|per|an?) (month|year|week|quarter)\b|\b(month|year|week|quarter)ly\b|\bannual\b"
)
_RATE_PERIOD = re.compile(
    r"(?:%|per ?cent)\s*(?:interest\s*)?(?:(?:per|an?|each|every)\s+\w+|\w+ly\b|p\.?\s?a\.?|annual)?"
)
_MOST = re.compile(
    r"\b(?:how much|what)\b[^.;]*\b(?:can|could|may) (?:i|we) (?:afford|borrow|get)\b|\bhow (?:big|large) a (?:loan|mortgage)\b|\bhow much (?:loan|mortgage|house)\b[^?]*\bafford\b"
)
_LASTS = re.compile(
    r"\bhow (?:long|many (?:months|years|payments|instal+ments))\b|\bwhen (?:will|am|is)\b[^?]*\b(?:paid (?:off|back)|debt[- ]free|done)\b"
)
_BALANCE = re.compile(
    r"\b(?:left|remain(?:s|ing)?|still owe|owe|outstanding|balance)\b[^?]*\bafter\b|\bafter\b[^?]*\b(?:left|remain(?:s|ing)?|still owe|owe|outstanding|balance)\b"
)
_GOAL = re.compile(
    r"\b(?:to (?:reach|have|get to|end up with|save)|for a (?:target|goal) of|so that i have|goal (?:is|of)|target (?:is|of))\b[^?]*\d"
)
_SETS_ASIDE = re.compile(
    r"\b(?:save|put (?:aside|away|by)?|set aside|pay in|deposit|invest|lay aside)\b"
)
_ANNUITY = re.compile(r"\bannuity\b|\bpension\b|\bstream of\b")
_PRICES = re.compile(r"\binflation\b|\bprices? (?:rise|go up|increase)")
_EFFECTIVE = re.compile(r"\beffective\b[^?]*\brate\b|\bear\b|\bapy\b")


def regular(found: Numbers, low: str) -> str | None:
    """Answer a question of regular payments, of a loan the other way round, or of inflation.

    None where it is none of these.

    Raises:
        PortViolation: It is one, and its numbers do not allow it.
    """
    often = _often(low)
    single = len(found.rates) == 1
    if _EFFECTIVE.search(low) and single and found.compounded and not found.amounts:
        return _effective(found)
    if not single or found.rates[0].value <= Decimal("-0.5"):
        return None
    if _PRICES.search(low) and len(found.amounts) == 1 and len(found.years) == 1:
        return _inflation(found, low)
    if _MOST.search(low) and often and len(found.amounts) == 1 and len(found.years) == 1:
        return _borrowed(found, often)
    if _LASTS.search(low) and often and len(found.amounts) == 2 and not found.years:
        return _lasting(found, often, low)
    if _BALANCE.search(low) and len(found.years) == 2 and len(found.amounts) == 1:
        return _balance(found)
    if (
        _GOAL.search(low)
        and _SETS_ASIDE.search(low)
        and often
        and len(found.amounts) == 1
        and len(found.years) == 1
    ):
        return _deposit(found, often)
    if _ANNUITY.search(low) and len(found.amounts) == 1 and len(found.years) == 1:
        return _annuity(found, often or 1, low)
    return None


def _often(low: str) -> int:
    """Return how many payments a year are spoken of; the period of the rate is none of them."""
    named = re.search(_PER, _RATE_PERIOD.sub("% ", low))
    if named is None:
        return 0
    return _OFTEN[named[1] or named[2] or "year"]


def _each(found: Numbers, often: int) -> Decimal:
    rate = found.rates[0]
    return rate.value * rate.often / often


def _count(years: Decimal, often: int) -> int:
    count = years * often
    if count != count.to_integral_value() or not 1 <= count <= 12_000:
        raise PortViolation(
            f"{years.normalize():f} years are no whole number of payments. Expected whole months or years. "
            "Correct the time."
        )
    return int(count)


def _inputs(found: Numbers, often: int) -> str:
    rate = found.rates[0]
    each = (
        f" / {often // rate.often} = {percent(_each(found, often), 6)}"
        if often > rate.often
        else ""
    )
    return f"i = {percent(rate.value)} a {period(rate.often)}{each}"


def _borrowed(found: Numbers, often: int) -> str:
    """*What can I borrow if I can pay 400 a month for 5 years at 5%?*."""
    pays, count, each = found.amounts[0], _count(found.years[0], often), _each(found, often)
    with localcontext(prec=DIGITS):
        value = pays * (1 - (1 + each) ** -count) / each if each else pays * count
    return (
        f"Loan = {amount(value)}; paid in all {amount(pays * count)}, of which interest {amount(pays * count - value)}\n"
        "Formula: P = A · (1 − (1 + i)⁻ⁿ) / i, level payments at the end of each period\n"
        f"Inputs: A = {amount(pays)}; {_inputs(found, often)}; n = {count} payments"
    )


def _lasting(found: Numbers, often: int, low: str) -> str:
    """*If I pay 500 a month on 20,000 at 6%, how long does it take?*."""
    pays, owed = sorted(found.amounts)
    each = _each(found, often)
    if _SETS_ASIDE.search(low) and not re.search(r"\b(?:loan|mortgage|owe|debt|credit|pay)\b", low):
        with localcontext(prec=DIGITS):
            periods = (1 + owed * each / pays).ln() / (1 + each).ln() if each else owed / pays
        formula = "n = ln(1 + FV · i / A) / ln(1 + i), deposits at the end of each period"
        name = "FV"
    else:
        if owed * each >= pays:
            raise PortViolation(
                f"{amount(pays)} do not even pay the interest of {amount(owed * each)} a {period(often)}: the debt "
                "never ends. Expected a larger payment. Correct the numbers."
            )
        with localcontext(prec=DIGITS):
            periods = -(1 - owed * each / pays).ln() / (1 + each).ln() if each else owed / pays
        formula = "n = −ln(1 − P · i / A) / ln(1 + i), level payments at the end of each period"
        name = "P"
    count = periods.to_integral_value(rounding=ROUND_CEILING)
    years = (periods / often).quantize(Decimal("0.1"))
    return (
        f"Time = {count} payments, one a {period(often)} ({years} years)\n"
        f"Formula: {formula}; the last payment is a smaller one\n"
        f"Inputs: {name} = {amount(owed)}; A = {amount(pays)}; {_inputs(found, often)}"
    )


def _balance(found: Numbers) -> str:
    """*How much is left of 10,000 at 5% over 5 years after 2 years?*."""
    principal, each = found.amounts[0], _each(found, 12)
    whole, gone = (_count(years, 12) for years in sorted(found.years, reverse=True))
    level = payment(principal, each, whole)
    with localcontext(prec=DIGITS):
        rest = (
            level * (1 - (1 + each) ** -(whole - gone)) / each if each else level * (whole - gone)
        )
    return (
        f"Left after {gone} of {whole} payments = {amount(rest)} (paid off: {amount(principal - rest)})\n"
        f"Monthly payment = {amount(level)}\n"
        "Formula: B = A · (1 − (1 + i)^−(n − k)) / i, level payments at the end of each month\n"
        f"Inputs: P = {amount(principal)}; {_inputs(found, 12)}; n = {whole}; k = {gone}"
    )


def _deposit(found: Numbers, often: int) -> str:
    """*How much should I save each month to reach 10000 in 3 years at 2%?*."""
    goal, count, each = found.amounts[0], _count(found.years[0], often), _each(found, often)
    with localcontext(prec=DIGITS):
        pays = goal * each / ((1 + each) ** count - 1) if each else goal / count
    return (
        f"Deposit = {amount(pays)} a {period(often)}; paid in {amount(pays * count)}, interest {amount(goal - pays * count)}\n"
        "Formula: A = FV · i / ((1 + i)ⁿ − 1), deposits at the end of each period\n"
        f"Inputs: FV = {amount(goal)}; {_inputs(found, often)}; n = {count} deposits"
    )


def _annuity(found: Numbers, often: int, low: str) -> str:
    """*An annuity of 1000 a year for 10 years at 5%: its present value?*."""
    pays, count, each = found.amounts[0], _count(found.years[0], often), _each(found, often)
    future = re.search(r"\bfuture value\b|\bat the end\b|\bafter\b", low) is not None
    with localcontext(prec=DIGITS):
        if not each:
            value = pays * count
        elif future:
            value = pays * ((1 + each) ** count - 1) / each
        else:
            value = pays * (1 - (1 + each) ** -count) / each
    name, formula = (
        ("Future", "FV = A · ((1 + i)ⁿ − 1) / i")
        if future
        else ("Present", "PV = A · (1 − (1 + i)⁻ⁿ) / i")
    )
    return (
        f"{name} value = {amount(value)}\n"
        f"Formula: {formula}, payments at the end of each period\n"
        f"Inputs: A = {amount(pays)}; {_inputs(found, often)}; n = {count} payments"
    )


def _inflation(found: Numbers, low: str) -> str:
    """*What will 100 euros of groceries cost?* grows; *what will 100 euros be worth?* shrinks."""
    value, years, rate = found.amounts[0], found.years[0], found.rates[0].value
    buys = re.search(r"\b(?:worth|buy|purchasing power|value of)\b", low) is not None
    made = grown(value, rate, -years if buys else years)
    told = "worth, in today's prices," if buys else "price"
    return (
        f"After {years.normalize():f} years: {told} = {amount(made)}\n"
        f"Formula: {'P / (1 + i)ⁿ' if buys else 'P · (1 + i)ⁿ'}\n"
        f"Inputs: P = {amount(value)}; i = {percent(rate)} a year; n = {years.normalize():f}"
    )


def _effective(found: Numbers) -> str:
    rate, often = found.rates[0].value, found.compounded or 1
    with localcontext(prec=DIGITS):
        made = (1 + rate / often) ** often - 1
    return (
        f"Effective rate = {percent(made)} a year\n"
        "Formula: (1 + r / m)ᵐ − 1\n"
        f"Inputs: r = {percent(rate)} a year; m = {often}"
    )


__all__ = ("regular",)

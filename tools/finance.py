"""Answer questions of finance: present values, returns, loans, interest. The formula is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from herd_graph.artifacts import Document, Table, Text
from herd_graph.cards import Port
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert
from herd_graph.types import Kind

from .finance_growth import grows, saved
from .finance_reading import Numbers, Rate, cash_flows, of_one_year, read
from .finance_regular import regular
from .finance_terse import in_full
from .money import amount, grown, irr, npv, payment, percent, period, sign_changes
from .numerals import digits, money_points
from .rows import TABLE_FORMATS

MAX_CHARS = 20_000
MAX_FLOWS = 1_000
MAX_CASES = 6
"""Rates, or times, that one question may compare."""
_ALTERNATIVES = re.compile(
    r"\b(\d+)\s*(?:,|or|and|versus|vs\.?)\s+(?:over |for |in )?(?=(\d+)[\s-]*(years?|months?)\b)",
    re.IGNORECASE,
)
"""*Over 20 or 30 years* states two times."""
_OWN = re.compile(
    r"\b(?:down[ -]?payment|deposit|put(?:ting)? down|pay(?:ing)? down|(?<=\d )down|of (?:my|our) own|own (?:money|capital|funds)|"
    r"i have|we have|saved|savings)\b",
    re.IGNORECASE,
)


@expert(
    name="finance",
    tags=[
        "finance",
        "loan",
        "mortgage",
        "interest",
        "net present value",
        "irr",
        "investment",
        "npv",
    ],
    examples=[
        "what is the monthly payment on a loan of 200,000 at 4% over 30 years?",
        "NPV at 8% of -1000, 300, 420, 680",
        "what is the internal rate of return of -500, 200, 200, 200?",
        "how much is 1,000 worth after 10 years at 5% compounded monthly?",
        "how much interest do I pay on a mortgage of 150000 at 3.5% over 20 years?",
        "what is the present value of 10,000 in 5 years at 3%?",
        "the IRR of the cash flows in the table",
    ],
    latency_s=0.01,
    memory="5 MiB",
    licence="Apache-2.0",
    notes=(
        "Net present value, internal rate of return, loans with level payments (also how large, how long, what is "
        "left), regular savings, annuities, compound and simple interest, present value, rising prices. The answer states the formula and every input that was used; what "
        "is not stated is refused, not assumed, but for compounding (yearly) and the rate's year. "
        "Arithmetic, no advice: fees and taxes are left out."
    ),
)
class Finance:
    """Compute a loan payment, compound interest, a net present value or an internal rate of return."""

    def load(self) -> None:
        """Nothing is loaded: the formulas are here."""

    def __call__(
        self,
        question: Text,
        table: Annotated[
            Table | Document | None, Port(name="table", kind=Kind.TABLE, mime=TABLE_FORMATS)
        ] = None,
    ) -> Text:
        """Compute.

        Args:
            question: What is wanted, with its numbers; cash flows may be in the table.
            table: Cash flows, one a row.
        """
        asked = question.text
        if not asked.strip() or len(asked) > MAX_CHARS:
            raise PortViolation(
                f"The question has {len(asked):,} characters. Expected 1 to {MAX_CHARS:,}. Say what "
                "is to be computed, with its numbers."
            )
        asked = _ALTERNATIVES.sub(r"\1 \3 or ", in_full(money_points(digits(asked))))
        low = asked.lower()
        found = read(asked)
        flows, source = cash_flows(asked, found, table)
        worth = re.search(r"\bnpv\b|net present value", low) is not None
        if re.search(r"\birr\b|internal rate of return|rate of return", low):
            first = f"{_npv(found, flows, source)}\n\n" if worth and found.rates else ""
            return Text(first + _irr(flows, source))
        if worth:
            return Text(_npv(found, flows, source))
        if table is not None:
            raise _unclear(asked)
        if (yearly := of_one_year(found)) is not None:
            return Text(_simple(yearly))
        if (said := regular(found, low)) is not None:
            return Text(said)
        if (grown_to := grows(found, low)) is not None:
            return Text(grown_to)
        if re.search(
            r"present value|\bpv\b|worth today|discounted|have to (?:invest|deposit)|need to (?:invest|deposit)",
            low,
        ):
            return Text(_each(found, _present))
        if re.search(
            r"\bloan|\bpayments?\b|(?:month|quarter|week|year)ly payments?\b|mortgage|borrow|instal+ment|repay|pay(?:ing)? (?:it )?back|credit|\bemi\b|amorti[sz]|\bowe\b|\bmonthly (?:rate|cost)s?\b|\bpay (?:monthly|weekly|quarterly|a month|per month|each month)\b|\d down\b",
            low,
        ) or (
            re.search(r"\binterest\b.*\bpay\b", low) and "simple" not in low and "bank" not in low
        ):
            return Text(_each(found, lambda one: _loan(_less_own(one), low)))
        if (plan := saved(found, low)) is not None:
            return Text(plan)
        if re.search(r"\bsimple\b", low) and "interest" in low:
            return Text(_each(found, _simple))
        if re.search(
            r"^\W*[\d,.]+ (?:euros? |dollars? |pounds? )?(?:at|with|for) |bonds?\b|compound|interest|invest|deposit|sav(?:e|ing)|future value|grow|worth after|\bbe worth\b|\bworth in\b|\bafter\b",
            low,
        ) or _is_put_away(low):
            return Text(_each(found, lambda one: _compound(one, low)))
        raise _unclear(asked)


def _is_put_away(low: str) -> bool:
    """Say whether one sum is left to grow: *put 2500 in the bank at 3%*, but not *every month*."""
    if not re.search(
        r"\b(?:put|leav|keep|park|plac|lock)(?:e|t?ing)?\b[^.?!]*\b(?:in|into|aside|away|at)\b", low
    ):
        return False
    bare = re.sub(r"(?:%|per ?cent)\s*(?:(?:per|an?|each|every)\s+\w+|\w+ly\b)", "%", low)
    again = r"\b(?:every|each|per|an?) (?:day|week|month|quarter|year)s?\b|\b(?:dai|week|month|quarter|year|annual)ly\b"
    return not re.search(again, bare)


def _each(found: Numbers, answer: Callable[[Numbers], str]) -> str:
    """Answer for each rate and each time that is stated: *over 20 or 30 years*, *at 4% and at 5%*."""
    cases = [(rate, years) for rate in found.rates for years in found.years]
    if not 1 < len(cases) <= MAX_CASES or min(len(found.rates), len(found.years)) > 1:
        return answer(found)
    said = [
        f"At {percent(rate.value)} over {_span(years)}:\n"
        + answer(replace(found, rates=[rate], years=[years]))
        for rate, years in cases
    ]
    return "\n\n".join(said)


def _less_own(found: Numbers) -> Numbers:
    """Take from a price what is paid at once: what is borrowed is the rest."""
    if len(found.amounts) != 2 or not _OWN.search(found.text):
        return found
    whole, own = max(found.amounts), min(found.amounts)
    return replace(found, amounts=[whole - own]) if 0 < own < whole else found


def _unclear(asked: str) -> PortViolation:
    return PortViolation(
        f"{' '.join(asked.split())[:80]!r} does not say what to compute. Expected a net present value "
        "(NPV), an internal rate of return (IRR), a loan's payment, compound or simple interest, or "
        "a present value. Name one, with its numbers."
    )


def _irr(flows: list[Decimal], source: str) -> str:
    _check_flows(flows)
    changes = sign_changes(flows)
    if changes == 0:
        raise PortViolation(
            f"The cash flows {_listed(flows)} are all of one sign: they have no internal rate of return. "
            "Expected money paid out (negative) and money received. Mark what is paid with a minus."
        )
    found = irr(flows)
    if not found:
        raise PortViolation(
            f"No rate between -99 % and 1,000 % makes {_listed(flows)} worth nothing. Expected cash "
            "flows with an internal rate of return. Check their signs and order."
        )
    shown = " or ".join(percent(each) for each in found)
    lines = [f"IRR = {shown} per period"]
    if len(found) > 1:
        lines.append(
            "Several rates solve it, because the flows change sign more than once: none of them alone says how good the investment is."
        )
    lines += [
        "Formula: the rate r with Σ CFₜ / (1 + r)ᵗ = 0, t from 0",
        f"Cash flows from {source}: {_listed(flows)}",
    ]
    return "\n".join(lines)


def _npv(found: Numbers, flows: list[Decimal], source: str) -> str:
    _check_flows(flows)
    rate = _one_rate(found, "NPV")
    value = npv(rate.value, flows)
    return "\n".join(
        [
            f"NPV = {amount(value)}",
            "Formula: Σ CFₜ / (1 + r)ᵗ, t from 0 (the first cash flow is today)",
            f"Inputs: r = {percent(rate.value)} per period; cash flows from {source}: {_listed(flows)}",
        ]
    )


def _check_flows(flows: list[Decimal]) -> None:
    if len(flows) < 2 or len(flows) > MAX_FLOWS:
        raise PortViolation(
            f"{len(flows)} cash flows were found. Expected 2 to {MAX_FLOWS:,}, such as -1000, 300, 420, "
            "in the question or in a table. Give them in order, the first one today."
        )
    if any(abs(each) > 10**15 for each in flows):
        raise PortViolation("A cash flow is above 10^15. Expected ordinary amounts. Check them.")


def _listed(flows: list[Decimal]) -> str:
    shown = ", ".join(f"{each:,f}" for each in flows[:12])
    return f"{shown}, … ({len(flows)} in all)" if len(flows) > 12 else shown


def _one_rate(found: Numbers, what: str) -> Rate:
    if len(found.rates) != 1:
        raise PortViolation(
            f"The question states {len(found.rates) or 'no'} rates. Expected one, such as 4%, for the "
            f"{what}. Write it with a percent sign."
        )
    rate = found.rates[0]
    if not Decimal("-0.5") <= rate.value <= 10:
        raise PortViolation(
            f"The rate is {percent(rate.value)}. Expected -50 % to 1,000 %. Check it."
        )
    return rate


def _one_time(found: Numbers, what: str) -> Decimal:
    if len(found.years) != 1 or not 0 < found.years[0] <= 1_000:
        raise PortViolation(
            f"The question states {len(found.years) or 'no'} times. Expected one for the {what}, such as "
            "'10 years' or '18 months'. Add it."
        )
    return found.years[0]


def _one_amount(found: Numbers, what: str) -> Decimal:
    if len(found.amounts) > 1 and len(found.marked) == 1 and 0 < found.marked[0] <= 10**15:
        return found.marked[0]  # the other numbers count something else: two children, flat 3
    if len(found.amounts) != 1 or not 0 < found.amounts[0] <= 10**15:
        listed = ", ".join(f"{each:,f}" for each in found.amounts[:6]) or "none"
        raise PortViolation(
            f"The amounts in the question are: {listed}. Expected one positive amount, the {what}. Leave "
            "out other numbers."
        )
    return found.amounts[0]


def _span(years: Decimal) -> str:
    months = years * 12
    if years == years.to_integral_value():
        return f"{int(years)} year{'s' if years != 1 else ''}"
    return f"{months.quantize(Decimal('0.01')).normalize():f} months"


def _loan(found: Numbers, low: str) -> str:
    principal = _one_amount(found, "amount that is borrowed")
    rate, years = _one_rate(found, "loan"), _one_time(found, "loan")
    often = next(
        (
            n
            for word, n in (
                ("weekly", 52),
                ("quarterly", 4),
                ("yearly pay", 1),
                ("annual pay", 1),
                ("annual instal", 1),
                ("yearly instal", 1),
                ("per year", 1),
            )
            if word in low and rate.often == 1
        ),
        12,
    )
    each = rate.value * rate.often / often
    count = years * often
    if count != count.to_integral_value() or count > 12_000 or count < 1:
        raise PortViolation(
            f"{_span(years)} are no whole number of payments. Expected whole months or years. Correct "
            "the time."
        )
    level = payment(principal, each, int(count))
    name = {12: "Monthly", 4: "Quarterly", 52: "Weekly", 1: "Yearly"}[often]
    total = level * count
    lines = [
        f"{name} payment = {amount(level)}",
        f"Paid in all = {amount(total)}, of which interest {amount(total - principal)}",
        "Formula: A = P · i / (1 − (1 + i)⁻ⁿ), level payments at the end of each period"
        if each
        else "Formula: A = P / n (no interest)",
        (
            f"Inputs: P = {amount(principal)}; i = {percent(rate.value)} a {period(rate.often)}"
            f"{f' / {often // rate.often} = {percent(each, 6)}' if often != rate.often else ''}; n = {int(count)} payments"
        ),
    ]
    if re.search(
        r"total|interest (?:do|will|would|is|are)|how much interest|all interest|overall", low
    ):
        lines[0], lines[1] = lines[1], lines[0]
    return "\n".join(lines)


def _compound(found: Numbers, low: str) -> str:
    if (
        re.search(
            r"(?:every|each|per|a) (?:month|year|week)\b",
            re.sub(r"%\s*(?:per|a|each)\s+\w+", "", low),
        )
        and re.search(r"\bsave|deposit|invest|pay in|put\b", low)
        and len(found.amounts) == 1
        and re.search(
            r"\d[\d,.]*\s*(?:\w+\s+)?(?:every|each|per|a) (?:month|year|week)\b",
            re.sub(r"%\s*(?:per|a|each)\s+\w+", "%", low),
        )
    ):
        raise PortViolation(
            "The question speaks of regular payments. Expected one sum that grows: savings plans are "
            "not among what 'finance' computes. Ask for one deposit."
        )
    principal = _one_amount(found, "amount at the beginning")
    rate, years = _one_rate(found, "interest"), _one_time(found, "interest")
    often = found.compounded or rate.often
    each = rate.value * rate.often / often
    if years * often > 400_000:
        raise PortViolation("That is too long a time. Expected at most 1,000 years. Shorten it.")
    value = grown(principal, each, years * often)
    if value > Decimal(10) ** 30:
        raise PortViolation("The result is above 10^30. Expected ordinary rates. Check the inputs.")
    assumed = "" if found.compounded else f" (assumed: compounded once a {period(often)})"
    return "\n".join(
        [
            f"Value after {_span(years)} = {amount(value)}, of which interest {amount(value - principal)}",
            f"Formula: FV = P · (1 + i)ⁿ{assumed}",
            (
                f"Inputs: P = {amount(principal)}; i = {percent(rate.value)} a {period(rate.often)}"
                f"{f' → {percent(each, 6)} a {period(often)}' if often != rate.often else ''}; n = {(years * often).normalize():f}"
            ),
        ]
    )


def _simple(found: Numbers) -> str:
    principal = _one_amount(found, "amount at the beginning")
    rate, years = _one_rate(found, "interest"), _one_time(found, "interest")
    interest = principal * rate.value * rate.often * years
    return "\n".join(
        [
            f"Simple interest = {amount(interest)}; with the principal {amount(principal + interest)}",
            "Formula: I = P · i · t",
            f"Inputs: P = {amount(principal)}; i = {percent(rate.value * rate.often)} a year; t = {_span(years)}",
        ]
    )


def _present(found: Numbers) -> str:
    future = _one_amount(found, "amount in the future")
    rate, years = _one_rate(found, "present value"), _one_time(found, "present value")
    often = found.compounded or rate.often
    each = rate.value * rate.often / often
    value = grown(future, each, -years * often)
    return "\n".join(
        [
            f"Present value = {amount(value)}",
            "Formula: PV = FV / (1 + i)ⁿ",
            f"Inputs: FV = {amount(future)}; i = {percent(each, 6)} a {period(often)}; n = {(years * often).normalize():f}",
        ]
    )

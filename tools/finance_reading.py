"""Read questions of finance: which number is a rate, which a time, which an amount of money."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from herd_graph.artifacts import Document, Table
from herd_graph.errors import PortViolation

from .rows import read_rows

_A_YEARS = re.compile(
    r"\binterest\b[^?]*\b(?:do i|will i|would i|does|is|paid|earned?|get)\b[^?]*\b(?:(?:per|an?|each|every|in one|in 1) year|yearly|annually)\b"
    r"|\b(?:yearly|annual) interest\b(?! rate)",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"[$€£]|\b(?:EUR|USD|GBP|CHF|BRL|euros?|dollars?|pounds?|reais|francs?|thousand|million|billion)\b|\d\s?k\b",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(
    r"\b(?:in|since|until|by|from|year) (?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b",
    re.IGNORECASE,
)
_NUMBER = r"\d{1,3}(?:[,\u00a0 ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_RATE = re.compile(
    rf"(?P<sign>[-−]?)(?P<number>{_NUMBER})\s*(?:%|percent\b|per cent\b|p\.\s?c\.)(?=(?P<after>[^.;\n]{{0,24}}))",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"(?P<number>{_NUMBER})[\s-]*(?P<unit>years?|yrs?|y|mos?|months?|quarters?|weeks?|days?)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    rf"(?P<open>\()?(?P<sign>[-−+]?)\s?(?:[$€£]|EUR|USD|GBP|R\$)?\s?(?P<sign2>[-−]?)(?P<number>{_NUMBER})\s?(?P<scale>k\b|thousand\b|million\b|mn\b|m\b|bn\b|billion\b)?(?P<close>\))?",
    re.IGNORECASE,
)
_SCALES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9}
_OFTEN = {
    "month": 12, "monthly": 12, "quarter": 4, "quarterly": 4, "week": 52, "weekly": 52, "day": 365,
    "daily": 365, "semi-annually": 2, "semiannually": 2, "half-yearly": 2, "annually": 1,
    "yearly": 1, "year": 1, "annual": 1,
}  # fmt: skip
_SHORT = {"y": "year", "mo": "month", "mos": "month"}
_UNITS = {"year": 1, "yr": 1, "month": 12, "quarter": 4, "week": 52, "day": 365}


@dataclass(frozen=True)
class Rate:
    """An interest rate for each of ``often`` periods a year."""

    value: Decimal
    often: int
    nominal: bool = True


@dataclass(frozen=True)
class Numbers:
    """What a question holds, once each number has its part."""

    rates: list[Rate]
    years: list[Decimal]
    amounts: list[Decimal]
    marked: list[Decimal]
    """Those that carry a currency, or a word such as *million*."""
    compounded: int | None
    text: str


def read(text: str) -> Numbers:
    """Give each number its part: a rate, a time, or an amount of money."""
    rates: list[Rate] = []
    years: list[Decimal] = []
    masked = text
    for each in _RATE.finditer(text):
        value = _decimal(each["number"]) / 100 * (-1 if each["sign"] else 1)
        after = re.match(
            r"\s*(?:nominal |effective |interest |rate )*(?:(?:per|a|an|each|every)\s+(month|quarter|year|week|day)\b|(monthly|quarterly|annually|yearly|annual|p\.\s?a\.)(?!\s*pay))",
            each["after"],
            re.IGNORECASE,
        )
        word = (after[1] or after[2]).lower() if after else "year"
        rates.append(Rate(value, _OFTEN.get(word, 1)))
        masked = _masked(masked, each.start(), each.end("number") + 1)
    for each in _SPAN.finditer(masked):
        number = _decimal(each["number"])
        unit = _SHORT.get(each["unit"].lower()) or re.sub(r"s$", "", each["unit"].lower())
        years.append(number / _UNITS[unit])
        masked = _masked(masked, each.start(), each.end())
    masked = _NO_MONEY.sub(lambda each: "\x00" * len(each.group()), masked)
    sums = list(_MONEY.finditer(masked))
    amounts = [_amount(each) for each in sums]
    marked = [
        _amount(each)
        for each in sums
        if _CURRENCY.search(each.group()) or _CURRENCY.match(masked[each.end() :].lstrip())
    ]
    often = re.search(
        r"(?:compound(?:ed|ing)?|capitali[sz]ed|interest (?:is )?(?:added|credited))\s+(?:interest\s+)?(?:every\s+|each\s+)?(monthly|quarterly|weekly|daily|annually|yearly|semi-?annually|half-yearly|month|quarter|year|day|week)\b|(monthly|quarterly|daily|weekly|annual|yearly)\s+compounding",
        text,
        re.IGNORECASE,
    )
    compounded = _OFTEN[(often[1] or often[2]).lower()] if often else None
    return Numbers(rates, years, amounts, marked, compounded, text)


def of_one_year(found: Numbers) -> Numbers | None:
    """Return the numbers of *what interest do I get per year?* with the year; None for others."""
    if found.years or len(found.rates) != 1 or not _A_YEARS.search(found.text):
        return None
    return replace(found, years=[Decimal(1)])


def _masked(text: str, start: int, end: int) -> str:
    return text[:start] + "\x00" * (end - start) + text[end:]


def _decimal(text: str) -> Decimal:
    return Decimal(re.sub(r"[,\u00a0 ]", "", text))


def _amount(found: re.Match[str]) -> Decimal:
    value = _decimal(found["number"]).scaleb(_SCALES.get((found["scale"] or "").lower(), 0))
    negative = found["sign"] in {"-", "−"} or found["sign2"] or (found["open"] and found["close"])
    return -value if negative else value


def cash_flows(
    asked: str, found: Numbers, table: Table | Document | None
) -> tuple[list[Decimal], str]:
    """Return cash flows and where they come from: a table's column, else the question."""
    if table is None:
        flows = list(found.amounts)
        paid = re.search(
            r"\b(?:invest(?:ing|ment|ed)?|initial(?:ly)?|outlay|upfront|costs?|costing|pay(?:ing)?|spend|put(?:ting)?|lend(?:ing)?)\b[^.;]*?\d",
            _RATE.sub("", asked),
            re.IGNORECASE,
        )
        first = paid is not None and not re.search(r"\d", _RATE.sub("", asked)[: paid.start()])
        if flows and first and all(each >= 0 for each in flows) and len(flows) > 1:
            flows[0] = -flows[0]
            return flows, "the question (the first is paid out)"
        return flows, "the question"
    rows = read_rows(table)
    numeric = {
        at: each
        for at, each in rows.numeric().items()
        if not re.search(r"(?i)\b(?:year|period|month|quarter|id|nr|no|time|t)\b", rows.columns[at])
    }
    said = asked.casefold()
    named = [at for at in numeric if rows.columns[at].casefold() in said]
    flowing = [at for at in numeric if re.search(r"(?i)cash|flow|net", rows.columns[at])]
    chosen = named or flowing if len(named or flowing) == 1 else list(numeric)
    if len(chosen) != 1:
        listed = ", ".join(repr(rows.columns[at]) for at in numeric) or "none"
        raise PortViolation(
            f"The table has {len(numeric)} columns of numbers ({listed}). Expected one that holds the "
            "cash flows. Name the column in the question."
        )
    values = numeric[chosen[0]].values
    if any(each is None for each in values):
        raise PortViolation(
            f"The column {rows.columns[chosen[0]]!r} has empty cells. Expected a cash flow in each row "
            "(0 where there is none). Fill them in."
        )
    return [Decimal(str(each)) for each in values], f"the column {rows.columns[chosen[0]]!r}"

"""What is done to a total next: a share of it, a surcharge, an equal split."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from herd_graph.artifacts.workings import without_workings

from .sharers import counted
from .stories import decimal

_NUMBER = r"(?P<n>\d+(?:[.,]\d+)?)"
_IT = r"(?:that|this|it|the (?:\w+ )?(?:total|sum|amount|result|bill|price|rest)|everything|all of (?:it|that))"
_WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_COUNT = rf"(?P<n>\d+|{'|'.join(_WORDS)})"
_SHARE = re.compile(rf"{_NUMBER}\s*(?:%|per ?cent)\s*(?:of|from)\s+{_IT}\b")
_HALF = re.compile(
    rf"\b(?P<part>half|a third|a quarter|a fifth|a tenth)(?: of)? {_IT}\b|\b(?P<halve>halve) {_IT}\b"
)
_PARTS = {"half": 2, "a third": 3, "a quarter": 4, "a fifth": 5, "a tenth": 10}
_MORE = re.compile(
    rf"\b(?:plus|add(?:ing)?|with|including|and|put(?:ting)?|and put)\s+(?:an? )?(?:extra )?{_NUMBER}\s*(?:%|per ?cent)"
    r"(?!\s*(?:of|off|discount|from|less))(?:\s+(?:for |as )?(?:the |a )?(?:tip|vat|tax|service|gratuity|surcharge))?"
)
_LESS = re.compile(
    rf"\b(?:minus|less|without|subtract(?:ing)?|take off|taking off|after)\s+(?:an? )?(?:the )?{_NUMBER}\s*(?:%|per ?cent)"
    rf"|\b{_NUMBER.replace('<n>', '<m>')}\s*(?:%|per ?cent)\s+(?:off|discount|less)\b"
)
_SPLIT = re.compile(
    rf"\b(?:split|divided?|share[ds]?|distributed?)\b(?: {_IT})?(?: up| equally| evenly| fairly)*"
    rf"\s*(?:between|by|among|amongst|over|into|in|for|with)?\s*(?:the |us )?{_COUNT}\b"
    rf"|\b(?:in|into) {_COUNT.replace('<n>', '<k>')} (?:(?:equal|even|same) )?(?:parts|shares|portions|pieces)\b"
    rf"|\b(?:each|per (?:person|head)|apiece)\b[^.?]*\b{_COUNT.replace('<n>', '<p>')} (?:of us|people|persons|friends|guests)\b"
    rf"|\b(?:between|among|for each of)\s+(?:the |us )?{_COUNT.replace('<n>', '<m>')}\b(?= (?:of us|people|persons|friends|guests))"
)
_TIMES = re.compile(
    rf"(?:\b(?:times|multipl(?:y|ied)(?: {_IT})? by)|[*×])\s*{_NUMBER}\b|\b(?P<double>double|twice) {_IT}\b"
)
_PLUS = re.compile(
    rf"^\W*(?:and )?(?:now )?(?:then )?(?P<sign>plus|add|minus|less|subtract|take away|take off)\s+{_NUMBER}\b(?!\s*%)"
)


_ALONE = re.compile(r"\s*(-?\d[\d,]*(?:\.\d+)?)\s*(?:\(the printed [^()]*\)\s*)?$")
_COMES_TO = re.compile(r"=\s*(-?\d[\d,]*(?:\.\d+)?)\s*(?:[^\d\s]+\s*){0,2}$")
_AMOUNT = re.compile(r"=\s*(-?\d[\d,]*(?:\.\d+)?)")
_MADE_OF = re.compile(r"\s*(-?\d[\d,]*(?:\.\d+)?) = ")


def further(total: Decimal, request: str) -> str | None:
    """Return what is made of a total by the words of a request; None where they make nothing of it.

    Args:
        total: What the amounts add up to, or the number that came before.
        request: The words: *what's 20% of that*, *split it between three*, *plus a 10% tip*.
    """
    low = " ".join(counted(request).lower().split())
    lines: list[str] = []
    if found := _SHARE.search(low):
        share = _number(found["n"])
        lines.append(f"{share} % of {total} = {_plain(total * share / 100, total)}")
    elif found := _HALF.search(low):
        part = found["part"] or "half"
        lines.append(f"{part} of {total} = {_plain(total / _PARTS[part], total)}")
    if found := _LESS.search(low):
        share = _number(found["n"] or found["m"])
        total = _told(lines, f"{total} - {share} %", total - total * share / 100, total)
    elif not lines and (found := _MORE.search(low)):
        share = _number(found["n"])
        total = _told(lines, f"{total} + {share} %", total + total * share / 100, total)
    elif found := _TIMES.search(low):
        by = Decimal(2) if found["double"] else _number(found["n"])
        total = _told(lines, f"{total} × {by}", total * by, total)
    elif found := _PLUS.search(low):
        more = _number(found["n"])
        adds = found["sign"] in {"plus", "add"}
        sign = "+" if adds else "-"
        total = _told(
            lines, f"{total} {sign} {more}", total + more if adds else total - more, total
        )
    if found := _SPLIT.search(low):
        said = found["n"] or found["m"] or found["k"] or found["p"]
        by = Decimal(_WORDS.get(said, 0) or int(said))
        if by > 0:
            lines.append(f"{total} / {by} = {share_of(total, by)}")
    return "\n".join(lines) or None


_OF_A_TABLE = re.compile(
    r"(?:Sum|Average|Total|Median|Number|Highest|Lowest|Difference)\b[^:\n]*: (-?\d[\d,]*(?:\.\d+)?)"
)
"""*Sum of fee where paid is no: 145*: what a table was asked."""


def carried(text: str) -> Decimal | None:
    """Return the one number that an earlier answer comes to: *18.00*, *Sum of fee: 145*."""
    lines = without_workings(text).strip().splitlines()
    if not lines:
        return None
    if any(line.startswith("Formula:") for line in lines[1:]):
        # What is put into a formula comes after what it comes to.
        amount = _AMOUNT.search(lines[0])
        return decimal(amount[1]) if amount else None
    found = _ALONE.match(lines[0]) if len(lines) == 1 else None
    found = (
        found
        or _COMES_TO.search(lines[-1])
        or (_MADE_OF.match(lines[0]) if len(lines) == 1 else None)
        or (_OF_A_TABLE.fullmatch(lines[0]) if len(lines) == 1 else None)
    )
    return decimal(found[1]) if found else None


def is_made(text: str, said: str) -> bool:
    """Say whether the last line of an earlier answer is what the same words would make of it again.

    *20 % of 30.20 = 6.04* is not taken 20 % of once more for one request that asks for it once.
    """
    lines = text.strip().splitlines()
    before, now = _work(lines[-1] if lines else ""), _work(said.splitlines()[-1])
    return bool(before) and before == now


_WORK = re.compile(
    r"(?P<share>\S+ %|half|a third|a quarter|a fifth|a tenth) of \S+ = \S+|\S+ (?P<sign>[-+×/]) (?P<by>\S+(?: %)?) = \S+"
)


def _work(line: str) -> tuple[str, str, str] | None:
    found = _WORK.fullmatch(line.strip())
    return (found["share"] or "", found["sign"] or "", found["by"] or "") if found else None


CENT = Decimal("0.01")


def _told(lines: list[str], what: str, made: Decimal, like: Decimal) -> Decimal:
    shown = _plain(made, like)
    lines.append(f"{what} = {shown}")
    return shown


def share_of(total: Decimal, among: Decimal | int) -> Decimal:
    """Return an equal share; half a cent is kept: 5.725 is neither 5.72 nor 5.73."""
    exact = total / among
    fine = exact.quantize(Decimal("0.001"))
    return fine if fine == exact and fine != exact.quantize(CENT) else _plain(exact, total)


def _number(said: str) -> Decimal:
    return Decimal(said.replace(",", "."))


def _plain(made: Decimal, like: Decimal) -> Decimal:
    """Return a number as the one that it came from is written: money keeps its cents."""
    exponent = like.as_tuple().exponent
    if exponent == -2 or made != made.to_integral_value():
        return made.quantize(CENT, rounding=ROUND_HALF_UP)
    return made.to_integral_value()


__all__ = ("carried", "further", "is_made", "share_of")

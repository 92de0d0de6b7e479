"""Sums that a text leaves to its reader: what is still to pay, what it was the year before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from .numerals import digits
from .passages import Passage
from .pieces import MONEY

_LEFT = re.compile(
    r"\bhow much (?:[\w ']{0,30} )?(?:still|left|remain\w*|owe|owes|owed|outstanding|more)\b.*|\b(?:still|left|remains?) (?:to (?:be )?(?:pay|paid)|owe\w*|due)\b|\bremaining (?:amount|sum|balance)\b|\bwhat (?:do|does) \w+ (?:still )?owe\b"
    r"|\bquanto (?:é que )?(?:\w+ )?(?:falta|resta)\b|\b(?:falta|resta) pagar\b|\bpor pagar\b"
)
_PAYS = re.compile(r"\b(?:pay|paid|owe\w*|due|balance|amount|outstanding|pagar|transfer)\b")
_REST = re.compile(
    r"(?i)\b(?:remaining|remainder|balance|outstanding|the rest|still (?:owe|due|to pay)|restante|o resto|falta pagar|em falta)\b"
)
_WHOLE = re.compile(
    r"(?i)\b(?:agreed|total|price|costs?|budget|quote[sd]?|comes? to|amounts? to|in all|altogether|fee|invoice|combined price|preço|orçamento|custa|combinado|acordado)\b"
)
_PAID = re.compile(
    r"(?i)\b(?:already|paid|transferred|deposit(?:ed)?|down payment|advance|in advance|instalment|já|paguei|transferi|sinal|pago|adiantad\w+)\b"
)
_PAID_BARE = re.compile(
    r"(?i)\b(?:already paid|have paid|has paid|paid|transferred|já (?:paguei|pagou|pagámos)) (\d[\d.,]*)(?! ?(?:[$€£%]|euros?|pounds?|dollars?))"
)
_BEFORE = re.compile(
    r"\b(?:last year|year before|the previous (?:year|month|week)|last (?:month|week)|before (?:that|then)|(?:month|week) before|no ano passado|ano anterior)\b"
)
_CHANGED = re.compile(
    r"(?P<now>\d[\d.,]*)(?P<unit>[^.;\d]{0,60}?),? (?:which is |that is |that's |i\.e\. |or |up |down |mais |menos )?(?:[$€£] ?)?(?P<by>\d[\d.,]*)(?P<percent> ?%| per ?cent)?(?: \w+)? (?P<sign>more|higher|up|less|fewer|lower|down|mais|menos)"
    r"(?: \w+)? (?:than|on|from|do que|que) (?:the )?(?:last|year|previous|month|week|before|no|em|o ano)"
)


def reckoned(question: str, given: Sequence[Passage]) -> tuple[str, list[str]] | None:
    """Return a sum that a text does not say with the sentences that it is made of; None where there is none.

    Args:
        question: *How much is still to pay?*
        given: The text's pieces.
    """
    low = question.lower()
    told = [each.text for each in given if not each.is_aside]
    if _LEFT.search(low) and _PAYS.search(low):
        return _left(told)
    if _BEFORE.search(low):
        return _before(told)
    return _risen(told) if _BY.search(low) else None


def _risen(told: list[str]) -> tuple[str, list[str]] | None:
    """Return how much more something is than it was: *from £720 to £755*."""
    made = [(each, hit) for each in told for hit in _FROM_TO.finditer(each)]
    if len(made) != 1 or not _MOVES.search(made[0][0]):
        return None
    said, hit = made[0]
    first, second = _number(hit["first"]), _number(hit["second"])
    low, high = sorted((first, second))
    unit = _unit(MONEY.search(hit.group()))
    return _in(unit, high - low, f"{_written(high)} − {_written(low)}"), [said]


_BY = re.compile(
    r"\bby how much\b|\bhow much (?:more|less|higher|lower)\b(?! (?:do|does|did|must|should) (?:i|we) (?:need|have))|\bhow (?:big|large|high) is the (?:increase|rise|difference|cut)\b|\bwhat is the (?:increase|rise|difference)\b|\bquanto (?:aumenta|sobe|desce)\b"
)
_FROM_TO = re.compile(
    r"(?i)\b(?:from|de) (?P<first>[$€£]? ?\d[\d.,]*\d|[$€£] ?\d)(?: ?(?:euros?|pounds?|dollars?|€|£|\$))? (?:to|para) (?P<second>[$€£]? ?\d[\d.,]*\d|[$€£] ?\d)(?: ?(?:euros?|pounds?|dollars?|€|£|\$))?(?! ?(?:am|pm|years|[a-z]* ?(?:january|february|march|april|may|june|july|august|september|october|november|december))\b)"
)
_MOVES = re.compile(
    r"(?i)\b(?:go(?:es)? (?:up|down)|went (?:up|down)|ris(?:e|es|en|ing)|rose|rais\w+|increas\w+|reduc\w+|fall\w*|fell|drop\w*|lower\w*|chang\w+|cut|aument\w+|sob\w+|desc\w+)\b"
)


def _left(told: list[str]) -> tuple[str, list[str]] | None:
    if any(_REST.search(each) and MONEY.search(each) for each in told):
        return None  # the text says it
    paid = [each for each in told if _PAID.search(each) and len(MONEY.findall(each)) == 1]
    whole = [
        each
        for each in told
        if _WHOLE.search(each) and each not in paid and len(MONEY.findall(each)) == 1
    ]
    both = [each for each in told if _PAID.search(each) and len(MONEY.findall(each)) == 2]
    bare = [
        (each, hit)
        for each in told
        if (hit := _PAID_BARE.search(each)) and len(MONEY.findall(each)) == 1
    ]
    if len(bare) == 1 and not whole:
        first, second, said = _money(bare[0][0]), _number(bare[0][1][1]), [bare[0][0]]
    elif len(whole) == 1 and len(paid) == 1:
        first, second, said = _money(whole[0]), _money(paid[0]), [whole[0], paid[0]]
    elif len(both) == 1 and not paid:
        amounts = [_number(each.group()) for each in MONEY.finditer(both[0])]
        first, second, said = max(amounts), min(amounts), both
    else:
        return None
    rest = first - second
    if rest < 0:
        return None
    unit = _unit(MONEY.search(said[0]))
    return _in(unit, rest, f"{_written(first)} − {_written(second)}"), said


def _before(told: list[str]) -> tuple[str, list[str]] | None:
    for each in told:
        found = _CHANGED.search(digits(each))
        if not found:
            continue
        now, by = _number(found["now"]), _number(found["by"])
        more = found["sign"] in {"more", "higher", "up", "mais"}
        if found["percent"]:
            factor = 1 + by / 100 if more else 1 - by / 100
            if factor <= 0:
                continue
            made = (now / factor).quantize(Decimal(1))
            return f"About {_written(made)} ({_written(now)} / {factor.normalize()})", [each]
        made = now - by if more else now + by
        sign = "−" if more else "+"
        return f"{_written(made)} ({_written(now)} {sign} {_written(by)})", [each]
    return None


def _money(sentence: str) -> Decimal:
    hit = MONEY.search(sentence)
    return _number(hit.group()) if hit else Decimal(0)


def _number(said: str) -> Decimal:
    """Read an amount as either language writes it: *1,150.00*, *1.150,00*, *18.400*."""
    plain = re.sub(r"[^\d.,]", "", said).strip(".,")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d{1,2}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    return Decimal(plain.replace(",", "") or 0)


def _unit(hit: re.Match[str] | None) -> str:
    return re.sub(r"[\d.,\s]+", "", hit.group()) if hit else ""


def _in(unit: str, amount: Decimal, how: str) -> str:
    shown = _written(amount)
    return f"{unit}{shown} ({how})" if unit in {"$", "€", "£"} else f"{shown} {unit} ({how})"


def _written(amount: Decimal) -> str:
    return f"{amount:,}"

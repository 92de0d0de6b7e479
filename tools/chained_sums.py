"""One step after another: *divide 84 by 4 and add 6*, *start with 15, double it, take away 4*."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from .stories import decimal

_N = r"(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)(?!\w|[.,]\d)"
_M = rf"{_N}(?!\s?(?:%|per ?cent))"
_IT = r"(?: (?:it|that|this|the (?:result|answer|sum|total)))?"
_SO = r"(?: (?:to|from|by) (?:it|that|this|the (?:result|answer|sum|total)))?"

_FIRST: tuple[tuple[str, Callable[[Decimal, Decimal], Decimal]], ...] = (
    (rf"(?:add|sum) {_M} (?:and|to|plus) {_M}", lambda a, b: a + b),
    (rf"{_M} (?:\+|plus) {_M}", lambda a, b: a + b),
    (rf"(?:subtract|take(?: away)?|deduct) {_M} from {_M}", lambda a, b: b - a),
    (rf"{_M} (?:-|minus|less) {_M}", lambda a, b: a - b),
    (rf"multiply {_M} (?:by|and|with) {_M}", lambda a, b: a * b),
    (rf"{_M} (?:\*|x|times|multiplied by) {_M}", lambda a, b: a * b),
    (rf"divide {_M} by {_M}", lambda a, b: a / b),
    (rf"{_M} (?:/|divided by|over) {_M}", lambda a, b: a / b),
)
_EXTRA = r"(?: (?:vat|tax|tip|service(?: charge)?|gratuity|iva|interest|discount))?"
_SHARES: tuple[tuple[str, Callable[[Decimal, Decimal], Decimal]], ...] = (
    (rf"(?:take |knock |cut )?{_N} ?(?:%|percent|per cent) (?:off|discount on)(?: of)? {_N}", lambda a, b: b * (100 - a) / 100),
    (rf"(?:add )?{_N} ?(?:%|percent|per cent){_EXTRA} (?:to|on) {_N}", lambda a, b: b * (100 + a) / 100),
    (rf"{_N} ?(?:%|percent|per cent) of {_N}", lambda a, b: a * b / 100),
)  # fmt: skip
_START = rf"(?:start(?:ing)? (?:with|from|at)|take|begin with|from) {_N}"
_ALONE: tuple[tuple[str, Callable[[Decimal], Decimal]], ...] = (
    (rf"(?:double|twice){_IT}", lambda a: 2 * a),
    (rf"triple{_IT}", lambda a: 3 * a),
    (rf"halve{_IT}|(?:take )?half(?: of)?{_IT}", lambda a: a / 2),
    (rf"square{_IT}", lambda a: a * a),
    (rf"cube{_IT}", lambda a: a**3),
)
_NEXT: tuple[tuple[str, Callable[[Decimal, Decimal], Decimal]], ...] = (
    (rf"(?:add|plus|\+) (?:another )?{_N} ?(?:%|percent|per cent){_EXTRA}{_SO}", lambda a, b: a * (100 + b) / 100),
    (rf"(?:subtract|minus|take (?:away|off)|deduct|-) {_N} ?(?:%|percent|per cent){_EXTRA}{_SO}", lambda a, b: a * (100 - b) / 100),
    (rf"(?:add|plus|\+) (?:another )?{_N}{_SO}", lambda a, b: a + b),
    (rf"(?:subtract|minus|take (?:away|off)|take|deduct|-) (?:another )?{_N}(?: (?:away|off))?{_SO}", lambda a, b: a - b),
    (rf"(?:multiply(?:{_IT} by| by)|multiplied by|times|\*){_IT} {_N}", lambda a, b: a * b),
    (rf"(?:divide(?:{_IT} by| by)|divided by|/){_IT} {_N}", lambda a, b: a / b),
)  # fmt: skip
_THEN = re.compile(r"\s*(?:[,;.]+|\b(?:and )?then\b|\band\b|\bafter that\b|\bfinally\b)\s*")
_STEPS = [(re.compile(form), act) for form, act in _NEXT]
_CHANGES = [(re.compile(form), act) for form, act in _ALONE]
_BEGINS = [(re.compile(form), act) for form, act in (*_SHARES, *_FIRST)]
_FROM = re.compile(_START)


def chained(text: str) -> str | None:
    """Answer steps that follow each other, each on what came before; None where one is not understood.

    Args:
        text: In lower letters, numbers in digits.
    """
    begun = _begin(text.strip())
    if begun is None:
        return None
    value, rest = begun
    steps = 0
    while rest:
        joined = _THEN.match(rest)
        if joined is None:
            return None  # 3 plus 4 times 2 is one sum, and no two steps
        while joined:
            rest = rest[joined.end() :]
            joined = _THEN.match(rest)
        if not rest:
            break
        made = _step(value, rest)
        if made is None:
            return None
        value, rest = made
        steps += 1
    return _shown(value) if steps else None


def _begin(text: str) -> tuple[Decimal, str] | None:
    for form, act in _BEGINS:
        if found := form.match(text):
            return act(decimal(found[1]), decimal(found[2])), text[found.end() :]
    found = _FROM.match(text)
    return (decimal(found[1]), text[found.end() :]) if found else None


def _step(value: Decimal, rest: str) -> tuple[Decimal, str] | None:
    for form, act in _STEPS:
        if found := form.match(rest):
            return act(value, decimal(found[1])), rest[found.end() :].lstrip(" ")
    for form, change in _CHANGES:
        found = form.match(rest)
        if found and not rest[found.end() : found.end() + 1].isalnum():
            return change(value), rest[found.end() :].lstrip(" ")
    return None


def _shown(value: Decimal) -> str:
    made = value.quantize(Decimal("0.0000000001"))
    text = f"{made:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


__all__ = ("chained",)

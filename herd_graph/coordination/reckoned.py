"""Leave out of an answer what it works out in plain sight: no source says that, and nobody invented it.

*15.84 = TOTAL 22.79 - Washing powder 6.95* is held against a receipt that has both prices and not their
difference. What is worked out wrongly stays, so that it is doubted.
"""

from __future__ import annotations

import re
from decimal import Decimal

_LONGEST = 400
_N = r"\d[\d,]*(?:\.\d+)?"
_SUM = re.compile(
    rf"(?P<whole>(?<![\d.]){_N}) = (?P<parts>[^=\n]*?{_N})(?P<rest>, .*|\.| \([^()]*\))?$"
)
_TERM = re.compile(
    rf"(?:^|(?P<sign> [+-] ))(?:(?P<n>\d+) × )?(?:[^\n]*?[^\d\n.,])??(?P<price>{_N})(?= [+-] |$)"
)
_APART = re.compile(rf"\ba difference of (?P<by>{_N})|^(?P<first>{_N}) (?=\()")
_EACH = re.compile(rf"(?P<one>{_N}) each \((?P<n>\d+) for (?P<all>{_N})\)")
_BEYOND = re.compile(
    rf"(?P<by>{_N}) more than (?P<have>{_N})|leaves (?P<left>{_N}) of (?P<of>{_N})"
)


def unreckoned(text: str) -> str:
    """Return a text without the numbers that it works out rightly from others that it names."""
    return "\n".join(_line(each) for each in text.split("\n"))


def _line(line: str) -> str:
    if len(line) > _LONGEST:
        return line
    line = _EACH.sub(_price_of_one, line)
    summed = _SUM.search(line)
    if summed is not None:
        whole = _number(summed["whole"])
        if whole == _made(summed["parts"]):
            rest = _BEYOND.sub(lambda hit: _less(hit, whole), summed["rest"] or "")
            return f"{line[: summed.start()]}{summed['parts']}{rest}"
    apart = _APART.search(line)
    if apart is not None:
        by = _number(apart["by"] or apart["first"])
        others = [_number(each) for each in re.findall(rf"(?<![\d.]){_N}", line[: apart.start()] + line[apart.end() :])]  # fmt: skip
        if any(abs(one - two) == by for one in others for two in others if one != two):
            return line[: apart.start()] + line[apart.end() :]
    return line


def _made(parts: str) -> Decimal | None:
    """Return what the terms of a sum come to; None where some of it is no term."""
    total, end = Decimal(0), 0
    for term in _TERM.finditer(parts):
        if term.start() != end:
            return None
        end = term.end()
        price = _number(term["price"]) * int(term["n"] or 1)
        total += -price if (term["sign"] or "").strip() == "-" else price
    return total if end == len(parts) else None


def _price_of_one(hit: re.Match[str]) -> str:
    right = _number(hit["one"]) * int(hit["n"]) == _number(hit["all"])
    return f"({hit['n']} for {hit['all']})" if right else hit.group()


def _less(hit: re.Match[str], whole: Decimal) -> str:
    if hit["by"]:
        right = whole - _number(hit["have"]) == _number(hit["by"])
        return f"more than {hit['have']}" if right else hit.group()
    right = _number(hit["of"]) - whole == _number(hit["left"])
    return f"of {hit['of']}" if right else hit.group()


def _number(said: str) -> Decimal:
    return Decimal(said.replace(",", ""))


__all__ = ("unreckoned",)

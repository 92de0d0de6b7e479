"""Sums of everyday life that are told in one breath: who were how many, from when to when, for how many it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from .stories import decimal, plain

_N = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d:]|\.\d)"
_CASH = r"(?: ?(?:[$€£]|euros?|pounds?|dollars?|eur|quid))?"
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "tenth": 10}
_PART = r"(?:an? |1 |one )?(half|third|quarter|fifth|sixth|tenth)"
_CLOCK = r"(\d{1,2})(?:[:.h](\d\d)?)? ?([ap]m)?"
_DID = (
    r"(?:paid|pays?|earns?|earned|costs?|got|gets?|has|had|spent|weighs?|weighed|makes?|made|saved)"
)
Found = re.Match[str]


def _money(value: Decimal) -> str:
    exact = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return plain(value) if value == value.to_integral_value() else f"{exact:f}"


def _each(bill: int, people: int) -> Callable[[Found], str | None]:
    def shared(found: Found) -> str | None:
        count = int(found[people])
        return f"{_money(decimal(found[bill]) / count)} each" if count > 1 else None

    return shared


def _less_a_part(found: Found) -> str:
    return _money(decimal(found[2]) * (1 - Decimal(1) / _PARTS[found[1]]))


def _part_of(found: Found) -> str:
    return _money(decimal(found[2]) / _PARTS[found[1]])


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    later = 12 if half == "pm" and int(hour) < 12 else 0
    return (int(hour) + later) * 60 + int(minute or 0)


def _hired(found: Found) -> str | None:
    begins = _minutes(found[2], found[3], found[4] or (found[7] if found[7] == "pm" else None))
    if found[4] is None and found[7] == "pm" and int(found[2]) > int(found[5]):
        begins -= 12 * 60  # from 9 to 5 pm begins in the morning
    lasts = _minutes(found[5], found[6], found[7]) - begins
    if not 0 < lasts <= 24 * 60:
        return None
    hours = Decimal(lasts) / 60
    return f"{_money(decimal(found[1]) * hours)} ({plain(hours)} hours)"


def _scaled(found: Found) -> str | None:
    amount, people, wanted = decimal(found[1]), decimal(found[4]), decimal(found[5])
    if not people:
        return None
    unit = f" {found[2]}" if found[2] else ""
    return f"{plain(amount * wanted / people)}{unit} {found[3].strip()}"


def _consumed(found: Found) -> str | None:
    distance, fuel = decimal(found[1]), decimal(found[2])
    return f"{(fuel / distance * 100).quantize(Decimal('0.01'))} l per 100 km" if distance else None


def _year_and_each(found: Found) -> str:
    year = decimal(found[1]) * 12
    return f"{_money(year)} a year; {_money(year / int(found[2]))} each"


def _with_percent(found: Found) -> str:
    whole = decimal(found[1]) + decimal(found[2]) * decimal(found[3])
    part = whole * decimal(found[5]) / 100
    made = whole + part if found[4] in {"plus", "and"} else whole - part
    return f"{_money(made)} ({_money(whole)} {'+' if made > whole else '-'} {_money(part)})"


_FORMS: tuple[tuple[str, Callable[[Found], str | None]], ...] = (
    (rf"(?:we|they|there) (?:were|are) (\d+)(?: of us| people| persons| friends)?,? (?:and )?(?:the )?(?:\w+ )?(?:bill|total|meal|dinner|lunch|ride|taxi|whole thing|rent|it)(?: \w+)? (?:was|is|came to|comes to|cost|costs){_CASH} {_N}{_CASH}\b.*\beach\b.*", _each(2, 1)),
    (rf"(?:the |a )?(?:\w+ )?(?:bill|total|meal|dinner|lunch|ride|taxi|rent)(?: \w+)? (?:was|is|came to|comes to|cost|costs) {_N}{_CASH},?(?: and)? (?:we|they|there) (?:were|are) (\d+)\b(?: of us| people| persons| friends)?.*\beach\b.*", _each(1, 2)),
    (rf"(?:take |get |give |with )?{_PART} off(?: of)? {_N}{_CASH}", _less_a_part),
    (rf"{_PART} of what (?:\w+ ){{1,3}}{_DID}[,.;:]?(?: and| if)? (?:\w+ ){{1,3}}{_DID} {_N}{_CASH}", _part_of),
    (rf"(?:if )?(?:\w+ ){{1,3}}{_DID} {_N}{_CASH}[,.;:]? (?:and )?(?:what is|what's|how much is) {_PART} of (?:that|it|this)", lambda found: _money(decimal(found[1]) / _PARTS[found[2]])),
    (rf"[^\d]*?{_N}{_CASH} (?:an|per|each|every) hour[^\d]*\bfrom {_CLOCK} (?:to|until|till) {_CLOCK}[^\d]*", _hired),
    (rf"(?:the recipe (?:says|needs|takes) |if |it (?:needs|takes) )?{_N} ?(g|kg|grams?|ml|l|litres?|cups?|eggs?)? ?(?:of )?((?:[a-z]+ ){{0,2}}?)(?:serves?|feeds?|is enough for|are enough for|is for|are for|for) {_N}(?: people| persons)?[,;.]? (?:so )?(?:how (?:much|many)(?: \w+)?|what)(?: (?:do|would|will) (?:i|we) need)? (?:for|feeds|serves) {_N}(?: people| persons)?", _scaled),
    (rf"(?:i |we )?(?:drive|drove|do|did|went|go|travelled)? ?{_N} ?(?:km|kilometres) (?:on|with|using|for) {_N} ?(?:l|litres?|liters?)\b[^\d]*\b(?:per|every|for) 100(?: ?(?:km|kilometres))?", _consumed),
    (rf"(?:what is |how much is )?{_N}{_CASH} (?:plus|and) {_N} [a-z]+ (?:at|for|of) {_N}{_CASH}(?: each| a [a-z]+)?,? (plus|and|minus|less) (\d+(?:\.\d+)?) ?(?:%|percent|per cent)(?: (?:of|off|on) (?:the )?(?:whole|total|that|it|all|everything|lot))?(?:[:,;?.] ?(?:and )?(?:what|how much)[^\d]*)?", _with_percent),
    (rf"(?:the |our |my )?(?:\w+ )?(?:is|costs?) {_N}{_CASH} (?:a|per) month\b[^\d]*\byear\b[^\d]*\beach\b[^\d]*?\b(\d)\b(?: of us| people)?", _year_and_each),
)  # fmt: skip
_KNOWN = tuple((re.compile(form), answer) for form, answer in _FORMS)


def told(text: str) -> str | None:
    """Answer a small story whose every number has its place; None for all else.

    Args:
        text: In lower letters, numbers in digits.
    """
    bare = " ".join(text.replace("’", "'").split()).strip(" .?!")
    for form, answer in _KNOWN:
        found = form.fullmatch(bare)
        if found is not None:
            return answer(found)
    return None


__all__ = ("told",)

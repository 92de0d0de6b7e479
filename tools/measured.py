"""Stories of measures: how long a drive takes, what 500 g cost by the kilo, how many films fit on a disk.

What is asked for says what it measures: a time, a distance, money. Of the measures told, one product or
quotient has that dimension, and uses them all; where none or several have, nothing is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product

from .measured_words import (
    UNIT,
    UNITS,
    Dims,
    Quantity,
    inverse,
    lasting,
    quantities,
    times,
    unit_named,
)

_SPEED: Dims = (("length", 1), ("time", -1))
_PACE: Dims = (("length", -1), ("time", 1))
_MONEY: Dims = (("money", 1),)
_ASKS: tuple[tuple[str, Dims], ...] = (
    (r"\bpace\b|\b(?:minutes|time) per (?:km|kilomet\w+|mile)\b", _PACE),
    (r"\bhow fast\b|\bspeed\b", _SPEED),
    (r"\bhow long\b|\bhow much time\b|\bhow many (?:hours?|minutes?|seconds?|days?)\b", (("time", 1),)),
    (r"\bhow far\b|\b(?:what|which) distance\b|\bhow many (?:km|kilomet\w+|miles|met(?:re|er)s)\b", (("length", 1),)),
    (r"\bhow much (?:petrol|fuel|diesel|gas|water|milk|paint|oil)\b|\bhow many (?:lit(?:re|er)s|gallons)\b", (("length", 3),)),
    (r"\bhow many square\b|\bwhat area\b|\bwhat is the area\b", (("length", 2),)),
    (r"\bcosts?\b|\bpay\b|\bprice\b|\bearn\b|\brent\b|\bwages?\b|\bhow much (?:is|are|for|does|do|would|will)\b|\bwhat (?:is|are|does|do) (?:it|they|that)\b|\b(?:in )?total\b|\baltogether\b", _MONEY),
    (r"\bhow many\b", ()),
)  # fmt: skip
_ASKED = re.compile(
    r"\b(?:what|how (?:much|many|long|far|fast))\b|\b(?:in )?total\W*$|\baltogether\W*$"
)
_OTHERWISE = re.compile(
    r"%|\b(?:off|discount|tip|left|over|remain\w*|change|share\w*|split|interest|loan|average|each other|faster|slower|cheaper|more|less|half|double|twice|difference|than|better|worse|warmer|colder|spent|gave|lost)\b(?! does)"
)
_MOST = 4


def measured(text: str) -> str | None:
    """Answer a story of measures; None where it is not surely understood.

    Args:
        text: In lower letters, numbers in digits.
    """
    text = _THOUSANDS.sub(r"\1 km", text)
    asked = _ASKED.search(text)
    if asked is None:
        return None
    if (said := _shared(text) or _parted(text)) is not None:
        return said
    if _OTHERWISE.search(text):
        return None
    questions = [each for each in _APART.split(text[asked.start() :]) if each.strip()]
    if len(questions) == 2:  # how many square metres is it, and what would carpet cost?
        told = [measured(f"{text[: asked.start()]}{each}") for each in questions]
        return "; ".join(each for each in told if each) if all(told) else None
    if (said := _in_proportion(text) or _per_hundred(text)) is not None:
        return said
    told = [each for each in _told(text) if each.dims or each.bare]
    if any(not any(a <= at < b for a, b in (e.at for e in told)) for at in _numbers(text)):
        return None  # a number that nobody knows what to do with
    if (said := _turned(told, text[asked.start() :])) is not None:
        return said
    wish = next((dims for form, dims in _ASKS if re.search(form, text[asked.start() :])), None)
    if wish is None:
        return None
    if wish == (("length", 2),) and len(told) == 1 and told[0].dims == wish:
        return _shown(told[0].value, told[0].shown, wish, text)
    if not 2 <= len(told) <= _MOST:
        return None
    told = _unbared(told)
    if any(each.bare for each in told):
        return None
    if wish == _MONEY and (summed := _summed(told, text)) is not None:
        return summed
    if len(told) > 3:
        return None
    made = [(value, how) for value, dims, how in _products(told) if dims == wish]
    if not wish:
        alike = len(told) == 2 and told[0].dims == told[1].dims and told[0].dims not in {(), _MONEY, (("thing", 1),)}  # fmt: skip
        made = [each for each in made if each[0] >= 1] if alike else []
    alone = [each for each in told if each.dims == wish and wish != _MONEY]
    again = re.search(r"\bhow (?:many|far)\b.*\b(?:is|was) (?:it|that)\b", text[asked.start() :])
    if not made and len(alone) == 1 and again:
        made = [(alone[0].value, alone[0].shown)]  # how many km is it?
    if len(made) == 2 and len(told) == 3 and told[-1].at[0] > asked.start() > told[-2].at[1]:
        made = [each for each in made if f"÷ {told[-1].shown}" not in each[1]]  # of what is asked
    return _shown(*made[0], wish, text) if len(made) == 1 else None


_THOUSANDS = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?) ?k\b(?= (?:in|run|race|ran|walk)\b)")
_APART = re.compile(r",? and (?=(?:what|how)\b)|[?;] ?(?:and )?(?=(?:what|how)\b)")
_OF_US = re.compile(
    r"\b(?P<n>\d+) (?:of us|friends|people|flatmates|housemates|roommates|persons) share\b"
)
_TAKEN = re.compile(
    r"%|\b(?:off|voucher|minus|discount|less|per|an? (?:hour|day|week)|times|already)\b"
)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PART = re.compile(
    r"\b(?P<part>half|(?P<n>an?|\d) (?P<of>third|quarter|fifth|tenth)s?) of (?:the |our |my )?(?P<all>\d+) (?P<what>[a-z]+)\b[^\d]*?\bhow many\b(?P<rest>[^\d]*)$"
)
_FOR = re.compile(
    r"(?P<cash>[€£$] ?)?(?P<price>\d+\.\d\d|\d+(?= ?(?:euros?|pounds?|dollars?|[€£$])))(?: ?(?:euros?|pounds?|dollars?|[€£$]))? for (?P<count>\d+)\b[^\d]*[.,;:?][^\d]*\b(?P<wanted>\d+)(?![\d.,]\d)\b[^\d]*$"
)
_WORKERS = re.compile(
    r"(?:if )?(?P<n>\d+) (?P<who>workers|men|women|people|painters|builders|machines|taps|pumps|gardeners|cleaners|printers|of us)\b[^\d]*\b(?P<t>\d+) (?P<unit>days|hours|minutes|weeks)\b[^\d]*\bhow (?:many (?:days|hours|minutes|weeks)|long)\b[^\d]*\b(?P<m>\d+) (?:workers|men|women|people|painters|builders|machines|taps|pumps|gardeners|cleaners|printers|of us)\b[^\d]*$"
)
"""The more they are, the sooner it is done."""


_BY_MEASURE = re.compile(
    r"\d ?(?:[€£$]|euros?|pounds?|dollars?|cents?|pence|p)?(?: ?/ ?| (?:an?|per|each|every|the) )(?:kilos?|kg|g|grams?|lit(?:re|er)s?|l|ml|met(?:re|er)s?|m|km|kilomet(?:re|er)s?|miles?|square (?:met(?:re|er)s?|m|feet|foot)|m²|lb|gallon)\b"
    r"|\b(?:in|speed in) (?:km ?/ ?h|kmh|mph|m ?/ ?s|l ?/ ?100 ?km)\W*$"
)


def _shared(text: str) -> str | None:
    """*3 of us share a flat: rent 1260, gas 84, internet 36. What does each pay?*."""
    found = _OF_US.search(text)
    if found is None or not re.search(r"\beach\b|\bper person\b", text) or _TAKEN.search(text):
        return None
    sums = [
        Fraction(each)
        for each in re.findall(r"(?<![\w.,])\d+(?:\.\d+)?", text.replace(found[0], ""))
    ]
    if len(sums) < 2 or int(found["n"]) < 2:
        return None
    whole = sum(sums, Fraction(0))
    return (
        f"{number(whole / int(found['n']), money=True)} each ({number(whole, money=True)} in all)"
    )


def _parted(text: str) -> str | None:
    """*2 thirds of the 48 children had lunch: how many did, and how many did not?*."""
    found = _PART.search(text)
    if found is None:
        return None
    count = int(found["n"]) if (found["n"] or "").isdigit() else 1
    part = Fraction(count, _PARTS[found["of"] or "half"])
    held = part * int(found["all"])
    if held.denominator != 1 or part >= 1:
        return None
    rest = int(found["all"]) - int(held)
    others = re.search(
        r"\b(?:did not|didn't|not|rest|others|without|left)\b|n['’]t\b", found["rest"]
    )
    both = re.search(r"\band how many\b", found["rest"])
    if others and not both:
        return f"{rest} {found['what']}"
    return f"{int(held)} {found['what']}" + (f"; the other {rest} not" if others else "")


def _per_hundred(text: str) -> str | None:
    """*52 mpg: how many litres per 100 km is that?*."""
    asked = re.search(r"\bhow many lit(?:re|er)s per 100 ?km\b", text)
    told = [each for each in _told(text[: asked.start()]) if each.dims] if asked else []
    if len(told) != 1 or told[0].dims != UNITS["mpg"][1]:
        return None
    made = 1 / told[0].value / UNITS["l/100 km"][0]
    return f"{number(made)} l/100 km ({told[0].shown}; gallon = US)"


_IN = re.compile(rf"\b(?:is|are) (?:that|it|this) in (?P<unit>{UNIT})\W*$")


def _turned(told: Sequence[Quantity], question: str) -> str | None:
    """*68 square metres: what is that in square feet?*."""
    found = _IN.search(question)
    unit = unit_named(found["unit"]) if found is not None else ""
    held = [each for each in told if unit and each.dims == UNITS[unit][1]]
    return f"{number(held[0].value / UNITS[unit][0])} {unit} ({held[0].shown})" if len(held) == 1 == len(told) else None  # fmt: skip


def _in_proportion(text: str) -> str | None:
    """*Eggs are 3.60 for 12: what do 30 cost?*, *6 workers need 8 days: how many do 4 need?*."""
    if found := _WORKERS.search(text):
        first, days, then = (Fraction(found[each]) for each in ("n", "t", "m"))
        return f"{number(first * days / then)} {found['unit']} ({found['n']} × {found['t']} ÷ {found['m']})" if then else None  # fmt: skip
    if found := _FOR.search(text):
        price, count, wanted = (Fraction(found[each]) for each in ("price", "count", "wanted"))
        made = number(price / count * wanted, money=True) if count else ""
        return f"{made} = {found['price']} ÷ {found['count']} × {found['wanted']}" if made else None
    return None


def asked_of(text: str) -> Fraction | None:
    """Return the seconds that a story of measures comes to; None where it is not one of time."""
    told = [each for each in _told(text) if each.dims]
    made = [value for value, dims, _ in _products(told) if dims == (("time", 1),)]
    return made[0] if len(made) == 1 and len(told) == 2 else None


def is_by_measure(text: str) -> bool:
    """Say whether something is priced by a measure, or so many have one price: *1.62 a litre*, *3.60 for 12*."""
    return _BY_MEASURE.search(text) is not None or _FOR.search(text) is not None


def _numbers(text: str) -> list[int]:
    return [each.start() for each in re.finditer(r"(?<![\w.,])\d", text)]


def _told(text: str) -> list[Quantity]:
    """Return the measures, with durations that are written with colons; an area is one measure."""
    runs = [
        Quantity(value, (("time", 1),), shown, at)
        for value, shown, at in lasting(text)
        if re.search(r"\b(?:in|took|takes?|of|for|time)\W*$", text[: at[0]])
    ]
    spans = [each.at for each in runs]
    found = [e for e in quantities(text) if not any(a <= e.at[0] < b for a, b in spans)]
    held = sorted([*found, *runs], key=lambda each: each.at)
    for one, two in pairwise(held):
        between = text[one.at[1] : two.at[0]].strip()
        if between in {"by", "x", "×", "times"} and two.dims == (("length", 1),):
            first = (
                one if one.dims else Quantity(one.value * _scale(two), two.dims, one.shown, one.at)
            )
            area = Quantity(first.value * two.value, (("length", 2),), f"{one.shown} × {two.shown}", (one.at[0], two.at[1]))  # fmt: skip
            return [area if each is one else each for each in held if each is not two]
    return held


def _scale(quantity: Quantity) -> Fraction:
    unit = unit_named(re.sub(r"^[\d.,]+\s*", "", quantity.shown))
    return UNITS[unit][0] if unit else Fraction(1)


def _unbared(told: Sequence[Quantity]) -> list[Quantity]:
    """Take a number that nothing measures for money, where a rate of money is told besides."""
    return [
        Quantity(e.value, _MONEY, e.shown, e.at) if e.bare and len(told) == 2 else e for e in told
    ]


def _summed(told: Sequence[Quantity], text: str) -> str | None:
    """Add up so much at this and so many at that: *2.4 m at 8.50 a metre and 5 buttons at 60 cents each*."""
    if len(told) != 4:
        return None
    pairs = [(told[0], told[1]), (told[2], told[3])]
    if not re.search(r"\band\b|\bplus\b|,", text[told[1].at[1] : told[2].at[0]]):
        return None
    parts: list[Fraction] = []
    for one, two in pairs:
        if times(one.dims, two.dims) != _MONEY:
            return None
        parts.append(one.value * two.value)
    shown = " + ".join(f"{one.shown} × {two.shown}" for one, two in pairs)
    return f"{number(sum(parts, Fraction(0)), money=True)} = {shown}"


def _products(told: Sequence[Quantity]) -> Iterator[tuple[Fraction, Dims, str]]:
    """Yield what the measures make when each multiplies or divides."""
    for signs in product((1, -1), repeat=len(told)):
        if all(sign < 0 for sign in signs):
            continue
        value = Fraction(1)
        for each, sign in zip(told, signs, strict=True):
            if not each.value:
                return
            value *= each.value**sign
        dims = times(*(each.dims if sign > 0 else inverse(each.dims) for each, sign in zip(told, signs, strict=True)))  # fmt: skip
        over = [each.shown for each, sign in zip(told, signs, strict=True) if sign > 0]
        under = [each.shown for each, sign in zip(told, signs, strict=True) if sign < 0]
        how = " × ".join(over) + "".join(f" ÷ {each}" for each in under)
        yield value, dims, how


def _shown(value: Fraction, how: str, wish: Dims, text: str) -> str:
    if wish == _MONEY:
        return f"{number(value, money=True)} = {how}"
    if not wish:
        return f"{int(value)} ({how})"
    if wish == (("time", 1),):
        return f"{as_time(value)} ({how})"
    if wish == _PACE:
        unit = "mile" if "mile" in text else "km"
        seconds = round(value * UNITS[unit][0])
        return f"{seconds // 60}:{seconds % 60:02d} min per {unit} ({how})"
    unit = _wanted(wish, text)
    return f"{number(value / UNITS[unit][0])} {unit} ({how})"


def _wanted(wish: Dims, text: str) -> str:
    """Return the unit of the answer: the one that is asked for, or one that was told."""
    named = [unit_named(each[0]) for each in re.finditer(rf"(?<![\w/])(?:{UNIT})(?!\w)", text)]
    fits = [each for each in named if each and UNITS[each][1] == wish]
    if fits:
        return fits[-1]
    miles = "mile" in named
    return {
        _SPEED: "mph" if miles else "km/h",
        (("length", 1),): "mile" if miles or "mph" in named else "km",
        (("length", 3),): "l",
        (("length", 2),): "m²",
    }[wish]


def as_time(value: Fraction) -> str:
    seconds = round(value) if value < 3600 else 60 * round(value / 60)
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days > 3:
        return f"{number(value / 86400)} days"
    hours += 24 * days
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{left} s" if left and not hours else ""]  # fmt: skip
    return " ".join(each for each in parts if each) or "0 s"


def number(value: Fraction, *, money: bool = False) -> str:
    made = round(float(value), 2)
    if made == int(made):
        return f"{int(made)}"
    return f"{made:.2f}" if money else f"{made:.2f}".rstrip("0")


__all__ = ("as_time", "asked_of", "is_by_measure", "measured", "number")

"""Measures as a story tells them: each with its size in one common unit, and with what it measures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

Dims = tuple[tuple[str, int], ...]
"""What is measured, to which power: a speed is length 1, time -1."""

_F = Fraction
_LENGTH = {"mm": _F(1, 1000), "cm": _F(1, 100), "m": _F(1), "km": _F(1000), "mile": _F(1609344, 1000), "foot": _F(3048, 10000), "inch": _F(254, 10000), "yard": _F(9144, 10000)}  # fmt: skip
_TIME = {"s": _F(1), "min": _F(60), "h": _F(3600), "day": _F(86400), "week": _F(604800)}
_MASS = {"mg": _F(1, 10**6), "g": _F(1, 1000), "kg": _F(1), "t": _F(1000), "lb": _F(45359237, 10**8), "oz": _F(45359237, 16 * 10**8)}  # fmt: skip
_DATA = {"kb": _F(8 * 10**3), "mb": _F(8 * 10**6), "gb": _F(8 * 10**9), "tb": _F(8 * 10**12), "kbit": _F(10**3), "mbit": _F(10**6), "gbit": _F(10**9)}  # fmt: skip
_VOLUME = {
    "ml": _F(1, 10**6),
    "cl": _F(1, 10**5),
    "l": _F(1, 1000),
    "gallon": _F(3785411784, 10**12),
}
_AREA = {"m²": _F(1), "cm²": _F(1, 10**4), "km²": _F(10**6), "ft²": _F(3048**2, 10**8), "ha": _F(10**4), "acre": _F(40468564224, 10**7)}  # fmt: skip
UNITS: dict[str, tuple[Fraction, Dims]] = {
    **{unit: (size, (("length", 1),)) for unit, size in _LENGTH.items()},
    **{unit: (size, (("time", 1),)) for unit, size in _TIME.items()},
    **{unit: (size, (("mass", 1),)) for unit, size in _MASS.items()},
    **{unit: (size, (("data", 1),)) for unit, size in _DATA.items()},
    **{unit: (size, (("length", 3),)) for unit, size in _VOLUME.items()},
    **{unit: (size, (("length", 2),)) for unit, size in _AREA.items()},
    "km/h": (_F(1000, 3600), (("length", 1), ("time", -1))),
    "mph": (_F(1609344, 3600000), (("length", 1), ("time", -1))),
    "m/s": (_F(1), (("length", 1), ("time", -1))),
    "mbit/s": (_F(10**6), (("data", 1), ("time", -1))),
    "gbit/s": (_F(10**9), (("data", 1), ("time", -1))),
    "mb/s": (_F(8 * 10**6), (("data", 1), ("time", -1))),
    "mpg": (_F(1609344, 1000) / _F(3785411784, 10**12), (("length", -2),)),
    "l/100 km": (_F(1, 1000) / 100000, (("length", 2),)),
}
_FORMS = (
    (r"millimet(?:re|er)s?|mm", "mm"), (r"centimet(?:re|er)s?|cm", "cm"), (r"kilomet(?:re|er)s?|kms?", "km"),
    (r"met(?:re|er)s?|m", "m"), (r"miles?|mi", "mile"), (r"feet|foot|ft", "foot"), (r"inch(?:es)?", "inch"), (r"yards?|yds?", "yard"),
    (r"seconds?|secs?|s", "s"), (r"minutes?|mins?", "min"), (r"hours?|hrs?|h", "h"), (r"days?", "day"), (r"weeks?", "week"),
    (r"milligrams?|mg", "mg"), (r"kilograms?|kilos?|kgs?", "kg"), (r"grams?|g", "g"), (r"tonnes?", "t"), (r"lbs?", "lb"), (r"ounces?|oz", "oz"),
    (r"kilobytes?|kb", "kb"), (r"megabytes?|mb", "mb"), (r"gigabytes?|gb", "gb"), (r"terabytes?|tb", "tb"),
    (r"mbit|megabits?", "mbit"), (r"gbit|gigabits?", "gbit"),
    (r"millilit(?:re|er)s?|ml", "ml"), (r"cl", "cl"), (r"lit(?:re|er)s?|l", "l"), (r"gallons?", "gallon"),
    (r"(?:square|sq\.?) ?(?:met(?:re|er)s?|m)|m²|m2|sqm", "m²"), (r"(?:square|sq\.?) ?(?:feet|foot|ft)|ft²|sqft", "ft²"), (r"hectares?|ha", "ha"), (r"acres?", "acre"),
)  # fmt: skip
_SPEEDS = (
    (r"km ?/ ?h|kmh|kph|km an hour|km per hour|kilomet(?:re|er)s (?:an|per) hour", "km/h"), (r"mph|miles (?:an|per) hour", "mph"),
    (r"m ?/ ?s|met(?:re|er)s (?:a|per) second", "m/s"), (r"mbps|(?:mbit|megabits?)(?: ?/ ?s| (?:a|per) second)", "mbit/s"),
    (r"gbps|(?:gbit|gigabits?)(?: ?/ ?s| (?:a|per) second)", "gbit/s"), (r"(?:mb|megabytes?)(?: ?/ ?s| (?:a|per) second)", "mb/s"),
    (r"mpg|miles (?:per|to the) gallon", "mpg"), (r"l(?:it(?:re|er)s)? ?(?:/|per) ?100 ?km", "l/100 km"),
)  # fmt: skip
UNIT = "|".join(f"(?:{form})" for form, _ in (*_SPEEDS, *sorted(_FORMS, key=lambda e: -len(e[0]))))
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_CASH = r"(?:euros?|eur|pounds?(?! of)|gbp|dollars?|usd|quid|[€£$])"
_CENTS = r"(?:cents?|pence|p(?= (?:an?|per|each)\b))"
_PER = r"(?:\s?/\s?|,? (?:an?|per|each|every|the|for (?:an?|each|every)) )"
_QUANTITY = re.compile(
    rf"(?<![\w.,:/])(?P<cash>[€£$] ?)?(?P<n>{NUMBER})(?![\d:]|[.,]\d)"
    rf"(?:(?P<pence> ?{_CENTS}\b)|(?P<money> ?{_CASH}(?!\w)))?"
    rf"(?:(?P<each> (?:each|apiece)\b)|(?P<per>{_PER}(?P<of>(?:{UNIT})(?!\w)|(?!time|bit|lot|few|day off)[a-z]{{3,}}\b))|(?P<unit> ?(?:{UNIT})(?!\w))(?P<unitper>{_PER}(?P<unitof>(?:{UNIT})(?!\w)))?|(?= (?P<noun>[a-z]{{3,}})\b))?"
)
_LASTING = re.compile(r"(?<![\d:.])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])")


@dataclass(frozen=True)
class Quantity:
    """One measure of a story."""

    value: Fraction
    """In metres, seconds, kilos, bits, cubic metres; money and things as they are."""
    dims: Dims
    shown: str
    at: tuple[int, int]
    bare: bool = False
    """A number beside which nothing says what it measures."""


def unit_named(text: str) -> str:
    """Return the one spelling of a unit; empty where it is none."""
    low = " ".join(text.split()).strip()
    return next((unit for form, unit in (*_SPEEDS, *_FORMS) if re.fullmatch(form, low)), "")


def times(*dims: Dims) -> Dims:
    """Multiply what is measured."""
    held: dict[str, int] = {}
    for name, power in (each for one in dims for each in one):
        held[name] = held.get(name, 0) + power
    return tuple(sorted((name, power) for name, power in held.items() if power))


def inverse(dims: Dims) -> Dims:
    return tuple((name, -power) for name, power in dims)


def quantities(text: str) -> list[Quantity]:
    """Return the measures of a story in lower letters, in their order; *3 h 50 min* is one."""
    found: list[Quantity] = []
    for each in _QUANTITY.finditer(text):
        made = _read(each)
        last = found[-1] if found else None
        between = text[last.at[1] : each.start()] if last is not None else "-"
        larger = last is not None and made.dims == last.dims and made.dims in {(("time", 1),), (("mass", 1),), (("length", 1),)}  # fmt: skip
        if (
            last is not None
            and larger
            and between.strip() in {"", "and"}
            and made.value < last.value
        ):
            found[-1] = Quantity(last.value + made.value, last.dims, f"{last.shown} {made.shown}", (last.at[0], made.at[1]))  # fmt: skip
            continue
        found.append(made)
    return found


def _read(found: re.Match[str]) -> Quantity:
    number = Fraction(found["n"].replace(",", ""))
    shown = " ".join(found.group().split()).replace("kmh", "km/h")
    dims: Dims = ()
    bare = False
    if found["cash"] or found["money"]:
        dims = (("money", 1),)
    elif found["pence"]:
        dims, number = (("money", 1),), number / 100
    if unit := unit_named(found["unit"] or ""):
        size, dims = UNITS[unit]
        number *= size
        if of := unit_named(found["unitof"] or ""):
            size, under = UNITS[of]
            dims, number = times(dims, inverse(under)), number / size
    elif found["each"] or found["per"]:
        dims = dims or (("money", 1),)
        if of := unit_named(found["of"] or ""):
            size, under = UNITS[of]
            dims, number = times(dims, inverse(under)), number / size
        else:
            dims = times(dims, (("thing", -1),))
    elif found["noun"] and not dims:
        dims = (("thing", 1),)
    else:
        bare = not dims
    return Quantity(number, times(dims), shown, found.span(), bare)


def lasting(text: str) -> list[tuple[Fraction, str, tuple[int, int]]]:
    """Return the durations that are written with colons: *27:30*."""
    found: list[tuple[Fraction, str, tuple[int, int]]] = []
    for each in _LASTING.finditer(text):
        first, second, third = int(each[1]), int(each[2]), each[3]
        seconds = first * 3600 + second * 60 + int(third) if third else first * 60 + second
        found.append((Fraction(seconds), each[0], each.span()))
    return found


__all__ = (
    "NUMBER",
    "UNIT",
    "UNITS",
    "Dims",
    "Quantity",
    "inverse",
    "lasting",
    "quantities",
    "times",
    "unit_named",
)

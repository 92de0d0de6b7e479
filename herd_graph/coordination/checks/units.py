"""Convert measures again: *20 miles = 32.19 km* is right, *20 miles = 23.19 km* is not."""

from __future__ import annotations

import re

from herd_graph.coordination.checks.base import CheckInput, check, failed, passed
from herd_graph.coordination.quantities import numbers
from herd_graph.state import Verdict
from herd_graph.types import Kind

_LENGTH = {
    "mm": 0.001,
    "cm": 0.01,
    "m": 1.0,
    "km": 1000.0,
    "in": 0.0254,
    "ft": 0.3048,
    "yd": 0.9144,
    "mi": 1609.344,
}
_MASS = {
    "mg": 1e-6,
    "g": 0.001,
    "kg": 1.0,
    "t": 1000.0,
    "oz": 0.028349523125,
    "lb": 0.45359237,
    "st": 6.35029318,
}
_VOLUME = {"ml": 0.001, "cl": 0.01, "l": 1.0, "gal": 3.785411784, "qt": 0.946352946}
_SPEED = {"km/h": 1 / 3.6, "mph": 0.44704, "m/s": 1.0, "kn": 0.514444444}
_TIME = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SCALES = (_LENGTH, _MASS, _VOLUME, _SPEED, _TIME)
_NAMES = {
    "millimetre": "mm", "centimetre": "cm", "metre": "m", "kilometre": "km", "inch": "in", "inche": "in", "foot": "ft",
    "feet": "ft", "yard": "yd", "mile": "mi", "milligram": "mg", "gram": "g", "kilogram": "kg", "kilo": "kg",
    "tonne": "t", "ounce": "oz", "pound": "lb", "lbs": "lb", "stone": "st", "millilitre": "ml", "litre": "l",
    "gallon": "gal", "quart": "qt", "kph": "km/h", "knot": "kn", "second": "s", "sec": "s", "minute": "min",
    "hour": "h", "day": "d", "celsius": "c", "fahrenheit": "f", "kelvin": "k", "°c": "c", "°f": "f",
}  # fmt: skip
_UNIT = r"(?:°\s?[CFK]|[CFK]\b|km/h|m/s|mph|[a-zA-Zé]{1,12})"
_BEFORE = re.compile(
    rf"(?P<of>[=≈]\s*)?(?P<value>\d[\d.,]*)[^\S\n]?(?P<unit>{_UNIT})(?:[^\S\n]+|[^\S\n]*,[^\S\n]*|[^\S\n]+and[^\S\n]+)$"
)
"""The larger part of a measure in two units, on one line: *5 feet 7 inches*."""
_BEHIND = re.compile(
    rf"[^\S\n]+(?:and[^\S\n]+)?(?P<value>\d[\d.,]*)[^\S\n]?(?P<unit>{_UNIT})(?!\s*[=≈])"
)
"""The smaller part of one: *400 minutes = 6 h 40 min*."""
_PAIR = re.compile(
    rf"(?P<value>[-−]?\d[\d.,]*)\s?(?:degrees\s+)?(?P<unit>{_UNIT})\s*(?:=|≈|is(?: about)?|equals|são|é)\s*"
    rf"(?P<value2>[-−]?\d[\d.,]*)\s?(?:degrees\s+)?(?P<unit2>{_UNIT})"
)


@check(name="units", gives=Kind.TEXT, cost=0.0002)
async def measures(subject: CheckInput) -> Verdict | None:
    """Convert every measure again that a text converts."""
    looked = False
    for port, text in (await subject.texts()).items():
        for each in _PAIR.finditer(text[:20_000]):
            one = numbers(each["value"], spelled=False)
            two = numbers(each["value2"], spelled=False)
            if not one or not two:
                continue
            right = [converted(value, each["unit"], each["unit2"]) for value in one[0].values]
            larger = _larger(text[: each.start()], each["unit"], each["unit2"])
            found = [value + larger for value in right if value is not None]
            if not found:
                continue
            looked = True
            rest = _smaller(text[each.end() :], each["unit2"])
            step = 0.0 if rest else 0.51 * 10.0 ** -two[0].decimals
            if not any(
                abs(value - said - rest) <= max(step, 0.006 * abs(value))
                for value in found
                for said in two[0].values
            ):
                told = f"{port!r} says {each.group()!r}; it is {found[0]:.6g} {each['unit2']}"
                return failed("units", told, score=0.05)
    return passed("units") if looked else None


def _larger(before: str, unit: str, wanted: str) -> float:
    """Return what stands before a measure and belongs to it, in the unit that is wanted."""
    found = _BEFORE.search(before)
    if found is None or found["of"]:
        return 0.0  # "12 inches, 1 inch = 2.54 cm": what the last one came to
    one, two = _plain(found["unit"]), _plain(unit)
    scale = next((each for each in _SCALES if one in each and two in each), None)
    value = numbers(found["value"], spelled=False)
    if scale is None or scale[one] <= scale[two] or not value:
        return 0.0
    more = converted(min(value[0].values), found["unit"], wanted)
    return (more or 0.0) + _larger(before[: found.start()], found["unit"], wanted)


def _smaller(behind: str, unit: str) -> float:
    """Return what stands behind a measure and belongs to it, in the unit before it."""
    found = _BEHIND.match(behind)
    value = numbers(found["value"], spelled=False) if found is not None else []
    if found is None or not value:
        return 0.0
    one, two = _plain(unit), _plain(found["unit"])
    scale = next((each for each in _SCALES if one in each and two in each), None)
    if scale is None or scale[one] <= scale[two]:
        return 0.0
    return converted(min(value[0].values), found["unit"], unit) or 0.0


def converted(value: float, unit: str, wanted: str) -> float | None:
    """Return a measure in another unit; None for units that are not known, or not of one kind."""
    one, two = _plain(unit), _plain(wanted)
    if {one, two} <= {"c", "f", "k"}:
        celsius = value if one == "c" else (value - 32) / 1.8 if one == "f" else value - 273.15
        return celsius if two == "c" else celsius * 1.8 + 32 if two == "f" else celsius + 273.15
    for scale in _SCALES:
        if one in scale and two in scale:
            return value * scale[one] / scale[two]
    return None


def _plain(unit: str) -> str:
    small = re.sub(r"\s", "", unit.lower()).replace("meter", "metre").replace("liter", "litre")
    single = small.removesuffix("s") if len(small) > 3 else small
    return _NAMES.get(small) or _NAMES.get(single) or small


__all__ = ("converted", "measures")

"""Units in the names of columns and behind numbers: *taller than 1 m* of *Height (cm)*."""

from __future__ import annotations

import re

_SCALES = (
    {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0},
    {"mg": 1e-6, "g": 0.001, "kg": 1.0, "t": 1000.0},
    {"ml": 0.001, "cl": 0.01, "l": 1.0},
    {"sec": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0},
)
_NAMES = {
    name: unit
    for unit, names in {
        "mm": "millimetre millimeter", "cm": "centimetre centimeter", "m": "metre meter", "km": "kilometre kilometer",
        "mg": "milligram", "g": "gram gramme", "kg": "kilo kilogram kilogramme", "t": "ton tonne",
        "ml": "millilitre milliliter", "cl": "centilitre", "l": "litre liter", "sec": "second s secs",
        "min": "minute mins", "h": "hour hr hrs", "days": "day",
    }.items()
    for name in (unit, *names.split())
}  # fmt: skip


def _unit(word: str) -> str:
    low = word.lower()
    return _NAMES.get(low) or _NAMES.get(low.removesuffix("s"), "")


def named_unit(column: str) -> str:
    """Return the unit that a column's name ends with, as it is written there: *weight_kg*, *minutes*.

    Args:
        column: The column's name.
    """
    parts = re.findall(r"[^\W\d_]+", column)
    last = parts[-1] if parts else ""
    return last if len(last) > 1 and (_unit(last) or _OTHER_NAMES.get(last.lower())) else ""


def in_unit_of(column: str, said: str) -> float:
    """Return by what a number is multiplied to stand in a column's unit; 1 where nothing says.

    Args:
        column: The column's name.
        said: The word behind the number.
    """
    spoken = _unit(said)
    parts = re.findall(r"[^\W\d_]+", column.lower())
    written = next((_unit(each) for each in reversed(parts) if _unit(each)), "")
    for scale in _SCALES:
        if spoken in scale and written in scale:
            return scale[spoken] / scale[written]
    return 1.0


_OTHERS: tuple[dict[str, float], ...] = (
    {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048, "inch": 0.0254, "yd": 0.9144},
    {"mg": 1e-6, "g": 0.001, "kg": 1.0, "t": 1000.0, "lb": 0.45359237, "oz": 0.028349523125},
    {"ml": 0.001, "cl": 0.01, "l": 1.0, "gal": 3.785411784},
    {"sec": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0, "weeks": 604800.0},
    {"kmh": 1.0, "mph": 1.609344, "m/s": 3.6},
    {"m2": 1.0, "km2": 1e6, "ha": 1e4, "sqft": 0.09290304, "acres": 4046.8564224},
)  # fmt: skip
"""Units of one kind, by what one of each is."""
_OTHER_NAMES = {
    name: unit
    for unit, names in {
        "mi": "mile miles", "ft": "foot feet", "inch": "inches", "yd": "yard yards", "lb": "lbs pound pounds",
        "oz": "ounce ounces", "gal": "gallon gallons", "weeks": "week", "kmh": "km/h kph", "m/s": "ms",
        "m2": "sqm", "ha": "hectare hectares", "sqft": "ft2", "acres": "acre", "h": "hours", "min": "minutes",
    }.items()
    for name in (unit, *names.split())
}  # fmt: skip
_CELSIUS = frozenset({"celsius", "°c", "c", "centigrade", "temp", "temperature"})
_FAHRENHEIT = frozenset({"fahrenheit", "°f", "f"})
_CODES = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR", "$": "USD", "dollar": "USD", "dollars": "USD",
    "usd": "USD", "£": "GBP", "pound": "GBP", "pounds": "GBP", "gbp": "GBP", "sterling": "GBP", "yen": "JPY",
    "jpy": "JPY", "franc": "CHF", "francs": "CHF", "chf": "CHF", "reais": "BRL", "brl": "BRL", "real": "BRL",
    "rupees": "INR", "inr": "INR", "yuan": "CNY", "cny": "CNY", "zloty": "PLN", "pln": "PLN", "kronor": "SEK",
    "sek": "SEK", "kroner": "NOK", "nok": "NOK", "dkk": "DKK", "cad": "CAD", "aud": "AUD",
}  # fmt: skip


def currency(word: str) -> str:
    """Return the code of a currency that a word names; empty for any other word."""
    return _CODES.get(word.lower(), "")


def in_other_unit(column: str, wanted: str) -> tuple[float, float] | None:
    """Return by what the numbers of a column are multiplied, and what is added, to be in a unit.

    Args:
        column: The column's name, which has to say its own unit.
        wanted: The unit that is asked for.

    Returns:
        None where the column is of another kind, says no unit, or is in that unit already.
    """
    low = wanted.lower()
    parts = re.findall(r"°?[^\W\d_]+\d?(?:/h)?", column.lower())
    if low in _FAHRENHEIT and _CELSIUS & set(parts) and not _FAHRENHEIT & set(parts):
        return 1.8, 32.0
    if low in _CELSIUS - {"temp", "temperature"} and _FAHRENHEIT & set(parts):
        return 1 / 1.8, -32 / 1.8
    target = _OTHER_NAMES.get(low) or _unit(low)
    own = [_OTHER_NAMES.get(each) or _unit(each) for each in reversed(parts)]
    written = next((each for each in own if each), "")
    for scale in _OTHERS:
        if target in scale and written in scale and target != written:
            return scale[written] / scale[target], 0.0
    return None

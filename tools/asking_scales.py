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

"""Name the colours of a picture."""

from __future__ import annotations

from collections import Counter
from typing import Any

# Hues in degrees, up to which a colour has its name.
_HUES = (
    (14, "red"),
    (42, "orange"),
    (68, "yellow"),
    (160, "green"),
    (195, "turquoise"),
    (255, "blue"),
    (290, "purple"),
    (340, "pink"),
    (361, "red"),
)
_EDGE = 64
LEAST = 0.15
"""The part of a picture that a colour must have to be named."""


def colours(picture: Any, most: int = 3) -> list[str]:
    """Return the names of a picture's main colours, the largest first.

    Args:
        picture: A PIL image, RGB.
        most: How many to name.
    """
    small = picture.copy()
    small.thumbnail((_EDGE, _EDGE))
    content: bytes = small.tobytes()
    found = Counter(
        colour_name(content[at], content[at + 1], content[at + 2])
        for at in range(0, len(content), 3)
    )
    total = sum(found.values())
    named = [name for name, count in found.most_common(most) if count >= LEAST * total]
    if sum(found[name] for name in named) < 0.6 * total and len(found) > len(named) + 2:
        named.append("many other colours")
    return named


def is_plain(picture: Any) -> bool:
    """Say whether a picture is of one colour throughout, but for noise."""
    return all(high - low <= 6 for low, high in picture.getextrema())


def colour_name(red: int, green: int, blue: int) -> str:
    """Return the common English name of a colour: ``light blue``, ``brown``, ``dark grey``."""
    high, low = max(red, green, blue), min(red, green, blue)
    light = (high + low) / 510
    if high - low < 26 or high < 30 or (high - low) / high < 0.12:
        return _grey(light)
    hue = _hue(red, green, blue, high, low)
    name = next(each for limit, each in _HUES if hue < limit)
    if name in {"orange", "red"} and hue < 45 and light < 0.42 and (name == "orange" or green > 40):
        return "brown" if light > 0.15 else "dark brown"
    if name in {"orange", "yellow"} and light > 0.68 and (high - low) / high < 0.5:
        return "beige"
    if name == "red" and light > 0.7:
        return "pink"
    if light > 0.7:
        return f"light {name}"
    return f"dark {name}" if light < 0.25 else name


def _grey(light: float) -> str:
    if light > 0.9:
        return "white"
    if light < 0.12:
        return "black"
    return "dark grey" if light < 0.35 else "light grey" if light > 0.7 else "grey"


def _hue(red: int, green: int, blue: int, high: int, low: int) -> float:
    spread = high - low
    if high == red:
        return 60 * ((green - blue) / spread % 6)
    if high == green:
        return 60 * ((blue - red) / spread + 2)
    return 60 * ((red - green) / spread + 4)

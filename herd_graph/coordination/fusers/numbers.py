"""Numbers that several experts gave for one thing: the mean of those that agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Convert = Callable[[float, str, str], float]
"""A value, its unit and the wanted unit: the value there. Raises ``ValueError`` where it cannot."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number, perhaps with a unit."""

    value: float
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Consensus:
    """What numbers agree on."""

    value: float
    unit: str = ""
    share: float = 1.0
    """The share of the weight that agrees."""
    outliers: tuple[Quantity, ...] = ()
    """What does not agree; shown, never averaged away."""


def fuse_numbers(
    quantities: Sequence[Quantity],
    weights: Sequence[float] | None = None,
    *,
    relative: float = 0.005,
    absolute: float = 0.0,
    convert: Convert | None = None,
) -> Consensus:
    """Return the weighted mean of the largest group that agrees, and who does not.

    Two numbers agree when they differ by no more than the tolerance. Unlike units never agree,
    unless ``convert`` brings one to the other. The order does not matter.

    Args:
        quantities: What was given; at least one.
        weights: How much each counts.
        relative: Tolerance, as a share of the larger number.
        absolute: Tolerance in the numbers' own unit, where that is more.
        convert: Brings a value to another unit.

    Raises:
        ValueError: There are none.
    """
    if not quantities:
        raise ValueError("There are no numbers. Expected at least one.")
    given = [1.0] * len(quantities) if weights is None else list(weights)
    pairs = sorted(
        zip(quantities, given, strict=True), key=lambda each: (each[0].unit, each[0].value, each[1])
    )
    best: list[tuple[Quantity, float]] = []
    heaviest = -1.0
    for centre, _ in pairs:
        group = [
            (Quantity(value=value, unit=centre.unit), weight)
            for each, weight in pairs
            if (value := _as(each, centre.unit, convert)) is not None
            and abs(value - centre.value)
            <= max(absolute, relative * max(abs(value), abs(centre.value)))
        ]
        weight = sum(each for _, each in group)
        if weight > heaviest + 1e-12:
            best, heaviest = group, weight
    mean = sum(each.value * weight for each, weight in best) / (heaviest or 1.0)
    unit = best[0][0].unit
    tolerance = max(absolute, relative * abs(mean)) * 2
    outliers = [
        each
        for each, _ in pairs
        if (value := _as(each, unit, convert)) is None or abs(value - mean) > tolerance
    ]
    total = sum(given) or 1.0
    return Consensus(value=mean, unit=unit, share=heaviest / total, outliers=tuple(outliers))


def _as(quantity: Quantity, unit: str, convert: Convert | None) -> float | None:
    if quantity.unit == unit:
        return quantity.value
    if convert is None:
        return None
    try:
        return convert(quantity.value, quantity.unit, unit)
    except ValueError:
        return None


__all__ = ("Consensus", "Convert", "Quantity", "fuse_numbers")

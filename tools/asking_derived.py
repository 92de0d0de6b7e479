"""Columns that a table does not have and that its others make: days between dates, quantity times price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, name_parts
from .asking_likeness import likeness


def derived_value(columns: Sequence[Column]) -> Column | None:
    """Return quantity times price, where a table has those and no column for the product."""
    measures = [each for each in columns if each.is_measure]
    counts = [e for e in measures if e.whole and max(likeness(e, "quantity"), likeness(e, "stock"))]
    prices = [each for each in measures if likeness(each, "price") and not each.is_summed]
    if any(likeness(each, word) for each in measures for word in ("revenue", "amount")):
        return None
    if len(counts) != 1 or len(prices) != 1:
        return None
    return Column("sales value", "number", derived=f"{counts[0].sql} * {prices[0].sql}")


def derived_days(columns: Sequence[Column]) -> Column | None:
    """Return the days from one date of a row to another, where the columns make a pair."""
    pairs = (
        ("admitted", "discharged"), ("opened", "closed"), ("open", "close"), ("start", "end"),
        ("started", "ended"), ("begin", "end"), ("checkin", "checkout"), ("arrival", "departure"),
        ("created", "closed"), ("created", "resolved"), ("opened", "resolved"), ("from", "to"),
        ("ordered", "delivered"), ("ordered", "shipped"), ("order", "delivery"), ("order", "ship"),
        ("loaned", "returned"), ("borrowed", "returned"), ("joined", "left"), ("issued", "paid"),
        ("departure", "arrival"), ("received", "answered"),
    )  # fmt: skip
    dated = [each for each in columns if each.kind == "date"]
    for first, second in pairs:
        one = [each for each in dated if first in name_parts(each.name)]
        two = [each for each in dated if second in name_parts(each.name)]
        if len(one) == len(two) == 1 and one[0] is not two[0]:
            return replace(
                one[0],
                name="days",
                kind="number",
                derived=f"date_diff('day', {one[0].sql}, {two[0].sql})",
                whole=True,
            )
    return None

"""Columns that a table does not have and that its others make: days, sales values, profits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, name_parts
from .asking_lexicon import EACH
from .asking_likeness import likeness

_OF_ONE = frozenset("pp person each head ticket seat place".split())  # noqa: SIM905
_COMES = frozenset("arrival arrives arrive arrived checkin in from".split())  # noqa: SIM905
_LEAVES = frozenset("departure departs depart leaves checkout out to until".split())  # noqa: SIM905
_DUE = frozenset("fee fees price total amount due rent cost invoiced charge".split())  # noqa: SIM905
_PLACES = frozenset("places seats capacity spots spaces".split())  # noqa: SIM905
_TAKEN = frozenset("booked taken reserved occupied participants registered enrolled sold bookings".split())  # noqa: SIM905  # fmt: skip


def derived_value(columns: Sequence[Column]) -> Column | None:
    """Return quantity times price, where a table has those and no column for the product."""
    measures = [each for each in columns if each.is_measure]
    counts = [e for e in measures if e.whole and max(likeness(e, "quantity"), likeness(e, "stock"))]
    prices = [each for each in measures if likeness(each, "price") and not each.is_summed]
    if any(likeness(each, word) for each in measures for word in ("revenue", "amount")):
        return None
    if not counts and not prices:  # nights at a rate, hours at a wage
        counts = [
            each
            for each in measures
            if {"nights", "hours", "days", "booked", "participants"} & set(name_parts(each.name))
        ]
        prices = [each for each in measures if {"rate", "wage", "fee"} & set(name_parts(each.name))]
    if not counts and any(_OF_ONE & set(name_parts(each.name)) for each in prices):
        counts = [e for e in measures if e.whole and _TAKEN & set(name_parts(e.name))]
        prices = [each for each in prices if _OF_ONE & set(name_parts(each.name))]
    if not counts:  # nights at a price per night
        of_one = [(e, {p.rstrip("s") for p in name_parts(e.name)}) for e in measures]
        counts = [
            each for each in measures if each.is_summed and each.whole
            for other, parts in of_one
            if other in prices and parts & {"per", "each"} and name_parts(each.name)[-1].rstrip("s") in parts
        ]  # fmt: skip
    if len(prices) > 1:  # what things sell for, beside what they cost
        prices = [each for each in prices if not {"cost", "costs"} & set(name_parts(each.name))]
    if len(counts) != 1 or len(prices) != 1:
        return None
    return Column("sales value", "number", derived=f"{counts[0].sql} * {prices[0].sql}")


def derived_gain(columns: Sequence[Column]) -> list[Column]:
    """Return what is left of each sale, where a table says what things sell for and what they cost.

    *margin* is that of one piece, *profit* that of all that were sold. A table with a column for
    either is left to it.
    """
    measures = [each for each in columns if each.is_measure and not each.is_made]
    if any(likeness(each, word) for each in measures for word in ("profit", "margin")):
        return []
    costs = [each for each in measures if {"cost", "costs"} & set(name_parts(each.name))]
    rest = [each for each in measures if each not in costs]
    prices = [each for each in rest if likeness(each, "price") and not each.is_summed]
    counts = [e for e in rest if e.whole and max(likeness(e, "quantity"), likeness(e, "stock"))]
    revenues = [
        each for each in rest if likeness(each, "revenue") == 3 or likeness(each, "amount") == 3
    ]
    if len(costs) != 1:
        return []
    cost = costs[0]
    if len(prices) == 1:
        price = prices[0]
        margin = f"({price.sql} - {cost.sql})"
        each = bool(EACH & set(name_parts(cost.name))) or not cost.is_summed
        if not each and (cost.high or 0) > (price.high or 0):  # the cost of all that was sold
            if len(counts) != 1:
                return []
            whole = f"({counts[0].sql} * {price.sql} - {cost.sql})"
            return [Column("profit", "number", derived=whole)]
        made = [Column("margin", "number", derived=margin)]
        if len(counts) == 1:
            made.append(Column("profit", "number", derived=f"{margin} * {counts[0].sql}"))
        return made
    if len(revenues) == 1:
        gain = f"({revenues[0].sql} - {cost.sql})"
        return [Column("profit", "number", derived=gain)]
    return []


def derived_free(columns: Sequence[Column]) -> Column | None:
    """Return the places that are left, where a table has those that there are and those that are taken."""
    whole = [each for each in columns if each.is_measure and each.whole]
    places = [each for each in whole if _PLACES & set(name_parts(each.name))]
    taken = [each for each in whole if _TAKEN & set(name_parts(each.name)) and each not in places]
    if len(places) != 1 or len(taken) != 1 or any("free" in name_parts(e.name) for e in columns):
        return None
    return Column(
        "free places", "number", derived=f"({places[0].sql} - {taken[0].sql})", whole=True
    )


_GIVEN = frozenset("given received allocated issued taken made baked printed stocked ordered brought".split())  # noqa: SIM905  # fmt: skip


def derived_unsold(columns: Sequence[Column]) -> Column | None:
    """Return what is left of what was given out to be sold: *tickets given*, *tickets sold*."""
    whole = [(each, name_parts(each.name)) for each in columns if each.is_measure and each.whole]
    sold = [(each, parts) for each, parts in whole if "sold" in parts]
    if len(sold) != 1 or any("unsold" in parts for _, parts in whole):
        return None
    noun = set(sold[0][1]) - {"sold"}
    given = [each for each, parts in whole if _GIVEN & set(parts) and noun <= set(parts)]
    if len(given) != 1:
        return None
    made = f"({given[0].sql} - coalesce({sold[0][0].sql}, 0))"
    return Column("unsold", "number", derived=made, whole=True)


def derived_owed(columns: Sequence[Column]) -> Column | None:
    """Return what is still to be paid, where a table has what is due and what was paid of it."""
    measures = [each for each in columns if each.is_measure and not each.is_made]
    paid = [each for each in measures if {"paid", "received"} & set(name_parts(each.name))]
    due = [each for each in measures if _DUE & set(name_parts(each.name)) and each not in paid]
    told = any(
        {"owed", "owing", "balance", "outstanding"} & set(name_parts(e.name)) for e in columns
    )
    if len(paid) != 1 or len(due) != 1 or told:
        return None
    made = f"({due[0].sql} - coalesce({paid[0].sql}, 0))"
    return Column("owed", "number", derived=made, unit=due[0].unit)


def derived_days(columns: Sequence[Column]) -> Column | None:
    """Return the days from one date of a row to another, where the columns make a pair."""
    pairs = (
        ("admitted", "discharged"), ("opened", "closed"), ("open", "close"), ("start", "end"),
        ("started", "ended"), ("begin", "end"), ("checkin", "checkout"), ("arrival", "departure"),
        ("created", "closed"), ("created", "resolved"), ("opened", "resolved"), ("from", "to"),
        ("ordered", "delivered"), ("ordered", "shipped"), ("order", "delivery"), ("order", "ship"),
        ("loaned", "returned"), ("borrowed", "returned"), ("joined", "left"), ("issued", "paid"),
        ("departure", "arrival"), ("received", "answered"), ("sent", "arrived"), ("sent", "delivered"),
        ("posted", "arrived"), ("dispatched", "delivered"), ("shipped", "arrived"), ("shipped", "delivered"),
        ("collected", "delivered"), ("reported", "fixed"), ("reported", "closed"), ("reported", "repaired"),
        ("submitted", "approved"), ("planted", "harvested"), ("sown", "harvested"), ("lent", "returned"),
        ("bought", "sold"), ("out", "back"), ("applied", "answered"), ("sent", "received"),
    )  # fmt: skip
    if (lasting := _lasting(columns, pairs)) is not None:
        return lasting
    dated = [each for each in columns if each.kind == "date"]
    if (stayed := _nights(columns, dated)) is not None:
        return stayed
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


def _nights(columns: Sequence[Column], dated: Sequence[Column]) -> Column | None:
    """Return the nights of a stay, in a table of guests: there the arrival comes first."""
    told = {part.removesuffix("s") for each in columns for part in name_parts(each.name)}
    if not told & {"guest", "night", "room", "booking", "reservation"}:
        return None
    come = [e for e in dated if _COMES & set(name_parts(e.name))]
    gone = [e for e in dated if _LEAVES & set(name_parts(e.name))]
    if len(come) != 1 or len(gone) != 1 or any("nights" in name_parts(e.name) for e in columns):
        return None
    made = f"date_diff('day', {come[0].sql}, {gone[0].sql})"
    return replace(come[0], name="nights", kind="number", derived=made, whole=True)


def _lasting(columns: Sequence[Column], pairs: Sequence[tuple[str, str]]) -> Column | None:
    """Return how long something takes from one time of a day to another."""
    timed = [each for each in columns if each.unit == "hh:mm"]
    if len(timed) != 2 or any(likeness(each, "duration") == 3 for each in columns):
        return None
    known = (*pairs, ("departs", "arrives"), ("leaves", "arrives"), ("opens", "closes"), ("begins", "ends"), ("starts", "ends"))  # fmt: skip
    for first, second in known:
        one = [each for each in timed if first in name_parts(each.name)]
        two = [each for each in timed if second in name_parts(each.name)]
        if len(one) == len(two) == 1 and one[0] is not two[0]:
            made = f"({two[0].sql} - {one[0].sql})"
            return Column("duration", "number", derived=made, whole=True, unit="h:mm")
    return None


def derived_lateness(columns: Sequence[Column]) -> Column | None:
    """Return the days by which something came after it was due."""
    due = {"due", "deadline", "planned", "expected", "scheduled", "promised"}
    done = {
        "returned",
        "delivered",
        "paid",
        "done",
        "finished",
        "closed",
        "actual",
        "arrived",
        "received",
    }
    dated = [each for each in columns if each.kind == "date"]
    one = [each for each in dated if due & set(name_parts(each.name))]
    two = [each for each in dated if done & set(name_parts(each.name)) and each not in one]
    if len(one) != 1 or len(two) != 1:
        return None
    sql = f"date_diff('day', {one[0].sql}, {two[0].sql})"
    return replace(one[0], name="days late", kind="number", derived=sql, whole=True, signed=True)


def worked_out(left: Column, sign: str, right: Column, hundred: float | None = None) -> Column:
    """Return what a question works out of two columns, row by row.

    Args:
        left: A column of numbers.
        sign: ``+``, ``-``, ``*`` or ``/``.
        right: Another one.
        hundred: Per how many of the right one: *litres per 100 km*.
    """
    said = {"/": "per", "*": "times", "-": "minus", "+": "plus"}[sign]
    if sign != "/":
        name = f"{left.name} {said} {right.name}"
        return Column(name, "number", derived=f"({left.sql} {sign} {right.sql})")
    scale = f"{hundred or 1} * "
    return Column(
        f"{left.name} per {f'{hundred} ' if hundred else ''}{right.name}",
        "number",
        derived=f"({scale}{left.sql} / nullif({right.sql}, 0))",
        folded=f"{scale}sum({left.sql}) / nullif(sum({right.sql}), 0)",
    )

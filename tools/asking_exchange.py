"""A column of a table in another unit: prices in dollars at a rate, kilometres in miles.

Rates change by the day and none is known here: a question for another currency has to say its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .asking import Column, Unmapped, name_parts
from .asking_likeness import likeness
from .asking_scales import currency, in_other_unit

_RATE = r"(?:,? ?\(?(?:at|with|using|by|for|and|if)? ?(?:a |an |the )?(?:exchange )?(?:rate|factor|course)?(?: of| is| =)? ?(?:(?:1|one|an?) ?(?:€|\$|£|[a-z]+) ?(?:=|is|are|costs|equals) ?)?(?P<rate>\d+[.,]\d+|\d+)(?! ?(?:%|percent))(?: ?(?:€|\$|£|[a-z]{3,7}))?(?: (?:per|to the|to one|for one|to a|a|an|each) ?(?:€|\$|£|[a-z]+))?\)?)"
_INTO = re.compile(
    rf"\b(?:in(?:to)?|to|as) (?:us |american |british )?(?P<unit>[^\W\d_]+(?:/h)?|°[CF]|\$|€|£)(?!\w){_RATE}?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Supposed:
    """A question without its supposition, and the columns that it is asked of."""

    question: str
    columns: Sequence[Column]
    told: tuple[str, ...] = ()
    """What was supposed, to be said beside the answer."""


def converted(given: Supposed) -> Supposed:
    for found in _INTO.finditer(given.question):
        unit, rate = found["unit"], found["rate"]
        before, after = given.question[: found.start()], given.question[found.end() :]
        if rate and currency(unit):
            column = _priced(before + after, given.columns)
            if column is None:
                return given
            number = rate.replace(",", ".")
            told = f"{column.name} in {unit} at {number}"
            made = replace(
                column,
                derived=f"({column.sql} * {number})",
                whole=False,
                titled=f"{column.name} in {unit}",
            )
        elif currency(unit) and (
            _priced(before + after, given.columns) is not None
            or _measured(unit, before + after, given.columns) is None
        ):
            column = _priced(before + after, given.columns)
            if (
                column is None
                or column.unit == currency(unit)
                or currency(unit).lower() in column.name.lower()
            ):
                continue
            if column.unit or any(currency(part) for part in name_parts(column.name)):
                raise Unmapped(f"the rate is not given: say it, as in 'in {unit} at 1.08'")
            continue
        else:
            pair = _measured(unit, before + after, given.columns)
            if pair is None:
                continue
            column, factor, offset = pair
            plus = f" {'+' if offset > 0 else '-'} {abs(offset):.10g}" if offset else ""
            told = f"{column.name} in {unit}"
            made = replace(
                column,
                name=column.name,
                derived=f"({column.sql} {_by(factor)}{plus})",
                whole=False,
                titled=told,
            )
        rest = " ".join(f"{before} {after}".split()).strip(" ,;?.")
        rest = re.sub(
            r"^(?:please |can you |could you )*(?:convert|change|turn|put|express|translate)\b",
            "show",
            rest,
            flags=re.IGNORECASE,
        )
        if not any(likeness(made, word) == 3 for word in re.findall(r"[^\W\d_]+", rest.lower())):
            rest = f"{rest} {made.name}".strip()
        return Supposed(rest, instead(given.columns, column, made), (*given.told, told))
    return given


def _by(factor: float) -> str:
    """Write a factor so that whole numbers stay whole: minutes in hours are divided by 60."""
    parts = 1 / factor
    return (
        f"/ {round(parts)}.0"
        if abs(parts - round(parts)) < 1e-9 and parts > 1
        else f"* {factor:.10g}"
    )


def _priced(question: str, columns: Sequence[Column]) -> Column | None:
    """Return the column of money that is meant."""
    measures = [each for each in columns if each.is_measure and not each.derived]
    spoken = re.findall(r"[^\W\d_]+", question.lower())
    scored = [
        (max((likeness(each, word) for word in spoken), default=0), each) for each in measures
    ]
    best = max((score for score, _ in scored), default=0)
    named = [each for score, each in scored if score == best and score > 1]
    if len(named) == 1:
        return named[0]
    money = [
        e
        for e in measures
        if currency(e.unit)
        or any(likeness(e, w) > 1 for w in ("price", "amount", "revenue", "salary", "cost"))
    ]
    return money[0] if len(money) == 1 else None


def _measured(
    unit: str, question: str, columns: Sequence[Column]
) -> tuple[Column, float, float] | None:
    """Return the column that can be told in another unit, and how: times, and plus."""
    fits: list[tuple[Column, float, float]] = []
    for each in columns:
        how = in_other_unit(each.name, unit) if each.is_measure and not each.derived else None
        if how is not None:
            fits.append((each, *how))
    if len(fits) > 1:
        spoken = re.findall(r"[^\W\d_]+", question.lower())
        named = [fit for fit in fits if any(likeness(fit[0], word) > 1 for word in spoken)]
        fits = named if len(named) == 1 else []
    return fits[0] if fits else None


def instead(columns: Sequence[Column], old: Column, new: Column) -> list[Column]:
    return [new if each is old else each for each in columns]

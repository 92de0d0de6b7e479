"""What the verbs and the signs of a question say: *what I spent*, *that were closed*, *price × units*."""

from __future__ import annotations

from dataclasses import replace

from .asking_derived import worked_out
from .asking_lexicon import INCOMING, OUTGOING
from .asking_states import Condition
from .asking_words import Words

_DATING = ("when", "date", "day", "first", "last", "earliest", "latest", "oldest", "newest")
"""Beside these a date is asked for, and not whether there is one."""
_SIGNS = {"per": "/", "times": "*", "minus": "-", "plus": "+"}


def flows(question: Words, verbs: list[str]) -> list[Condition]:
    """Read *what I spent* where the amounts of an account carry signs."""
    signed = [each for each in question.columns if each.signed and each.is_summed]
    if len(signed) != 1:
        return []
    column = signed[0]
    for at, word in enumerate(question.words):
        out, back = word.low in OUTGOING, word.low in INCOMING
        if not (out or back) or word.role not in {"", "verb"}:
            continue
        sign = "<" if out else ">"
        shown = replace(column, name="spent", derived=f"-{column.sql}") if out else column
        word.role, word.column = "column", shown
        verbs.clear()
        return [Condition(f"{column.sql} {sign} 0", f"{column.name} {sign} 0", column, at)]
    return []


def participles(question: Words) -> list[Condition]:
    """Read *tickets that were closed* as those with a date in the column *closed*."""
    found: list[Condition] = []
    for at, word in enumerate(question.words):
        column = word.column
        if word.role != "column" or column is None or column.kind != "date":
            continue
        if not word.low.endswith("ed") or question.has(*_DATING):
            continue
        word.role = "said"
        if column.gaps and column.name not in {each.column.name for each in found}:
            found.append(
                Condition(f"{column.sql} IS NOT NULL", f"{column.name} is given", column, at)
            )
    return found


def claim_worked_out(question: Words) -> None:
    """Read *cost per kwh*, *price times quantity*, *price minus cost* as columns of their own."""
    at = 0
    while at < len(question.words):
        sign = _SIGNS.get(question.low(at + 1), "")
        left = question.measure_at(at, kin=sign == "/" and question.measure_at(at + 2) is not None)
        if left is None or not sign or question.words[at + 1].role:
            at += 1
            continue
        place = at + 2
        hundred = question.number(place) if sign == "/" else None
        place += hundred is not None
        while question.low(place) in {"the", "a", "each", "its"}:
            place += 1
        right = question.measure_at(place, kin=True)
        if right is None or right.name == left.name:
            at += 1
            continue
        while place + 1 < len(question.words) and question.measure_at(place + 1, kin=True) is right:
            place += 1
        made = worked_out(left, sign, right, hundred)
        for each in question.words[at : place + 1]:
            each.role = "made"
        for each in question.words[:at]:  # the first word of a name of several
            if each.column is left:
                each.role = "said"
        question.words[at].role, question.words[at].column = "column", made
        at = place

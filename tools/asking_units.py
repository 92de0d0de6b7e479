"""Units that stand for the column they are written in: *how many kilos*, of a column called kg.

And nouns that only qualify one: *volunteer hours* are the hours of a table of volunteers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, stem
from .asking_idle import ABOUT
from .asking_words import Words

RINGS_OF_UNITS = tuple(
    frozenset(each.split())
    for each in (
        "kilo kilos kilogram kilograms kilogramme kilogrammes kgs kg",
        "gram grams gramme grammes g",
        "milligram milligrams milligramme milligrammes mgs mg",
        "millilitre millilitres milliliter milliliters mls ml",
        "litre litres liter liters l ltr",
        "metre metres meter meters m",
        "kilometre kilometres kilometer kilometers kms km",
        "hour hours hr hrs h",
        "minute minutes mins min",
        "euro euros eur €",
        "pound pounds quid gbp £",
        "dollar dollars bucks usd $",
        "percent pct %",
    )
)
"""What one unit is called: the columns of a table may have any of these."""
_WORD = re.compile(
    r"(?<![\w'’$€£-])(?<!\d )(?P<word>[a-z]{2,})(?![\w'’-])",
    re.IGNORECASE,
)
_INTO = re.compile(r"\b(?:in|into|to|per|an?|each|every|last|next|by)\W*$", re.IGNORECASE)
"""Before a unit: what a number is told in, or a time: *in euros*, *per hour*."""
_ENDS = re.compile(r"\b(?:max|maximum|mean|avg|average|median)\b", re.IGNORECASE)
"""Beside these *min* is the lowest."""
_COUNTS = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|few))\W*$", re.IGNORECASE
)


def named_by_unit(question: str, columns: Sequence[Column]) -> str:
    """Word *how many kilos* with the name of the one column of numbers that is in kilos.

    A unit behind a number measures that number: it stays. So does a time (*per hour*), a word that
    the table has itself, and one that two columns may be in.

    Args:
        question: As it was asked.
        columns: Of the table.
    """
    own = {part for each in columns for part in name_parts(each.name)}
    own |= {part for e in columns for value in e.values for part in name_parts(value)}

    def named(found: re.Match[str]) -> str:
        word, before = found["word"].lower(), question[: found.start()]
        ring = next((each for each in RINGS_OF_UNITS if word in each), None)
        if ring is None or word in own or _COUNTS.search(before):
            return found.group()
        held = [each for each in columns if each.is_measure and _is_in(each, ring)]
        told = len(held) == 1 and len(name_parts(held[0].name)) == 1
        if word == "min" and _ENDS.search(question):
            return found.group()
        if _INTO.search(before) and not (told and before.lower().rstrip().endswith(" in")):
            return found.group()
        return " ".join(name_parts(held[0].name)) if len(held) == 1 else found.group()

    return _WORD.sub(named, question)


def _is_in(column: Column, unit: frozenset[str]) -> bool:
    """Whether a column's name is a unit or ends with it; a *min* beside a *temp* is no minute."""
    if column.derived:
        return False
    parts = name_parts(column.name)
    signs = {each for each in "€£$%" if each in column.name}
    if len(parts) > 1 and {"temp", "temperature"} & set(parts):
        return False
    return bool(signs & unit) or bool(parts and (parts[-1] in unit or parts[0] in unit - {"min"}))


_MOST = frozenset({"most", "least", "fewest", "more", "less", "fewer"})


def without_qualifiers(question: Words) -> None:
    """Read *the most volunteer hours* as the most hours: the noun says of what, and counts nothing.

    Args:
        question: Its words, before any is claimed; those that only qualify are taken out.
    """
    measures = {
        stem(part) for each in question.columns if each.is_measure for part in name_parts(each.name)
    }
    told = {stem(e.name) for e in question.columns if e.kind == "text" and not e.is_flag}
    for at in range(len(question.words) - 2, 0, -1):
        low = question.low(at)
        if question.low(at - 1) not in _MOST or low != stem(low) or low in measures:
            continue
        noun = question.is_noun(at) or low in ABOUT or low in told
        if noun and stem(question.low(at + 1)) in measures:
            del question.words[at]

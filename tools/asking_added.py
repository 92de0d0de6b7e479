"""Orders and verbs in plain words: *add up the fares*, *prescribes the most medicines*, *once a day*."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, root, stem
from .asking_lexicon import VERBS
from .asking_units import RINGS_OF_UNITS

_ORDER = r"(?:^|(?<=[.;?!,] )|(?<=\band )|(?<=\bthen ))\W*(?:(?:please|just|now|then|(?:can|could|would|will) you|and|hi|hello),? )*"
_UP = re.compile(
    rf"{_ORDER}(?:(?:add|sum|total|tot) up|(?:^|(?<=please ))(?:sum|total)(?= (?:all )?(?:the|my|our|her|his|their)\b)) (?!of\b|up\b)(?:all )?(?:the |my |our |her |his |their )?(?:column (?:of )?)?(?P<what>[^?.,;]{{2,60}}?)(?: (?:together|up|please|for me))*(?=\W*$|[?.,;]| and (?:then )?(?:convert|turn|change|put|express|tell|give|say|show|draw|divide|split)\b)",
    re.IGNORECASE,
)
_WITH = re.compile(
    rf"{_ORDER}add (?:all )?(?:the |my |our |her |his |their )?(?P<what>[^?.,;]{{2,60}}?) (?:together|up)(?: (?:please|for me))*(?=\W|$)",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"\b(?P<who>which|what) (?P<one>[a-z]+) (?P<verb>[a-z]{3,}(?:s|ed)) the (?P<edge>most|fewest|least) (?P<two>[a-z]+)(?=\W*$|[?.,;]| and\b)",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(?P<than>(?:more|less) than|at least|at most|exactly|only|just)?\s*(?P<n>once|twice|thrice|(?P<k>two|three|four|five|six|\d+) times) (?:a|per|each|every) (?P<unit>day|week|month|year)\b(?=\W*$|[?.,;]| and\b)",
    re.IGNORECASE,
)
_THAN = {"more than": "above", "less than": "below", "at least": "at least", "at most": "at most"}
_SAID = {"once": 1, "twice": 2, "thrice": 3, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_UNIT_OF = re.compile(
    r"\bhow many (?P<unit>[a-z]+) (?P<be>is|are|was|were|has|have|does|do) (?P<rest>[^?.;]+)",
    re.IGNORECASE,
)
_PER_MONTH = re.compile(
    r",? and (?:what|how much) (?:is|was|are|does|did) (?:that|it)(?: (?:make|come to))? (?:per|a|each|every|for each) (?P<unit>month|week|day|year)(?=\W*$)",
    re.IGNORECASE,
)


def added(question: str, columns: Sequence[Column]) -> str:
    """Return a question without these phrases.

    Args:
        question: In English.
        columns: Of the table.
    """
    summed = _UP.sub(lambda found: _total(found, columns), question)
    summed = _WITH.sub(lambda found: _total(found, columns), summed)
    text = re.sub(r"\b(convert|turn|change|put|express) them (in|to|into)\b", r"\1 that \2", summed) if summed != question else question  # fmt: skip
    text = _MOST.sub(lambda found: _having(found, columns), text)
    text = _TIMES.sub(lambda found: _times(found, columns), text)
    text = _UNIT_OF.sub(lambda found: _measured(found, columns), text)
    return _PER_MONTH.sub(lambda found: _mean(found, columns), text)


def _total(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *add up the fares* as their sum, where a column of numbers is called so."""
    said = {stem(each) for each in re.findall(r"\w+", found["what"])}
    own = {stem(part) for each in columns if each.is_measure for part in name_parts(each.name)}
    lead = " " if found.start() else ""
    return f"{lead}what is the total {found['what']}" if said & own else found.group()


def _having(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *which doctor prescribes the most medicines* as who has most rows, each of which is a medicine."""
    texts = [each for each in columns if each.kind == "text" and not each.is_flag]
    one = [e for e in texts if stem(found["one"]) in {stem(p) for p in name_parts(e.name)}]
    two = [e for e in texts if e.unique and stem(e.name) == stem(found["two"])]
    verb = root(found["verb"])
    known = {root(each) for each in VERBS} | {root(p) for e in columns for p in name_parts(e.name)}
    if len(one) != 1 or len(two) != 1 or one == two or verb in known:
        return found.group()
    return f"{found['who']} {found['one']} has the {found['edge']} {found['two']}"


def _times(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *more than once a day* as above 1 in the column *times per day*."""
    unit = found["unit"].lower()
    held = [
        e for e in columns
        if e.is_measure and name_parts(e.name) in (["times", "per", unit], ["times", "a", unit])
    ]  # fmt: skip
    if len(held) != 1:
        return found.group()
    said = (found["k"] or found["n"]).lower()
    number = _SAID.get(said, said)
    than = _THAN.get((found["than"] or "").lower(), "=")
    return f" with {' '.join(name_parts(held[0].name))} {than} {number}"


def _measured(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *how many milligrams is the largest dose* as the largest dose, in a column called dose_mg."""
    unit = found["unit"].lower()
    ring = {one for each in RINGS_OF_UNITS if unit in each for one in each}
    said = {stem(each) for each in re.findall(r"\w+", found["rest"])}
    held = [
        e for e in columns
        if e.is_measure and (parts := name_parts(e.name)) and parts[-1] in ring
        and said & {stem(each) for each in parts[:-1]}
    ]  # fmt: skip
    return f"what {found['be']} {found['rest']}" if len(held) == 1 else found.group()


def _mean(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *and what is that per month* as the average, in a table that has one row for each month."""
    held = [
        e for e in columns
        if e.kind == "text" and e.unique and name_parts(e.name) == [found["unit"].lower()]
    ]  # fmt: skip
    if len(held) != 1:
        return found.group()
    before = found.string[: found.start()]
    said = {stem(each) for each in re.findall(r"\w+", before)}
    named = [e.name for e in columns if e.is_summed and stem(e.name) in said]
    if len(named) != 1:
        return ", and what is the average"
    when = re.search(rf"\b{re.escape(named[0])}\b(?P<rest>[^?.;]*)$", before, re.IGNORECASE)
    return f", and what is the average {named[0]}{when['rest'] if when else ''}"

"""How far two rows are apart: *how many points ahead of Mill Lane is Brinton*, *how much cheaper was Faro*.

All of them ask for one difference; the reader knows it as *the difference in points of Brinton and
Mill Lane*. What is said to have less stands second, so that the difference is the one asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, stem
from .asking_likeness import choose, comparative
from .clock_times import CLOCKS

_BE = r"(?:is|are|was|were|did|does|do|has|have|had)"
_MORE = r"more|fewer|less|higher|lower|ahead|behind|above|below|over|extra|clear"
_LESSER = frozenset("fewer less lower behind below".split())  # noqa: SIM905
_HOW_MUCH = re.compile(
    rf"\b(?:by )?how much (?P<way>[a-z]{{3,}}er|better|worse) {_BE} (?P<one>[^?.;]{{1,60}}?) (?:than|compared (?:to|with)) (?P<two>[^?.;]{{1,60}}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    rf"\b(?:by )?how (?:many|much)(?: (?P<what>[a-z][a-z ]{{0,30}}?))? {_BE} (?P<one>[^?.;]{{1,60}}?)(?: (?:have|has|had|got|get|get|score|scored|sell|sold|cost|costs|pay|paid|earn|earned|weigh|take|took))? (?P<way>more|fewer|less|ahead|better|worse|[a-z]{{3,}}er)(?: (?P<noun>[a-z]+))? (?:than|of) (?P<two>[^?.;]{{1,60}}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_MUCH_BETTER = re.compile(
    rf"\b(?:by )?how many(?: (?P<what>[a-z]+(?: [a-z]+)?))? (?P<way>more|fewer|less|better|worse|[a-z]{{3,}}er) {_BE} (?P<one>[^?.;]{{1,60}}?) than (?P<two>[^?.;]{{1,60}}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_IN = re.compile(r"^(?P<who>.+?) (?:in|at|for) (?:the )?(?P<what>[\w ]{2,30})$", re.IGNORECASE)
_HOW_MANY_AHEAD = re.compile(
    rf"\bhow (?:many|much)(?: (?P<what>[a-z][a-z ]{{0,30}}?))? {_BE} (?P<one>[^?.;]{{1,60}}?) (?P<way>behind|above|below) (?P<two>[^?.;]{{1,60}}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    rf"\b(?:by )?how (?:far|many|much)(?: (?P<what>[a-z]+))? (?P<way>ahead of|behind|above|below|clear of|more than|fewer than|less than) (?P<two>[^?.;]{{1,60}}?) {_BE} (?P<one>[^?.;]{{1,60}}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_FAR = re.compile(
    rf"\b(?:by )?how far {_BE} (?P<one>[^?.;]{{1,60}}?) (?P<way>ahead of|behind|above|below|clear of) (?P<two>[^?.;]{{1,60}}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_BEAT = re.compile(
    r"\bby how (?:many|much)(?: (?P<what>[a-z]+))? (?:did|does|has|have) (?P<one>[^?.;]{1,60}?) (?P<way>beat|beaten|outsell|outsold|outscore|outscored) (?P<two>[^?.;]{1,60}?)(?=\W*$|[,;?.])",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"\b(?:gap|distance|margin) (?=between\b)",
    re.IGNORECASE,
)
_RANKED = "points score rank total votes time"


def apart(question: str, columns: Sequence[Column]) -> str:
    """Word how much more one has than another as a difference.

    Args:
        question: In English.
        columns: Of the table.
    """
    text = question
    if not any(
        "gap" in name_parts(each.name) or "margin" in name_parts(each.name) for each in columns
    ):
        text = _GAP.sub("difference ", text)
    for form in (_HOW_MUCH, _MUCH_BETTER, _HOW_MANY, _AHEAD, _FAR, _BEAT, _HOW_MANY_AHEAD):
        found = form.search(text)
        if found is not None and (made := _difference(found, columns)):
            return f"{text[: found.start()]}{made}{text[found.end() :]}"
    return text


def _difference(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Return the difference that is asked for; nothing where it is no such question."""
    parts = found.groupdict()
    if re.match(r"[€$£]?\d", parts["two"].strip()):
        return ""  # more than 5: a number is no row
    way = parts["way"].lower()
    one, two = (_bare(parts[each]) for each in ("one", "two"))
    what = parts.get("noun") or parts.get("what") or ""
    if (inside := _IN.match(two)) and (of := _column(inside["what"], columns)) is not None:
        what, two = of.name, inside["who"]  # how many points better is Ceri than Dev in maths
        way = "more" if way == "better" else "fewer" if way == "worse" else way
    measured = _measured(what, way, columns)
    if measured is None:
        return ""
    column, lesser = measured
    if not _named(one, columns) & _named(two, columns):
        return ""  # how many people have paid more than Gwen: those are no two rows
    first, second = (two, one) if lesser else (one, two)
    return f"difference in {column} of {first} and {second}"


def _measured(what: str, way: str, columns: Sequence[Column]) -> tuple[str, bool] | None:
    """Return what is compared, and whether the first has less of it; None for no comparison."""
    known = way.split(maxsplit=1)[0] in {*_MORE.split("|"), "beat", "beaten"} or way.startswith(
        "out"
    )
    adjective = comparative(way)
    if not known and adjective is None:
        return None
    lesser = way.split(maxsplit=1)[0] in _LESSER
    said = " ".join(each for each in what.lower().split() if each not in {"money", "of", "the"})
    if adjective is not None:
        chosen = choose(columns, adjective.columns, adjective.extreme)
        if chosen is not None:
            return chosen[0].name, chosen[1] == "min"
        return None
    if said and not {"far"} & set(said.split()):
        return said, lesser
    if what:
        return None  # money: which column that is says the reader of *how much more*
    ranked = choose(columns, _RANKED, "max")
    if ranked is None or way.split(maxsplit=1)[0] in {"more", "less"}:
        return None
    return ranked[0].name, lesser != (ranked[0].unit in CLOCKS)  # who beats another takes less time


def _column(said: str, columns: Sequence[Column]) -> Column | None:
    return next((e for e in columns if e.is_measure and stem(e.name) == stem(said.strip())), None)


def _named(text: str, columns: Sequence[Column]) -> set[str]:
    """Return the columns of texts of which a cell has one of these words."""
    spoken = {stem(each) for each in re.findall(r"[^\W_]+", text) if len(each) > 1}
    return {
        each.name
        for each in columns if each.kind == "text" and not each.is_flag
        for value in each.values
        if spoken & {stem(part) for part in re.findall(r"[^\W_]+", value)}
    }  # fmt: skip


def _bare(text: str) -> str:
    return re.sub(r"^(?:than|of|with|the one)\s+", "", text.strip()).strip()

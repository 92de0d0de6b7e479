"""What questions about tables can be about: columns, and the query that is made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .asking_calendar import places
from .asking_lexicon import EACH, FALSE, FEES_OF_ONE, NEVER_SUMMED, TRUE
from .asking_vocabulary import KEYS

TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}|--\d{2}-\d{2}|[$€£]?\d[\d,]*(?:\.\d+)?[km%€]?(?![^\W_])|[<>]=?|!=|=|[^\W_]+(?:['’-][^\W_]+)*",
    re.IGNORECASE,
)

_BILLED = frozenset({"phone"})
"""What numbers a row, and is paid for as well."""


class Unmapped(Exception):
    """The question cannot be turned into SQL; the message says why."""


@dataclass(frozen=True)
class Column:
    """What the reader must know of a column."""

    name: str
    kind: str
    """``number``, ``date`` or ``text``."""
    values: tuple[str, ...] = ()
    """The distinct values of a text column, where they are few enough to look for."""
    unique: bool = False
    numbered: bool = False
    """Whether it is the table's first and counts its rows: 1, 2, 3 …"""
    derived: str = ""
    """The SQL of a column that is made of another: the month of a date."""
    years: tuple[int, ...] = ()
    """Of a column of dates: the years that it spans, where they are few."""
    months: int = 0
    """Of a column of dates: how many different months there are."""
    whole: bool = False
    """Whether its numbers have no decimals."""
    signed: bool = False
    """Whether its numbers go both ways: the amounts of an account."""
    percent: bool = False
    """Whether its cells are percentages."""
    gaps: bool = False
    """Whether some cells are empty."""
    low: float | None = None
    """Its lowest number."""
    high: float | None = None
    """Its highest number."""
    folded: str = ""
    """The SQL of a ratio over several rows: sum by sum, since a mean of ratios would mislead."""
    unit: str = ""
    """What its numbers are written with: ``EUR``, ``%``."""
    repeats: bool = False
    """Of a column of dates: whether several rows are of one day."""
    titled: str = ""
    """What a column that is made of another of the same name is called in a result."""

    @property
    def is_made(self) -> bool:
        """Whether it stands beside the columns that it is made of, rather than in the place of one."""
        return bool(self.derived) and not self.titled

    @property
    def title(self) -> str:
        """What it is called in a result."""
        return self.titled or self.name

    @property
    def sql(self) -> str:
        """The quoted name, or what the column is made of."""
        return self.derived or quoted_name(self.name)

    @property
    def shown(self) -> str:
        """What SELECT lists."""
        return f"{self.derived} AS {quoted_name(self.title)}" if self.derived else self.sql

    @property
    def is_key(self) -> bool:
        """Whether it numbers or names rows: nobody adds such numbers up."""
        parts = name_parts(self.name)
        named = bool(parts) and parts[-1] in KEYS
        if named and parts[-1] in _BILLED and not self.whole and not self.derived:
            return False  # 19.90 for the phone: its number has no cents
        return self.kind == "number" and (named or self.numbered)

    @property
    def is_measure(self) -> bool:
        """Whether it holds numbers that may be added up and compared."""
        return self.kind == "number" and not self.is_key

    @property
    def is_summed(self) -> bool:
        """Whether its numbers mean something as a sum: revenues do, prices and ages do not."""
        parts = {singular(each) for each in name_parts(self.name)}
        if self.unit == "hh:mm":
            return False
        if " times " in self.name and self.derived:
            return self.is_measure  # so many at a price each
        if parts & {"cost", "costs"}:
            return not parts & EACH
        if "fee" in parts and parts & (EACH | FEES_OF_ONE):
            return False
        return self.is_measure and not self.percent and not parts & NEVER_SUMMED

    @property
    def is_flag(self) -> bool:
        """Whether it says yes or no of each row."""
        told = {each.casefold() for each in self.values}
        return self.kind == "text" and bool(told) and len(told) <= 2 and told <= TRUE | FALSE

    @property
    def is_monthly(self) -> bool:
        """Whether its texts are months: *2026-03*."""
        return (
            self.kind == "text"
            and bool(self.values)
            and all(re.fullmatch(r"\d{4}-(?:0\d|1[0-2])", each) for each in self.values)
        )

    @property
    def calendar(self) -> dict[str, int]:
        """The place in the year, or in the week, of each of its cells; empty where they are no such names."""
        return places(self.values) if self.kind == "text" else {}

    @property
    def order(self) -> str:
        """The SQL that its values are ordered by: months as the year has them, not by their letters."""
        if self.derived.endswith("'%A')"):
            return self.derived.replace("'%A'", "'%u'")
        if not (found := self.calendar):
            return self.sql
        cases = " ".join(f"WHEN {quoted(each)} THEN {at}" for each, at in found.items())
        return f"CASE {self.sql} {cases} END"

    @property
    def yes(self) -> tuple[str, ...]:
        """What stands in a flag for yes."""
        return tuple(each for each in self.values if each.casefold() in TRUE)

    @property
    def scale(self) -> int:
        """What one stands for: a million in *population (millions)*."""
        parts = set(name_parts(self.name))
        if parts & {"million", "millions", "mio", "mn"}:
            return 10**6
        if parts & {"billion", "billions", "bn"}:
            return 10**9
        return 10**3 if parts & {"thousand", "thousands"} else 1


@dataclass
class Query:
    """What was understood."""

    sql: str
    about: str
    """In words: ``sum of amount where city is 'Porto'``."""
    shape: str
    """``scalar``, ``count``, ``rows``, ``yes`` (whether any row matches), ``share``."""
    groups: int = 0
    """How many of the result's columns, from the left, name groups."""
    together: bool = False
    """Whether the numbers of its rows may be added up, and the sum be told."""
    known: int = 0
    """How many words of the question stand in the table: names of columns, and what is in cells."""
    read: tuple[str, ...] = ()
    """Words that were taken for others: ``'earns' as 'Annual Salary'``."""
    whose: str = ""
    """SQL for the rows that an extreme number stands in."""
    supposed: tuple[str, ...] = ()
    """What the question supposes of the table: ``salary 3 % more``."""


def quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def name_parts(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name)
    return [each.lower() for each in re.findall(r"[^\W_]+", apart.replace("²", "2"))]


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def stem(word: str) -> str:
    """Fold a word's case and its plural: *Cities*, *city's* and *city* are one."""
    low = re.sub(r"['’]s?$", "", word.casefold())
    if len(low) > 4 and low.endswith("ies"):
        return f"{low[:-3]}y"
    if len(low) > 4 and low.endswith(("sses", "xes", "ches", "shes", "buses")):
        return low[:-2]
    return singular(low)


def root(word: str) -> str:
    """Fold the endings of verbs too: *delayed*, *delays* and *delay* are one."""
    low = stem(word)
    if len(low) > 5 and low.endswith("ing"):
        low = low[:-3]
    elif len(low) > 4 and low.endswith("ed"):
        low = low[:-2]
    elif len(low) > 6 and low.endswith("er"):
        return low
    if len(low) > 3 and low[-1] == low[-2] and low[-1] not in "sleaou":
        low = low[:-1]
    return low[:-1] if len(low) > 3 and low.endswith("e") else low

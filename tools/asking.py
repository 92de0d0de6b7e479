# ruff: noqa: SIM905 - word lists are read and mended as words
"""The words that questions about tables are made of, and what they can be about."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}|[$€£]?\d[\d,]*(?:\.\d+)?[km%€]?(?![^\W_])|[<>]=?|!=|=|[^\W_]+(?:['’-][^\W_]+)*",
    re.IGNORECASE,
)
FILLERS = frozenset(
    "a an the of in on at to from for with and or is are was were be been do does did has have had "
    "there that this these those it its their them they i me my we us our you your please can could "
    "would tell show give list find get what what's which who whose how much many when where all "
    "table tables spreadsheet sheet workbook csv file data dataset attached attachment document "
    "row rows record records entry entries line lines item's value values number numbers amount's "
    "column columns any each every per by grouped group same only just me about using use based "
    "according out up s as than then between among within into question answer query calculate "
    "compute work display return name names having where's let know want need see like "
    "sold ordered bought made went live lives located based called came come happened placed listed "
    "contain contains included includes belong belongs exist exists "
    "respectively whole entire also altogether together overall currently cell cells result".split()
)
AGGREGATES = {
    "sum": "total totals sum sums summed altogether combined".split(),
    "avg": "average averages mean avg typical".split(),
    "median": ["median"],
    "max": "highest maximum max largest biggest greatest most top priciest latest newest "
    "longest oldest best tallest heaviest".split(),
    "min": "lowest minimum min smallest least cheapest fewest bottom earliest shortest "
    "youngest worst lightest".split(),
}
# Words that fit some columns only: the best price is low, the best score is high.
TASTE = frozenset("best worst".split())
DATED = frozenset("latest newest earliest oldest youngest".split())
MORE = "over above more greater exceeding exceeds exceed after since >".split()
LESS = "under below less fewer smaller before until <".split()
EDGES = {"after": ">", "since": ">=", "from": ">=", "before": "<", "until": "<=", "till": "<="}
IN = frozenset("in for of during every".split())
NOT = frozenset("not except excluding without isn't aren't != other".split())
ROWS = frozenset("rows records entries lines".split())
DISTINCT = frozenset("different distinct unique".split())
SORT = frozenset("sorted sort ordered order ranked rank".split())
DOWN = frozenset("descending desc highest-first largest-first decreasing".split())
UP = frozenset("ascending asc increasing alphabetically".split())
PERIODS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}
SMALL = dict(
    zip(
        "one two three four five six seven eight nine ten".split(),
        range(1, 11),
        strict=True,
    )
)
KEYS = frozenset("id ids nr no number code key index zip postcode phone year".split())
MONTHS = {
    name: month
    for month, names in enumerate(
        "january,jan february,feb march,mar april,apr may june,jun july,jul august,aug "
        "september,sep,sept october,oct november,nov december,dec".split(),
        1,
    )
    for name in names.split(",")
}


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
    derived: str = ""
    """The SQL of a column that is made of another: the month of a date."""

    @property
    def sql(self) -> str:
        """The quoted name, or what the column is made of."""
        return self.derived or quoted_name(self.name)

    @property
    def shown(self) -> str:
        """What SELECT lists."""
        return f"{self.derived} AS {quoted_name(self.name)}" if self.derived else self.sql

    @property
    def is_key(self) -> bool:
        """Whether it numbers or names rows: nobody adds such numbers up."""
        parts = name_parts(self.name)
        return bool(parts) and parts[-1] in KEYS and self.kind == "number"

    @property
    def is_measure(self) -> bool:
        """Whether it holds numbers that may be added up and compared."""
        return self.kind == "number" and not self.is_key


@dataclass
class Query:
    """What was understood."""

    sql: str
    about: str
    """In words: ``sum of amount where city is 'Porto'``."""
    shape: str
    """``scalar``, ``count``, ``rows``."""


def quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def is_operator(word: str) -> bool:
    return any(word in words for words in AGGREGATES.values()) or word in {
        *MORE, *LESS, *NOT, *DISTINCT, *SORT, *DOWN, *UP,
    }  # fmt: skip


def name_parts(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name)
    return [each.lower() for each in re.findall(r"[^\W_]+", apart)]


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def stem(word: str) -> str:
    """Fold a word's case and its plural: *Cities*, *city's* and *city* are one."""
    low = re.sub(r"['’]s?$", "", word.casefold())
    if len(low) > 4 and low.endswith("ies"):
        return f"{low[:-3]}y"
    if len(low) > 4 and low.endswith(("sses", "xes", "ches", "shes")):
        return low[:-2]
    return singular(low)

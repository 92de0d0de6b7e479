"""What a chart puts side by side: series of the things that a request names, and rows one by one."""

from __future__ import annotations

import re
from dataclasses import replace

from .asking import stem
from .chart_wording import COUNTS
from .questions import Query
from .rows import Rows


def side_by_side(query: Query, words: str) -> Query:
    """Part *fuel and gifts per month* into a series of each, where one sum would hide them."""
    said = re.search(r'WHERE "((?:[^"]|"")+)" IN \(', query.sql)
    if said is None or query.groups != 1 or f'GROUP BY "{said[1]}"' in query.sql:
        return query
    if re.search(r"(?i)\b(?:together|combined|altogether|sum of both)\b", words):
        return query
    parts = re.fullmatch(
        r"SELECT (?P<group>.+), (?P<fold>(?:sum|avg|median|count)\(.+) FROM data(?P<where> WHERE .+) GROUP BY (?P<by>.+?) ORDER BY (?P<order>.+)",
        query.sql,
    )
    if parts is None or re.search(r", (?:sum|avg|median|count)\(", parts["fold"]):
        return query
    apart = f'"{said[1]}"'
    sql = (
        f"SELECT {parts['group']}, {apart}, {parts['fold']} FROM data{parts['where']} "  # noqa: S608 - of a query of quoted names
        f"GROUP BY {parts['by']}, {apart} ORDER BY {parts['order']}, {apart}"
    )
    return replace(query, sql=sql, groups=2)


def of_each(words: str, rows: Rows) -> str:
    """Read *open versus paid* as their column, and *for each pupil* as each row, whatever it is."""
    said = re.search(r"(?i)\b([\w-]+) (?:versus|vs\.?|against|compared (?:to|with)) (?:the )?([\w-]+)\b", words)  # fmt: skip
    if said is not None:
        both = {said[1].lower(), said[2].lower()}
        for at, name in enumerate(rows.columns):
            if both <= {str(cell).lower() for cell in rows.column(at)}:
                things = re.match(r"\s+\w+s\b", words[said.end() :])  # *open versus paid orders*
                sums = [rows.columns[each] for each in rows.numeric()]
                what = (
                    f"sum of {sums[0]}"
                    if len(sums) == 1 and not COUNTS.search(words) and not things
                    else "number of rows"
                )
                both_ = (
                    ""
                    if len({str(c).lower() for c in rows.column(at)}) == 2
                    else f" for {said[1]} and {said[2]}"
                )
                words = words.replace(said[0], f"{what} per {name}{both_}")
                return re.sub(rf"(?i)(per {re.escape(name)}) \w+s\b", r"\1", words)
    return words if _says_each(words, rows) else _EVERY.sub(" ", words)


_EVERY = re.compile(r"(?i)\b(?:for|of) (?:each|every)(?: single)? (?P<what>[a-z]+)\b")


def _says_each(words: str, rows: Rows) -> bool:
    """Say whether *for each …* names a column or a time; else it is each row."""
    said = _EVERY.search(words)
    if said is None:
        return True
    known = {stem(each) for name in rows.columns for each in re.findall(r"[^\W_]+", name.lower())}
    time = re.fullmatch(r"(?i)month|year|week|day|quarter|weekday|hour", said["what"])
    return stem(said["what"].lower()) in known or time is not None

# ruff: noqa: S608 - every name and value is quoted
"""Write the SQL for a question that was understood."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from .asking import DATED, ROWS, Column, Query, Unmapped, quoted_name, stem


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What a reader made of the words of a question."""

    aggregates: list[str]
    groups: list[Column]
    subject: list[Column]
    limit: int | None
    ordered: tuple[Column, bool] | None
    counted: bool
    distinct: bool
    common: bool


class Composer:
    """Writes the query for what was understood.

    Args:
        columns: Of the table.
        spoken: The words of the question, in lower case.
        nouns: Stems of words that mean a row.
        filters: Conditions, as SQL.
        said: The same in words.
        used: Names of columns that are in a condition.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        spoken: list[str],
        nouns: set[str],
        filters: list[str],
        said: list[str],
        used: set[str],
    ) -> None:
        self._columns = columns
        self._spoken = spoken
        self._nouns = nouns
        self._filters = filters
        self._said = said
        self._used = used

    def compose(self, understood: Understood) -> Query:
        """Return the query. Raises ``Unmapped``."""
        aggregates, groups, subject = understood.aggregates, understood.groups, understood.subject
        limit, counted, distinct = understood.limit, understood.counted, understood.distinct
        where = f" WHERE {' AND '.join(self._filters)}" if self._filters else ""
        said = f" where {' and '.join(self._said)}" if self._said else ""
        numeric = [each for each in subject if each.is_measure]
        others = [each for each in subject if not each.is_measure]
        extremes = [each for each in aggregates if each in {"max", "min"}]
        folds = [each for each in aggregates if each in {"sum", "avg", "median"}]
        if understood.common:
            return self._most_common(others or numeric, where, said, limit, least="min" in extremes)
        if extremes and (folds or counted) and (groups or others):
            by = groups or others[:1]
            measure = "count(*)" if not folds else self._folds(folds[:1], numeric[:1])[0]
            return self._ranked_groups(by, measure, where, said, limit, extremes[0])
        if extremes and others and not numeric and self._counts_rows():
            return self._ranked_groups(others[:1], "count(*)", where, said, limit, extremes[0])
        if extremes and not folds:
            return self._extreme(extremes, groups, numeric, others, where, said, limit)
        if counted and not folds:
            return self._count(groups, subject, where, said, distinct=distinct)
        if folds or (self._asks_how_much() and not others):
            measures = self._folds([*folds, *extremes] or ["sum"], numeric)
            return _folded(measures, groups, where, said)
        if groups and numeric:
            raise Unmapped(f"it does not say what of {numeric[0].name!r}: the total, the average …")
        if groups:
            return self._count(groups, [], where, said, distinct=False)
        return self._list(subject, where, said, understood.ordered, limit, distinct=distinct)

    def _folds(self, folds: list[str], numeric: list[Column]) -> list[str]:
        """Pair aggregates with columns: one with many, many with one, or one by one."""
        measured = numeric or [
            each for each in self._columns if each.is_measure and each.name not in self._used
        ]
        if numeric and len(folds) == 1:
            pairs = [(folds[0], each) for each in measured]
        elif len(measured) == 1:
            pairs = [(each, measured[0]) for each in folds]
        elif numeric and len(folds) == len(measured):
            pairs = list(zip(folds, measured, strict=True))
        else:
            listed = ", ".join(repr(e.name) for e in self._columns if e.is_measure) or "none"
            raise Unmapped(f"it does not say of which column (columns of numbers: {listed})")
        return [f"{fold}({column.sql})" for fold, column in pairs]

    def _asks_how_much(self) -> bool:
        spoken = self._spoken
        return any(pair == ("how", "much") for pair in itertools.pairwise(spoken))

    def _counts_rows(self) -> bool:
        """Whether it asks who has the most rows: *which city has the most orders*."""
        spoken = self._spoken
        return any(
            one in {"most", "fewest"} and (stem(two) in self._nouns or two in ROWS)
            for one, two in itertools.pairwise(spoken)
        )

    def _count(
        self, groups: list[Column], subject: list[Column], where: str, said: str, *, distinct: bool
    ) -> Query:
        subject = [each for each in subject if each not in groups]
        whole = [each for each in subject if not each.unique]
        if whole and (distinct or whole[0].kind != "number"):
            counted, what = (
                f"count(DISTINCT {whole[0].sql})",
                f"different values of {whole[0].name}",
            )
        elif subject and not subject[0].unique:
            counted, what = f"count({subject[0].sql})", f"rows with a {subject[0].name}"
        else:
            counted, what = "count(*)", "rows"
        if groups:
            return _grouped([counted], groups, where, f"number of {what}{_by(groups)}{said}")
        return Query(f"SELECT {counted} FROM data{where}", f"number of {what}{said}", "count")

    def _most_common(
        self, subject: list[Column], where: str, said: str, limit: int | None, *, least: bool
    ) -> Query:
        if len(subject) != 1:
            raise Unmapped("it does not say of which column the commonest value is wanted")
        return self._ranked_groups(
            subject, "count(*)", where, said, limit, "min" if least else "max"
        )

    def _ranked_groups(
        self, by: list[Column], measure: str, where: str, said: str, limit: int | None, extreme: str
    ) -> Query:
        keys = ", ".join(each.sql for each in by)
        shown = ", ".join(each.shown for each in by)
        down = "DESC" if extreme == "max" else "ASC"
        cut = f"rank() OVER (ORDER BY {measure} {down} NULLS LAST) <= {limit or 1}"
        edge = "highest" if extreme == "max" else "lowest"
        return Query(
            f"SELECT {shown}, {_aliased(measure)} FROM data{where} GROUP BY {keys} QUALIFY {cut} "
            f"ORDER BY {measure} {down} NULLS LAST, {keys}",
            f"{edge} {_words(measure)}{_by(by)}{said}",
            "rows",
        )

    def _extreme(
        self,
        extremes: list[str],
        groups: list[Column],
        numeric: list[Column],
        others: list[Column],
        where: str,
        said: str,
        limit: int | None,
    ) -> Query:
        dates = [each for each in others if each.kind == "date"]
        if not numeric and not dates:
            free = [e for e in self._columns if e.is_measure and e.name not in self._used]
            dated = [each for each in self._columns if each.kind == "date"]
            spoken = set(self._spoken)
            free = dated if spoken & DATED else free
            if len(free) != 1:
                listed = ", ".join(repr(each.name) for each in free) or "none"
                raise Unmapped(f"it does not say of which column (candidates: {listed})")
            numeric = free
        measured = (numeric or dates)[0]
        shown = [each for each in others if each is not measured]
        asks_which = any(
            each in {"which", "who", "whose", "where", "when"} for each in self._spoken
        )
        if groups:
            return _grouped(
                [f"{each}({measured.sql})" for each in extremes], groups, where,
                f"{' and '.join(extremes)} of {measured.name}{_by(groups)}{said}",
            )  # fmt: skip
        if len(extremes) == 1 and (
            shown or asks_which or limit or (len(self._columns) > 1 and not numeric)
        ):
            down = "DESC" if extremes[0] == "max" else "ASC"
            keys = ", ".join(each.sql for each in [*shown, measured]) if shown else "*"
            repeats = [each for each in shown if each.kind == "text" and not each.unique]
            if limit and repeats:
                raise Unmapped(
                    f"{repeats[0].name!r} repeats: say the total, or the average {measured.name}, by "
                    f"{repeats[0].name}"
                )
            cut = f"rank() OVER (ORDER BY {measured.sql} {down} NULLS LAST) <= {limit or 1}"
            edge = "highest" if extremes[0] == "max" else "lowest"
            edge += " single" if repeats else ""
            return Query(
                f"SELECT {keys} FROM data{where} QUALIFY {cut} ORDER BY {measured.sql} {down} NULLS LAST",
                f"{edge} {measured.name}{said}",
                "rows",
            )
        return _folded([f"{each}({measured.sql})" for each in extremes], [], where, said)

    def _list(
        self,
        subject: list[Column],
        where: str,
        said: str,
        ordered: tuple[Column, bool] | None,
        limit: int | None,
        *,
        distinct: bool,
    ) -> Query:
        spoken = set(self._spoken)
        asks = spoken & {
            "show",
            "list",
            "give",
            "display",
            "get",
            "find",
            "what",
            "what's",
            "which",
            "who",
            "return",
        }
        if not subject and not (
            self._filters
            or ordered
            or (
                asks
                and spoken
                & {"rows", "records", "all", "entries", "table", "data", "lines", "everything"}
            )
        ):
            raise Unmapped("it names no column, no value and nothing to count or add up")
        if self._asks_how_much() and not subject:
            raise Unmapped("it does not say of which column")
        alone = len(subject) == 1 and subject[0].kind == "text" and not ordered
        if alone and not limit:
            distinct = True
        named = [each for each in self._columns if each.name in self._used and each not in subject]
        shown = [*named, *subject] if subject and not distinct and len(subject) == 1 else subject
        keys = ", ".join(each.sql for each in shown) or "*"
        order = f" ORDER BY {ordered[0].sql}{' DESC' if ordered[1] else ''}" if ordered else ""
        if distinct and subject and not order:
            order = f" ORDER BY {subject[0].sql}"
        cut = f" LIMIT {limit}" if limit else ""
        which = ", ".join(each.name for each in shown) or "rows"
        return Query(
            f"SELECT {'DISTINCT ' if distinct and subject else ''}{keys} FROM data{where}{order}{cut}",
            f"{'different values of ' if distinct and subject else ''}{which}{said}",
            "rows",
        )


def _folded(measures: list[str], groups: list[Column], where: str, said: str) -> Query:
    about = " and ".join(_words(each) for each in measures)
    if groups:
        return _grouped(measures, groups, where, f"{about}{_by(groups)}{said}")
    shape = "scalar" if len(measures) == 1 else "rows"
    listed = ", ".join(_aliased(each) for each in measures) if len(measures) > 1 else measures[0]
    return Query(f"SELECT {listed} FROM data{where}", f"{about}{said}", shape)


def _grouped(measures: list[str], groups: list[Column], where: str, about: str) -> Query:
    keys = ", ".join(each.sql for each in groups)
    shown = ", ".join(each.shown for each in groups)
    return Query(
        f"SELECT {shown}, {', '.join(_aliased(each) for each in measures)} FROM data{where} GROUP BY {keys} ORDER BY {keys}",
        about,
        "rows",
    )


def _by(groups: list[Column]) -> str:
    return f" by {', '.join(each.name for each in groups)}"


def _words(measure: str) -> str:
    name, _, rest = measure.partition("(")
    inner = rest.rstrip(")").replace("DISTINCT ", "").strip('"').replace('""', '"')
    spoken = {"avg": "average", "sum": "sum", "count": "number", "max": "highest", "min": "lowest"}
    if name in {"max", "min"}:
        return f"{spoken[name]} {inner}"
    return f"{spoken.get(name, name)} of {'rows' if inner == '*' else inner}"


def _aliased(measure: str) -> str:
    return f"{measure} AS {quoted_name(_words(measure))}"

"""From a plain question to SQL, for tables: small on purpose, and honest about what it cannot map.

The question is read word by word. Words that name columns or stand in cells are taken first; then
comparisons, aggregates, grouping and order. A word that is left over and is no filler means that
something was asked which the SQL would not answer: the question is refused, with that word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import (
    AGGREGATES,
    DATED,
    DISTINCT,
    DOWN,
    FILLERS,
    PERIODS,
    SORT,
    TASTE,
    UP,
    Column,
    Query,
    Unmapped,
    stem,
)
from .asking_conditions import Conditions
from .asking_sql import Composer, Understood
from .asking_words import Words


def write_sql(question: str, columns: Sequence[Column], nouns: Sequence[str] = ()) -> Query:
    """Turn a question into SQL over the table ``data``.

    Args:
        question: In English.
        columns: Of the table.
        nouns: Words that mean a row: the file's name.

    Raises:
        Unmapped: It asks for something else than counts, sums, averages, extremes, groups,
            filters and lists over these columns.
    """
    return _Reader(question, columns, nouns).query()


class _Reader:
    def __init__(self, question: str, columns: Sequence[Column], nouns: Sequence[str]) -> None:
        self.question = Words(question, columns, nouns)
        self.words, self.columns = self.question.words, columns

    def query(self) -> Query:
        self.question.claim_columns()
        self.question.claim_values()
        conditions = Conditions(self.question)
        conditions.read()
        ordered = self._claim_order()
        limit = self._claim_limit()
        aggregates = self._claim_aggregates()
        distinct = self.question.claim(DISTINCT)
        groups = self._groups()
        counted = self._counted()
        common = self.question.claim(
            frozenset({"common", "often", "frequent", "frequently", "popular"})
        )
        self._refuse_leftovers()
        subject = self._subject()
        composer = Composer(
            self.columns,
            [each.text.lower() for each in self.words],
            self.question.nouns,
            conditions.sql,
            conditions.said,
            conditions.about,
        )
        return composer.compose(
            Understood(
                aggregates=aggregates,
                groups=groups,
                subject=subject,
                limit=limit,
                ordered=ordered,
                counted=counted,
                distinct=distinct,
                common=common,
            )
        )

    def _claim_order(self) -> tuple[Column, bool] | None:
        """Read *sorted by X (descending)*."""
        down = self.question.claim(DOWN)
        self.question.claim(UP)
        for at, word in enumerate(self.words):
            after = self.words[at + 1].text.lower() if at + 1 < len(self.words) else ""
            if not word.role and word.text.lower() in SORT and after == "by":
                word.role = "order"
                for other in self.words[at + 1 : at + 5]:
                    if other.role == "column" and other.column is not None:
                        other.role = "ordered"
                        return other.column, down
        return None

    def _claim_limit(self) -> int | None:
        """Read *top 3*, *the 3 highest*, *first five rows*."""
        edges = {*AGGREGATES["max"], *AGGREGATES["min"], "first", "last"}
        for at in range(len(self.words)):
            count = self.question.number(at)
            if count is None or not isinstance(count, int) or not 1 <= count <= 1_000:
                continue
            before = self.words[at - 1].text.lower() if at else ""
            after = self.words[at + 1].text.lower() if at + 1 < len(self.words) else ""
            if before == "last" or after == "last":
                raise Unmapped("'last' rows have no meaning in a table without an order")
            if before in edges or after in edges:
                self.words[at].role = "limit"
                for place in (at - 1, at + 1):
                    if 0 <= place < len(self.words) and self.words[place].text.lower() == "first":
                        self.words[place].role = "limit"
                return count
        return None

    def _claim_aggregates(self) -> list[str]:
        found: list[str] = []
        for word in self.words:
            spoken = word.text.lower()
            if word.role:
                continue
            for name, words in AGGREGATES.items():
                if spoken in words:
                    if spoken in TASTE:
                        raise Unmapped(f"{spoken!r} is a matter of taste: say highest or lowest")
                    if spoken in DATED and not any(each.kind == "date" for each in self.columns):
                        break
                    word.role = name
                    found.append(name)
        return list(dict.fromkeys(found))

    def _groups(self) -> list[Column]:
        """Read *per X*, *by X*, *for each X*; *by* before a number is no grouping."""
        groups: list[Column] = []
        for at, word in enumerate(self.words):
            if (period := self._period(at)) is not None:
                word.role = "grouped"
                groups.append(period)
                continue
            if word.role != "column" or word.column is None:
                continue
            before = [each.text.lower() for each in self.words[max(0, at - 2) : at]]
            ranked = any(each.role in {"max", "min", "limit"} for each in self.words[:at])
            if before[-1:] == ["by"] and word.column.kind == "number" and ranked:
                continue
            again = before[-1:] == ["and"] and groups and self.words[at - 2].role == "grouped"
            if (before and before[-1] in {"per", "by", "each", "every"}) or again:
                word.role = "grouped"
                groups.append(word.column)
        return groups

    def _period(self, at: int) -> Column | None:
        """Read *per month* where no column has that name."""
        word = self.words[at]
        form = PERIODS.get(word.text.lower())
        if word.role or form is None or not at:
            return None
        if self.words[at - 1].text.lower() not in {"per", "by", "each", "every"}:
            return None
        of = self.question.only(
            [each for each in self.columns if each.kind == "date"], f"the {word.text}"
        )
        return Column(word.text.lower(), "text", derived=f"strftime({of.sql}, '{form}')")

    def _counted(self) -> bool:
        text = " ".join(each.text.lower() for each in self.words)
        return bool(re.search(r"\bhow many\b|\bnumber of\b|\bcount\b", text)) and not any(
            each.role == "column" and each.text.lower() in {"count", "number"}
            for each in self.words
        )

    def _refuse_leftovers(self) -> None:
        left = [
            each.text
            for each in self.words
            if not each.role
            and each.text.lower() not in FILLERS | {"count", "number", "first"}
            and stem(each.text) not in self.question.nouns
        ]
        if left:
            listed = ", ".join(repr(each) for each in left[:4])
            raise Unmapped(f"nothing in the table is called {listed}")

    def _subject(self) -> list[Column]:
        """Return the columns that were named and have no other part in the question."""
        named = [w.column for w in self.words if w.role == "column" and w.column is not None]
        return list(dict.fromkeys(named))


__all__ = ("Column", "Query", "Unmapped", "stem", "write_sql")

"""From a plain question to SQL, for tables: small on purpose, and honest about what it cannot map.

The question is read word by word. Words that name columns or stand in cells are taken first; then
comparisons, aggregates, grouping and order. A word that is left over and is no filler means that
something was asked which the SQL would not answer: the question is refused, with that word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .asking import (
    AGGREGATES,
    DATED,
    DISTINCT,
    DOWN,
    EDGES,
    FILLERS,
    IN,
    LESS,
    MONTHS,
    MORE,
    NOT,
    PERIODS,
    SMALL,
    SORT,
    TASTE,
    TOKEN,
    UP,
    Column,
    Query,
    Unmapped,
    is_operator,
    name_parts,
    quoted,
    singular,
    stem,
)
from .asking_sql import Composer, Understood


@dataclass
class _Word:
    text: str
    role: str = ""
    """Empty while nobody has claimed it."""
    column: Column | None = None
    values: tuple[str, ...] = ()


@dataclass
class _Read:
    filters: list[str] = field(default_factory=list[str])
    """Conditions, as SQL and in words: all of them hold."""
    said: list[str] = field(default_factory=list[str])


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
        self.columns = columns
        self.words = [_Word(each) for each in TOKEN.findall(question)]
        self.nouns = {
            stem(each) for noun in nouns for each in re.findall(r"[^\W\d_]+", noun.lower())
        }
        self.read = _Read()
        self.used_in_filter: set[str] = set()

    def query(self) -> Query:
        self._claim_columns()
        self._claim_values()
        self._claim_comparisons()
        self._claim_dates()
        self._refuse_or()
        self._filter_values()
        ordered = self._claim_order()
        limit = self._claim_limit()
        aggregates = self._claim_aggregates()
        distinct = self._claim(DISTINCT)
        groups = self._groups()
        counted = self._counted()
        common = self._claim(frozenset({"common", "often", "frequent", "frequently", "popular"}))
        self._refuse_leftovers()
        subject = self._subject()
        composer = Composer(
            self.columns,
            [each.text.lower() for each in self.words],
            self.nouns,
            self.read.filters,
            self.read.said,
            self.used_in_filter,
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

    def _claim_columns(self) -> None:
        """Mark the words that name columns: whole names first, then their parts."""
        stems = [stem(each.text) for each in self.words]
        named = [(each, [stem(word) for word in name_parts(each.name)]) for each in self.columns]
        for column, parts in sorted(named, key=lambda pair: -len(pair[1])):
            for at in range(len(stems) - len(parts) + 1):
                span = self.words[at : at + len(parts)]
                if parts and stems[at : at + len(parts)] == parts and not any(w.role for w in span):
                    for each in span:
                        each.role, each.column = "column", column
        for at, word in enumerate(self.words):
            owners = [column for column, parts in named if stems[at] in parts and len(parts) > 1]
            told = word.text.lower() in FILLERS or is_operator(word.text.lower())
            told = told or stems[at] in self.nouns or any(each.is_key for each in owners)
            if not word.role and len(owners) == 1 and not told and len(stems[at]) > 2:
                word.role, word.column = "column", owners[0]

    def _claim_values(self) -> None:
        """Mark the words that stand in cells, the longest first."""
        lowered = [each.text.casefold() for each in self.words]
        spoken: dict[tuple[str, ...], list[tuple[Column, str]]] = {}
        for column in self.columns:
            for value in column.values:
                key = tuple(each.casefold() for each in TOKEN.findall(value))
                if key and not all(each in FILLERS for each in key):
                    spoken.setdefault(key, []).append((column, value))
        longest = max((len(key) for key in spoken), default=0)
        for length in range(min(longest, len(lowered)), 0, -1):
            for at in range(len(lowered) - length + 1):
                span = self.words[at : at + length]
                found = spoken.get(tuple(lowered[at : at + length]))
                if found is None and length == 1:
                    found = spoken.get((singular(lowered[at]),))
                if not found or any(w.role == "value" for w in span):
                    continue
                if any(w.role == "column" for w in span) and length == 1:
                    continue
                if (
                    length == 1
                    and lowered[at] in {*MONTHS, *SMALL}
                    and not span[0].text[0].isupper()
                ):
                    continue
                owners = {column.name: column for column, _ in found}
                column = self._owner(at, list(owners.values()))
                for each in span:
                    each.role, each.column = "value", column
                    each.values = tuple(value for owner, value in found if owner is column)
                for each in span[1:]:
                    each.role = "value+"

    def _owner(self, at: int, owners: list[Column]) -> Column:
        if len(owners) == 1:
            return owners[0]
        near = {
            word.column.name for word in self.words[max(0, at - 3) : at + 4]
            if word.role == "column" and word.column is not None
        }  # fmt: skip
        beside = [each for each in owners if each.name in near]
        if len(beside) == 1:
            return beside[0]
        listed = " and ".join(repr(each.name) for each in owners)
        raise Unmapped(
            f"{self.words[at].text!r} stands in the columns {listed}: say which, as in "
            f"{owners[0].name} = {self.words[at].text}"
        )

    def _claim_comparisons(self) -> None:
        at = 0
        while at < len(self.words):
            word = self.words[at].text.lower()
            low, high = self._number(at + 1), self._number(at + 3)
            if word == "between" and low is not None and high is not None:
                column = self._compared(at)
                self._take(at, at + 4, "compare")
                self._filter(column, f"BETWEEN {low} AND {high}", f"between {low} and {high}")
            elif (
                self.words[at].role == "column"
                and (beside := self.words[at].column) is not None
                and beside.kind == "number"
                and low is not None
                and not self._is_limit(at + 1)
            ):
                self._take(at + 1, at + 2, "compare")
                self.words[at].role = "compared"
                self._filter(beside, f"= {low}", f"= {low}")
            elif (found := self._comparison(at)) is not None:
                sign, length = found
                value = self._number(at + length)
                assert value is not None
                column = self._compared(at)
                self._take(at, at + length + 1, "compare")
                self._filter(column, f"{sign} {value}", f"{sign} {value}")
            at += 1

    def _is_limit(self, at: int) -> bool:
        after = self.words[at + 1].text.lower() if at + 1 < len(self.words) else ""
        return after in {*AGGREGATES["max"], *AGGREGATES["min"]}

    def _comparison(self, at: int) -> tuple[str, int] | None:
        """Return the SQL sign of a comparison that begins here, and its words before the number."""
        spoken = [each.text.lower() for each in self.words[at : at + 5]]
        if not spoken or self.words[at].role:
            return None
        for phrase, sign in (
            (("at", "least"), ">="), (("no", "less", "than"), ">="), (("not", "less", "than"), ">="),
            (("at", "most"), "<="), (("no", "more", "than"), "<="), (("up", "to"), "<="),
            (("not", "more", "than"), "<="), ((">=",), ">="), (("<=",), "<="), (("!=",), "<>"),
            (("equal", "to"), "="), (("equals",), "="), (("exactly",), "="), (("=",), "="),
        ):  # fmt: skip
            if (
                tuple(spoken[: len(phrase)]) == phrase
                and self._number(at + len(phrase)) is not None
            ):
                return sign, len(phrase)
        for words, sign in ((MORE, ">"), (LESS, "<")):
            if spoken[0] in words:
                length = 1 + (spoken[1:2] == ["than"])
                if self._number(at + length) is not None:
                    return sign, length
        if self.words[at].role == "" and spoken[0] in {"is", "was", "of"} and at:
            before = self.words[at - 1]
            if before.role == "column" and before.column and before.column.kind == "number":
                return ("=", 1) if self._number(at + 1) is not None else None
        return None

    def _number(self, at: int) -> float | int | None:
        if at >= len(self.words) or self.words[at].role:
            return None
        text = self.words[at].text.lower().strip("$€£%")
        if text in SMALL:
            return SMALL[text]
        if not text[:1].isdigit() or "-" in text:
            return None
        scale = {"k": 1_000, "m": 1_000_000}.get(text[-1], 1)
        digits = text.rstrip("km").replace(",", "")
        value = float(digits) * scale
        return int(value) if value.is_integer() else value

    def _compared(self, at: int) -> Column:
        """Return the column that a comparison is about: the one before it, else the only one."""
        for step in range(1, 5):
            for place in (at - step, at + 1 + step):
                if 0 <= place < len(self.words):
                    word = self.words[place]
                    if word.role == "column" and word.column and word.column.kind == "number":
                        word.role = "compared"
                        return word.column
        numeric = [each for each in self.columns if each.is_measure]
        if len(numeric) == 1:
            return numeric[0]
        listed = ", ".join(repr(each.name) for each in numeric) or "none"
        raise Unmapped(f"it does not say which number is compared (columns of numbers: {listed})")

    def _claim_dates(self) -> None:
        """Read dates, years and months; several years are alternatives."""
        dated = [each for each in self.columns if each.kind == "date"]
        years = [e for e in self.columns if e.kind == "number" and "year" in name_parts(e.name)]
        periods: dict[str, tuple[Column, list[str], list[str]]] = {}
        for at, word in enumerate(self.words):
            text = word.text.lower()
            before = self.words[at - 1].text.lower() if at else ""
            if word.role:
                continue
            edge = EDGES.get(before)
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                column = self._only(dated, f"the date {text}")
                self._filter(column, f"{edge or '='} DATE '{text}'", f"{edge or '='} {text}")
            elif re.fullmatch(r"(?:19|20)\d{2}", text) and (dated or years):
                column = years[0] if len(years) == 1 else self._only(dated, f"the year {text}")
                part = column.sql if column in years else f"year({column.sql})"
                if edge:
                    self._filter(column, "", f"{edge} {text}", f"{part} {edge} {text}")
                else:
                    periods.setdefault(part, (column, [], []))[1].append(text)
                    periods[part][2].append(text)
            elif text in MONTHS and dated and (before in IN or word.text[0].isupper()):
                if edge:
                    raise Unmapped(
                        f"{before} {word.text!r}: of which year? Give a date: 2025-03-01"
                    )
                column = self._only(dated, f"the month {word.text}")
                part = f"month({column.sql})"
                periods.setdefault(part, (column, [], []))[1].append(str(MONTHS[text]))
                periods[part][2].append(word.text)
            else:
                continue
            word.role = "period"
            if edge:
                self.words[at - 1].role = "period"
        for part, (column, values, said) in periods.items():
            test = f"= {values[0]}" if len(values) == 1 else f"IN ({', '.join(values)})"
            self._filter(column, "", f"is in {' or '.join(said)}", f"{part} {test}")

    def _refuse_or(self) -> None:
        """Refuse *or* between different things: the conditions here all hold at once."""
        for at, word in enumerate(self.words):
            if word.text.lower() != "or" or word.role:
                continue
            left = next((w for w in reversed(self.words[:at]) if w.role), None)
            right = next((w for w in self.words[at + 1 :] if w.role), None)
            if left is None or right is None or not self._alike(left, right):
                raise Unmapped("'or' joins different conditions: ask for each, or give SQL")

    def _alike(self, left: _Word, right: _Word) -> bool:
        if left.role == right.role == "period":
            return True
        values = left.role.startswith("value") and right.role == "value"
        return values and self._value_column(left) is right.column

    def _value_column(self, word: _Word) -> Column | None:
        at = self.words.index(word)
        while self.words[at].role == "value+":
            at -= 1
        return self.words[at].column

    def _only(self, among: list[Column], what: str) -> Column:
        named = [w.column for w in self.words if w.role == "column" and w.column in among]
        chosen = list(dict.fromkeys(each.name for each in named if each)) or [
            each.name for each in among
        ]
        if len(chosen) != 1:
            listed = ", ".join(repr(each) for each in chosen) or "none"
            raise Unmapped(
                f"it does not say which column {what} is of (columns of dates: {listed})"
            )
        return next(each for each in among if each.name == chosen[0])

    def _filter_values(self) -> None:
        """Make conditions of the cell values: those of one column are alternatives."""
        wanted: dict[tuple[str, bool], list[str]] = {}
        for at, word in enumerate(self.words):
            if word.role != "value" or word.column is None:
                continue
            denied = False
            for step in range(1, 5):
                if at - step < 0:
                    break
                other = self.words[at - step]
                spoken = other.text.lower()
                if spoken in NOT or other.role == "not":
                    other.role, denied = "not", True
                    break
                if spoken in {"and", "but"} or (
                    other.role == "column" and other.column is not word.column
                ):
                    break
            wanted.setdefault((word.column.name, denied), []).extend(word.values)
            for other in self.words[max(0, at - 4) : at + 3]:
                mine = other.role == "column" and other.column is word.column
                if mine and not self._grouping_word(other):
                    other.role = "filtered"
        for (name, denied), values in wanted.items():
            column = next(each for each in self.columns if each.name == name)
            listed = ", ".join(quoted(each) for each in dict.fromkeys(values))
            one = len(dict.fromkeys(values)) == 1
            test = f"= {listed}" if one else f"IN ({listed})"
            said = f"is {'not ' if denied else ''}{listed.replace(', ', ' or ')}"
            kept = f"({column.sql} {test}) IS NOT TRUE" if denied else ""  # empty cells are kept
            self._filter(column, test, said, kept)

    def _grouping_word(self, word: _Word) -> bool:
        at = self.words.index(word)
        return at > 0 and self.words[at - 1].text.lower() in {"per", "by", "each", "every", "which"}

    def _filter(self, column: Column, test: str, said: str, whole: str = "") -> None:
        self.read.filters.append(whole or f"{column.sql} {test}")
        self.read.said.append(f"{column.name} {said}")
        self.used_in_filter.add(column.name)

    def _claim_order(self) -> tuple[Column, bool] | None:
        """Read *sorted by X (descending)*."""
        down = self._claim(DOWN)
        self._claim(UP)
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
            count = self._number(at)
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

    def _claim(self, among: frozenset[str]) -> bool:
        found = [each for each in self.words if not each.role and each.text.lower() in among]
        for each in found:
            each.role = "said"
        return bool(found)

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
        of = self._only([each for each in self.columns if each.kind == "date"], f"the {word.text}")
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
            and stem(each.text) not in self.nouns
        ]
        if left:
            listed = ", ".join(repr(each) for each in left[:4])
            raise Unmapped(f"nothing in the table is called {listed}")

    def _subject(self) -> list[Column]:
        """Return the columns that were named and have no other part in the question."""
        named = [w.column for w in self.words if w.role == "column" and w.column is not None]
        return list(dict.fromkeys(named))

    def _take(self, start: int, end: int, role: str) -> None:
        for each in self.words[start:end]:
            if not each.role:
                each.role = role


__all__ = ("Column", "Query", "Unmapped", "stem", "write_sql")

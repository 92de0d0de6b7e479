"""The conditions of a question: comparisons, dates, and values that stand in cells."""

from __future__ import annotations

import re

from .asking import (
    AGGREGATES,
    EDGES,
    IN,
    LESS,
    MONTHS,
    MORE,
    NOT,
    Column,
    Unmapped,
    name_parts,
    quoted,
)
from .asking_words import Word, Words


class Conditions:
    """What the rows must fulfil: all of it holds at once.

    Args:
        question: Its words, of which columns and cells have been claimed.
    """

    def __init__(self, question: Words) -> None:
        self.question = question
        self.words, self.columns = question.words, question.columns
        self.sql: list[str] = []
        self.said: list[str] = []
        """The same in words."""
        self.about: set[str] = set()
        """The columns that conditions are about."""

    def read(self) -> None:
        """Claim every condition. Raises ``Unmapped``."""
        self._claim_comparisons()
        self._claim_dates()
        self._refuse_or()
        self._filter_values()

    def _claim_comparisons(self) -> None:
        at = 0
        while at < len(self.words):
            word = self.words[at].text.lower()
            low, high = self.question.number(at + 1), self.question.number(at + 3)
            if word == "between" and low is not None and high is not None:
                column = self._compared(at)
                self.question.take(at, at + 4, "compare")
                self._filter(column, f"BETWEEN {low} AND {high}", f"between {low} and {high}")
            elif (
                self.words[at].role == "column"
                and (beside := self.words[at].column) is not None
                and beside.kind == "number"
                and low is not None
                and not self._is_limit(at + 1)
            ):
                self.question.take(at + 1, at + 2, "compare")
                self.words[at].role = "compared"
                self._filter(beside, f"= {low}", f"= {low}")
            elif (found := self._comparison(at)) is not None:
                sign, length = found
                value = self.question.number(at + length)
                assert value is not None
                column = self._compared(at)
                self.question.take(at, at + length + 1, "compare")
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
                and self.question.number(at + len(phrase)) is not None
            ):
                return sign, len(phrase)
        for words, sign in ((MORE, ">"), (LESS, "<")):
            if spoken[0] in words:
                length = 1 + (spoken[1:2] == ["than"])
                if self.question.number(at + length) is not None:
                    return sign, length
        if self.words[at].role == "" and spoken[0] in {"is", "was", "of"} and at:
            before = self.words[at - 1]
            if before.role == "column" and before.column and before.column.kind == "number":
                return ("=", 1) if self.question.number(at + 1) is not None else None
        return None

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
                column = self.question.only(dated, f"the date {text}")
                self._filter(column, f"{edge or '='} DATE '{text}'", f"{edge or '='} {text}")
            elif re.fullmatch(r"(?:19|20)\d{2}", text) and (dated or years):
                column = (
                    years[0] if len(years) == 1 else self.question.only(dated, f"the year {text}")
                )
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
                column = self.question.only(dated, f"the month {word.text}")
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

    def _alike(self, left: Word, right: Word) -> bool:
        if left.role == right.role == "period":
            return True
        values = left.role.startswith("value") and right.role == "value"
        return values and self._value_column(left) is right.column

    def _value_column(self, word: Word) -> Column | None:
        at = self.words.index(word)
        while self.words[at].role == "value+":
            at -= 1
        return self.words[at].column

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

    def _grouping_word(self, word: Word) -> bool:
        at = self.words.index(word)
        return at > 0 and self.words[at - 1].text.lower() in {"per", "by", "each", "every", "which"}

    def _filter(self, column: Column, test: str, said: str, whole: str = "") -> None:
        self.sql.append(whole or f"{column.sql} {test}")
        self.said.append(f"{column.name} {said}")
        self.about.add(column.name)

"""The times that a question is about: dates, years, months, quarters, days of the week."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, Unmapped, name_parts
from .asking_vocabulary import EDGES, IN, MONTHS, RELATIVE, WEEKDAYS
from .asking_words import Word, Words

_QUARTERS = {"q1": 1, "q2": 2, "q3": 3, "q4": 4}
_ORDERED = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
Found = tuple[str, str, Column, int, tuple[tuple[str, str], ...], str]
"""As ``Condition`` has it."""


class Periods:
    """Reads the times of a question into conditions.

    Args:
        question: Its words.
    """

    def __init__(self, question: Words) -> None:
        self.question, self.words = question, question.words
        self._dated = [each for each in question.columns if each.kind == "date"]
        self._years = [
            each for each in question.columns
            if each.kind == "number" and {"year", "built", "founded"} & set(name_parts(each.name))
        ]  # fmt: skip
        self._monthly = [each for each in question.columns if each.is_monthly]
        self.found: list[Found] = []

    def read(self) -> None:
        """Claim them; several years, or months, are alternatives. Raises ``Unmapped``."""
        self._refuse_relative()
        if not self._dated and not self._years and not self._monthly:
            return
        self._claim_ranges()
        periods: dict[str, tuple[Column, list[str], list[str], int]] = {}
        places: dict[str, int] = {}
        """Where the last of each kind stands."""
        for at, word in enumerate(self.words):
            if word.role:
                continue
            column, part, value, said = self._period(at)
            if column is None:
                continue
            edge_at = at - 2 if self.question.low(at - 1) in {"the", "of", "on"} else at - 1
            edge = EDGES.get(self.question.low(edge_at))
            word.role = "period"
            if edge:
                self.words[edge_at].role = "period"
                self._edge(column, part, value, said, edge, at)
            else:
                kept = periods.setdefault(part, (column, [], [], at))
                places[part] = at
                kept[1].append(value)
                kept[2].append(said)
        for part, (column, values, said, at) in periods.items():
            tested = f"CAST({column.sql} AS DATE)" if part == "date" else part
            test = f"= {values[0]}" if len(values) == 1 else f"IN ({', '.join(values)})"
            parts = [
                (name, f"{tested} = {value}") for name, value in zip(said, values, strict=True)
            ]
            told = f"{column.name} is in {' or '.join(said)}"
            if len(parts) < 2:
                self.found.append((f"{tested} {test}", told, column, at, (), ""))
                continue
            between = joined(self.words, at, places[part])
            self.found.append((f"{tested} {test}", told, column, at, tuple(parts), between))

    def _refuse_relative(self) -> None:
        for at, word in enumerate(self.words):
            after = self.question.low(at + 1)
            relative = word.low in RELATIVE or (
                word.low in {"last", "this", "next", "past"}
                and after in {"week", "month", "year", "quarter", "weekend", "days", "weeks"}
            )
            if relative and not word.role:
                raise Unmapped(
                    f"{word.text!r} depends on today, which a table does not know: give the dates"
                )

    def _claim_ranges(self) -> None:
        """Read *between 5 May and 15 May* and *from 2019 to 2021*."""
        for at, word in enumerate(self.words):
            if word.role or word.low not in {"between", "from"}:
                continue
            if self.question.low(at + 2) not in {"and", "to", "until", "till"}:
                continue
            if any(each.role for each in self.words[at + 1 : at + 4] if each.low != "to"):
                continue
            first, second = self._period(at + 1), self._period(at + 3)
            if first[0] is None or second[0] is None or first[1] != second[1]:
                continue
            column, part, low, said = first
            assert column is not None
            tested = f"CAST({column.sql} AS DATE)" if part == "date" else part
            self.found.append(
                (f"{tested} BETWEEN {low} AND {second[2]}",
                 f"{column.name} between {said} and {second[3]}", column, at, (), "")
            )  # fmt: skip
            for each in self.words[at : at + 4]:
                each.role = "period"

    def _period(self, at: int) -> tuple[Column | None, str, str, str]:
        """Return the column of a time, what of it is compared, with what, and the words for it."""
        nothing = (None, "", "", "")
        if at >= len(self.words):
            return nothing
        word, text = self.words[at], self.question.low(at)
        if re.fullmatch(r"(?:\d{4}-|--)\d{2}-\d{2}", text):
            column = self.question.only(self._dated, f"the date {text}")
            whole = self._whole(column, text)
            if whole is None:
                month, day = int(text[2:4]), int(text[5:7])
                part = f"month({column.sql}) * 100 + day({column.sql})"
                return column, part, str(month * 100 + day), text
            return column, "date", f"DATE '{whole}'", whole
        if re.fullmatch(r"(?:1[5-9]|20)\d{2}", text) and (self._dated or self._years):
            named = [each for each in self._years if self._is_named(each)]
            fits = [
                each for each in self._years if (each.low or 0) <= int(text) <= (each.high or 0)
            ]
            spanned = {year for each in self._dated for year in each.years}
            if not named and len(fits) == 1 and int(text) not in spanned:
                named = fits  # a year that no date of the table has
            if self._years and not (self._dated and not named):
                column = (named or self._years)[0]
                return column, column.sql, text, text
            column = self.question.only(self._dated, f"the year {text}")
            return column, f"year({column.sql})", text, text
        if not self._dated:
            return self._of_months(at) or nothing
        before = self.question.low(at - 1)
        monthly = before in {*IN, *EDGES, "and", "or", "last", "early", "late"}
        monthly = monthly or text not in {"may", "march"} or at == len(self.words) - 1
        if text in MONTHS and (monthly or word.text[0].isupper()):
            column = self.question.only(self._dated, f"the month {word.text}")
            return column, f"month({column.sql})", str(MONTHS[text]), word.text
        day = text.removesuffix("s")
        if day in WEEKDAYS:
            column = self.question.only(self._dated, f"the {day}")
            return column, f"dayofweek({column.sql})", str(WEEKDAYS[day]), word.text
        if text in {"weekend", "weekends"}:
            column = self.question.only(self._dated, "the weekend")
            return column, f"(dayofweek({column.sql}) IN (0, 6))", "true", "the weekend"
        if text in {"weekday", "weekdays"} and before in {"a", "on", "during"}:
            column = self.question.only(self._dated, "the weekday")
            return column, f"(dayofweek({column.sql}) BETWEEN 1 AND 5)", "true", "a weekday"
        if text in _QUARTERS or (text == "quarter" and before in _ORDERED):
            column = self.question.only(self._dated, "the quarter")
            number = _QUARTERS.get(text) or _ORDERED[before]
            if text == "quarter":
                self.words[at - 1].role = "period"
            return column, f"quarter({column.sql})", str(number), f"quarter {number}"
        return nothing

    def _of_months(self, at: int) -> tuple[Column, str, str, str] | None:
        """Read a month or a year of a column that holds months: *2026-03*."""
        text = self.question.low(at)
        if not self._monthly:
            return None
        if text in MONTHS:
            column = self.question.only(self._monthly, f"the month {text}")
            number = str(MONTHS[text])
            return column, f"CAST({column.sql}[6:7] AS INTEGER)", number, text.capitalize()
        if re.fullmatch(r"(?:1[5-9]|20)\d{2}", text):
            column = self.question.only(self._monthly, f"the year {text}")
            return column, f"CAST({column.sql}[1:4] AS INTEGER)", text, text
        return None

    def _is_named(self, column: Column) -> bool:
        return any(each.column is column for each in self.words)

    def _whole(self, column: Column, text: str) -> str | None:
        """Return a date with its year, where the column has one year only."""
        if not text.startswith("--"):
            return text
        return f"{column.years[0]}-{text[2:]}" if len(column.years) == 1 else None

    def _edge(self, column: Column, part: str, value: str, said: str, edge: str, at: int) -> None:
        if part.startswith(("month(", "quarter(")) and "*" not in part and len(column.years) != 1:
            raise Unmapped(f"{said!r} is in several years: of which? Give a date: 2025-03-01")
        tested = f"CAST({column.sql} AS DATE)" if part == "date" else part
        told = f"{column.name} {edge} {said}"
        self.found.append((f"{tested} {edge} {value}", told, column, at, (), ""))


def joined(words: Sequence[Word], first: int, last: int) -> str:
    """Return what stands between alternatives: ``or``, ``and``, or ``each`` (*in May and in June*)."""
    between = {each.low for each in words[first:last]}
    if "or" in between:
        return "or"
    return "each" if between & {"in", "of", "for", "from", "by", "with", "at", "on"} else "and"

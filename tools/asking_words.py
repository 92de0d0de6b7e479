"""The words of a question, and the columns and cells of a table that they name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .asking import TOKEN, Column, Unmapped, name_parts, root, singular, stem
from .asking_calendar import said_alike
from .asking_cells import is_meant, is_small
from .asking_likeness import likeness
from .asking_vocabulary import (
    AGGREGATES,
    DISTINCT,
    DOWN,
    FILLERS,
    IN,
    KEYS,
    LESS,
    MORE,
    NOT,
    PERIODS,
    SMALL,
    SORT,
    UNITS,
    UP,
)

_ALSO_WORDS = frozenset({"may", "march", "mar", "sun", "sat", "wed", "so", "do", "mi", "fr"})
"""Months and days that are other words too."""
_FROM = frozenset("from leave leaves left leaving departing of".split())  # noqa: SIM905
_TO = frozenset("to into towards reach arriving landing toward".split())  # noqa: SIM905
_SOURCES = frozenset("origin from source sender departure start payer".split())  # noqa: SIM905
_TARGETS = frozenset("destination to target recipient arrival end receiver payee".split())  # noqa: SIM905


@dataclass(eq=False)
class Word:
    """One word, and what it has been taken for."""

    text: str
    role: str = ""
    """Empty while nobody has claimed it."""
    column: Column | None = None
    values: tuple[str, ...] = ()

    @property
    def low(self) -> str:
        """The word without its case."""
        return self.text.lower()

    def names(self, column: Column | None = None) -> bool:
        """Whether it names a column: any, or this one."""
        return self.role == "column" and (column is None or self.column is column)


class Words:
    """The question word by word. Each word is claimed once; what is left over is not understood.

    Args:
        question: In English.
        columns: Of the table.
        nouns: Words that mean a row: the file's name.
    """

    def __init__(self, question: str, columns: Sequence[Column], nouns: Sequence[str]) -> None:
        self.columns = list(columns)
        self.words = [Word(each) for each in TOKEN.findall(question)]
        self.read: list[str] = []
        """What was taken for something that it does not say letter by letter."""
        self.nouns = {
            stem(each) for noun in nouns for each in re.findall(r"[^\W\d_]+", noun.lower())
        }
        spoken = [each.low for each in self.words]
        for one, two in itertools.pairwise(spoken):
            if stem(one + two) in self.nouns:  # the set list of setlist.json
                self.nouns |= {stem(one), stem(two)}
        for column in columns:
            if is_key(column):
                self.nouns |= {stem(each) for each in key_nouns(column)}

    def low(self, at: int) -> str:
        """Return the word at a place in lower case; nothing beyond the ends."""
        return self.words[at].low if 0 <= at < len(self.words) else ""

    def has(self, *words: str) -> bool:
        """Say whether the question has one of these words."""
        return any(each.low in words for each in self.words)

    def claim_columns(self) -> None:
        """Mark the words that name columns: whole names first, then their parts."""
        stems = [stem(each.text) for each in self.words]
        named = [(each, [stem(word) for word in name_parts(each.name)]) for each in self.columns]
        for column, parts in sorted(named, key=lambda pair: -len(pair[1])):
            for at in range(len(stems) - len(parts) + 1):
                span = self.words[at : at + len(parts)]
                if (
                    parts
                    and stems[at : at + len(parts)] == parts
                    and not any(w.role for w in span)
                    and not self._is_counted_row(at, column)
                ):
                    for each in span:
                        each.role, each.column = "column", column
        for at, word in enumerate(self.words):
            owners = [
                column for column, parts in named
                if stems[at] in parts and len(parts) > 1 and not column.is_made
            ]  # fmt: skip
            told = word.low in FILLERS or is_operator(word.low)
            told = told or stems[at] in self.nouns or any(is_key(each) for each in owners)
            rated = word.low in PERIODS and self.low(at - 1) in {"a", "per", "each", "every"}
            if self._is_dosed(at, owners):
                self.nouns.add(stems[at])
                continue
            told = told or (rated and any("per" in name_parts(each.name) for each in owners))
            if not word.role and len(owners) == 1 and not told and len(stems[at]) > 2:
                word.role, word.column = "column", owners[0]

    def _is_dosed(self, at: int, owners: Sequence[Column]) -> bool:
        """Whether *how many doses* asks for rows, in a table with a *dose mg*."""
        if len(owners) != 1 or not owners[0].is_measure or not self.low(at).endswith("s"):
            return False
        counted = self.low(at - 1) in {"many", "most", "fewest"}
        counted = counted or (self.low(at - 1) == "of" and self.low(at - 2) == "number")
        return counted and is_dose(owners[0], stem(self.low(at)))

    def _is_counted_row(self, at: int, column: Column) -> bool:
        """Whether a word means rows that were opened or sold, rather than the column of that name."""
        word = self.words[at].low
        if word == "times" and self.low(at - 1) == "many":
            return True
        if word in {"to", "from", "in", "at", "of", "on", "for"} and column.kind == "text":
            return self.low(at - 1) not in {"by", "per", "each", "the", "column"}
        return column.kind == "date" and word in {"a", "in", "at", "to"}

    def claim_values(self) -> None:
        """Mark the words that stand in cells, the longest first."""
        lowered = [each.text.casefold() for each in self.words]
        spoken: dict[tuple[str, ...], list[tuple[Column, str]]] = {}
        for column in self.columns:
            for value in () if column.is_flag else column.values:
                key = tuple(each.casefold() for each in TOKEN.findall(value))
                if key:
                    spoken.setdefault(key, []).append((column, value))
            for at, value in self._dated_cells(column):
                spoken.setdefault((lowered[at],), []).append((column, value))
        longest = max((len(key) for key in spoken), default=0)
        for length in range(min(longest, len(lowered)), 0, -1):
            for at in range(len(lowered) - length + 1):
                span = self.words[at : at + length]
                found = spoken.get(tuple(lowered[at : at + length]))
                if found is None:
                    last = re.sub(r"['’]s?$", "", lowered[at + length - 1])
                    found = spoken.get((*lowered[at : at + length - 1], last)) or spoken.get(
                        (*lowered[at : at + length - 1], singular(last))
                    )
                if not found or any(w.role.startswith("value") for w in span):
                    continue
                if length == 1 and self._is_no_value(at, found):
                    continue
                dated = length == 1 and lowered[at] in _ALSO_WORDS and bool(found[0][0].calendar)
                if is_small(lowered[at : at + length]) and not dated:
                    found = self._meant(at, found) if length == 1 else []
                    if not found:
                        continue
                owners = {column.name: column for column, _ in found}
                column = self._owner(at, list(owners.values()))
                for each in span:
                    each.role, each.column = "value", column
                    each.values = tuple(value for owner, value in found if owner is column)
                for each in span[1:]:
                    each.role = "value+"
                if self.low(at - 1) == "=":
                    self.words[at - 1].role = "said"
        self._claim_spans()

    def _claim_spans(self) -> None:
        """Read *from January to March* as all the months of a column from one to the other."""
        for at, word in enumerate(self.words):
            other = self.words[at + 2] if at + 2 < len(self.words) else None
            column = word.column
            if word.role != "value" or column is None or other is None or other.role != "value":
                continue
            between = self.low(at + 1) in {"to", "until", "till", "through"}
            if not between or other.column is not column or not (order := column.calendar):
                continue
            low, high = order[word.values[0]], order[other.values[0]]
            word.values = tuple(each for each, place in order.items() if low <= place <= high)
            other.role = "value+"
            for each in self.words[max(0, at - 1) : at + 2 : 2]:
                each.role = each.role or "said"

    def _dated_cells(self, column: Column) -> list[tuple[int, str]]:
        """Return where a month or a day stands that a cell has in other letters: *feb*, *Jan.*."""
        if not column.calendar:
            return []
        return [
            (at, value)
            for at, word in enumerate(self.words) if word.low not in _ALSO_WORDS or self._is_dated(at)
            for value in column.values if value.casefold() != word.low and said_alike(word.low, value)
        ]  # fmt: skip

    def _is_dated(self, at: int) -> bool:
        """Whether *may* and *march* are months where they stand: behind *in*, with a capital, or at the end."""
        last = at == len(self.words) - 1 and at > 0
        return (
            last
            or self.words[at].text[0].isupper()
            or self.low(at - 1) in {*IN, "and", "or", "to", "by"}
        )

    def _is_no_value(self, at: int, found: list[tuple[Column, str]]) -> bool:
        word, low = self.words[at], self.low(at)
        if word.role == "column":
            return True
        if low in {*_ALSO_WORDS, *SMALL} and not word.text[0].isupper():
            return not (low in _ALSO_WORDS and self._is_dated(at))
        if is_operator(low) and not word.text[0].isupper():
            return True  # max age: the name *Max* has a capital
        if len(low) == 1 and not word.text.isupper() and not self._beside(at, found):
            return True
        return low in {"high", "low", "open"} and False

    def _meant(self, at: int, found: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
        """Return the cells that a word such as *IT* stands for; none where it is a mere word."""
        spoken = [each.text for each in self.words]
        named = [each.column if each.names() else None for each in self.words]
        if not is_meant(at, spoken, named, found):
            return []
        written = [each for each in found if each[1] == self.words[at].text]
        return written or found

    def _beside(self, at: int, found: list[tuple[Column, str]]) -> bool:
        near = {
            w.column.name for w in self.words[max(0, at - 3) : at + 4] if w.names() and w.column
        }
        return any(column.name in near for column, _ in found)

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
        before = {self.low(at - 1), self.low(at - 2) if self.low(at - 1) == "the" else ""}
        for sides, names in ((_FROM, _SOURCES), (_TO, _TARGETS)):
            fits = [each for each in owners if names & set(name_parts(each.name))]
            if before & sides and len(fits) == 1:
                return fits[0]
        listed = " and ".join(repr(each.name) for each in owners)
        raise Unmapped(
            f"{self.words[at].text!r} stands in the columns {listed}: say which, as in "
            f"{owners[0].name} = {self.words[at].text}"
        )

    def measure_at(self, at: int, *, kin: bool = False) -> Column | None:
        """Return the column of numbers that a word names, by its name or its unit: *km*.

        Args:
            at: Where the word stands.
            kin: Words that mean the same count too: *quantity* for *qty*.
        """
        if not 0 <= at < len(self.words):
            return None
        word = self.words[at]
        if word.role == "column" and word.column is not None:
            return word.column if word.column.is_measure else None
        if word.role not in {"", "unit"}:
            return None
        unit = stem(word.text)
        found = [
            each for each in self.columns
            if each.is_measure and not each.is_made
            and unit in {stem(part) for part in name_parts(each.name)}
        ]  # fmt: skip
        if kin and not found:
            found = [e for e in self.columns if e.is_measure and not e.is_made]
            found = [each for each in found if likeness(each, word.low) == 2]
        return found[0] if len(found) == 1 else None

    def number(self, at: int) -> float | int | None:
        """Return the number that an unclaimed word is; None for any other word."""
        if at >= len(self.words) or self.words[at].role:
            return None
        text = self.low(at).strip("$€£%")
        if text in SMALL:
            return SMALL[text]
        if not text[:1].isdigit() or "-" in text:
            return None
        scale = {"k": 1_000, "m": 1_000_000}.get(text[-1], 1)
        digits = text.rstrip("km").replace(",", "")
        value = float(digits) * scale
        return int(value) if value.is_integer() else value

    def only(self, among: list[Column], what: str) -> Column:
        """Return the one column that can be meant. Raises ``Unmapped``."""
        named = [w.column for w in self.words if w.role == "column" and w.column in among]
        chosen = list(dict.fromkeys(each.name for each in named if each))
        if not chosen and len(among) > 1:  # when something happened is its first date
            chosen = [each.name for each in among[:1] if _starts(each)]
        chosen = chosen or [each.name for each in among]
        if len(chosen) != 1:
            listed = ", ".join(repr(each) for each in chosen) or "none"
            raise Unmapped(
                f"it does not say which column {what} is of (columns of dates: {listed})"
            )
        return next(each for each in among if each.name == chosen[0])

    def claim(self, among: frozenset[str]) -> bool:
        """Take words that mean the same, and say whether there were any."""
        found = [each for each in self.words if not each.role and each.low in among]
        for each in found:
            each.role = "said"
        return bool(found)

    def take(self, start: int, end: int, role: str) -> None:
        """Claim a span, without what somebody has claimed in it."""
        for each in self.words[max(0, start) : end]:
            if not each.role:
                each.role = role

    def is_noun(self, at: int) -> bool:
        """Say whether a word means the rows."""
        return stem(self.low(at)) in self.nouns

    def note(self, at: int, meant: str) -> None:
        """Keep what a word was taken for, to be told."""
        said = f"{self.words[at].text!r} as {meant!r}"
        if said not in self.read and root(self.words[at].text) != root(meant):
            self.read.append(said)


def _starts(column: Column) -> bool:
    parts = set(name_parts(column.name))
    return bool(
        parts & {"opened", "open", "start", "started", "admitted", "created", "date", "order",
                 "ordered", "departure", "arrival", "begin", "from", "checkin", "issued", "hired", "invoice"}
    )  # fmt: skip


def is_key(column: Column) -> bool:
    """Say whether a column numbers or names the rows."""
    parts = name_parts(column.name)
    if column.kind == "text":
        numbered = parts[-1:] and (parts[-1] in KEYS - {"year"} or parts[-1].endswith("nummer"))
        return bool(column.unique and numbered)
    return column.is_key


def key_nouns(column: Column) -> list[str]:
    """Return what a key numbers: orders, in *order_id*."""
    parts = [re.sub(r"(?:nummer|nr)$", "", each) for each in name_parts(column.name)]
    return [each for each in parts if each and each not in KEYS]


def is_operator(word: str) -> bool:
    """Say whether a word is part of the language of questions, not of the table."""
    return any(word in words for words in AGGREGATES.values()) or word in {
        *MORE, *LESS, *NOT, *DISTINCT, *SORT, *DOWN, *UP,
    }  # fmt: skip


def is_unit(word: str) -> bool:
    """Say whether a word after a number can be its unit."""
    return word in UNITS


def is_dose(column: Column, noun: str) -> bool:
    """Say whether a column measures each of what a noun counts: *dose mg*, of doses."""
    parts = name_parts(column.name)
    return (
        len(parts) == 2
        and stem(parts[0]) == noun
        and parts[1] in {"mg", "ml", "mcg", "g", "kg", "l"}
    )

"""The words of a question, and the columns and cells of a table that they name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .asking import (
    FILLERS,
    MONTHS,
    SMALL,
    TOKEN,
    Column,
    Unmapped,
    is_operator,
    name_parts,
    singular,
    stem,
)


@dataclass
class Word:
    """One word, and what it has been taken for."""

    text: str
    role: str = ""
    """Empty while nobody has claimed it."""
    column: Column | None = None
    values: tuple[str, ...] = ()


class Words:
    """The question word by word. Each word is claimed once; what is left over is not understood.

    Args:
        question: In English.
        columns: Of the table.
        nouns: Words that mean a row: the file's name.
    """

    def __init__(self, question: str, columns: Sequence[Column], nouns: Sequence[str]) -> None:
        self.columns = columns
        self.words = [Word(each) for each in TOKEN.findall(question)]
        self.nouns = {
            stem(each) for noun in nouns for each in re.findall(r"[^\W\d_]+", noun.lower())
        }

    def claim_columns(self) -> None:
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

    def claim_values(self) -> None:
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

    def number(self, at: int) -> float | int | None:
        """Return the number that an unclaimed word is; None for any other word."""
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

    def only(self, among: list[Column], what: str) -> Column:
        """Return the one column that can be meant. Raises ``Unmapped``."""
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

    def claim(self, among: frozenset[str]) -> bool:
        """Take words that mean the same, and say whether there were any."""
        found = [each for each in self.words if not each.role and each.text.lower() in among]
        for each in found:
            each.role = "said"
        return bool(found)

    def take(self, start: int, end: int, role: str) -> None:
        """Claim a span, without what somebody has claimed in it."""
        for each in self.words[start:end]:
            if not each.role:
                each.role = role

"""Conditions that say in which state a row is: *out of stock*, *without a rating*, *negative*."""

from __future__ import annotations

from dataclasses import dataclass

from .asking import Column, name_parts, quoted
from .asking_lexicon import FALSE, TRUE
from .asking_likeness import likeness
from .asking_vocabulary import NOT
from .asking_words import Words

_LACKING = frozenset({"need", "needs", "lack", "lacks", "lacking", "missing", "needing"})
_RECEIVED = frozenset("consent permission form vaccination vaccine jab signature deposit payment licence license certificate passport visa badge key ticket".split())  # noqa: SIM905  # fmt: skip
_PLACES = frozenset(
    {"field", "fields", "cell", "cells", "column", "columns", "value", "values", "entry"}
)


@dataclass(frozen=True)
class Condition:
    """What a row must fulfil."""

    sql: str
    said: str
    column: Column
    at: int
    """Where in the question it stands."""
    parts: tuple[tuple[str, str], ...] = ()
    """Of alternatives: what each is called, and its SQL."""
    joined: str = ""
    """What stands between alternatives: ``and``, ``or``, or ``each`` (*in May and in June*)."""


class States:
    """Reads states into conditions, before numbers are compared.

    Args:
        question: Its words.
    """

    def __init__(self, question: Words) -> None:
        self.question = question
        self.words, self.columns = question.words, question.columns
        self.found: list[Condition] = []

    def read(self) -> None:
        """Claim them."""
        self._emptiness()
        self._undone()
        self._stocked()

    def _emptiness(self) -> None:
        """Read *out of stock* and *without a rating*."""
        for at, word in enumerate(self.words):
            if word.low == "out" and not word.role and self._run_out(at):
                continue
            if word.low == "out" and self.question.low(at + 1) == "of":
                named = self.words[at + 2].column if at + 2 < len(self.words) else None
                column = named or self.question.measure_at(at + 2)
                if column is not None and (column.is_measure or column.is_flag):
                    self.question.take(at, at + 2, "compare")
                    self.words[at + 2].role = "compared"
                    if column.is_flag:
                        self.found.append(denied_flag(column, at))
                    else:
                        self._filter(column, "= 0", "= 0", at)
            elif (
                word.low in TRUE | FALSE
                and not word.role
                and self.question.low(at - 1) in {"is", "=", "says"}
            ):
                self._told(at)
            elif word.low in _LACKING and not word.role and self._lacking(at):
                pass
            elif word.low in {"empty", "blank", "missing"} and not word.role:
                self._blank(at)
            elif word.low in {"negative", "positive"} and not word.role:
                self._signed(at)
            elif word.low in {"a", "an", "any"} and not word.role:
                self._given(at)
            elif word.low in {"without", "no", "missing"} and not word.role:
                following = self.words[at + 1 : at + 3]
                named = next((w for w in following if w.names()), None)
                skipped = following[: following.index(named)] if named else following
                if named and named.column and all(w.low in {"a", "an", "any"} for w in skipped):
                    word.role = "compare"
                    for each in self.words[at + 1 : at + 6]:  # a name may have several words
                        if each.names(named.column):
                            each.role = "compared"
                    if named.column.is_flag:
                        self.found.append(denied_flag(named.column, at))
                        continue
                    zero = named.column.is_measure and named.column.low == 0
                    if zero or (named.column.is_summed and named.column.whole):
                        self._filter(named.column, "", "is 0 or empty", at,
                                     f"coalesce({named.column.sql}, 0) = 0")  # fmt: skip
                    else:
                        self._filter(named.column, "IS NULL", "is empty", at)

    def _given(self, at: int) -> None:
        """Read *with a tenant* and *who have an email* as something in that cell."""
        if self.question.low(at - 1) not in {"with", "have", "has", "had", "got", "having"}:
            return
        named = self.words[at + 1] if at + 1 < len(self.words) else None
        column = named.column if named is not None and named.names() else None
        if column is None or not column.gaps or column.kind != "text" or column.is_flag:
            return
        if any(self.question.low(at - back) in NOT for back in (2, 3)):
            return
        last = at + 1
        while last + 1 < len(self.words) and self.words[last + 1].names(column):
            last += 1
        if self.question.low(last + 1) in {"of", "that", "which", "like", "in", "is", "or"}:
            return  # with a name that contains: what stands there is said
        for each in self.words[at : last + 1]:
            each.role = "compared"
        self._filter(column, "IS NOT NULL", "is given", at)

    def _run_out(self, at: int) -> bool:
        """Read *out of stock* as nothing in the column of pieces."""
        phrase = tuple(self.question.low(at + step) for step in range(3))
        counts = [
            each for each in self.columns
            if each.is_measure and each.whole and not each.is_made
            and (likeness(each, "stock") or likeness(each, "quantity"))
        ]  # fmt: skip
        if phrase != ("out", "of", "stock") or len(counts) != 1:
            return False
        for each in self.words[at : at + 3]:
            each.role = "compare"
        self._filter(counts[0], "= 0", "= 0", at)
        return True

    def _told(self, at: int) -> None:
        """Read *where paid is no* as what stands there."""
        before = self.words[at - 2] if at > 1 else None
        column = before.column if before is not None else None
        if before is None or column is None or not before.names() or not column.is_flag:
            return
        for each in self.words[at - 2 : at + 1]:
            each.role = "compare"
        if self.words[at].low in TRUE:
            self._filter(column, f"= {quoted(column.yes[0])}", "is yes", at)
        else:
            self.found.append(denied_flag(column, at))

    def _lacking(self, at: int) -> bool:
        """Read *still need a vaccination* as a no in a column of yes and no."""
        for each in self.words[at + 1 : at + 4]:
            column = each.column
            if each.names() and column is not None and column.is_flag:
                self.words[at].role, each.role = "compare", "filtered"
                needs = self.words[at].low.startswith("need") and not self._is_received(at, column)
                if needs:
                    self._filter(column, f"= {quoted(column.yes[0])}", "is yes", at)
                else:
                    self.found.append(denied_flag(column, at))
                return True
        return False

    def _is_received(self, at: int, column: Column) -> bool:
        """Whether who needs it lacks it: a *vaccination*, what was *signed*; *electricity* is a wish."""
        if self.question.low(at - 1) in {"still", "yet", "also"}:
            return True
        last = name_parts(column.name)[-1]
        return last in _RECEIVED or last.endswith(("ed", "id", "en")) or last in {"sent", "done"}

    def _blank(self, at: int) -> None:
        """Read *an empty phone field* and *whose phone is missing*."""
        near = [*self.words[at + 1 : at + 3], *reversed(self.words[max(0, at - 3) : at])]
        named = next((each for each in near if each.names()), None)
        if named is None or named.column is None:
            return
        self.words[at].role, named.role = "compare", "compared"
        for each in self.words[max(0, at - 3) : at + 4]:
            if each.low in _PLACES:
                each.role = "compare"
        self._filter(named.column, "IS NULL", "is empty", at)

    def _undone(self) -> None:
        """Read *not returned* as no date in that column."""
        for at, word in enumerate(self.words):
            column = word.column
            if word.role != "column" or column is None or column.kind != "date" or not column.gaps:
                continue
            before = [self.question.low(at - back) for back in (1, 2)]
            if (denied := set(before) & NOT) and word.low.endswith(("ed", "en", "id", "t")):
                word.role = "compared"
                for each in self.words[max(0, at - 2) : at]:
                    if each.low in denied:
                        each.role = "compare"
                self._filter(column, "IS NULL", "is empty", at)

    def _signed(self, at: int) -> None:
        """Read *a negative return*, where the numbers of one column go both ways."""
        named = [
            each.column for each in self.words[max(0, at - 3) : at + 3]
            if each.names() and each.column is not None and each.column.is_measure
        ]  # fmt: skip
        signed = named or [each for each in self.columns if each.signed and not each.is_made]
        if len(signed) != 1:
            return
        sign = "<" if self.words[at].low == "negative" else ">"
        self.words[at].role = "compare"
        for each in self.words[max(0, at - 3) : at + 3]:
            if each.names(signed[0]):
                each.role = "compared"
        self._filter(signed[0], f"{sign} 0", f"{sign} 0", at)

    def _stocked(self) -> None:
        """Read *that is in stock* and *available* as more than none."""
        for at, word in enumerate(self.words):
            column = word.column
            if word.role != "column" or column is None or not column.is_measure:
                continue
            if not likeness(column, "stock") or not column.whole or column.is_made:
                continue
            before = [self.question.low(at - back) for back in (1, 2, 3)]
            states = {"is", "are", "still", "currently"} & set(before)
            if states and {"that", "which", "who"} & {*before, self.question.low(at - 4)}:
                for each in self.words:
                    if each.names(column):
                        each.role = "compared"
                self._filter(column, "> 0", "> 0", at)
                return

    def _filter(self, column: Column, test: str, said: str, at: int, whole: str = "") -> None:
        self.found.append(
            Condition(whole or f"{column.sql} {test}", f"{column.name} {said}", column, at)
        )


def denied_flag(column: Column, at: int) -> Condition:
    """Return the condition that a column of yes and no says no."""
    no = [each for each in column.values if each not in column.yes]
    test = f"{column.sql} {f'= {quoted(no[0])}' if no else 'IS NULL'}"
    if no and column.gaps:  # nothing was written down: nobody has said yes
        return Condition(
            f"({test} OR {column.sql} IS NULL)", f"{column.name} is no or empty", column, at
        )
    return Condition(test, f"{column.name} is no", column, at)

# ruff: noqa: S608 - every name and value is quoted
"""The conditions of a question: comparisons, and values that stand in cells."""

from __future__ import annotations

import re
from dataclasses import replace

from .asking import Column, Unmapped, name_parts, quoted, stem
from .asking_lexicon import PEOPLE, WHO
from .asking_likeness import choose, first_word, is_general, likeness
from .asking_periods import Periods, joined
from .asking_scales import in_unit_of
from .asking_states import Condition, States, denied_flag
from .asking_vocabulary import AGGREGATES, EDGES, LESS, MORE, NOT
from .asking_words import Word, Words, is_unit
from .clock_times import CLOCKS, OF_DAY
from .clock_times import factor as factor_of
from .clock_times import said as clocked

_PHRASES = (
    (("at", "least"), ">="), (("no", "less", "than"), ">="), (("not", "less", "than"), ">="),
    (("at", "most"), "<="), (("no", "more", "than"), "<="), (("up", "to"), "<="),
    (("not", "more", "than"), "<="), ((">=",), ">="), (("<=",), "<="), (("!=",), "<>"),
    (("equal", "to"), "="), (("equals",), "="), (("exactly",), "="), (("=",), "="),
)  # fmt: skip
_UNITS_OF = {
    "minute": "duration delay minutes time", "hour": "duration hours time", "euro": "price cost amount eur bill fee rent",
    "dollar": "price cost amount usd bill fee rent", "year": "age", "day": "duration days", "people": "population",
    "kg": "weight", "gram": "weight", "km": "distance", "meter": "height length distance",
    "sqm": "size", "degree": "temperature", "mm": "rain", "c": "temperature", "kmh": "wind speed",
}  # fmt: skip
_LASTING = frozenset({"seconds", "second", "minutes", "minute", "mins", "min", "hours", "hour"})
_PER_GROUP = frozenset({"per", "by", "each", "every", "which"})


class Conditions:
    """What the rows must fulfil: all of it holds at once.

    Args:
        question: Its words, of which columns and cells have been claimed.
        verbs: What the question's verbs may measure.
    """

    def __init__(self, question: Words, verbs: list[str]) -> None:
        self.question = question
        self.words, self.columns = question.words, question.columns
        self.found: list[Condition] = []
        self._verbs = verbs

    def read(self) -> None:
        """Claim every condition. Raises ``Unmapped``."""
        states = States(self.question)
        states.read()
        self.found += states.found
        self._claim_comparisons()
        periods = Periods(self.question)
        periods.read()
        for each in periods.found:
            self.found.append(Condition(*each))
        self._refuse_or()
        self._compare_with_rows()
        self._filter_values()
        self._filter_flags()
        self._both()

    @property
    def about(self) -> set[str]:
        """The names of the columns that conditions are about."""
        return {each.column.name for each in self.found}

    def _claim_comparisons(self) -> None:
        at = 0
        while at < len(self.words):
            word = self.words[at].low
            low, high = self.question.number(at + 1), self._second(at)
            if word == "between" and self._is_year(at + 1) and not self._measured_beside(at):
                pass  # a time: Periods reads it
            elif word == "between" and low is not None and high is not None:
                value, end = high
                column, (low, value) = self._compared(at, end, low, value)
                self.question.take(at, end + 1, "compare")
                self._filter(column, f"BETWEEN {low} AND {value}", f"between {low} and {value}", at)
            elif (
                self.words[at].role == "column"
                and (beside := self.words[at].column) is not None
                and beside.kind == "number"
                and low is not None
                and not self._is_limit(at + 1)
            ):
                self.question.take(at + 1, at + 2, "compare")
                self.words[at].role = "compared"
                if beside.unit in CLOCKS:
                    low *= factor_of(beside.unit, self.question.low(at + 2))
                self._filter(beside, f"= {low}", f"= {low}", at)
            elif (counted := self._counted_unit(at)) is not None:
                value = self.question.number(at)
                self.question.take(at, at + 1, "compare")
                self.words[at + 1].role = "compared"
                self._filter(counted, f"= {value}", f"= {value}", at)
            elif (found := self._comparison(at)) is not None:
                sign, length = found
                value = self.question.number(at + length)
                assert value is not None
                column, (value, _) = self._compared(at, at + length, value, value)
                self.question.take(at, at + length + 1, "compare")
                for each in self.words[at + length + 1 : at + length + 2]:
                    if not each.role and is_unit(each.low):
                        each.role = "unit"
                self.words[at].role = "compare"
                self._filter(column, f"{sign} {value}", f"{sign} {value}", at)
            else:
                self._claim_columns_compared(at)
            at += 1

    def _second(self, at: int) -> tuple[float | int, int] | None:
        """Return the second number of *between 10 and 20*, and where it stands."""
        for place in (at + 3, at + 4):
            value = self.question.number(place)
            if value is not None and self.question.low(place - 1) in {"and", "to"}:
                return value, place
        return None

    def _claim_columns_compared(self, at: int) -> None:
        """Read *below their reorder level*: a column against another."""
        word = self.words[at]
        sign = ">" if word.low in MORE else "<" if word.low in LESS else ""
        sign = {"more": ">", "less": "<"}.get(word.role, sign)
        if not sign or word.role not in {"", "more", "less"}:
            return
        after = at + 1
        while self.question.low(after) in {"than", "the", "their", "its", "a"}:
            after += 1
        right = self.words[after] if after < len(self.words) else None
        if right is None or not right.names() or right.column is None:
            return
        if not right.column.is_measure:
            return
        other = right.column
        named = [
            w.column for w in self.words[:at]
            if w.names() and w.column and w.column.is_measure and w.column is not other
        ]  # fmt: skip
        rest = [each for each in self.columns if each is not other]
        wanted = word.values[0] if word.values else "stock quantity value amount score"
        chosen = choose(rest, wanted, "max")
        left = named[-1] if named else chosen[0] if chosen else None
        if left is None:
            raise Unmapped(f"it does not say what is compared with {other.name!r}")
        for each in self.words[at:after]:
            each.role = "compare"
        for each in self.words:
            if each.names(other) or each.names(left):
                each.role = "compared"
        self._filter(left, f"{sign} {other.sql}", f"{sign} {other.name}", at)

    def _is_limit(self, at: int) -> bool:
        after = self.words[at + 1] if at + 1 < len(self.words) else None
        edges = {*AGGREGATES["max"], *AGGREGATES["min"]}
        return after is not None and (after.low in edges or after.role in {"max", "min"})

    def _comparison(self, at: int) -> tuple[str, int] | None:
        """Return the SQL sign of a comparison that begins here, and its words before the number."""
        spoken = [each.low for each in self.words[at : at + 5]]
        role = self.words[at].role
        if not spoken or role not in {"", "more", "less"}:
            return None
        for phrase, sign in _PHRASES:
            if (
                tuple(spoken[: len(phrase)]) == phrase
                and self.question.number(at + len(phrase)) is not None
            ):
                return sign, len(phrase)
        for words, sign, degree in ((MORE, ">", "more"), (LESS, "<", "less")):
            if spoken[0] in words or role == degree:
                length = 1 + (self.words[at + 1 : at + 2] != [] and spoken[1] == "expensive")
                length += self.question.low(at + length) == "than"
                if self.question.number(at + length) is None:
                    continue
                if spoken[0] in EDGES and self._is_year(at + length):
                    return None  # a time: Periods reads it
                return sign, length
        if role == "" and spoken[0] in {"is", "was", "of"} and at:
            before = self.words[at - 1]
            if before.names() and before.column and before.column.kind == "number":
                return ("=", 1) if self.question.number(at + 1) is not None else None
        return None

    def _counted_unit(self, at: int) -> Column | None:
        """Read *10 km* and *two rooms* as what a column of that name holds."""
        if self.question.number(at) is None or self._is_limit(at) or at + 1 >= len(self.words):
            return None
        if self.question.low(at - 1) in {"per", "top", "first", "last", "and", "to", "x", "times"}:
            return None
        column = self.question.measure_at(at + 1)
        if column is None or column.is_made:
            return None
        value = self.question.number(at)
        assert value is not None
        if column.low is None or column.high is None:
            return None
        return column if column.low <= value <= column.high else None

    def _measured_beside(self, at: int) -> bool:
        """Whether a number of the table is named right before a range: *pages between 1900 and 2000*."""
        return any(
            each.names() and each.column is not None and each.column.is_measure
            for each in self.words[max(0, at - 3) : at]
        )

    def _is_year(self, at: int) -> bool:
        timed = any(
            each.kind == "date" or set(name_parts(each.name)) & {"year", "built", "founded"}
            for each in self.columns
        )
        return timed and bool(re.fullmatch(r"(?:1[5-9]|20)\d{2}", self.question.low(at)))

    def _compared(
        self, at: int, number_at: int, low: float, high: float
    ) -> tuple[Column, tuple[float, float]]:
        """Return the column that a comparison is about, and its bounds in the column's unit."""
        column = self._compared_column(at, number_at)
        behind = self.question.low(number_at + 1)
        if column.unit in CLOCKS:
            by = factor_of(column.unit, behind)
            return column, (low * by, high * by)
        factor = in_unit_of(column.name, behind)
        if factor != 1:
            low, high = (round(each * factor, 9) for each in (low, high))
            return column, (_plain(low), _plain(high))
        scale = column.scale
        if scale > 1 and low >= scale:
            return column, (low / scale, high / scale)
        return column, (low, high)

    def _compared_column(self, at: int, number_at: int) -> Column:
        degree = self.words[at].values
        lasting = [each for each in self.columns if each.unit in CLOCKS and each.unit != OF_DAY]
        timed = self.question.low(number_at + 1) in _LASTING and not self._measured_beside(at)
        if timed and len(lasting) == 1 and not degree:
            return lasting[0]
        beyond = self.question.measure_at(number_at + 1)
        unit = stem(self.question.low(number_at + 1))
        if (
            beyond is not None
            and unit in {stem(part) for part in name_parts(beyond.name)}
            and not (at and self.words[at - 1].names())
        ):
            self.words[number_at + 1].role = "compared"
            return beyond
        if (priced := self._priced(at)) is not None:
            return priced
        if degree and (chosen := choose(self.columns, degree[0], "max")):
            return chosen[0]
        if degree and degree[0] and not is_general(degree[0]) and not self._measured_beside(at):
            raise Unmapped(f"no column says {first_word(degree[0])!r} or the like")
        for step in range(1, 5):
            for place in (at - step, number_at + step):
                if 0 <= place < len(self.words):
                    word = self.words[place]
                    if (
                        word.names()
                        and word.column
                        and word.column.kind == "number"
                        and not word.column.numbered
                    ):
                        word.role = "compared"
                        return word.column
        if (aged := self._aged(at, number_at)) is not None:
            return aged
        spoken = [each.low for each in self.words]
        unit = self.question.low(number_at + 1)
        wanted = [_UNITS_OF.get(unit.removesuffix("s"), ""), *self._verbs]
        if re.match(r"[$€£]|\d.*€", self.question.low(number_at)):
            wanted.insert(0, "price cost amount salary revenue")
        for each in wanted:
            if each and (chosen := choose(self.columns, each, "max", beside=spoken)):
                return chosen[0]
        numeric = [each for each in self.columns if each.is_measure and not each.is_made]
        if len(numeric) == 1:
            return numeric[0]
        held = {"of", "have", "left", "items", "pieces", "stock"} & {
            *spoken[number_at + 1 :],
            *spoken[:at],
        }
        pieces = [
            each
            for each in numeric
            if each.whole and (likeness(each, "quantity") or likeness(each, "stock"))
        ]
        if held and len(pieces) == 1:  # fewer than 5 of
            return pieces[0]
        value = self.question.number(number_at)
        around = [
            each for each in numeric
            if value is not None and each.low is not None and each.high is not None
            and each.low <= value <= each.high
        ]  # fmt: skip
        if len(around) == 1:  # the only one that the number parts
            return around[0]
        listed = ", ".join(repr(each.name) for each in numeric) or "none"
        raise Unmapped(f"it does not say which number is compared (columns of numbers: {listed})")

    def _aged(self, at: int, number_at: int) -> Column | None:
        """Read *patients under 18* as their age, where it stands right behind those who have one."""
        ages = [each for each in self.columns if each.is_measure and "age" in name_parts(each.name)]
        value = self.question.number(number_at)
        if (
            len(ages) != 1
            or value is None
            or value > 120
            or is_unit(self.question.low(number_at + 1))
        ):
            return None
        before = self.question.low(at - 1)
        person = self.question.is_noun(at - 1) or before in {"aged", "who", "anyone", "everyone"}
        person = person or before in PEOPLE or any(stem(before) == stem(e) for e in WHO.split())
        return ages[0] if person else None

    def _priced(self, at: int) -> Column | None:
        """Read *that cost less than 12* as the price, in a table that also knows a cost."""
        before = self.words[at - 1] if at else None
        if before is None or before.low not in {"cost", "costs", "costing"}:
            return None
        prices = [
            each for each in self.columns
            if each.is_measure and not each.is_made and "price" in name_parts(each.name)
            and not {"cost", "costs"} & set(name_parts(each.name))
        ]  # fmt: skip
        if len(prices) != 1:
            return None
        before.role = "compared"
        return prices[0]

    def _refuse_or(self) -> None:
        """Refuse *or* between different things: the conditions here all hold at once."""
        for at, word in enumerate(self.words):
            if word.low != "or" or word.role:
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

    def _compare_with_rows(self) -> None:
        """Read *more visits than Alma*: a number against that of another row."""
        for at, word in enumerate(self.words):
            if word.low != "than" or at == 0:
                continue
            before = self.words[at - 1]
            sign = {"more": ">", "less": "<"}.get(before.role, "")
            nearby = [each for each in self.words[max(0, at - 3) : at] if not each.role]
            sign = sign or next((">" for e in nearby if e.low in {"more", "higher"}), "")
            sign = sign or next(("<" for e in nearby if e.low in {"less", "fewer", "lower"}), "")
            after = at + 2 if self.question.low(at + 1) in {"the", "in"} else at + 1
            other = self.words[after] if after < len(self.words) else None
            if not sign or other is None or other.role != "value" or other.column is None:
                continue
            owner = other.column
            if sum(each.role == "value" and each.column is owner for each in self.words) > 1:
                continue  # two things beside each other: a question for yes or no
            column = self._compared_column(at - 1, at)
            held = quoted(other.values[0])
            for each in self.words[max(0, at - 3) : after + 1]:
                if each.role in {"", "more", "less", "value"}:
                    each.role = "compare"
            self._filter(
                column, f"{sign} (SELECT max({column.sql}) FROM data WHERE {owner.sql} = {held})",
                f"{sign} that of {held}", at,
            )  # fmt: skip

    def _filter_values(self) -> None:
        """Make conditions of the cell values: those of one column are alternatives."""
        wanted: dict[tuple[str, bool], tuple[list[str], int]] = {}
        apart: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for at, word in enumerate(self.words):
            if word.role not in {"value", "unvalue"} or word.column is None:
                continue
            denied = word.role == "unvalue" or self._is_denied(at, word.column)
            kept = wanted.setdefault((word.column.name, denied), ([], at))
            kept[0].extend(word.values)
            if not denied:
                apart.setdefault(word.column.name, []).append((at, word.values))
            for other in self.words[max(0, at - 4) : at + 3]:
                if other.names(word.column) and not self._grouping_word(other):
                    other.role = "filtered"
        for (name, denied), (values, at) in wanted.items():
            column = next(each for each in self.columns if each.name == name)
            listed = ", ".join(quoted(each) for each in dict.fromkeys(values))
            one = len(dict.fromkeys(values)) == 1
            test = f"= {listed}" if one else f"IN ({listed})"
            said = f"is {'not ' if denied else ''}{listed.replace(', ', ' or ')}"
            kept = f"({column.sql} {test}) IS NOT TRUE" if denied else ""  # empty cells are kept
            self._filter(column, test, said, at, kept)
            told = (
                []
                if denied
                else list({each: (at, each) for at, each in apart.get(name, [])}.values())
            )
            if len(told) > 1:
                self.found[-1] = replace(
                    self.found[-1],
                    parts=tuple((" or ".join(each), _is_one(column, each)) for _, each in told),
                    joined=joined(self.words, told[0][0], told[-1][0]),
                )

    def _is_denied(self, at: int, column: Column) -> bool:
        for step in range(1, 5):
            if at - step < 0:
                return False
            other = self.words[at - step]
            if other.low in NOT or other.role == "not":
                other.role = "not"
                return True
            if other.low in {"and", "but"} or (other.names() and other.column is not column):
                return False
        return False

    def _filter_flags(self) -> None:
        """Read a column of yes and no as what holds of the rows: *not paid*, *that passed*."""
        for at, word in enumerate(self.words):
            column = word.column
            if column is None or not column.is_flag or word.role not in {"column", "denied"}:
                continue
            if word.role == "column" and self._grouping_word(word) and not self._qualifies(at):
                continue
            denied = word.role == "denied" or self._is_denied(at, column)
            for other in self.words:
                if other.column is column and other.role == "column":
                    other.role = "filtered"
            word.role = "filtered"
            if denied:
                self.found.append(denied_flag(column, at))
            else:
                self._filter(column, f"= {quoted(column.yes[0])}", "is yes", at)

    def _both(self) -> None:
        """Read *active and inactive* as alternatives, which no row is at once."""
        for column in [each for each in self.columns if each.is_flag]:
            about = [
                e for e in self.found if e.column is column and e.said.endswith(("is yes", "is no"))
            ]
            tests = list({each.sql: each for each in about}.values())
            if len(tests) < 2:
                continue
            self.found = [each for each in self.found if each not in about]
            between = joined(self.words, tests[0].at, tests[-1].at)
            parts = tuple(
                (each.said.removeprefix(f"{column.name} is "), each.sql) for each in tests
            )
            sql = f"({' OR '.join(each.sql for each in tests)})"
            whole = Condition(sql, f"{column.name} is given", column, tests[0].at, parts, between)
            self.found.append(whole)

    def _qualifies(self, at: int) -> bool:
        """Whether *which vegetarian dish* says of a thing what it is, rather than asks for a yes or no."""
        if self.question.low(at - 1) != "which" or at + 1 >= len(self.words):
            return False
        after = self.words[at + 1]
        names = after.names() and after.column is not self.words[at].column
        return names or after.role == "said" or self.question.is_noun(at + 1)

    def _grouping_word(self, word: Word) -> bool:
        at = self.words.index(word)
        return at > 0 and self.words[at - 1].low in _PER_GROUP

    def _filter(self, column: Column, test: str, said: str, at: int, whole: str = "") -> None:
        said = clocked(said, column.unit) if column.unit in CLOCKS else said
        self.found.append(
            Condition(whole or f"{column.sql} {test}", f"{column.name} {said}", column, at)
        )


def _is_one(column: Column, values: tuple[str, ...]) -> str:
    listed = ", ".join(quoted(each) for each in values)
    return f"{column.sql} {f'= {listed}' if len(values) == 1 else f'IN ({listed})'}"


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value

"""One question, word by word: what it asks of the columns and cells that its words name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, Query, Unmapped, name_parts, stem
from .asking_conditions import Condition, Conditions
from .asking_dates import spell_out
from .asking_derived import (
    derived_days,
    derived_free,
    derived_gain,
    derived_lateness,
    derived_owed,
    derived_unsold,
    derived_value,
)
from .asking_frame import Understood
from .asking_growth import GROWS
from .asking_holding import Holding
from .asking_idle import check_idle, idle_words
from .asking_lexicon import BAD, GOOD, WINNING
from .asking_likeness import Extreme, choose, likeness, superlative
from .asking_links import Likeness, Links
from .asking_spelling import correct
from .asking_sql import compose
from .asking_units import without_qualifiers
from .asking_verbs import claim_worked_out, flows, participles
from .asking_vocabulary import (
    AGGREGATES,
    DISTINCT,
    DOWN,
    FILLERS,
    LESS,
    MORE,
    ORDINALS,
    PERIODS,
    SORT,
    UP,
)
from .asking_words import Words

_POLITE = re.compile(
    r"^\W*(?:(?:please|hi|hello|hey|ok|so|and|now|also),?\s+)*"
    r"(?:(?:can|could|would|will) you (?:please )?|(?:i(?:'d| would)? (?:want|need|like) to (?:know|see))\s+|"
    r"do you know |tell me |show me |let me know )*(?:please )?(?:if |whether )?",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|did|does|do|has|have|any)\b(?!\s+you\b)(?!.*\b(?:what|which|who|how)\b)",
    re.IGNORECASE,
)
_SHARE = frozenset({"percentage", "percent", "share", "proportion", "fraction", "ratio"})
_COMMON = frozenset({"common", "often", "frequent", "frequently", "commonest"})
_DIFFERS = frozenset({"difference", "differences", "gap"})
_COMPARES = frozenset({"compare", "compared", "comparing", "comparison"})
_SORTS = frozenset({"type", "types", "kind", "kinds", "name", "names"})
"""Fillers that ask for groups behind *by*: left out, the answer would be to another question."""
_GROUPING = frozenset({"per", "by", "each", "every"})
_ADVERBS = {
    "yearly": "year",
    "annual": "year",
    "monthly": "month",
    "daily": "day",
    "weekly": "week",
}
_TAKINGS = "revenue amount total quantity"
_REGULAR = frozenset("rent fee dues subscription miete renda".split())  # noqa: SIM905
"""What is paid again and again, though a row has it once."""
_MEASURING = frozenset("hours hour minutes km kg week m2 sqm size area".split())  # noqa: SIM905
"""In the name of a column: nobody groups rows by it."""
_ONCE = frozenset("last joined born birth birthday hired since start started due member moved until end expiry expires contract renewal".split())  # noqa: SIM905  # fmt: skip
_BOUNDS = frozenset({*MORE, *LESS, "than", "exactly", "equals", "="})
_COUNTED = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b")


class Reader:
    """Reads one question word by word.

    Args:
        question: In English.
        columns: Of the table.
        nouns: Words that mean a row: the file's name.
        alike: Compares the meaning of a word with that of others.
        given: What the rows fulfil that a question before has told of.
    """

    def __init__(
        self,
        question: str,
        columns: Sequence[Column],
        nouns: Sequence[str],
        alike: Likeness | None,
        given: Sequence[Condition],
    ) -> None:
        asked = spell_out(question)
        self._given = list(given)
        self._direction = ""
        self._first_by: tuple[Column, bool] | None = None
        self._dropped: list[str] = []
        self.conditions: list[Condition] = []
        """What the rows of the answer fulfil, once there is a query."""
        bare = _POLITE.sub("", asked, count=1) or asked
        days = derived_days(columns)
        stays = [days] if days is not None and days.name == "nights" else []
        made = (
            days,
            derived_lateness(columns),
            derived_value([*columns, *stays]),
            derived_free(columns),
            derived_owed(columns),
            derived_unsold(columns),
        )
        known = [*columns, *(each for each in made if each is not None), *derived_gain(columns)]
        self.asks_yes = bool(_YES_NO.match(bare))
        self.question = Words(bare, known, nouns)
        without_qualifiers(self.question)
        self.words, self.columns = self.question.words, self.question.columns
        self.links = Links(self.question, alike)

    def query(self) -> Query:
        """Return the query. Raises ``Unmapped``."""
        correct(self.question)
        share = self.question.claim(_SHARE)
        differs, compares = self.question.claim(_DIFFERS), self.question.claim(_COMPARES)
        self.question.claim_columns()
        grows = self._claim_growth()
        claim_worked_out(self.question)
        holding = Holding(self.question)
        holding.read()
        self.question.claim_values()
        nth = self._claim_nth()
        limit = self._claim_limit()
        common = self.question.claim(_COMMON)
        self.links.read()
        flow = flows(self.question, self.links.verbs)
        self._direction = self._claim_direction()
        conditions = Conditions(self.question, self.links.verbs)
        conditions.read()
        ordered = self._claim_order() or self._first_by
        folds, extremes = self._claim_aggregates()
        distinct = self.question.claim(DISTINCT)
        groups = self._groups()
        given = participles(self.question)
        self._refuse_leftovers(conditions.found)
        understood = Understood(
            folds=folds,
            extremes=extremes,
            groups=groups,
            subject=self._subject(),
            limit=limit,
            nth=nth,
            ordered=ordered,
            direction=self._direction,
            counted=self._counted(),
            distinct=distinct,
            common=common,
            share=share,
            asks_yes=self.asks_yes,
            differs=differs,
            compares=compares,
            grows=grows,
            verbs=tuple(self.links.verbs),
            conditions=[*holding.found, *conditions.found, *flow, *given],
        )
        own = {each.column.name for each in understood.conditions}
        understood.conditions.extend(e for e in self._given if e.column.name not in own)
        self.conditions = list(understood.conditions)
        query = compose(self.question, understood)
        if self._dropped:
            measured = bool(folds or extremes or understood.ordered or self.links.verbs) or any(
                each.is_measure for each in understood.subject
            )
            check_idle(query, self._dropped, told=bool(self.conditions), measured=measured)
        known = sum(each.column is not None or each.role == "value+" for each in self.words)
        return replace(query, read=tuple(self.question.read), known=known)

    def _claim_growth(self) -> bool:
        """Read *growth* and *how did it change*, in a table that has no column for it."""
        named = any(
            likeness(each, word.low) > 1
            for word in self.words
            if word.low in GROWS
            for each in self.columns
        )
        return not named and self.question.claim(GROWS)

    def _claim_direction(self) -> str:
        """Read *highest first* and *cheapest first*, behind a list or groups."""
        for at, word in enumerate(self.words):
            edge = next(
                (n for n in ("max", "min") if word.role == n or word.low in AGGREGATES[n]), ""
            )
            first = at + 1
            if self.words[first : first + 1] and self.words[first].role == "degree":
                first += 1  # the most expensive first
            if (
                edge
                and self.question.low(first + 1) == "first"
                and not self.words[first].role.startswith("value")
            ):
                first += 1  # the most expensive room first
            if edge and self.question.low(first) == "first":
                for other in self.words[at : first + 1]:
                    other.role = "said"
                for each in self.links.extremes:
                    if each.at == at and each.columns:  # the cheapest first: by their price
                        found = choose(self.columns, each.columns, each.direction)
                        self._first_by = found and (found[0], found[1] == "max")
                self.links.extremes[:] = [e for e in self.links.extremes if e.at != at]
                return edge
        return ""

    def _claim_order(self) -> tuple[Column, bool] | None:
        """Read *sorted by X (descending)*, and *highest first* behind a list."""
        down = self.question.claim(DOWN)
        up = self.question.claim(UP)
        lettered = self.question.has("alphabetically")
        for at, word in enumerate(self.words):
            if not word.role and word.low in SORT and self.question.low(at + 1) == "by":
                word.role = "order"
                for other in self.words[at + 1 : at + 5]:
                    if other.role == "column" and other.column is not None:
                        for each in self.words[at:]:
                            if each.names(other.column):
                                each.role = "ordered"
                        return other.column, down
            elif not word.role and word.low in SORT:
                word.role = "order"
        label = self._label() if lettered else None
        if label is not None:
            return label, down
        self._direction = self._direction or ("max" if down else "min" if up else "")
        return None

    def _label(self) -> Column | None:
        """Return the column of texts that is named, else the one that names the rows."""
        named = [e.column for e in self.words if e.names() and e.column and e.column.kind == "text"]
        unique = [each for each in self.columns if each.kind == "text" and each.unique]
        return (named or unique or [None])[0]

    def _claim_nth(self) -> int | None:
        """Read *second highest* and *came third*."""
        for at, word in enumerate(self.words):
            place = ORDINALS.get(word.low)
            if place is None or word.role:
                continue
            after = self.question.low(at + 1)
            before = self.question.low(at - 1)
            edge = after in {*AGGREGATES["max"], *AGGREGATES["min"], "best", "worst"}
            edge = (
                edge
                or after.endswith("est")
                or before in {"came", "finished", "was", "is", "place"}
            )
            if edge or word.low == "runner-up":
                word.role = "nth"
                if not (
                    edge
                    and (after in {*AGGREGATES["max"], *AGGREGATES["min"]} or after.endswith("est"))
                ):
                    self.links.extremes.append(Extreme("max", GOOD.columns, at, word.low))
                return place
        return None

    def _claim_limit(self) -> int | None:
        """Read *top 3*, *the 3 highest*, *which three*, *first five rows*."""
        edges = {*AGGREGATES["max"], *AGGREGATES["min"], "first", "last", "best", "worst"}
        superlatives = any(
            each.low.endswith("est") or each.low in {"top", "best", "worst", "most"}
            for each in self.words
        )
        for at in range(len(self.words)):
            count = self.question.number(at)
            if count is None or not isinstance(count, int) or not 1 <= count <= 1_000:
                continue
            before, after = self.question.low(at - 1), self.question.low(at + 1)
            if before in {"least", "most"} and self.question.low(at - 2) == "at":
                continue
            if before in _BOUNDS:
                continue  # fees over 8, dearest first
            if before == "last" or after == "last":
                raise Unmapped("'last' rows have no meaning in a table without an order")
            close = before in edges or after in edges or after.endswith("est")
            ranked = before.endswith("est") and superlative(before) is not None
            close = close or (ranked and self.question.measure_at(at + 1) is None)
            if close or (
                superlatives and before in {"which", "what", "the", "our", "list", "show"}
            ):
                self.words[at].role = "limit"
                for place in (at - 1, at + 1):
                    if self.question.low(place) == "first":
                        self.words[place].role = "limit"
                return count
        return None

    def _claim_aggregates(self) -> tuple[list[str], list[Extreme]]:
        folds: list[str] = []
        extremes = list(self.links.extremes)
        for at, word in enumerate(self.words):
            if word.role:
                continue
            for name, words in AGGREGATES.items():
                if word.low not in words:
                    continue
                word.role = name
                if name in {"max", "min"}:
                    extremes.append(Extreme(name, "", at, word.low))
                else:
                    folds.append(name)
        if not extremes:
            extremes += self._first_or_winner()
        for each in extremes:
            if each.columns in {GOOD.columns, BAD.columns}:
                self._check_taste(each)
        return list(dict.fromkeys(folds)), sorted(extremes, key=lambda each: each.at)

    def _first_or_winner(self) -> list[Extreme]:
        """Read *who was hired first* and *who won*."""
        dated = [each for each in self.columns if each.kind == "date"]
        for at, word in enumerate(self.words):
            if word.low in {"first", "last"} and dated and word.role in {"", "verb"}:
                word.role = "min" if word.low == "first" else "max"
                return [Extreme(word.role, "date", at, word.low)]
            ranked = choose(self.columns, "points score rank", "max")
            sole = word.role in {"", "column"} and word.low in WINNING and ranked is not None
            after = self.words[at + 1 :]
            if (
                sole
                and self.question.low(0) in {"who", "which", "what"}
                and not any(
                    each.role in {"compare", "value"} or self.question.low(0) == "how"
                    for each in after
                )
            ):
                word.role = "max"
                return [Extreme("max", GOOD.columns, at, word.low)]
        return []

    def _check_taste(self, extreme: Extreme) -> None:
        wanted = " ".join([extreme.columns, *self.links.verbs])
        named = any(
            each.names() and each.column is not None and each.column.is_measure
            for each in self.words
        )
        if not named and choose(self.columns, wanted, extreme.direction) is None:
            timed = any(self._period(at) is not None for at in range(len(self.words)))
            timed = timed or any(
                each.names()
                and each.column is not None
                and each.column.kind == "text"
                and not each.column.unique
                for each in self.words
            )
            if timed and choose(self.columns, _TAKINGS, extreme.direction) is not None:
                self.links.verbs.append(_TAKINGS)  # the best month is the one that brought most
                return
            raise Unmapped(f"{extreme.said!r} is a matter of taste: say highest or lowest")

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
            before = [self.question.low(at - 2), self.question.low(at - 1)]
            if before[-1] in {"the", "our"}:
                before = [self.question.low(at - 3), self.question.low(at - 2)]
            ranked = any(each.role in {"max", "min", "limit"} for each in self.words[:at])
            numeric = word.column.is_measure
            if before[-1] == "by" and numeric and (ranked or word.column.is_summed):
                continue
            if before[-1] == "per" and numeric and _MEASURING & set(name_parts(word.column.name)):
                raise Unmapped(f"it does not say what is divided by {word.column.name!r}")
            if before[-1] in {"each", "every"} and word.column.is_summed and numeric:
                raise Unmapped(f"it does not say of what each {word.column.name!r} is")
            again = (
                before[-1] == "and" and bool(groups) and not numeric
                and self.words[at - 2].role == "grouped"
            )  # fmt: skip
            if before[-1] == "per" and "per" in name_parts(word.column.name)[1:-1]:
                continue  # cheapest per serving: by the cost per serving
            spanned = at > 1 and word.column is self.words[at - 2].column  # price per night
            if (before[-1] in _GROUPING or again) and not (spanned and before[-1] == "per"):
                word.role = "grouped"
                groups.append(word.column)
        if not groups:
            groups += self._split()
        return groups

    def _split(self) -> list[Column]:
        """Read *how many men and how many women* as a group for each value of one column."""
        counted = sum(
            self.question.low(at) == "how" and self.question.low(at + 1) == "many"
            for at in range(len(self.words))
        )
        valued = [each for each in self.words if each.role == "value" and each.column]
        same = {each.column.name for each in valued if each.column}
        return [valued[0].column] if counted > 1 and len(same) == 1 and valued[0].column else []

    def _period(self, at: int) -> Column | None:
        """Read *per month* and *monthly* where no column has that name."""
        word = self.words[at]
        told = _ADVERBS.get(word.low, word.low)
        form = PERIODS.get(told)
        if word.role not in {"", "unit", "said"} or form is None:
            return None
        grouped = self.question.low(at - 1) in _GROUPING or word.low in _ADVERBS
        before = self.question.low(at - 1)
        asks = told != "day" and (before in {"which", "what"} or superlative(before) is not None)
        if not grouped and not (asks and bool(self.links.extremes or self._has_edge())):
            return None
        dated = [each for each in self.columns if each.kind == "date"]
        if grouped and told in {"month", "year"} and self._is_regular(dated):
            word.role = self.words[at - 1].role = "said"
            return None
        of = self.question.only(dated, f"the {word.text}")
        return Column(told, "text", derived=f"strftime({of.sql}, '{form}')")

    def _is_regular(self, dated: Sequence[Column]) -> bool:
        """Whether rents are added up, that are paid each month whenever the last payment was."""
        paid = any(
            each.column is not None
            and each.column.is_measure
            and _REGULAR & set(name_parts(each.column.name))
            for each in self.words
        )
        return paid and all(_ONCE & set(name_parts(each.name)) for each in dated)

    def _has_edge(self) -> bool:
        return any(each.role in {"max", "min"} for each in self.words)

    def _counted(self) -> bool:
        text = " ".join(each.low for each in self.words)
        return bool(_COUNTED.search(text)) and not any(
            each.role == "column" and each.low in {"count", "number"} for each in self.words
        )

    def _refuse_leftovers(self, conditions: Sequence[Condition]) -> None:
        timed = [e.column for e in conditions if e.column.kind == "date" or e.column.is_key]
        unread = [
            at
            for at, each in enumerate(self.words)
            if not each.role
            and each.low not in FILLERS | {"count", "number", "first", "all"}
            and stem(each.text) not in self.question.nouns
            and not any(likeness(column, each.low) for column in timed)
        ]
        spoken = [each.low for each in self.words]
        for at in idle_words(spoken, unread, self.columns):
            self.words[at].role = "idle"
            self._dropped.append(spoken[at])
        left = [self.words[at].text for at in unread if not self.words[at].role]
        left += [
            each.text
            for at, each in enumerate(self.words)
            if not each.role and each.low in _SORTS and self.question.low(at - 1) in _GROUPING
        ]
        if left:
            listed = ", ".join(repr(each) for each in left[:4])
            raise Unmapped(f"nothing in the table is called {listed}")

    def _subject(self) -> list[Column]:
        """Return the columns that were named and have no other part in the question."""
        named = [w.column for w in self.words if w.role == "column" and w.column is not None]
        told: dict[str, Column] = {}
        for each in named:  # the last of those that are worked out alike: as the question has it
            made = each.derived.strip("()")
            told[made if " * " in made and "(" not in made else each.name] = each
        return [each for each in dict.fromkeys(named) if each in told.values()]

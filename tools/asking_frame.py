# ruff: noqa: SIM905 - word lists are read and mended as words
# ruff: noqa: S608 - every name and value is quoted
"""What a question was understood to ask, and what the writers of its SQL share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from .asking import Column, Query, Unmapped, name_parts, quoted_name, root, stem
from .asking_conditions import Condition
from .asking_lexicon import BAD, GOOD, WHERE, WHO
from .asking_likeness import Extreme, choose, first_word, is_general, is_money, likeness, turned
from .asking_vocabulary import ROWS
from .asking_words import Words, is_dose, is_key

_MONEY = frozenset(
    "paid pay cash card money spent spend cost costs took take earn earned made".split()
)
_GIVEN = {"gave": "given", "took": "taken", "wrote": "written", "drove": "driven", "made": "made", "did": "done"}  # fmt: skip
_MANY = frozenset("people children men women staff personnel".split())
"""Plurals that do not look it: the most water is no number of rows."""
TRADED = frozenset(
    "sell sells sold selling buy buys bought order ordered orders eat ate eaten need needed serve served "
    "deliver delivered ship shipped use used take took taken".split()
)
"""What is done with pieces."""
EVENTS = frozenset(
    "order sale purchase transaction delivery shipment booking row line record entry time customer".split()
)
"""What a row is, however many pieces it stands for."""
WHICH = ("which", "who", "whose", "where", "when", "whom", "who's")


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What a reader made of the words of a question."""

    folds: list[str]
    """``sum``, ``avg``, ``median``."""
    extremes: list[Extreme]
    groups: list[Column]
    subject: list[Column]
    """Columns that were named and have no other part."""
    limit: int | None
    nth: int | None
    ordered: tuple[Column, bool] | None
    direction: str
    """``max`` or ``min`` where groups are to be listed from that end."""
    counted: bool
    distinct: bool
    common: bool
    share: bool
    asks_yes: bool
    differs: bool = False
    """Whether the difference of two things is asked for."""
    compares: bool = False
    """Whether things are to be put side by side."""
    grows: bool = False
    """Whether a change over time is asked for."""
    verbs: tuple[str, ...]
    conditions: list[Condition] = field(default_factory=list[Condition])


class Frame:
    """A question, and the columns that its parts are about.

    Args:
        question: Its words.
        understood: What was made of them.
    """

    def __init__(self, question: Words, understood: Understood) -> None:
        self.question, self.asked = question, understood
        self.columns = question.columns
        self.spoken = [each.low for each in question.words]
        self.conditions = list(understood.conditions)
        self.numeric = [each for each in understood.subject if each.is_measure]
        self.others = [each for each in understood.subject if not each.is_measure]

    @property
    def where(self) -> str:
        """The WHERE clause, with a space before it; empty where every row counts."""
        return f" WHERE {' AND '.join(e.sql for e in self.conditions)}" if self.conditions else ""

    @property
    def said(self) -> str:
        """The same in words."""
        return f" where {' and '.join(e.said for e in self.conditions)}" if self.conditions else ""

    @property
    def filtered(self) -> list[Column]:
        """The columns that conditions are about."""
        return list(dict.fromkeys(each.column for each in self.conditions))

    def asks(self, *words: str) -> bool:
        """Say whether the question has one of these words."""
        return any(each in words for each in self.spoken)

    def asks_how_much(self) -> bool:
        return ("how", "much") in itertools.pairwise(self.spoken)

    def measure(self, wanted: str = "", direction: str = "max") -> tuple[Column, str]:
        """Return the column of numbers that is meant, and which end of it.

        Raises:
            Unmapped: Several may be meant.
        """
        worth = [each for each in self.columns if each.name == "sales value"]
        if worth and self.asks_how_much() and not self.numeric and _MONEY & set(self.spoken):
            return worth[0], direction
        pieces = self.pieces() if not self.numeric else None
        if pieces is not None and {"most", "fewest"} & set(self.spoken):
            return pieces, direction
        edge = self.spoken.index("most") + 1 if "most" in self.spoken else len(self.spoken)
        word = self.spoken[edge] if edge < len(self.spoken) else ""
        if word and not self.numeric and self.question.is_noun(edge) and self._is_added_up(word):
            found = [
                e for e in self.columns if e.is_summed and not e.is_made and likeness(e, word) > 1
            ]
            self.question.note(edge, found[0].name)
            return found[0], direction
        if self.numeric:
            named = self.numeric[-1 if self.asked.counted else 0]
            if (
                wanted
                and wanted not in {GOOD.columns, BAD.columns}
                and not is_general(wanted)
                and not any(likeness(named, e.lstrip("-")) for e in wanted.split())
            ):
                found = choose(self.columns, wanted, direction, beside=self.spoken)
                if found is not None and found[0] not in self.numeric and self.asked.extremes:
                    return found  # which line is the cheapest: by its fare
            return named, turned(named, wanted, direction)
        tastes = wanted in {GOOD.columns, BAD.columns}  # the best selling is no matter of taste
        for each in (*self.asked.verbs, wanted) if tastes else (wanted, *self.asked.verbs):
            found = choose(self.columns, each, direction, beside=self.spoken) if each else None
            if found is not None:
                return found
        free = [
            each for each in self.columns
            if each.is_measure and not each.is_made and each not in self.filtered
        ]  # fmt: skip
        summed = [each for each in free if each.is_summed]
        if len(summed) == 1 and (
            "sum" in self.asked.folds
            or self.asks_how_much()
            or (
                "avg" in self.asked.folds
                and any(map(self.question.is_noun, range(len(self.spoken))))
            )
        ):
            free = summed
        specific = bool(wanted) and not tastes and not is_general(wanted)
        if len(free) == 1 and not (specific and not self.asked.verbs):
            return free[0], direction
        if specific:
            raise Unmapped(f"no column says {first_word(wanted)!r} or the like")
        paid = [each for each in summed if is_money(each)]
        told = bool(self.conditions) and not self.asked.groups
        if len(paid) == 1 and told and ("sum" in self.asked.folds or self.asks_how_much()):
            return paid[0], direction  # what Porto came to, beside the nights that were spent there
        listed = ", ".join(repr(e.name) for e in self.columns if e.is_measure) or "none"
        raise Unmapped(f"it does not say of which column (columns of numbers: {listed})")

    def label(self) -> Column | None:
        """Return the column that names the rows."""
        unique = [each for each in self.columns if each.kind == "text" and each.unique]
        named = [each for each in unique if not is_key(each)]
        keys = [each for each in self.columns if is_key(each) and (each.unique or each in unique)]
        short = [each for each in named if not each.values or max(map(len, each.values)) <= 80]
        wordy = [each for each in short if not set(name_parts(each.name)) & {"description", "note"}]
        found = [*wordy, *keys, *short, *unique]
        texts = [each for each in self.columns if each.kind == "text" and not each.is_flag]
        texts = [each for each in texts if each not in self.filtered] or texts
        fullest = sorted(texts, key=lambda each: -len(each.values))
        return (found or fullest or [None])[0]

    def subjects(self) -> list[Column]:
        """Return the columns that *who*, *where* and *when* ask for, else the rows' names."""
        found: list[Column] = []
        if self.asks("who", "whose", "whom", "who's"):
            found += self._first(WHO)
        if self.asks("where"):
            found += self._first(WHERE)
        if self.asks("when"):
            timed = [each for each in self.columns if each.kind == "date"]
            timed = timed or [each for each in self.columns if each.unit == "hh:mm"]
            found += (timed or [each for each in self.columns if each.calendar])[:1]
        if not found and self.asks(
            "which", "what", "list", "show", "give", "find", "whats", "what's"
        ):
            label = self.label()
            found += [label] if label else []
        return [each for each in found if each not in self.asked.subject]

    def telling(self) -> list[Column]:
        """Return the columns of texts that say in words what a row is: the thing, and whose it is."""
        texts = [
            each for each in self.columns
            if each.kind == "text" and not each.is_flag and not is_key(each) and each not in self.filtered
        ]  # fmt: skip
        people = [each for each in self.people() if each in texts][:1]
        return [*[each for each in texts if each not in people][:1], *people]

    def people(self) -> list[Column]:
        """Return the columns that name somebody: *customer*, *given by*."""
        texts = [each for each in self.columns if each.kind == "text" and not each.is_flag]
        done = [each for each in texts if name_parts(each.name)[-1:] == ["by"]]
        named = [e for word in WHO.split() for e in texts if likeness(e, word) == 3]
        spoken = {root(_GIVEN.get(each, each)) for each in self.spoken}
        told = [each for each in done if spoken & {root(p) for p in name_parts(each.name)[:-1]}]
        doing = [each for each in texts if self._is_done_by(each)]
        return list(dict.fromkeys([*told, *doing, *named, *done]))

    def _is_done_by(self, column: Column) -> bool:
        """Whether a column names those who do what is asked: *who cleans*, of *cleaner*."""
        return bool({root(each) for each in self.spoken} & _agents(column))

    def _first(self, wanted: str) -> list[Column]:
        texts = [each for each in self.columns if each.kind == "text" and not each.is_flag]
        taken = {
            each.column.name for each in self.conditions if not each.said.endswith(" is given")
        }
        people = self.people()[:1] if wanted == WHO else []
        if people and (name_parts(people[0].name)[-1:] == ["by"] or self._is_done_by(people[0])):
            return people  # who gave most: whom *given by* names
        for word in wanted.split():
            for each in texts:
                if likeness(each, word) == 3 and each.name not in taken:
                    return [each]
        label = self.label()
        if wanted == WHERE and label is not None and label in self.filtered:
            raise Unmapped("no column says where")  # what is named in the question is no place
        return [label] if label else []

    def pieces(self) -> Column | None:
        """Return the column that says how many were traded, where rows are *ordered* or *sold*: *portions*.

        A row may stand for several, and *who ordered the most lunches* asks for those; who placed
        the most *orders* is asked of the rows.
        """
        if not TRADED & set(self.spoken) or EVENTS & {stem(each) for each in self.spoken}:
            return None
        return self.quantity()

    def quantity(self) -> Column | None:
        """Return the one column that says how many each row stands for."""
        held = [
            each for each in self.columns
            if each.is_summed and each.whole and not each.is_made and likeness(each, "quantity") > 1
        ]  # fmt: skip
        return held[0] if len(held) == 1 else None

    def counts_rows(self) -> bool:
        """Whether it asks who has the most rows: *which city has the most orders*."""
        if self.pieces() is not None:
            return False
        return any(
            one in {"most", "fewest"}
            and not self._is_added_up(two)
            and (
                (stem(two) in self.question.nouns and (stem(two) != two or two in _MANY))
                or two in ROWS
                or self._is_each_row(at + 1)
            )
            for at, (one, two) in enumerate(itertools.pairwise(self.spoken))
        )

    def _is_added_up(self, word: str) -> bool:
        """Whether a word names what a column adds up, though the file is called so: *the most sales*."""
        return word not in ROWS and any(
            each.is_summed and not each.is_made and likeness(each, word) > 1
            and not (word.endswith("s") and is_dose(each, stem(word)))
            for each in self.columns
        )  # fmt: skip

    def _is_each_row(self, at: int) -> bool:
        """Whether a word names a column of which every row has its own value: *the most runners*."""
        column = self.question.words[at].column
        return column is not None and column.kind == "text" and column.unique


def _agents(column: Column) -> set[str]:
    """Return the roots of the verbs that the people of a column do: *cleaner*, of who cleans."""
    last = name_parts(column.name)[-1:]
    return {each[:-2] for each in last if each.endswith(("er", "or")) and len(each) > 5}


def grouped(measures: Sequence[str], groups: Sequence[Column], frame: Frame, about: str) -> Query:
    """Write measures of groups."""
    keys = ", ".join(each.sql for each in groups)
    shown = ", ".join(each.shown for each in groups)
    listed = ", ".join(aliased(each) for each in measures)
    order, said = ", ".join(each.order for each in groups), ""
    if frame.asked.direction:
        down = " DESC" if frame.asked.direction == "max" else ""
        order = f"{measures[0]}{down} NULLS LAST, {keys}"
        said = ", highest first" if down else ", lowest first"
    return Query(
        f"SELECT {shown}, {listed} FROM data{frame.where} GROUP BY {keys} ORDER BY {order}",
        about + said,
        "rows",
        len(groups),
    )


def by(groups: Sequence[Column]) -> str:
    """Say what the groups are."""
    return f" by {', '.join(each.name for each in groups)}"


class Measure(str):
    """SQL of a measure, and what it is called where its SQL does not say that."""

    __slots__ = ("said",)
    said: str

    @classmethod
    def of(cls, fold: str, column: Column) -> Measure:
        """Return a fold of a column; of a ratio the sum by the sum."""
        made = cls(column.folded or f"{fold}({column.sql})")
        made.said = ""
        if column.folded:
            made.said = column.title
        elif column.derived and not column.derived.startswith(("-", "date_diff")):
            made.said = f"{_SPOKEN.get(fold, fold)}{' ' if fold in {'max', 'min'} else ' of '}{column.title}"
        return made


_SPOKEN = {"avg": "average", "sum": "sum", "count": "number", "max": "highest", "min": "lowest"}


def worded(measure: str) -> str:
    """Say what a measure is: *average of price*."""
    if isinstance(measure, Measure) and measure.said:
        return measure.said
    name, _, rest = measure.partition("(")
    inner = rest.removesuffix(")").replace("DISTINCT ", "")
    if inner.startswith("date_diff"):
        inner = "days"
    inner = inner.lstrip("-").strip('"').replace('""', '"')
    if name in {"max", "min"}:
        return f"{_SPOKEN[name]} {inner}"
    return f"{_SPOKEN.get(name, name)} of {'rows' if inner == '*' else inner.lstrip('-')}"


def aliased(measure: str) -> str:
    """Give a measure its name in the result."""
    return f"{measure} AS {quoted_name(worded(measure))}"

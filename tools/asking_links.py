"""Words that do not stand in a table, and what of it they mean: by lexicon, spelling and meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .asking import Column, Unmapped, name_parts, root, singular, stem
from .asking_lexicon import (
    ADJECTIVES,
    ATTRIBUTES,
    CELL_RINGS,
    OPPOSITES,
    PARTICIPLES,
    PEOPLE,
    RINGS,
    SEXES,
    VERBS,
    WHO,
    Adjective,
)
from .asking_likeness import (
    ROOTED,
    Extreme,
    choose,
    comparative,
    is_cognate,
    is_money,
    is_other_name,
    likeness,
    meant,
    superlative,
)
from .asking_likeness import turned as end_of
from .asking_vocabulary import AGGREGATES, FILLERS, MONTHS, PERIODS, WEEKDAYS
from .asking_words import Words, is_key, is_operator, is_unit, key_nouns

Likeness = Callable[[str, Sequence[str]], list[float]]
"""How alike in meaning a word is to others: cosines."""

LIKE_COLUMN = 0.68
LIKE_VALUE = 0.6
MARGIN = 0.05
"""How much better than the next the likest must be."""
COMPARED = 300
"""Values whose meaning is looked at."""
PERSONS = tuple(
    each
    for each in WHO.split()
    if each not in {"team", "country", "company", "supplier", "airline"}
)
_FOLDED = frozenset(
    each for name in ("sum", "avg", "median", "max", "min") for each in AGGREGATES[name]
)
_PLACING = frozenset("in on at for during from of by per with than and or since until".split())  # noqa: SIM905
"""What never stands before the verb at the end of a question."""
_ARTICLES = frozenset("the a an my our your this that these those no any".split())  # noqa: SIM905
_NONE = {*"nothing none nobody anything something everything zero nowhere".split()}  # noqa: SIM905
"""These say how much, and are no verb."""
_STATES = frozenset("is are was were be been not still already yet".split())  # noqa: SIM905
"""What stands before a word that says in which state something is."""
_EVENTS = frozenset(
    [
        "purchase",
        "expense",
        "transaction",
        "payment",
        "booking",
        "reservation",
        "expenditure",
        "entry",
        "event",
    ]
)
"""What a row may be, whatever its columns are called."""
_PAYING = {root(each) for each in ("bill", "bills", "pay", "paid", "cost", "costs", "spend", "spent", "expensive", "money", "charge", "charged")}  # fmt: skip
_OWED = frozenset("pay pays paid owe owes owed spend spends spent".split())  # noqa: SIM905
_TAKINGS = frozenset("money cash revenue income takings turnover earnings proceeds receipts sales".split())  # noqa: SIM905  # fmt: skip
_TOTALS = frozenset("total sum amount paid payment takings fee".split())  # noqa: SIM905
"""In the name of a column: what came in for a row."""
_USING = {root(each) for each in ("use", "used", "using", "consume", "consumed", "consumption", "need", "needed", "usage")}  # fmt: skip
_MOST = {"most": "", "more": "", "least": "-", "less": "-"}


class Links:
    """Finds columns and cells for words that are neither.

    Args:
        question: Its words.
        alike: Compares meanings; None where no embedder is at hand.
    """

    def __init__(self, question: Words, alike: Likeness | None) -> None:
        self.question, self.words = question, question.words
        self.columns = question.columns
        self.extremes: list[Extreme] = []
        self.verbs: list[str] = []
        """What the verbs of the question may measure."""
        self._alike = alike
        self._said_rows = {root(each) for each in question.nouns}
        self._rows = self._row_words()

    def read(self) -> None:
        """Link the words that are left. Raises ``Unmapped`` where two columns are as likely."""
        self._claim_degrees()
        for at in range(len(self.words)):
            if self.question.low(at - 1) in _STATES and not self.words[at].role:
                self._claim_cells(at)
        self._claim_verbs()
        for at, word in enumerate(self.words):
            if word.role or is_operator(word.low) or self.question.number(at) is not None:
                continue
            if is_unit(word.low) and at and re.match(r"[$€£]?\d|--", self.words[at - 1].text):
                word.role = "unit"
                continue
            self._link(at)
            self._claim_asked(at)
        self._drop_last_verb()

    def _link(self, at: int) -> None:
        word = self.words[at]
        low = word.low
        if self._claim_sex(at) or self._claim_opposite(at):
            return
        worth = next((each for each in self.columns if each.name == "sales value"), None)
        if worth is not None and low in {"value", "worth"}:
            word.role, word.column = "column", worth
            for other in self.words:
                if (
                    other is not word
                    and other.names()
                    and other.column
                    and other.column.sql in worth.derived
                ):
                    other.role = "said"
            return
        ranked = self.question.low(at - 1) in _FOLDED
        grouped = self.question.low(at - 1) in {"by", "per", "each"}
        named = (
            (grouped or ranked)
            and low not in _PLACING
            and any(
                likeness(each, low) > 1 and (grouped or each.is_measure) for each in self.columns
            )
        )
        if (low in FILLERS or singular(low) in FILLERS) and not named:
            word.role = "said" if low not in FILLERS else ""
            return
        if low == "times" and self.question.low(at - 1) == "many":
            self.question.nouns.add(stem(low))
            return
        if self.question.is_noun(at) or self._means_rows(at):
            self.question.nouns.add(stem(low))
            return
        if self._is_dated_row(low):
            self.question.nouns.add(stem(low))
            return
        by_name = self._by_ring(at)
        if by_name is not None and low in PEOPLE and self._are_rows(at, by_name):
            self.question.nouns.add(stem(low))
            return
        if by_name is None and low in _TAKINGS:
            summed = [each for each in self.columns if each.is_summed and not each.is_made]
            paid = [e for e in summed if _TOTALS & {p.casefold() for p in name_parts(e.name)}]
            paid = paid or [each for each in summed if is_money(each)]
            by_name = paid[0] if len(paid) == 1 else None
        if by_name is not None:
            self.question.note(at, by_name.name)
            word.role, word.column = "column", by_name
            return
        if low in PEOPLE and self._has_people():
            self.question.nouns.add(stem(low))
            return
        if self._claim_kin(at) or self._claim_part(at):
            return
        if singular(low) in _EVENTS or (low == "times" and self.question.low(at - 1) == "many"):
            self.question.nouns.add(stem(low))
            return
        if self._claim_meaning(at):
            return
        if low.endswith("ly") and len(low) > 4:
            word.role = "said"

    def _are_rows(self, at: int, named: Column) -> bool:
        """Whether *people from Portugal* are rows, in a table that also counts persons."""
        if not named.is_measure:
            return False
        other = any(
            each.column is not None and each.column.is_measure and each.column is not named
            for each in self.words
        ) or any(self._by_ring(place) not in {None, named} and self.question.low(place - 1) == "many" for place in range(len(self.words)) if place != at)  # fmt: skip
        placed = self.question.low(at + 1) in {"from", "who", "that", "in", "living", "staying"}
        return other or (
            placed and self.question.low(at - 1) not in {"many", "of", "more", "fewer"}
        )

    def _is_dated_row(self, low: str) -> bool:
        """Whether a word is only known as what a date is of: *invoice*, in *Rechnungsdatum*."""
        alike = [each for each in self.columns if likeness(each, low)]
        return bool(alike) and all(
            each.kind == "date" and likeness(each, low) == 1 and not likeness(each, low) > 1
            for each in alike
        ) and not any(low in ring for ring in RINGS if "date" in ring)  # fmt: skip

    def _claim_degrees(self) -> None:
        """Read *cheapest*, *most expensive*, *older than*."""
        for at, word in enumerate(self.words):
            low = word.low
            if word.role:
                continue
            if self.question.low(at - 1) == "how" and low in ADJECTIVES:
                chosen = choose(
                    self.columns, ADJECTIVES[low].columns, "max", beside=self._spoken(at)
                )
                if chosen is not None:
                    word.role, word.column = "column", chosen[0]
                    continue
            turned = _MOST.get(low)
            after = self.words[at + 1] if at + 1 < len(self.words) else None
            if turned is not None and after is not None and not after.role:
                adjective = ADJECTIVES.get(after.low)
                if adjective:
                    self._degree(at, adjective, turned, compared=low in {"more", "less"})
                    after.role = "degree"
                    continue
            adjective = superlative(low)
            if adjective:
                self._degree(at, adjective, "", compared=False)
                continue
            adjective = comparative(low)
            if adjective and self.question.low(at + 1) == "than":
                self._degree(at, adjective, "", compared=True)

    def _degree(self, at: int, adjective: Adjective, turned: str, *, compared: bool) -> None:
        direction = adjective.extreme
        if turned:
            direction = "min" if direction == "max" else "max"
        extreme = Extreme(direction, adjective.columns, at, self.question.low(at))
        if compared:
            found = choose(self.columns, adjective.columns, direction, beside=self._spoken(at))
            if found and adjective.columns.startswith("speed "):
                direction = end_of(found[0], adjective.columns, direction)
            self.words[at].role = "more" if direction == "max" else "less"
            self.words[at].values = (adjective.columns,)
            return
        self.words[at].role = direction
        self.extremes.append(extreme)

    def _claim_verbs(self) -> None:
        for at, word in enumerate(self.words):
            low = word.low
            wanted = VERBS.get(low) or VERBS.get(singular(low))
            if wanted and low in _OWED and any(e.name == "sales value" for e in self.columns):
                wanted = f"sales {wanted}"  # what a guest pays is not the price of one night
            for ending in ("ed", "ing"):
                if wanted is None and low.endswith(ending):
                    bare = low.removesuffix(ending)
                    wanted = VERBS.get(bare) or VERBS.get(f"{bare}e")
            told = any(each.is_flag and likeness(each, low) > 1 for each in self.columns)
            if word.role or wanted is None or told:
                continue
            found = choose(self.columns, wanted, "max", beside=self._spoken(at))
            if found is None:
                continue
            self.verbs.append(wanted)
            word.role = "verb"
            word.column = found[0]

    def _spoken(self, at: int) -> list[str]:
        return [each.low for place, each in enumerate(self.words) if place != at]

    def _claim_sex(self, at: int) -> bool:
        low = self.question.low(at)
        for column in self.columns:
            if column.kind != "text" or not likeness(column, "sex"):
                continue
            for sex, words in SEXES.items():
                if low in words:
                    found = tuple(
                        each for each in column.values
                        if each.casefold() in words or each.casefold()[:1] == sex.lower()
                        or (sex == "F" and each.casefold()[:1] == "w")
                    )  # fmt: skip
                    if found:
                        word = self.words[at]
                        word.role, word.column, word.values = "value", column, found
                        return True
        return False

    def _claim_opposite(self, at: int) -> bool:
        """Read *unpaid* as a no in the column *paid*, *part time* as a no in *full time*."""
        word = self.words[at]
        low = word.low
        wanted = OPPOSITES.get(low) or (low[2:] if low.startswith("un") and len(low) > 4 else "")
        if not wanted:
            return False
        for column in self.columns:
            if column.is_flag and likeness(column, wanted):
                word.role, word.column = "denied", column
                for other in self.words[at + 1 : at + 2]:
                    if stem(other.low) in name_parts(column.name):
                        other.role = "denied+"
                return True
            holds = tuple(each for each in column.values if root(each) == root(wanted))
            if column.kind == "text" and holds and low.startswith("un"):
                word.role, word.column, word.values = "unvalue", column, holds
                return True
        return False

    def _has_people(self) -> bool:
        texts = [each for each in self.columns if each.kind == "text"]
        return any(likeness(each, word) for each in texts for word in PERSONS)

    def _row_words(self) -> set[str]:
        """Return the synonyms of the words that mean a row."""
        nouns = {root(each) for each in self.question.nouns}
        nouns |= {root(part) for each in self.columns if is_key(each) for part in key_nouns(each)}
        return nouns | {each for ring in ROOTED if ring & nouns for each in ring}

    def _means_rows(self, at: int) -> bool:
        low = root(self.question.low(at))
        if low not in self._rows:
            return False
        before = self.question.low(at - 1)
        counted = before in {"many", "which", "most", "fewest", "all", "these", "more", "fewer"}
        counted = counted or (before == "of" and self.question.low(at - 2) == "number")
        measured = any(each.is_measure and likeness(each, low) for each in self.columns)
        named = any(each.kind == "text" and likeness(each, low) == 2 for each in self.columns)
        if before in {"most", "fewest"} and measured and low not in self._said_rows:
            return False  # the most revenue of a table of sales is no number of rows
        return counted or not (measured or named)

    def _by_ring(self, at: int) -> Column | None:
        low = self.question.low(at)
        scored = [(likeness(each, low), each) for each in self.columns if not is_key(each)]
        best = max((score for score, _ in scored), default=0)
        if best == 0 or (best == 1 and low in PERIODS):
            return None
        found = [each for score, each in scored if score == best]
        if len(found) == 1:
            return found[0]
        wants_number = self.question.has("much", "average", "total", "mean", "sum", "highest", "lowest",
                                         "most", "least") or bool(self.extremes)  # fmt: skip
        whole = [e for e in found if len(name_parts(e.name)) == 1]
        if len(whole) == 1 and any(likeness(whole[0], low) == 2 for _ in [0]):
            found = whole  # pieces are units, rather than a unit price
        measures = [each for each in found if each.is_measure]
        if measures and (wants_number or len(measures) < len(found)):
            found = measures
        if len(found) == 1:
            return found[0]
        said = {root(each) for each in self._spoken(at)}
        said |= {root(PARTICIPLES[each]) for each in self._spoken(at) if each in PARTICIPLES}
        said |= {each.direction for each in self.extremes}
        said |= {"max"} & {"max" if each in said else "" for each in ("highest", "most")}
        said |= {"min"} & {"min" if each in said else "" for each in ("lowest", "least")}
        fits = [(len(said & (meant(each) - {root(low)})), each) for each in found]
        top = max(score for score, _ in fits)
        found = [each for score, each in fits if score == top]
        if len(found) == 1:
            return found[0]
        paid = bool(said & _PAYING)
        if paid or said & _USING:  # the bill is money, what was used is kilowatt hours
            kin = [each for each in found if is_money(each) == paid]
            if len(kin) == 1:
                return kin[0]
        listed = " or ".join(repr(each.name) for each in found)
        raise Unmapped(f"{self.words[at].text!r} may be {listed}: say which")

    def _claim_kin(self, at: int) -> bool:
        """Read *open* as the cell *offen*, and *funds* as the column *Fundo*."""
        word, low = self.words[at], stem(self.question.low(at))
        if self._claim_cells(at):
            return True
        near = [
            column for column in self.columns
            if not is_key(column) and any(is_cognate(low, part) for part in name_parts(column.name))
        ]  # fmt: skip
        if len(near) != 1:
            return False
        self.question.note(at, near[0].name)
        called = near[0].kind == "text" and near[0].unique
        if called and self.question.low(at - 1) in {"many", "which", "all"}:
            self.question.nouns.add(low)
        else:
            word.role, word.column = "column", near[0]
        return True

    def _claim_cells(self, at: int) -> bool:
        """Read *open* as the cells *offen*: words of one meaning that stand in one column."""
        word, low = self.words[at], self.question.low(at)
        rings = [ring for ring in CELL_RINGS if low in ring]
        held = [
            (column, value)
            for column in self.columns if column.kind == "text" and not column.is_flag
            for value in column.values if any(value.casefold() in ring for ring in rings)
        ]  # fmt: skip
        if held and len({column.name for column, _ in held}) == 1:
            word.role, word.column = "value", held[0][0]
            word.values = tuple(value for _, value in held)
            self.question.note(at, " or ".join(word.values))
            return True
        return False

    def _claim_part(self, at: int) -> bool:
        """Read a word that stands within cells of one column: *supermarket*."""
        word = self.words[at]
        low = stem(word.low)
        timed = word.low in MONTHS and any(e.kind == "date" for e in self.columns)
        if len(low) < 3 or timed:
            return False
        held: dict[str, tuple[Column, list[str]]] = {}
        for column in self.columns:
            for value in column.values:
                if low in {stem(each) for each in re.findall(r"[^\W_]+", value.lower())}:
                    held.setdefault(column.name, (column, []))[1].append(value)
        if len(held) != 1:
            return False
        column, values = next(iter(held.values()))
        word.role, word.column, word.values = "value", column, tuple(values)
        if len(values) <= 3:
            self.question.note(at, " or ".join(values))
        return True

    def _claim_meaning(self, at: int) -> bool:
        """Read a word as the cell or the column that is nearest in meaning."""
        word = self.words[at]
        if self._alike is None or len(word.low) < 4 or not word.low.isalpha():
            return False
        timed = word.low in MONTHS and any(e.kind == "date" for e in self.columns)
        if timed or singular(word.low) in PERIODS:
            return False  # a week is no Monday
        cells = [
            (column, value)
            for column in self.columns if column.kind == "text" and not column.is_flag
            for value in column.values if len(value) <= 40 and not re.search(r"\d", value)
        ][:COMPARED]  # fmt: skip
        named = [each for each in self.columns if not is_key(each)]
        texts = [value.lower() for _, value in cells]
        texts += [" ".join(name_parts(each.name)) for each in named]
        scores = self._alike(word.low, texts)
        order = sorted(range(len(texts)), key=lambda place: -scores[place])
        if not order:
            return False
        best = order[0]
        clear = len(order) < 2 or scores[best] - scores[order[1]] >= MARGIN
        limit = LIKE_VALUE if best < len(cells) else LIKE_COLUMN
        if scores[best] < limit or not clear:
            return False
        if best < len(cells) and at and is_other_name(word.text, cells[best][1]):
            return False
        before = self.words[at - 1] if at else None
        if best < len(cells) and before is not None and before.role in {"max", "min"}:
            self.question.nouns.add(stem(word.low))  # the heaviest animal is no dog
            return True
        if best < len(cells):
            column, value = cells[best]
            word.role, word.column, word.values = "value", column, (value,)
            self.question.note(at, value)
        else:
            word.role, word.column = "column", named[best - len(cells)]
            self.question.note(at, word.column.name)
        return True

    def _claim_asked(self, at: int) -> None:
        """Read *which dish* as which row, in a table that does not say *dish*."""
        word = self.words[at]
        before = self.question.low(at - 1)
        told = self.words[at - 1]
        if at > 1 and (told.role == "value" or (told.column is not None and told.column.is_flag)):
            before = self.question.low(at - 2)  # which vegetarian dish
        if word.role or before != "which" or not word.low.isalpha():
            return
        if word.low in FILLERS or self.question.is_noun(at) or word.low in {*MONTHS, *PERIODS}:
            return
        if stem(word.low) in ATTRIBUTES:
            return  # a city is asked for: what the rows are called is no answer
        texts = [each for each in self.columns if each.kind == "text" and not each.is_flag]
        names = [each for each in texts if each.unique] or texts
        if len(names) == 1 or (names and names[0].unique and names[0] is texts[0]):
            word.role = "said"
            self.question.note(at, names[0].name)

    def _drop_last_verb(self) -> None:
        """Let go of the verb at the end of *how many tickets did Nils handle*."""
        if not self.words or not self.question.has("do", "does", "did"):
            return
        last, at = self.words[-1], len(self.words) - 1
        low = last.low
        if last.role or not low.isalpha() or self.question.is_noun(at) or low in _NONE:
            return
        if is_operator(low) or low in MONTHS or low in WEEKDAYS or low in PERIODS:
            return  # a time, or *on average*: what is asked, not what is done
        if self.question.low(at - 1) not in _PLACING | _ARTICLES:
            last.role = "said"

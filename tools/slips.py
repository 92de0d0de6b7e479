"""What a receipt, an invoice or a menu says: taken from its lines, not guessed by a model.

Made for text out of pictures. A question that is not understood, or whose answer is not printed, is
left to whoever reads texts in general.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .clauses import clauses, in_full
from .numerals import digits
from .priced import priced_lines
from .sharers import counted
from .slip_currencies import exchange, told
from .slip_forms import (
    BOUND,
    CLOCK,
    DATE,
    EDGE,
    FURNITURE,
    HAD,
    ISSUED,
    ITEMISED,
    KINDS,
    LATE,
    LATEST,
    LISTED,
    MANY,
    MONEY_ASKED,
    NOT_NAMES,
    NUMBER,
    OWED,
    PAID,
    PAYING,
    SPENT,
    STREET,
    SUMMED,
    TITLE,
    WHEN,
    WHO,
    WHOLE,
)
from .slip_money import SlipMoney, added

_LISTS = re.compile(
    r"\b(?:list|name|show|give|write|which|what)\b(?!.*\b(?:cheap\w*|dear\w*|costs? (?:most|least))\b)"
)
_COSTS = re.compile(
    r"(?i)^\W*(?:and )?(?:how much|what)\b.*\b(?:costs?|was|were|is|are|pay|paid)\b|\bprices? of\b|^\W*(?:e )?quanto\b"
)
_TERM = re.compile(
    r"\b(?:within|in) \d+ (?:days|weeks)\b|\b\d+ days net\b|\bnet \d+ days\b", re.IGNORECASE
)
_APIECE = re.compile(
    r"\b(?:each|apiece|per (?:unit|piece|one|item|night|day|hour|bag|bottle|pack)|unit price|a piece)\b"
)
MOST_LINES = 120
"""Lines of a receipt; a longer text is something else."""
LEAST = 0.3
"""The part of the lines, at least, that carry a price."""


def is_slip(text: str) -> bool:
    """Say whether a text is a list of prices under a heading: a receipt, an invoice, a menu."""
    lines = [each for each in text.splitlines() if each.strip()]
    if not 3 <= len(lines) <= MOST_LINES:
        return False
    priced = priced_lines(text)
    if len(priced) < 2 or len(priced) < LEAST * len(lines):
        return False
    # Prices for adults and for children, side by side: which one is meant no line says.
    columns = sum(each.columns > 1 and each.unit is None for each in priced)
    return columns < 2 or any(each.is_total for each in priced)


def answer(question: str, text: str) -> str | None:
    """Return what a slip says to a question; None where it does not say, or is none.

    Args:
        question: In English.
        text: The slip, line by line.
    """
    if not is_slip(text):
        return None
    if (other := exchange(question, text)) is not None:
        return told(answer(other.question, text) or "", other)
    slip = _Slip(text)
    return _first(question, (*slip.reckoning, slip.owed, slip.one, slip.had, slip.whole, slip.seller, slip.listed))  # fmt: skip


def _first(question: str, readers: Sequence[Callable[[str], str]]) -> str | None:
    """Return what the first reader says that understands a question."""
    low = " ".join(counted(question).lower().split())
    return next((said for read in readers if (said := read(low))), None)


def worked_out(question: str, text: str) -> str | None:
    """Return what has to be worked out of a slip: whether it adds up, what two of a thing cost."""
    if not is_slip(text):
        return None
    if (other := exchange(question, text)) is not None:
        return told(answer(other.question, text) or "", other)
    slip = _Slip(text)
    asked = clauses(question)
    said = [answer(in_full(each, asked), text) for each in asked] if len(asked) > 1 else []
    if any(said) and len(set(said)) > 1:
        lines = [
            each_said or f"{each}? It does not say."
            for each, each_said in zip(asked, said, strict=True)
        ]
        return "\n".join(dict.fromkeys(lines))
    return _first(question, (*slip.reckoning, slip.spent, slip.one_asked))


def priced_at(question: str, text: str) -> str | None:
    """Return what the things that a question names cost, in whichever language the slip has them."""
    if not is_slip(text) or not _COSTS.search(question):
        return None
    slip = _Slip(text)
    return _first(question, (slip.owed, slip.one))


def summed(text: str, *, told: bool = True) -> str | None:
    """Return what a slip comes to: its total where that is right, else the sum beside it; None for no slip.

    Taxes that the prices hold, deposits that were paid and the change are no part of it.

    Args:
        text: The slip.
        told: Whether a printed total that differs is told beside the sum.
    """
    if not is_slip(text):
        return None
    slip = _Slip(text)
    if not slip.items:
        return None
    total = slip.total
    if total is not None and total.amount in slip.sums():
        return str(total.amount)
    whole = added(slip.items) + added(slip.extras)
    return (
        str(whole)
        if total is None or not told
        else f"{whole} (the printed total is {total.amount})"
    )


class _Slip(SlipMoney):
    """Answers, each kind of question by its own reader."""

    @property
    def reckoning(self) -> Sequence[Callable[[str], str]]:
        """Return the readers that need no line to be named, in the order in which they are asked."""
        return (
            self.part, self.shared, self.check, self.compared, self.enough, self.number, self.itemised, self.sorted_out,
            self.left, self.dates, self.paying, self.saved, self.counted, self.bounded, self.edge,
            self.less, self.printed, self.several,
        )  # fmt: skip

    def itemised(self, low: str) -> str:
        """List every item with its price, where all of them are asked for and no sum."""
        if not ITEMISED.search(low) or SUMMED.search(low) or not self.items:
            return ""
        if self.named(low):
            return ""
        if re.search(r"\btable\b|\btabela\b", low):
            rows = [f"| {each.label} | {each.amount} |" for each in self.items]
            return "\n".join(["| item | price |", "| --- | --- |", *rows])
        return "\n".join(f"{e.label}: {e.amount}" for e in self.items)

    def sorted_out(self, low: str) -> str:
        """List the items of one sort: *list only the drinks*."""
        if not _LISTS.search(low) or SUMMED.search(low.replace("only", "")):
            return ""
        held = self.sort_of(low)
        return "" if held is self.items else "\n".join(self.told(each) for each in held)

    def number(self, low: str) -> str:
        """Return the number of an invoice."""
        if not re.search(
            r"\b(?:invoice|receipt|bill|order|fatura)(?:'s)? (?:number|no\.?|id|nr)\b|\bnumber of (?:the|this) (?:invoice|receipt|bill|order)\b",
            low,
        ):
            return ""
        found = NUMBER.search(self.text)
        return found[1].strip() if found else ""

    def dates(self, low: str) -> str:
        """Return a date, or a time of day."""
        if re.search(r"\b(?:amount|balance|total|sum|how much)\b.{0,12}\bdue\b", low):
            return ""
        if not WHEN.search(low) and not LATE.search(low):
            return ""
        if re.search(r"\bwhat time\b|\bclock\b|\bhour\b", low):
            clock = CLOCK.search(self.text)
            return clock.group() if clock else ""
        dated = [(line, found.group()) for line in self.lines if (found := DATE.search(line))]
        late = [each for each in dated if LATEST.search(each[0])]
        if LATE.search(low):
            if not late and (term := next((e for e in self.lines if _TERM.search(e)), "")):
                return f"It says: {term}"
            if not late:
                asks = OWED.search(low) and re.search(r"\b(?:until|till|by|before) wh", low)
                return "It does not say until when that is to be paid." if asks else ""
            behind = LATEST.split(late[0][0])[-1]
            found = DATE.search(behind)
            return f"Due: {found.group() if found else late[0][1]}"
        early = [each for each in dated if each not in late or ISSUED.search(each[0])]
        if not early:
            return ""
        clock = CLOCK.search(early[0][0])
        return early[0][1] + (f", {clock.group()}" if clock and "when" in low else "")

    def paying(self, low: str) -> str:
        """Return how it was paid."""
        if not PAYING.search(low) or MONEY_ASKED.search(low.replace("pay", "").replace("paid", "")):
            return ""
        found = next((each for each in self.lines if PAID.search(each)), "")
        if not found:
            return ""
        return f"It says: {found}"

    def counted(self, low: str) -> str:
        """Count the items, or one of them."""
        if not MANY.search(low):
            return ""
        named = self.named(low)
        if named:
            counts = [(each, self.count_of(each)) for each in named]
            return "; ".join(f"{count} ({each.label})" for each, count in counts)
        if (
            not re.search(
                r"\b(?:items?|products?|things?|articles?|lines?|dishes|positions)\b", low
            )
            or not self.items
        ):
            return ""
        pieces = sum(self.count_of(each) for each in self.items)
        listed = ", ".join(each.label for each in self.items[:30])
        more = f", {pieces} pieces in all" if pieces != len(self.items) else ""
        return f"{len(self.items)} items{more}: {listed}"

    def bounded(self, low: str) -> str:
        """List what costs less, or more, than something."""
        found = BOUND.search(digits(low))
        if not found or not self.items:
            return ""
        bound = Decimal(found[2].replace(",", "."))
        less = found[1] in {"under", "below", "less than", "cheaper than", "up to", "at most"}
        equal = found[1] in {"up to", "at most", "at least"}
        held = [
            each for each in self.items
            if (each.amount < bound if less else each.amount > bound) or (equal and each.amount == bound)
        ]  # fmt: skip
        if not held:
            return f"None: no item is {found[1]} {bound}."
        said = "\n".join(f"{each.label}: {each.amount}" for each in held)
        return f"{len(held)}:\n{said}" if MANY.search(low) else said

    def edge(self, low: str) -> str:
        """Return the dearest item, the second cheapest one."""
        found = EDGE.search(low)
        if not found or not self.items:
            return ""
        word = (found[2] or found[3] or found[4] or "").lower()
        most = word in {
            "most expensive",
            "dearest",
            "priciest",
            "costliest",
            "highest",
            "biggest",
            "largest",
            "most",
        }
        single = (
            self.each if re.search(r"\b(?:each|apiece|per (?:unit|piece)|single)\b", low) else None
        )
        order = sorted(self.sort_of(low), key=single or (lambda each: each.amount), reverse=most)
        place = {"second": 1, "2nd": 1, "third": 2, "3rd": 2}.get((found[1] or "").lower(), 0)
        if place >= len(order):
            return ""
        if single is not None:
            return f"{order[place].label}: {single(order[place])} each"
        same = [each for each in order if each.amount == order[place].amount]
        return "\n".join(self.told(each) for each in same)

    def one(self, low: str) -> str:
        """Return what the named items cost."""
        if not MONEY_ASKED.search(low) and not re.search(r"^(?:and )?the \w+\??$", low):
            return ""
        named = self.named(low)
        if not named:
            missing = re.search(
                r"\bhow much (?:is|was|were|are|did|does|do) (?:the |an? |my |our |i pay for (?:the )?)([^\W\d_]+)(?: costs?)?\W*$",
                low,
            )
            if (
                missing
                and missing[1] not in NOT_NAMES
                and stem(missing[1]) not in WHOLE
                and self.items
            ):
                listed = ", ".join(each.label for each in self.items[:12])
                return f"It does not say: no line is called {missing[1]!r}. It has {listed}."
            return ""
        single = re.search(
            r"\b(?:each|one|single|a piece|apiece|per (?!cent\b|person\b)[^\W\d_]+|unit price|an? (?:night|day|hour|week|month))\b",
            low,
        )
        if len(named) == 2 and re.search(
            r"\bdifference\b|\bhow much (?:more|less|cheaper|dearer)\b", low
        ):
            one, two = sorted(named, key=lambda each: -each.amount)
            return f"{one.amount - two.amount} ({one.label} {one.amount}, {two.label} {two.amount})"
        if len(named) == 1:
            (line,) = named
            count = self.count_of(line)
            if single and count == 1 and line.unit not in {None, line.amount}:
                return f"{line.label}: {line.unit} each ({line.amount} in all)"
            if single and count > 1:
                return f"{line.label}: {self.each(line)} each ({count} for {line.amount})"
            return self.told(line)
        return f"{added(named)} = {' + '.join(f'{each.label} {each.amount}' for each in named)}"

    def one_asked(self, low: str) -> str:
        """Return what one of the named items costs."""
        return self.one(low) if _APIECE.search(low) else ""

    def spent(self, low: str) -> str:
        """Return what was spent on something, or that no line is about it: never the whole instead."""
        found = SPENT.search(low)
        if not found or not self.items or stem(found[1]) in WHOLE or found[1] in NOT_NAMES:
            return ""
        if self.named(found[1]):
            return self.owed(low) or self.one(low)
        listed = ", ".join(each.label for each in self.items[:12])
        return f"It does not say: no line is about {found[1]!r}. It has {listed}."

    def had(self, low: str) -> str:
        """Say whether something is on the slip."""
        if not HAD.search(low) or not self.items:
            return ""
        asked = [
            each
            for each in words(low)
            if each not in STOP_WORDS and each not in NOT_NAMES and len(each) > 2
        ]
        asked = [
            each
            for each in asked
            if each not in {"sell", "serve", "offer", "include", "included", "there", "have"}
        ]
        if not asked:
            return ""
        named = self.named(low)
        if named:
            return "Yes: " + ", ".join(f"{each.label} {each.amount}" for each in named)
        return f"No: none of its {len(self.items)} items is called so ({', '.join(each.label for each in self.items[:12])})."

    def seller(self, low: str) -> str:
        """Return whose slip it is: its heading, with the address where that is asked for."""
        if not WHO.search(low):
            return ""
        heading = [
            each for each in self.lines[:6]
            if not TITLE.match(each) and not FURNITURE.search(each) and not DATE.search(each)
            and re.search(r"[^\W\d_]{2}", each) and not any(each.startswith(i.label) for i in self.priced)
        ]  # fmt: skip
        if not heading:
            return ""
        streets = [each for each in heading[1:] if STREET.search(each)]
        name = re.sub(rf"\s*[-–|:]\s*(?:{KINDS})\W*$", "", heading[0], flags=re.IGNORECASE)
        return ", ".join([name, *streets[:2]]) if "where" in low or "address" in low else name

    def listed(self, low: str) -> str:
        """List the items."""
        if not LISTED.search(low) or not self.items:
            sort = re.search(
                r"\b(?:what|which) ([^\W\d_]+) (?:did|do|does|are|were|was|is|have|has|can|on)\b",
                low,
            )
            held = self.named(sort[1]) if sort else []
            return "\n".join(f"{each.label}: {each.amount}" for each in held)
        said = [f"{each.label}: {each.amount}" for each in self.items]
        if (
            re.search(r"what(?:'s| is| was)? (?:there )?on\b", low)
            and (total := self.total) is not None
        ):
            said.append(f"{total.label}: {total.amount}")
        return "\n".join(said)

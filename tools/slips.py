"""What a receipt, an invoice or a menu says: taken from its lines, not guessed by a model.

Made for text out of pictures. A question that is not understood, or whose answer is not printed, is
left to whoever reads texts in general.
"""

from __future__ import annotations

import re
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .clauses import clauses, in_full
from .further import further, share_of
from .numerals import digits
from .priced import Line, priced_lines
from .slip_forms import (
    BOUND,
    CHECKS,
    CLOCK,
    DATE,
    EDGE,
    EXTRA,
    FEW,
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
    PART,
    PAYING,
    PEOPLE,
    SHARED,
    SPENT,
    STREET,
    SUBTOTAL,
    SUMMED,
    TAX,
    TITLE,
    TOTAL,
    WHEN,
    WHO,
    WHOLE,
)
from .slip_items import Slip, is_of

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
    return len(priced) >= 2 and len(priced) >= LEAST * len(lines)


def answer(question: str, text: str) -> str | None:
    """Return what a slip says to a question; None where it does not say, or is none.

    Args:
        question: In English.
        text: The slip, line by line.
    """
    if not is_slip(text):
        return None
    low = " ".join(question.lower().split())
    slip = _Slip(text)
    for read in (
        slip.part, slip.shared, slip.check, slip.number, slip.itemised, slip.dates, slip.paying, slip.counted, slip.bounded, slip.edge,
        slip.printed, slip.several, slip.owed, slip.one, slip.had, slip.whole, slip.seller, slip.listed,
    ):  # fmt: skip
        said = read(low)
        if said:
            return said
    return None


def worked_out(question: str, text: str) -> str | None:
    """Return what has to be worked out of a slip: whether it adds up, what two of a thing cost."""
    if not is_slip(text):
        return None
    low = " ".join(question.lower().split())
    slip = _Slip(text)
    asked = clauses(question)
    told = [answer(in_full(each, asked), text) for each in asked] if len(asked) > 1 else []
    if any(told) and len(set(told)) > 1:
        lines = [
            said or f"{each}? It does not say." for each, said in zip(asked, told, strict=True)
        ]
        return "\n".join(dict.fromkeys(lines))
    return (
        slip.part(low) or slip.shared(low) or slip.check(low) or slip.itemised(low)
        or slip.several(low) or slip.spent(low) or None
    )  # fmt: skip


class _Slip(Slip):
    """Answers, each kind of question by its own reader."""

    def part(self, low: str) -> str:
        """Work out a part of the total: *15% of the total*."""
        if not PART.search(low) or self.total is None or self.named(low):
            return ""
        return further(self.total.amount, PART.sub(r"\1 of the total", low)) or ""

    def shared(self, low: str) -> str:
        """Divide the total among so many people."""
        found = PEOPLE.search(digits(low)) if SHARED.search(low) else None
        count = int(next((each for each in found.groups() if each), "0")) if found else 0
        if count < 2 or not (self.total or self.items):
            return ""
        whole = self.total.amount if self.total is not None else _added(self.items)
        return f"{whole} / {count} = {share_of(whole, count)}"

    def check(self, low: str) -> str:
        """Add up what is printed, and compare."""
        if not CHECKS.search(low) or not self.items:
            return ""
        added = _added(self.items)
        below, total = self.first(SUBTOTAL), self.total
        told = f"The items add up to {added}"
        extra = [
            each
            for each in self.priced
            if is_of(each, TAX, EXTRA) and not is_of(each, TOTAL, SUBTOTAL)
        ]
        said: list[str] = []
        if below is not None:
            same = below.amount in {added, added + _added([e for e in extra if is_of(e, EXTRA)])}
            said.append(
                f"the printed {below.label.lower()} of {below.amount} is {'right' if same else 'not'}"
            )
        if total is None:
            if not said:
                return f"{told}; no total is printed to compare it with."
            return f"{'Yes' if said[0].endswith('right') else 'No'}. {told}: {said[0]}."
        sums = {added: "", added + _added(extra): ""}
        rest = [each for each in extra if is_of(each, EXTRA)]
        sums[added + _added(rest)] = ""
        right = total.amount in sums
        parts = " + ".join(f"{each.label} {each.amount}" for each in extra)
        if right:
            with_ = f" (with {parts})" if parts and total.amount != added else ""
            ok = not said or said[0].endswith("right")
            lead = "Yes" if ok else "Partly"
            said.append(f"the total of {total.amount} is right{with_}")
        else:
            lead = "No"
            wanted = added + _added(extra) if below is not None or extra else added
            with_ = f" with {parts}" if parts else ""
            said.append(f"the printed total is {total.amount}, but it comes to {wanted}{with_}")
        return f"{lead}. {told}; {' and '.join(said)}."

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
        found = BOUND.search(low)
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
        order = sorted(self.items, key=lambda each: each.amount, reverse=most)
        place = {"second": 1, "2nd": 1, "third": 2, "3rd": 2}.get((found[1] or "").lower(), 0)
        if place >= len(order):
            return ""
        same = [each for each in order if each.amount == order[place].amount]
        return "\n".join(f"{each.label}: {each.amount}" for each in same)

    def printed(self, low: str) -> str:
        """Return a line that is printed for itself: the tax, the tip, the subtotal."""
        before = re.search(
            r"\b(?:before|without|excluding|excl\.?|net of) (?:the )?(?:sales )?(?:tax|vat|iva)\b",
            low,
        )
        if before and (net := self.first(SUBTOTAL)) is not None:
            return f"{net.label}: {net.amount}"
        for asked, form in (
            (SUBTOTAL, SUBTOTAL),
            (TAX, TAX),
            (EXTRA, None),
            (re.compile(r"\bchange\b"), re.compile(r"\bchange\b|\btroco\b", re.IGNORECASE)),
        ):
            found = asked.search(low)
            if not found or re.search(
                rf"\b(?:without|before|excluding|except)\b[^,.]*{re.escape(found.group())}", low
            ):
                continue
            wanted = form or re.compile(rf"\b{re.escape(found.group())}", re.IGNORECASE)
            held = [
                each for each in self.priced if is_of(each, wanted) and not is_of(each, TOTAL)
            ] or [each for each in self.priced if is_of(each, wanted)]
            if held:
                return "\n".join(f"{each.label}: {each.amount}" for each in held[:3])
            return f"It does not say: no line is about {found.group()!r}."
        return ""

    def several(self, low: str) -> str:
        """Work out what some of the items cost together: *two coffees and a croissant*."""
        if not MONEY_ASKED.search(low):
            return ""
        wanted: list[tuple[int, Line]] = []
        plain = False
        for found in re.finditer(
            r"\b(\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)\s+((?:(?!and\b|an?\b|\d)[^\W\d_]+\s?){1,3})",
            low,
        ):
            count = int(found[1]) if found[1].isdigit() else FEW[found[1]]
            held = self.named(found[2])
            if len(held) == 1:
                wanted.append((count, held[0]))
                plain = plain or count > 1
        if not wanted or not (plain or len(wanted) > 1):
            return ""
        whole = sum((count * self.each(line) for count, line in wanted), Decimal(0))
        told = " + ".join(f"{count} × {line.label} {self.each(line)}" for count, line in wanted)
        return f"{whole} = {told}"

    def owed(self, low: str) -> str:
        """Return what is to be paid for what the whole slip is about: *for the water*, on a water bill."""
        if not OWED.search(low) or self.total is None or not self.named(low):
            return ""
        priced = {each.label for each in self.priced}
        heading = [line for line in self.lines[:3] if not any(e in line for e in priced)]
        above = {stem(each) for line in heading for each in words(line)}
        left = STOP_WORDS | NOT_NAMES | {"must", "should"}
        asked = {stem(each) for each in words(low) if each not in left and len(each) > 2} - WHOLE
        if not asked or not asked <= above:
            return ""
        return f"{self.total.label}: {self.total.amount}"

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
            r"\b(?:each|one|single|a piece|apiece|per (?:unit|piece)|unit price)\b", low
        )
        if len(named) == 2 and re.search(
            r"\bdifference\b|\bhow much (?:more|less|cheaper|dearer)\b", low
        ):
            one, two = sorted(named, key=lambda each: -each.amount)
            return f"{one.amount - two.amount} ({one.label} {one.amount}, {two.label} {two.amount})"
        if len(named) == 1:
            (line,) = named
            count = self.count_of(line)
            if single and count > 1:
                return f"{line.label}: {self.each(line)} each ({count} for {line.amount})"
            return f"{line.label}: {line.amount}" + (f" (for {count})" if count > 1 else "")
        return f"{_added(named)} = {' + '.join(f'{each.label} {each.amount}' for each in named)}"

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

    def whole(self, low: str) -> str:
        """Return the total that is printed, or else the sum."""
        if not MONEY_ASKED.search(low) or _without(low):
            return ""
        left = {
            stem(each)
            for each in words(low)
            if each not in STOP_WORDS and each not in NOT_NAMES and len(each) > 2
        }
        if (
            left
            - {
                stem(each)
                for each in [
                    "total",
                    "due",
                    "whole",
                    "final",
                    "grand",
                    "overall",
                    "everything",
                    "meal",
                    "food",
                    "dinner",
                    "lunch",
                    "shopping",
                    "groceries",
                    "purchase",
                    "there",
                    "here",
                    "night",
                    "today",
                    "card",
                    "cash",
                    "visit",
                    "all",
                ]
            }
            - {stem(e) for line in self.lines[:4] for e in words(line)}
        ):
            return ""
        if (total := self.total) is not None:
            return f"{total.label}: {total.amount}"
        if not self.items:
            return ""
        return f"{_added(self.items)} (no total is printed: the sum of {len(self.items)} items)"

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


def _without(low: str) -> bool:
    return bool(re.search(r"\b(?:without|before|excluding|except|apart from|other than)\b", low))


def _added(lines: list[Line]) -> Decimal:
    return sum((each.amount for each in lines), Decimal(0))

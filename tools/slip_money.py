"""What the sums on a slip are: its total, what is left to pay, what was saved, whether it adds up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .further import further, share_of
from .numerals import digits
from .priced import Line
from .slip_forms import (
    CHANGE,
    CHECKS,
    CUTS,
    EXTRA,
    FEW,
    LEFT,
    MONEY_ASKED,
    NOT_NAMES,
    OWED,
    PART,
    PEOPLE,
    PREPAID,
    SAVED,
    SHARED,
    SUBTOTAL,
    TAX,
    TOTAL,
    WHOLE,
)
from .slip_items import Slip, is_of

_SIZED = re.compile(
    r"\b(?P<word>more expensive|dearer|pricier|more|cheaper|less expensive|less)\b.{0,12}?\bthan\b",
    re.IGNORECASE,
)
_BUDGET = re.compile(
    r"(?<![\w.,])[$€£]?(\d+(?:[.,]\d{1,2})?) ?(?:[$€£]|euros?|pounds?|dollars?|quid)?(?![\w.,])"
)
_ENOUGH = re.compile(r"\b(?:enough|afford|can (?:i|we) (?:have|get|buy)|could (?:i|we) (?:have|get|buy))\b")  # fmt: skip
_SOME = re.compile(
    r"\b(\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)\s+"
    r"((?:(?!and\b|an?\b|\d)[^\W\d_]+\s?){1,3})"
)
_PORTION = re.compile(r"\b(?:portions?|slices?|pieces?|cups?|glass(?:es)?|bottles?|bowls?|plates?|packs?|bags?) of ")  # fmt: skip

_NO_THING = re.compile(r"(?:of|people|persons|friends|guests|adults?|children|kids|euros?|pounds?|dollars?|percent|per|times|parts?|ways|items?|things?|lines?|days?|weeks?|nights?|hours?|minutes?)\b")  # fmt: skip
"""What a number may stand before and is nothing to buy."""
_TIP = re.compile(
    r"\b(?:a |an |the )?(\d+(?:[.,]\d+)? ?(?:%|per ?cent))(?: of)? (?:tip|service|gratuity)\b|\b(?:tip|gratuity)\b[^.?!\d]{0,12}(\d+(?:[.,]\d+)? ?(?:%|per ?cent))"
)


class SlipMoney(Slip):
    """The sums of a slip."""

    def part(self, low: str) -> str:
        """Work out a part of the total: *15% of the total*."""
        if self.total is None:
            return ""
        tip = _TIP.search(low)
        if tip and not any((tip[1] or tip[2]) in each.label for each in self.extras):
            low = f"what is {tip[1] or tip[2]} of the total"
        if not PART.search(low) or self.named(low):
            return ""
        return further(self.total.amount, PART.sub(r"\1 of the total", low)) or ""

    def shared(self, low: str) -> str:
        """Divide the total among so many people."""
        found = PEOPLE.search(digits(low)) if SHARED.search(low) else None
        count = int(next((each for each in found.groups() if each), "0")) if found else 0
        if count < 2 or not (self.total or self.items):
            return ""
        if named := self.named(low):
            whole = added(named)
            made = " + ".join(f"{each.label} {each.amount}" for each in named)
            return f"{whole} / {count} = {share_of(whole, count)} ({made})"
        whole = self.total.amount if self.total is not None else added(self.items)
        return f"{whole} / {count} = {share_of(whole, count)}"

    def left(self, low: str) -> str:
        """Return what is still to pay, where something was paid before."""
        before = [each for each in self.priced if is_of(each, PREPAID)]
        if before and re.search(r"\b(?:in advance|already|up ?front|beforehand|(?:the|a) deposit|down payment)\b", low):  # fmt: skip
            return "\n".join(f"{each.label}: {abs(each.amount)}" for each in before)
        if not LEFT.search(low) or re.search(r"\bwhen\b|\bdate\b", low) or self.named(low):
            return ""
        if self.due is not None:
            return f"{self.due.label}: {self.due.amount}"
        if self.total is None or not before:
            return ""
        paid = sum((abs(each.amount) for each in before), Decimal(0))
        made = " - ".join(f"{each.label} {abs(each.amount)}" for each in before)
        return f"{self.total.amount - paid} = {self.total.label} {self.total.amount} - {made}"

    def saved(self, low: str) -> str:
        """Add up what was taken off, or return what it was before that."""
        if not SAVED.search(low):
            return ""
        off = self.reductions
        if not off:
            return "It does not say: no line takes anything off."
        whole = sum((-abs(each.amount) for each in off), Decimal(0))
        told = " + ".join(f"{each.label} {abs(each.amount)}" for each in off)
        if _without(low):
            if self.total is None:
                return ""
            return f"{self.total.amount - whole} = {self.total.label} {self.total.amount} + {told}"
        if len(off) == 1:
            return f"{off[0].label}: {abs(whole)}"
        return f"{-whole} = {told}"

    def less(self, low: str) -> str:
        """Return the total without some of the items."""
        named = self.named(low)
        asks = MONEY_ASKED.search(low) or re.match(r"\W*(?:and )?(?:what|how much)\b", low)
        if not _without(low) or not named or not asks:
            return ""
        behind = re.split(
            r"\b(?:without|excluding|except(?: for)?|apart from|other than|if i (?:had not|hadn't|did not|didn't) (?:buy|bought|get|got|have|had|order\w*))\b",
            low,
        )[-1]
        named = self.named(behind)
        if not named:
            return ""
        more = [each for each in self.extras if not is_of(each, TAX)]
        if self.total is None or not more:
            rest = [each for each in self.items if each not in named]
            made = " + ".join(f"{each.label} {each.amount}" for each in rest)
            return f"{added(rest)} = {made}"
        assert self.total is not None
        made = " - ".join(f"{each.label} {each.amount}" for each in named)
        return (
            f"{self.total.amount - added(named)} = {self.total.label} {self.total.amount} - {made}"
        )

    def compared(self, low: str) -> str:
        """Say which of two things costs more."""
        found = _SIZED.search(low)
        if found:
            one, two = self.named(low[: found.start()]), self.named(low[found.end() :])
        else:
            either = re.search(r"\b(?:dearer|more expensive|cheaper|costs? (?:more|less)|cost (?:more|less))\b(?P<rest>.*)\bor\b(?P<two>.*)", low)  # fmt: skip
            if either is None:
                return ""
            one, two = self.named(either["rest"]), self.named(either["two"])
        if len(one) != 1 or len(two) != 1 or one == two:
            return ""
        first, second = one[0], two[0]
        by = abs(first.amount - second.amount)
        told = f"{first.label} {first.amount}, {second.label} {second.amount}"
        if not by:
            return f"{'No: they' if found else 'They'} cost the same ({told})."
        if found is None or re.match(r"\W*(?:how much|by how much|what)\b", low):
            dear, cheap = (first, second) if first.amount > second.amount else (second, first)
            if found:
                return f"{by} ({dear.label} {dear.amount}, {cheap.label} {cheap.amount})"
            asked = cheap if re.search(r"\bcheaper\b|\bless\b", low) else dear
            other = dear if asked is cheap else cheap
            return f"{asked.label}: {asked.amount} ({other.label}: {other.amount})"
        more = found["word"] not in {"cheaper", "less expensive", "less"}
        held = first.amount > second.amount if more else first.amount < second.amount
        return f"{'Yes' if held else 'No'}: {told} (a difference of {by})."

    def enough(self, low: str) -> str:
        """Say whether some money buys what is named."""
        if not _ENOUGH.search(low):
            return ""
        budget = _BUDGET.search(digits(low))
        named = self.named(low)
        if budget is None or not named:
            return ""
        rest = low[low.find("can ") if "can " in low else 0 :]
        wanted = self._wanted(rest) or [(1, each) for each in named]
        missing = [each for each in named if each not in {line for _, line in wanted}]
        wanted += [(1, each) for each in missing]
        whole = sum((count * self.each(line) for count, line in wanted), Decimal(0))
        money = Decimal(budget[1].replace(",", "."))
        told = " + ".join(f"{f'{n} × ' if n > 1 else ''}{e.label} {self.each(e)}" for n, e in wanted)  # fmt: skip
        left = money - whole
        if left < 0:
            return f"No: {whole} = {told}, {-left} more than {money}."
        return f"Yes: {whole} = {told}, which leaves {left} of {money}."

    def check(self, low: str) -> str:
        """Add up what is printed, and compare."""
        if not CHECKS.search(low) or not self.items:
            return ""
        whole = added(self.items)
        below, total = self.first(SUBTOTAL), self.total
        told = f"The items add up to {whole}"
        said: list[str] = []
        if below is not None:
            same = below.amount in {whole, whole + added(self.above(below))}
            said.append(
                f"the printed {below.label.lower()} of {below.amount} is {'right' if same else 'not'}"
            )
        if total is None:
            if not said:
                return f"{told}; no total is printed to compare it with."
            return f"{'Yes' if said[0].endswith('right') else 'No'}. {told}: {said[0]}."
        extra = self.extras
        parts = " + ".join(f"{each.label} {each.amount}" for each in extra).replace("+ -", "- ")
        if total.amount in self.sums():
            with_ = f" (with {parts})" if parts and total.amount != whole else ""
            ok = not said or said[0].endswith("right")
            lead = "Yes" if ok else "Partly"
            said.append(f"the total of {total.amount} is right{with_}")
            if self.due is not None and self.due is not total:
                before = sum((abs(e.amount) for e in self.priced if is_of(e, PREPAID)), Decimal(0))
                same = self.due.amount == total.amount - before
                lead = lead if same else "Partly"
                said.append(
                    f"the {self.due.label.lower()} of {self.due.amount} is {'right' if same else 'not'}"
                )
        else:
            lead = "No"
            wanted = whole + added(extra) if below is not None or extra else whole
            with_ = f" with {parts}" if parts else ""
            said.append(f"the printed total is {total.amount}, but it comes to {wanted}{with_}")
        *first, last = said
        joined = f"{', '.join(first)} and {last}" if first else last
        return f"{lead}. {told}; {joined}."

    def several(self, low: str) -> str:
        """Work out what some of the items cost together: *two coffees and a croissant*."""
        if not MONEY_ASKED.search(low) and not re.search(r"\bcomes? to\b", low):
            return ""
        wanted = self._wanted(low)
        if not wanted or not (len(wanted) > 1 or wanted[0][0] > 1):
            return ""
        missing = [what for count, what in _asked_for(low) if count > 1 and not self.named(what)]
        if missing:
            listed = ", ".join(each.label for each in self.items[:12])
            return f"It does not say what {missing[0]!r} cost. It has {listed}."
        whole = sum((count * self.each(line) for count, line in wanted), Decimal(0))
        told = " + ".join(f"{count} × {line.label} {self.each(line)}" for count, line in wanted)
        return f"{whole} = {told}"

    def _wanted(self, low: str) -> list[tuple[int, Line]]:
        wanted: list[tuple[int, Line]] = []
        for count, what in _asked_for(low):
            held = self.named(what)
            if len(held) == 1:
                wanted.append((count, held[0]))
        return wanted

    def printed(self, low: str) -> str:
        """Return the lines that are printed for themselves: the tax, the tip, the subtotal."""
        before = re.search(
            r"\b(?:before|without|excluding|excl\.?|net of) (?:the )?(?:sales )?(?:tax|vat|iva)\b",
            low,
        )
        if before and (net := self.first(SUBTOTAL)) is not None:
            return f"{net.label}: {net.amount}"
        said: list[str] = []
        silent = ""
        for asked, form in ((SUBTOTAL, SUBTOTAL), (TAX, TAX), (EXTRA, None), (CHANGE, CHANGE)):
            for found in asked.finditer(low):
                word = re.escape(found.group())
                if re.search(rf"\b(?:without|before|excluding|except)\b[^,.]*{word}", low):
                    continue
                wanted = form or (CUTS if CUTS.search(found.group()) else None)
                wanted = wanted or re.compile(
                    rf"\b{word.split()[0].rstrip(chr(92))}", re.IGNORECASE
                )
                held = [
                    each for each in self.priced if is_of(each, wanted) and not is_of(each, TOTAL)
                ] or [each for each in self.priced if is_of(each, wanted)]
                said += [f"{each.label}: {each.amount}" for each in held[:3]]
                silent = silent or f"It does not say: no line is about {found.group()!r}."
        return "\n".join(dict.fromkeys(said)) or silent

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

    def whole(self, low: str) -> str:
        """Return the total that is printed, or else the sum."""
        if not MONEY_ASKED.search(low) or _without(low):
            return ""
        low = re.sub(r"\b(owe|pay) (?:to )?(?:the|my|our|this) [^\W\d_]+", r"\1", low)
        left = {
            stem(each)
            for each in words(low)
            if each not in STOP_WORDS and each not in NOT_NAMES and len(each) > 2
        }
        if left - WHOLE - {stem(e) for line in self.lines[:4] for e in words(line)}:
            return ""
        if OWED.search(low) and self.due is not None:
            return f"{self.due.label}: {self.due.amount}"
        if (total := self.total) is not None:
            return f"{total.label}: {total.amount}"
        if not self.items:
            return ""
        return f"{added(self.items)} (no total is printed: the sum of {len(self.items)} items)"


def _asked_for(low: str) -> list[tuple[int, str]]:
    """Return how many of what are named: *two coffees and a slice of cake*."""
    return [
        (int(found[1]) if found[1].isdigit() else FEW[found[1]], found[2].strip())
        for found in _SOME.finditer(_PORTION.sub("", low))
        if not _NO_THING.match(found[2])
    ]


def _without(low: str) -> bool:
    return bool(
        re.search(
            r"\b(?:without|before|excluding|except|apart from|other than|if i (?:had not|hadn't|did not|didn't))\b",
            low,
        )
    )


def added(lines: Sequence[Line]) -> Decimal:
    """Return what some lines come to."""
    return sum((each.amount for each in lines), Decimal(0))


__all__ = ("SlipMoney", "added")

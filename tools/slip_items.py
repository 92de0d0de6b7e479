"""The lines of a slip: what is an item, what it costs, and which one is named."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .priced import Line, priced_lines
from .slip_forms import (
    COUNT,
    CUTS,
    DUE,
    EXTRA,
    GOODS,
    NOT_NAMES,
    PAID,
    PREPAID,
    SORTS,
    SUBTOTAL,
    TAX,
    TOTAL,
)

_REFUND = re.compile(r"\b(?:refund\w*|return(?:ed|s)?|credit note|devolução)\b", re.IGNORECASE)
_HELD = re.compile(r"\b(?:incl\w*|of which|inkl\w*|incluíd[oa])\b", re.IGNORECASE)
"""A tax that the prices hold already."""


class Slip:
    """A slip: its lines, the priced ones, and the items among them.

    Args:
        text: Line by line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [each.strip() for each in text.splitlines() if each.strip()]
        self.priced = priced_lines(text)
        at = next((n for n, each in enumerate(self.priced) if n and _is_whole(each)), None)
        self._listed = self.priced if at is None else self.priced[:at]
        """The lines above the total: below it come payments, and the taxes that it holds."""
        self.items = [
            each for each in self._listed
            if not each.is_total and each.amount >= 0
            and not is_of(each, TOTAL, SUBTOTAL, TAX, EXTRA, CUTS, PAID, PREPAID)
        ]  # fmt: skip

    @property
    def reductions(self) -> list[Line]:
        """Return what was taken off."""
        return [
            each for each in self._listed
            if (each.amount < 0 or is_of(each, CUTS)) and not is_of(each, PREPAID, _REFUND, TOTAL, SUBTOTAL)
        ]  # fmt: skip

    @property
    def extras(self) -> list[Line]:
        """Return what comes to the items above the total: tax, service, a discount."""
        return self.above(None)

    def above(self, line: Line | None) -> list[Line]:
        """Return the extras above a line, or all of them, what was taken off with a minus."""
        end = next((n for n, each in enumerate(self._listed) if each is line), len(self._listed))
        held = [
            each for each in self._listed[:end]
            if (each.amount < 0 or is_of(each, TAX, EXTRA, CUTS))
            and not is_of(each, TOTAL, SUBTOTAL, PREPAID) and not _HELD.search(each.label)
        ]  # fmt: skip
        if line is not None:
            held = [each for each in held if not is_of(each, TAX)]
        return [
            replace(each, amount=-abs(each.amount)) if is_of(each, CUTS) else each for each in held
        ]

    def sums(self) -> set[Decimal]:
        """Return what the total may come to, its taxes held in the prices or not."""
        whole = sum((each.amount for each in self.items), Decimal(0))
        rest = [each for each in self.extras if not is_of(each, TAX)]
        cuts = [each for each in rest if each.amount < 0]
        return {
            whole + sum((each.amount for each in more), Decimal(0))
            for more in ((), self.extras, rest, cuts)
        }

    def first(self, *forms: re.Pattern[str]) -> Line | None:
        """Return the first priced line of a form."""
        return next((each for each in self.priced if is_of(each, *forms)), None)

    @property
    def total(self) -> Line | None:
        """Return the line of the total: what is to be paid, not the subtotal."""
        found = [
            each for each in self.priced
            if is_of(each, TOTAL) and not is_of(each, SUBTOTAL) and not is_of(each, TAX)
        ]  # fmt: skip
        whole = [each for each in found if not is_of(each, DUE)]
        return (whole or found)[-1] if found else None

    @property
    def due(self) -> Line | None:
        """Return the line of what is still to pay, where it has one."""
        found = [each for each in self.priced if is_of(each, DUE)]
        return found[-1] if found else None

    def count_of(self, item: Line) -> int:
        """Return how many of an item a line is for."""
        if item.count > 1 or item.unit is not None:
            return item.count
        for line in self.lines:
            if item.label.split()[0].lower() in line.lower() and all(
                each.lower() in line.lower() for each in item.label.split() if each.isalpha()
            ):
                found = COUNT.search(line)
                if found:
                    return int(next(each for each in found.groups() if each))
                return 1
        return 1

    def each(self, item: Line) -> Decimal:
        """Return the price of one of an item."""
        if item.unit is not None:
            return item.unit
        count = self.count_of(item)
        return (item.amount / count).quantize(Decimal("0.01")) if count > 1 else item.amount

    def told(self, item: Line) -> str:
        """Return an item with what was paid for it, and for how many."""
        count = self.count_of(item)
        return f"{item.label}: {item.amount}" + (f" (for {count})" if count > 1 else "")

    def sort_of(self, low: str) -> list[Line]:
        """Return the items of the sort that is asked about: the drinks, or what stands under *Drinks*."""
        asked = {stem(each) for each in words(low) if each not in STOP_WORDS}
        under = [e for e in self.items if asked & {stem(each) for each in words(e.section)}]
        if under and len(under) < len(self.items):
            return under
        held: list[Line] = []
        for names, goods in SORTS.items():
            if names & asked:
                held += [e for e in self.items if goods & {stem(each) for each in words(e.label)}]
        return held or self.items

    def named(self, low: str) -> list[Line]:
        """Return the items that a question names: all of a line's words, or the one that is unlike."""
        asked = {
            stem(form)
            for each in words(low)
            if each not in STOP_WORDS and each not in NOT_NAMES and len(each) > 2
            for form in (each, *_one_of(each))
        }
        scored = [(_shared(asked, line), line) for line in self.items]
        most = max((score for score, _ in scored), default=0)
        if most:
            return [line for score, line in scored if score == most or (score and " and " in low)]
        return []


def _is_whole(line: Line) -> bool:
    """Say whether a line is the total that what is above it comes to."""
    return is_of(line, TOTAL) and not is_of(line, SUBTOTAL) and not is_of(line, TAX)


def _one_of(word: str) -> tuple[str, ...]:
    """Return what many of a thing are one of, where the word changes: *curries*, *loaves*."""
    if word.endswith("ies"):
        return (f"{word[:-3]}y", word[:-1])
    return (f"{word[:-3]}f", f"{word[:-3]}fe") if word.endswith("ves") else ()


def is_of(line: Line, *forms: re.Pattern[str]) -> bool:
    return any(each.search(line.label) for each in forms)


def _shared(asked: set[str], line: Line) -> int:
    """Count the asked words that a line has, in either language, and as a scanner may have read them."""
    held = {stem(each) for each in words(line.label)}
    alike = {each for ring in GOODS if ring & held for each in ring} | held
    alike |= {each for sort, ring in SORTS.items() if ring & alike for each in sort}
    exact = len(asked & alike)
    if exact:
        return exact
    spelt = words(line.label.lower())
    within = sum(any(len(e) >= 4 and h != e and h.endswith(e) for h in spelt) for e in asked)
    if within:
        return within  # a cheeseburger is a burger
    long = [each for each in held if len(each) >= 5]
    return sum(
        bool(difflib.get_close_matches(each, long, 1, 0.8)) for each in asked if len(each) >= 5
    )

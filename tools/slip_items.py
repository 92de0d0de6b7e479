"""The lines of a slip: what is an item, what it costs, and which one is named."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .priced import Line, priced_lines
from .slip_forms import COUNT, EXTRA, GOODS, NOT_NAMES, PAID, SORTS, SUBTOTAL, TAX, TOTAL


class Slip:
    """A slip: its lines, the priced ones, and the items among them.

    Args:
        text: Line by line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [each.strip() for each in text.splitlines() if each.strip()]
        self.priced = priced_lines(text)
        self.items = [
            each for each in self.priced
            if not each.is_total and not is_of(each, TOTAL, SUBTOTAL, TAX, EXTRA, PAID)
        ]  # fmt: skip

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
        return found[-1] if found else None

    def count_of(self, item: Line) -> int:
        """Return how many of an item a line is for."""
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
        count = self.count_of(item)
        return (item.amount / count).quantize(Decimal("0.01")) if count > 1 else item.amount

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
    long = [each for each in held if len(each) >= 5]
    return sum(
        bool(difflib.get_close_matches(each, long, 1, 0.8)) for each in asked if len(each) >= 5
    )

"""Read a sum that is told as a little story: its numbers apart, and its words with marks in their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"

_MONEY = r"(?:euros?|dollars?|bucks|pounds?(?! (?:of|in|to)\b)|quid|eur|usd|gbp|francs?|[$€£])"

_PEOPLE = (
    r"(?:people|persons?|friends|guests|kids|children|colleagues|roommates|flatmates|students|adults|"
    r"heads|diners|siblings|brothers|sisters|players|members|of us|ways|shares|equal parts)"
)

_TOKEN = re.compile(
    r"(?P<ratio>\b\d+(?:\s?:\s?\d+)+\b|(?<=\bratio )(?:of )?\d+(?: to \d+)+\b)"
    rf"|(?P<percent>{NUMBER})\s?(?:%|percent\b|per ?cents?\b)"
    rf"|(?P<people>\b\d+) (?:other )?{_PEOPLE}(?!\w)"
    rf"|(?<=\bwe are )(?P<we>\d+)(?![\d.,]\d)|(?:(?<=\bamong )|(?<=\bamongst )|(?<=\bbetween ))(?P<among>\d+)(?![\d.,]*\d)(?! and\b)"
    rf"|(?:[$€£]\s?)?(?<![\w.])(?P<number>{NUMBER})(?!\w)(?:\s?{_MONEY}(?!\w))?"
)

_ALONE = re.compile(r"\b(each|every|any|which|that|this) 1\b")
"""*Each one* is nobody's number, though its last word is written as a digit by now."""

_COINS = re.compile(r"(?<![\d.,])(\d{1,3}) ?(?:cents?|pence)\b")

_CENTS = re.compile(
    rf"[$€£]|\d\.\d\d(?!\d)|\d {_MONEY}(?!\w)|\b(?:pay|paid|costs?|bill|price|rent|earn|tip|vat|tax)\b"
)

_DIGITS = re.compile(r"\d")


@dataclass(frozen=True)
class Story:
    """A sum in words: its numbers apart, and its words with marks in their places."""

    numbers: tuple[Decimal, ...]
    """Plain numbers (``#``), in the order in which they stand."""
    percents: tuple[Decimal, ...]
    people: tuple[Decimal, ...]
    ratio: tuple[Decimal, ...]
    cents: bool
    """Whether its amounts are money, which is written with its cents."""
    words: str
    """The story with ``#``, ``%``, ``@`` (people) and ``&`` (a ratio) where its numbers stood."""

    @property
    def kinds(self) -> tuple[int, int, int, int]:
        """How many of each there are."""
        return len(self.numbers), len(self.percents), len(self.people), len(self.ratio)

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.words) is not None

    def money(self, value: Decimal) -> str:
        """Write an amount: at most two decimals."""
        made = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        return f"{made:f}" if self.cents and made != made.to_integral_value() else plain(made)

    @property
    def question(self) -> str:
        """What is asked, from the word that asks on; the whole where none does."""
        found = re.search(
            r"\b(?:what|how (?:much|many|long|far|fast)|calculate|find)\b", self.words
        )
        return self.words[found.start() :] if found else self.words


def read(text: str, *, crowds: bool = True) -> Story | None:
    numbers: list[Decimal] = []
    percents: list[Decimal] = []
    people: list[Decimal] = []
    ratio: list[Decimal] = []

    def mark(found: re.Match[str]) -> str:
        if found["ratio"]:
            ratio.extend(Decimal(each) for each in re.findall(r"\d+", found["ratio"]))
            return "&"
        if found["percent"]:
            percents.append(decimal(found["percent"]))
            return "%"
        if crowd := found["people"] or found["we"] or found["among"]:
            (people if crowds else numbers).append(Decimal(crowd))
            return "@" if crowds else found[0].replace(crowd, "#", 1)
        numbers.append(decimal(found["number"]))
        return "#"

    text = _COINS.sub(lambda found: f"{Decimal(found[1]) / 100} euros", text)
    text = _ALONE.sub(r"\1", text.replace("’", "'"))
    words = _TOKEN.sub(mark, text)
    if _DIGITS.search(words) or "\x00" in words:
        return None  # a number that could not be read: a date, a code
    return Story(
        tuple(numbers),
        tuple(percents),
        tuple(people),
        tuple(ratio),
        bool(_CENTS.search(text)),
        words,
    )


def decimal(text: str) -> Decimal:
    """Return a number as people write it: *1,250.50*."""
    return Decimal(text.replace(",", ""))


def plain(value: Decimal) -> str:
    """Write a number in full; one that does not end is cut to four decimals."""
    exact = value == value.quantize(Decimal("0.000001"))
    text = f"{value.quantize(Decimal('0.000001') if exact else Decimal('0.0001')):f}"
    return text.rstrip("0").rstrip(".")


NOUN = r"([^\W\d_]+)"


def unit_of(name: str | None) -> str:
    """Return a unit in one spelling, near enough to compare two of them."""
    bare = singular(name or "")
    return {"litre": "l", "liter": "l", "metre": "m", "meter": "m", "kilo": "kg", "gram": "g"}.get(
        bare, bare
    )


def singular(noun: str) -> str:
    """Return a noun in the singular, near enough to compare two of them."""
    return re.sub(r"(?:(?<=x)es|(?<=ch)es|(?<=sh)es|(?<=ss)es|(?<=to)es|s)$", "", noun)


__all__ = ("NOUN", "NUMBER", "Story", "decimal", "plain", "read", "singular", "unit_of")

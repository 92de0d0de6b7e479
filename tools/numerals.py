"""Numbers as people write them, in one way for every calculator: words, and points and commas."""

from __future__ import annotations

import re
from decimal import Decimal

SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
UNITS = {word: value for value, word in enumerate(SMALL)}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "dozen": 12}
_SPELLED = "|".join(sorted([*UNITS, *TENS, *SCALES], key=len, reverse=True))
_NUMBER_WORDS = re.compile(
    rf"\b(?:a\s+(?=hundred|thousand|million|billion|dozen))?(?:{_SPELLED})"
    rf"(?:(?:\s+|-)(?:and\s+(?={_SPELLED}))?(?:{_SPELLED})){{0,14}}"
    rf"(?:\s+point(?:\s+(?:{'|'.join(SMALL[:10])})){{1,14}})?\b",
    re.IGNORECASE,
)
_SCALED = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?) ?(hundred|thousand|million|billion)\b(?! (?:and )?(?:\d|hundred|thousand|million))",
    re.IGNORECASE,
)
# 1.250,50 and 12,5 and 0,125; 1,250 is one thousand two hundred and fifty
_DECIMAL_COMMA = re.compile(
    r"(?<![\d,.])(\d{1,3}(?:\.\d{3})+(?=,)|0(?=,\d)|\d+(?=,(?!\d{3}(?!\d)))),(\d+)(?![\d,]|\.\d)"
)
_POINTED_THOUSANDS = re.compile(
    r"(?<![\d,.])\d{1,3}(?:\.\d{3})+(?![\d.,%]|\s?(?:%|percent|per cent))"
)


def digits(text: str) -> str:
    """Replace numbers in words by digits, and nothing else: *two hundred and five* is 205."""
    return _NUMBER_WORDS.sub(_read, _SCALED.sub(_in_full, text))


def _in_full(found: re.Match[str]) -> str:
    """Write *1.2 million* in full: the word alone would be a number of its own."""
    value = Decimal(found[1].replace(",", "")) * SCALES[found[2].lower()]
    return f"{value.normalize():f}"


def _read(found: re.Match[str]) -> str:
    whole, _, decimals = found.group().lower().partition(" point")
    total, group = 0, 0
    for word in re.findall(r"[a-z]+", whole):
        if word in UNITS:
            group += UNITS[word]
        elif word in TENS:
            group += TENS[word]
        elif word in {"hundred", "dozen"}:
            group = max(1, group) * SCALES[word]
        elif word in SCALES:
            total, group = total + max(1, group) * SCALES[word], 0
    behind = "".join(str(UNITS[word]) for word in decimals.split())
    return f"{total + group}.{behind}" if behind else str(total + group)


def decimal_points(text: str) -> str:
    """Write decimal commas as points: *1.250,50* is 1250.50, and 1,250 stays what it is."""
    return _DECIMAL_COMMA.sub(lambda found: f"{found[1].replace('.', '')}.{found[2]}", text)


def money_points(text: str) -> str:
    """Do the same of sums of money, which have no three decimals: *200.000* is 200000."""
    text = decimal_points(text)
    return _POINTED_THOUSANDS.sub(lambda found: found.group().replace(".", ""), text)

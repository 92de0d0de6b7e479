"""Words as they are spoken, however they are written: *42* and *forty two*, *Dr.* and *doctor*.

Recognisers differ in how they write what they heard, and that is no mistake of any of them. All
that compares transcripts compares these words.
"""

from __future__ import annotations

import re

from herd_graph.routing.numerals import SCALES, TENS, UNITS

_VALUES = UNITS | TENS
_ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fifth": "5th",
    "eighth": "8th",
    "ninth": "9th",
    "twelfth": "12th",
    **{f"{word}th": f"{value}th" for word, value in _VALUES.items() if word[-1] not in "ey"},
    **{f"{word[:-1]}ieth": f"{value}th" for word, value in _VALUES.items() if word.endswith("ty")},
}
_SAME = {
    "mr": "mister",
    "dr": "doctor",
    "prof": "professor",
    "capt": "captain",
    "sgt": "sergeant",
    "st": "saint",
    "percent": "percent",
    "ok": "okay",
    "metre": "meter",
    "metres": "meters",
    "kilometre": "kilometer",
    "kilometres": "kilometers",
    "km": "kilometers",
    "kg": "kilograms",
    "grey": "gray",
    "labour": "labor",
    "harbour": "harbor",
    "neighbour": "neighbor",
    "neighbours": "neighbors",
    "colour": "color",
    "colours": "colors",
    "programme": "program",
    "theatre": "theater",
    "centre": "center",
}
_SIGNS = {"$": "dollars", "€": "euros", "£": "pounds", "%": "percent", "&": "and"}
_TOKEN = re.compile(
    r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+(?:st|nd|rd|th)?|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_MONEY = re.compile(r"([$€£])\s?(\d[\d,.]*\d|\d)(?:\s(million|billion|thousand))?")


def spoken(text: str) -> list[str]:
    """Return the words of a text in one spelling: lower case, numbers in digits.

    Numbers that follow one another are one: *nineteen ninety eight* is ``1998``, *seven seven
    four* is ``774``.
    """
    plain = _MONEY.sub(_price, text)
    for sign, name in _SIGNS.items():
        plain = plain.replace(sign, f" {name} ")
    found: list[str] = [m[0].replace("’", "'") for m in _TOKEN.finditer(plain.lower())]
    return _counted([_SAME.get(each, each) for each in found])


def _price(found: re.Match[str]) -> str:
    whole, _, cents = found[2].partition(".")
    if len(cents) == 2:
        return f"{whole} {_SIGNS[found[1]]} and {cents} cents"
    return " ".join((found[2], *([found[3]] if found[3] else []), _SIGNS[found[1]]))


def _counted(words: list[str]) -> list[str]:
    made: list[str] = []
    at = 0
    while at < len(words):
        stop = at
        while stop < len(words) and (
            words[stop] in _VALUES
            or (words[stop].isdigit())
            or (stop > at and words[stop] in SCALES)
            or (
                stop > at
                and words[stop] == "and"
                and words[stop - 1] in SCALES
                and stop + 1 < len(words)
                and (words[stop + 1] in _VALUES or words[stop + 1].isdigit())
            )
        ):
            stop += 1
        if stop == at:
            word = words[at].replace(",", "")
            made.append(_ORDINALS.get(word, word))
            at += 1
            continue
        made.append(_number(words[at:stop]))
        at = stop
        if at < len(words) and words[at] in _ORDINALS and made[-1] in _TENS:
            made[-1] = f"{made[-1][0]}{_ORDINALS[words[at]]}"  # twenty first
            at += 1
    return made


_TENS = frozenset(str(10 * each) for each in range(2, 10))


def _number(words: list[str]) -> str:
    """Return a run of number words as digits: multiplied, added or put side by side."""
    total = 0
    group = before = ""
    scaled = False
    for word in words:
        if word == "and":
            continue
        if word in SCALES:
            scale = SCALES[word]
            if scale == 100:
                group = str(int(group or 1) * 100)
            else:
                total += int(group or 1) * scale
                group = ""
            scaled = True
            continue
        value = word if word.isdigit() else str(_VALUES[word])
        fits = group.endswith("0" * len(value)) and int(group) > 0 and value != "0"
        if not group:
            group = value
        elif scaled and fits and int(group) % 100 == 0:
            group = str(int(group) + int(value))
        elif len(value) == 1 and before in _TENS and value != "0":
            group = group[:-1] + value
        else:
            group += value
        before = value
    if total:
        return str(total + int(group or 0))
    return group


__all__ = ("spoken",)

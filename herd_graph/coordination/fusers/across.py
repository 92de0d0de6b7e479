# ruff: noqa: SIM905 - word lists are read and mended as words
"""Support and conflict between artifacts of different kinds: the receipt says 19.00, the note ninety.

Facts are read out of each artifact's words: amounts with what they are of (*total*, *people*), dates,
and names. Facts of one subject from two sources support each other or conflict; both are listed with
their sources, and nothing is decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from herd_graph.routing.numerals import TENS, UNITS

FactKind = Literal["amount", "date", "name"]
_UNITS = UNITS | TENS
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NUMBER = re.compile(
    r"(?<![\w.])(?:[€$£]\s?)?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|(?<![\w.])\d+(?:[.,]\d+)?"
)
_MONTHS: Sequence[str] = (
    "january february march april may june july august september october november december".split()
)
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{'|'.join(_MONTHS)})\b"
    rf"|\b(?P<month2>{'|'.join(_MONTHS)})\s+(?P<day2>\d{{1,2}})\b",
    re.IGNORECASE,
)
_SUBJECTS: Mapping[str, str] = {
    "total": "total", "sum": "total", "altogether": "total", "amount": "total", "due": "total", "pay": "total",
    "people": "person", "persons": "person", "person": "person", "men": "person", "women": "person",
    "car": "car", "cars": "car", "dog": "dog", "dogs": "dog", "cat": "cat", "cats": "cat",
    "chair": "chair", "chairs": "chair", "page": "page", "pages": "page", "tax": "tax", "vat": "tax",
    "tip": "tip", "balance": "balance", "price": "price", "weight": "weight", "age": "age",
}  # fmt: skip
_NEAR = 5
"""Words between an amount and what it is of, at most."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that an artifact says."""

    kind: FactKind
    value: str
    """A number, an ISO date (or MM-DD), or a name in small letters."""
    subject: str = ""
    """What an amount is of; empty where the words do not say."""
    source: str = ""
    said: str = ""
    """The words around it."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Two facts of different artifacts about the same."""

    holds: bool
    """They support each other; otherwise they conflict."""
    left: Fact
    right: Fact

    def __str__(self) -> str:
        word = "agrees with" if self.holds else "conflicts with"
        about = f" about {self.left.subject}" if self.left.subject else ""
        return (
            f"{self.left.source} ({self.left.said}) {word} {self.right.source} "
            f"({self.right.said}){about}"
        )


def facts(text: str, source: str, names: Sequence[str] = ()) -> list[Fact]:
    """Read facts out of words.

    Args:
        text: The words of an artifact: a transcript, a reading, a caption, a text.
        source: What the artifact is called.
        names: Names to look for, as an entity finder gave them.
    """
    found: list[Fact] = []
    dates = [(each.start(), each.end()) for each in _DATE.finditer(text)]
    found += [
        Fact(kind="date", value=_day(each), source=source, said=each.group())
        for each in _DATE.finditer(text)
    ]
    for start, end, value in _amounts(text):
        if any(a <= start < b for a, b in dates):
            continue
        subject = _subject(text, start, end)
        said = " ".join(text[max(0, start - 25) : end + 25].split())
        found.append(
            Fact(kind="amount", value=f"{value:g}", subject=subject, source=source, said=said)
        )
    lowered = text.lower()
    found += [
        Fact(kind="name", value=name.lower(), source=source, said=name)
        for name in names
        if name.lower() in lowered
    ]
    return found


def relate(sources: Mapping[str, Sequence[Fact]]) -> list[Relation]:
    """Return how the facts of different artifacts stand to each other.

    Amounts are compared where both say what they are of; an amount of one subject that another
    artifact gives otherwise is a conflict. Dates and names only ever support: an artifact that does
    not mention one does not deny it. The order of the artifacts does not matter.
    """
    found: list[Relation] = []
    named = sorted(sources)
    for place, one in enumerate(named):
        for two in named[place + 1 :]:
            found += _between(sources[one], sources[two])
    return found


def _between(left: Sequence[Fact], right: Sequence[Fact]) -> list[Relation]:
    found: list[Relation] = []
    for fact in left:
        same = [each for each in right if each.kind == fact.kind]
        if fact.kind == "amount":
            same = [each for each in same if fact.subject and each.subject == fact.subject]
        equal = next((each for each in same if each.value == fact.value), None)
        if equal is not None:
            found.append(Relation(holds=True, left=fact, right=equal))
        elif fact.kind == "amount" and same:
            found.append(Relation(holds=False, left=fact, right=same[0]))
    return found


def _amounts(text: str) -> list[tuple[int, int, float]]:
    found = [
        (each.start(), each.end(), value)
        for each in _NUMBER.finditer(text)
        if (value := _read(each.group())) is not None
    ]
    words = list(re.finditer(r"[a-z]+", text.lower()))
    place = 0
    while place < len(words):
        value, used = _spelled([word.group() for word in words[place : place + 8]])
        if used:
            found.append((words[place].start(), words[place + used - 1].end(), float(value)))
        place += max(1, used)
    return sorted(found)


def _read(text: str) -> float | None:
    plain = re.sub(r"[€$£\s]", "", text)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return None


def _spelled(words: Sequence[str]) -> tuple[int, int]:
    """Return the number that words begin with, and how many they are; 0 words for none."""
    total = current = used = 0
    for word in words:
        if word in _UNITS:
            current += _UNITS[word]
        elif word in _SCALES and used:
            current = max(1, current) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0
        elif not (word == "and" and used):
            break
        used += 1
    while used and words[used - 1] == "and":
        used -= 1
    return total + current, used


def _subject(text: str, start: int, end: int) -> str:
    after = re.findall(r"[a-z]+", text[end : end + 60].partition("\n")[0].lower())[:_NEAR]
    before = re.findall(r"[a-z]+", text[max(0, start - 60) : start].rpartition("\n")[2].lower())
    for word in (*after[:2], *reversed(before[-_NEAR:]), *after[2:]):
        if word in _SUBJECTS:
            return _SUBJECTS[word]
    return ""


def _day(found: re.Match[str]) -> str:
    if found["iso"]:
        return found["iso"]
    day, month = found["day"] or found["day2"], found["month"] or found["month2"]
    return f"{_MONTHS.index(month.lower()) + 1:02d}-{int(day):02d}"


__all__ = ("Fact", "Relation", "facts", "relate")

"""How good is an answer? From 0 to 1, by what was expected of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from herd_graph.errors import ConfigError, suggest
from herd_graph.routing.spoken import spoken

Score: TypeAlias = "Callable[[str, str], float]"
"""Takes what was answered and what was expected."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")
MOST_COMPARED = 4000
"""Words or letters that are aligned: alignment takes the square of it."""


def plain(text: str) -> str:
    """Return a text in lower case, with single spaces."""
    return " ".join(text.lower().split())


def exact(answer: str, expected: str) -> float:
    """Return 1 where both say the same, whatever the case and the spaces."""
    return float(plain(answer) == plain(expected))


def contains(answer: str, expected: str) -> float:
    """Return the share of the expected pieces (separated by ``|``) that the answer holds."""
    pieces = [plain(each) for each in expected.split("|") if each.strip()]
    said = plain(answer)
    return sum(each in said for each in pieces) / len(pieces) if pieces else 0.0


def words(answer: str, expected: str) -> float:
    """Return the F1 of the words, as in question answering."""
    got, want = _WORD.findall(answer.lower()), _WORD.findall(expected.lower())
    if not got or not want:
        return float(got == want)
    left = list(want)
    shared = 0
    for word in got:
        if word in left:
            left.remove(word)
            shared += 1
    return 2 * shared / (len(got) + len(want))


def wer(answer: str, expected: str) -> float:
    """Return one minus the word error rate, at least 0."""
    return 1 - min(1.0, _rate(_WORD.findall(answer.lower()), _WORD.findall(expected.lower())))


def heard(answer: str, expected: str) -> float:
    """Return one minus the word error rate of what is spoken: *42* is *forty two*."""
    return 1 - min(1.0, _rate(spoken(answer), spoken(expected)))


def cer(answer: str, expected: str) -> float:
    """Return one minus the character error rate, at least 0."""
    return 1 - min(1.0, _rate(plain(answer), plain(expected)))


def number(answer: str, expected: str) -> float:
    """Return 1 where the last number of the answer is the expected one."""
    got, want = _NUMBER.findall(answer), _NUMBER.findall(expected)
    if not got or not want:
        return 0.0
    return float(abs(_value(got[-1]) - _value(want[-1])) < 1e-6 * max(1.0, abs(_value(want[-1]))))


def check(answer: str, expected: str) -> float:
    """Return 1 for any answer that passed its port's checks; nothing is compared."""
    del expected
    return float(bool(answer.strip()))


SCORES: dict[str, Score] = {
    "exact": exact,
    "contains": contains,
    "wer": wer,
    "heard": heard,
    "cer": cer,
    "words": words,
    "number": number,
    "check": check,
}


def by_name(name: str) -> Score:
    """Return a quality function. Raises ``ConfigError``."""
    if name not in SCORES:
        raise ConfigError(
            f"Answers cannot be scored by {name!r}. {suggest(name, SCORES, what='There are')} Or "
            "judge:EXPERT, for an expert that gives a number from 0 to 1."
        )
    return SCORES[name]


def _value(text: str) -> float:
    """Read a number with commas between thousands, or one for the decimals."""
    if re.fullmatch(r"-?\d+,\d{1,2}", text):
        return float(text.replace(",", "."))
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return float("nan")


def _rate(got: Sequence[str], want: Sequence[str]) -> float:
    """Return the edit distance over the length of what was expected."""
    got, want = got[:MOST_COMPARED], want[:MOST_COMPARED]
    if not want:
        return float(bool(got))
    if got == want:
        return 0.0
    before = list(range(len(want) + 1))
    for row, one in enumerate(got, start=1):
        now = [row]
        for column, two in enumerate(want, start=1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (one != two)))
        before = now
    return before[-1] / len(want)


__all__ = (
    "SCORES",
    "Score",
    "by_name",
    "cer",
    "contains",
    "exact",
    "heard",
    "number",
    "wer",
    "words",
)

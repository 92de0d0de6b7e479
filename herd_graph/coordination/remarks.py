"""Doubts in words for somebody who has never heard of a check, a port or a step.

A verdict is written for whoever mends an expert: ``s1: about: 0% of its words stand in its source``.
Whoever asked wants to know what may be wrong with the answer, and with which part of the way to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_DOUBT = re.compile(
    r"(?P<check>(?:(?:round trip|agreement): )?[^:\s]+(?: [^:\s]+)?(?::[^:\s]+)?): "
    r"(?P<reason>.*) \((?P<step>[^()\s]+)\)",
    re.DOTALL,
)
_PORT = re.compile(r"^'(?:[^'\\]|\\.)*' (?=(?:is|has|says|holds|stops|ends|does|lacks|repeats)\b)")
_CLAIM = re.compile(r"(?:number|date|name|quotation) ('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_LESS = r"0\.\d+"
_Say = str | Callable[[re.Match[str]], str]


def _unsaid(found: re.Match[str]) -> str:
    said = [each[1:-1] for each in _CLAIM.findall(found[1])]
    return "its source does not say " + " or ".join(f"“{each}”" for each in said)


def _length(found: re.Match[str]) -> str:
    shorter = int(found[2]) < int(found[1])
    return f"it is much {'shorter' if shorter else 'longer'} than what was translated"


_SAID: Mapping[str, tuple[tuple[str, _Say], ...]] = {
    "about": (
        (r"\d+% of its words .*", "it has hardly a word of what it was made of"),
        (r"the numbers of its source are missing: (.*)", r"these numbers are missing: \1"),
        (r"none of the names of its source is in it: (.*)", r"these names are missing: \1"),
    ),
    "again": (
        (r"three calls .*", "three tries gave three different results"),
        (r"two more calls .*", "two more tries gave something else"),
    ),
    "copied": ((r"'.*' is its input .*", "it is what was given, unchanged"),),
    "grounding": ((r"not in what it was made of: (.*)", _unsaid),),
    "length:speech": (
        (
            r".* would take (\S+) to (\S+) s, and (\S+) s sound",
            r"it sounds for \3 seconds, and its text would take \1 to \2",
        ),
    ),
    "length:transcript": (
        (r".* cannot be said .*", "it is longer than the recording has time for"),
        (r".* are few .*", "much of what is said may be missing"),
    ),
    "length:translation": ((r"a translation of (\d+) letters has (\d+)", _length),),
    "length:reading": (
        (
            r"it has (\d+) letters, and the page seems to hold (\d+)",
            r"it has \1 letters, and the picture seems to hold about \2",
        ),
    ),
    "recall": (
        (r"(?:it gave another result for the same input|another call gave what) .*",
         "the same was answered otherwise before"),
        (r"(?:it gave the very same result|it is what another input had).*",
         "something else had the very same result before"),
    ),
    "second look": (
        (r".*two more calls .*", "two more tries gave something else"),
        (r".*every call .*", "each try gave something else"),
    ),
    "swapped": ((r".*is what step .*", "it is the same as the result for something else"),),
    "habit": (
        (rf"'.*' is {_LESS} times .*", "it is much shorter than such results are"),
        (r"'.*' is \S+ times .*", "it is much longer than such results are"),
        (r"'.*' does not end .*", "its end may be missing"),
    ),
}  # fmt: skip
_KNOWN = {
    *("arithmetic", "result", "consistent", "pixels", "converted", "language", "request", "units"),
    *("request:language", "sound", "picture", "boxes", "spans", "whole", "legible", "truncation"),
    *("rows", "code", "code runs", "person", "judge"),
}
"""Checks whose reasons are sentences, but for the name of a port at their beginning."""
_BACK = re.compile(r" \(likeness [\d.]+, at least [\d.]+ is usual\)$")


def remark(doubt: str, *, own: str = "", experts: Mapping[str, str] | None = None) -> str:
    """Return a doubt (``about: … (s1)``) as a sentence about the answer.

    A check of somebody's own speaks for itself and keeps its name.

    Args:
        doubt: What ``AnswerPart.doubts`` holds.
        own: The step whose result the answer is; what is said of another step names its expert.
        experts: By step, the expert that did it.
    """
    read = _DOUBT.fullmatch(doubt)
    if read is None:
        return doubt
    said = _sentence(read["check"], read["reason"])
    if said is None:
        return doubt
    step, _, item = read["step"].partition("[")
    whose = (experts or {}).get(step, "").partition("@")[0] if step != own else ""
    place = f", number {int(item[:-1]) + 1}" if item[:-1].isdigit() else ""
    if whose:
        return f"in what {whose} gave{place}: {said}"
    return f"{place.removeprefix(', ')}: {said}" if place else said


def _sentence(check: str, reason: str) -> str | None:
    """Return what a check of the standard ones says; None of any other check."""
    for pattern, words in _SAID.get(check, ()):
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found is not None:
            return words(found) if callable(words) else found.expand(words)
    if check.startswith("round trip"):
        return _PORT.sub("it ", _BACK.sub("", reason))
    if check.startswith("agreement"):
        return f"experts differ: {_PORT.sub('it ', _BACK.sub('', reason))}"
    if check in _KNOWN or check in _SAID:
        return _PORT.sub("it ", reason)
    return None


__all__ = ("remark",)

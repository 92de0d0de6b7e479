"""Read a conversion: what is measured, and the unit that it is wanted in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from herd_graph.errors import PortViolation

NUMBER = r"[-−+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:\s*[eE][-+]?\d{1,3}|\s*[×x]\s*10\^?[-−]?\d{1,3})?"
_HALF = r"(?:\s+(?:and\s+a\s+half|\d+/\d{1,3}))?"
_PAIR = re.compile(
    rf"(?P<number>\d+/\d{{1,3}}|{NUMBER}{_HALF}|(?<![^\W_])(?:half an?|an?)(?![^\W_]))\s*(?P<unit>[^\d,;=?!]*)",
    re.IGNORECASE,
)
INTO = re.compile(
    r"\s*(?:\b(?:in(?:to)?|to|as|expressed in|equals?|is how (?:many|much)|are how many|makes? how many)\b|=|→|->)\s*",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"how (?:many|much)\s+(?P<to>.+?)\s+(?:are|is|make|makes|do|does|equal|equals|in)\b\s*(?:there\s+)?(?:(?:in|are|is|make)\b\s*)?(?P<what>.+)",
    re.IGNORECASE,
)
_WORDS = {"a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5}


@dataclass(frozen=True)
class Wish:
    pairs: list[tuple[float, str]]
    """Numbers with units; several add up: 5 ft 10 in."""
    to: str


def wished(text: str, to: str) -> list[tuple[str, str]]:
    """Return each unit that is wanted, with the text before it."""
    if to:
        return [(text, each) for each in re.split(r"\s*(?:,|\band\b)\s*", to.strip(" .?!\n"))]
    found: list[tuple[str, str]] = []
    cuts = list(INTO.finditer(text))
    for number, cut in enumerate(cuts):
        end = cuts[number + 1].start() if number + 1 < len(cuts) else len(text)
        names = re.split(r"\s*(?:,|\band\b)\s*", text[cut.end() : end].strip(" .?!\n"))
        found += [(text[: cut.start()], each) for each in names if each]
    return found


def read(asked: str, to: str) -> Wish:
    text = asked.strip(" .?!")
    text = re.sub(
        r"(?i)^(?:please\s+)?(?:can you\s+|could you\s+)?(?:convert|change|express|turn|what(?:'s| is| are)|calculate|tell me|give me|how (?:long|far|heavy|hot|cold|fast|much|tall|big|warm) is)\s+(?!many|much)",
        "",
        text,
    )
    found = _ASKED.fullmatch(text)
    if found is not None:
        return Wish(_pairs(found["what"], asked), to or _bare(found["to"]))
    for cut in reversed(list(INTO.finditer(text))):
        left, right = text[: cut.start()], text[cut.end() :]
        if (
            right
            and re.search(r"\d|\b(?:an?|half)\b", left, re.IGNORECASE)
            and not re.search(r"\d\s*$", left)
        ):
            return Wish(_pairs(left, asked), to or _bare(right))
    if not to.strip():
        raise PortViolation(
            f"{asked[:80]!r} does not say which unit is wanted. Expected '5 miles in km', or to='km'. "
            "Name the unit."
        )
    return Wish(_pairs(text, asked), to)


def _bare(unit: str) -> str:
    return re.sub(r"(?i)^(?:the\s+)?(?:unit\s+)?(?:number of\s+)?", "", unit.strip())


def _pairs(text: str, asked: str) -> list[tuple[float, str]]:
    pairs: list[tuple[float, str]] = []
    for each in _PAIR.finditer(text):
        unit = re.sub(
            r"(?i)^(?:of\s+)|\s+(?:and|is|are|there|of)\s*$", "", each["unit"].strip(" .")
        ).strip()
        unit = re.sub(r"(?i)\s+and$", "", unit)
        if not unit and each["number"][-1:].isdigit():
            raise PortViolation(
                f"{each['number']!r} in {asked[:80]!r} has no unit. Expected a unit behind each number. "
                "Give it, or leave the number out."
            )
        if unit:
            pairs.append((_value(each["number"]), unit))
    if not pairs or len(pairs) > 4:
        raise PortViolation(
            f"{asked[:80]!r} holds no number with a unit. Expected something like '5 miles in km'. Give "
            "the number and its unit."
        )
    return pairs


def _value(text: str) -> float:
    low = " ".join(text.lower().replace("−", "-").split())
    if low in _WORDS:
        return _WORDS[low]
    if low.endswith("and a half"):
        return _value(low.removesuffix("and a half").strip()) + 0.5
    if found := re.fullmatch(r"(?:(\S+) )?(\d+)/(\d+)", low):
        whole = _value(found[1]) if found[1] else 0.0
        if int(found[3]) == 0:
            raise PortViolation(f"{text!r} divides by zero. Expected a number. Correct it.")
        return whole + int(found[2]) / int(found[3])
    low = re.sub(r"\s*[×x]\s*10\^?", "e", low).replace(",", "").replace(" ", "")
    return float(low)


__all__ = ("INTO", "NUMBER", "Wish", "read", "wished")

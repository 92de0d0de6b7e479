# ruff: noqa: SIM905 - word lists are read and mended as words
"""What the request says of its answer: how long, in what form, how many, and nothing but what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from herd_graph.coordination.checks.base import CheckInput, check, doubt, passed
from herd_graph.coordination.quantities import numbers
from herd_graph.state import Verdict
from herd_graph.types import Kind

Unit = Literal["words", "sentences", "characters", "lines", "paragraphs", "items"]
Form = Literal["table", "bullets", "numbered", "json", "csv", "number", "yes or no", "capitals"]

_SMALL = {
    word: value
    for value, words in enumerate(
        "- one|single|uma|um|a|an two|dois|duas three|três four|quatro five|cinco six|seis seven|sete eight|oito "
        "nine|nove ten|dez".split()
    )
    for word in words.split("|")
}
_COUNT = rf"(?P<count>\d{{1,5}}|{'|'.join(sorted((k for k in _SMALL if k != '-'), key=len, reverse=True))})"
_UNITS: dict[str, Unit] = {
    "word": "words", "words": "words", "palavra": "words", "palavras": "words",
    "sentence": "sentences", "sentences": "sentences", "frase": "sentences", "frases": "sentences",
    "character": "characters", "characters": "characters", "caracteres": "characters", "letters": "characters",
    "line": "lines", "lines": "lines", "linha": "lines", "linhas": "lines",
    "paragraph": "paragraphs", "paragraphs": "paragraphs", "parágrafo": "paragraphs", "parágrafos": "paragraphs",
    "bullet": "items", "bullets": "items", "items": "items", "itens": "items", "tópicos": "items",
    "points": "items", "pontos": "items", "steps": "items", "passos": "items",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_AT_MOST = (
    r"(?P<most>at most|no more than|not more than|up to|maximum(?: of)?|max\.?|fewer than|less than|under|within|"
    r"no máximo|até|menos de|não mais (?:de|do) que)"
)
_AT_LEAST = r"(?P<least>at least|no fewer than|no less than|minimum(?: of)?|more than|pelo menos|no mínimo|mais de)"
_LENGTH = re.compile(
    rf"(?:\b{_AT_MOST}\s+|\b{_AT_LEAST}\s+|\b(?P<exactly>exactly|exatamente)\s+|\b(?P<in>in|em|as|com|with|of|de)\s+"
    rf"(?:just\s+|only\s+|about\s+|apenas\s+|só\s+)?)"
    rf"{_COUNT}[\s-]+(?:short\s+|brief\s+|simple\s+|bullet\s+|key\s+|main\s+|curtas?\s+|principais\s+)?(?P<unit>{_UNIT})\b"
    rf"|\b(?P<adjective>one|two|three|four|five|\d{{1,4}})-(?P<unit2>word|sentence|line|paragraph)\b",
    re.IGNORECASE,
)
_OR_MORE = re.compile(r"\s+or (?P<more>two|three|four|five|[2-9])\b", re.IGNORECASE)
_COUNTED = re.compile(
    rf"\b(?:list|name|give(?: me)?|suggest|find|show(?: me)?|tell me|liste|cite|dê(?:-me)?|diga(?:-me)?)\s+"
    rf"(?:the\s+|me\s+|os\s+|as\s+)?(?:top\s+|first\s+|last\s+|best\s+)?{_COUNT}\s+(?P<noun>[^\W\d_]{{3,}})",
    re.IGNORECASE,
)
_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("json", re.compile(r"\b(?:as|in|em|como|return|valid)\s+(?:a\s+)?json\b", re.IGNORECASE)),
    ("csv", re.compile(r"\b(?:as|in|em|como)\s+(?:a\s+)?csv\b", re.IGNORECASE)),
    ("numbered", re.compile(r"\bnumbered list\b|\blista numerada\b", re.IGNORECASE)),
    ("bullets", re.compile(r"\b(?:as|in|em|into|with|use)\s+(?:\w+\s+){0,2}(?:bullet(?:s|\s?points?)?|tópicos|marcadores)\b",
                           re.IGNORECASE)),
    ("table", re.compile(r"\b(?:as|in|into|em|numa|como)\s+(?:an?\s+|uma\s+)?(?:\w+\s+)?(?:table|tabela)\b(?!\s+\d)",
                         re.IGNORECASE)),
    ("yes or no", re.compile(r"\byes or no\b|\byes/no\b|\bsim ou não\b", re.IGNORECASE)),
    ("number", re.compile(
        r"\b(?:only|just|nothing but|apenas|só|somente)\s+(?:the|a|o|um)?\s*(?:\w+\s+)?"
        r"(?:total|number|sum|amount|figure|número|soma|valor)\b(?!\s+of\b)", re.IGNORECASE)),
    ("capitals", re.compile(r"\b(?:in|em) (?:all |todas )?(?:caps|capitals|capital letters|upper ?case|maiúsculas)\b",
                            re.IGNORECASE)),
)  # fmt: skip
_SHORT = 8
"""Words of a line that may be an item of a list."""
_LISTED = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+", re.MULTILINE)
_NUMBERED = re.compile(r"(?:^|(?<=[.!?…] )|(?<=\n))\(?\d{1,2}[.)]\s+(?=\S)")
"""The number of a rule or a point: no sentence of its own."""
_ENDS = re.compile(r"(?<!\b[A-Z])(?<!\bMr)(?<!\bDr)(?<!\bMs)(?<!\bMrs)[.!?…]+[\"”')\]]*(?=\s|$)")


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long an answer was asked to be."""

    unit: Unit
    least: int = 0
    most: int | None = None
    said: str = ""


def lengths(request: str) -> list[Length]:
    """Return how long a request wants its answer: *in two sentences*, *at most 50 words*."""
    found: list[Length] = []
    for each in _LENGTH.finditer(request):
        count = _number(each["count"] or each["adjective"])
        if more := _OR_MORE.match(request, each.end()):  # "in a sentence or two"
            count = max(count, _number(more["more"]))
        unit = _UNITS[(each["unit"] or each["unit2"]).lower()]
        if each["most"]:
            strict = re.match(r"fewer|less|under|menos", each["most"], re.IGNORECASE)
            most = count - 1 if strict else count
            found.append(Length(unit=unit, most=most, said=each.group()))
        elif each["least"]:
            strict = re.match(r"more|mais", each["least"], re.IGNORECASE)
            found.append(Length(unit=unit, least=count + 1 if strict else count, said=each.group()))
        else:
            near = unit in {"words", "characters"} and not each["exactly"]
            slack = round(0.25 * count) if near else 0
            found.append(
                Length(
                    unit=unit,
                    least=max(1, count - slack) if each["exactly"] else 1,
                    most=count + slack,
                    said=each.group(),
                )
            )
    for each in _COUNTED.finditer(request):
        unit = _UNITS.get(each["noun"].lower(), "items")
        if each["noun"].lower().endswith("s") and not any(
            each.group() in one.said for one in found
        ):
            found.append(Length(unit=unit, most=_number(each["count"]), said=each.group()))
    return found


def _number(written: str) -> int:
    return int(written) if written.isdigit() else _SMALL[written.lower()]


def forms(request: str) -> list[Form]:
    """Return the forms that a request names: *as a table*, *as JSON*, *only the total*."""
    return [form for form, pattern in _FORMS if pattern.search(request)]


def measure(text: str, unit: Unit) -> int:
    """Return how many words, sentences, lines … a text has."""
    plain = text.strip()
    if unit == "words":
        return len(plain.split())
    if unit == "characters":
        return len(plain)
    if unit == "lines":
        return sum(bool(each.strip()) for each in plain.splitlines())
    if unit == "paragraphs":
        return sum(bool(each.strip()) for each in re.split(r"\n\s*\n", plain))
    if unit == "items":
        marked = len(_LISTED.findall(plain))
        lines = [each for each in plain.splitlines() if each.strip()]
        short = all(len(each.split()) <= _SHORT for each in lines)
        return marked or (len(lines) if short else 1)
    plain = _NUMBERED.sub("", plain)
    ends = len(_ENDS.findall(plain))
    return max(1, ends + (not re.search(r"[.!?…][\"”')\]]*$", plain) and ends > 0))


def has_form(text: str, form: Form) -> bool:
    """Say whether a text is in a form."""
    plain = text.strip()
    lines = [each for each in plain.splitlines() if each.strip()]
    if form == "json":
        bare = re.sub(r"^```\w*\n|\n```$", "", plain)
        try:
            json.loads(bare)
        except ValueError:
            return False
        return bare[:1] in {"{", "["}
    if form == "table":
        return len(lines) > 1 and all(any(mark in each for mark in "|\t,;") for each in lines[:2])
    if form == "csv":
        return bool(lines) and all(any(mark in each for mark in ",;\t") for each in lines[:2])
    if form in {"bullets", "numbered"}:
        return bool(_LISTED.search(plain))
    if form == "yes or no":
        return bool(re.match(r"\W*(?:yes|no|sim|não)\b", plain, re.IGNORECASE))
    if form == "capitals":
        return plain == plain.upper()
    return len(numbers(plain)) == 1 and len(plain.split()) <= 12


def unmet(request: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text does not keep of its request: the name of the demand, and how."""
    for length in lengths(request):
        has = measure(text, length.unit)
        if (length.most is not None and has > length.most) or has < length.least:
            yield "length", f"{length.said.strip()!r} was asked for, and it has {has} {length.unit}"
    for form in forms(request):
        if not has_form(text, form):
            yield "form", f"{form} was asked for, and it is something else"


@check(name="request", gives=(Kind.TEXT, Kind.DATA), cost=0.0004, when=lambda each: each.answers)
async def keeps_to_the_request(subject: CheckInput) -> Verdict | None:
    """Hold an answer against what its request says of it."""
    request = subject.ask or subject.request
    texts = list((await subject.texts()).values())
    if not request or not texts or (not lengths(request) and not forms(request)):
        return None
    several = len(subject.outputs) > 1
    if several and any(each.kind in {Kind.TABLE, Kind.DATA} for each in subject.card.outputs):
        return None  # its words are one of several forms of one result
    for _, told in unmet(request, texts[0]):
        return doubt("request", told, score=0.4)
    return passed("request")


__all__ = (
    "Form",
    "Length",
    "forms",
    "has_form",
    "keeps_to_the_request",
    "lengths",
    "measure",
    "unmet",
)

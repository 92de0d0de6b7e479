"""Whether an answer is made of the words of its text: then nobody invented anything in it."""

from __future__ import annotations

import re

from herd_graph.coordination.checks.arithmetic import unworked
from herd_graph.coordination.checks.base import CheckInput, check, passed, source_words
from herd_graph.coordination.checks.natures import converses
from herd_graph.state import Verdict
from herd_graph.types import Kind

QUOTED = "caution:quoted"
"""The check that takes back what a card says of inventing facts."""
OF_TRUTH = re.compile(
    r"\b(?:invents?|makes? (?:things |facts )?up|hallucinat\w*|facts)\b", re.IGNORECASE
)
"""What a caution says that a quotation disproves; of an expert's code or orders it says nothing."""
_QUOTATION = re.compile(r"“([^”]+)”(?:[ \t]*\(([^()\n]|\([^()\n]*\))*\))?")
"""With its translation behind it."""
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_FRAME = frozenset(
    [
        "the",
        "text",
        "says",
        "does",
        "do",
        "not",
        "say",
        "anything",
        "about",
        "that",
        "this",
        "nearest",
        "to",
        "it",
        "is",
        "are",
        "was",
        "signed",
        "addressed",
        "yes",
        "no",
        "total",
        "due",
        "a",
        "an",
        "and",
        "or",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "until",
        "with",
        "as",
        "there",
        "only",
        "total",
        "each",
        "per",
        "tax",
        "incl",
        "inclusive",
        "item",
        "items",
        "o",
        "texto",
        "diz",
        "não",
        "nada",
        "sobre",
        "isso",
        "mais",
        "próximo",
        "é",
        "está",
        "assinado",
        "dirigido",
        "a",
        "sim",
        "e",
        "de",
        "do",
        "da",
        "em",
        "no",
        "na",
        "para",
        "até",
        "com",
        "por",
    ]
)
"""What an answer is framed with, whatever it is about."""
_MOST = 60_000
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


@check(name=QUOTED, gives=Kind.TEXT, takes=Kind.TEXT, cost=0.0003)
async def quoted(subject: CheckInput) -> Verdict | None:
    """Say where an answer in words is made of quotations from the text that it was asked about."""
    if not converses(subject.card):
        return None
    given = await source_words(subject)
    made = list((await subject.texts()).values())
    if not made or len(given) < 2:  # a question alone is no text to quote
        return None
    ground = "\n".join(each[:_MOST] for each in given)
    if all(is_quoted(each, ground, subject.request) for each in made):
        return passed(QUOTED, "its words stand in the text")
    return None


def is_quoted(answer: str, source: str, request: str = "") -> bool:
    """Say whether an answer's quotations stand in its source, and whatever else it says, too.

    Args:
        answer: *20h. The text says: “A piscina fecha às 20h.” (The pool closes at 20:00.)*
        source: What it was asked about, with the question.
        request: What the person asked for.
    """
    answer = unworked(answer)
    if answer and "×" not in answer:
        answer, source = (_THOUSANDS.sub("", each) for each in (answer, source))
    plain = " ".join(source.split()).casefold()
    said = [" ".join(each[1].split()).casefold() for each in _QUOTATION.finditer(answer)]
    if not all(each in plain for each in said):
        return False
    rest = _QUOTATION.sub(" ", answer).casefold()
    known = set(_WORD.findall(request.casefold())) | _FRAME
    if said:
        known |= set(_WORD.findall(plain))
        return all(each in known for each in _WORD.findall(rest))
    # Read off a form, line by line: words from here and there could say anything.
    forms = [set(_WORD.findall(each)) for each in source.casefold().splitlines()]
    lines = [set(_WORD.findall(each)) - known for each in rest.splitlines() if each.strip()]
    return bool(lines) and all(any(each <= form for form in forms) for each in lines)


__all__ = ("OF_TRUTH", "QUOTED", "is_quoted", "quoted")

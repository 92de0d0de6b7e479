# ruff: noqa: SIM905 - word lists are read and mended as words
"""Whether an answer stands in the text that it is about, and what of the text answers a question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .reading import field, statements, wanted

Vectors = Callable[[Sequence[str]], list[list[float]]]
"""Unit vectors of texts."""

COMPARED = 200
"""Sentences whose meaning is looked at; of more, those that share most words with the question."""
UNLIKE = 0.2
"""Cosine below which a sentence that shares no word with a question has nothing to do with it."""
ABOVE = 0.35
"""Of the words that a sentence shares with a question, what counts for the sentence behind it."""
NAMED = 0.7
"""The score, at least, of a line that begins with the name of what is asked for."""
LACKING = 0.7
"""What is left of a sentence without a price, where a price is asked for and the text has one."""
HELD = 0.75
"""The share of an answer's words that the text must hold."""
_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-ZÀ-Ý][\w'’-]+", re.MULTILINE)
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")
_EMPTY = frozenset(
    "answer text according says said states stated mention mentions mentioned document letter yes no "
    "question provided given passage author writer named called name names there".split()
)
_CLOSING = re.compile(
    r"(?:(?:with )?(?:kind|best|warm|kindest|warmest)? ?(?:regards|wishes)|yours(?: \w+)?|sincerely|love|cheers|"
    r"all the best|best|many thanks|thanks|thank you|(?:com os (?:meus )?|os )?melhores cumprimentos|cumprimentos|"
    r"atenciosamente|com estima|um (?:grande )?abraço|abraços|beijinhos|obrigad[oa])[,.!]?",
    re.IGNORECASE,
)

_FOR_WHOM = re.compile(
    r"^\W*(?:and |e )?(?:to|for) whom(?: (?:is|was))?(?: (?:wrote|written|sent|signed|addressed|it|this|the (?:letter|e?-?mail|message|note))\b.*)?\W*$"
    r"|^\W*(?:e )?(?:para|a) quem(?: (?:é|foi|se destina|escreveu|enviou|mandou|assinou|(?:est[ae]|[ao]) (?:carta|e-?mail|mensagem))\b.*)?\W*$"
    r"|\bwho(?:m)? (?:is|was) (?:it|this|(?:the|this) (?:letter|e?-?mail|message|note)) (?:written |sent |addressed )?(?:to|for)\W*$"
    r"|\bwho (?:is|was) the (?:recipient|addressee)\b|\bdestinat[aá]ri[oa]\b"
)
_SALUTATION = re.compile(
    r"(?:dear|hi|hello|car[oa]s?|querid[oa]s?|olá|exm[oa]\.?) ((?:[^\W\d_][\w.'’-]*[ ]?){1,6})[,:!]?",
    re.IGNORECASE,
)


def is_grounded(answer: str, question: str, found: Sequence[str], material: str) -> bool:
    """Say whether an answer can have come from a text.

    Args:
        answer: What was answered.
        question: What was asked.
        found: The sentences of the text that have most to do with the question.
        material: The whole text.
    """
    nearest, held = " ".join(found), _stems(material)
    figures = set(_FIGURE.findall(answer)) - set(_FIGURE.findall(question))
    if figures - set(_FIGURE.findall(nearest)):
        return False
    names = {stem(each.lower()) for each in _NAME.findall(answer)}
    if names - _stems(nearest) - _stems(question):
        return False
    said = _stems(answer) - _EMPTY
    new = said - _stems(question)
    if not said or not new:
        return re.match(r"\W*(?:yes|no)\b", answer, re.IGNORECASE) is not None and bool(said & held)
    if not new & _stems(nearest):
        return False
    return len(said & (held | _stems(question))) >= HELD * len(said)


def answering(question: str, material: str, vectors: Vectors) -> list[tuple[float, str]]:
    """Return the sentences of a text that have most to do with a question, the best first.

    A line that names what it says (*Phone: …*, a row of a table) is a sentence of its own. Empty
    where nothing has anything to do with the question.
    """
    given = list(dict.fromkeys(statements(material)))
    asked = Counter(_terms(question))
    bags = [Counter(_terms(each)) for each in given]
    spread = Counter(term for bag in bags for term in bag)
    weight = {term: math.log(1 + len(given) / (1 + spread[term])) + 0.1 for term in asked}
    whole = sum(weight.values()) or 1.0
    shared = [sum(weight[term] for term in asked if term in bag) / whole for bag in bags]
    order = sorted(range(len(given)), key=lambda at: -shared[at])[:COMPARED]
    if not order:
        return []
    made = vectors([question, *(given[at] for at in order)])
    kinds = wanted(question)
    floors: dict[int, float] = {}
    for kind in kinds:
        having = [at for at in order if kind.alone and kind.fits(given[at])]
        if len(having) == 1:
            floors[having[0]] = max(kind.alone, floors.get(having[0], 0.0))
    for at in order:
        named = set(_terms(field(given[at])))
        if named and named <= set(asked):  # *Deposit: …*, asked for the deposit
            floors[at] = max(NAMED, floors.get(at, 0.0))
    sure = [kind for kind in kinds if kind.alone and any(kind.fits(given[at]) for at in order)]
    scored: list[tuple[float, str]] = []
    for at, vector in zip(order, made[1:], strict=True):
        like = sum(a * b for a, b in zip(made[0], vector, strict=True))
        floor = floors.get(at, 0.0)
        if like < UNLIKE and not shared[at] and not floor:
            continue
        fits = max((each.weight for each in kinds if each.fits(given[at])), default=0.0)
        before = shared[at - 1] if at and (fits or shared[at]) else 0.0  # "it" is told of before
        about = ABOVE * before * (1 - shared[at])
        score = 0.6 * like + 0.4 * shared[at] + fits + about
        if sure and not any(kind.fits(given[at]) for kind in sure):
            score *= LACKING
        scored.append((max(score, floor), given[at]))
    return sorted(scored, key=lambda pair: -pair[0])


def signed_by(question: str, material: str) -> str:
    """Return the name under a letter, where its writer is asked for; empty otherwise."""
    if not re.search(
        r"\bwho (?:wrote|sent|signed|is (?:it|this|the \w+) from)\b|\bquem (?:[ao] )?(?:escreveu|assin(?:ou|a)|enviou|mandou)\b",
        question.lower(),
    ):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    for at, line in enumerate(lines[:-1]):
        if _CLOSING.fullmatch(line):
            return lines[at + 1].rstrip(".")
    return ""


def addressed_to(question: str, material: str) -> str:
    """Return the name that a letter begins with, where it is asked whom it is for; empty otherwise."""
    if not _FOR_WHOM.search(question.lower()):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    found = next((hit for line in lines if (hit := _SALUTATION.fullmatch(line))), None)
    return found[1].strip() if found else ""


def _terms(text: str) -> list[str]:
    return [stem(each) for each in words(text) if each not in STOP_WORDS]


def _stems(text: str) -> set[str]:
    return set(_terms(text))

# ruff: noqa: SIM905 - word lists are read and mended as words
"""Whether an answer stands in the text that it is about, and what of the text answers a question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from herd_graph.discovery.words import STOP_WORDS, stem, words

from .sentences import sentences

Vectors = Callable[[Sequence[str]], list[list[float]]]
"""Unit vectors of texts."""

COMPARED = 200
"""Sentences whose meaning is looked at; of more, those that share most words with the question."""
UNLIKE = 0.2
"""Cosine below which a sentence that shares no word with a question has nothing to do with it."""
HELD = 0.75
"""The share of an answer's words that the text must hold."""
_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-ZÀ-Ý][\w'’-]+", re.MULTILINE)
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")
_EMPTY = frozenset(
    "answer text according says said states stated mention mentions mentioned document letter yes no "
    "question provided given passage author writer named called name names there".split()
)
_TIMES = (
    r"(?i)\d|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|"
    r"may|june|july|august|september|october|november|december|morning|noon|evening|night|week|month|"
    r"year|day|hour|minute|tomorrow|today)s?\b"
)
_COUNTS = r"(?i)\d|[$€£]|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|hundred|thousand)\b"
_NAMES = (
    r"(?<![.!?:\"“] )(?<!^)\b(?!(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December|I)\b)[A-ZÀ-Ý][\w'’-]+"
)
_KINDS = (
    (r"\bwho(?:se|m)?\b", _NAMES),
    (r"\bwhen\b|\bwhat (?:time|day|date|year)\b|\bhow long\b", _TIMES),
    (r"\bhow (?:much|many|old|far|tall|big|large|high|heavy|often)\b", _COUNTS),
    (r"\bwhat (?:price|cost|amount|number)\b|\bwhat did .* cost\b", _COUNTS),
    (r"\bwhere\b", r"\b(?:in|at|on|near|behind|under|from|to) (?:the |our )?[A-ZÀ-Ý]"),
    (r"\bwhy\b", r"\b(?:because|since|so that|due to|in order to)\b"),
)  # fmt: skip
"""What an answer to each kind of question has in it."""
_QUESTION = re.compile(
    r"^\W*(?:(?:and|so|but|please|tell me|can you tell me|do you know|i want to know)\W+)*"
    r"(?:who|whose|whom|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|can|will|should)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:with )?(?:kind|best|warm|kindest|warmest)? ?(?:regards|wishes)|yours(?: \w+)?|sincerely|love|cheers|"
    r"all the best|best|many thanks|thanks|thank you)[,.!]?",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:write|rewrite|rephrase|draft|compose|translate|reply|respond|improve|correct|shorten|simplif\w+|"
    r"paraphrase|summari[sz]e|summary|explain|think|feel|opinion|suggest|recommend|sound|tone|mean)\b",
    re.IGNORECASE,
)


def asks_of_text(question: str) -> bool:
    """Say whether something is asked that a text states, or does not: a fact, no piece of writing."""
    asked = bool(_QUESTION.match(question)) or question.rstrip().endswith("?")
    return asked and not _TASK.search(question)


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

    Empty where none has anything to do with it.
    """
    given = list(dict.fromkeys(sentences(material)))
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
    wanted = next((form for ask, form in _KINDS if re.search(ask, question.lower())), None)
    scored: list[tuple[float, str]] = []
    for at, vector in zip(order, made[1:], strict=True):
        like = sum(a * b for a, b in zip(made[0], vector, strict=True))
        if like < UNLIKE and not shared[at]:
            continue
        fits = 0.25 if wanted and re.search(wanted, given[at]) else 0.0
        scored.append((0.6 * like + 0.4 * shared[at] + fits, given[at]))
    return sorted(scored, key=lambda pair: -pair[0])


def signed_by(question: str, material: str) -> str:
    """Return the name under a letter, where its writer is asked for; empty otherwise."""
    if not re.search(
        r"\bwho (?:wrote|sent|signed|is (?:it|this|the \w+) from)\b", question.lower()
    ):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    for at, line in enumerate(lines[:-1]):
        if _CLOSING.fullmatch(line):
            return lines[at + 1].rstrip(".")
    return ""


def _terms(text: str) -> list[str]:
    return [stem(each) for each in words(text) if each not in STOP_WORDS]


def _stems(text: str) -> set[str]:
    return set(_terms(text))

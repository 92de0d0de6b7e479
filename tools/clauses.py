"""The clauses of a question that asks several things: *what did it cost, and where is the shop?*."""

from __future__ import annotations

import re

_ASKS = (
    r"(?:(?:by|until|since|from|at|to|with|in|for|on) )?(?:who|whose|whom|what|which|when|where|why|how)\b(?! (?:ever|so ever)\b)"
    r"|(?:(?:a|o|em|de|por|para|até|desde|com) )?(?:quem|qual|quais|quando|onde|quant[oa]s?|como|porqu[eê]|por que|que horas?|que dia)\b"
    r"|(?:is|are|was|were|does|do|did|has|have|can|may|must|should) (?:there|it|he|she|they|we|i|the|my|this|that)\b"
)
_CUT = re.compile(
    rf"\s*[,;]\s*(?:and |e |also |then )*(?={_ASKS})|\s*[,;]\s*and (?:also )?(?=(?:is|are|does|do|can|may|must|should) [^\W\d_])|\s+and (?:also )?(?=(?:can|may|must|should|do) (?:i|we)\b)|\s+(?:and|e)(?: also| then)?\s+(?={_ASKS})|\?+\s+(?:and |e |also )*(?={_ASKS})",
    re.IGNORECASE,
)
_HEAD = re.compile(rf"^\W*(?:{_ASKS})", re.IGNORECASE)
_TELLS = re.compile(
    r"^\W*(?:(?:please|hi|hello|can you|could you|would you) )*(?:tell me|say|do you know|i(?:'d| would)? (?:want|like|need) to know|diz-me|diga-me)\b[\s:,]*",
    re.IGNORECASE,
)
_KEPT = re.compile('["“”:\n]')
"""What is quoted or given is not cut."""
_BARE = re.compile(
    rf"(?:{_ASKS})(?: (?:time|day|date|hour|so [^\W\d_]+|exactly|then|else|price|place|much|long|often))?"
    r"(?: (?:is|was|are|é|são|foi))?(?: (?:it|that|this|they|isso|ele|ela))?",
    re.IGNORECASE,
)
"""A clause without a verb: it asks of what another was about, *and where?*"""
_IS = re.compile(r"(?:is|was|are|were|é|são|foi)\b", re.IGNORECASE)
_IS_IT = re.compile(rf" {_IS.pattern} (?:it|that|this|they|ele|ela|isso)$", re.IGNORECASE)
_JOINED = re.compile(r"(?:and|or|e|ou)\b", re.IGNORECASE)
FEW = 4
"""Words of each of several questions that are hardly more than a word: *rent? notice?*"""
MOST = 5
"""Clauses; of more, the question is left whole."""


def clauses(question: str) -> list[str]:
    """Return what a question asks, each by itself; the question alone where it asks one thing.

    Args:
        question: In English or Portuguese.
    """
    whole = " ".join(question.split())
    if _KEPT.search(whole):
        return [whole]
    short = [each.strip(" .!,;") for each in whole.split("?") if each.strip(" .!,;")]
    alone = [len(e.split()) <= FEW and not _HEAD.match(e) and not _JOINED.match(e) for e in short]
    if 1 < len(short) <= MOST and all(alone):
        return short  # *pets? keys when?*
    bare = _TELLS.sub("", whole)
    cut = [each.strip(" ?.!,;") for each in _CUT.split(bare)]
    cut = [each for each in cut if each]
    if not 1 < len(cut) <= MOST or not _HEAD.match(cut[0]):
        return [whole]
    return cut


def bare(clause: str) -> bool:
    """Say whether a clause has no verb of its own: *until when*, *and why*."""
    return _BARE.fullmatch(clause) is not None


def in_full(clause: str, among: list[str]) -> str:
    """Return a clause without a verb with what its neighbour was about: *where is the meeting*.

    Args:
        clause: One of ``among``.
        among: The clauses of the question.
    """
    if not _BARE.fullmatch(clause):
        return clause
    told = next((each for each in among if not _BARE.fullmatch(each)), "")
    rest = _HEAD.sub("", told).removeprefix(chr(39) + "s").strip()
    if _IS.match(rest):  # *when is the fair and where is it?*
        clause = _IS_IT.sub("", clause)
    return f"{clause} {rest}".strip()

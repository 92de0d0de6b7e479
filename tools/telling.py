"""How much a sentence tells of what its text is for: its place, the reason for writing, what was settled."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from .alike import terms
from .reading import field

_PURPOSE = re.compile(
    r"(?i)\b(?:(?:i am|i'm|we are|we're) (?:writing|getting in touch)|i write|we write|(?:i|we)(?:'d| would)? (?:like|want|wish) to (?:inform|tell|let|confirm|invite|complain|apply|offer|ask|remind|announce)|"
    r"(?:am|are|is) (?:pleased|happy|sorry|delighted) to|(?:am|are) (?:very |really )?(?:sorry|disappointed)|hereby|this (?:letter|note|mail|message) is|quick update|just to (?:say|confirm|let you know)|let you know that|"
    r"is recalling|i want|we want|i demand|has (?:been )?(?:decided|announced|approved)|escrevo|escrevemos|vimos (?:por este meio )?(?:informar|comunicar|convidar)|serve (?:a presente|esta)|venho por este meio|gostar(?:ia|íamos) de (?:informar|convidar|pedir)|informamos)\b"
)
_SETTLED = re.compile(
    r"(?i)\b(?:we (?:have )?(?:agreed|decided)|(?:was|were) (?:agreed|decided|approved)|unfortunately|infelizmente|takes? place|(?:will be|is|are) (?:closed|shut|open|turned off|moved|cancelled|moving)|will (?:go|rise|close|shut|not stop|increase)|goes up|begins? on|starts? on|fica marcad[oa]|ficou decidido|decidiu-se)\b"
)
_FORMAL = re.compile(
    r"(?i)^\W*(?:if (?:you have|anything|there are|you need)|please (?:do not|don't) hesitate|for (?:more|further)|(?:i am |we are |i'm )?looking forward|i look forward|we look forward|thanks?\b|thank you\b(?! for (?:referring|your (?:order|application|enquiry)))|"
    r"hello everyone|good (?:morning|afternoon|evening)|hope (?:you|this)|i hope|see you|have a|kind|best|yours|se (?:tiver|precisar|quiser)|para mais|obrigad[oa]\b|ficamos|fico|aguard|até (?:breve|logo)|peço desculpa pelo inc[oó]modo)"
)
_LEANS = re.compile(
    r"^\W*(?:The reason|It|They|He|She|This|That|These|Those|But|And|So|Also|Then|Ele|Ela|Isto|Isso|Mas|Também)\b"
)
_CONTACT = re.compile(r"\w@\w|\b\d{3}[ -]\d{3}|\bwww\.")
_FEW = 25
"""Sentences up to which the place of one says more than what it shares with the others."""
_TELLS = 6
"""Words that a reason for writing has at least."""
_SETS_OUT = 1.7
_SETTLES = 1.35
_ASIDE = 0.45
_UNRELATED = 0.75
_TITLED = 0.8


def weights(given: Sequence[str], title: str = "") -> list[float]:
    """Return how much each sentence of a text tells, 1 for one that has nothing to say for or against it.

    Args:
        given: The sentences, in their order.
        title: The text's heading, or the subject of a mail.
    """
    named = set(terms(title))
    return [_weight(each, at, len(given), named) for at, each in enumerate(given)]


def _weight(sentence: str, at: int, count: int, title: set[str]) -> float:
    made = 1 + (0.9 if count <= _FEW else 0.3) * math.exp(-at / 2.5)
    if _PURPOSE.search(sentence) and len(sentence.split()) >= _TELLS:
        made *= _SETS_OUT
    elif _SETTLED.search(sentence):
        made *= _SETTLES
    if _FORMAL.match(sentence) or sentence.rstrip().endswith("?"):
        made *= _ASIDE
    if _LEANS.match(sentence) or _CONTACT.search(sentence):
        made *= _UNRELATED
    if field(sentence):
        made *= _ASIDE
    if title:
        made *= 1 + _TITLED * len(title & set(terms(sentence))) / len(title)
    return made

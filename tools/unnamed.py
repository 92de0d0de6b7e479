"""Questions that name nothing: *how long does it take?*, *where is he?*, *until when?*.

No word of theirs stands in the text. What answers them is known by its form alone, and only where
one line has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .passages import Passage
from .pieces import asked_for, found


def of_itself(question: str, told: Sequence[Passage], order: Sequence[int]) -> list[int]:
    """Return the lines that answer a question which names nothing: *how long does it take?*."""
    low = question.lower()
    if _TAKES.search(low):
        having = [
            at for at in order if _TAKEN.search(told[at].text) and found("long", told[at].text)
        ]
        return having or [at for at in order if "last" in low and _RANGE.search(told[at].text)]
    if asked_for(question) == "money" and not _PART.search(low):
        form = next((said for asks, said in _PAYS if re.search(asks, low)), r"\d")
        priced = [at for at in order if found("money", told[at].text)]
        said = [at for at in priced if re.search(form, told[at].text.lower())]
        return said or (priced if _WANTS.search(low) else [])
    if asked_for(question) == "money" and _PART.search(low):
        return [at for at in order if _REFUNDS.search(told[at].text)]
    if _BY_WHEN.search(low):
        return [at for at in order if _ENDS_BY.search(told[at].text)]
    if _WHERE_I.search(low):
        return [at for at in order if _I_AM.search(told[at].text)]
    if _WHEN_IS.search(low):
        return [
            at
            for at in order
            if any(
                re.search(r"[:.h]\d|\d ?[ap]m|o.clock", e) and re.search(r"[a-zç]{3}", e.lower())
                for e in found("when", told[at].text)
            )
        ]
    return []


_TAKES = re.compile(
    r"\bhow long (?:does|do|will|did) (?:it|this|that|they|the \w+)(?: \w+)? (?:take|last)\b|\bquanto tempo (?:demora|dura|leva)\b"
)
_TAKEN = re.compile(
    r"(?i)\b(?:takes|took|lasts|lasted|will (?:take|last)|should take|(?:take|last)s? (?:about|around|up to|\d)|demora|dura|leva)\b"
)
_RANGE = re.compile(
    r"(?i)\d ?(?:[ap]\.?m\.?)? ?(?:[-–]|to|till|until|às|até) ?\d{1,2}(?:[:.]\d{2})? ?(?:[ap]\.?m\b|h\b|$)"
)
_WANTS = re.compile(r"\bwants?\b|\bquer\b")
_REFUNDS = re.compile(
    r"(?i)\b(?:refund|reimburse|pay back|give (?:us|me) back|devolv\w+|reembols\w+)(?: \w+){0,3} (?:[€£$] ?)?\d"
)
_PART = re.compile(r"\b(?:back|still|left|more|each|return|refund|discount)\b")
_PAYS = (
    (r"\b(?:pay|paid|pag\w+|spend|spent)\b", r"\b(?:pay|paid|pag|pág|spen[dt]|cost|fee|charge)"),
    (r"\b(?:cost|price|custa|custou|fee)\w*\b", r"\b(?:cost|price|fee|charge|pay|cust|preço)|[€£$]|\bfor \d"),
    (r"\b(?:want|ask|demand|quer|pede)\w*\b", r"\b(?:want|ask|demand|charge|quer|ped|need)"),
    (r"\bowe|\bdev", r"\bow(?:e|ing)|\bdue|\bdev"),
)  # fmt: skip
"""What is done with an amount has to be said of it: a discount is not what somebody paid."""
_BY_WHEN = re.compile(
    r"\b(?:until|till|by) when\b|\baté quando\b|\bwhat is the deadline\b|\bwhen is the (?:deadline|closing date)\b"
)
_ENDS_BY = re.compile(
    r"(?i)\b(?:by|until|till|before|no later than|até)(?: ao?| o)?(?: dia)? (?:the )?(?:\d{1,2}\b(?! ?(?:[ap]m|people))|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the end of|tomorrow|noon|(?:segunda|terça|quarta|quinta|sexta)|sábado|domingo)"
)
_WHERE_I = re.compile(
    r"^\W*(?:and |so )?where (?:am|is|are) (?:i|s?he|they|we)(?: now| calling from| right now)?\W*$"
)
_I_AM = re.compile(
    r"(?i)\b(?:i['’]m|i am|we['’]re|we are|calling from|estou|estamos)(?: still| now| just)? (?:at|in|on|from|near|em|no|na)\b|\bcalling from\b"
)
_WHEN_IS = re.compile(
    r"^\W*(?:and |so )?(?:when|what time|at what time|quando|a que horas?) (?:is (?:it|this|that)|do (?:i|we) (?:have to|need to) (?:be|come|go)|must (?:i|we) (?:be|come)|é)(?: there| here| on)?\W*$"
)


__all__ = ("of_itself",)

"""What is done to a total: *how much is left of 2000*, *the total split between four*."""

from __future__ import annotations

import re
from typing import NamedTuple

from .numerals import UNITS

_LEFT = re.compile(
    r"\b(?:how much|what)(?: money)?(?:'s| is| are| would| will| do we| do i| remains?)*(?: be| have)? (?:left|remaining|over|remains)(?: over)?(?: of| from| out of| if (?:we|i) have| with)? (?:my |our |the |a budget of |an? )*[€$£]?(?P<n>\d[\d,]*(?:\.\d+)?)(?: ?(?:€|euros?|dollars?|pounds?))?"
    r"|\bhow much of (?:my |our |the )*[€$£]?(?P<m>\d[\d,]*(?:\.\d+)?)(?: ?(?:€|euros?|dollars?|pounds?))? (?:is|would be|will be|remains|do we have|do i have)(?: left| over| remaining)*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r",?\s*\bif (?:we|they|i) (?:split|share|divide)d? (?P<all>all (?:the |our )?\w+ |everything |it |the \w+ )?(?:equally |evenly )?(?:in|into|by|between|among) (?:the |us )?(?P<k>\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)\b(?: of us| people| persons| friends| ways| parts)?"
    r"|,?\s*\bsplit (?:the |it |that )?(?:total |sum |bill |whole |amount )?(?:by|between|among|into) (?:the |us )?(?P<m>\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)\b(?: of us| people| persons| friends| ways| parts)?"
    r"|,?\s*\b(?:split|divided|shared?|divide (?:it|that)|split (?:it|that)|share (?:it|that))(?: equally| evenly| up)*(?: between| among| by| over| into| for)? (?:the |us )?(?P<n>\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)(?: of us| people| persons| friends| ways| parts| equal parts)?\b",
    re.IGNORECASE,
)


class Wrapped(NamedTuple):
    """A question for a total, and what is done to it."""

    question: str
    sql: str
    """With ``{}`` where the query of the total stands."""
    said: str
    name: str


def wrapped(question: str) -> Wrapped | None:
    """Read what is done to a total; None where a question does nothing to one.

    Args:
        question: In English.
    """
    if found := _LEFT.search(question):
        number = (found["n"] or found["m"]).replace(",", "")
        rest = f"{question[: found.start()]} {question[found.end() :]}"
        rest = re.sub(
            r"\b(?:after|once|when) (?:all (?:of )?)?(?:this|that|these|it)\b(?: is paid| are paid)?|\bafter everything\b",
            " ",
            rest,
            flags=re.IGNORECASE,
        )
        return Wrapped(
            _total(rest), f"{number} - ({{}})", f"what is left of {number} after the", "left"
        )
    if found := _SPLIT.search(question):
        said = (found["n"] or found["m"] or found["k"]).lower()
        number = str(UNITS.get(said, said))
        rest = f"{question[: found.start()]} {question[found.end() :]}"
        rest = re.sub(
            r"\bhow much (?:does|would|should|must|will) (?:each|everyone|everybody|every person)(?: one)?(?: of us)? (?:pay|get|owe|have to pay)\b|\beach\b",
            " total ",
            rest,
            flags=re.IGNORECASE,
        )
        return Wrapped(_total(rest), f"({{}}) / {number}.0", f"one part of {number} of the", "each")
    return None


def _total(rest: str) -> str:
    text = " ".join(rest.split()).strip(" ,;?.")
    text = re.sub(
        r"^(?:please |can you |could you )*(?:split|divide|share)\b", "", text, flags=re.IGNORECASE
    ).strip()
    if re.search(r"\b(?:total|sum|altogether)\b", text, re.IGNORECASE):
        return text
    return f"total {text}".strip()

"""Do the sum, or the conversion, that a text asks for: *answer the question in this recording*."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

from .numerals import digits
from .sentences import sentences

_DONE = re.compile(
    r"\banswer(?:s|ed)?\b(?! (?:in|to me|as|with)\b)[^.?!]{0,40}\b(?:question|it|that|this|what (?:is|was) asked)\b|^\W*(?:please )?answer (?:it|this|that)\b"
    r"|\bdo (?:what|as) (?:it|he|she|they|the \w+|this|that)(?: \w+)? (?:asks?|says?|wants?|tells?)\b"
    r"|\b(?:what(?:['’]?s| is)|give me|tell me)? ?(?:the )?(?:answer|result|solution)(?: to (?:it|that|this|the question|what \w+ asks?))?\W*$"
    r"|\b(?:work out|solve|calculate|compute|convert)\b[^.?!]{0,30}\b(?:what (?:is|was)|it|that|this) (?:asks?|asked|says?|said|wants?)\b"
    r"|\bwhat (?:it|he|she|the \w+) (?:asks?|wants?)(?: for| to know| converted| worked out)?\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:convert|calculate|compute|work out|how (?:much|many|far|long)|what(?:['’]?s| is| are))\b",
    re.IGNORECASE,
)
MOST = 60
"""Words of a text that may be a question and little else."""


def as_told(message: str, text: str) -> str | None:
    """Return what comes of the sum that a short text asks for; None where it asks for none.

    Args:
        message: What the person wants: *answer it*, *do what the note says*.
        text: What was heard or read.
    """
    said = digits(" ".join(text.split()))
    if len(said.split()) > MOST or not _DONE.search(message) or not re.search(r"\d", said):
        return None
    asked = [each for each in sentences(said) if re.search(r"\d", each)]
    made = [_worked_out(each) if _ORDER.search(each) else None for each in asked]
    found = [each for each in made if each is not None]
    return "\n".join(found) if found and len(found) == len(made) else None


def _worked_out(question: str) -> str | None:
    for tool in _tools():
        try:
            return str(tool(Text(question)))
        except PortViolation:
            continue
    return None


@lru_cache(maxsize=1)
def _tools() -> tuple[Callable[[Text], object], ...]:
    """Return those who reckon; imported here, for they are experts like the one that asks."""
    from .finance import Finance
    from .maths import Calculate
    from .units import ConvertUnits

    return (ConvertUnits, Finance, Calculate)


__all__ = ("as_told",)

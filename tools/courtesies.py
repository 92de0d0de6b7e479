"""Words of politeness: they end a wish and are no part of what is wished for."""

from __future__ import annotations

import re

_WORDS = (
    r"please|pls+|plz+|pleas|thx|thnx|tnx|thanks(?: (?:a lot|so much|very much|in advance|a million))?"
    r"|thank you(?: (?:very much|so much|in advance))?|ty|cheers|por favor|obrigad[oa]|gracias|merci|danke|bitte"
)
_COURTESIES = re.compile(rf"[\s,]*(?<![\w'-])(?:{_WORDS})(?![\w'-])", re.IGNORECASE)
_LAST = re.compile(r"[\s.,!?]+\Z")


def without_courtesies(text: str) -> str:
    """Return a wish without its *please* and *thanks*: *10 miles to km pls* is *10 miles to km*.

    They are taken from wherever they stand, for a wish may go on behind them: *350 F in C pls, and
    12 stone in kg*. Use it on what is asked, never on content: a letter may be about thanks. A text
    of nothing else is given back as it is, so that who refuses it can say what was written.
    """
    plain = _COURTESIES.sub("", text)
    return plain.strip() if _LAST.sub("", plain) else text

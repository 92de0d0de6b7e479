"""Cut a text where its writer begins to repeat itself: small language models do, until they are stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"(?<=[.!?…])(?<!\d\.)[\"”')\]]*\s+|\n+")
LEAST = 12
"""Letters of a sentence that may not stand twice; shorter ones (*Yes.*) may."""
PERIOD = 12
"""Words of the longest phrase whose repetition is looked for."""
TIMES = 3


def without_loops(pieces: Iterator[str]) -> Iterator[str]:
    """Yield pieces of a text as they come, up to where a sentence or a phrase is said again.

    What may become a repetition is held back until it is none. The source is closed at the end, so
    that whoever writes stops.
    """
    told: set[str] = set()
    whole = current = ""
    given = 0
    """How much of the current sentence has been yielded."""
    try:
        for piece in pieces:
            current += piece
            whole = (whole + piece)[-2_000:]
            while found := _END.search(current):
                sentence, current = current[: found.end()], current[found.end() :]
                key = _key(sentence)
                if len(key) >= LEAST and key in told:
                    return
                told |= {key} - {""}
                yield sentence[given:]
                given = 0
            if turns(whole):
                return
            begun = _key(current)
            if not begun or any(each.startswith(begun) for each in told):
                continue
            if given < len(current):
                yield current[given:]
                given = len(current)
        if given < len(current) and _key(current) not in told:
            yield current[given:]
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()


def _key(sentence: str) -> str:
    """Return a sentence by its letters: numbers before it, and signs, do not make another one."""
    return "".join(re.findall(r"[^\W\d_]+", sentence.casefold()))


def turns(text: str) -> bool:
    """Say whether the last words of a text have been said over and over."""
    spoken = text.casefold().split()[-PERIOD * TIMES :]
    for length in range(1, PERIOD + 1):
        times = TIMES if length > 2 else TIMES + 2
        last = spoken[-length:]
        if len(spoken) >= length * times and spoken[-length * times :] == last * times:
            return any(each.isalpha() for word in last for each in word)
    return False

"""What a text is like besides what it means: length, digits, code, options, script.

Embeddings of whole sentences hold these badly, and they tell easy prompts from hard ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.floating[Any]]
else:
    Floats = Any

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_OPTION = re.compile(r"(?:^|\n|\s)\(?([A-Ha-h])[.):]\s")
_CODE = re.compile(r"def |return |assert |import |class |=>|==|\{|\};|</|```|lambda|print\(")
_MATHS = re.compile(r"\\[a-zA-Z]+|[=<>^]|\$[^$]+\$|\bsqrt\b")
_SENTENCE = re.compile(r"[.!?](?:\s|$)")
_ASKS = ("what", "which", "who", "when", "where", "why", "how", "how many", "write", "name")
NAMES = (
    "log_chars",
    "log_words",
    "word_length",
    "digit_share",
    "numbers",
    "largest_number",
    "decimals",
    "upper_share",
    "punctuation_share",
    "not_ascii_share",
    "lines",
    "longest_line",
    "sentences",
    "options",
    "code",
    "maths",
    "brackets",
    "quotes",
    "question_marks",
    "ends_with_question",
    "different_words",
    *(f"asks_{each.replace(' ', '_')}" for each in _ASKS),
)
_READ = 20_000
"""No text is told apart by what stands beyond its first characters."""


def surface(texts: Sequence[str]) -> Floats:
    """Return what each text is like, of shape (texts, len(NAMES))."""
    import numpy as np

    rows = [_of(text) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(NAMES))


def _of(whole: str) -> list[float]:
    import math

    text = whole[:_READ]
    count = max(1, len(text))
    spoken = _WORD.findall(text)
    numbers = [each.replace(",", "") for each in _NUMBER.findall(text)]
    lines = text.split("\n")
    low = text.lower()
    start = low[:200]
    largest = max((len(each.partition(".")[0]) for each in numbers), default=0)
    return [
        math.log1p(len(whole)),
        math.log1p(len(spoken)),
        sum(map(len, spoken)) / max(1, len(spoken)),
        sum(map(str.isdigit, text)) / count,
        math.log1p(len(numbers)),
        float(min(largest, 20)),
        math.log1p(sum("." in each for each in numbers)),
        sum(map(str.isupper, text)) / count,
        sum(not (each.isalnum() or each.isspace()) for each in text) / count,
        sum(not each.isascii() for each in text) / count,
        math.log1p(len(lines)),
        math.log1p(max(map(len, lines))),
        math.log1p(len(_SENTENCE.findall(text))),
        float(min(len({each.lower() for each in _OPTION.findall(text)}), 8)),
        math.log1p(len(_CODE.findall(text))),
        math.log1p(len(_MATHS.findall(text))),
        math.log1p(sum(text.count(each) for each in "([{")),
        math.log1p(text.count('"') + text.count("'")),
        math.log1p(text.count("?")),
        float(text.rstrip().endswith("?")),
        len({each.lower() for each in spoken}) / max(1, len(spoken)),
        *(float(each in start) for each in _ASKS),
    ]


__all__ = ("NAMES", "surface")

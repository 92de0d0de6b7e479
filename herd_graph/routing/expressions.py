"""Find arithmetic in a sentence, in signs or in words."""

from __future__ import annotations

import re

from herd_graph.routing.lexicon import NUMBERS

_SPOKEN: tuple[tuple[str, str], ...] = (
    (r"[×·]", "*"),
    (r"÷", "/"),
    (r"[−–]", "-"),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"(?<=[\d)])\s*x\s*(?=[\d(])", " * "),
    (r"\bmultiplied by\b|\btimes\b", "*"),
    (r"\bdivided by\b|(?<=\d)\s+over\s+(?=\d)", "/"),
    (r"(?<=[\d)])\s+plus\s+(?=[\d(s])", " + "),
    (r"(?<=[\d)])\s+minus\s+(?=[\d(s])", " - "),
    (r"\s*\b(?:raised )?to the power (?:of )?(?=\d)", "^"),
    (r"\s+squared\b", "^2"),
    (r"\s+cubed\b", "^3"),
    (r"\b(?:the )?square root of\s+(\d+(?:\.\d+)?|\([^()]*\))", r"sqrt(\1)"),
    (r"\b(?:the )?square of\s+(\d+(?:\.\d+)?)", r"\1^2"),
    (r"\b(?:the )?cube of\s+(\d+(?:\.\d+)?)", r"\1^3"),
    (r"\b(?:the )?factorial of\s+(\d+)", r"factorial(\1)"),
    (r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)\s+of\s+(\d+(?:\.\d+)?)", r"\1/100 * \2"),
    (r"\b(?:two|2) thirds of\s+(\d+(?:\.\d+)?)", r"2/3 * \1"),
    (r"\b(?:a|one) third of\s+(\d+(?:\.\d+)?)", r"\1 / 3"),
    (r"\b(?:three|3) quarters of\s+(\d+(?:\.\d+)?)", r"3/4 * \1"),
    (r"\b(?:a|one) quarter of\s+(\d+(?:\.\d+)?)", r"\1 / 4"),
    (r"\bhalf of\s+(\d+(?:\.\d+)?)", r"\1 / 2"),
    (r"\bsum of\s+(\d+(?:\.\d+)?)\s+and\s+(\d+(?:\.\d+)?)", r"\1 + \2"),
    (r"\bproduct of\s+(\d+(?:\.\d+)?)\s+and\s+(\d+(?:\.\d+)?)", r"\1 * \2"),
    (r"\b(?:add|sum(?: up)?)\s+(\d+(?:\.\d+)?)\s+(?:and|to)\s+(\d+(?:\.\d+)?)", r"\1 + \2"),
    (r"\bmultiply\s+(\d+(?:\.\d+)?)\s+(?:by|and|with)\s+(\d+(?:\.\d+)?)", r"\1 * \2"),
    (r"\bdivide\s+(\d+(?:\.\d+)?)\s+by\s+(\d+(?:\.\d+)?)", r"\1 / \2"),
    (r"\bsubtract\s+(\d+(?:\.\d+)?)\s+from\s+(\d+(?:\.\d+)?)", r"\2 - \1"),
)
_NUMBER_WORDS = re.compile(
    rf"\b({'|'.join(NUMBERS)})\b(?=\s+(?:plus|minus|times|multiplied|divided|over|squared|cubed|percent)\b)"
    rf"|(?<=plus )({'|'.join(NUMBERS)})\b|(?<=minus )({'|'.join(NUMBERS)})\b"
    rf"|(?<=times )({'|'.join(NUMBERS)})\b|(?<=divided by )({'|'.join(NUMBERS)})\b"
)
_FUNCTION = r"(?:sqrt|sin|cos|tan|log|ln|exp|abs|factorial)"
_ATOM = rf"(?:{_FUNCTION}\s*(?=\()|\d+(?:\.\d+)?(?:[a-z](?![a-z]))?|\b(?:pi|[a-z])\b(?!')|[()])"
_SIGN = r"(?:\*\*|[-+*/^%!=])"
_RUN = re.compile(rf"(?:-\s*)?{_ATOM}(?:\s*(?:{_SIGN}\s*)*{_ATOM}|\s*!)*", re.IGNORECASE)
_DATE = re.compile(r"^\d+([-/])\d+(?:\1\d+)?$")
_COUNTED = re.compile(rf"{_SIGN}|{_FUNCTION}\s*\(")


def find_expression(text: str) -> str | None:
    """Return the longest arithmetic expression in a text; None where there is none.

    ``"what's 15% of 80?"`` gives ``"15/100 * 80"``. Dates and lone numbers are none.
    """
    spoken = _NUMBER_WORDS.sub(lambda found: str(NUMBERS[found.group().lower()]), text[:2000])
    for pattern, replacement in _SPOKEN:
        spoken = re.sub(pattern, replacement, spoken, flags=re.IGNORECASE)
    best: str | None = None
    for run in _RUN.finditer(spoken):
        found = _trimmed(run.group())
        digits = re.search(r"\d", found)
        if not digits or not _COUNTED.search(found) or _DATE.match(found):
            continue
        if best is None or len(found) > len(best):
            best = found
    return best


def _trimmed(run: str) -> str:
    """Cut off words that only look like variables, open signs and brackets without a partner."""
    found = _balanced(run.strip())
    while True:
        before = found
        found = re.sub(r"^[a-z]\s+(?=[\d(a-z])", "", found)  # the article in "a 3 * 4"
        found = re.sub(r"\s*(?:\*\*|[-+*/^%=])\s*$", "", found)
        found = _balanced(re.sub(r"\(\s*\)$", "", found).strip())
        if found == before:
            return " ".join(found.split())


def _balanced(found: str) -> str:
    """Close open brackets; cut before one that closes nothing."""
    depth = 0
    for place, sign in enumerate(found):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return _balanced(found[:place].rstrip())
    return found + ")" * depth

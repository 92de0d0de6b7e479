# ruff: noqa: SIM905 - word lists are read and mended as words
"""Write numbers the one way that every calculator reads: *two hundred and five* and *1.234,50*."""

from __future__ import annotations

import re

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen".split()
)
UNITS = {word: value for value, word in enumerate(SMALL)}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9}
_WORD = "|".join(sorted([*UNITS, *TENS, *SCALES], key=len, reverse=True))
_SPELLED = re.compile(
    rf"(?<![\w/-])(?:an?\s+(?=(?:hundred|thousand|million|billion)\b))?(?:{_WORD})"
    rf"(?:(?:\s+|-)(?:and\s+(?=(?:{_WORD})\b))?(?:{_WORD})\b){{0,14}}"
    rf"(?:\s+point(?:\s+(?:{'|'.join(SMALL[:10])})\b){{1,14}})?(?![\w/-])",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)+(?![\d%]*[,.]\d)")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d])")


def digits(text: str) -> str:
    """Replace numbers in words by digits: *two hundred and fifty* is 250."""
    return _SPELLED.sub(_read, text)


def _read(found: re.Match[str]) -> str:
    whole, _, decimals = found.group().lower().partition(" point")
    spoken = re.findall(r"[a-z]+", whole)
    total, group, least = 0, 0, 10**12
    said: list[int] = []
    for word in spoken:
        value = UNITS.get(word, TENS.get(word))
        if value is not None:
            size = 100 if word in TENS and value >= 20 else 10 if value < 10 else 100
            if group % size:  # "three four": two numbers
                said.append(total + group)
                total, group, least = 0, 0, 10**12
            group += value
        elif word == "hundred":
            group = max(1, group) * 100
        elif word in SCALES:
            if SCALES[word] >= least:
                return found.group()
            least = SCALES[word]
            total, group = total + max(1, group) * least, 0
    said.append(total + group)
    if len(said) > 1:
        return found.group() if "and" not in spoken else " and ".join(map(str, said))
    fraction = "".join(str(UNITS[word]) for word in decimals.split())
    return f"{said[0]}.{fraction}" if fraction else str(said[0])


def plain_numbers(text: str) -> str:
    """Write decimals with a point and thousands with nothing.

    One comma with other than three digits behind it is a decimal comma; *1,250* is one thousand two
    hundred and fifty. What can be read neither way stays as it stands.
    """
    joined = _SPACED.sub(lambda found: re.sub(r"\s", "", found.group()), text)
    return _NUMERAL.sub(lambda found: _numeral(found.group()), joined)


def _numeral(written: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", written) and not written.startswith("0"):
        return written.replace(",", "")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", written):
        return written.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", written):
        return written.replace(".", "")
    if re.fullmatch(r"\d+,\d+", written):
        return written.replace(",", ".")
    return written

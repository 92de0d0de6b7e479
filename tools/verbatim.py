"""What a translation carries over as it stands: addresses, codes, numbers, names in capitals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

_ALWAYS = re.compile(
    r"<?[\w.+-]+@[\w-]+(?:\.[\w-]+)+>?"  # mail addresses, with their brackets
    r"|(?:https?://|www\.)[^\s<>\"”»]*[\w/=&#-]"
    r"|(?<![\w/])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|eu|pt|br|uk|io|example|csv|pdf|txt|docx?|xlsx?|jpe?g|png|json|zip)\b"
    r"(?:/[\w./?=&#-]*[\w/])?"
    r"|(?<!\w)[@#][^\W\d]\w+"
    r"|(?<![\w-])(?=[\w/-]*\d)(?=[\w/-]*[A-Z])[A-Z0-9]{2,}(?:[-/][A-Za-z0-9]+)*(?![\w-])"  # AB-12/7, PT50
    r"|(?<![\w-])[A-Z]{1,5}(?:[-/]\d[\w/-]*\w|-[A-Z]{2,})(?![\w-])"
    r"|(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])"
    r"|(?<![\w.,])\+?\(?\d{2,5}\)?(?: \d{2,5}){2,5}(?![\w])"  # telephone and account numbers
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CAPITALS = re.compile(r"(?<![\w-])[A-ZÀ-Ý]{2,}(?: [A-ZÀ-Ý]{2,})*(?![\w-])")
_KNOWN = frozenset({"VAT", "IVA", "UN", "ONU", "EU", "UE", "USA", "EUA", "AM", "PM", "OK", "TV"})
"""Short words in capitals that another language writes otherwise."""
_WORD = re.compile(r"[^\W\d_]{2}")
_MARK = "X{}"
_MARKED = re.compile(r"\bX(\d+)\b")


def carried(piece: str, translate: Callable[[str], str]) -> str:
    """Translate a piece of text around what must come through it unchanged.

    That is replaced by marks, which the networks copy, and put back. Where a mark is lost, what
    stands between the marks is translated by itself: worse prose, and nothing lost.

    Args:
        piece: A sentence.
        translate: Translates one.
    """
    if _MARKED.search(piece):
        return _apart(piece, _spans(piece, numbers=False), translate)
    for numbers in (False, True):
        spans = _spans(piece, numbers=numbers)
        made = _around(piece, spans, translate)
        if made is not None and (numbers or _holds(piece, made)):
            return made
    return _apart(piece, _spans(piece, numbers=True), translate)


def _spans(piece: str, *, numbers: bool) -> list[tuple[int, int]]:
    """Return what is kept, from left to right: with numbers and capitals where those were lost."""
    found = [each.span() for each in _ALWAYS.finditer(piece)]
    if numbers:
        extra = [each.span() for each in _NUMBER.finditer(piece)]
        if not piece.isupper():
            extra += [e.span() for e in _CAPITALS.finditer(piece) if e.group() not in _KNOWN]
        found += [
            (start, end)
            for start, end in extra
            if not any(start < other_end and end > other for other, other_end in found)
        ]
    return sorted(found)


def _around(
    piece: str, spans: list[tuple[int, int]], translate: Callable[[str], str]
) -> str | None:
    """Translate with marks; None where one was lost or doubled."""
    if not spans:
        return translate(piece)
    parts: list[str] = []
    end = 0
    for number, (start, stop) in enumerate(spans, 1):
        parts += [piece[end:start], _MARK.format(number)]
        end = stop
    parts.append(piece[end:])
    if not _WORD.search("".join(parts[::2])):
        return piece
    made = translate("".join(parts))
    wanted = [str(number) for number in range(1, len(spans) + 1)]
    if sorted(_MARKED.findall(made), key=int) != wanted:
        return None
    return _MARKED.sub(
        lambda found: piece[slice(*spans[int(found.group(1)) - 1])],
        made,
    )


def _holds(piece: str, made: str) -> bool:
    """Say whether every number and every name in capitals came through."""
    given = Counter(re.sub(r"\D", "", each) for each in _NUMBER.findall(piece))
    came = Counter(re.sub(r"\D", "", each) for each in _NUMBER.findall(made))
    if given - came:
        return False
    if piece.isupper():
        return True
    return all(each.group() in made or each.group() in _KNOWN for each in _CAPITALS.finditer(piece))


def _apart(piece: str, spans: list[tuple[int, int]], translate: Callable[[str], str]) -> str:
    """Translate what stands between what is kept, each by itself."""
    parts: list[str] = []
    end = 0
    for start, stop in [*spans, (len(piece), len(piece))]:
        between = piece[end:start]
        core = between.strip()
        if _WORD.search(core):
            at = between.index(core)
            parts.append(between[:at] + translate(core) + between[at + len(core) :])
        else:
            parts.append(between)
        parts.append(piece[start:stop])
        end = stop
    return "".join(parts)

# ruff: noqa: RUF001 - the full stops of many scripts look alike
"""Cut text into sentences, in any script that marks where they end."""

from __future__ import annotations

import re

_END = re.compile(
    r"(?<=[.!?…؟।։])([\"'”’»)\]]*)\s+(?=[\"'“‘«¿¡(\[]*(?:[^\W\d_a-zà-ÿ]|\d))"
    r"|(?<=[。！？｡])([”’」』）]*)\s*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|dra|prof|profa|sr|sra|srs|exm[oa]s?|eng|av|jr|st|no|nr|vs|fig|approx|ca|bzw|inc|ltd|co|dept|e\.g|i\.e|"
    r"z\.b|d\.h|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)|\b[^\W\d_])\.$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,3}[.)]|#{1,6}|>|\|)\s")
_CLOSED = re.compile(r"[.!?…:;؟।。！？][\"'”’»)\]]*\s*$")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, white space folded.

    A blank line and a list item always begin a new one. A line break inside prose is a space; it
    ends what is short and unfinished, as headings are.
    """
    return [
        sentence
        for block in _blocks(text)
        for sentence in _joined(_pieces(" ".join(block.split())))
    ]


def _blocks(text: str) -> list[str]:
    blocks: list[str] = []
    fresh = True
    last = ""
    for line in text.splitlines():
        if not line.strip():
            fresh = True
            continue
        heading = (
            len(last) < 50 and last and not _CLOSED.search(last) and line.lstrip()[:1].isupper()
        )
        if fresh or _ITEM.match(line) or heading:
            blocks.append(line)
        else:
            blocks[-1] += f"\n{line}"
        fresh, last = False, line.strip()
    return blocks


def _pieces(block: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for each in _END.finditer(block):
        cut = each.start() + len(each.group(1) or each.group(2) or "")
        pieces.append(block[start:cut])
        start = each.end()
    return [*pieces, block[start:]]


def _joined(pieces: list[str]) -> list[str]:
    found: list[str] = []
    for each in pieces:
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += f" {each}"
        elif each.strip():
            found.append(each.strip())
    return found

"""Mails as files have them: header lines, an empty line, and what was written."""

from __future__ import annotations

import re

_HEADER = re.compile(
    r"(?i)(?:from|to|cc|bcc|subject|date|sent|reply-to|von|an|betreff|datum|de|para|assunto|data)\s*:.*"
)
_SUBJECT = re.compile(r"(?im)^(?:subject|assunto|betreff|re)\s*:\s*(.+)$")
_FEWEST = 2
"""One line with a colon may be a sentence; two such at the top are a header."""


def without_header(text: str) -> str:
    """Return a text without a mail's header; all of it where it has none, or nothing else."""
    lines = text.lstrip().splitlines()
    count = next(
        (k for k, line in enumerate(lines) if not _HEADER.fullmatch(line.strip())), len(lines)
    )
    body = "\n".join(lines[count:]).strip()
    return body if count >= _FEWEST and body else text


def without_letterhead(text: str) -> str:
    """Return a letter from its greeting on: a firm's name, its street and the day are no sentences of it."""
    lines = text.strip().splitlines()
    for at, line in enumerate(lines[:_HIGHEST]):
        if _GREETS.fullmatch(line.strip()):
            above = [each for each in lines[:at] if each.strip()]
            short = all(len(each) <= _SHORT and not each.rstrip().endswith(".") for each in above)
            return "\n".join(lines[at:]) if above and short and at + 1 < len(lines) else text
    return text


_HIGHEST, _SHORT = 14, 60
_GREETS = re.compile(
    r"(?i)(?:dear|hello|hi|car[oa]s?|exm[oa]s?\.?|prezad[oa]s?|estimad[oa]s?)\b.{0,60}[,:]"
)


def subject(text: str) -> str:
    """Return the subject of a mail; empty where it has none."""
    found = _SUBJECT.search(text[:2_000])
    return found[1].strip() if found else ""


__all__ = ("subject", "without_header", "without_letterhead")

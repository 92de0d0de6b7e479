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


def subject(text: str) -> str:
    """Return the subject of a mail; empty where it has none."""
    found = _SUBJECT.search(text[:2_000])
    return found[1].strip() if found else ""


__all__ = ("subject", "without_header")

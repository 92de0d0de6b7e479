"""Leave out of an answer how it was come by: nobody wants to hear the SQL of a table's answer."""

from __future__ import annotations

import re

_WORKINGS = re.compile(r"(?:SQL: (?:SELECT|WITH|FROM)\b.*|Read: '[^'\n]+' as '.*)", re.IGNORECASE)


def without_workings(text: str) -> str:
    """Return a text without the lines that say how a table was asked; as it is where nothing else is in it.

    Args:
        text: What query_table says: the answer, *Read: …* and *SQL: …* on lines of their own.
    """
    lines = text.splitlines(keepends=True)
    kept = [each for each in lines if not _WORKINGS.fullmatch(each.strip())]
    if len(kept) == len(lines) or not any(each.strip() for each in kept):
        return text
    return "".join(kept).rstrip("\n")


__all__ = ("without_workings",)

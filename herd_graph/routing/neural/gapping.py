"""Fill in what a wish leaves out because the wish before it said it: *how many in May and how many in June*.

A part is given its own words, and *how many in June* names nothing to count. What is missing stands in the
wish before: the same words with another month, name or place, or the same question with another word first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.discovery.words import words
from herd_graph.routing.followups import merged
from herd_graph.routing.lexicon import AUXILIARIES

_ASKS = r"(?:how (?:many|much|long|old|often|far)|what|which|who|whom|whose|when|where|why)"
_PLACE = r"(?:in|on|at|for|from|by|with|during|of|after|before|since|until)"
_LEFT_OUT = re.compile(
    rf"^(?:(?:and|or|then|also|plus)\b\W*)*(?:(?:how (?:many|much)|what|which ones?|who)\s+)?(?P<rest>{_PLACE}\s+[^,;]+?)\W*$",
    re.IGNORECASE,
)
_PLACED = re.compile(
    rf"\b(?P<how>{_PLACE})\s+(?P<what>(?:the\s+)?[\w'-]+(?:\s+\d{{4}})?)\W*$", re.IGNORECASE
)
_TOTAL = re.compile(
    r"^(?:the )?(?P<first>\w+) (?P<rest>(?:on|in|for|at|from|by) (?:the )?[\w'-]+)\W*$",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"^(?:(?:and|or|also)\b\W*)*(?P<asks>(?:(?:for|at|to|from|by|until|since) )?{_ASKS}(?: (?:time|day|date))?)\W*$",
    re.IGNORECASE,
)
"""*And where?*: a question of one word."""
_OPENS = re.compile(
    rf"^(?:(?:please )?(?:tell|show) me |do you know )?(?:at )?{_ASKS}(?: (?:time|day|date))?(?P<rest>(?:['’]s)?\s+.+)$",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"^\W*how many\s+", re.IGNORECASE)
_WHO_ARE = re.compile(
    r"^(?:and )?(?:(?:who|which|what)(?: ones?)? (?:are|were|is) (?:they|those|these|it)|which(?: ones?)?|who)\W*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"^how many (?:(?:have|did|are|were) )?(?P<rest>(?!not\b)\w+)$", re.IGNORECASE
)
_DENIED = re.compile(
    r"^(?:and )?how many (?:(?:have|did|do|are|were)(?: not|n['’]t)|not)\W*$", re.IGNORECASE
)
"""*How many finished, how many did not*: what they did not do stands before."""
_MOST_WORDS = 6


def filled_in(said: Sequence[str]) -> list[str]:
    """Return the words of wishes, with what each leaves out of the one before it.

    Args:
        said: The words of wishes that go to one expert, in order.
    """
    found: list[str] = []
    for each in said:
        found.append((_whole(found[-1], each) or each) if found else each)
    return found


def _whole(before: str, said: str) -> str:
    """Return what a fragment asks in full; empty where it is no fragment, or nothing is of its kind."""
    if len(words(said)) > _MOST_WORDS:
        return ""
    if bare := _BARE.match(said):
        opened = _OPENS.match(before.strip(" ?.!"))
        starts = words(opened["rest"])[:1] if opened else []
        known = opened is not None and (
            opened["rest"].startswith(("'s", "’s")) or bool(set(starts) & AUXILIARIES)
        )
        return f"{bare['asks']}{opened['rest']}" if known and opened else ""
    if left := _LEFT_OUT.match(said):
        return merged(before, f"and {left['rest']}") or _placed(before, left["rest"])
    if _WHO_ARE.match(said) and (how_many := _HOW_MANY.match(before)):
        return f"which {before[how_many.end() :]}"
    if _DENIED.match(said) and (counted := _COUNTED.match(before.strip(" ?.!"))):
        return f"{said.strip(' ?.!')} {counted['rest']}"
    total = _TOTAL.match(said)
    if total and total["first"].lower() in words(before):
        return _placed(before, total["rest"])
    return ""


def _placed(before: str, rest: str) -> str:
    """Put *on travel* in the place of *on food*."""
    mine, theirs = _PLACED.search(rest), _PLACED.search(before.strip(" ?.!-–"))
    if mine is None or theirs is None or mine["how"].lower() != theirs["how"].lower():
        return ""
    return f"{before[: theirs.start('what')]}{mine['what']}"


__all__ = ("filled_in",)

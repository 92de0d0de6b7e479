"""What strangers write about themselves: names and descriptions of foreign experts, made safe.

A tool's description is read by planners, by models and in terminals, and is written by whoever runs
the server. It is data. So what cannot be seen is removed, orders to the reader are taken out, the
rest is cut to a length, and the card says that this was necessary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

MOST_CHARS = 600
"""Of a description: what an embedder and a planner read of it."""
_NAME_CHARS = 64
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]"
)
_MARKUP = re.compile(
    r"</?\s*(?:important|system|instructions?|secret|hidden|admin|assistant|user)\b[^>]*>"
    r"|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_ORDERS = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|previous|prior|above|rule|prompt|other\s+tool)
  | \b(?:always|must|only|first)\b.{0,30}\b(?:call|use|choose|select|prefer|invoke|run)\b.{0,30}
    \b(?:me|this|first|before|instead)\b
  | \b(?:call|use|choose|select|prefer|invoke)\s+(?:me|this\s+(?:tool|function|one))\b.{0,30}
    \b(?:always|first|before|instead|only|every)\b
  | \binstead\s+of\b.{0,30}\b(?:any|every|all|the)\s+other\b
  | \b(?:do\s+not|don['’]t|never|without)\b.{0,20}\b(?:tell|mention|inform|reveal|show|ask)\w*\b.{0,30}
    \b(?:user|human|person|anyone)\b
  | \bsystem\s+(?:prompt|message)\b
  | \byou\s+are\s+(?:now|no\s+longer)\b
  | \busers?\s+(?:always\s+)?(?:prefers?|wants?|likes?|trusts?)\b.{0,30}\b(?:this|me|it\s+to)\b
  | \bprefer(?:s|red)?\s+(?:this|me)?.{0,20}\b(?:to|over)\s+(?:all\s+|any\s+)?others?\b
  | \b(?:best|only|right)\s+(?:tool|function|one)\s+(?:there\s+is\s+)?for\s+(?:everything|anything|all|every|any)\b
  | \b(?:before|prior\s+to)\b.{0,20}\b(?:calling|using|running)\b.{0,20}\b(?:any|other|this)\b.{0,20}
    \b(?:tool|function)
  | (?:\.ssh\b|id_rsa|/etc/passwd|api[_\s-]?keys?\b.{0,30}\b(?:send|pass|include|read))
  | \b(?:read|send|pass|include|exfiltrate)\b.{0,40}\b(?:credentials?|passwords?|secrets?|api[_\s-]?keys?|\.env)\b
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiners: parts of words in some scripts; alone in Latin text they hide things."""


@dataclass(frozen=True)
class Cleaned:
    """A description, cleaned."""

    text: str
    caution: str = ""
    """Why it is not to be trusted; empty where nothing was found."""


def clean(text: str, *, most: int = MOST_CHARS) -> Cleaned:
    """Return a stranger's description without what it should not hold.

    Args:
        text: What was written.
        most: The longest that is kept, in characters.
    """
    reasons: list[str] = []
    plain = _ANSI.sub("", text)
    visible = "".join(each for each in plain if _is_visible(each))
    if plain != text or len(visible) < len(plain):
        reasons.append("hidden characters")
    unmarked = _MARKUP.sub(" ", visible)
    kept: list[str] = []
    has_orders = unmarked != visible
    for sentence in re.split(r"(?<=[.!?])\s+|\n\s*\n", unmarked):
        if _ORDERS.search(" ".join(unicodedata.normalize("NFKC", sentence).split())):
            has_orders = True
        else:
            kept.append(sentence)
    if has_orders:
        reasons.append("orders to its reader")
    cut = _cut(" ".join(" ".join(kept).split()), most)
    caution = ""
    if reasons:
        caution = f"its description held {' and '.join(reasons)}, which were removed"
    return Cleaned(cut, caution)


def _is_visible(char: str) -> bool:
    if char in "\n\t":
        return True
    if char in _JOINERS:
        return False
    return unicodedata.category(char) not in _INVISIBLE and char != "\ufeff"


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head = text[: most - 1]
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s)", head)]
    if ends and ends[-1] >= most // 2:
        return head[: ends[-1]]
    return f"{head.rsplit(' ', 1)[0]}…"


def expert_name(text: str, taken: Collection[str] = (), *, prefix: str = "") -> str:
    """Return a name that a card takes, for a foreign one: ``getUser-byId`` is ``get_user_by_id``.

    Args:
        text: The foreign name.
        taken: Names that are given already; a number tells equal ones apart.
        prefix: What stands before it.
    """
    made = identifier(f"{prefix}{text}") or "tool"
    made = made if made[0].isalpha() else f"t_{made}"
    made = made[:_NAME_CHARS].rstrip("_")
    name, count = made, 1
    while name in taken:
        count += 1
        name = f"{made[: _NAME_CHARS - 1 - len(str(count))]}_{count}"
    return name


def identifier(text: str) -> str:
    """Return ``text`` in snake case, of lower-case ASCII letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


__all__ = ("MOST_CHARS", "Cleaned", "clean", "expert_name", "identifier")

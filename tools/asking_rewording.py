"""Other ways to ask the same of a table, in the words that its reader knows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column
from .asking_tongues import in_english

_COUNT = "one|two|three|four|five|six|seven|eight|nine|ten|[0-9]+"
_SAME = (
    (r"\b(?:lost|loses?|losing) money\b|\bmade (?:a|some) loss(?:es)?\b|\bin the red\b", "had negative numbers"),
    (r"\bvs\.?(?!\w)|\bversus\b|\bcompared (?:to|with)\b", " and "),
    (r"\bdifference (.{0,60}?)\bbetween\b", r"difference \1of"),
    (r"\bhow much (?:more|less) ([a-z]+) (is|are|was|were)\b(?! than \d)(.{1,80}?)\bthan\b(?! \d)", r"difference how \1 \2\3 and "),
    (r"\bhow (much|many) (?:more|less|fewer|higher|lower)\b(?! than \d)(.{1,80}?)\bthan\b(?! \d)", r"difference how \1\2 and "),
    (r"\b(and|,)\s+(?:and )?how (?:many|much)(?: of them)? (?=(?:in|on|for|at|from|during|with|by|to)\b)", r"\1 "),
    (r"\b(?:square|sq\.?) ?met(?:er|re)s?\b|\bm²", "m2"),
    (rf"\b({_COUNT})-([a-z]+)\b", r"\1 \2"),
    (r"\bneither\b(.{1,40}?)\bnor\b", r"not from\1or"),
    (r"\boutside(?: of)?\b|\bother than\b|\bapart from\b", "except"),
    (r"^\W*((?:please |can you |could you )?)(?:sort|arrange|order|rank|list|show)\b (.{2,40}?) (?:sorted |ordered )?by\b(?= )",
     r"\1show \2 sorted by"),
    (r"\b(?:sort|arrange|rank) (?:them|it|these|this)?\s*by\b", "sorted by"),
    (r"\bwhose (?=\w+ (?:contains?|includ|mention|starts?|begins?|ends?)\b)", "with "),
    (r"\b(?:in|by) (?:order of|descending order of)\b", "sorted by"),
    (r"\b(?:from|starting with) (?:the )?cheapest(?: (?:to|up to|down to) (?:the )?(?:most expensive|dearest|priciest))?\b",
     "cheapest first"),
    (r"\b(?:from|starting with) (?:the )?(?:most expensive|dearest|priciest)(?: to (?:the )?cheapest)?\b", "highest price first"),
    (r"\bfrom (?:the )?(\w+est) to (?:the )?\w+est\b", r"\1 first"),
    (r"\b(?:from|in) (?:low|small) to (?:high|large|big)\b", "lowest first"),
    (r"\b(?:from|in) (?:high|large|big) to (?:low|small)\b", "highest first"),
    (r"\bturnover\b", "revenue"),
    (r"\bwith (?:the )?(?:word|text|term) (\S+) in (?:their|its|the) (\w+)", r"whose \2 contains \1"),
    (r"\bwith (?:the )?(?:word|text|term) (\S+)(?: in (?:it|them))?", r"containing \1"),
    (r"(?<=\w) ?[*×] ?(?=[a-z_])", " times "),
    (r"(?<=\w) [-−] (?=[a-z_])", " minus "),
    (r"(?<=\w) ?\+ ?(?=[a-z_])", " plus "),
    (r"(?<=\w) [/÷] (?=[a-z_])", " per "),
    (r"\b(?:divided|split) by\b", "per"), (r"\bmultiplied by\b", "times"),
)  # fmt: skip


def reword(question: str, columns: Sequence[Column]) -> str:
    """Return a question as its reader knows it.

    Args:
        question: In English or Portuguese.
        columns: Of the table.
    """
    text = in_english(question, columns)
    for form, made in _SAME:
        text = re.sub(form, made, text, flags=re.IGNORECASE)
    return text

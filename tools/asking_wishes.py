"""Several questions in one sentence."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

_NEXT = re.compile(
    r"\s*\?\s*(?:and\s+)*(?=(?:[a-z]{3,}est|most|least|average|mean|total|(?:by|for|to|from|with) whom)\b)|(?:\s*[,;?.]\s*(?:and\s+|also\s+)*|\s+and\s+(?:also\s+)?)"
    r"(?=(?:(?:in|on|at) (?:which|what)|(?:in|on|at|for|by) how (?:many|much)|who|which|what|what['’]?s|who['’]?s|when|where|how (?:many|much|old|long|far|big)|their (?:average|total|mean|median|sum)|(?:give|show|list|tell)\b|count (?:the|all|how many|my|our)\b|the (?:[a-z]+est|most|least)\b|the (?:sum|total|average|mean) (?:number )?of (?:their|its|those|these|them)\b)\b)",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(?:the )?(most|least|fewest|biggest|highest|largest|lowest|smallest|best|worst)(?: (?:one|of them|total))?\W*$", re.IGNORECASE)  # fmt: skip
_EDGE = re.compile(
    r"(?:which|who|what|the)?(?: one| of them)?(?: is| was| are| has| had| did| sold| made| does)?(?: the)? ?(\w+est|best|worst|most|least|fewest)",
    re.IGNORECASE,
)
_LED = re.compile(r"^\W*(?:(?:and|but|or|also)\s+)+", re.IGNORECASE)
_EST = re.compile(r"\b(?:best|worst|most|least|fewest|\w{3,}est)\b", re.IGNORECASE)
_MEASURED = re.compile(
    r"^(?:how (?:many|much)|what (?:is|are|was|were)(?: the)?|(?:show|list|give)(?: me)?(?: the)?|the)?\s*(.+?)\s+"
    r"(?:per|by|for each|in each|of each)\s+(\w+)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|did|does|do|has|have|had|sold|sells?|cost|costs|got|made|earns?|paid|ordered|from|in|of|by|per|for|"
    r"with|over|under|above|below|between|where|at)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(r"\b(what|who|where|when)['’]?s\b(?! (?:for|about|up)\b)", re.IGNORECASE)
_BARE = re.compile(
    r"(?:what|how much) (?:is|was|are|were|did) (?:the|it all|that)? ?(?:total|sum|average|mean|come to|altogether|in total)(?: amount| value| price| cost)?(?: of (?:that|them|those|these))?",
    re.IGNORECASE,
)
_WHEREIN = re.compile(r"(?:in|on|at) (?:which|what)\b", re.IGNORECASE)
_EACH_HAS = re.compile(
    r"how many (?P<what>[\w ]+?) (?:does|do|did|has|have) each (?P<who>\w+)(?: have| has| got| teach| sell| sold)?\W*$",
    re.IGNORECASE,
)
_WH = re.compile(
    r"(?:to |for |from |by |with )?(?:where|when|whom|who|what)(?: to| from| for| by| with)?",
    re.IGNORECASE,
)
_MOST_WISHES = 4


class Wish(NamedTuple):
    """One of the things that are asked."""

    text: str
    leans: bool
    """Whether it is asked of the same rows as the one before: *and how many books?*"""

    @property
    def independent(self) -> bool:
        """Whether it could be asked by itself: *who paid most*."""
        return (
            bool(
                re.match(
                    r"(?:who|which|what|when|where|how)\b(?! (?:is|was|are|were) (?:it|that|this|they)$)",
                    self.text,
                    re.IGNORECASE,
                )
            )
            and bool(_VERB.search(self.text))
            and len(self.text.split()) > 2
        )


def wishes(question: str) -> list[Wish]:
    """Cut a sentence where another question begins; the sentence itself where none does."""
    spoken = _SHORT.sub(r"\1 is", question.strip())
    parts = [each.strip(" ,;?.") for each in _NEXT.split(spoken)]
    parts = [each for each in parts if each]
    if not 2 <= len(parts) <= _MOST_WISHES:
        return [Wish(question, leans=False)]
    if all(re.match(r"(?i)how many\b", each) for each in parts) and not _VERB.search(parts[0]):
        return [
            Wish(question, leans=False)
        ]  # how many men and how many women: one count, in groups
    made = [Wish(parts[0], leans=False)]
    for before, part in itertools.pairwise(parts):
        made.append(completed(before.strip(), part))
    return made


def completed(before: str, part: str) -> Wish:
    """Say in full what leans on the question before: *who has the biggest one*.

    Args:
        before: The question before.
        part: The question.
    """
    edge = _EDGE.fullmatch(_LED.sub("", part).strip(" ,;?.!"))
    first = _EST.search(before)
    if edge and first:  # which is best and which is worst
        return Wish(f"{before[: first.start()]}{edge.group(1)}{before[first.end() :]}", leans=True)
    open_ = _OPEN.search(part)
    measured = _MEASURED.match(before)
    if open_ and (each := _EACH_HAS.match(before)):
        edge = {"biggest": "most", "highest": "most"}.get(open_[1].lower(), open_[1].lower())
        return Wish(f"which {each['who']} has the {edge} {each['what']}", leans=True)
    if open_ and measured:
        edge = open_.group(1).lower()
        edge = {"biggest": "highest", "largest": "highest", "smallest": "lowest"}.get(edge, edge)
        what = re.sub(r"^(?:total|sum of|number of)\s+", "", measured.group(1))
        summed = bool(re.match(r"total\b", measured.group(1)))
        whole = f"which {measured.group(2)} has the {edge} {'total ' if summed else ''}{what}"
        return Wish(re.sub(r"\btotal total\b", "total", whole), leans=True)
    short = len(part.split()) <= 5 and not _VERB.search(part)
    short = short or _BARE.fullmatch(part) is not None or _WHEREIN.match(part) is not None
    short = short and not re.match(
        r"(?:who|which \w+) .*\b(?:most|least|fewest)\b", part, re.IGNORECASE
    )
    short = short or _WH.fullmatch(part.strip(" ?.!,;")) is not None
    bound = re.search(
        r"\b(?:their|those|these|them|they|its|(?<!is )it|he|she|his|her)\b|\b(?:is|was|of|for) (?:that|it)\b",
        part,
        re.IGNORECASE,
    )
    return Wish(part, leans=short or bound is not None)

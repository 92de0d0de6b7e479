"""Fragments that go on with the last request: *and in metres?*, *and the least?*, *no, in two sentences*.

Such a fragment puts a word in the place of another of its kind: a number for a number with the same unit, a
month for a month, a name for a name. The request is then planned once more, as of the turn that it was made
in, so that what it worked on is there as it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.routing.lexicon import (
    AUXILIARIES,
    FILE_WORDS,
    LANGUAGES,
    MATERIAL,
    MONTH,
    NUMBERS,
    ORDINALS,
    QUESTION_WORDS,
    SUGGESTS,
    VERBS,
)

_LEAD = re.compile(
    r"^\W*(?:(?:and|or|but|no|nope|sorry|oops|then|now|what about|how about|also|plus|rather|actually|ok|okay|please"
    r"|i meant?|make (?:it|that)|what if it(?:'s| is| was| were))\b[\s,:–—-]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|then|instead|too|as well|now|thanks?))*[\s.?!]*$", re.IGNORECASE
)
_COUNT = rf"(?:\d[\d.,]*\d|\d|{'|'.join(NUMBERS)}|an?|one)"
_SUPERLATIVE = (
    r"(?:the )?(?:(?:most|least) (?:expensive|common|popular|recent|frequent|sold)|most|least|fewest|highest|lowest|biggest"
    r"|smallest|largest|oldest|youngest|newest|latest|earliest|cheapest|dearest|priciest|longest|shortest|best|worst|maximum"
    r"|minimum|max|min|fastest|slowest|heaviest|lightest|tallest|average|mean|median|total|sum)"
)
_KINDS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        r"\d[\d.,]*\s*(?:%|per ?cent\b)",
        rf"\b{MONTH}\b(?:\s+\d{{4}})?",
        r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
        r"\b(?:19|20)\d\d\b(?!\s*[a-z%€$£])",
        rf"\b{_SUPERLATIVE}\b",
        r"\b(?:bar|line|pie|scatter)(?: (?:chart|plot|graph))?\b",
        r"\b(?:pages?|sheet|chapter|section|step|question) (?:\d+|one|two|three|four|five)\b",
    )
)
_DRAWS_IT = re.compile(
    r"^\W*(?:(?:and|now|then|please|ok|okay|can you|could you)\W+)*(?:draw|plot|chart|graph|show|make|put|turn|visuali[sz]e)(?: me)? (?:it|that|this|them|those|these)"
    r"(?: all)?(?: (?:as|in|into|with) (?:an? )?(?P<shape>bar|line|pie|scatter)?s?\s*(?:charts?|plots?|graphs?|diagrams?|picture)?)?(?: please)?\W*$",
    re.IGNORECASE,
)
_CHART_OF_IT = re.compile(
    r"^\W*(?:(?:and|now|then|please|ok|okay|can you|could you|i want|i need)\W+)*(?:(?:draw|plot|show|make|create|give|do)(?: me| us)? )?an? (?P<shape>bar|line|pie|scatter)?\s*(?:chart|plot|graph|diagram)"
    r" (?:of|from|for|with|out of) (?:it|that|this|them|those|these)(?: please)?\W*$",
    re.IGNORECASE,
)
_WHICH_MOST = re.compile(
    r"^\W*(?:and )?which (?P<by>[a-z]\w*) (?!is\b|are\b|was\b|were\b)(?:\w+ ){1,2}?the (?:most|least|fewest) (?P<what>[a-z]\w*(?: (?!in\b|on\b|at\b|of\b|for\b|from\b|and\b|or\b)\w+)?)\W*$",
    re.IGNORECASE,
)
"""*Which bed gave the most kilos?*: of the kilos of each bed."""
_OF_SEVERAL = re.compile(
    r"\b(?:per|by|each|every)\b.*\w|\b(?:total|average|sum|count|number)s?\b.*\b(?:per|by|each|every|for)\b",
    re.IGNORECASE,
)
_SHAPED = re.compile(
    r"\b(?:bar|line|pie|scatter|chart|plot|graph|pict\w+)\b|^\W*(?:and |now |please )*(?:draw|plot|chart|graph|visuali[sz]e)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(rf"\b(?P<n>{_COUNT})[\s-]+(?P<unit>[^\W\d_]+)", re.IGNORECASE)
_NUMBER = re.compile(
    rf"(?<![\w.])(?:\d[\d.,]*\d|\d)(?![\w%])|\b(?:{'|'.join(NUMBERS)})\b", re.IGNORECASE
)
_INTO = re.compile(r"^(?:in|to|into|as)\s+(?P<unit>[^\W\d_][\w²³°/]*)$", re.IGNORECASE)
_ASKED = re.compile(
    r"\bhow (?:many|much) (?P<many>[^\W\d_]+)|\b(?:in|to|into) (?P<into>[^\W\d_][\w²³°/]*)(?=\W*$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[^\s.?!] )(?!I\b)[A-Z][\w'-]*(?: [A-Z][\w'-]*)*")
_AMOUNT_OF = re.compile(
    r"^(?P<all>(?:(?:and|what(?:['’]?s| is| was)|show me|tell me|give me)\s+)*(?:the )?(?:total|sum|average|mean|median|highest|lowest|maximum|minimum)"
    r" (?:of|for|on)(?: the)?) \w+\W*$",
    re.IGNORECASE,
)
"""*The total of laundry*: *and food* asks for another one."""
_LISTS = re.compile(
    r"^\W*(?:(?:and|please|now|ok|can you|could you)\W+)*(?:which|what|list|show me|show|give me)(?: all)?(?: of)?(?: the)? (?!(?:is|was|does|has|this|its)\b)(?=\w+s\b)",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"^\W*(?:(?:and|now|ok|okay|but|please|show me|give me)\W+)*(?:only|just) (?:the |those |these )?(?:ones? )?(?P<rest>(?:from|in|of|with|that|who|which|where|for|at|by|over|under|above|below|after|before)\b.{2,40})$",
    re.IGNORECASE,
)
"""*Only the ones from May*: of the rows that were asked for."""
_HOW_MANY = re.compile(
    r"^\W*(?:and |so |ok |now )*how many(?: (?:are|is|were|was|of) (?:that|those|they|there|these|it|them))?(?: in all| altogether| in total)?\W*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?<!\w)(?:'[^'\n]+'(?!\w)|\"[^\"\n]+\"|“[^”\n]+”|\u2018[^\u2019\n]+\u2019)")
_QUOTED_ALONE = re.compile(rf"{_LEAD.pattern[:-1]}*(?P<said>{_QUOTED.pattern})\W*$", re.IGNORECASE)
"""*And "we close at six"*: the same is done to other words."""
_PAGED = re.compile(
    r"\b(?:pages?|sheet|chapter|section|step|question) (?:\d+|one|two|three|four|five)\b",
    re.IGNORECASE,
)
_SMALL = STOP_WORDS | {
    "at",
    "over",
    "for",
    "in",
    "on",
    "with",
    "by",
    "of",
    "the",
    "to",
    "per",
    "one",
    "ones",
}
_MOST_WORDS = 7

ON_A_NUMBER = re.compile(
    r"\b\d+(?:[.,]\d+)? ?(?:%|per ?cent) (?:of|off) (?:that|this|it|the (?:total|sum|amount|result|bill|answer))\b"
    r"|^\W*(?:(?:and|then|now|ok|okay|what(?:'s| is)|how much is|tell me|calculate|please)\W+)*"
    r"(?:(?:plus|minus|times|add|subtract|take away|take off|less|multipl\w+(?: (?:it|that|this))? by) (?:an? )?\d[\d.,]*\b(?! ?[a-z]{2,})"
    r"|(?:split|divided?|share[ds]?)\b.{0,40}\b(?:by|between|among|amongst|into|over|in|for) (?:the )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\b"
    r"|(?:with|including|after|plus|minus|less|add) (?:an? |the )?\d+(?:[.,]\d+)? ?(?:%|per ?cent)(?! of)"
    r"|(?:half|a third|a quarter|double|twice|halve|a tenth)(?: of)? (?:that|this|it|the (?:total|sum|amount|result|bill))\b"
    r"|(?:that|it|this) (?:plus|minus|times|divided by) \d"
    r"|(?:what(?:['’]?s| is) )?(?:that|it|this) in (?:\d+|two|three|four|five|six|seven|eight|nine|ten) (?:equal )?(?:parts|shares|portions|instal\w+))",
    re.IGNORECASE,
)
"""Orders that go on with a number: *what's 20% of that*, *split it between three*, *plus 12*."""


def merged(request: str, fragment: str) -> str:
    """Return the request with the words of a fragment in the place of their like; empty where they have none.

    Args:
        request: An earlier request, in full.
        fragment: What was said after it.
    """
    quoted, theirs = _QUOTED_ALONE.match(fragment), list(_QUOTED.finditer(request))
    if quoted and len(theirs) == 1:
        return _put(request, theirs[0], quoted["said"])
    drawn = _DRAWS_IT.match(fragment) or _CHART_OF_IT.match(fragment)
    if drawn and _SHAPED.search(fragment):
        # "Draw that": what the table was asked is asked once more, and drawn.
        shape = f"{drawn['shape'].lower()} " if drawn["shape"] else ""
        if most := _WHICH_MOST.match(request):
            return f"{most['what']} by {most['by']}, as a {shape or 'bar '}chart"
        return f"{request.rstrip(' .?!')}, as a {shape}chart" if _OF_SEVERAL.search(request) else ""
    if all_of := _drawn_of_all(request, fragment):
        return all_of
    if narrowed := _narrowed(request, fragment):
        return narrowed
    rest = _TAIL.sub("", _LEAD.sub("", fragment.strip())).strip(" ,.;:?!")
    spoken = words(_PAGED.sub(" ", rest))
    if len(spoken) > _MOST_WORDS or set(spoken) & _OWN or not words(rest):
        return ""
    spoken = words(rest)
    led = _LEAD.match(fragment.strip()) is not None
    if spoken[0] in VERBS and not led:
        return ""
    into = _INTO.match(rest)
    if into and into["unit"].lower() not in LANGUAGES and not into["unit"].istitle():
        return _into_unit(request, into["unit"])
    made, left = request, rest
    for kind in _KINDS:
        mine, theirs = list(kind.finditer(left)), list(kind.finditer(made))
        if len(mine) == 1 and theirs:
            made = _put(made, theirs[-1], _article(mine[0][0], theirs[-1][0]))
            left = _cut(left, mine[0])
    for mine in _QUANTITY.finditer(left):
        theirs = [
            e
            for e in _QUANTITY.finditer(made)
            if stem(e["unit"].lower()) == stem(mine["unit"].lower())
        ]
        if theirs:
            made, left = _put(made, theirs[-1], mine[0]), _cut(left, mine)
            break
    else:
        mine, theirs = list(_NUMBER.finditer(left)), list(_NUMBER.finditer(made))
        if len(mine) == 1 and len(theirs) == 1 and len(words(left)) == 1:
            made, left = _put(made, theirs[0], mine[0][0]), _cut(left, mine[0])
    rest = [each for each in words(left) if each not in _SMALL]
    if rest and made == request and len(rest) <= 3 and (of := _AMOUNT_OF.match(request)) and led:
        return f"{of['all']} {left.strip(' ,.?!')}"
    if rest and made == request and led and len(rest) <= 3:
        return _renamed(request, left)
    return made if made != request and not rest else ""


def _drawn_of_all(request: str, fragment: str) -> str:
    """*The same as a bar chart for all rooms*, after one room: what was asked of that one, of each."""
    same = _SAME_OF_ALL.match(fragment)
    if same is None:
        return ""
    asked = _OF_ONE.sub("", request.strip(" .?!"))
    if asked == request.strip(" .?!"):
        return ""
    whole = f"{asked} per {_one(same['of'])}"
    if not same["drawn"] and not _SHAPED.search(fragment):
        return whole
    return f"{whole}, as a {(same['shape'] or 'bar').lower()} chart"


def _one(many: str) -> str:
    return f"{many[:-3]}y" if many.endswith("ies") else many.removesuffix("s")


_SAME_OF_ALL = re.compile(
    r"^\W*(?:(?:and|now|then|please|ok|okay|can you|could you|do|draw|show|make|give me|plot)\W+)*(?:the same|that|it|this)(?: again| thing)?(?P<drawn>,? as (?:an? )?(?P<shape>bar|line|pie)?s?\s*(?:charts?|plots?|graphs?|diagrams?)?)?"
    r",? (?:for|of|over|with|across) (?:all|each|every)(?: of)?(?: the)? (?P<of>[a-z]+)(?: please)?\W*$",
    re.IGNORECASE,
)
_OF_ONE = re.compile(
    r"\s+(?:in|of|for|at|from|by|on) (?:the |our )?[A-Z][\w'’-]*(?: [A-Z\d][\w'’-]*| \d+)*$"
)


def _narrowed(request: str, fragment: str) -> str:
    """Return a request for rows with one more thing that they must be, or for their number."""
    listed = _LISTS.match(request)
    if listed is None:
        return ""
    if only := _ONLY.match(fragment):
        return f"{request.rstrip(' .?!')}, only the ones {only['rest'].strip(' .?!')}"
    return f"how many {request[listed.end() :]}" if _HOW_MANY.match(fragment) else ""


_OWN = QUESTION_WORDS | AUXILIARIES | ORDINALS.keys() | FILE_WORDS | MATERIAL.keys()
"""Words of a request of its own, or of one that names a file."""


def _put(text: str, at: re.Match[str], said: str) -> str:
    return f"{text[: at.start()]}{said}{text[at.end() :]}"


def _cut(text: str, at: re.Match[str]) -> str:
    return f"{text[: at.start()]} {text[at.end() :]}"


def _article(mine: str, theirs: str) -> str:
    """Keep *the* where it stood, and only there: *sold the most*, *is cheapest*."""
    bare = re.sub(r"^the ", "", mine, flags=re.IGNORECASE)
    return f"the {bare}" if theirs.lower().startswith("the ") else bare


def _into_unit(request: str, unit: str) -> str:
    """Return a conversion into another unit; only what holds a number is one."""
    if not re.search(r"\d", request) or unit.lower() in SUGGESTS:
        return ""
    asked = list(_ASKED.finditer(request))
    if not asked:
        return ""
    found = asked[-1]
    name = "many" if found["many"] else "into"
    if found[name].lower() in LANGUAGES:
        return ""
    return f"{request[: found.start(name)]}{unit}{request[found.end(name) :]}"


def _renamed(request: str, left: str) -> str:
    """Put a name in the place of the last one: *how old is Mei*, *and Karl*."""
    names = list(_NAME.finditer(request))
    said = re.sub(
        r"^(?:(?:in|for|of|by|the|from|with|at|on) )+", "", left.strip(" ,.?!"), flags=re.IGNORECASE
    )
    known = {*VERBS, *SUGGESTS, *LANGUAGES}
    if not names or not said or any(each in known for each in words(said)):
        return ""
    languages = names[-1][0].lower() in LANGUAGES
    return "" if languages else _put(request, names[-1], said)


def gone_on(requests: Sequence[str], text: str, acts: Sequence[bool]) -> tuple[int, str] | None:
    """Return which turn a fragment goes on with, and what it asks for now; None where it does not.

    Args:
        requests: What was asked before, oldest first.
        text: What is said now.
        acts: Which of them say what to do.
    """
    base, whole = -1, ""
    for place, request in enumerate(requests):
        if going_on := whole and merged(whole, request):
            whole = going_on
        elif acts[place]:
            base, whole = place, request
    made = merged(whole, text) if whole else ""
    if not made and _QUOTED_ALONE.match(text):
        # What was done to the words before may lie further back: they were read aloud since.
        told = ((place, merged(each, text)) for place, each in enumerate(requests) if acts[place])
        base, made = max(((at, each) for at, each in told if each), default=(-1, ""))
    return (base, made) if made else None


__all__ = ("ON_A_NUMBER", "gone_on", "merged")

"""Questions as people type them in a hurry: *% paid*, *total w/o rent*, *units jan vs mar*, *top 3 desc*."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from .asking import Column, name_parts
from .asking_likeness import likeness

_SAVED = re.compile(
    r",?\s*(?:(?:and|then|please)\s+)*\b(?:save|export|write|store|download|put|return|output)\b(?: (?:it|them|this|that|the (?:result|results|answer|table|list|rows)))?"
    r"\s*(?:as|to|into|in)\s+(?:an? |my |the )?(?:new )?(?:\S+\.)?(?:csv|tsv|json|excel|xlsx|markdown|md|spreadsheet|workbook)\b(?: (?:file|table|sheet|document))?(?: (?:called|named) \S+)?"
    r"|,?\s*(?:and )?\b(?:as|in) (?:an? )?(?:csv|json|excel|xlsx|markdown|md|spreadsheet|workbook)(?: (?:file|table|sheet|format|document))?\b"
    r"|,?\s*\b(?:and |then |please |also )*(?:save|export|convert|turn|write|store|download|put|make)\b (?:me )?(?:the|this|my|our|all|everything)(?: (?:whole|entire|full|complete|of|the))*(?: \w+(?= (?:table|list|sheet|data)\b))? ?(?:table|list|file|sheet|spreadsheet|data|thing|it|rows|results?)?"
    r"\s*(?:as|to|into|in)\s+(?:an? |my |the )?(?:new )?(?:csv|tsv|json|excel|xlsx|markdown|md|spreadsheet|workbook)\b(?: (?:file|table|sheet|document|format))?"
    r"|,?\s*(?:and )?\bas an? (?:table|list|(?:\w+ )?(?:chart|graph|plot|diagram))\b"
    r"|,? too(?=\W*$)",
    re.IGNORECASE,
)
"""What is done with the answer, which is always a table too."""
_MADE = re.compile(
    r"^\W*(?:please |can you |could you |and |then )*(?:make|create|give|build|produce|export|save|prepare|write|put)(?: me| us)? (?:an? |the |into an? )?(?:new |separate )?"
    r"(?:csv|tsv|json|excel|xlsx|markdown|md|spreadsheet|workbook)(?: (?:file|table|sheet|list|document))? (?:with|of|containing|for|from|that has|which has)(?: only| just)? ",
    re.IGNORECASE,
)
_SAVE = re.compile(
    r"\W*(?:please |can you |could you |and |then )*(?:save|export|store|download|convert|turn|write)\b",
    re.IGNORECASE,
)
_SIGNS = (
    (r"\bpct\b|\bperc\b|(?<![\w%])%(?:age)?(?: of)?(?![\w%])", "percentage"),
    (r"\bw/o\b", "without"), (r"\bw/(?= ?\w)", "with "), (r"\bno\.? of\b|(?<!\w)#(?: of)?(?= ?[a-z])", "number of "),
    (r"\bavg\.|\bmean of\b", "average"), (r"\bmax\.|\bmaximum of\b", "max"), (r"\bmin\.(?= )", "min"),
    (r"\bexcl?\.?(?= )|\bexcluding\b|\bminus (?=the\b)|\bignoring\b|\bleaving out\b", "except"),
    (r"\ball together\b|\bin (?:all|total|sum)\b(?= *[?.!]*$)", "altogether"),
    (r"\b(?:did|do|have|had) we (?:take|taken|took)(?: in)?\b", "is the revenue"),
    (r"\bwhat (?:is|was) the revenue altogether\b|\bwhat is the revenue in (?:all|total)\b", "what is the total revenue"),
    (r"\bpart[- ]?timers\b", "part time"), (r"\bfull[- ]?timers\b", "full time"),
    (r"\b(?:are |is |have |has )?(?:sold out|run out(?: of)?|ran out|none left|nothing left|not in stock|no longer in stock)\b", "out of stock"),
    (r"\btogether\b(?=\W*$)", "altogether"), (r"\b(?:whats|what's|what is) there (?=(?:average|total|mean)\b)", "what is their "),
    (r"\bdept\b\.?", "department"), (r"\bqty\b\.?", "quantity"), (r"\bcust\b\.?", "customer"),
    (r"\bhighest to lowest\b|\bhigh[- ]low\b|\blargest first\b|\bbiggest first\b", "highest first"),
    (r"\blowest to highest\b|\blow[- ]high\b|\bsmallest first\b", "lowest first"),
    (r"\b(?:a ?(?:-|–|to) ?z)\b|\b(?:in )?alphabetical(?: order)?\b", "alphabetically"),
)  # fmt: skip
_ALOUD = re.compile(
    r"[\s,.;?!]*\b(?:(?:and|then|please|also) )*(?:read|say|speak|tell)(?: (?:me|us))?(?: (?:it|that|this|them|the (?:answers?|results?|list|names|total|number|rows)))?(?: (?:to me|to us))? (?:aloud|out loud|out)\b[\s.!]*$",
    re.IGNORECASE,
)
_NEXT_WISH = re.compile(
    r"(?<=[.?!;])\s+(?:(?:and|then|also|please)\s+)*(?:save|export|convert|turn|write|draw|plot|download|store)\b[^?]*$",
    re.IGNORECASE,
)
"""A sentence that wants something made, behind a question."""
_TOLD_AGAIN = re.compile(
    r"^.{3,80}?,? (?:i\.?e\.?|that is|meaning|in other words),? (?P<what>the (?:sum|total|average|number|highest|lowest)\b.*)$",
    re.IGNORECASE,
)
_LISTED_TOP = re.compile(
    r"^\W*(?:please )?(?:list|show|give|get|name)(?: me)? (?:the |our )?(?=(?:top|bottom) (?:\d+|two|three|four|five|ten)\b)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*[+&]\s*")
_THOUSAND = re.compile(r"\b(\d{1,2})k\b", re.IGNORECASE)
_OFTEN = re.compile(
    r"\b(?P<edge>most|least) (?:often |frequently )?(?P<done>[a-z]+(?:ed|en|ght|ld)|popular)\b(?= (?P<what>[a-z]+))",
    re.IGNORECASE,
)


def spelled_out(question: str, columns: Sequence[Column]) -> str:
    """Return a question with its signs and short forms written out.

    Args:
        question: In English.
        columns: Of the table, whose own words are kept.
    """
    bare = _SAVED.sub("", _NEXT_WISH.sub("", _ALOUD.sub("", question))).strip()
    bare = _MADE.sub("show ", bare)
    saved = bare != question.strip() and _SAVE.match(question) is not None
    text = bare if re.search(r"\w", bare) else "show all rows" if saved else question
    held = {value.casefold() for each in columns for value in each.values}
    held |= {part for each in columns for part in name_parts(each.name)}
    for form, made in _SIGNS:
        text = re.sub(
            form,
            lambda found, made=made: found.group() if found.group().casefold() in held else made,
            text,
            flags=re.IGNORECASE,
        )
    text = re.sub(
        r"\b(longest|shortest) (?:here|with us|in the (?:company|team|firm))\b",
        r"\1 serving",
        text,
        flags=re.IGNORECASE,
    )
    if any("km" in name_parts(each.name) and (each.high or 0) < 1_000 for each in columns):
        text = _THOUSAND.sub(r"\1 km", text)
    text = _of_measures(_TOLD_AGAIN.sub(r"what is \g<what>", _LISTED_TOP.sub("", text)), columns)
    text = _valued_sum(text, columns)
    return _oftenest(text, columns)


def _of_measures(text: str, columns: Sequence[Column]) -> str:
    """Read *their science mark* and *with 19 in maths* by the columns *science* and *maths*."""
    marks = any(likeness(each, word) for each in columns for word in ("mark", "score", "grade"))
    for each in columns:
        if not each.is_measure or not each.name.isalpha():
            continue
        name = re.escape(each.name)
        text = re.sub(
            rf"\bwith (?:an? )?(\d+(?:\.\d+)?) (?:in|for) (?:the )?({name})\b",
            r"with \2 = \1",
            text,
            flags=re.IGNORECASE,
        )
        if not marks:
            text = re.sub(
                rf"\b({name}) (?:marks?|scores?|grades?|results?)\b",
                r"\1",
                text,
                flags=re.IGNORECASE,
            )
    return text


def _valued_sum(text: str, columns: Sequence[Column]) -> str:
    """Read *rent + food* as both, where cells stand on both sides, and their sum is wanted."""
    parts = _AND.split(text)
    values = {value.casefold() for each in columns for value in each.values}
    if len(parts) < 2:
        return text
    around = [
        (one.split()[-1:] or [""])[0].casefold() in values
        and (two.split()[:1] or [""])[0].casefold().strip("?.!,") in values
        for one, two in itertools.pairwise(parts)
    ]
    if not all(around):
        return text
    said = " and ".join(parts)
    return (
        said
        if re.search(
            r"\b(?:total|sum|altogether|how many|count|average|avg)\b", said, re.IGNORECASE
        )
        else f"total {said}"
    )


def _oftenest(text: str, columns: Sequence[Column]) -> str:
    """Read *the most borrowed book* as the commonest, in a table that adds nothing up."""
    summed = any(each.is_summed for each in columns)
    names = {
        part
        for each in columns
        if each.kind == "text" and not each.unique
        for part in name_parts(each.name)
    }

    def common(found: re.Match[str]) -> str:
        what = found["what"].lower()
        always = found["done"].lower() in {"visited", "used", "frequented", "mentioned"}
        fits = {what, what.removesuffix("s")} & names and (always or not summed)
        return f"{found['edge']} common" if fits else found.group()

    return _OFTEN.sub(common, text)

"""What of an amount is there: *who has paid nothing*, *paid the full 25*, *only part of it*.

A column of numbers says how much was paid, given or scored; these idioms compare it with nothing, or
with what was due. Where no such column is there, or two may be meant, the words stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, root
from .asking_derived import derived_owed, derived_unsold
from .asking_lexicon import VERBS
from .asking_likeness import choose, likeness
from .month_columns import MEASURED

_HAS = r"(?:(?:has|have|had|did|does|do)\s+)?"
_DENIED = r"(?:(?:has|have|had|did|does|do)(?:n['’]?t| not)|(?:has|have|had) never|never)"
_VERB = r"(?P<verb>[a-z]{3,}?)"
_PENNY = r"(?:anything|a (?:single )?(?:penny|cent|thing|pound|euro|dollar)|any(?: money| of it| goals?| points?| cash)?|one|a single one|(?:a single|any) [a-z]+|a (?:goal|point))"
_TIME = r"(?:\s+(?:yet|so far|at all|up to now|until now|till now|as yet|to date))*"
_NOTHING = re.compile(
    rf"\b{_HAS}(?:still |yet )?{_VERB} (?:nothing|(?:no|zero) (?:money|cash)|not a (?:penny|cent|thing)|0|zero|nil){_TIME}(?=\W|$)(?! (?:but|and|to)\b)",
    re.IGNORECASE,
)
_NOT_ANY = re.compile(
    rf"\b{_DENIED} (?:yet |even |actually )?{_VERB}(?P<any> {_PENNY})?{_TIME}(?=\W*$|[,;]|\W+(?:and|or|but)\b)",
    re.IGNORECASE,
)
_FULL = re.compile(
    rf"\b{_HAS}(?:already )?(?:{_VERB} (?:the |their |her |his )?(?:full|whole|entire|complete) (?:(?P<n>[€$£]?\d[\d.,]*\d|\d)(?: ?(?:€|euros?|pounds?|dollars?|quid|p))?|amount|fee|price|sum|cost|lot|thing|bill|total)|(?P<verb2>paid|settled) (?:in full|up|up in full|off|everything|all of it|it all|the lot|completely|fully)|(?:has |have |is |are )?(?:fully|completely) (?P<verb3>paid|settled)(?: up)?)(?=\W|$)",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"\b{_HAS}(?:so far |only |just )*(?:{_VERB} (?:only |just )?(?:part(?: of (?:it|the \w+|their \w+))?|some of (?:it|the \w+|their \w+)|a (?:part|bit)(?: of (?:it|the \w+))?|in part|partly|partially)|(?:partly|partially|part) (?P<verb2>paid))(?=\W|$)",
    re.IGNORECASE,
)
_NOT_FULL = re.compile(
    rf"\b{_DENIED} (?:yet )?(?P<verb>paid|pay|settled)(?: (?:it|theirs|them))? (?:in full|fully|everything|all of it|the (?:full|whole) (?:amount|fee|price|sum|lot))(?=\W|$)",
    re.IGNORECASE,
)
_CAME_IN = re.compile(
    r"\b(?:how much)(?: (?:of the )?money| cash)? (?:has|have|had|did|was|is)(?: (?:we|been|already|now|actually|they|everyone|everybody))* (?:come in|came in|paid in|paid|received|collected|taken in|got in|get in|raised|handed in)(?: so far| already| yet| up to now| altogether| in total| in all| now| to date)*(?: (?:for|towards) (?:the|our|this) \w+(?: \w+)?)?(?=\W*$)",
    re.IGNORECASE,
)
_SOLD_ALL = re.compile(
    r"\b(?:has |have |had )?(?:sold|shifted) (?:all(?: of)?|every(?: one of)?|each of) (?:the |their |his |her |its )?[a-z]+(?=\W|$)|\bsold (?:everything|them all|the lot|out)(?=\W|$)",
    re.IGNORECASE,
)
_UNSOLD = re.compile(
    r"\bhow many [a-z]+(?: (?:are|were|is|was))?(?: there)?(?: still)? (?:left(?: over)?(?: unsold)?|unsold|not sold|returned unsold)(?=\W|$)",
    re.IGNORECASE,
)
_IRREGULAR = {"pay": "paid", "give": "given", "gave": "given", "spend": "spent", "take": "taken", "took": "taken", "bring": "brought", "win": "won", "lose": "lost"}  # fmt: skip


def settled(question: str, columns: Sequence[Column]) -> str:
    """Word what was paid of an amount by the columns that say so.

    Args:
        question: In English.
        columns: Of the table.
    """
    owed = derived_owed(columns)

    def nothing(found: re.Match[str]) -> str:
        held = _of_verb(columns, found["verb"])
        if held is None or (held.low is not None and held.low > 0 and not held.gaps):
            return found.group()
        return f"with no {held.name}"

    def all_of_it(found: re.Match[str]) -> str:
        held = _of_verb(columns, found["verb"] or found["verb2"] or found["verb3"])
        if held is None:
            return found.group()
        if found["n"]:
            return f"with {held.name} = {found['n'].strip('€$£')}"
        return "with owed at most 0" if owed is not None and _pays(held) else found.group()

    def part(found: re.Match[str]) -> str:
        held = _of_verb(columns, found["verb"] or found["verb2"])
        if held is None or owed is None or not _pays(held):
            return found.group()
        return f"with {held.name} above 0 and with owed above 0"

    def open_(found: re.Match[str]) -> str:
        held = _of_verb(columns, found["verb"])
        return "with owed above 0" if owed is not None and held is not None else found.group()

    def received(found: re.Match[str]) -> str:
        held = [each for each in columns if each.is_measure and _pays(each)]
        return f"what is the total {held[0].name}" if len(held) == 1 else found.group()

    text = _CAME_IN.sub(received, question)
    if derived_unsold(columns) is not None:
        text = _UNSOLD.sub("how many unsold", _SOLD_ALL.sub("with unsold = 0", text))
    text = _PART.sub(part, _NOT_FULL.sub(open_, text))
    text = _FULL.sub(all_of_it, text)
    return _NOT_ANY.sub(nothing, _NOTHING.sub(nothing, text))


def _pays(column: Column) -> bool:
    return bool({"paid", "received", "collected"} & set(name_parts(column.name)))


def _of_verb(columns: Sequence[Column], verb: str) -> Column | None:
    """Return the one column of numbers that a verb is about: *Paid*, *goals* of *scored*."""
    said = verb.lower()
    forms = {root(said), root(_IRREGULAR.get(said, said))}
    measures = [each for each in columns if each.is_measure and not each.is_made]
    named = [e for e in columns if forms & {root(part) for part in name_parts(e.name)}]
    if any(not each.is_measure for each in named):
        return None  # a yes or no, or a date, which other readers know
    if named:
        return named[0] if len(named) == 1 else None
    kin = [each for each in measures if likeness(each, said) > 1]
    if len(kin) == 1:
        return kin[0]
    if len(measures) == 1 and measures[0].name == MEASURED:
        return measures[0]  # the one number of a table with a column for each month
    wanted = VERBS.get(said) or VERBS.get(said.removesuffix("ed")) or VERBS.get(said[:-1])
    if wanted is None or said in {"paid", "pay", "made", "make", "sold", "sell"}:
        return None  # what was to be paid is not what came in
    found = choose(measures, wanted, "max")
    return found[0] if found and found[0].is_summed else None

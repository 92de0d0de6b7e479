"""What is not there, or is: *which rooms are empty*, *nobody has borrowed*, *still to be collected*.

An empty cell says that nobody has a thing, a yes or no whether something was done to it. Each idiom
asks for the one column that can say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .asking import Column, name_parts, root
from .asking_lexicon import WHO
from .asking_likeness import likeness

_HOLDERS = frozenset("tenant guest occupant resident renter lodger occupier patient".split())  # noqa: SIM905
_BORROWERS = frozenset("borrower borrowed reader loaned lent loan".split())  # noqa: SIM905
_DUE = frozenset("due deadline return expires until".split())  # noqa: SIM905
_EMPTY = re.compile(
    r"\b(?:(?:is|are|stands?|was|were)(?:n['’]t| not)? (?:still |currently |now |left )*(?P<state>empty|vacant|free|unoccupied|unlet|to let|available|occupied|taken|let|rented(?: out)?)(?=\W|$)|(?P<before>empty|vacant|unoccupied|unlet|occupied) (?=(?:room|flat|house|bed|place|apartment|unit|garage|plot|pitch|cabin|desk)s?\b))",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:(?:that|which) )?(?:nobody|no one|no-one|not anyone)(?: has| have| had| is| was)?(?: yet| ever| already)? (?P<verb>[a-z]{3,})(?: (?:it|them|yet|so far|out))*(?=\W|$)",
    re.IGNORECASE,
)
_OUT = re.compile(
    r"\b(?:(?:is|are|was|were)(?: still| currently| now| all)* )(?:out|on loan|lent out|checked out|out on loan|with (?:a )?(?:borrower|reader)s?)(?=\W|$)(?! of\b)",
    re.IGNORECASE,
)
_YET_TO = re.compile(
    r"\b(?:(?:is|are|was|were|has|have|s)\s+)?(?:still |yet |left |waiting |outstanding |remaining |not yet )+(?:to be|being) (?P<verb>[a-z]{4,})(?=\W|$)|\b(?:has|have) (?:still |yet )+to be (?P<verb2>[a-z]{4,})(?=\W|$)|\b(?:still )?(?:needs?|waiting) to be (?P<verb3>[a-z]{4,})(?=\W|$)",
    re.IGNORECASE,
)
_BACK_FIRST = re.compile(
    r"\b(?:(?:has|have|needs?|must|should|is|are)(?: got)?(?: to)?(?: be)? )?(?:come back|be back|brought back|be brought back|be returned|returned|given back|go back|due back|due)(?: (?P<end>first|next|soonest|earliest|last|latest))(?=\W|$)",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    r"\b(?P<no>no|without(?: any| an?)?|any|an?) (?:known|recorded|listed|registered|noted|stated|written|given) (?=[a-z])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\b(?P<what>e-?mail|web|home) address(?P<s>es)?\b", re.IGNORECASE)
_HAVE_NONE = re.compile(
    r"\bwho(?:m)? (?:have|do|did) (?:i|we) (?:got |have |still have )*(?P<none>no|not an?|not any) (?P<what>[a-z]+(?: [a-z]+)?) (?:for|of|from)(?=\W*$)",
    re.IGNORECASE,
)


_HAS_NOBODY = re.compile(
    r"\b(?:has|have|had|with|got|(?:is|are) (?:covered|done|taken|staffed|filled) by) (?:nobody|no one|no-one)(?: (?:yet|assigned|on it|for it|at all))*(?=\W|$)",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:(?:has|have|had|did) (?:i |we |they )?(?:never|not yet|not ever)|never)(?: been)? (?P<verb>[a-z]{3,}(?: up)?)(?: (?:it|them|him|her|us|me|before|yet))*(?=\W*$|[,;]| and\b)",
    re.IGNORECASE,
)
_SAME_VERB = {
    "put up": "increase",
    "raised": "increase",
    "raise": "increase",
    "went up": "increase",
}
_TURNED_UP = re.compile(
    r"\b(?P<not>(?:did|has|have|had|do|does)(?:n['’]?t| not) (?:actually )?)?(?:turn(?:ed)?|show(?:ed|n)?) up(?: (?:at all|yet|today))?(?=\W|$)|\b(?P<not2>(?:did|has|have|had)(?:n['’]?t| not) )(?:come|came|appear|attend)(?=\W*$|\W+(?:to|for)\b)|\b(?:(?:was|were|is|are) )?(?P<missed>missed|no-shows?|not kept)(?: (?:it|theirs|their \w+))?(?=\W*$)",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\b(?:all )?(?:(?:on|by) (?:my|his|her|our|their|your) own|by (?:my|him|her|your|our|them)sel(?:f|ves)|alone|solo|without (?:company|anyone|anybody))(?=\W|$)",
    re.IGNORECASE,
)
_COMPANY = frozenset("companions companion partners partner guests company".split())  # noqa: SIM905
_STILL_HAS = re.compile(
    r"\b(?:still|yet) (?:has|have|needs?) to (?P<verb>[a-z]{3,})(?: (?:in|over|back|up|out|off))?(?: (?:the|their|his|her|any|a) [a-z]+)?(?=\W*$|[,;]| and\b)",
    re.IGNORECASE,
)


def told_by_gaps(question: str, columns: Sequence[Column]) -> str:
    """Word what is there or not by the column that says so.

    Args:
        question: In English.
        columns: Of the table.
    """
    text = _KNOWN.sub(r"\g<no> ", question)
    text = _HAVE_NONE.sub(r"who has no \g<what>", text)
    if not _named(columns, {"address"}):
        text = _MAIL.sub(lambda found: f"{found['what']}{'s' if found['s'] else ''}", text)
    changes: tuple[Callable[[str, Sequence[Column]], str], ...] = (
        _emptied, _untouched, _undone, _lent, _returning, _staffed, _never, _attended, _alone, _owing,
    )  # fmt: skip
    for change in changes:
        text = change(text, columns)
    return text


def _named(columns: Sequence[Column], words: frozenset[str] | set[str]) -> list[Column]:
    wanted = {root(each) for each in words}
    return [each for each in columns if wanted & {root(part) for part in name_parts(each.name)}]


def _emptied(text: str, columns: Sequence[Column]) -> str:
    """Read *which rooms are empty* as nobody in the column *tenant*."""
    held = [each for each in _named(columns, _HOLDERS) if each.gaps and each.kind == "text"]
    told = {value.casefold() for each in columns for value in each.values}
    if len(held) != 1 or told & {"empty", "vacant", "free", "available", "occupied", "taken"}:
        return text
    own = {part for each in columns for part in name_parts(each.name)}

    def without(found: re.Match[str]) -> str:
        said = (found["state"] or found["before"]).lower()
        if said in own:
            return found.group()
        full = said.split()[0] in {"occupied", "taken", "let", "rented"}
        denied = re.search(r"n['’]t|\bnot\b", found.group(), re.IGNORECASE) is not None
        phrase = f"{'with' if full != denied else 'without'} a {held[0].name} "
        return f"{phrase}" if found["state"] else ""

    found = _EMPTY.search(text)
    if found is not None and found["before"]:  # empty rooms: the rooms without one
        bare = f"{text[: found.start()]}{text[found.end() :]}".rstrip(" ?.!")
        full = found["before"].lower() == "occupied"
        return f"{bare} {'with' if full else 'without'} a {held[0].name}"
    return _EMPTY.sub(without, text).strip()


def _untouched(text: str, columns: Sequence[Column]) -> str:
    """Read *that nobody has borrowed* as an empty cell, or as a no."""

    def nobody(found: re.Match[str]) -> str:
        verb = root(found["verb"])
        held = [
            each for each in columns
            if len(verb) > 3 and any(part.startswith(verb) for part in name_parts(each.name))
        ]  # fmt: skip
        if len(held) != 1:
            return found.group()
        if held[0].is_flag:
            return f"not {held[0].name}"
        return f"without a {held[0].name}" if held[0].gaps else found.group()

    return _NOBODY.sub(nobody, text)


def _undone(text: str, columns: Sequence[Column]) -> str:
    """Read *still waiting to be collected* as not collected."""

    def waiting(found: re.Match[str]) -> str:
        verb = root(found["verb"] or found["verb2"] or found["verb3"])
        held = [e for e in columns if verb in {root(part) for part in name_parts(e.name)}]
        if len(held) != 1:
            return found.group()
        if held[0].is_flag:
            return f"not {held[0].name}"
        return f"without a {held[0].name}" if held[0].gaps else found.group()

    return _YET_TO.sub(waiting, text)


def _lent(text: str, columns: Sequence[Column]) -> str:
    """Read *which books are still out* as somebody in the column *borrower*."""
    held = [
        each for each in _named(columns, _BORROWERS)
        if each.gaps and each.kind == "text" and not each.is_flag
    ]  # fmt: skip
    return _OUT.sub(f"with a {held[0].name}", text) if len(held) == 1 else text


def _returning(text: str, columns: Sequence[Column]) -> str:
    """Read *what has to come back first* as the earliest date in the column *due*."""
    held = [each for each in _named(columns, _DUE) if each.kind == "date"]
    if len(held) != 1:
        return text

    def edge(found: re.Match[str]) -> str:
        late = found["end"].lower() in {"last", "latest"}
        return f"has the {'latest' if late else 'earliest'} {held[0].name}"

    return _BACK_FIRST.sub(edge, text)


def _staffed(text: str, columns: Sequence[Column]) -> str:
    """Read *which shifts have nobody* as an empty cell in the column of people."""
    people = [
        each for each in columns
        if each.kind == "text" and each.gaps and not each.is_flag
        and any(likeness(each, word) == 3 for word in WHO.split())
    ]  # fmt: skip
    return _HAS_NOBODY.sub(f"without a {people[0].name}", text) if len(people) == 1 else text


def _never(text: str, columns: Sequence[Column]) -> str:
    """Read *whose rent have I never put up* as no date in the column *last increase*."""

    def without(found: re.Match[str]) -> str:
        said = found["verb"].lower()
        verb = root(_SAME_VERB.get(said, said))
        held = [e for e in columns if e.gaps and verb in {root(p) for p in name_parts(e.name)}]
        fits = len(held) == 1 and not held[0].is_measure and not held[0].is_flag
        return f"without a {held[0].name}" if fits else found.group()

    made = _NEVER.sub(without, text)
    return re.sub(r"\bwhose \w+ (?=without a\b)", "who is ", made, flags=re.IGNORECASE)


def _attended(text: str, columns: Sequence[Column]) -> str:
    """Read *who didn't turn up* and *were missed* by a column that says who came."""
    flags = [e for e in _named(columns, {"attended", "present", "came", "showed"}) if e.is_flag]
    if len(flags) != 1 or _named(columns, {"missed"}):
        return text

    def told(found: re.Match[str]) -> str:
        denied = found["not"] or found["not2"] or found["missed"]
        return f"{'not ' if denied else ''}{flags[0].name}"

    return _TURNED_UP.sub(told, text)


def _alone(text: str, columns: Sequence[Column]) -> str:
    """Read *on my own* as no companions; where no column says that, the word is left to be refused."""
    held = [each for each in _named(columns, _COMPANY) if each.is_measure]
    return _ALONE.sub(f"with {held[0].name} = 0" if len(held) == 1 else "alone", text)


def _owing(text: str, columns: Sequence[Column]) -> str:
    """Read *who still has to hand in their money* as nothing in the column *handed in*."""

    def nothing(found: re.Match[str]) -> str:
        verb = root(found["verb"])
        held = [e for e in columns if verb in {root(part) for part in name_parts(e.name)}]
        if len(held) != 1:
            return found.group()
        if held[0].is_flag:
            return f"has not {held[0].name}"
        return f"with no {held[0].name}" if held[0].gaps or held[0].low == 0 else found.group()

    return _STILL_HAS.sub(nothing, text)

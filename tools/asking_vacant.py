"""What is not there, or is: *which rooms are empty*, *nobody has borrowed*, *still to be collected*.

An empty cell says that nobody has a thing, a yes or no whether something was done to it. Each idiom
asks for the one column that can say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .asking import Column, name_parts, root

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
        _emptied, _untouched, _undone, _lent, _returning,
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

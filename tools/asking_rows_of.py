# ruff: noqa: S608 - every name and value is quoted
"""Questions about all that belongs to one: *who has more than one stall*, *who has paid every month*.

Both look at several cells at once, which no condition of a row says: so many rows of one owner, or
the columns of all months beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, Query, name_parts, quoted, stem
from .asking_calendar import places, said_alike
from .asking_lexicon import WHO
from .asking_likeness import likeness
from .asking_vocabulary import ROWS
from .asking_words import is_key, key_nouns
from .numerals import UNITS

_SEVERAL = re.compile(
    r"\W*(?:please )?(?:list |show )?(?:who|which (?P<of>\w+)) (?:has|have|had|got|did|does|made|took|placed|booked|gave|holds?|runs?|owns?|come|came|appears?) "
    r"(?P<sign>more than|at least|over|fewer than|less than|only|just|exactly) (?P<n>\d+|one|two|three|four|five|six|a single) (?P<noun>[a-z]+)\W*",
    re.IGNORECASE,
)
_SIGNS = {"more than": ">", "over": ">", "at least": ">=", "fewer than": "<", "less than": "<", "only": "=", "just": "=", "exactly": "="}  # fmt: skip
_DID = r"(?:paid|pays?|given|gave|contributed|used|attended|came|come|trained|sold|handed in|done|worked|given money)"
_EVERY = re.compile(
    rf"\W*(?P<who>who|which \w+|list (?:everyone|those|the \w+) who)(?: has| have| had)?(?: always)? {_DID}(?: something| anything| it| in| for)? (?:in |for )?(?:every|each|all)(?: single| the)? (?:months?|days?|weeks?|quarters?)\W*",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\W*(?P<who>who|which \w+|list (?:everyone|those|the \w+) who)(?: has| have| had| did)?(?:(?:n['’]t| not| never) (?:yet )?(?:paid|pay|given|used|contributed)(?: (?:anything|a penny|a cent|any money))?| (?:paid|given|used|contributed) (?:nothing|no money))(?: at all| yet| so far| in any month| all year)*\W*",
    re.IGNORECASE,
)
_MISSED = re.compile(
    r"\W*(?P<who>who|which \w+)(?: has| have| had| did)?(?: (?:missed|skipped)|(?:n['’]t| not) (?:paid|pay|come|attended|attend|given)(?: anything)?(?: in| for)?| paid nothing (?:in|for)) (?P<when>[a-z]+)\W*",
    re.IGNORECASE,
)


def rows_of(question: str, columns: Sequence[Column], nouns: Sequence[str]) -> Query | None:
    """Write such a question; None for any other.

    Args:
        question: In English.
        columns: Of the table.
        nouns: Words that mean a row: the file's name.
    """
    several = _several(question, columns, nouns) or _majority(question, columns)
    return several or _across(question, columns)


_MAJORITY = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|has|have) (?:(?P<flag>[a-z]+(?: [a-z]+)?)(?: included| given| done| taken)? (?:for|by|with|in) )?more (?:of )?(?:the |our )?(?P<noun>[a-z]+) (?P<rest>[a-z ]{0,40}?)?\s*than (?:not|who (?:are|do|have|did) ?(?:not|n['’]t)|don['’]t|haven['’]t|aren['’]t)\W*",
    re.IGNORECASE,
)


def _majority(question: str, columns: Sequence[Column]) -> Query | None:
    """Read *is breakfast included for more guests than not* as more rows with a yes."""
    found = _MAJORITY.fullmatch(question)
    if found is None:
        return None
    said = {stem(each) for each in f"{found['flag'] or ''} {found['rest'] or ''}".lower().split()}
    flags = [e for e in columns if e.is_flag and said & {stem(part) for part in name_parts(e.name)}]
    if len(flags) != 1 or not flags[0].yes:
        return None
    test = f"{flags[0].sql} = {quoted(flags[0].yes[0])}"
    return Query(
        f"SELECT count(*) FILTER (WHERE {test}) > count(*) FILTER (WHERE ({test}) IS NOT TRUE) AS answer, "
        f'count(*) FILTER (WHERE {test}) AS "yes", count(*) FILTER (WHERE ({test}) IS NOT TRUE) AS "no" FROM data',
        f"whether {flags[0].name} is yes in most rows",
        "yes",
    )


def _several(question: str, columns: Sequence[Column], nouns: Sequence[str]) -> Query | None:
    found = _SEVERAL.fullmatch(question)
    if found is None or not _is_row(found["noun"], columns, nouns):
        return None
    texts = [e for e in columns if e.kind == "text" and not e.is_flag and not e.unique]
    if found["of"]:
        owners = [e for e in texts if stem(found["of"]) in {stem(p) for p in name_parts(e.name)}]
    else:
        owners = [e for word in WHO.split() for e in texts if likeness(e, word) == 3]
    if not owners:
        return None
    owner, said = owners[0], found["n"].lower()
    number = int(said) if said.isdigit() else UNITS.get(said, 1)
    sign = _SIGNS[found["sign"].lower()]
    return Query(
        f'SELECT {owner.sql}, count(*) AS "number of rows" FROM data WHERE {owner.sql} IS NOT NULL '
        f"GROUP BY {owner.sql} HAVING count(*) {sign} {number} ORDER BY 2 DESC, 1",
        f"{owner.name} with a number of rows {sign} {number}",
        "rows",
        1,
    )


def _is_row(noun: str, columns: Sequence[Column], nouns: Sequence[str]) -> bool:
    """Whether a word means the rows: the table's own name, or what its numbers or names are of."""
    said = stem(noun)
    told = {stem(each) for one in nouns for each in re.findall(r"[^\W\d_]+", one)} | {"time"}
    told |= {stem(part) for each in columns if is_key(each) for part in key_nouns(each)}
    told |= {stem(e.name) for e in columns if e.kind == "text" and e.unique}
    told |= {stem(e.name) for e in columns if e.numbered}
    return said in told or noun in ROWS


def _across(question: str, columns: Sequence[Column]) -> Query | None:
    """Read *every month* and *nothing at all* of a table with a column for each month."""
    dated = [each for each in columns if each.is_measure and places([each.name, "january"])]
    dated = dated or [each for each in columns if each.is_measure and places([each.name, "monday"])]
    names = [each for each in columns if each.kind == "text" and each.unique]
    if len(dated) < 3 or not names:
        return None
    if _EVERY.fullmatch(question):
        test, said = " AND ".join(f"coalesce({e.sql}, 0) > 0" for e in dated), "in every one"
    elif _NONE.fullmatch(question):
        test, said = " AND ".join(f"coalesce({e.sql}, 0) = 0" for e in dated), "in none"
    elif found := _MISSED.fullmatch(question):
        wanted = [each for each in dated if said_alike(found["when"].lower(), each.name)]
        if len(wanted) != 1:
            return None
        test, said = f"coalesce({wanted[0].sql}, 0) = 0", f"nothing in {wanted[0].name}"
        return Query(f"SELECT {names[0].sql} FROM data WHERE {test}", f"{names[0].name} with {said}", "wide")  # fmt: skip
    else:
        return None
    span = f"{dated[0].name} to {dated[-1].name}"
    return Query(
        f"SELECT {names[0].sql} FROM data WHERE {test}",
        f"{names[0].name} with something {said} of {span}",
        "wide",
    )

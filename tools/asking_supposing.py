"""Tables as they would be: everybody's pay 3 % higher, prices in another currency, kilometres in miles.

Such a question is asked of a column that the table does not have and that one of its columns makes.
The supposition is cut out of the question, the column takes the place of the one that it is made of,
and what is left is read as any other question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .asking import Column, name_parts, quoted
from .asking_exchange import Supposed, converted, instead
from .asking_lexicon import PEOPLE
from .asking_likeness import choose, likeness

_AMOUNT = (
    r"(?:(?P<pct>\d+(?:[.,]\d+)?)\s*(?:%|per ?cent\b)"
    r"|[€$£]\s?(?P<abs>\d+(?:[.,]\d+)?)|(?P<bare>\d+(?:[.,]\d+)?)(?:\s*(?:€|\$|£|euros?\b|dollars?\b|pounds?\b|eur\b|usd\b|gbp\b))?)"
)
_UP = r"more|higher|raise|rise|pay rise|increase|bonus|dearer|more expensive|extra|surcharge|on top|tip|vat|tax"
_DOWN = r"less|fewer|lower|cut|decrease|reduction|discount|off|cheaper|rebate|pay cut"
_IF = r"(?:if|suppose|supposing|assuming|assume|imagine|say|when|what if)(?: that)?"
_GETS = (
    r"(?:would |will |could )?(?:gets?|got|given|receives?|received|earns?|earned|had|has|have|sells?|sold|costs?|makes?|made|is|are|was|were|"
    r"becomes?|pays?|paid|(?:is|are|was|were|be|got|gets?) (?:paid|given))"
)
_RISES = (
    r"(?:gains?|gained|puts? on|loses?|lost|goes|go|went|rises?|rose|increases?|increased|grows?|grew|climbs?|(?:is|are|was|were) (?:raised|increased|put)|"
    r"(?:falls?|fell|drops?|dropped|decreases?|decreased|shrinks?|shrank|(?:is|are|was|were) (?:cut|reduced|lowered|decreased)))"
)
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_IF}\s+(?P<who>[^,;?]{{1,50}}?)\s+{_GETS}\s+(?:an? )?(?:extra )?{_AMOUNT}\s*(?P<way>{_UP}|{_DOWN})(?: (?:money|pay|salary|expensive))?\b",
        rf"\b{_IF}\s+(?P<who>[^,;?]{{1,50}}?)\s+(?P<way>{_RISES})(?: up| down)?(?: by)? {_AMOUNT}",
        rf"\b{_IF}\s+(?:we|i|they|you|the boss)\s+(?P<way>raise|raised|increase|increased|cut|lower|lowered|reduce|reduced|add|added|give|gave|pay|paid)\s+(?P<who>[^,;?]{{1,50}}?)\s+(?:by )?(?:an? )?(?:extra )?{_AMOUNT}(?:\s+(?P<noun>{_UP}|{_DOWN}))?\b",
        rf"\b{_IF}\s+(?:we|i|they|you|the boss)\s+(?:put|push|bring|move|turn)\s+(?P<who>[^,;?]{{1,50}}?)\s+(?P<way>up|down)\s+(?:by )?{_AMOUNT}",
        rf"^\W*(?:please |can you |could you )?(?P<way>raise|increase|cut|lower|reduce)\s+(?P<who>[^,;?]{{1,50}}?)\s+by\s+{_AMOUNT}",
        rf"\b(?:with|after|including|incl\.?|plus|given|at)\s+(?:an? |the )?(?:extra )?{_AMOUNT}\s*(?P<way>{_UP}|{_DOWN})\b(?: (?:on|of|in|for|to) (?P<who>(?:all |every |each |the )*[^\W\d]+))?",
        rf"\b(?P<way>{_UP}|{_DOWN})\s+of\s+{_AMOUNT}(?: (?:on|in|for|to) (?P<who>(?:all |every |each |the )*[^\W\d]+))?",
        rf"\b{_AMOUNT}\s*(?P<way>raise|pay rise|rise|increase|discount|bonus|cut|pay cut)\b(?: (?:on|in|for|to) (?P<who>(?:all |every |each |the )*[^\W\d]+))?",
    )
)
_FALLING = re.compile(
    rf"\b(?:{_DOWN}|lose|loses|lost|fall|falls|fell|drop|drops|dropped|decreases?|decreased|shrinks?|shrank|reduced?|lowered|down)\b",
    re.IGNORECASE,
)
_TAKEN_OFF = re.compile(r"\bafter\b[^,;?]{0,20}\b(?:tax|vat)\b", re.IGNORECASE)
_ALL = frozenset(
    ["everybody", "everyone", "all", "each", "one", "people", "they", "we", "it", "them", "us", "anybody", "staff", "person", "employees", "employee", "everything", "item", "items", "thing", "things", "and", "every", "the", "our", "their", "my", "of", "in", "team"]
) | PEOPLE  # fmt: skip
_PAY = frozenset(
    {"raise", "rise", "pay", "bonus", "salary", "paid", "earns", "earn", "gets", "get"}
)
_MADE = frozenset({"revenue", "turnover", "profit", "value", "worth", "margin", "takings", "sales"})
"""What other columns make of the changed one."""
_EACH = re.compile(
    r"\b(?:each one's|everyone's|everybody's|each person's|each one|each of them|each|every one|everyone|everybody|per person|individually)\b",
    re.IGNORECASE,
)
_EXTRA = re.compile(
    r"\b(?:how much (?:more|extra|less|higher|lower)|the difference|what extra|extra cost|by how much)\b",
    re.IGNORECASE,
)
_COMES_TO = re.compile(r"\b(?:comes?|amounts?|adds? up) to\b", re.IGNORECASE)
_EMPTY_WORDS = re.compile(
    r"\b(?:new|then|now|would|will|be|have to|after that|afterwards|become|instead|come to|comes to|amount to)\b",
    re.IGNORECASE,
)


def supposed(question: str, columns: Sequence[Column]) -> Supposed:
    """Return what is asked of a table once it is as the question supposes.

    Args:
        question: In English.
        columns: Of the table.

    Raises:
        Unmapped: Another currency is wanted, and no rate is given.
    """
    made = converted(Supposed(question, columns))
    return _changed(made)


def _changed(given: Supposed) -> Supposed:
    for form in _FORMS:
        found = form.search(given.question)
        if found is None:
            continue
        said = found.groupdict()
        way = " ".join(each for each in (said["way"], said.get("noun")) if each)
        who = " ".join((said.get("who") or "").split())
        rest = f"{given.question[: found.start()]} {given.question[found.end() :]}"
        column, only = _meant(who, f"{rest} {who}", way, given.columns)
        if column is None or (
            _names_column(way, given.columns) and not found[0].lower().startswith("if")
        ):
            return given
        down = bool(_FALLING.search(way)) or bool(_TAKEN_OFF.search(found[0]))
        made, told = _made_of(column, only, said, down=down)
        if _EXTRA.search(rest):
            sql = f"({made.derived} - {column.sql})"
            made = replace(made, derived=sql, titled=f"change in {column.name}")
        return Supposed(
            _asked(rest, made, given.columns),
            instead(given.columns, column, made),
            (*given.told, told),
        )
    return given


def _names_column(way: str, columns: Sequence[Column]) -> bool:
    """Whether a table has a column for it: *with a 10 % discount* may ask for rows."""
    return any(
        likeness(each, part) > 1 and each.is_measure for each in columns for part in way.split()
    )


def _meant(
    who: str, question: str, way: str, columns: Sequence[Column]
) -> tuple[Column | None, str]:
    """Return the column that changes, and the SQL of the rows in which it does."""
    words = [each.lower() for each in re.findall(r"[^\W\d_]+", who)]
    free = [each for each in words if each not in _ALL]
    measures = [each for each in columns if each.is_measure and not each.derived]
    only = ""
    for each in columns:
        for value in each.values if each.kind == "text" and not each.is_flag else ():
            if re.search(rf"(?<!\w){re.escape(value.lower())}s?(?!\w)", who.lower()):
                only = f"{each.sql} = {quoted(value)}"
                free = [e for e in free if e not in re.findall(r"[^\W\d_]+", value.lower())]
                free = [e for e in free if e.removesuffix("s") not in value.lower()]
                free = [e for e in free if e not in name_parts(each.name)]
    for word in free:
        named = [each for each in measures if likeness(each, word) > 1]
        if named:
            return max(named, key=lambda each: likeness(each, word)), only
    if free and not all(any(likeness(e, word) for e in columns) for word in free):
        return None, ""
    spoken = re.findall(r"[^\W\d_]+", question.lower())
    named = [each for each in measures if any(likeness(each, w) == 3 for w in spoken)]
    if len(named) == 1:
        return named[0], only
    wanted = "salary" if set(way.lower().split()) & _PAY else "price cost amount salary revenue"
    chosen = choose(measures, wanted, "max") if measures else None
    summed = [each for each in measures if each.is_summed]
    for among in (named, [chosen[0]] if chosen else [], summed, measures):
        if len(among) == 1:
            return among[0], only
    return None, ""


def _made_of(
    column: Column, only: str, said: dict[str, str | None], *, down: bool
) -> tuple[Column, str]:
    percent = said.get("pct")
    number = (percent or said.get("abs") or said.get("bare") or "0").replace(",", ".")
    if percent:
        factor = f"{1 + (-1 if down else 1) * float(number) / 100:.10g}"
        sql = f"({column.sql} * {factor})"
        told = f"{number} % {'less' if down else 'more'}"
    else:
        sql = f"({column.sql} {'-' if down else '+'} {number})"
        told = f"{number} {'less' if down else 'more'}"
    if only:
        sql = f"(CASE WHEN {only} THEN {sql} ELSE {column.sql} END)"
    where = f" where {only.replace(chr(34), '')}" if only else ""
    made = replace(column, derived=sql, whole=False, titled=f"new {column.name}")
    return made, f"{column.name} {told}{where}"


def _asked(rest: str, made: Column, columns: Sequence[Column]) -> str:
    """Return what is left of a question, said of the changed column."""
    text = " ".join(_EXTRA.sub(" what is the total ", rest).split()).strip(" ,;?.")
    each = _EACH.search(text) is not None
    text = " ".join(_EMPTY_WORDS.sub(" ", _EACH.sub(" ", text)).split()).strip(" ,;?.")
    names = [e for e in columns if e.kind == "text" and e.unique]
    bare = not re.search(r"\w", text) or re.fullmatch(
        r"(?:what|how much|which|show|list|give|get|tell me)?(?:'s| is| are| do| does| did)*(?: the| they| it| we| i)*(?: get| earn| cost| pay| make)?",
        text,
        re.IGNORECASE,
    )
    spoken = re.findall(r"[^\W\d_]+", text.lower())
    summed = re.search(
        r"\b(?:total|sum|altogether|all together|in all|overall)\b", text, re.IGNORECASE
    )
    summed = summed or _COMES_TO.search(rest)
    named = any(likeness(made, word) > 1 for word in spoken) or any(
        word in _MADE or any(each.is_measure and likeness(each, word) > 1 for each in columns)
        for word in spoken
    )
    if (each or bare) and not summed:
        if names and (bare or not named):
            return f"list {names[0].name} and {made.name}"
        if bare:
            return f"list {made.name}"
    if (
        named
        and _COMES_TO.search(rest)
        and not re.search(r"\b(?:total|sum)\b", text, re.IGNORECASE)
    ):
        return f"what is the total {made.name}"
    if not named and (summed or re.search(r"\b(?:average|mean|median|highest|lowest)\b", text)):
        return (
            f"{text} {made.name}"
            if re.search(r"\b(?:total|sum|average|mean|median|highest|lowest)$", text)
            else f"{text} of {made.name}"
        )
    return text

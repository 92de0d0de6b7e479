"""What people say of daily things, in words that a table has: *still on the shelf*, *who still owes us*.

Every idiom asks for a column that makes sense of it; without one the words stay as they are, and the
reader refuses what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .asking import Column, name_parts, root, stem
from .asking_derived import derived_free, derived_owed

_NOW = re.compile(
    r",?\s*\b(?:right now|at (?:the moment|present|this point)|as (?:of now|it stands|things stand)|at the minute|these days|"
    r"out of interest|on the whole|all things considered|in the end|at all|by any chance|in your opinion|if possible)\b",
    re.IGNORECASE,
)
_SOLD = re.compile(
    r"\b(?:went|go|goes|gone|flew|walked) (?:out (?:of )?(?:the|our) (?:door|shop|store)|out the door)\b",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"\b(?P<how>better|higher|more|greater|larger|bigger|worse|lower|less|fewer|smaller) (?:marks? |points? |scores? |results? )?(?:in |at |on |for )?(?:the )?"
    r"(?P<one>\w+) than (?:in |at |on |for )?(?:the )?(?P<two>\w+)",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:(?:have|has|had|were|was|are|is) )?(?:never|not once|not)(?: (?:been|had|got|took|taken|missed|were|was|a|any|single))* (?P<what>absen\w+|late\w*|delay\w*|fouls?|goals?|mistakes?|errors?|fine[sd]?|warnings?)\b",
    re.IGNORECASE,
)
_NO_MEMBER = re.compile(
    r"\b(?:(?:do|does|did|is|are|has|have)(?:n['’]t| not)|not) (?:belong to|have|in|got|part of|a member of|members of|with|belonging to|running for|in any|(?:given|told|left|sent|provided|supplied|shared|entered)(?: (?:us|me))?) (?:a |an |any |their |his |her )?(?P<what>\w+)(?: numbers?)?\b",
    re.IGNORECASE,
)
_SHELVED = re.compile(
    r"\b(?:still |currently |now )?(?:(?:on|in) the (?:shelf|shelves|library)|available(?: to borrow)?|free to borrow|(?:not|n['’]t) (?:been )?(?:lent|borrowed|loaned|taken|checked)(?: out)?|not out)\b",
    re.IGNORECASE,
)
_AT_HOME = re.compile(
    r"\b(?:got|have|has|had|keeps?|borrowed) (?P<rest>.{0,20}?)\b(?:at home|out|on loan)\b",
    re.IGNORECASE,
)
_OWING = re.compile(
    r"\b(?:is |are |'s )?(?:still )?(?:missing|outstanding|to come(?: in)?|to be paid|due|open|owed(?: to us)?)(?=\W*$)|\bhave yet to pay\b|\bstill (?:has|have|need|needs) to pay\b",
    re.IGNORECASE,
)
_OWES = re.compile(
    r"\b(?P<who>who|which \w+) (?:still |also )?(?:owes?|is owing|has to pay|have to pay|needs to pay|hasn['’]t coughed up)(?: (?:us|me|the club))?(?: (?:some |any )?money)?(?=\W*$|,| and\b)",
    re.IGNORECASE,
)
_MOST_FROM = re.compile(
    r"\b(?:where (?:do|does|did) (?:most|the most) (?:of )?(?:the |our |my )?(?P<who>\w+) (?:come from|live|stay|come)|(?:which|what) (?:\w+ )?(?:do|does|did) most (?:of )?(?:the |our |my )?(?P<who2>\w+) come from)\b",
    re.IGNORECASE,
)
_RETURN = re.compile(r"\b(?:come|comes|came|coming) back\b", re.IGNORECASE)
_EARNED = re.compile(
    r"\b(?:what|how much)(?: money| cash)? (?:did|do|have|has|does) (?:we|i|they|the \w+) (?:make|made|earn|earned|take in|taken in|bring in|get paid|got paid|cash in)\b",
    re.IGNORECASE,
)
_WORTH = re.compile(r"\bwhat(?:'s| is| are) (?P<all>all|the whole|everything|the entire|the|our|my) (?P<what>(?!each\b).{0,40}?)\bworth\b(?: at (?:the |our )?(?:selling|sale|sales|retail|shop|list) prices?)?", re.IGNORECASE)  # fmt: skip
_IN_SHOP = re.compile(r"\b(?:(?:left )?(?:in|at) (?:the|our|my) (?:shop|store|warehouse|storeroom)|on hand|on (?:the|our) shelves)\b", re.IGNORECASE)  # fmt: skip
_SPENT = re.compile(
    r"\bwhat (?P<aux>did|do|have|does) (?P<who>we|i|us) (?P<verb>spend|spent|pay|paid)\b(?! (?:the )?(?:most|least)\b)",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"(?<!at least )(?<!at most )(?P<n>[€$£]?\d[\d.,]*\d|\d)(?P<what> [a-z]+)? (?:or|and) (?P<way>older|more|over|above|higher|longer|later|bigger|better|upwards|up|younger|less|fewer|under|below|lower|shorter|cheaper|smaller)\b(?! than)",
    re.IGNORECASE,
)
_STAY = re.compile(r"\b(?:length|duration) of (?:the |their |a )?stays?\b", re.IGNORECASE)
_MEANT = re.compile(
    r"^.{3,120}?[?.!,;:]\s*(?:i mean|i\.\s?e\.|that is to say|in other words|meaning|that means)[,:]?\s+(?P<rest>.{5,})$",
    re.IGNORECASE | re.DOTALL,
)
_HALVES = tuple(
    (re.compile(form, re.IGNORECASE), made)
    for form, made in (
        (r"\b(?:an|one) hour and a half\b|\bone and a half hours\b", "90 minutes"),
        (r"\bhalf an hour\b", "30 minutes"),
        (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
        (r"\bthree quarters of an hour\b", "45 minutes"),
        (r"(?<=than )an hour\b", "1 hour"),
        (
            r"\bhalf an? (met(?:re|er)|kilo(?:gram)?|lit(?:re|er)|kilomet(?:re|er)|year|day)\b",
            r"0.5 \1",
        ),
        (r"(?<=than )an? (minute|metre|meter|kilo|litre|day|week|month|year)\b", r"1 \1"),
        (r"\b(?:a|one) dozen\b", "12"),
        (r"\b(?:a|one) hundred\b", "100"),
        (r"\b(?:a|one) thousand\b", "1000"),
    )
)
_OWED_SUM = re.compile(
    r"\bhow much (?:money )?(?:(?:is|are) (?:still )?(?:owed|outstanding|unpaid|open|to be paid|missing)|(?:do|does|did) (?:they|all|we|people|everybody|everyone|the \w+) (?:all )?(?:still )?owe)(?: (?:us|me))?\b",
    re.IGNORECASE,
)
_OWED_BY = re.compile(
    r"\bhow much(?: money)? (?:does|do|must|should) (?P<who>[^?.,;]{1,40}?) (?:still |yet )*(?:owe|have to pay|need to pay|has to pay|pay)(?: (?:us|me|the club|off))?(?=\W*$|[,;]| and\b)",
    re.IGNORECASE,
)
_TOTALS = re.compile(
    r"\b(?:total|sum) (?:of )?(?:all )?(?:the )?(?P<one>\w+) minus (?:the )?(?:total|sum) (?:of )?(?:all )?(?:the |what (?:was|is|has been|they) )?(?P<two>\w+)",
    re.IGNORECASE,
)
_END_OF = re.compile(
    r"\b(?:before|by|until|till|up to) the end of (?:the year )?(?P<when>\d{4}|january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_BROUGHT_BACK = re.compile(
    r"\b(?:been )?(?:brought|given|handed|sent|taken|come) (?:them |it )?back\b", re.IGNORECASE
)
_RATES = tuple(
    (called, re.compile(rf"\s*\b(?:per|an?|each|every) {unit}\b", re.IGNORECASE))
    for called, unit in (("hourly", "hour"), ("daily", "day"), ("weekly", "week"), ("monthly", "month"), ("yearly", "year"), ("annual", "year"))
)  # fmt: skip
"""What an hourly wage is by its name: *who earns most per hour*."""
_FULL = re.compile(
    r"\b(?:is |are |already )*(?:fully booked|booked (?:up|out)|sold out|full(?: up)?|(?:has|have|with) no (?:free )?(?:places|seats|spots|space|room)(?: left)?)(?=\W|$)",
    re.IGNORECASE,
)
_HAS_FREE = re.compile(
    r"\b(?:still )?(?:has|have|with|got) (?:still )?(?:free |any |some |open )*(?:places|seats|spots|space|room|availability)(?: left| free| available)?(?=\W|$)|\b(?:is|are) (?:still )?(?:not full|bookable)\b|\bcan (?:still )?be booked\b",
    re.IGNORECASE,
)
_OVERBOOKED = re.compile(
    r"\b(?:is |are )?(?:over-?booked|over-?subscribed|oversold|too full|overfull|over capacity)(?=\W|$)",
    re.IGNORECASE,
)
_HOW_FREE = re.compile(
    r"\bhow many (?:free |empty |open )?(?:places|seats|spots|spaces) (?:are )?(?:there )?(?:still )?(?:left|free|available|open|unsold|empty)\b",
    re.IGNORECASE,
)
_TOP = re.compile(r"\b(?P<who>who|which \w+) (?:is|are|was|comes) (?:at )?(?:the )?(?P<end>top|bottom|first|last|leading) (?:of|in) the (?:table|league|list|ranking)\b|\b(?P<who2>who|which \w+) (?:is|are) leading(?: the (?:table|league))?(?=\W*$)", re.IGNORECASE)  # fmt: skip
_HAVE_NOT = re.compile(
    r"\b(?:has|have)(?:n['’]t| not) (?:yet )?(?P<verb>[a-z]+(?:ed|en|won|lost|un|et|ot|ut)?) (?P<n>\d+)(?P<what> \w+)?(?: yet)?\b",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"\b(?:the )?(?P<which>first|1st|second|2nd|third|3rd|fourth|4th|last) quarter\b", re.IGNORECASE)  # fmt: skip
_QUARTERS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}  # fmt: skip
_ORIGINS = ("from", "country", "origin", "nationality", "town", "city", "home", "place")
_PLACED = ("place", "rank", "position", "placing")
_WON = re.compile(r"\b(?P<who>who|which \w+|what \w+) (?:won|has won|came (?:in )?first|finished first|was the winner|is the winner)\b(?: (?:the|it|this|that)(?: \w+)?)?(?=\W*$|,| and\b)", re.IGNORECASE)  # fmt: skip
_WON_WHAT = re.compile(r"\b(?P<who>who|which \w+) (?:won|has won|came (?:in )?first in|finished first in) (?:the |our )?(?P<what>\w[^?.,;]{1,40}?)(?=\W*$)", re.IGNORECASE)  # fmt: skip
_HOW_OFTEN_WON = re.compile(r"\bhow many (?:times|races|events|games|matches|heats|swims|rounds|wins)? ?(?:did|has|have|does|do) (?:the )?(?P<whom>[^?.,;]{1,40}?) (?:win|won|come first|have)(?=\W*$)", re.IGNORECASE)  # fmt: skip
_CAME = re.compile(r"\b(?P<who>who|which \w+) (?:came|finished|was|is|ended)(?: in)? (?P<which>last|second|third|fourth|fifth)(?: place)?(?=\W*$|,| and\b)", re.IGNORECASE)  # fmt: skip
_ORDINAL = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}


def plainly(question: str, columns: Sequence[Column]) -> str:
    """Return a question without its idioms.

    Args:
        question: In English.
        columns: Of the table.
    """
    meant = _MEANT.match(question)
    text = " ".join(_NOW.sub("", meant["rest"] if meant else question).split())
    for form, made in _HALVES:
        text = form.sub(made, text)
    text = _SPENT.sub(r"how much \g<aux> \g<who> \g<verb>", text)
    text = _OR_MORE.sub(
        lambda found: f"{_bound(found['way'])} {found['n']}{found['what'] or ''}", text
    )
    text = _STAY.sub("stay", text)
    text = _SOLD.sub("sold", text)
    stocked = _named(columns, "stock", "inventory", "left")
    if len(stocked) == 1 and stocked[0].is_measure:
        text = _IN_SHOP.sub("in stock", text)
    text = _TOTALS.sub(r"total \g<one> minus \g<two>", _END_OF.sub(r"until \g<when>", text))
    if derived_owed(columns) is not None:
        text = _OWES.sub(
            r"\g<who> with owed above 0", _OWED_SUM.sub("what is the total owed", text)
        )
        text = _OWED_BY.sub(r"what is the owed of \g<who>", text)
    if derived_free(columns) is not None:
        text = _HOW_FREE.sub("how many free places are there", text)
        text = _FULL.sub("with free places = 0", _HAS_FREE.sub("with free places above 0", text))
        text = _OVERBOOKED.sub("with free places below 0", text)
    for change in (_compared, _never, _lacking, _shelved, _owing, _origin, _earning, _placed):
        text = change(text, columns)
    text = _HAVE_NOT.sub(lambda found: _less(found, columns), text)
    if _named(columns, "points") or _named(columns, "score"):
        text = _TOP.sub(
            lambda found: (
                f"{found['who'] or found['who2']} has the {'lowest' if (found['end'] or '') in {'bottom', 'last'} else 'highest'} {(_named(columns, 'points') or _named(columns, 'score'))[0].name}"
            ),
            text,
        )
    if _has_quarters(columns):
        text = _QUARTER.sub(lambda found: f"Q{_QUARTERS[found['which'].lower()]}", text)
    if _named(columns, "returned"):
        text = _BROUGHT_BACK.sub("returned", text)
    for called, phrase in _RATES:
        text = phrase.sub("", text) if _is_rated(called, text, columns) else text
    if _named(columns, "return"):
        text = _RETURN.sub("return", text)
    return _WORTH.sub(r"what is the total value of \g<what>", text)


def _bound(way: str) -> str:
    down = {"younger", "less", "fewer", "under", "below", "lower", "shorter", "cheaper", "smaller"}
    return "at most" if way.lower() in down else "at least"


def _is_rated(called: str, text: str, columns: Sequence[Column]) -> bool:
    """Whether *per hour* is said of an hourly wage, and of no other number of the table."""
    rated = [each for each in columns if each.is_measure and called in name_parts(each.name)]
    others = [each for each in columns if each.is_measure and each not in rated]
    spoken = {stem(each) for each in re.findall(r"[^\W\d_]+", text)}
    told = {stem(part) for each in others for part in name_parts(each.name)}
    return len(rated) == 1 and not spoken & (told - {"hour", "day", "week", "month", "year", "per"})


def _less(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *haven't played 10 games* as fewer than ten."""
    named = _measure(columns, found["verb"])
    return found.group() if named is None else f"with {named.name} below {found['n']}"


def _has_quarters(columns: Sequence[Column]) -> bool:
    names = {each.name.casefold() for each in columns}
    names |= {value.casefold() for each in columns if each.calendar for value in each.values}
    return {"q1", "q2"} <= names


def _named(columns: Sequence[Column], *words: str) -> list[Column]:
    wanted = {root(each) for each in words}
    return [each for each in columns if wanted & {root(part) for part in name_parts(each.name)}]


def _measure(columns: Sequence[Column], word: str) -> Column | None:
    found = [each for each in _named(columns, word) if each.is_measure]
    return found[0] if len(found) == 1 else None


def _compared(text: str, columns: Sequence[Column]) -> str:
    """Read *better in sport than in maths* as one column above another."""

    def above(found: re.Match[str]) -> str:
        one, two = _measure(columns, found["one"]), _measure(columns, found["two"])
        if one is None or two is None or one is two:
            return found.group()
        down = found["how"].lower() in {"worse", "lower", "less", "fewer", "smaller"}
        return f"with {one.name} {'below' if down else 'above'} {two.name}"

    return _THAN.sub(above, text)


def _never(text: str, columns: Sequence[Column]) -> str:
    """Read *have never been absent* as none in the column *absences*."""

    def none(found: re.Match[str]) -> str:
        start = found["what"].lower()[:4]
        held = [
            e
            for e in columns
            if e.is_measure and any(p.startswith(start) for p in name_parts(e.name))
        ]
        return f"with {held[0].name} = 0" if len(held) == 1 else found.group()

    return _NEVER.sub(none, text)


def _lacking(text: str, columns: Sequence[Column]) -> str:
    """Read *doesn't belong to a club* as an empty cell."""

    def without(found: re.Match[str]) -> str:
        held = [
            e
            for e in _named(columns, found["what"])
            if e.gaps and e.kind == "text" and not e.is_flag
        ]
        return f"without a {held[0].name}" if len(held) == 1 else found.group()

    return _NO_MEMBER.sub(without, text)


def _shelved(text: str, columns: Sequence[Column]) -> str:
    """Read *still on the shelf* as nobody in the column *borrowed by*."""
    lent = [
        e for e in _named(columns, "borrowed", "borrower", "loaned", "lent", "loan")
        if e.gaps and not e.is_flag
    ]  # fmt: skip
    if len(lent) != 1:
        return text
    text = _SHELVED.sub(f"without a {lent[0].name}", text)
    return _AT_HOME.sub(r"borrowed \g<rest>", text)


def _owing(text: str, columns: Sequence[Column]) -> str:
    """Read *how much is still missing* and *who still owes us* as what is not paid."""
    flags = [each for each in _named(columns, "paid", "settled", "pago", "bezahlt") if each.is_flag]
    if len(flags) != 1:
        return text
    text = _OWES.sub(rf"\g<who> has not {flags[0].name}", text)
    return _OWING.sub(" unpaid", text) if _OWING.search(text) else text


def _origin(text: str, columns: Sequence[Column]) -> str:
    """Read *where do most guests come from* as the commonest cell."""
    texts = [e for e in columns if e.kind == "text" and not e.is_flag and not e.unique]
    for word in _ORIGINS:
        named = [each for each in texts if word in name_parts(each.name)]
        if len(named) == 1:
            return _MOST_FROM.sub(f"what is the most common {named[0].name}", text)
    return text


def _earning(text: str, columns: Sequence[Column]) -> str:
    """Read *what did we make in June* as a sum, where one column is what one is paid."""
    fees = [
        e
        for e in _named(columns, "fee", "fees", "pay", "payment", "takings", "donation")
        if e.is_summed
    ]
    rest = _named(columns, "revenue", "amount", "sales", "income", "total", "price")
    if len(fees) != 1 or rest:
        return text
    return _EARNED.sub(f"what is the total {fees[0].name}", text)


def _placed(text: str, columns: Sequence[Column]) -> str:
    """Read *who won* and *who came last* as the ends of a column of places."""
    held = [e for e in columns if e.kind == "number" and set(name_parts(e.name)) & set(_PLACED)]
    if len(held) != 1:
        return text
    name = held[0].name

    def which(found: re.Match[str]) -> str:
        said = found["which"].lower()
        if said == "last":
            return f"{found['who']} has the highest {name}"
        return f"{found['who']} has {name} = {_ORDINAL[said]}"

    made: Callable[[re.Match[str]], str] = which
    text = _CAME.sub(made, _WON.sub(rf"\g<who> has the lowest {name}", text))
    if any({"won", "wins", "win"} & set(name_parts(each.name)) for each in columns):
        return text
    text = _WON_WHAT.sub(rf"\g<who> has {name} = 1 in \g<what>", text)
    return _HOW_OFTEN_WON.sub(rf"how many rows of \g<whom> with {name} = 1", text)

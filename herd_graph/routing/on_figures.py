"""Go on with a figure of the thread: *twice the total*, *and per month?*, *what share of the total is that?*.

A message that does something to a number says which one it means by *that*, by *the total*, or not at
all. The figure that is meant is put where it stands, so that whoever calculates reads a sum that is
whole; what is not understood is left to others, and never answered by the figure itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.artifacts.workings import without_workings
from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.routing.lexicon import NUMBERS
from herd_graph.routing.looking_back import is_about
from herd_graph.routing.thread_answers import Answered

_AMOUNT = r"-?\d[\d,]*(?:\.\d+)?"
_MONEY = r"[£$€]"
_LONE = re.compile(
    rf"(?:[^\n=]*= ?|[^\n\d:]*: ?|(?:Sum|Average|Total|Median|Number|Highest|Lowest|Difference)\b[^:\n]*: )?"
    rf"(?P<sign>{_MONEY}?)(?P<n>{_AMOUNT})(?: ?(?P<unit>[^\W\d_][\w²³°/]*))?"
)
"""An answer of one line that comes to one number: *41.00*, *Sum of Paid: 145*, *145 / 9 = 16.11*."""
_QUOTED = re.compile(
    rf"(?P<sign>{_MONEY}?)(?P<n>{_AMOUNT})(?: ?(?P<unit>[^\W\d_]\w*))?\. The text says: "
)
_COUNT = rf"(?:\d+(?:\.\d+)?|{'|'.join(NUMBERS)}|both|mum and dad|the two of us|us two)"
_ANY = r"(?:that|it|this|those|(?:the|that|this) (?P<name{0}>(?:yearly |monthly |whole |full |final )?[a-z]+))"
_LEAD = (
    r"^\W*(?:(?:and|so|but|now|then|ok|okay|please|what(?:['’]?s| is| was| would be| if we| about)?|how much (?:is|would)|how about|tell me"
    r"|(?:can|could) you|(?:and )?if we|give me|that['’]?s|it['’]?s|make (?:that|it)|calculate|work out|let['’]?s)\b[\s,]*)*"
)
_END = r"(?: for (?:an?|the|my|our|each|every) \w+)?(?:[\s,]+(?:please|then|now|too|in all|altogether|equally|evenly|exactly))*\W*$"


def _like(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which ``IT`` is what points at a figure, ``NUM`` a number and ``COUNT`` a count."""
    pieces = pattern.split("IT")
    whole = pieces[0]
    for place, piece in enumerate(pieces[1:]):
        whole += _ANY.format(place) + piece
    whole = whole.replace("NUM", r"(?P<num>\d[\d,]*(?:\.\d+)?)").replace(
        "COUNT", rf"(?P<count>{_COUNT})"
    )
    return re.compile(f"{_LEAD}{whole}{_END}", re.IGNORECASE)


_PERCENT = r" ?(?:%|per ?cent)"
_EXTRA = r"(?:vat|tax|tip|service|gratuity|surcharge|interest|postage|fees?)"
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (_like(pattern), made)
    for pattern, made in (
        (rf"(?:IT )?(?:plus|with|including|add(?:ing)?|and|give|pay|we add) (?:an? |the )?(?:extra )?NUM{_PERCENT}(?: (?:for |of |as )?(?:the |a )?{_EXTRA})?(?: (?:on top|more))?(?: (?:of|to|on) IT)?", "plus {num} %"),
        (rf"(?:IT )?(?:plus|with|including|and) (?:the )?{_EXTRA} (?:of|at) NUM{_PERCENT}(?: on top)?", "plus {num} %"),
        (rf"(?:IT )?(?:minus|less|without|after|with|take off|knock off|subtract|at) (?:an? |the )?NUM{_PERCENT}(?: (?:off|discount|less|reduction))?(?: (?:from|off|of) IT)?", "minus {num} %"),
        (rf"NUM{_PERCENT} (?:off|less than) IT", "minus {num} %"),
        (rf"NUM{_PERCENT} (?:of|from) IT", "{num} % of that"),
        (r"(?:IT )?(?:plus|add(?:ing)?|increased by|and another)(?: another)? NUM(?: (?:pounds|euros|dollars))?(?: to IT)?", "plus {num}"),
        (r"(?:IT )?(?:minus|less|take away|take off|subtract|deduct|reduced by|without) NUM(?: (?:pounds|euros|dollars))?(?: from IT)?", "minus {num}"),
        (r"(?:take|knock|deduct) NUM (?:off|from|away from|off of) IT", "minus {num}"),
        (r"(?:IT )?(?:times|multipl(?:y|ied)(?: IT)? by|x|for) COUNT(?: (?:children|kids|people|persons|years|months|weeks|days|of (?:them|those|us)))?", "times {count}"),
        (r"(?:would )?(?:IT )(?:be |cost |come to )?(?:for|times) COUNT(?: (?:\w+))?", "times {count}"),
        (r"(?:twice|double|two times)(?: IT)?", "times 2"),
        (r"(?:three times|triple)(?: IT)?", "times 3"),
        (r"(?P<part>half|a third|a quarter|a fifth|a tenth|halve)(?: of)? IT", "{part} of that"),
        (r"(?:IT )?(?:divided?|split|share[ds]?)(?: IT)?(?: up)?(?: equally| evenly)? (?:by|between|among|amongst|over|into|in|for|with)(?: the)? COUNT(?: (?:of us|people|persons|friends|of them|\w+))?", "divided by {count}"),
        (r"(?:we (?:are|were)|there (?:are|were)|between|among|for)(?: the)? COUNT(?: (?:of us|people|persons|friends|of them))?,? (?:so )?(?:what|how much) (?:does|do|did|must|should|would|is it|is that)(?: (?:each|everybody|everyone|every one|we each))?(?: (?:of us|person|one))?(?: (?:owe|pay|have to pay|get|for each|each|per person))?", "divided by {count}"),
        (r"(?:what|how much) (?:does|do|did|must|should|would) (?:each|everybody|everyone|we each)(?: (?:of us|person|one))? (?:owe|pay|have to pay|get) (?:if|when) (?:we|they|there) (?:are|were) COUNT(?: (?:of us|people|persons))?", "divided by {count}"),
    )
)  # fmt: skip
"""What is said, and the words in which the calculator takes it."""
_PERIOD = r"(?P<period>day|week|month|year)"
_PER = re.compile(
    rf"{_LEAD}(?:(?:that|it|this|the \w+)(?: (?:fee|price|rent|cost|amount))? )?(?:per|a|each|every|for (?:a|one|each)) {_PERIOD}{_END}",
    re.IGNORECASE,
)
_EACH = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annual": "year"}
_OF_PERIOD = re.compile(
    r"\b(?P<each>daily|weekly|monthly|yearly|annual)(?:ly)?\b|\b(?:per|a|each|every) (?P<per>day|week|month|year)\b",
    re.IGNORECASE,
)
_IN_A = {
    ("year", "month"): "divided by 12",
    ("year", "week"): "divided by 52",
    ("year", "day"): "divided by 365",
    ("week", "day"): "divided by 7",
    ("month", "year"): "times 12",
    ("week", "year"): "times 52",
    ("day", "week"): "times 7",
    ("day", "year"): "times 365",
}
_SHARE = _like(
    rf"(?:(?:what|which) (?:share|part|percentage|percent|per ?cent|proportion|{_PERCENT}) of (?:NUM|IT) (?:is|was|are|were) IT(?:,? (?:in|as a) per ?cent(?:age)?)?)"
)
_SHARE_OF = _like(
    rf"(?:(?:what|which) (?:share|part|percentage|percent|per ?cent|proportion|{_PERCENT}) (?:is|was|are|were) IT of (?:NUM|IT)(?:,? (?:in|as a) per ?cent(?:age)?)?)"
)
_ONE_OFF = _like(r"(?:(?:take|subtract|deduct|knock) IT (?:off|from|away from) IT)")
_ONE_LESS = _like(r"(?:IT (?:minus|less|without) IT)")
_BOTH = _like(r"(?:(?:add )?IT (?:plus|and|to) IT(?: together)?)")
_DIFFERENCE = re.compile(
    rf"{_LEAD}(?:(?:is |are )?the difference(?: between (?:them|the two|those|these|both))?|how (?:much|many) (?:more|less|fewer|apart)(?: is that| are they)?)(?: (?:in all))?{_END}",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    rf"{_LEAD}(?:add (?:them|the two|both|those|these|the last two)(?: numbers| figures| amounts)?(?: up| together)?|(?:the two|both|them|those two) together|the sum of (?:the two|both|them)){_END}",
    re.IGNORECASE,
)
_EACH_OWES = re.compile(r"\b(?:each|everybody|everyone)\b.*\b(?:owe|pay|get)\b", re.IGNORECASE)
"""What is shared out among people is the whole of it."""
_VAGUE = frozenset({"result", "answer", "number", "figure", "amount", "value", "one"})
"""Nouns that name no figure in particular."""


@dataclass(frozen=True)
class Figure:
    """One number that the thread answered."""

    value: str
    sign: str
    unit: str
    request: str
    answer: Answered


def figures(made: Sequence[Answered], requests: Sequence[str]) -> list[Figure]:
    """Return the answers that come to one number, oldest first."""
    found: list[Figure] = []
    for each in made:
        lines = without_workings(each.text).strip()
        lines = "\n".join(e for e in lines.splitlines() if not e.startswith(("SQL:", "Read:")))
        hit = _LONE.fullmatch(lines.strip()) or _QUOTED.match(lines)
        if hit is not None:
            value, unit = hit["n"].replace(",", ""), hit["unit"] or ""
            request = requests[each.turn]
            if not unit and found and is_operation(request):
                unit = found[-1].unit  # three times 8 km are km
            found.append(Figure(value, hit["sign"] or "", unit, request, each))
    return found


@dataclass(frozen=True)
class Reckoned:
    """What a message makes of a figure."""

    figure: Figure
    words: str
    """What is done with it, as the calculator takes it; nothing where ``whole`` says all."""
    whole: str = ""
    """A sum with nothing left to fill in."""


def on_figure(text: str, made: Sequence[Answered], requests: Sequence[str]) -> Reckoned | None:
    """Return what a message makes of a figure of the thread; None where it makes nothing of any.

    Args:
        text: What is said.
        made: What the thread answered, oldest first.
        requests: What was asked in its turns.
    """
    held = figures(made, requests)
    if not held:
        return None
    if found := _SHARE.match(text):
        return _share(found["name0"], found["name1"], found["num"], held, made)
    if found := _SHARE_OF.match(text):
        return _share(found["name1"], found["name0"], found["num"], held, made)
    last = held[-1] if held[-1].answer.turn == made[-1].turn else None
    of_two = (_DIFFERENCE, _TOGETHER, _SHARE, _SHARE_OF)
    two = [each for each in held if not any(e.match(each.request) for e in of_two)][-2:]
    if len(two) == 2 and two[0].unit == two[1].unit:
        big, small = sorted((float(e.value), e.value) for e in two)[::-1]
        if _DIFFERENCE.match(text):
            return Reckoned(two[1], "", f"{big[1]} - {small[1]}")
        if _TOGETHER.match(text):
            return Reckoned(two[1], "", f"{two[0].value} + {two[1].value}")
    if (put := _of_two(text, held, last)) is not None:
        return put
    if last is not None and (period := _PER.match(text)):
        before = _OF_PERIOD.search(f"{last.request} {last.answer.text}")
        of = _EACH.get((before["each"] or "").lower(), before["per"] or "") if before else ""
        done = _IN_A.get((of.lower(), period["period"].lower()))
        return Reckoned(last, done) if done else None
    for pattern, words_ in _FORMS:
        if found := pattern.match(text):
            figure = _meant(_names(found), held, last)
            if _EACH_OWES.search(text):
                figure = _meant(["total"], held, last) or figure
            if figure is None:
                return None
            told = {k: _digits(v) for k, v in found.groupdict().items() if v is not None}
            return Reckoned(figure, words_.format_map(told))
    return None


def _of_two(text: str, held: Sequence[Figure], last: Figure | None) -> Reckoned | None:
    """Return the sum of two figures that are both named: *take the cheapest off the total*."""
    for pattern, sign, turned in (
        (_ONE_OFF, "-", True),
        (_ONE_LESS, "-", False),
        (_BOTH, "+", False),
    ):
        if found := pattern.match(text):
            pair = [_meant([e] if e else [], held, last) for e in (found["name0"], found["name1"])]
            one, two = pair[::-1] if turned else pair
            if one is not None and two is not None and one is not two:
                return Reckoned(one, "", f"{one.value} {sign} {two.value}")
    return None


def _share(
    of: str | None,
    part: str | None,
    number: str | None,
    held: Sequence[Figure],
    made: Sequence[Answered],
) -> Reckoned | None:
    """Return the sum for *what share of the total is that?*."""
    last = held[-1] if held[-1].answer.turn == made[-1].turn else None
    whole = number or getattr(_meant([of] if of else [], held, last), "value", "")
    figure = _meant([part] if part else [], held, last)
    if not whole or figure is None or (whole == figure.value and not number):
        return None
    return Reckoned(figure, "", f"what percent of {whole.replace(',', '')} is {figure.value}?")


def _meant(names: Sequence[str], held: Sequence[Figure], last: Figure | None) -> Figure | None:
    """Return the figure of a name, else the last one; None where that was not the last answer."""
    told = [each for each in names if each.split()[-1].lower() not in _VAGUE]
    if not told:
        return last
    stems = {stem(each) for name in told for each in words(name) if each not in STOP_WORDS}
    asked = [
        each for each in held if is_about(each.request, stems) and not is_operation(each.request)
    ]
    return asked[-1] if asked else None


def is_operation(request: str) -> bool:
    """Say whether a request made something of a figure, and did not ask for one of its own."""
    patterns = (
        _SHARE,
        _SHARE_OF,
        _DIFFERENCE,
        _TOGETHER,
        _PER,
        *(pattern for pattern, _ in _FORMS),
    )
    return any(pattern.match(request) for pattern in patterns)


def _names(found: re.Match[str]) -> list[str]:
    return [v for k, v in found.groupdict().items() if k.startswith("name") and v]


def _digits(said: str) -> str:
    """Return a count in digits: *four*, *both*, *mum and dad*."""
    low = said.lower()
    if low in {"both", "mum and dad", "the two of us", "us two"}:
        return "2"
    return str(NUMBERS.get(low, said))


__all__ = ("Figure", "Reckoned", "figures", "is_operation", "on_figure")

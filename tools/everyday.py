"""Sums as people word them: percentages of one thing in another, rises, tips, shares, days between dates."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

from . import chained_sums, clock_stories, measured, small_stories, word_problems
from .asking_dates import spell_out
from .numerals import digits
from .stories import decimal

LONGEST = 200
"""Characters of a question; what is longer is a text with numbers in it."""
_N = r"[$€£]?\s?(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)(?![\d%])(?:\s?(?:[$€£]|euros?|dollars?|pounds?|eur|usd|gbp)(?!\w))?"
_P = r"(\d+(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)"
_PERCENT = r"(?:what |which )?(?:percent(?:age)?|per cent|share|fraction|%)"
_DAY = r"(\d{4}-\d{2}-\d{2})"
_UNIT = r"(days?|weeks?|months?|years?)"
_REMAINS = r"(?:(?:what|how much)(?: is|['’]s)? (?:left(?: over)?|remains|remaining)|left|remains)"
_WEEKDAY = r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}  # fmt: skip
_TIMES = {"double": 2, "twice": 2, "triple": 3, "treble": 3, "halve": Decimal("0.5"), "half": Decimal("0.5")}  # fmt: skip
_THEN = {"add": "+", "plus": "+", "subtract": "-", "minus": "-", "take away": "-", "less": "-", "multiply by": "*", "times": "*", "divide by": "/", "divided by": "/"}  # fmt: skip
Found = re.Match[str]


def _plain(value: Decimal) -> str:
    """Write a number in full, to 12 digits where it does not end."""
    rounded = (
        +value if len(value.as_tuple().digits) <= 12 else round(value, 12 - value.adjusted() - 1)
    )
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _numbers(found: Found, *places: int) -> list[Decimal]:
    return [decimal(found[each]) for each in places]


def _percent(value: Decimal) -> str:
    return f"{_plain(value.quantize(Decimal('0.01')) if value != value.to_integral_value() else value)}%"


def _of_another(part: int, whole: int) -> Callable[[Found], str]:
    def answer(found: Found) -> str:
        one, two = _numbers(found, part, whole)
        return _percent(100 * one / two)

    return answer


def _change(found: Found) -> str:
    old, new = _numbers(found, 1, 2)
    change = 100 * (new - old) / old
    if re.search(r"\bto [\d.,]+ ?(?:%|per ?cent)", found[0]):  # what changes is a percentage itself
        return (
            f"{_plain(abs(new - old))} points {'up' if change > 0 else 'down'} ({_percent(change)})"
        )
    way = "up" if change > 0 else "down" if change < 0 else "no change"
    return f"{_percent(change)} ({way}, from {_plain(old)} to {_plain(new)})"


def _scaled(amount: int, percent: int, sign: int) -> Callable[[Found], str]:
    def answer(found: Found) -> str:
        value, rate = _numbers(found, amount, percent)
        return _plain(value * (100 + sign * rate) / 100)

    return answer


def _tip(found: Found) -> str:
    rate, value = _numbers(found, 1, 3)
    extra = value * rate / 100
    return f"{_plain(extra)} ({found[2]}; {_plain(value + extra)} together)"


def _before(found: Found, rate: int, value: int) -> str:
    percent, whole = _numbers(found, rate, value)
    net = (whole * 100 / (100 + percent)).quantize(Decimal("0.01"))
    return f"{_plain(net)} ({_plain(whole - net)} of {_plain(whole)} is the {_plain(percent)}%)"


def _divided(found: Found) -> str:
    value, count = _numbers(found, 1, 2)
    each = value / count
    exact = each == each.quantize(Decimal("0.01"))
    return f"{_plain(each if exact else each.quantize(Decimal('0.01')))} each{'' if exact else ', rounded'}"


def _divides(found: Found) -> str:
    whole, by = int(found[1]), int(found[2])
    count, rest = divmod(whole, by)
    return (
        f"Yes: {whole} = {count} × {by}" if not rest else f"No: {whole} = {count} × {by} + {rest}"
    )


def _prime(found: Found) -> str | None:
    number = int(found[1])
    if not 1 < number < 10**10:
        return f"No: {number} is not" if number < 2 else None
    factor = next((each for each in range(2, math.isqrt(number) + 1) if number % each == 0), 0)
    return (
        f"No: {number} = {factor} × {number // factor}"
        if factor
        else f"Yes: {number} is a prime number"
    )


def _parts(found: Found) -> str:
    return _plain(decimal(found[1]) * decimal(found[3]) / _PARTS[found[2].removesuffix("s")])


def _times_then(found: Found) -> str:
    value, other = _numbers(found, 2, 4)
    value *= _TIMES[found[1]]
    sign = _THEN[found[3]]
    made = {"+": value + other, "-": value - other, "*": value * other}.get(sign)
    return _plain(value / other if made is None else made)


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _between(found: Found) -> str:
    return _span(found[2], found[3], found[1].rstrip("s"))


def _span(one: str, other: str, unit: str) -> str:
    first, last = sorted((_date(one), _date(other)))
    days = (last - first).days
    if unit == "day":
        return f"{days} days"
    if unit == "week":
        weeks, rest = divmod(days, 7)
        return f"{weeks} weeks" + (f" and {rest} days" if rest else "")
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    if unit == "month":
        return f"{months} whole months ({days} days)"
    return f"{months // 12} whole years ({days} days)"


def _weekday(found: Found) -> str:
    day = _date(found[1])
    return f"{day:%A} ({day.day} {day:%B %Y})"


def _is_weekday(found: Found) -> str:
    day = _date(found[1])
    same = f"{day:%A}".lower() == found[2]
    return f"{'Yes' if same else 'No'}: {day.day} {day:%B %Y} is a {day:%A}."


def _in_one_year(text: str) -> str:
    """Give days their year: *from 20 December to 5 January 2027*, *from 3 May to 7 June*."""
    days = list(_ANY_DAY.finditer(text))
    if len(days) != 2 or "-" not in (days[0][1], days[1][1]):
        return text
    first, last = days
    if first[1] == last[1]:  # no year at all: one without a leap day does where none lies between
        leaps = first[2] <= "-02-29" <= last[2]
        ordered = first[2] < last[2] and not leaps
        return _ANY_DAY.sub(lambda day: f"2023{day[2]}", text) if ordered else text
    if first[1] == "-":
        year = int(last[1]) - (first[2] > last[2])
        return f"{text[: first.start()]}{year}{first[2]}{text[first.end() :]}"
    year = int(first[1]) + (last[2] < first[2])
    return f"{text[: last.start()]}{year}{last[2]}{text[last.end() :]}"


def _moved(found: Found, count: int, unit: int, day: int, *, back: bool) -> str:
    number, start = int(found[count]) * (-1 if back else 1), _date(found[day])
    word = found[unit].rstrip("s")
    if word in {"day", "week"}:
        end = start + dt.timedelta(days=number * (7 if word == "week" else 1))
    else:
        month = start.year * 12 + start.month - 1 + number * (12 if word == "year" else 1)
        following = dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
        last = (following - dt.timedelta(days=1)).day
        end = dt.date(month // 12, month % 12 + 1, min(start.day, last))
    return f"{end.day} {end:%B %Y} ({end:%A})"


_FORMS: tuple[tuple[str, Callable[[Found], str | None]], ...] = (
    (rf"{_PERCENT} (?:is|are|does|do|makes?) {_N} (?:out )?(?:of|in) {_N}", _of_another(1, 2)),
    (rf"{_N} (?:is|are|makes?) {_PERCENT} (?:out )?of {_N}", _of_another(1, 2)),
    (rf"{_PERCENT} of {_N} (?:is|are) {_N}", _of_another(2, 1)),
    (rf"{_N} (?:out )?of {_N} (?:as|in) (?:a |an )?(?:percent(?:age)?|%)", _of_another(1, 2)),
    (rf"(?:from|between) {_N} (?:to|and) {_N}[^\d]*?(?:percent\w*|per cent|%)[^\d]*", _change),
    (rf"[^\d]*?(?:percent\w*|per cent|%)[^\d]*?\bfrom {_N} (?:to|and) {_N}", _change),
    (rf"[^\d]*\bfrom {_N} (?:down |up )?to {_N}\b[^\d]*(?:percent\w*|per cent|%)[^\d]*", _change),
    (rf"(?:add|put) {_P} ?(?:vat|tax|iva|tip|service|interest)? ?(?:to|on|onto) {_N}", _scaled(2, 1, 1)),
    (rf"(?:increase|raise|grow|mark up) {_N} by {_P}", _scaled(1, 2, 1)),
    (rf"{_N} (?:increased|raised|plus|\+|marked up)(?: by)? {_P} ?(?:vat|tax|iva|tip|service)?", _scaled(1, 2, 1)),
    (rf"(?:decrease|reduce|lower|cut|discount) {_N} by {_P}", _scaled(1, 2, -1)),
    (rf"{_N} (?:decreased|reduced|lowered|minus|less)(?: by)? {_P}", _scaled(1, 2, -1)),
    (rf"(?:an? |the )?(?:price of )?{_N}(?: [^\W\d_]+){{0,3}},? (?:at|with|for|minus|less|after) (?:an? )?{_P} (?:off|discount|reduction|rebate)", _scaled(1, 2, -1)),
    (rf"(?:(?:i |you |we )?(?:take|subtract|deduct|knock|cut|get|give|with|after) )?(?:an? |off )?{_P} (?:off|discount on|discount from|reduction on|reduction of|from)(?: of| on)? (?:an? |the )?(?:price of |bill of )?{_N}", _scaled(2, 1, -1)),
    (rf"{_REMAINS} (?:of|from) {_N},? (?:after|when|if|once|less|minus)(?: [^\W\d_]+){{0,4}} {_P}(?: (?:off|discount|reduction|away|is (?:taken off|taken away|deducted|gone)))?", _scaled(1, 2, -1)),
    (rf"(?:an? )?{_P} (tip|vat|tax|iva|service charge|commission|gratuity|interest) (?:on|of|for) (?:an? )?(?:bill of |total of )?{_N}", _tip),
    (rf"[^\d]*\b(?:before|without|excluding|net of) (?:the )?{_P} ?(?:vat|tax|iva)?\b[^\d]*{_N}[^\d]*", lambda found: _before(found, 1, 2)),
    (rf"[^\d]*?{_N} (?:including|incl\.?|with|inclusive of) {_P} ?(?:vat|tax|iva)[^\d]*\b(?:net|before|without|excluding)\b[^\d]*", lambda found: _before(found, 2, 1)),
    (rf"(?:split|share|divide(?!.* by \d+$)) (?:a bill of |the bill of |a total of )?{_N}(?: evenly| equally)? (?:among|amongst|between|by|over|with|into|for) (\d+)(?: ?(?:people|persons|friends|parts|of us|ways|guests))?(?: equally| evenly)?", _divided),
    (r"(?:is |are )?(\d{1,15}) (?:is )?(?:evenly )?divisible by (\d{1,12})", _divides),
    (r"(?:is |are )?(\d{1,10}) (?:is )?(?:an? )?prime(?: number)?", _prime),
    (rf"(?:an? |the )?(square|cube) of {_N}", lambda found: _plain(decimal(found[2]) ** (2 if found[1] == "square" else 3))),
    (rf"(?:an? )?(\d+) (half|third|quarter|fourth|fifth|sixth|eighth|tenth)s? of (?:an? |the |my |our )?{_N}(?: [^\W\d_]+){{0,2}}", _parts),
    (rf"(double|twice|triple|treble|halve|half)(?: of)? {_N},? (?:and )?(?:then )?({'|'.join(_THEN)}) {_N}", _times_then),
    (rf"(?:how many |(?:what is |what's )?the |what )?(?:number of )?(?:whole |full |calendar )?{_UNIT} (?:(?:are|is|were|was|will) (?:there|it|left|be) |(?:lie|are|have|will|do we have|passed|pass|elapsed?) (?:passed |pass |elapsed |elapse )?)?(?:in )?(?:between|from) {_DAY} (?:and|to|until|till|through) {_DAY}", _between),
    (rf"how (?:long|many days) (?:is it|is there|is|was it|was|does it take|lies)?(?: the time)? ?(?:between|from) {_DAY} (?:and|to|until|till) {_DAY}", lambda found: _span(found[1], found[2], "day")),
    (rf"how far apart are {_DAY} and {_DAY}", lambda found: _span(found[1], found[2], "day")),
    (rf"(?:on )?(?:what |which )?(?:week)?day(?: of the week)? (?:is|was|will be|falls on|does|did|will|were|am|are|of|for)(?: it on| on)?(?: (?:i|you|he|she|we|they))?(?: born)?(?: on)? ?{_DAY}(?: be| fall)?(?: on)?", _weekday),
    (rf"(?:[^\d]*\bon |is )?{_DAY},? (?:on )?(?:what|which) (?:week)?day(?: of the week)? (?:is|was|will) (?:it|that)(?: be)?", _weekday),
    (rf"{_DAY} (?:is|was|will be|falls on) (?:on )?(?:what|which|a what) (?:week)?day(?: of the week)?", _weekday),
    (rf"(?:is|was|will|does|did) {_DAY} (?:be |fall on )?(?:on )?(?:an? )?{_WEEKDAY}", _is_weekday),
    (rf"(?:(?:what |which )?(?:date|day) (?:is it|is|was it|was|will it be|falls|comes|do we have) |date )?(\d+) {_UNIT} (?:after|from|past) {_DAY}", lambda found: _moved(found, 1, 2, 3, back=False)),
    (rf"(?:(?:what |which )?(?:date|day) (?:is it|is|was it|was|will it be|falls|comes) |date )?(\d+) {_UNIT} (?:before|prior to) {_DAY}", lambda found: _moved(found, 1, 2, 3, back=True)),
    (rf"(?:(?:what |which )?(?:date|day) (?:is|was|will it be) )?{_DAY} (?:plus|\+) (\d+) {_UNIT}", lambda found: _moved(found, 2, 3, 1, back=False)),
)  # fmt: skip
_KNOWN = tuple((re.compile(form), answer) for form, answer in _FORMS)
_ANY_DAY = re.compile(r"(?<![\d-])(\d{4}|-)(-\d{2}-\d{2})(?![\d-])")
_TAIL = re.compile(
    rf"[\s,;:.?–—-]+(?:and |so |then )?(?:{_REMAINS}(?: then| after that)?|how much (?:is (?:that|it)|do i (?:have to )?pay|"
    r"does (?:that|it) (?:make|come to|leave)(?: me)?)|what (?:do i (?:have to )?pay|is (?:that|it)|does (?:that|it) (?:make|leave)(?: me)?|"
    r"do i (?:get|have)(?: left)?))$"
)
"""What is made of a sum that has been said: *take 15% off 1860: what's left?* asks for it once more."""
_LEAD = re.compile(
    r"^(?:(?:if|and|then|also|please|hey|hi|ok|so|can you|could you|tell me|calculate|compute|work out|find|"
    r"what(?:['’]?s| is| was| are| were| would be| will be)?(?: the)?|how much (?:is|are|was|would be|does)|give me|the)\s+)+"
)


def plainly(text: str) -> str:
    """Return a question in lower letters, with its numbers and dates in digits; nothing of a long text."""
    flat = digits(_DOZEN.sub(_dozens, " ".join(text.lower().split())))
    if not flat or len(flat) > LONGEST:
        return ""
    return _in_one_year(spell_out(flat).rstrip(" ?.!="))


_DOZEN = re.compile(r"(?P<count>half a|\d+|two|three|four|five|six|ten) dozens?\b")


def _dozens(found: re.Match[str]) -> str:
    """Write *three dozen* as 36, which are no two numbers."""
    count = found["count"]
    return "6" if count == "half a" else str(12 * int(digits(count)))


def worked_out(text: str) -> str | None:
    """Answer a sum in words; None where the whole of it is not one of those known here.

    Args:
        text: One question: what stands in it and is not understood makes it another one.
    """
    whole = plainly(text)
    if not whole:
        return None
    low = _TAIL.sub("", whole)
    bare = _LEAD.sub("", low)
    for form, answer in _KNOWN:
        for each in (low, bare):
            found = form.fullmatch(each)
            if found is None:
                continue
            try:
                with localcontext(prec=30):
                    return answer(found)
            except (ValueError, OverflowError, DivisionByZero, InvalidOperation):
                return None
    if _DOZEN.search(text.lower()) and re.fullmatch(r"\d+", bare):
        return bare
    try:
        with localcontext(prec=30):
            return (
                small_stories.told(whole)
                or small_stories.told(bare)
                or chained_sums.chained(bare)
                or word_problems.listed(bare)
                or clock_stories.on_the_clock(whole)
                or (measured.measured(whole) if measured.is_by_measure(whole) else None)
                or word_problems.solve(whole)
                or measured.measured(whole)
            )
    except (ValueError, OverflowError, DivisionByZero, InvalidOperation):
        return None

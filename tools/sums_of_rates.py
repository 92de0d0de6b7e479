"""So many at so much: proportions, packs, pay by the hour, distances and speeds."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from .stories import NOUN, Story, plain, singular, unit_of

PERIODS = {
    ("day", "week"): 7, ("day", "year"): 365, ("week", "year"): 52, ("month", "year"): 12,
    ("quarter", "year"): 4, ("month", "quarter"): 3, ("day", "fortnight"): 14, ("week", "fortnight"): 2,
}  # fmt: skip

_PERIOD = r"(?:hour|day|week|fortnight|month|quarter|year)"

_THING = r"(?: (?!(?:costs?|for|are|is|if|when)\b)([^\W\d_]+))?"

_BY_PROPORTION = re.compile(
    rf"#{_THING}[^#]*\b(?:costs?|for|are|is|weigh|needs?|use[sd]?|makes?|paid|pay)\b[^#]*#[^#]*"
    rf"\b(?:what|how much|how many)\b[^#]*#{_THING}"
)

_PROPORTION_TURNED = re.compile(
    rf"\b(?:what|how much)\b[^#]*#{_THING}[^#]*\b(?:if|when)\b[^#]*#{_THING} (?:costs?|is|are)\b[^#]*#"
)


def in_proportion(story: Story) -> str | None:
    """*If 3 pens cost 4.50, how much do 7 pens cost?*: in proportion, where money is asked for."""
    pack = re.search(
        r"\bof #[^#]*\b(?:costs?|for|is|are)\b[^#]*#[^#]*\b(?:what|how much)\b[^#]*#", story.words
    )
    if pack and story.numbers[2] == 1 and story.numbers[0]:
        return story.money(story.numbers[1] / story.numbers[0])
    if story.says(
        r"\b(?:days?|hours?|minutes?|workers?|painters?|machines?|takes?|faster|slower)\b"
    ):
        return None
    found = _BY_PROPORTION.search(story.words)
    turned = _PROPORTION_TURNED.search(story.words)
    if found:
        count, price, wanted = story.numbers
    elif turned:
        wanted, count, price = story.numbers
    else:
        return None
    one, other = (found or turned or {})[1], (found or turned or {})[2]
    if (
        one
        and other
        and singular(one) != singular(other)
        and other not in {"of", "cost", "be", "at"}
    ):
        return None
    if not count:
        return None
    each = price / count
    return f"{story.money(each * wanted)}" + (f" ({plain(each)} each)" if wanted != 1 else "")


def one_of(story: Story) -> str | None:
    """*4 tickets cost 50, how much is each?*; *12 boxes with 24 bottles each: how many bottles?*."""
    first, second = story.numbers
    asked = story.question
    grouped = re.search(rf"\b{NOUN} of #", story.words) or re.search(
        rf"# (?:[^\W\d_]+ )?(?:per|in each|fit in(?:to)? (?:an?|one|each)) {NOUN}", story.words
    )
    wanted = re.search(rf"\bhow many {NOUN}", asked)
    if grouped and wanted and singular(grouped[1]) == singular(wanted[1]):
        whole, size = (
            (first, second)
            if story.words.rfind("#") <= grouped.end() and story.words.index("#") < grouped.start()
            else (second, first)
        )
        if not size:
            return None
        count, rest = divmod(whole, size)
        full = f"{plain(count)} full, and {plain(rest)} left over: {plain(count + 1)} to hold all"
        return full if rest else plain(count)
    fits = re.search(
        rf"\bhow many # ?(?P<unit>[^\W\d_]+)?(?: {NOUN})? (?:fit|go|are (?:there )?|can (?:be filled|i fill|you fill|i cut)|do i get|make)\b[^#]*# ?(?P<other>[^\W\d_]+)?",
        story.words,
    )
    if fits and first and unit_of(fits["unit"]) == unit_of(fits["other"]):
        count, rest = divmod(second, first)
        return plain(count) + (
            f" (and {plain(rest)} {fits['other'] or ''} left over)" if rest else ""
        )
    single = re.search(
        rf"\b(?:an?|one|each|every) (?:{NOUN} ){{1,3}}[^#]*#[^#]*\b(?:what|how much)\b[^#]*# ?(?:of (?:them|these|those)|{NOUN})?",
        story.words,
    )
    if single and not story.says(
        rf"\b(?:per|an?|each|every) {_PERIOD}\b|\boff\b|\bleft\b|\bsplit|\bshare"
    ):
        named = single[2]
        if named is None or re.search(
            rf"\b(?:an?|one|each|every) (?:{NOUN} ){{0,2}}{re.escape(singular(named))}\b",
            story.words,
        ):
            return story.money(first * second)
    priced = re.search(
        rf"# {NOUN}[^#]*\b(?:costs?|for|are|is)\b[^#]*#[^#]*\b(?:what|how much)\b[^#]*\b(?:each|an? single|apiece|per (?:{NOUN}|piece)|an? {NOUN}|one)\b",
        story.words,
    )
    if priced and first and not story.says(rf"\b(?:per|an?) {_PERIOD}\b"):
        return story.money(second / first)
    at = r"# (?!km|mi|m\b|hours?)[^\W\d_]+(?: [^\W\d_]+)? at #"
    if story.says(at) and re.search(r"\b(?:cost|pay|price|come to)|\bhow much (?:is|are)\b", asked):
        return story.money(first * second)
    each = r"#[^#]*\b(?:with|of|at|hold(?:ing|s)?|contain(?:ing|s)?|ha(?:ve|s)|costs?|cost|for|times|weigh(?:ing|s)?|in)\b[^#]*#[^#.;]*\b(?:each|apiece|a piece)\b|#[^#]*\beach\b[^#]*\b(?:costs?|with|of|weigh|hold|contain|ha(?:s|ve))\w*[^#]*#"
    if story.says(each) and not story.says(r"\bsplit|\bshare|\bdivid|\bbetween\b|\bleft\b"):
        return f"{plain(first * second)}"
    return None


_PER = rf"(?:an?|per|each|every|/)\s?({_PERIOD})\b|\b(hour|dai|week|month|quarter|year)ly\b|\bannual(?:ly)?\b"


def _periods(text: str) -> list[str]:
    return [
        (each[1] or each[2] or "year").replace("dai", "day")
        for each in re.finditer(rf"(?:\bin )?(?:{_PER})|\bp\.?a\.", text)
    ]


def by_period(story: Story) -> str | None:
    """*I earn 2400 a month, how much a year?*."""
    named = _periods(story.words.replace("per annum", "a year"))
    if len(named) != 2 or not story.says(r"\bhow much\b|\bwhat\b|\bhow many\b"):
        return None
    given, wanted = named
    (amount,) = story.numbers
    if (
        re.search(r"\bhow (?:much|many)\b", story.words)
        and "#" in story.question
        and not story.question.startswith(("what is #", "how much is #"))
    ):
        given, wanted = (
            (wanted, given) if re.search(rf"{_PER}[^#]*#", story.question) else (given, wanted)
        )
    if (given, wanted) in PERIODS:
        return plain(amount * PERIODS[given, wanted])
    if (wanted, given) in PERIODS:
        return story.money(amount / PERIODS[wanted, given])
    return None


def by_hours(story: Story) -> str | None:
    """*15 an hour for 38 hours*; *75 a week for 12 weeks*."""
    found = re.search(
        rf"# (?:an?|per|each|every) ({_PERIOD})\b[^#]*# ({_PERIOD})s?\b|# ({_PERIOD})s?\b[^#]*# (?:an?|per|each|every) ({_PERIOD})\b",
        story.words,
    )
    if not found:
        return None
    period, lasting = found[1] or found[4], found[2] or found[3]
    times = 1 if period == lasting else PERIODS.get((period, lasting))
    if times is None:
        return None
    if not story.says(r"\b(?:how much|what|how many|total|altogether|in all|calculate|costs?)\b"):
        return None
    first, second = story.numbers
    return story.money(first * second * times)


def with_once(story: Story) -> str | None:
    """*180 a month for 3 months plus a deposit of 250: what is that together?*; *minus* takes it off."""
    found = re.search(
        rf"# (?:an?|per|each|every) ({_PERIOD})\b[^#]*?# ({_PERIOD})s?\b"
        r"[^#]*?\b(plus|and|with|minus|less)\b([^#]*)#",
        story.words,
    )
    if not found or not story.says(_TOGETHER) or re.search(_AGAIN, found[4]):
        return None
    behind = re.split(r"[:,;.?]", story.words[found.end() :])[0]
    if re.search(rf"\b{_PERIOD}s?\b|{_FAR_OR_HEAVY}", behind) or story.says(_SPENT):
        return None  # 12 a week for 3 weeks and 15 a week: the last is paid again and again
    times = 1 if found[1] == found[2] else PERIODS.get((found[1], found[2]))
    if times is None:
        return None
    each, periods, once = story.numbers
    sign = -1 if found[3] in {"minus", "less"} else 1
    return story.money(each * periods * times + sign * once)


_TOGETHER = r"\b(?:altogether|together|total|in all|how much|what (?:is|do|does|will|would)|costs?|come to|sum)\b"
_FAR_OR_HEAVY = r"^ ?(?:km|m|miles?|kg|g|l|litres?|minutes?|people|times)\b"
_SPENT = r"\b(?:left|spen[dt]\w*|los[et]\w*|back|remain\w*|g[ai]ve\w*|save[ds]?|discount|off|increas\w*|rais\w*)\b"
_AGAIN = rf"\b(?:each|every|per|another|further|more|off|tax|vat|{_PERIOD}ly)\b"


def altogether(story: Story) -> str | None:
    """*I walked 4.2 km on Monday, 3.8 on Tuesday and 5 on Wednesday: altogether?*."""
    between = story.words.split("#")[1:-1]
    if not story.says(
        r"\b(?:altogether|in total|in all|together)\b|\bwhat(?:'s| is) the (?:total|sum)\b"
    ):
        return None
    if not all(re.search(r",|;|\band\b|\bthen\b", each) for each in between):
        return None
    if any(
        re.search(
            r"\b(?:of|with|at|per|each|every|times|x|contain\w*|hold\w*|minus|left|back|lost|gave)\b",
            each,
        )
        for each in (*between, story.words.split("#")[-1])
    ):
        return None
    units = {
        unit_of(each)
        for each in re.findall(
            r"# ?(km|m|miles?|kg|g|grams?|kilos?|l|litres?|hours?|minutes?|min|h|days?|weeks?)\b",
            story.words,
        )
    }
    return story.money(sum(story.numbers, Decimal(0))) if len(units) < 2 else None


_FAR = r"(?:km|kilomet(?:er|re)s?|miles?|mi|m|met(?:er|re)s?)"


def speed(story: Story) -> str | None:
    """*450 km in 5 hours: the average speed?*; *how long for 300 km at 80 km/h?*."""
    first, second = story.numbers
    at = re.search(
        r"# (km|kilomet\w*|miles?|mi)\b[^#]*\bat\b[^#]*# ?(?:km/h|kmh|kph|mph|km an hour|km per hour|kilomet\w* (?:per|an) hour|miles? (?:per|an) hour)",
        story.words,
    )
    if (
        at
        and story.says(r"\bhow long\b|\bhow many hours\b|\bwhat time\b|\bhow much time\b")
        and second
    ):
        minutes = (first / second * 60).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        hours, rest = divmod(minutes, 60)
        return f"{plain(first / second)} hours ({hours} h {rest} min)"
    went = re.search(
        rf"# ({_FAR})\b[^#]*\b(?:in|takes?|took|within|for)\b[^#]*# (hours?|h|minutes?|min)\b",
        story.words,
    )
    if went and story.says(r"\bspeed\b|\bhow fast\b|\bpace\b|\bper hour\b") and second:
        unit = (
            went[1]
            if went[1] in {"km", "m", "mi"}
            else {"k": "km", "m": "miles"}[went[1][0]]
            if not went[1].startswith("met")
            else "m"
        )
        per = second if went[2].startswith("h") else second / 60
        return f"{plain(first / per)} {unit} per hour"
    return None


def remainder(story: Story) -> str | None:
    first, second = story.numbers
    if story.says(r"\bremainder\b|\bleft over\b|\bmodulo\b") and story.says(
        r"#[^#]*\b(?:divided by|by|over|into|mod|and)\b[^#]*#"
    ):
        if not second:
            return None
        count, rest = divmod(first, second)
        return f"{plain(rest)} ({plain(first)} = {plain(count)} × {plain(second)} + {plain(rest)})"
    if (
        story.says(
            r"\bhow (?:many times|often) (?:does|do|will|can|would) # (?:go|fit|go evenly) (?:in|into) #"
        )
        and first
    ):
        count, rest = divmod(second, first)
        return plain(count) + (f" (remainder {plain(rest)})" if rest else "")
    return None


__all__ = (
    "PERIODS",
    "altogether",
    "by_hours",
    "by_period",
    "in_proportion",
    "one_of",
    "remainder",
    "speed",
    "with_once",
)

"""Percentages, shares, change, what is left: what people ask of amounts of money."""

from __future__ import annotations

import re
from decimal import Decimal

from .stories import Story, plain

_LESS = (
    r"\boff\b|\bdiscount|\breduc|\bcheaper|\bon sale\b|\brebate|\bmark(?:ed)?[- ]?down|\bless\b|\blower|\bdecreas|\bdrop|"
    r"\bfalls?\b|\bfell\b|\bcut\b|\bminus\b|\bdeduct|\bsubtract|\bshr[aiu]nk|\bloses?\b|\blost\b|\btaken? away\b|\bdesconto\b|\bdown by\b|\bslash"
)

_MORE = (
    r"\bmore\b|\bincreas|\brais|\brises?\b|\brose\b|\bplus\b|\badd|\btips?\b|\bvat\b|\btax|\biva\b|\bservice\b|\bsurcharge|"
    r"\bmark(?:ed)?[- ]?up|\bgrow|\bgrew\b|\bhigher\b|\bbonus|\bgratuity|\bcommission|\bfee\b|\bgorjeta\b|\bdearer\b|\bup by\b|\bgoes up\b|\bwent up\b"
)

_EXTRA = r"\b(?:tip|vat|tax|iva|service(?: charge)?|surcharge|gratuity|commission|fee|bonus|raise|increase|gorjeta|mark[- ]?up)s?\b"

_EARLIER = r"\bbefore\b|\boriginal(?:ly)?\b|\bprevious(?:ly)?\b|\bused to\b|\bfull price\b|\bregular price\b|\bnet\b|\bwithout\b|\bexcluding\b|\bex[- ]vat\b|\bpre-?tax\b|\bexcl\b"

_LATER = r"\bafter\b|\bnow\b|\bnew\b|\bwith\b|\bincluding\b"


def percentage(story: Story) -> str | None:
    (amount,), (percent,) = story.numbers, story.percents
    share = percent / 100
    less, more = story.says(_LESS), story.says(_MORE)
    if less and more:
        return None
    if more and story.says(r"#\W*(?:without(?: it)?|excluding|excl\w*|net|before tax)\b(?!.*%)"):
        return f"{story.money(amount * (1 + share))} ({story.money(amount * share)} more)"
    asked = story.question
    turn = re.search(f"(?P<earlier>{_EARLIER})|{_LATER}", asked)
    included = story.says(
        r"\b(?:includ(?:es|ing)|incl|inclusive|contains?|with)\b[^#]*%|\b(?:included|inclusive|incl)\b"
    )
    if (turn is not None and turn["earlier"]) and (less or more):
        if less and share >= 1:
            return None
        was = amount / (1 - share if less else 1 + share)
        return f"{story.money(was)} (it was; {plain(percent)}% {'off' if less else 'on top'} makes {story.money(amount)})"
    if more and included and re.search(_EXTRA, asked) and story.says(r"\b(?:vat|tax|iva)\b"):
        net = amount / (1 + share)
        return (
            f"{story.money(amount - net)} (of {story.money(amount)}; {story.money(net)} without it)"
        )
    part = amount * share
    if less:
        if re.search(
            r"\b(?:save|saved|saving|savings|how much cheaper|worth|the (?:discount|reduction|rebate))\b",
            asked,
        ):
            return f"{story.money(part)} ({story.money(amount - part)} is left to pay)"
        return f"{story.money(amount - part)} ({story.money(part)} less)"
    if more:
        whole = re.search(
            r"\b(?:pay|total|altogether|in all|together|come to|comes to|final|cost|price|new|earn|now|with|gross|end up|"
            r"make|salary|rent|bill be|is that|more than|higher than)\b",
            asked,
        )
        named = re.search(
            rf"how much (?:is |of )?(?:an? |the |my )?[^#%]{{0,20}}?{_EXTRA}|%[^#]{{0,12}}{_EXTRA} (?:on|of|for|to)\b",
            asked,
        )
        if named or not whole:
            word = re.search(_EXTRA, story.words)
            return f"{story.money(part)} ({word[0] if word else 'more'}; {story.money(amount + part)} together)"
        return f"{story.money(amount + part)} ({story.money(part)} more)"
    return None


_AS_SHARE = r"\b(?:what|which|how many|as a|as an|in|the) ?(?:percent(?:age)?|per ?cent|proportion|share)\b|\bpercent(?:age)?\b|\bhow many %|\bwhat %"


def share(story: Story) -> str | None:
    """*I got 36 out of 45 right, what percentage is that?*."""
    part, whole = story.numbers
    if not story.says(_AS_SHARE) or story.says(
        r"\b(?:from|went|rose|fell|grew|change|increase|decrease|more|less)\b"
    ):
        return None
    if story.says(r"\b(?:out of|of) (?:the |all )?#[^#]*#") and not story.says(
        r"#[^#]*\bof\b[^#]*#"
    ):
        part, whole = whole, part  # out of 48, 36 passed
    elif not story.says(r"#[^#]*\b(?:out of|of|from)\b[^#]*#"):
        return None
    return f"{plain((100 * part / whole).quantize(Decimal('0.01')))}%" if whole else None


_SPLIT = r"\bsplit|\bshar(?:e|ed|ing)\b|\bdivid|\beach\b|\bper (?:person|head)\b|\beveryone\b|\bequally\b|\bevenly\b|\ba head\b|\bapiece\b|\bevery(?:body|one)? (?:of us )?(?:pay|get|owe)"

_ALTOGETHER = r"\bhow (?:much|many)\b[^#%@]*\b(?:together|in total|in all|altogether|collect(?:ed)?|raise)\b|\bin total\b|\baltogether\b|\btogether\b"


def each_pays(story: Story) -> str | None:
    """*The bill is 96, we are four and tip 10%: how much each?*."""
    amount, crowd = story.numbers[0], story.people[0]
    if not crowd or not story.says(_SPLIT):
        return None
    if story.says(
        r"\beach (?:pays?|gives?|brings?|puts?|contributes?|donates?|owes?|has|have|gets?)\b[^#@]*#"
    ) or (story.says(r"#[^@?]*\beach\b") and story.says(_ALTOGETHER)):
        return (
            f"{story.money(amount * crowd)} ({plain(crowd)} × {plain(amount)})"
            if not story.percents
            else None
        )
    whole = amount
    if story.percents:
        share = story.percents[0] / 100
        if story.says(_LESS):
            whole = amount * (1 - share)
        elif story.says(_MORE):
            whole = amount * (1 + share)
        else:
            return None
    each = whole / crowd
    exact = each == each.quantize(Decimal("0.01"))
    total = "" if whole == amount else f" ({story.money(whole)} in all)"
    return f"{story.money(each)} each{'' if exact else ', rounded'}{total}"


def change(story: Story) -> str | None:
    """*I pay 37.85 with a 50 note: how much change do I get?*."""
    if not story.says(r"\bchange\b|\b(?:get|give) back\b") or story.says(r"\bpercent|\bexchange"):
        return None
    if not story.says(
        r"\b(?:pay|paid|paying|pays|costs?|note|bill|give|gave|hand(?:ed)?|from|for|out of|buy|bought)\b"
    ):
        return None
    low, high = sorted(story.numbers)
    return story.money(high - low)


def left(story: Story) -> str | None:
    """*I had 500 and spent 123.45 and 67.80. What's left?*."""
    if not story.says(r"\b(?:left|remains?|remaining|leaves?|have now|still have|over)\b"):
        return None
    if story.says(
        r"\b(?:each|per|times|earn\w*|found|receiv\w*|more|every|double|half|back|paid in|deposit\w*)\b"
    ):
        return None
    gone = r"\b(?:spen[dt]|spending|pays?|paid|paying|bought|buy|buying|gave|give|lost|lose|used?|ate|eat|sold|sell|costs?|goes|went|minus|took|take|withdrew|eaten|after|drive|drove|walked|read)\b"
    if not re.search(rf"#[^#]*{gone}[^#]*#", story.words):
        return None
    first, *rest = story.numbers
    value = first - sum(rest, Decimal(0))
    return plain(value)


def in_ratio(story: Story) -> str | None:
    """*Divide 1000 in the ratio 2:3*."""
    if not story.says(r"\bratio\b|\bproportions?\b|\bdivid|\bsplit|\bshare"):
        return None
    (amount,), whole = story.numbers, sum(story.ratio)
    if not whole:
        return None
    return " and ".join(story.money(amount * each / whole) for each in story.ratio).replace(
        " and ", ", ", max(0, len(story.ratio) - 2)
    )


__all__ = ("change", "each_pays", "in_ratio", "left", "percentage", "share")

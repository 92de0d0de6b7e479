"""Sums that are told as a little story go whole to the expert that reckons.

*I had 500 and spent 120 and 67. What's left?* looks like three wishes to whoever reads clauses, like a
conversion where kilos are bought, and like something to talk about to a language model, which answers it
with ease, and wrongly. The calculator reads such a story whole, or says that it cannot.
"""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard
from herd_graph.checking import check
from herd_graph.plans import Binding, Plan, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import alone
from herd_graph.routing.numerals import digits
from herd_graph.tasks import Task

_LONGEST = 200
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_ASKS = r"(?:what|how (?:much|many|long|fast)|\?|calculate|work out|each\b|total)"
_CUES = (
    r"costs?|prices?|pay|pays|paid|bill|tips?|discount|reduced|cheaper|off|vat|tax|split|share|divided?|among|each|left|remains?|"
    r"change|earn|salary|rent|rais(?:e|ed)|average speed|what speed|how fast|how long does|ratio|altogether|in total|in all|fits?|full price|"
    r"percent(?:age)?|per ?cent|per (?:person|head|hour|day|week|month|kilo|kg|piece|100)|an hour|a (?:day|week|month|year)|every (?:day|week|month)|"
    r"saved?|service|spent|spend|are needed|do i need|recipe"
)
_STORY = re.compile(rf"\b(?:{_CUES})\b", re.IGNORECASE)
_ASKED = re.compile(_ASKS, re.IGNORECASE)
_STEPS = re.compile(
    r"^\W*(?:please |start(?:ing)? (?:with|from|at) |begin with |take )?(?:add|subtract|multiply|divide|double|halve|triple|square|\d[\d.,]*)\b"
    r"[^?]*?(?:,|;|\band\b|\bthen\b)\s*(?:then |and )?(?:add|subtract|multiply|divide|double|halve|triple|square|take (?:away|off)|minus|plus|times)\b",
    re.IGNORECASE,
)
_ROUNDED = re.compile(r"\bround(?:ed|ing)?\b[^?]*\b(?:to|nearest)\b", re.IGNORECASE)
_LARGE = re.compile(r"\d(?:\.\d+)? ?(?:hundred|thousand|million|billion)\b", re.IGNORECASE)
_EVERY = r"(?:an?|per|each|every|/) ?(?:day|week|month|quarter|year)\b"
_BY_PERIOD = re.compile(
    rf"\d[^?]*?{_EVERY}[^?]*\b(?:how much|what)\b[^?]*(?:{_EVERY}|yearly|annually|monthly)",
    re.IGNORECASE,
)
_NESTED = re.compile(
    r"\d ?(?:%|percent|per cent) of (?:the )?\d+(?:\.\d+)? ?(?:%|percent|per cent) of",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:interest|returns?|bank|loan|mortgage|compound\w*|invest\w*|annuity|npv|irr|deposit(?! of \d)(?<!\d deposit)|bonds?|inflation|credit|"
    r"translat\w*|say|speak|aloud|audio|voice|write|draft|compose|poem|story|letter|e-?mail|explain|why|who|where|when|"
    r"chart|graph|plot|draw|picture|table|column|rows?|file|document|list|receipt|invoice|photo|recording|video|text|page|pdf|csv|"
    r"convert|celsius|fahrenheit|population of|capital|portuguese|german|french|spanish|english|it|them|these|those|above)\b(?! cost| costs)"
    r"|\b(?:in|into|to) (?:km|kilometers|kilometres|miles?|feet|ft|inches|cm|mm|m|metres?|meters?|kg|kilos?|pounds|lbs?|ounces|oz|grams?|g|litres?|liters?|gallons?|cups?|ml|mph|km/h|kmh|kw|kwh|mb|gb|yards?|acres?|hectares?|minutes?|seconds?|hours?|days?)\W*$"
    r"|(?:%|percent|per cent) (?:an?|per|each|every|p\.a\.)|(?:%|percent|per cent|\bp\.a\.)[^?.!]*\b(?:over|for|in|after)\b[^?.!]*\byears?\b|\byears?\b[^?.!]*\bat \d+(?:\.\d+)? ?(?:%|percent|per cent)"
    r"|\d{4}-\d\d-\d\d|\d\d?:\d\d(?! ?:)\b(?![^?]*ratio)|[=^]",
    re.IGNORECASE,
)
"""What others answer, or what more is wished for than a number."""
_THAT = re.compile(r"\b(?:is|was|does|would|will|do|of|cost|costs|if|that|and|off|on|by) it\b|\bit(?:'s| is| was| costs?)\b|\bof (?:them|these|those)\b|\b(?:double|halve|square|triple|round|multiply|divide|split|add|cost|share) (?:it|them)\b", re.IGNORECASE)  # fmt: skip
"""*It* of the story itself, once it has told what that is."""

_BREATH = re.compile(
    r"^\W*(?:(?:the|our|my|it|a) )?(?:[a-z]+ ){0,3}(?:costs?|is|are)? ?\d[\d.,]*(?: ?[$€£]| euros?| pounds?| dollars?)? (?:an|per|each) hour\b[^?]*\bfrom \d[\d:.h]* ?(?:[ap]m)? (?:to|until|till) \d[\d:.h]* ?(?:[ap]m)?\W*(?:how much[^?]*|what[^?]*)?\W*$"
    r"|^\W*(?:take |get |give )?(?:an? )?(?:half|third|quarter|fifth|tenth) off (?:of )?\d[\d.,]*(?: ?[$€£]| euros?| pounds?| dollars?)?\W*$"
    r"|^\W*(?:an? )?(?:half|third|quarter|fifth|tenth) of what \w+ [a-z ]+[,.;:] ?(?:and )?\w+ [a-z ]*\d[\d.,]*(?: euros?| pounds?| dollars?)?\W*$"
    r"|^\W*\d[\d.,]* ?(?:g|kg|grams?|ml|l|litres?|cups?|eggs?)? ?(?:of )?(?:[a-z]+ ){0,2}(?:serves?|feeds?|is (?:enough )?for|are (?:enough )?for) \d+(?: people| persons)?[,;.]? (?:so )?how (?:much|many)[^?\d]* \d+(?: people| persons)?\W*$",
    re.IGNORECASE,
)
"""Told in one breath, and for the reckoner whole: *35 an hour, from 14:00 to 18:30*."""


_CLOCK = r"(?:\b(?:[01]?\d|2[0-4]):[0-5]\d\b|\b\d{1,2}(?:[.:]\d\d)? ?[ap]\.?m\b|\bat \d{1,2}\b(?![.:]\d)|\bnoon\b|\bmidnight\b)"
_DURATION = r"\b(?:\d+(?:\.\d+)? ?(?:hours?|hrs?|h|minutes?|mins?)\b|(?:half an|an) hour\b)"
_ON_THE_CLOCK = re.compile(
    rf"(?=[^#]*{_CLOCK})(?=[^#]*{_DURATION})(?=[^#]*\b(?:when|what time|how (?:long|many hours)|arrival)\b)[^#]*\b(?:land|arrive|arrival|end|finish|over|leave|set off|get (?:there|home|back|up)|back|ready|done|start|break|pause|put)\b"
    rf"|(?=[^#]*{_CLOCK}[^#]*\b(?:to|until|till|and)\b[^#]*{_CLOCK})(?=[^#]*\bhow (?:long|many hours)\b)[^#]*\b(?:from|between|worked|open|shift)\b",
    re.IGNORECASE,
)
_ARRIVES = re.compile(
    rf"(?=[^#]*{_CLOCK})(?=[^#]*\d ?(?:km|miles?)\b)(?=[^#]*\d ?(?:km ?/ ?h|kmh|kph|mph)\b)[^#]*\b(?:when|what time)\b",
    re.IGNORECASE,
)
_FAR = r"\d ?(?:km|kilomet(?:re|er)s?|k|miles?|mi|m|met(?:re|er)s)\b"
_SPEED = r"\d ?(?:km ?/ ?h|kmh|kph|mph|km an hour|km per hour|m ?/ ?s)\b"
_GOING = re.compile(
    rf"(?![^#]*\bhow (?:far|long|fast) is \d)(?=[^#]*(?:{_FAR}|{_SPEED}))(?=[^#]*(?:{_DURATION}|{_SPEED}|\bin \d{{1,2}}:\d\d))[^#]*\b(?:how (?:fast|far|long)|speed|pace)\b",
    re.IGNORECASE,
)
_STORED = re.compile(
    r"\d ?(?:gb|mb|tb|gigabytes?|megabytes?|terabytes?)\b[^#]*\d ?(?:gb|mb|tb|mbit|gbit|mbps|gbps|megabits?|gigabits?|gigabytes?|megabytes?)\b[^#]*|\bhow many \d[^#]*\d ?(?:gb|mb|tb)\b",
    re.IGNORECASE,
)
_BY_MEASURE = re.compile(
    r"(?=[^#]*\d ?(?:[€£$]|euros?|pounds?|dollars?|cents?|pence|p)?(?: ?/ ?| (?:an?|per|each|every|the) )(?:kilos?|kg|g|lit(?:re|er)s?|l|met(?:re|er)s?|m|square (?:met(?:re|er)s?|m|feet|foot)|m²|lb|gallon)\b)"
    r"(?=[^#]*\d ?(?:kilos?|kg|g|grams?|lit(?:re|er)s?|l|ml|met(?:re|er)s?|m|cm|square|m²|lb)\b)[^#]*\b(?:costs?|pay|price|how much|earn)\b"
    r"|\d ?mpg\b[^#]*\d ?(?:km|miles)\b|\d ?l(?:it(?:re|er)s)? ?(?:/|per) ?100 ?km\b[^#]*\d ?(?:km|miles)\b",
    re.IGNORECASE,
)
_WORKERS = re.compile(
    r"\b\d+ (?:workers|men|women|people|painters|builders|machines|taps|pumps|gardeners|cleaners)\b[^#]*\d+ (?:days|hours|minutes|weeks)\b[^#]*\bhow (?:many|long)\b[^#]*\d+",
    re.IGNORECASE,
)
_PARTED = re.compile(
    r"\b(?:half|(?:a|1|2|3|two|three) (?:thirds?|quarters?|fifths?|tenths?)) of (?:the |our |my )?\d+ [a-z]+\b[^#]*\bhow many\b|\b\d+ of us share\b[^#]*\d[^#]*\beach\b",
    re.IGNORECASE,
)
_TWO_PRICES = re.compile(
    r"(?=[^#]*\d ?(?:kg|kilos?|g|l|lit(?:re|er)s?|m|met(?:re|er)s?)\b[^#]*\d[\d.]* (?:a|per|the) (?:kilo|kg|lit(?:re|er)|met(?:re|er))\b[^#]*\d[^#]*\d)[^#]*\b(?:total|altogether|in all|together)\b",
    re.IGNORECASE,
)
_MEASURED = (_TWO_PRICES, _PARTED, _ARRIVES, _ON_THE_CLOCK, _GOING, _STORED, _BY_MEASURE, _WORKERS)
"""Told by what they measure: a time, a way, a price by the kilo. A unit in it is no wish for a conversion."""
_SOMETHING_ELSE = re.compile(
    r"\b(?:translat\w*|say|speak|aloud|audio|write|draft|compose|poem|letter|e-?mail|explain|why|who|chart|graph|plot|draw|table|file|"
    r"document|receipt|photo|recording|video|pdf|csv|convert|portuguese|german|french|spanish|english|interest|loan|mortgage|time ?zones?|time difference|local time|cet|utc|gmt|est|pst)\b"
    r"|\b(?:in|to|into) (?:km|miles?|feet|inches|cm|met(?:re|er)s|kg|kilos|pounds|lbs|ounces|celsius|fahrenheit|gallons|lit(?:re|er)s)\W*$",
    re.IGNORECASE,
)


def _is_measured(low: str) -> bool:
    """Say whether a story is told in measures, and asks for what they make."""
    return not _SOMETHING_ELSE.search(low) and any(form.search(low) for form in _MEASURED)


def is_told_sum(text: str) -> bool:
    """Say whether a text is a sum told in words, and nothing else."""
    flat = " ".join(text.split())
    if not flat or len(flat) > _LONGEST:
        return False
    low = digits(flat)
    if _BREATH.search(low) or _is_measured(low):
        return True
    numbers = len(_NUMBER.findall(low))
    begins = _NUMBER.search(low)
    if begins is None:
        return False
    told = f"{low[: begins.start()]}{_THAT.sub(' ', low[begins.start() :])}"
    if _ELSEWHERE.search(told):
        return False
    if _STEPS.search(low) or _ROUNDED.search(low):
        return True
    if _BY_PERIOD.search(low) or _NESTED.search(low):
        return True
    if _LARGE.search(flat) and numbers > 1 and _ASKED.search(low):
        return True
    return numbers > 1 and bool(_STORY.search(low)) and bool(_ASKED.search(low))


_MOST_NUMBERS = 4
"""Of a loan: its sum, its rate, its time, and a payment."""
_LOAN = re.compile(
    r"\b(?:loan|mortgage|borrow\w*|credit|instal+ments?|repay\w*|pay (?:it )?back|savings?|save|invest\w*|deposit)\b",
    re.IGNORECASE,
)
_RATE = re.compile(r"\d ?(?:%|percent\b|per ?cent\b|p\.\s?c\.)", re.IGNORECASE)
_LASTS = re.compile(r"\d[ -]?(?:years?|yrs?|y|months?)\b", re.IGNORECASE)
_PAYS = re.compile(
    r"\b(?:pay(?:ments?)?|monthly|interest|instal+ments?|cost|left|owe|how long|how much|what)\b",
    re.IGNORECASE,
)
_MORE_WISHES = re.compile(
    r"\b(?:translat\w*|say|speak|aloud|audio|voice|write|draft|compose|explain|chart|graph|plot|draw|picture|table|file|"
    r"document|convert|portuguese|german|french|spanish|mail|e-?mail|letter|npv|irr|summar\w+|read|square|divided|internet|online|look up|lenders?|cheap\w*|hear|listen|notary)\b|\b(?:in|to) (?:kg|km|miles|pounds|feet|cm)\b"
    r"|\bhow many (?:pounds|kilos|kg|miles|km|feet|litres|cups)\b",
    re.IGNORECASE,
)

_SHARE_OF_IT = re.compile(
    r"^[^.;:?!]*\d[^.;:?!]*[?,]\s*(?:and|then)\b[^?]*\b(?:half|third|quarter|tenth|fifth|double|twice|halve|triple)(?: of)? (?:that|it)\W*$",
    re.IGNORECASE,
)
"""*…, and half of that?* after one sentence that has all the figures: a second wish."""


def is_told_loan(text: str) -> bool:
    """Say whether a text is one story of a loan or of savings: its sum, its rate and what is asked belong together."""
    low = digits(" ".join(text.split()))
    return (
        0 < len(low) <= _LONGEST
        and len(_RATE.findall(low)) == 1
        and len(_NUMBER.findall(low)) <= _MOST_NUMBERS
        and bool(_LOAN.search(low) and _LASTS.search(low) and _PAYS.search(low))
        and not _MORE_WISHES.search(low)
        and not _SHARE_OF_IT.search(low)
    )


def told_sum(task: Task, card: ExpertCard | None, experts: Snapshot, author: str) -> Plan | None:
    """Return the plan of a sum in words; None for all else, or where nobody reckons.

    Args:
        task: The request.
        card: Who reckons.
        experts: Who is there.
        author: Whose name the plan bears.
    """
    if task.attachments:
        return None
    if is_told_loan(task.text):
        card = next((each for each in experts.latest if "loan" in each.tags), None)
    elif not is_told_sum(task.text):
        return None
    port = next((each for each in card.inputs if each.required), None) if card else None
    if card is None or port is None:
        return None
    inputs: dict[str, Binding] = {port.name: Value(value=task.text)}
    plan = alone(card, inputs, task.text, ports={}, author=author)
    return None if check(plan, experts) else plan


__all__ = ("is_told_loan", "is_told_sum", "told_sum")

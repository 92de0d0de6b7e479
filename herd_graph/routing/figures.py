"""Read what is to be done with the figure that was answered last: *take that off 345*, *that in miles?*."""

from __future__ import annotations

import re

from herd_graph.routing.expressions import find_expressions
from herd_graph.routing.lexicon import PRONOUN, RESULT_NOUNS

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_FIGURE = r"(?P<n>\d[\d,]*(?:\.\d+)?)"
_THAT = r"(?:that|this|it|the (?:result|answer|total|sum|number|amount))"
_LEAD = r"^\W*(?:(?:and|now|then|ok|okay|so|please|can you|could you|what(?:['’]?s| is)|how much is)\W+)*"
_FROM = re.compile(
    rf"{_LEAD}(?:take|subtract|deduct)(?: away)? {_THAT} (?:off|from|away from|out of) (?:the )?{_FIGURE}\W*$",
    re.IGNORECASE,
)
_TO = re.compile(rf"{_LEAD}add {_THAT} (?:on )?to (?:the )?{_FIGURE}\W*$", re.IGNORECASE)
_OF = re.compile(
    rf"{_LEAD}{_FIGURE} (?P<how>minus|less|plus|times|divided by|over) {_THAT}\W*$", re.IGNORECASE
)
_SIGNS = {"minus": "-", "less": "-", "plus": "+", "times": "*", "divided by": "/", "over": "/"}
_IN_UNIT = re.compile(
    r"^\W*(?:(?:and|now|then|ok|okay|so|what(?:['’]?s| is| about)|how (?:much|many|far|long|heavy) is|convert|give me|show me|put)\W+)*"
    r"(?:that|it|this)(?: (?:distance|weight|length|temperature|amount|number|result))? (?:in|into|to|as) (?:degrees )?(?P<unit>[^\W\d_][\w²³°/]*)(?:,? (?:please|then|too|again))?\W*$",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?:us )?(?:dollars?|bucks|usd|euros?|eur|gbp|sterling|yen|jpy|francs?|chf|rupees?|reais|real|pesos?|kron\w+|yuan|roubles?|rubles?|zlotys?)",
    re.IGNORECASE,
)
_NO_UNIT = frozenset(
    {"english", "portuguese", "french", "german", "spanish", "italian", "words", "figures"}
    | {"csv", "json", "excel", "markdown", "xlsx", "one", "two", "three", "short", "brief", "text"}
    | {"table", "chart", "list", "audio", "speech", "full", "detail", "bullet", "bullets", "pdf"}
)
_QUANTITY = re.compile(
    r"(?P<n>-?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>°?\s?[^\W\d_][^\W\d_²³/]*[²³]?(?:/[^\W\d_]+)?)"
)

_OPERATES = re.compile(r"\d.*[-+*/×÷^%].*\d")
_A_FILE = re.compile(
    r"\b(?:the|my|our|his|her|your) (?!sum\b|result\b|square\b|total\b|answer\b)\w+", re.IGNORECASE
)
_CURRENCY = re.compile(
    r"(?<=\d)\s?(?:euros?|pounds?|dollars?|quid|pence|cents?|reais|francs?)\b", re.IGNORECASE
)
"""*40 euros minus 10%* is a sum of money, and a sum."""
_SHORT = 60


def reckoning(text: str, answer: str) -> str:
    """Return the sum of a figure in a message and the one that was answered; empty where it is none.

    Args:
        text: What is said: *take that off 345*.
        answer: What was answered: *12 % of 345 = 41.4*.
    """
    numbers = _NUMBER.findall(answer.rpartition("=")[2] or answer)
    if not numbers:
        return ""
    last = numbers[0].replace(",", "")
    for pattern, sign in ((_FROM, "-"), (_TO, "+"), (_OF, "")):
        if found := pattern.match(text):
            how = sign or _SIGNS[found["how"].lower()]
            return f"{found['n'].replace(',', '')} {how} {last}"
    return ""


def puts_to(text: str) -> bool:
    """Say whether a message puts the figure that was answered to another one."""
    return any(pattern.match(text) for pattern in (_FROM, _TO, _OF))


def in_unit(text: str) -> str:
    """Return the unit that *that* is wanted in; empty where a message asks for nothing of the kind."""
    found = _IN_UNIT.match(text)
    return "" if found is None or found["unit"].lower() in _NO_UNIT else found["unit"]


def is_money(unit: str) -> bool:
    """Say whether a unit is a currency: what one is worth in another nobody here knows."""
    return _MONEY.fullmatch(unit) is not None


_IN_MONEY = re.compile(
    rf"^\W*(?:(?:and|or|now|then|ok|okay|please|what(?:['’]?s| is| about)|how (?:much|many) is|give me|show me|put|convert)\b\W*)*"
    rf"(?:(?:that|it|this|the (?:total|sum|amount|price|bill|result))(?: again)? )?(?:in|into|to|as) (?P<unit>{_MONEY.pattern})(?: (?:please|instead|then|too))*\W*$",
    re.IGNORECASE,
)


def money_alone(text: str) -> str:
    """Return the currency that what was answered is wanted in: *in euros?*, *the total in dollars*."""
    found = _IN_MONEY.match(text)
    return found["unit"] if found else ""


def no_rates(unit: str) -> str:
    """Return why nothing is put into another currency."""
    return f"No expert here knows what {unit} are worth today: nothing here looks up rates."


_MEASURE = re.compile(
    r"\W*(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|km|kilomet(?:er|re)s?|met(?:er|re)s?|cm|mm|centimet(?:er|re)s?|miles?|yards?|feet|foot|inch(?:es)?"
    r"|kg|kilos?|kilograms?|grams?|g|lbs?|pounds?|ounces?|oz|stone|tonnes?|tons?|lit(?:er|re)s?|ml|gallons?|pints?|cups?|celsius|fahrenheit)\W*(?:please|then)?\W*",
    re.IGNORECASE,
)


def is_measure(said: str) -> bool:
    """Say whether a text is the name of a unit and nothing else: *hours?*."""
    return _MEASURE.fullmatch(said) is not None


def is_own_sum(text: str) -> bool:
    """Say whether a message has all the figures of its sum, and points at nothing: *what's 15% of 80?*."""
    bare = _CURRENCY.sub("", text)
    sums = [each for each in find_expressions(bare) if _OPERATES.search(each)]
    points = PRONOUN.search(text) or RESULT_NOUNS.search(text) or _A_FILE.search(text)
    return bool(sums) and not points and len(text) < _SHORT


def last_quantity(answer: str) -> str:
    """Return the one quantity that an answer comes to, number and unit; empty where there is none.

    Args:
        answer: *26 miles = 41.84 km*, or a sentence that names one quantity.
    """
    found = list(_QUANTITY.finditer(answer.rpartition("=")[2] or answer))
    return f"{found[0]['n'].replace(',', '')} {found[0]['unit'].strip()}" if len(found) == 1 else ""


__all__ = (
    "in_unit",
    "is_measure",
    "is_money",
    "is_own_sum",
    "last_quantity",
    "money_alone",
    "no_rates",
    "puts_to",
    "reckoning",
)

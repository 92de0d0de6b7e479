# ruff: noqa: SIM905 - word lists are read and mended as words
"""What is asked of a receipt: its subtotal, its tax, only the drinks, the dearest line."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.errors import PortViolation

from .courtesies import without_courtesies
from .further import carried, further
from .price_lists import several
from .priced import Line, priced_lines
from .slips import priced_at, worked_out

_PRINTED = (
    (r"\bsub-?\s?total\b", r"sub-?\s?total|net\b|before tax"),
    (r"\b(?:vat|tax(?:es)?|iva|mwst|gst|sales tax)\b", r"\b(?:vat|tax|iva|mwst|ust|gst)\b"),
    (r"\b(?:tip|gratuity|service charge|service)\b", r"\b(?:tip|gratuity|service)\b"),
    (r"\bdiscounts?\b|\brebate\b", r"\b(?:discount|rebate|desconto|rabatt|off)\b"),
    (r"\bdeposit\b", r"\b(?:deposit|pfand)\b"),
    (r"\bchange\b", r"\b(?:change|troco|rückgeld)\b"),
    (r"\b(?:cash|paid|card|payment)\b", r"\b(?:cash|paid|card|visa|mastercard|payment|tendered)\b"),
    (r"\b(?:shipping|delivery|postage)\b", r"\b(?:shipping|delivery|postage|versand|portes)\b"),
)
"""What is printed on a line of its own: how it is asked for, and how it is written."""
_SORTS = {
    "drink": "drink drinks beverage water cola coke soda lemonade juice beer wine coffee espresso latte "
    "cappuccino americano mocha tea milk cider cocktail gin rum vodka whisky sumo cerveja vinho cafe agua "
    "chá galao smoothie prosecco champagne lager ale tonic fanta sprite pepsi".split(),
    "dessert": "dessert cake tart pie ice cream icecream mousse pudding brownie cookie muffin tiramisu cheesecake "
    "crumble pancake waffle".split(),
    "fruit": "fruit apple apples banana bananas orange oranges pear pears grape grapes lemon melon berry "
    "berries strawberries peach kiwi mango".split(),
    "vegetable": "vegetable vegetables carrot carrots potato potatoes onion onions tomato tomatoes lettuce "
    "cucumber pepper peppers cabbage broccoli spinach garlic leek beans peas".split(),
    "dairy": "dairy milk cheese butter yogurt yoghurt cream curd".split(),
    "bakery": "bakery bread roll rolls bun croissant bagel baguette toast pastry".split(),
    "meat": "meat beef pork chicken ham bacon sausage steak lamb turkey veal burger".split(),
}
_ALIKE = {
    "beverages": "drink",
    "beverage": "drink",
    "sweets": "dessert",
    "veg": "vegetable",
    "veggies": "vegetable",
}
_ASKING = frozenset(
    "add adds added sum sums total totals altogether together cost costs costing much many price prices calculate "
    "compute what which item items line lines receipt bill only without except excluding including just amount "
    "amounts spend spent paid pay money euros euro dollars pounds work works come comes read speak say aloud picture "
    "photo scan image number numbers expensive cheap cheapest dearest highest lowest most least average mean "
    "tell show count up down all everything whole full check translate find result give product products".split()
)

_SHOP = re.compile(
    r"\b(?:at|in|from) (?:the|an?|my|our|this|that) (?:[^\W\d_]+(?:['’]s)?[ -]){0,2}?"
    r"(?:stores?|shops?|supermarket|market|restaurant|caf[eé]|hotel|pharmacy|chemist|pub|kiosk|diner)\b"
)
"""Where it was bought, named by what it is."""
_LEFT_OUT = re.compile(
    r"\b(?:without|except|excluding|but not|other than|minus|apart from|leav(?:e|ing) out|ignor(?:e|ing)|skip(?:ping)?|not counting|not including)\b|,? \bnot the\b"
)
_AT = re.compile(
    r"(?<!look )(?<!looking )(?<!only )(?<!just )\bat the (?P<name>[^\W\d_]+(?:['’]s)?)(?![\w-])"
)
"""Where it was bought, by any name: a line of the receipt comes first."""
_ONLY = re.compile(
    r"\b(?:only|just)\b(?! the (?:total|sum)\b)"
    r"(?! (?:add|sum|total|tally|count)(?: up)? (?:it|them|everything|that|this|these|all)\b)"
)
"""*Just add it up* limits what is done, *only the drinks* what is added."""


def selected(text: str, request: str) -> str | None:
    """Answer what is asked of single lines of a receipt; None where the whole is meant.

    Raises:
        PortViolation: It asks for lines that the receipt does not have.
    """
    if (said := worked_out(request, text)) is not None:
        return said
    if (said := several(request, text)) is not None:
        return said
    lines = priced_lines(text)
    items = [each for each in lines if not each.is_total and not _is_printed(each)]
    if not lines:
        return None
    low = _without_places(without_courtesies(request.lower()), items)
    for asked, written in _PRINTED:
        if re.search(asked, low) and not re.search(
            rf"\b(?:without|before|excluding|except|no)\b[^,.]*(?:{asked})", low
        ):
            held = [each for each in lines if re.search(written, each.label.lower())]
            if held:
                return "\n".join(f"{each.label}: {each.amount}" for each in held[:3])
    if items and (
        edge := re.search(
            r"\b(most expensive|dearest|priciest|highest|cheapest|least expensive|lowest)\b", low
        )
    ):
        most = edge[1] in {"most expensive", "dearest", "priciest", "highest"}
        chosen = (max if most else min)(items, key=lambda each: each.amount)
        return f"{chosen.label}: {chosen.amount}"
    if items and re.search(r"\baverage\b|\bmean\b", low):
        whole = sum((each.amount for each in items), Decimal(0))
        return f"{(whole / len(items)).quantize(Decimal('0.01'))} (the average of {_sum(items)})"
    added = _matching(items, low)
    if added is None:
        return priced_at(request, text)
    held = carried(added) if added else None
    made = further(held, low) if held is not None else None
    return f"{added}\n{made}" if made else added


def _without_places(low: str, items: list[Line]) -> str:
    """Leave out where it was bought: *at the coffee shop* asks for the whole, not for the coffee."""

    def where(place: re.Match[str]) -> str:
        named = [each for each in words(place["name"]) if each not in STOP_WORDS]
        return place[0] if any(_is_of(line, each) for line in items for each in named) else " "

    return _AT.sub(where, _SHOP.sub(" ", low))


def _is_printed(line: Line) -> bool:
    return any(re.search(written, line.label.lower()) for _, written in _PRINTED[:2])


def _matching(items: list[Line], low: str) -> str | None:
    """Add up the lines whose words are asked for, or those whose words are excluded."""
    wanted = [
        each for each in words(low)
        if each not in STOP_WORDS and each not in _ASKING and each.isalpha() and len(each) > 2
    ]  # fmt: skip
    matched = {word: [each for each in items if _is_of(each, word)] for word in wanted}
    named = {word: _headed(word, lines) for word, lines in matched.items() if lines}
    for pair in pairwise(wanted):  # the chain oil is no chain
        both = [each for each in items if all(each in matched[word] for word in pair)]
        if both and " ".join(pair) in low:
            named |= dict.fromkeys(pair, both)
    if not named:
        only = _ONLY.search(low)
        if only and wanted and items:
            listed = ", ".join(repr(each.label) for each in items[:12])
            raise PortViolation(
                f"No line of the receipt is about {' or '.join(repr(each) for each in wanted[:3])}. Expected "
                f"one of {listed}. Ask for these, or for the whole."
            )
        return None
    held = [each for each in items if any(each in lines for lines in named.values())]
    if re.search(_LEFT_OUT, low):
        held = [each for each in items if each not in held]
    if not held:
        return None
    whole = sum((each.amount for each in held), Decimal(0))
    return f"{whole} = {_sum(held)}" if len(held) > 1 else f"{held[0].label}: {held[0].amount}"


def _headed(word: str, lines: list[Line]) -> list[Line]:
    """Return the lines that are that very thing: chain oil is an oil, and no chain."""
    heads = [(each, re.split(r"\W*\d", each.label.lower())[0].split()) for each in lines]
    kept = [each for each, head in heads if head and stem(head[-1]) == stem(word)]
    return kept or lines


def _is_of(line: Line, word: str) -> bool:
    sort = _ALIKE.get(word) or next((each for each in _SORTS if stem(each) == stem(word)), "")
    held = words(line.label)
    root = stem(word)
    if any(stem(each) == root or (len(root) >= 4 and each.lower().endswith(root)) for each in held):
        return True
    return bool(sort) and any(stem(each) in {stem(one) for one in _SORTS[sort]} for each in held)


def _sum(lines: list[Line]) -> str:
    return " + ".join(f"{each.label} {each.amount}" for each in lines[:30])

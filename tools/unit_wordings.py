# ruff: noqa: SIM905 - word lists are read as words
"""Say in full what people leave out of a conversion: *5 mi km*, *1 h 20 in minutes*, *6 foot 2*."""

from __future__ import annotations

import re
from decimal import Decimal

from herd_graph.errors import PortViolation

from .stories import decimal

_N = r"\d+(?:[.,]\d+)*"
_TERSE = (
    "km kilometers kilometres kilometer kilometre miles mile mi m meters metres meter metre cm centimeters centimetres mm "
    "millimeters millimetres inches inch feet foot ft yards yard yd kg kgs kilos kilo kilograms kilogram g grams gram mg lb lbs "
    "pounds pound oz ounces ounce stone stones tonnes tons l litres liters litre liter ml cl dl cups cup pints pint pt quarts "
    "gallons gallon gal tbsp tsp c f °c °f celsius fahrenheit centigrade kelvin mph kmh kph km/h m/s knots kw hp kwh kcal kj cal "
    "calories joules psi bar kpa pa mmhg acres acre hectares hectare ha m² ft² km² cm² sqft sqm kb mb gb tb mib gib h hours hour "
    "hrs min mins minutes minute sec seconds s days day weeks week months years nm"
).split()
_UNIT = "|".join(re.escape(each) for each in sorted(_TERSE, key=len, reverse=True))
_TWO_UNITS = re.compile(
    rf"^(?P<lead>\W*(?:convert |what(?:'s| is) |how much is )?)(?P<n>-?{_N}) ?(?P<unit>{_UNIT})[ ,/:>-]+(?P<to>{_UNIT})(?P<tail>\W*)$",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    rf"^\W*(?:convert )?(?:from )?(?P<unit>{_UNIT}) (?:to|in|into) (?P<to>{_UNIT})(?:[ :,-]+|, value )(?P<n>-?{_N})\W*$",
    re.IGNORECASE,
)
_LONE_TEMPERATURE = re.compile(
    rf"^(?:[^\d?!]*[.:;,]\s+)?(?:so |and |oh,? )*(?:what(?:['’]?s| is| would| are)?|how (?:hot|warm|cold) is|convert)?\s*(?P<n>-?{_N}) ?"
    r"(?P<unit>° ?[fc]|[fc]|degrees? (?:f|c|fahrenheit|celsius)|fahrenheit|celsius)\b(?: be| then| for (?:my|our|the|an?) \w+)*\W*$",
    re.IGNORECASE,
)
_NUM = r"\(*\d(?:[\d.,]*\d)?\)*"
_ADDS = (
    rf"(?:(?:\d[\d.,]*\s*%|percent|per cent|half|a third|a quarter|a tenth|twice|double) (?:of )?{_NUM}"
    rf"|{_NUM}(?:\s*(?:[-+*/×÷^]|\bx\b|times|plus|minus|divided by|multiplied by)\s*{_NUM})+)"
    r"(?!\s*(?:°|[^\W\d_]{1,3}\b(?<!\bor)(?<!\band)(?<!\bas)|[²³%]|[\d.,]*\d))"
)
_LEADS = r"(?:(?:what(?:['’]?s| is| are| does)|how much is|calculate|compute|work out|tell me|give me|the (?:sum|product|result) of)\s+)*"
_SUMMED = re.compile(
    rf"(?:\s*[,;.?&+(]+\s*|\s+(?=(?:and|also|then|plus|&)\s))(?:(?:and|also|then|plus|oh|&)[\s,]+)*{_LEADS}{_ADDS}\s*[)=]*(?=\s*(?:[,;.?!]|$))",
    re.IGNORECASE,
)
_SUMMED_FIRST = re.compile(
    rf"^\W*{_LEADS}{_ADDS}\s*(?:[,;?&+]+\s*|\.\s+|\s+(?=and\b))(?:(?:and|also|then|plus)\s+)*",
    re.IGNORECASE,
)
"""Beside a conversion, a sum of bare numbers: another expert's."""
_INTO = r"(?=,?\s+(?:in|to|into|as|=|->|→|is how many|how many)\s+(?!(?:in|to|into|as)\b)[a-z])"
_ALONE = r"(?=\s*(?:[,;?!]|\.(?!\d)|\b(?:and|or|but|tall|high|long|wide|is|with|what|so)\b))"
"""A bare number behind which its story goes on: *I'm 5 foot 7 and weigh 11 stone 4.*"""
_FEET = re.compile(rf"(\d+) ?(?:foot|feet|ft|['’]) ?(\d{{1,2}})(?:{_INTO}|(?=\W*$)|{_ALONE})", re.IGNORECASE)  # fmt: skip
_STONE = re.compile(
    rf"(\d+) ?(?:stones?|st) ?(\d{{1,2}})(?:{_INTO}|(?=\W*$)|{_ALONE})", re.IGNORECASE
)
_HOURS = re.compile(rf"(\d+) ?(?:hours?|hrs?|h) ?(?:and )?(\d{{1,2}}){_INTO}", re.IGNORECASE)
_HOW_MANY = re.compile(
    rf"(?<=[\w\"'])(?<!\bis)(?<!\bare)(?<!\bmakes)(?<!\bmake)(?<!\bequals)(?:\s*,|\s+-|\s+and|\s+so)?\s+how (?:many|much) ({_UNIT})(?: (?:is|are) (?:that|it|this))?(?=\s*(?:[?;]|$))",
    re.IGNORECASE,
)
"""*12 feet long, how many metres? And …*: a question of its own follows."""
_THAT = re.compile(
    r"[,.;]?\s+(?:so |and |that(?:['’]?s| is) )?how (?:many|much) (?!(?:is|are|does|would|was|do)\b)([a-zµ°²³][\w² ³]{0,30}?)(?: (?:is|are|does|would) (?:that|it|this|those)(?: make| be)?|(?=\?))\W*$",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"[,.;?]?\s+(?:[^\d.;?]{0,60}\b)?(?:asks?|wants? to know|wonders?|needs? to know)\s+(?:me |us )?(?:how (?:many|much)\s+([a-zµ°²³][\w²³ ]{0,30}?) (?:that|it|this) (?:is|are|makes|would be))\W*$",
    re.IGNORECASE,
)
_POWERS = re.compile(r"(?<![\w^])(mm|cm|dm|m|km|ft|in|yd|mi)\^?([23])(?!\d)", re.IGNORECASE)
_AREA = re.compile(
    rf"(?P<a>{_N}) ?(?P<u>m|metres?|meters?|ft|feet|foot|cm|inch(?:es)?|yards?|km)?(?: long| wide)? ?(?:by|x|×|times) ?(?P<b>{_N}) ?(?P<v>m|metres?|meters?|ft|feet|foot|cm|inch(?:es)?|yards?|km)\b(?: long| wide)?[^\d]*?\b(?:how many|in|into|to)\s+(?P<to>(?:square|sq\.?) ?[a-z]+|[a-z]+²|acres?|hectares?)\b[^\d]*$",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(
    r"\b(\d+(?:\.\d+)?) ?k\b(?= (?:run|race|walk|route|ride)?\s*(?:in|to|into|as) (?:miles?|mi|m|met(?:re|er)s?|feet|ft|yards?)\b)",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"[,;.]?\s+(?:(?:and|then|also|,)\s+)*(?:please\s+)?(?:(?:translate|say|speak|read|send|write|tell|show|draw|save|put|print)\b(?! me how)(?! how)[^\d]*"
    r"|(?:the )?(?:result|answer)(?: also| too| then)?(?: in [a-z]+| aloud)?)$",
    re.IGNORECASE,
)
_OF_STUFF = re.compile(
    rf"\b((?:{_N}|(?:half )?an?)\s?(?:kg|kilos?|grams?|g|ml|cl|litres?|liters?|l|cups?|tbsp|tsp|tablespoons?|teaspoons?|oz|ounces?|lbs?|pounds?|pints?|quarts?|gallons?|stones?|inch(?:es)?|metres?|meters?|feet|foot|yards?)) of (?!(?:a|an|the|it|them|that)\b)[a-z]+(?: (?!in\b|to\b|into\b|as\b)[a-z]+)?",
    re.IGNORECASE,
)
"""*Half a pound of butter*: what it is of is not measured."""
_AND_A_HALF = re.compile(rf"\b(an?|1|{_N}) ({_UNIT}) and a half\b", re.IGNORECASE)
_SAID_AFTER = re.compile(
    rf"^(?P<asks>[^\d?]*\b(?:in|into) (?P<to>{_UNIT}))\s*[?,.;:]\s*(?P<told>[^?]*\d\s?(?:{_UNIT})[^?]*?)\W*$",
    re.IGNORECASE,
)
"""*How long is it in miles? it's 11.6 km*: the measure comes behind."""
_ZONES = re.compile(
    r"\b\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.|o['’]?clock)\b.*\b(?:in|to|into)\b|\btime zones?\b|\b(?:utc|gmt|est|pst|cet|edt|bst)\b",
    re.IGNORECASE,
)
_STUFF = re.compile(
    rf"(?P<n>{_N}) ?(?P<unit>kg|grams?|g|ml|litres?|liters?|l|cups?|tbsp|tsp|tablespoons?|teaspoons?|oz|ounces?|lbs?|pints?) (?:of )?"
    r"(?!(?:in|to|into|as|and|is|are|how|oz)\b)[a-z]+(?: [a-z]+)? (?=(?:in|to|into|as) )",
    re.IGNORECASE,
)


def in_full(asked: str) -> str:
    """Return a request for a conversion with everything said that people leave out.

    Raises:
        PortViolation: It is about the time of day in another place.
    """
    if _ZONES.search(asked):
        raise PortViolation(
            f"{asked[:80]!r} is about the time in another place. Expected a quantity, as in '90 minutes in "
            "hours': time zones and their summer times are not known here. Ask for a quantity."
        )
    text = _POWERS.sub(lambda found: found[1] + "²³"[int(found[2]) - 2], asked)
    text = _OF_STUFF.sub(r"\1", _AND_A_HALF.sub(_half_more, text))
    if found := _SAID_AFTER.match(text):
        text = f"{found['told']} in {found['to']}"
    text = _ALSO.sub("", without_sums(text))
    if found := _FORMULA.match(text):
        return f"{found['n']} {found['unit']} in {found['to']}"
    if found := _TWO_UNITS.match(text):
        return f"{found['lead']}{found['n']} {found['unit']} in {found['to']}{found['tail']}"
    if found := _LONE_TEMPERATURE.match(text):
        other = "celsius" if "f" in found["unit"].lower() else "fahrenheit"
        return f"{found['n']} {found['unit']} in {other}"
    if (found := _AREA.search(text)) and (found["u"] or found["v"]) in {found["v"], found["u"]}:
        area = decimal(found["a"]) * decimal(found["b"])
        return f"{area} square {_singular(found['v'])} in {found['to']}"
    text = _HOURS.sub(
        r"\1 h \2 min", _STONE.sub(r"\1 stone \2 lb", _FEET.sub(r"\1 ft \2 in", text))
    )
    text = _STUFF.sub(
        lambda found: f"{found['n']} {found['unit']} ", _THOUSANDS.sub(r"\1 km", text)
    )
    text = _HOW_MANY.sub(r" in \1", text)
    return _THAT.sub(r". How far is that in \1", _ASKED_FOR.sub(r". How far is that in \1", text))


def _half_more(found: re.Match[str]) -> str:
    count = 1 if found[1].lower() in {"a", "an"} else found[1]
    return f"{count}.5 {found[2]}"


def without_sums(text: str) -> str:
    """Leave out the sums of bare numbers beside what is asked: *70 m² in sq ft; 15% of 640*."""
    cut = _SUMMED_FIRST.sub("", _SUMMED.sub("", text))
    return cut if re.search(r"\d", cut) else text


def _singular(unit: str) -> str:
    low = unit.lower()
    return {"m": "meter", "feet": "foot", "ft": "foot", "cm": "centimeter", "km": "kilometer"}.get(
        low, low.removesuffix("es" if low.startswith("inch") else "s")
    )


_FUEL = r"(?:l|lit(?:re|er)s?)\s?(?:/|per)\s?100\s?(?:km|kilomet(?:re|er)s?|kms)|(?:uk |imperial |us )?(?:mpg|miles (?:per|to the|a) gallon)(?: \(?(?:uk|us|imperial)\)?)?|km\s?/\s?l\b|kilomet(?:re|er)s per lit(?:re|er)|km per lit(?:re|er)"
_CONSUMED = re.compile(
    rf"(?P<n>{_N}) ?(?P<unit>{_FUEL})[^\d]*?(?:\b(?:in|to|into|as|is how many|how many|equals?)\b|=|->|→)?\s*(?:(?:how many|what in) )?(?P<to>{_FUEL})",
    re.IGNORECASE,
)
_GALLONS = {"us": Decimal("3.785411784"), "uk": Decimal("4.54609")}
_MILE = Decimal("1.609344")


def fuel(asked: str) -> str | None:
    """Answer how much fuel: *7 l/100km in mpg*, which divide where other units multiply."""
    found = _CONSUMED.search(asked)
    value = decimal(found["n"]) if found else Decimal(0)
    if found is None or value <= 0:
        return None
    per_litre = _kilometres(value, found["unit"].lower())
    to = found["to"].lower()
    if "100" in to:
        made = 100 / per_litre
    elif "km" in to or "kilom" in to:
        made = per_litre
    else:
        made = per_litre / _MILE * _gallon(to)
    notes = " (gallon = US)" if any(_is_us(each) for each in (to, found["unit"].lower())) else ""
    return f"{found['n']} {found['unit']} = {made:.2f} {found['to']}{notes}"


def _kilometres(value: Decimal, unit: str) -> Decimal:
    """Return how many kilometres a litre lasts."""
    if "100" in unit:
        return 100 / value
    return value if "km" in unit or "kilom" in unit else value * _MILE / _gallon(unit)


def _gallon(unit: str) -> Decimal:
    return _GALLONS["us" if _is_us(unit) else "uk"]


def _is_us(unit: str) -> bool:
    return ("mpg" in unit or "gallon" in unit) and not ("uk" in unit or "imperial" in unit)


_MISSPELT = (
    (r"\bf[aeh]{1,2}r+h?[aei]n+h?[aei]{1,2}(?:gh)?te?\b", "fahrenheit"),
    (r"\b(?:cel[cs]+[ie]+[aou]+s|cel[cs]uis|selsius|centegrade)\b", "celsius"),
)


def rightly_spelt(text: str) -> str:
    """Return a text with the scales of temperature spelt as they are: *farenheit*, *celcius*."""
    for wrong, right in _MISSPELT:
        if not re.search(rf"\b{right}\b", text, re.IGNORECASE):
            text = re.sub(wrong, right, text, flags=re.IGNORECASE)
    return text


def unit_in(sentence: str) -> str:
    """Return the unit that a sentence asks for: *convert the weight on this label to pounds*."""
    if len(sentence.split()) < 3:
        return sentence
    found = re.findall(
        rf"\b(?:in|to|into|as)\s+((?:square |sq\.? |cubic |us |uk |imperial )?(?:{_UNIT}|[a-z]+))\b",
        _POWERS.sub(lambda each: each[1] + "²³"[int(each[2]) - 2], sentence),
        re.IGNORECASE,
    )
    known = [each for each in found if re.split(r"\s", each.lower())[-1] in _TERSE]
    if known:
        return known[-1]
    lone = [
        each
        for each in re.findall(r"[^\s,.?!]+", sentence.lower())
        if each in _TERSE and len(each) > 1
    ]
    return lone[-1] if lone else sentence


__all__ = ("fuel", "in_full", "rightly_spelt", "unit_in", "without_sums")

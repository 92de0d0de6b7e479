# ruff: noqa: RUF001 - signs for minutes and seconds stand for feet and inches
"""Convert quantities from one unit to another."""

from __future__ import annotations

import math
import re
from importlib import import_module
from itertools import pairwise
from typing import Any

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .courtesies import without_courtesies
from .needs import need
from .numerals import decimal_points, digits
from .unit_comparing import comparison
from .unit_reading import INTO, NUMBER, read, wished
from .unit_wordings import fuel, in_full, rightly_spelt, unit_in

MAX_CHARS = 500
MAX_TEXT = 20_000
"""Characters of a text whose quantities are converted to a unit that is named beside it."""
_PARTS = re.compile(
    r"\s*(?:[;?!\n]+|\.(?=\s)|,(?!\d{3})|,?\s+(?:and|then|also)\b)\s*", re.IGNORECASE
)
_SUM = re.compile(
    r"\W*(?:what(?: is|'s)|calculate|compute|how much is)?\s*[\d.,()\s]+"
    r"(?:(?:[-+*/×÷^%]|x|times|plus|minus|divided by|of)[\d.,()\s]+)+",
    re.IGNORECASE,
)
"""A calculation without any unit."""
_QUANTITY = re.compile(
    rf"(?<![\w.,])(?<!\d )(?P<number>{NUMBER})\s*(?P<unit>(?:(?:square|sq\.?|cubic|uk|us|imperial|nautical|degrees?|metric|fluid|fl) )?°?[^\W\d_]+(?:/[^\W\d_]+)?[²³]?)",
    re.IGNORECASE,
)
MAX_PARTS = 20
_LONG = 12
"""Words of a text that is more than a question."""
_BARE_DEGREES = {"degree degree_Fahrenheit": "celsius", "degree degree_Celsius": "fahrenheit"}
"""*It will reach 31 degrees*: asked in the one scale, they are of the other."""
# What people write, and pint reads as something else or not at all.
_SPOKEN = {
    "f": "degF", "c": "degC", "k": "kelvin", "°f": "degF", "°c": "degC", "fahrenheit": "degF",
    "celsius": "degC", "centigrade": "degC", "degrees fahrenheit": "degF", "degree fahrenheit": "degF",
    "degrees celsius": "degC", "degree celsius": "degC", "degrees f": "degF", "degrees c": "degC",
    "degrees centigrade": "degC", "degrees": "degree", "°": "degree", "kelvins": "kelvin",
    "mph": "mile/hour", "kph": "kilometer/hour", "kmh": "kilometer/hour", "km/h": "kilometer/hour",
    "kmph": "kilometer/hour", "m/s": "meter/second", "knots": "knot", "lbs": "pound", "lb": "pound",
    "'": "foot", '"': "inch", "″": "inch", "′": "foot", "in": "inch", "ins": "inch", "ft": "foot",
    "sqft": "foot**2", "sq ft": "foot**2", "sqm": "meter**2", "sq m": "meter**2", "m2": "meter**2",
    "m²": "meter**2", "km2": "kilometer**2", "km²": "kilometer**2", "ft2": "foot**2", "ft²": "foot**2",
    "cm2": "centimeter**2", "cm²": "centimeter**2", "m3": "meter**3", "m³": "meter**3",
    "cm3": "centimeter**3", "cm³": "centimeter**3", "ft3": "foot**3", "ft³": "foot**3", "cc": "centimeter**3",
    "tonnes": "metric_ton", "tonne": "metric_ton", "metric tons": "metric_ton", "metric ton": "metric_ton",
    "kcal": "kilocalorie", "calories": "calorie", "cals": "calorie", "hrs": "hour", "hr": "hour",
    "mins": "minute", "secs": "second", "sec": "second", "min": "minute", "fl oz": "fluid_ounce",
    "fluid ounces": "fluid_ounce", "fluid ounce": "fluid_ounce", "mpg": "mile/gallon",
    "nautical miles": "nautical_mile", "nautical mile": "nautical_mile", "light years": "light_year",
    "light year": "light_year", "uk gallons": "imperial_gallon", "uk gallon": "imperial_gallon",
    "imperial gallons": "imperial_gallon", "imperial gallon": "imperial_gallon",
    "us gallons": "gallon", "us gallon": "gallon", "uk pints": "imperial_pint", "uk pint": "imperial_pint",
    "imperial pints": "imperial_pint", "stone": "stone", "stones": "stone", "kb": "kilobyte",
    "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte", "kib": "kibibyte", "mib": "mebibyte",
    "gib": "gibibyte", "mbit": "megabit", "mbps": "megabit/second", "gbps": "gigabit/second",
    "hp": "horsepower", "kw": "kilowatt", "kwh": "kilowatt_hour", "kilos": "kilogram", "kilo": "kilogram",
    "kgs": "kilogram", "l": "liter", "ml": "milliliter", "ltr": "liter",
}  # fmt: skip
_WHOSE = re.compile(r"^(?:my|your|his|her|our|their|good old) (?=\w)", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥]|\b(?:dollars?|euros?|eur|usd|gbp|pounds sterling|quid|yen|reais|brl|francs?|bitcoins?)\b",
    re.IGNORECASE,
)
_SAFE = re.compile(
    r"[A-Za-zµμ°Ω_][\w°µμΩ ]*(?:\s*(?:[/*·]|\bper\b|\^|\*\*)\s*(?:[A-Za-zµμ°Ω_][\w°µμΩ ]*|-?[1-6]))*",
    re.IGNORECASE,
)
_NOTES = {
    "gallon": "US", "pint": "US", "quart": "US", "cup": "US", "fluid_ounce": "US", "tablespoon": "US",
    "teaspoon": "US", "ton": "short ton, US", "calorie": "small calorie", "horsepower": "mechanical",
}  # fmt: skip


_MIXED = {
    "feet": ("ft", "in", 12), "foot": ("ft", "in", 12), "ft": ("ft", "in", 12), "stone": ("stone", "lb", 14),
    "pound": ("lb", "oz", 16), "lb": ("lb", "oz", 16), "hour": ("h", "min", 60), "hr": ("h", "min", 60), "h": ("h", "min", 60),
    "kilo": ("kg", "g", 1000), "kg": ("kg", "g", 1000), "metre": ("m", "cm", 100), "meter": ("m", "cm", 100), "m": ("m", "cm", 100),
    "minute": ("min", "seconds", 60), "min": ("min", "seconds", 60), "day": ("days", "hours", 24), "week": ("weeks", "days", 7),
}  # fmt: skip
_BOTH = re.compile(
    r"\s*\b(?:in(?:to)?|to|as)\s+(?:(feet|foot|ft) (?:and|&) (?:inch(?:es)?|ins?)|(stones?) (?:and|&) (?:pounds?|lbs?)|"
    r"(pounds?|lbs?) (?:and|&) (?:ounces?|oz)|(kilos?|kgs?) (?:and|&) (?:g|grams?)|(met(?:re|er)s?|m) (?:and|&) (?:cm|centimet(?:re|er)s?)|(hours?|hrs?|h) (?:and|&) (?:minutes?|mins?)|"
    r"(minutes?|mins?) (?:and|&) (?:seconds?|secs?)|(days?) (?:and|&) (?:hours?)|(weeks?) (?:and|&) (?:days?))\W*$",
    re.IGNORECASE,
)


@expert(
    name="convert_units",
    tags=[
        "units",
        "conversion",
        "miles",
        "kilometres",
        "kilograms",
        "celsius",
        "fahrenheit",
        "measure",
    ],
    examples=[
        "convert 5 miles to km",
        "100 F in C",
        "how many litres are in 3 gallons?",
        "what is 70 kg in pounds?",
        "60 mph in km/h",
        "5 ft 10 in to cm",
        "change 3 days into minutes",
    ],
    latency_s=0.01,
    memory="10 MiB",
    licence="BSD-3-Clause (Pint)",
    notes=(
        "Length, area, volume, mass, temperature, speed, time, energy, power, pressure, data. Gallons, "
        "pints, cups and tons are those of the US unless 'UK' or 'imperial' is said; the answer tells "
        "which. Several conversions in one question are answered on a line each. No currencies: their "
        "rates change."
    ),
    timeout_s=20,
)
class ConvertUnits:
    """Convert a measured quantity to another unit: miles to kilometres, Fahrenheit to Celsius."""

    def load(self) -> None:
        """Read the definitions of units."""
        need("pint")
        pint: Any = import_module("pint")
        self._pint = pint
        self._units: Any = pint.UnitRegistry(
            autoconvert_offset_to_baseunit=False, cache_folder=None
        )

    def close(self) -> None:
        """Let go of them."""
        del self._units

    def __call__(self, question: Text, to: str = "") -> Text:
        """Convert.

        Args:
            question: A number with its unit and the unit wanted: "5 miles in km", "how many feet in a mile?".
            to: The unit to convert to, where the question does not say it.
        """
        asked = decimal_points(
            digits("\n".join(" ".join(e.split()) for e in _without_sql(question.text)))
        )
        asked, to = rightly_spelt(without_courtesies(asked.strip())), rightly_spelt(to)
        if to and MAX_CHARS < len(asked) <= MAX_TEXT:  # a page, a transcript: what stands in it
            return Text(self._all_told(asked, unit_in(to)))
        if not asked or len(asked) > MAX_CHARS:
            raise PortViolation(
                f"The question has {len(asked):,} characters. Expected 1 to {MAX_CHARS}, such as '5 miles "
                "in km'. Give a number, its unit, and the unit wanted."
            )
        if (compared := comparison(asked)) is not None:
            want = f"{compared.one} in {compared.unit}"
            made = self._measured(in_full(want), "")[2]
            return Text(compared.told(made, self._converted(in_full(want), "")))
        if (said := fuel(f"{asked} in {to}" if to else asked)) is not None:
            return Text(said)
        asked, to = in_full(asked), unit_in(to)
        if (said := self._mixed(asked, to)) is not None:
            return Text(said)
        try:
            return Text("\n".join(self._converted(each, to) for each in _questions(asked, to)))
        except PortViolation:
            if to and len(asked.split()) > _LONG:
                return Text(self._all_told(asked, to))
            told = self._told(asked, to)
            if not told:
                raise
            return Text("\n".join(self._converted(each, "") for each in told))

    def _all_told(self, text: str, to: str) -> str:
        """Convert what stands in a text, each quantity once; refuse where none is of that kind."""
        told = dict.fromkeys(self._told(text, to))
        if not told:
            raise PortViolation(
                f"The text holds no quantity that could be converted to {to[:60]!r}. Expected a number "
                "with a unit of that kind, such as '31 degrees' or '12 km'. Name the quantity or another unit."
            )
        return "\n".join(self._converted(each, "") for each in told)

    def _told(self, asked: str, to: str) -> list[str]:
        """Return the conversions that a story asks for: *I ran 10 km. How far is that in miles?*."""
        if re.search(r"[*^=<>]|\d{13}", asked):
            return []
        found: list[str] = []
        carried = ""
        for part in [asked] if to else re.split(r"(?<=[?!;])\s+", asked):
            carried = f"{carried} {part}".strip()
            wishes = wished(carried, to)
            held = [each for before, name in wishes for each in self._of_kind(before, name)]
            if held:
                found += held
                carried = ""
        return list(dict.fromkeys(found))[:MAX_PARTS]

    def _of_kind(self, before: str, name: str) -> list[str]:
        """Return the conversions of what a text measures to a unit, where they are of one kind."""
        found: list[str] = []
        target = self._known(name)
        if target is not None:
            larger: tuple[str, Any, int] | None = None
            for each in _QUANTITY.finditer(before):
                written = each["unit"]
                unit = self._known(written)
                if unit is None and " " in written:  # 31 degrees outside
                    written = written.split()[0]
                    unit = self._known(written)
                if unit is None or unit == target:
                    continue
                said = f"{each['number']} {written}"
                beside = larger is not None and not before[larger[2] : each.start()].strip(" ,&").removeprefix("and")  # fmt: skip
                if larger is not None and beside and self._is_part(unit, larger[1]):
                    if found and found[-1] == f"{larger[0]} in {name}":
                        found[-1] = f"{larger[0]} {said} in {name}"  # 5 ft 7 in
                    larger = None
                    continue
                larger = (said, unit, each.end())
                if written.lower() == "in" and re.match(r"\s+[a-z]", before[each.end() :]):
                    continue  # between 6 and 11 in the morning: no inches
                if other := _BARE_DEGREES.get(f"{written.lower().rstrip('s')} {target}"):
                    found.append(f"{each['number']} {other} in {name}")
                    continue
                if unit.dimensionality == target.dimensionality:
                    found.append(f"{each['number']} {written} in {name}")
        return found

    def _is_part(self, unit: Any, larger: Any) -> bool:
        """Say whether a unit is a smaller one of the same kind, as inches are beside feet."""
        if unit.dimensionality != larger.dimensionality:
            return False
        return bool(self._units.Quantity(1, unit) < self._units.Quantity(1, larger))

    def _known(self, name: str) -> Any:
        try:
            return self._unit(name, name)[0]
        except PortViolation:
            return None

    def _mixed(self, asked: str, to: str) -> str | None:
        """Answer in two units at once: *180 cm in feet and inches* is 5 ft 10.87 in."""
        found = _BOTH.search(f"{asked} in {to}" if to else asked)
        if found is None:
            return None
        large, small, size = _MIXED[
            next(each for each in found.groups() if each).lower().rstrip("s")
        ]
        text = f"{asked} in {to}" if to else asked
        try:
            parts, _, made, _ = self._measured(f"{text[: found.start()]} in {small}", "")
        except PortViolation:
            told = self._told(f"{text[: found.start()]} in {small}", "")
            if len(told) != 1:
                return None
            parts, _, made, _ = self._measured(told[0], "")
        whole, rest = divmod(round(made, 2), size)
        return f"{_spoken(parts)} = {_plain(whole)} {large} {_plain(round(rest, 2))} {small}"

    def _converted(self, asked: str, to: str) -> str:
        parts, target, made, shown = self._measured(asked, to)
        notes = sorted(
            {
                f"{each} = {_NOTES[each]}"
                for each in (str(target), *(str(unit) for _, unit, _ in parts))
                if each in _NOTES
            }
        )
        remark = f" ({'; '.join(notes)})" if notes else ""
        return f"{_spoken(parts)} = {_plain(made)} {shown}{remark}"

    def _measured(
        self, asked: str, to: str
    ) -> tuple[list[tuple[float, Any, str]], Any, float, str]:
        """Return what is measured, the unit that is wanted, how many of it, and how it was written."""
        wish = read(asked, to)
        parts = [(number, *self._unit(unit, asked)) for number, unit in wish.pairs]
        target, shown = self._unit(wish.to, asked)
        try:
            pairs = pairwise(unit for _, unit, _ in parts)
            if not all(self._is_part(two, one) for one, two in pairs):
                raise PortViolation(
                    f"{_spoken(parts)} is no one measure. Expected its larger part first, as in '5 ft 10 in'. "
                    "Ask for each by itself."
                )
            total = self._units.Quantity(parts[0][0], parts[0][1])
            for number, unit, _ in parts[1:]:
                total = total + self._units.Quantity(number, unit)
            made = float(total.to(target).magnitude)
        except (self._pint.DimensionalityError, self._pint.OffsetUnitCalculusError) as error:
            raise PortViolation(
                f"{_spoken(parts)} cannot be converted to {shown}: one measures something else than the "
                f"other ({_dimension(error)}). Expected units of the same kind. Correct one of them."
            ) from error
        except (OverflowError, ZeroDivisionError, ValueError) as error:
            raise PortViolation(
                f"{asked!r} is out of range: {error}. Expected an ordinary number. Correct it."
            ) from error
        if target == self._units.Unit("kelvin") and made < 0:
            raise PortViolation(
                f"{_spoken(parts)} is below absolute zero. Expected a possible temperature. Correct it."
            )
        if not math.isfinite(made):
            raise PortViolation(
                f"{asked!r} is out of range. Expected an ordinary number. Correct it."
            )
        return parts, target, made, shown

    def _unit(self, said: str, asked: str) -> tuple[Any, str]:
        """Return a unit, and how it was written."""
        text = without_courtesies(said.strip(" .?!,")).strip(" .?!,")
        text = _WHOSE.sub("", text)
        if _MONEY.search(text):
            raise PortViolation(
                f"{text!r} is a currency. Expected a physical unit: rates of exchange change daily and "
                "are not known here. Ask where they are quoted."
            )
        low = text.lower()
        name = _SPOKEN.get(text) or _SPOKEN.get(low) or _spelled(low)
        for each in dict.fromkeys(
            (name, _spelled(text), text, low, text.replace(" ", "_"), low.replace(" ", "_"))
        ):
            if not _SAFE.fullmatch(each) or len(each) > 60:
                continue
            try:
                unit = self._units.Unit(each)
            except Exception:  # noqa: S112 - whatever it is, it is no unit by that spelling
                continue
            if str(unit) != "dimensionless":
                return unit, {"degF": "°F", "degC": "°C", "kelvin": "K"}.get(each, text)
        raise PortViolation(
            f"{text or asked!r} is no unit that is known here. Expected one such as km, miles, kg, lb, °C, "
            "litres, km/h, kWh. Write it another way."
        )


def _questions(asked: str, to: str) -> list[str]:
    """Part several conversions: *5 miles in km and 3 kg in pounds*; *5 km in miles and feet*.

    What has no unit to go to belongs to what follows (*5 ft and 10 in to cm*), and what has no
    number of its own is another unit for what went before.
    """
    pieces = [each for each in _PARTS.split(asked) if each.strip(" .")]
    measured = [each for each in pieces if not _SUM.fullmatch(each)]
    if measured and len(measured) < len(
        pieces
    ):  # *12*3 and 40 km in miles*: the sum is not for here
        pieces, asked = measured, " and ".join(measured)
    if len(pieces) < 2:
        return [asked]
    found: list[str] = []
    pending = ""
    for piece in pieces:
        whole = f"{pending} and {piece}" if pending else piece
        try:
            wish = read(whole, "")
        except PortViolation:
            last = found[-1] if found else ""
            bare = re.sub(r"(?i)^(?:in(?:to)?|to)\s+", "", piece)
            if last and not pending and not re.search(r"\d", piece):
                cut = list(INTO.finditer(last))[-1]
                found.append(f"{last[: cut.end()]}{bare}")
            elif re.search(r"\d", piece):
                pending = whole
            else:
                return [asked]
            continue
        units = [unit for _, unit in wish.pairs]
        if len(set(units)) < len(units):  # 5 miles and 10 miles in km: each of them
            found += [f"{number!r} {unit} in {wish.to}" for number, unit in wish.pairs]
        else:
            found.append(whole)
        pending = ""
    if pending:
        return [*found, pending] if to else [asked]
    if len(found) > MAX_PARTS:
        raise PortViolation(
            f"{len(found)} conversions were asked for. Expected at most {MAX_PARTS}. Ask in parts."
        )
    return found


def _spelled(text: str) -> str:
    text = re.sub(r"\bsquared?\s+([a-zµ]+)", r"\1**2", text)
    text = re.sub(r"\b([a-z]+)\s+squared\b", r"\1**2", text)
    text = re.sub(r"\bcubic\s+([a-zµ]+)", r"\1**3", text)
    text = re.sub(
        r"\bmet(re|res)\b|\b(\w+)met(re|res)\b", lambda m: m[0].replace("metre", "meter"), text
    )
    text = re.sub(r"litre", "liter", text)
    parts = re.split(r"\s*(?:/|\bper\b)\s*(?:an?\s+)?", text)
    return "/".join(_SPOKEN.get(each.strip(), each.strip()) for each in parts)


def _spoken(parts: list[tuple[float, Any, str]]) -> str:
    return " ".join(f"{_plain(number)} {shown}" for number, _, shown in parts)


def _plain(value: float) -> str:
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e12:
        digits = f"{value:.8g}" if abs(value) < 1e8 else f"{value:.12g}"
        whole, mark, rest = digits.partition(".")
        return f"{int(whole):,}{mark}{rest}" if "e" not in digits and whole != "-0" else digits
    return f"{value:.8g}"


def _dimension(error: Exception) -> str:
    one, two = getattr(error, "dim1", ""), getattr(error, "dim2", "")
    said = " and ".join(
        str(each).strip(" ()").replace("[", "").replace("]", "") for each in (one, two) if str(each)
    )
    return said or "temperatures with an offset do not add up"


def _without_sql(text: str) -> list[str]:
    """Return the lines of a text; of a table's answer those that say something."""
    lines = text.splitlines()
    return [each for each in lines if not each.startswith("SQL: ")] or lines

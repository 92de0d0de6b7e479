"""Read columns of numbers as people write them: 1,250.00, 1.250,00 €, (12.50), 12 %."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.types import JSON

_EMPTY = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "?"})
_UNIT = r"[$€£¥₹]|R\$|EUR|USD|GBP|CHF|BRL|JPY|%"
_CELL = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+−]?)\s*(?P<before>{_UNIT})?\s*(?P<sign2>[-−]?)"
    rf"(?P<digits>\d[\d.,'’ \u00a0\u202f]*)\s*(?P<after>{_UNIT})?\s*(?P<close>\))?",
)
_POINT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?")
_SPACES = re.compile(r"(?<=\d)['’ \u00a0\u202f](?=\d{3}(?!\d))")
_NAMES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "R$": "BRL"}


@dataclass(frozen=True)
class Numbers:
    """A column that holds numbers."""

    values: tuple[float | int | None, ...]
    """None for empty cells."""
    unit: str = ""
    """``%``, ``EUR`` … where all cells agree; empty where none says."""


def decimal_comma(cells: Sequence[JSON]) -> bool:
    """Say whether some cell is plainly written with a decimal comma: 12,5 or 1.250,00."""
    for each in cells:
        if isinstance(each, str) and (digits := _digits(each)) is not None:
            plain = digits.replace(" ", "")
            if not _POINT.fullmatch(plain) and _COMMA.fullmatch(plain):
                return True
    return False


def numbers(cells: Sequence[JSON], *, comma: bool = False) -> Numbers | None:
    """Return the numbers of a column; None unless every cell is one, or empty.

    Currencies that differ make no column of numbers, nor do codes such as ``007``. ``1,250`` is
    read with the table's decimal sign; where a column was written with decimal commas and some
    cells with points, nobody can say what was meant.

    Args:
        cells: The column.
        comma: Other cells of the table are plainly written with a decimal comma.
    """
    values: list[float | int | None] = []
    units: set[str] = set()
    plain_floats = written_commas = False
    for each in cells:
        if each is None or (isinstance(each, str) and each.strip().lower() in _EMPTY):
            values.append(None)
        elif isinstance(each, bool) or not isinstance(each, int | float | str):
            return None
        elif isinstance(each, str):
            read = _read(each, comma=comma)
            if read is None:
                return None
            values.append(read[0])
            units.add(read[1])
            written_commas = written_commas or "," in each
        else:
            values.append(each)
            units.add("")
            plain_floats = plain_floats or (isinstance(each, float) and not each.is_integer())
    if all(each is None for each in values):
        return None
    if comma and plain_floats and written_commas:
        return None
    if "%" in units and len(units) > 1:
        return None
    named = units - {""}
    return None if len(named) > 1 else Numbers(tuple(values), next(iter(named), ""))


def number(text: str) -> float | int | None:
    """Return the one number that a text is, with a decimal point; None if it is none."""
    read = _read(text, comma=False)
    return None if read is None else read[0]


def plain(value: float) -> str:
    """Write a number for people: 12 digits, no ``.0``, thousands set apart."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}" if abs(value) < 1e15 else f"{value:.12g}"
    if abs(value) >= 1e15 or abs(value) < 1e-4:
        return f"{value:.6g}"
    whole, _, rest = f"{value:.12g}".partition(".")
    return f"{int(whole):,}.{rest}" if whole not in {"-0", "0"} else f"{whole}.{rest}"


def _digits(cell: str) -> str | None:
    found = _CELL.fullmatch(cell.strip())
    return None if found is None else _SPACES.sub("", found["digits"].strip())


def _read(cell: str, *, comma: bool) -> tuple[float | int, str] | None:
    found = _CELL.fullmatch(cell.strip())
    digits = _digits(cell)
    if found is None or digits is None or bool(found["open"]) is not bool(found["close"]):
        return None
    if found["before"] and found["after"]:
        return None
    unit = found["before"] or found["after"] or ""
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return None  # a code, not a number
    pattern, group, mark = (_COMMA, ".", ",") if comma else (_POINT, ",", ".")
    if not pattern.fullmatch(digits):
        return None
    text = digits.replace(group, "").replace(mark, ".")
    if len(text) > 30:
        return None
    value = float(text) if "." in text else int(text)
    minus = (found["sign"] or found["sign2"] or "") in {"-", "−"} or bool(found["open"])
    return (-value if minus else value), _NAMES.get(unit, unit)

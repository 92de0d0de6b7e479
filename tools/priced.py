"""The lines of a receipt that carry a price."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .alike import repaired
from .wording import _COUNTED, _MASKED, _PRICE, _TOTALS, MAX_LINES, _amount

_INCLUDED = re.compile(r"^(?:incl|inkl|including|included)\b\s*", re.IGNORECASE)
_CURRENCY = re.compile(r"\s*\b(?:EUR|USD|GBP|CHF|BRL)\b")


@dataclass(frozen=True)
class Line:
    """A priced line."""

    label: str
    amount: Decimal
    is_total: bool


def priced_lines(text: str) -> list[Line]:
    """Return the lines that carry a price, with their words."""
    found: list[Line] = []
    label = ""
    for line in text.splitlines()[:MAX_LINES]:
        counted = _COUNTED.search(line)
        masked = line if counted else _MASKED.sub(" ", line)
        amounts = list(_PRICE.finditer(masked))
        worded = re.search(r"[^\W\d_]{2}", line) is not None
        label = line if worded else label
        if not amounts:
            continue
        amount = _amount(amounts[-1])
        if counted and len(amounts) == 1:
            amount *= int(counted.group(1))
        named = _PRICE.sub(" ", label)
        clean = " ".join(
            re.sub(r"[^\w%&/'-]+", " ", re.sub(r"[$€£]|\b\d+\s*[xX]\b", " ", named)).split()
        )
        clean = _CURRENCY.sub("", _INCLUDED.sub("", repaired(clean))).strip()
        found.append(Line(clean or "line", amount, _TOTALS.search(label) is not None))
    return found

"""A slip's prices in another currency: rates change by the day, and none is known here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_FORMS = {
    "euros": r"euros?|eur|€",
    "dollars": r"(?:us |american |canadian |australian )?dollars?|usd|us\$|\$|bucks",
    "pounds": r"(?:british )?pounds?(?: sterling)?|sterling|gbp|£|quid",
    "francs": r"(?:swiss )?francs?|chf",
    "reais": r"reais|brl|r\$|brazilian (?:reais|real)",
    "yen": r"(?:japanese )?yen|jpy|¥",
    "zloty": r"zloty|zł|pln",
    "kronor": r"(?:swedish |danish |norwegian )?(?:kronor|kroner|krona|krone|sek|dkk|nok)",
    "rupees": r"(?:indian )?rupees?|inr|₹",
}
"""Currencies by the word that they are told in."""
_ANY = "|".join(_FORMS.values())
_ASKED = re.compile(
    rf"\s*,?\s*\b(?:(?:converted |changed |expressed |shown |given )?(?:in|into|to|as|em)) (?P<unit>{_ANY})(?![\w])",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(rf"\bhow many (?P<unit>{_ANY})(?![\w])", re.IGNORECASE)
_RATE = re.compile(
    r"\s*,?\s*\b(?:at|with|using|by|for) (?:an? |the )?(?:today['’]?s? |current |present |latest |daily |actual )*(?:exchange )?rate(?: of (?:the day|today))?(?: today)?\b(?! of \d)",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"\s*,?\s*\b(?:at|with|using)(?: an?| the)?(?: exchange)?(?: rate)?(?: of)? (?P<rate>\d+[.,]\d+)(?!\d|%| ?(?:%|per ?cent))(?: (?:dollars?|euros?|pounds?)(?: (?:to|per) (?:the|a|one) \w+)?)?",
    re.IGNORECASE,
)
_CONVERTS = re.compile(
    r"^\W*(?:(?:please|can you|could you) )*(?:convert|change|turn|put|express|exchange)\b",
    re.IGNORECASE,
)
_WRITTEN = {
    "euros": r"€|\beur(?:os?)?\b",
    "dollars": r"(?<!r)\$|\busd\b|\bdollars?\b",
    "pounds": r"£|\bgbp\b",
    "francs": r"\bchf\b",
    "reais": r"\br\$|\bbrl\b",
    "yen": r"¥|\bjpy\b",
    "zloty": r"\bzł|\bpln\b",
    "kronor": r"\b(?:sek|dkk|nok|kr)\b",
    "rupees": r"₹|\binr\b",
}
"""How a slip writes its own currency."""


@dataclass(frozen=True)
class Exchange:
    """A question without the currency that it asks for."""

    question: str
    wanted: str
    own: str
    """The slip's currency, or nothing where it names none."""
    rate: Decimal | None = None


def exchange(question: str, slip: str) -> Exchange | None:
    """Return what a question for another currency asks besides; None where it asks for none.

    Args:
        question: *What was the total in euros?*
        slip: The text of the slip, in its own currency.
    """
    found = _ASKED.search(question) or _HOW_MANY.search(question)
    if found is None:
        return None
    wanted = next(
        name for name, form in _FORMS.items() if re.fullmatch(form, found["unit"], re.IGNORECASE)
    )
    own = [name for name, form in _WRITTEN.items() if re.search(form, slip, re.IGNORECASE)]
    if wanted in own:
        return None
    given = _GIVEN.search(question)
    rest = _HOW_MANY.sub("how much", _ASKED.sub("", question))
    rest = _RATE.sub("", _GIVEN.sub("", rest))
    rest = _CONVERTS.sub("how much is", " ".join(rest.split()))
    rate = Decimal(given["rate"].replace(",", ".")) if given else None
    return Exchange(rest.strip(" ,;.?"), wanted, own[0] if own else "", rate)


def told(said: str, asked: Exchange) -> str:
    """Return an answer in the slip's own currency, and why it is not in the other one.

    Args:
        said: *TOTAL: 41.00*; may be empty.
        asked: What was asked for.
    """
    if asked.rate is not None and said and (amounts := re.findall(r"-?\d+\.\d{2}(?!\d)", said)):
        amount = Decimal(amounts[0])
        made = (amount * asked.rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        return f"{made} {asked.wanted} = {amount} × {asked.rate}"
    if asked.own:
        why = f"These prices are in {asked.own}. There are no exchange rates here to turn them into {asked.wanted}"
    else:
        why = f"It names no currency, and there are no exchange rates here to turn one into {asked.wanted}"
    return "\n".join(
        each for each in (said, f"Not in {asked.wanted}: {why[0].lower()}{why[1:]}.") if each
    )


__all__ = ("Exchange", "exchange", "told")

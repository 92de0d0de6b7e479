"""Round a result as the words say, and answer what a list of numbers comes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from .stories import NUMBER, decimal, plain

_NEAREST = {
    "cent": "0.01", "cents": "0.01", "penny": "0.01", "tenth": "0.1", "hundredth": "0.01", "thousandth": "0.001",
    "ten": "10", "hundred": "100", "thousand": "1000", "million": "1000000",
}  # fmt: skip

_WHOLE = r"(?:whole(?: number)?|integer|unit|euro|dollar|pound|full (?:euro|dollar|pound)|one)s?"

_ROUND = re.compile(
    r"^(?P<what>.*?)[\s,;]*\b(?:and )?(?:please )?(?:round(?:ed|ing)?(?: it| that| the (?:result|answer))?(?: off| up| down)?|(?:correct|accurate|precise))(?P<more> .*?)?"
    r" ?\b(?:to|at)(?: the)? (?:nearest (?P<nearest>[\d.]+|[a-z]+(?: (?:number|euro|dollar|pound))?)(?: (?:of a )?(?:cent|euro|dollar|pound)s?)?"
    rf"|(?P<places>\d+) (?:decimals?|decimal (?:places?|points?|digits?)|digits? after the (?:decimal )?(?:point|comma)|d\.?p\.?)|(?P<whole>{_WHOLE})|(?P<cents>cents?|pence|penn(?:y|ies)))$"
)


def parted(text: str) -> tuple[str, Decimal | None]:
    """Part a sum from how its result is to be rounded."""
    found = _ROUND.match(text.rstrip(" ?.!"))
    if found is None:
        return text, None
    step: Decimal | None = None
    if found["places"] and int(found["places"]) <= 12:
        step = Decimal(1).scaleb(-int(found["places"]))
    elif found["cents"]:
        step = Decimal("0.01")
    elif found["whole"]:
        step = Decimal(1)
    elif nearest := found["nearest"]:
        if re.fullmatch(_WHOLE, nearest):
            step = Decimal(1)
        elif re.fullmatch(r"\d+(?:\.\d+)?", nearest):
            step = Decimal(nearest)
        elif nearest in _NEAREST or nearest.removesuffix("s") in _NEAREST:
            step = Decimal(_NEAREST.get(nearest) or _NEAREST[nearest.removesuffix("s")])
    if not step:
        return text, None
    return f"{found['what']} {found['more'] or ''}".strip(), step


def to_step(said: str, step: Decimal) -> str:
    """Round the number that an answer begins with."""
    found = re.match(rf"-?{NUMBER}", said)
    if found is None:
        return said
    value = (Decimal(found[0].replace(",", "")) / step).quantize(
        Decimal(1), rounding=ROUND_HALF_UP
    ) * step
    shown = f"{value:f}"
    return f"{shown}{said[found.end() :]}"


def rounded(text: str, work: Callable[[str], str | None]) -> str | None:
    """Answer *17 / 3, rounded to two decimals*: the sum by ``work``, then rounded."""
    bare, step = parted(text)
    if step is None:
        return None
    lone = re.fullmatch(rf"(?:what(?:'s| is) )?(-?{NUMBER})", bare.strip())
    said = lone[1] if lone else work(bare)
    return None if said is None else to_step(said, step)


_LIST = re.compile(
    rf"(?:what(?:'s| is| are) )?(?:the )?(?:calculate |find )?(?:the )?(?P<what>average|mean|median|sum|total|range|largest|smallest|highest|lowest|biggest|maximum|minimum)"
    rf"(?: value| number)?(?: (?:of|from|in|among|for))?(?: (?:these|the|the following))?(?: numbers| values| amounts| scores| grades| marks)?:? ?(?P<list>-?{NUMBER}(?:(?:\s*(?:,|;|and|&|,\s*and)\s*|\s+)-?{NUMBER})+)"
)


def listed(text: str) -> str | None:
    """Answer what a list of numbers comes to: *the median of 4 8 15 16*."""
    found = _LIST.fullmatch(text)
    if found is None:
        return None
    values = [
        decimal(each)
        for each in re.findall(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?", found["list"])
    ]
    return plain(_of_list(found["what"], values))


def _of_list(what: str, values: Sequence[Decimal]) -> Decimal:
    ordered = sorted(values)
    if what in {"sum", "total"}:
        return sum(values, Decimal(0))
    if what in {"average", "mean"}:
        return sum(values, Decimal(0)) / len(values)
    if what == "median":
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    if what == "range":
        return ordered[-1] - ordered[0]
    return ordered[-1] if what in {"largest", "highest", "biggest", "maximum"} else ordered[0]


__all__ = ("listed", "parted", "rounded", "to_step")

"""A photographed invoice, checked: does each line multiply out, and do the lines make the total?

    read_text ─┬─▶ calculate ─┐
               └──────────────┴─▶ check_amounts

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.invoice_check import graph

    graph.invoke({"picture": "invoice.png"})["verdict"]
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from herd_graph import Data, Herd, Image, Table, Text, expert, workflow
from herd_graph._bundled.tools import Calculate, ReadText
from herd_graph.errors import PortViolation

_AMOUNT = r"(?:\d{1,3}(?:[., ]\d{3})+|\d+)[.,]\d{2}(?![\d%])"
_LINE = re.compile(
    rf"^(?P<count>\d{{1,4}})\s*[x×]?\s+(?P<what>\D.*?)\s+(?:[@x×]\s*)?[$€£]?\s?(?P<unit>{_AMOUNT})"
    rf"\s*=?\s*[$€£]?\s?(?P<amount>{_AMOUNT})\s*[$€£]?$"
)
_TOTAL = re.compile(
    r"(?<!sub)(?<!sub[- ])\b(?:total|amount due|balance due|to pay)\b", re.IGNORECASE
)
_TAX = re.compile(r"\b(?:vat|tax|gst|iva)\b", re.IGNORECASE)


class Checked(NamedTuple):
    """The verdict in words, and what it rests on."""

    verdict: Text
    checks: Table


@expert(
    tags=["invoice", "audit", "arithmetic"],
    examples=["do the lines of the invoice make its total?", "check the arithmetic of these lines"],
    licence="Apache-2.0",
    latency_s=0.01,
    notes="Checks lines of the form 'count, what, unit price, amount', and the total. No tax law.",
)
def check_amounts(lines: Text, added: Text | Data[Any]) -> Checked:
    """Check the arithmetic of an invoice: each line, and the total against what the lines come to.

    Args:
        lines: The invoice as text, one line for each line.
        added: What its amounts come to, as calculate gives it.
    """
    if not re.search(_AMOUNT, lines.text):
        raise PortViolation(
            f"{' '.join(lines.text.split())[:60]!r} has no amounts such as 12.50. Expected the lines "
            "of an invoice. Give a picture of one, or check that it was read correctly."
        )
    products = _products(lines.text)
    found = [_row(*each) for each in products]
    printed, tax = _printed(lines.text, _TOTAL), _printed(lines.text, _TAX) or Decimal(0)
    computed = _decimal(added)
    misprinted = sum((made - said for _, said, made in products), Decimal(0))
    # The total may be right where a line is misprinted, and prices may hold the tax already.
    if printed in {computed + misprinted, computed - tax}:
        computed = printed or computed
    found.append(_row("total", printed, computed))
    return Checked(Text(_verdict(found, printed, computed)), Table(found, name="checks"))


def _products(text: str) -> list[tuple[str, Decimal, Decimal]]:
    """Return each line that says how many of what at what price: what it says, and what it makes."""
    return [
        (f"{each['count']} {each['what']}", _money(each["amount"]), count * _money(each["unit"]))
        for each in (_LINE.match(line.strip()) for line in text.splitlines())
        if each is not None
        for count in [int(each["count"])]
    ]


def _printed(text: str, label: re.Pattern[str]) -> Decimal | None:
    """Return the last amount with such a label, beside it or on the line below."""
    lines = text.splitlines()
    amount: Decimal | None = None
    for at, line in enumerate(lines):
        if label.search(line) is None:
            continue
        below = lines[at + 1].strip(" $€£") if at + 1 < len(lines) else ""
        beside = re.findall(_AMOUNT, line)
        if beside:
            amount = _money(beside[-1])
        elif re.fullmatch(_AMOUNT, below):
            amount = _money(below)
    return amount


def _row(what: str, printed: Decimal | None, computed: Decimal) -> dict[str, Any]:
    verdict = "not printed" if printed is None else "ok" if printed == computed else "wrong"
    shown = "" if printed is None else f"{printed:.2f}"
    return {"what": what, "printed": shown, "computed": f"{computed:.2f}", "verdict": verdict}


def _verdict(found: list[dict[str, Any]], printed: Decimal | None, computed: Decimal) -> str:
    wrong = [each for each in found if each["verdict"] == "wrong"]
    if wrong:
        listed = "; ".join(
            f"{each['what']}: {each['printed']} is printed, it comes to {each['computed']}"
            for each in wrong
        )
        return f"The invoice does not add up. {listed}."
    if printed is None:
        return f"No total is printed. The lines come to {computed:.2f}."
    return f"The invoice adds up: {computed:.2f}."


def _money(text: str) -> Decimal:
    digits = re.sub(r"\D", "", text)
    return Decimal(digits).scaleb(-2)


def _decimal(added: Text | Data[Any]) -> Decimal:
    given = added.text if isinstance(added, Text) else str(added.value)
    try:
        return Decimal(given)
    except InvalidOperation:
        raise PortViolation(
            f"{given!r} is no amount. Expected what calculate gives with operation='sum'."
        ) from None


class InvoiceCheck(NamedTuple):
    """What comes of an invoice."""

    lines: Text
    verdict: Text
    checks: Table


@workflow(
    tags=["invoice", "bill", "check"],
    examples=["does this invoice add up?", "check the arithmetic of the photographed bill"],
)
def invoice_check(picture: Image) -> InvoiceCheck:
    """Read a photographed invoice and check its arithmetic: each line, and the total.

    Args:
        picture: A photo or scan of an invoice.
    """
    lines = ReadText(picture)
    checked = check_amounts(lines, Calculate(lines, operation="sum"))
    return InvoiceCheck(lines, checked.verdict, checked.checks)


graph = Herd(invoice_check).compile(workflow=invoice_check)

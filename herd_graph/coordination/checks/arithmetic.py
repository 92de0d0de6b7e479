"""Do the sums of a text again: *3 x 4 = 13* is caught, and so is a total that its items do not make."""

from __future__ import annotations

import ast
import math
import re
from decimal import Decimal

from herd_graph.coordination.checks.base import CheckInput, check, failed, listed, passed
from herd_graph.coordination.quantities import Number, numbers
from herd_graph.state import Verdict
from herd_graph.types import Kind

_NUM = r"[-−]?(?:R\$|[€$£])?\s?\d[\d.,\u00a0\u202f]*(?:\s?%)?(?:\s?(?:€|euros?|EUR|USD|GBP|pounds?|dollars?|reais)\b)?"
_OP = r"\s*(?:[-+*/×x÷·−^]|\*\*|plus|minus|times|divided by|mais|menos|vezes|of|de)\s*"
_EQUATION = re.compile(
    rf"(?P<left>\(*{_NUM}\)*(?:{_OP}\(*{_NUM}\)*){{1,40}})\s*(?P<sign>=|≈|equals|is|são|é|dá)\s*(?P<right>{_NUM})(?P<more>{_OP}\d)?",
    re.IGNORECASE,
)
_SIMPLE = {
    "×": "*", "x": "*", "÷": "/", "·": "*", "−": "-", "^": "**", "plus": "+", "minus": "-", "times": "*",
    "divided by": "/", "mais": "+", "menos": "-", "vezes": "*",
}  # fmt: skip
_WORDED = re.compile(r"divided by|plus|minus|times|mais|menos|vezes|[×x÷·−^]", re.IGNORECASE)
_PERCENT_OF = re.compile(r"(\d[\d.]*)\s*%\s*(?:of|de)\s*", re.IGNORECASE)
_TOTAL = re.compile(
    r"^\W*(?:grand\s+|the\s+)?(?:total|sum|soma)\b(?!\s+(?:of|number|due|cost))", re.IGNORECASE
)
_CLEARLY = re.compile(r"[%+*×÷]|plus|minus|times|divided|mais|menos|vezes", re.IGNORECASE)
_NOT_ADDED = re.compile(
    r"sub\s*-?total|total|\btax|vat|iva|tip|change|cash|paid|card|balance|discount|troco|rounding|phone|tel|date",
    re.IGNORECASE,
)


@check(name="arithmetic", gives=Kind.TEXT, cost=0.0004)
async def sums(subject: CheckInput) -> Verdict | None:
    """Do every calculation again that a text writes out."""
    looked = 0
    for port, text in (await subject.texts()).items():
        if not any(each.isdigit() for each in text):
            continue
        for said, wanted in equations(text[:20_000]):
            looked += 1
            if wanted:
                told = f"{port!r} says {said!r}; that is {wanted}"
                return failed("arithmetic", told, score=0.05, evidence=said)
    return passed("arithmetic", f"{looked} done again" if looked else "")


_WORKED = re.compile(
    r"^(?P<whole>\d[\d,]*(?:\.\d+)?) = (?P<parts>\d+ × [^\n=×+]*?\d[\d,]*(?:\.\d+)?(?: \+ \d+ × [^\n=×+]*?\d[\d,]*(?:\.\d+)?)*)$",
    re.MULTILINE,
)
_TIMES = re.compile(r"(\d+) × ([^\n=×+]*?)(\d[\d,]*(?:\.\d+)?)(?= \+ |$)")


def unworked(text: str) -> str:
    """Leave out of sums that are right what was worked out: of *20.40 = 2 × curry 8.90 + 1 × tea 2.60* the prices stay.

    What they come to stands in no source, and is no invention either.
    """

    def priced(found: re.Match[str]) -> str:
        parts = _TIMES.findall(found["parts"])
        made = sum((Decimal(n) * Decimal(price.replace(",", "")) for n, _, price in parts), Decimal(0))  # fmt: skip
        if made != Decimal(found["whole"].replace(",", "")):
            return found[0]
        return "\n".join(f"{label}{price}" for _, label, price in parts)

    return _WORKED.sub(priced, text)


def equations(text: str) -> list[tuple[str, str]]:
    """Return each calculation that a text writes out, with its right result where it is wrong."""
    if "=" not in text and not re.search(r"\b(?:equals|is|são|é|dá)\b|≈", text):
        return []
    found: list[tuple[str, str]] = []
    for each in _EQUATION.finditer(text):
        if each["more"] or not re.search(r"[-+*/×x÷·−^%]|[a-z]{4,}", each["left"], re.IGNORECASE):
            continue
        if each["sign"].isalpha() and not _CLEARLY.search(each["left"]):
            continue  # "pages 1-2 is …" is no calculation
        right = numbers(each["right"], spelled=False)
        value = evaluated(each["left"])
        if value is None or len(right) != 1:
            continue
        loose = each["sign"] == "≈"
        wrong = not _agrees(value, right[0], loose=loose)
        found.append((each.group().strip(), f"{value:.10g}" if wrong else ""))
    return found


def _agrees(value: float, said: Number, *, loose: bool) -> bool:
    for each in said.values:
        shown = each / 100 if said.percent and abs(value) <= 1 else each
        step = 0.51 * 10.0**-said.decimals
        if abs(value) >= 1e15:
            step = abs(value) * 1e-9
        if abs(shown - value) <= (max(step, 0.02 * abs(value)) if loose else step) + 1e-9:
            return True
    return False


def evaluated(expression: str) -> float | None:
    """Return what an expression of numbers comes to; None for anything else."""
    if "@" in expression:
        return None
    written = re.sub(
        r"R\$|[€$£]|\b(?:euros?|EUR|USD|GBP|pounds?|dollars?|reais)\b",
        "",
        expression,
        flags=re.IGNORECASE,
    )
    for each in sorted(numbers(written, spelled=False), key=lambda n: -n.start):
        if len(each.values) != 1:
            return None  # 1.234 may be either
        shown = repr(abs(each.value)) + ("%" if each.percent else "")
        sign = "-" if each.value < 0 else "+" if each.said[0] == "+" else ""
        written = f"{written[: each.start]} {sign}{shown} {written[each.end :]}"
    written = _WORDED.sub(lambda each: _SIMPLE[each.group().lower()], written)
    written = _PERCENT_OF.sub(lambda each: f"({each.group(1)}/100)*", written)
    written = re.sub(r"([-+])\s*(\d[\d.e+]*)\s*%", r"\1 (\2/100)*@", written)
    if "@" in written:
        return _with_percents(written)
    written = re.sub(r"(\d[\d.]*)\s*%", r"(\1/100)", written)
    return _value(written)


def _with_percents(written: str) -> float | None:
    """Return *100 + 15 %* as people mean it: 115."""
    head, sign, rate = re.split(r"([-+])\s*(?=\([\d.e+]+/100\)\*@)", written, maxsplit=1)
    base = _value(head)
    found = re.fullmatch(r"\(([\d.e+]+)/100\)\*@\s*", rate)
    if base is None or found is None:
        return None
    share = float(found.group(1)) / 100
    return base * (1 + share if sign == "+" else 1 - share)


def _value(written: str) -> float | None:
    try:
        tree = ast.parse(written.strip(), mode="eval")
        value = _reckoned(tree.body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, TypeError, MemoryError):
        return None
    return value if math.isfinite(value) else None


def _reckoned(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_reckoned(node.operand)
    if isinstance(node, ast.BinOp):
        return _done(node.op, _reckoned(node.left), _reckoned(node.right))
    raise ValueError


def _done(sign: ast.operator, left: float, right: float) -> float:
    if isinstance(sign, ast.Add):
        return left + right
    if isinstance(sign, ast.Sub):
        return left - right
    if isinstance(sign, ast.Mult):
        return left * right
    if isinstance(sign, ast.Div):
        return left / right
    if isinstance(sign, ast.Mod):
        return left % right
    if isinstance(sign, ast.Pow) and abs(left) <= 1e6 and abs(right) <= 64:
        return math.pow(left, right)
    raise ValueError


def total_of(text: str) -> tuple[float, float] | None:
    """Return the total that a list states, and what its items come to; None without both."""
    items: list[float] = []
    for line in text.splitlines():
        found = [each for each in numbers(line, spelled=False) if not each.percent]
        if not found:
            continue
        if _TOTAL.search(line) and items:
            return found[-1].value, math.fsum(items)
        if not _NOT_ADDED.search(line):
            items.append(found[-1].value)
    return None


@check(name="result", takes=Kind.TEXT, cost=0.0003)
async def calculated_again(subject: CheckInput) -> Verdict | None:
    """Do the calculation again that an expert for calculations was given."""
    if not re.search(r"calculat|arithmetic", f"{subject.card.name} {' '.join(subject.card.tags)}"):
        return None
    shown = [
        await subject.text(ref)
        for refs in subject.outputs.values()
        for ref in listed(refs)
        if ref.kind in {Kind.TEXT, Kind.DATA}
    ]
    said = numbers("\n".join(shown))
    for source in (await subject.texts(given=True)).values():
        asked = re.sub(
            r"^(?:what(?:'s| is)|calculate|compute|quanto é)\s+|[?=\s]+$",
            "",
            source.strip(),
            flags=re.IGNORECASE,
        )
        value = evaluated(asked)
        if value is None or not said or re.fullmatch(r"[\d.,\s]+", asked):
            continue
        if not any(_agrees(value, each, loose=False) for each in said):
            told = f"{asked[:80]!r} is {value:.10g}, and it says {said[-1].said!r}"
            return failed("result", told, score=0.05)
        return passed("result")
    return None


__all__ = ("calculated_again", "equations", "evaluated", "sums", "total_of")

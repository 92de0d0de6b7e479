"""Calculate: exact arithmetic over expressions, worded questions, scanned lines and receipts."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib import import_module
from typing import Any, Literal

from herd_graph.artifacts import Data, Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from . import everyday, expressions, receipts, slips, word_problems, wording
from .further import carried, further, is_made
from .multiplied import asks_for_several, multiplied
from .named_factors import without_nouns
from .needs import need
from .numerals import digits
from .pieces import MONEY
from .share_too import with_share
from .sharers import counted

MAX_CHARS = 200_000


@expert(
    name="calculate",
    tags=["arithmetic", "maths", "sum", "total", "percentage", "equation", "calculator", "numbers"],
    examples=[
        "what is 12% of 80?",
        "compute 17 * 23 + 9",
        "add up the total of the receipt",
        "how much do the items cost together?",
        "three plus four times two",
        "work out the calculation on the sign",
        "solve x**2 - 4 = 0",
        "what is the square root of 144?",
    ],
    latency_s=0.01,
    memory="40 MiB",
    licence="Apache-2.0; runs on sympy (BSD-3-Clause)",
    notes=(
        "Exact: rational arithmetic, 12 digits where a decimal does not end. Equations: polynomial, "
        "one unknown. Of a receipt it adds the priced lines, without printed totals and payments; the "
        "request may ask for some of them, and the answer then says which were added. "
        "Nothing in the text is ever evaluated as code."
    ),
    timeout_s=20,
)
class Calculate:
    """Calculate an expression, a percentage or an equation, or add up the prices of a receipt."""

    def load(self) -> None:
        """Import sympy, which takes half a second."""
        need("sympy")
        import_module("sympy")

    def __call__(
        self,
        expression: Text,
        operation: Literal["evaluate", "sum"] = "evaluate",
        request: Text = Text(""),  # noqa: B008 - never changed
    ) -> Text | Data[Any]:
        """Calculate.

        Args:
            expression: An expression, or words that hold one: a question, scanned lines, a receipt.
            operation: evaluate what is written, or sum all amounts (add up, total).
            request: What of a receipt is wanted: 'the VAT', 'only the drinks', 'the dearest item'; or
                what is made of the total: '20% of that', 'split it between three'.
        """
        text = expression.text if "\n" in expression.text else counted(expression.text)
        if len(text) > MAX_CHARS:
            raise PortViolation(
                f"'expression' has {len(text):,} characters. Expected at most {MAX_CHARS:,}. Give "
                "the lines that hold the numbers."
            )
        asked = request.text.strip()
        if asked and text.strip() != asked and (said := multiplied(text, asked)) is not None:
            return Text(said)
        if operation == "evaluate" and (found_out := _in_words(text)) is not None:
            return _number_or_text(found_out)
        text = without_nouns(text)
        told = _is_told(text) or text.strip() == asked
        if asked and not told and (said := receipts.selected(text, asked)) is not None:
            return Text(said)
        if asked and not told and asks_for_several(asked) and _is_prose(text):
            raise PortViolation(
                f"What one of them costs is not in the text: {_short(text)!r}. Expected one price of what is "
                "asked for. Ask with the price, as in '17 x 84'."
            )
        if asked and (held := carried(text)) is not None and (said := further(held, asked)):
            return Text(text.strip().splitlines()[-1] if is_made(text, said) else said)
        if asked and not told and (named := _sums_named(text, asked)):
            return Text(named)
        priced = [] if told else wording.prices(text)
        whole = slips.summed(text, told=bool(asked)) if len(priced) > 1 else None
        if whole and asked and not told and not _OF_MONEY.search(asked):
            raise PortViolation(
                f"The lines do not answer {_short(asked)!r}. Expected a question for their prices, what they come "
                "to, or one of them. Word it with what they say."
            )
        if asked and not told and not priced and _OF_SO_MANY.search(digits(asked)):
            raise PortViolation(
                f"No price was found in {_short(text)!r}. Expected what one of them costs. Ask with the price."
            )
        if operation == "sum":
            return _and_further(Text(whole) if whole else _sum(text, priced), asked)
        found = [] if wording.is_receipt(text) else wording.expressions(text)
        if not found:
            if priced:
                return Text(whole) if whole else _total(priced)
            raise PortViolation(
                f"No calculation was found in {_short(text)!r}. Expected an expression such as "
                "'17 * 23 + 9', '12% of 80', 'x**2 - 4 = 0', or lines with prices. For the sum of "
                "all numbers set operation='sum'."
            )
        if told and _leaves_out(text, found):
            raise PortViolation(
                f"{_short(text)!r} holds more than one sum in words, and only {found[0].text!r} of it was "
                "understood. Expected one sum whose numbers all have their place. Write it in signs."
            )
        if told and _is_cut(text, found):
            raise PortViolation(
                f"{_short(text)!r} has a percentage that belongs to no calculation that was found "
                f"({found[0].text}). Expected one sum, such as '1860 - 15% + 23%'. Write it so, or ask in parts."
            )
        return _answers(found)


_OF_SO_MANY = re.compile(
    r"\b(?:costs?|pay|price|how much)\b[^.]*\b\d{1,3} (?:adults?|child(?:ren)?|kids?|people|persons|students|seniors|tickets?|of us|guests|visitors)\b",
    re.IGNORECASE,
)
"""*What does it cost for two adults?*: a date and a number of a house are no prices."""


def _is_prose(text: str) -> bool:
    """Say whether a text tells something, rather than listing what things cost."""
    return len(text.split()) > _PROSE and not wording.is_receipt(text)


def _is_cut(text: str, found: list[wording.Found]) -> bool:
    """Say whether a percentage of a question stands in none of its sums: *… and then add 23% VAT*."""
    percents = re.findall(r"(\d+(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)", everyday.plainly(text))
    used = " ".join(each.text for each in found)
    return any(
        not re.search(rf"(?<![\d.]){re.escape(each)}(?![\d.]*\d)", used) for each in percents
    )


_SIGNS = re.compile(r"[+*/=^]|\b(?:plus|minus|times|divided|multiplied|of a|and a)\b")


def _leaves_out(text: str, found: list[wording.Found]) -> bool:
    """Say whether a sum in words is only a piece of what is told: *3 pieces of 1.80 m and 2 of 75 cm*."""
    if len(found) != 1:
        return False
    low = everyday.plainly(text)
    numbers = re.findall(r"\d+(?:\.\d+)?", low)
    if not numbers:
        return _SIGNS.search(low) is None
    used = re.findall(r"\d+(?:\.\d+)?", everyday.plainly(found[0].text))
    return len(numbers) > 2 and len(used) < len(numbers) - 1 and _SIGNS.search(low) is None


def _in_words(text: str) -> str | None:
    """Answer a sum in words, rounded where the words say so, and the share that its result is."""
    if (both := with_share(text, _exactly)) is not None:
        return both
    said = everyday.worked_out(text)
    return word_problems.rounded(everyday.plainly(text), _exactly) if said is None else said


def _exactly(text: str) -> str | None:
    """Answer a sum in words or in signs."""
    if (said := everyday.worked_out(text)) is not None:
        return said
    found = wording.expressions(text)
    if len(found) != 1:
        return None
    made = _answer(found[0])
    return str(made.value if isinstance(made, Data) else made.text)


_HOW_MUCH_MONEY = re.compile(
    r"\bhow much money\b(?!.*\b(?:altogether|in total|in all|left|add)\b)|\bwhat (?:sums?|amounts?)(?: of money)? (?:is|are|was|were)\b",
    re.IGNORECASE,
)


def _sums_named(text: str, request: str) -> str:
    """Return the sums of money that a letter names, where it is asked how much money it is about."""
    if not _is_prose(text) or not _HOW_MUCH_MONEY.search(request):
        return ""
    return "\n".join(dict.fromkeys(each.group().strip() for each in MONEY.finditer(text)))


_PROSE = 25
"""Words of a text that tells something, rather than a sum that is written out."""
_OF_MONEY = re.compile(
    r"\b(?:totals?|totall?ed|sums?|add(?:s|ed|ing)?|plus|tally|count|reckon|together|altogether|in all|everything|all|spen[dt]|pay|paid|costs?|how much|prices?|amounts?|bill|receipt|invoice|"
    r"calculat\w*|comput\w*|work (?:it |this |that )?out|maths?|comes? (?:to|out)|came to|worth|owe[ds]?|due|charged?|expens\w*|money|euros?|dollars?|pounds?|quanto|soma\w*|custo\w*|paguei|pagou|pagar|numbers?|figures?|result)\b"
    r"|[$€£\d]",
    re.IGNORECASE,
)
"""What asks for the whole of a slip; what names none of it is no question for a sum."""
_QUESTION = re.compile(
    r"\?\s*$|\b(?:how (?:much|many)|what(?:'s| is| do| does| will| would)?)\b", re.IGNORECASE
)


def _is_told(text: str) -> bool:
    """Say whether a text is a question with numbers in it, whose prices nobody may pick one from."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) == 1 and bool(_QUESTION.search(lines[0]))


def _number_or_text(said: str) -> Text | Data[Any]:
    """Return a bare number as one, so that a later step can count with it."""
    bare = said.replace(",", "")
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", bare):
        return Text(said)
    return Data(float(bare) if "." in bare else int(bare))


def _answers(found: list[wording.Found]) -> Text | Data[Any]:
    """Answer each of several calculations on a line of its own, beside what it answers."""
    if len(found) == 1:
        return _answer(found[0])
    return Text("\n".join(_line(each) for each in found))


def _line(found: wording.Found) -> str:
    if found.node.kind == "=" and expressions.unknowns(found.node):
        return f"{found.text}: {_answer(found)}"
    return f"{found.text.partition('=')[0].strip()} = {_answer(found)}"


def _answer(found: wording.Found) -> Text | Data[Any]:
    node = found.node
    try:
        if node.kind != "=":
            return _given(expressions.plain(expressions.evaluate(node)))
        if expressions.unknowns(node):
            return Text(_solved(node))
        left, right = (expressions.evaluate(each) for each in node.of)
        if expressions.plain(left) == expressions.plain(right):
            return _given(expressions.plain(left))
        return Text(f"{expressions.plain(left)} (not {expressions.plain(right)})")
    except expressions.Unsolvable as error:
        raise PortViolation(
            f"{_short(found.text)!r} cannot be calculated: {error}. Expected numbers, + - * / ** %, "
            "functions such as sqrt, or a polynomial equation in one unknown. Rewrite it."
        ) from error


def _solved(node: expressions.Node) -> str:
    solutions = expressions.roots(node)
    (letter,) = expressions.unknowns(node)
    if solutions is True:
        return f"every {letter} is a solution"
    if solutions is False:
        return "no solution"
    values = [expressions.plain(each) for each in solutions]
    real = [each for each in values if not isinstance(each, str)]
    shown = real if real and len(values) > 2 else values
    rest = len(values) - len(shown)
    listed = " or ".join(f"{letter} = {each}" for each in shown)
    return f"{listed} ({rest} more, complex)" if rest else listed


def _given(value: float | str) -> Text | Data[Any]:
    return Text(value) if isinstance(value, str) else Data(value)


def _sum(text: str, priced: list[Decimal]) -> Text | Data[Any]:
    if len(priced) > 1:
        return _total(priced)
    found = [each for each in wording.expressions(text) if each.node.kind not in {"number", "neg"}]
    if found:
        return _answers(found)  # sums that are written out: their numbers are not to be added up
    if priced:
        return _total(priced)
    amounts = wording.numbers(text)
    if not amounts:
        raise PortViolation(
            f"No amounts to add up were found in {_short(text)!r}. Expected numbers or prices, one "
            "or more a line. Check that the text was read correctly."
        )
    return _total(amounts)


def _and_further(total: Text | Data[Any], request: str) -> Text | Data[Any]:
    """Return a total and what the request makes of it: *add it up and tell me 20% of that*."""
    held = carried(str(total.value if isinstance(total, Data) else total.text))
    said = further(held, request) if held is not None and request else None
    return Text(f"{held}\n{said}") if said else total


def _total(amounts: list[Decimal]) -> Text | Data[Any]:
    """Add exactly; money keeps its two decimals, so that 18.90 is not 18.9."""
    total = sum(amounts, Decimal(0))
    if total == total.to_integral_value() and all(
        each == each.to_integral_value() and "." not in str(each) for each in amounts
    ):
        return Data(int(total))
    return Text(str(total))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else f"{flat[:79]}…"

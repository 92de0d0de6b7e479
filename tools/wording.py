"""Find what is to be computed in ordinary words: questions, dictated sums, scanned lines, receipts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from .expressions import (
    CONSTANTS,
    FUNCTIONS,
    MAX_TOKENS,
    Node,
    Token,
    Unsolvable,
    operations,
    parse,
    tokens,
    unknowns,
)
from .numerals import decimal_points, digits

MAX_LINES = 2_000
# Signs as people and scanners write them; escapes where two look the same.
_SIGNS = str.maketrans(
    {
        "×": "*", "✕": "*", "·": "*", "∙": "*", "÷": "/", "\u2212": "-", "\u2013": "-",
        "\u2014": "-", "\u2012": "-", "[": "(", "]": ")", "{": "(", "}": ")", "\u00a0": " ",
        "\u202f": " ", "π": " pi ", "√": " sqrt ", "∛": " cbrt ", "²": "**2 ", "³": "**3 ",
        "½": " (1/2) ", "¼": " (1/4) ", "¾": " (3/4) ", "°": " deg ", "$": " ", "€": " ", "£": " ",
        "\uff1a": ":", "\uff1d": "=", "\uff0b": "+", "\uff08": "(", "\uff09": ")", "\uff0c": ",",
        "\uff05": "%",
    }
)  # fmt: skip
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")  # 1 250 000
_N = r"((?<![\d.,])-?\d+(?:,\d{3})*(?:\.\d+)?%?)"  # looking behind keeps long digit runs linear
_LIST = rf"({_N[1:-1]}(?:\s*(?:,\s*and|,|and|&)\s*{_N[1:-1]})+)"


def _items(text: str) -> list[str]:
    return re.split(r"\s*(?:,\s*and\b|,\s|,(?!\d{3}\b)|\band\b|&)\s*", text.strip())


def _joined(sign: str) -> Callable[[re.Match[str]], str]:
    return lambda found: "(" + sign.join(_items(found.group(1))) + ")"


def _called(name: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f"{name}({', '.join(_items(found.group(1)))})"


_RUN = (
    r"(?:all )?(?:the )?(squares?|cubes?|even numbers|odd numbers)?(?: of)?(?: all)?(?: the)?(?: (?:whole |natural )?numbers"
    r"| integers)? ?(?:from )?(\d{1,7}) (?:to|through|up to) (\d{1,7})(?![\d.])"
)
"""*the squares of 1 to 20*, in a sum."""


def _run(found: re.Match[str]) -> str:
    """Write the sum of a run of numbers in closed form: what is below its end less what is below its start."""
    what, first, last = (found.group(1) or "").rstrip("s"), int(found.group(2)), int(found.group(3))
    if first > last:
        return found.group()
    if what in {"even number", "odd number"}:
        odd = int(what.startswith("odd"))
        first, last = first + (first % 2 != odd), last - (last % 2 != odd)
        return f"(({first} + {last}) * {(last - first) // 2 + 1} / 2)" if first <= last else "(0)"
    form = {
        "square": "{0} * ({0} + 1) * (2 * {0} + 1) / 6",
        "cube": "({0} * ({0} + 1) / 2) ** 2",
    }.get(what, "{0} * ({0} + 1) / 2")
    return f"({form.format(last)} - {form.format(first - 1)})"


_PHRASES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"\bper\s?cent(?:age)?\b", "%"),
        (rf"\b(\d+) (?:[^\W\d]+ ){{1,3}}(?:at|for) {_N} (?:each|apiece|a piece)\b", r"(\1 * \2)"),
        (r"(?<=\d)\s*%\s*(?:de|von|di)\s+(?=\d)", "% of "),
        (r"(?<=[\d)])\s+(?:vezes|veces|fois|mal|por)\s+(?=[\d(])", " * "),
        (r"(?<=[\d)])\s+(?:mais|más)\s+(?=[\d(])", " + "),
        (r"(?<=[\d)])\s+(?:menos|moins)\s+(?=[\d(])", " - "),
        (r"(?<=[\d)])\s+(?:dividido (?:por|entre)|divisé par|geteilt durch)\s+(?=[\d(])", " / "),
        (rf"{_N}\s*%\s*off\s+(?:of\s+)?{_N}", r"(\2 - \1%)"),
        (rf"\b(?:sum|total) of {_RUN}", _run),
        (rf"\b(?:sum|total) of {_LIST}", _joined("+")),
        (rf"\bproduct of {_LIST}", _joined("*")),
        (rf"\b(?:average|mean) of {_LIST}", _called("mean")),
        (rf"\b(?:max|maximum|largest|biggest|greatest|highest) of {_LIST}", _called("max")),
        (rf"\b(?:min|minimum|smallest|lowest|least) of {_LIST}", _called("min")),
        (rf"\b(?:greatest common divisor|gcd|hcf) of {_LIST}", _called("gcd")),
        (rf"\b(?:least common multiple|lcm) of {_LIST}", _called("lcm")),
        (rf"\bdifference (?:between|of) {_N} and {_N}", r"(\1 - \2)"),
        (rf"\bsubtract(?:ing)? {_N} from {_N}", r"(\2 - \1)"),
        (rf"\badd(?:ing)? {_N} to {_N}", r"(\2 + \1)"),
        (rf"\badd(?:ing)? (?:up )?{_LIST}", _joined("+")),
        (rf"\bmultiply(?:ing)? {_N} (?:by|and|with) {_N}", r"(\1 * \2)"),
        (rf"\bdivid(?:e|ing) {_N} by {_N}", r"(\1 / \2)"),
        (r"\b(?:raised )?to the (?:power (?:of )?)", "**"),
        (r"\braised to\b", "**"),
        (r"\bthe (?=(?:square |cube )?root\b|(?:square|cube) of\b)", ""),
        (rf"\bsquare of {_N}", r"(\1**2)"),
        (rf"\bcube of {_N}", r"(\1**3)"),
        (r"\bsquared\b", "**2"),
        (r"\bcubed\b", "**3"),
        (r"\bcube(?:d)? root(?: of)?\b", " cbrt "),
        (r"\b(?:square )?root(?: of)?\b", " sqrt "),
        (r"\b(sin|cos|tan)(?:e|ine|gent)? of\b", r" \1 "),
        (r"\bnatural log(?:arithm)? of\b", " ln "),
        (r"\blog(?:arithm)? of\b", " log "),
        (r"\babsolute value of\b", " abs "),
        (rf"\bfactorial of {_N}", r"\1!"),
        (rf"{_N} factorial\b", r"\1!"),
        (r"\bdegrees?\b", " deg "),
        (r"\bmultiplied by\b|\btimes\b", "*"),
        (r"\bdivided by\b", "/"),
        (rf"{_N} over {_N}", r"\1 / \2"),
        (r"\bplus\b", "+"),
        (r"\bminus\b", "-"),
        (r"\bmodulo\b", " mod "),
        (r"\b(?:a )?half of\b", " (1/2) of "),
        (r"\ba third of\b", " (1/3) of "),
        (r"\b(?:a )?quarter of\b", " (1/4) of "),
        (rf"\b(?:double|twice) (?:of )?{_N}", r"(2 * \1)"),
        (r"\b(?:double|twice) (?:of )?(?= ?(?:sqrt|cbrt|\())", "2 * "),
        (r"\bis equal to\b|\bequals?\b|==", "="),
        (r"(?<=[\d)])\s*[x✖]\s*(?=[\d(])", " * "),  # 3 x 4; 2x + 1 keeps its unknown
        (r"\^", "**"),
    )
)
_LISTS = re.compile(
    r"\b(?:average|mean|sum|total|product|max\w*|min\w*|largest|biggest|greatest|highest|smallest|lowest"
    r"|least|gcd|hcf|lcm|log|add\w*)\b"
)
"""Where a comma may part the things of a list."""
# Digits that are no quantities: dates, times, telephone numbers.
_MASKED = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b\d{1,2}:\d{2}(?::\d{2})?\b"
    r"|\+\d[\d ()/-]{6,}\d|\b(?:tel|phone|fax)\b[.:# ]*+\d[\d ()/-]*+"
    r"|\b(?:no|nr|invoice|order|table|till|room)\b[.:# ]*+\d[\d/-]*+"
    r"(?!\s*(?:[$€£%]|euros?\b|dollars?\b|pounds?\b))",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}")
_ENUMERATION = re.compile(r"^\s*\(?(?:\d{1,2}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)
_CUE = re.compile(
    r"=|\?|\b(?:comput|calculat|evaluat|solv|what|how much|how many|work out|result|answer)"
)
_ASKED = re.compile(
    r"\?|\b(?:comput|calculat|evaluat|solv|work out|what is|what's|how much)", re.IGNORECASE
)
_NOT_UNKNOWN = frozenset("aiomsd")


@dataclass(frozen=True)
class Found:
    """One thing to compute."""

    node: Node
    text: str


def normalise(line: str) -> str:
    """Return a line with words for numbers and operators replaced by signs."""
    text = _SPACED.sub(lambda found: found.group().replace(" ", ""), line.translate(_SIGNS).lower())
    text = digits(text)
    if not _LISTS.search(text):
        text = decimal_points(text)
    for pattern, becomes in _PHRASES:
        text = pattern.sub(becomes, text)
    if not any(f"{name}(" in text for name in FUNCTIONS):  # there a comma parts arguments
        text = decimal_points(text)
    return text


def expressions(text: str) -> list[Found]:
    """Return what is to be computed, line by line; empty when nothing is."""
    lines = [line for line in text.splitlines()[:MAX_LINES] if line.strip()]
    wrapped = any(_OPEN_END.search(line) for line in lines[:-1]) or any(
        _OPEN_START.match(line) for line in lines[1:]
    )
    found = [each for line in lines for each in _in_line(line)]
    if len(found) < 2 or len(lines) < 2 or wrapped:
        whole = _strict(text)
        if whole is not None:
            return [whole]
    if not found and len(lines) > 1:  # a question that was wrapped
        return _in_line(" ".join(text.split()))
    return found


def _strict(text: str) -> Found | None:
    """Take the whole text for an expression, when it is one."""
    if _DATE.fullmatch(text.strip()):
        return None
    cleaned = normalise(" ".join(text.split())).strip().rstrip("=?. ").strip()
    try:
        node = parse(tokens(cleaned))
    except Unsolvable:
        return None
    bare = unknowns(node) and node.kind != "="
    return None if bare else Found(node, _tidy(cleaned))


def _in_line(line: str) -> list[Found]:
    """Return what is to be computed in a line: *3+4, 5*6 and 7-8* is three things.

    Empty where a part of it would be left out: *9:00 + 3 * 4* is not 12.
    """
    masked = _MASKED.sub(" ; ", _ENUMERATION.sub("", line))
    text = normalise(masked)
    found: list[Found] = []
    cued = bool(_CUE.search(line.lower()))
    end = 0
    for run in (part for each in _runs(tokens(text)) for part in _listed(each)):
        node, used = _longest(run)
        if node is None or (node.kind != "=" and (unknowns(node) or not operations(node))):
            continue
        piece = text[used[0].start : used[-1].end]
        before, after = text[: used[0].start], text[used[-1].end :]
        if _CLINGS_BEFORE.search(before) or _CLINGS_BEHIND.match(after):
            return []
        if used[0].text in {"+", "-"} and _TAKEN_FROM.search(before):
            return []
        if used[0].text == "+" and before.strip() and used[1].start > used[0].end:
            return []
        if re.fullmatch(r"\d+(?:[-/]\d+)+", piece):
            # pages 3-4, open 9-17: only when it is asked for, or stands alone
            goes_on = bool(found) and _JOINS.fullmatch(text[end : used[0].start])
            alone = not after.strip(" .;=") and (not before.strip() or before.rstrip()[-1] == ":")
            if not (goes_on or alone or (cued and not found)):
                continue
        found.append(Found(node, _tidy(piece)))
        end = used[-1].end
    return found


_OPEN_END = re.compile(r"[-+*/^(×÷]\s*$")
_OPEN_START = re.compile(r"\s*(?:[+*/^)=×÷]|-\s)")
_JOINS = re.compile(r"[\s=?]*(?:,|;|&|and|,\s*and)?\s*")
_CLINGS_BEFORE = re.compile(r"(?:\d[.,:]|%|[\w;]\s*[+*/^]\s*)$")
_CLINGS_BEHIND = re.compile(
    r"(?:st|nd|rd|th)\b|[.,:]\d|%|\s*(?:[+*/^]|\bmod\b)\s*\w|\s*-\s*[^\W\d]"
)
_TAKEN_FROM = re.compile(r"(?:;|\d\s*[^\W\d]*)\s*$")
"""What a leading sign takes something from: *10 kg - 3 * 4*."""


def _listed(run: list[Token]) -> list[list[Token]]:
    """Part a run at the commas of a list, those between brackets and within numbers left alone."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for place, token in enumerate(run):
        depth += (token.text == "(") - (token.text == ")")
        spaced = place + 1 == len(run) or run[place + 1].start > token.end
        if token.text == "," and depth == 0 and spaced:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if any(token.kind == "number" for token in part)]


def _runs(given: list[Token]) -> list[list[Token]]:
    """Split tokens at everything that no expression can hold."""
    runs: list[list[Token]] = [[]]
    for token in given:
        name = token.text.lower()
        known = name in FUNCTIONS | CONSTANTS | {"mod", "of", "deg"} or (
            len(name) == 1 and name not in _NOT_UNKNOWN
        )
        if token.kind in {"number", "op"} or (token.kind == "name" and known):
            if token.kind == "number" and runs[-1] and runs[-1][-1].kind == "number":
                runs.append([])  # two numbers side by side belong to different things
            runs[-1].append(token)
        elif runs[-1]:
            runs.append([])
    return [
        run
        for run in runs
        if len(run) <= MAX_TOKENS and any(token.kind == "number" for token in run)
    ]


def _longest(run: list[Token]) -> tuple[Node | None, list[Token]]:
    """Return the part of a run that is an expression and leaves none of its numbers out.

    With a number left out the rest would be computed silently: ``3 + (4 * 5`` is not 20.
    """
    numbers = [at for at, token in enumerate(run) if token.kind == "number"]
    for end in range(len(run), max(numbers[-1], len(run) - 6), -1):
        for start in range(min(numbers[0] + 1, 6)):
            part = run[start:end]
            try:
                return parse(part), part
            except Unsolvable:
                continue
    return None, []


def _tidy(text: str) -> str:
    return " ".join(text.replace("**", "^").split())


_PRICE = re.compile(
    r"(?<![\d.,])(?P<minus>[-−]\s?)?(?P<sign>[$€£]\s?|(?:eur|usd|gbp)\s?)?(?P<before>[-−]\s?)?"
    r"(?P<whole>\d{1,3}(?:[., ]\d{3})+|\d+)[.,](?P<cents>\d{2})(?![\d%]|[.,]\d|\s?%)(?P<behind>-(?!\d))?",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?<![\d.,])(\d{1,4})\s*(?:x|×|\*|@|at)\s*[$€£]?\s*\d+[.,]\d{2}(?!\d)", re.IGNORECASE
)
_SIGNED = re.compile(
    r"[$€£]\s?(\d+)(?![\d.,])|(?<![\d.,])(\d+)\s?(?:[$€£]|euros?\b|dollars?\b|pounds?\b)"
)
_TOTALS = re.compile(
    r"\b(?:sub-?\s?total|grand total|total|to pay|amount due|balance|change|cash|card|paid|payment|tendered|"
    r"visa|mastercard|debit|credit|due|incl(?:uded|uding|\.)?|of which|rounding)\b",
    re.IGNORECASE,
)
_FINAL = re.compile(r"(?<!sub)(?<!sub[- ])\btotal\b", re.IGNORECASE)
_PLAIN = re.compile(r"(?<![\w.,])-?\d[\d,]*(?:\.\d+)?(?![\w%])")


def prices(text: str) -> list[Decimal]:
    """Return the amounts of the priced lines of a receipt, lines of totals and payments left out.

    When only a total is printed, it is that. A line such as ``3 x 4.50`` counts three times.
    """
    items: list[Decimal] = []
    totals: list[Decimal] = []
    label = ""
    for line in text.splitlines()[:MAX_LINES]:
        masked = _MASKED.sub(" ", line) if not _COUNTED.search(line) else line
        amounts = list(_PRICE.finditer(masked))
        worded = re.search(r"[^\W\d_]{2}", line) is not None
        if not amounts:
            label = line if worded else label
            continue
        label = line if worded else label  # scanners put some prices on lines of their own
        amount = _amount(amounts[-1])
        counted = _COUNTED.search(masked)
        if counted and len(amounts) == 1:
            amount *= int(counted.group(1))
        if not _TOTALS.search(label):
            items.append(amount)
            continue
        totals.append(amount)
        if items and _FINAL.search(label):
            break  # below the total come taxes that it holds, and payments
    return items or totals[-1:]


def numbers(text: str) -> list[Decimal]:
    """Return the amounts that carry a currency, else every plain number that is no date or time."""
    masked = _MASKED.sub(" ", normalise_numbers(text))
    lines = [line for line in masked.splitlines()[:MAX_LINES] if not _TOTALS.search(line)]
    kept = "\n".join(lines)
    signed = [left or right for left, right in _SIGNED.findall(kept)]
    found: list[str] = signed or _PLAIN.findall(kept)
    return [Decimal(each.replace(",", "")) for each in found if len(each) < 40]


def normalise_numbers(text: str) -> str:
    """Replace spelled-out numbers by digits, and nothing else."""
    return digits(text.lower())


def is_receipt(text: str) -> bool:
    """Say whether the text lists labelled prices, rather than asking for a computation."""
    labelled = sum(
        bool(_PRICE.search(line) and re.search(r"[^\W\d_]{3}", line))
        for line in text.splitlines()[:MAX_LINES]
    )
    return labelled > 1 and _ASKED.search(text) is None


def _amount(found: re.Match[str]) -> Decimal:
    whole = re.sub(r"\D", "", found.group("whole"))
    value = Decimal(f"{whole}.{found.group('cents')}")
    negative = found.group("minus") or found.group("before") or found.group("behind")
    return -value if negative else value

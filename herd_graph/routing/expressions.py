"""Find the arithmetic in a sentence, in signs or in words: every sum that is there, each whole.

A sum is never cut. Where characters that belong to it cannot be read (*9:00 + 3*, *5 + 3rd*), there
is no expression, and ``cut_short`` names what could not be taken whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from herd_graph.routing.numerals import digits, plain_numbers

_N = r"(\d+(?:\.\d+)?)"
_LIST = rf"((?:{_N[1:-1]})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*){_N[1:-1]})+)"
_PART = r"(?:of|de|von|di)"
_SPOKEN: tuple[tuple[str, str], ...] = (
    (r"[×·✕]", "*"),
    (r"÷", "/"),
    (r"[−–]", "-"),
    (r"(?:R\$|[$€£])\s?(?=\d)|(?<=\d)\s?[€£$]", ""),
    (r"(?<=[\d)])\s*x\s*(?=[\d(])", " * "),
    (r"(?<=[\d)])\s+(?:vezes|veces|fois|mal|por)\s+(?=[\d(])", " * "),
    (r"(?<=[\d)])\s+(?:mais|más|et)\s+(?=[\d(])", " + "),
    (r"(?<=[\d)])\s+(?:menos|moins)\s+(?=[\d(])", " - "),
    (r"(?<=[\d)])\s+(?:dividido por|dividido entre|divisé par|geteilt durch)\s+(?=[\d(])", " / "),
    (
        r"(?<=\d)(?:\s+(?:euros?|dollars?|pounds?))?\s+(?:divided|split|shared) (?:among|between|by)\s+(?=\d)",
        " / ",
    ),
    (r"\bmultiplied by\b|\btimes\b(?=\s+(?:[\d(-]|[xyznt]\b|the (?:square|cube)|sqrt))", "*"),
    (r"\bdivided by\b|(?<=\d)\s+over\s+(?=\d)", "/"),
    (r"(?<=[\d)])\s+mod(?:ulo)?\s+(?=[\d(])", " % "),
    (r"(?<=[\d)xyz!%])\s+plus\s+(?=[\d(sxyzt-])", " + "),
    (r"(?<=[\d)xyz!%])\s+minus\s+(?=[\d(sxyzt-])", " - "),
    (r"\s*\b(?:raised )?to the power (?:of )?(?=\d)", "^"),
    (r"\s+squared\b", "^2"),
    (r"\s+cubed\b", "^3"),
    (r"(?<=\d)\s*(?:percent|per cent|por cento|prozent)\b", "%"),
    (rf"\b(?:the )?square root of\s+({_N[1:-1]}|\([^()]*\))", r"sqrt(\1)"),
    (rf"\b(?:the )?square of\s+{_N}", r"\1^2"),
    (rf"\b(?:the )?cube of\s+{_N}", r"\1^3"),
    (r"\b(?:the )?factorial of\s+(\d+)", r"factorial(\1)"),
    (rf"{_N}\s*%\s*{_PART}\s+{_N}", r"\1/100 * \2"),
    (rf"{_N}\s*%\s*off\s+(?:of\s+)?{_N}", r"\2 - \1/100 * \2"),
    (rf"(?<![\d/.-])(\d+)/(\d+)\s+{_PART}\s+{_N}", r"\1/\2 * \3"),
    (r"\b(\d+)\s+factorial\b", r"\1!"),
    (rf"\b2 thirds of\s+{_N}", r"2/3 * \1"),
    (rf"\b(?:a|1) third of\s+{_N}", r"\1 / 3"),
    (rf"\b3 quarters of\s+{_N}", r"3/4 * \1"),
    (rf"\b(?:a|1) quarter of\s+{_N}", r"\1 / 4"),
    (rf"\bhalf of\s+{_N}", r"\1 / 2"),
    (rf"\bmultiply\s+{_N}\s+(?:by|and|with)\s+{_N}", r"\1 * \2"),
    (rf"\bdivide\s+{_N}\s+by\s+{_N}", r"\1 / \2"),
    (rf"\bsubtract\s+{_N}\s+from\s+{_N}", r"\2 - \1"),
    (rf"\badd\s+{_N}\s+to\s+{_N}", r"\1 + \2"),
    (
        rf"\b(\d+)\s+(?:[^\W\d_]+\s+){{1,3}}(?:at|for)\s+{_N}\s+(?:each|apiece|a piece)\b",
        r"\1 * \2",
    ),
)
_SEVERAL: tuple[tuple[str, str], ...] = (
    (rf"\b(?:sum|total) of\s+{_LIST}", "+"),
    (rf"\b(?:add(?: up)?|sum(?: up)?)\s+{_LIST}", "+"),
    (rf"\bproduct of\s+{_LIST}", "*"),
    (rf"\b(?:average|mean) of\s+{_LIST}", "mean"),
)
_FUNCTION = r"(?:sqrt|sin|cos|tan|log|ln|exp|abs|factorial)"
_ATOM = rf"(?:{_FUNCTION}\s*(?=\()|\d+(?:\.\d+)?(?:[a-z](?![a-z\d]))?|(?<![\w'’])(?:pi|[a-z](?!\+\+))(?![\w'’])|[()])"
_SIGN = r"(?:\*\*|[-+*/^%!=])"
_BESIDE = (
    r"(?:(?<=[\w)])[ \t]*(?=\()|(?<=\()[ \t]*|[ \t]*(?=\))|(?<=\))(?=[\da-z])"
    r"|(?<=\d)[ \t]+(?=(?:pi|[xyz])\b))"
)
_RUN = re.compile(
    rf"(?:(?<![\w)])-)?{_ATOM}(?:[ \t]*(?:{_SIGN}[ \t]*)+{_ATOM}|{_BESIDE}{_ATOM}|[ \t]*[!%])*",
    re.IGNORECASE,
)
_COUNTED = re.compile(rf"{_SIGN}|{_FUNCTION}\s*\(")
_WEAK = re.compile(r"\d+(?:\.\d+)?(?:[-/]\d+(?:\.\d+)?)+|\d+!")
"""A date, a page range or a fraction as much as a sum; *17!* is an exclamation, too."""
_SHARE = re.compile(r"-?\d+(?:\.\d+)?[ \t]*%+")
_DATE = re.compile(
    r"(?:\d{4}([-/])\d{1,2}\1\d{1,2}|(?:[0-2]?\d|3[01])([-/])(?:[0-2]?\d|3[01])\2(?:\d{4}|\d\d)|24/7|9/11)"
)
_ASKED = re.compile(
    r"(?:^|\b)(?:calculate|compute|work out|evaluate|solve|simplify|what(?:'|’)?s|what is|how much is"
    r"|quanto é|how much does|result of|value of|equals|calcule|calcula|calcular|berechne|calculez)"
    r"(?:\s+the (?:sum|result|value|expression|calculation)(?: of)?)?\s*:?\s*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:,|;|and|,\s*and|&|e|y|et|und)?\s*", re.IGNORECASE)
_ENDS = re.compile(
    r"\s*(?:=\s*)?(?:$|[?.!,;)](?!\w)|and\b|then\b|please\b|for me\b)", re.IGNORECASE
)
_CLINGS_BEFORE = re.compile(
    r"(?:\d[.,:]|[\w%@#_$€£\\]|\d[ \t]*[^\W\d]*[ \t]*[-+*/^]\s*|\w[ \t]*[+*/^][ \t]*|\b(?:plus|minus|times)\s+)$",
    re.IGNORECASE,
)
_CLINGS_BEHIND = re.compile(
    r"(?:[.,:]\d|[\w%]|[ \t]*[+*/^](?=[ \t]*\w)|[ \t]*-[ \t]*(?=[^\W\d])"
    r"|[ \t]*\)[ \t]*[-+*/^]|[ \t]+(?:plus|minus|times|divided|multiplied)\b|[ \t]*\.\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run of arithmetic signs, and where it stands."""

    text: str
    start: int
    end: int
    whole: bool
    """Whether nothing that clings to it was left out."""

    @property
    def weak(self) -> bool:
        return _WEAK.fullmatch(self.text) is not None


def find_expressions(text: str) -> tuple[str, ...]:
    """Return every arithmetic expression of a text, in order; empty where one cannot be read whole.

    ``"20% of 50 and 10% of 70"`` gives ``("20/100 * 50", "10/100 * 70")``.
    """
    found: list[str] = []
    for line in _lines(text):
        runs = _runs(line)
        if any(not run.whole for run in runs if not run.weak):
            return ()
        found += [" ".join(run.text.split()) for run in _meant(line, runs)]
    return tuple(dict.fromkeys(found))


def find_expression(text: str) -> str | None:
    """Return the longest arithmetic expression in a text; None where there is none.

    ``"what's 15% of 80?"`` gives ``"15/100 * 80"``. Dates and lone numbers are none.
    """
    return max(find_expressions(text), key=len, default=None)


def cut_short(text: str) -> str:
    """Return the piece around a sum that cannot be read whole; empty where there is none."""
    for line in _lines(text):
        for run in _runs(line):
            if not run.whole and not run.weak:
                before = re.search(r"\S*\s*$", line[: run.start])
                behind = re.match(r"\s*\S*", line[run.end :])
                return (
                    f"{before[0] if before else ''}{run.text}{behind[0] if behind else ''}".strip()
                )
    return ""


def _lines(text: str) -> Iterator[str]:
    for line in text[:2000].splitlines():
        spoken = digits(line)
        spoken = plain_numbers(spoken)
        for pattern, sign in _SEVERAL:
            spoken = re.sub(pattern, _joined(sign), spoken, flags=re.IGNORECASE)
        for pattern, replacement in _SPOKEN:
            spoken = re.sub(pattern, replacement, spoken, flags=re.IGNORECASE)
        yield spoken


class _joined:  # noqa: N801 - it is called where a replacement function is
    """Write *average of 4, 8, 15* out in signs."""

    def __init__(self, sign: str) -> None:
        self._sign = sign

    def __call__(self, found: re.Match[str]) -> str:
        items = re.findall(r"\d+(?:\.\d+)?", found.group(1))
        if self._sign == "mean":
            return f"({' + '.join(items)}) / {len(items)}"
        return f" {self._sign} ".join(items)


def _runs(line: str) -> list[_Run]:
    """Return the runs that hold a number and a sign, dates left out."""
    made: list[_Run] = []
    for found in _RUN.finditer(line):
        kept = _trimmed(found.group())
        counted = re.search(r"\d", kept) and _COUNTED.search(kept)
        if not counted or _DATE.fullmatch(kept) or _SHARE.fullmatch(kept):
            continue
        place = found.group().find(kept.rstrip(")"))  # brackets may have been closed
        start = found.start() + max(place, 0)
        end = start + len(kept) if place >= 0 else found.end()
        end = min(end, found.end())
        clings = _CLINGS_BEFORE.search(line[:start]) or _CLINGS_BEHIND.match(line[end:])
        made.append(_Run(text=kept, start=start, end=end, whole=not clings))
    return made


def _meant(line: str, runs: list[_Run]) -> list[_Run]:
    """Return the runs that are sums: one like *3-4* only where a sum is asked for, or stands alone."""
    kept: list[_Run] = []
    position = 0
    for place, run in enumerate(runs):
        before = line[position : run.start]
        if run.weak:
            first = not line[: run.start].strip() or _ASKED.search(line[: run.start])
            goes_on = bool(kept) and kept[-1].end == position and _BETWEEN.fullmatch(before)
            ahead = runs[place + 1] if place + 1 < len(runs) else None
            behind = line[run.end : ahead.start] if ahead is not None else line[run.end :]
            closes = _ENDS.match(behind) if ahead is None else _BETWEEN.fullmatch(behind)
            if not run.whole or not closes or not (first or goes_on):
                continue
        kept.append(run)
        position = run.end
    return kept


def _trimmed(run: str) -> str:
    """Cut off words that only look like variables, open signs and brackets without a partner."""
    found = _balanced(run.strip())
    while True:
        before = found
        found = re.sub(r"^[a-z]\s+(?=[\d(a-z])", "", found)  # the article in "a 3 * 4"
        found = re.sub(r"\s*(?:\*\*|[-+*/^=])\s*$", "", found)
        found = _balanced(re.sub(r"\(\s*\)$", "", found).strip())
        if found == before:
            return found


def _balanced(found: str) -> str:
    """Close open brackets; cut before one that closes nothing."""
    depth = 0
    for place, sign in enumerate(found):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return _balanced(found[:place].rstrip())
    return found + ")" * depth

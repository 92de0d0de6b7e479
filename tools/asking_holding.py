"""Words that the cells of a column hold: *titles that contain salt*, *names that start with B*."""

from __future__ import annotations

from .asking import Column, Unmapped, quoted
from .asking_conditions import Condition
from .asking_words import Words, is_key

_HOLDS = frozenset(
    [
        "contains",
        "contain",
        "containing",
        "includes",
        "including",
        "mentions",
        "mentioning",
        "mention",
    ]
)
_STARTS = frozenset("start starts starting begin begins beginning".split())  # noqa: SIM905
_ENDS = frozenset("end ends ending".split())  # noqa: SIM905
_ENDING = frozenset(
    [
        "and",
        "but",
        "that",
        "which",
        "who",
        "with",
        "in",
        "by",
        "from",
        "of",
        "for",
        "sorted",
        "per",
        "over",
        "under",
        "above",
        "below",
    ]
)
_ARTICLES = frozenset("the word words letter letters text term phrase a an".split())  # noqa: SIM905


class Holding:
    """Reads what cells hold into conditions, before anything else takes those words.

    Args:
        question: Its words, of which columns have been claimed.
    """

    def __init__(self, question: Words) -> None:
        self.question, self.words = question, question.words
        self.found: list[Condition] = []

    def read(self) -> None:
        """Claim them. Raises ``Unmapped`` where several columns may be meant."""
        for at, word in enumerate(self.words):
            if word.role:
                continue
            first = at + 1
            form = "%{}%" if word.low in _HOLDS else ""
            if word.low in _STARTS | _ENDS and self.question.low(at + 1) == "with":
                form = "{}%" if word.low in _STARTS else "%{}"
                first = at + 2
            if form:
                self._claim(at, first, form)

    def _claim(self, at: int, first: int, form: str) -> None:
        while self.question.low(first) in _ARTICLES:
            first += 1
        wanted, end = self._wanted(first)
        if not wanted:
            return
        denied = self.question.low(at - 1) in {"not", "don't", "doesn't", "without", "never"}
        column = self._column(at)
        tests = [
            f"{column.sql} ILIKE {quoted(form.format(_literal(each)))} ESCAPE '!'"
            for each in wanted
        ]
        for each in self.words[at - denied : end]:
            each.role = "compare"
        for each in self.words[:at]:
            if each.names(column) or (not each.role and each.low in {"name", "names"}):
                each.role = "compared"
        held = {"%{}%": "holds", "{}%": "starts with", "%{}": "ends with"}[form]
        said = " or ".join(quoted(each) for each in wanted)
        sql = f"({' OR '.join(tests)})"
        if denied:
            sql, held = f"{sql} IS NOT TRUE", f"not {held}"
        self.found.append(Condition(sql, f"{column.name} {held} {said}", column, at))

    def _wanted(self, first: int) -> tuple[list[str], int]:
        """Return the words that are looked for, alternatives apart, and where they end."""
        wanted: list[list[str]] = [[]]
        end = first
        for place in range(first, len(self.words)):
            low = self.question.low(place)
            if low in _ENDING:
                break
            if low == "or":
                wanted.append([])
            else:
                wanted[-1].append(self.words[place].text)
            end = place + 1
        return [" ".join(each) for each in wanted if each], end

    def _column(self, at: int) -> Column:
        texts = [each for each in self.question.columns if each.kind == "text" and not each.is_flag]
        for place in range(at - 1, max(-1, at - 5), -1):
            column = self.words[place].column
            if self.words[place].role == "column" and column in texts:
                return column
        wordy = [each for each in texts if not is_key(each)]
        spaced = [e for e in wordy if any(" " in value for value in e.values)]
        for among in (wordy, spaced):
            if len(among) == 1:
                return among[0]
        listed = ", ".join(repr(each.name) for each in texts) or "none"
        raise Unmapped(f"it does not say in which column (columns of text: {listed})")


def _literal(text: str) -> str:
    return "".join(f"!{each}" if each in "!%_" else each for each in text)

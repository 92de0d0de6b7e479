"""Go on with a question to a table over several messages: *how many is that?*, *and altogether?*, *save that as csv*.

Whoever reads a table reads one question, and has heard of none before. Where a message goes on from what
the table was asked last, that is told with it: as *Of “which are unpaid?”: what do they come to?*, or as
one question again where a word of it takes another's place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.artifacts import Table
from herd_graph.plans import Plan, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of
from herd_graph.routing.cells import cells_in, swapped
from herd_graph.routing.followups import merged
from herd_graph.routing.leaning import PORT, TABLE_TAGS, leans
from herd_graph.routing.thread_answers import Answered

_LEAD = r"^\W*(?:(?:and|so|but|now|then|ok|okay|please|can you|could you|can i|could i|i(?:'d| would) like(?: to)?|i want(?: to)?|i need(?: to)?)\b[\s,]*)*"
_THAT = r"(?:that|it|this|them|those|these|(?:the|that|this|these|those) (?:\w+ )?(?:list|result|results|answer|rows|table|names|numbers|figures))"
_FORMAT = r"(?P<format>csv|excel|xlsx|json|markdown|spreadsheet)"
_SAVES = re.compile(
    rf"{_LEAD}(?:(?:save|export|store|write|put|turn|convert|give|get|have|make|download|send|do|show)(?: me| us)? )?{_THAT}(?: \w+ it)? (?:as|in|into|to)(?: an?)?(?: new)? {_FORMAT}(?: (?:file|table|sheet|format))?(?: (?:please|then|too|for me))*\W*$",
    re.IGNORECASE,
)
_AS_WELL = re.compile(
    rf"{_LEAD}(?:also )?(?:as|in|to)(?: an?)? {_FORMAT}(?: file)?(?: (?:please|too|as well|instead))*\W*$",
    re.IGNORECASE,
)
_AS_CHART = re.compile(
    rf"{_LEAD}(?:(?:draw|plot|chart|graph|show|make|put|turn|give|do)(?: me| us)? )?(?:{_THAT} )?(?:as|in|into|to) (?:an? )?(?P<shape>bar|line|pie|scatter)? ?(?:charts?|graphs?|plots?|diagrams?)(?: (?:please|then|instead|too))*\W*$",
    re.IGNORECASE,
)
_DRAWS = re.compile(
    rf"{_LEAD}(?:draw|plot|chart|graph|visuali[sz]e) {_THAT}(?: (?:for me|please|then|too))*\W*$",
    re.IGNORECASE,
)
_NAMES_LIST = re.compile(r"\b(?:the|that|this) (?:\w+ )?(?:list|rows|names)\b", re.IGNORECASE)
_HOW_MANY = re.compile(
    rf"{_LEAD}how many (?:(?:is|are|was|were|of) (?:that|those|they|them|these|there|it)|(?:rows|people|entries|names|ones) (?:is|are) (?:that|those|there))(?: in all| altogether| in total)?\W*$",
    re.IGNORECASE,
)
_LISTS = re.compile(
    rf"{_LEAD}(?:list|show me|show|name|tell me|give me)?\s*(?:all )?(?:who|which people|everyone who|everybody who|those who|the ones who)\b (?P<rest>(?:has|have|had|is|are|was|were|did|paid|owes?|still)\b.+)$",
    re.IGNORECASE,
)
_ALTOGETHER = re.compile(
    rf"{_LEAD}(?:(?:what|how many|how much) (?:is|are|was|were) (?:that|it|they) )?(?:altogether|all together|in all|in total|overall|on all days|all of them together|all days together|the whole (?:week|year|month))\W*$",
    re.IGNORECASE,
)
_DAY = re.compile(
    r" (?:on|in|for|during|from)(?: the)? (?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december)\b(?: \d{4})?",
    re.IGNORECASE,
)
_ONLY = re.compile(
    rf"{_LEAD}(?:(?:and )?(?:the same|again|once more|that|do it|show me|list|give me)[\s,]+)*(?:but |and )?(?:just |only )?(?:for |from |in |of )?(?:just |only )?(?:the )?(?P<what>[\w' -]{{2,30}}?)(?: only| alone)?\W*$",
    re.IGNORECASE,
)
_SAYS_ONLY = re.compile(r"\b(?:only|just|alone)\b", re.IGNORECASE)
_QUESTION = re.compile(
    rf"{_LEAD}(?:who|whose|what|which|when|where|how|is|are|was|were|do|does|did|has|have|had)\b(?! (?:language|did you|do you|does (?:it|that|this) (?:mean|say)))",
    re.IGNORECASE,
)
_FOLD = re.compile(
    rf"{_LEAD}(?:the )?(?:total|sum|average|mean|number|count|highest|lowest|biggest|smallest|names?|dates?)\b.*\b(?:they|them|their|those|these)\b",
    re.IGNORECASE,
)
"""*Sum of their fees?*: a question, too."""
_NOT_THOSE = re.compile(
    rf"{_LEAD}(?:which|who|what)(?: ones?)?(?: (?:are|were|is|was|has|have|did|do))? not(?: yet)?\W*$",
    re.IGNORECASE,
)
_IS = re.compile(r"\b(?:are|were|is|was|has|have|did|do|does)\b", re.IGNORECASE)
_FORMATTED = re.compile(rf",? (?:as|in|into|to) {_FORMAT}\W*$", re.IGNORECASE)


def asks_rows(answer: Answered) -> bool:
    """Say whether an answer came from rows, by a question in words."""
    return answer.card is not None and set(answer.card.tags) >= TABLE_TAGS


def asked_of_rows(
    made: Sequence[Answered], requests: Sequence[str], tables: Sequence[Table]
) -> list[tuple[int, str]]:
    """Return what a table was asked in each turn, whole: with what every fragment left to be known."""
    found: list[tuple[int, str]] = []
    for turn in sorted({each.turn for each in made if asks_rows(each)}):
        said = requests[turn].strip()
        again = _of_one_before(found, said, tables)[1]
        if not again and found and leans(said):
            again = f"{found[-1][1].rstrip(' ?.!,;')}? {said}"
        found.append((turn, again or said))
    return found


def _of_one_before(
    asked: Sequence[tuple[int, str]], text: str, tables: Sequence[Table]
) -> tuple[int, str]:
    """Return a question with what a message changes of it, of those asked last, and its turn."""
    for turn, before in reversed(asked[-3:]):
        if _SAYS_ONLY.search(text) and "? " in before:
            continue  # a question that leans on another has no rows of its own
        again = _again(before, text, tables) or swapped(before, text, tables)
        if again := again or merged(before, text):
            return turn, again
    return -1, ""


def once_more(
    text: str, made: Sequence[Answered], requests: Sequence[str], tables: Sequence[Table]
) -> tuple[int, str, str] | None:
    """Return what a message asks a table anew; None where it does not go on with what that was asked.

    Args:
        text: What is said.
        made: What the thread answered, oldest first.
        requests: What was asked in its turns.
        tables: What it was asked of.

    Returns:
        The turn, the question to plan as of it, and, where the question leans on one before, what is
        said now.
    """
    asked = asked_of_rows(made, requests, tables)
    last = made[-1].turn if made else -1
    forms = (_SAVES, _AS_CHART, _DRAWS)
    kept = last >= 0 and any(each.match(requests[last]) for each in forms)
    if not asked or not (kept or any(e.turn == last and asks_rows(e) for e in made)):
        return None
    if saves := _SAVES.match(text) or (kept and _AS_WELL.match(text)):
        turn, whole = _listed(asked, made) if _NAMES_LIST.search(text) else asked[-1]
        return turn, f"{whole.rstrip(' ?.!')}, as {saves['format'].lower()}", ""
    drawn = _AS_CHART.match(text)
    if drawn or _DRAWS.match(text):
        turn, whole = asked[-1]
        shape = f"{drawn['shape'].lower()} " if drawn and drawn["shape"] else ""
        return turn, f"{_FORMATTED.sub('', whole).rstrip(' ?.!')}, as a {shape}chart", ""
    turn, again = _of_one_before(asked, text, tables)
    if again:
        return turn, again, ""
    leaning = not kept and leans(text) and (_QUESTION.match(text) or _FOLD.match(text))
    return (*asked[-1], text) if leaning else None


def _listed(asked: Sequence[tuple[int, str]], made: Sequence[Answered]) -> tuple[int, str]:
    """Return the last question whose answer was a list."""
    lists = {
        e.turn for e in made if sum(x.startswith(("- ", "|")) for x in e.text.splitlines()) > 1
    }
    return next((each for each in reversed(asked) if each[0] in lists), asked[-1])


def _again(whole: str, text: str, tables: Sequence[Table]) -> str:
    """Return the question with what a message changes of it; empty where it changes nothing."""
    if _HOW_MANY.match(text):
        listed = _LISTS.match(whole)
        if listed is None:
            return ""
        rest = re.sub(
            r"^(?:has|is|was)\b",
            lambda hit: _PLURAL[hit[0].lower()],
            listed["rest"].strip(" ?.!"),
            flags=re.IGNORECASE,
        )
        return f"how many {rest}?"
    if _ALTOGETHER.match(text):
        days = list(_DAY.finditer(whole))
        if days:
            return (
                f"{whole[: days[-1].start()]}{whole[days[-1].end() :]}".rstrip(" ?.!")
                + " altogether?"
            )
        return ""
    if _NOT_THOSE.match(text) and (of := _IS.search(whole)) and " not " not in f"{whole} ":
        return f"{whole[: of.end()]} not{whole[of.end() :]}"
    if _SAYS_ONLY.search(text) and (only := _ONLY.match(text)) and not _FORMATTED.search(whole):
        cells = cells_in(re.sub(r" ones?$", "", only["what"], flags=re.IGNORECASE), tables)
        if len(cells) == 1 and cells[0].lower() in whole.lower():
            return whole
        if len(cells) == 1 and (other := swapped(whole, cells[0], tables)):
            return other
        joint = " for" if _FOLDS.match(whole) else ","
        return f"{whole.rstrip(' ?.!')}{joint} {cells[0]} only" if len(cells) == 1 else ""
    return ""


_FOLDS = re.compile(rf"{_LEAD}(?:how (?:many|much)|what (?:is|was) the|the )", re.IGNORECASE)
_PLURAL = {"has": "have", "is": "are", "was": "were"}


def told_before(plan: Plan, experts: Snapshot, whole: str, text: str) -> Plan | None:
    """Return the plan of a question with the one that leans on it in its place; None where it is none.

    Args:
        plan: What was planned for the question before.
        experts: Who is there.
        whole: The question before.
        text: What is said now.
    """
    if len(plan.steps) != 1:
        return None
    (step,) = plan.steps
    card = card_of(step, experts)
    if (
        card is None
        or not set(card.tags) >= TABLE_TAGS
        or not isinstance(step.inputs.get(PORT), Value)
    ):
        return None
    told = Value(value=f"Of “{whole.strip()}”: {text.strip()}")
    fresh = step.model_copy(update={"inputs": {**step.inputs, PORT: told}})
    answers = tuple(each.model_copy(update={"ask": text.strip()}) for each in plan.answers)
    return plan.model_copy(update={"steps": (fresh,), "answers": answers})


__all__ = ("asked_of_rows", "asks_rows", "once_more", "told_before")

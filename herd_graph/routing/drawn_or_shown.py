"""Tell a table that is to be shown from one that is to be drawn, and keep what qualifies a wish with it.

*Show the table* asks for no chart, *a donut of visitors by country* for nothing else; and what stands
behind a comma, *biggest first*, is told to who draws already, and is no question of its own. Workbooks
have several sheets: who writes a file of *both sheets* has to be told so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from herd_graph.cards import ExpertCard
from herd_graph.plans import Ask, Binding, FromInput, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, is_sound, step_of, without_unused
from herd_graph.routing.base import Route
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_WORDED = "request"
_SHOWS = re.compile(
    r"^\W*(?:(?:please|pls|and|then|can you|could you|just|let me|i want to) )*(?:show|display|print|see|view|give|list)(?: me| us)? (?:all (?:of )?)?(?:the|my|this|our) ?"
    r"(?:whole |entire |full |complete |original )?(?:table|data|list|rows|sheet|spreadsheet|csv|file|records|entries|contents?)(?: again)?(?: please| pls)?\W*$",
    re.IGNORECASE,
)
_DRAWN = re.compile(
    r"^\W*(?:(?:please|pls|and|then|also|draw|make|create|plot|show|give|get|me|us|i want|i'd like|i would like|i need|can i have|could i have|can you|could you|a|an|the|quick|nice|simple|coloured|colorful)\W+)*"
    r"(?:(?P<round>donut|doughnut|pie|histogram|scatter)s?\b(?: (?:chart|graph|plot|diagram))?|(?P<kind>bar|line|column|area)s? (?:chart|graph|plot|diagram)s?)\b (?:of|for|with|showing|comparing|per|by)\b",
    re.IGNORECASE,
)
_KINDS = {"donut": "pie", "doughnut": "pie", "pie": "pie", "line": "line", "scatter": "scatter"}  # fmt: skip
_ORDER = re.compile(
    r"^\W*(?:and |but )?(?:(?:sorted|ordered|ranked|arranged)\b.*|(?:the )?(?:\w+est|most \w+|least \w+)(?: \w+)? (?:first|last|on top|at the top)|in (?:descending|ascending|alphabetical) order|descending|ascending|alphabetically)\W*$",
    re.IGNORECASE,
)
_RECKONED = re.compile(
    r"\W*(?:so |that is |i\.e\. |which is |meaning )?(?:the )?[\w ]{2,30} (?:times|multiplied by|x|×|\*|minus|plus|divided by) (?:the )?[\w ]{2,30}\W*",
    re.IGNORECASE,
)
_SHEETS = re.compile(
    r"\b(?:all|both|every|each)(?: of)?(?: the| my| its)? (?:work)?(?:sheets?|tabs?|pages?)\b|\b(?:whole|entire|complete) workbook\b",
    re.IGNORECASE,
)


def drawn_or_shown(route: Route, task: Task, experts: Snapshot) -> Route:
    """Return a route whose tables are drawn where a chart is wanted, and shown where none is.

    Args:
        route: The plan and why.
        task: The request, and what is attached.
        experts: Who is there.
    """
    plan = route.plan
    for mend in (_said_already, _reckoned_so, _shown, _drawn, _all_sheets):
        made = mend(plan, experts)
        if made is not None and is_sound(made, task, experts):
            plan = made
    return route if plan is route.plan else route.model_copy(update={"plan": plan})


def _said_already(plan: Plan, experts: Snapshot) -> Plan | None:
    """*A bar chart by city, biggest first*: the order is the chart's, and was told to who draws it."""
    steps = {each.id: each for each in plan.steps}
    again: list[Ask] = []
    for at, answer in enumerate(plan.answers[1:], 1):
        step = step_of(answer, steps)
        asked = step is not None and _question_port(card_of(step, experts)) is not None
        before = " ".join(_plain(each.ask) for each in plan.answers[:at] if each is not answer)
        if asked and _ORDER.match(answer.ask) and _plain(answer.ask) in before:
            again.append(answer)
    if not again:
        return None
    left = tuple(each for each in plan.answers if each not in again)
    return without_unused(plan.model_copy(update={"answers": left}))


def _reckoned_so(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Our income per room, nights times price*: what stands behind says how that is reckoned."""
    steps = {each.id: each for each in plan.steps}
    for one, two in pairwise(plan.answers):
        first, second = step_of(one, steps), step_of(two, steps)
        port = _question_port(card_of(first, experts))
        if first is None or second is None or port is None or first.expert != second.expert:
            continue
        tables = [{k: v for k, v in e.inputs.items() if k != port} for e in (first, second)]
        if not _RECKONED.fullmatch(two.ask) or tables[0] != tables[1]:
            continue
        whole = f"{one.ask.rstrip(' ?.,;:')}, {two.ask}"
        fresh: list[Step] = []
        for each in plan.steps:
            inputs: dict[str, Binding] = {
                name: Value(value=_with_both(str(held.value), two.ask, whole))
                if isinstance(held, Value) and isinstance(held.value, str) and each is not first
                else held
                for name, held in each.inputs.items()
            }
            told = {**inputs, port: Value(value=whole)} if each is first else inputs
            fresh.append(each.model_copy(update={"inputs": told}))
        answers = tuple(
            Ask(ask=whole, source=each.source) if each is one else each
            for each in plan.answers
            if each is not two
        )
        return without_unused(plan.model_copy(update={"steps": tuple(fresh), "answers": answers}))
    return None


def _with_both(said: str, part: str, whole: str) -> str:
    return f"{whole}{said[len(part) :]}" if said.startswith(part) else said


def _shown(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Show the table*: its rows, and no chart."""
    asks = next((e for e in experts.latest if "sql" in e.tags and _question_port(e)), None)
    fresh: dict[StepId, Step] = {}
    for answer in plan.answers:
        step = step_of(answer, {each.id: each for each in plan.steps})
        table = _drawn_table(step, experts)
        if step is None or table is None or asks is None or not _SHOWS.match(answer.ask):
            continue
        port = next(each.name for each in asks.inputs if Kind.TABLE in each.kinds)
        question = _question_port(asks)
        inputs: dict[str, Binding] = {port: table, str(question): Value(value=answer.ask)}
        fresh[step.id] = step.model_copy(update={"expert": asks.id, "inputs": inputs, "fallbacks": ()})  # fmt: skip
    return _with(plan, fresh)


def _drawn(plan: Plan, experts: Snapshot) -> Plan | None:
    """*A donut of visitors by country*: a chart, and no question."""
    draws = next((each for each in experts.latest if _draws(each) and each.input(_WORDED)), None)
    fresh: dict[StepId, Step] = {}
    steps = {each.id: each for each in plan.steps}
    for answer in plan.answers:
        step = step_of(answer, steps)
        said = _DRAWN.match(answer.ask)
        card = card_of(step, experts)
        if step is None or said is None or draws is None or _question_port(card) is None:
            continue
        held = [each for each in step.inputs.values() if isinstance(each, FromInput)]
        port = next((each.name for each in draws.inputs if Kind.TABLE in each.kinds), None)
        if len(held) != 1 or port is None or any(answer.source in e.inputs.values() for e in plan.steps):  # fmt: skip
            continue
        inputs: dict[str, Binding] = {port: held[0], _WORDED: Value(value=answer.ask)}
        kinds = next((each for each in draws.inputs if each.choices), None)
        if kinds is not None:
            inputs[kinds.name] = Value(
                value=_KINDS.get((said["round"] or said["kind"]).lower(), "bar")
            )
        fresh[step.id] = step.model_copy(update={"expert": draws.id, "inputs": inputs, "fallbacks": ()})  # fmt: skip
    return _with(plan, fresh)


def _all_sheets(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Both sheets as one file*: who writes the file is told, and does not take the first."""
    fresh: dict[StepId, Step] = {}
    steps = {each.id: each for each in plan.steps}
    for answer in plan.answers:
        step = step_of(answer, steps)
        card = card_of(step, experts)
        if step is None or card is None or "export" not in card.tags or _WORDED in step.inputs:
            continue
        if card.input(_WORDED) is not None and _SHEETS.search(answer.ask):
            inputs = {**step.inputs, _WORDED: Value(value=answer.ask)}
            fresh[step.id] = step.model_copy(update={"inputs": inputs})
    return _with(plan, fresh)


def _with(plan: Plan, fresh: Mapping[StepId, Step]) -> Plan | None:
    if not fresh:
        return None
    return plan.model_copy(update={"steps": tuple(fresh.get(e.id, e) for e in plan.steps)})


def _question_port(card: ExpertCard | None) -> str | None:
    """Return the input in which a table is asked a question; None for who takes none."""
    if card is None:
        return None
    needed = [each for each in card.inputs if each.required]
    texts = [each.name for each in needed if each.kind is Kind.TEXT]
    tables = [each for each in needed if Kind.TABLE in each.kinds]
    return texts[0] if len(needed) == 2 and len(texts) == len(tables) == 1 else None


def _draws(card: ExpertCard) -> bool:
    tables = [each for each in card.inputs if each.required and Kind.TABLE in each.kinds]
    return len(tables) == 1 and any(Kind.IMAGE in each.kinds for each in card.outputs)


def _drawn_table(step: Step | None, experts: Snapshot) -> FromInput | None:
    """Return the attached table that a step draws."""
    card = card_of(step, experts)
    if step is None or card is None or not _draws(card):
        return None
    held = [each for each in step.inputs.values() if isinstance(each, FromInput)]
    return held[0] if len(held) == 1 else None


def _plain(said: str) -> str:
    return " ".join(re.findall(r"\w+", said.lower()))


__all__ = ("drawn_or_shown",)

"""Give what can be worked out from dates to the expert that reckons, not to one that talks.

*How many days are there from 18 March to 25 July 2026?* is worded as a question to anyone, and a small
language model answers it with ease, and wrongly. A calculator answers it exactly, or says that it cannot.
"""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard
from herd_graph.checking import check
from herd_graph.plans import Binding, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import alone
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.lexicon import MONTH
from herd_graph.routing.neural.giving import given_on
from herd_graph.routing.parameters import context_port, role
from herd_graph.tasks import Task

_DAY = (
    rf"(?:\d{{4}}-\d\d-\d\d|\d\d?[./-]\d\d?[./-]\d{{4}}|(?:the )?\d\d?(?:st|nd|rd|th)?(?: of)? {MONTH}\b\.?(?:,? \d{{4}})?|"
    rf"{MONTH}\.? (?:the )?\d\d?(?:st|nd|rd|th)?\b(?:,? \d{{4}})?)"
)
_UNITS = r"(?:days?|weeks?|months?|years?)"
_WEEKDAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_OF_DATES = re.compile(
    rf"\b(?:{_UNITS}|how long|far apart)\b[^\d.?!]{{0,40}}\b(?:between|from|are) {_DAY},? (?:and|to|until|till|through) {_DAY}"
    rf"|\b(?:what|which) (?:week)?day(?: of the week)?\b[^\d.?!]{{0,30}}{_DAY}(?! (?:to|and|until)\b)"
    rf"|\bweekday\b[^\d.?!]{{0,20}}{_DAY}|{_DAY}[^\d.?!]{{0,20}}\b(?:what|which) (?:week)?day\b"
    rf"|^\W*(?:is|was|will|does|did) {_DAY} (?:be |fall )?(?:on )?(?:an? )?{_WEEKDAYS}\b"
    rf"|\b(?:what|which)\b[^\d.?!]{{0,30}}\b\d+ {_UNITS} (?:after|before|from|past|prior to) {_DAY}",
    re.IGNORECASE,
)


_TO_WRITE = re.compile(
    r"\b(?:write|draft|compose|poem|story|essay|letter|happen(?:s|ed)?|explain|why|who|where|translate)\b",
    re.IGNORECASE,
)


def is_of_dates(text: str) -> bool:
    """Say whether the days that a text names are all that is needed to answer it."""
    flat = " ".join(text.split())
    return len(flat) <= 200 and bool(_OF_DATES.search(flat)) and not _TO_WRITE.search(flat)


def reckoned(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan that asks no language model, and does not give up, where dates are to be reckoned with.

    Whoever reckons is given the file with the numbers, too, where the words hold none.

    Args:
        plan: The plan.
        task: The request.
        experts: Who is there; without one that reckons, the plan is returned as it is.
    """
    plan = given_on(plan, task, experts)
    card = next((each for each in experts.latest if adds_up(each)), None)
    port = next((p for p in card.inputs if p.required), None) if card is not None else None
    if card is None or port is None:
        return plan
    if plan.abstained or _cut_apart(plan, card):
        if task.attachments or not is_of_dates(task.text):
            return plan
        inputs: dict[str, Binding] = {port.name: Value(value=task.text)}
        made = alone(card, inputs, task.text, ports=task.inputs, author=plan.author)
    else:
        cards = {each.id: each for each in experts.latest}
        steps: list[Step] = []
        for step in plan.steps:
            asked = _asked(step, cards.get(step.expert or ""))
            if asked and is_of_dates(asked):
                inputs = {port.name: Value(value=asked)}
                step = step.model_copy(update={"expert": card.id, "inputs": inputs})
            steps.append(step)
        made = plan.model_copy(update={"steps": tuple(steps)})
    return plan if check(made, experts) else made


def _cut_apart(plan: Plan, card: ExpertCard) -> bool:
    """Say whether one question has become several: *between 1 February* and *1 March 2024*."""
    asked = [str(e.value) for s in plan.steps for e in s.inputs.values() if isinstance(e, Value)]
    alone = all(step.expert == card.id for step in plan.steps)
    return alone and len(plan.steps) > 1 and not any(map(is_of_dates, asked))


def _asked(step: Step, card: ExpertCard | None) -> str:
    """Return what an open-ended expert is asked about nothing but the words themselves."""
    if card is None or context_port(card) is None:
        return ""
    port = next((p for p in card.inputs if role(p, card) == "instruction"), None)
    bound = step.inputs.get(port.name) if port is not None else None
    alone = all(isinstance(each, Value) for each in step.inputs.values())
    return str(bound.value) if alone and isinstance(bound, Value) else ""


__all__ = ("is_of_dates", "reckoned")

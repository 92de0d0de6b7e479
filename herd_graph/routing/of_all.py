"""Do with all that was made what is asked for all of it: *a title and a summary, both in Portuguese as well*.

A plan that is written wish by wish takes what was made last for *both*, for *each*, and for *it* where one
wish was answered once for each of several files.
"""

from __future__ import annotations

import re

from herd_graph.plans import Ask, FromStep, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, is_sound, step_of
from herd_graph.routing.parameters import language_port, reads_aloud
from herd_graph.tasks import Task
from herd_graph.types import Kind

_MOST = 400
"""Letters of a request that is looked at."""
_ALL = re.compile(
    r"\b(?:both|each|all of (?:them|these|it)|all (?:two|three|four)|the two|them)\b[^.?!;]*?\b(?:in|into|to|as|aloud|out loud|heard|spoken)\b",
    re.IGNORECASE,
)
_IT = re.compile(r"\b(?:it|that|this|them|these|those)\b", re.IGNORECASE)
_FILE = re.compile(r"\s*\([^()]*\)\W*$")


def of_all(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which what is put into words of another kind is all that was meant.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    if len(task.text) > _MOST or plan.unmet:
        return plan
    steps = {each.id: each for each in plan.steps}
    shown: list[tuple[Ask, Step]] = []
    for each in plan.answers:
        step = step_of(each, steps)
        if step is None:
            return plan
        shown.append((each, step))
    if len(shown) < 3 or not _carries_over(shown[-1][1], experts):
        return plan
    last = shown[-1][1]
    before = [
        (ask, step)
        for ask, step in shown[:-1]
        if step.expert != last.expert and _is_text(step, experts)
    ]
    done = {_source(step) for _, step in shown if step.expert == last.expert}
    left = [(ask, step) for ask, step in before if step.id not in done]
    if len(before) < 2 or not left or _source(last) != before[-1][1].id:
        return plan
    if not (_ALL.search(shown[-1][0].ask) or _is_one_wish(shown[-1][0], before)):
        return plan
    ids = fresh_ids(plan.steps)
    made: list[Step] = []
    told: list[Ask] = []
    for ask, step in left:
        inputs = {
            name: FromStep(step=step.id) if isinstance(each, FromStep) else each
            for name, each in last.inputs.items()
        }
        made.append(last.model_copy(update={"id": next(ids), "inputs": inputs}))
        named = _FILE.search(ask.ask)
        words = shown[-1][0].ask.rstrip(" .") + (named.group().rstrip() if named else "")
        told.append(Ask(ask=words, source=FromStep(step=made[-1].id)))
    answers = (*plan.answers[:-1], *told, plan.answers[-1])
    fresh = plan.model_copy(update={"steps": (*plan.steps, *made), "answers": answers})
    return fresh if is_sound(fresh, task, experts) else plan


def _carries_over(step: Step, experts: Snapshot) -> bool:
    """Say whether a step puts a text into another language, or reads it aloud."""
    card = card_of(step, experts)
    if card is None or step.foreach is not None or step.when:
        return False
    return (language_port(card) is not None or reads_aloud(card)) and bool(_source(step))


def _source(step: Step) -> str:
    found = [each.step for each in step.inputs.values() if isinstance(each, FromStep)]
    return found[0] if len(found) == 1 else ""


def _is_text(step: Step, experts: Snapshot) -> bool:
    card = card_of(step, experts)
    return (
        card is not None
        and step.foreach is None
        and not step.when
        and len(card.outputs) == 1
        and card.outputs[0].kind is Kind.TEXT
    )


def _is_one_wish(last: Ask, before: list[tuple[Ask, Step]]) -> bool:
    """Say whether *it* means what one wish made of each of several files."""
    asks = {_FILE.sub("", ask.ask).strip() for ask, _ in before}
    named = all(_FILE.search(ask.ask) for ask, _ in before)
    return named and len(asks) == 1 and _IT.search(last.ask) is not None


__all__ = ("of_all",)

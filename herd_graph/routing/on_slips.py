"""Keep what is asked of a receipt, an invoice or a menu whole, and with who reads its lines.

What reads a picture gives a text, and its lines are for who adds up and who answers from texts. Requests
about them are cut where they name things or people: *split between Omar and me*, *how much did breakfast
and parking cost together*. A list of the items is no object seen in the picture, and what is translated
are the lines, and not what they add up to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.cards import ExpertCard
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, is_sound, step_of, without_unused
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_AMONG = re.compile(
    r"\b(?:between|among|amongst|with|by|for) (?:[\w'’]+(?: [\w'’]+)?)(?:\s*,\s*[\w'’]+(?: [\w'’]+)?)*\W*$",
    re.IGNORECASE,
)
_PERSON = re.compile(r"(?:and |& )?(?:me|myself|i|us|him|her|them|(?:my|his|her|our) [\w'’]+|[A-Z][\w'’-]+)")  # fmt: skip
_HALF = re.compile(
    r"^\W*(?:(?:and|so|tell me|please)\W+)*(?:how much|what) (?:do|does|did|is|are|was|were|would|will|have|has)\b(?:(?!\b(?:costs?|pay|paid|spend|spent|come|came|add)\b).){2,40}$",
    re.IGNORECASE,
)
"""*How much did breakfast*, whose verb is in what follows."""
_OTHER_HALF = re.compile(
    r"^\W*(?:and |the )*(?!(?:what|how|who|which|when|where|is|are|do|does|did)\b)[\w' -]{2,40}?\b(?:costs?|came? to|come to|add up to|(?:al)?together|in total|in all|combined)\b",
    re.IGNORECASE,
)
_LINES = re.compile(
    r"\b(?:list|items?|lines?|receipt|menu|invoice|bill|products|names|dishes|things)\b",
    re.IGNORECASE,
)
_PRICED = re.compile(
    r"\b(?:prices?|priced|costs?|receipt|invoice|bill|menu|bought|purchased|ordered|paid)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:without|except(?: for)?|excluding|apart from|leaving out|not counting|not|but not) the [\w' -]+$",
    re.IGNORECASE,
)
_THING = re.compile(r"(?:the |any )[\w'-]+(?: [\w'-]+)?", re.IGNORECASE)
_SHARES = re.compile(
    r"\b(?:per (?:person|head)|each of us|(?:share|split|divide)[sd]?|sharing|splitting)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"\b(?:totals?|bill|receipt|invoice|prices?|costs?|pa(?:y|id)|spen[dt]|amount|sum)\b", re.IGNORECASE)  # fmt: skip
_ELSEWHERE = re.compile(
    r"\b(?:euros?|dollars?|pounds?|francs?|yen|reais|eur|usd|gbp|chf)\b|\bexchange rate\b|\bcurrency\b",
    re.IGNORECASE,
)


def on_slips(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which what is asked of a slip's lines is asked whole, and of these.

    Args:
        plan: The plan so far.
        task: The request, and what is attached.
        experts: Who is there.
    """
    for mend in (_shared_by_all, _left_out, _together, _lines_translated, _lines_read, _told_once):
        made = mend(plan, task, experts)
        if made is not None and is_sound(made, task, experts):
            plan = made
    return plan


def _shared_by_all(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Split between Omar | and me*: one of those who share is no wish."""
    del experts
    flat = " ".join(task.text.split())
    steps = {each.id: each for each in plan.steps}
    for answer in plan.answers:
        step = step_of(answer, steps)
        start = flat.find(answer.ask.strip(" .?!,"))
        if step is None or start < 0 or not _AMONG.search(answer.ask):
            continue
        end = start + len(answer.ask.strip(" .?!,"))
        for each in plan.unmet:
            said = each.partition(": ")[0].strip(" .?!,")
            place = flat.find(said, end)
            joined = (
                re.fullmatch(r"\s*,?\s*(?:and|&|e)?\s*", flat[end:place]) if place > 0 else None
            )
            if not said or joined is None or not _PERSON.fullmatch(said):
                continue
            whole = flat[start : place + len(said)]
            left = tuple(e for e in plan.unmet if e != each)
            return _asked(plan, answer, whole, set()).model_copy(
                update={"unmet": left, "reason": plan.reason if left else ""}
            )
    return None


def _left_out(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Add it up without the soap | and the toilet paper*: both are left out."""
    flat = " ".join(task.text.split())
    steps = {each.id: each for each in plan.steps}
    for one, two in zip(plan.answers, plan.answers[1:], strict=False):
        step = step_of(one, steps)
        card = card_of(step, experts)
        said, more = one.ask.strip(" .?!,"), two.ask.strip(" .?!,")
        start, place = flat.find(said), flat.find(more)
        if card is None or "calculator" not in card.tags or not 0 <= start < place:
            continue
        joined = re.fullmatch(r"\s*,?\s*(?:and|or|nor|&)\s*", flat[start + len(said) : place])
        if joined and _WITHOUT.search(said) and _THING.fullmatch(more):
            return _asked(plan, one, flat[start : place + len(more)], {two.ask})
    return None


def _together(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*How much did breakfast | and parking cost together*: two things in one question."""
    flat = " ".join(task.text.split())
    steps = {each.id: each for each in plan.steps}
    for one, two in zip(plan.answers, plan.answers[1:], strict=False):
        first, second = step_of(one, steps), step_of(two, steps)
        if first is None or second is None or not _source(first) or _source(first) != _source(second):  # fmt: skip
            continue
        if not _is_text(_source(first), task, steps, experts):
            continue
        start, place = flat.find(one.ask.strip(" .?!,")), flat.find(two.ask.strip(" .?!,"))
        if not (0 <= start < place) or not _HALF.match(one.ask) or not _OTHER_HALF.match(two.ask):
            continue
        between = flat[start + len(one.ask.strip(" .?!,")) : place]
        if not re.fullmatch(r"\s*,?\s*(?:and|&|plus)\s*(?:the )?", between):
            continue
        whole = flat[start : place + len(two.ask.strip(" .?!,"))]
        return _asked(plan, two, whole, {one.ask})
    return None


def _lines_translated(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Add it up and put the list of items into Portuguese*: the lines are, and not their sum."""
    del task
    steps = {each.id: each for each in plan.steps}
    fresh: dict[StepId, Step] = {}
    for answer in plan.answers:
        step = step_of(answer, steps)
        card = card_of(step, experts)
        if step is None or card is None or "translation" not in card.tags:
            continue
        for port, held in step.inputs.items():
            added = steps.get(held.step) if isinstance(held, FromStep) else None
            sums = card_of(added, experts)
            if added is None or sums is None or "calculator" not in sums.tags:
                continue
            lines = _source(added)
            if lines is not None and _LINES.search(answer.ask):
                fresh[step.id] = step.model_copy(update={"inputs": {**step.inputs, port: lines}})
    return _with(plan, fresh)


def _lines_read(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*List the items with their prices*: what is printed, and no objects that are seen."""
    reads = _tagged(experts, "ocr")
    answers = _tagged(experts, "calculator")
    steps = {each.id: each for each in plan.steps}
    for answer in plan.answers:
        step = step_of(answer, steps)
        card = card_of(step, experts)
        if step is None or card is None or reads is None or answers is None:
            continue
        seen = bool({"objects", "entities"} & set(card.tags))
        source = _source(step)
        if isinstance(source, FromStep) and source.step in steps:
            source = _source(steps[source.step])
        picture = source if isinstance(source, FromInput) else None
        listed = _PRICED.search(answer.ask) and _LINES.search(answer.ask)
        changed = (
            "units" in card.tags and _ELSEWHERE.search(answer.ask) and _MONEY.search(answer.ask)
        )
        shared = "how many" in card.tags and _SHARES.search(answer.ask)
        if picture is None or not ((seen and listed) or changed or shared) or not _is_picture(picture, task):  # fmt: skip
            continue
        ids = fresh_ids(plan.steps)
        looked = next((each for each in plan.steps if each.expert == reads.id and picture in each.inputs.values()), None)  # fmt: skip
        port = next(each.name for each in reads.inputs if each.required)
        read = looked or Step(id=next(ids), expert=reads.id, inputs={port: picture})
        told = next((each.name for each in answers.inputs if each.name == "request"), None)
        lines = next(each.name for each in answers.inputs if each.required)
        if told is None:
            return None
        inputs: dict[str, Binding] = {lines: FromStep(step=read.id), told: Value(value=answer.ask)}
        adds = Step(id=next(ids), expert=answers.id, inputs=inputs, ask=answer.ask)
        made = (read, *(each for each in plan.steps if each is not read), adds)
        given = tuple(
            Ask(ask=each.ask, source=FromStep(step=adds.id)) if each is answer else each
            for each in plan.answers
        )
        return without_unused(plan.model_copy(update={"steps": made, "answers": given}))
    return None


def _told_once(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*The total in euros*: who reads the slip says that there are no rates; it is no second wish."""
    steps = {each.id: each for each in plan.steps}
    told: list[str] = []
    for answer in plan.answers:
        step = step_of(answer, steps)
        source = _source(step) if step is not None else None
        if _ELSEWHERE.search(answer.ask) and _is_text(source, task, steps, experts):
            said = answer.ask.strip(" .?!,")
            told += [each for each in plan.unmet if each.partition(": ")[0].strip(" .?!,") == said]
    left = tuple(each for each in plan.unmet if each not in told)
    if not told:
        return None
    return plan.model_copy(update={"unmet": left, "reason": plan.reason if left else ""})


def _asked(plan: Plan, answer: Ask, whole: str, dropped: set[str]) -> Plan:
    """Return the plan with an answer to a longer question, and without those that are parts of it."""
    source = answer.source.step if isinstance(answer.source, FromStep) else None
    steps: list[Step] = []
    for each in plan.steps:
        if each.id != source:
            steps.append(each)
            continue
        inputs: dict[str, Binding] = {
            port: Value(value=whole)
            if isinstance(held, Value)
            and str(held.value).strip(" .?!,") == answer.ask.strip(" .?!,")
            else held
            for port, held in each.inputs.items()
        }
        steps.append(each.model_copy(update={"inputs": inputs, "ask": whole}))
    answers = tuple(
        Ask(ask=whole, source=each.source) if each is answer else each
        for each in plan.answers
        if each.ask not in dropped
    )
    return without_unused(plan.model_copy(update={"steps": tuple(steps), "answers": answers}))


def _source(step: Step) -> FromStep | FromInput | None:
    """Return what a step works on."""
    held = [each for each in step.inputs.values() if isinstance(each, FromStep | FromInput)]
    return held[0] if len(held) == 1 else None


def _is_text(
    source: Binding | None, task: Task, steps: Mapping[StepId, Step], experts: Snapshot
) -> bool:
    """Say whether it is a text that is attached, or what was read of a picture."""
    if isinstance(source, FromInput):
        port = task.inputs.get(source.input)
        return port is not None and port.kind is Kind.TEXT
    read = steps.get(source.step) if isinstance(source, FromStep) else None
    card = card_of(read, experts)
    return card is not None and ("ocr" in card.tags or "pdf" in card.tags)


def _is_picture(source: FromInput, task: Task) -> bool:
    port = task.inputs.get(source.input)
    return port is not None and port.kind is Kind.IMAGE


def _tagged(experts: Snapshot, tag: str) -> ExpertCard | None:
    return next((each for each in experts.latest if tag in each.tags), None)


def _with(plan: Plan, fresh: Mapping[StepId, Step]) -> Plan | None:
    if not fresh:
        return None
    steps = tuple(fresh.get(each.id, each) for each in plan.steps)
    return without_unused(plan.model_copy(update={"steps": steps}))


__all__ = ("on_slips",)

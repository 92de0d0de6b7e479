"""Work out what several cost from the one price that a wish before it asked for.

*How much is the yearly fee, and what would 17 children pay?*: the second wish is no question to the
text, and no sum either, for it has but one number. Its other number is what the first one answers.
"""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import (
    card_of,
    fresh_ids,
    is_sound,
    message_port,
    question_to,
    step_of,
    who_answers,
    without_unused,
)
from herd_graph.routing.clauses import flattened
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.neural.asking import asks_price
from herd_graph.routing.numerals import digits
from herd_graph.routing.parameters import context_port, role
from herd_graph.tasks import Task

_LEAD = r"^\W*(?:(?:and|so|then|also|please|tell me)\W+)*"
_SEVERAL = re.compile(
    rf"{_LEAD}(?:what|how much)(?:['’]?s| is| are| do| does| did| would| will| must| should| for)\b[^\d?]*\b\d{{1,4}}\b(?![.,:]?\d| ?%)[^\d?]*\W*$",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(?:costs?|pay|pays|come to|comes to|make|be|altogether|together|in total|in all|for \d+)\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"%|\b(?:per ?cent|each|split|share[sd]?|half|left|change|tip|off|more|less|after|without|hours?|minutes?|o['’]clock)\b",
    re.IGNORECASE,
)
_BY_TIME = re.compile(
    rf"{_LEAD}(?:what|how much)(?:['’]?s| is| does| would| will)\b[^\d?]*?\b(?:that|it|this)\b[^\d?]*\b(?:(?:an?|per|each|every) (?:day|week|month|year)|(?:week|month|year)ly|annually)\W*$",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"\b(?:how much|price|costs?|fees?|rent|charges?|pay|salary|wage|deposit|cheapest|dearest|priciest|(?:most|least) expensive)\b",
    re.IGNORECASE,
)
_APART = re.compile(
    r"\s*[?;]\s*|\s*,?\s+(?:and|then)\s+(?=(?:what|how much)\b)|\s*,\s*(?=(?:what|how much)\b)",
    re.IGNORECASE,
)
_MOST = 240


def is_multiple(wish: str) -> bool:
    """Say whether a wish is for what a number of things cost, or one thing by another time."""
    said = digits(" ".join(wish.split()))
    several = _SEVERAL.match(said) and _COSTS.search(said) and not _OTHERWISE.search(said)
    return bool(several or _BY_TIME.match(said))


def priced_on(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which such a wish is reckoned from the answer to the one before it.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    card = next((each for each in experts.latest if adds_up(each)), None)
    if card is None or not task.attachments or len(task.text) > _MOST:
        return plan
    made = _apart(_together(plan, task, card, experts), experts)
    answers: list[Ask] = []
    steps = list(made.steps)
    fresh = fresh_ids(made.steps)
    takes = next(each.name for each in card.inputs if role(each, card) == "expression")
    asks = message_port(card)
    for each in made.answers:
        before = answers[-1] if answers else None
        priced = before is not None and _is_price(before.ask) and not is_multiple(before.ask)
        if before is None or not priced or not is_multiple(each.ask):
            answers.append(each)
            continue
        inputs: dict[str, Binding] = {takes: before.source, asks: Value(value=each.ask)}
        step = Step(id=next(fresh), expert=card.id, inputs=inputs, ask=each.ask)
        steps.append(step)
        answers.append(Ask(ask=each.ask, source=FromStep(step=step.id)))
    if made is plan and len(steps) == len(made.steps):
        return plan
    made = without_unused(
        made.model_copy(update={"steps": tuple(steps), "answers": tuple(answers)})
    )
    return made if is_sound(made, task, experts) else plan


_SUMMED = re.compile(
    rf"{_LEAD}(?:what|how much) (?:do|does|did|would|will|are|is|for)\b(?P<things>[^?.!;]*?(?:,| and | plus )[^?.!;]*)\W*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:what|how|who|when|where|which|why|translate|read|tell|does|is|are|make (?:it|this|that|me|us)|put|turn|give|list|draw)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\b(?:\d+|an?|the|1)\b", re.IGNORECASE)
_ENDS = re.compile(r"[?!.;]+(?:\s+|$)")


def _together(plan: Plan, task: Task, card: ExpertCard, experts: Snapshot) -> Plan:
    """*What do two curries and a pot of tea cost?*: one sum, and no two wishes."""
    said = [each.strip() for each in _ENDS.split(task.text) if each.strip()]
    steps = {each.id: each for each in plan.steps}
    for wish in said:
        found = _SUMMED.match(wish)
        things = digits(found["things"]) if found is not None else ""
        if not _COSTS.search(things) or _ASKS.search(things) or not _COUNTED.search(things):
            continue
        parts = [each for each in plan.answers if flattened(each.ask) in flattened(wish)]
        left = [e for e in plan.unmet if flattened(e.partition(": ")[0]) in flattened(wish)]
        last = [steps[e.source.step] for e in parts if isinstance(e.source, FromStep)]
        held = [_text_of(each, card, experts) for each in last]
        texts = [each for each in held if each is not None]
        if len(parts) + len(left) < 2 or not texts or len(last) != len(parts):
            continue
        takes = next(each.name for each in card.inputs if role(each, card) == "expression")
        asks = message_port(card)
        inputs: dict[str, Binding] = {takes: texts[0], asks: Value(value=f"{wish}?")}
        step = Step(id=next(fresh_ids(plan.steps)), expert=card.id, inputs=inputs, ask=wish)
        one = Ask(ask=wish, source=FromStep(step=step.id))
        answers = [one if each is parts[0] else each for each in plan.answers if each is parts[0] or each not in parts]  # fmt: skip
        unmet = tuple(each for each in plan.unmet if each not in left)
        update = {
            "steps": (*plan.steps, step),
            "answers": tuple(answers),
            "unmet": unmet,
            "reason": plan.reason if unmet else "",
        }
        return without_unused(plan.model_copy(update=update))
    return plan


def _text_of(step: Step, card: ExpertCard, experts: Snapshot) -> Binding | None:
    """Return the text that a step is asked about, or adds up."""
    reader = card_of(step, experts)
    port = context_port(reader) if reader is not None else None
    name = port.name if port is not None else ""
    if reader == card:
        name = next(each.name for each in card.inputs if role(each, card) == "expression")
    held = step.inputs.get(name)
    return held if isinstance(held, FromInput | FromStep) else None


def _is_price(wish: str) -> bool:
    return asks_price(wish) or _PRICE.search(wish) is not None


def _apart(plan: Plan, experts: Snapshot) -> Plan:
    """Return a plan in which a price and what several cost are asked for apart."""
    reader = who_answers(experts)
    port = context_port(reader) if reader is not None else None
    if reader is None or port is None:
        return plan
    steps = {each.id: each for each in plan.steps}
    fresh = fresh_ids(plan.steps)
    answers: list[Ask] = []
    for each in plan.answers:
        step = step_of(each, steps)
        pieces = [piece for piece in _APART.split(each.ask.strip()) if piece.strip(" ?")]
        text = step.inputs.get(port.name) if step is not None else None
        several = len(pieces) > 1 and is_multiple(pieces[-1]) and _is_price(pieces[-2])
        if not several or text is None or card_of(step, experts) != reader:
            answers.append(each)
            continue
        for piece in pieces:
            asked = Step(
                id=next(fresh), expert=reader.id, inputs=question_to(reader, piece, text), ask=piece
            )
            steps[asked.id] = asked
            answers.append(Ask(ask=piece, source=FromStep(step=asked.id)))
    if len(answers) == len(plan.answers):
        return plan
    update = {"steps": tuple(steps.values()), "answers": tuple(answers)}
    return without_unused(plan.model_copy(update=update))


__all__ = ("is_multiple", "priced_on")

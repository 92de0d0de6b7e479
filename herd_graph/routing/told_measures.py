"""Keep a measure and its unit together: *the pitch is 110 yards by 70. What is that in metres?*.

Who reads wishes one by one cuts such a story where a sentence ends, at a comma, at *and*: one piece has
the numbers, and the other the unit. Neither can be converted without the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.cards import ExpertCard
from herd_graph.plans import Ask, Binding, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, is_sound, step_of, without_unused
from herd_graph.routing.numerals import digits
from herd_graph.routing.parameters import context_port
from herd_graph.tasks import Task

_MOST = 300
_UNIT = (
    r"(?:square |cubic |sq\.? |uk |us |imperial )?(?:km|kilomet(?:re|er)s?|miles?|mi|m|met(?:re|er)s?|cm|centimet(?:re|er)s?|mm|millimet(?:re|er)s?|inch(?:es)?|feet|foot|ft|yards?|yds?|"
    r"kgs?|kilos?|kilograms?|g|grams?|mg|lbs?|pounds?|oz|ounces?|stones?|tonnes?|tons?|l|lit(?:re|er)s?|ml|millilit(?:re|er)s?|cups?|pints?|quarts?|gallons?|tbsp|tsp|tablespoons?|teaspoons?|"
    r"celsius|fahrenheit|centigrade|degrees? [cf]|mph|km/h|kmh|kph|knots?|m/s|acres?|hectares?|hours?|minutes?|seconds?|days?|weeks?|joules?|kj|kcal|calories|psi|bar|kpa|watts?|kw|hp|kb|mb|gb|tb)(?:²|³)?"
)
_WANTS = re.compile(
    rf"\b(?:in|into|to|as)\s+(?:the )?{_UNIT}\b(?!\s*\d)|\bhow (?:many|much)\s+{_UNIT}\b",
    re.IGNORECASE,
)
_IS_WISH = re.compile(
    rf"^\W*(?:(?:and|so|then|please|tell me)\W+)*(?:what|how (?:far|long|heavy|tall|hot|cold|fast|big|much|many|wide|high|deep))\b[^.!]{{0,40}}\b(?:that|it|this|they|those|these|i|he|she|we)\b[^.!]{{0,24}}\b(?:in|into) {_UNIT}\b",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"\d\s?(?:{_UNIT}|degrees?|[cf°'\"])|\b(?:half|quarter of|third of) an? {_UNIT}\b",
    re.IGNORECASE,
)
_MORE = re.compile(rf"^(?:\s*,?\s*(?:and|or|&)\s+{_UNIT}\b(?!\s+(?:of|are|is|in|to)\b))+", re.IGNORECASE)  # fmt: skip


def told_measures(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which a measure is converted with all that was said of it.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    card = next((each for each in experts.latest if "units" in each.tags), None)
    port = next((e.name for e in card.inputs if e.required), "") if card is not None else ""
    text = " ".join(task.text.split())
    if card is None or not port or len(text) > _MOST:
        return plan
    if task.attachments:
        made = _of_an_answer(plan, card, port, experts)
        return plan if made is plan or not is_sound(made, task, experts) else made
    if not re.search(r"\d", digits(text)):
        return plan
    steps = {each.id: each for each in plan.steps}
    mine: list[tuple[int, int, Ask]] = []
    others: list[tuple[int, int]] = []
    for each in plan.answers:
        step = step_of(each, steps)
        at = _place(each.ask, text)
        if step is None or at is None:
            return plan
        if _is_mine(step, each.ask, card, port):
            mine.append((*at, each))
        else:
            others.append(at)
    left = [(at, each) for each in plan.unmet if (at := _place(each.partition(": ")[0], text))]
    asked = [(*at, None) for at, each in left if _MEASURED.search(digits(each.partition(": ")[0]))]
    if not mine:
        return plan
    groups = _grouped(sorted([*mine, *asked], key=lambda each: each[0]), others, text)
    if groups is None:
        return plan
    made = _converted(plan, card, port, groups, text)
    unmet = tuple(
        each
        for each in plan.unmet
        if not any(
            (at := _place(each.partition(": ")[0], text)) and start <= at[0] < end
            for start, end, _ in groups
        )
    )
    made = made.model_copy(update={"unmet": unmet, "reason": plan.reason if unmet else ""})
    return made if is_sound(made, task, experts) else plan


_OF_THAT = re.compile(
    rf"^\W*(?:(?:and|so|then|please|tell me)\W+)*(?:how (?:many|much) {_UNIT} (?:is|are|was|would|does) (?:that|it|this|they)(?: be| make)?|what(?:['’]?s| is| are) (?:that|it|this|they) (?:in|into) (?:us |uk )?{_UNIT})\W*$",
    re.IGNORECASE,
)


def _of_an_answer(plan: Plan, card: ExpertCard, port: str, experts: Snapshot) -> Plan:
    """*How much petrol did they use, and how many gallons is that?*: what was answered is converted."""
    unit = next((each.name for each in card.inputs if not each.required), "")
    steps = {each.id: each for each in plan.steps}
    fresh = fresh_ids(plan.steps)
    answers: list[Ask] = []
    for each in plan.answers:
        step = step_of(each, steps)
        asks = card_of(step, experts)
        idle = asks is not None and context_port(asks) is not None
        if not answers or not idle or not unit or not _OF_THAT.match(each.ask):
            answers.append(each)
            continue
        inputs: dict[str, Binding] = {port: answers[-1].source, unit: Value(value=each.ask)}
        made = Step(id=next(fresh), expert=card.id, inputs=inputs, ask=each.ask)
        steps[made.id] = made
        answers.append(Ask(ask=each.ask, source=FromStep(step=made.id)))
    if answers == list(plan.answers):
        return plan
    update = {"steps": tuple(steps.values()), "answers": tuple(answers)}
    return without_unused(plan.model_copy(update=update))


def _is_mine(step: Step, ask: str, card: ExpertCard, port: str) -> bool:
    """Say whether a step converts what the words say, or answers such a wish without any measure."""
    given = list(step.inputs.values())
    if step.expert == card.id:
        return isinstance(step.inputs.get(port), Value)
    alone = all(isinstance(each, Value) for each in given)
    last = re.split(r"(?<=[^\d])[.;]\s+|[?!]\s+", ask.strip())[-1]
    return alone and step.foreach is None and _IS_WISH.match(last) is not None


def _place(ask: str, text: str) -> tuple[int, int] | None:
    said = re.findall(r"[^\s,;.?!]+(?:[.,]\d+)*", ask)
    joined = r"[\s,;.?!]+(?:and\s+)?".join(
        map(re.escape, said)
    )  # what was "and" may be a comma by now
    found = re.search(joined, text, re.IGNORECASE) if said else None
    return found.span() if found is not None else None


_Group = tuple[int, int, list[Ask]]


def _grouped(
    pieces: Sequence[tuple[int, int, Ask | None]], others: Sequence[tuple[int, int]], text: str
) -> list[_Group] | None:
    """Return the stretches of text that are to be read as one; None where each piece says enough."""
    groups: list[_Group] = []
    start, end = -1, -1
    held: list[Ask] = []
    for begins, stops, ask in pieces:
        if start < 0:
            start, end = begins, stops
            before = max((stop for _, stop, *_ in (*others, *groups) if stop <= begins), default=0)
            if not re.search(r"\d", digits(text[begins:stops])) and _MEASURED.search(digits(text[before:begins])):  # fmt: skip
                start = before  # "12 feet long, how many metres?": what is measured was said before
        end = max(end, stops)
        held += [ask] if ask is not None else []
        if _says_enough(text[start:end]):
            groups.append((start, end, held))
            start, held = -1, []
    if start >= 0 and groups:  # "500 yards in km and 6 miles"
        groups[-1] = (groups[-1][0], end, [*groups[-1][2], *held])
    elif start >= 0:
        before = max((stop for _, stop in others if stop <= start), default=0)
        groups.append((before, end, held))
    for number, (begins, stops, asks) in enumerate(groups):
        if not re.search(r"\d", digits(text[begins:stops])) or not _WANTS.search(
            text[begins:stops]
        ):
            return None
        more = _MORE.match(text[stops:])
        groups[number] = (begins, stops + (more.end() if more else 0), asks)
    same = len(groups) == len(pieces) and all(
        (begins, stops) == (group[0], group[1])
        for (begins, stops, _), group in zip(pieces, groups, strict=True)
    )
    crossed = any(
        begins < stop and start < stops for begins, stops, _ in groups for start, stop in others
    )
    return None if same or crossed else groups


def _says_enough(piece: str) -> bool:
    said = digits(piece)
    return bool(_MEASURED.search(said) or re.search(r"\d", said)) and bool(_WANTS.search(said))


def _converted(
    plan: Plan, card: ExpertCard, port: str, groups: Sequence[_Group], text: str
) -> Plan:
    fresh = fresh_ids(plan.steps)
    steps = list(plan.steps)
    answers = list(plan.answers)
    for start, end, asks in groups:
        said = text[start:end].strip(" ,;-–—")
        said = re.sub(r"^(?:and|then|also)\s+", "", said, flags=re.IGNORECASE)
        inputs: dict[str, Binding] = {port: Value(value=said)}
        step = Step(id=next(fresh), expert=card.id, inputs=inputs, ask=said)
        steps.append(step)
        told = Ask(ask=said, source=FromStep(step=step.id))
        at = next(number for number, each in enumerate(answers) if each is asks[0])
        answers[at] = told
        answers = [each for each in answers if each not in asks]
    made = plan.model_copy(update={"steps": tuple(steps), "answers": tuple(answers)})
    return without_unused(made)


__all__ = ("told_measures",)

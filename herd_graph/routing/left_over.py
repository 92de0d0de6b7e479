"""Ask the file what is left of a request, where a plain question is and its text is at hand.

*What steps does she explain, and subtitles please*: the subtitles were made, and the question was told
to be nobody's. What is said in the clip answers it, or does not; either is better than not to look.
"""

from __future__ import annotations

import re

from herd_graph.conversions import carries
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, is_sound, question_to, who_answers
from herd_graph.routing.of_a_text import is_plain_question
from herd_graph.tasks import Task
from herd_graph.types import Kind

_SHE = re.compile(
    r"(?<=\b(?:he|it) )(?:explain|suggest|recommend|mean|think)\b|(?<=\bshe )(?:explain|suggest|recommend|mean|think)\b|(?<=\bthey )(?:explain|suggest|recommend|mean|think)\b",
    re.IGNORECASE,
)
_TO_BUY = re.compile(r"(?<=\bwhat )to (?:buy|book|send|print|draw)\b", re.IGNORECASE)
_NOBODY = "no expert here does this"


def asked_too(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which such questions are asked of the text of the one file.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    reader = who_answers(experts)
    if reader is None or len(task.inputs) != 1 or not plan.steps or not plan.unmet:
        return plan
    text, steps = _text(plan, task, experts)
    asked: list[tuple[str, str]] = []
    for each in plan.unmet:
        wish, _, why = each.partition(": ")
        # What she explains is a fact; "explain" alone is an order.
        plain = is_plain_question(_TO_BUY.sub("to bring", _SHE.sub("say", wish)))
        if text is not None and why.strip(" .") == _NOBODY and plain:
            asked.append((each, wish))
    if text is None or not asked:
        return plan
    answers = list(plan.answers)
    for _, wish in asked:
        inputs = question_to(reader, f"{wish.strip(' .?!')}?", text)
        step = Step(id=next(fresh_ids(steps)), expert=reader.id, inputs=inputs, ask=wish)
        steps.append(step)
        answers.append(Ask(ask=wish, source=FromStep(step=step.id)))
    flat = " ".join(task.text.split()).casefold()
    answers.sort(key=lambda each: flat.find(" ".join(each.ask.split()).strip(" .?!").casefold()))
    unmet = tuple(each for each in plan.unmet if each not in {one for one, _ in asked})
    update = {
        "steps": tuple(steps),
        "answers": tuple(answers),
        "unmet": unmet,
        "reason": plan.reason if unmet else "",
    }
    made = plan.model_copy(update=update)
    return made if is_sound(made, task, experts) else plan


def _text(plan: Plan, task: Task, experts: Snapshot) -> tuple[Binding | None, list[Step]]:
    """Return the text of the file, and the steps with the one that reads it."""
    steps = list(plan.steps)
    ((name, port),) = task.inputs.items()
    if port.many:
        return None, steps
    if port.kinds == (Kind.TEXT,):
        return FromInput(input=name), steps
    for step in plan.steps:
        card = card_of(step, experts)
        held = list(step.inputs.values())
        alone = held == [FromInput(input=name)] and step.foreach is None
        if card is None or card.outputs[0].kind is not Kind.TEXT or carries(card) != "certain":
            continue
        if alone:
            return FromStep(step=step.id), steps
        if FromInput(input=name) in held and step.foreach is None:  # subtitles: heard once more
            bound = next(each for each in step.inputs if step.inputs[each] == FromInput(input=name))
            plain = Step(
                id=next(fresh_ids(plan.steps)),
                expert=card.id,
                inputs={bound: FromInput(input=name)},
                ask=step.ask,
            )
            return FromStep(step=plain.id), [*steps, plain]
    return None, steps


__all__ = ("asked_too",)

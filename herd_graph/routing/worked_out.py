"""Work out what a file asks to be worked out: *do the conversion that he wants in the recording*.

The request names the work and no numbers: they are said or written in the file, and whoever reckons
is given its words. A plan that shows these words alone has done half of it.
"""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard
from herd_graph.conversions import carries, find_conversion, links
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import alone, card_of, fresh_ids, is_sound, step_of, without_unused
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.parameters import context_port
from herd_graph.tasks import Task, input_port
from herd_graph.types import Kind

_CONVERSION = re.compile(
    r"\b(?:do|make|work out|carry out|give me|what(?:['’]?s| is)) (?:the |that |this |his |her )?(?:unit )?conversion\b|['’]s conversion\b|^\W*(?:the )?conversion (?:in|on|of|from|asked)\b"
    r"|\bconversion\b[^.?!]{0,30}\b(?:asked for|wanted|requested|needed|is asked)\b|\bconver\w+ what (?:he|she|it|is) ",
    re.IGNORECASE,
)
_SOLVE = re.compile(
    r"^\W*(?:(?:please|can you|could you) )*(?:solve|work out|calculate|compute|reckon)(?: what(?:['’]?s| is)(?: written)? on)?"
    r" (?:the|this|that|my|our) (?:white ?board|black ?board|board|sum|exercise|problem|photo|picture|sheet|note|card|slate|equation)\b(?: (?:on|in) (?:the|this|that|my) \w+)?\W*$",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"^\W*(?:(?:and|then|please) )*(?:give|tell|show)(?: me| us)? the (?:result|answer|outcome)\W*$",
    re.IGNORECASE,
)
"""What asks for nothing of its own, behind what is to be worked out."""
_FORMAT = re.compile(
    r"\b(?:pdf|csv|xlsx|excel|json|markdown|mp3|wav|png|jpe?g|midi|file|format|currency|euros?|dollars?)\b",
    re.IGNORECASE,
)
"""Another kind of conversion."""


def worked_out(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan that works out what a file asks for.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    made = _solved(task, experts) if plan.abstained else _converted(plan, experts)
    if made is None or not is_sound(made, task, experts):
        return plan
    return made


def _converted(plan: Plan, experts: Snapshot) -> Plan | None:
    """Give the words that a plan shows to who converts units, where the conversion is asked for."""
    card = next((each for each in experts.latest if "units" in each.tags), None)
    if card is None:
        return None
    known = {each.id: each for each in plan.steps}
    steps, answers = list(plan.steps), list[Ask]()
    for each in plan.answers:
        last = step_of(each, known)
        reads = card_of(last, experts)
        source = _words(each, last, reads, plan, experts) if last and reads else None
        if source is None or not _wants(each.ask):
            answers.append(each)
            continue
        given: dict[str, Binding] = {card.inputs[0].name: source}
        step = Step(id=next(fresh_ids(steps)), expert=card.id, inputs=given, ask=each.ask)
        steps.append(step)
        answers.append(each.model_copy(update={"source": FromStep(step=step.id)}))
    if len(steps) == len(plan.steps):
        return None
    answers = [each for at, each in enumerate(answers) if not at or not _RESULT.match(each.ask)]
    unmet = tuple(each for each in plan.unmet if not _RESULT.match(each.partition(":")[0]))
    made = plan.model_copy(
        update={
            "steps": tuple(steps),
            "answers": tuple(answers),
            "unmet": unmet,
            "reason": plan.reason if unmet else "",
        }
    )
    return without_unused(made)


def _words(
    answer: Ask, last: Step, card: ExpertCard, plan: Plan, experts: Snapshot
) -> Binding | None:
    """Return the words of a file that an answer shows, or that somebody was asked about for it."""
    if _is_read(card):
        return answer.source
    context = context_port(card)
    source = last.inputs.get(context.name) if context is not None else None
    known = {each.id: each for each in plan.steps}
    read = card_of(known.get(source.step), experts) if isinstance(source, FromStep) else None
    return source if read is not None and _is_read(read) else None


def _is_read(card: ExpertCard) -> bool:
    return carries(card) == "certain" and card.outputs[0].kind is Kind.TEXT


def _wants(ask: str) -> bool:
    plain = not re.search(r"\d", ask) and not _FORMAT.search(ask)
    return plain and _CONVERSION.search(ask) is not None


def _solved(task: Task, experts: Snapshot) -> Plan | None:
    """Have what is written in the one file reckoned: *solve the whiteboard*."""
    card = next((each for each in experts.latest if adds_up(each)), None)
    if card is None or len(task.attachments) != 1 or not _SOLVE.match(task.text):
        return None
    ((name, ref),) = task.attachments.items()
    source, port = input_port(name, ref), card.inputs[0]
    if source.many or links(source, port):
        return None
    found = find_conversion(source, port, experts.latest, most=1)
    if not found or found[0].port.many:
        return None
    ids = fresh_ids(())
    steps = list(found[0].into_steps(FromInput(input=name), ids, ask=task.text))
    read = FromStep(step=steps[-1].id, output=found[0].steps[-1].output)
    made = alone(card, {port.name: read}, task.text, ports=task.inputs, author="neural")
    last = made.steps[0].model_copy(update={"id": next(ids)})
    option = next((e for e in card.inputs if "sum" in e.choices), None)
    if option is not None and option.required:
        last = last.model_copy(update={"inputs": {**last.inputs, option.name: Value(value="sum")}})
    ask = made.answers[0].model_copy(update={"source": FromStep(step=last.id)})
    return made.model_copy(update={"steps": (*steps, last), "answers": (ask,)})


__all__ = ("worked_out",)

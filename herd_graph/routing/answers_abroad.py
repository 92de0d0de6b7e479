"""Put answers into the language that is wanted, rather than the text that they were found in.

*Who lost a cat and what is the reward? In Portuguese please*: the last words are no wish of their own.
They say how the answers are wanted, and a translation of the whole poster beside them answers nothing.
"""

from __future__ import annotations

import re

from herd_graph.plans import Ask, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import (
    card_of,
    fresh_ids,
    is_sound,
    question_to,
    who_answers,
    without_unused,
)
from herd_graph.routing.parameters import context_port, language_port
from herd_graph.tasks import Task

_MOST = 240
_HOW = re.compile(
    r"(?<=[?.!])\s+(?P<how>(?:(?:and|all|both|everything|that|the answers?|answer|please|your answers?) )*(?:in|into|em) (?:portuguese|english|português|inglês)(?:,? (?:please|too|as well|por favor))*)\W*$",
    re.IGNORECASE,
)


def abroad(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which such words are said of the answers before them.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    text = " ".join(task.text.split())
    found = _HOW.search(text)
    steps = {each.id: each for each in plan.steps}
    told = [steps.get(e.source.step) for e in plan.answers if isinstance(e.source, FromStep)]
    last = told[-1] if told else None
    translator = card_of(last, experts)
    reader = who_answers(experts)
    port = context_port(reader) if reader is not None else None
    if found is None and len(told) == 1:
        return _both(plan, text, last, experts)
    if found is None or len(told) != len(plan.answers) or len(text) > _MOST or plan.unmet:
        return plan
    if last is None or translator is None or language_port(translator) is None:
        return plan
    below = next((steps[e.step] for e in last.inputs.values() if isinstance(e, FromStep)), None)
    asked = [each for each in (*told[:-1], below) if each is not None and each.expert == getattr(reader, "id", "")]  # fmt: skip
    if reader is None or port is None or len(asked) < len(told) - 1 or not asked:
        return plan
    texts = {e.inputs[port.name].model_dump_json() for e in asked if port.name in e.inputs}
    words = text[: found.start()].strip()
    if len(texts) != 1 or len(told) == 1:
        return plan
    fresh = Step(
        id=next(fresh_ids(plan.steps)),
        expert=reader.id,
        inputs=question_to(reader, words, asked[0].inputs[port.name]),
        ask=words,
    )
    changed = last.model_copy(
        update={
            "inputs": {
                name: held if isinstance(held, Value) else FromStep(step=fresh.id)
                for name, held in last.inputs.items()
            }
        }
    )
    answers = (
        Ask(ask=words, source=FromStep(step=fresh.id)),
        Ask(ask=found["how"], source=FromStep(step=last.id)),
    )
    rest = [each for each in plan.steps if each.id != last.id]
    made = plan.model_copy(update={"steps": (*rest, fresh, changed), "answers": answers})
    made = without_unused(made)
    return made if is_sound(made, task, experts) else plan


_THEN = re.compile(
    r",? (?:and )?(?P<how>then (?:also |again )?(?:in|into) (?:portuguese|english)|(?:and )?(?:also )?in (?:portuguese|english) (?:too|as well))\W*$",
    re.IGNORECASE,
)


def _both(plan: Plan, text: str, last: Step | None, experts: Snapshot) -> Plan:
    """*In one sentence, then in Portuguese*: what is translated was asked for as well."""
    found = _THEN.search(text)
    card = card_of(last, experts)
    if found is None or last is None or card is None or language_port(card) is None or plan.unmet:
        return plan
    held = [each for each in last.inputs.values() if isinstance(each, FromStep)]
    if len(held) != 1:
        return plan
    first = text[: found.start()]
    answers = (
        Ask(ask=first, source=held[0]),
        Ask(ask=found["how"], source=FromStep(step=last.id)),
    )
    whole = Value(value=text)
    steps = [
        each.model_copy(
            update={
                "inputs": {
                    name: Value(value=first) if bound == whole else bound
                    for name, bound in each.inputs.items()
                }
            }
        )
        for each in plan.steps
    ]  # who makes the first one is not told of the other language
    return plan.model_copy(update={"steps": tuple(steps), "answers": answers})


__all__ = ("abroad",)

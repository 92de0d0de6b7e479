"""Tell what is printed in a picture from what is to be seen in it.

*Who lost a cat?*, of a poster, names a thing that can be counted in photos, and asks what the poster says;
*what's on the table?* sounds like *what's on the sign?*, and asks what is to be seen.
"""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard
from herd_graph.checking import check
from herd_graph.conversions import carries
from herd_graph.plans import Binding, FromInput, FromStep, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, question_to, who_answers
from herd_graph.routing.repeated import made_once
from herd_graph.tasks import Task
from herd_graph.types import Kind

_LEAD = r"^\W*(?:(?:and|so|then|please|tell me)\W+)*"
_WHO = re.compile(
    rf"{_LEAD}(?:who(?!['’]?s? (?:is |are )?(?:in|on)\b)|whose|whom|when|what time|what (?:is|are) the (?:name|price|reward|date|address|number)|how much (?:is|are|does|do))\b",
    re.IGNORECASE,
)
_ON = re.compile(
    rf"{_LEAD}what(?:['’]?s| is| are| (?:can|do) (?:you|we) see| stands| lies)(?: there| lying| standing)? (?:on|under|behind|beside|next to|in front of|inside|in) (?:the|this|that|my|her|his) (?P<where>[a-z]+)\W*$",
    re.IGNORECASE,
)
_PRINTED = frozenset(
    "poster sign menu note letter page screen label receipt card paper board blackboard whiteboard list invoice ticket flyer leaflet "  # noqa: SIM905
    "notice document form certificate plate envelope book cover banner bill screenshot scan slide text message mail email pdf "
    "photo picture image clip video film recording file attachment ad advert advertisement placard programme program calendar back front "
    "bottle box package packet tin badge shirt map chart table_ sheet timetable schedule agenda".split()
)


def seen(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which each question to a picture goes to who can answer it.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    pictures = [name for name, port in task.inputs.items() if port.kinds == (Kind.IMAGE,)]
    if len(pictures) != 1 or len(task.inputs) != 1:
        return plan
    made = _printed(_looked_at(plan, experts), pictures[0], experts)
    made = made if made is plan else made_once(made) or made
    return plan if made is not plan and check(made, experts, task.inputs) else made


def _looked_at(plan: Plan, experts: Snapshot) -> Plan:
    """*What's on the table?*: who describes pictures says, and nobody who reads."""
    describes = next((card for card in experts.latest if "caption" in card.tags), None)
    asked = {
        each.source.step: found
        for each in plan.answers
        if isinstance(each.source, FromStep) and (found := _ON.match(each.ask)) is not None
    }
    steps: list[Step] = []
    for step in plan.steps:
        card = card_of(step, experts)
        where = asked.get(step.id)
        reads = card is not None and _reads(card)
        if describes is None or where is None or not reads or where["where"].lower() in _PRINTED:
            steps.append(step)
            continue
        port = next(each.name for each in describes.inputs if each.required)
        picture = next(iter(step.inputs.values()))
        update = {"expert": describes.id, "inputs": {port: picture}, "fallbacks": ()}
        steps.append(step.model_copy(update=update))
    changed = tuple(steps)
    return plan if changed == plan.steps else plan.model_copy(update={"steps": changed})


def _printed(plan: Plan, picture: str, experts: Snapshot) -> Plan:
    """*Who lost a cat?*: nobody who counts cats knows."""
    reader = who_answers(experts)
    reads = next((card for card in experts.latest if _reads(card)), None)
    asks = {
        each.source.step: each.ask for each in plan.answers if isinstance(each.source, FromStep)
    }
    counting = [
        step
        for step in plan.steps
        if (card := card_of(step, experts)) is not None
        and "count" in card.tags
        and _WHO.match(asks.get(step.id, ""))
    ]
    if reader is None or reads is None or not counting:
        return plan
    steps = list(plan.steps)
    read = next((each for each in steps if each.expert == reads.id and each.foreach is None), None)
    if read is None:
        port = next(each.name for each in reads.inputs if each.required)
        given: dict[str, Binding] = {port: FromInput(input=picture)}
        read = Step(
            id=next(fresh_ids(steps)), expert=reads.id, inputs=given, ask=asks[counting[0].id]
        )
        steps.insert(0, read)
    for step in counting:
        inputs = question_to(reader, asks[step.id], FromStep(step=read.id))
        update = {"expert": reader.id, "inputs": inputs, "fallbacks": ()}
        steps[steps.index(step)] = step.model_copy(update=update)
    return plan.model_copy(update={"steps": tuple(steps)})


def _reads(card: ExpertCard) -> bool:
    required = [each for each in card.inputs if each.required]
    prints = card.outputs[0].kind is Kind.TEXT and carries(card) == "certain"
    return prints and len(required) == 1 and required[0].kinds == (Kind.IMAGE,)


__all__ = ("seen",)

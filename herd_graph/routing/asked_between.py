"""Show what stands between, where a wish of its own asks for it: *what is on the poster? Translate it*.

A plan that makes one thing out of another shows the last one. But who asks what a poster says, and then has
it translated and read aloud, has asked a question as well; and who has a note written down wants it written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from herd_graph.cards import ExpertCard
from herd_graph.conversions import carries
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of
from herd_graph.routing.clauses import flattened, split
from herd_graph.routing.content import protect
from herd_graph.routing.lexicon import MAKES_IT_HEARD
from herd_graph.routing.parameters import reads_aloud
from herd_graph.routing.tongues import languages
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_MOST = 400
"""Letters of a request that is looked at."""
_LEAD = r"^\W*(?:(?:and|then|also|please|pls|kindly|now|first|ok|hi|hello|(?:can|could|would) you|tell me|show me)\b\W*)*"
_SAYS = re.compile(
    rf"{_LEAD}(?:what(?:['’]?s| is| was| are| does| do| did)?\b.{{0,60}}?\b(?:says?|said|saying|spoken|written|writes?|printed|reads?|stands?|talking about|heard|on (?:the|this|that|my|our) (?:\w+ )?\w+)"
    r"(?: (?:in|on|at) (?:the|this|that|it|my|our)(?: \w+){0,3})?\W*$)",
    re.IGNORECASE,
)
"""*What does the coach say in the clip?*: all of it is asked for, and nothing about a matter."""
_WRITES = re.compile(
    rf"{_LEAD}(?:transcribe|write (?:down|out|up)|type (?:up|out)|write (?:it|this|that) (?:down|up|out)|type (?:it|this|that) (?:up|out)|note down|put in writing|jot down)\b",
    re.IGNORECASE,
)
_READS = re.compile(
    rf"{_LEAD}read (?:out )?(?:the|this|that|my|our|it|what)\b(?!.*\b(?:aloud|loud)\b)",
    re.IGNORECASE,
)
_SHORTENS = re.compile(
    rf"{_LEAD}(?:summari[sz]e|sum (?:it |this |that )?up|shorten|condense|boil (?:it |this )?down|cut (?:it|this|that) (?:down )?to)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\bonly (?:the|in|as|need|want)\b|\bjust (?:the|in) (?:portuguese|english|translation)\b",
    re.IGNORECASE,
)
"""*Only the Portuguese*: the rest is not to be shown."""


def asked_between(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan that shows what a wish of its own asks for on the way to another.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    if len(task.text) > _MOST or not plan.steps or _ALONE.search(task.text):
        return plan
    protected = protect(task.text)
    clauses = [each.said for each in split(protected.text) if each.request]
    if protected.contents or len(clauses) < 2:
        return plan
    for place, clause in enumerate(clauses[:-1]):
        rest = clauses[place + 1 :]
        if any(_is_answered(each.ask, clause, rest) for each in plan.answers):
            continue
        plan = _shown(plan, clause, experts)
    return plan


def _is_answered(ask: str, clause: str, rest: Sequence[str]) -> bool:
    """Say whether an answer is to this wish, and to none after it."""
    said = flattened(ask)
    return flattened(clause) in said and not any(flattened(each) in said for each in rest)


def _shown(plan: Plan, clause: str, experts: Snapshot) -> Plan:
    """Return a plan with an answer for a clause that a step on the way to another answer serves."""
    shown = {each.source.step for each in plan.answers if isinstance(each.source, FromStep)}
    answers: list[Ask] = []
    added = False
    for each in plan.answers:
        found = [] if added else _served(clause, each, plan, experts, shown)
        answers += [Ask(ask=clause, source=FromStep(step=step.id)) for step in found]
        added = added or bool(found)
        answers.append(_without(each, clause) if found else each)
    return plan.model_copy(update={"answers": tuple(answers)}) if added else plan


def _served(
    clause: str, answer: Ask, plan: Plan, experts: Snapshot, shown: set[StepId]
) -> list[Step]:
    """Return the step on the way to an answer that gives what a clause asks for, if there is one."""
    chain = list(_before(answer, plan))
    if not chain or any(each.foreach is not None for each in chain):
        return []
    for after, step in pairwise(chain):
        card, next_ = card_of(step, experts), card_of(after, experts)
        if card is None or next_ is None or not _is_asked(clause, step, card):
            continue
        # What is heard is shown in writing, too.
        heard = reads_aloud(next_) and "translation" in card.tags
        return [] if step.id in shown or heard else [step]
    return []


def _is_asked(clause: str, step: Step, card: ExpertCard) -> bool:
    """Say whether a clause asks for what a step gives: the words of a file, or a short version."""
    if MAKES_IT_HEARD.search(clause) or any(each.target for each in languages(clause)):
        return False
    if card.input("sentences") is not None:
        return _SHORTENS.search(clause) is not None
    given = any(isinstance(each, FromInput) for each in step.inputs.values())
    if not given or carries(card) != "certain" or card.outputs[0].kind is not Kind.TEXT:
        return False
    kinds = {kind for port in card.inputs for kind in port.kinds}
    if kinds & {Kind.AUDIO, Kind.VIDEO} and _WRITES.search(clause):
        return True
    return bool(_SAYS.search(clause) or (Kind.IMAGE in kinds and _READS.search(clause)))


def _before(answer: Ask, plan: Plan) -> Iterator[Step]:
    """Yield the step of an answer, and those it stands on while there is one for each."""
    steps = {each.id: each for each in plan.steps}
    source = answer.source
    while isinstance(source, FromStep) and source.step in steps:
        step = steps[source.step]
        yield step
        made = [each for each in step.inputs.values() if isinstance(each, FromStep)]
        source = made[0] if len(made) == 1 else None


def _without(answer: Ask, clause: str) -> Ask:
    """Return an answer under the words that are left to it."""
    said = flattened(clause)
    words = answer.ask
    lengths = range(len(words) + 1)
    begun = len(list(takewhile(lambda k: said not in flattened(words[:k]), lengths)))
    rest = re.sub(r"^[\s,;.?!:]+(?:(?:and|then)\b\s*)*", "", words[begun:])
    return answer.model_copy(update={"ask": rest}) if rest.strip() else answer


__all__ = ("asked_between",)

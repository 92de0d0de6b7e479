"""Put each answer under its own words: not under those of another answer, or of what is not done.

A plan that was read off a whole request may call one of its answers by all of it. Two answers under the same
sentence leave open which is which; and what nobody does is not to be asked of who answers the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.plans import Ask, FromStep, Plan, Value
from herd_graph.registry import Snapshot
from herd_graph.tasks import Task

_FEWEST, _MOST = 2, 300
"""Words that a heading has at least, and letters of one that is looked at."""
_JOINTS = re.compile(
    r"^[\s,;.?!:&+-]*(?:(?:and|then|also|plus|as well as)\b[\s,]*)*|[\s,;:&+-]*(?:\b(?:and|then|also|plus|as well as)\b[\s,]*)*$",
    re.IGNORECASE,
)


def under_own_words(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan whose answers, and who is asked for them, have their own words alone.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    del task, experts
    undone = [each.partition(": ")[0] for each in plan.unmet]
    answers: list[Ask] = []
    steps = {each.id: each for each in plan.steps}
    for each in plan.answers:
        bare = _without(each.ask, undone)
        if bare != each.ask:
            for name, step in steps.items():
                told = {
                    port: Value(value=bare) if bound == Value(value=each.ask) else bound
                    for port, bound in step.inputs.items()
                }
                steps[name] = step.model_copy(update={"inputs": told})
        # What the same expert answers is the same wish, for another file.
        others = [e.ask for e in plan.answers if _expert(e, plan) != _expert(each, plan)]
        answers.append(each.model_copy(update={"ask": _without(bare, others)}))
    if tuple(answers) == plan.answers:
        return plan
    return plan.model_copy(update={"answers": tuple(answers), "steps": tuple(steps.values())})


def _expert(answer: Ask, plan: Plan) -> str:
    source = answer.source
    found = (each.expert for each in plan.steps if FromStep(step=each.id) == source)
    return next(found, None) or str(source)


def _without(ask: str, others: Sequence[str]) -> str:
    """Return a heading without the words of others that stand in it; itself where too little is left."""
    if len(ask) > _MOST:
        return ask
    left = ask
    for other in sorted(others, key=len, reverse=True):
        said = " ".join(other.split()).strip(" .,;:?!")
        at = left.casefold().find(said.casefold())
        if len(said.split()) < _FEWEST or at < 0 or len(said) >= len(left.strip(" .,;:?!")):
            continue
        before, after = left[:at], left[at + len(said) :]
        if before.strip() and _JOINTS.sub("", after):
            continue  # it stands in the middle
        rest = _JOINTS.sub("", before) or _JOINTS.sub("", after)
        if len(rest.split()) >= _FEWEST:
            left = rest
    return left


__all__ = ("under_own_words",)

"""See to it that no words of a request go by unheard: *…, and everybody from Ravenshaw*.

What was planned says which words each answer serves. A piece of the request of which not one word of
substance stands in any of them was lost on the way: it is planned as if it had been said alone, and where
that comes to nothing, though it plainly asks for something, it is named as not done.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.plans import Ask, FromStep, Plan, Value
from herd_graph.routing.assembly import is_sound
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.content import protect
from herd_graph.routing.courtesies import is_courtesy
from herd_graph.routing.lexicon import PRONOUN, QUESTION_WORDS
from herd_graph.routing.neural.claims import is_plain
from herd_graph.routing.neural.stepwise import orders, wishes
from herd_graph.routing.of_files import is_fact
from herd_graph.routing.pieces import joined, put_to_the_text
from herd_graph.routing.scenery import without_scenery
from herd_graph.tasks import Task

_LONGEST, _MOST_WORDS, _FEWEST = 300, 12, 3
"""Letters of a request that is looked at, and words of a piece that may be a wish."""
_SHORT, _MOST_PIECES = 160, 4
"""Letters of a request whose answers are looked at for more than one wish, and pieces of one."""
_SURE_APART = 0.7
_SURE = 0.5
"""How likely the plan of a lost piece must be right."""
_PIECES = re.compile(
    r"(?<=[?!;])\s+|(?<=[^\W\d_]{2})\.\s+|\s*[,;]\s+(?:(?:and|then|plus|also)\s+)?|\s+(?:and|plus|as well as)\s+"
)
_STATES = re.compile(
    r"\b(?:is|are|was|were|isn['’]t|aren['’]t|has|have|had|needn['’]t|must|should|will|would|can|can['’]t|did|does|do|don['’]t|rang|called|wrote|left|says?|said|took|means?|needs?|wants?)\b",
    re.IGNORECASE,
)
_LED = re.compile(r"^\W*(?:(?:and|then|also|plus)\b\W*)+", re.IGNORECASE)
_APART = re.compile(r"(?<=[?!;])\s+|\s*[,;]\s+(?!(?:and|or)\b)")
_TELLS = re.compile(
    r"^\W*(?:because|so that|since|as|for|if|when|unless|but|or|not|no|without|except|only|just|in|on|at|with|from|to|of|by|per|like|such|namely|i|we|my|our|it|it['’]s|he|she|they|that|this|these"
    r"|those|there|which|who (?:is|was|are)|please|thanks|thank|hi|hello|hey|dear|sorry|ok|okay|sorted|ordered|grouped)\b",
    re.IGNORECASE,
)
"""What tells more of the piece before it, or of the one who asks."""


def with_the_rest(
    route: Route, task: Task, situation: Situation, plan: Callable[[Task, Situation], Route]
) -> Route:
    """Return a route that serves, or names, the pieces of a request that none of its answers is about.

    Args:
        route: What was planned.
        task: The request, and what is attached.
        situation: What is there; on a thread, words may be about earlier turns.
        plan: Makes a plan of a request.
    """
    text = " ".join(task.text.split())
    made = route.plan
    if made.abstained or not made.answers or situation.history or not task.attachments:
        return route
    if len(text) > _LONGEST or protect(task.text).contents or any(s.when for s in made.steps):
        return route
    asked = " ".join(without_scenery(task.text, several=len(task.attachments) > 1).split())
    lost = [e for e in _lost(asked, made) if wishes(e, situation.experts.latest) and _wants(e)]
    for piece in lost:
        alone = plan(task.model_copy(update={"text": piece}), situation)
        if not alone.plan.abstained:
            one = len(alone.plan.answers) == 1 and not alone.plan.unmet
            if one and alone.trace.confidence >= _SURE:
                made = _with(made, piece, alone.plan)
        elif (put := _asked(piece, task, situation)) is not None:
            made = _with(made, piece, put)
        elif is_plain(piece) or piece.endswith("?"):
            unmet = (*made.unmet, f"{piece}: no expert here does this")
            made = made.model_copy(update={"unmet": unmet})
    made = _told_apart(made, task, situation, plan)
    if made is route.plan or not is_sound(made, task, situation.experts):
        return route
    return route.model_copy(update={"plan": made})


def _told_apart(
    made: Plan, task: Task, situation: Situation, plan: Callable[[Task, Situation], Route]
) -> Plan:
    """Return a plan with what else the words of an answer ask for: *headline for it, 1 still*."""
    if len(task.text) > _SHORT:
        return made
    everybody = {each.expert or "" for each in made.steps}
    for answer in made.answers:
        told = [_LED.sub("", each.strip(" .,;")) for each in _APART.split(answer.ask)]
        if not 1 < len(told) <= _MOST_PIECES or any(_TELLS.match(e) or not e for e in told):
            continue
        own = _expert(made, answer)
        alone = [plan(task.model_copy(update={"text": each}), situation) for each in told]
        experts = [_one(each) for each in alone]
        if own not in experts:
            continue
        served = _on_the_way(made, answer)
        for piece, route, expert in zip(told, alone, experts, strict=True):
            if PRONOUN.search(piece):
                continue  # alone, it would be about something else
            if expert not in served | everybody and route.trace.confidence >= _SURE_APART:
                made = _cut(_with(made, piece, route.plan), answer.ask, piece)
    return made


def _expert(plan: Plan, answer: Ask) -> str:
    """Return who gives an answer."""
    found = (e.expert for e in plan.steps if FromStep(step=e.id) == answer.source)
    return next(found, None) or ""


def _on_the_way(plan: Plan, answer: Ask) -> set[str]:
    """Return who works for an answer: what they do on the way is asked for as well."""
    steps = {each.id: each for each in plan.steps}
    left = [answer.source.step] if isinstance(answer.source, FromStep) else []
    found = {""}
    while left:
        step = steps.get(left.pop())
        if step is not None:
            found.add(step.expert or "")
            left += step.needs
    return found


def _one(route: Route) -> str:
    """Return who gives the one answer of a plan; nothing where it has none, or several."""
    plan = route.plan
    if plan.abstained or plan.unmet or len(plan.answers) != 1:
        return ""
    return _expert(plan, plan.answers[0])


def _cut(plan: Plan, ask: str, piece: str) -> Plan:
    """Return a plan in which an answer is asked for, and headed, without the words of another."""
    left = re.sub(
        r"^[\s,;]+|[\s,;]*(?:\b(?:and|then|also|plus)\b)?[\s,;]*$", "", ask.replace(piece, "", 1)
    )
    if len(left) < _FEWEST:
        return plan
    steps = tuple(
        each.model_copy(
            update={
                "inputs": {
                    port: Value(value=left) if bound == Value(value=ask) else bound
                    for port, bound in each.inputs.items()
                }
            }
        )
        for each in plan.steps
    )
    answers = tuple(e.model_copy(update={"ask": left}) if e.ask == ask else e for e in plan.answers)
    return plan.model_copy(update={"steps": steps, "answers": answers})


def _asked(piece: str, task: Task, situation: Situation) -> Plan | None:
    """Return a plan that asks the one text there is: *what is wrong?*."""
    if next(iter(words(piece)), "") not in QUESTION_WORDS:
        return None
    return put_to_the_text(piece, task, situation.experts, set())


def _with(plan: Plan, piece: str, other: Plan) -> Plan:
    """Return a plan with the answer of another one behind its own."""
    both = joined([(plan.answers[0].ask, plan), (piece, other)])
    kept = {"unmet": plan.unmet, "reason": plan.reason, "author": plan.author}
    return both.model_copy(update=kept)


def _wants(piece: str) -> bool:
    """Say whether a piece asks or names something, and does not tell: *the first is just the recital*."""
    return orders(piece) or _STATES.search(piece) is None


def _lost(text: str, plan: Plan) -> list[str]:
    """Return the pieces of a request that stand in no words that an answer serves."""
    told = [each.ask for each in plan.answers] + list(plan.unmet)
    bound = [each for step in plan.steps for each in step.inputs.values()]
    told += [
        each.value for each in bound if isinstance(each, Value) and isinstance(each.value, str)
    ]
    said = {stem(each) for one in told for each in words(one)}
    found: list[str] = []
    for each in _PIECES.split(text):
        piece = _LED.sub("", each.strip(" .,;"))
        spoken = words(piece)
        if not _FEWEST <= len(spoken) <= _MOST_WORDS or is_courtesy(piece) or _TELLS.match(piece):
            continue
        if is_fact(piece):
            continue  # what is asked of a file as such is known by rule
        substance = {stem(word) for word in spoken if word not in STOP_WORDS | QUESTION_WORDS}
        if substance and not substance & said:
            found.append(piece)
    return found


__all__ = ("with_the_rest",)

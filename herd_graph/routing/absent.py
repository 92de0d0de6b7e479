"""Say that a file is missing where a request is about one: *what does the poster say?*, with no poster.

Who answers anything answers that as well, and makes the poster up. An answer about a file that nobody has
seen is worse than none: what was meant is named, and how to attach it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.plans import AllOf, Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.routing.assembly import without_unused
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.content import protect
from herd_graph.routing.neural.telling import needs_no_file
from herd_graph.tasks import Task

_MOST = 400
"""Letters of a request that may be about a file alone; a longer one brings its text along."""
_NOUN = (
    r"(?:voice ?(?:note|memo|mail|message)|(?:e-?)?mail|letter|message|note|memo|recording|audio(?: file)?|podcast|(?:video )?clip|video|film|movie|photo(?:graph)?|picture|image"
    r"|screenshot|scan|poster|flyer|leaflet|brochure|sign|receipt|bill|invoice|ticket|menu|spreadsheet|excel(?: file| sheet)?|csv(?: file)?|sheet|table|pdf(?: file)?|document|contract"
    r"|report|article|essay|minutes|handbook|manual|guide|newsletter|notice|tune|melody|song|attachment|file|slides)s?"
)
_MEANT = re.compile(
    rf"\b(?:the|this|that|these|those|both|my|our|his|her|their|attached|enclosed)(?: (?:attached|enclosed|portuguese|english|whole|first|second|last|other|two|long|short|new|old))?"
    rf" (?P<noun>{_NOUN})\b(?!['’]s (?:name|address) is)(?! (?:called|named|that i|to (?:my|the|a|him|her)\b))",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\s+(?:[A-Z][\w'’-]*|[\"'\u201c\u2018«])")
"""*The film Jaws* is none of the asker's files."""
_OWN_WORDS = re.compile(
    r"\bhow (?:do|should|can|could|would) (?:i|we|you|one)\b|^\W*(?:(?:please|can you|could you|help me) )*(?:write|draft|compose|invent|make up|design|explain)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d{2,}|\d[.,]\d|[£€$%]|\d\s*[-+*/x×]\s*\d")
"""*The bill was 84.60, split it*: the words say what the bill says."""
_GIVEN = re.compile(r":\s*\S+(?:\s+\S+){2,}|\n\s*\S")
"""*Translate the letter: Dear Ann, …*: it is there."""


def attached_or_said(route: Route, task: Task, situation: Situation) -> Route:
    """Return a route that says which file is missing, where a wish is about one and none is there.

    Args:
        route: What a planner found.
        task: The request.
        situation: What is there; earlier turns may hold the file.
    """
    text = " ".join(task.text.split())
    if task.attachments or situation.history or len(text) > _MOST or route.plan.inputs:
        return route
    if _GIVEN.search(task.text) or protect(task.text).contents or not (noun := missing(text)):
        return route
    plan = _told(route.plan, text, noun)
    return route if plan is route.plan else route.model_copy(update={"plan": plan})


def missing(said: str) -> str:
    """Return the noun of a file that words are about, as *the letter* is; empty where they name none."""
    for found in _MEANT.finditer(said):
        if not _NAMED.match(said[found.end() :]):
            return found["noun"].lower()
    return ""


def _told(plan: Plan, text: str, noun: str) -> Plan:
    if plan.abstained:
        if _FIGURES.search(text) or needs_no_file(text):
            return plan
        reason = f"No {noun} is attached that {text!r} could be about. Attach the file (-a FILE)."
        told = plan.reason.startswith(("No expert here can do", "Nothing is attached"))
        return plan.model_copy(update={"reason": reason}) if told else plan
    gone = [each for each in plan.answers if _is_about_none(each, plan.steps, len(plan.answers))]
    left = [(each, each.partition(": ")[0]) for each in plan.unmet]
    whys = [(each, "" if needs_no_file(said) else missing(said)) for each, said in left]
    if not gone and not any(why for _, why in whys):
        return plan
    unmet = [f"{each.partition(': ')[0]}: {_why(why)}" if why else each for each, why in whys]
    unmet += [f"{each.ask.strip(' .')}: {_why(missing(each.ask))}" for each in gone]
    answers = tuple(each for each in plan.answers if each not in gone)
    if not answers:
        reason = f"No {noun} is attached that {text!r} could be about. Attach the file (-a FILE)."
        return Plan(inputs=plan.inputs, reason=reason, author=plan.author)
    update = {"answers": answers, "unmet": tuple(unmet), "reason": ""}
    return without_unused(plan.model_copy(update=update))


def _why(noun: str) -> str:
    return f"no {noun} is attached; attach the file (-a FILE)"


def _is_about_none(answer: Ask, steps: Sequence[Step], answers: int) -> bool:
    """Say whether an answer would be made of nothing but the words that ask for it."""
    said = answer.ask
    if _OWN_WORDS.search(said) or _FIGURES.search(said) or needs_no_file(said):
        return False
    if not missing(said):
        return False
    known = {each.id: each for each in steps}
    left: list[Binding] = [answer.source]
    values: list[str] = []
    while left:
        source = left.pop()
        if isinstance(source, FromInput):
            return False
        if isinstance(source, AllOf):
            left += source.all
        if isinstance(source, Value) and isinstance(source.value, str):
            values.append(source.value)
        if isinstance(source, FromStep) and source.step in known:
            step = known[source.step]
            left += [each for each in (*step.inputs.values(), step.foreach) if each is not None]
    # Words that do not stand in the wish were given: they are what it is about.
    said = " ".join(answer.ask.split()).casefold()
    own = (each for each in values if " " in each.strip())
    return answers == 1 or all(" ".join(each.split()).casefold() in said for each in own)


__all__ = ("attached_or_said", "missing")

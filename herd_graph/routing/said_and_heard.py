"""Have what is heard be what was asked for: the English one, the part that is named, the text that is shown.

A plan that puts a text into another language and speaks it speaks what it made last. *Translate it into
Portuguese and read the English aloud* asks for the other; *say it and write it down* asks for the words that
are said, and not for what a recogniser of English hears in Portuguese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.checking import check
from herd_graph.conversions import carries
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import (
    alone,
    card_of,
    fresh_ids,
    is_sound,
    message_port,
    question_to,
    step_of,
    who_answers,
    without_unused,
)
from herd_graph.routing.lexicon import LANGUAGES
from herd_graph.routing.parameters import context_port, language_port, reads_aloud, speaks
from herd_graph.routing.tongues import language_code
from herd_graph.tasks import Task
from herd_graph.types import StepId

_MOST = 300
_VERSION = re.compile(
    rf"\b(?:read|say|speak|play|hear)\b[^,;.]*?\bthe (?P<named>{'|'.join(LANGUAGES)})(?: (?:one|version|text|original))?(?= (?:aloud|out)\b|\s*[.!?]*$)",
    re.IGNORECASE,
)
_WORD_IN = re.compile(
    rf"^\W*(?:(?:and|please|hi|hello) )*(?:what(?:['’]?s| is| are|['’]?re)|how (?:do|would|can) (?:you|i|we) say|say)(?: the word)? [\"\u201c'\u2018«](?P<said>[^\"\u201d»]+?)[\"\u201d'\u2019»] (?:in|into) (?P<named>{'|'.join(LANGUAGES)})\W*$",
    re.IGNORECASE,
)
_MADE_OF = re.compile(r"\b(?:read|translat\w+|put|speak|say|hear)\b", re.IGNORECASE)
_TWO = 2
_GIVEN_IN = re.compile(
    rf"^(?P<said>[^:?]{{3,}}):\s*(?:and )?what(?:['’]?s| is| does| would)(?: (?:that|this|it|be|mean))*(?: called| mean)? in (?P<named>{'|'.join(LANGUAGES)})\W*$",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"^\W*(?:(?:and|then|please|also|can you|could you) )*(?:write|list|note|jot|copy|put)(?: me| us)?(?: down| out)? (?P<what>(?:the|its|their|his|her) (?:[\w'’-]+ ){0,3}"
    r"(?:times?|dates?|days?|hours?|prices?|costs?|fees?|rent|deposit|address|phone|number|e-?mail|website|names?|deadline|rules?|amount|total)\b.*)$",
    re.IGNORECASE,
)
_FROM = re.compile(r" (?:from|in|on|off) (?:the|this|that|my|our) [\w -]{2,20}$", re.IGNORECASE)
_ONLY = re.compile(
    r"(?:^\W*|[,;(]\s*)(?:(?:and|but) )?(?:only|just) (?P<what>(?:the|what|where|when|who)\b.+)$",
    re.IGNORECASE,
)
_BY_PLACE = re.compile(
    r"\b(?:first|last|second|third|page|paragraph|sentences?|lines?|title|heading|half|beginning|end|portuguese|english|translation|summary)\b",
    re.IGNORECASE,
)


def said_and_heard(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which what is heard, and what is written down, is what the words ask for.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    if len(task.text) > _MOST:
        return plan
    if (said := _given_and_asked(plan, task, experts)) is not None:
        return said
    for rule in (_facts_asked, _word_in, _not_heard_again, _of_that_version, _only_that):
        made = rule(plan, experts)
        if made is not None and is_sound(made, task, experts):
            plan = made
    return plan


def _given_and_asked(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Sábado, às 19 horas: what is that in English?*: the words before the colon are put into it."""
    found = _GIVEN_IN.match(" ".join(task.text.split())) if not task.attachments else None
    code = LANGUAGES[found["named"].lower()] if found is not None else ""
    translator = next((each for each in experts.latest if speaks(each, code)), None)
    choice = language_port(translator) if translator is not None else None
    if found is None or plan.inputs or translator is None or choice is None:
        return None
    content = next(each.name for each in translator.inputs if each.required and each != choice)
    inputs: dict[str, Binding] = {
        content: Value(value=found["said"].strip(" \"'")),
        choice.name: Value(value=speaks(translator, code)),
    }
    made = alone(translator, inputs, task.text.strip(), ports={}, author=plan.author)
    return None if check(made, experts) else made


def _facts_asked(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Write the check-out time from the notice*: a question to the text, and nothing to be made up."""
    for step in plan.steps:
        card = card_of(step, experts)
        context = context_port(card) if card is not None else None
        if card is None or context is None or context.name not in step.inputs:
            continue
        message = message_port(card)
        asked = step.inputs.get(message)
        found = _NOTES.match(str(asked.value)) if isinstance(asked, Value) else None
        if found is None:
            continue
        what = _FROM.sub("", found["what"].strip(" .?!"))
        said = f"What is {what}?"
        fresh = step.model_copy(update={"inputs": {**step.inputs, message: Value(value=said)}})
        return _with(plan, fresh)
    return None


def _word_in(plan: Plan, experts: Snapshot) -> Plan | None:
    """*What is 'tool library' in Portuguese?*: who translates knows, and who makes things up does not."""
    for step in plan.steps:
        card = card_of(step, experts)
        context = context_port(card) if card is not None else None
        if card is None or context is None or context.name in step.inputs:
            continue
        message = message_port(card)
        asked = step.inputs.get(message)
        found = _WORD_IN.match(str(asked.value)) if isinstance(asked, Value) else None
        code = LANGUAGES[found["named"].lower()] if found is not None else ""
        translator = next((each for each in experts.latest if speaks(each, code)), None)
        choice = language_port(translator) if translator is not None else None
        if found is None or translator is None or choice is None:
            continue
        content = next(each.name for each in translator.inputs if each.required and each != choice)
        inputs: dict[str, Binding] = {
            content: Value(value=found["said"]),
            choice.name: Value(value=speaks(translator, code)),
        }
        fresh = step.model_copy(update={"expert": translator.id, "inputs": inputs, "fallbacks": ()})
        return _with(plan, fresh)
    return None


def _not_heard_again(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Say it, and write it down*: the words are there before they are spoken."""
    steps = {each.id: each for each in plan.steps}
    answers: list[Ask] = []
    for answer in plan.answers:
        heard = step_of(answer, steps)
        card = card_of(heard, experts)
        given = [e for e in heard.inputs.values() if isinstance(e, FromStep)] if heard else []
        spoken = steps.get(given[0].step) if len(given) == 1 else None
        speaker = card_of(spoken, experts)
        words = [e for e in spoken.inputs.values() if isinstance(e, FromStep)] if spoken else []
        again = card is not None and carries(card) == "certain"
        if again and speaker is not None and reads_aloud(speaker) and len(words) == 1:
            answers.append(answer.model_copy(update={"source": words[0]}))
        else:
            answers.append(answer)
    if tuple(answers) == plan.answers:
        return None
    return without_unused(plan.model_copy(update={"answers": tuple(answers)}))


def _of_that_version(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Translate it into Portuguese and read the English aloud*: what was translated is heard."""
    steps = {each.id: each for each in plan.steps}
    for at, answer in enumerate(plan.answers):
        named = _VERSION.search(answer.ask)
        last = step_of(answer, steps)
        speaker = card_of(last, experts)
        if named is None or last is None or speaker is None or not reads_aloud(speaker):
            continue
        port, before = next(
            ((p, e) for p, e in last.inputs.items() if isinstance(e, FromStep)), ("", None)
        )
        put = steps.get(before.step) if before is not None else None
        found = _translation(put, experts)
        if before is None or put is None or found is None:
            continue
        source, code = found
        wanted = LANGUAGES[named["named"].lower()]
        others = [_translation(each, experts) for each in plan.steps]
        # What is put into another language beside it was in this one.
        there = any(each is not None and each[0] == source and each[1] != code for each in others)
        if code == wanted and not there:
            continue
        fresh = last.model_copy(update={"inputs": {**last.inputs, port: source}})
        changed = tuple(fresh if each.id == fresh.id else each for each in plan.steps)
        answers = plan.answers
        if code != wanted and not any(each.source == before for each in plan.answers):
            lead, heard = answer.ask[: named.start()], answer.ask[named.start() :]
            lead = re.sub(r"[\s,;.]*(?:\b(?:and|then|also|please)\s*)*$", "", lead) or answer.ask
            both = (Ask(ask=lead, source=before), answer.model_copy(update={"ask": heard}))
            answers = (*plan.answers[:at], *both, *plan.answers[at + 1 :])
        return without_unused(plan.model_copy(update={"steps": changed, "answers": answers}))
    return None


def _translation(step: Step | None, experts: Snapshot) -> tuple[FromStep | FromInput, str] | None:
    """Return what a step puts into another language, and into which."""
    card = card_of(step, experts)
    choice = language_port(card) if card is not None else None
    to = step.inputs.get(choice.name) if step is not None and choice is not None else None
    if step is None or not isinstance(to, Value):
        return None
    source = next((e for e in step.inputs.values() if isinstance(e, FromStep | FromInput)), None)
    return None if source is None else (source, language_code(str(to.value)) or "")


def _only_that(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Read the rules aloud, only the opening hours*: what is read is what is said about them."""
    reader = who_answers(experts)
    context = context_port(reader) if reader is not None else None
    if reader is None or context is None or not 1 <= len(plan.answers) <= _TWO:
        return None
    steps = {each.id: each for each in plan.steps}
    first, second = plan.answers[0], plan.answers[-1]
    only = _ONLY.search(second.ask)
    if only is None or _BY_PLACE.search(only["what"]) or not isinstance(first.source, FromStep):
        return None
    asked = step_of(second, steps)
    if second is first:
        if not _MADE_OF.search(first.ask):
            return None
        asked = None
    elif asked is None or asked.expert != reader.id:
        return None
    text = asked.inputs.get(context.name) if asked is not None else _text(first, steps, experts)
    uses = [each for each in plan.steps if each is not asked and text in each.inputs.values()]
    if text is None or len(uses) != 1 or uses[0].expert == reader.id:
        return None
    what = only["what"].strip(" .?!")
    found = Step(
        id=next(fresh_ids(plan.steps)),
        expert=reader.id,
        inputs=question_to(reader, f"What are {what}?" if _bare(what) else what, text),
        ask=what,
    )
    last = uses[0]
    inputs = {p: FromStep(step=found.id) if e == text else e for p, e in last.inputs.items()}
    changed = last.model_copy(update={"inputs": inputs})
    rest = [changed if each.id == last.id else each for each in plan.steps]
    whole = first.ask if second is first else f"{first.ask.rstrip(' .,;')}, {second.ask}"
    answers = (first.model_copy(update={"ask": whole}),)
    return without_unused(plan.model_copy(update={"steps": (*rest, found), "answers": answers}))


def _text(answer: Ask, steps: Mapping[StepId, Step], experts: Snapshot) -> Binding | None:
    """Return the text that an answer is made of, read or as it was given."""
    source: Binding = answer.source
    while isinstance(source, FromStep):
        step = steps.get(source.step)
        card = card_of(step, experts)
        made = (
            [e for e in step.inputs.values() if isinstance(e, FromStep | FromInput)] if step else []
        )
        if card is None or len(made) != 1 or (step is not None and step.foreach is not None):
            return None
        reads = carries(card) == "certain" and language_port(card) is None
        if reads and not reads_aloud(card):
            return source
        source = made[0]
    return source if isinstance(source, FromInput) else None


def _bare(what: str) -> bool:
    """Say whether words only name a thing: *the opening hours*."""
    return what.lower().startswith("the ")


def _with(plan: Plan, fresh: Step) -> Plan:
    steps = tuple(fresh if each.id == fresh.id else each for each in plan.steps)
    return without_unused(plan.model_copy(update={"steps": steps}))


__all__ = ("said_and_heard",)

"""See to it that each product that a request names is there: the notes and the file, the text and its sound.

A plan that makes one thing out of another shows the last one. Where the words name the one before as well
(*write the note down and put it into Portuguese*), or another thing that the same expert gives (*what notes
are these? I want the MIDI file*), that is shown, too.
"""

from __future__ import annotations

import re

from herd_graph.conversions import carries
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import (
    card_of,
    fresh_ids,
    is_sound,
    question_to,
    step_of,
    who_answers,
    without_unused,
)
from herd_graph.routing.neural.asking import asks_one
from herd_graph.routing.parameters import language_port, reads_aloud, speaks
from herd_graph.routing.tongues import languages
from herd_graph.tasks import Task
from herd_graph.types import Kind

_MOST = 400
"""Letters of a request that is looked at."""
_WRITES = re.compile(
    r"\b(?:write down|transcribe|type (?:up|out)|note down|put in writing) (?:the|this|that|my|our) (?:\w+ )?(?:note|recording|memo|message|call|audio|clip|interview|speech)"
    r"(?=\s*(?:[.,;!]|and\b|then\b))",
    re.IGNORECASE,
)
_SUBTITLES = re.compile(r"\b(?:subtitles?|captions?|srt|vtt)\b", re.IGNORECASE)
_JOINT = re.compile(r"\s*,?\s*\b(?:plus|and also|and|as well as|also)\b\s+", re.IGNORECASE)
_SAID = re.compile(r"\b(?:said|spoken|speech|transcript|words|text)\b", re.IGNORECASE)
_SOUGHT = re.compile(
    r"^\W*(?:(?:and|then|please|also) )*(?:find|give|get|tell|show|look up|pick out|note)(?: me| us)?(?: out)?\b(?P<what>.*\b(?:address|f?ph?one(?: number)?|telephone(?: number)?|number|date|time|name|e-?mail|website|postcode)\b.*)",
    re.IGNORECASE,
)
_PRINTED = re.compile(
    r"\b(?:address|phone|telephone|e-?mail|website|postcode|date|time)\b", re.IGNORECASE
)
_OUTSIDE = re.compile(
    r"\b(?:online|internet|web|google|map|number of|nearest|near (?:me|us))\b", re.IGNORECASE
)
_HEARD_IN = re.compile(
    r"^\W*(?:(?:please|can you|could you) )*(?:say|write|put|give(?: me)?|translate|i (?:need|want))\W+"
    r"(?:'(?P<a>[^\n]+)'|\"(?P<b>[^\"\n]+)\"|“(?P<c>[^”\n]+)”|\u2018(?P<d>[^\n]+)\u2019)"
    r" (?:in|into) (?P<text>[a-z]+),? and (?:also )?(?:as |an? )?(?:audio|sound|speech|spoken|aloud|read aloud|out loud|sound file|audio file|voice)(?: file)? in (?P<sound>[a-z]+)\W*$",
    re.IGNORECASE,
)
_READ_THAT = re.compile(
    r"^\W*(?:(?:and|then|now|please) )*(?:read|say|speak) (?:it|that|this|them)(?: to me)?(?: aloud| out loud| out)?(?: please)?\W*$",
    re.IGNORECASE,
)


def also_wanted(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan that shows each of the things that the words name.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    if len(task.text) > _MOST:
        return plan
    for made in (
        _other_output(plan, task, experts),
        _with_subtitles(plan, task, experts),
        _written_down(plan, task, experts),
        _sought(plan, experts),
        _sought_alone(plan, task, experts),
        _told_and_heard(plan, task, experts),
        _heard_as_shown(plan, experts),
        _translation_named(plan, task, experts),
    ):
        if made is not None and is_sound(made, task, experts):
            return made
    return plan


def _other_output(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*What notes are these? I want the MIDI file*: one expert gives both."""
    if len(plan.answers) != 1 or not isinstance(plan.answers[0].source, FromStep):
        return None
    answer = plan.answers[0]
    source = plan.answers[0].source
    step = next((each for each in plan.steps if each.id == source.step), None)
    card = card_of(step, experts)
    if card is None or len(card.outputs) < 2 or not source.output:
        return None
    for port in card.outputs:
        named = re.compile(
            rf"\b(?:what|which|list|show(?: me)?|tell me|name)\b(?: are| is)?(?: the| all)* {re.escape(port.name)}\b",
            re.IGNORECASE,
        )
        if port.name != source.output and named.search(task.text):
            pieces = [each.strip() for each in re.split(r"(?<=[?.!])\s+", task.text.strip())]
            mine = next((each for each in pieces if named.search(each)), answer.ask)
            rest = next((each for each in pieces if source.output in each.lower()), answer.ask)
            first = Ask(ask=mine, source=FromStep(step=source.step, output=port.name))
            both = (first, answer.model_copy(update={"ask": rest}))
            return plan.model_copy(update={"answers": both})
    return None


def _translated(plan: Plan, experts: Snapshot, at: int) -> tuple[Step, Step] | None:
    """Return the step that puts words into another language for an answer, and the one that hears them."""
    steps = {each.id: each for each in plan.steps}
    source = plan.answers[at].source
    last = steps.get(source.step) if isinstance(source, FromStep) else None
    card = card_of(last, experts)
    if last is None or card is None or language_port(card) is None:
        return None
    held = [each for each in last.inputs.values() if isinstance(each, FromStep)]
    first = steps.get(held[0].step) if len(held) == 1 else None
    hears = card_of(first, experts)
    if first is None or hears is None or carries(hears) != "certain":
        return None
    kinds = {kind for port in hears.inputs if port.required for kind in port.kinds}
    return (last, first) if kinds & {Kind.AUDIO, Kind.VIDEO} else None


def _with_subtitles(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Subtitles as srt, plus a Portuguese version of what is said*: two things."""
    found = _translated(plan, experts, 0) if len(plan.answers) == 1 else None
    halves = [each.strip(" .?!") for each in _JOINT.split(task.text.strip()) if each.strip()]
    if found is None or len(halves) != 2 or not _SUBTITLES.search(halves[0]):
        return None
    foreign = [any(e.code != "en" for e in languages(each)) for each in halves]
    if foreign != [False, True] or _SUBTITLES.search(halves[1]) or _is_deed(halves[1]):
        return None
    last, first = found
    steps = list(plan.steps)
    if _SAID.search(halves[1]) and "form" in first.inputs:
        fresh = next(fresh_ids(plan.steps))
        inputs = {name: each for name, each in first.inputs.items() if name != "form"}
        plain = first.model_copy(update={"id": fresh, "inputs": inputs, "ask": halves[1]})
        told: dict[str, Binding] = {
            name: FromStep(step=fresh) if isinstance(each, FromStep) else each
            for name, each in last.inputs.items()
        }
        changed = last.model_copy(update={"inputs": told})
        steps = [each for each in steps if each.id != last.id] + [plain, changed]
    answers = (
        Ask(ask=halves[0], source=FromStep(step=first.id)),
        Ask(ask=halves[1], source=plan.answers[0].source),
    )
    return plan.model_copy(update={"steps": tuple(steps), "answers": answers})


def _is_deed(half: str) -> bool:
    """Say whether the second half is what is done with the first: *and translate them*."""
    return re.search(r"\b(?:translate|put|turn|convert|them|it)\b", half, re.IGNORECASE) is not None


def _written_down(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Write down the voice note and put it into Portuguese*: what is written down is shown."""
    asked = _WRITES.search(task.text)
    if asked is None:
        return None
    for at in range(len(plan.answers)):
        found = _translated(plan, experts, at)
        if found is None:
            continue
        shown = FromStep(step=found[1].id)
        if any(each.source == shown for each in plan.answers):
            return None
        words = Ask(ask=asked.group(), source=shown)
        return plan.model_copy(update={"answers": (*plan.answers[:at], words, *plan.answers[at:])})
    return None


def _sought(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Find the shop's address*, *what's his number?*, beside a text that is read: questions to the text."""
    reader = who_answers(experts)
    text = _text_of(plan, experts)
    if reader is None or text is None or not plan.unmet:
        return None
    steps, answers, left = list(plan.steps), list(plan.answers), list[str]()
    fresh = fresh_ids(plan.steps)
    for each in plan.unmet:
        wish = each.partition(": ")[0]
        sought = _SOUGHT.match(wish)
        asks = sought is None and asks_one(wish)
        if _OUTSIDE.search(wish) or not (asks or sought):
            left.append(each)
            continue
        question = f"What is {sought['what'].strip(' .?!')}?" if sought is not None else wish
        told = question_to(reader, question, text)
        step = Step(id=next(fresh), expert=reader.id, inputs=told, ask=wish)
        steps.append(step)
        answers.append(Ask(ask=wish, source=FromStep(step=step.id)))
    if len(left) == len(plan.unmet):
        return None
    update = {"steps": tuple(steps), "answers": tuple(answers), "unmet": tuple(left)}
    reason = plan.reason if left else ""
    return plan.model_copy(update={**update, "reason": reason})


def _sought_alone(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Find the address of the shop*, of one picture: what is printed in it is read, and asked."""
    inputs = task.inputs
    if not plan.abstained or len(inputs) != 1 or not _PRINTED.search(task.text):
        return None
    name, port = next(iter(inputs.items()))
    if port.kinds != (Kind.IMAGE,) or port.many:
        return None
    for card in experts.latest:
        required = [each for each in card.inputs if each.required]
        reads = carries(card) == "certain" and card.outputs[0].kind is Kind.TEXT
        if reads and len(required) == 1 and required[0].kinds == (Kind.IMAGE,):
            given: dict[str, Binding] = {required[0].name: FromInput(input=name)}
            step = Step(id=next(fresh_ids(())), expert=card.id, inputs=given, ask=task.text)
            unmet = (f"{task.text.strip()}: ",)
            read = Plan(steps=(step,), inputs=inputs, unmet=unmet, author=plan.author)
            return _sought(read, experts)
    return None


def _text_of(plan: Plan, experts: Snapshot) -> Binding | None:
    """Return the one text that a plan reads; none where there are several, or no text is read."""
    read: list[FromStep] = []
    for step in plan.steps:
        card = card_of(step, experts)
        if card is None or carries(card) != "certain" or language_port(card) is not None:
            continue
        given = [each for each in step.inputs.values() if isinstance(each, FromInput)]
        if card.outputs[0].kind is Kind.TEXT and given and step.foreach is None:
            read.append(FromStep(step=step.id))
    if not read and len(plan.inputs) == 1:
        ((name, port),) = plan.inputs.items()
        return FromInput(input=name) if port.kinds == (Kind.TEXT,) and not port.many else None
    return read[0] if len(read) == 1 else None


def _told_and_heard(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Say 'the gate is closed' in Portuguese and as audio in English*: a text, and a sound."""
    found = _HEARD_IN.match(" ".join(task.text.split())) if not task.attachments else None
    found = None if plan.inputs else found
    speaker = next((card for card in experts.latest if reads_aloud(card)), None)
    if found is None or speaker is None:
        return None
    said = next(found[each] for each in "abcd" if found[each])
    codes = [next((e.code for e in languages(found[each])), "") for each in ("text", "sound")]
    if codes[0] == codes[1] or codes[1] != "en" or codes[0] in {"", "en"}:
        return None
    translator = next((card for card in experts.latest if speaks(card, codes[0])), None)
    choice = language_port(translator) if translator is not None else None
    if translator is None or choice is None:
        return None
    content = next(each.name for each in translator.inputs if each.required and each != choice)
    ids = fresh_ids(())
    one, two = next(ids), next(ids)
    told: dict[str, Binding] = {
        content: Value(value=said),
        choice.name: Value(value=speaks(translator, codes[0])),
    }
    heard: dict[str, Binding] = {
        next(each.name for each in speaker.inputs if each.required): Value(value=said)
    }
    asks = (f"in {found['text']}", f"as audio in {found['sound']}")
    steps = (
        Step(id=one, expert=translator.id, inputs=told, ask=asks[0]),
        Step(id=two, expert=speaker.id, inputs=heard, ask=asks[1]),
    )
    answers = (
        Ask(ask=asks[0], source=FromStep(step=one)),
        Ask(ask=asks[1], source=FromStep(step=two)),
    )
    return Plan(steps=steps, answers=answers, author=plan.author)


def _heard_as_shown(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Write a headline and read that aloud*: what is heard is the headline that is shown."""
    if len(plan.answers) != 2 or not _READ_THAT.match(plan.answers[1].ask):
        return None
    steps = {each.id: each for each in plan.steps}
    made: list[tuple[Step, Step]] = []
    for each in plan.answers:
        last = step_of(each, steps)
        card = card_of(last, experts)
        held = [e for e in last.inputs.values() if isinstance(e, FromStep)] if last else []
        if last is None or card is None or not reads_aloud(card) or len(held) != 1:
            return None
        made.append((last, steps[held[0].step]))
    (sound, text), (_, again) = made
    if text.expert != again.expert:
        return None
    answers = (
        plan.answers[0].model_copy(update={"source": FromStep(step=text.id)}),
        plan.answers[1].model_copy(update={"source": FromStep(step=sound.id)}),
    )
    return without_unused(plan.model_copy(update={"answers": answers}))


_NAMED = re.compile(
    r"\b(?P<what>translate\b[^.?!;]*?),? (?:and|then)(?: then)? (?:read|say|speak|play) (?:me |out )?(?:the|your) translation\b",
    re.IGNORECASE,
)


def _translation_named(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Translate the rules and read the translation aloud*: it is named as a thing of its own."""
    named = _NAMED.search(task.text)
    if named is None:
        return None
    steps = {each.id: each for each in plan.steps}
    shown = {each.source.step for each in plan.answers if isinstance(each.source, FromStep)}
    for at, answer in enumerate(plan.answers):
        last = step_of(answer, steps)
        card = card_of(last, experts)
        held = [e for e in last.inputs.values() if isinstance(e, FromStep)] if last else []
        if card is None or not reads_aloud(card) or len(held) != 1 or held[0].step in shown:
            continue
        made = card_of(steps.get(held[0].step), experts)
        if made is not None and language_port(made) is not None:
            text = Ask(ask=named["what"], source=held[0])
            answers = (*plan.answers[:at], text, *plan.answers[at:])
            return plan.model_copy(update={"answers": answers})
    return None


__all__ = ("also_wanted",)

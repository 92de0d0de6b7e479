"""Mend a finished plan where the words of the request plainly say otherwise.

Whoever writes plans wish by wish does not see what one wish owes to another: that *back to English*
means what has just been translated, that *345 minus that* means the number before, that two kinds of
names are looked for in both of two files. Each mend here is of one such kind, small, and kept only
where the plan checker has nothing against it.
"""

from __future__ import annotations

import re
from itertools import pairwise

from herd_graph.cards import ExpertCard
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, is_sound, without_unused
from herd_graph.routing.leaning import carried
from herd_graph.routing.repeated import made_once
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_BACK = re.compile(r"\bback (?:again )?(?:in)?to\b|\band back\b", re.IGNORECASE)
_IN_BOTH = re.compile(
    r"\b(?:in|from|of) (?:the|my|our|this|his|her) [\w' -]{2,30},? and (?:(?:in|from|of) )?(?:the|my|our|this|his|her) [\w' -]{2,30}\W*$",
    re.IGNORECASE,
)
_BARE_PLACE = re.compile(
    r"\W*(?:and )?(?:in|from|of) (?:the|my|our|this|his|her) [\w' -]{2,30}\W*", re.IGNORECASE
)
"""*…, and in the mail*: the same is looked for there."""
_WHERE = re.compile(r"\b(?:in|from|of) (?:the|my|our|this|his|her)\b", re.IGNORECASE)
_THAT = re.compile(
    r"\b(minus|plus|times|divided by|multiplied by|by|from|of|half|twice|double|triple|add|subtract|to)"
    r" (?:that|this|it|the (?:result|answer))\b(?: (?:number|amount|result|sum|figure))?",
    re.IGNORECASE,
)
_SUM = re.compile(r"[\d\s.+*/()-]*\d[\d\s.+*/()-]*")
_WRITTEN = re.compile(r"\b(letters?|e-?mails?|mails?|essay|article|minutes|rules)\b", re.IGNORECASE)
_SEEN = re.compile(
    r"posters?|signs?|receipts?|menus?|photos?|pictures?|images?|tickets?|maps?|logos?|plates?|screenshots?|scans?|bills?|labels?|cards?|invoices?|flyers?",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"\b(?:that|this) (?:sentence|passage|part|line)\b", re.IGNORECASE)
_SHOWS_IT = re.compile(
    r"^\W*(?:(?:and|then|please) )*(?:(?:can|could) you )?(?:show|give|quote|cite|tell|read)(?: me| us)?(?: out)? (?:the|that|this) (?:exact )?(?:sentence|passage|line|words|part)s?"
    r"(?: (?:where|in which|that says|it says)\b.*)?(?: in english)?\W*$",
    re.IGNORECASE,
)
"""*Show me the sentence*: who answered the question before has quoted it."""
_ASKS = re.compile(r"^\W*(?:what|where|when|who|which|how)\b", re.IGNORECASE)
_DEED = re.compile(
    r"^\W*(?:(?:please|can you|could you|and|then) )*"
    r"(?:order|buy|book|reserve|phone|ring|pay|print|post|upload|deliver|hire)\b",
    re.IGNORECASE,
)
"""What is done out in the world: no expert that reads and writes does it."""


def second_look(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return the plan with the mend that its words call for and that the plan checker passes.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    for made in _mended(plan, task, experts):
        if is_sound(made, task, experts):
            plan = made
            break
    told = carried(plan, experts)
    if told is not None and is_sound(told, task, experts):
        return told
    return plan


def _mended(plan: Plan, task: Task, experts: Snapshot) -> list[Plan]:
    """Return what each mend makes of a plan; a request seldom calls for more than one."""
    made = (
        _back_again(plan, experts),
        _number_before(plan, experts),
        _in_both(plan, task, experts),
        _written_one(plan, task, experts),
        _undone_deed(plan, task),
        _sentence_found(plan, experts),
        _sentence_shown(plan, experts),
        made_once(plan),
    )
    return [each for each in made if each is not None]


def _tagged(plan: Plan, experts: Snapshot, tag: str) -> list[tuple[Step, ExpertCard]]:
    """Return the steps whose experts bear a tag, in the order of the plan."""
    found = [(step, card_of(step, experts)) for step in plan.steps]
    return [(step, card) for step, card in found if card is not None and tag in card.tags]


def _said(plan: Plan, step: Step) -> str:
    """Return the wish that a step's result answers, or nothing."""
    return next(
        (each.ask for each in plan.answers if each.source == FromStep(step=step.id)),
        "",
    )


def _first_port(card: ExpertCard) -> str:
    return next(each.name for each in card.inputs if each.required)


def _with(plan: Plan, step: Step, port: str, binding: Binding) -> Plan:
    fresh = step.model_copy(update={"inputs": {**step.inputs, port: binding}})
    steps = tuple(fresh if each.id == step.id else each for each in plan.steps)
    return plan.model_copy(update={"steps": steps})


def _back_again(plan: Plan, experts: Snapshot) -> Plan | None:
    """*To Portuguese, then back to English*: the second translates what the first made."""
    found = _tagged(plan, experts, "translation")
    for (one, card), (two, other) in pairwise(found):
        port, same = _first_port(card), _first_port(other)
        if _BACK.search(_said(plan, two)) and one.inputs.get(port) == two.inputs.get(same):
            return _with(plan, two, same, FromStep(step=one.id))
    return None


def _number_before(plan: Plan, experts: Snapshot) -> Plan | None:
    """*12% of 345, and 345 minus that*: the number of the wish before is put in."""
    found = _tagged(plan, experts, "calculator")
    for (one, card), (two, other) in pairwise(found):
        port, same = _first_port(card), _first_port(other)
        known, open_ = one.inputs.get(port), two.inputs.get(same)
        if not isinstance(known, Value) or not isinstance(open_, Value):
            continue
        before = str(known.value)
        text = _said(plan, two) if known == open_ else str(open_.value)
        if _SUM.fullmatch(before) and len(_THAT.findall(text)) == 1:
            told = _THAT.sub(lambda hit, put=before: f"{hit[1]} ({put})", text)
            return _with(plan, two, same, Value(value=told))
    return None


def _in_both(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Names and amounts in the letter and the mail*: both kinds are looked for in each file."""
    found = _tagged(plan, experts, "entities")
    if len(found) != 2 or found[0][1] is not found[1][1]:
        return None
    (one, card), (two, _) = found
    port = _first_port(card)
    first, last = _said(plan, one), _said(plan, two)
    flat = " ".join(task.text.split())
    start, end = flat.find(first.strip()), flat.find(last.strip())
    texts = (one.inputs.get(port), two.inputs.get(port))
    asks = next((each.name for each in card.inputs if each.name == "request"), None)
    if texts[0] == texts[1] or not first or not last or not 0 <= start < end or asks is None:
        return None
    bare = _BARE_PLACE.fullmatch(last) is not None and _WHERE.search(first)
    if not bare and (_WHERE.search(first) or not _IN_BOTH.search(last)):
        return None
    whole = flat[start : end + len(last.strip())]
    for each in (one, two):
        plan = _with(plan, each, asks, Value(value=whole))
    ids = {str(one.id), str(two.id)}
    answers = tuple(
        Ask(ask=whole, source=each.source)
        if isinstance(each.source, FromStep) and str(each.source.step) in ids
        else each
        for each in plan.answers
    )
    return plan.model_copy(update={"answers": answers})


def _written_one(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*The letter*, beside a picture whose name says that it is something else, is the text."""
    ports = task.inputs
    texts = [name for name, port in ports.items() if Kind.TEXT in port.kinds]
    seen = [name for name, port in ports.items() if Kind.IMAGE in port.kinds]
    if len(ports) != 2 or len(texts) != 1 or len(seen) != 1:
        return None
    if not _WRITTEN.search(task.text) or re.search(rf"\b(?:{_SEEN.pattern}|both|each)\b", task.text, re.IGNORECASE):  # fmt: skip
        return None
    named = re.split(r"[^A-Za-z]+", ports[seen[0]].description)
    if not any(_SEEN.fullmatch(each) for each in named):
        return None
    text, picture = FromInput(input=texts[0]), FromInput(input=seen[0])
    using = [each for each in plan.steps if picture in each.inputs.values()]
    if len(using) != 1 or any(text in each.inputs.values() for each in plan.steps):
        return None
    reads = using[0]
    card = card_of(reads, experts)
    result = FromStep(step=reads.id)
    if card is None or "ocr" not in card.tags or any(a.source == result for a in plan.answers):
        return None
    steps: list[Step] = []
    for each in plan.steps:
        inputs = {port: text if held == result else held for port, held in each.inputs.items()}
        if each.id != reads.id:
            steps.append(each.model_copy(update={"inputs": inputs}))
    return plan.model_copy(update={"steps": tuple(steps)})


def _undone_deed(plan: Plan, task: Task) -> Plan | None:
    """*Order tables online and read the poster*: what is not done is the ordering."""
    flat = " ".join(task.text.split()).strip(" .?!")
    if len(plan.unmet) != 1 or len(plan.answers) != 1:
        return None
    left, colon, why = plan.unmet[0].partition(": ")
    left, answer = left.strip(" .?!"), plan.answers[0]
    at = flat.rfind(left)
    if at <= 0 or at + len(left) != len(flat) or _DEED.match(left):
        return None
    deed = re.sub(r"[\s,;.]*\b(?:and|then)?\s*$", "", flat[:at]).strip(" ,.;")
    if not _DEED.match(deed) or not _names_work(left, answer, plan):
        return None
    told = answer.model_copy(update={"ask": left})
    reason = plan.reason.replace(left, deed)
    return plan.model_copy(
        update={"unmet": (f"{deed}{colon}{why}",), "answers": (told,), "reason": reason}
    )


def _sentence_found(plan: Plan, experts: Snapshot) -> Plan | None:
    """*What does it say of buses? Translate that sentence*: the answer's sentence goes on, not the whole text.

    Passages that were searched for are no text that another expert takes; who answers the question
    from the text quotes the sentence.
    """
    answers_it = next(
        (card for card in experts.latest if card.input("message") and card.input("context")), None
    )
    found = _tagged(plan, experts, "passages")
    if answers_it is None or len(found) != 1 or len(plan.answers) != 2:
        return None
    search, card = found[0]
    asked, wish = plan.answers
    source, result = search.inputs.get(_first_port(card)), FromStep(step=search.id)
    if asked.source != result or not _ASKS.match(asked.ask) or not _SENTENCE.search(wish.ask):
        return None
    last = next((each for each in plan.steps if FromStep(step=each.id) == wish.source), None)
    works = card_of(last, experts)
    if last is None or works is None or source is None:
        return None
    port = _first_port(works)
    between = next((e for e in plan.steps if FromStep(step=e.id) == last.inputs.get(port)), None)
    if last.inputs.get(port) != source:
        if between is None or source not in between.inputs.values() or between is search:
            return None
        rest = [each for each in plan.steps if each is not between]
    else:
        rest = list(plan.steps)
    told: dict[str, Binding] = {"message": Value(value=asked.ask), "context": source}
    fresh = {
        search.id: search.model_copy(
            update={"expert": answers_it.id, "inputs": told, "fallbacks": ()}
        ),
        last.id: last.model_copy(update={"inputs": {**last.inputs, port: result}}),
    }
    return plan.model_copy(update={"steps": tuple(fresh.get(each.id, each) for each in rest)})


def _sentence_shown(plan: Plan, experts: Snapshot) -> Plan | None:
    """*Does it mention nuts? Show me the sentence*: one answer, which quotes it."""
    if len(plan.answers) < 2:
        return None
    for asked, wish in pairwise(plan.answers):
        source = asked.source.step if isinstance(asked.source, FromStep) else None
        step = next((each for each in plan.steps if each.id == source), None)
        card = card_of(step, experts)
        if card is None or not _SHOWS_IT.match(wish.ask):
            continue
        if not ("passages" in card.tags or card.input("context") is not None):
            continue
        both = Ask(ask=f"{asked.ask} {wish.ask}", source=asked.source)
        rest = [both if each is asked else each for each in plan.answers if each is not wish]
        return without_unused(plan.model_copy(update={"answers": tuple(rest)}))
    return None


def _names_work(wish: str, answer: Ask, plan: Plan) -> bool:
    """Say whether a wish begins with the word for what the answering step does: *read*, *translate*."""
    source = answer.source.step if isinstance(answer.source, FromStep) else StepId("")
    step = next((each for each in plan.steps if each.id == source), None)
    verb = re.match(r"\W*(?:(?:and|then|please|also) )*(\w+)", wish)
    name = (step.expert or "").partition("@")[0] if step is not None else ""
    return bool(verb) and name.partition("_")[0] == verb[1].lower()


__all__ = ("second_look",)

"""What is asked of files as files: how long a recording is, how many pages, subtitles, an MP3.

A planner that reads requests for what experts do with contents passes such wishes over: it listens to a
recording to say how long it is. They are worded alike everywhere, so they are found by their words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import check
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import alone, card_of, fresh_ids
from herd_graph.routing.clauses import flattened
from herd_graph.routing.parameters import content_ports, language_port, speaks
from herd_graph.routing.tongues import languages
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_MOST = 240
"""Letters of a request that may be about files as such."""
_SOUND = r"recordings?|audio|songs?|tunes?|tracks?|memos?|messages?|calls?|notes?|voice ?(?:notes?|memos?|mails?|messages?)|podcasts?|melod(?:y|ies)|wav|mp3"
_FILM = r"videos?|films?|clips?|movies?|mp4"
_IMAGE = r"pictures?|photos?|images?|screenshots?|scans?|jpe?g|png"
_PAPER = r"pdfs?|documents?|reports?|letters?|texts?|contracts?|attachments?|files?"
_THE = r"(?:the|this|that|my|our|these|those|each|all|both|two|three|four|of|it|an?|[a-z]+['’]s)"
_FACT = re.compile(
    rf"^how (?:long|many (?:seconds|minutes|hours)(?: long)?) (?:is|are|does|do|lasts?|has)\b(?: {_THE})*(?: (?:whole|attached|voice))?(?: (?:{_SOUND}|{_FILM}|files?))?(?: (?:last|take|run|go on|long|have))?$"
    rf"|^how long(?: {_THE})+(?: (?:{_SOUND}|{_FILM}|files?))? (?:is|are|lasts?|takes?)$"
    rf"|\b(?:length|duration|running time)\b(?: (?:of|in (?:seconds|minutes)))*(?: {_THE})*(?: (?:{_SOUND}|{_FILM}|files?))?$"
    rf"|\b(?:sample|sampling|frame) ?rate\b|\bfps\b|\bframes per second\b|\b(?:mono or stereo|stereo or mono)\b"
    rf"|\b(?:resolution|pixel (?:size|dimensions)|dimensions)\b(?: (?:of|does|is|has|have|in pixels))*(?: {_THE})*(?: (?:{_IMAGE}|{_FILM}|have|in pixels))*$"
    rf"|\b(?:size|big|large|wide|high|tall)\b.*\bin pixels\b|\bhow many (?:mega)?pixels\b"
    rf"|\bhow many pages (?:does|do|has|have|are|is)\b(?: (?:there|in))*(?: {_THE})*(?: (?:{_PAPER}|have|has|long))*$|\b(?:number of pages|page count)\b"
    rf"|^how many words (?:does|has|are|is)\b(?: (?:there|in))*(?: {_THE})*(?: (?:{_PAPER}|have|has|long))*$|\bword count\b"
    rf"|^how (?:big|large|heavy) (?:is|are)(?: {_THE})*(?: (?:attached|sound|video|image))?(?: (?:files?|attachments?|pdfs?|{_SOUND}|{_FILM}))$|\bfile ?size\b|\bsize of (?:the|this) file\b"
    rf"|^which(?: {_THE})*(?: (?:one|{_SOUND}|{_FILM}|{_IMAGE}|{_PAPER}))?(?: {_THE})*(?: (?:{_SOUND}|{_FILM}|{_IMAGE}|{_PAPER}))? (?:is|lasts?|has)(?: the)? (?:longer|longest|shorter|shortest|bigger|biggest|larger|largest|smaller|smallest|(?:more|most|fewer|fewest) pages)$"
    rf"|\bhow many (?:kb|mb|kilobytes|megabytes|bytes)\b",
    re.IGNORECASE,
)
_LASTS = re.compile(r"^\W*(?:and )?how long (?:is|are) (?:it|this|that|they)\W*$", re.IGNORECASE)
_WHICH = re.compile(r"\bwhich\b", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:(?:and|also|please|pls|can you|could you|tell me|say|let me know|i(?:'d| would) like to know|what(?:'s| is| are)|just|so|then|show me|give me)\b[\s,:]*)+",
    re.IGNORECASE,
)
_PIECES = re.compile(
    r"\s*[?.!;]+(?:\s+|$)|\s*,?\s+\b(?:and|then|also|plus)\s+"
    r"|\s*,\s+(?=(?:what|who|when|where|which|how|is|are|does|summari[sz]e|give|tell)\b)",
    re.IGNORECASE,
)
_SUBTITLES = re.compile(
    r"\b(?:subtitles?|captions?|srt|vtt|legendas)\b|\b(?:transcri\w+|text|words|everything|said|speech)\b.{0,40}\b(?:with|including) (?:the )?(?:times?|time ?codes?|time ?stamps?)\b|\btime-?stamped\b|\btimed transcript\b",
    re.IGNORECASE,
)
_FORMS = ("mp3", "ogg", "flac", "srt", "vtt")


def of_files(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which what is asked of files as such is answered by who knows.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    if len(task.text) > _MOST:
        return plan
    made = _subtitled(plan, task, experts) or _spoken(plan, task, experts) or plan
    made = _in_form(made, task.text, experts)
    made = _with_facts(made, task, experts) or made
    return plan if made is not plan and check(made, experts) else made


def is_fact(piece: str) -> bool:
    """Say whether a wish is for what can be said of a file without looking at its contents."""
    bare = _POLITE.sub("", " ".join(piece.split())).strip(" ?.!,")
    asked = re.search(
        r"\b(?:how|what|which|is|are|does|length|duration|rate|count)\b", piece, re.IGNORECASE
    )
    return bool(asked or len(bare.split()) < 6) and _FACT.search(bare) is not None


def _with_facts(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    pieces = [each.strip(" ,") for each in _PIECES.split(task.text) if each.strip(" ,")]
    # Of one file alone, "which one is biggest" asks for what is in it.
    one = len(task.attachments) == 1
    asked = [each for each in pieces if is_fact(each) and not (one and _WHICH.search(each))]
    lasts = any(set(each.kinds) & {Kind.AUDIO, Kind.VIDEO} for each in task.inputs.values())
    if not lasts and len(pieces) > 1:  # how long a lease is, the lease says
        asked = [each for each in asked if not _LASTS.match(each)]
    card = next(
        (each for each in experts.latest if "file type" in each.tags and _takes_any(each)), None
    )
    if not asked or card is None or not task.attachments:
        return None
    rest = [each for each in pieces if each not in asked]
    answers = [each for each in plan.answers if not _is_of(each.ask, asked, rest)]
    if rest and plan.answers and len(answers) > len(rest):
        whole = " ".join(task.text.split())
        answers = [each for each in answers if " ".join(each.ask.split()) != whole] or answers
    kept = _reached([each.source for each in answers], plan.steps)
    steps = [each for each in plan.steps if each.id in kept] if rest else []
    if len(answers) == 1 and len(rest) == 1:
        # What is asked of the file itself is nothing for who reads it.
        whole, bare = answers[0].ask, rest[0]
        steps = [_reworded(each, whole, bare) for each in steps]
        answers = [answers[0].model_copy(update={"ask": bare})]
    answers = answers if rest else []
    fresh = fresh_ids(plan.steps)
    facts: list[Ask] = []
    port = next(each for each in card.inputs if each.required)
    said = " / ".join(asked)
    for name in _meant(asked, task.inputs):
        step = Step(
            id=next(fresh), expert=card.id, inputs={port.name: FromInput(input=name)}, ask=said
        )
        steps.append(step)
        facts.append(Ask(ask=said, source=FromStep(step=step.id)))
    if not facts:
        return None
    unmet = plan.unmet if answers or not rest else (*plan.unmet, *rest)
    told = {flattened(each.ask) for each in answers}
    unmet = tuple(each for each in unmet if flattened(each.partition(": ")[0]) not in told)
    flat = " ".join(task.text.split())
    said_first = sorted((*facts, *answers), key=lambda each: _place(each.ask, flat))
    update = {
        "steps": tuple(steps),
        "answers": tuple(said_first),
        "inputs": {**task.inputs, **plan.inputs},
        "unmet": tuple(dict.fromkeys(e for e in unmet if not is_fact(e.partition(": ")[0]))),
        "reason": "",
    }
    return plan.model_copy(update=update)


def _reworded(step: Step, whole: str, bare: str) -> Step:
    """Return a step that is told one wish, and not all of them."""
    inputs: dict[str, Binding] = {
        name: Value(value=bare) if bound == Value(value=whole) else bound
        for name, bound in step.inputs.items()
    }
    return step.model_copy(update={"inputs": inputs})


def _place(ask: str, text: str) -> int:
    """Return where a wish stands in the request; at its end where it stands in other words."""
    at = text.casefold().find(" ".join(ask.split())[:12].casefold())
    return at if at >= 0 else len(text)


def _takes_any(card: ExpertCard) -> bool:
    return any(Kind.ANY in port.kinds for port in content_ports(card))


def _is_of(ask: str, asked: Sequence[str], rest: Sequence[str]) -> bool:
    """Say whether an answer is to one of these wishes, and to nothing else."""
    flat = " ".join(ask.split()).strip(" ?.!,").casefold()
    if is_fact(flat):
        return True
    others = any(each.strip(" ?.!,").casefold() in flat for each in rest)
    return not others and any(each.strip(" ?.!,").casefold() in flat for each in asked)


def _reached(sources: Sequence[Binding], steps: Sequence[Step]) -> set[str]:
    """Return the steps that these bindings need, and those that they need."""
    known = {each.id: each for each in steps}
    left = [str(each.step) for each in sources if isinstance(each, FromStep)]
    found: set[str] = set()
    while left:
        name = left.pop()
        step = known.get(StepId(name))
        if name in found or step is None:
            continue
        found.add(name)
        left += [str(each) for each in step.needs]
    return found


def _meant(asked: Sequence[str], inputs: dict[str, Port]) -> list[str]:
    """Return the files that the wishes are about: those of the kind that is named, else all."""
    said = " ".join(asked)
    kinds = {
        kind
        for words, kind in (
            (_SOUND, Kind.AUDIO), (_FILM, Kind.VIDEO), (_IMAGE, Kind.IMAGE), (r"pdfs?|pages?", Kind.DOCUMENT),
            (r"letters?|words?|texts?", Kind.TEXT),
        )
        if re.search(rf"\b(?:{words})\b", said, re.IGNORECASE)
    }  # fmt: skip
    fit = [name for name, port in inputs.items() if kinds & set(port.kinds)]
    return fit or list(inputs)


def _subtitled(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """Return a plan for subtitles where none was found: who hears writes them, who translates keeps them."""
    if not _SUBTITLES.search(task.text):
        return None
    form = _form_of(task.text)
    steps: list[Step] = []
    hears = _hearers(experts)
    held = [each for each in plan.steps if any(each.expert == card.id for card in hears)]
    if held:
        heard = {each.id for each in held}
        alone_too = _written_twice(plan, heard, experts)
        read_on, plan = alone_too is not plan, alone_too
        steps = [_set(each, experts, form) if each.id in heard else each for each in plan.steps]
        served = [each for each in plan.unmet if _SUBTITLES.search(each)]
        unmet = tuple(each for each in plan.unmet if each not in served)
        asks = [
            Ask(ask=each.partition(":")[0], source=FromStep(step=held[0].id)) for each in served
        ]
        shown = {each.source.step for each in plan.answers if isinstance(each.source, FromStep)}
        apart = read_on and held[0].id not in shown
        answers = (*asks, *plan.answers) if apart else plan.answers
        fresh: dict[str, object] = {"steps": tuple(steps), "unmet": unmet, "answers": answers}
        if not unmet:
            fresh["reason"] = ""
        return plan.model_copy(update=fresh)
    named = next(
        (
            (name, card)
            for name, port in task.inputs.items()
            for card in hears
            if _hears(card, port)
        ),
        None,
    )
    if named is None:
        return None
    name, card = named
    port = content_ports(card)[0]
    first = Step(
        id=StepId("s1"),
        expert=card.id,
        inputs={port.name: FromInput(input=name), "form": Value(value=form)},
        ask=task.text,
    )
    steps = [first]
    target = next((each.code for each in languages(task.text) if each.code != "en"), None)
    if target is not None and (translator := _translator(experts, target)) is not None:
        content = next(each for each in content_ports(translator) if each.required)
        choice = next(each for each in translator.inputs if each.choices)
        told: dict[str, Binding] = {
            content.name: FromStep(step=first.id),
            choice.name: Value(value=speaks(translator, target)),
        }
        steps.append(Step(id=StepId("s2"), expert=translator.id, inputs=told, ask=task.text))
    answer = Ask(ask=task.text, source=FromStep(step=steps[-1].id))
    return Plan(steps=tuple(steps), inputs=task.inputs, answers=(answer,), author=plan.author)


def _written_twice(plan: Plan, heard: set[StepId], experts: Snapshot) -> Plan:
    """Return a plan in which who reads on has the words alone: a summary of time codes is none.

    Who translates keeps the times of subtitles where they are.
    """
    fresh = fresh_ids(plan.steps)
    plain: dict[StepId, StepId] = {}
    steps: list[Step] = []
    for each in plan.steps:
        card = card_of(each, experts)
        if card is not None and language_port(card) is None:
            for name, bound in each.inputs.items():
                if isinstance(bound, FromStep) and bound.step in heard:
                    if bound.step not in plain:
                        plain[bound.step] = next(fresh)
                    source = FromStep(step=plain[bound.step])
                    each = each.model_copy(update={"inputs": {**each.inputs, name: source}})
        steps.append(each)
    known = {each.id: each for each in plan.steps}
    copies = [known[old].model_copy(update={"id": new}) for old, new in plain.items()]
    return plan.model_copy(update={"steps": (*copies, *steps)}) if copies else plan


def _form_of(text: str) -> str:
    low = text.lower()
    if re.search(r"\bvtt\b|\bwebvtt\b", low):
        return "vtt"
    return "srt" if re.search(r"\b(?:subtitles?|captions?|srt|legendas)\b", low) else "timed"


def _hearers(experts: Snapshot) -> list[ExpertCard]:
    return [
        card
        for card in experts.latest
        if any(port.name == "form" and "srt" in port.choices for port in card.inputs)
    ]


def _hears(card: ExpertCard, port: Port) -> bool:
    return bool(set(content_ports(card)[0].kinds) & set(port.kinds))


def _translator(experts: Snapshot, code: str) -> ExpertCard | None:
    return next((card for card in experts.latest if speaks(card, code) is not None), None)


def _set(step: Step, experts: Snapshot, form: str) -> Step:
    """Return a step with the form of its result, where it has such a choice."""
    card = card_of(step, experts)
    port = (
        next((p for p in card.inputs if p.name == "form" and form in p.choices), None)
        if card
        else None
    )
    if port is None:
        return step
    inputs: dict[str, Binding] = {**step.inputs, port.name: Value(value=form)}
    return step.model_copy(update={"inputs": inputs, "fallbacks": ()})


def _in_form(plan: Plan, text: str, experts: Snapshot) -> Plan:
    """Return a plan whose files are of the form that is asked for: *read it aloud as an mp3*."""
    form = next((each for each in _FORMS if re.search(rf"\b\.?{each}\b", text.lower())), None)
    if form is None:
        return plan
    if any(each.inputs.get("form") == Value(value=form) for each in plan.steps):
        return plan  # the others are not to be in it
    steps = tuple(_set(each, experts, form) for each in plan.steps)
    if steps == plan.steps:
        return plan
    named = re.compile(rf"\b\.?{form}\b", re.IGNORECASE)
    saves = [each for each in plan.unmet if named.search(each) and _SAVES.match(each)]
    unmet = tuple(each for each in plan.unmet if each not in saves)
    return plan.model_copy(update={"steps": steps, "unmet": unmet})


_SAVES = re.compile(
    r"^\W*(?:and |then |please )*(?:save|store|keep|give|put|export|write|make|send|as|in|an?)\b[^,.;]{0,40}$",
    re.IGNORECASE,
)
"""*Save it as an mp3* is done by who makes the file in that form."""


def _spoken(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """Return a plan that reads the one text aloud that is to become a sound file, where none was found."""
    form = next((e for e in _FORMS[:3] if re.search(rf"\b\.?{e}\b", task.text.lower())), None)
    texts = [name for name, port in task.inputs.items() if Kind.TEXT in port.kinds]
    if not plan.abstained or form is None or len(texts) != 1 or len(task.inputs) != 1:
        return None
    card = next(
        (c for c in experts.latest for p in c.inputs if p.name == "form" and form in p.choices),
        None,
    )
    if card is None or not _MAKES.search(task.text):
        return None
    inputs: dict[str, Binding] = {
        content_ports(card)[0].name: FromInput(input=texts[0]),
        "form": Value(value=form),
    }
    return alone(card, inputs, task.text, ports=task.inputs, author=plan.author)


_MAKES = re.compile(
    r"\b(?:turn|make|convert|change|record|create|give|want|need|save|as|into|to)\b", re.IGNORECASE
)


__all__ = ("is_fact", "of_files")

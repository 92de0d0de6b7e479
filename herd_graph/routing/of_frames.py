"""Read what is written in a video: on the screen at the end, on the last of its stills.

A planner knows that a video is listened to and that pictures are taken of it. What is written on one
of them needs both the picture and a reader, and is left out where it stands beside another wish.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from herd_graph.cards import ExpertCard
from herd_graph.conversions import carries
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Item, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import fresh_ids, is_sound, message_port, step_of, without_unused
from herd_graph.routing.clauses import flattened
from herd_graph.routing.parameters import role
from herd_graph.tasks import Task
from herd_graph.types import Kind

_MOST = 300
_PLACE = r"(?P<which>first|last|second|third|final|opening|closing)"
_ONE = r"(?:one|stills?|frames?|pictures?|images?|shots?|screenshots?|slides?|snapshots?|scenes?)"
_WRITTEN = re.compile(
    rf"\b(?:written|printed|text|words?|writing|captions?|titles?|scores?|numbers?|prices?|signs?|says?|shown|stands?|reads?|read)\b[^?.!]*?\b(?:on|in|of|at|from|does)\b[^?.!]*?\b(?:(?:the|its|that|each|every) )?(?:{_PLACE} {_ONE}|{_ONE}|screen)\b",
    re.IGNORECASE,
)
_END = re.compile(rf"\b{_PLACE} {_ONE}\b|\bat the (?P<edge>very end|end|start|beginning)\b", re.IGNORECASE)  # fmt: skip
_LAST = frozenset({"last", "final", "closing", "end", "very end"})
_TAKES = re.compile(
    rf"\b(?:take|grab|extract|give|get|make|pull|show|sample|save|cut|capture|i (?:need|want)|want)\b[^?.!]*\b(?:\d+|a|an|one|two|three|four|five|six|seven|eight|some|few|the)? ?{_ONE}\b|^\W*(?:\d+|one|two|three|four|five|six) {_ONE}\b",
    re.IGNORECASE,
)
_APART = re.compile(
    r"\s*[?.!;]+(?:\s+|$)|\s*,?\s+(?:and then|and also|and|then|plus)\s+(?=(?:(?:also|then|please|can you|could you) )*(?:what|which|who|when|where|how|is|are|tell|read|say|show|give|write|make|translate|subtitles?|captions?|take|grab|extract|sum|a |the )\b)|\s*,\s+(?=(?:what|which|tell|read|take|grab)\b)",
    re.IGNORECASE,
)


def read_off(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan in which what is written on a video's pictures is read.

    Args:
        plan: The plan so far.
        task: The request.
        experts: Who is there.
    """
    films = [name for name, port in task.inputs.items() if port.kinds == (Kind.VIDEO,)]
    if len(films) != 1 or len(task.inputs) != 1 or len(task.text) > _MOST:
        return plan
    pieces = [each.strip(" ,") for each in _APART.split(task.text) if each and each.strip(" ,")]
    asked = [each for each in pieces if _WRITTEN.search(each)]
    takes, reads = _takes_pictures(experts), _reads_pictures(experts)
    if len(asked) != 1 or takes is None or reads is None or len(pieces) < 2:
        return plan
    if not _END.search(asked[0]) and _reads_several(plan, takes, reads):
        return plan
    made = _read_too(plan, films[0], pieces, asked[0], takes, reads)
    return made if is_sound(made, task, experts) else plan


def _read_too(
    plan: Plan, film: str, pieces: Sequence[str], asked: str, takes: ExpertCard, reads: ExpertCard
) -> Plan:
    rest = [each for each in pieces if each != asked]
    steps = list(plan.steps)
    fresh = fresh_ids(plan.steps)
    known = {each.id: each for each in plan.steps}

    def pictures(wish: str) -> Step:
        video = next(each.name for each in takes.inputs if Kind.VIDEO in each.kinds)
        words = message_port(takes)
        inputs: dict[str, Binding] = {video: FromInput(input=film), words: Value(value=wish)}
        return Step(id=next(fresh), expert=takes.id, inputs=inputs, ask=wish)

    answers: list[Ask] = []
    for each in plan.answers:
        step = step_of(each, known)
        if step is None or step.expert == reads.id or _is_of(each.ask, asked):
            continue  # what is written is read anew, of the picture that is meant
        whole = flattened(asked) in flattened(each.ask) and len(rest) == 1
        bare = rest[0] if whole else each.ask
        answers.append(each.model_copy(update={"ask": bare}))
    stills = [each for each in rest if _TAKES.search(each)]
    shown = any(
        isinstance(each.source, FromStep) and known[each.source.step].expert == takes.id
        for each in answers
    )
    if stills and not shown:
        taken = pictures(stills[0])
        steps.append(taken)
        answers.insert(0, Ask(ask=stills[0], source=FromStep(step=taken.id)))
    found = _END.search(asked)
    which = ((found["which"] or found["edge"] or "") if found else "").lower()
    wish = "the last frame" if which in _LAST else f"the {which} frame" if which in {"first", "opening"} else asked  # fmt: skip
    wish = "the first frame" if which in {"opening", "start", "beginning"} else wish
    seen = pictures(wish)
    picture = next(each.name for each in reads.inputs if each.required)
    told = Step(
        id=next(fresh),
        expert=reads.id,
        inputs={picture: Item()},
        foreach=FromStep(step=seen.id),
        ask=asked,
    )
    answers.append(Ask(ask=asked, source=FromStep(step=told.id)))
    order = [flattened(each) for each in pieces]
    answers.sort(key=lambda each: next((at for at, said in enumerate(order) if said in flattened(each.ask) or flattened(each.ask) in said), 0))  # fmt: skip
    unmet = tuple(each for each in plan.unmet if not _is_of(each.partition(": ")[0], asked))
    update = {
        "steps": (*steps, seen, told),
        "answers": tuple(answers),
        "unmet": unmet,
        "reason": plan.reason if unmet else "",
    }
    return without_unused(plan.model_copy(update=update))


def _is_of(ask: str, piece: str) -> bool:
    """Say whether two wordings are of one wish."""
    return flattened(piece) in flattened(ask) and len(flattened(ask)) < len(flattened(piece)) + 24


def _reads_several(plan: Plan, takes: ExpertCard, reads: ExpertCard) -> bool:
    """Say whether a plan reads as many pictures as were asked for: *the text on six screenshots*."""
    counted = {
        each.id
        for each in plan.steps
        if each.expert == takes.id
        and any(isinstance(e, Value) and isinstance(e.value, int) for e in each.inputs.values())
    }
    over = (e.foreach for e in plan.steps if e.expert == reads.id)
    return any(isinstance(each, FromStep) and each.step in counted for each in over)


def _takes_pictures(experts: Snapshot) -> ExpertCard | None:
    """Return who takes pictures of a video."""
    for card in experts.latest:
        films = any(Kind.VIDEO in each.kinds for each in card.inputs if each.required)
        made = card.outputs[0]
        words = any(role(each, card) == "instruction" for each in card.inputs)
        if films and made.kind is Kind.IMAGE and made.many and words:
            return card
    return None


def _reads_pictures(experts: Snapshot) -> ExpertCard | None:
    """Return who reads what is printed in a picture."""
    for card in experts.latest:
        required = [each for each in card.inputs if each.required]
        prints = card.outputs[0].kind is Kind.TEXT and carries(card) == "certain"
        if prints and len(required) == 1 and required[0].kinds == (Kind.IMAGE,):
            return card
    return None


__all__ = ("read_off",)

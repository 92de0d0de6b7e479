"""Plan the pieces of a terse request one by one, where the whole lost one of them.

*deposit in agreement; 1500 at 2 % for 3 years =* is two requests. A network that was trained on
sentences reads such notes as one, and may answer the half of them. Where the signs leave no doubt
what the pieces are, and a plan has fewer answers than there are pieces, each is planned as if it had
been said alone, and the plans are put together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from herd_graph.cards import ExpertCard
from herd_graph.conversions import find_conversion, links
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import fresh_ids, is_sound, question_to, who_answers
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.lexicon import PRONOUN, RESULT_NOUNS
from herd_graph.routing.parameters import context_port
from herd_graph.tasks import Task, input_port
from herd_graph.types import Kind

_MOST = 160
"""Letters of a request in notes: longer ones are sentences."""
_MOST_PIECES = 5
_WORDS = 9
"""Words of a piece, at most."""
_SIGNS = re.compile(r"\s*;\s*|\s+[/|]\s+|(?<=\w)\?\s+(?=[a-z0-9#])")
_TURNS_DOWN = re.compile(
    r"\b(?:no|not|don['’]?t|dont|ignore[sd]?|skip|leave|stays?|drop|forget|nothing|only|just|merely|that['’]?s all|as is|never|if|else|when|then|n[ãa]o)\b|[<>=] ?\d",
    re.IGNORECASE,
)
"""What a piece says of another, or does not want."""
_NUMBERED = re.compile(r"(?:^|(?<=[,;.?!\s]))\(?(?P<n>[1-9])[:)]\s+")
_FEW = 4
"""Words of a piece that names what is looked for in a text, at most."""
_SENTENCE = re.compile(
    r"\b(?:i|we|you|please|could|would|can|me|us|this|these|those|that)\b|[.!]\s+\w", re.IGNORECASE
)
"""What people write in sentences, which are read as a whole."""
_LEANS = re.compile(
    r"^\W*(?:and|then|also|in|into|to|as|with|by|per|for|from|both|each|all|same|ditto|too|aloud|out|of)\b"
    r"|\b(?:both|each|either|same|ditto|too|all of)\b",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"^\W*(?P<what>[a-z]+ )?(?P<n>[1-9]|(?:1st|2nd|3rd|first|second|third))\W*$", re.IGNORECASE
)
"""*note 2?*: what was asked of the first, of the second."""


def piecewise(task: Task, situation: Situation, plan: Callable[[Task, Situation], Route]) -> Route:
    """Return the plan of a request; of its pieces, where it has fewer answers than pieces.

    Args:
        task: The request, and what is attached.
        situation: What is there.
        plan: Makes a plan of a request.
    """
    route = plan(task, situation)
    told = pieces_of(task.text, len(task.attachments))
    if not task.attachments or situation.history or not told:
        return route
    answered = 0 if route.plan.abstained else len(route.plan.answers)
    numbered = len(told) == len(task.attachments) and _NUMBERED.search(task.text) is not None
    if (answered >= len(told) and not numbered) or route.plan.unmet:
        return route
    made = _together(task, situation, plan, told, numbered=numbered)
    if made is None or len(made.answers) <= answered - (1 if numbered else 0):
        return route
    if not is_sound(made, task, situation.experts):
        return route
    return route.model_copy(update={"plan": made})


def pieces_of(text: str, files: int = 1) -> list[str]:
    """Return the pieces of a request that is written in notes; none where it is one, or sentences.

    Args:
        text: The request.
        files: How many files are attached: so many numbers may stand for them.
    """
    plain = text.strip()
    if len(plain) > _MOST or _SENTENCE.search(plain) or re.search(r"[\"“”«»]", plain):
        return []
    marks = list(_NUMBERED.finditer(plain))
    if len(marks) == files > 1 and [each["n"] for each in marks] == [
        str(n) for n in range(1, files + 1)
    ]:
        ends = [each.start() for each in marks[1:]] + [len(plain)]
        return [plain[each.end() : end].strip(" ,;") for each, end in zip(marks, ends, strict=True)]
    found = [each.strip(" ,;") for each in _SIGNS.split(plain) if each.strip(" ,;?")]
    if not 1 < len(found) <= _MOST_PIECES:
        return []
    whole = [_in_full(each, found[at - 1] if at else "") for at, each in enumerate(found)]
    if (
        ":" in plain
        or _TURNS_DOWN.search(plain)
        or any(len(each.split()) > _WORDS for each in found)
    ):
        return []
    leans = any(_LEANS.search(e) or PRONOUN.search(e) or RESULT_NOUNS.search(e) for e in whole[1:])
    return [] if leans or any(not re.search(r"[^\W\d_]{2}", each) for each in whole) else whole


def _in_full(piece: str, before: str) -> str:
    """Return a piece that names a file alone with what was asked of the one before."""
    named = _FILE.match(piece)
    if named is None:
        return piece
    what = re.escape((named["what"] or "").strip())
    other = re.search(rf"{what} ?(?:[1-9]|1st|2nd|first|second)\b", before, re.IGNORECASE)
    if other is None:
        return piece
    return f"{before[: other.start()]}{piece.strip(' ?')}{before[other.end() :]}"


def _together(
    task: Task,
    situation: Situation,
    plan: Callable[[Task, Situation], Route],
    told: Sequence[str],
    *,
    numbered: bool,
) -> Plan | None:
    """Return the plans of all pieces as one; None where one of them cannot be planned."""
    names = list(task.attachments)
    found: list[tuple[str, Plan]] = []
    open_: list[str] = []
    for at, piece in enumerate(told):
        given = {names[at]: task.attachments[names[at]]} if numbered else task.attachments
        alone = task.model_copy(update={"text": piece, "attachments": given})
        made = plan(alone, situation).plan
        if made.unmet or (made.abstained and numbered):
            return None
        if made.abstained:
            open_.append(piece)
        found.append((piece, made))
    used = {name for _, made in found for name in _used(made)}
    made_of: list[tuple[str, Plan]] = []
    for piece, made in found:
        if made.abstained:
            asked = put_to_the_text(piece, task, situation.experts, used)
            if asked is None or len(open_) > 1 or len(piece.split()) > _FEW:
                return None
            made_of.append((piece, asked))
        else:
            made_of.append((piece, made))
    return joined(made_of)


def _used(plan: Plan) -> set[str]:
    return {
        each.input for step in plan.steps for each in step.bindings if isinstance(each, FromInput)
    }


def put_to_the_text(piece: str, task: Task, experts: Snapshot, used: set[str]) -> Plan | None:
    """Return a plan that asks the one text for what a piece names: *rubbish day*, *deposit*."""
    reader = who_answers(experts)
    context = context_port(reader) if reader is not None else None
    if reader is None or context is None:
        return None
    able = {name: input_port(name, ref) for name, ref in task.attachments.items()}
    texts = {
        name: port
        for name, port in able.items()
        if not port.many and (port.kind in {Kind.TEXT, Kind.DOCUMENT})
    }
    left = {name: port for name, port in texts.items() if name not in used} or texts
    if len(left) != 1:
        return None
    name, port = next(iter(left.items()))
    given: Binding = FromInput(input=name)
    steps: list[Step] = []
    ids = fresh_ids(())
    if not links(port, context):
        found = find_conversion(port, context, experts.latest, most=1)
        if not found or found[0].port.many:
            return None
        steps = list(found[0].into_steps(given, ids, ask=piece))
        given = FromStep(step=steps[-1].id, output=found[0].steps[-1].output)
    last = Step(id=next(ids), expert=reader.id, inputs=_question(reader, piece, given), ask=piece)
    return Plan(
        steps=(*steps, last),
        inputs=task.inputs,
        answers=(Ask(ask=piece, source=FromStep(step=last.id)),),
        author="neural",
    )


def _question(reader: ExpertCard, piece: str, text: Binding) -> dict[str, Binding]:
    return question_to(reader, piece.strip(" ?") + "?", text)


def joined(found: Sequence[tuple[str, Plan]]) -> Plan:
    """Return several plans as one; equal steps become one step."""
    steps: list[Step] = []
    answers: list[Ask] = []
    inputs: dict[str, Any] = {}
    for piece, plan in found:
        ids = fresh_ids(steps)
        names: dict[str, str] = {}
        for step in plan.steps:
            moved = Step.model_validate(_renamed(step.model_dump(mode="json"), names))
            alike = next((e for e in steps if _same(e, moved)), None)
            names[step.id] = str(alike.id) if alike is not None else str(next(ids))
            if alike is None:
                steps.append(moved.model_copy(update={"id": names[step.id]}))
        for each in plan.answers:
            told = Ask.model_validate(_renamed(each.model_dump(mode="json"), names))
            lone = len(plan.answers) == 1
            answers.append(told.model_copy(update={"ask": piece}) if lone else told)
        inputs |= plan.inputs
    return Plan(steps=tuple(steps), inputs=inputs, answers=tuple(answers), author="neural")


def _same(one: Step, other: Step) -> bool:
    ignored = {"id": one.id, "ask": one.ask}
    return one == other.model_copy(update=ignored)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a piece of a plan with the steps that it binds under their new names."""
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        made = {key: _renamed(each, names) for key, each in held.items()}
        if isinstance(made.get("step"), str):
            made["step"] = names.get(made["step"], made["step"])
        return made
    if isinstance(value, list):
        return [_renamed(each, names) for each in cast("list[Any]", value)]
    return value


__all__ = ("joined", "pieces_of", "piecewise", "put_to_the_text")

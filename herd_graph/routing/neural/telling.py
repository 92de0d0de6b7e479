"""Say why a plan was written, and what stands in the way where none was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from herd_graph.cards import ExpertCard
from herd_graph.plans import Plan
from herd_graph.routing.base import CandidateTrace, ClauseTrace, Situation
from herd_graph.routing.golds import Tree
from herd_graph.routing.lexicon import FILE_WORDS, MATERIAL
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.tasks import Task

_OUTSIDE = re.compile(
    r"^\W*(?:(?:please|pls|can you|could you|would you|kindly|hey|hi|hello|and|i want you to|i need you to)\W+)*"
    r"(?:book|order|buy|reserve|rent|hire|phone|ring|call|text|pay|post|tweet|whatsapp|e-?mail|mail|send|deliver|invite|remind|schedule|cancel|print|turn (?:on|off)|switch (?:on|off)|set an? (?:alarm|timer|reminder)|open the|close the|lock)\b"
    r"|\b(?:weather|forecast|news|stock price|exchange rate|traffic)\b|\b(?:by|via|on|over) (?:whatsapp|instagram|facebook|sms|twitter)\b",
    re.IGNORECASE,
)
"""What is done or known out in the world: no file would help."""
_OF_NOTHING = re.compile(
    r"\b(?:will|does|did|is|was|would|could|can|has) it (?:be |been |going to |get |really )*(?:rain\w*|snow\w*|freez\w*|warm|cold|hot|sunny|windy|late|far|worth|true|ok|possible)\b"
    r"|^\W*(?:(?:please|can you|could you|would you) )*(?:paint|draw|make|create|generate|compose|design|invent|sketch|film|record)(?: me| us)? (?:an?|some) (?:new |nice |own |funny |small )*(?:picture|image|photo|painting|logo|video|film|song|tune|drawing|cartoon)\b",
    re.IGNORECASE,
)
"""*Will it rain?*, *paint me a picture*: *it* is nothing, and the picture is not there yet."""
POINTING = frozenset({"it", "this", "that", "these", "them"})


def nothing(task: Task, situation: Situation, author: str, *, missing: bool = False) -> Plan:
    """Return the plan that abstains, with what stands in the way.

    Args:
        task: The request.
        situation: What is there.
        author: Who plans.
        missing: What the request is about is known not to be there.
    """
    said = " ".join(task.text.split())
    said = said if len(said) <= 160 else f"{said[:159]}…"
    situation.index.sync(situation.experts)
    near = [each.card.partition("@")[0] for each in situation.index.search(task.text[:2000], k=5)]
    reason = f"No expert here can do {said!r}."
    words = {each.strip(".,;:!?\"'()") for each in task.text.lower().split()}
    alone = not task.attachments and not situation.history
    outside = needs_no_file(task.text)
    if missing or (alone and not outside and words & (FILE_WORDS | MATERIAL.keys() | POINTING)):
        reason = f"Nothing is attached that {said!r} could be about. Attach the file."
    if near:
        reason += f" The nearest experts: {', '.join(near)}."
    return Plan(inputs=task.inputs, reason=reason, author=author)


def told(
    request: str,
    parsed: Sequence[Parsed],
    number: int,
    plan: Plan,
    cards: Mapping[str, ExpertCard],
) -> ClauseTrace:
    """Return how a request as a whole was decided.

    Args:
        request: The words.
        parsed: The plans that were written, the likeliest first.
        number: Which of them was taken.
        plan: What became of it.
        cards: The experts, by name.
    """
    shares: dict[str, float] = {}
    for each in parsed:
        for name in _experts(each):
            shares[name] = shares.get(name, 0.0) + each.probability
    chosen = {str(step.expert).partition("@")[0] for step in plan.steps}
    whole = sum(each.probability for each in parsed) or 1.0
    ranked = sorted(shares, key=lambda name: (-shares[name], name))
    return ClauseTrace(
        text=request[:2000],
        decision=f"the likeliest of {len(parsed)} plans ({parsed[number].probability:.2f})"
        if number == 0
        else f"plan {number + 1} of {len(parsed)}: those before it are no valid plans, leave out what "
        "has just been attached, or take the order itself for the thing to work on",
        candidates=tuple(
            CandidateTrace(
                expert=cards[name].id,
                score=round(min(1.0, shares[name] / whole), 4),
                propensity=round(min(1.0, shares[name] / whole), 4),
                chosen=name in chosen,
                reason="" if name in chosen else "only in plans that are less likely",
            )
            for name in ranked
        ),
    )


def _experts(parsed: Parsed) -> set[str]:
    found: set[str] = set()
    pending: list[Any] = list(parsed.wanted.parts)
    while pending:
        tree = pending.pop()
        if isinstance(tree, tuple):
            branch = cast("Tree", tree)
            if branch[:1] == ("call",):
                found.add(str(branch[1]))
            pending.extend(branch)
    return found


def needs_no_file(text: str) -> bool:
    """Say whether a request is for what no file would help with: the weather, a call, a new painting."""
    return bool(_OUTSIDE.search(text) or _OF_NOTHING.search(text))


__all__ = ("POINTING", "needs_no_file", "nothing", "told")

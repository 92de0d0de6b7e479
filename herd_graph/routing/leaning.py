"""Questions about a table that go on from the one before: *who has not paid, and how much do they owe*.

A request is cut into wishes, and each is a step of its own: the second step has never heard who *they*
are. Where it says so, it is told of what it goes on, in words: *Of “who has not paid yet?”: how much do
they owe*. The expert that reads the table reads both, and answers the second.
"""

from __future__ import annotations

import re

from herd_graph.plans import Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of

_LEANS = re.compile(
    r"\b(?:they|them|their|theirs|those|these|its|he|she|his|her|hers|him)\b"
    r"|\b(?:do|does|did|is|was|of|for|would) (?:it|that|this)\b|\b(?:that|this) (?:total|sum|amount|number|figure|one)\b"
    r"|\b(?:which|what|who) (?:is|was|are|were) the (?:\w+ ){0,3}one\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\W*(?:and )?(?:what|how much) (?:is|was|are|were|did) (?:the|it all|that)? ?(?:total|sum|average|mean|come to|altogether|in total)"
    r"(?: amount| value| price| cost)?(?: of (?:that|them|those|these))?\W*"
    r"|\W*(?:and )?(?:which|who|what)(?: \w+)? (?:has|had|have|is|was|got|sold|did) (?:the )?(?:most|least|fewest|highest|lowest|biggest|best)(?: one)?\W*"
    r"|\W*(?:and )?(?:(?:by|for|to|from|with) (?:whom|who)|where (?:to|from)|how (?:long|much|many|far|heavy) in [a-z]+)\W*"
    r"|\W*(?:and )?how much (?:money )?(?:altogether|all together|in all|in total|together)\W*",
    re.IGNORECASE,
)
TABLE_TAGS = frozenset({"table", "sql"})
"""What an expert bears that answers questions about rows."""
PORT = "question"


def leans(asked: str) -> bool:
    """Say whether a question goes on from the one before it: *how much do they owe?*."""
    return bool(_LEANS.search(asked) or _BARE.fullmatch(asked))


def carried(plan: Plan, experts: Snapshot) -> Plan | None:
    """Return the plan with what its questions about a table go on from; None where none does.

    Args:
        plan: A finished plan.
        experts: Who is there.
    """
    before: list[tuple[Step, str]] = []
    steps: list[Step] = []
    for step in plan.steps:
        asked = _asked(step, experts)
        steps.append(step)
        if not asked:
            continue
        last = next((text for one, text in reversed(before) if _same_table(one, step)), "")
        if last and leans(asked):
            told = Value(value=f"Of “{last}”: {asked}")
            steps[-1] = step.model_copy(update={"inputs": {**step.inputs, PORT: told}})
            asked = f"{last.rstrip(' ?.!,;')}? {asked}"
        before.append((step, asked))
    if steps == list(plan.steps):
        return None
    return plan.model_copy(update={"steps": tuple(steps)})


def _asked(step: Step, experts: Snapshot) -> str:
    """Return the question of a step that asks one of a table; nothing for any other step."""
    card = card_of(step, experts)
    given = step.inputs.get(PORT)
    if card is None or not set(card.tags) >= TABLE_TAGS or not isinstance(given, Value):
        return ""
    text = given.value
    if not isinstance(text, str) or step.when or step.foreach is not None:
        return ""
    return "" if text.startswith("Of “") else text.strip()


def _same_table(one: Step, two: Step) -> bool:
    rest = {port: bound for port, bound in one.inputs.items() if port != PORT}
    return one.expert == two.expert and rest == {p: b for p, b in two.inputs.items() if p != PORT}


__all__ = ("PORT", "TABLE_TAGS", "carried", "leans")

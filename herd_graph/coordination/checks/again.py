"""Call a cheap, deterministic expert once more and compare: what differs was not its own result."""

from __future__ import annotations

from dataclasses import dataclass

from herd_graph.coordination.checks.base import (
    CheckInput,
    Level,
    Outputs,
    doubt,
    failed,
    listed,
    passed,
)
from herd_graph.errors import CallError
from herd_graph.state import Verdict

USUAL_S = 0.0005
"""What a call takes beside the expert's own work."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """Calls the expert with the same inputs once more.

    Only where the expert is deterministic, free, has no side effects and brings the check along; at
    the default level only where the run has taken so long already that nobody notices.
    """

    name: str = "again"
    cost: float = 0.001
    level: Level = "default"
    anyway: bool = False
    """Whatever it takes: for the thorough level."""

    def applies(self, subject: CheckInput) -> bool:
        """Say whether a second call may be made, and is worth its time."""
        card = subject.card
        may = card.deterministic and not card.approve and card.cost_usd == 0.0
        cheap = self.anyway or subject.took + USUAL_S <= subject.spare
        return subject.again is not None and may and cheap

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Make the call, and compare what it gives."""
        assert subject.again is not None
        if subject.confirmed:
            return passed(self.name, "an earlier call gave the same")
        try:
            second = await subject.again()
        except CallError:
            return None  # a breaker, a budget or a recording: it says nothing of the first result
        different = _different(subject.outputs, second)
        if not different:
            return passed(self.name, "a second call gave the same")
        try:  # one of the two is wrong: a third call decides
            third = await subject.again()
        except CallError:
            third = second
        if not _different(subject.outputs, third):
            return passed(self.name, "two calls of three gave the same")
        if _different(second, third):
            told = f"three calls gave three different {different!r}"
            return doubt(self.name, told, score=0.4)
        subject.agreed = second
        return failed(self.name, f"two more calls gave another {different!r}", score=0.05)


def _different(left: Outputs, right: Outputs) -> str:
    for name in {**left, **right}:
        one, two = ([ref.id for ref in listed(each.get(name))] for each in (left, right))
        if one != two:
            return name
    return ""


called_again = Again()

__all__ = ("Again", "called_again")

"""The checks of one run: what each result is held against, and what it may cost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from herd_graph.calling import CallResult
from herd_graph.coordination.checks.again import called_again
from herd_graph.coordination.checks.base import (
    Aids,
    Check,
    CheckInput,
    CheckLevel,
    Made,
    Outputs,
    listed,
)
from herd_graph.coordination.checks.running import Checked, run_checks
from herd_graph.coordination.checks.standard import standard
from herd_graph.errors import DeclarationError
from herd_graph.experts import Expert
from herd_graph.plans import AllOf, Binding, FirstOf, FromStep, Plan, Step
from herd_graph.store import ArtifactStore

SHARE = 0.03
"""Of the time of a run that checks of the default level may take."""
SPARE_S = 0.002
"""Seconds that they may take in any case."""
MOST_EARLIER = 64
"""Results of other steps that a new one is compared with, the latest ones."""


@dataclass(frozen=True, kw_only=True)
class Checking:
    """How a herd checks."""

    level: CheckLevel = "default"
    checks: tuple[Check, ...] = field(default_factory=standard)


@dataclass(kw_only=True)
class StepChecks:
    """Checks what the experts of one run give.

    Args:
        checking: What is checked, and how much.
        store: Where payloads are read from.
        request: The task in the person's words.
        plan: The plan that runs: which steps answer, and what each was asked.
        aids: Other experts, a model that judges, a person.
    """

    checking: Checking
    store: ArtifactStore
    request: str = ""
    plan: Plan | None = None
    aids: Aids = field(default_factory=Aids)
    used: Callable[[], float] = lambda: 0.0
    """Seconds that the run has taken so far: what the default checks may take is a share of it."""
    spent: float = 0.0
    """Seconds that checks have taken so far."""

    def __post_init__(self) -> None:
        self._earlier: OrderedDict[str, Made] = OrderedDict()
        self._answering = _answering(self.plan)

    async def __call__(
        self,
        *,
        step: Step,
        unit: str,
        expert: Expert,
        inputs: Outputs,
        outputs: Outputs,
        others: Mapping[str, Outputs] | None = None,
        took: float = 0.0,
        again: Callable[[], Awaitable[CallResult]] | None = None,
    ) -> Checked:
        """Check what an expert gave for a step.

        Args:
            step: The step of the plan.
            unit: Its id; with the item's number for one of a ``foreach``.
            expert: Who gave it.
            inputs: What the expert was given.
            outputs: What it gave.
            others: What other experts gave for the same step.
            took: Seconds that the expert worked.
            again: Makes the same call once more.
        """
        subject = CheckInput(
            card=expert.card,
            outputs=outputs,
            store=self.store,
            inputs=inputs,
            step=unit,
            request=self.request,
            ask=step.ask,
            answers=step.id in self._answering,
            others=others or {},
            earlier=[each for key, each in self._earlier.items() if key != unit],
            took=took,
            again=None if again is None else lambda: _outputs(again),
            spare=max(SPARE_S, SHARE * self.used() - self.spent),
            aids=self.aids,
        )
        checks = (*self.checking.checks, *brought(expert))
        found = await run_checks(subject, checks, self.checking.level)
        self.spent += found.seconds
        if not found.unusable:
            self._note(unit, expert, inputs, outputs)
        return found

    def _note(self, unit: str, expert: Expert, inputs: Outputs, outputs: Outputs) -> None:
        given = frozenset(ref.id for refs in inputs.values() for ref in listed(refs))
        self._earlier.pop(unit, None)
        self._earlier[unit] = Made(
            step=unit, expert=expert.card.id, inputs=given, outputs=dict(outputs)
        )
        while len(self._earlier) > MOST_EARLIER:
            self._earlier.popitem(last=False)


async def _outputs(again: Callable[[], Awaitable[CallResult]]) -> Outputs:
    return (await again()).outputs


def brought(expert: Expert) -> tuple[Check, ...]:
    """Return the checks that an expert brings along. Raises ``DeclarationError``."""
    found: list[Check] = []
    for each in expert.checks:
        if each == "again":
            found.append(called_again)
        elif isinstance(each, Check):
            found.append(each)
        else:
            raise DeclarationError(
                f"Expert {expert.card.id!r} brings the check {each!r}. Expected 'again', or what "
                "@check makes. Decorate the function: @check def short(subject): …"
            )
    return tuple(found)


def _answering(plan: Plan | None) -> frozenset[str]:
    """Return the steps whose result is a part of the answer as it is."""
    return frozenset(
        step for ask in (plan.asks if plan is not None else ()) for step in _steps(ask.source)
    )


def _steps(binding: Binding) -> list[str]:
    if isinstance(binding, FromStep):
        return [binding.step]
    if isinstance(binding, AllOf):
        return [step for each in binding.all for step in _steps(each)]
    if isinstance(binding, FirstOf):
        return [step for each in binding.first for step in _steps(each)]
    return []


__all__ = ("Checking", "StepChecks")

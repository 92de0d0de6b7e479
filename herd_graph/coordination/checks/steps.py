"""The checks of one run: what each result is held against, and what it may cost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

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
from herd_graph.experts import Expert
from herd_graph.plans import AllOf, Binding, FirstOf, FromStep, Plan, Step
from herd_graph.store import ArtifactStore

MOST_EARLIER = 64
"""Results of other steps that a new one is compared with, the latest ones."""


@dataclass(frozen=True, kw_only=True)
class Checking:
    """How a herd checks."""

    level: CheckLevel = "default"
    checks: tuple[Check, ...] = ()


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
            aids=self.aids,
        )
        found = await run_checks(subject, self.checking.checks, self.checking.level)
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

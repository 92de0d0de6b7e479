"""The checks of one run: what each result is held against, and what it may cost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

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
from herd_graph.coordination.checks.judging import Judged, ModelJudge
from herd_graph.coordination.checks.running import Checked, run_checks
from herd_graph.coordination.checks.standard import standard
from herd_graph.coordination.confidence import Calibration
from herd_graph.errors import ConfigError, DeclarationError, suggest
from herd_graph.experts import Expert
from herd_graph.plans import AllOf, Binding, FirstOf, FromStep, Plan, Step, Value
from herd_graph.routing.completing import Bill, Completion
from herd_graph.routing.tongues import language_code
from herd_graph.store import ArtifactStore

SHARE = 0.02
"""Of the time of a run that checks of the default level may take."""
SPARE_S = 0.02
"""Seconds beside it that they may take of any run, however short: nobody notices."""
IN_DOUBT = "in doubt"
"""What an expert brings that may be called again where its result is in doubt."""
MOST_EARLIER = 64
"""Results of other steps that a new one is compared with, the latest ones."""


@dataclass(frozen=True, kw_only=True)
class Checking:
    """How a herd checks: how much, with which checks, and with which model as a judge."""

    level: CheckLevel = "default"
    checks: tuple[Check, ...] = field(default_factory=standard)
    judge: Completion | None = None
    """Asked at the thorough level whether an answer serves its request."""
    writer: Completion | None = None
    """Makes one text of the parts of an answer, and may add nothing to them."""
    calibration: Calibration = field(default_factory=Calibration)
    """From the raw confidence of an answer's part to the share that is right."""

    @classmethod
    def of(cls, given: Checks | None) -> Checking:
        """Return what ``Herd(checks=…)`` stands for.

        Args:
            given: A level, or checks of one's own beside the standard ones, or all of it.

        Raises:
            ConfigError: It is none of these.
        """
        if given is None:
            return cls()
        if isinstance(given, Checking):
            return given
        if isinstance(given, str):
            if given not in LEVELS:
                raise ConfigError(
                    f"There is no level of checks {given!r}. {suggest(given, LEVELS, what='There are')}"
                )
            return cls(level=given)
        several = [given] if isinstance(given, Check) else list(given)
        return cls().plus(*several)

    def plus(self, *checks: object) -> Checking:
        """Return the same with more checks; one of a known name takes its place.

        Raises:
            ConfigError: One is no check.
        """
        found: list[Check] = []
        for each in checks:
            if not isinstance(each, Check):
                raise ConfigError(
                    f"{each!r} is no check. Expected what @check makes, or an object with name, "
                    "cost, level, applies() and an async call. Decorate it: @check def short(subject): …"
                )
            found.append(each)
        named = {each.name for each in found}
        kept = tuple(each for each in self.checks if each.name not in named)
        return replace(self, checks=(*kept, *found))

    def calibrated(self, path: Path) -> Checking:
        """Return the same with the calibration of a file, unless it has one of its own."""
        if self.calibration.kind != "identity":
            return self
        return replace(self, calibration=Calibration.load(path))

    def for_run(self) -> tuple[Check, ...]:
        """Return the checks with the judge, where there is one."""
        if self.judge is None:
            return self.checks
        return (*self.checks, Judged(judge=ModelJudge(completion=self.judge, bill=Bill())))


Checks: TypeAlias = "CheckLevel | Check | Sequence[Check] | Checking"
"""What ``Herd(checks=…)`` takes."""
LEVELS = ("off", "default", "thorough")


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
        self._standing = self.checking.for_run()

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
            served=_languages(self.plan, step.id),
            others=others or {},
            earlier=[each for key, each in self._earlier.items() if key != unit],
            took=took,
            again=None if again is None else lambda: _outputs(again),
            compares=any(each in {"again", IN_DOUBT} for each in expert.checks),
            spare=max(0.0, SPARE_S + SHARE * self.used() - self.spent),
            aids=self.aids,
        )
        checks = (*self._standing, *brought(expert))
        found = await run_checks(subject, checks, self.checking.level)
        self.spent += found.seconds
        if not found.unusable:
            self._note(unit, expert, inputs, outputs)
        return found

    def _note(self, unit: str, expert: Expert, inputs: Outputs, outputs: Outputs) -> None:
        given = frozenset(ref.id for refs in inputs.values() for ref in listed(refs))
        self._earlier.pop(unit, None)
        self._earlier[unit] = Made(
            step=unit,
            expert=expert.card.id,
            inputs=given,
            outputs=dict(outputs),
            given=dict(inputs),
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
        elif each == IN_DOUBT:
            continue  # no check of its own: it lets others call the expert again
        elif isinstance(each, Check):
            found.append(each)
        else:
            raise DeclarationError(
                f"Expert {expert.card.id!r} brings the check {each!r}. Expected 'again', "
                "'in doubt', or what @check makes. Decorate the function: @check def short(subject): …"
            )
    return tuple(found)


def _languages(plan: Plan | None, but: str) -> frozenset[str]:
    """Return the languages that the steps of a plan are told, but one of them."""
    told = [
        binding.value
        for each in (plan.steps if plan is not None else ())
        if each.id != but
        for binding in each.inputs.values()
        if isinstance(binding, Value)
    ]
    return frozenset(
        code
        for each in told
        if isinstance(each, str) and len(each) <= _LANGUAGE and (code := language_code(each))
    )


_LANGUAGE = 24
"""Letters of the name of a language, at most."""


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


__all__ = ("Checking", "Checks", "StepChecks")

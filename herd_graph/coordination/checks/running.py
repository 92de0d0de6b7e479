"""Run the checks that fit a result, the cheap ones first, within the time that they may take."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from herd_graph.coordination.checks.base import (
    Check,
    CheckInput,
    CheckLevel,
    Outputs,
    combine,
    doubt,
    failed,
    passed,
    read,
)
from herd_graph.coordination.checks.ports import check_ports
from herd_graph.errors import BudgetExceeded, HerdError
from herd_graph.state import Verdict
from herd_graph.types import JSON

PAUSE_S = 0.001
"""Other work on the event loop gets its turn after checks have taken this long."""
DEAR_S = 0.1
"""Thorough checks that usually take as long come last, beside each other, where they still matter."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the checks of one result came to."""

    verdicts: tuple[Verdict, ...] = ()
    """Each in turn; those that passed without a word are one, ``checks``, which names them."""
    verdict: Verdict = field(default_factory=lambda: combine(()))
    """All of them together: what selection and repair go by."""
    seconds: float = 0.0
    agreed: Outputs | None = None
    """What two other calls gave, where a check has found this result wrong by them."""
    left_out: tuple[str, ...] = ()
    """Checks that the time did not allow, or that could change nothing any more."""

    @property
    def unusable(self) -> str:
        """Why nobody can use the result; empty where it can be used, however wrong it may be."""
        return next((each.reason for each in self.verdicts if each.blocks), "")


async def run_checks(
    subject: CheckInput, checks: Iterable[Check] = (), level: CheckLevel = "default"
) -> Checked:
    """Hold a result against its ports, and then against every check that fits.

    Where a cheap check fails the result, no dear one is asked: it could not make it look any better.

    What the ports do not take is not looked at any further. A check that fails to work, in whatever
    it is asked, is a doubt and says so: it never lets a result pass, and never fails a run. A check with
    a method ``remember`` compares results with earlier ones: it is told of each that every check passed.
    One with a method ``weigh`` is shown the verdicts where there are doubts, and may settle them.

    Args:
        subject: The result, and what it was made for.
        checks: The checks, in any order.
        level: ``off`` checks nothing; ``thorough`` also runs those that cost something.
    """
    if level == "off":
        return Checked()
    began = time.perf_counter()
    verdicts = await check_ports(subject)
    left_out: list[str] = []
    quiet: list[str] = []
    fitting: Sequence[Check] = ()
    if not any(each.blocks for each in verdicts):
        paused = began
        fitting, broken = _fitting(subject, checks, level)
        verdicts += broken
        dear = [each for each in fitting if each.level == "thorough" and each.cost >= DEAR_S]

        def take(each: Check, said: Verdict | None) -> None:
            if said is not None and (said.level != "pass" or said.reason or said.score < 1.0):
                verdicts.append(said)
            elif said is not None:
                quiet.append(each.name)

        def has_time(each: Check) -> bool:
            used = time.perf_counter() - began
            return subject.seconds is None or used + each.cost <= subject.seconds

        for each in fitting:
            if each in dear:
                continue
            if not has_time(each):
                left_out.append(each.name)
                continue
            if time.perf_counter() - paused > PAUSE_S:
                await asyncio.sleep(0)
                paused = time.perf_counter()
            take(each, await _said(each, subject))
        is_decided = any(each.level == "fail" for each in verdicts)
        if not is_decided and any(each.level == "doubt" for each in verdicts):
            for each in fitting:
                take(each, await _weighed(each, subject, verdicts))
            is_decided = any(each.level == "fail" for each in verdicts)
        asked = [each for each in dear if not is_decided and has_time(each)]
        left_out += [each.name for each in dear if each not in asked]
        answers = await asyncio.gather(*(_said(each, subject) for each in asked))
        for each, said in zip(asked, answers, strict=True):
            take(each, said)
    if quiet:
        verdicts.append(passed("checks", f"{len(quiet)} found nothing", list[JSON](quiet)))
    verdict = combine(verdicts)
    if verdict.level == "pass":
        forgetful = [said for each in fitting if (said := await _told(each, subject)) is not None]
        if forgetful:
            verdicts += forgetful
            verdict = combine(verdicts)
    return Checked(
        verdicts=tuple(verdicts),
        verdict=verdict,
        seconds=time.perf_counter() - began,
        agreed=subject.agreed if verdict.level == "fail" else None,
        left_out=tuple(left_out),
    )


def _fitting(
    subject: CheckInput, checks: Iterable[Check], level: CheckLevel
) -> tuple[Sequence[Check], list[Verdict]]:
    """Return the checks that have something to look at, and what those say that cannot tell."""
    fitting: list[tuple[float, Check]] = []
    broken: list[Verdict] = []
    for each in checks:
        try:
            if (each.level == "default" or level == "thorough") and each.applies(subject):
                fitting.append((float(each.cost), each))
        except Exception as error:
            broken.append(_broken(each, error))
    return [each for _, each in sorted(fitting, key=lambda pair: pair[0])], broken


async def _said(check: Check, subject: CheckInput) -> Verdict | None:
    try:
        said: Any = await check(subject)
        return read(check.name, said)
    except BudgetExceeded:
        return None  # what it would have called is not paid for: that says nothing of the result
    except AssertionError as error:
        told = str(error).partition("\n")[0]
        return failed(check.name, told or "its assertion does not hold")
    except Exception as error:  # a check of somebody else's, or a payload that it cannot read
        return _broken(check, error)


async def _weighed(
    check: Check, subject: CheckInput, verdicts: Sequence[Verdict]
) -> Verdict | None:
    """Have a check look at what the others doubt, where it can settle that."""
    weigh: Callable[..., Any] | None = getattr(check, "weigh", None)
    try:
        return None if weigh is None else read(check.name, await weigh(subject, verdicts))
    except BudgetExceeded:
        return None
    except Exception as error:
        return _broken(check, error)


async def _told(check: Check, subject: CheckInput) -> Verdict | None:
    """Tell a check with a memory of a result that every check passed; a doubt where it breaks."""
    try:
        # By name: ``isinstance`` of a protocol takes as long as some checks do.
        remember: Callable[[CheckInput], Any] | None = getattr(check, "remember", None)
        told = None if remember is None else remember(subject)
        if inspect.isawaitable(told):
            await told
    except Exception as error:
        return _broken(check, error)
    return None


def _broken(check: Check, error: Exception) -> Verdict:
    told = str(error) if isinstance(error, HerdError) else f"{type(error).__name__}: {error}"
    name = str(getattr(check, "name", "") or type(check).__name__)
    return doubt(name, f"the check itself failed: {told}", score=1.0)


__all__ = ("Checked", "run_checks")

"""One candidate's calls: retried where an error may pass, paid for, checked, and never repeated in vain.

This is the only place that retries. LangGraph's node policies and LiteLLM's own retries stay off,
or one failure would be tried 3 × 3 × 3 times. Every attempt is recorded.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from herd_graph import errors
from herd_graph.budgets import Ledger
from herd_graph.calling import Call, Caller, CallResult
from herd_graph.coordination import StepChecks
from herd_graph.coordination.checks import Checked, Checking
from herd_graph.coordination.checks.base import Outputs
from herd_graph.coordination.latencies import Latencies
from herd_graph.coordination.repair import REPEATS, gave_a_result
from herd_graph.coordination.selection import Candidate, Tried
from herd_graph.errors import (
    ArtifactError,
    BudgetExceeded,
    CallError,
    ExpertFailed,
    ExpertTimeout,
    HerdError,
    PortViolation,
)
from herd_graph.schedule import Unit
from herd_graph.state import Attempt, StepRecord, Verdict
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, RunId

LONGEST_USUAL_S = 5.0
"""Seconds between two tries, where nobody asked for more."""


class Emit(Protocol):
    """Tells the run's listeners what happens."""

    def __call__(self, kind: Any, step: str = "", **data: JSON) -> None:
        """Emit one event."""
        ...


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long and how often a call is tried."""

    attempts: int = 2
    """Tries of one expert, when its error may pass."""
    wait_s: float = 0.1
    """Seconds before the second try; doubled before each further one."""
    longest_wait_s: float = 30.0
    """Seconds that a service may ask to be left alone. Beyond, and beyond 5 s where the step has
    another candidate, that one is called in place of waiting."""
    timeout_s: float = 600.0
    """For experts whose card names no timeout: a hanging expert never hangs a run."""
    repairs: int = 3
    """What else is tried, at most, when no candidate of a step gave a result that can stand: the call
    once more, other parameters, a converter, the question in pieces. 0 for nothing."""
    ask: bool = False
    """Ask a person whether a step that failed for good is tried once more, before it is given up."""


@dataclass(kw_only=True)
class Log:
    """What accumulates over the calls of one unit."""

    attempts: list[Attempt] = field(default_factory=list[Attempt])
    rejected: list[Verdict] = field(default_factory=list[Verdict])
    """Of results that were thrown away: they say nothing of the one that stands."""
    failures: dict[str, HerdError] = field(default_factory=dict[str, HerdError])
    """How calls ended that are not made again, by the candidate's key."""
    lost: set[str] = field(default_factory=set[str])
    """Candidates that are cancelled because another one was faster, by key."""
    kept: Mapping[str, StepRecord] = field(default_factory=dict[str, StepRecord])
    """What ended before the run was killed, by the candidate's key."""
    usd: float = 0.0


@dataclass(kw_only=True)
class Trier:
    """Makes the calls of candidates; raises ``HerdError`` where one cannot be brought to work."""

    run: RunId
    caller: Caller
    store: ArtifactStore
    ledger: Ledger
    emit: Emit
    patience: Patience
    checks: StepChecks
    latencies: Latencies

    def __post_init__(self) -> None:
        """Hold what is only a part of a result against its ports alone."""
        self._ports = StepChecks(checking=Checking(checks=()), store=self.store)

    async def __call__(
        self,
        unit: Unit,
        candidate: Candidate,
        log: Log,
        *,
        is_last: bool = True,
        is_part: bool = False,
    ) -> Tried:
        """Try one candidate until it works, its error will not pass, or the tries are used up.

        Args:
            unit: The call to be made.
            candidate: Who makes it, and with what.
            log: What has happened to the unit so far.
            is_last: Nobody else could do it: a long wait is worth its time.
            is_part: Its result is not the step's: only its ports are checked.
        """
        import tenacity

        failed = log.failures.get(candidate.key)
        if failed is not None and not (candidate.why in REPEATS and gave_a_result(failed)):
            raise failed
        kept = log.kept.get(candidate.key)
        if kept is not None and not candidate.why:
            return self._as_before(candidate, kept, log)
        patience = self.patience
        longest = patience.longest_wait_s if is_last else LONGEST_USUAL_S

        def may_pass(error: BaseException) -> bool:
            return _may_pass(error) and (getattr(error, "retry_after_s", None) or 0.0) <= longest

        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(patience.attempts),
            wait=_waiting(
                tenacity.wait_exponential(
                    multiplier=patience.wait_s, min=patience.wait_s, max=LONGEST_USUAL_S
                )
            ),
            retry=tenacity.retry_if_exception(may_pass),
            sleep=self._pause,
            reraise=True,
        )
        try:
            return await retrying(self._attempt, unit, candidate, log, is_part)
        except BudgetExceeded:
            raise
        except HerdError as failure:
            log.failures[candidate.key] = failure
            raise
        finally:  # it refers to itself, and to all that an attempt saw: see Flight.close
            retrying.iter_state.reset()

    def _as_before(self, candidate: Candidate, kept: StepRecord, log: Log) -> Tried:
        """Return, or raise, what a call came to before the run was killed."""
        expert = candidate.expert.card.id
        if kept.status == "done":
            return Tried(expert=expert, outputs=outputs_of(kept), verdicts=kept.verdicts)
        kind: Any = getattr(errors, kept.error_type, ExpertFailed)
        failure = (kind if issubclass(kind, CallError) else ExpertFailed)(kept.error)
        failure.retryable = False
        failure.about_input = any(each.about_input for each in kept.attempts)
        log.failures[candidate.key] = failure
        raise failure

    async def _pause(self, seconds: float) -> None:
        """Wait before another try, but not beyond the run's time: that try is refused then."""
        left = self.ledger.seconds_left
        await asyncio.sleep(seconds if left is None else min(seconds, left))

    async def _attempt(self, unit: Unit, candidate: Candidate, log: Log, is_part: bool) -> Tried:
        card = candidate.expert.card
        estimate, number = card.cost_usd, len(log.attempts) + 1
        self.ledger.reserve(estimate, f"A call of {card.id!r} in step {unit.id!r}")
        clock = asyncio.get_running_loop().time
        began, spent, error, is_cut_off = clock(), 0.0, None, False
        try:
            result = await self._call(unit, candidate, number)
            spent = result.usd
            self.latencies.note(card.id, clock() - began)
            checked = await self.check(unit, candidate, result, number, is_part=is_part)
            for verdict in checked.verdicts:
                self.tell(unit, verdict)
            if checked.unusable:
                log.rejected.extend(each for each in checked.verdicts if each.level != "pass")
                unusable = PortViolation(
                    f"Expert {card.id!r} gave an unusable result: {checked.unusable}"
                )
                unusable.about_input = False
                raise unusable
            return Tried(
                expert=card.id,
                outputs=result.outputs,
                verdicts=checked.verdicts,
                agreed=checked.agreed,
            )
        except HerdError as failure:
            error = failure
            spent = spent or getattr(failure, "usd", 0.0)
            raise
        except asyncio.CancelledError:
            is_cut_off = True
            raise
        finally:
            has_lost = is_cut_off and candidate.key in log.lost
            if has_lost:  # nobody says what a call costs that is cut off: what it may cost, counts
                spent = max(spent, estimate)
                error = ExpertTimeout(f"{card.id!r} was cancelled: another expert was faster.")
            self.ledger.settle(estimate, spent)
            log.usd += spent
            attempt = Attempt(
                expert=card.id,
                ok=error is None,
                seconds=clock() - began,
                usd=spent,
                error=str(error or ""),
                error_type=type(error).__name__ if error is not None else "",
                about_input=_refused_its_input(error),
                why=candidate.why,
            )
            log.attempts.append(attempt)
            if has_lost or not is_cut_off:  # otherwise nobody knows how it would have ended
                self.emit("attempt", unit.id, **attempt.model_dump(mode="json"))

    async def check(
        self,
        unit: Unit,
        candidate: Candidate,
        result: CallResult,
        number: int = 0,
        *,
        is_part: bool = False,
    ) -> Checked:
        """Check what a candidate gave; without a number, what was put together of its results."""
        checks = self._ports if is_part else self.checks
        again = (lambda: self._call(unit, candidate, number)) if number else None
        return await checks(
            step=unit.step,
            unit=unit.id,
            expert=candidate.expert,
            inputs=candidate.inputs,
            outputs=result.outputs,
            took=result.seconds,
            again=again,
        )

    async def _call(self, unit: Unit, candidate: Candidate, number: int) -> CallResult:
        card = candidate.expert.card
        left = self.ledger.seconds_left
        loop = asyncio.get_running_loop()
        deadline = None if left is None else loop.time() + left
        mark = unit.input_hash[:32]
        if candidate.why:  # a repair is another call: a service must not answer it with the old one
            told = f"{candidate.key} {candidate.why}"
            mark = hashlib.sha256(f"{mark} {told}".encode()).hexdigest()[:32]
        call = Call(
            expert=candidate.expert,
            inputs=candidate.inputs,
            run=self.run,
            step=unit.id,
            attempt=number,
            idempotency_key=f"{mark}:{card.id}",
            deadline=deadline,
            timeout_s=card.timeout_s or self.patience.timeout_s,
            usd_left=self.ledger.usd_left,
            emit=lambda kind, data: self.emit(kind, unit.id, **data),
        )
        try:
            async with asyncio.timeout_at(deadline):
                return await self.caller.call(call)
        except TimeoutError:
            raise self._out_of_time(card.id) from None
        except ExpertTimeout:
            if deadline is not None and loop.time() >= deadline:
                raise self._out_of_time(card.id) from None
            raise
        except HerdError:
            raise
        except Exception as error:  # a caller of somebody else's that breaks the contract
            raise ExpertFailed(
                f"Calling {card.id!r} failed: {type(error).__name__}: {error}."
            ) from error

    def _out_of_time(self, expert: str) -> BudgetExceeded:
        return BudgetExceeded(
            f"{expert!r} was stopped: the run's {self.ledger.budget.seconds:g} s are used. What is "
            "finished is kept. Raise the budget (--budget seconds=…) and resume the run."
        )

    def tell(self, unit: Unit, verdict: Verdict) -> None:
        """Tell the run's listeners of a verdict."""
        self.emit("checked", unit.id, **verdict.model_dump(mode="json"))


def outputs_of(record: StepRecord) -> Outputs:
    """Return a record's outputs without the items that were left out: a call leaves out none."""
    return {
        name: [each for each in value if each is not None] if isinstance(value, list) else value
        for name, value in record.outputs.items()
    }


def _refused_its_input(error: BaseException | None) -> bool:
    """Say whether an expert found its input unfit, which another expert would not mend."""
    if isinstance(error, PortViolation):
        return error.about_input
    return isinstance(getattr(error, "__cause__", None), ArtifactError)


def _waiting(backoff: Callable[[Any], float]) -> Callable[[Any], float]:
    """Wait as ``backoff`` says, or longer where the service that failed asked for it."""

    def wait(state: Any) -> float:
        error = state.outcome.exception()
        return max(backoff(state), getattr(error, "retry_after_s", None) or 0.0)

    return wait


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, HerdError) and error.retryable


__all__ = ("Emit", "Log", "Patience", "Trier", "outputs_of")

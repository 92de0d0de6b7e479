"""One step's attempts: retry, replace by the next candidate, check, report.

This is the only place that retries. LangGraph's node policies and LiteLLM's own retries stay off,
or one failure would be tried 3 × 3 × 3 times. Every attempt is recorded.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from herd_graph.binding import Ref
from herd_graph.budgets import Ledger
from herd_graph.calling import Call, Caller, CallResult
from herd_graph.coordination import Checking, StepChecks, fuse
from herd_graph.errors import (
    ArtifactError,
    BudgetExceeded,
    CallError,
    ExpertFailed,
    ExpertTimeout,
    HerdError,
    PortViolation,
)
from herd_graph.experts import Expert
from herd_graph.registry import Snapshot
from herd_graph.schedule import Unit
from herd_graph.state import Attempt, StepRecord, Verdict
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import JSON, ArtifactRef, RunId, StepStatus

_LONGEST_USUAL_S = 5.0
"""Seconds between two tries, where nobody asked for more."""
SPILL_BYTES = 8192
"""Outputs whose references are longer than this go to the store as one artifact."""


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


@dataclass(kw_only=True)
class _Log:
    """What accumulates over the attempts of one unit."""

    attempts: list[Attempt] = field(default_factory=list[Attempt])
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    rejected: list[Verdict] = field(default_factory=list[Verdict])
    """Of results that were thrown away: they say nothing of the one that stands."""
    usd: float = 0.0


Bind = Callable[[Unit], Awaitable[tuple[str, Mapping[str, Ref]]]]
"""Chooses the expert of a late-bound step, and names its inputs."""


@dataclass(kw_only=True)
class StepRunner:
    """Runs units to a record; raises nothing but ``CancelledError``."""

    run: RunId
    experts: Snapshot
    caller: Caller
    store: ArtifactStore
    ledger: Ledger
    emit: Emit
    bind: Bind
    patience: Patience = Patience()
    checks: StepChecks | None = None
    """What every result is held against; by default its ports alone."""

    def __post_init__(self) -> None:
        """Hold results against their ports, where nothing else was asked for."""
        self._checks = self.checks or StepChecks(checking=Checking(), store=self.store)

    async def __call__(self, unit: Unit) -> StepRecord:
        """Make a unit's calls and return how it ended."""
        started, clock = time.time(), asyncio.get_running_loop().time
        began = clock()
        log = _Log()
        status: StepStatus = "failed"
        outputs: Mapping[str, Any] = {}
        expert, error, error_type = unit.step.expert or "", "", ""
        try:
            candidates, inputs = await self._candidates(unit)
            expert = candidates[0].card.id
            self.emit("started", unit.id, expert=expert)
            expert, outputs = await self._select(unit, candidates, inputs, log)
            status = "done"
        except BudgetExceeded as refusal:
            status, error, error_type = "refused", str(refusal), "BudgetExceeded"
        except HerdError as failure:
            error, error_type = str(failure), type(failure).__name__
        record = StepRecord(
            run=self.run,
            step=unit.id,
            status=status,
            expert=expert,
            input_hash=unit.input_hash,
            outputs=dict(outputs),
            attempts=tuple(log.attempts),
            verdicts=tuple(log.verdicts if status == "done" else log.rejected + log.verdicts),
            usd=log.usd,
            started=started,
            seconds=clock() - began,
            error=error,
            error_type=error_type,
        )
        record = await self._spill(record)
        self.emit(
            "finished",
            unit.id,
            status=status,
            expert=expert,
            seconds=record.seconds,
            usd=record.usd,
            error=error,
        )
        return record

    async def _candidates(self, unit: Unit) -> tuple[list[Expert], Mapping[str, Ref]]:
        """Return the experts that may serve a unit, best first, and the named inputs."""
        step = unit.step
        if step.expert is not None:
            planned, inputs = step.expert, unit.inputs
        else:
            planned, inputs = await self.bind(unit)
        others = [self.experts.find(spec) for spec in step.fallbacks if self.experts.knows(spec)]
        # A person was asked about the planned expert, and about no other.
        return [self.experts.find(planned), *(o for o in others if not o.card.approve)], inputs

    async def _select(
        self, unit: Unit, candidates: list[Expert], inputs: Mapping[str, Ref], log: _Log
    ) -> tuple[str, Mapping[str, Any]]:
        """Call as many candidates as the step asks for; return the expert and its outputs."""
        step = unit.step
        if step.select == "top_1":
            return await self._first_that_works(unit, candidates, inputs, log)
        several = candidates if step.select == "dense" else candidates[: step.k]
        tries = [self._persist(unit, each, inputs, log) for each in several]
        results = await asyncio.gather(*tries, return_exceptions=True)
        good: list[tuple[str, Mapping[str, Any]]] = []
        errors: list[BaseException] = []
        for each, result in zip(several, results, strict=True):
            if isinstance(result, BaseException):
                if not isinstance(result, HerdError):
                    raise result
                errors.append(result)
            else:
                good.append((each.card.id, result.outputs))
        if not good:
            raise errors[0]
        cards = {each.card.id: each.card for each in several}
        fused = await in_thread(
            lambda: fuse(good, store=self.store, cards=cards, how=step.fuse), label="fuse"
        )
        log.verdicts.append(fused.verdict)
        self._tell(unit, fused.verdict)
        return fused.expert, fused.outputs

    async def _first_that_works(
        self, unit: Unit, candidates: list[Expert], inputs: Mapping[str, Ref], log: _Log
    ) -> tuple[str, Mapping[str, Any]]:
        failures: list[HerdError] = []
        for candidate in candidates:
            is_last = candidate is candidates[-1]
            try:
                result = await self._persist(unit, candidate, inputs, log, is_last=is_last)
            except CallError as failure:
                failures.append(failure)
            else:
                return candidate.card.id, result.outputs
        if len(failures) == 1:
            raise failures[0]
        told = "\n".join(
            f"  - {each.card.id}: {failure}"
            for each, failure in zip(candidates, failures, strict=True)
        )
        raise ExpertFailed(f"All {len(failures)} candidates failed:\n{told}") from failures[0]

    async def _persist(
        self,
        unit: Unit,
        expert: Expert,
        inputs: Mapping[str, Ref],
        log: _Log,
        *,
        is_last: bool = True,
    ) -> CallResult:
        """Try one expert until it works, its error will not pass, or the tries are used up."""
        import tenacity

        patience = self.patience
        longest = patience.longest_wait_s if is_last else _LONGEST_USUAL_S

        def may_pass(error: BaseException) -> bool:
            return _may_pass(error) and (getattr(error, "retry_after_s", None) or 0.0) <= longest

        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(patience.attempts),
            wait=_waiting(
                tenacity.wait_exponential(
                    multiplier=patience.wait_s, min=patience.wait_s, max=_LONGEST_USUAL_S
                )
            ),
            retry=tenacity.retry_if_exception(may_pass),
            sleep=self._pause,
            reraise=True,
        )
        try:
            return await retrying(self._attempt, unit, expert, inputs, log)
        finally:  # it refers to itself, and to all that an attempt saw: see Flight.close
            retrying.iter_state.reset()

    async def _pause(self, seconds: float) -> None:
        """Wait before another try, but not beyond the run's time: that try is refused then."""
        left = self.ledger.seconds_left
        await asyncio.sleep(seconds if left is None else min(seconds, left))

    async def _attempt(
        self, unit: Unit, expert: Expert, inputs: Mapping[str, Ref], log: _Log
    ) -> CallResult:
        card = expert.card
        estimate, number = card.cost_usd, len(log.attempts) + 1
        self.ledger.reserve(estimate, f"A call of {card.id!r} in step {unit.id!r}")
        clock = asyncio.get_running_loop().time
        began, spent, error, is_cut_off = clock(), 0.0, None, False
        try:
            result = await self._call(unit, expert, inputs, number)
            spent = result.usd
            checked = await self._checks(
                step=unit.step,
                unit=unit.id,
                expert=expert,
                inputs=inputs,
                outputs=result.outputs,
                took=result.seconds,
                again=lambda: self._call(unit, expert, inputs, number),
            )
            for verdict in checked.verdicts:
                self._tell(unit, verdict)
            kept = log.rejected if checked.unusable else log.verdicts
            kept.extend(each for each in checked.verdicts if each.level != "pass")
            if checked.unusable:
                unusable = PortViolation(
                    f"Expert {card.id!r} gave an unusable result: {checked.unusable}"
                )
                unusable.about_input = False
                raise unusable
            return result
        except HerdError as failure:
            error = failure
            spent = spent or getattr(failure, "usd", 0.0)
            raise
        except asyncio.CancelledError:
            is_cut_off = True
            raise
        finally:
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
            )
            log.attempts.append(attempt)
            if not is_cut_off:  # nobody knows how it would have ended
                self.emit("attempt", unit.id, **attempt.model_dump(mode="json"))

    async def _call(
        self, unit: Unit, expert: Expert, inputs: Mapping[str, Ref], number: int
    ) -> CallResult:
        card = expert.card
        left = self.ledger.seconds_left
        loop = asyncio.get_running_loop()
        deadline = None if left is None else loop.time() + left
        call = Call(
            expert=expert,
            inputs=inputs,
            run=self.run,
            step=unit.id,
            attempt=number,
            idempotency_key=f"{unit.input_hash[:32]}:{card.id}",
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

    def _tell(self, unit: Unit, verdict: Verdict) -> None:
        self.emit("checked", unit.id, **verdict.model_dump(mode="json"))

    async def _spill(self, record: StepRecord) -> StepRecord:
        if not any(isinstance(value, list) for value in record.outputs.values()):
            return record
        dumped = {name: _dump(value) for name, value in record.outputs.items()}
        content = json.dumps(dumped, ensure_ascii=False).encode()
        if len(content) <= SPILL_BYTES:
            return record
        kept = await in_thread(lambda: self.store.put(content), label="spill")
        return record.model_copy(update={"outputs": {}, "outputs_at": kept})


def _dump(value: ArtifactRef | list[ArtifactRef | None]) -> JSON:
    if isinstance(value, list):
        return [None if ref is None else ref.model_dump(mode="json") for ref in value]
    return value.model_dump(mode="json")


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

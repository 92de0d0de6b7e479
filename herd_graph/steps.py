"""One step: choose among its candidates, repair what went wrong, report.

Which candidates are called, and whose result stands, is ``coordination.selection``; how often one
of them is tried is ``trying``; what else could be done is ``coordination.repair``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from herd_graph.binding import Ref
from herd_graph.budgets import Ledger
from herd_graph.calling import Caller, CallResult
from herd_graph.coordination import Checking, StepChecks
from herd_graph.coordination.checks.base import Outputs
from herd_graph.coordination.latencies import Latencies
from herd_graph.coordination.pieces import joined
from herd_graph.coordination.repair import REPEATS, Remedies, Remedy, Steady, Trouble
from herd_graph.coordination.selection import (
    Called,
    Candidate,
    How,
    Selection,
    Settled,
    Tried,
    affordable,
    by_cost,
    call,
    enough,
    settle,
)
from herd_graph.coordination.weights import Weights
from herd_graph.errors import BudgetExceeded, ExpertFailed, HerdError
from herd_graph.experts import Expert
from herd_graph.registry import Snapshot
from herd_graph.schedule import Unit
from herd_graph.state import Attempt, StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.trying import Emit, Log, Patience, Trier
from herd_graph.types import JSON, ArtifactRef, RunId, StepStatus

_log = logging.getLogger("herd_graph")
SPILL_BYTES = 8192
"""Outputs whose references are longer than this go to the store as one artifact."""
MOST_BOUND = 4
"""Candidates of a late-bound step that is to have several, unless it says how many."""

Bind = Callable[[Unit, int], Awaitable[Sequence[tuple[str, Mapping[str, Ref]]]]]
"""Chooses the experts of a late-bound step, the best first, and names their inputs."""
_AT_ONCE = frozenset({"top_k", "dense"})


def _keeps_nothing(unit: Unit, key: str, record: StepRecord) -> None:
    del unit, key, record


def _knows_nothing(unit: Unit) -> Mapping[str, StepRecord]:
    del unit
    return {}


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
    patience: Patience = field(default_factory=Patience)
    checks: StepChecks | None = None
    """What every result is held against; by default its ports alone."""
    selection: Selection = field(default_factory=Selection)
    """How candidates are called where the plan leaves it open."""
    latencies: Latencies = field(default_factory=Latencies)
    weights: Weights | None = None
    """What experts count when their results are fused; equally, where nothing was measured."""
    steady: Steady = field(default_factory=Steady)
    """Experts whose wrong results stay the same: they are not asked once more again."""
    ahead: Callable[[], tuple[float, int]] = lambda: (0.0, 0)
    """USD and calls that the rest of the plan needs at least."""
    keep: Callable[[Unit, str, StepRecord], None] = _keeps_nothing
    """Keeps what one of a unit's calls came to, while the others go on."""
    kept: Callable[[Unit], Mapping[str, StepRecord]] = _knows_nothing
    """What was kept of a unit before the run was killed."""

    def __post_init__(self) -> None:
        """Hold results against their ports, where nothing else was asked for."""
        self._trier = Trier(
            run=self.run,
            caller=self.caller,
            store=self.store,
            ledger=self.ledger,
            emit=self.emit,
            patience=self.patience,
            checks=self.checks or StepChecks(checking=Checking(), store=self.store),
            latencies=self.latencies,
        )

    async def __call__(self, unit: Unit) -> StepRecord:
        """Make a unit's calls and return how it ended."""
        started, clock = time.time(), asyncio.get_running_loop().time
        began = clock()
        log = self._log(unit)
        status: StepStatus = "failed"
        settled: Settled | None = None
        expert, error, error_type = unit.step.expert or "", "", ""
        try:
            candidates = await self._candidates(unit)
            expert = candidates[0].expert.card.id
            self.emit("started", unit.id, expert=expert)
            settled = await self._result(unit, candidates, log)
            status, expert = "done", settled.expert
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
            outputs={} if settled is None else settled.outputs,
            attempts=tuple(log.attempts),
            verdicts=tuple(log.rejected) if settled is None else settled.verdicts,
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

    def _log(self, unit: Unit) -> Log:
        kept = self.kept(unit)
        return Log(
            kept=kept,
            attempts=[attempt for each in kept.values() for attempt in each.attempts],
            usd=sum(each.usd for each in kept.values()),
        )

    # Who may do it ----------------------------------------------------------------------------

    async def _candidates(self, unit: Unit) -> list[Candidate]:
        """Return the experts that may serve a unit, best first, with the inputs of each."""
        step = unit.step
        if step.expert is not None:
            bound: Sequence[tuple[str, Mapping[str, Ref]]] = [(step.expert, unit.inputs)]
        else:
            wanted = {"top_1": 1, "top_k": step.k}.get(step.select, MOST_BOUND)
            bound = await self.bind(unit, wanted)
        first = self.experts.find(bound[0][0])
        others = [(self.experts.find(spec), inputs) for spec, inputs in bound[1:]]
        others += [
            (self.experts.find(spec), bound[0][1])
            for spec in step.fallbacks
            if self.experts.knows(spec)
        ]
        others += [
            (self.experts.find(card.id), bound[0][1])
            for card in self.selection.beside(step, first.card, self.experts.latest)
        ]
        found: dict[str, tuple[Expert, Mapping[str, Ref]]] = {first.card.id: (first, bound[0][1])}
        for expert, inputs in others:
            if not expert.card.approve:  # a person was asked about the first one, and no other
                found.setdefault(expert.card.id, (expert, inputs))
        return [Candidate(expert=expert, inputs=inputs) for expert, inputs in found.values()]

    def _in_order(self, candidates: list[Candidate], how: How) -> list[Candidate]:
        """Return the candidates that are called at most, in the order in which they are."""
        cards = [each.expert.card for each in candidates]
        if how.select == "cascade":
            return [candidates[place] for place in by_cost(cards, self.latencies.usual)]
        if how.select not in _AT_ONCE:
            return candidates
        if how.select == "top_k":
            candidates, cards = candidates[: how.k], cards[: how.k]
        usd, calls = self.ahead()
        left, limit = self.ledger.usd_left, self.ledger.budget.calls
        places = affordable(
            cards,
            usd=None if left is None else left - usd,
            calls=None if limit is None else limit - self.ledger.calls - calls,
            seconds=self.ledger.seconds_left,
            takes=self.latencies.usual,
        )
        return [candidates[place] for place in places]

    # What they give -----------------------------------------------------------------------------

    async def _result(self, unit: Unit, candidates: list[Candidate], log: Log) -> Settled:
        """Call as many candidates as the step asks for, repair what went wrong, and settle it."""
        how = self.selection.how(unit.step, candidates[0].expert.card)
        ordered = self._in_order(candidates, how)
        waiting = len(ordered)

        async def attempt(candidate: Candidate) -> Tried:
            nonlocal waiting
            waiting -= 1
            is_last = waiting == 0 or how.select in _AT_ONCE
            return await self._tried(unit, candidate, log, how, is_last=is_last)

        called = await call(
            ordered,
            how,
            attempt,
            late_after=lambda each: self.latencies.late_after(each.expert.card),
            lost=lambda each: log.lost.add(each.key),
        )
        settled = await self._settled(unit, called.good, how, ordered) if called.good else None
        if (settled is None or settled.verdict.level == "fail") and called.refusal is None:
            trouble = self._trouble(unit, ordered, settled, log)
            mended = await self._repaired(unit, trouble, log, called.good)
            if mended is not None:
                return await self._settled(unit, [*called.good, mended], How(), ordered)
        if settled is None:
            raise _failure(called)
        return settled

    async def _tried(
        self, unit: Unit, candidate: Candidate, log: Log, how: How, *, is_last: bool
    ) -> Tried:
        """Try one candidate, and keep what came of it where the unit goes on."""
        known = candidate.key in log.kept
        before = len(log.attempts)
        tried: Tried | None = None
        error: HerdError | None = None
        try:
            tried = await self._trier(unit, candidate, log, is_last=is_last)
            return tried
        except BudgetExceeded:
            raise
        except HerdError as failure:
            error = failure
            raise
        finally:
            goes_on = how.select in _AT_ONCE or tried is None or not enough(tried, how)
            if goes_on and not known and (tried is not None or error is not None):
                expert = candidate.expert.card.id
                own = tuple(each for each in log.attempts[before:] if each.expert == expert)
                self._keep(unit, candidate, tried, error, own)

    def _keep(
        self,
        unit: Unit,
        candidate: Candidate,
        tried: Tried | None,
        error: HerdError | None,
        attempts: tuple[Attempt, ...],
    ) -> None:
        outputs: dict[str, Any] = {} if tried is None else {**tried.outputs}
        self.keep(
            unit,
            candidate.key,
            StepRecord(
                run=self.run,
                step=unit.id,
                status="failed" if tried is None else "done",
                expert=candidate.expert.card.id,
                input_hash=unit.input_hash,
                outputs=outputs,
                attempts=attempts,
                verdicts=() if tried is None else tried.verdicts,
                usd=sum(each.usd for each in attempts),
                error=str(error or ""),
                error_type=type(error).__name__ if error is not None else "",
            ),
        )

    async def _settled(
        self, unit: Unit, good: Sequence[Tried], how: How, candidates: Sequence[Candidate]
    ) -> Settled:
        cards = {each.expert.card.id: each.expert.card for each in candidates}

        def made() -> Settled:
            weights = None
            if self.weights is not None and len(good) > 1:
                weights = self.weights.of(cards.values(), unit.inputs, self.store)
            return settle(good, how, store=self.store, cards=cards, weights=weights)

        several = len(good) > 1
        settled = await in_thread(made, label="fuse") if several else made()
        for verdict in settled.verdicts:
            if verdict.check in {"agreement", "selection"}:
                self._trier.tell(unit, verdict)
        return settled

    # What else could be done ----------------------------------------------------------------------

    def _trouble(
        self, unit: Unit, candidates: Sequence[Candidate], settled: Settled | None, log: Log
    ) -> Trouble:
        if settled is None:
            first = candidates[0]
            return Trouble(
                step=unit.step,
                candidate=first,
                error=log.failures.get(first.key),
            )
        stands = next(each for each in candidates if each.expert.card.id == settled.expert)
        return Trouble(
            step=unit.step,
            candidate=stands,
            verdicts=settled.verdicts,
        )

    async def _repaired(
        self, unit: Unit, trouble: Trouble, log: Log, good: Sequence[Tried]
    ) -> Tried | None:
        """Try what else could help; return a result that is better than what there is."""
        blamed = trouble.candidate.expert.card.id
        agreed = next((each.agreed for each in good if each.expert == blamed), None)
        if agreed is not None and self.patience.repairs:
            known = await self._agreed(unit, trouble.candidate, agreed)
            if known is not None:
                return known
        thinking = Remedies(cards=self.experts.latest, store=self.store, steady=self.steady)
        remedies = thinking.of(trouble)
        spare: Tried | None = None
        seen: list[object] = [str(trouble.error), *(each.outputs for each in good)]
        for _ in range(self.patience.repairs):
            remedy = await in_thread(lambda: next(remedies, None), label="repair")
            if remedy is None:
                break
            came: object = None
            try:
                tried = await self._remedied(unit, remedy, log)
            except BudgetExceeded:
                break
            except HerdError as failure:  # it is in the record; the next remedy may help
                came = str(failure)
            except Exception:  # a defect of ours, which must not cost the result that is there
                _log.exception("a remedy of step %s broke: %s", unit.id, remedy.why)
            else:
                if enough(tried, How()):
                    if remedy.why in REPEATS:
                        self.steady.note(tried.expert, same=False)
                    return tried
                came, spare = tried.outputs, spare or tried
            if remedy.why in REPEATS:
                self.steady.note(remedy.candidate.expert.card.id, same=came in seen)
                thinking.is_alike = came in seen
            seen.append(came)
        return spare if trouble.error is not None else None

    async def _agreed(self, unit: Unit, candidate: Candidate, outputs: Outputs) -> Tried | None:
        """Take what two calls of an expert gave in place of the third one's, if it passes the checks.

        A check that calls an expert again has the right result at hand where two agree: one more call
        would only be another chance for a wrong one.
        """
        checked = await self._trier.check(unit, candidate, CallResult(outputs=dict(outputs)))
        made = Tried(expert=candidate.expert.card.id, outputs=outputs, verdicts=checked.verdicts)
        return None if checked.unusable or not enough(made, How()) else made

    async def _remedied(self, unit: Unit, remedy: Remedy, log: Log) -> Tried:
        """Try one remedy; raises ``HerdError`` where it fails too."""
        candidate = replace(remedy.candidate, why=remedy.why)
        if remedy.conversion is not None:
            value = candidate.inputs[remedy.port]
            for each in remedy.conversion.steps:
                converter = Candidate(
                    expert=self.experts.find(each.card.id),
                    inputs={each.input: value},
                    why=remedy.why,
                )
                made = await self._trier(unit, converter, log, is_part=True)
                value = made.outputs[each.output or next(iter(made.outputs))]
            candidate = replace(candidate, inputs={**candidate.inputs, remedy.port: value})
        elif remedy.pieces is not None:
            return await self._in_pieces(unit, remedy, candidate, log)
        return await self._trier(unit, candidate, log)

    async def _in_pieces(self, unit: Unit, remedy: Remedy, candidate: Candidate, log: Log) -> Tried:
        assert remedy.pieces is not None
        parts: list[Tried] = []
        for piece in remedy.pieces.pieces:
            given = replace(candidate, inputs={**candidate.inputs, remedy.port: piece})
            parts.append(await self._trier(unit, given, log, is_part=True))
        gaps = remedy.pieces.gaps

        def whole() -> dict[str, ArtifactRef | list[ArtifactRef]]:
            return {
                name: joined([_single(each.outputs[name]) for each in parts], gaps, self.store)
                for name in parts[0].outputs
            }

        result = CallResult(outputs=await in_thread(whole, label="join"))
        checked = await self._trier.check(unit, candidate, result)
        if checked.unusable:
            raise ExpertFailed(f"The pieces do not make up a result: {checked.unusable}")
        return Tried(
            expert=candidate.expert.card.id, outputs=result.outputs, verdicts=checked.verdicts
        )

    async def _spill(self, record: StepRecord) -> StepRecord:
        if not any(isinstance(value, list) for value in record.outputs.values()):
            return record
        dumped = {name: _dump(value) for name, value in record.outputs.items()}
        content = json.dumps(dumped, ensure_ascii=False).encode()
        if len(content) <= SPILL_BYTES:
            return record
        kept = await in_thread(lambda: self.store.put(content), label="spill")
        return record.model_copy(update={"outputs": {}, "outputs_at": kept})


def _failure(called: Called) -> HerdError:
    failures = called.failures
    if len(failures) == 1:
        return failures[0]
    told = "\n".join(f"  - {failure}" for failure in failures)
    made = ExpertFailed(f"All {len(failures)} candidates failed:\n{told}")
    made.__cause__ = failures[0]
    return made


def _single(value: ArtifactRef | list[ArtifactRef]) -> ArtifactRef:
    if isinstance(value, list):
        raise TypeError("A list cannot be joined to another one.")
    return value


def _dump(value: ArtifactRef | list[ArtifactRef | None]) -> JSON:
    if isinstance(value, list):
        return [None if ref is None else ref.model_dump(mode="json") for ref in value]
    return value.model_dump(mode="json")


__all__ = ("SPILL_BYTES", "Bind", "Patience", "StepRunner")

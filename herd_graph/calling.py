"""How one call of one expert is made: the ``Caller`` seam, and the caller that calls for real.

``Live``, ``Recorder`` and ``Replay`` are callers; so are fakes and remote ones. A caller knows
nothing of plans, retries or fallbacks: those are the step runner's.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from herd_graph.batching import Batches, BatchFailed
from herd_graph.bounded import bounded, is_interrupt
from herd_graph.breakers import Breakers
from herd_graph.config import model_calls_allowed
from herd_graph.contexts import ExpertContext
from herd_graph.errors import CallRefused, ExpertTimeout, ExpertUnavailable
from herd_graph.experts import Expert, Outputs
from herd_graph.failures import explain, message_of
from herd_graph.isolation import Processes
from herd_graph.payloads import Refs, keep_outputs, open_inputs
from herd_graph.residency import Residency, holds_memory
from herd_graph.run_logs import in_step, logger
from herd_graph.store import ArtifactStore
from herd_graph.turnstiles import Turnstile
from herd_graph.types import JSON, Provenance, RunId, StepId

T = TypeVar("T")
log = logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One attempt at one expert."""

    expert: Expert
    inputs: Mapping[str, Refs]
    """A reference (a list for ``many`` ports) for each bound port."""
    run: RunId = RunId("")
    step: StepId = StepId("")
    attempt: int = 1
    idempotency_key: str = ""
    deadline: float | None = None
    """When the run's time is over, on the clock of the event loop; None without a limit."""
    timeout_s: float | None = None
    """How long this attempt may take; by default what the card says."""
    usd_left: float | None = None
    emit: Callable[[str, dict[str, JSON]], None] | None = None
    """Takes ``("token" | "progress", data)``; called on the caller's event loop only."""


@dataclass(frozen=True, kw_only=True)
class CallResult:
    """What came back."""

    outputs: dict[str, Refs]
    """A reference (a list for ``many`` ports) for each output port."""
    usd: float = 0.0
    """What it cost: as the expert reported it, else what its card says."""
    seconds: float = 0.0
    """How long the expert worked, without queueing and loading."""
    usage: dict[str, JSON] = field(default_factory=dict[str, JSON])


class Caller(Protocol):
    """Makes calls: here, elsewhere, or out of a recording."""

    async def call(self, call: Call) -> CallResult:
        """Make one call.

        Raises:
            CallError: One of its subclasses, and nothing else.
        """
        ...

    async def close(self) -> None:
        """Let go of what is held: models, processes, connections."""
        ...


class Live:
    """Calls experts for real: in this process, or in one of their own that can be killed.

    It belongs to no event loop, so that one herd (one set of loaded models, one set of limits)
    serves a script, its own loop and a notebook at once.

    Args:
        store: Where payloads are read from and kept.
        residency: What keeps models in memory; without a cap by default.
        breakers: The circuit breakers.
        processes: The workers of isolated experts.
    """

    def __init__(
        self,
        store: ArtifactStore,
        residency: Residency | None = None,
        breakers: Breakers | None = None,
        processes: Processes | None = None,
    ) -> None:
        self.store = store
        self.residency = residency or Residency()
        self.breakers = breakers or Breakers()
        self.processes = processes or Processes()
        self._turnstiles: WeakKeyDictionary[Expert, Turnstile] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._batches = Batches(self._place)

    async def call(self, call: Call) -> CallResult:
        """Make one call: wait for a place, load, invoke within the time, check, keep.

        ``timeout_s`` counts while the expert works, not while the call queues or a model loads;
        the deadline counts always.

        Raises:
            CallError: One of its subclasses, and nothing else (but ``CancelledError``).
        """
        card = call.expert.card
        if (card.loads or card.locality == "remote") and not model_calls_allowed():
            what = "loads a model" if card.loads else "sends data away"
            raise CallRefused(
                f"Expert {card.id!r} {what}, and HERD_ALLOW_MODEL_CALLS=0 forbids that. Expected "
                "experts that do neither, a fake of herd_graph.testing, or a recording. Unset the "
                "variable to call it for real."
            )
        with in_step(call.run, call.step):
            return await self._in_time(call)

    async def _in_time(self, call: Call) -> CallResult:
        if call.deadline is None:
            return await self._admitted(call)
        if call.deadline <= asyncio.get_running_loop().time():
            raise _over(call.expert.card.id)
        try:
            async with asyncio.timeout_at(call.deadline):
                return await self._admitted(call)
        except TimeoutError as error:
            raise _over(call.expert.card.id) from error

    async def drop(self, expert: Expert) -> None:
        """Let go of an expert that was removed, as soon as no call uses it."""
        await self.residency.drop(expert)
        await self.processes.drop(expert)
        self.breakers.reset(expert.card.id)

    async def close(self) -> None:
        """Unload models and end processes; a later call starts them again."""
        await self.residency.close()
        await self.processes.close()

    def waiting(self) -> dict[str, int]:
        """Return how many calls wait for a place, by expert: for ``herd doctor``."""
        with self._lock:
            return {
                each.card.id: turnstile.waiting
                for each, turnstile in self._turnstiles.items()
                if turnstile.waiting
            }

    def _turnstile(self, expert: Expert) -> Turnstile:
        turnstile = self._turnstiles.get(expert)
        if turnstile is None:
            with self._lock:
                turnstile = self._turnstiles.setdefault(expert, Turnstile(expert.card.concurrency))
        return turnstile

    @asynccontextmanager
    async def _place(self, expert: Expert) -> AsyncGenerator[None, None]:
        """A place at the expert, with its model loaded."""
        async with self._turnstile(expert), _loading(expert, self.residency.use(expert)):
            yield

    async def _admitted(self, call: Call) -> CallResult:
        """Make the call as the expert's breaker allows, and tell the breaker how it went."""
        expert = call.expert
        name = expert.card.id
        self.breakers.check(name)
        if expert.batches and not expert.card.isolate:
            try:
                return await self._judged(call, self._in_batch)
            except BatchFailed:
                pass  # on its own, so that one bad item does not fail its neighbours
        async with self._turnstile(expert):
            if expert.card.isolate:
                return await self._judged(call, self._in_process)
            return await self._judged(call, self._here)

    async def _judged(
        self, call: Call, make: Callable[[Call, ExpertContext], Awaitable[CallResult]]
    ) -> CallResult:
        name = call.expert.card.id
        probe = self.breakers.admit(name)
        context, end = _context(call)
        try:
            result = await make(call, context)
        except (asyncio.CancelledError, GeneratorExit, BatchFailed):
            self.breakers.abandoned(name, probe=probe)
            raise
        except BaseException as error:
            if is_interrupt(error):
                self.breakers.abandoned(name, probe=probe)
                raise
            explained = explain(name, error)
            explained.usd = explained.usd or context.spent_usd
            lasting = isinstance(explained, ExpertUnavailable)
            if not explained.about_input and (explained.retryable or lasting):
                self.breakers.failed(name, message_of(explained), probe=probe)
            else:
                self.breakers.abandoned(name, probe=probe)
            if explained is error:
                raise
            raise explained from error
        finally:
            end()
        self.breakers.succeeded(name)
        return result

    async def _here(self, call: Call, context: ExpertContext) -> CallResult:
        expert = call.expert
        if not holds_memory(expert):
            return await self._invoke(call, context)
        async with _loading(expert, self.residency.use(expert)):
            return await self._invoke(call, context)

    async def _invoke(self, call: Call, context: ExpertContext) -> CallResult:
        expert = call.expert
        clock = asyncio.get_running_loop().time
        inputs = await open_inputs(expert, call.inputs, self.store)
        started = clock()
        outputs = await bounded(
            expert.invoke(inputs, context), label=expert.card.id, timeout=_timeout(call)
        )
        return await self._kept(call, context, outputs, clock() - started)

    async def _in_batch(self, call: Call, context: ExpertContext) -> CallResult:
        expert = call.expert
        clock = asyncio.get_running_loop().time
        inputs = await open_inputs(expert, call.inputs, self.store)
        started = clock()
        outputs = await self._batches.serve(expert, inputs, context, _timeout(call))
        return await self._kept(call, context, outputs, clock() - started)

    async def _kept(
        self, call: Call, context: ExpertContext, outputs: Outputs, seconds: float
    ) -> CallResult:
        card = call.expert.card
        kept = await keep_outputs(card, outputs, self.store, _provenance(call))
        return _result(call, context, kept, seconds)

    async def _in_process(self, call: Call, context: ExpertContext) -> CallResult:
        expert = call.expert
        clock = asyncio.get_running_loop().time
        async with _loading(expert, self.processes.lease(expert)) as lease:
            started = clock()
            kept = await bounded(
                lease.call(call.inputs, context, self.store, _provenance(call)),
                label=expert.card.id,
                timeout=_timeout(call),
                isolated=True,
            )
            return _result(call, context, kept, clock() - started)


@asynccontextmanager
async def _loading(expert: Expert, use: AbstractAsyncContextManager[T]) -> AsyncGenerator[T, None]:
    """Enter ``use``, which loads the expert, and say of its errors that loading raised them."""
    try:
        entered = await use.__aenter__()
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise explain(expert.card.id, error, loading=True) from error
    try:
        yield entered
    finally:
        await use.__aexit__(None, None, None)


def _timeout(call: Call) -> float | None:
    return call.timeout_s if call.timeout_s is not None else call.expert.card.timeout_s


def _provenance(call: Call) -> Provenance:
    sources = dict.fromkeys(
        ref.id
        for given in call.inputs.values()
        for ref in (given if isinstance(given, list) else (given,))
    )
    return Provenance(
        run=call.run, step=call.step, expert=call.expert.card.id, sources=tuple(sources)
    )


def _result(
    call: Call, context: ExpertContext, outputs: dict[str, Refs], seconds: float
) -> CallResult:
    reported = context.spent_usd > 0 or bool(context.usage)
    usd = context.spent_usd if reported else call.expert.card.cost_usd
    return CallResult(outputs=outputs, usd=usd, seconds=seconds, usage=dict(context.usage))


def _context(call: Call) -> tuple[ExpertContext, Callable[[], None]]:
    """Return the expert's context, and what ends its stream of events.

    Experts report from any thread. ``emit`` is called on the caller's loop alone, and not after the
    call ended: a thread that was left behind talks to nobody.
    """
    loop = asyncio.get_running_loop()
    left = None if call.deadline is None else call.deadline - loop.time()
    context = ExpertContext(
        run=call.run,
        step=call.step,
        attempt=call.attempt,
        idempotency_key=call.idempotency_key,
        deadline=None if left is None else time.monotonic() + left,
        usd_left=call.usd_left,
    )
    emit = call.emit
    if emit is None:
        return context, _nothing
    is_open = True

    def deliver(kind: str, data: dict[str, JSON]) -> None:
        if not is_open:
            return
        try:
            emit(kind, data)
        except Exception:
            log.exception("A listener raised on a %r event of %r", kind, call.expert.card.id)

    def on_event(kind: str, data: dict[str, JSON]) -> None:
        if asyncio._get_running_loop() is loop:
            deliver(kind, data)
        elif is_open:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
                loop.call_soon_threadsafe(deliver, kind, data)

    def end() -> None:
        nonlocal is_open
        is_open = False

    context.on_event = on_event
    return context, end


def _nothing() -> None:
    pass


def _over(expert: str) -> ExpertTimeout:
    error = ExpertTimeout(
        f"The run's time is over before expert {expert!r} gave a result. What is finished is kept. "
        "Raise the budget (--budget seconds=…) and resume the run."
    )
    error.retryable = False  # there is no time for another try
    return error

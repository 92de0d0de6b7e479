"""What a call has inside: another herd's run, a workflow's plan, a graph.

    session (a call is next) ─▶ Halting caller keeps the call ─▶ Inside: a session of its own
                             ─▶ Giving caller makes the call, and gives what came of the inside

The call itself is made afterwards, by the same caller as ever, of an expert that gives what the inside
came to. So neither the executor nor an expert knows of it, what checks say of the result they say as
ever, and a process that dies inside leaves the outer run where it stood before the call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from herd_graph.adapters.herd import HerdExpert, budget_of, task_of
from herd_graph.adapters.subgraph import GraphExpert
from herd_graph.calling import Call, Caller, CallResult
from herd_graph.contexts import ExpertContext
from herd_graph.expansion import PlannedExpert
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.payloads import open_inputs
from herd_graph.runs import Run
from herd_graph.threads import in_thread

if TYPE_CHECKING:
    from herd_graph.debug.session import DebugSession
    from herd_graph.driving import Driver


@dataclass(kw_only=True)
class Inside:
    """The inside of one call."""

    call: Call
    session: DebugSession
    """Steps through it."""
    finish: Callable[[ExpertContext], Awaitable[Outputs]]
    """Returns what the call gives, once the session is over, or raises what the call would."""


class Halting:
    """Calls as another caller does, but for the first call that has an inside: that one it keeps.

    Args:
        caller: Makes the other calls.
        above: The herds that are stepped through already, by ``id``.
    """

    def __init__(self, caller: Caller, above: tuple[int, ...]) -> None:
        self.caller = caller
        self.above = above
        self.kept: asyncio.Future[Call] = asyncio.get_running_loop().create_future()

    async def call(self, call: Call) -> CallResult:
        """Make a call, or keep it until the run is cancelled."""
        if not self.kept.done() and has_inside(call.expert, self.above):
            self.kept.set_result(call)
            await asyncio.get_running_loop().create_future()
        return await self.caller.call(call)

    async def close(self) -> None:
        """Hold nothing: the other caller is its owner's."""


class Giving:
    """Calls as another caller does, but for one call that was stepped through.

    Args:
        caller: Makes the calls.
        inside: What was stepped through, to its end.
    """

    def __init__(self, caller: Caller, inside: Inside) -> None:
        self.caller = caller
        self.inside: Inside | None = inside

    async def call(self, call: Call) -> CallResult:
        """Make a call. Raises what the caller raises."""
        inside = self.inside
        if inside is None or not _is_same(call, inside.call):
            return await self.caller.call(call)
        self.inside = None  # a second attempt is one that nobody has stepped through
        done = await self.caller.call(replace(call, expert=_Known(call.expert, inside)))
        return replace(done, seconds=done.seconds + inside.session.seconds)

    async def close(self) -> None:
        """Hold nothing: the other caller is its owner's."""


class _Known(Expert):
    """An expert of which it is known what it gives."""

    def __init__(self, expert: Expert, inside: Inside) -> None:
        super().__init__(expert.card)
        self.inside = inside

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Return what came of the inside."""
        del inputs
        return await self.inside.finish(context)


def _is_same(one: Call, two: Call) -> bool:
    return one.step == two.step and one.expert is two.expert and one.inputs == two.inputs


def has_inside(expert: Expert, above: tuple[int, ...] = ()) -> bool:
    """Say whether a call of an expert can be stepped into: not where it would never end."""
    if isinstance(expert, HerdExpert):
        return id(expert.herd) not in above and hasattr(expert.herd, "debug")
    return isinstance(expert, PlannedExpert | GraphExpert)


async def opened(outside: DebugSession, call: Call) -> Inside:
    """Return the inside of a call, its session open.

    Raises:
        HerdError: What planning raises, or a payload cannot be read.
    """
    driver, expert = outside.driver, call.expert
    inputs = await open_inputs(expert, call.inputs, driver.store)
    if isinstance(expert, HerdExpert):
        made = await _herd(expert, inputs, call)
        made.session.above = (*outside.above, id(expert.herd))
    elif isinstance(expert, GraphExpert):
        made = _graph(driver, expert, inputs, call)
    else:
        made = await _workflow(driver, cast("PlannedExpert", expert), inputs, call)
    inner = made.session
    inner.outside, inner.above = outside, inner.above or outside.above
    await inner.open()
    within: Any = {"run": outside.run, "step": str(call.step), "expert": expert.card.id}
    runs = inner.driver.runs
    await in_thread(lambda: runs.update(inner.run, details={"within": within}), label="run")
    return made


async def _herd(expert: HerdExpert, inputs: Inputs, call: Call) -> Inside:
    request, files = task_of(inputs)
    herd: Any = expert.herd
    budget = budget_of(_context(call))
    session = await in_thread(lambda: herd.debug(request, *files, budget=budget), label="debug")
    session.approve = expert.approve_inside

    async def finish(context: ExpertContext) -> Outputs:
        return expert.taken(await session.result(), context)

    return Inside(call=call, session=session, finish=finish)


async def _workflow(driver: Driver, expert: PlannedExpert, inputs: Inputs, call: Call) -> Inside:
    from herd_graph.debug.session import DebugSession

    nested: Any = driver.engine.run_nested
    task = await in_thread(lambda: nested.task(expert, inputs), label="nest")
    session = DebugSession(driver, task, budget=budget_of(_context(call)))
    session.approve = lambda _: True  # a person was asked about the step as a whole

    async def finish(context: ExpertContext) -> Outputs:
        run: Run = await session.result()
        context.spend(run.usd, run=run.id)
        return nested.outputs(expert, run.answer)

    return Inside(call=call, session=session, finish=finish)


def _graph(driver: Driver, expert: GraphExpert, inputs: Inputs, call: Call) -> Inside:
    from herd_graph.debug.graphs import GraphSession

    session = GraphSession(driver, expert, inputs, call)

    async def finish(context: ExpertContext) -> Outputs:
        del context
        return session.outputs()

    return Inside(call=call, session=session, finish=finish)


def _context(call: Call) -> ExpertContext:
    left = None
    if call.deadline is not None:
        left = call.deadline - asyncio.get_running_loop().time()
    return ExpertContext(
        run=call.run,
        step=call.step,
        deadline=None if left is None else time.monotonic() + left,
        usd_left=call.usd_left,
    )


__all__ = ("Giving", "Halting", "Inside", "has_inside", "opened")

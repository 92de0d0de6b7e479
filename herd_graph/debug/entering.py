"""Into a call and out of it again: the part of a session that steps through what a call has inside."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from herd_graph.debug.inside import Giving, Halting, Inside, opened
from herd_graph.debug.stops import Reason, Stop
from herd_graph.errors import RunError

if TYPE_CHECKING:
    from herd_graph.calling import Caller
    from herd_graph.debug.breakpoints import Breakpoint
    from herd_graph.debug.session import DebugSession
    from herd_graph.driving import Driver
    from herd_graph.engine import Approve


class Entering:
    """The part of a session that goes into calls; ``DebugSession`` has all of it."""

    driver: Driver
    run: str
    caller: Caller | None
    stops: list[Stop]
    breakpoints: list[Breakpoint]
    approve: Approve | None = None
    """Who answers what a person is asked; by default that is a stop."""
    outside: DebugSession | None = None
    """The session that this one is the inside of a call of."""
    above: tuple[int, ...] = ()
    """The herds that wait for an answer from here, by ``id``."""
    _inside: Inside | None = None
    _entry: Any
    _numbers: int
    _seconds: float

    @property
    def stop(self) -> Stop:
        """Where the session stands."""
        raise NotImplementedError

    @property
    def seconds(self) -> float:
        """How long the run has worked, without the time at stops."""
        return self._seconds

    @property
    def inside(self) -> DebugSession | None:
        """The session in the call that is next, where it was stepped into."""
        return self._inside.session if self._inside is not None else None

    async def _advance(self, caller: Caller | None = None) -> list[str]:
        raise NotImplementedError

    async def _look(self) -> None:
        raise NotImplementedError

    async def continue_(self) -> Stop:
        """Go on to the next breakpoint, question or end."""
        raise NotImplementedError

    async def next(self) -> Stop:
        """Make one call and stop."""
        raise NotImplementedError

    def _record(self, reason: Reason, moved: Any = ()) -> Stop:
        raise NotImplementedError

    def _reason(self, moved: Any) -> Reason:
        raise NotImplementedError

    async def step(self) -> Stop:
        """Go into the call that is next: another herd, a workflow or a graph; else make it.

        Returns:
            The first stop of the session inside, which is ``inside`` now; its ``run`` tells. Where
            the call has no inside, the stop after it. A replay has none: it calls nobody.
        """
        if self.stop.is_over or self.caller is not None or self._inside is not None:
            return await self.next()
        halting = Halting(self.driver.engine.caller, self.above)
        entry = self._entry
        going = asyncio.ensure_future(self._advance(halting))
        try:
            await asyncio.wait({going, halting.kept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not going.done():
                going.cancel()
                await asyncio.wait({going})
        if not halting.kept.done():
            moved = going.result()
            return self._record(self._reason(moved), moved)
        self._entry = entry
        await self._look()
        me: Any = self
        self._inside = made = await opened(me, halting.kept.result())
        inner = made.session
        steps = {step.id for step in me.plan.steps}
        for each in self.breakpoints:
            if each.target.partition("[")[0] not in steps:  # an expert, a kind, a condition
                inner.adopt(each)
        note = f"Inside {made.call.step} of {self.run}: {made.call.expert.card.id}."
        inner.stops[-1] = inner.stop.model_copy(update={"note": note})
        return inner.stop

    async def out(self) -> Stop:
        """Go on to the end in here, make the call that this is the inside of, and stop outside.

        Returns:
            The stop outside; a breakpoint or a question in here comes before it.

        Raises:
            RunError: This is the inside of nothing, or what is outside has gone elsewhere.
        """
        outside = self.outside
        if outside is None:
            raise RunError(
                f"Run {self.run!r} is not inside another one. Expected a call that was stepped "
                "into. Go on with: continue."
            )
        if outside.inside is not self:
            raise RunError(
                f"Run {outside.run!r} has gone elsewhere, and does not wait for this one any more. "
                "Expected it to stand before the call. Look at it: up."
            )
        while not self.stop.is_over:
            stop = await self.continue_()
            if not stop.is_over:
                return stop
        return await outside.next()

    async def _ended_inside(self) -> Caller | None:
        """Bring what goes on inside the next call to its end; return who makes that call then.

        Raises:
            RunError: A person is asked there.
        """
        inside = self._inside
        if inside is None:
            return self.caller
        while not inside.session.stop.is_over:
            stop = await inside.session.continue_()
            if stop.reason == "waiting":
                raise RunError(
                    f"A person is asked inside step {inside.call.step!r}: {stop.note} Expected an "
                    f"answer in run {stop.run}. Go there: down."
                )
        return Giving(self.caller or self.driver.engine.caller, inside)

    def _came_out(self) -> None:
        if self._inside is not None:
            self._seconds += self._inside.session.seconds
            self._inside = None

    def adopt(self, each: Breakpoint) -> None:
        """Stop here too where another session stops."""
        self._numbers += 1
        self.breakpoints.append(replace(each, number=self._numbers, hits=0))

    def _herds(self) -> AbstractContextManager[None]:
        """Say which herds wait, as they would if nobody stepped through them."""
        from herd_graph.adapters.herd import below

        return below(*self.above) if self.above else nullcontext()


__all__ = ("Entering",)

"""Drive a herd's graph: start a run, go on with one, bring it to its end, read it back."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, cast

from herd_graph.bounded import left_running
from herd_graph.budgets import Budget
from herd_graph.engine import Engine, Request
from herd_graph.errors import HerdError, RunFenced, RunOwned
from herd_graph.graph import REQUEST, HerdGraph, isolated
from herd_graph.journal import new_row
from herd_graph.pump import Flight
from herd_graph.recording.callers import recording
from herd_graph.recording.store import RunRow, RunStore
from herd_graph.resuming import read_run, way_in
from herd_graph.runs import Run, RunHandle
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import RunId

AGAIN = frozenset({"failed", "refused", "cancelled", "skipped"})
"""What a resumed run that had ended tries once more."""


@dataclass(frozen=True, kw_only=True)
class Driver:
    """What runs need of their herd."""

    engine: Engine
    runs: RunStore
    store: ArtifactStore
    graph: HerdGraph

    def start(
        self,
        task: Task,
        request: Request,
        *,
        thread: str | None,
        record: str | os.PathLike[str] | None,
        row: RunRow | None = None,
    ) -> RunHandle:
        """Start a new run on the caller's event loop; its row may have been opened before."""
        row = row or self.open(task, request, thread=thread)
        return self.start_opened(task, request, row, record=record)

    def start_opened(
        self,
        task: Task,
        request: Request,
        row: RunRow,
        *,
        record: str | os.PathLike[str] | None = None,
    ) -> RunHandle:
        """Start a new run that is written down, or will be before anything else is of it."""
        request.opened = True
        work = self.drive({"task": task.model_dump(mode="json")}, request, row, record)
        task_of_run: asyncio.Task[Run] = isolated(work, name=f"herd:{row.id}")
        return RunHandle(task_of_run, request, row.id)

    def open(self, task: Task, request: Request, *, thread: str | None) -> RunRow:
        """Write down that a run begins; it waits for the database."""
        row = self.row(task, request, thread=thread)
        self.runs.open(row)
        return row

    def row(self, task: Task, request: Request, *, thread: str | None) -> RunRow:
        """Return how a run that begins now is written down."""
        return new_row(request.run, thread or "", task, request.budget or self.engine.budget)

    async def resume(
        self, row: RunRow, request: Request, answers: Mapping[str, bool] | None
    ) -> Run:
        """Go on with a run; one that is done is only read back. Raises ``RunOwned``."""
        if row.status in {"done", "abstained"}:
            return await self.aget(row.id)
        ended = row.status in {"partial", "failed"}
        wider = request.budget is not None
        resumed = replace(
            request,
            run=RunId(row.id),
            budget=request.budget or Budget.model_validate(row.details.get("budget") or {}),
            again=AGAIN if ended or wider else frozenset({"refused"}),
            seconds_before=row.seconds,
        )
        if self.engine.leases is not None:
            self.engine.leases.check(row.thread)
        entry = await isolated(way_in(self.graph, row, answers), name=f"herd:{row.id}:resume")
        self.runs.update(row.id, status="running")
        work = self.drive(entry, resumed, row, None)
        return cast("Run", await isolated(work, name=f"herd:{row.id}"))

    async def drive(
        self,
        entry: Any,
        request: Request,
        row: RunRow,
        record: str | os.PathLike[str] | None,
    ) -> Run:
        """Run the graph to its end (or to a question), and return the run."""
        key = secrets.token_hex(8)
        self.engine.requests[key] = request
        begins = isinstance(entry, dict)
        seen: dict[str, Any] = {"steps": {}}
        config: Any = {"configurable": {"thread_id": row.thread, REQUEST: key}}
        try:
            async with AsyncExitStack() as stack:
                if record is not None:
                    await stack.enter_async_context(recording(self, request, record))
                async for part in self.graph.astream(entry, config, stream_mode="updates"):
                    _merge(seen, part)
        except BaseException as error:
            self.engine.requests.pop(key, None)
            busy = isinstance(error, RunOwned)  # a new run (its row says running) is ours to fail
            theirs = isinstance(error, RunFenced) or (busy and row.status != "running")
            if not theirs:
                status = "failed" if isinstance(error, HerdError) else "interrupted"
                self.runs.update(row.id, status=status, details={"error": str(error)})
            raise
        flight = request.flight
        if begins and flight is not None and flight.landed is not None:
            return await self._told(flight.landed, seen, flight)
        return await self._read(row.id, seen if begins else None)

    async def aget(self, run: str) -> Run:
        """Return a run by its id, a unique beginning of it, or ``last``. Raises ``RunNotFound``."""
        return await self._read(run, None)

    async def _read(self, run: str, values: Mapping[str, Any] | None) -> Run:
        """Return a run, of which the state may be known already."""
        row = await in_thread(lambda: self.runs.get(run), label="run")
        return await self._told(row, values, None)

    async def _told(
        self, row: RunRow, values: Mapping[str, Any] | None, flight: Flight | None
    ) -> Run:
        found = await read_run(
            row,
            graph=self.graph,
            runs=self.runs,
            store=self.store,
            experts=self.engine.registry.snapshot(),
            values=values,
            flight=flight,
        )
        found.warnings.extend(
            f"{label} could not be stopped and is still running" for label in left_running()
        )
        return found


def _merge(seen: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Put what a super-step wrote into what is known of a run that began here.

    It is what its last checkpoint would say; reading that back costs as much as two super-steps.
    """
    for node, update in part.items():
        if node.startswith("__") or not isinstance(update, Mapping):
            continue
        written = cast("Mapping[str, Any]", update)
        seen["steps"].update(written.get("steps") or {})
        seen.update({name: each for name, each in written.items() if name != "steps"})

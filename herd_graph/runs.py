"""A run, as its user holds it: the answer, the plan, what happened, and why."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

from herd_graph.artifacts import Artifact, load
from herd_graph.artifacts.base import printable
from herd_graph.coordination import Answer
from herd_graph.engine import Question, Request
from herd_graph.errors import PlanMalformed
from herd_graph.explaining import Why, explain
from herd_graph.journal import given
from herd_graph.plans import FromStep, Plan
from herd_graph.recording.events import Event
from herd_graph.recording.store import RunRow
from herd_graph.registry import Snapshot
from herd_graph.routing.base import RouteTrace
from herd_graph.schedule import Schedule
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, JSONObject, RunStatus


@dataclass(kw_only=True)
class Run:
    """The result of a task, and everything that is known of how it came about."""

    row: RunRow
    plan: Plan
    answer: Answer
    trace: RouteTrace | None
    records: Mapping[str, StepRecord]
    """How each step ended, by step id; items of a ``foreach`` are ``s1[0]`` …"""
    store: ArtifactStore = field(repr=False)
    experts: Snapshot = field(repr=False)
    load_events: Callable[[], list[Event]] = field(repr=False)
    warnings: list[str] = field(default_factory=list[str])
    """What a user should know besides: threads that could not be stopped, and the like."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.row.id

    @property
    def thread(self) -> str:
        """The conversation that it is a turn of."""
        return self.row.thread

    @property
    def task(self) -> str:
        """What was asked."""
        return self.row.task

    @property
    def status(self) -> RunStatus:
        """Where it stands."""
        return self.row.status

    @property
    def usd(self) -> float:
        """What it cost, in USD."""
        return sum(record.usd for record in self.records.values())

    @property
    def seconds(self) -> float:
        """How long it took, over all resumes."""
        return self.row.seconds

    @property
    def started(self) -> float:
        """When it started, in seconds since the epoch."""
        return self.row.started

    @property
    def inputs(self) -> Mapping[str, ArtifactRef | list[ArtifactRef]]:
        """What was attached or comes of earlier turns, by the name that the plan binds."""
        return given(self.row)

    def events(self) -> list[Event]:
        """Return everything that happened, in order."""
        return self.load_events()

    def why(self, step: str | None = None) -> Why:
        """Explain the run, or one step: candidates, scores, attempts, checks, sources.

        Raises:
            PlanMalformed: There is no such step.
        """
        return explain(self.plan, self.trace, self.records, self.row, step)

    def output(self, step: str, port: str | None = None) -> Artifact | list[Artifact]:
        """Return what a step gave; a list for a ``foreach`` step or a ``many`` port.

        Raises:
            PlanMalformed: There is no such step, or it gave nothing.
        """
        bare = self.plan.step(step)
        if "[" in step:
            record = self.records.get(step)
            value = (
                None
                if record is None
                else record.outputs.get(port or next(iter(record.outputs), ""))
            )
            refs = value if isinstance(value, list) else [value] if value is not None else None
        else:
            value = None
            refs = self._schedule.outputs_of(FromStep(step=bare.id, output=port))
        if refs is None:
            record = self.records.get(step)
            state = record.status if record is not None else "not run"
            raise PlanMalformed(
                f"Step {step!r} has no output{f' {port!r}' if port else ''}: it is {state}. Expected "
                f"a step that is done. See: herd why {self.id} {step}."
            )
        artifacts = [load(ref, self.store) for ref in refs if ref is not None]
        ended = self._schedule.ended.get(bare.id)
        name = port or next(iter(ended.outputs), "") if ended is not None else ""
        many = (
            isinstance(value, list)
            if "[" in step
            else (ended is not None and isinstance(ended.outputs.get(name), list))
        )
        return artifacts if many or len(artifacts) != 1 else artifacts[0]

    @cached_property
    def _schedule(self) -> Schedule:
        return Schedule(
            plan=self.plan,
            run=self.id,
            inputs=self.inputs,
            experts=self.experts,
            store=self.store,
            records=self.records,
        )

    def save(
        self, path: str | os.PathLike[str], *, contents: Literal["full", "metadata"] = "full"
    ) -> Path:
        """Write the run as one ``*.herdrun`` file, which replays it; secrets are left out.

        Args:
            path: The file.
            contents: ``metadata`` leaves out every payload and all that was said.
        """
        from herd_graph.replaying import save_run

        return save_run(self, path, contents=contents)

    def dump(self) -> JSONObject:
        """Return the run as JSON."""
        return cast(
            "JSONObject",
            {
                "run": self.id,
                "thread": self.thread,
                "task": self.task,
                "status": self.status,
                "answer": self.answer.dump(),
                "plan": self.plan.public(),
                "steps": {
                    step: record.model_dump(mode="json") for step, record in self.records.items()
                },
                "usd": self.usd,
                "seconds": self.seconds,
                "warnings": list(self.warnings),
            },
        )

    def __str__(self) -> str:
        return str(self.answer)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from herd_graph.notebooks import run_page

        text = printable(f"{self.task}\n\n{self.answer}")
        return {"text/plain": text, "text/html": run_page(self)}


class RunHandle:
    """A run that goes on: listen to it, answer its questions, wait for it, or cancel it."""

    def __init__(self, task: asyncio.Task[Run], request: Request, run: str) -> None:
        self.id = run
        self._task = task
        self._request = request
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        loop, put, listener = asyncio.get_running_loop(), self._events.put_nowait, request.listener
        home = threading.get_ident()

        def listen(event: Event) -> None:  # without the handle: it would refer to itself
            if listener is not None:
                listener(event)
            if threading.get_ident() == home:  # the usual case, and the loop need not be woken
                put(event)
            else:
                loop.call_soon_threadsafe(put, event)

        request.listener = listen
        task.add_done_callback(lambda _: put(None))

    async def events(self) -> AsyncIterator[Event]:
        """Iterate over what happens, until the run ends."""
        while (event := await self._events.get()) is not None:
            yield event

    def answer(self, step: str, *, approved: bool) -> bool:
        """Answer a question (``asked`` event); say whether it was still open."""
        flight = self._request.flight
        return flight is not None and flight.answer(step, approved=approved)

    def questions(self) -> list[Question]:
        """Return the questions that are open now."""
        flight = self._request.flight
        return flight.questions() if flight is not None else []

    def cancel(self) -> None:
        """Stop the run; what is finished is kept, and the run can be resumed."""
        self._task.cancel()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    def __await__(self) -> Generator[Any, None, Run]:
        return self._task.__await__()

"""The facade: a herd, as its user holds it.

    herd = Herd.default()
    run = herd.run("Transcribe the note and translate it into Portuguese", "note.wav")
    print(run.answer)

Every sync method is its async one, run on HERD's own event loop: it works in scripts, inside a
running loop and in Jupyter.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from herd_graph.adapters.sources import Sources
from herd_graph.artifacts import Artifact
from herd_graph.budgets import Budget
from herd_graph.config import Config, parse_size
from herd_graph.coordination.checks import Checking, Checks
from herd_graph.coordination.confidence import FILE as CALIBRATION
from herd_graph.coordination.selection import Selection
from herd_graph.discovery import CapabilityIndex
from herd_graph.doors import Doors, What
from herd_graph.engine import Approve, Engine, Request, new_run_id
from herd_graph.errors import RunError
from herd_graph.intake import Given, bind_task, resolve_what
from herd_graph.membership import Membership
from herd_graph.nesting import NestedRuns
from herd_graph.recording.events import Event
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import Database, RunStore
from herd_graph.registry import Registry
from herd_graph.routing.base import Route, Router, Situation
from herd_graph.runs import Run, RunHandle
from herd_graph.steps import Patience
from herd_graph.store import ArtifactStore, open_store
from herd_graph.tasks import Task
from herd_graph.threads import in_thread, wait
from herd_graph.types import JSON

if TYPE_CHECKING:
    from herd_graph.breakers import Breakers
    from herd_graph.calling import Caller
    from herd_graph.driving import Driver
    from herd_graph.graph import HerdGraph
    from herd_graph.residency import Residency
    from herd_graph.settings import Settings
    from herd_graph.workflows import PlanRunner


class Herd(Membership, Doors):
    """A set of experts that answers tasks.

    Args:
        experts: What to register: experts, workflows, and whatever else ``add`` takes.
        home: The folder for runs, artifacts and the index; by default ``HERD_HOME``, or the user's
            data folder.
        store: Where artifacts live: a folder, an fsspec URL, or a store; by default in ``home``.
        router: Who writes the plans, or its name: ``"neural"`` (the default), or one that a
            plugin brings.
        memory: A cap on loaded models, such as ``"4 GiB"``: the least recently used make room.
        checkpoints: ``"sqlite"`` survives the process, ``"memory"`` leaves nothing behind.
        budget: The limits of a run that names none.
        config: Settings; by default from the environment.
        caller: Who makes the calls; by default live ones, in this process.
        patience: How long and how often a call is tried.
        max_in_flight: How many calls of one run go on at once.
        checks: How much is checked (``"off"``, ``"default"`` or ``"thorough"``), or checks of your
            own beside the standard ones, made by ``@check``.
        select: How the candidates of a step are called where the plan leaves it open: ``"cascade"``,
            or by expert or tag: ``{"transcribe*": "until(0.8)", "ocr": "dense"}``.
    """

    def __init__(
        self,
        *experts: object,
        home: Path | str | None = None,
        store: str | os.PathLike[str] | ArtifactStore | None = None,
        router: Router | str | None = None,
        memory: str | int | None = None,
        checkpoints: Literal["sqlite", "memory"] = "sqlite",
        budget: Budget | None = None,
        config: Config | None = None,
        caller: Caller | None = None,
        patience: Patience | None = None,
        max_in_flight: int = 256,
        index: CapabilityIndex | None = None,
        checks: Checks | None = None,
        select: str | Mapping[str, str] | None = None,
    ) -> None:
        from herd_graph.breakers import Breakers
        from herd_graph.calling import Live
        from herd_graph.residency import Residency

        given = config or Config.from_environment()
        self.config = given if home is None else _moved(given, Path(home))
        persist = checkpoints == "sqlite"
        self.home = self.config.home
        self.store = open_store(self.home / "artifacts" if store is None else store)
        self.registry = Registry()
        self.residency: Residency = Residency(None if memory is None else parse_size(memory))
        self.breakers: Breakers = Breakers()
        self.unavailable: dict[str, str] = {}
        """Experts that cannot work here, with the reason."""
        self.settings: Settings | None = None
        """What the ``herd.toml`` said that it was made from."""
        self._database = Database(self.config.database if persist else ":memory:")
        self.runs = RunStore(self._database)
        self.engine = Engine(
            registry=self.registry,
            store=self.store,
            caller=caller or Live(self.store, self.residency, self.breakers),
            index=_index(self.home if persist else None) if index is None else index,
            router=_router(router or ""),
            config=self.config,
            runs=self.runs,
            leases=Leases(self._database),
            budget=budget or Budget(),
            patience=patience or Patience(),
            checking=Checking.of(checks).calibrated(self.home / CALIBRATION),
            selection=Selection.parse(select),
            max_in_flight=max_in_flight,
        )
        self.engine.run_nested = NestedRuns(self.engine, self._shared_saver)
        self._graph: HerdGraph | None = None
        self._sources = Sources(self.registry, self._drop)
        self.add(*experts)

    @classmethod
    def default(cls, **settings: Any) -> Herd:
        """Return a herd of the first-party experts and of installed plugins.

        Experts whose models or packages are missing are left out; ``unavailable`` says why.
        """
        from herd_graph._bundled.tools import first_party, missing

        herd = cls(**settings)
        herd.unavailable = dict(missing())
        herd.add(*(each for each in first_party() if each.name not in herd.unavailable))
        herd.unavailable.update(herd.registry.load_plugins())
        return herd

    @classmethod
    def from_config(cls, path: str | os.PathLike[str] | None = None, **settings: Any) -> Herd:
        """Return the herd that a ``herd.toml`` describes; the default one where there is none.

        Args:
            path: The file; by default ``HERD_CONFIG``, or the nearest from here upwards.
            settings: What ``Herd`` takes; it wins over the file.

        Raises:
            ConfigError: The file cannot be right; the message names the file and the key.
        """
        from herd_graph.settings import fill, read

        said = read(path)
        given = {name: value for name, value in settings.items() if value is not None}
        if said is None:
            return cls.default(**given)
        make = cls.default if said.herd.embedded else cls
        arguments: dict[str, Any] = {**said.arguments(), **given}
        arguments["router"] = said.ruled(arguments.get("router"))
        herd = make(**arguments)
        herd.settings = said
        try:
            wait(fill(herd, said))
        except BaseException:
            herd.close()
            raise
        return herd

    # Planning and running ---------------------------------------------------------------------

    def plan(self, task: str, *attachments: Given) -> Route:
        """Write a plan without running it; ``.plan`` is the plan, ``.trace`` says why."""
        return wait(self.aplan(task, *attachments))

    async def aplan(self, task: str, *attachments: Given) -> Route:
        """Write a plan without running it; see ``plan``."""
        bound = await self._bind(task, attachments, {}, "")
        experts = self.registry.snapshot()
        await self.engine.sync_index()
        situation = Situation(
            experts=experts, index=self.engine.index, store=self.store, budget=self.engine.budget
        )
        return await self.engine.router.route(bound, situation)

    def run(
        self,
        what: What,
        *attachments: Given,
        thread: str | None = None,
        budget: Budget | None = None,
        approve: Approve | None = None,
        on_event: Callable[[Event], None] | None = None,
        record: str | os.PathLike[str] | None = None,
        contents: Literal["full", "metadata"] | None = None,
        **inputs: Any,
    ) -> Run:
        """Answer a task, or run a plan or a workflow.

        Args:
            what: A request in words, a ``Plan``, or a ``@workflow``.
            attachments: Artifacts, or paths of files, which are typed by their content.
            thread: A conversation: later runs on it may refer to what earlier ones made.
            budget: Hard limits on USD, seconds and calls.
            approve: Asked before calls with side effects. Without it the run stops and waits.
            on_event: Called with each event, as it happens.
            record: Write everything to this ``*.herdrun`` file.
            contents: ``metadata`` leaves out of the file all that was said and given; ``full`` by
                default, or what ``[recording] record`` in the ``herd.toml`` says.
            inputs: The parameters of a workflow or plan, by name.

        Returns:
            The run; ``run.status`` tells whether the answer is whole.

        Raises:
            HerdError: Nothing could be run at all: a bad attachment, an invalid plan …
        """
        return wait(
            self.arun(
                what,
                *attachments,
                thread=thread,
                budget=budget,
                approve=approve,
                on_event=on_event,
                record=record,
                contents=contents,
                **inputs,
            )
        )

    async def arun(self, what: What, *attachments: Given, **options: Any) -> Run:
        """Answer a task; see ``run``."""
        return await (await self.astart(what, *attachments, **options))

    async def astart(
        self,
        what: What,
        *attachments: Given,
        thread: str | None = None,
        budget: Budget | None = None,
        approve: Approve | None = None,
        on_event: Callable[[Event], None] | None = None,
        record: str | os.PathLike[str] | None = None,
        contents: Literal["full", "metadata"] | None = None,
        history: tuple[Mapping[str, JSON], ...] | None = None,
        **inputs: Any,
    ) -> RunHandle:
        """Start a task and return a handle: listen, answer its questions, await or cancel it.

        ``history`` holds earlier turns, in place of those that the thread has; see ``run`` for the
        other arguments.
        """
        self.engine.carry(what)
        task = await self._bind(what, attachments, inputs, thread or "")
        if contents is None:
            contents = "full" if self.settings is None else self.settings.recording.record
        request = Request(
            run=new_run_id(),
            budget=budget,
            listener=on_event,
            approve=approve,
            history=history,
            contents=contents,
        )
        return self._driver.start(task, request, thread=thread, record=record)

    async def astream(
        self, what: What, *attachments: Given, **options: Any
    ) -> AsyncIterator[Event]:
        """Run a task and iterate over what happens; leaving the loop cancels the run."""
        handle = await self.astart(what, *attachments, **options)
        try:
            async for event in handle.events():
                yield event
            await handle
        finally:
            if not handle.done:
                handle.cancel()
                await _ended(handle)

    def resume(
        self,
        run: str,
        *,
        budget: Budget | None = None,
        approve: Approve | None = None,
        answers: Mapping[str, bool] | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Run:
        """Go on with a run that was killed, stopped, refused, or that waits for a person.

        Args:
            run: Its id, a unique beginning of it, or ``last``.
            budget: New limits; by default those that it had.
            approve: Asked before calls with side effects.
            answers: A person's answers, by step.
            on_event: Called with each event.

        Raises:
            RunNotFound: There is no such run.
            RunOwned: Another process runs it now.
        """
        return wait(
            self.aresume(run, budget=budget, approve=approve, answers=answers, on_event=on_event)
        )

    async def aresume(
        self,
        run: str,
        *,
        budget: Budget | None = None,
        approve: Approve | None = None,
        answers: Mapping[str, bool] | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Run:
        """Go on with a run; see ``resume``."""
        request = Request(budget=budget, listener=on_event, approve=approve)
        return await self._driver.resume(self.runs.get(run), request, answers)

    # Looking back -----------------------------------------------------------------------------

    def get(self, run: str) -> Run:
        """Return a run by its id, a unique beginning of it, or ``last``. Raises ``RunNotFound``."""
        return wait(self.aget(run))

    async def aget(self, run: str) -> Run:
        """Return a run; see ``get``."""
        return await self._driver.aget(run)

    # Into other programs ----------------------------------------------------------------------

    @property
    def graph(self) -> HerdGraph:
        """The herd's own graph, on its own checkpoints."""
        if self._graph is None:
            from herd_graph.graph import build

            self._graph = build(self.engine, self._saver())
        return self._graph

    @property
    def _driver(self) -> Driver:
        from herd_graph.driving import Driver

        return Driver(engine=self.engine, runs=self.runs, store=self.store, graph=self.graph)

    def _shared_saver(self) -> Any:
        graph: Any = self.graph
        return graph.checkpointer

    def _saver(self) -> Any:
        from herd_graph.saver import HerdSaver, MemorySaver

        if self._database.path == ":memory:" or self.engine.leases is None:
            return MemorySaver()
        return HerdSaver(self._database, self.runs, self.engine.leases)

    @property
    def caller(self) -> Caller:
        """Who makes the calls."""
        return self.engine.caller

    @property
    def run_nested(self) -> PlanRunner | None:
        """Who runs a workflow as one step."""
        return self.engine.run_nested

    def close(self) -> None:
        """Let go of models, processes and files."""
        wait(self.aclose())

    async def aclose(self) -> None:
        """Let go of everything; see ``close``."""
        await self.engine.caller.close()
        await self.residency.close()
        await self._sources.close()
        self.runs.flush()
        if self._graph is not None:
            self._graph.release()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Herd of {len(self.registry)} experts at {self.home}>"

    async def _bind(
        self, what: What, attachments: tuple[Given, ...], inputs: Mapping[str, Any], thread: str
    ) -> Task:
        text, plan = resolve_what(what, self.config.limits.request_chars)
        return await in_thread(
            lambda: bind_task(
                text, plan, attachments, inputs, store=self.store, config=self.config, thread=thread
            ),
            label="attach",
        )


def _index(folder: Path | None) -> CapabilityIndex:
    return CapabilityIndex.in_memory() if folder is None else CapabilityIndex(folder)


def _router(given: Router | str) -> Router:
    from herd_graph.routing.registry import default_router, make_router

    return make_router(given or default_router()) if isinstance(given, str) else given


def _moved(config: Config, home: Path) -> Config:
    from dataclasses import replace

    return replace(config, home=home)


async def _ended(handle: RunHandle) -> None:
    import asyncio
    import contextlib

    with contextlib.suppress(asyncio.CancelledError, RunError):
        await handle


__all__ = ("Artifact", "Herd")

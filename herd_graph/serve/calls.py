"""How the MCP and A2A doors start runs: on a herd itself, or as a client of a server, with a key."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from herd_graph.artifacts import load
from herd_graph.budgets import Budget
from herd_graph.config import Config
from herd_graph.engine import Request, new_run_id
from herd_graph.errors import RunError
from herd_graph.plans import Plan
from herd_graph.recording.events import Event
from herd_graph.runs import Run, RunHandle
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef
from herd_graph.values import guarded

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.herd import Herd
    from herd_graph.serve.host import Host, Live
    from herd_graph.serve.keys import Key


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a door is asked to run."""

    what: str | Plan
    files: Sequence[ArtifactRef] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """A plan's inputs by name."""
    thread: str = ""
    """A conversation that is kept; empty for none."""
    budget: Budget | None = None

    def attachments(self, store: ArtifactStore) -> tuple[Artifact, ...]:
        """Return the files that it is about."""
        return tuple(load(ref, store) for ref in self.files)


class Under(Protocol):
    """A run under way."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """Iterate over what happens, until it ends."""
        ...

    def cancel(self) -> None:
        """Stop it; what is finished is kept."""
        ...

    async def finish(self) -> Run:
        """Wait for its end; has to be called, whatever happens."""
        ...


class Calls(Protocol):
    """Who runs what a door is asked for."""

    @property
    def herd(self) -> Herd:
        """Whose experts."""
        ...

    @property
    def store(self) -> ArtifactStore:
        """Where artifacts live."""
        ...

    @property
    def config(self) -> Config:
        """Limits, and the folders that paths may lie in."""
        ...

    @property
    def reads_paths(self) -> bool:
        """Whether a string may be the path of a file here."""
        ...

    async def start(self, wanted: Wanted) -> Under:
        """Start a run."""
        ...

    async def resume(self, run: str, answers: Mapping[str, bool]) -> Run:
        """Go on with a run that waits, with a person's answers."""
        ...

    async def find(self, run: str) -> Run:
        """Return a run. Raises ``RunError``."""
        ...

    async def questions(self, run: str) -> dict[str, str]:
        """Return what a run that waits asks, by step."""
        ...


class Direct:
    """Runs on a herd in this process, for whoever started the process.

    Args:
        herd: The herd.
        folders: Where files may be read by path; by default ``Config.folders``, else the current
            directory.
    """

    def __init__(self, herd: Herd, folders: Sequence[Path | str] = ()) -> None:
        self.herd = herd
        self.store = herd.store
        self.config = guarded(herd.config, folders)
        self.reads_paths = True

    async def start(self, wanted: Wanted) -> Under:
        """Start a run of the herd."""
        # Not astart: an input may be called like one of its options.
        given, inputs = wanted.attachments(self.store), dict(wanted.inputs)
        task = await self.herd._bind(wanted.what, given, inputs, wanted.thread)
        request, thread = Request(run=new_run_id(), budget=wanted.budget), wanted.thread or None
        return _Under(self.herd._driver.start(task, request, thread=thread, record=None))

    async def resume(self, run: str, answers: Mapping[str, bool]) -> Run:
        """Go on with a run of the herd."""
        return await self.herd.aresume(run, answers=answers)

    async def find(self, run: str) -> Run:
        """Return a run of the herd. Raises ``RunNotFound``."""
        return await self.herd.aget(run)

    async def questions(self, run: str) -> dict[str, str]:
        """Return what a run asks."""
        return await open_questions(self.herd, run)


class _Under:
    def __init__(self, handle: RunHandle) -> None:
        self._handle = handle
        self.id = handle.id

    def events(self) -> AsyncIterator[Event]:
        return self._handle.events()

    def cancel(self) -> None:
        self._handle.cancel()

    async def finish(self) -> Run:
        return await self._handle


class Hosted:
    """Runs on a server's herd, for the owner of a key, within the key's limits."""

    def __init__(self, host: Host, key: Key) -> None:
        self._host = host
        self._given = key
        self.herd = host.herd
        self.store = host.herd.store
        self.config = host.herd.config
        self.reads_paths = False  # not even whether there is such a file is anybody's business

    @property
    def key(self) -> Key:
        """Who calls, and pays."""
        return self._given

    async def start(self, wanted: Wanted) -> Under:
        """Start a run as the server does for its other doors."""
        host = self._host
        with _in_our_words():
            live = await host.start(
                host.target(next(iter(host.herds))),
                wanted.what,
                wanted.attachments(self.store),
                key=self.key,
                inputs=wanted.inputs,
                thread=wanted.thread or None,
                budget=wanted.budget,
            )
        return _Live(host, live)

    async def resume(self, run: str, answers: Mapping[str, bool]) -> Run:
        """Go on with a run of this key."""
        host = self._host
        with _in_our_words():
            return await host.finish(await host.resume(run, key=self.key, answers=answers))

    async def find(self, run: str) -> Run:
        """Return a run of this key. Raises ``RunError``."""
        with _in_our_words():
            return (await self._host.find(run, self.key))[1]

    async def questions(self, run: str) -> dict[str, str]:
        """Return what a run of this key asks."""
        await self.find(run)
        return await open_questions(self.herd, run)


@contextmanager
def _in_our_words() -> Generator[None]:
    """Raise what the server refuses (with an HTTP status) as an error of ours."""
    from herd_graph.serve.errors import Refusal

    try:
        yield
    except Refusal as refusal:
        raise RunError(str(refusal)) from refusal


class _Live:
    def __init__(self, host: Host, live: Live) -> None:
        self._host = host
        self._live = live
        self.id = str(live.id)

    def events(self) -> AsyncIterator[Event]:
        assert self._live.handle is not None
        return self._live.handle.events()

    def cancel(self) -> None:
        self._live.stop("gone")

    async def finish(self) -> Run:
        with _in_our_words():
            return await self._host.finish(self._live)


async def open_questions(herd: Herd, run: str) -> dict[str, str]:
    """Return what a run that waits asks a person, by step."""
    row = herd.runs.get(run)
    state = await herd.graph.aget_state({"configurable": {"thread_id": row.thread}})
    values: dict[str, Any] = state.values or {}
    if values.get("run") != row.id:
        raise RunError(
            f"Run {row.id!r} waits no more: a later turn of its thread was begun. Ask again."
        )
    pending: dict[str, Any] = values.get("pending") or {}
    return {step: str(each.get("question", step)) for step, each in pending.items()}


async def ended(under: Under) -> None:
    """Stop a run and wait until it has let go, whatever comes of it."""
    under.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await under.finish()


__all__ = ("Calls", "Direct", "Hosted", "Under", "Wanted", "ended", "open_questions")

"""The runs that the page has open: sessions, which go on one command at a time, and files.

Several tabs may look at one session. A command that one of them sends is carried out to its end even
when that tab is reloaded or closed; all others are told what happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from herd_graph.debug.session import DebugSession
from herd_graph.debug.web.looks import Look, of_run, row_json, run_of
from herd_graph.debug.web.payloads import Payloads
from herd_graph.debug.web.recordings import open_recording
from herd_graph.debug.web.scratch import scratch_folder
from herd_graph.errors import RunError, RunNotFound
from herd_graph.recording.events import Event
from herd_graph.threads import in_thread
from herd_graph.types import JSON, JSONObject

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.driving import Driver
    from herd_graph.runs import Run

_LISTED = 200
_POLL_S = 1.0
"""How often a run of another process is looked at."""
_BEAT_S = 15.0
"""After so long without news a line is sent all the same: a closed tab is noticed then."""
_BACKLOG = 1000
_TOLD = frozenset({"started", "attempt", "finished", "progress", "token", "checked", "asked"})


class Opens(Protocol):
    """Makes a session for a request and what is attached to it; a herd's ``debug`` is one."""

    def __call__(self, what: str, *attachments: Artifact) -> DebugSession: ...


class Live:
    """A session that tabs look at.

    Args:
        session: The session; it is opened by the first command or look.
    """

    def __init__(self, session: DebugSession) -> None:
        self.session = session
        self.busy = ""
        """The command that is being carried out."""
        self.running: dict[str, float] = {}
        """The calls that go on, with when they began."""
        self._task: asyncio.Task[Any] | None = None
        self._listeners: set[asyncio.Queue[JSONObject]] = set()
        session.listener = self._hear

    def _hear(self, event: Event) -> None:
        if event.kind not in _TOLD:
            return
        if event.kind == "started":
            self.running[event.step] = event.at
        elif event.kind == "finished":
            self.running.pop(event.step, None)
        told: JSONObject = {"type": "event", "kind": event.kind, "step": event.step, "at": event.at}
        if event.kind in {"token", "progress"}:
            told["data"] = {
                k: (v[:2000] if isinstance(v, str) else v) for k, v in event.data.items()
            }
        self.tell(told)

    def tell(self, message: JSONObject) -> None:
        """Tell every tab; one that reads nothing for long is told less."""
        for each in self._listeners:
            if each.qsize() < _BACKLOG:
                each.put_nowait(message)

    async def do(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Carry out one command to its end, whoever stops waiting for it.

        Raises:
            RunError: Another one goes on.
        """
        if self.busy:
            raise RunError(
                f"{self.busy!r} goes on. Expected a command after it has ended. Wait, or pause it."
            )
        self.busy = name
        self.tell({"type": "busy", "command": name, "stop": len(self.session.stops)})

        async def carried() -> Any:
            try:
                return await work()
            finally:
                self.busy = ""
                self.running.clear()
                self._task = None
                self.tell({"type": "stop", "stop": len(self.session.stops)})

        self._task = asyncio.get_running_loop().create_task(carried(), name=f"debug:{name}")
        self._task.add_done_callback(_looked_at)
        return await asyncio.shield(self._task)

    def pause(self, *, now: bool) -> None:
        """Have the command that goes on stop after its call, or give the call up now."""
        self.session.pause()
        if now and self._task is not None:
            self._task.cancel()

    async def listen(self) -> AsyncGenerator[JSONObject]:
        """Yield what happens; an empty object is a sign of life."""
        queue: asyncio.Queue[JSONObject] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            breaks: list[JSON] = [each.number for each in self.session.breakpoints]
            stops = len(self.session.stops)
            yield {"type": "hello", "busy": self.busy, "stop": stops, "breaks": breaks}
            while True:
                try:
                    async with asyncio.timeout(_BEAT_S):
                        message = await queue.get()
                except TimeoutError:
                    message = cast("JSONObject", {})
                yield message
                if message.get("type") == "bye":
                    return
        finally:
            self._listeners.discard(queue)

    async def close(self) -> None:
        """Give up what goes on, and let go of the tabs."""
        self.tell({"type": "bye"})
        task = self._task
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await self.session.close()


def _looked_at(task: asyncio.Task[Any]) -> None:
    """Take note of an error that nobody waits for any more: the tab was closed."""
    if not task.cancelled():
        task.exception()


class Desk:
    """Everything that is open.

    Args:
        driver: The herd's engine, store and graph.
        opens: Makes sessions for new requests.
    """

    def __init__(self, driver: Driver, opens: Opens | None = None) -> None:
        self.driver = driver
        self.opens = opens
        self.payloads = Payloads()
        self.folder = scratch_folder()
        self.closing = False
        self._lives: dict[str, Live] = {}
        self._files: dict[str, Look] = {}
        self._cached: dict[str, tuple[object, Look]] = {}
        self._watched: set[asyncio.Event] = set()

    async def close(self) -> None:
        """Close every session, and drop what was unpacked."""
        self.closing = True
        try:
            for each in list(self._lives.values()):  # a fork may still come in meanwhile
                await each.close()
        finally:
            for each in self._watched:
                each.set()
            await in_thread(lambda: shutil.rmtree(self.folder, ignore_errors=True), label="debug")

    # Sessions ---------------------------------------------------------------------------------

    async def add(self, session: DebugSession) -> Live:
        """Take a session in, and open it."""
        await session.open()
        live = self._lives[session.run] = Live(session)
        return live

    def live(self, run: str) -> Live:
        """Return a session by its run. Raises ``RunNotFound``."""
        found = self._lives.get(run)
        if found is None:
            raise RunNotFound(
                f"Run {run!r} is not stepped through here. Expected a session. Open it: Debug a copy."
            )
        return found

    def enter(self, live: Live) -> Live | None:
        """Take in the session inside the next call of another one, where it was stepped into."""
        inside = live.session.inside
        if inside is None:
            return None
        found = self._lives.get(inside.run)
        if found is None:
            found = self._lives[inside.run] = Live(inside)
        return found

    async def carry_out(self, live: Live, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Carry out a command; what is inside the next call is busy with it too.

        Raises:
            RunError: Another command goes on, here or inside.
        """
        inside = live.session.inside
        held = None if inside is None else self._lives.get(inside.run)
        if held is None:
            return await live.do(name, work)
        return await live.do(name, lambda: self.carry_out(held, name, work))

    async def out(self, live: Live) -> object:
        """Come out of the call that a session is inside of; both sessions are busy meanwhile."""
        outside = live.session.outside
        if outside is None:
            return await live.session.out()  # says that it is inside of nothing
        around = self.live(outside.run)
        return await live.do("out", lambda: around.do("out", live.session.out))

    async def start(self, what: str, attachments: list[Artifact]) -> Live:
        """Begin a session for a new request. Raises what planning raises."""
        if self.opens is None:
            raise RunError("This page only shows runs. Expected herd debug --web to start one.")
        opens = self.opens
        return await self.add(await in_thread(lambda: opens(what, *attachments), label="debug"))

    async def fork(self, run: str, at: int | None) -> Live:
        """Begin a run of its own where another stands (or stood); a stored one may be the other."""
        live = self._lives.get(run)
        if live is not None:
            session = live.session
            made = await live.do("fork", lambda: session.fork(at))
            number = at or session.stop.number
        else:
            session = await DebugSession.of_run(self.driver, run)
            made, number = await session.fork(at), 1
        note = f"Forked from {session.run}, stop {number}."
        made.stops[-1] = made.stop.model_copy(update={"note": note})
        origin: dict[str, JSON] = {"run": session.run, "stop": number}
        runs = made.driver.runs
        await in_thread(lambda: runs.update(made.run, details={"forked": origin}), label="run")
        forked = self._lives[made.run] = Live(made)
        return forked

    # Looking ----------------------------------------------------------------------------------

    async def look(self, run: str, stop: int | None = None) -> Look:
        """Return a run as it stands, or as it stood at one of a session's stops.

        Raises:
            RunNotFound: There is no such run.
            RunError: There is no such stop.
        """
        if run in self._files:
            return self._files[run]
        live = self._lives.get(run)
        if live is None:
            return await self._stored(run)
        session = live.session
        task, standing = session.task, session.standing
        shown = session.stop.number
        if stop is not None and stop != shown:
            task, standing = await session.standing_at(stop)
            shown = stop
        runs = session.driver.runs  # of a herd inside the herd, it is that one's
        found = await in_thread(lambda: runs.get(session.run), label="run")
        row = found.model_copy(update={"seconds": session.stops[shown - 1].seconds})
        if not session.stop.is_over and row.status == "interrupted":
            row = row.model_copy(update={"status": "running"})  # it stands at a stop: it lives
        answer = (await session.result()).answer if session.stops[shown - 1].is_over else None
        return Look(
            source="session",
            row=row,
            standing=standing,
            inputs=task.attachments,
            answer=answer,
            stops=list(session.stops),
            inside=session.inside.run if session.inside is not None else "",
            breakpoints=list(session.breakpoints),
            stop=shown,
        )

    async def _stored(self, run: str) -> Look:
        row = await in_thread(lambda: self.driver.runs.get(run), label="run")
        key = (row.status, row.seconds, row.calls)
        cached = self._cached.get(row.id)
        if cached is not None and cached[0] == key and row.status != "running":
            return cached[1]
        look = await in_thread_look(await self.driver.aget(row.id))
        self._cached = {row.id: (key, look), **dict(list(self._cached.items())[:3])}
        return look

    async def result(self, run: str) -> Run:
        """Return a run to compare or save. Raises ``RunNotFound``."""
        if run in self._files:
            return run_of(self._files[run])
        live = self._lives.get(run)
        return await (live.session.result() if live is not None else self.driver.aget(run))

    async def events(self, look: Look, step: str | None) -> list[Event]:
        """Return what happened in a run, or in one step."""
        if look.source == "file":
            return [each for each in look.events if step is None or each.step == step]
        run, live = look.row.id, self._lives.get(look.row.id)
        runs = self.driver.runs if live is None else live.session.driver.runs
        return await in_thread(lambda: runs.events(run, step=step), label="run")

    async def listed(self) -> list[JSONObject]:
        """Return the runs, the newest first; files that were opened come before them."""
        runs = self.driver.runs

        def read() -> list[JSONObject]:
            rows = runs.list(limit=_LISTED)
            steps = runs.progress([row.id for row in rows])
            return [row_json(row, steps.get(row.id), session=row.id in self._lives) for row in rows]

        files = [
            {**row_json(look.row, None, session=False), "id": name, "file": True}
            for name, look in self._files.items()
        ]
        return [*files, *await in_thread(read, label="runs")]

    async def open_file(self, path: Path, name: str) -> str:
        """Open a recording, and return the id that it is shown under. Raises ``ArtifactError``."""
        experts = self.driver.engine.present(self.driver.engine.registry.snapshot())
        folder = self.folder / "artifacts"
        look = await in_thread(lambda: open_recording(path, folder, experts), label="recording")
        identity = f"file-{len(self._files) + 1}-{look.row.id}"
        row = look.row.model_copy(update={"id": identity, "details": {"file": name}})
        look.standing.run = look.row.id
        self._files[identity] = Look(
            source="file",
            row=row,
            standing=look.standing,
            inputs=look.inputs,
            answer=look.answer,
            events=look.events,
        )
        return identity

    async def listen(self, run: str) -> AsyncGenerator[JSONObject]:
        """Yield what happens in a run, or, for ``""``, that the list of runs has changed."""
        live = self._lives.get(run)
        if live is not None:
            async for message in live.listen():
                yield message
            return
        ended = asyncio.Event()
        self._watched.add(ended)
        try:
            before, beat = await self._mark(run), time.monotonic()
            hello: JSONObject = {"type": "hello", "busy": "", "stop": 0}
            if run and isinstance(before, tuple):
                hello["status"] = str(cast("tuple[object, ...]", before)[0])
            yield hello
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_S):
                        await ended.wait()
                now = await self._mark(run)
                if now != before:
                    before, beat = now, time.monotonic()
                    yield {"type": "changed"}
                elif time.monotonic() - beat > _BEAT_S:
                    beat = time.monotonic()
                    yield {}
        finally:
            self._watched.discard(ended)

    async def _mark(self, run: str) -> object:
        """Return what changes when a run, or the list of runs, does."""
        if run in self._files:
            return run
        runs = self.driver.runs

        def read() -> object:
            if run:
                row = runs.get(run)
                return row.status, row.seconds, len(runs.events(run)) if _goes_on(row) else 0
            return [(row.id, row.status) for row in runs.list(limit=20)], len(self._files)

        return await in_thread(read, label="runs")


def _goes_on(row: Any) -> bool:
    return row.status in {"running", "waiting"}


async def in_thread_look(run: Run) -> Look:
    """Return a stored run's look; its schedule reads the store."""
    return await in_thread(lambda: of_run(run), label="debug")


__all__ = ("Desk", "Live", "Opens")

"""What every door of a server works with: the herds, who may call, and the runs under way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from herd_graph.budgets import Budget
from herd_graph.cards import ExpertCard
from herd_graph.engine import Request, new_run_id
from herd_graph.errors import ConfigError, ExpertNotRegistered, RunNotFound
from herd_graph.intake import bind_task, resolve_what
from herd_graph.recording.events import Event
from herd_graph.runs import Run, RunHandle
from herd_graph.serve.egress import Egress
from herd_graph.serve.errors import Refusal
from herd_graph.serve.files import Files
from herd_graph.serve.keys import NOBODY, Key, KeyRing, Meter
from herd_graph.serve.metrics import Metrics
from herd_graph.serve.records import Records
from herd_graph.serve.settings import Settings
from herd_graph.serve.turns import Turns
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import JSON, RunId

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.herd import Herd
    from herd_graph.plans import Plan

DEFAULT = "herd"
_FLUSH_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a model name stands for: a herd, or one expert of it."""

    model: str
    herd_name: str
    herd: Herd
    card: ExpertCard | None = None


@dataclass(kw_only=True, eq=False)
class Live:
    """A run under way."""

    id: str
    key: Key
    target: Target
    handle: RunHandle | None = None
    usd_before: float = 0.0
    """What it had cost before this server went on with it."""
    seconds_before: float = 0.0
    stopped: str = ""
    """Why it was cancelled: ``gone`` (nobody listens), ``asked``, ``drain``."""

    def stop(self, why: str) -> None:
        """Cancel it; what is finished is kept, and it can be resumed."""
        if self.handle is not None and not self.handle.done:
            self.stopped = self.stopped or why
            self.handle.cancel()


@dataclass(kw_only=True)
class Host:
    """A server's parts. Every door (OpenAI, MCP, A2A) is given one.

    Args:
        herds: By the names that clients call them; the first is the default.
        settings: What is allowed.
        given_keys: Keys besides those that are written down.
        need_key: Whether a request needs one.
    """

    herds: Mapping[str, Herd]
    settings: Settings = field(default_factory=Settings)
    given_keys: Sequence[str] = ()
    need_key: bool = False
    local_only: bool = True
    """Only reached from this machine: then the names that it is called by are checked."""

    def __post_init__(self) -> None:
        if not self.herds or any(not name or "/" in name for name in self.herds):
            raise ConfigError(
                f"{list(self.herds)!r} are no names of herds. Expected at least one, without '/'."
            )
        self.herd = next(iter(self.herds.values()))
        config = self.herd.config
        persists = self.herd.runs.database.path != ":memory:"
        self.records = Records(config.home / "serve.sqlite" if persists else ":memory:")
        self.keys = KeyRing(self.records, self.given_keys)
        self.meter = Meter(self.records)
        self.turns = Turns(self.records)
        self.files = Files(
            self.records,
            config.home / "serve" / "files",
            {name: herd.store for name, herd in self.herds.items()},
            config,
            file_bytes=self.settings.file_bytes,
            stored_bytes=self.settings.stored_bytes,
            link_s=self.settings.link_s,
        )
        self.egress = Egress(
            hosts=self.settings.fetch_from,
            networks=self.settings.fetch_networks,
            most_bytes=self.settings.fetch_bytes,
            seconds=self.settings.fetch_s,
        )
        self.live: dict[str, Live] = {}
        self.metrics = Metrics(lambda: len(self.live))
        self.missing: dict[str, str] = {}
        """Doors that are wanted and cannot be opened, with the reason."""
        self.opened: list[str] = []
        """Doors that are open."""
        self.draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._landing: set[asyncio.Task[None]] = set()

    # Names --------------------------------------------------------------------------------------

    def target(self, model: str) -> Target:
        """Return what a model name stands for: ``herd``, another herd, or ``herd/EXPERT``.

        Raises:
            Refusal: With 404, and the nearest names.
        """
        wanted = self.settings.models.get(model, model)
        name, _, expert = wanted.partition("/")
        herd = self.herds.get(name)
        if herd is None:
            raise _no_model(model, [*self.herds, *self.settings.models])
        if not expert:
            return Target(model=model, herd_name=name, herd=herd)
        try:
            card = herd.registry.find(expert).card
        except ExpertNotRegistered as error:
            raise Refusal(404, f"{error}", code="model_not_found", param="model") from None
        return Target(model=model, herd_name=name, herd=herd, card=card)

    # Runs ---------------------------------------------------------------------------------------

    def admit(self) -> None:
        """Refuse a new run where there are too many, or where the server is about to stop."""
        if self.draining:
            raise Refusal(
                503,
                "The server is stopping. Expected another one, or the next. Try again.",
                code="stopping",
                headers={"retry-after": "5", "connection": "close"},
            )
        if len(self.live) >= self.settings.most_runs:
            raise Refusal(
                503,
                f"{len(self.live)} runs are under way, as many as this server takes. Expected "
                "fewer at a time. Try again in a second.",
                code="overloaded",
                headers={"retry-after": "1"},
            )

    async def start(
        self,
        target: Target,
        what: str | Plan,
        attachments: Sequence[Artifact],
        *,
        key: Key,
        inputs: Mapping[str, Any] | None = None,
        thread: str | None = None,
        history: tuple[Mapping[str, JSON], ...] | None = None,
        budget: Budget | None = None,
        listener: Callable[[Event], None] | None = None,
    ) -> Live:
        """Start a run for somebody; await ``finish`` then, whatever happens.

        Args:
            target: Whose experts.
            what: A request in words, or a plan.
            attachments: What it is about.
            key: Who asks, and pays.
            inputs: A plan's inputs by name.
            thread: A conversation that is kept here.
            history: What was before, where no thread keeps it.
            budget: Limits, within what the key has left.
            listener: Called with each event.

        Raises:
            Refusal: Nothing is left of the key's limits, or the server takes no more.
            HerdError: What was given cannot be used.
        """
        self.admit()
        herd = target.herd
        limits = self.meter.budget(key, budget or herd.engine.budget)
        live = Live(id=new_run_id(), key=key, target=target)
        self.live[live.id] = live  # from here on it counts, and a drain waits for it
        self._idle.clear()
        try:
            owned = owned_thread(key, thread or live.id)
            text, plan = resolve_what(what, herd.config.limits.request_chars)
            request = Request(
                run=RunId(live.id),
                budget=limits,
                listener=self._listener(listener),
                history=history,
            )
            driver = herd._driver

            def bound() -> Task:
                return bind_task(
                    text,
                    plan,
                    attachments,
                    inputs or {},
                    store=herd.store,
                    config=herd.config,
                    thread=owned,
                )

            keeps = plan is not None or attachments or inputs
            task = await in_thread(bound, label="serve:bind") if keeps else bound()
            row = driver.row(task, request, thread=owned)
            opening = herd.runs.database.commits.begin(lambda: herd.runs.open(row))
            # What the run itself writes comes after it; it need not wait until it is told so.
            live.handle = driver.start_opened(task, request, row)
            await opening
        except BaseException:
            if live.handle is not None:
                live.stop("gone")
                self._leave(live)
            else:
                self._forget(live)
            raise
        self.meter.begin(key, live.id, _spent(request))
        return live

    async def resume(
        self,
        row_id: str,
        *,
        key: Key,
        answers: Mapping[str, bool] | None,
        listener: Callable[[Event], None] | None = None,
    ) -> Live:
        """Go on with a run of somebody. Raises ``Refusal``; await ``finish`` then."""
        self.admit()
        name, run = await self.find(row_id, key)
        target = Target(model=name, herd_name=name, herd=self.herds[name])
        if run.id in self.live:
            raise Refusal(
                409,
                f"Run {run.id!r} is under way. Expected one that stopped or waits. Wait for it.",
                code="run_in_progress",
            )
        live = Live(
            id=run.id, key=key, target=target, usd_before=run.usd, seconds_before=run.seconds
        )
        self.live[run.id] = live
        self._idle.clear()
        try:
            limits = self.meter.budget(key, Budget())
            narrowed = None if limits == Budget() else limits
            request = Request(budget=narrowed, listener=self._listener(listener))
            row = target.herd.runs.get(run.id)
            work = target.herd._driver.resume(row, request, answers)
            live.handle = RunHandle(asyncio.ensure_future(work), request, run.id)
        except BaseException:
            self._forget(live)
            raise
        self.meter.begin(key, live.id, lambda: (0.0, 0.0))
        return live

    async def finish(self, live: Live) -> Run:
        """Wait for a run and settle what it used. Cancelling this cancels the run.

        Raises:
            Refusal: It was stopped; the message says how to go on with it.
            HerdError: It could not be run at all.
        """
        handle = live.handle
        assert handle is not None
        run: Run | None = None
        try:
            run = done = await asyncio.shield(handle._task)
            return done
        except asyncio.CancelledError:
            if not handle.done:  # whoever waited was cancelled, not the run
                live.stop("gone")
                raise
            raise _stopped(live) from None
        finally:
            if handle.done:
                self._settle(live, run)
            else:
                self._leave(live)

    def _leave(self, live: Live) -> None:
        """Have a run that is being stopped settled once it has ended."""
        landing = asyncio.ensure_future(self._land(live))
        self._landing.add(landing)
        landing.add_done_callback(self._landing.discard)

    async def _land(self, live: Live) -> None:
        """Wait until a cancelled run has let go."""
        assert live.handle is not None
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asyncio.shield(live.handle._task)
        self._settle(live, None)

    def _settle(self, live: Live, run: Run | None) -> None:
        assert live.handle is not None
        usd, seconds = 0.0, 0.0
        flight = live.handle._request.flight
        if run is not None:
            usd, seconds = run.usd - live.usd_before, run.seconds - live.seconds_before
        elif flight is not None:
            usd, seconds = flight.ledger.spent_usd, flight.ledger.seconds_used
        status = run.status if run is not None else "interrupted" if live.stopped else "failed"
        self.meter.end(live.key, live.id, usd=max(0.0, usd), seconds=max(0.0, seconds))
        self.metrics.run(live.target.herd_name, status, seconds, usd)
        self._forget(live)

    def _forget(self, live: Live) -> None:
        self.live.pop(live.id, None)
        if not self.live:
            self._idle.set()

    def _listener(self, listener: Callable[[Event], None] | None) -> Callable[[Event], None]:
        count = self.metrics.event

        def listen(event: Event) -> None:
            count(event)
            if listener is not None:
                listener(event)

        return listen

    async def find(self, run: str, key: Key) -> tuple[str, Run]:
        """Return a run of somebody, and the name of its herd. Raises ``Refusal`` with 404."""
        for name, herd in self.herds.items():
            try:
                row = herd.runs.get(run)
            except RunNotFound:
                continue
            if row.id == run and row.thread.startswith(owned_thread(key, "")):
                return name, await herd.aget(row.id)
        raise Refusal(
            404,
            f"There is no run {run!r:.80}. Expected the id of one of your own, as the header "
            "X-Herd-Run gives it.",
            code="run_not_found",
        )

    def history_of(self, herd: Herd, run: str) -> Mapping[str, JSON] | None:
        """Return a run as a turn of a conversation; None where it was deleted."""
        try:
            row = herd.runs.get(run)
        except RunNotFound:
            return None
        task, answer = row.details.get("task"), row.details.get("answer")
        return {
            "run": row.id,
            "task": row.task,
            "attachments": task.get("attachments") if isinstance(task, dict) else {},
            "parts": answer.get("parts") if isinstance(answer, dict) else [],
        }

    # Life ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Get ready, write down what is counted, and leave nothing running at the end."""
        for herd in self.herds.values():
            await herd.engine.sync_index()
            _ = herd.graph
        writing = asyncio.create_task(self._write_down(), name="herd:serve:records")
        try:
            yield
        finally:
            await self.drain(0.0)
            writing.cancel()
            await asyncio.wait([writing])
            await in_thread(self.flush, label="serve:flush")
            self.records.close()

    async def _write_down(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_S)
            await in_thread(self.flush, label="serve:flush")

    def flush(self) -> None:
        """Write down what was counted and remembered."""
        self.meter.flush()
        self.turns.flush()

    async def drain(self, seconds: float) -> None:
        """Take no more runs, give those under way some time, then interrupt them."""
        self.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        for live in list(self.live.values()):
            live.stop("drain")
        if self.live:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self._idle.wait()


def owned_thread(key: Key, name: str) -> str:
    """Return the thread that a name is for somebody: whose a run is can be told by its thread."""
    return f"api:{key.id}:{name}"


def thread_name(thread: str) -> str:
    """Return the name that its owner calls a thread by."""
    return thread.split(":", 2)[2] if thread.startswith("api:") else thread


def _spent(request: Request) -> Callable[[], tuple[float, float]]:
    def spent() -> tuple[float, float]:
        flight = request.flight
        if flight is None:
            return 0.0, 0.0
        return flight.ledger.spent_usd, flight.ledger.seconds_used

    return spent


def _stopped(live: Live) -> Refusal:
    why = {
        "drain": "The server is stopping",
        "gone": "Nobody waited for it any more",
        "asked": "It was cancelled",
    }.get(live.stopped, "It was interrupted")
    return Refusal(
        503 if live.stopped == "drain" else 409,
        f"{why}: run {live.id!r} is interrupted. What is finished is kept. Go on with it: POST "
        f"/v1/runs/{live.id}/resume.",
        code="run_interrupted",
        headers={"x-herd-run": live.id, "x-should-retry": "false"},
    )


def _no_model(model: str, known: Sequence[str]) -> Refusal:
    from herd_graph.errors import suggest

    return Refusal(
        404,
        f"The model {model!r:.200} does not exist. {suggest(model, known, what='Models')} One "
        "expert of a herd is 'herd/EXPERT'. GET /v1/models lists them all.",
        code="model_not_found",
        param="model",
    )


__all__ = ("DEFAULT", "NOBODY", "Host", "Live", "Target", "owned_thread", "thread_name")

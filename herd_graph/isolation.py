"""Experts in processes of their own: killed for real, held to a memory limit, no harm to others.

A worker serves one expert, so that its model loads once, and a crash, a limit or a kill concerns
nobody else. It is a fresh interpreter that imports the expert's module: nothing is forked, nothing
is pickled, and the main script is not run again. This guards against accidents, not against
attackers: a worker has the rights of the user who runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from herd_graph.artifacts.base import human_size
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ConfigError, ExpertFailed, ExpertUnavailable
from herd_graph.experts import Expert, FunctionExpert
from herd_graph.failures import from_json
from herd_graph.frames import Frames
from herd_graph.store import ArtifactStore, FolderStore
from herd_graph.threads import in_thread
from herd_graph.turnstiles import Turnstile
from herd_graph.types import JSON, ArtifactRef, JSONObject, Provenance

T = TypeVar("T")
OnEvent = Callable[[str, dict[str, JSON]], None]
IDLE_S = 300.0
LOAD_S = 600.0
_POLL_S = 0.5
_SAID_CHARS = 1500
_READ_BYTES = 64 << 10
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from herd_graph.isolation_worker import main; main(int(sys.argv[1]))"
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a new process finds an expert."""

    module: str
    attribute: str
    file: str


class Worker:
    """One process that serves one expert, one call at a time."""

    def __init__(self, expert: str, memory_limit: int | None) -> None:
        self.expert = expert
        self.idle_since = 0.0
        self._memory_limit = memory_limit
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_POLL_S)
        # What the expert prints goes to a file without a name: shown if it dies, gone with it.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        flags = fcntl.fcntl(self._said, fcntl.F_GETFL)
        fcntl.fcntl(self._said, fcntl.F_SETFL, flags | os.O_APPEND)
        environment = dict(os.environ)
        if memory_limit is not None:
            # Otherwise each thread reserves 64 MiB of address space, which the limit counts.
            environment["MALLOC_ARENA_MAX"] = "1"
        fd = theirs.fileno()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-c", _START, str(fd), json.dumps(sys.path)],
                pass_fds=[fd],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                env=environment,
                start_new_session=True,  # Ctrl-C is the parent's; a kill takes its children along
            )
        self._frames = Frames(self._socket, lambda: self._process.poll() is not None)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and its children now."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that listens

    def close(self) -> None:
        """Kill it and let go of its files."""
        self.kill()
        self._process.wait()
        self._socket.close()
        self._said.close()

    async def ask(self, request: JSONObject, on_event: OnEvent | None = None) -> JSONObject:
        """Send a request and return the reply. Cancelling kills the process.

        Raises:
            ExpertFailed: The process died.
        """
        exchange = asyncio.ensure_future(
            in_thread(lambda: self._exchange(request, on_event), label=self.expert)
        )
        try:
            return await asyncio.shield(exchange)
        except asyncio.CancelledError:
            self.kill()
            await asyncio.wait({exchange})
            if not exchange.cancelled():
                exchange.exception()  # retrieved: nobody wants it any more
            raise

    def _exchange(self, request: JSONObject, on_event: OnEvent | None) -> JSONObject:
        self._said.truncate(0)
        try:
            self._frames.send({"expert": self.expert, **request})
        except OSError:
            raise self._death() from None
        while (message := self._frames.receive()) is not None:
            if "event" not in message:
                return message
            if on_event is not None:
                on_event(str(message["event"]), cast("dict[str, JSON]", message["data"]))
        raise self._death()

    def _death(self) -> ExpertFailed:
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # the children that it left
        how = f"exit status {status}"
        if status < 0:
            try:
                how = f"killed by {signal.Signals(-status).name}"
            except ValueError:
                how = f"killed by signal {-status}"
        if status == -signal.SIGKILL:
            how += ", perhaps because the machine ran out of memory"
        if status == -signal.SIGABRT and self._memory_limit is not None:
            how += f", perhaps at its memory limit of {human_size(self._memory_limit)}"
        error = ExpertFailed(
            f"Expert {self.expert!r} died: its process (pid {self.pid}) ended with {how}. Expected "
            "a result. Other experts are not affected. Check the input, or what it calls."
        )
        said = self.said()
        if said:
            error.add_note(f"The last that its process wrote:\n{said}")
        return error

    def said(self) -> str:
        """Return the end of what the expert printed during its latest call, from a crash's start."""
        end = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, end - _READ_BYTES))
        text = self._said.read().decode(errors="replace").strip()
        crash = text.rfind("Fatal Python error")
        return text[crash:][:_SAID_CHARS] if crash >= 0 else text[-_SAID_CHARS:]


class Processes:
    """Workers for isolated experts: started on demand, kept for a while, killed when they hang.

    Args:
        limit: How many run at once; by default one for each CPU, at least two.
        idle_s: Seconds after which an idle worker may go.
        load_s: How long a worker may take to start and to load its model.
    """

    def __init__(
        self, limit: int | None = None, *, idle_s: float = IDLE_S, load_s: float = LOAD_S
    ) -> None:
        self.limit = limit or max(2, os.cpu_count() or 1)
        self.idle_s = idle_s
        self.load_s = load_s
        self._places = Turnstile(self.limit)
        self._lock = threading.Lock()
        self._idle: list[tuple[Expert, Worker]] = []
        """The least recently used first."""
        self._busy: dict[Worker, Expert] = {}
        self._dropped: WeakKeyDictionary[Expert, bool] = WeakKeyDictionary()
        self._targets: WeakKeyDictionary[Expert, Target] = WeakKeyDictionary()

    @asynccontextmanager
    async def lease(self, expert: Expert) -> AsyncGenerator[Lease, None]:
        """Have a worker that has loaded the expert, for as long as the block runs.

        A worker whose call did not end well is killed; otherwise the next call finds it loaded.

        Raises:
            ExpertUnavailable: A new process cannot import or load it.
            ExpertFailed: The process died.
        """
        target = self._target(expert)
        async with self._places:
            worker = self._take(expert)
            fit = False
            try:
                if worker is None:
                    worker = await self._start(expert, target)
                lease = Lease(expert, worker)
                yield lease
                fit = lease.is_fit
            finally:
                if worker is not None:
                    self._give_back(expert, worker, fit=fit)

    def pids(self) -> dict[int, str]:
        """Return the process id and the expert of every worker, idle ones too."""
        with self._lock:
            held = [*self._busy.items(), *((worker, expert) for expert, worker in self._idle)]
            return {worker.pid: expert.card.id for worker, expert in held}

    async def drop(self, expert: Expert) -> None:
        """End the idle workers of an expert that was removed, and the busy ones after their call."""
        with self._lock:
            gone = [worker for each, worker in self._idle if each is expert]
            self._idle = [pair for pair in self._idle if pair[0] is not expert]
            if expert in self._busy.values():
                self._dropped[expert] = True
        for worker in gone:
            worker.close()

    async def close(self) -> None:
        """Kill every worker; calls in flight fail."""
        with self._lock:
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for _, worker in idle:
            worker.close()
        for worker in busy:
            worker.kill()

    def _take(self, expert: Expert) -> Worker | None:
        """Return an idle worker of the expert; make room for a new one where there is none."""
        found: Worker | None = None
        gone: list[Worker] = []
        with self._lock:
            now = time.monotonic()
            kept: list[tuple[Expert, Worker]] = []
            for owner, worker in reversed(self._idle):
                if found is None and owner is expert and worker.is_alive:
                    found = worker
                elif worker.is_alive and now - worker.idle_since < self.idle_s:
                    kept.insert(0, (owner, worker))
                else:
                    gone.append(worker)
            while found is None and kept and len(kept) + len(self._busy) >= self.limit:
                gone.append(kept.pop(0)[1])
            self._idle = kept
            if found is not None:
                self._busy[found] = expert
        for worker in gone:
            worker.close()
        return found

    async def _start(self, expert: Expert, target: Target) -> Worker:
        card = expert.card
        starting = asyncio.ensure_future(
            in_thread(lambda: Worker(card.id, card.memory_limit_bytes), label=f"start:{card.id}")
        )
        try:
            worker = await asyncio.shield(starting)
        except asyncio.CancelledError:  # it is there in a moment, and must not be lost
            await asyncio.wait({starting})
            if not starting.cancelled() and starting.exception() is None:
                starting.result().close()
            raise
        with self._lock:
            self._busy[worker] = expert
        try:
            async with asyncio.timeout(self.load_s):
                reply = await worker.ask({"load": cast("JSON", vars(target))})
        except TimeoutError as error:
            self._give_back(expert, worker, fit=False)
            raise ExpertUnavailable(
                f"Expert {card.id!r} did not start within {self.load_s:g} s in its own process. "
                "Expected its module to import and its load() to end. Check what they wait for."
            ) from error
        except BaseException:
            self._give_back(expert, worker, fit=False)
            raise
        if "error" in reply:
            self._give_back(expert, worker, fit=False)
            raise from_json(cast("JSONObject", reply["error"]))
        return worker

    def _give_back(self, expert: Expert, worker: Worker, *, fit: bool) -> None:
        with self._lock:
            self._busy.pop(worker, None)
            others = expert in self._busy.values()
            dropped = (
                self._dropped.get(expert, False) if others else self._dropped.pop(expert, False)
            )
            keep = fit and not dropped and worker.is_alive
            if keep:
                worker.idle_since = time.monotonic()
                self._idle.append((expert, worker))
        if not keep:
            worker.close()

    def _target(self, expert: Expert) -> Target:
        """Return where a new process finds the expert. Raises ``ExpertUnavailable``."""
        target = self._targets.get(expert)
        if target is None:
            target = self._targets[expert] = find_target(expert)
        return target


class Lease:
    """A worker, for one call."""

    def __init__(self, expert: Expert, worker: Worker) -> None:
        self.is_fit = False
        """Whether the worker can serve the next call."""
        self._expert = expert
        self._worker = worker

    @property
    def pid(self) -> int:
        """The process id of the worker."""
        return self._worker.pid

    async def call(
        self,
        inputs: Mapping[str, ArtifactRef | list[ArtifactRef]],
        context: ExpertContext,
        store: ArtifactStore,
        provenance: Provenance,
    ) -> dict[str, ArtifactRef | list[ArtifactRef]]:
        """Make the call there. What it spent is added to ``context``.

        Raises:
            CallError: As it was raised there, or because the process died.
        """
        store_there, bridge = await _reachable(store, inputs)
        try:
            request: JSONObject = {
                "store": store_there,
                "inputs": {name: _dump(value) for name, value in inputs.items()},
                "context": {
                    "run": context.run,
                    "step": context.step,
                    "attempt": context.attempt,
                    "idempotency_key": context.idempotency_key,
                    "seconds_left": context.seconds_left,
                    "usd_left": context.usd_left,
                },
                "provenance": provenance.model_dump(mode="json"),
                "memory_limit": self._expert.card.memory_limit_bytes,
                "events": context.on_event is not None,
            }
            reply = await self._worker.ask(request, context.on_event)
            if "error" in reply:
                self.is_fit = not reply.get("retire")
                raise from_json(cast("JSONObject", reply["error"]))
            self.is_fit = True
            context.spend(float(cast("float", reply["usd"])))
            context.usage.update(cast("dict[str, JSON]", reply["usage"]))
            outputs = {
                name: _read(value)
                for name, value in cast("dict[str, JSON]", reply["outputs"]).items()
            }
            if bridge is not None:
                await _bring_back(outputs, FolderStore(bridge.name), store)
            return outputs
        finally:
            if bridge is not None:
                bridge.cleanup()


def find_target(expert: Expert) -> Target:
    """Return the module and the top-level name under which a new process finds the expert.

    Raises:
        ExpertUnavailable: It lives where only this process can see it.
    """
    preferred = expert.__module__ if isinstance(expert, FunctionExpert) else ""
    modules: dict[str, Any] = dict(sys.modules)
    for name in [preferred, *modules]:
        module = modules.get(name)
        if module is None or name in {"", "__main__", "__mp_main__"}:
            continue
        names: dict[str, object] = getattr(module, "__dict__", {})
        for attribute, value in list(names.items()):
            if value is expert:
                file = str(getattr(module, "__file__", None) or "")
                return Target(module=name, attribute=attribute, file=file)
    where = "inside a function" if "<locals>" in getattr(expert, "qualname", "") else "there"
    shown = f"It was declared in {preferred or 'no module'!r}"
    raise ExpertUnavailable(
        f"Expert {expert.card.id!r} cannot run in a process of its own: a new process cannot import "
        f"it. {shown}, {where} no other process sees it. Move it to the top level of a module (a "
        ".py file that is imported, not the script or notebook itself), or leave out "
        "isolate='process'."
    )


async def _reachable(
    store: ArtifactStore, inputs: Mapping[str, ArtifactRef | list[ArtifactRef]]
) -> tuple[str, tempfile.TemporaryDirectory[str] | None]:
    """Return a URL that the worker can open; for bytes in memory, a folder that holds a copy."""
    try:
        url = store.url
        if not url.startswith("memory:"):
            return url, None
    except ConfigError:
        pass
    bridge = tempfile.TemporaryDirectory(prefix="herd-isolated-")
    folder = FolderStore(bridge.name)

    def copy() -> None:
        for ref in _flat(inputs):
            if ref.inline is None:
                folder.put(store.get(ref.id))

    try:
        await in_thread(copy, label="bridge")
    except BaseException:
        bridge.cleanup()
        raise
    return folder.url, bridge


async def _bring_back(
    outputs: Mapping[str, ArtifactRef | list[ArtifactRef]],
    folder: FolderStore,
    store: ArtifactStore,
) -> None:
    def copy() -> None:
        for ref in _flat(outputs):
            if ref.inline is None:
                store.put(folder.get(ref.id))

    await in_thread(copy, label="bridge")


def _flat(refs: Mapping[str, ArtifactRef | list[ArtifactRef]]) -> list[ArtifactRef]:
    return [ref for each in refs.values() for ref in (each if isinstance(each, list) else [each])]


def _dump(value: ArtifactRef | list[ArtifactRef]) -> JSON:
    if isinstance(value, list):
        return [cast("JSON", each.model_dump(mode="json")) for each in value]
    return cast("JSON", value.model_dump(mode="json"))


def _read(value: JSON) -> ArtifactRef | list[ArtifactRef]:
    if isinstance(value, list):
        return [ArtifactRef.model_validate(each) for each in value]
    return ArtifactRef.model_validate(value)

"""Experts in processes of their own: killed for real, held to a memory limit, no harm to others.

A worker serves one expert, so that its model loads once, and a crash, a limit or a kill concerns
nobody else. It is a fresh interpreter that imports the expert's module: nothing is forked, nothing
is pickled, and the main script is not run again. This guards against accidents, not against
attackers: a worker has the rights of the user who runs it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ConfigError, ExpertUnavailable
from herd_graph.experts import Expert
from herd_graph.failures import from_json
from herd_graph.function_experts import FunctionExpert
from herd_graph.store import ArtifactStore, FolderStore
from herd_graph.threads import in_thread
from herd_graph.turnstiles import Turnstile
from herd_graph.types import JSON, ArtifactRef, JSONObject, Provenance
from herd_graph.worker_process import Worker

T = TypeVar("T")
IDLE_S = 300.0
LOAD_S = 600.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a new process finds an expert."""

    module: str
    attribute: str
    file: str


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
        self._starting = 0
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
        """Return an idle worker of the expert; where there is none, make room for a new one.

        None is a promise to start one: ``_start`` must be called.
        """
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
            taken = len(self._busy) + self._starting
            while found is None and kept and len(kept) + taken >= self.limit:
                gone.append(kept.pop(0)[1])
            self._idle = kept
            if found is not None:
                self._busy[found] = expert
            else:
                self._starting += 1
        for worker in gone:
            worker.close()
        return found

    async def _start(self, expert: Expert, target: Target) -> Worker:
        card = expert.card
        try:
            worker = await self._started(card)
            with self._lock:
                self._busy[worker] = expert
        finally:
            with self._lock:
                self._starting -= 1
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

    async def _started(self, card: ExpertCard) -> Worker:
        starting = asyncio.ensure_future(
            in_thread(lambda: Worker(card.id, card.memory_limit_bytes), label=f"start:{card.id}")
        )
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:  # it is there in a moment, and must not be lost
            await asyncio.wait({starting})
            if not starting.cancelled() and starting.exception() is None:
                starting.result().close()
            raise

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

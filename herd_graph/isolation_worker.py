"""What runs in an isolated expert's process: one expert, its model, one call at a time.

References and text cross the boundary, as JSON, over a socket of their own: whatever the expert
prints cannot disturb it. Payloads go through the artifact store.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib
import importlib.util
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

from herd_graph.artifacts.base import human_size
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed, ExpertUnavailable
from herd_graph.experts import Expert
from herd_graph.failures import explain, to_json
from herd_graph.frames import Frames
from herd_graph.payloads import keep_outputs, open_inputs
from herd_graph.store import open_store
from herd_graph.types import JSON, ArtifactRef, JSONObject, Provenance

STACK_BYTES = 16 << 20
"""Room for the thread that a sync expert runs in: no part of what the expert itself takes."""


def main(fd: int) -> None:
    """Serve the parent at the other end of ``fd`` until it is gone."""
    os.set_inheritable(fd, False)
    sock = socket.socket(fileno=fd)
    threading.Thread(target=_die_with_parent, args=(fd,), daemon=True).start()
    worker = Worker(Frames(sock))
    with asyncio.Runner() as runner:  # one loop for all calls: async clients belong to theirs
        while (request := worker.frames.receive()) is not None:
            reply = runner.run(worker.answer(request))
            try:
                worker.frames.send(reply)
            except OSError:
                break
            if reply.get("retire"):
                break
    os._exit(0)  # whatever threads the expert left behind


def _die_with_parent(fd: int) -> None:
    """End this process and its children when the parent is gone, also during a call."""
    poller = select.poll()
    poller.register(fd, select.POLLHUP | getattr(select, "POLLRDHUP", 0))
    poller.poll()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


class Worker:
    """Loads one expert and answers calls of it."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self._expert: Expert | None = None
        self._base: int | None = None
        """The address space once loaded, in bytes: where the memory limit starts to count."""
        self._sending = threading.Lock()

    async def answer(self, request: JSONObject) -> JSONObject:
        """Return the reply to one request; never raises."""
        loading = "load" in request
        name = str(request.get("expert"))
        limit = request.get("memory_limit")
        context = ExpertContext()
        try:
            if loading:
                await self._load(cast("dict[str, Any]", request["load"]), name)
                return {"ready": True}
            with self._limited(limit if isinstance(limit, int) else None):
                return await self._call(request, context)
        except BaseException as error:
            if isinstance(limit, int) and _is_out_of_memory(error):
                failed = ExpertFailed(
                    f"Expert {name!r} went over its memory limit of {human_size(limit)}. Expected "
                    "the call to stay below it. Give it a smaller input, or raise memory_limit."
                )
                failed.retryable, failed.about_input = False, True
                failed.usd = context.spent_usd
                return {"error": to_json(failed), "retire": True}
            explained = explain(name, error, loading=loading)
            explained.usd = context.spent_usd
            return {"error": to_json(explained), "retire": isinstance(error, MemoryError)}

    async def _load(self, target: dict[str, Any], name: str) -> None:
        found = _find(target)
        if not isinstance(found, Expert) or found.card.id != name:
            shown = found.card.id if isinstance(found, Expert) else type(found).__name__
            raise ExpertUnavailable(
                f"Expert {name!r} cannot be isolated: {target['module']}:{target['attribute']} is "
                f"{shown!r} when a new process imports it. Expected the same expert. Give it a "
                "name at the top of its module, and build it the same way at each import."
            )
        await found.load()
        self._expert = found
        self._base = _address_space()

    async def _call(self, request: JSONObject, context: ExpertContext) -> JSONObject:
        expert = self._expert
        assert expert is not None
        store = open_store(str(request["store"]))
        told = cast("dict[str, Any]", request["context"])
        left = told.pop("seconds_left")
        for key, value in told.items():
            setattr(context, key, value)
        context.deadline = None if left is None else time.monotonic() + left
        context.on_event = self._tell if request.get("events") else None
        given = cast("dict[str, Any]", request["inputs"])
        refs = {name: _refs(value) for name, value in given.items()}
        inputs = await open_inputs(expert, refs, store)
        outputs = await expert.invoke(inputs, context)
        provenance = Provenance.model_validate(request["provenance"])
        kept = await keep_outputs(expert.card, outputs, store, provenance)
        shown = {
            name: [each.model_dump(mode="json") for each in value]
            if isinstance(value, list)
            else value.model_dump(mode="json")
            for name, value in kept.items()
        }
        return {"outputs": cast("JSON", shown), "usd": context.spent_usd, "usage": context.usage}

    @contextlib.contextmanager
    def _limited(self, extra: int | None) -> Generator[None, None, None]:
        """Let the address space grow by at most ``extra`` bytes while the block runs."""
        if extra is None or self._base is None:
            yield
            return
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = self._base + extra + STACK_BYTES
        if hard != resource.RLIM_INFINITY:
            allowed = min(allowed, hard)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def _tell(self, kind: str, data: dict[str, JSON]) -> None:
        with self._sending:
            self.frames.send({"event": kind, "data": data})


def _refs(value: Any) -> ArtifactRef | list[ArtifactRef]:
    if isinstance(value, list):
        return [ArtifactRef.model_validate(each) for each in cast("list[Any]", value)]
    return ArtifactRef.model_validate(value)


def _find(target: dict[str, Any]) -> object:
    name, attribute, file = target["module"], target["attribute"], target["file"]
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name or not file:
            raise
        spec = importlib.util.spec_from_file_location(name, file)  # it was loaded from a path
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return getattr(module, attribute, None)


def _address_space() -> int | None:
    """Return the bytes of address space in use; None where the system does not say (not Linux)."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGESIZE")


def _is_out_of_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError) or "can't start new thread" in str(error):
            return True
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return True
        error = error.__cause__ or error.__context__
    return False

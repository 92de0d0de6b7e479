"""One process that serves one isolated expert, as its parent sees it: start, ask, kill.

The other end is ``isolation_worker``.
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
from collections.abc import Callable
from typing import TypeAlias, cast

from herd_graph.artifacts.base import human_size
from herd_graph.errors import ExpertFailed
from herd_graph.frames import Frames
from herd_graph.threads import in_thread
from herd_graph.types import JSON, JSONObject

OnEvent: TypeAlias = Callable[[str, dict[str, JSON]], None]
_POLL_S = 0.5
_SAID_CHARS = 1500
_READ_BYTES = 64 << 10
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from herd_graph.isolation_worker import main; main(int(sys.argv[1]))"
)


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

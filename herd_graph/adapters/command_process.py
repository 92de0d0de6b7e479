"""One run of a program: its input fed, its output read up to a limit, its process group ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from herd_graph.artifacts.base import human_size
from herd_graph.errors import ExpertFailed

_STDERR_BYTES = 64 << 10
_CHUNK = 1 << 16
_GRACE_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How a program ended."""

    code: int
    stdout: bytes
    stderr: bytes
    """The last of it."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a program may write."""

    output_bytes: int

    def passed(self, expert: str) -> ExpertFailed:
        """Return the error for a program that wrote more."""
        error = ExpertFailed(
            f"Expert {expert!r}: the program wrote more than {human_size(self.output_bytes)}, and "
            "was stopped. Expected less. Raise output_limit=…, or ask it for less."
        )
        error.retryable = False
        return error


class _TooMuch(Exception):
    """The limit on the output was passed."""


async def run(
    argv: list[str],
    stdin: bytes | None,
    folder: Path,
    environment: Mapping[str, str],
    limit: Limit,
    expert: str,
) -> Finished:
    """Run a program to its end. Cancelling it kills the whole process group.

    Raises:
        ExpertFailed: It cannot be started, or wrote more than it may.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        failed = ExpertFailed(
            f"Expert {expert!r}: the program {argv[0]!r} cannot be started: {error}. Expected an "
            "executable file. Install it again."
        )
        failed.retryable = False
        raise failed from error
    _bound(process.pid, limit)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.TaskGroup() as group:
            fed = group.create_task(_feed(process.stdin, stdin))
            out = group.create_task(_read(process.stdout, limit.output_bytes))
            err = group.create_task(_tail(process.stderr))
            await _exited(process)
            # A child that it left behind may hold the pipes open: what is there now is all.
            _kill(process.pid)
        del fed
        code = await process.wait()
        return Finished(code=code, stdout=out.result(), stderr=err.result())
    except* _TooMuch:
        raise limit.passed(expert) from None
    finally:
        await _end(process)


async def _exited(process: asyncio.subprocess.Process) -> None:
    """Wait for the program itself; ``process.wait`` waits for its pipes too."""
    try:
        watched = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # not Linux, or gone already
        await process.wait()
        return
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    try:
        loop.add_reader(watched, lambda: None if gone.done() else gone.set_result(None))
        await gone
    finally:
        loop.remove_reader(watched)
        os.close(watched)


def _bound(pid: int, limit: Limit) -> None:
    """Let no file that the program writes become larger than the limit (Linux)."""
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is not None:
        with contextlib.suppress(OSError, ValueError):
            most = limit.output_bytes + _CHUNK
            prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


async def _feed(pipe: asyncio.StreamWriter | None, content: bytes | None) -> None:
    if pipe is None or content is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it read what it wanted
        for start in range(0, len(content), _CHUNK):
            pipe.write(content[start : start + _CHUNK])
            await pipe.drain()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.close()
        await pipe.wait_closed()


async def _read(pipe: asyncio.StreamReader, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await pipe.read(_CHUNK):
        size += len(piece)
        if size > most:
            raise _TooMuch
        pieces.append(piece)
    return b"".join(pieces)


async def _tail(pipe: asyncio.StreamReader) -> bytes:
    kept = b""
    while piece := await pipe.read(_CHUNK):
        kept = (kept + piece)[-_STDERR_BYTES:]
    return kept


def _kill(pid: int, how: int = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, how)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End what is left: politely at first, so that it can remove its files elsewhere."""
    if process.returncode is None:
        _kill(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            _kill(process.pid)
    else:
        _kill(process.pid)
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_GRACE_S):
            await process.wait()


__all__ = ("Finished", "Limit", "run")

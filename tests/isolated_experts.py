"""Experts for the tests of isolation: a new process must be able to import them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from herd_graph.artifacts import Image, Text
from herd_graph.contexts import ExpertContext
from herd_graph.function_experts import expert


@expert(isolate="process")
def pid(text: str) -> int:
    """Say in which process it runs."""
    return os.getpid()


@expert(isolate="process")
async def pid_async(text: str) -> int:
    """Say in which process it runs."""
    return os.getpid()


@expert(isolate="process")
def whoami(text: Text, ctx: ExpertContext) -> dict[str, str | int | float | None]:
    """Say what it knows of the call."""
    ctx.spend(0.25, tokens=3)
    return {
        "run": ctx.run,
        "step": ctx.step,
        "attempt": ctx.attempt,
        "key": ctx.idempotency_key,
        "text": text.text,
        "seconds": None if ctx.seconds_left is None else round(ctx.seconds_left),
    }


@expert(isolate="process")
def counts(text: str) -> Iterator[str]:
    """Count aloud."""
    for n in range(20):
        yield f"{n} "


@expert(isolate="process", timeout_s=0.5)
def hangs(text: str) -> str:
    """Hang, with a child that hangs too."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    Path(text).write_text(f"{os.getpid()} {child.pid}")
    while True:
        time.sleep(3600)


@expert(isolate="process")
def dies(text: str) -> str:
    """Die in one of several ways."""
    sys.stdout.write("about to die\n")
    if text == "segfault":
        ctypes.string_at(0)
    if text == "exit":
        os._exit(7)
    if text == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if text == "sys.exit":
        sys.exit(3)
    return "alive"


@expert(isolate="process")
def orphans(text: str) -> str:
    """Die, and leave a child."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    Path(text).write_text(str(child.pid))
    os._exit(1)


@expert(isolate="process", memory_limit="64 MiB")
def floods(text: str) -> int:
    """Take more and more memory."""
    return len([bytearray(1 << 20) for _ in range(int(text))])


@expert(isolate="process")
def noisy(text: str) -> str:
    """Write to standard output in every way there is."""
    sys.stdout.write("noise " * 1000)
    sys.stdout.flush()
    os.write(1, b"\x00\x00\x00\x05more noise")
    subprocess.run(["echo", "noise from a child"], check=True)
    ctypes.CDLL(None).puts(b"noise from C")
    sys.stdin.read()
    return "quiet"


@expert(isolate="process")
def raises(text: str) -> str:
    """Raise."""
    raise LookupError(f"no {text}")


@expert(isolate="process")
def makes(size: int) -> Image:
    """Make bytes."""
    return Image(b"\x89PNG\r\n\x1a\n" + b"x" * size, mime="image/png")


@expert(isolate="process")
def leaves_a_thread(text: str) -> str:
    """Leave a thread behind."""
    threading.Thread(target=time.sleep, args=(3600,)).start()
    return text


@expert(isolate="process")
class Model:
    """Count its loads and calls."""

    def load(self) -> None:
        self.calls = 0

    def __call__(self, text: str) -> str:
        self.calls += 1
        return f"{os.getpid()} {self.calls}"


@expert(isolate="process")
class Broken:
    """Fail to load."""

    def load(self) -> None:
        raise OSError("weights.bin is truncated")

    def __call__(self, text: str) -> str:
        return text


def _make(name: str) -> object:
    @expert(name=name, isolate="process")
    def hidden(text: str) -> str:
        """Hide."""
        return text

    return hidden


hidden_in_a_function = _make("hidden")
held = [_make("held")]
"""Reachable, but under no name of its own."""

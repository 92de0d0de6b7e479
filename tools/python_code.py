"""Run Python code in a process with limits. It is off unless somebody enables it."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

ENABLE = "HERD_ENABLE_RUN_PYTHON"
MAX_CHARS = 100_000
SECONDS = 10
"""Of processor time; of the clock it is half as much again."""
MEMORY = 512 << 20
OUTPUT = 100_000
"""Bytes of output that are kept; a program that writes more is stopped."""
_FENCED = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_TOO_LONG = {-signal.SIGXCPU, 128 + signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGKILL}
_RUNNER = Path(__file__).with_name("python_runner.py")


def is_enabled() -> bool:
    """Say whether ``HERD_ENABLE_RUN_PYTHON`` asks for the expert."""
    return os.environ.get(ENABLE, "").strip().lower() in {"1", "true", "yes", "on"}


@expert(
    name="run_python",
    tags=["python", "code", "program", "script", "execute"],
    examples=[
        "run this Python code",
        "execute the script",
        "what does this Python program print?",
        "run the code in the file and show its output",
    ],
    latency_s=0.1,
    memory="10 MiB",
    licence="Apache-2.0",
    notes=(
        "NO SECURITY BOUNDARY: limits and guards against accidents, not against attackers; enable it "
        f"({ENABLE}=1) only for code that you would run yourself. A fresh process for each call: the "
        f"standard library alone, {SECONDS} s, {MEMORY >> 20} MiB, an empty folder that is thrown "
        "away, no other files, no programs; no network (a namespace of its own where the system "
        "allows one, a guard inside Python elsewhere)."
    ),
    deterministic=False,
)
class RunPython:
    """Run a Python program in a limited process and give what it prints."""

    def load(self) -> None:
        """Nothing is loaded: each call has a process of its own."""

    def __call__(self, code: Text, context: ExpertContext | None = None) -> Text:
        """Run.

        Args:
            code: Python source; of Markdown, its fenced code. The value of a last expression is
                printed, as at the prompt.
            context: Its deadline is kept.
        """
        source = _source(code.text)
        left = context.seconds_left if context is not None else None
        clock = SECONDS * 1.5 if left is None else max(0.1, min(left, SECONDS * 1.5))
        with tempfile.TemporaryDirectory(prefix="herd-python-") as folder:
            said, failed, ended = _run(source, Path(folder), clock)
        return _told(said, failed, ended)


def _source(text: str) -> str:
    blocks = [each.strip("\n") for each in _FENCED.findall(text)]
    source = "\n\n".join(blocks) if blocks else text
    if not source.strip() or len(source) > MAX_CHARS:
        raise PortViolation(
            f"The code has {len(source):,} characters. Expected 1 to {MAX_CHARS:,} of Python. Give a "
            "program."
        )
    if "\0" in source:
        raise PortViolation("The code holds a zero byte. Expected Python source. Remove it.")
    return source


def _run(source: str, folder: Path, clock: float) -> tuple[bytes, bytes, int | str]:
    """Run code in an empty folder; return its output, its error, and how it ended."""
    work = folder / "work"
    work.mkdir()
    (folder / "code.py").write_text(source, encoding="utf-8", errors="replace")
    command = [
        *_alone(), sys.executable, "-I", "-S", "-B", "-X", "utf8", str(_RUNNER),
        str(folder / "code.py"), str(work), str(SECONDS), str(MEMORY), str(OUTPUT),
    ]  # fmt: skip
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=work,
            env={"LANG": "C.UTF-8", "HOME": str(work), "TMPDIR": str(work), "PATH": ""},
            close_fds=True, start_new_session=True,
        )  # fmt: skip
        ended: int | str
        try:
            ended = process.wait(timeout=clock)
        except subprocess.TimeoutExpired:
            ended = "timeout"
        finally:
            _kill(process)
    return _head(folder / "out"), _head(folder / "err"), ended


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of the process's session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)


def _head(path: Path) -> bytes:
    with path.open("rb") as reader:
        return reader.read(OUTPUT + 1)


@functools.cache
def _alone() -> tuple[str, ...]:
    """Return the command that cuts a process off from the network; empty where it is not allowed."""
    tool = shutil.which("unshare")
    if tool is None:
        return ()
    command = (tool, "--user", "--map-root-user", "--net", "--")
    try:
        tried = subprocess.run(
            [*command, sys.executable, "-I", "-S", "-c", "pass"],
            capture_output=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return command if tried.returncode == 0 else ()


def _told(said: bytes, failed: bytes, ended: int | str) -> Text:
    printed = said[:OUTPUT].decode("utf-8", "replace")
    trouble = failed.decode("utf-8", "replace").strip()
    shown = f" It had printed: {printed.strip()[-300:]!r}." if printed.strip() else ""
    if ended == "timeout" or ended in _TOO_LONG:
        raise PortViolation(
            f"The code ran for more than {SECONDS} s and was stopped.{shown} Expected a program that ends "
            "sooner. Look for an endless loop, or do less at once."
        )
    if len(said) > OUTPUT or "[Errno 27]" in trouble:
        raise PortViolation(
            f"The code printed more than {OUTPUT:,} bytes and was stopped. Expected a shorter output. "
            "Print what matters."
        )
    if ended != 0:
        last = trouble.splitlines()[-1] if trouble else f"it ended with status {ended}"
        where = re.findall(r'File "<code>", line (\d+)', trouble)
        line = f" in line {where[-1]}" if where else ""
        raise PortViolation(
            f"The code failed{line}: {last[:400]}.{shown} Expected a program of the standard library that "
            "needs no files, network or other programs. Correct it."
        )
    if not printed.strip():
        return Text("(The code ran and printed nothing.)")
    return Text(printed)

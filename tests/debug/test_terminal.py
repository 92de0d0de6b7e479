"""The full-screen debugger in a real terminal: it takes it, gives it back, and ends with it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 120
"""However busy the machine is, something is wrong after that."""


class Terminal:
    """A terminal that shows the debugger; what it draws is kept."""

    def __init__(self, leader: int, process: subprocess.Popen[bytes]) -> None:
        self.leader = leader
        self.process = process
        self.drawn = bytearray()

    def read(self) -> None:
        """Take what is drawn, if anything is, soon."""
        if select.select([self.leader], [], [], 0.2)[0]:
            try:
                self.drawn += os.read(self.leader, 1 << 16)
            except OSError:  # nobody has it open any more
                self.process.wait(SECONDS)

    def until(self, done: Callable[[], bool], *, keys: bytes = b"") -> None:
        """Read until something holds; type keys, once a second: the first may come too early."""
        end = time.monotonic() + SECONDS
        typed = 0.0
        while not done():
            assert time.monotonic() < end, self.drawn[-2000:].decode("utf-8", "replace")
            if keys and time.monotonic() - typed > 1 and self.process.poll() is None:
                typed = time.monotonic()
                os.write(self.leader, keys)
            self.read()

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None


@contextmanager
def debugging(folder: Path, request: str) -> Generator[Terminal]:
    (folder / "herd.toml").write_text(
        '[herd]\nembedded = false\nhome = "home"\n[[experts]]\nref = "python:./mine.py:shout"\n'
    )
    (folder / "mine.py").write_text(
        "from herd_graph import Text, expert\n\n"
        "@expert\ndef shout(text: Text) -> Text:\n"
        '    """Write a text in capital letters."""\n'
        "    return Text(str(text).upper())\n"
    )
    leader, follower = pty.openpty()
    size = struct.pack("HHHH", 30, 100, 0, 0)  # without one nothing is drawn
    fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
    command = [sys.executable, "-m", "herd_graph.cli", "debug", request, "--tui"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(follower)
    terminal = Terminal(leader, process)
    try:
        terminal.until(lambda: b"as at the prompt" in terminal.drawn or terminal.has_ended)
        yield terminal
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if terminal.leader >= 0:
            os.close(terminal.leader)


def test_it_takes_the_terminal_and_gives_it_back(tmp_path: Path):
    with debugging(tmp_path, "Write 'abc' in capital letters\x1b]0;owned\x07") as terminal:
        terminal.until(lambda: b"The plan is written" in terminal.drawn)
        terminal.until(lambda: terminal.has_ended, keys=b"q")
        while select.select([terminal.leader], [], [], 0)[0]:
            try:
                terminal.drawn += os.read(terminal.leader, 1 << 16)
            except OSError:
                break

    assert terminal.process.returncode == 0
    assert b"\x1b[?1049l" in terminal.drawn
    assert b"owned\x07" not in terminal.drawn


def test_it_ends_with_its_terminal(tmp_path: Path):
    with debugging(tmp_path, "Write 'abc' in capital letters") as terminal:
        os.close(terminal.leader)
        terminal.leader = -1

        assert terminal.process.wait(SECONDS) >= 0  # by itself, and by no signal

"""``herd chat``: piped, on a terminal, and what its commands say."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "herd_graph.cli", "chat"]


def piped(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    made = tmp_path / "sum one.txt"
    made.write_text("12 + 30", encoding="utf-8")
    return made


def test_every_line_of_a_pipe_is_a_message(letter: Path) -> None:
    done = piped(f"What is 3 + 4?\n\n'{letter}'\n/files\nWhat is 5 * 5?\n/history\n")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "7"
    assert "next: sum one.txt (text)" in done.stdout
    assert "> What is 3 + 4?" in done.stdout
    assert "With the next message: sum one.txt" in done.stderr


def test_what_goes_wrong_is_told_and_the_conversation_goes_on() -> None:
    done = piped(
        "/plan\n/bogus\n/attach nowhere.png\nbook a flight to Lisbon\nWhat is 3 + 4?\n/quit\nWhat is 8 * 8?\n"
    )

    assert "Nothing was asked yet" in done.stderr
    assert "There is no command '/bogus'" in done.stderr
    assert "'nowhere.png' does not exist" in done.stderr
    assert "No expert here can do 'book a flight to Lisbon'" in done.stdout
    assert "7" in done.stdout.splitlines()
    assert "64" not in done.stdout  # it had been left
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_small_talk_is_served_by_a_word() -> None:
    talked = piped("hi, what can you do?\nthanks!\n")
    ran = subprocess.run(
        [*COMMAND[:-1], "run", "--quiet", "thanks!"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert "- translate: " in talked.stdout
    assert "You are welcome." in talked.stdout
    assert "You are welcome." in ran.stdout
    assert (talked.returncode, ran.returncode) == (0, 0)


def test_json_is_one_line_for_each_answer_on_one_thread() -> None:
    done = piped("What is 3 + 4?\nWhat is 5 * 5?\n", "--json", "--quiet", "--thread", "talk")

    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["thread"] for each in runs] == ["talk", "talk"]
    assert [each["answer"]["parts"][0]["text"] for each in runs] == ["7", "25"]
    assert done.stderr == ""


ON_ITS_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
"""The terminal becomes the process's own, so that Ctrl-C is a signal."""


READY = "\x1b[?2004h"
"""Pasting is announced to the terminal when a line may be typed."""


class Terminal:
    """A person at a terminal."""

    def __init__(self, **environment: str) -> None:
        self._mine, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_ITS_TERMINAL, *COMMAND],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1", **environment},
        )
        os.close(theirs)
        self.seen = ""

    def types(self, text: str) -> None:
        os.write(self._mine, text.encode())

    def sees(self, text: str, within: float = 120) -> None:
        """Wait until the text is on the screen, after what was seen before."""
        end = time.monotonic() + within
        while text not in self.seen:
            left = end - time.monotonic()
            assert left > 0, f"{text!r} never came: {self.seen!r}"
            if select.select([self._mine], [], [], left)[0]:
                try:
                    self.seen += os.read(self._mine, 4096).decode(errors="replace")
                except OSError:  # the other side is closed
                    assert text in self.seen, self.seen
        self.seen = self.seen.partition(text)[2]

    def shows_keys(self) -> bool:
        return bool(termios.tcgetattr(self._mine)[3] & termios.ECHO)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)
        os.close(self._mine)


def test_a_person_at_a_terminal(herd_home: Path) -> None:
    terminal = Terminal()
    try:
        terminal.sees("/help lists commands")
        terminal.sees(READY)
        terminal.types("What is 17 * 23 + 9?\n")
        terminal.sees("400")
        terminal.sees(READY)
        terminal.types("half a line\x03")  # Ctrl-C drops it
        terminal.sees(READY)
        terminal.types("/plan\n")
        terminal.sees("calculate")
        terminal.sees(READY)
        terminal.types("\x10\x10\n")  # twice back in the history, and again
        terminal.sees("400")
        terminal.sees(READY)
        terminal.types("\x04")
        terminal.sees("herd chat --thread chat-")
        assert terminal.process.wait(timeout=120) == 0
    finally:
        terminal.close()

    assert "What is 17 * 23 + 9?" in (herd_home / "chat_history").read_text()


def test_a_conversation_that_is_told_to_end_leaves_the_terminal_as_it_was(herd_home: Path) -> None:
    terminal = Terminal()
    try:
        terminal.sees(READY)
        assert not terminal.shows_keys()  # the line editor draws them
        terminal.process.terminate()
        assert terminal.process.wait(timeout=120) == 128 + signal.SIGTERM
        assert terminal.shows_keys()
    finally:
        terminal.close()


def test_a_terminal_that_cannot_move_its_cursor_takes_lines_too(herd_home: Path) -> None:
    terminal = Terminal(TERM="dumb")
    try:
        terminal.sees("> ")
        terminal.types("What is 17 * 23 + 9?\n")
        terminal.sees("400")
        terminal.sees("> ")
        terminal.types("/quit\n")
        assert terminal.process.wait(timeout=120) == 0
    finally:
        terminal.close()

"""Lines that a person types: with history and completion on a terminal, plainly from a pipe."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from herd_graph.cli.session import run_until_done

if TYPE_CHECKING:
    import asyncio

    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer

MOST_HISTORY = 1_000_000
"""How many bytes of what was typed are kept; the older half goes when there are more."""


class _Dropped(Exception):
    """Ctrl-C: the line that is being typed is not wanted."""


class Lines:
    """Reads one line after the other.

    On a terminal Ctrl-C is read as a key, never as a signal: GNU readline under CPython loses a
    signal that arrives between "a key is there" and reading it, and notices it at the next key.

    Args:
        history: The file that keeps what was typed.
        commands: What Tab completes after a slash.
        runner: Whose loop waits for keys.
    """

    def __init__(self, history: Path, commands: tuple[str, ...], runner: asyncio.Runner) -> None:
        self.interactive = sys.stdin.isatty() and sys.stderr.isatty()
        self._runner = runner
        self._session = _session(history, commands) if self.interactive else None

    def read(self, prompt: str) -> str | None:
        """Return the next line; None at the end. Ctrl-C drops the line that is being typed.

        Raises:
            Interrupted: The process is told to end, or its terminal is gone.
        """
        if self._session is None:
            line = sys.stdin.readline()
            return line.rstrip("\n") if line else None
        while True:
            try:
                return run_until_done(self._session.prompt_async(prompt), runner=self._runner)
            except EOFError:
                return None
            except _Dropped:
                continue


def _session(history: Path, commands: tuple[str, ...]) -> PromptSession[str]:
    # Asking the terminal where its cursor is only serves menus, and some never answer.
    os.environ.setdefault("PROMPT_TOOLKIT_NO_CPR", "1")
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory, InMemoryHistory
    from prompt_toolkit.output import create_output
    from prompt_toolkit.shortcuts import CompleteStyle

    return PromptSession(
        history=FileHistory(history) if _keeps(history) else InMemoryHistory(),
        completer=_completer(commands),
        complete_while_typing=False,
        complete_style=CompleteStyle.READLINE_LIKE,
        enable_suspend=True,
        interrupt_exception=_Dropped,
        # Left alone it draws on stdout, which is for results, but knows what a dumb terminal needs.
        output=None if os.environ.get("TERM") == "dumb" else create_output(sys.stderr),
    )


def _keeps(history: Path) -> bool:
    """Say whether what is typed can be kept: for the user's eyes alone, and not forever."""
    try:
        history.parent.mkdir(parents=True, exist_ok=True)
        history.touch(mode=0o600)
        kept = history.read_bytes()
        if len(kept) > MOST_HISTORY:
            # Entries start with an empty line and the time.
            history.write_bytes(b"\n#" + kept[-MOST_HISTORY // 2 :].partition(b"\n#")[2])
    except OSError:
        return False
    return True


def _completer(commands: tuple[str, ...]) -> Completer:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class Words(Completer):
        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Generator[Completion]:
            del complete_event
            before = document.text_before_cursor
            raw, word = (_words(before) or [("", "")])[-1]
            if not before.endswith(raw):
                raw = word = ""  # a space stands behind the last word: a new one begins
            for each in completions(word, commands):
                yield Completion(each, start_position=-len(raw), display=each)

    return Words()


def completions(text: str, commands: tuple[str, ...]) -> list[str]:
    """Return what a word may become: a command, or a path."""
    found = [each for each in commands if text and each.startswith(text)]
    head, slash, _ = text.rpartition("/")
    folder = Path(f"{head}/" if slash else ".").expanduser()
    with contextlib.suppress(OSError):
        for each in sorted(folder.iterdir())[:500]:
            shown = f"{head}{slash}{each.name}{'/' if each.is_dir() else ''}"
            if shown.startswith(text):
                found.append(shown.replace(" ", "\\ "))
    return found


def paths_in(line: str) -> tuple[str, list[Path]]:
    """Return a line with the names of files in the place of their paths, and the paths.

    Terminals put a file that is dragged into them as a path, quoted or with escaped spaces, or as
    a ``file:`` URL. A bare word is only taken for a path when it has a folder or an ending.
    """
    text: list[str] = []
    paths: list[Path] = []
    for raw, word in _words(line):
        path = _path(word)
        if path is None:
            text.append(raw)
            continue
        paths.append(path)
        text.append(path.name)
    if not paths:
        return line, []  # as it was typed, with its line breaks
    return ("" if len(paths) == len(text) else " ".join(text)), paths


def _path(word: str) -> Path | None:
    bare = unquote(urlsplit(word).path) if word.startswith("file://") else word
    for each in (bare, bare.rstrip(".,;:?!)")):
        if "/" not in each and "." not in each:
            continue
        try:
            path = Path(each).expanduser()
            if each and path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):
            continue
    return None


def _words(line: str) -> list[tuple[str, str]]:
    """Return the words of a line, each as it stands and as it is meant (quotes, backslashes)."""
    found: list[tuple[str, str]] = []
    raw = word = quote = ""
    signs = iter(line)
    for sign in signs:
        if quote:
            raw += sign
            if sign == quote:
                quote = ""
            else:
                word += sign
        elif sign == "\\":
            following = next(signs, "")
            raw, word = raw + sign + following, word + following
        elif sign in "'\"" and not word:
            raw, quote = raw + sign, sign
        elif sign.isspace():
            if raw:
                found.append((raw, word))
            raw = word = ""
        else:
            raw, word = raw + sign, word + sign
    if raw:
        found.append((raw, word))
    return found

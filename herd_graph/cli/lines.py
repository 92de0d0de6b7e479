"""Lines that a person types: with history and completion on a terminal, plainly from a pipe."""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

MOST_HISTORY = 1000


class Lines:
    """Reads one line after the other.

    Args:
        history: The file that keeps what was typed.
        commands: What Tab completes after a slash.
    """

    def __init__(self, history: Path, commands: tuple[str, ...] = ()) -> None:
        self.interactive = sys.stdin.isatty() and sys.stderr.isatty()
        self._history = history
        self._readline: Any = None
        if self.interactive:
            with contextlib.suppress(ImportError):  # not on Windows
                self._readline = import_module("readline")
                self._prepare(commands)

    def _prepare(self, commands: tuple[str, ...]) -> None:
        readline = self._readline
        with contextlib.suppress(OSError):
            readline.read_history_file(self._history)
        readline.set_history_length(MOST_HISTORY)
        readline.set_completer_delims(" \t\n")

        def complete(text: str, state: int) -> str | None:
            return [*completions(text, commands), None][state] if state < 100 else None

        readline.set_completer(complete)
        readline.parse_and_bind("tab: complete")

    def read(self, prompt: str) -> str | None:
        """Return the next line; None at the end. Ctrl-C drops the line that is being typed."""
        if not self.interactive:
            line = sys.stdin.readline()
            return line.rstrip("\n") if line else None
        while True:
            # ``input`` uses readline only on the process's own stdout, which results have left.
            replaced, sys.stdout = sys.stdout, sys.__stdout__ or sys.stdout
            try:
                return input(prompt)
            except EOFError:
                return None
            except KeyboardInterrupt:
                sys.stderr.write("\n")
            finally:
                sys.stdout = replaced

    def close(self) -> None:
        """Keep the history."""
        if self._readline is not None:
            with contextlib.suppress(OSError):
                self._history.parent.mkdir(parents=True, exist_ok=True)
                self._readline.write_history_file(self._history)


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
    only = all(_path(word) is not None for _, word in _words(line))
    return ("" if only else " ".join(text)), paths


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

"""Where output goes: results to stdout, byte for byte the same each time; the rest to stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_claimed: TextIO | None = None
_HELD = 1 << 13
"""Bytes that a stream holds back; a longer text is written at once, and so is what fails."""


def claim_stdout() -> None:
    """Keep stdout for results: whatever libraries print from here on goes to stderr.

    Model libraries print when they load, some of them from C, which ``contextlib.redirect_stdout``
    does not see; so the file descriptor itself is moved. Harmless when it was done before, and not
    done at all when somebody (a test runner, a notebook) has replaced ``sys.stdout``.
    """
    global _claimed  # noqa: PLW0603 (a process has one stdout)
    if _claimed is not None or sys.stdout is not sys.__stdout__:
        return
    try:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
    except (OSError, ValueError):
        return  # stdout or stderr is closed: there is nothing to keep apart
    os.set_inheritable(kept, False)
    _claimed = os.fdopen(kept, "w", encoding=sys.stdout.encoding, errors="replace", newline="\n")
    sys.stdout = sys.stderr


def results() -> TextIO:
    """Return the stream that results are written to."""
    return _claimed or sys.stdout


def write(text: str) -> None:
    """Write to stdout as it is.

    Raises:
        BrokenPipeError: Whoever read it has gone, and wants no more.
        RunError: It cannot be written: a full disk.
    """
    from herd_graph.errors import RunError

    try:
        results().write(text)
        if len(text) > _HELD:
            results().flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RunError(_lost(error)) from error


def finish() -> int:
    """Flush the results; return 1 when they did not arrive (a closed pipe, a full disk), else 0."""
    try:
        results().flush()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            say(_lost(error), "red")
        # The interpreter flushes again at exit and would complain: give it something to flush to.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), results().fileno())
        return 1
    return 0


def _lost(error: OSError) -> str:
    return (
        f"The output could not be written: {error.strerror or error}. Expected a stdout that takes "
        "it. Make room, or send it elsewhere; what ran is kept: herd runs show last."
    )


def emit(text: str) -> None:
    """Write text to stdout, without control characters that could drive a terminal."""
    from herd_graph.artifacts.base import printable

    write(printable(text) + ("" if text.endswith("\n") else "\n"))


def emit_json(value: Any) -> None:
    """Write one JSON value to stdout. What JSON cannot hold (NaN, other types) becomes text."""
    write(json.dumps(_plain(value), ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, str):
        return str(value)  # a StrEnum is written as the text that it is
    return value if value is None or isinstance(value, bool | int) else str(value)


def stderr_console() -> Console:
    """Return a rich console on stderr, as it is now."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(text: str, style: str = "") -> None:
    """Write one plain line to stderr; markup in it stays text."""
    from rich.text import Text

    from herd_graph.artifacts.base import printable

    stderr_console().print(Text(printable(text), style=style), soft_wrap=True)


def emit_columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> None:
    """Write aligned columns to stdout. On a terminal the last one is cut to the width.

    Args:
        headers: The column names.
        rows: One text for each column.
        right: The columns that are aligned to the right: numbers.
    """
    from herd_graph.artifacts.base import printable

    cells = [[" ".join(printable(cell).split()) for cell in row] for row in (headers, *rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    limit = _terminal_width()
    for index, row in enumerate(cells):
        padded = [
            cell
            if place == len(row) - 1 and place not in right
            else _pad(cell, widths[place], left=place in right)
            for place, cell in enumerate(row)
        ]
        line = "  ".join(padded).rstrip()
        line = line if limit is None else cut(line, limit)
        bold = index == 0 and limit is not None and "NO_COLOR" not in os.environ
        write(f"\033[1m{line}\033[0m\n" if bold else f"{line}\n")


def _terminal_width() -> int | None:
    if not results().isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def width(text: str) -> int:
    """Return how many terminal cells a text takes: wide characters take two, accents none."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def cut(text: str, cells: int) -> str:
    """Return the text, cut to this many cells with an ellipsis."""
    if width(text) <= cells:
        return text
    kept, used = "", 0
    for each in text:
        used += width(each)
        if used > cells - 1:
            break
        kept += each
    return f"{kept}…"


def _pad(text: str, cells: int, *, left: bool) -> str:
    space = " " * (cells - width(text))
    return space + text if left else text + space


def seconds(value: float) -> str:
    """Return a duration for people: ``0.42 s``, ``12.3 s``, ``3 min 05 s``."""
    if value < 10:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s"


def dollars(value: float) -> str:
    """Return an amount for people: nothing for zero, four digits below a cent."""
    if value == 0:
        return ""
    return f"${value:.4f}" if value < 0.1 else f"${value:.2f}"

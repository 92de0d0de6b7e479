"""The prompt: reads commands from a person or from a pipe, and shows what came of them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator

from herd_graph.artifacts.base import printable
from herd_graph.debug.commands import Commands
from herd_graph.debug.session import DebugSession
from herd_graph.debug.views import where
from herd_graph.errors import HerdError
from herd_graph.types import JSONObject

PROMPT = "(herd) "


async def converse(
    session: DebugSession,
    lines: Iterable[str],
    write: Callable[[str], object],
    tell: Callable[[JSONObject], object] = lambda _: None,
    answer: Callable[[DebugSession], Awaitable[str]] | None = None,
) -> bool:
    """Carry out lines on an open session until they end, or ``quit``.

    Args:
        session: The session.
        lines: What is typed, a line each; from a terminal or a script.
        write: Takes what is shown, without the line's end.
        tell: Takes each line's outcome as JSON: ``line``, ``ok``, ``shown`` and ``stop``.
        answer: Gives what is written where a line has brought the run to its end.

    Returns:
        Whether every line could be carried out: what a script's exit code is made of.
    """
    commands = Commands(session)
    write(where(session))
    write(str(session.stop))
    ok = True
    ended = _end(session)
    for line in lines:
        if line.strip().startswith("#"):
            continue
        done = True
        try:
            shown = await commands.do(line)
        except HerdError as error:
            done, shown = False, f"*** {printable(str(error))}"
        except (OSError, ValueError) as error:
            done, shown = False, f"*** {type(error).__name__}: {printable(str(error))}"
        ok = ok and done
        if shown:
            write(shown)
        stop = commands.session.stop.dump()
        tell({"line": line, "ok": done, "shown": shown, "stop": stop})
        before, ended = ended, _end(commands.session)
        if answer is not None and ended and ended != before:
            write(await answer(commands.session))
        if commands.is_over:
            break
    return ok


def _end(session: DebugSession) -> tuple[str, int] | None:
    """Return the stop at which a session came to the end of a run; None elsewhere.

    The inside of a call gives no answer of its own, and an end that is gone back to gives none anew.
    """
    stop = session.stop
    is_end = stop.is_over and not stop.again and session.outside is None
    return (stop.run, stop.number) if is_end else None


def typed(complete: Callable[[str], list[str]]) -> Iterator[str]:
    """Yield what a person types, with history and completion where the terminal has them."""
    try:
        import readline
    except ImportError:  # a Python without it
        readline = None
    if readline is not None:

        def completer(text: str, state: int) -> str | None:
            assert readline is not None
            found = complete(readline.get_line_buffer())
            matching = [each for each in found if each.startswith(text)]
            return matching[state] if state < len(matching) else None

        readline.set_completer(completer)
        readline.set_completer_delims(" ")
        readline.parse_and_bind("tab: complete")
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            return


def scripted(stream: Iterable[str], *, echo: bool = True) -> Iterator[str]:
    """Yield the lines of a script, and show each as if it had been typed."""
    for line in stream:
        text = line.rstrip("\n")
        if echo:
            sys.stdout.write(f"{PROMPT}{printable(text)}\n")
        yield text


__all__ = ("PROMPT", "converse", "scripted", "typed")
